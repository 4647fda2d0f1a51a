//! Jeffreys intervals of functions of a 2 x 2 table: right or wrong in two languages.
//!
//! Where the items are independent, the table is multinomial. With Jeffreys' prior the posterior of its
//! four shares is Dirichlet(counts + 1/2): four gammas over their sum. An interval is read from draws
//! of them.
//!
//! The gammas are a function of (seed, place in the table, count) alone, so that tables which have a
//! count in common share its draws, and an interval depends on its own table alone.

mod functions;
mod gammas;

use functions::Draws;
pub use functions::Function;
use gammas::{CELLS, Gammas, Row};

use crate::quantiles::quantiles;
use crate::{Execution, Interrupted, PoolError};

/// Rows of gammas in memory at a time: 80 kB each with 10,000 draws.
const ROWS_KEPT: usize = 2048;

/// The most draws of one call.
pub const MAX_DRAWS: usize = 1 << 24;

/// Why tables were refused.
#[derive(Debug, thiserror::Error)]
pub enum JeffreysError {
    /// A count is below 0 or too large.
    #[error("tables[{table}, {cell}] is {count}, but must be 0 to {most}", most = u32::MAX)]
    Count {
        /// First index of the array.
        table: usize,
        /// Second index.
        cell: usize,
        /// The count found.
        count: i64,
    },
    /// No function has this id.
    #[error("there is no function {0:?} of a 2 x 2 table: choose from {known}", known = Function::ids())]
    Function(String),
    /// No draws, or too many.
    #[error("replicates is {0}, but must be 1 to {MAX_DRAWS}")]
    Draws(i64),
    /// The level is no share.
    #[error("level is {0}, but must lie between 0 and 1")]
    Level(f64),
    /// The worker threads could not be started.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// A table's counts: right in both, in the source only, in the target only, in neither.
type Table = [u32; CELLS];

/// What is drawn, and how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior {
    seed: u64,
    draws: usize,
    level: f64,
}

impl Posterior {
    /// Check the number of draws and the level of the intervals.
    ///
    /// # Errors
    /// When there are no draws or more than [`MAX_DRAWS`], or the level is not between 0 and 1.
    pub fn new(seed: u64, draws: i64, level: f64) -> Result<Self, JeffreysError> {
        let known = usize::try_from(draws).ok().filter(|draws| (1..=MAX_DRAWS).contains(draws));
        let draws = known.ok_or(JeffreysError::Draws(draws))?;
        if !(level > 0.0 && level < 1.0) {
            return Err(JeffreysError::Level(level));
        }
        Ok(Self { seed, draws, level })
    }
}

/// The equal-tailed intervals of each function of each table, tables by functions, row by row.
///
/// The functions are symmetric in source and target, and so are the intervals. An end is a quantile of
/// the draws by linear interpolation.
///
/// `O(distinct tables * draws)`; memory is 80 kB for each count, at most 2,048 of them, with 10,000
/// draws.
///
/// # Errors
/// When a count is negative, threads cannot be started, or the execution is cancelled.
pub fn jeffreys_intervals(
    tables: &[[i64; CELLS]],
    functions: &[Function],
    posterior: Posterior,
    execution: Execution<'_>,
) -> Result<Vec<[f64; 2]>, JeffreysError> {
    let tables = ordered(tables)?;
    let mut distinct = tables.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let mut found = vec![[f64::NAN; 2]; distinct.len() * functions.len()];
    let pool = execution.pool()?;
    let mut rest = &distinct[..];
    let mut unfilled = &mut found[..];
    while !rest.is_empty() {
        let mut gammas = Gammas::new(posterior.seed, posterior.draws);
        let (here, after) = rest.split_at(gammas.plan(rest, ROWS_KEPT));
        let (filled, later) = unfilled.split_at_mut(here.len() * functions.len());
        execution.for_each(pool.as_ref(), gammas.rows(), Row::draw)?;
        let work = here.iter().zip(filled.chunks_mut(functions.len().max(1))).collect();
        execution.for_each(pool.as_ref(), work, |(table, ends): (&Table, &mut [[f64; 2]])| {
            let mut space = Space::default();
            for (function, ends) in functions.iter().zip(ends) {
                *ends = space.interval(*function, gammas.of(table), posterior.level);
            }
        })?;
        (rest, unfilled) = (after, later);
    }
    let row = |table| {
        let place = distinct.partition_point(|other| other < table);
        &found[place * functions.len()..][..functions.len()]
    };
    Ok(tables.iter().flat_map(row).copied().collect())
}

/// The tables with the lesser of the two languages' own counts first: from either side the same.
fn ordered(tables: &[[i64; CELLS]]) -> Result<Vec<Table>, JeffreysError> {
    let checked = |(place, counts): (usize, &[i64; CELLS])| {
        let mut table = [0; CELLS];
        for (cell, &count) in counts.iter().enumerate() {
            table[cell] = u32::try_from(count).map_err(|_| JeffreysError::Count {
                table: place,
                cell,
                count,
            })?;
        }
        table[1..3].sort_unstable();
        Ok(table)
    };
    tables.iter().enumerate().map(checked).collect()
}

/// Space to work in, used again for each function.
#[derive(Default)]
struct Space {
    values: Vec<f64>,
    tail: Vec<f64>,
}

impl Space {
    fn interval(&mut self, function: Function, draws: Draws<'_>, level: f64) -> [f64; 2] {
        function.fill(draws, &mut self.values);
        let tail = (1.0 - level) / 2.0;
        quantiles(&self.values, [tail, 1.0 - tail], &mut self.tail)
    }
}
