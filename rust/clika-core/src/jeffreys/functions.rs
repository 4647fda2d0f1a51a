//! Functions of a table's shares, draw by draw.

use super::JeffreysError;

/// Draws of the four shares, up to their common sum.
#[derive(Clone, Copy)]
pub(super) struct Draws<'a> {
    pub both: &'a [f64],
    pub one: &'a [f64],
    pub other: &'a [f64],
    pub neither: &'a [f64],
}

/// A function of a table that is the same from either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// CO*, variant `marginal`.
    CorrectedOverlap,
    /// Its ceiling CO*max.
    CorrectedOverlapCeiling,
    /// The logarithm of the odds ratio.
    LogOddsRatio,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 3] =
        [Self::CorrectedOverlap, Self::CorrectedOverlapCeiling, Self::LogOddsRatio];

    /// Its name, as Python knows it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::CorrectedOverlap => "co_star:marginal",
            Self::CorrectedOverlapCeiling => "co_star_max:marginal",
            Self::LogOddsRatio => "log_or",
        }
    }

    /// The function of an id.
    ///
    /// # Errors
    /// When there is none.
    pub fn from_id(id: &str) -> Result<Self, JeffreysError> {
        let known = Self::ALL.into_iter().find(|function| function.id() == id);
        known.ok_or_else(|| JeffreysError::Function(id.to_owned()))
    }

    /// All names, for an error.
    pub(super) fn ids() -> String {
        Self::ALL.map(Self::id).join(", ")
    }

    /// Its value in every draw.
    pub(super) fn fill(self, draws: Draws<'_>, values: &mut Vec<f64>) {
        match self {
            Self::CorrectedOverlap => each(draws, values, |[both, one, other, neither]| {
                corrected(both / (both + one + other), both + one, both + other, neither + other)
            }),
            Self::CorrectedOverlapCeiling => each(draws, values, |[both, one, other, neither]| {
                let (p, q) = (both + one, both + other);
                corrected(p.min(q) / p.max(q), p, q, neither + other)
            }),
            Self::LogOddsRatio => each(draws, values, |[both, one, other, neither]| {
                libm::log((both * neither) / (one * other))
            }),
        }
    }
}

/// `(R - E) / (1 - E)`, E the overlap by chance of `p` and `q`; `p` and `wrong` are all there is.
fn corrected(overlap: f64, p: f64, q: f64, wrong: f64) -> f64 {
    let chance = p * q;
    let either = (p + q) * (p + wrong) - chance;
    (overlap * either - chance) / (either - chance)
}

fn each(draws: Draws<'_>, values: &mut Vec<f64>, function: impl Fn([f64; 4]) -> f64) {
    let Draws { both, one, other, neither } = draws;
    values.clear();
    let cells = both.iter().zip(one).zip(other.iter().zip(neither));
    values.extend(
        cells.map(|((both, one), (other, neither))| function([*both, *one, *other, *neither])),
    );
}
