//! For every pair of languages, the counts that the consistency metrics are made of.
//!
//! Answers come as a matrix of option codes, items by languages, row-major: `0..n_options`, or
//! [`INVALID`] (asked, no option read), or [`NOT_ASKED`]. Every count of a pair is over the items
//! asked in both languages. All counts are sums over items, so the counts of two disjoint sets of
//! items add up to those of their union: [`PairCounts::merge`].
//!
//! The codes are cut into bit planes, 512 items to a 64-byte lane, so that one population count
//! answers a question about 64 items. A block of items is planed, counted and forgotten before the
//! next one, so memory beside the result does not grow with the number of items.

/// Call `$function` with the number of bit planes as a constant, so that its loops unroll.
macro_rules! with_bits {
    ($planes:expr, $function:ident($($argument:expr),*)) => {
        match $planes.n_bits {
            1 => $function::<1>($($argument),*),
            2 => $function::<2>($($argument),*),
            3 => $function::<3>($($argument),*),
            4 => $function::<4>($($argument),*),
            5 => $function::<5>($($argument),*),
            _ => $function::<6>($($argument),*),
        }
    };
}

mod counting;
mod planes;

use rayon::ThreadPool;

use counting::{AgreementTile, Counting, PairTile};
use planes::Planes;

use crate::{Execution, Interrupted, PoolError};

/// Asked, but no option could be read: never right, agrees with nothing.
pub const INVALID: i8 = -1;
/// Not asked: the item counts for no pair with this language.
pub const NOT_ASKED: i8 = -2;
/// The fewest options a question can have.
pub const MIN_OPTIONS: usize = 2;
/// The most options a question can have.
pub const MAX_OPTIONS: usize = 64;

/// Languages that one task counts against all others.
const TILE_LANGUAGES: usize = 8;

/// Codes to cut and words to count for which starting threads pays: about a millisecond of work.
const WORTH_THREADS: usize = 1 << 20;

/// Why a matrix of codes was refused.
#[derive(Debug, thiserror::Error)]
pub enum PairsError {
    /// `n_options` is out of range.
    #[error("n_options is {0}, but must be {MIN_OPTIONS} to {MAX_OPTIONS}")]
    OptionCount(i64),
    /// There are not as many codes as rows and columns ask for.
    #[error("{codes} codes for {items} items in {languages} languages")]
    Shape {
        /// Number of codes.
        codes: usize,
        /// Number of rows.
        items: usize,
        /// Number of columns.
        languages: usize,
    },
    /// A code is no option, nor [`INVALID`], nor [`NOT_ASKED`].
    #[error(
        "codes[{item}, {language}] is {code}, but must be -2 (not asked), -1 (invalid) or an option 0 to {last}"
    )]
    Code {
        /// Row of the matrix.
        item: usize,
        /// Column of the matrix.
        language: usize,
        /// The code found.
        code: i8,
        /// The last option.
        last: usize,
    },
    /// A gold code is no option.
    #[error("gold[{item}] is {code}, but must be an option 0 to {last}")]
    Gold {
        /// Index of the item.
        item: usize,
        /// The code found.
        code: i8,
        /// The last option.
        last: usize,
    },
    /// There is not one gold code for each item.
    #[error("gold has {golds} items, codes has {items}")]
    GoldLength {
        /// Number of gold codes.
        golds: usize,
        /// Number of rows of the matrix.
        items: usize,
    },
    /// Two counts of different shapes cannot be added.
    #[error("counts of {0} languages and {1} options cannot be added to counts of {2} and {3}")]
    Merge(usize, usize, usize, usize),
    /// The worker threads could not be started.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// A checked matrix of option codes, items by languages, row-major.
#[derive(Clone, Copy, Debug)]
pub struct Codes<'a> {
    /// Row by row.
    cells: &'a [i8],
    n_items: usize,
    n_languages: usize,
    n_options: usize,
    /// Some code is negative, so validity must be looked at.
    any_invalid: bool,
    /// Some code is [`NOT_ASKED`], so presence must be looked at.
    any_not_asked: bool,
}

impl<'a> Codes<'a> {
    /// Check every code.
    ///
    /// # Errors
    /// When `n_options` is out of range, there are not `n_items * n_languages` codes, or a code is
    /// out of range (the first such, by row).
    pub fn new(
        codes: &'a [i8],
        n_items: usize,
        n_languages: usize,
        n_options: i64,
    ) -> Result<Self, PairsError> {
        let n_options = usize::try_from(n_options)
            .ok()
            .filter(|count| (MIN_OPTIONS..=MAX_OPTIONS).contains(count))
            .ok_or(PairsError::OptionCount(n_options))?;
        if codes.len() != n_items * n_languages {
            let (items, languages) = (n_items, n_languages);
            return Err(PairsError::Shape { codes: codes.len(), items, languages });
        }
        let last = n_options as i8 - 1;
        let lowest = codes.iter().copied().fold(0, i8::min);
        let highest = codes.iter().copied().fold(0, i8::max);
        if lowest < NOT_ASKED || highest > last {
            let at = codes.iter().position(|code| !(NOT_ASKED..=last).contains(code)).unwrap_or(0);
            let (item, language) = (at / n_languages, at % n_languages);
            return Err(PairsError::Code { item, language, code: codes[at], last: n_options - 1 });
        }
        let (any_invalid, any_not_asked) = (lowest < 0, lowest == NOT_ASKED);
        Ok(Self { cells: codes, n_items, n_languages, n_options, any_invalid, any_not_asked })
    }

    /// Whether counting all pairs takes so long that starting a thread for it pays.
    #[must_use]
    pub fn worth_threads(&self) -> bool {
        let codes = self.cells.len();
        let words = codes / 64 * self.n_languages;
        codes + words > WORTH_THREADS
    }

    fn pool(&self, execution: Execution<'_>) -> Result<Option<ThreadPool>, PoolError> {
        if self.worth_threads() { execution.pool() } else { Ok(None) }
    }
}

/// Counts for every ordered pair of languages: source = row, target = column.
///
/// Matrices are `n_languages * n_languages`, row-major; cubes have one count for each option last.
/// What is not here follows from what is: `right_target(l, h) = right(h, l)`, and so for letters;
/// see also [`PairCounts::agree_wrong`] and [`PairCounts::wrong_both`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairCounts {
    /// Number of languages.
    pub n_languages: usize,
    /// Number of options.
    pub n_options: usize,
    /// Items asked in both.
    pub n: Vec<i64>,
    /// Items right in both.
    pub both_right: Vec<i64>,
    /// Items asked in both and right in the source.
    pub right: Vec<i64>,
    /// Items with the same valid option in both.
    pub agree: Vec<i64>,
    /// Items valid in both.
    pub valid_both: Vec<i64>,
    /// Cube: items asked in both, by gold option.
    pub gold_n: Vec<i64>,
    /// Cube: items asked in both and right in the source, by gold option.
    pub gold_right: Vec<i64>,
    /// Cube: items asked in both, by the source's option.
    pub letters: Vec<i64>,
    /// Cube: items valid in both, by the source's option.
    pub letters_valid: Vec<i64>,
}

impl PairCounts {
    /// The counts over no items.
    #[must_use]
    pub fn zero(n_languages: usize, n_options: usize) -> Self {
        let matrix = || vec![0; n_languages * n_languages];
        let cube = || vec![0; n_languages * n_languages * n_options];
        Self {
            n_languages,
            n_options,
            n: matrix(),
            both_right: matrix(),
            right: matrix(),
            agree: matrix(),
            valid_both: matrix(),
            gold_n: cube(),
            gold_right: cube(),
            letters: cube(),
            letters_valid: cube(),
        }
    }

    /// Matrix: items with the same valid option in both, wrong in both.
    #[must_use]
    pub fn agree_wrong(&self) -> Vec<i64> {
        // Who agrees is right in both or wrong in both.
        self.agree.iter().zip(&self.both_right).map(|(agree, right)| agree - right).collect()
    }

    /// Matrix: items asked in both and right in neither.
    #[must_use]
    pub fn wrong_both(&self) -> Vec<i64> {
        let width = self.n_languages;
        let cell = |at: usize| {
            let mirrored = at % width * width + at / width;
            self.n[at] - self.right[at] - self.right[mirrored] + self.both_right[at]
        };
        (0..self.n.len()).map(cell).collect()
    }

    /// Add the counts over other items of the same languages.
    ///
    /// # Errors
    /// When the numbers of languages or options differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), PairsError> {
        let (mine, theirs) =
            ((self.n_languages, self.n_options), (other.n_languages, other.n_options));
        if mine != theirs {
            return Err(PairsError::Merge(theirs.0, theirs.1, mine.0, mine.1));
        }
        for (sum, part) in [
            (&mut self.n, &other.n),
            (&mut self.both_right, &other.both_right),
            (&mut self.right, &other.right),
            (&mut self.agree, &other.agree),
            (&mut self.valid_both, &other.valid_both),
            (&mut self.gold_n, &other.gold_n),
            (&mut self.gold_right, &other.gold_right),
            (&mut self.letters, &other.letters),
            (&mut self.letters_valid, &other.letters_valid),
        ] {
            add(sum, part);
        }
        Ok(())
    }

    fn tiles(&mut self) -> Vec<PairTile<'_>> {
        let row = (self.n_languages * TILE_LANGUAGES).max(1);
        let slab = row * self.n_options.max(1);
        let mut cubes = self
            .gold_n
            .chunks_mut(slab)
            .zip(self.gold_right.chunks_mut(slab))
            .zip(self.letters.chunks_mut(slab).zip(self.letters_valid.chunks_mut(slab)));
        let mut matrices = self
            .n
            .chunks_mut(row)
            .zip(self.both_right.chunks_mut(row))
            .zip(self.right.chunks_mut(row))
            .zip(self.agree.chunks_mut(row).zip(self.valid_both.chunks_mut(row)));
        let mut tiles = Vec::new();
        while let (
            Some((((n, both_right), right), (agree, valid_both))),
            Some(((gold_n, gold_right), (letters, letters_valid))),
        ) = (matrices.next(), cubes.next())
        {
            tiles.push(PairTile {
                first: tiles.len() * TILE_LANGUAGES,
                n,
                both_right,
                right,
                agree,
                valid_both,
                gold_n,
                gold_right,
                letters,
                letters_valid,
            });
        }
        tiles
    }
}

/// Agreement counts for every pair of respondents, for matrices with no gold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementCounts {
    /// Number of respondents.
    pub n_languages: usize,
    /// Matrix: items with the same valid option in both.
    pub agree: Vec<i64>,
    /// Matrix: items valid in both.
    pub valid_both: Vec<i64>,
}

impl AgreementCounts {
    /// The counts over no items.
    #[must_use]
    pub fn zero(n_languages: usize) -> Self {
        let matrix = || vec![0; n_languages * n_languages];
        Self { n_languages, agree: matrix(), valid_both: matrix() }
    }

    /// Add the counts over other items of the same respondents.
    ///
    /// # Errors
    /// When the numbers of respondents differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), PairsError> {
        if self.n_languages != other.n_languages {
            return Err(PairsError::Merge(other.n_languages, 0, self.n_languages, 0));
        }
        add(&mut self.agree, &other.agree);
        add(&mut self.valid_both, &other.valid_both);
        Ok(())
    }

    fn tiles(&mut self) -> Vec<AgreementTile<'_>> {
        let row = (self.n_languages * TILE_LANGUAGES).max(1);
        self.agree
            .chunks_mut(row)
            .zip(self.valid_both.chunks_mut(row))
            .enumerate()
            .map(|(index, (agree, valid_both))| AgreementTile {
                first: index * TILE_LANGUAGES,
                agree,
                valid_both,
            })
            .collect()
    }
}

/// Count everything of [`PairCounts`] for all pairs of languages.
///
/// `O(items * languages + languages^2 * items / 64)`; where nothing is missing and every answer is
/// valid, only the agreement and co-correctness of a pair are counted, its margins are the
/// languages' own.
///
/// # Errors
/// When there is not one gold option in range for each item, or threads cannot be started, or the
/// execution is cancelled.
pub fn pair_counts(
    codes: &Codes<'_>,
    gold: &[i8],
    execution: Execution<'_>,
) -> Result<PairCounts, PairsError> {
    if gold.len() != codes.n_items {
        return Err(PairsError::GoldLength { golds: gold.len(), items: codes.n_items });
    }
    let options = 0..codes.n_options as i8;
    if let Some(item) = gold.iter().position(|code| !options.contains(code)) {
        return Err(PairsError::Gold { item, code: gold[item], last: codes.n_options - 1 });
    }
    let mut counts = PairCounts::zero(codes.n_languages, codes.n_options);
    let pool = codes.pool(execution)?;
    for block in planes::blocks(codes.n_items) {
        let planes = Planes::new(codes, Some(gold), block, execution, pool.as_ref())?;
        execution.for_each(pool.as_ref(), counts.tiles(), |tile| {
            execution.run(Counting { planes: &planes, tile });
        })?;
    }
    for matrix in [&mut counts.both_right, &mut counts.agree, &mut counts.valid_both] {
        mirror(matrix, codes.n_languages);
    }
    Ok(counts)
}

/// Count the agreement of all pairs of respondents, without a gold.
///
/// # Errors
/// When threads cannot be started, or the
/// execution is cancelled.
pub fn agreement_counts(
    codes: &Codes<'_>,
    execution: Execution<'_>,
) -> Result<AgreementCounts, PairsError> {
    let mut counts = AgreementCounts::zero(codes.n_languages);
    let pool = codes.pool(execution)?;
    for block in planes::blocks(codes.n_items) {
        let planes = Planes::new(codes, None, block, execution, pool.as_ref())?;
        execution.for_each(pool.as_ref(), counts.tiles(), |tile| {
            execution.run(Counting { planes: &planes, tile });
        })?;
    }
    for matrix in [&mut counts.agree, &mut counts.valid_both] {
        mirror(matrix, codes.n_languages);
    }
    Ok(counts)
}

fn add(sum: &mut [i64], part: &[i64]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

/// Copy the upper triangle into the lower one.
fn mirror(matrix: &mut [i64], n_languages: usize) {
    for source in 0..n_languages {
        for target in source + 1..n_languages {
            matrix[target * n_languages + source] = matrix[source * n_languages + target];
        }
    }
}
