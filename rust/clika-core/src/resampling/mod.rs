//! The bootstrap: items drawn again, jointly for all models and languages.
//!
//! A [`Resampling`] says what is drawn: whole clusters of items, with replacement, within strata. One
//! replicate is one set of weights, the same for every model and language, so that differences and
//! means of metrics can be formed replicate by replicate. Its draws are a function of (seed,
//! purpose, replicate) alone, and what is counted are integers, so no result depends on threads,
//! instructions or the order of work.
//!
//! Weights are cut into bit planes, eight replicates side by side; the weighted count of a set of
//! items is then a few population counts, the sum over planes `b` of `2^b |set ∩ plane_b|`. Sets are
//! the right answers and the letters of each language, and what two languages have in common.

mod answers;
mod counting;
mod draws;
mod errors;
mod evaluation;
mod intervals;
mod jackknife;
mod jobs;
mod metrics;
mod planes;
mod quantities;
mod sets;

use rayon::ThreadPool;

use crate::Execution;

pub use answers::Answers;
pub use draws::{Resampling, Units};
pub use errors::ResamplingError;
pub use intervals::{Intervals, Outcome};
pub use metrics::Metric;

use evaluation::Bootstrap;
use jobs::{Cell, Job};

/// The most replicates of one call.
pub const MAX_REPLICATES: usize = 1 << 24;

/// Items times replicates for which starting threads pays: about a millisecond of work.
const WORTH_THREADS: usize = 1 << 16;

/// The weights of every item in every replicate: row by row, one row for each replicate.
///
/// # Errors
/// When threads cannot be started, or the execution is cancelled.
pub fn resample_weights(
    resampling: &Resampling,
    execution: Execution<'_>,
) -> Result<Vec<u16>, ResamplingError> {
    let n_items = resampling.units().n_items();
    let mut weights = vec![0; resampling.replicates() * n_items];
    let pool = pool(resampling, execution)?;
    let rows = weights.chunks_mut(n_items.max(1)).enumerate().collect();
    execution.for_each(pool.as_ref(), rows, |(replicate, row)| resampling.weigh(replicate, row))?;
    Ok(weights)
}

/// Intervals of every metric, for every model and pair of languages.
///
/// Percentile intervals, and bias-corrected and accelerated ones for the kappas: see
/// [`Metric::is_accelerated`].
///
/// # Errors
/// When the shapes do not fit, `level` is no share, threads cannot be started, or the execution is
/// cancelled.
pub fn bootstrap_intervals(
    answers: &Answers<'_>,
    resampling: &Resampling,
    metrics: &[Metric],
    level: f64,
    execution: Execution<'_>,
) -> Result<Intervals, ResamplingError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(ResamplingError::Level(level));
    }
    resampling.must_fit(answers)?;
    let (models, width) = (answers.n_models, answers.n_languages);
    let mut found = Intervals::undefined(metrics.len() * models * width * width);
    let pool = pool(resampling, execution)?;
    let jobs = Job::of_all(width, metrics);
    let bootstrap = Bootstrap::new(answers, resampling, metrics, execution, pool.as_ref())?;
    for model in 0..models {
        bootstrap.for_each_group(model, &jobs, |group| {
            for (Cell { metric, source, target }, interval) in group.intervals(level)? {
                found.set(((metric * models + model) * width + source) * width + target, interval);
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// The value of every metric in every replicate, NaN where undefined.
///
/// With a `source` language, its row of pairs: the result is `(metrics, models, replicates,
/// languages)`, and a metric of one language is that of the target. Without, it is `(metrics,
/// models, replicates, languages, languages)`, with metrics of one language on the diagonal.
///
/// # Errors
/// When the shapes do not fit, threads cannot be started, or the execution is cancelled.
pub fn bootstrap_replicates(
    answers: &Answers<'_>,
    resampling: &Resampling,
    metrics: &[Metric],
    source: Option<usize>,
    execution: Execution<'_>,
) -> Result<Vec<f64>, ResamplingError> {
    resampling.must_fit(answers)?;
    let (models, width) = (answers.n_models, answers.n_languages);
    if let Some(index) = source.filter(|source| *source >= width) {
        return Err(ResamplingError::Source { index, n_languages: width });
    }
    let columns = if source.is_some() { width } else { width * width };
    let block = resampling.replicates() * columns;
    let mut values = vec![f64::NAN; metrics.len() * models * block];
    let pool = pool(resampling, execution)?;
    let jobs = match source {
        Some(source) => Job::of_source(source, width, metrics),
        None => Job::of_all(width, metrics),
    };
    let bootstrap = Bootstrap::new(answers, resampling, metrics, execution, pool.as_ref())?;
    for model in 0..models {
        bootstrap.for_each_group(model, &jobs, |group| {
            for (Cell { metric, source: row, target }, replicates) in group.values()? {
                let column = if source.is_some() { target } else { row * width + target };
                let start = (metric * models + model) * block;
                let places = values[start..start + block].iter_mut().skip(column).step_by(columns);
                places.zip(replicates).for_each(|(place, value)| *place = value);
            }
            Ok(())
        })?;
    }
    Ok(values)
}

/// Threads, if there is work for them.
fn pool(
    resampling: &Resampling,
    execution: Execution<'_>,
) -> Result<Option<ThreadPool>, ResamplingError> {
    let work = resampling.units().n_items().saturating_mul(resampling.replicates());
    Ok(if work > WORTH_THREADS { execution.pool()? } else { None })
}
