//! `jeffreys_intervals`: NumPy arrays in, a NumPy array out.

use clika_core::jeffreys::{Function, Posterior, jeffreys_intervals as intervals};
use numpy::{IntoPyArray, Ix2, PyArray3, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{Wanted, values};
use crate::interrupt::interruptible;

/// Give functions of 2 x 2 tables their equal-tailed Jeffreys intervals.
///
/// The posterior of a table's shares is Dirichlet(counts + 1/2); the ends are quantiles of draws from
/// it, by linear interpolation.
///
/// Parameters
/// ----------
/// tables
///     int64, shape ``(n_tables, 4)``: items right in both languages, in the source only, in the target
///     only, in neither; 0 or more.
/// functions
///     Ids: ``co_star:marginal``, ``co_star_max:marginal``, ``log_or``.
/// replicates
///     Number of draws.
/// seed
///     Below 2**64. The draws of a count are a function of the seed, its place in the table and the
///     count: an interval depends on its own table alone.
/// level
///     Confidence level, between 0 and 1.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// ndarray
///     float64, shape ``(n_tables, n_functions, 2)``: lower and upper ends. The same with source and
///     target exchanged.
///
/// Raises
/// ------
/// TypeError
///     ``tables`` is no int64 array of two axes.
/// ValueError
///     The tables have not four counts, or a count, an id, the level or the number of draws is out of
///     range.
///
/// Notes
/// -----
/// ``O(distinct tables * replicates)``; memory stays below 2,048 rows of ``replicates`` numbers.
///
/// Examples
/// --------
/// >>> tables = np.array([[40, 10, 10, 40]])
/// >>> ends = jeffreys_intervals(tables, ["log_or"], replicates=1000, seed=20240404)
/// >>> bool(ends[0, 0, 0] < np.log(16) < ends[0, 0, 1])
/// True
#[pyfunction]
#[pyo3(signature = (tables, functions, *, replicates, seed, level=0.95, threads=None))]
pub fn jeffreys_intervals<'py>(
    py: Python<'py>,
    tables: &Bound<'py, PyAny>,
    functions: Vec<String>,
    replicates: i64,
    seed: u64,
    level: f64,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let wanted = Wanted { name: "tables", dtype: "int64", shape: "(n_tables, 4)" };
    let (counts, (n_tables, cells)) = values::<i64, Ix2>(tables, wanted)?;
    let (tables, rest) = counts.as_chunks::<4>();
    if cells != 4 || !rest.is_empty() {
        return Err(PyValueError::new_err(format!("a table has 4 counts, not {cells}")));
    }
    let ends = interruptible(py, threads, |execution| {
        let functions: Vec<Function> =
            functions.iter().map(|id| Function::from_id(id)).collect::<Result<_, _>>()?;
        let posterior = Posterior::new(seed, replicates, level)?;
        Ok(intervals(tables, &functions, posterior, execution)?)
    })?;
    ends.into_flattened().into_pyarray(py).reshape([n_tables, functions.len(), 2])
}
