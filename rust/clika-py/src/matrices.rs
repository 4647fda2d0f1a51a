//! `pair_counts` and `agreement_counts`: NumPy arrays in, NumPy arrays out.

use clika_core::Execution;
use clika_core::pairs::{self, Codes, PairCounts, PairsError};
use numpy::{IntoPyArray, Ix2, PyArray2, PyArray3, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::{Wanted, values, vector};
use crate::errors::NativeError;
use crate::interrupt::{at_once, interruptible};

pub type Square<'py> = Bound<'py, PyArray2<i64>>;

/// Count, for every pair of languages, what the consistency metrics are made of.
///
/// Parameters
/// ----------
/// codes
///     int8, shape ``(n_items, n_languages)``, any layout: an option ``0..n_options-1``, -1 =
///     INVALID (never right, agrees with nothing), -2 = not asked (the item counts for no pair with
///     that language).
/// gold
///     int8, shape ``(n_items,)``: the gold option of each item.
/// n_options
///     Number of options, 2 to 64.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// dict of str to int64 arrays
///     Over the items asked in both languages; row = source, column = target. Matrices of shape
///     ``(n_languages, n_languages)``: ``n``, ``both_right``, ``right_source``, ``right_target``,
///     ``agree`` (same valid option), ``agree_wrong`` (the same, and wrong), ``wrong_both`` (INVALID
///     is wrong), ``valid_both``. Cubes of shape ``(n_languages, n_languages, n_options)``: by gold
///     option ``gold_n``, ``gold_right_source``, ``gold_right_target``; by the side's own option
///     ``letters_source``, ``letters_target``, and over items valid in both
///     ``letters_source_valid``, ``letters_target_valid``. Arrays of the target are transposed views
///     of those of the source. No items give zeros.
///
/// Raises
/// ------
/// TypeError
///     ``codes`` or ``gold`` is no int8 array of the shape asked for.
/// ValueError
///     ``n_options``, a code or a gold option is out of range (its place is named), or the lengths
///     differ.
///
/// Notes
/// -----
/// ``O(n_items n_languages + n_languages^2 n_items ceil(log2 n_options) / 64)``; where an answer is
/// missing or INVALID, ``n_options`` in place of the logarithm. Counts over disjoint sets of items
/// add up.
///
/// Examples
/// --------
/// >>> codes = np.array([[0, 0], [1, -1], [1, 1]], np.int8)
/// >>> counts = pair_counts(codes, np.array([0, 1, 0], np.int8), n_options=2)
/// >>> int(counts["both_right"][0, 1]), int(counts["agree_wrong"][0, 1])
/// (1, 1)
#[pyfunction]
#[pyo3(signature = (codes, gold, *, n_options, threads=None))]
pub fn pair_counts<'py>(
    py: Python<'py>,
    codes: &Bound<'py, PyAny>,
    gold: &Bound<'py, PyAny>,
    n_options: i64,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let gold = vector::<i8>(gold, "gold", "int8")?;
    let counts = count(py, codes, n_options, threads, |codes, execution| {
        pairs::pair_counts(codes, &gold, execution)
    })?;
    dictionary(py, counts)
}

/// Count the agreement of every pair of respondents.
///
/// Parameters
/// ----------
/// codes
///     int8, shape ``(n_items, n_respondents)``, any layout: an option ``0..n_options-1``, -1 =
///     INVALID (no option could be read), -2 = not asked.
/// n_options
///     Number of options, 2 to 64.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// agree, valid_both
///     int64, shape ``(n_respondents, n_respondents)``: items with the same valid option in both,
///     and items valid in both.
///
/// Raises
/// ------
/// TypeError
///     ``codes`` is no int8 matrix.
/// ValueError
///     ``n_options`` or a code is out of range; the code's row and column are named.
///
/// Notes
/// -----
/// ``O(n_items n_respondents + n_respondents^2 n_items ceil(log2 n_options) / 64)``. Counts over
/// disjoint sets of items add up.
///
/// Examples
/// --------
/// >>> agree, valid = agreement_counts(np.array([[0, 0], [1, -1]], np.int8), n_options=2)
/// >>> int(agree[0, 1]), int(valid[0, 1])
/// (1, 1)
#[pyfunction]
#[pyo3(signature = (codes, *, n_options, threads=None))]
pub fn agreement_counts<'py>(
    py: Python<'py>,
    codes: &Bound<'py, PyAny>,
    n_options: i64,
    threads: Option<usize>,
) -> PyResult<(Square<'py>, Square<'py>)> {
    let counts = count(py, codes, n_options, threads, pairs::agreement_counts)?;
    let width = counts.n_languages;
    Ok((square(py, counts.agree, width)?, square(py, counts.valid_both, width)?))
}

/// Check the codes and count them.
fn count<T: Send>(
    py: Python<'_>,
    codes: &Bound<'_, PyAny>,
    n_options: i64,
    threads: Option<usize>,
    kernel: impl Fn(&Codes<'_>, Execution<'_>) -> Result<T, PairsError> + Send + Sync,
) -> PyResult<T> {
    let wanted = Wanted { name: "codes", dtype: "int8", shape: "(n_items, n_languages)" };
    let (codes, (n_items, n_languages)) = values::<i8, Ix2>(codes, wanted)?;
    let checked = py.detach(|| Codes::new(&codes, n_items, n_languages, n_options));
    let codes = checked.map_err(NativeError::Pairs)?;
    let work = |execution: Execution<'_>| Ok(kernel(&codes, execution)?);
    if codes.worth_threads() {
        interruptible(py, threads, work)
    } else {
        at_once(py, threads, work)
    }
}

/// The counts under the names that Python knows.
pub fn dictionary(py: Python<'_>, counts: PairCounts) -> PyResult<Bound<'_, PyDict>> {
    let (width, options) = (counts.n_languages, counts.n_options);
    let (agree_wrong, wrong_both) = (counts.agree_wrong(), counts.wrong_both());
    let right = square(py, counts.right, width)?;
    let gold_right = cube(py, counts.gold_right, width, options)?;
    let letters = cube(py, counts.letters, width, options)?;
    let letters_valid = cube(py, counts.letters_valid, width, options)?;
    let result = PyDict::new(py);
    result.set_item("n", square(py, counts.n, width)?)?;
    result.set_item("both_right", square(py, counts.both_right, width)?)?;
    result.set_item("right_target", right.permute(Some([1, 0]))?)?;
    result.set_item("right_source", right)?;
    result.set_item("agree", square(py, counts.agree, width)?)?;
    result.set_item("agree_wrong", square(py, agree_wrong, width)?)?;
    result.set_item("wrong_both", square(py, wrong_both, width)?)?;
    result.set_item("valid_both", square(py, counts.valid_both, width)?)?;
    result.set_item("gold_n", cube(py, counts.gold_n, width, options)?)?;
    // What the target shows is what the source shows of the mirrored pair: a view, not a copy.
    for (name, source) in
        [("gold_right", gold_right), ("letters", letters), ("letters_valid", letters_valid)]
    {
        let (head, tail) = name.strip_suffix("_valid").map_or((name, ""), |head| (head, "_valid"));
        result.set_item(format!("{head}_target{tail}"), source.permute(Some([1, 0, 2]))?)?;
        result.set_item(format!("{head}_source{tail}"), source)?;
    }
    Ok(result)
}

/// A matrix of as many rows as columns.
pub fn square(py: Python<'_>, values: Vec<i64>, width: usize) -> PyResult<Square<'_>> {
    values.into_pyarray(py).reshape([width, width])
}

fn cube(
    py: Python<'_>,
    values: Vec<i64>,
    width: usize,
    options: usize,
) -> PyResult<Bound<'_, PyArray3<i64>>> {
    values.into_pyarray(py).reshape([width, width, options])
}
