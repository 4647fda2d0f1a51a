//! Ranks of a block of items as bits, one plane for each depth, and the counting of their overlaps.

// See `Kernel`.
#![allow(clippy::inline_always)]

use rayon::ThreadPool;

use super::Ranks;
use crate::execution::Kernel;
use crate::{Execution, Interrupted};

/// 512 bits of a plane: one cache line, and one AVX-512 register.
type Lane = [u64; WORDS];
const WORDS: usize = 8;
const WORD_BITS: usize = 64;
const LANE_BITS: usize = WORDS * WORD_BITS;
/// Bits of a plane of one block: the planes of a tile and its targets then stay in the first-level
/// cache, a depth at a time.
const PLANE_BITS: usize = 32 * LANE_BITS;
/// Target languages that stay in the cache while all sources of a tile pass over them.
const TARGETS: usize = 8;
/// Languages cut by one task: their ranks of an item lie side by side.
const TASK_LANGUAGES: usize = 8;

/// The blocks that items of `k` options are counted in.
pub(super) fn blocks(items: &[usize], k: u8) -> impl Iterator<Item = &[usize]> {
    items.chunks(PLANE_BITS / usize::from(k))
}

/// The planes of one language over one block of items.
#[derive(Clone, Debug, Default)]
struct LanguagePlanes {
    /// One bit for each item: asked.
    asked: Vec<Lane>,
    /// Plane by plane, for the depths 1 to k - 1, one bit for each option of each item: among the
    /// top. In the same order for all languages, whatever it is.
    top: Vec<Lane>,
}

/// The planes of all languages over one block of items with `k` options.
#[derive(Debug)]
pub(super) struct Planes {
    languages: Vec<LanguagePlanes>,
    k: usize,
    /// Lanes of a plane of `top`.
    n_lanes: usize,
}

impl Planes {
    pub(super) fn new(
        ranks: &Ranks<'_>,
        items: &[usize],
        k: u8,
        execution: Execution<'_>,
        pool: Option<&ThreadPool>,
    ) -> Result<Self, Interrupted> {
        let k = usize::from(k);
        let n_lanes = (items.len() * k).div_ceil(LANE_BITS);
        let mut languages = vec![LanguagePlanes::default(); ranks.n_languages];
        let tasks = languages.chunks_mut(TASK_LANGUAGES).enumerate().collect();
        execution.for_each(pool, tasks, |(task, languages)| {
            let first = task * TASK_LANGUAGES;
            execution.run(Cutting { ranks, items, k, n_lanes, first, languages });
        })?;
        Ok(Self { languages, k, n_lanes })
    }

    /// The plane of one language at one depth.
    #[inline(always)]
    fn top(&self, language: usize, depth: usize) -> &[Lane] {
        &self.languages[language].top[(depth - 1) * self.n_lanes..depth * self.n_lanes]
    }
}

/// Cut the ranks of the languages `first..` into as many planes.
struct Cutting<'a> {
    ranks: &'a Ranks<'a>,
    items: &'a [usize],
    k: usize,
    n_lanes: usize,
    first: usize,
    languages: &'a mut [LanguagePlanes],
}

impl Kernel for Cutting<'_> {
    #[inline(always)]
    fn run(self) {
        let positions = if self.k <= 16 { self.positions::<16>() } else { self.positions::<64>() };
        let Self { items, k, n_lanes, languages, .. } = self;
        for (planes, positions) in languages.iter_mut().zip(positions) {
            planes.asked = vec![[0; WORDS]; items.len().div_ceil(LANE_BITS)];
            let words = planes.asked.as_flattened_mut();
            for (index, of_item) in positions.chunks_exact(k).take(items.len()).enumerate() {
                words[index / WORD_BITS] |= u64::from(of_item[0] != u8::MAX) << (index % WORD_BITS);
            }
            planes.top = Vec::with_capacity((k - 1) * n_lanes);
            for depth in 1..k {
                let lanes = positions.chunks_exact(LANE_BITS);
                planes.top.extend(lanes.map(|positions| below(positions, depth as u8)));
            }
        }
    }
}

impl Cutting<'_> {
    /// For each language the 0-based ranks, item after item, in whole lanes; 255 where not asked,
    /// and at the end.
    ///
    /// `REACH` bytes are moved at once, at least k: what is too much of an item is overwritten by
    /// the next one.
    #[inline(always)]
    fn positions<const REACH: usize>(&self) -> Vec<Vec<u8>> {
        let length = self.items.len() * self.k;
        let room = self.n_lanes * LANE_BITS;
        let mut positions = vec![vec![u8::MAX; room + REACH]; self.languages.len()];
        for (place, item) in (0..length).step_by(self.k).zip(self.items) {
            for (language, positions) in positions.iter_mut().enumerate() {
                let ranks = self.ranks.from(*item, self.first + language);
                let to = &mut positions[place..place + REACH];
                if let Some(ranks) = ranks.first_chunk::<REACH>() {
                    to.copy_from_slice(&ranks.map(|rank| rank.wrapping_sub(1)));
                } else {
                    to.iter_mut().zip(ranks).for_each(|(to, rank)| *to = rank.wrapping_sub(1));
                }
            }
        }
        for positions in &mut positions {
            positions[length..].fill(u8::MAX);
            positions.truncate(room);
        }
        positions
    }
}

/// One bit for each of [`LANE_BITS`] bytes, each below 128 or 255: is it below `depth`?
#[inline(always)]
fn below(bytes: &[u8], depth: u8) -> Lane {
    let mut lane = [0; WORDS];
    for (eighth, bytes) in bytes.chunks_exact(LANE_BITS / 8).enumerate() {
        for (word, bytes) in lane.iter_mut().zip(bytes.chunks_exact(8)) {
            *word |= eight_below(bytes, depth) >> eighth;
        }
    }
    lane
}

/// The highest bit of each of eight bytes: is it below `depth`?
#[inline(always)]
fn eight_below(bytes: &[u8], depth: u8) -> u64 {
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    let mut eight = [0; 8];
    eight.copy_from_slice(bytes);
    // With its highest bit set no byte borrows from the next; the bit is lost where the byte was less.
    let left = (u64::from_le_bytes(eight) | HIGHEST) - LOWEST * u64::from(depth);
    !left & HIGHEST
}

/// The rows of [`super::Overlaps`] for a few source languages, beginning with `first`.
pub(super) struct Tile<'a> {
    pub first: usize,
    pub n: &'a mut [i64],
    pub overlap: &'a mut [i64],
}

/// A block of planes and the rows to add its counts to, from the diagonal up only.
pub(super) struct Counting<'a> {
    pub planes: &'a Planes,
    pub tile: Tile<'a>,
}

impl Kernel for Counting<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { planes, tile } = self;
        let (k, width) = (planes.k, planes.languages.len());
        let rows = tile.n.len() / width;
        for row in 0..rows {
            let source = tile.first + row;
            for target in source..width {
                let at = row * width + target;
                let asked = |language: usize| planes.languages[language].asked.as_slice();
                let n = common(asked(source), asked(target));
                tile.n[at] += n;
                // All options of an item are among its top k.
                tile.overlap[at * k + k - 1] += n * k as i64;
            }
        }
        for depth in 1..k {
            for targets in (0..width).step_by(TARGETS) {
                for row in 0..rows {
                    let source = tile.first + row;
                    for target in targets.max(source)..width.min(targets + TARGETS) {
                        let shared = common(planes.top(source, depth), planes.top(target, depth));
                        tile.overlap[(row * width + target) * k + depth - 1] += shared;
                    }
                }
            }
        }
    }
}

/// How many bits two planes share.
#[inline(always)]
fn common(a: &[Lane], b: &[Lane]) -> i64 {
    let words = a.as_flattened().iter().zip(b.as_flattened());
    words.map(|(a, b)| i64::from((a & b).count_ones())).sum()
}
