//! From counts to metrics, some replicates at a time.
//!
//! The formulas are those of the Python metrics, so arranged that whatever is equal in exact
//! arithmetic (a language with itself, say) stays equal, and with one division in place of three.

// See `Kernel`.
#![allow(clippy::inline_always)]

use super::jobs::Direction;
use super::metrics::Metric;
use super::sets::{Count, Pair, Row, Side};

/// Replicates evaluated at a time: their quantities stay in the first-level cache.
pub(super) const CHUNK: usize = 256;
/// Below this, `1 - E` is taken for 0: a constant answerer.
const NO_SPREAD: f64 = 1e-9;
/// With two options, two wrong answers agree by construction.
const TWO_OPTIONS: usize = 2;

type Chunk = [f64; CHUNK];
const ZERO: Chunk = [0.0; CHUNK];
static NOTHING: [i32; CHUNK] = [0; CHUNK];

/// The counts of all sets, a row for each, rows in chunks.
#[derive(Clone, Copy)]
pub(super) struct Counts<'a> {
    pub chunks: &'a [[i32; CHUNK]],
    /// Chunks in a row.
    pub width: usize,
}

/// A chunk of one count.
#[derive(Clone, Copy)]
struct Counted<'a> {
    all: &'a [i32; CHUNK],
    less: &'a [i32; CHUNK],
}

impl Counted<'_> {
    #[inline(always)]
    fn at(self, place: usize) -> f64 {
        f64::from(self.all[place] - self.less[place])
    }
}

impl<'a> Counts<'a> {
    #[inline(always)]
    fn read(self, count: Count, chunk: usize) -> Counted<'a> {
        let row = |row: Row| row.map_or(&NOTHING, |row| &self.chunks[row * self.width + chunk]);
        Counted { all: row(count.all), less: row(count.less) }
    }

    #[inline(always)]
    fn values(self, count: Count, chunk: usize) -> Chunk {
        self.sum(&[count], chunk)
    }

    #[inline(always)]
    fn sum(self, counts: &[Count], chunk: usize) -> Chunk {
        let mut sum = ZERO;
        for count in counts {
            let count = self.read(*count, chunk);
            for (place, sum) in sum.iter_mut().enumerate() {
                *sum += count.at(place);
            }
        }
        sum
    }

    /// The sum of the products of two rows of counts.
    #[inline(always)]
    fn products(self, a: &[Count], b: &[Count], chunk: usize) -> Chunk {
        let mut sum = ZERO;
        for (a, b) in a.iter().zip(b) {
            let (a, b) = (self.read(*a, chunk), self.read(*b, chunk));
            for (place, sum) in sum.iter_mut().enumerate() {
                *sum += a.at(place) * b.at(place);
            }
        }
        sum
    }
}

/// What the metrics of one language are made of.
pub(super) struct LanguageQuantities {
    n: Chunk,
    right: Chunk,
    /// Sum over options of the distance between the numbers of answers and of golds.
    off_gold: Chunk,
    letters: Chunk,
}

impl LanguageQuantities {
    #[inline(always)]
    pub(super) fn new(counts: Counts<'_>, side: &Side, chunk: usize) -> Self {
        let mut off_gold = ZERO;
        for (letters, gold) in side.letters.iter().zip(&side.asked) {
            let (letters, gold) = (counts.read(*letters, chunk), counts.read(*gold, chunk));
            for (place, off) in off_gold.iter_mut().enumerate() {
                *off += (letters.at(place) - gold.at(place)).abs();
            }
        }
        Self {
            n: counts.sum(&side.asked, chunk),
            right: counts.sum(&side.right, chunk),
            off_gold,
            letters: counts.sum(&side.letters, chunk),
        }
    }

    /// One metric, as far as `values` go.
    #[inline(always)]
    pub(super) fn evaluate(&self, metric: Metric, values: &mut [f64]) {
        match metric {
            Metric::Bias => fill(values, |at| {
                let invalid = self.n[at] - self.letters[at];
                ratio(self.off_gold[at] + invalid, 2.0 * self.n[at])
            }),
            _ => fill(values, |at| ratio(self.right[at], self.n[at])),
        }
    }
}

/// What the metrics of a pair are made of.
pub(super) struct PairQuantities {
    n: Chunk,
    right_source: Chunk,
    right_target: Chunk,
    both_right: Chunk,
    agree: Chunk,
    /// Expected items right in both, within gold letters.
    chance_by_letter: Chunk,
    /// Sum over options of the product of the numbers of answers.
    same_letter: Chunk,
    valid: Chunk,
    same_letter_valid: Chunk,
    n_options: usize,
}

impl PairQuantities {
    #[inline(always)]
    pub(super) fn new(counts: Counts<'_>, pair: &Pair, chunk: usize) -> Self {
        let Pair { both_right, agree, source, target } = pair;
        let same_letter = counts.products(&source.letters, &target.letters, chunk);
        let all_valid =
            source.letters_valid == source.letters && target.letters_valid == target.letters;
        let mut quantities = Self {
            n: ZERO,
            right_source: ZERO,
            right_target: ZERO,
            both_right: counts.values(*both_right, chunk),
            agree: counts.values(*agree, chunk),
            chance_by_letter: ZERO,
            same_letter,
            valid: counts.sum(&source.letters_valid, chunk),
            same_letter_valid: if all_valid {
                same_letter
            } else {
                counts.products(&source.letters_valid, &target.letters_valid, chunk)
            },
            n_options: source.right.len(),
        };
        for option in 0..quantities.n_options {
            let n = counts.read(source.asked[option], chunk);
            let a = counts.read(source.right[option], chunk);
            let b = counts.read(target.right[option], chunk);
            for place in 0..CHUNK {
                let (n, a, b) = (n.at(place), a.at(place), b.at(place));
                quantities.n[place] += n;
                quantities.right_source[place] += a;
                quantities.right_target[place] += b;
                quantities.chance_by_letter[place] += if n > 0.0 { a * b / n } else { 0.0 };
            }
        }
        quantities
    }

    /// One metric, as far as `values` go.
    #[inline(always)]
    pub(super) fn evaluate(
        &self,
        metric: Metric,
        direction: Direction,
        logs: &[f64],
        values: &mut [f64],
    ) {
        let (a, b, both) = (&self.right_source, &self.right_target, &self.both_right);
        let smaller = |at: usize| a[at].min(b[at]);
        let by_margin = |at: usize| a[at] * b[at] / self.n[at];
        match metric {
            Metric::CoUnion => fill(values, |at| ratio(both[at], a[at] + b[at] - both[at])),
            Metric::CoSource => {
                let source = if direction == Direction::There { a } else { b };
                fill(values, |at| ratio(both[at], source[at]));
            }
            Metric::CoMin => fill(values, |at| ratio(both[at], smaller(at))),
            Metric::CoStarGoldLetter => {
                fill(values, |at| self.corrected(at, both[at], self.chance_by_letter[at]));
            }
            Metric::CoStarMarginal => {
                fill(values, |at| self.corrected(at, both[at], by_margin(at)));
            }
            Metric::CoStarMaxGoldLetter => {
                fill(values, |at| self.corrected(at, smaller(at), self.chance_by_letter[at]));
            }
            Metric::CoStarMaxMarginal => {
                fill(values, |at| self.corrected(at, smaller(at), by_margin(at)));
            }
            Metric::LogOr => fill(values, |at| self.log_odds_ratio(at, logs)),
            Metric::Ag => fill(values, |at| ratio(self.agree[at], self.n[at])),
            Metric::AgWrong if self.n_options <= TWO_OPTIONS => values.fill(f64::NAN),
            Metric::AgWrong => fill(values, |at| {
                ratio(self.agree[at] - both[at], self.n[at] - a[at] - b[at] + both[at])
            }),
            Metric::KappaValid => {
                fill(values, |at| {
                    kappa(self.agree[at], self.valid[at], self.same_letter_valid[at])
                });
            }
            _ => fill(values, |at| kappa(self.agree[at], self.n[at], self.same_letter[at])),
        }
    }

    /// `(x / u - E) / (1 - E)` for `both = x` items right in both, `u` in either and a chance of
    /// `E = chance / (right_source + right_target - chance)`.
    #[inline(always)]
    fn corrected(&self, at: usize, both: f64, chance: f64) -> f64 {
        let (n, a, b) = (self.n[at], self.right_source[at], self.right_target[at]);
        let sum = a + b;
        let spread = sum - 2.0 * chance;
        let value = sum * (both - chance) / ((sum - both) * spread);
        let within = a > 0.0 && b > 0.0 && a < n && b < n;
        if within && spread >= NO_SPREAD * (sum - chance) { value } else { f64::NAN }
    }

    #[inline(always)]
    fn log_odds_ratio(&self, at: usize, logs: &[f64]) -> f64 {
        let (n, both) = (self.n[at], self.both_right[at]);
        let (source, target) = (self.right_source[at] - both, self.right_target[at] - both);
        let neither = n - both - source - target;
        let log = |count: f64| {
            logs.get(count as usize).copied().unwrap_or_else(|| log_of_count(count as usize))
        };
        // So grouped, the value is the same from either side of a pair.
        let value = (log(both) + log(neither)) - (log(source) + log(target));
        if n == 0.0 { f64::NAN } else { value }
    }
}

/// The logarithm of a count and a half, as the log odds ratio needs it.
pub(super) fn log_of_count(count: usize) -> f64 {
    (count as f64 + 0.5).ln()
}

/// Cohen's kappa from counts: agreements, items, and the sum of the products of the letters.
#[inline(always)]
pub(super) fn kappa(agree: f64, n: f64, same_letter: f64) -> f64 {
    ratio(agree * n - same_letter, n * n - same_letter)
}

/// NaN where the denominator is 0.
#[inline(always)]
fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator == 0.0 { f64::NAN } else { numerator / denominator }
}

#[inline(always)]
fn fill(values: &mut [f64], value: impl Fn(usize) -> f64) {
    for (at, place) in values.iter_mut().enumerate().take(CHUNK) {
        *place = value(at);
    }
}
