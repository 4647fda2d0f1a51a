//! The statistic of one cell, from its sums.

/// Below this share of its terms a variance is the rounding of a zero: the true ones are never
/// below one by the number of clusters.
const ROUNDING: f64 = 1e-12;

/// Sums over clusters of one model's numerator and denominator, and of their products.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    pub numerator: f64,
    pub denominator: f64,
    pub numerator_squared: f64,
    pub both: f64,
    pub denominator_squared: f64,
}

/// The sums of two models, and the sums of products across them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    pub models: [Own; 2],
    pub numerators: f64,
    pub denominators: f64,
    /// The numerator of the model by the denominator of the other.
    pub crossed: [f64; 2],
}

/// The studentised difference: see [`super::swap_statistics`].
///
/// Exchanging the models negates it, to the last bit: every sum of two terms has one of each.
#[inline]
pub(super) fn statistic(sums: &Sums) -> f64 {
    let [a, b] = &sums.models;
    if a.denominator == 0.0 || b.denominator == 0.0 {
        return f64::NAN;
    }
    let (theta_a, theta_b) = (a.numerator / a.denominator, b.numerator / b.denominator);
    let across = sums.numerators + theta_a * theta_b * sums.denominators
        - (theta_b * sums.crossed[0] + theta_a * sums.crossed[1]);
    let covariance = across / (a.denominator * b.denominator);
    let variance = (own_variance(a, theta_a) + own_variance(b, theta_b)) - 2.0 * covariance;
    let size = a.numerator_squared / (a.denominator * a.denominator)
        + b.numerator_squared / (b.denominator * b.denominator);
    let difference = theta_a - theta_b;
    if variance > ROUNDING * size {
        difference / variance.sqrt()
    } else if difference == 0.0 {
        0.0
    } else {
        f64::INFINITY.copysign(difference)
    }
}

#[inline]
fn own_variance(own: &Own, theta: f64) -> f64 {
    let squares =
        own.numerator_squared - theta * (2.0 * own.both - theta * own.denominator_squared);
    squares / (own.denominator * own.denominator)
}
