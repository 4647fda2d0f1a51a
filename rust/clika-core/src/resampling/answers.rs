//! The answers of several models to one task.

use super::errors::ResamplingError;
use crate::pairs::{Codes, PairsError};

/// Checked option codes, models by items by languages, row-major, and the gold options.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    codes: &'a [i8],
    pub(super) gold: &'a [i8],
    pub(super) n_models: usize,
    pub(super) n_languages: usize,
    pub(super) n_options: usize,
}

impl<'a> Answers<'a> {
    /// Check every code. `shape` is `(n_models, n_items, n_languages)`.
    ///
    /// # Errors
    /// When `n_options` is out of range, the lengths do not fit, or a code or a gold is out of
    /// range.
    pub fn new(
        codes: &'a [i8],
        shape: [usize; 3],
        gold: &'a [i8],
        n_options: i64,
    ) -> Result<Self, ResamplingError> {
        let [n_models, n_items, n_languages] = shape;
        Codes::new(codes, n_models * n_items, n_languages, n_options).map_err(|error| {
            match error {
                // The row of all models one below the other.
                PairsError::Code { item: row, language, code, last } => {
                    let (model, item) = (row / n_items, row % n_items);
                    ResamplingError::Code { model, item, language, code, last }
                }
                other => other.into(),
            }
        })?;
        let n_options = n_options as usize;
        if gold.len() != n_items {
            return Err(PairsError::GoldLength { golds: gold.len(), items: n_items }.into());
        }
        let options = 0..n_options as i8;
        if let Some(item) = gold.iter().position(|code| !options.contains(code)) {
            return Err(PairsError::Gold { item, code: gold[item], last: n_options - 1 }.into());
        }
        Ok(Self { codes, gold, n_models, n_languages, n_options })
    }

    /// Number of items.
    pub(super) const fn n_items(&self) -> usize {
        self.gold.len()
    }

    /// The codes of one model, language by language.
    pub(super) fn columns(&self, model: usize) -> Vec<Vec<i8>> {
        let size = self.n_items() * self.n_languages;
        let rows = &self.codes[model * size..(model + 1) * size];
        let column = |language| rows.iter().skip(language).step_by(self.n_languages.max(1));
        (0..self.n_languages).map(|language| column(language).copied().collect()).collect()
    }
}
