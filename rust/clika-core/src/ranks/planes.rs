//! Ranks of a block of items as bits, one plane for each depth, and the counting of their overlaps.

// See `Kernel`.
#![allow(clippy::inline_always)]

use rayon::ThreadPool;

use super::{ABSENT, Ranks};
use crate::execution::Kernel;
use crate::{Execution, Interrupted};

/// 512 bits of a plane: one cache line, and one AVX-512 register.
type Lane = [u64; WORDS];
const WORDS: usize = 8;
const WORD_BITS: usize = 64;
const LANE_BITS: usize = WORDS * WORD_BITS;
/// Bits of a plane of one block: the planes of a tile of languages then stay in the cache.
const PLANE_BITS: usize = 64 * LANE_BITS;
/// Target languages that stay in the cache while all sources of a tile pass over them.
const TARGETS: usize = 16;

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
        let tasks = languages.iter_mut().enumerate().collect();
        execution.for_each(pool, tasks, |(language, planes)| {
            execution.run(Cutting { ranks, items, k, n_lanes, language, planes });
        })?;
        Ok(Self { languages, k, n_lanes })
    }

    /// The plane of one language at one depth.
    #[inline(always)]
    fn top(&self, language: usize, depth: usize) -> &[Lane] {
        &self.languages[language].top[(depth - 1) * self.n_lanes..depth * self.n_lanes]
    }
}

/// Cut the ranks of one language into its planes.
struct Cutting<'a> {
    ranks: &'a Ranks<'a>,
    items: &'a [usize],
    k: usize,
    n_lanes: usize,
    language: usize,
    planes: &'a mut LanguagePlanes,
}

impl Kernel for Cutting<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { ranks, items, k, n_lanes, language, .. } = self;
        let positions = if k <= 16 { self.positions::<16>() } else { self.positions::<64>() };
        let planes = self.planes;
        planes.asked = vec![[0; WORDS]; items.len().div_ceil(LANE_BITS)];
        for (index, item) in items.iter().enumerate() {
            let asked = u64::from(ranks.row(*item, language)[0] != ABSENT);
            let word = &mut planes.asked[index / LANE_BITS][index / WORD_BITS % WORDS];
            *word |= asked << (index % WORD_BITS);
        }
        planes.top = vec![[0; WORDS]; (k - 1) * n_lanes];
        for depth in 1..k {
            let plane = &mut planes.top[(depth - 1) * n_lanes..depth * n_lanes];
            for (lane, positions) in plane.iter_mut().zip(positions.chunks_exact(LANE_BITS)) {
                *lane = below(positions, depth as u8);
            }
        }
    }
}

impl Cutting<'_> {
    /// 0-based ranks, item after item, in whole lanes; 255 where not asked, and at the end.
    ///
    /// `REACH` bytes are moved at once, at least k: what is too much of an item is overwritten by
    /// the next one.
    #[inline(always)]
    fn positions<const REACH: usize>(&self) -> Vec<u8> {
        let length = self.items.len() * self.k;
        let mut positions = vec![u8::MAX; self.n_lanes * LANE_BITS + REACH];
        for (place, item) in (0..length).step_by(self.k).zip(self.items) {
            let ranks = self.ranks.from(*item, self.language);
            let to = &mut positions[place..place + REACH];
            if let Some(ranks) = ranks.first_chunk::<REACH>() {
                to.copy_from_slice(&ranks.map(|rank| rank.wrapping_sub(1)));
            } else {
                to.iter_mut().zip(ranks).for_each(|(to, rank)| *to = rank.wrapping_sub(1));
            }
        }
        positions[length..].fill(u8::MAX);
        positions.truncate(self.n_lanes * LANE_BITS);
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
