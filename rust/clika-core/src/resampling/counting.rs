//! Weighted counts of sets of items.

// See `Kernel`.
#![allow(clippy::inline_always)]

use super::planes::{Block, Lane, SIDE, WORD_ITEMS};
use crate::execution::Kernel;

/// A set of items: its words that are not empty.
#[derive(Clone, Debug, Default)]
pub(super) struct ItemSet(Vec<(usize, u64)>);

impl ItemSet {
    /// The items at which `holds`.
    pub(super) fn of(n_items: usize, holds: impl Fn(usize) -> bool) -> Self {
        let word = |start: usize| {
            let items = start..n_items.min(start + WORD_ITEMS);
            items.fold(0, |word, item| word | u64::from(holds(item)) << (item - start))
        };
        let words = (0..n_items).step_by(WORD_ITEMS).map(word).enumerate();
        Self(words.filter(|(_, word)| *word != 0).collect())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Count some sets in some blocks of replicates.
pub(super) struct Counting<'a> {
    pub blocks: &'a [Block],
    pub sets: &'a [ItemSet],
    /// A row for each set.
    pub counts: &'a mut [i32],
    /// Places in a row.
    pub places: usize,
    /// The place of the first replicate.
    pub first: usize,
}

impl Kernel for Counting<'_> {
    #[inline(always)]
    fn run(self) {
        for (index, block) in self.blocks.iter().enumerate() {
            let start = self.first + index * SIDE;
            for (set, row) in self.sets.iter().zip(self.counts.chunks_mut(self.places)) {
                let counts = match block.depth {
                    3 => count::<3>(&block.lanes, set),
                    4 => count::<4>(&block.lanes, set),
                    8 => count::<8>(&block.lanes, set),
                    _ => count::<16>(&block.lanes, set),
                };
                row[start..start + SIDE].copy_from_slice(&counts);
            }
        }
    }
}

#[inline(always)]
fn count<const DEPTH: usize>(lanes: &[Lane], set: &ItemSet) -> [i32; SIDE] {
    let (lanes, _) = lanes.as_chunks::<DEPTH>();
    let mut counts = [[0_u64; SIDE]; DEPTH];
    for (word, items) in &set.0 {
        for (counts, lane) in counts.iter_mut().zip(&lanes[*word]) {
            for (count, word) in counts.iter_mut().zip(lane.0) {
                *count += u64::from((word & items).count_ones());
            }
        }
    }
    let mut total = [0; SIDE];
    for (digit, counts) in counts.iter().enumerate() {
        for (total, count) in total.iter_mut().zip(counts) {
            *total += (count << digit) as i32;
        }
    }
    total
}
