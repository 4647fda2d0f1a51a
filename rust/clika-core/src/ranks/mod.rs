//! For every pair of languages, the overlaps of top-ranked options that `RankC` is made of.
//!
//! Ranks come as items by languages by options, row-major: 1-based, 1 = the model's first choice. An
//! item has `k` options, which may differ between items; what is beyond them is [`ABSENT`], and so
//! is a whole row of a language in which the item was not asked.
//!
//! `RankC` weighs, for each depth `t` of an item with `k` options, the share of its `t` top-ranked
//! options that two languages have in common. So everything that it needs of a pair is the number
//! of common options, summed over the items of each `k`, at each `t`: integers, whatever the
//! weights. All counts are sums over items, so those of two disjoint sets of items add up:
//! [`OverlapCounts::merge`].
//!
//! "Among the top `t`" is one bit for each option of each item, and the overlap of two languages
//! the population count of the AND of their bits.

mod checking;
mod planes;

use std::collections::BTreeMap;

use planes::{Counting, Planes, Tile};

use crate::{Execution, Interrupted, PoolError};

/// No option here, or an item that was not asked in this language.
pub const ABSENT: u8 = 0;
/// The most options an item can have.
pub const MAX_OPTIONS: usize = 64;

/// Languages that one task counts against all others.
const TILE_LANGUAGES: usize = 4;

/// Bits to cut and to count for which starting threads pays: about a millisecond of work.
const WORTH_THREADS: usize = 1 << 24;

/// Why a matrix of ranks was refused.
#[derive(Debug, thiserror::Error)]
pub enum RanksError {
    /// There is room for too many options, or for none.
    #[error("ranks has room for {0} options of an item, but that must be 1 to {MAX_OPTIONS}")]
    Width(usize),
    /// There are not as many ranks as the shape asks for.
    #[error("{ranks} ranks for {items} items in {languages} languages with {width} options")]
    Shape {
        /// Number of ranks.
        ranks: usize,
        /// Number of items.
        items: usize,
        /// Number of languages.
        languages: usize,
        /// Number of options that there is room for.
        width: usize,
    },
    /// There is not one number of options for each item.
    #[error("options has {options} items, ranks has {items}")]
    OptionsLength {
        /// Number of option counts.
        options: usize,
        /// Number of items of the ranks.
        items: usize,
    },
    /// An item has no options, or more than there is room for.
    #[error("options[{item}] is {options}, but must be 1 to {width}")]
    OptionCount {
        /// Index of the item.
        item: usize,
        /// Its number of options.
        options: u8,
        /// Number of options that there is room for.
        width: usize,
    },
    /// The ranks of an item are neither each of 1 to k once, nor all absent.
    #[error(
        "ranks[{item}, {language}] is {ranks:?}, but must hold each of 1 to {options} once and 0 after them, or 0 alone (not asked)"
    )]
    NoRanking {
        /// Index of the item.
        item: usize,
        /// Index of the language.
        language: usize,
        /// Its number of options.
        options: u8,
        /// The ranks found.
        ranks: Vec<u8>,
    },
    /// Counts of different numbers of languages cannot be added.
    #[error("counts of {0} languages cannot be added to counts of {1}")]
    Merge(usize, usize),
    /// The worker threads could not be started.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Checked ranks, items by languages by options, row-major.
#[derive(Clone, Copy, Debug)]
pub struct Ranks<'a> {
    cells: &'a [u8],
    /// Number of options of each item.
    options: &'a [u8],
    n_languages: usize,
    /// Options that there is room for.
    width: usize,
}

impl<'a> Ranks<'a> {
    /// Check every rank, on the calling thread.
    ///
    /// # Errors
    /// When the lengths do not fit, an item's number of options is not in `1..=width`, or the ranks
    /// of an item in a language are no ranking (the first such, by item).
    pub fn new(
        ranks: &'a [u8],
        options: &'a [u8],
        [n_items, n_languages, width]: [usize; 3],
        execution: Execution<'_>,
    ) -> Result<Self, RanksError> {
        if !(1..=MAX_OPTIONS).contains(&width) {
            return Err(RanksError::Width(width));
        }
        if ranks.len() != n_items * n_languages * width {
            let (ranks, items, languages) = (ranks.len(), n_items, n_languages);
            return Err(RanksError::Shape { ranks, items, languages, width });
        }
        if options.len() != n_items {
            return Err(RanksError::OptionsLength { options: options.len(), items: n_items });
        }
        let room = 1..=width;
        if let Some(item) = options.iter().position(|k| !room.contains(&usize::from(*k))) {
            return Err(RanksError::OptionCount { item, options: options[item], width });
        }
        let checked = Self { cells: ranks, options, n_languages, width };
        if let Some((item, language)) = checking::first_without_ranking(&checked, execution) {
            let ranks = checked.from(item, language)[..width].to_vec();
            return Err(RanksError::NoRanking { item, language, options: options[item], ranks });
        }
        Ok(checked)
    }

    /// The ranks of one item in one language, and all that come after them.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn from(&self, item: usize, language: usize) -> &'a [u8] {
        &self.cells[(item * self.n_languages + language) * self.width..]
    }

    /// The items with each number of options.
    fn groups(&self) -> BTreeMap<u8, Vec<usize>> {
        let mut groups = BTreeMap::<u8, Vec<usize>>::new();
        for (item, k) in self.options.iter().enumerate() {
            groups.entry(*k).or_default().push(item);
        }
        groups
    }

    /// Whether counting all pairs takes so long that starting a thread for it pays.
    #[must_use]
    pub fn worth_threads(&self) -> bool {
        let bits = self.cells.len() * self.width;
        bits + bits / 64 * self.n_languages > WORTH_THREADS
    }
}

/// The counts of the items that have one number of options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlaps {
    /// Matrix: items asked in both languages.
    pub n: Vec<i64>,
    /// Cube: for the depths 1 to k, which come last, the options among the top of both languages.
    pub overlap: Vec<i64>,
}

/// Counts for every pair of languages, by the items' number of options.
///
/// Matrices are `n_languages * n_languages`, row-major, and symmetric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlapCounts {
    /// Number of languages.
    pub n_languages: usize,
    /// Number of options that some item has, to the counts of those items.
    pub by_options: BTreeMap<u8, Overlaps>,
}

impl OverlapCounts {
    /// Add the counts over other items of the same languages.
    ///
    /// # Errors
    /// When the numbers of languages differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), RanksError> {
        if self.n_languages != other.n_languages {
            return Err(RanksError::Merge(other.n_languages, self.n_languages));
        }
        for (k, part) in &other.by_options {
            let width = self.n_languages;
            let sum = self.by_options.entry(*k).or_insert_with(|| Overlaps::zero(width, *k));
            add(&mut sum.n, &part.n);
            add(&mut sum.overlap, &part.overlap);
        }
        Ok(())
    }
}

impl Overlaps {
    /// The counts over no items.
    fn zero(n_languages: usize, k: u8) -> Self {
        let pairs = n_languages * n_languages;
        Self { n: vec![0; pairs], overlap: vec![0; pairs * usize::from(k)] }
    }

    fn tiles(&mut self, n_languages: usize, k: usize) -> Vec<Tile<'_>> {
        let row = (n_languages * TILE_LANGUAGES).max(1);
        self.n
            .chunks_mut(row)
            .zip(self.overlap.chunks_mut(row * k))
            .enumerate()
            .map(|(index, (n, overlap))| Tile { first: index * TILE_LANGUAGES, n, overlap })
            .collect()
    }
}

/// Count everything of [`OverlapCounts`] for all pairs of languages.
///
/// `O(items * languages * k^2 + languages^2 * items * k^2 / 64)`; the memory beside the result does
/// not grow with the number of items.
///
/// # Errors
/// When threads cannot be started, or the execution is cancelled.
pub fn overlap_counts(
    ranks: &Ranks<'_>,
    execution: Execution<'_>,
) -> Result<OverlapCounts, RanksError> {
    let n_languages = ranks.n_languages;
    let pool = if ranks.worth_threads() { execution.pool()? } else { None };
    let mut by_options = BTreeMap::new();
    for (k, items) in ranks.groups() {
        let mut counts = Overlaps::zero(n_languages, k);
        for block in planes::blocks(&items, k) {
            let planes = Planes::new(ranks, block, k, execution, pool.as_ref())?;
            execution.for_each(
                pool.as_ref(),
                counts.tiles(n_languages, usize::from(k)),
                |tile| {
                    execution.run(Counting { planes: &planes, tile });
                },
            )?;
        }
        mirror(&mut counts.n, n_languages, 1);
        mirror(&mut counts.overlap, n_languages, usize::from(k));
        by_options.insert(k, counts);
    }
    Ok(OverlapCounts { n_languages, by_options })
}

fn add(sum: &mut [i64], part: &[i64]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

/// Copy the upper triangle into the lower one; each cell has `depth` numbers.
fn mirror(cube: &mut [i64], n_languages: usize, depth: usize) {
    for source in 0..n_languages {
        for target in source + 1..n_languages {
            let upper = (source * n_languages + target) * depth;
            let lower = (target * n_languages + source) * depth;
            cube.copy_within(upper..upper + depth, lower);
        }
    }
}
