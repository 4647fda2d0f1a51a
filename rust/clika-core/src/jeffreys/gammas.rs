//! Draws of Gamma(count + 1/2), kept by count.

use std::collections::BTreeMap;

use rand_distr::{Distribution, Gamma};

use super::Table;
use super::functions::Draws;
use crate::random::Sequence;

/// Counts in a table.
pub(super) const CELLS: usize = 4;

/// Tells these draws from every other use of a seed.
const PURPOSE: u64 = u64::from_be_bytes(*b"jeffreys");

/// A cell of the table, and a count in it.
type Key = (usize, u32);

/// Draws for some counts, a row for each.
pub(super) struct Gammas {
    seed: u64,
    draws: usize,
    rows: BTreeMap<Key, Vec<f64>>,
}

impl Gammas {
    pub(super) const fn new(seed: u64, draws: usize) -> Self {
        Self { seed, draws, rows: BTreeMap::new() }
    }

    /// Make place for the counts of as many of the first tables as `most` rows allow, at least one;
    /// say how many they are.
    pub(super) fn plan(&mut self, tables: &[Table], most: usize) -> usize {
        let room = tables.iter().take_while(|table| {
            let more = keys(table).filter(|key| !self.rows.contains_key(key)).count();
            let fits = self.rows.is_empty() || self.rows.len() + more <= most;
            if fits {
                self.rows.extend(keys(table).map(|key| (key, Vec::new())));
            }
            fits
        });
        room.count()
    }

    /// The rows to be drawn.
    pub(super) fn rows(&mut self) -> Vec<Row<'_>> {
        let (seed, draws) = (self.seed, self.draws);
        self.rows.iter_mut().map(|(key, values)| Row { seed, draws, key: *key, values }).collect()
    }

    /// The draws of a table's cells.
    pub(super) fn of(&self, table: &Table) -> Draws<'_> {
        let row = |cell| self.rows[&(cell, table[cell])].as_slice();
        let [both, one, other, neither] = std::array::from_fn(row);
        Draws { both, one, other, neither }
    }
}

fn keys(table: &Table) -> impl Iterator<Item = Key> {
    table.iter().copied().enumerate()
}

/// A row to be drawn.
pub(super) struct Row<'a> {
    seed: u64,
    draws: usize,
    key: Key,
    values: &'a mut Vec<f64>,
}

impl Row<'_> {
    /// Draw it: a function of seed, cell and count.
    pub(super) fn draw(self) {
        let (cell, count) = self.key;
        let place = u64::from(count) * CELLS as u64 + cell as u64;
        let generator = Sequence::new(self.seed, PURPOSE, place).generator();
        let gamma = Gamma::new(f64::from(count) + 0.5, 1.0).expect("the shape is positive");
        self.values.extend(gamma.sample_iter(generator).take(self.draws));
    }
}
