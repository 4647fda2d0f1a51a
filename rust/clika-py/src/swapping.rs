//! `swap_statistics`: NumPy arrays in, NumPy arrays out.

use clika_core::swapping::{self, Ratios};
use numpy::{IntoPyArray, Ix3, PyArray1, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{Wanted, values};
use crate::interrupt::interruptible;

type Statistics<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

/// Compute the studentised difference of two models' ratios, as observed and under random swaps.
///
/// A ratio is sum of numerators / sum of denominators. The statistic is (theta_1 - theta_2) / se,
/// se^2 being the sum over clusters of the squared influence on the difference; se is computed anew
/// for each swap. A swap exchanges the two models' counts in a cluster, in all cells together.
///
/// Parameters
/// ----------
/// numerators
///     int64, shape ``(2, n_clusters, n_cells)``, any layout: for each model the numerator of each
///     cell, summed over the items of each cluster; 0 or more.
/// denominators
///     The denominators, likewise.
/// replicates
///     Number of random swaps.
/// seed
///     Below 2**64. Cluster ``j`` is swapped in replicate ``r`` where bit ``j % 64`` of word
///     ``j // 64`` of the random sequence of (seed, purpose, r) is set.
/// purpose
///     Below 2**64: another one swaps independently.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// observed
///     float64, shape ``(n_cells,)``. NaN where a denominator's sum is 0; where se is 0, 0 for equal
///     and infinite for unequal ratios.
/// swapped
///     float64, shape ``(replicates, n_cells)``, likewise.
///
/// Raises
/// ------
/// TypeError
///     ``numerators`` or ``denominators`` is no int64 array of three axes.
/// ValueError
///     Their shapes differ or are not those of two models, or a count is negative or too large to
///     be squared and summed exactly.
///
/// Notes
/// -----
/// ``O(replicates n_clusters n_cells)``. Exchanging the models negates every value.
///
/// Examples
/// --------
/// >>> right = np.array([[[1], [1], [1], [0]], [[0], [0], [1], [0]]])
/// >>> observed, swapped = swap_statistics(
/// ...     right, np.ones_like(right), replicates=3, seed=1, purpose=0
/// ... )
/// >>> observed.tolist(), swapped.shape
/// ([2.0], (3, 1))
#[pyfunction]
#[pyo3(signature = (numerators, denominators, *, replicates, seed, purpose, threads=None))]
pub fn swap_statistics<'py>(
    py: Python<'py>,
    numerators: &Bound<'py, PyAny>,
    denominators: &Bound<'py, PyAny>,
    replicates: usize,
    seed: u64,
    purpose: u64,
    threads: Option<usize>,
) -> PyResult<Statistics<'py>> {
    let (numerators, shape) = counts(numerators, "numerators")?;
    let (denominators, other) = counts(denominators, "denominators")?;
    let [models, n_clusters, n_cells] = shape;
    if models != 2 || other != shape {
        return Err(PyValueError::new_err(format!(
            "numerators and denominators must both have the shape (2, n_clusters, n_cells), not {shape:?} and {other:?}"
        )));
    }
    let found = interruptible(py, threads, |execution| {
        let half = n_clusters * n_cells;
        let models = |counts| <[i64]>::split_at(counts, half).into();
        let ratios = Ratios::new(models(&numerators), models(&denominators), n_clusters, n_cells)?;
        Ok(swapping::swap_statistics(&ratios, replicates, (seed, purpose), execution)?)
    })?;
    let swapped = found.replicates.into_pyarray(py).reshape([replicates, n_cells])?;
    Ok((found.observed.into_pyarray(py), swapped))
}

fn counts(value: &Bound<'_, PyAny>, name: &str) -> PyResult<(Vec<i64>, [usize; 3])> {
    let wanted = Wanted { name, dtype: "int64", shape: "(2, n_clusters, n_cells)" };
    let (counts, (models, clusters, cells)) = values::<i64, Ix3>(value, wanted)?;
    Ok((counts, [models, clusters, cells]))
}
