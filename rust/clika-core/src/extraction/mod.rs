//! Read an option out of a raw response, by rule.

mod first_letter;
pub mod letters;
mod normal;
mod reading;
mod robust;
mod wording;

use std::fmt;
use std::str::FromStr;

pub use first_letter::first_letter;
pub use robust::robust;

/// No option could be read: [`crate::pairs::INVALID`].
pub const INVALID: i8 = crate::pairs::INVALID;
/// The most options that letters can name.
pub const MAX_LETTERS: usize = 26;

/// What was read, and which part of the rule read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extraction {
    /// 0-based option, or [`INVALID`].
    pub code: i8,
    /// The part of the rule that decided.
    pub fired: &'static str,
}

/// An extraction rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The release's own: see [`first_letter`].
    FirstLetter,
    /// The cascade for chat answers: see [`robust`].
    Robust,
}

impl Rule {
    /// Every rule, in the order of documents.
    pub const ALL: [Self; 2] = [Self::FirstLetter, Self::Robust];

    /// The rule's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstLetter => "first-letter",
            Self::Robust => "robust",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why nothing was extracted.
#[derive(Debug, thiserror::Error)]
pub enum ExtractionError {
    /// No rule has this name.
    #[error("unknown extraction rule '{name}'; known: {}", Rule::ALL.map(Rule::name).join(", "))]
    UnknownRule {
        /// The name asked for.
        name: String,
    },
    /// The number of options is out of range.
    #[error("n_options is {0}, but must be 1 to {MAX_LETTERS}")]
    OptionCount(i64),
    /// There are option texts, but not one for each option.
    #[error("{texts} option texts for {n_options} options")]
    OptionTexts {
        /// Number of texts.
        texts: usize,
        /// Number of options.
        n_options: usize,
    },
}

impl FromStr for Rule {
    type Err = ExtractionError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let rule = Self::ALL.into_iter().find(|rule| rule.name() == name);
        rule.ok_or_else(|| ExtractionError::UnknownRule { name: name.to_owned() })
    }
}

/// Read the option that `response` names.
///
/// # Errors
/// When the number of options is out of range or differs from the number of texts.
pub fn extract<S: AsRef<str>>(
    response: &str,
    n_options: i64,
    options: Option<&[S]>,
    rule: Rule,
) -> Result<Extraction, ExtractionError> {
    let count = usize::try_from(n_options)
        .ok()
        .filter(|count| (1..=MAX_LETTERS).contains(count))
        .ok_or(ExtractionError::OptionCount(n_options))?;
    if let Some(texts) = options.map(<[S]>::len).filter(|texts| *texts != count) {
        return Err(ExtractionError::OptionTexts { texts, n_options: count });
    }
    Ok(match rule {
        Rule::FirstLetter => first_letter(response, count),
        Rule::Robust => robust(response, count, options),
    })
}
