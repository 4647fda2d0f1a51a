//! The one place where errors of the core become Python exceptions.

use arrow_schema::ArrowError;
use clika_core::capa::CapaError;
use clika_core::extraction::ExtractionError;
use clika_core::jeffreys::JeffreysError;
use clika_core::jsonl::ParseError;
use clika_core::pairs::PairsError;
use clika_core::ranks::RanksError;
use clika_core::resampling::ResamplingError;
use clika_core::swapping::SwappingError;
use clika_core::{Interrupted, PoolError};
use pyo3::PyErr;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};

/// What a kernel or the hand-over can fail with.
pub enum NativeError {
    /// Extraction was asked for something that cannot be.
    Extraction(ExtractionError),
    /// A matrix of codes was refused.
    Pairs(PairsError),
    /// A matrix of ranks was refused.
    Ranks(RanksError),
    /// Probabilities were refused.
    Capa(CapaError),
    /// Tables of right and wrong answers were refused.
    Jeffreys(JeffreysError),
    /// A resampling was refused.
    Resampling(ResamplingError),
    /// Counts of two models were refused.
    Swapping(SwappingError),
    /// The threads could not be started.
    Pool(PoolError),
    /// The caller was asked to stop while it waited.
    Interrupted(Interrupted),
    /// What came in is not what was asked for.
    Input(String),
    /// An Arrow stream was refused.
    Arrow(ArrowError),
}

impl From<NativeError> for PyErr {
    fn from(error: NativeError) -> Self {
        match error {
            NativeError::Extraction(error) => match error {
                ExtractionError::UnknownRule { .. }
                | ExtractionError::OptionCount(_)
                | ExtractionError::OptionTexts { .. } => PyValueError::new_err(error.to_string()),
            },
            NativeError::Pairs(error) => match error {
                PairsError::OptionCount(_)
                | PairsError::Shape { .. }
                | PairsError::Code { .. }
                | PairsError::Gold { .. }
                | PairsError::GoldLength { .. }
                | PairsError::Merge(..) => PyValueError::new_err(error.to_string()),
                PairsError::Pool(error) => NativeError::Pool(error).into(),
                PairsError::Interrupted(error) => NativeError::Interrupted(error).into(),
            },
            NativeError::Ranks(error) => match error {
                RanksError::Width(_)
                | RanksError::Shape { .. }
                | RanksError::OptionsLength { .. }
                | RanksError::OptionCount { .. }
                | RanksError::NoRanking { .. }
                | RanksError::Merge(..) => PyValueError::new_err(error.to_string()),
                RanksError::Pool(error) => NativeError::Pool(error).into(),
                RanksError::Interrupted(error) => NativeError::Interrupted(error).into(),
            },
            NativeError::Capa(error) => match error {
                CapaError::Width(_)
                | CapaError::Shape { .. }
                | CapaError::OptionCount { .. }
                | CapaError::Gold { .. }
                | CapaError::NoProbabilities { .. }
                | CapaError::Merge(..) => PyValueError::new_err(error.to_string()),
                CapaError::Pool(error) => NativeError::Pool(error).into(),
                CapaError::Interrupted(error) => NativeError::Interrupted(error).into(),
            },
            NativeError::Jeffreys(error) => match error {
                JeffreysError::Count { .. }
                | JeffreysError::Function(_)
                | JeffreysError::Draws(_)
                | JeffreysError::Level(_) => PyValueError::new_err(error.to_string()),
                JeffreysError::Pool(error) => NativeError::Pool(error).into(),
                JeffreysError::Interrupted(error) => NativeError::Interrupted(error).into(),
            },
            NativeError::Resampling(error) => match error {
                ResamplingError::Answers(error) => NativeError::Pairs(error).into(),
                ResamplingError::Code { .. }
                | ResamplingError::GroupLength { .. }
                | ResamplingError::TooManyItems(_)
                | ResamplingError::Items { .. }
                | ResamplingError::Replicates(_)
                | ResamplingError::Level(_)
                | ResamplingError::Metric(_)
                | ResamplingError::Source { .. } => PyValueError::new_err(error.to_string()),
                ResamplingError::Pool(error) => NativeError::Pool(error).into(),
                ResamplingError::Interrupted(error) => NativeError::Interrupted(error).into(),
            },
            NativeError::Swapping(error) => match error {
                SwappingError::Shape { .. } | SwappingError::Count { .. } => {
                    PyValueError::new_err(error.to_string())
                }
                SwappingError::Pool(error) => NativeError::Pool(error).into(),
                SwappingError::Interrupted(error) => NativeError::Interrupted(error).into(),
            },
            NativeError::Pool(error) => PyRuntimeError::new_err(error.to_string()),
            NativeError::Input(message) => PyValueError::new_err(message),
            NativeError::Interrupted(error) => PyKeyboardInterrupt::new_err(error.to_string()),
            NativeError::Arrow(ArrowError::ExternalError(error)) => {
                // An exception of Python code on the other side of a stream comes back as it was.
                match error.downcast::<PyErr>() {
                    Ok(error) => *error,
                    Err(error) => PyValueError::new_err(error.to_string()),
                }
            }
            NativeError::Arrow(error) => PyValueError::new_err(error.to_string()),
        }
    }
}

impl From<ExtractionError> for NativeError {
    fn from(error: ExtractionError) -> Self {
        Self::Extraction(error)
    }
}

impl From<PairsError> for NativeError {
    fn from(error: PairsError) -> Self {
        Self::Pairs(error)
    }
}

impl From<RanksError> for NativeError {
    fn from(error: RanksError) -> Self {
        Self::Ranks(error)
    }
}

impl From<CapaError> for NativeError {
    fn from(error: CapaError) -> Self {
        Self::Capa(error)
    }
}

impl From<JeffreysError> for NativeError {
    fn from(error: JeffreysError) -> Self {
        Self::Jeffreys(error)
    }
}

impl From<ResamplingError> for NativeError {
    fn from(error: ResamplingError) -> Self {
        Self::Resampling(error)
    }
}

impl From<SwappingError> for NativeError {
    fn from(error: SwappingError) -> Self {
        Self::Swapping(error)
    }
}

impl From<PoolError> for NativeError {
    fn from(error: PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<ParseError> for NativeError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Pool(error) => Self::Pool(error),
            ParseError::Interrupted(error) => Self::Interrupted(error),
        }
    }
}

impl From<ArrowError> for NativeError {
    fn from(error: ArrowError) -> Self {
        Self::Arrow(error)
    }
}
