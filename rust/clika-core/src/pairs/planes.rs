//! Option codes of a block of items, cut into bit planes.

// See `Kernel`.
#![allow(clippy::inline_always)]

use std::array::from_fn;
use std::ops::Range;

use rayon::ThreadPool;

use super::codes::{Cells, Codes, NOT_ASKED};
use crate::execution::Kernel;
use crate::{Execution, Interrupted};

/// 512 items of one plane: one cache line, and one AVX-512 register.
pub(super) type Lane = [u64; WORDS];
const WORDS: usize = 8;
const WORD_ITEMS: usize = 64;
const LANE_ITEMS: usize = WORDS * WORD_ITEMS;
/// Items planed at a time: the planes of a tile of languages then stay in the second-level cache.
const BLOCK_ITEMS: usize = 16 * LANE_ITEMS;
/// Languages planed by one task: a row of them is one cache line of codes.
const TASK_LANGUAGES: usize = 64;
/// The lowest bit of each byte.
const LOWEST: u64 = 0x0101_0101_0101_0101;

/// The blocks that `n_items` items are counted in.
pub(super) fn blocks(n_items: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n_items).step_by(BLOCK_ITEMS).map(move |start| start..n_items.min(start + BLOCK_ITEMS))
}

/// The planes of one language over one block of items, `n_lanes` lanes of each kind.
///
/// Kinds that the data does not need are empty.
#[derive(Clone, Debug, Default)]
pub(super) struct LanguagePlanes {
    /// `n_bits` lanes for each lane of items: the binary digits of the option, 0 where not valid.
    pub bits: Vec<Lane>,
    pub valid: Vec<Lane>,
    /// Only with a gold.
    pub right: Vec<Lane>,
    /// Only if some item is not asked in some language.
    pub asked: Vec<Lane>,
    /// Plane by plane, one for each option; only with a gold, and if some answer is not valid.
    pub letters: Vec<Lane>,
    /// Plane by plane: right, by gold option; only with a gold, and if some item is not asked.
    pub gold_right: Vec<Lane>,
    /// Plane by plane: asked, by gold option; likewise.
    pub gold_asked: Vec<Lane>,
    /// Population counts of all these planes, known also where the plane is not kept.
    pub totals: Totals,
}

/// How many items of the block a plane holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    pub asked: i64,
    pub valid: i64,
    pub right: i64,
    pub letters: Vec<i64>,
    pub gold_right: Vec<i64>,
    pub gold_asked: Vec<i64>,
}

/// The planes of all languages over one block of items.
#[derive(Debug)]
pub(super) struct Planes {
    pub languages: Vec<LanguagePlanes>,
    pub n_items: i64,
    pub n_lanes: usize,
    pub n_bits: usize,
    pub n_options: usize,
    /// Every item is asked in every language.
    pub all_asked: bool,
    /// Every answer is valid.
    pub all_valid: bool,
}

impl Planes {
    /// Cut the codes of some items, with their gold options if there is something to grade.
    pub(super) fn new(
        codes: &Codes<'_>,
        gold: Option<&[i8]>,
        items: Range<usize>,
        execution: Execution<'_>,
        pool: Option<&ThreadPool>,
    ) -> Result<Self, Interrupted> {
        let n_bits = (codes.n_options - 1).ilog2() as usize + 1;
        let n_lanes = items.len().div_ceil(LANE_ITEMS);
        let n_items = items.len() as i64;
        let cut = Cut { codes, items, gold, n_lanes, n_bits };
        let mut languages = vec![LanguagePlanes::default(); codes.n_languages];
        let tasks = languages.chunks_mut(TASK_LANGUAGES).enumerate().collect();
        execution.for_each(pool, tasks, |(task, languages)| {
            execution.run(Cutting { cut: &cut, first: task * TASK_LANGUAGES, languages });
        })?;
        let all_asked = languages.iter().all(|planes| planes.totals.asked == n_items);
        let all_valid = languages.iter().all(|planes| planes.totals.valid == n_items);
        let n_options = codes.n_options;
        Ok(Self { languages, n_items, n_lanes, n_bits, n_options, all_asked, all_valid })
    }
}

/// What to cut: shared by all tasks of a block.
struct Cut<'a> {
    codes: &'a Codes<'a>,
    /// The block.
    items: Range<usize>,
    /// Of all items.
    gold: Option<&'a [i8]>,
    n_lanes: usize,
    n_bits: usize,
}

/// Cut the columns `first..` into the planes of as many languages.
struct Cutting<'a> {
    cut: &'a Cut<'a>,
    first: usize,
    languages: &'a mut [LanguagePlanes],
}

impl Kernel for Cutting<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { cut, first, languages } = self;
        with_bits!(cut, cut_languages(cut, first, languages));
    }
}

#[inline(always)]
fn cut_languages<const BITS: usize>(cut: &Cut<'_>, first: usize, languages: &mut [LanguagePlanes]) {
    for planes in &mut *languages {
        cut.allocate(planes);
    }
    for (word, start) in cut.items.clone().step_by(WORD_ITEMS).enumerate() {
        let items = start..cut.items.end.min(start + WORD_ITEMS);
        let golds = cut.gold.map(|gold| Columns::<BITS>::of_columns(&[gold], items.clone()));
        for (eight, languages) in languages.chunks_mut(8).enumerate() {
            let columns = Columns::<BITS>::of(cut.codes, first + eight * 8, items.clone());
            for (index, planes) in languages.iter_mut().enumerate() {
                let golds = golds.as_ref().map(|golds| golds.column(0));
                cut.put(planes, word, &columns.column(index), golds.as_ref());
            }
        }
    }
}

impl Cut<'_> {
    fn allocate(&self, planes: &mut LanguagePlanes) {
        let Codes { n_options, any_invalid, any_not_asked, .. } = *self.codes;
        let graded = self.gold.is_some();
        let lanes = |wanted: bool, planes: usize| {
            vec![[0; WORDS]; if wanted { planes * self.n_lanes } else { 0 }]
        };
        *planes = LanguagePlanes {
            bits: lanes(true, self.n_bits),
            valid: lanes(true, 1),
            right: lanes(graded, 1),
            asked: lanes(any_not_asked, 1),
            letters: lanes(graded && any_invalid, n_options),
            gold_right: lanes(graded && any_not_asked, n_options),
            gold_asked: lanes(graded && any_not_asked, n_options),
            totals: Totals {
                letters: vec![0; n_options],
                gold_right: vec![0; n_options],
                gold_asked: vec![0; n_options],
                ..Totals::default()
            },
        };
    }

    /// Put 64 items of one language into its planes.
    #[inline(always)]
    fn put<const BITS: usize>(
        &self,
        planes: &mut LanguagePlanes,
        word: usize,
        codes: &Column<BITS>,
        golds: Option<&Column<BITS>>,
    ) {
        let (lane, word) = (word / WORDS, word % WORDS);
        let totals = &mut planes.totals;
        for bit in 0..BITS {
            planes.bits[lane * BITS + bit][word] = codes.bits[bit] & codes.valid;
        }
        planes.valid[lane][word] = codes.valid;
        totals.valid += count(codes.valid);
        totals.asked += count(codes.asked);
        if let Some(plane) = planes.asked.get_mut(lane) {
            plane[word] = codes.asked;
        }
        let Some(golds) = golds else { return };
        let differing = (0..BITS).fold(0, |all, bit| all | (codes.bits[bit] ^ golds.bits[bit]));
        let right = codes.valid & !differing;
        planes.right[lane][word] = right;
        totals.right += count(right);
        for option in 0..self.codes.n_options {
            let (chosen, gold) = (codes.option(option), golds.option(option));
            totals.letters[option] += count(chosen);
            totals.gold_right[option] += count(right & gold);
            totals.gold_asked[option] += count(codes.asked & gold);
            let at = option * self.n_lanes + lane;
            if let Some(plane) = planes.letters.get_mut(at) {
                plane[word] = chosen;
            }
            if let Some(plane) = planes.gold_right.get_mut(at) {
                plane[word] = right & gold;
                planes.gold_asked[at][word] = codes.asked & gold;
            }
        }
    }
}

/// Eight neighbouring columns of 64 rows, turned sideways: bit `i` of a word belongs to row `i`.
struct Columns<const BITS: usize> {
    /// The binary digits of the codes, from the lowest.
    bits: [[u64; 8]; BITS],
    /// The sign.
    negative: [u64; 8],
}

/// One of them.
struct Column<const BITS: usize> {
    bits: [u64; BITS],
    valid: u64,
    asked: u64,
}

impl<const BITS: usize> Columns<BITS> {
    /// The columns `first..` of up to 64 items; what is missing counts as not asked.
    #[inline(always)]
    fn of(codes: &Codes<'_>, first: usize, items: Range<usize>) -> Self {
        let width = codes.n_languages;
        match codes.cells {
            Cells::Rows(rows) => {
                Self::of_rows(&rows[items.start * width..items.end * width], width, first)
            }
            Cells::Columns(columns) => {
                Self::of_columns(&columns[first..width.min(first + 8)], items)
            }
        }
    }

    #[inline(always)]
    fn of_columns(columns: &[&[i8]], items: Range<usize>) -> Self {
        /// Times a word with one bit in each byte: those bits side by side in the highest byte.
        const GATHER: u64 = 0x0102_0408_1020_4080;
        let mut bits = [[0_u64; 8]; BITS];
        let mut negative = [!0_u64; 8];
        for (index, column) in columns.iter().enumerate() {
            negative[index] = 0;
            for (eight, start) in (0..WORD_ITEMS).step_by(8).enumerate() {
                let codes = u64::from_le_bytes(load(&column[items.clone()], start));
                for (bit, digits) in bits.iter_mut().enumerate() {
                    let digit = (codes >> bit & LOWEST).wrapping_mul(GATHER) >> 56;
                    digits[index] |= digit << (8 * eight);
                }
                let sign = (codes >> 7 & LOWEST).wrapping_mul(GATHER) >> 56;
                negative[index] |= sign << (8 * eight);
            }
        }
        Self { bits, negative }
    }

    #[inline(always)]
    fn of_rows(rows: &[i8], width: usize, first: usize) -> Self {
        let mut bits = [[0_u64; 8]; BITS];
        let mut negative = [0_u64; 8];
        let mut rows = rows.chunks(width);
        // Byte `c` of a word of eight rows collects their digits in column `c`.
        for eight in 0..8 {
            for row in 0..8 {
                let codes = rows.next().map_or([NOT_ASKED as u8; 8], |codes| load(codes, first));
                let codes = u64::from_le_bytes(codes);
                for (bit, digits) in bits.iter_mut().enumerate() {
                    digits[eight] |= (codes >> bit & LOWEST) << row;
                }
                negative[eight] |= (codes >> 7 & LOWEST) << row;
            }
        }
        Self { bits: bits.map(transpose), negative: transpose(negative) }
    }

    #[inline(always)]
    fn column(&self, index: usize) -> Column<BITS> {
        let bits = self.bits.map(|digits| digits[index]);
        let negative = self.negative[index];
        // Of the negative codes only NOT_ASKED (-2) is even.
        Column { bits, valid: !negative, asked: !negative | bits[0] }
    }
}

impl<const BITS: usize> Column<BITS> {
    #[inline(always)]
    fn option(&self, option: usize) -> u64 {
        (0..BITS).fold(self.valid, |chosen, bit| {
            let digit = self.bits[bit];
            chosen & if option >> bit & 1 == 1 { digit } else { !digit }
        })
    }
}

/// Eight codes from `first` on, as bytes; what is missing is not asked.
#[inline(always)]
fn load(all: &[i8], first: usize) -> [u8; 8] {
    let mut codes = [NOT_ASKED as u8; 8];
    if let Some(eight) = all.get(first..first + 8) {
        for (byte, code) in codes.iter_mut().zip(eight) {
            *byte = *code as u8;
        }
    } else {
        for (byte, code) in codes.iter_mut().zip(all.get(first..).unwrap_or_default()) {
            *byte = *code as u8;
        }
    }
    codes
}

/// Byte `c` of word `r` becomes byte `r` of word `c`.
#[inline(always)]
fn transpose(words: [u64; 8]) -> [u64; 8] {
    let bytes = words.map(u64::to_le_bytes);
    from_fn(|column| u64::from_le_bytes(from_fn(|row| bytes[row][column])))
}

#[inline(always)]
const fn count(word: u64) -> i64 {
    word.count_ones() as i64
}
