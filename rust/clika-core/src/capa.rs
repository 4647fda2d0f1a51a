//! For every pair of languages, the sums that CAPA is made of.
//!
//! CAPA (Goel et al. 2025, `kappa_p`) is Cohen's kappa on option probabilities instead of options.
//! Of a pair it needs four sums over the items asked in both: their number, the probability that
//! two draws agree, each side's probability of the gold option, and `1 / (k - 1)`, the chance of
//! agreeing on a wrong option.
//!
//! The terms are added as integers in units of `2^-51`. So a sum does not depend on the order of
//! items, and the sums of two disjoint sets of items add up to those of their union to the bit:
//! [`CapaSums::merge`].

// See `Kernel`.
#![allow(clippy::inline_always)]

use crate::execution::Kernel;
use crate::{Execution, Interrupted, PoolError};

/// How far from 1 the probabilities of an item may sum up.
pub const TOLERANCE: f64 = 1e-6;
/// The fewest options with which an item counts: with one alone there is nothing to disagree on.
pub const MIN_OPTIONS: u8 = 2;
/// The most options an item can have.
pub const MAX_OPTIONS: usize = 64;

/// Items looked at together.
const BLOCK_ITEMS: usize = 128;
/// Languages that one task adds up against all others.
const TILE_LANGUAGES: usize = 4;
/// Products for which starting threads pays: about a millisecond of work.
const WORTH_THREADS: usize = 1 << 21;

/// Why probabilities were refused.
#[derive(Debug, thiserror::Error)]
pub enum CapaError {
    /// There is room for too many options, or for none.
    #[error(
        "probabilities has room for {0} options of an item, but that must be 1 to {MAX_OPTIONS}"
    )]
    Width(usize),
    /// The lengths do not fit.
    #[error(
        "{cells} probabilities, {options} options and {golds} golds for {items} items in {languages} languages with {width} options"
    )]
    Shape {
        /// Number of probabilities.
        cells: usize,
        /// Number of option counts.
        options: usize,
        /// Number of gold options.
        golds: usize,
        /// Number of items.
        items: usize,
        /// Number of languages.
        languages: usize,
        /// Number of options that there is room for.
        width: usize,
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
    /// A gold is no option of its item.
    #[error("gold[{item}] is {gold}, but must be an option 0 to {last}")]
    Gold {
        /// Index of the item.
        item: usize,
        /// The gold found.
        gold: i8,
        /// The last option.
        last: u8,
    },
    /// These are no probabilities.
    #[error(
        "probabilities[{item}, {language}] must be {options} shares that sum up to 1 within {TOLERANCE}, or NaN alone (not asked), but is {found:?}"
    )]
    NoProbabilities {
        /// Index of the item.
        item: usize,
        /// Index of the language.
        language: usize,
        /// Its number of options.
        options: u8,
        /// What was found.
        found: Vec<f64>,
    },
    /// Sums of different numbers of languages cannot be added.
    #[error("sums of {0} languages cannot be added to sums of {1}")]
    Merge(usize, usize),
    /// The worker threads could not be started.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Checked probabilities, items by languages by options, row-major.
#[derive(Clone, Copy, Debug)]
pub struct Probabilities<'a> {
    cells: &'a [f64],
    /// Number of options of each item.
    options: &'a [u8],
    gold: &'a [i8],
    n_languages: usize,
    /// Options that there is room for.
    width: usize,
}

impl<'a> Probabilities<'a> {
    /// Check every probability. What is beyond an item's own options is not looked at.
    ///
    /// # Errors
    /// When the lengths do not fit, an item's number of options or its gold is out of range, or
    /// there are no probabilities where there should be (the first such, by item).
    pub fn new(
        cells: &'a [f64],
        options: &'a [u8],
        gold: &'a [i8],
        n_items: usize,
        n_languages: usize,
        width: usize,
    ) -> Result<Self, CapaError> {
        if !(1..=MAX_OPTIONS).contains(&width) {
            return Err(CapaError::Width(width));
        }
        let lengths = [cells.len(), options.len(), gold.len()];
        if lengths != [n_items * n_languages * width, n_items, n_items] {
            let [cells, options, golds] = lengths;
            let (items, languages) = (n_items, n_languages);
            return Err(CapaError::Shape { cells, options, golds, items, languages, width });
        }
        let checked = Self { cells, options, gold, n_languages, width };
        for (item, (k, gold)) in options.iter().zip(gold).enumerate() {
            if *k == 0 || usize::from(*k) > width {
                return Err(CapaError::OptionCount { item, options: *k, width });
            }
            if !(0..*k as i8).contains(gold) {
                return Err(CapaError::Gold { item, gold: *gold, last: k - 1 });
            }
            for language in 0..n_languages {
                let found = &checked.row(item, language)[..usize::from(*k)];
                let asked = !found.iter().all(|p| p.is_nan());
                let shares = found.iter().all(|p| *p >= 0.0);
                if asked && !(shares && (found.iter().sum::<f64>() - 1.0).abs() <= TOLERANCE) {
                    let (options, found) = (*k, found.to_vec());
                    return Err(CapaError::NoProbabilities { item, language, options, found });
                }
            }
        }
        Ok(checked)
    }

    /// Whether adding up all pairs takes so long that starting a thread for it pays.
    #[must_use]
    pub fn worth_threads(&self) -> bool {
        self.cells.len() * self.n_languages > WORTH_THREADS
    }

    #[inline(always)]
    fn row(&self, item: usize, language: usize) -> &'a [f64] {
        let start = (item * self.n_languages + language) * self.width;
        &self.cells[start..start + self.width]
    }
}

/// Sums for every ordered pair of languages, over the items asked in both: source = row.
///
/// Matrices are `n_languages * n_languages`, row-major; those of `i128` in units of `2^-51`: see
/// [`CapaSums::number`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapaSums {
    /// Number of languages.
    pub n_languages: usize,
    /// Items asked in both that have at least [`MIN_OPTIONS`] options.
    pub n: Vec<i64>,
    /// The probability that a draw from the source and a draw from the target agree.
    pub agreement: Vec<i128>,
    /// The source's probability of the gold option.
    pub gold: Vec<i128>,
    /// `1 / (k - 1)`.
    pub spread: Vec<i128>,
}

impl CapaSums {
    /// The sums over no items.
    #[must_use]
    pub fn zero(n_languages: usize) -> Self {
        let pairs = n_languages * n_languages;
        let matrix = || vec![0; pairs];
        let (agreement, gold, spread) = (matrix(), matrix(), matrix());
        Self { n_languages, n: vec![0; pairs], agreement, gold, spread }
    }

    /// A sum as a number: the nearest to it.
    #[must_use]
    pub fn number(sum: i128) -> f64 {
        sum as f64 / UNITS
    }

    /// Add the sums over other items of the same languages.
    ///
    /// # Errors
    /// When the numbers of languages differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), CapaError> {
        if self.n_languages != other.n_languages {
            return Err(CapaError::Merge(other.n_languages, self.n_languages));
        }
        self.n.iter_mut().zip(&other.n).for_each(|(sum, part)| *sum += part);
        for (sum, part) in [
            (&mut self.agreement, &other.agreement),
            (&mut self.gold, &other.gold),
            (&mut self.spread, &other.spread),
        ] {
            sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        Ok(())
    }

    fn tiles(&mut self) -> Vec<Tile<'_>> {
        let row = (self.n_languages * TILE_LANGUAGES).max(1);
        self.n
            .chunks_mut(row)
            .zip(self.agreement.chunks_mut(row))
            .zip(self.gold.chunks_mut(row).zip(self.spread.chunks_mut(row)))
            .enumerate()
            .map(|(index, ((n, agreement), (gold, spread)))| Tile {
                first: index * TILE_LANGUAGES,
                n,
                agreement,
                gold,
                spread,
            })
            .collect()
    }
}

/// Add up everything of [`CapaSums`] for all pairs of languages.
///
/// `O(languages^2 * items * width)`; items with fewer than [`MIN_OPTIONS`] options are left out.
///
/// # Errors
/// When threads cannot be started, or the execution is cancelled.
pub fn capa_sums(
    probabilities: &Probabilities<'_>,
    execution: Execution<'_>,
) -> Result<CapaSums, CapaError> {
    let n_languages = probabilities.n_languages;
    let mut sums = CapaSums::zero(n_languages);
    let pool = if probabilities.worth_threads() { execution.pool()? } else { None };
    let wanted = |item: &usize| probabilities.options[*item] >= MIN_OPTIONS;
    let items: Vec<usize> = (0..probabilities.options.len()).filter(wanted).collect();
    for block in items.chunks(BLOCK_ITEMS) {
        let block = Block::new(probabilities, block);
        execution.for_each(pool.as_ref(), sums.tiles(), |tile| {
            execution.run(Adding { block: &block, tile });
        })?;
    }
    for source in 0..n_languages {
        for target in source + 1..n_languages {
            let (upper, lower) = (source * n_languages + target, target * n_languages + source);
            sums.agreement[lower] = sums.agreement[upper];
        }
    }
    Ok(sums)
}

const UNITS: f64 = (1_u64 << 51) as f64;

/// The nearest multiple of `2^-51` to a number in `0..2`, in these units.
///
/// Numbers from 2 to 4 are multiples of `2^-51`, so adding 2 rounds, and leaves the units in the
/// lower bits.
#[inline(always)]
fn units(number: f64) -> i64 {
    (number + 2.0).to_bits() as i64 - 2.0_f64.to_bits() as i64
}

/// Some items, language by language.
struct Block {
    languages: Vec<LanguageBlock>,
}

/// Some items of one language; all else of the block is zero.
#[derive(Clone)]
struct LanguageBlock {
    /// Option by option: the probability in each item, 0 where not asked.
    options: Vec<[f64; BLOCK_ITEMS]>,
    /// All bits of each item asked.
    asked: [i64; BLOCK_ITEMS],
    /// In units: the probability of the gold option of each item asked.
    gold: [i64; BLOCK_ITEMS],
    /// In units: `1 / (k - 1)` of each item asked.
    spread: [i64; BLOCK_ITEMS],
}

impl Block {
    fn new(probabilities: &Probabilities<'_>, items: &[usize]) -> Self {
        let empty = [0; BLOCK_ITEMS];
        let language = LanguageBlock {
            options: vec![[0.0; BLOCK_ITEMS]; probabilities.width],
            asked: empty,
            gold: empty,
            spread: empty,
        };
        let mut languages = vec![language; probabilities.n_languages];
        for (index, item) in items.iter().enumerate() {
            let k = probabilities.options[*item];
            let gold = probabilities.gold[*item] as usize;
            for (number, language) in languages.iter_mut().enumerate() {
                let row = &probabilities.row(*item, number)[..usize::from(k)];
                if row[0].is_nan() {
                    continue;
                }
                for (option, p) in language.options.iter_mut().zip(row) {
                    option[index] = *p;
                }
                language.asked[index] = -1;
                language.gold[index] = units(row[gold]);
                language.spread[index] = units(1.0 / f64::from(k - 1));
            }
        }
        Self { languages }
    }
}

/// The rows of [`CapaSums`] for a few source languages, beginning with `first`.
struct Tile<'a> {
    first: usize,
    n: &'a mut [i64],
    agreement: &'a mut [i128],
    gold: &'a mut [i128],
    spread: &'a mut [i128],
}

/// A block of items and the rows to add it to; the agreement from the diagonal up only.
struct Adding<'a> {
    block: &'a Block,
    tile: Tile<'a>,
}

impl Kernel for Adding<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { block, tile } = self;
        let width = block.languages.len();
        for at in 0..tile.n.len() {
            let (source, target) = (tile.first + at / width, at % width);
            let (a, b) = (&block.languages[source], &block.languages[target]);
            tile.n[at] -= within(&a.asked, &b.asked);
            tile.gold[at] += i128::from(within(&a.gold, &b.asked));
            tile.spread[at] += i128::from(within(&a.spread, &b.asked));
            if target >= source {
                tile.agreement[at] += i128::from(agreement(a, b));
            }
        }
    }
}

/// The sum of what the source has at the items asked in the target.
#[inline(always)]
fn within(source: &[i64; BLOCK_ITEMS], asked: &[i64; BLOCK_ITEMS]) -> i64 {
    source.iter().zip(asked).map(|(number, asked)| number & asked).sum()
}

#[inline(always)]
fn agreement(a: &LanguageBlock, b: &LanguageBlock) -> i64 {
    let mut products = [0.0; BLOCK_ITEMS];
    for (a, b) in a.options.iter().zip(&b.options) {
        for (product, (a, b)) in products.iter_mut().zip(a.iter().zip(b)) {
            *product += a * b;
        }
    }
    products.iter().map(|product| units(*product)).sum()
}
