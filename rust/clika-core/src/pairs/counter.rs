//! Counting: all at once, or block by block as the items come.

use super::counting::Counting;
use super::counts::Margins;
use super::planes::{Planes, blocks};
use super::{AgreementCounts, Codes, PairCounts, PairsError};
use crate::Execution;

/// [`PairCounts`] of items that come in blocks; how they are cut into blocks makes no difference.
///
/// After an error the counts hold a part of the block that failed, so the counter is of no use.
#[derive(Clone, Debug)]
pub struct PairCounter {
    /// Symmetric matrices are filled from the diagonal up; the margins are not in.
    counts: PairCounts,
    margins: Margins,
}

impl PairCounter {
    /// No items yet.
    #[must_use]
    pub fn new(n_languages: usize, n_options: usize) -> Self {
        Self {
            counts: PairCounts::zero(n_languages, n_options),
            margins: Margins::zero(n_languages, n_options),
        }
    }

    /// Count the items of a block.
    ///
    /// # Errors
    /// When the block has other numbers of languages or options, there is not one gold option in
    /// range for each item, threads cannot be started, or the execution is cancelled.
    pub fn add(
        &mut self,
        codes: &Codes<'_>,
        gold: &[i8],
        execution: Execution<'_>,
    ) -> Result<(), PairsError> {
        let (mine, theirs) = (
            (self.counts.n_languages, self.counts.n_options),
            (codes.n_languages, codes.n_options),
        );
        if mine != theirs {
            return Err(PairsError::Merge(theirs.0, theirs.1, mine.0, mine.1));
        }
        codes.check_gold(gold)?;
        let pool = codes.pool(execution)?;
        for block in blocks(codes.n_items) {
            let planes = Planes::new(codes, Some(gold), block, execution, pool.as_ref())?;
            self.margins.add(&planes);
            execution.for_each(pool.as_ref(), self.counts.tiles(), |tile| {
                execution.run(Counting { planes: &planes, tile });
            })?;
        }
        Ok(())
    }

    /// The counts of all items.
    #[must_use]
    pub fn finish(mut self) -> PairCounts {
        self.counts.mirror();
        self.margins.spread(&mut self.counts);
        self.counts
    }
}

/// [`AgreementCounts`] of items that come in blocks; see [`PairCounter`].
#[derive(Clone, Debug)]
pub struct AgreementCounter {
    counts: AgreementCounts,
}

impl AgreementCounter {
    /// No items yet.
    #[must_use]
    pub fn new(n_languages: usize) -> Self {
        Self { counts: AgreementCounts::zero(n_languages) }
    }

    /// Count the items of a block.
    ///
    /// # Errors
    /// When the block has another number of respondents, threads cannot be started, or the
    /// execution is cancelled.
    pub fn add(&mut self, codes: &Codes<'_>, execution: Execution<'_>) -> Result<(), PairsError> {
        let width = self.counts.n_languages;
        if codes.n_languages != width {
            return Err(PairsError::Merge(codes.n_languages, 0, width, 0));
        }
        let pool = codes.pool(execution)?;
        for block in blocks(codes.n_items) {
            let planes = Planes::new(codes, None, block, execution, pool.as_ref())?;
            execution.for_each(pool.as_ref(), self.counts.tiles(), |tile| {
                execution.run(Counting { planes: &planes, tile });
            })?;
        }
        Ok(())
    }

    /// The counts of all items.
    #[must_use]
    pub fn finish(mut self) -> AgreementCounts {
        self.counts.mirror();
        self.counts
    }
}

/// Count everything of [`PairCounts`] for all pairs of languages.
///
/// `O(items * languages + languages^2 * items / 64)`; where nothing is missing and every answer is
/// valid, only the agreement and co-correctness of a pair are counted, its margins are the
/// languages' own.
///
/// # Errors
/// When there is not one gold option in range for each item, threads cannot be started, or the
/// execution is cancelled.
pub fn pair_counts(
    codes: &Codes<'_>,
    gold: &[i8],
    execution: Execution<'_>,
) -> Result<PairCounts, PairsError> {
    let mut counter = PairCounter::new(codes.n_languages, codes.n_options);
    counter.add(codes, gold, execution)?;
    Ok(counter.finish())
}

/// Count the agreement of all pairs of respondents, without a gold.
///
/// # Errors
/// When threads cannot be started or the execution is cancelled.
pub fn agreement_counts(
    codes: &Codes<'_>,
    execution: Execution<'_>,
) -> Result<AgreementCounts, PairsError> {
    let mut counter = AgreementCounter::new(codes.n_languages);
    counter.add(codes, execution)?;
    Ok(counter.finish())
}
