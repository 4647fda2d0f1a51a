//! A checked matrix of option codes, however it lies in memory.

use rayon::ThreadPool;

use crate::{Execution, Interrupted, PoolError};

/// Asked, but no option could be read: never right, agrees with nothing.
pub const INVALID: i8 = -1;
/// Not asked: the item counts for no pair with this language.
pub const NOT_ASKED: i8 = -2;
/// The fewest options a question can have.
pub const MIN_OPTIONS: usize = 2;
/// The most options a question can have.
pub const MAX_OPTIONS: usize = 64;

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

/// How the codes of a matrix lie in memory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cells<'a> {
    /// Item by item.
    Rows(&'a [i8]),
    /// Language by language.
    Columns(&'a [&'a [i8]]),
}

/// A checked matrix of option codes, items by languages.
#[derive(Clone, Copy, Debug)]
pub struct Codes<'a> {
    pub(super) cells: Cells<'a>,
    pub(super) n_items: usize,
    pub(super) n_languages: usize,
    pub(super) n_options: usize,
    /// Some code is negative, so validity must be looked at.
    pub(super) any_invalid: bool,
    /// Some code is [`NOT_ASKED`], so presence must be looked at.
    pub(super) any_not_asked: bool,
}

impl<'a> Codes<'a> {
    /// Check every code of a row-major matrix.
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
        let n_options = checked_options(n_options)?;
        if codes.len() != n_items * n_languages {
            let (items, languages) = (n_items, n_languages);
            return Err(PairsError::Shape { codes: codes.len(), items, languages });
        }
        let lowest = lowest_code(codes, n_options).map_err(|at| {
            let (item, language) = (at / n_languages, at % n_languages);
            PairsError::Code { item, language, code: codes[at], last: n_options - 1 }
        })?;
        Ok(Self {
            cells: Cells::Rows(codes),
            n_items,
            n_languages,
            n_options,
            any_invalid: lowest < 0,
            any_not_asked: lowest == NOT_ASKED,
        })
    }

    /// Check every code of a matrix that is given column by column, one for each language.
    ///
    /// # Errors
    /// When `n_options` is out of range, a column has not `n_items` codes, or a code is out of range
    /// (the first such, by column).
    pub fn from_columns(
        columns: &'a [&'a [i8]],
        n_items: usize,
        n_options: i64,
    ) -> Result<Self, PairsError> {
        let n_options = checked_options(n_options)?;
        let mut lowest = 0;
        for (language, column) in columns.iter().enumerate() {
            if column.len() != n_items {
                let languages = columns.len();
                let codes = column.len() * languages;
                return Err(PairsError::Shape { codes, items: n_items, languages });
            }
            let found = lowest_code(column, n_options).map_err(|item| PairsError::Code {
                item,
                language,
                code: column[item],
                last: n_options - 1,
            })?;
            lowest = lowest.min(found);
        }
        Ok(Self {
            cells: Cells::Columns(columns),
            n_items,
            n_languages: columns.len(),
            n_options,
            any_invalid: lowest < 0,
            any_not_asked: lowest == NOT_ASKED,
        })
    }

    /// Whether counting all pairs takes so long that starting a thread for it pays.
    #[must_use]
    pub fn worth_threads(&self) -> bool {
        let codes = self.n_items * self.n_languages;
        let words = codes / 64 * self.n_languages;
        codes + words > WORTH_THREADS
    }

    /// Check that there is one gold option in range for each item.
    pub(super) fn check_gold(&self, gold: &[i8]) -> Result<(), PairsError> {
        if gold.len() != self.n_items {
            return Err(PairsError::GoldLength { golds: gold.len(), items: self.n_items });
        }
        let options = 0..self.n_options as i8;
        match gold.iter().position(|code| !options.contains(code)) {
            Some(item) => {
                Err(PairsError::Gold { item, code: gold[item], last: self.n_options - 1 })
            }
            None => Ok(()),
        }
    }

    pub(super) fn pool(&self, execution: Execution<'_>) -> Result<Option<ThreadPool>, PoolError> {
        if self.worth_threads() { execution.pool() } else { Ok(None) }
    }
}

fn checked_options(n_options: i64) -> Result<usize, PairsError> {
    usize::try_from(n_options)
        .ok()
        .filter(|count| (MIN_OPTIONS..=MAX_OPTIONS).contains(count))
        .ok_or(PairsError::OptionCount(n_options))
}

/// The lowest code, 0 if none is negative; or the place of the first that is out of range.
fn lowest_code(codes: &[i8], n_options: usize) -> Result<i8, usize> {
    let last = n_options as i8 - 1;
    let lowest = codes.iter().copied().fold(0, i8::min);
    let highest = codes.iter().copied().fold(0, i8::max);
    if lowest < NOT_ASKED || highest > last {
        let bad = codes.iter().position(|code| !(NOT_ASKED..=last).contains(code));
        return Err(bad.unwrap_or(0));
    }
    Ok(lowest)
}
