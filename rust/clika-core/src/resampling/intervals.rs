//! Intervals from replicates.

use std::f64::consts::SQRT_2;

use libm::erfc;

use crate::quantiles::quantiles;

/// Above this share of undefined replicates there is no interval.
const MOST_UNDEFINED: f64 = 0.01;
/// Below it lies no share that a number can hold.
const LEAST_QUANTILE: f64 = -40.0;

/// Whether there is an interval, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// There is one.
    Interval = 0,
    /// All replicates are equal.
    Degenerate = 1,
    /// The value itself is undefined.
    Undefined = 2,
    /// More than 1 % of the replicates are undefined.
    UndefinedReplicates = 3,
    /// Fewer than three items disagree, so kappa has no spread to resample.
    FewDisagreements = 4,
}

/// Intervals of many cells, NaN where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// Lower ends.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
    /// Whether there is an interval.
    pub outcome: Vec<Outcome>,
}

impl Intervals {
    pub(super) fn undefined(cells: usize) -> Self {
        let none = || vec![f64::NAN; cells];
        Self { low: none(), high: none(), outcome: vec![Outcome::Undefined; cells] }
    }

    pub(super) fn set(&mut self, cell: usize, interval: Interval) {
        self.low[cell] = interval.low;
        self.high[cell] = interval.high;
        self.outcome[cell] = interval.outcome;
    }
}

/// The interval of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    low: f64,
    high: f64,
    outcome: Outcome,
}

impl Interval {
    const fn none(outcome: Outcome) -> Self {
        Self { low: f64::NAN, high: f64::NAN, outcome }
    }
}

/// An observed value and its replicates, NaN where undefined.
pub(super) struct Sample<'a> {
    pub observed: f64,
    /// In any order; they are reordered.
    pub replicates: &'a mut [f64],
    pub level: f64,
    /// Space to work in.
    pub scratch: &'a mut Vec<f64>,
}

impl<'a> Sample<'a> {
    pub(super) const fn too_few_disagreements(&self) -> Interval {
        Interval::none(if self.observed.is_nan() {
            Outcome::Undefined
        } else {
            Outcome::FewDisagreements
        })
    }

    /// The percentile interval.
    pub(super) fn percentile(self) -> Interval {
        let tail = (1.0 - self.level) / 2.0;
        let shares = [tail, 1.0 - tail];
        match self.defined() {
            Ok((values, scratch)) => between(values, shares, scratch),
            Err(none) => none,
        }
    }

    /// The bias-corrected and accelerated interval (Efron 1987).
    ///
    /// Replicates equal to the observed value count half below it. Where all lie on one side, the
    /// bias is that of half a replicate on the other.
    pub(super) fn accelerated(self, acceleration: impl FnOnce() -> f64) -> Interval {
        let (observed, level) = (self.observed, self.level);
        let (values, scratch) = match self.defined() {
            Ok(found) => found,
            Err(none) => return none,
        };
        let drawn = values.len() as f64;
        let below = count(values, |value| value < observed);
        let above = count(values, |value| value > observed);
        let place = (drawn + below as f64 - above as f64) / 2.0;
        let bias = normal_quantile(place.clamp(0.5, drawn - 0.5) / drawn);
        let acceleration = acceleration();
        let tail = normal_quantile((1.0 - level) / 2.0);
        let shares = [tail, -tail].map(|tail| {
            let shifted = bias + tail;
            let slack = 1.0 - acceleration * shifted;
            // Beyond the pole of the correction lies the end of the distribution.
            let place = if slack > 0.0 { bias + shifted / slack } else { shifted * f64::INFINITY };
            normal_share(place)
        });
        between(values, shares, scratch)
    }

    /// The defined replicates, or why there are not enough of them.
    fn defined(self) -> Result<(&'a mut [f64], &'a mut Vec<f64>), Interval> {
        if self.observed.is_nan() {
            return Err(Interval::none(Outcome::Undefined));
        }
        let drawn = self.replicates.len();
        let values = without_nan(self.replicates);
        if (drawn - values.len()) as f64 > MOST_UNDEFINED * drawn as f64 {
            return Err(Interval::none(Outcome::UndefinedReplicates));
        }
        let first = values[0];
        if count(values, |value| (value - first).abs() > 0.0) == 0 {
            return Err(Interval::none(Outcome::Degenerate));
        }
        Ok((values, self.scratch))
    }
}

fn between(values: &[f64], shares: [f64; 2], scratch: &mut Vec<f64>) -> Interval {
    let [low, high] = quantiles(values, shares, scratch);
    Interval { low, high, outcome: Outcome::Interval }
}

/// How many values there are for which this holds: no early end, so that it is vectorised.
fn count(values: &[f64], holds: impl Fn(f64) -> bool) -> u64 {
    values.iter().map(|value| u64::from(holds(*value))).sum()
}

/// Move what is not NaN to the front.
fn without_nan(values: &mut [f64]) -> &mut [f64] {
    if count(values, f64::is_nan) == 0 {
        return values;
    }
    let mut kept = 0;
    for at in 0..values.len() {
        if !values[at].is_nan() {
            values[kept] = values[at];
            kept += 1;
        }
    }
    &mut values[..kept]
}

/// The standard normal distribution function.
fn normal_share(quantile: f64) -> f64 {
    erfc(-quantile / SQRT_2) / 2.0
}

/// Its inverse, for a share between 0 and 1: by halving, until no number lies between.
fn normal_quantile(share: f64) -> f64 {
    if share > 0.5 {
        return -normal_quantile(1.0 - share);
    }
    let (mut low, mut high) = (LEAST_QUANTILE, 0.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return high;
        }
        if normal_share(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `norm.ppf` of SciPy 1.16.
    #[test]
    fn normal_quantiles_are_known() {
        let known = [
            (0.025, -1.959_963_984_540_054_5),
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.000_05, -3.890_591_886_413_094),
            (0.6, 0.253_347_103_135_799_7),
        ];
        for (share, quantile) in known {
            assert!((normal_quantile(share) - quantile).abs() < 1e-14, "{share}");
            assert!((normal_share(quantile) - share).abs() < 1e-15, "{share}");
        }
        assert!(normal_share(f64::INFINITY) >= 1.0);
        assert!(normal_share(f64::NEG_INFINITY) <= 0.0);
    }
}
