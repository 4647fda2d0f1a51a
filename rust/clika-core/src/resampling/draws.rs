//! What is drawn, and the weights that a draw gives.

use std::collections::HashMap;
use std::ops::Range;

use super::MAX_REPLICATES;
use super::answers::Answers;
use super::errors::ResamplingError;
use crate::random::{BLOCK, Sequence, below};

/// What is drawn as a whole: clusters of items, each in one stratum.
///
/// Clusters and strata count in the order in which the items name them first, whatever their codes,
/// so that only the partition of the items matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Units {
    /// The cluster of each item; those of a stratum are numbered one after the other.
    cluster_of: Vec<u32>,
    /// The clusters of each stratum.
    strata: Vec<Range<u32>>,
}

impl Units {
    /// Gather items into clusters (`None`: each its own) and clusters into strata (`None`: one).
    ///
    /// A cluster lies in the stratum of its first item.
    ///
    /// # Errors
    /// When there is not one cluster and one stratum for each item, or there are too many items.
    pub fn new(
        n_items: usize,
        clusters: Option<&[i32]>,
        strata: Option<&[i32]>,
    ) -> Result<Self, ResamplingError> {
        if u32::try_from(n_items).is_err() {
            return Err(ResamplingError::TooManyItems(n_items));
        }
        for (name, codes) in [("clusters", clusters), ("strata", strata)] {
            if let Some(found) = codes.map(<[i32]>::len).filter(|found| *found != n_items) {
                return Err(ResamplingError::GroupLength { name, found, items: n_items });
            }
        }
        let (cluster_of, firsts) = match clusters {
            Some(codes) => numbered(codes.iter().copied()),
            None => ((0..n_items as u32).collect(), (0..n_items).collect()),
        };
        let (stratum_of, _) =
            numbered(firsts.iter().map(|item| strata.map_or(0, |strata| strata[*item])));
        let mut order: Vec<u32> = (0..firsts.len() as u32).collect();
        order.sort_by_key(|cluster| stratum_of[*cluster as usize]);
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old as usize] = new as u32;
        }
        let mut ranges = Vec::new();
        for same in order.chunk_by(|a, b| stratum_of[*a as usize] == stratum_of[*b as usize]) {
            let start = ranges.last().map_or(0, |last: &Range<u32>| last.end);
            ranges.push(start..start + same.len() as u32);
        }
        let cluster_of = cluster_of.iter().map(|old| place[*old as usize]).collect();
        Ok(Self { cluster_of, strata: ranges })
    }

    /// Number of items.
    #[must_use]
    pub const fn n_items(&self) -> usize {
        self.cluster_of.len()
    }

    /// Number of clusters.
    #[must_use]
    pub fn n_clusters(&self) -> usize {
        self.strata.last().map_or(0, |last| last.end as usize)
    }

    /// The items of each cluster.
    pub(super) fn members(&self) -> Vec<Vec<u32>> {
        let mut members = vec![Vec::new(); self.n_clusters()];
        for (item, cluster) in self.cluster_of.iter().enumerate() {
            members[*cluster as usize].push(item as u32);
        }
        members
    }
}

/// Codes renumbered by first appearance, and where each appears first.
fn numbered(codes: impl Iterator<Item = i32>) -> (Vec<u32>, Vec<usize>) {
    let (mut numbers, mut firsts) = (HashMap::new(), Vec::new());
    let numbered = codes
        .enumerate()
        .map(|(index, code)| {
            *numbers.entry(code).or_insert_with(|| {
                firsts.push(index);
                firsts.len() as u32 - 1
            })
        })
        .collect();
    (numbered, firsts)
}

/// How often to draw the units, and with which random numbers.
#[derive(Clone, Debug)]
pub struct Resampling {
    units: Units,
    replicates: usize,
    seed: u64,
    purpose: u64,
}

impl Resampling {
    /// Draw `units` `replicates` times; for `purpose` see [`Sequence::new`].
    ///
    /// # Errors
    /// When there are no replicates, or more than [`MAX_REPLICATES`].
    pub fn new(
        units: Units,
        replicates: i64,
        seed: u64,
        purpose: u64,
    ) -> Result<Self, ResamplingError> {
        let count = usize::try_from(replicates).ok();
        let count = count.filter(|count| (1..=MAX_REPLICATES).contains(count));
        let replicates = count.ok_or(ResamplingError::Replicates(replicates))?;
        Ok(Self { units, replicates, seed, purpose })
    }

    /// What is drawn.
    #[must_use]
    pub const fn units(&self) -> &Units {
        &self.units
    }

    /// Number of replicates.
    #[must_use]
    pub const fn replicates(&self) -> usize {
        self.replicates
    }

    pub(super) const fn must_fit(&self, answers: &Answers<'_>) -> Result<(), ResamplingError> {
        let (answers, units) = (answers.n_items(), self.units.n_items());
        if answers != units {
            return Err(ResamplingError::Items { answers, units });
        }
        Ok(())
    }

    /// How often each item is drawn in one replicate.
    ///
    /// From each stratum as many clusters as it has, with replacement; draw `j` of a replicate, over
    /// all strata, is decided by word `j` of its sequence.
    pub(super) fn weigh(&self, replicate: usize, weights: &mut [u16]) {
        let mut drawn = vec![0_u16; self.units.n_clusters()];
        let sequence = Sequence::new(self.seed, self.purpose, replicate as u64);
        let mut block = [0; BLOCK];
        let mut draw = 0;
        for stratum in &self.units.strata {
            let drawn = &mut drawn[stratum.start as usize..stratum.end as usize];
            for _ in 0..drawn.len() {
                if draw % BLOCK == 0 {
                    block = sequence.block((draw / BLOCK) as u64);
                }
                drawn[below(drawn.len() as u64, block[draw % BLOCK]) as usize] += 1;
                draw += 1;
            }
        }
        for (weight, cluster) in weights.iter_mut().zip(&self.units.cluster_of) {
            *weight = drawn[*cluster as usize];
        }
    }
}
