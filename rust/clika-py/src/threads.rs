//! How many threads: decided here and nowhere else.

use std::env;
use std::num::NonZeroUsize;

use clika_core::Execution;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

const VARIABLE: &str = "RAYON_NUM_THREADS";

/// Return the number of threads that a parallel function works on.
///
/// Parameters
/// ----------
/// threads
///     What was asked for, at least 1, or ``None`` for the default.
///
/// Returns
/// -------
/// int
///     ``threads``; else the environment variable ``RAYON_NUM_THREADS``; else the processors that
///     the process may use: the smaller of its affinity mask and its control group's CPU quota
///     (version 1 and 2), rounded down, at least 1.
///
/// Raises
/// ------
/// ValueError
///     ``threads`` is 0, or the variable holds anything but a whole number from 1.
///
/// Examples
/// --------
/// >>> thread_count(3)
/// 3
#[pyfunction]
#[pyo3(signature = (threads=None))]
pub fn thread_count(threads: Option<usize>) -> PyResult<usize> {
    Ok(execution(threads)?.threads().get())
}

/// How to run, from the `threads` argument that every parallel function has.
pub fn execution(threads: Option<usize>) -> PyResult<Execution<'static>> {
    let threads = match threads {
        Some(count) => Some(NonZeroUsize::new(count).ok_or_else(|| {
            PyValueError::new_err("threads is 0, but must be at least 1 or None")
        })?),
        None => from_environment()?,
    };
    // The processors at hand are the core's default: the standard library reads affinity and quota.
    Ok(Execution::new(threads))
}

fn from_environment() -> PyResult<Option<NonZeroUsize>> {
    let Some(text) = env::var_os(VARIABLE).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    text.trim().parse().map(Some).map_err(|_| {
        PyValueError::new_err(format!(
            "{VARIABLE} is {text:?}, but must be a whole number from 1 (or not set)"
        ))
    })
}
