//! Quantiles without sorting.

/// Two quantiles, by linear interpolation between neighbours (NumPy's default), for shares in
/// ascending order; `values` is not empty, holds no NaN, and is reordered.
pub(super) fn quantiles(values: &mut [f64], shares: [f64; 2]) -> [f64; 2] {
    shares.map(|share| {
        let place = share * (values.len() - 1) as f64;
        let below = place as usize;
        let part = place - below as f64;
        let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
        let low = *low;
        let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
        between(low, high, part)
    })
}

/// As NumPy does it: from the nearer end, so that equal ends give themselves.
fn between(low: f64, high: f64, part: f64) -> f64 {
    let distance = high - low;
    if part < 0.5 { low + distance * part } else { high - distance * (1.0 - part) }
}
