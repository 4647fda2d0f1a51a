//! Quantiles without sorting.

/// Values looked at to guess where a quantile lies.
const SAMPLE: usize = 256;
/// The guess allows for this many standard deviations of the sample's rank.
const DEVIATIONS: f64 = 3.0;

/// Quantiles by linear interpolation between neighbours (NumPy's default).
///
/// There is at least one value, and none is NaN. A quantile in a tail is looked for among the values
/// of that tail alone, as far as a sample tells; `O(values)`. `tail` is space to work in, used
/// again and again.
pub(crate) fn quantiles(values: &[f64], shares: [f64; 2], tail: &mut Vec<f64>) -> [f64; 2] {
    let step = values.len().div_ceil(SAMPLE);
    let mut sample: Vec<f64> = values.iter().copied().step_by(step).collect();
    tail.resize(values.len(), 0.0);
    shares.map(|share| {
        let place = share * (values.len() - 1) as f64;
        let rank = place as usize;
        let part = place - rank as f64;
        let [low, high] = neighbours(values, rank, &mut sample, tail);
        // As NumPy does it: from the nearer end.
        let distance = high - low;
        if part < 0.5 { low + distance * part } else { high - distance * (1.0 - part) }
    })
}

/// The values of `rank` and of the next rank (or of `rank` again, if it is the last).
fn neighbours(values: &[f64], rank: usize, sample: &mut [f64], tail: &mut [f64]) -> [f64; 2] {
    let last = values.len() - 1;
    let next = last.min(rank + 1);
    let (count, size) = (values.len() as f64, sample.len() as f64);
    let share = rank as f64 / count;
    let slack = DEVIATIONS * (share * (1.0 - share) * size).sqrt() + 1.0;
    if rank <= last / 2 {
        let guess = (share * size + slack) as usize;
        let highest = if guess < sample.len() { nth(sample, guess) } else { f64::INFINITY };
        let kept = keep(values, tail, |value| value <= highest);
        if next < kept {
            return ascending(&mut tail[..kept], rank, next);
        }
    } else {
        let guess = (share * size - slack) as usize;
        let lowest = nth(sample, guess);
        let kept = keep(values, tail, |value| value >= lowest);
        let below = values.len() - kept;
        if rank >= below {
            return ascending(&mut tail[..kept], rank - below, next - below);
        }
    }
    tail.copy_from_slice(values);
    ascending(tail, rank, next)
}

/// The value of a rank.
fn nth(values: &mut [f64], rank: usize) -> f64 {
    *values.select_nth_unstable_by(rank, f64::total_cmp).1
}

/// Move the values for which `wanted` holds to the front of `tail`, and say how many they are.
fn keep(values: &[f64], tail: &mut [f64], wanted: impl Fn(f64) -> bool) -> usize {
    let mut kept = 0;
    for value in values {
        tail[kept] = *value;
        kept += usize::from(wanted(*value));
    }
    kept
}

/// The values of a rank and of the next one, or of the same.
fn ascending(values: &mut [f64], rank: usize, next: usize) -> [f64; 2] {
    let (_, low, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
    let low = *low;
    let high = above.iter().copied().min_by(f64::total_cmp).filter(|_| next > rank);
    [low, high.unwrap_or(low)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted_quantile(values: &[f64], share: f64) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let place = share * (sorted.len() - 1) as f64;
        let (rank, part) = (place as usize, place.fract());
        let next = sorted[(rank + 1).min(sorted.len() - 1)];
        sorted[rank] + (next - sorted[rank]) * part
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let mut tail = Vec::new();
        let mixed = |at: u64| (at ^ (at >> 5)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        for size in [1, 2, 3, 10, 255, 256, 257, 1000, 10_000] {
            // Many values, few of them different, and an order that misleads the sample.
            for modulus in [1 << 24, 7, 1] {
                let mut values: Vec<f64> =
                    (0..size).map(|at| (mixed(at) % modulus) as f64 - 3.5).collect();
                for misleading in [false, true] {
                    if misleading {
                        values.sort_by(f64::total_cmp);
                        values.rotate_left(size as usize / 3);
                    }
                    for share in [0.0, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999, 1.0] {
                        let [low, high] = quantiles(&values, [share, 1.0 - share], &mut tail);
                        for (found, share) in [(low, share), (high, 1.0 - share)] {
                            let wanted = sorted_quantile(&values, share);
                            assert!((found - wanted).abs() < 1e-6, "{size} {modulus} {share}");
                        }
                    }
                }
            }
        }
    }
}
