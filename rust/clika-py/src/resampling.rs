//! The bootstrap: NumPy arrays in, NumPy arrays out.

use clika_core::resampling::{
    Answers, Metric, Resampling, ResamplingError, Units, bootstrap_intervals as intervals,
    bootstrap_replicates as replicate_values, resample_weights as weights,
};
use numpy::{IntoPyArray, Ix3, PyArray2, PyArrayDyn, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::{Wanted, values, vector};
use crate::errors::NativeError;
use crate::interrupt::interruptible;

type Groups<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// Draw items again: the weight of each in every replicate.
///
/// Parameters
/// ----------
/// n_items
///     Number of items.
/// clusters
///     int32, shape ``(n_items,)``: items with the same code are drawn together. ``None``: each by
///     itself.
/// strata
///     int32, shape ``(n_items,)``: from each stratum as many clusters are drawn as it has. A
///     cluster lies in the stratum of its first item. ``None``: one stratum.
/// replicates
///     Number of replicates, 1 to 2^24.
/// seed
///     Below 2^64: chooses the random words; replicate ``r`` has a sequence of its own.
/// purpose
///     Below 2^64: tells apart what must not share draws, the tasks of a study say.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// ndarray
///     uint16, shape ``(replicates, n_items)``. Within a stratum of clusters of one size each row
///     adds up to the number of items.
///
/// Raises
/// ------
/// TypeError
///     ``clusters`` or ``strata`` is no int32 array.
/// ValueError
///     Their lengths are not ``n_items``, or ``replicates`` is out of range.
///
/// Notes
/// -----
/// Draw ``j`` of replicate ``r`` is decided by word ``j`` of the Philox sequence ``(seed, purpose,
/// r)``. Clusters and strata are numbered as the items first name them: only the partition matters,
/// not the codes. ``O(replicates n_items)``.
///
/// Examples
/// --------
/// >>> weights = resample_weights(4, replicates=2, seed=20240404, purpose=0)
/// >>> weights.sum(axis=1).tolist()
/// [4, 4]
#[pyfunction]
#[pyo3(signature = (n_items, *, clusters=None, strata=None, replicates, seed, purpose, threads=None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub fn resample_weights<'py>(
    py: Python<'py>,
    n_items: usize,
    clusters: Groups<'_, 'py>,
    strata: Groups<'_, 'py>,
    replicates: i64,
    seed: u64,
    purpose: u64,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<u16>>> {
    let (clusters, strata) = (groups(clusters, "clusters")?, groups(strata, "strata")?);
    let drawn = interruptible(py, threads, |execution| {
        let units = Units::new(n_items, clusters.as_deref(), strata.as_deref())?;
        let resampling = Resampling::new(units, replicates, seed, purpose)?;
        Ok(weights(&resampling, execution)?)
    })?;
    drawn.into_pyarray(py).reshape([replicates as usize, n_items])
}

/// Resample items jointly for all models and languages, and give each metric its interval.
///
/// Percentile intervals by linear interpolation; bias-corrected and accelerated ones, jackknifed
/// over clusters, for ``kappa`` and ``kappa_valid``.
///
/// Parameters
/// ----------
/// codes
///     int8, shape ``(n_models, n_items, n_languages)``, any layout: an option ``0..n_options-1``,
///     -1 = INVALID (never right, agrees with nothing), -2 = not asked (the item counts for no pair
///     with that language). Items in an order that does not depend on chance: of ascending ids.
/// gold
///     int8, shape ``(n_items,)``: the gold option of each item.
/// n_options
///     Number of options, 2 to 64.
/// metrics
///     Ids: of one language ``acc``, ``bias``; of pairs ``co:union``, ``co:source``, ``co:min``,
///     ``co_star:gold-letter``, ``co_star:marginal``, ``co_star_max:gold-letter``,
///     ``co_star_max:marginal``, ``log_or``, ``ag``, ``ag_wrong``, ``kappa``, ``kappa_valid``.
/// clusters
///     int32, shape ``(n_items,)``, or ``None``: see ``resample_weights``.
/// strata
///     int32, shape ``(n_items,)``, or ``None``: see ``resample_weights``.
/// replicates
///     Number of replicates, 1 to 2^24.
/// seed
///     Below 2^64.
/// purpose
///     Below 2^64.
/// level
///     Confidence level, between 0 and 1.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// dict of str to ndarray
///     Arrays of shape ``(n_metrics, n_models, n_languages, n_languages)``, row = source, those of
///     one language on the diagonal. ``low`` and ``high``: float64, NaN where there is none.
///     ``outcome``: uint8, 0 = an interval, 1 = degenerate (all replicates are equal), 2 = the value
///     is undefined, 3 = more than 1 % of the replicates are undefined (fewer are dropped), 4 =
///     fewer than 3 items disagree (kappas only).
///
/// Raises
/// ------
/// TypeError
///     An array has another type or another number of axes.
/// ValueError
///     A code, a gold option, an id, the level or a number is out of range, or the lengths differ.
///
/// Notes
/// -----
/// ``O(n_models replicates n_languages^2 (n_items / 64 + n_options))``. Memory beside the result
/// stays below half a gigabyte.
///
/// Examples
/// --------
/// >>> codes = np.array([[[0], [1], [1], [0], [1], [0]]], np.int8)
/// >>> gold = np.array([0, 1, 0, 0, 1, 1], np.int8)
/// >>> found = bootstrap_intervals(codes, gold, n_options=2, metrics=["acc"])
/// >>> found["low"].round(2).item(), found["high"].item(), found["outcome"].item()
/// (0.33, 1.0, 0)
#[pyfunction]
#[pyo3(signature = (
    codes, gold, *, n_options, metrics, clusters=None, strata=None, replicates=10_000,
    seed=20_240_404, purpose=0, level=0.95, threads=None
))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub fn bootstrap_intervals<'py>(
    py: Python<'py>,
    codes: &Bound<'py, PyAny>,
    gold: &Bound<'py, PyAny>,
    n_options: i64,
    metrics: Vec<String>,
    clusters: Groups<'_, 'py>,
    strata: Groups<'_, 'py>,
    replicates: i64,
    seed: u64,
    purpose: u64,
    level: f64,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let (codes, shape) = cube(codes)?;
    let gold = vector::<i8>(gold, "gold", "int8")?;
    let (clusters, strata) = (groups(clusters, "clusters")?, groups(strata, "strata")?);
    let metrics = known(&metrics)?;
    let found = interruptible(py, threads, |execution| {
        let answers = Answers::new(&codes, shape, &gold, n_options)?;
        let units = Units::new(shape[1], clusters.as_deref(), strata.as_deref())?;
        let resampling = Resampling::new(units, replicates, seed, purpose)?;
        Ok(intervals(&answers, &resampling, &metrics, level, execution)?)
    })?;
    let shape = [metrics.len(), shape[0], shape[2], shape[2]];
    let outcome: Vec<u8> = found.outcome.iter().map(|outcome| *outcome as u8).collect();
    let result = PyDict::new(py);
    result.set_item("low", found.low.into_pyarray(py).reshape(shape)?)?;
    result.set_item("high", found.high.into_pyarray(py).reshape(shape)?)?;
    result.set_item("outcome", outcome.into_pyarray(py).reshape(shape)?)?;
    Ok(result)
}

/// Resample items jointly for all models and languages, and return the metrics of every replicate.
///
/// For what is made of several values: means over languages, differences between models. The
/// parameters are those of ``bootstrap_intervals``, but for:
///
/// Parameters
/// ----------
/// codes
///     int8, shape ``(n_models, n_items, n_languages)``.
/// gold
///     int8, shape ``(n_items,)``.
/// n_options
///     Number of options, 2 to 64.
/// metrics
///     Ids.
/// source
///     Index of one language: only its row of pairs, and of metrics of one language all languages.
///     ``None``: all pairs.
/// clusters
///     int32, shape ``(n_items,)``, or ``None``.
/// strata
///     int32, shape ``(n_items,)``, or ``None``.
/// replicates
///     Number of replicates, 1 to 2^24.
/// seed
///     Below 2^64.
/// purpose
///     Below 2^64.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// ndarray
///     float64, NaN where undefined, of shape ``(n_metrics, n_models, replicates, n_languages,
///     n_languages)``, or without the last but one axis if there is a ``source``. Without, metrics
///     of one language stand on the diagonal. Replicate ``r`` is the same draw for everything.
///
/// Raises
/// ------
/// TypeError
///     An array has another type or another number of axes.
/// ValueError
///     A code, a gold option, an id, the source or a number is out of range, or the lengths differ.
///
/// Examples
/// --------
/// >>> codes = np.array([[[0, 0], [1, 1], [1, 0], [0, 1]]], np.int8)
/// >>> gold = np.array([0, 1, 0, 0], np.int8)
/// >>> values = bootstrap_replicates(
/// ...     codes, gold, n_options=2, metrics=["acc"], source=0, replicates=100
/// ... )
/// >>> values.shape
/// (1, 1, 100, 2)
#[pyfunction]
#[pyo3(signature = (
    codes, gold, *, n_options, metrics, source=None, clusters=None, strata=None,
    replicates=10_000, seed=20_240_404, purpose=0, threads=None
))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub fn bootstrap_replicates<'py>(
    py: Python<'py>,
    codes: &Bound<'py, PyAny>,
    gold: &Bound<'py, PyAny>,
    n_options: i64,
    metrics: Vec<String>,
    source: Option<usize>,
    clusters: Groups<'_, 'py>,
    strata: Groups<'_, 'py>,
    replicates: i64,
    seed: u64,
    purpose: u64,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let (codes, shape) = cube(codes)?;
    let gold = vector::<i8>(gold, "gold", "int8")?;
    let (clusters, strata) = (groups(clusters, "clusters")?, groups(strata, "strata")?);
    let metrics = known(&metrics)?;
    let values = interruptible(py, threads, |execution| {
        let answers = Answers::new(&codes, shape, &gold, n_options)?;
        let units = Units::new(shape[1], clusters.as_deref(), strata.as_deref())?;
        let resampling = Resampling::new(units, replicates, seed, purpose)?;
        Ok(replicate_values(&answers, &resampling, &metrics, source, execution)?)
    })?;
    let mut axes = vec![metrics.len(), shape[0], replicates as usize, shape[2]];
    if source.is_none() {
        axes.push(shape[2]);
    }
    values.into_pyarray(py).reshape(axes)
}

fn known(ids: &[String]) -> PyResult<Vec<Metric>> {
    let metrics = ids.iter().map(|id| Metric::from_id(id));
    metrics.collect::<Result<_, ResamplingError>>().map_err(|error| NativeError::from(error).into())
}

fn cube(codes: &Bound<'_, PyAny>) -> PyResult<(Vec<i8>, [usize; 3])> {
    let wanted = Wanted { name: "codes", dtype: "int8", shape: "(n_models, n_items, n_languages)" };
    let (codes, (models, items, languages)) = values::<i8, Ix3>(codes, wanted)?;
    Ok((codes, [models, items, languages]))
}

fn groups(codes: Groups<'_, '_>, name: &str) -> PyResult<Option<Vec<i32>>> {
    codes.map(|codes| vector::<i32>(codes, name, "int32")).transpose()
}
