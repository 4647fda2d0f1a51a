//! Why a resampling was refused.

use super::MAX_REPLICATES;
use super::metrics::Metric;
use crate::pairs::PairsError;
use crate::{Interrupted, PoolError};

/// Why a resampling was refused.
#[derive(Debug, thiserror::Error)]
pub enum ResamplingError {
    /// The gold, the number of options or a shape cannot be.
    #[error(transparent)]
    Answers(#[from] PairsError),
    /// A code is no option, nor invalid, nor not asked.
    #[error(
        "codes[{model}, {item}, {language}] is {code}, but must be -2 (not asked), -1 (invalid) or an option 0 to {last}"
    )]
    Code {
        /// First index of the array.
        model: usize,
        /// Second index.
        item: usize,
        /// Third index.
        language: usize,
        /// The code found.
        code: i8,
        /// The last option.
        last: usize,
    },
    /// There is not one cluster or stratum for each item.
    #[error("{name} has {found} items, not {items}")]
    GroupLength {
        /// `clusters` or `strata`.
        name: &'static str,
        /// Number of values found.
        found: usize,
        /// Number of items.
        items: usize,
    },
    /// More items than can be drawn.
    #[error("there are {0} items, but at most {most} can be drawn", most = u32::MAX)]
    TooManyItems(usize),
    /// What is drawn and what is answered are not the same items.
    #[error("codes has {answers} items, but {units} are drawn")]
    Items {
        /// Number of items answered.
        answers: usize,
        /// Number of items drawn.
        units: usize,
    },
    /// No replicates, or too many.
    #[error("replicates is {0}, but must be 1 to {MAX_REPLICATES}")]
    Replicates(i64),
    /// The level is no share.
    #[error("level is {0}, but must lie between 0 and 1")]
    Level(f64),
    /// No metric has this id.
    #[error("there is no metric {0:?} to resample: choose from {known}", known = Metric::ids())]
    Metric(String),
    /// The source language is none of the columns.
    #[error("source is {index}, but there are {n_languages} languages, numbered from 0")]
    Source {
        /// The index asked for.
        index: usize,
        /// Number of languages.
        n_languages: usize,
    },
    /// The worker threads could not be started.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}
