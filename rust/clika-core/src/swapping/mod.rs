//! The studentised difference of two models' ratios, under random swaps of the models.
//!
//! A metric of one cell (a language, or a pair of languages) is a ratio of sums over items: accuracy
//! is right items by asked ones. Where two models are alike, any cluster of items may have its two
//! vectors of answers swapped, and all cells follow together. The statistic is computed anew for each
//! swap, its standard error too.
//!
//! Nothing is added up twice: the sums that the statistic is made of are integers, and a swap of a
//! cluster changes each by an integer that is known beforehand. Four clusters at a time, the changes
//! of all sixteen ways to swap them are tabulated, so a replicate takes one addition for four clusters.

mod statistic;
mod totals;

use std::ops::Range;

use statistic::statistic;
use totals::{Kind, TILE, Tile, Totals};

use crate::execution::Kernel;
use crate::random::Sequence;
use crate::{Execution, Interrupted, PoolError};

/// Replicates of one task.
const BLOCK: usize = 128;

/// Integers up to this are exact as `f64`.
const EXACT: u64 = 1 << 53;

/// Why counts were refused.
#[derive(Debug, thiserror::Error)]
pub enum SwappingError {
    /// The four matrices are not all as large as clusters and cells ask for.
    #[error("{found} counts for {clusters} clusters of {cells} cells")]
    Shape {
        /// Number of counts found.
        found: usize,
        /// Number of rows.
        clusters: usize,
        /// Number of columns.
        cells: usize,
    },
    /// A count is negative, or so large that sums of products would not be exact.
    #[error(
        "counts must be 0 to {most}, so that sums over {clusters} clusters are exact; found {count}"
    )]
    Count {
        /// The count found.
        count: i64,
        /// The largest that would do.
        most: i64,
        /// Number of clusters.
        clusters: usize,
    },
    /// The worker threads could not be started.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Numerators and denominators of two models, summed over the items of each cluster.
///
/// Each matrix is clusters by cells, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Ratios<'a> {
    numerators: [&'a [i64]; 2],
    denominators: [&'a [i64]; 2],
    n_clusters: usize,
    n_cells: usize,
    /// No sum of products is larger.
    bound: u64,
}

impl<'a> Ratios<'a> {
    /// Check every count.
    ///
    /// # Errors
    /// When a matrix has not `n_clusters * n_cells` counts, or a count is negative or too large.
    pub fn new(
        numerators: [&'a [i64]; 2],
        denominators: [&'a [i64]; 2],
        n_clusters: usize,
        n_cells: usize,
    ) -> Result<Self, SwappingError> {
        let most = (EXACT / n_clusters.max(1) as u64).isqrt() as i64;
        let mut largest = 0;
        for matrix in numerators.into_iter().chain(denominators) {
            if matrix.len() != n_clusters * n_cells {
                let found = matrix.len();
                return Err(SwappingError::Shape { found, clusters: n_clusters, cells: n_cells });
            }
            if let Some(&count) = matrix.iter().find(|count| !(0..=most).contains(*count)) {
                return Err(SwappingError::Count { count, most, clusters: n_clusters });
            }
            largest = matrix.iter().copied().fold(largest, i64::max);
        }
        let bound = (largest * largest) as u64 * n_clusters as u64;
        Ok(Self { numerators, denominators, n_clusters, n_cells, bound })
    }

    /// Four counts of each of the cells of a row: numerators of both models, then denominators.
    fn row(&self, cluster: usize, cells: &Range<usize>) -> [&'a [i64]; 4] {
        let start = cluster * self.n_cells;
        let [a, b, c, d] =
            [self.numerators[0], self.numerators[1], self.denominators[0], self.denominators[1]];
        [a, b, c, d].map(|matrix| &matrix[start + cells.start..start + cells.end])
    }
}

/// The statistic as observed, and under every swap.
#[derive(Clone, Debug, PartialEq)]
pub struct Swapped {
    /// One value for each cell.
    pub observed: Vec<f64>,
    /// Replicates by cells, row by row.
    pub replicates: Vec<f64>,
}

/// `(theta_1 - theta_2) / se` of each cell, as observed and in each of `replicates` random swaps.
///
/// In replicate `r`, cluster `j` is swapped where bit `j % 64` of word `j / 64` of
/// `Sequence::new(seed, purpose, r)` is set. `theta` = sum of numerators / sum of denominators; `se^2`
/// = the sum over clusters of the squared influence on the difference. A value is NaN where a sum of
/// denominators is 0; where `se` is 0 it is 0 for equal and infinite for unequal ratios.
///
/// `O(replicates * clusters * cells)`; memory beside the result does not depend on the replicates.
///
/// # Errors
/// When threads cannot be started, or the execution is cancelled.
pub fn swap_statistics(
    ratios: &Ratios<'_>,
    replicates: usize,
    (seed, purpose): (u64, u64),
    execution: Execution<'_>,
) -> Result<Swapped, SwappingError> {
    let mut result = vec![0.0; replicates * ratios.n_cells];
    let totals: Vec<Totals> = tiles(ratios).map(|cells| Totals::new(ratios, cells)).collect();
    let observed = totals
        .iter()
        .flat_map(|totals| {
            (0..totals.cells.len()).map(|cell| statistic(&totals.swapped(cell, [0.0; Kind::COUNT])))
        })
        .collect();
    let pool = execution.pool()?;
    let blocks = result.chunks_mut((BLOCK * ratios.n_cells).max(1)).enumerate().collect();
    execution.for_each(pool.as_ref(), blocks, |(block, rows): (usize, &mut [f64])| {
        let coins = Coins::new(seed, purpose, block * BLOCK, ratios);
        for totals in &totals {
            // With a million clusters a block takes seconds, a tile of it a fraction of one.
            if execution.check().is_ok() {
                execution.run(Swapping { ratios, totals, coins: &coins, rows: &mut *rows });
            }
        }
    })?;
    execution.check()?;
    Ok(Swapped { observed, replicates: result })
}

fn tiles(ratios: &Ratios<'_>) -> impl Iterator<Item = Range<usize>> {
    let n_cells = ratios.n_cells;
    (0..n_cells).step_by(TILE).map(move |start| start..n_cells.min(start + TILE))
}

/// Which clusters are swapped in each replicate of a block.
struct Coins {
    words: Vec<u64>,
    words_each: usize,
}

impl Coins {
    fn new(seed: u64, purpose: u64, first: usize, ratios: &Ratios<'_>) -> Self {
        let words_each = ratios.n_clusters.div_ceil(64);
        let words = (first..first + BLOCK)
            .flat_map(|replicate| {
                Sequence::new(seed, purpose, replicate as u64).words().take(words_each)
            })
            .collect();
        Self { words, words_each }
    }

    /// The coins of clusters `4 * group ..  4 * group + 4`.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn four(&self, replicate: usize, group: usize) -> usize {
        (self.words[replicate * self.words_each + group / 16] >> (group % 16 * 4) & 15) as usize
    }
}

/// Fill a tile's columns in the rows of one block of replicates.
struct Swapping<'a> {
    ratios: &'a Ratios<'a>,
    totals: &'a Totals,
    coins: &'a Coins,
    rows: &'a mut [f64],
}

impl Kernel for Swapping<'_> {
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn run(self) {
        let Self { ratios, totals, coins, rows } = self;
        // Half as wide where it is wide enough: twice as many sums in a register.
        if i32::try_from(ratios.bound).is_ok() {
            Tile::<i32>::fill(ratios, totals, coins, rows);
        } else {
            Tile::<i64>::fill(ratios, totals, coins, rows);
        }
    }
}
