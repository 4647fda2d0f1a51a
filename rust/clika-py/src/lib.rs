//! `clika._native`: the Python face of `clika-core`.
//!
//! Every function converts its input, releases the GIL, calls the core and converts the result.
//! Nothing is computed here.

// PyO3 hands arguments over by value; doc comments are Python's docstrings, not Markdown.
#![allow(clippy::needless_pass_by_value, clippy::doc_markdown, clippy::doc_link_with_quotes)]

mod answers;
mod arrays;
mod build;
mod errors;
mod interrupt;
mod jeffreys;
mod matrices;
mod ranks;
mod resampling;
mod responses;
mod stream;
mod streamed;
mod swapping;
mod threads;

use pyo3::prelude::*;

use threads::execution;

/// The kernels of clika: answer extraction, JSONL reading, pair counts.
///
/// Every parallel function takes ``threads`` (``None``: see ``thread_count``), works in a thread pool
/// of its own with the GIL released, gives the same result for any number of threads, and ends within
/// a fraction of a second when the process is interrupted.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::answers::{extract_answer, extract_answers};
    #[pymodule_export]
    use super::build::build_info;
    #[pymodule_export]
    use super::jeffreys::jeffreys_intervals;
    #[pymodule_export]
    use super::matrices::{agreement_counts, pair_counts};
    #[pymodule_export]
    use super::ranks::{capa_sums, rankc_counts};
    #[pymodule_export]
    use super::resampling::{bootstrap_intervals, bootstrap_replicates, resample_weights};
    #[pymodule_export]
    use super::responses::{ParsedResponses, parse_responses};
    #[pymodule_export]
    use super::stream::ArrowStreamExport;
    #[pymodule_export]
    use super::streamed::{stream_agreement_counts, stream_pair_counts};
    #[pymodule_export]
    use super::swapping::swap_statistics;
    #[pymodule_export]
    use super::threads::thread_count;
    use super::{Bound, PyModule, PyModuleMethods, PyResult};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("LOOKALIKE_LETTERS", super::answers::lookalike_letters(module.py())?)?;
        module.add("EXTRACTION_RULES", super::answers::rule_names(module.py())?)?;
        Ok(())
    }
}
