//! What is counted for every pair of languages.

use super::PairsError;
use super::counting::{AgreementTile, PairTile};
use super::planes::Planes;

/// Languages that one task counts against all others.
const TILE_LANGUAGES: usize = 8;

/// Counts for every ordered pair of languages: source = row, target = column.
///
/// Matrices are `n_languages * n_languages`, row-major; cubes have one count for each option last.
/// What is not here follows from what is: `right_target(l, h) = right(h, l)`, and so for letters;
/// see also [`PairCounts::agree_wrong`] and [`PairCounts::wrong_both`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairCounts {
    /// Number of languages.
    pub n_languages: usize,
    /// Number of options.
    pub n_options: usize,
    /// Items asked in both.
    pub n: Vec<i64>,
    /// Items right in both.
    pub both_right: Vec<i64>,
    /// Items asked in both and right in the source.
    pub right: Vec<i64>,
    /// Items with the same valid option in both.
    pub agree: Vec<i64>,
    /// Items valid in both.
    pub valid_both: Vec<i64>,
    /// Cube: items asked in both, by gold option.
    pub gold_n: Vec<i64>,
    /// Cube: items asked in both and right in the source, by gold option.
    pub gold_right: Vec<i64>,
    /// Cube: items asked in both, by the source's option.
    pub letters: Vec<i64>,
    /// Cube: items valid in both, by the source's option.
    pub letters_valid: Vec<i64>,
}

impl PairCounts {
    /// The counts over no items.
    #[must_use]
    pub fn zero(n_languages: usize, n_options: usize) -> Self {
        let matrix = || vec![0; n_languages * n_languages];
        let cube = || vec![0; n_languages * n_languages * n_options];
        Self {
            n_languages,
            n_options,
            n: matrix(),
            both_right: matrix(),
            right: matrix(),
            agree: matrix(),
            valid_both: matrix(),
            gold_n: cube(),
            gold_right: cube(),
            letters: cube(),
            letters_valid: cube(),
        }
    }

    /// Matrix: items with the same valid option in both, wrong in both.
    #[must_use]
    pub fn agree_wrong(&self) -> Vec<i64> {
        // Who agrees is right in both or wrong in both.
        self.agree.iter().zip(&self.both_right).map(|(agree, right)| agree - right).collect()
    }

    /// Matrix: items asked in both and right in neither.
    #[must_use]
    pub fn wrong_both(&self) -> Vec<i64> {
        let width = self.n_languages;
        let cell = |at: usize| {
            let mirrored = at % width * width + at / width;
            self.n[at] - self.right[at] - self.right[mirrored] + self.both_right[at]
        };
        (0..self.n.len()).map(cell).collect()
    }

    /// Add the counts over other items of the same languages.
    ///
    /// # Errors
    /// When the numbers of languages or options differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), PairsError> {
        let (mine, theirs) =
            ((self.n_languages, self.n_options), (other.n_languages, other.n_options));
        if mine != theirs {
            return Err(PairsError::Merge(theirs.0, theirs.1, mine.0, mine.1));
        }
        for (sum, part) in [
            (&mut self.n, &other.n),
            (&mut self.both_right, &other.both_right),
            (&mut self.right, &other.right),
            (&mut self.agree, &other.agree),
            (&mut self.valid_both, &other.valid_both),
            (&mut self.gold_n, &other.gold_n),
            (&mut self.gold_right, &other.gold_right),
            (&mut self.letters, &other.letters),
            (&mut self.letters_valid, &other.letters_valid),
        ] {
            add(sum, part);
        }
        Ok(())
    }

    /// Copy what was counted from the diagonal up to below it.
    pub(super) fn mirror(&mut self) {
        for matrix in [&mut self.both_right, &mut self.agree, &mut self.valid_both] {
            mirror(matrix, self.n_languages);
        }
    }

    pub(super) fn tiles(&mut self) -> Vec<PairTile<'_>> {
        let row = (self.n_languages * TILE_LANGUAGES).max(1);
        let slab = row * self.n_options.max(1);
        let mut cubes = self
            .gold_n
            .chunks_mut(slab)
            .zip(self.gold_right.chunks_mut(slab))
            .zip(self.letters.chunks_mut(slab).zip(self.letters_valid.chunks_mut(slab)));
        let mut matrices = self
            .n
            .chunks_mut(row)
            .zip(self.both_right.chunks_mut(row))
            .zip(self.right.chunks_mut(row))
            .zip(self.agree.chunks_mut(row).zip(self.valid_both.chunks_mut(row)));
        let mut tiles = Vec::new();
        while let (
            Some((((n, both_right), right), (agree, valid_both))),
            Some(((gold_n, gold_right), (letters, letters_valid))),
        ) = (matrices.next(), cubes.next())
        {
            tiles.push(PairTile {
                first: tiles.len() * TILE_LANGUAGES,
                n,
                both_right,
                right,
                agree,
                valid_both,
                gold_n,
                gold_right,
                letters,
                letters_valid,
            });
        }
        tiles
    }
}

/// What each language looks like by itself, over the blocks in which nothing is missing.
///
/// There it looks the same beside every other language: counted once for a language, and spread over
/// its pairs at the end.
#[derive(Clone, Debug)]
pub(super) struct Margins {
    n: Vec<i64>,
    right: Vec<i64>,
    gold_n: Vec<i64>,
    gold_right: Vec<i64>,
    letters: Vec<i64>,
    letters_valid: Vec<i64>,
}

impl Margins {
    pub(super) fn zero(n_languages: usize, n_options: usize) -> Self {
        let vector = || vec![0; n_languages];
        let matrix = || vec![0; n_languages * n_options];
        Self {
            n: vector(),
            right: vector(),
            gold_n: matrix(),
            gold_right: matrix(),
            letters: matrix(),
            letters_valid: matrix(),
        }
    }

    /// Take in what the tiles of the block leave out.
    pub(super) fn add(&mut self, planes: &Planes) {
        let options = planes.n_options;
        for (language, planes_of) in planes.languages.iter().enumerate() {
            let totals = &planes_of.totals;
            let cell = language * options..(language + 1) * options;
            if planes.all_valid {
                add(&mut self.letters_valid[cell.clone()], &totals.letters);
            }
            if planes.all_asked {
                self.n[language] += totals.asked;
                self.right[language] += totals.right;
                add(&mut self.gold_n[cell.clone()], &totals.gold_asked);
                add(&mut self.gold_right[cell.clone()], &totals.gold_right);
                add(&mut self.letters[cell], &totals.letters);
            }
        }
    }

    /// Add them to the pairs of each source language.
    pub(super) fn spread(&self, counts: &mut PairCounts) {
        let (width, options) = (counts.n_languages, counts.n_options);
        for (sums, parts, size) in [
            (&mut counts.n, &self.n, 1),
            (&mut counts.right, &self.right, 1),
            (&mut counts.gold_n, &self.gold_n, options),
            (&mut counts.gold_right, &self.gold_right, options),
            (&mut counts.letters, &self.letters, options),
            (&mut counts.letters_valid, &self.letters_valid, options),
        ] {
            let sources =
                sums.chunks_exact_mut((width * size).max(1)).zip(parts.chunks_exact(size));
            for (pairs, part) in sources.filter(|(_, part)| part.iter().any(|count| *count != 0)) {
                for pair in pairs.chunks_exact_mut(size) {
                    add(pair, part);
                }
            }
        }
    }
}

/// Agreement counts for every pair of respondents, for matrices with no gold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementCounts {
    /// Number of respondents.
    pub n_languages: usize,
    /// Matrix: items with the same valid option in both.
    pub agree: Vec<i64>,
    /// Matrix: items valid in both.
    pub valid_both: Vec<i64>,
}

impl AgreementCounts {
    /// The counts over no items.
    #[must_use]
    pub fn zero(n_languages: usize) -> Self {
        let matrix = || vec![0; n_languages * n_languages];
        Self { n_languages, agree: matrix(), valid_both: matrix() }
    }

    /// Add the counts over other items of the same respondents.
    ///
    /// # Errors
    /// When the numbers of respondents differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), PairsError> {
        if self.n_languages != other.n_languages {
            return Err(PairsError::Merge(other.n_languages, 0, self.n_languages, 0));
        }
        add(&mut self.agree, &other.agree);
        add(&mut self.valid_both, &other.valid_both);
        Ok(())
    }

    /// Copy what was counted from the diagonal up to below it.
    pub(super) fn mirror(&mut self) {
        for matrix in [&mut self.agree, &mut self.valid_both] {
            mirror(matrix, self.n_languages);
        }
    }

    pub(super) fn tiles(&mut self) -> Vec<AgreementTile<'_>> {
        let row = (self.n_languages * TILE_LANGUAGES).max(1);
        self.agree
            .chunks_mut(row)
            .zip(self.valid_both.chunks_mut(row))
            .enumerate()
            .map(|(index, (agree, valid_both))| AgreementTile {
                first: index * TILE_LANGUAGES,
                agree,
                valid_both,
            })
            .collect()
    }
}

fn add(sum: &mut [i64], part: &[i64]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

/// Copy the upper triangle into the lower one.
fn mirror(matrix: &mut [i64], n_languages: usize) {
    for source in 0..n_languages {
        for target in source + 1..n_languages {
            matrix[target * n_languages + source] = matrix[source * n_languages + target];
        }
    }
}
