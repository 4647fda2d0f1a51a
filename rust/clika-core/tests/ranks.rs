//! Properties of the overlap counts that hold for all ranks.

use std::num::NonZeroUsize;

use clika_core::ranks::{OverlapCounts, Ranks, RanksError, overlap_counts};
use clika_core::{Execution, Instructions};
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Matrix {
    /// Item by item, language by language: the ranks, or nothing where it was not asked.
    rows: Vec<Vec<Vec<u8>>>,
    options: Vec<u8>,
    n_languages: usize,
    width: usize,
}

impl Matrix {
    fn counts(&self, execution: Execution<'_>) -> OverlapCounts {
        let cells = self.cells();
        let ranks = Ranks::new(
            &cells,
            &self.options,
            [self.rows.len(), self.n_languages, self.width],
            execution,
        )
        .expect("good ranks");
        overlap_counts(&ranks, execution).expect("threads")
    }

    fn cells(&self) -> Vec<u8> {
        let padded = |ranks: &Vec<u8>| {
            let mut ranks = ranks.clone();
            ranks.resize(self.width, 0);
            ranks
        };
        self.rows.iter().flatten().flat_map(padded).collect()
    }

    /// The same questions, only these of them, in this order.
    fn items(&self, items: &[usize]) -> Self {
        Self {
            rows: items.iter().map(|item| self.rows[*item].clone()).collect(),
            options: items.iter().map(|item| self.options[*item]).collect(),
            ..self.clone()
        }
    }

    /// Straight from the definition.
    fn naive(&self) -> OverlapCounts {
        let empty = OverlapCounts { n_languages: self.n_languages, by_options: [].into() };
        let mut counts = self.items(&[]).counts(plain());
        assert_eq!(counts, empty);
        for (item, k) in self.options.iter().enumerate() {
            let mut one = self.items(&[item]).counts(plain());
            let overlaps = one.by_options.get_mut(k).expect("the item's own");
            for source in 0..self.n_languages {
                for target in 0..self.n_languages {
                    let (a, b) = (&self.rows[item][source], &self.rows[item][target]);
                    let at = source * self.n_languages + target;
                    overlaps.n[at] = i64::from(!a.is_empty() && !b.is_empty());
                    for depth in 1..=*k {
                        let among = |(a, b): (&u8, &u8)| *a.max(b) <= depth;
                        let shared = a.iter().zip(b).filter(|pair| among(*pair)).count();
                        overlaps.overlap[at * usize::from(*k) + usize::from(depth) - 1] =
                            shared as i64;
                    }
                }
            }
            counts.merge(&one).expect("the same languages");
        }
        counts
    }
}

fn rows(n_languages: usize, k: u8, gaps: bool) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let ranking = Just((1..=k).collect::<Vec<_>>()).prop_shuffle();
    let row = (ranking, prop::bool::weighted(if gaps { 0.3 } else { 0.0 }))
        .prop_map(|(ranks, absent)| if absent { vec![] } else { ranks });
    prop::collection::vec(row, n_languages)
}

fn matrices() -> impl Strategy<Value = Matrix> {
    let sizes = (0_usize..40, 1_usize..7, any::<bool>());
    sizes.prop_flat_map(|(n_items, n_languages, gaps)| {
        let options = prop::collection::vec(prop_oneof![1_u8..=10, Just(64_u8)], n_items);
        options.prop_flat_map(move |options| {
            let rows: Vec<_> = options.iter().map(|k| rows(n_languages, *k, gaps)).collect();
            let width = options.iter().copied().max().map_or(1, usize::from);
            rows.prop_map(move |rows| Matrix { rows, options: options.clone(), n_languages, width })
        })
    })
}

fn plain() -> Execution<'static> {
    Execution::new(Some(NonZeroUsize::MIN)).with_instructions(Instructions::Portable)
}

/// Enough items for several blocks and for threads, without drawing each rank.
fn big() -> Matrix {
    let (n_items, n_languages, k) = (9_000, 7, 10_u8);
    let row = |item: usize, language: usize| {
        if (item + language).is_multiple_of(97) {
            return vec![];
        }
        let mut ranks: Vec<u8> = (1..=k).collect();
        ranks.rotate_left((item * 7 + language * item % 13) % 10);
        ranks.swap(item % 10, (item + language) % 10);
        ranks
    };
    let rows = (0..n_items).map(|item| (0..n_languages).map(|l| row(item, l)).collect()).collect();
    Matrix { rows, options: vec![k; n_items], n_languages, width: 10 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counts_are_those_of_the_definition(matrix in matrices()) {
        for set in Instructions::available() {
            prop_assert_eq!(matrix.counts(plain().with_instructions(set)), matrix.naive());
        }
    }

    #[test]
    fn the_order_of_items_is_nothing(matrix in matrices(), seed in any::<usize>()) {
        let mut order: Vec<usize> = (0..matrix.rows.len()).collect();
        order.sort_by_key(|item| item.wrapping_mul(2_654_435_761) ^ seed);
        prop_assert_eq!(matrix.items(&order).counts(plain()), matrix.counts(plain()));
    }

    #[test]
    fn parts_add_up_to_the_whole(matrix in matrices(), cut in 0_usize..40) {
        let all: Vec<usize> = (0..matrix.rows.len()).collect();
        let (head, tail) = all.split_at(cut.min(all.len()));
        let mut sum = matrix.items(head).counts(plain());
        sum.merge(&matrix.items(tail).counts(plain())).expect("the same languages");
        prop_assert_eq!(sum, matrix.counts(plain()));
    }

    #[test]
    fn options_may_be_relabelled(matrix in matrices()) {
        let mut mirrored = matrix.clone();
        mirrored.rows.iter_mut().flatten().for_each(|ranks| ranks.reverse());
        prop_assert_eq!(mirrored.counts(plain()), matrix.counts(plain()));
    }

    #[test]
    fn overlaps_are_symmetric_and_keep_their_bounds(matrix in matrices()) {
        let width = matrix.n_languages;
        for (k, counts) in &matrix.counts(plain()).by_options {
            let (k, pairs) = (usize::from(*k), (0..width).flat_map(|a| (0..width).map(move |b| (a, b))));
            for (a, b) in pairs {
                let (there, back) = (a * width + b, b * width + a);
                prop_assert_eq!(counts.n[there], counts.n[back]);
                let overlaps = &counts.overlap[there * k..][..k];
                prop_assert_eq!(overlaps, &counts.overlap[back * k..][..k]);
                let all = k as i64;
                for (depth, overlap) in (1_i64..).zip(overlaps) {
                    // Of k options 2 * depth - k are among the top of both whatever the ranking is.
                    let least = (2 * depth - all).max(0) * counts.n[there];
                    prop_assert!((least..=depth * counts.n[there]).contains(overlap));
                }
                prop_assert_eq!(overlaps[k - 1], all * counts.n[there]);
            }
        }
    }
}

#[test]
fn blocks_threads_and_instructions_change_nothing() {
    let matrix = big();
    let counts = matrix.counts(plain());
    for threads in 1..4 {
        for set in Instructions::available() {
            let execution = Execution::new(NonZeroUsize::new(threads)).with_instructions(set);
            assert_eq!(matrix.counts(execution), counts);
        }
    }
    let third: Vec<usize> = (0..9_000).step_by(3).collect();
    let rest: Vec<usize> = (0..9_000).filter(|item| item % 3 != 0).collect();
    let mut sum = matrix.items(&rest).counts(plain());
    sum.merge(&matrix.items(&third).counts(plain())).expect("the same languages");
    assert_eq!(sum, counts);
}

#[test]
fn bad_ranks_are_refused_with_their_place() {
    let refused = |cells: &[u8], options: &[u8], languages, width| {
        let shape = [options.len(), languages, width];
        let error = |set| {
            let execution = plain().with_instructions(set);
            Ranks::new(cells, options, shape, execution).expect_err("bad").to_string()
        };
        let errors: Vec<_> = Instructions::available().into_iter().map(error).collect();
        assert!(errors.iter().all(|error| *error == errors[0]));
        errors[0].clone()
    };
    assert!(refused(&[1, 2, 0, 1, 1, 0], &[2], 2, 3).starts_with("ranks[0, 1] is [1, 1, 0]"));
    assert!(refused(&[1, 2, 3], &[2], 1, 3).starts_with("ranks[0, 0]"));
    assert!(refused(&[0, 1], &[2], 1, 2).starts_with("ranks[0, 0]"));
    assert!(refused(&[129], &[1], 1, 1).starts_with("ranks[0, 0]"));
    assert!(refused(&[1], &[2], 1, 1).starts_with("options[0] is 2"));
    assert!(refused(&[1], &[0], 1, 1).starts_with("options[0] is 0"));
    assert!(refused(&[1, 2], &[2], 2, 2).contains("2 ranks for 1 items"));
    assert!(refused(&[], &[], 2, 65).contains("65"));
    assert!(matches!(
        Ranks::new(&[1], &[], [1, 1, 1], plain()),
        Err(RanksError::OptionsLength { .. })
    ));
}

#[test]
fn any_one_wrong_rank_is_found() {
    for width in [10_usize, 16, 17, 64] {
        let good: Vec<u8> = (1..=width as u8).cycle().take(width * 30).collect();
        let options = vec![width as u8; 30];
        let is_good = |cells: &[u8]| Ranks::new(cells, &options, [30, 1, width], plain()).is_ok();
        assert!(is_good(&good));
        for at in [0, width - 1, 7 * width + 3, 30 * width - 1] {
            for wrong in 0..=u8::MAX {
                let mut cells = good.clone();
                cells[at] = wrong;
                assert_eq!(is_good(&cells), wrong == good[at], "{width} {at} {wrong}");
            }
        }
    }
}

#[test]
fn counts_of_other_languages_are_not_added() {
    let mut one = OverlapCounts { n_languages: 1, by_options: [].into() };
    let two = OverlapCounts { n_languages: 2, by_options: [].into() };
    assert!(matches!(one.merge(&two), Err(RanksError::Merge(2, 1))));
}
