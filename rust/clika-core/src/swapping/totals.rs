//! Sums over clusters of a few cells, and how swaps change them.

// See `Kernel`.
#![allow(clippy::inline_always)]

use std::array::from_fn;
use std::ops::{AddAssign, Range};

use super::statistic::{Own, Sums, statistic};
use super::{BLOCK, Coins, Ratios};

/// Cells that are swapped together: their sums of one replicate fill a few cache lines.
pub(super) const TILE: usize = 16;

/// Clusters whose swaps are tabulated together.
const FOUR: usize = 4;
const WAYS: usize = 1 << FOUR;

/// What a swap changes. What it adds to the first model it takes from the second.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Numerator,
    Denominator,
    NumeratorSquared,
    Both,
    DenominatorSquared,
    Crossed,
}

impl Kind {
    pub(super) const COUNT: usize = 6;
}

/// One number for each kind and cell, kind by kind: whole cache lines.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Row<T>([T; Kind::COUNT * TILE]);

impl<T: Count> Row<T> {
    fn zero() -> Self {
        Self([T::default(); Kind::COUNT * TILE])
    }

    #[inline(always)]
    fn add(&mut self, other: &Self) {
        for place in 0..self.0.len() {
            self.0[place] += other.0[place];
        }
    }
}

/// The observed sums of the cells of a tile.
pub(super) struct Totals {
    pub cells: Range<usize>,
    sums: Vec<Sums>,
}

impl Totals {
    pub(super) fn new(ratios: &Ratios<'_>, cells: Range<usize>) -> Self {
        let total = |cell: usize, product: fn([i64; 4]) -> i64| {
            let sum: i64 = (0..ratios.n_clusters)
                .map(|cluster| product(ratios.row(cluster, &cells).map(|counts| counts[cell])))
                .sum();
            sum as f64
        };
        let sums = (0..cells.len())
            .map(|cell| Sums {
                models: [
                    Own {
                        numerator: total(cell, |[n, _, _, _]| n),
                        denominator: total(cell, |[_, _, d, _]| d),
                        numerator_squared: total(cell, |[n, _, _, _]| n * n),
                        both: total(cell, |[n, _, d, _]| n * d),
                        denominator_squared: total(cell, |[_, _, d, _]| d * d),
                    },
                    Own {
                        numerator: total(cell, |[_, n, _, _]| n),
                        denominator: total(cell, |[_, _, _, d]| d),
                        numerator_squared: total(cell, |[_, n, _, _]| n * n),
                        both: total(cell, |[_, n, _, d]| n * d),
                        denominator_squared: total(cell, |[_, _, _, d]| d * d),
                    },
                ],
                numerators: total(cell, |[n, m, _, _]| n * m),
                denominators: total(cell, |[_, _, c, d]| c * d),
                crossed: [total(cell, |[n, _, _, d]| n * d), total(cell, |[_, n, d, _]| n * d)],
            })
            .collect();
        Self { cells, sums }
    }

    /// The sums of a cell after swaps that changed them so.
    #[inline(always)]
    pub(super) fn swapped(&self, cell: usize, change: [f64; Kind::COUNT]) -> Sums {
        let Sums { models: [a, b], numerators, denominators, crossed } = self.sums[cell];
        let by = |kind: Kind| change[kind as usize];
        let moved = |own: Own, sign: f64| Own {
            numerator: own.numerator + sign * by(Kind::Numerator),
            denominator: own.denominator + sign * by(Kind::Denominator),
            numerator_squared: own.numerator_squared + sign * by(Kind::NumeratorSquared),
            both: own.both + sign * by(Kind::Both),
            denominator_squared: own.denominator_squared + sign * by(Kind::DenominatorSquared),
        };
        let across = by(Kind::Crossed);
        Sums {
            models: [moved(a, 1.0), moved(b, -1.0)],
            numerators,
            denominators,
            crossed: [crossed[0] + across, crossed[1] - across],
        }
    }
}

/// An integer that sums of changes are exact in.
pub(super) trait Count: Copy + Default + AddAssign + Into<i64> {
    /// From an integer that is known to fit.
    fn of(value: i64) -> Self;
}

impl Count for i32 {
    #[inline(always)]
    fn of(value: i64) -> Self {
        value as Self
    }
}

impl Count for i64 {
    #[inline(always)]
    fn of(value: i64) -> Self {
        value
    }
}

/// The changes of a tile's sums in a block of replicates.
pub(super) struct Tile<T> {
    changes: Vec<Row<T>>,
}

impl<T: Count> Tile<T> {
    /// Fill a tile's columns in the rows of one block of replicates.
    #[inline(always)]
    pub(super) fn fill(ratios: &Ratios<'_>, totals: &Totals, coins: &Coins, rows: &mut [f64]) {
        let mut tile = Self { changes: vec![Row::zero(); BLOCK] };
        tile.add_up(ratios, totals, coins);
        for (changes, row) in tile.changes.iter().zip(rows.chunks_mut(ratios.n_cells)) {
            for (cell, value) in row[totals.cells.clone()].iter_mut().enumerate() {
                let change = from_fn(|kind| changes.0[kind * TILE + cell].into() as f64);
                *value = statistic(&totals.swapped(cell, change));
            }
        }
    }

    #[inline(always)]
    fn add_up(&mut self, ratios: &Ratios<'_>, totals: &Totals, coins: &Coins) {
        for group in 0..ratios.n_clusters.div_ceil(FOUR) {
            let ways = Self::ways(ratios, totals, group);
            for (replicate, changes) in self.changes.iter_mut().enumerate() {
                changes.add(&ways[coins.four(replicate, group)]);
            }
        }
    }

    /// What each of the ways to swap four clusters changes; clusters beyond the last change nothing.
    #[inline(always)]
    fn ways(ratios: &Ratios<'_>, totals: &Totals, group: usize) -> [Row<T>; WAYS] {
        let mut ways = [Row::zero(); WAYS];
        for bit in 0..FOUR {
            let cluster = group * FOUR + bit;
            let change = if cluster < ratios.n_clusters {
                change(ratios.row(cluster, &totals.cells))
            } else {
                Row::zero()
            };
            for way in 0..1 << bit {
                let mut with = ways[way];
                with.add(&change);
                ways[way | 1 << bit] = with;
            }
        }
        ways
    }
}

/// What the swap of one cluster changes.
#[inline(always)]
fn change<T: Count>([na, nb, da, db]: [&[i64]; 4]) -> Row<T> {
    let mut row = Row::zero();
    for cell in 0..na.len() {
        let (na, nb, da, db) = (na[cell], nb[cell], da[cell], db[cell]);
        let mut put = |kind: Kind, value: i64| row.0[kind as usize * TILE + cell] = T::of(value);
        put(Kind::Numerator, nb - na);
        put(Kind::Denominator, db - da);
        put(Kind::NumeratorSquared, nb * nb - na * na);
        put(Kind::Both, nb * db - na * da);
        put(Kind::DenominatorSquared, db * db - da * da);
        put(Kind::Crossed, nb * da - na * db);
    }
    row
}
