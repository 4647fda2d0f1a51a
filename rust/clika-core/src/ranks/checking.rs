//! Whether ranks are rankings.

// See `Kernel`.
#![allow(clippy::inline_always)]

use super::{ABSENT, Ranks};
use crate::Execution;
use crate::execution::Kernel;

/// Ranks looked at together: as many 32-bit numbers fill one AVX-512 register.
const TOGETHER: usize = 16;

/// The first item, and the first language of it, whose ranks are no ranking.
pub(super) fn first_without_ranking(
    ranks: &Ranks<'_>,
    execution: Execution<'_>,
) -> Option<(usize, usize)> {
    let mut found = None;
    execution.run(Checking { ranks, found: &mut found });
    found
}

struct Checking<'a> {
    ranks: &'a Ranks<'a>,
    found: &'a mut Option<(usize, usize)>,
}

impl Kernel for Checking<'_> {
    #[inline(always)]
    fn run(self) {
        let ranks = self.ranks;
        for (item, k) in ranks.options.iter().enumerate() {
            let k = usize::from(*k);
            for language in 0..ranks.n_languages {
                let rest = ranks.from(item, language);
                let fine = match rest.first_chunk::<TOGETHER>() {
                    Some(sixteen) if ranks.width <= TOGETHER => {
                        is_short_ranking(sixteen, k, ranks.width)
                    }
                    _ => is_ranking(&rest[..ranks.width], k),
                };
                if !fine {
                    *self.found = Some((item, language));
                    return;
                }
            }
        }
    }
}

/// [`is_ranking`] of the first `width` of these ranks, all of them at once.
#[inline(always)]
fn is_short_ranking(ranks: &[u8; TOGETHER], k: usize, width: usize) -> bool {
    let (mut seen, mut all, mut beyond) = (0, 0, 0);
    for (option, rank) in ranks.iter().enumerate() {
        let rank = u32::from(*rank);
        let own = if option < k { u32::MAX } else { 0 };
        let room = if option < width { u32::MAX } else { 0 };
        seen |= (1_u32 << (rank % 32)) & own;
        all |= rank & own;
        beyond |= rank & room & !own;
    }
    // As many ranks as bits, and all of the bits: each rank is there once. Bit 0 is ABSENT.
    let ranking = seen == (2_u32 << k) - 2 && all < 32;
    (ranking || all == u32::from(ABSENT)) && beyond == u32::from(ABSENT)
}

/// Each of `1..=k` once and then only [`ABSENT`], or [`ABSENT`] alone.
fn is_ranking(ranks: &[u8], k: usize) -> bool {
    let (asked, beyond) = ranks.split_at(k);
    let (mut positions, mut seen) = (0, 0_u64);
    for rank in asked {
        let position = rank.wrapping_sub(1);
        positions |= position;
        seen |= 1 << (position % 64);
    }
    // As many ranks as bits, and all of the bits: each rank is there once.
    let ranking = positions < 64 && seen == u64::MAX >> (64 - k);
    let is_absent = |ranks: &[u8]| ranks.iter().all(|rank| *rank == ABSENT);
    (ranking || is_absent(asked)) && is_absent(beyond)
}
