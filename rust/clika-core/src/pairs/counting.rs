//! Counting on bit planes: one tile of source languages against all target languages.

// See `Kernel`.
#![allow(clippy::inline_always)]

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
                add_margins(planes, a, b, tile, at);
            }
        }
    }
}

/// What the source `a` looks like among the items asked (or valid) in the target `b`.
///
/// Where `b` was asked everything, or is valid throughout, that is `a` itself.
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
    let letters_valid = &mut tile.letters_valid[cell.clone()];
    if b.totals.valid == planes.n_items {
        add(letters_valid, &a.totals.letters);
    } else {
        add_within(letters_valid, &a.letters, &b.valid, lanes);
    }
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
    }
    total(counts)
}

struct Overlap {
    agree: i64,
    valid: i64,
    right: i64,
}

/// Items with the same valid option, valid in both, and (if `RIGHT`) right in both: one pass.
#[inline(always)]
fn overlap<const BITS: usize, const RIGHT: bool>(
    a: &LanguagePlanes,
    b: &LanguagePlanes,
) -> Overlap {
    let (mut agree, mut valid, mut right) = ([0_u64; 8], [0_u64; 8], [0_u64; 8]);
    let (a_bits, _) = a.bits.as_chunks::<BITS>();
    let (b_bits, _) = b.bits.as_chunks::<BITS>();
    for ((a_valid, b_valid), (a_bits, b_bits)) in
        a.valid.iter().zip(&b.valid).zip(a_bits.iter().zip(b_bits))
    {
        for word in 0..8 {
            let both = a_valid[word] & b_valid[word];
            let mut same = both;
            for bit in 0..BITS {
                same &= !(a_bits[bit][word] ^ b_bits[bit][word]);
            }
            agree[word] += u64::from(same.count_ones());
            valid[word] += u64::from(both.count_ones());
        }
    }
    if RIGHT {
        for (a_right, b_right) in a.right.iter().zip(&b.right) {
            for word in 0..8 {
                right[word] += u64::from((a_right[word] & b_right[word]).count_ones());
            }
        }
    }
    Overlap { agree: total(agree), valid: total(valid), right: total(right) }
}

#[inline(always)]
fn total(counts: [u64; 8]) -> i64 {
    counts.iter().sum::<u64>() as i64
}
