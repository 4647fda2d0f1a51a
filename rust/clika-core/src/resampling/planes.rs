//! The weights of all replicates, cut into bit planes.

// See `Kernel`.
#![allow(clippy::inline_always)]

use std::ops::Range;

use rayon::ThreadPool;

use super::draws::Resampling;
use crate::execution::Kernel;
use crate::{Execution, Interrupted};

/// Replicates side by side: one AVX-512 register of words.
pub(super) const SIDE: usize = 8;
/// Items in a word.
pub(super) const WORD_ITEMS: usize = 64;
/// Most bytes of planes held at a time.
const PLANE_BYTES: usize = 192 << 20;
/// Planes that weights rarely exceed, to estimate the memory.
const USUAL_DEPTH: usize = 3;
/// Blocks made by one task.
const TASK_BLOCKS: usize = 8;

/// One word of items in each of [`SIDE`] replicates.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Lane(pub [u64; SIDE]);

/// The planes of [`SIDE`] replicates.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// Planes for each word of items: the binary digits of the weights.
    pub depth: usize,
    /// Word by word, its planes from the lowest digit.
    pub lanes: Vec<Lane>,
}

/// The replicates of a resampling and, after them, the items as they are: all weights 1.
///
/// Where the planes of all fit into the memory allowed they are made once; else batch by batch each
/// time they are asked for.
pub(super) struct Replicates<'a> {
    resampling: &'a Resampling,
    execution: Execution<'a>,
    pool: Option<&'a ThreadPool>,
    batch_blocks: usize,
    kept: Option<Vec<Block>>,
}

impl<'a> Replicates<'a> {
    pub(super) fn new(
        resampling: &'a Resampling,
        execution: Execution<'a>,
        pool: Option<&'a ThreadPool>,
    ) -> Result<Self, Interrupted> {
        let n_words = resampling.units().n_items().div_ceil(WORD_ITEMS);
        let block_bytes = (n_words * USUAL_DEPTH * size_of::<Lane>()).max(1);
        let batch_blocks = (PLANE_BYTES / block_bytes).max(1);
        let mut replicates = Self { resampling, execution, pool, batch_blocks, kept: None };
        if replicates.n_blocks() <= batch_blocks {
            replicates.kept = Some(replicates.blocks(0..replicates.n_blocks())?);
        }
        Ok(replicates)
    }

    /// Number of drawn replicates; the next one is the items as they are.
    pub(super) const fn drawn(&self) -> usize {
        self.resampling.replicates()
    }

    /// Blocks of all replicates and the items as they are; the rest of the last one is empty.
    pub(super) const fn n_blocks(&self) -> usize {
        (self.drawn() + 1).div_ceil(SIDE)
    }

    /// Hand out all blocks, some at a time, with the place of the first.
    pub(super) fn for_each_batch(
        &self,
        mut work: impl FnMut(usize, &[Block]) -> Result<(), Interrupted>,
    ) -> Result<(), Interrupted> {
        if let Some(blocks) = &self.kept {
            return work(0, blocks);
        }
        for first in (0..self.n_blocks()).step_by(self.batch_blocks) {
            let end = self.n_blocks().min(first + self.batch_blocks);
            work(first * SIDE, &self.blocks(first..end)?)?;
        }
        Ok(())
    }

    fn blocks(&self, range: Range<usize>) -> Result<Vec<Block>, Interrupted> {
        let mut blocks = vec![Block::default(); range.len()];
        let tasks = blocks.chunks_mut(TASK_BLOCKS).enumerate().collect();
        self.execution.for_each(self.pool, tasks, |(task, blocks)| {
            let first = range.start + task * TASK_BLOCKS;
            self.execution.run(Cutting { resampling: self.resampling, first, blocks });
        })?;
        Ok(blocks)
    }
}

/// Make a few blocks, beginning with `first`.
struct Cutting<'a> {
    resampling: &'a Resampling,
    first: usize,
    blocks: &'a mut [Block],
}

impl Kernel for Cutting<'_> {
    #[inline(always)]
    fn run(self) {
        let n_items = self.resampling.units().n_items();
        let mut weights = vec![0_u16; SIDE * n_items];
        for (index, block) in self.blocks.iter_mut().enumerate() {
            for (side, weights) in weights.chunks_mut(n_items.max(1)).enumerate() {
                let replicate = (self.first + index) * SIDE + side;
                if replicate < self.resampling.replicates() {
                    self.resampling.weigh(replicate, weights);
                } else {
                    weights.fill(u16::from(replicate == self.resampling.replicates()));
                }
            }
            *block = cut(&weights, n_items);
        }
    }
}

/// Cut the weights of [`SIDE`] replicates, one after the other.
#[inline(always)]
fn cut(weights: &[u16], n_items: usize) -> Block {
    let most = weights.iter().fold(0, |most, weight| most | weight);
    // The depths that counting is compiled for.
    let depth = match u16::BITS - most.leading_zeros() {
        0..=3 => 3,
        4 => 4,
        5..=8 => 8,
        _ => 16,
    };
    let mut lanes = vec![Lane::default(); n_items.div_ceil(WORD_ITEMS) * depth];
    for (side, weights) in weights.chunks(n_items.max(1)).enumerate() {
        for (lanes, weights) in lanes.chunks_mut(depth).zip(weights.chunks(WORD_ITEMS)) {
            for (digit, lane) in lanes.iter_mut().enumerate() {
                lane.0[side] = plane(weights, digit);
            }
        }
    }
    Block { depth, lanes }
}

/// One binary digit of up to 64 weights.
#[inline(always)]
fn plane(weights: &[u16], digit: usize) -> u64 {
    let bits = weights.iter().enumerate();
    bits.fold(0, |word, (item, weight)| word | u64::from(weight >> digit & 1) << item)
}
