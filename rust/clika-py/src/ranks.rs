//! `rankc_counts` and `capa_sums`: NumPy arrays in, NumPy arrays out.

use clika_core::Execution;
use clika_core::capa::{CapaSums, Probabilities, capa_sums as add_up};
use clika_core::ranks::{Ranks, overlap_counts};
use numpy::{Element, IntoPyArray, Ix3, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::{Wanted, values, vector};
use crate::errors::NativeError;
use crate::execution;
use crate::interrupt::{at_once, interruptible};

/// Count, for every pair of languages, the overlaps of top-ranked options that RankC is made of.
///
/// Parameters
/// ----------
/// ranks
///     uint8, shape ``(n_items, n_languages, max_options)``, any layout: 1-based rank of each
///     option, 1 = the first choice, each of 1 to k once; 0 beyond an item's k options. 0 alone:
///     not asked in that language. ``max_options`` is 1 to 64.
/// options
///     uint8, shape ``(n_items,)``: the number of options (k) of each item.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// dict of int to (ndarray, ndarray)
///     For each k that some item has, over the items with k options asked in both languages: ``n``,
///     int64 of shape ``(n_languages, n_languages)``, their number, and ``overlap``, int64 of shape
///     ``(n_languages, n_languages, k)``, ``overlap[l, h, t - 1]`` = how many options are among the
///     t top-ranked ones of both. Both symmetric. No items give an empty dictionary.
///
/// Raises
/// ------
/// TypeError
///     ``ranks`` or ``options`` is no uint8 array of the shape asked for.
/// ValueError
///     The ranks of an item are no ranking (its place is named), or the lengths differ.
///
/// Notes
/// -----
/// ``O(n_items n_languages k^2 + n_languages^2 n_items k^2 / 64)``. Counts over disjoint sets of
/// items add up, k by k.
///
/// Examples
/// --------
/// >>> ranks = np.array([[[1, 2, 3], [2, 1, 3]]], np.uint8)
/// >>> n, overlap = rankc_counts(ranks, np.array([3], np.uint8))[3]
/// >>> int(n[0, 1]), overlap[0, 1].tolist()
/// (1, [0, 2, 3])
#[pyfunction]
#[pyo3(signature = (ranks, options, *, threads=None))]
pub fn rankc_counts<'py>(
    py: Python<'py>,
    ranks: &Bound<'py, PyAny>,
    options: &Bound<'py, PyAny>,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let (ranks, shape) = cube::<u8>(ranks, "ranks", "uint8")?;
    let n_languages = shape[1];
    let options = vector::<u8>(options, "options", "uint8")?;
    let execution = execution(threads)?;
    let checked = py.detach(|| Ranks::new(&ranks, &options, shape, execution));
    let ranks = checked.map_err(NativeError::Ranks)?;
    let work = |execution: Execution<'_>| Ok(overlap_counts(&ranks, execution)?);
    let counts = if ranks.worth_threads() {
        interruptible(py, threads, work)
    } else {
        at_once(py, threads, work)
    }?;
    let result = PyDict::new(py);
    for (k, counts) in counts.by_options {
        let n = counts.n.into_pyarray(py).reshape([n_languages, n_languages])?;
        let shape = [n_languages, n_languages, usize::from(k)];
        result.set_item(k, (n, counts.overlap.into_pyarray(py).reshape(shape)?))?;
    }
    Ok(result)
}

/// Add up, for every pair of languages, what CAPA is made of.
///
/// Parameters
/// ----------
/// probabilities
///     float64, shape ``(n_items, n_languages, max_options)``, any layout: the probability of each
///     option, which sum up to 1 within 1e-6 over an item's k options; what is beyond them is not
///     looked at. NaN alone: not asked in that language. ``max_options`` is 1 to 64.
/// options
///     uint8, shape ``(n_items,)``: the number of options (k) of each item.
/// gold
///     int8, shape ``(n_items,)``: the gold option of each item.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// dict of str to ndarray
///     Matrices of shape ``(n_languages, n_languages)`` over the items with at least two options
///     that were asked in both languages, row = source: ``n`` (int64), their number; and float64
///     sums: ``agreement``, of the probability that a draw from each agree; ``gold_source`` and
///     ``gold_target``, of each side's probability of the gold option; ``spread``, of
///     ``1 / (k - 1)``. No items give zeros.
///
/// Raises
/// ------
/// TypeError
///     An array is not of the type and shape asked for.
/// ValueError
///     Something is no probability, or a gold no option (its place is named), or lengths differ.
///
/// Notes
/// -----
/// ``O(n_languages^2 n_items max_options)``. Terms are added as integers of 2^-51, so that the sums
/// depend neither on the order of items nor on threads.
///
/// Examples
/// --------
/// >>> probabilities = np.array([[[0.5, 0.5], [1.0, 0.0]]])
/// >>> sums = capa_sums(probabilities, np.array([2], np.uint8), np.array([0], np.int8))
/// >>> float(sums["agreement"][0, 1]), float(sums["gold_target"][0, 1])
/// (0.5, 1.0)
#[pyfunction]
#[pyo3(signature = (probabilities, options, gold, *, threads=None))]
pub fn capa_sums<'py>(
    py: Python<'py>,
    probabilities: &Bound<'py, PyAny>,
    options: &Bound<'py, PyAny>,
    gold: &Bound<'py, PyAny>,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let (cells, [n_items, n_languages, width]) =
        cube::<f64>(probabilities, "probabilities", "float64")?;
    let options = vector::<u8>(options, "options", "uint8")?;
    let gold = vector::<i8>(gold, "gold", "int8")?;
    let checked =
        py.detach(|| Probabilities::new(&cells, &options, &gold, n_items, n_languages, width));
    let probabilities = checked.map_err(NativeError::Capa)?;
    let work = |execution: Execution<'_>| Ok(add_up(&probabilities, execution)?);
    let sums = if probabilities.worth_threads() {
        interruptible(py, threads, work)
    } else {
        at_once(py, threads, work)
    }?;
    let square = |sums: Vec<i128>| {
        let numbers: Vec<f64> = sums.into_iter().map(CapaSums::number).collect();
        numbers.into_pyarray(py).reshape([n_languages, n_languages])
    };
    let gold = square(sums.gold)?;
    let result = PyDict::new(py);
    result.set_item("n", sums.n.into_pyarray(py).reshape([n_languages, n_languages])?)?;
    result.set_item("agreement", square(sums.agreement)?)?;
    result.set_item("gold_target", gold.permute(Some([1, 0]))?)?;
    result.set_item("gold_source", gold)?;
    result.set_item("spread", square(sums.spread)?)?;
    Ok(result)
}

/// The numbers item by item, language by language, and their shape.
fn cube<T: Element + Clone>(
    value: &Bound<'_, PyAny>,
    name: &str,
    dtype: &str,
) -> PyResult<(Vec<T>, [usize; 3])> {
    let wanted = Wanted { name, dtype, shape: "(n_items, n_languages, max_options)" };
    let (cells, (items, languages, options)) = values::<T, Ix3>(value, wanted)?;
    Ok((cells, [items, languages, options]))
}
