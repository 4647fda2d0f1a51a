//! Counting on bit planes: one tile of source languages against all target languages.

// See `Kernel`.
#![allow(clippy::inline_always)]

use std::hint::black_box;

use super::planes::{Lane, LanguagePlanes, Planes};
use crate::execution::Kernel;

/// Target languages that stay in the cache while all sources of a tile pass over them.
const TARGETS: usize = 16;

/// The rows of [`super::PairCounts`] for a few source languages, beginning with `first`.
pub(super) struct PairTile<'a> {
    pub first: usize,
    pub n: &'a mut [i64],
    pub both_right: &'a mut [i64],
    pub right: &'a mut [i64],
    pub agree: &'a mut [i64],
    pub valid_both: &'a mut [i64],
    pub gold_n: &'a mut [i64],
    pub gold_right: &'a mut [i64],
    pub letters: &'a mut [i64],
    pub letters_valid: &'a mut [i64],
}

/// The rows of [`super::AgreementCounts`] for a few respondents, beginning with `first`.
pub(super) struct AgreementTile<'a> {
    pub first: usize,
    pub agree: &'a mut [i64],
    pub valid_both: &'a mut [i64],
}

/// A block of planes and the rows to add its counts to.
///
/// Symmetric matrices are filled from the diagonal up only.
pub(super) struct Counting<'a, T> {
    pub planes: &'a Planes,
    pub tile: T,
}

impl Kernel for Counting<'_, AgreementTile<'_>> {
    #[inline(always)]
    fn run(mut self) {
        with_bits!(self.planes, add_agreement(self.planes, &mut self.tile));
    }
}

impl Kernel for Counting<'_, PairTile<'_>> {
    #[inline(always)]
    fn run(mut self) {
        with_bits!(self.planes, add_pairs(self.planes, &mut self.tile));
    }
}

#[inline(always)]
fn add_agreement<const BITS: usize>(planes: &Planes, tile: &mut AgreementTile<'_>) {
    let width = planes.languages.len();
    for targets in (0..width).step_by(TARGETS) {
        for row in 0..tile.agree.len() / width {
            let source = tile.first + row;
            for target in targets.max(source)..width.min(targets + TARGETS) {
                let (a, b) = (&planes.languages[source], &planes.languages[target]);
                let overlap = overlap::<BITS, false>(a, b);
                tile.agree[row * width + target] += overlap.agree;
                tile.valid_both[row * width + target] += overlap.valid;
            }
        }
    }
}

#[inline(always)]
fn add_pairs<const BITS: usize>(planes: &Planes, tile: &mut PairTile<'_>) {
    let width = planes.languages.len();
    for targets in (0..width).step_by(TARGETS) {
        for row in 0..tile.n.len() / width {
            let source = tile.first + row;
            for target in targets..width.min(targets + TARGETS) {
                let (a, b) = (&planes.languages[source], &planes.languages[target]);
                let at = row * width + target;
                if target >= source {
                    let overlap = overlap::<BITS, true>(a, b);
                    tile.agree[at] += overlap.agree;
                    tile.valid_both[at] += overlap.valid;
                    tile.both_right[at] += overlap.right;
                }
                if !planes.all_valid {
                    add_valid_margins(planes, a, b, tile, at);
                }
                if !planes.all_asked {
                    add_margins(planes, a, b, tile, at);
                }
            }
        }
    }
}

/// The letters of the source `a` among the items valid in the target `b`.
///
/// Where `b` is valid throughout, that is `a` itself. See also [`super::counts::Margins`].
#[inline(always)]
fn add_valid_margins(
    planes: &Planes,
    a: &LanguagePlanes,
    b: &LanguagePlanes,
    tile: &mut PairTile<'_>,
    at: usize,
) {
    let options = planes.n_options;
    let letters_valid = &mut tile.letters_valid[at * options..(at + 1) * options];
    if b.totals.valid == planes.n_items {
        add(letters_valid, &a.totals.letters);
    } else {
        add_within(letters_valid, &a.letters, &b.valid, planes.n_lanes);
    }
}

/// What the source `a` looks like among the items asked in the target `b`.
///
/// Where `b` was asked everything, that is `a` itself. See also [`super::counts::Margins`].
#[inline(always)]
fn add_margins(
    planes: &Planes,
    a: &LanguagePlanes,
    b: &LanguagePlanes,
    tile: &mut PairTile<'_>,
    at: usize,
) {
    let (lanes, options) = (planes.n_lanes, planes.n_options);
    let cell = at * options..(at + 1) * options;
    let letters = &mut tile.letters[cell.clone()];
    let gold_right = &mut tile.gold_right[cell.clone()];
    let gold_n = &mut tile.gold_n[cell];
    if b.totals.asked == planes.n_items {
        tile.n[at] += a.totals.asked;
        tile.right[at] += a.totals.right;
        add(letters, &a.totals.letters);
        add(gold_right, &a.totals.gold_right);
        add(gold_n, &a.totals.gold_asked);
    } else {
        tile.n[at] += count_both(&a.asked, &b.asked);
        tile.right[at] += count_both(&a.right, &b.asked);
        add_within(letters, &a.letters, &b.asked, lanes);
        add_within(gold_right, &a.gold_right, &b.asked, lanes);
        add_within(gold_n, &a.gold_asked, &b.asked, lanes);
    }
}

#[inline(always)]
fn add(sums: &mut [i64], parts: &[i64]) {
    for (sum, part) in sums.iter_mut().zip(parts) {
        *sum += part;
    }
}

/// Add, for each of several planes, how many of its items are in `mask`.
#[inline(always)]
fn add_within(sums: &mut [i64], planes: &[Lane], mask: &[Lane], lanes: usize) {
    for (sum, plane) in sums.iter_mut().zip(planes.chunks_exact(lanes)) {
        *sum += count_both(plane, mask);
    }
}

#[inline(always)]
fn count_both(a: &[Lane], b: &[Lane]) -> i64 {
    let mut counts = [0_u64; 8];
    for (a, b) in a.iter().zip(b) {
        for word in 0..8 {
            counts[word] += u64::from((a[word] & b[word]).count_ones());
        }
        lane_by_lane();
    }
    total(counts)
}

struct Overlap {
    agree: i64,
    valid: i64,
    right: i64,
}

/// Items with the same valid option, valid in both, and (if `RIGHT`) right in both.
///
/// One loop each: of a loop with two results the compiler makes scalar code.
#[inline(always)]
fn overlap<const BITS: usize, const RIGHT: bool>(
    a: &LanguagePlanes,
    b: &LanguagePlanes,
) -> Overlap {
    Overlap {
        agree: count_equal::<BITS>(a, b),
        valid: count_both(&a.valid, &b.valid),
        right: if RIGHT { count_both(&a.right, &b.right) } else { 0 },
    }
}

#[inline(always)]
fn count_equal<const BITS: usize>(a: &LanguagePlanes, b: &LanguagePlanes) -> i64 {
    let mut counts = [0_u64; 8];
    let (a_bits, _) = a.bits.as_chunks::<BITS>();
    let (b_bits, _) = b.bits.as_chunks::<BITS>();
    for ((a_valid, b_valid), (a_bits, b_bits)) in
        a.valid.iter().zip(&b.valid).zip(a_bits.iter().zip(b_bits))
    {
        for word in 0..8 {
            let differing =
                (0..BITS).fold(0, |all, bit| all | (a_bits[bit][word] ^ b_bits[bit][word]));
            counts[word] += u64::from((a_valid[word] & b_valid[word] & !differing).count_ones());
        }
        lane_by_lane();
    }
    total(counts)
}

/// Keep the compiler from working on eight lanes at once, which gathers one word from each: a lane
/// fills a register by itself, and is loaded at once.
#[inline(always)]
fn lane_by_lane() {
    black_box(());
}

#[inline(always)]
fn total(counts: [u64; 8]) -> i64 {
    counts.iter().sum::<u64>() as i64
}
