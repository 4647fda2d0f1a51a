//! The metrics that can be resampled.

use super::errors::ResamplingError;

/// A metric of one language or of a pair of languages, by its id and variant in the docs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Accuracy.
    Acc,
    /// Distance between the letters of the answers and of the gold.
    Bias,
    /// Overlap of what is right in two languages, by their union.
    CoUnion,
    /// The same by what is right in the source.
    CoSource,
    /// The same by the smaller of the two.
    CoMin,
    /// Overlap by union, corrected for chance within gold letters.
    CoStarGoldLetter,
    /// The same, corrected for chance by the accuracies alone.
    CoStarMarginal,
    /// The most that the former can be at these accuracies.
    CoStarMaxGoldLetter,
    /// The most that the latter can be at these accuracies.
    CoStarMaxMarginal,
    /// Log odds ratio of being right.
    LogOr,
    /// Agreement.
    Ag,
    /// Agreement among items wrong in both.
    AgWrong,
    /// Cohen's kappa over all items.
    Kappa,
    /// Cohen's kappa over the items valid in both.
    KappaValid,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Acc,
        Self::Bias,
        Self::CoUnion,
        Self::CoSource,
        Self::CoMin,
        Self::CoStarGoldLetter,
        Self::CoStarMarginal,
        Self::CoStarMaxGoldLetter,
        Self::CoStarMaxMarginal,
        Self::LogOr,
        Self::Ag,
        Self::AgWrong,
        Self::Kappa,
        Self::KappaValid,
    ];

    /// Its id, with the variant after a colon.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Acc => "acc",
            Self::Bias => "bias",
            Self::CoUnion => "co:union",
            Self::CoSource => "co:source",
            Self::CoMin => "co:min",
            Self::CoStarGoldLetter => "co_star:gold-letter",
            Self::CoStarMarginal => "co_star:marginal",
            Self::CoStarMaxGoldLetter => "co_star_max:gold-letter",
            Self::CoStarMaxMarginal => "co_star_max:marginal",
            Self::LogOr => "log_or",
            Self::Ag => "ag",
            Self::AgWrong => "ag_wrong",
            Self::Kappa => "kappa",
            Self::KappaValid => "kappa_valid",
        }
    }

    /// The metric of an id.
    ///
    /// # Errors
    /// When there is none.
    pub fn from_id(id: &str) -> Result<Self, ResamplingError> {
        let found = Self::ALL.into_iter().find(|metric| metric.id() == id);
        found.ok_or_else(|| ResamplingError::Metric(id.to_owned()))
    }

    /// All ids, to be read.
    pub(super) fn ids() -> String {
        Self::ALL.map(Self::id).join(", ")
    }

    /// Whether it concerns one language, not two.
    #[must_use]
    pub const fn is_of_one_language(self) -> bool {
        matches!(self, Self::Acc | Self::Bias)
    }

    /// Whether it depends on which of two languages is the source.
    #[must_use]
    pub const fn is_directed(self) -> bool {
        matches!(self, Self::CoSource)
    }

    /// Whether its intervals are bias-corrected and accelerated (Efron 1987).
    #[must_use]
    pub const fn is_accelerated(self) -> bool {
        matches!(self, Self::Kappa | Self::KappaValid)
    }

    pub(super) const fn needs_agreement(self) -> bool {
        matches!(self, Self::Ag | Self::AgWrong | Self::Kappa | Self::KappaValid)
    }

    pub(super) const fn needs_letters(self) -> bool {
        matches!(self, Self::Bias | Self::Kappa)
    }
}
