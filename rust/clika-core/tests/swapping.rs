//! Properties of the swap statistics that hold for all counts.

use std::num::NonZeroUsize;

use clika_core::swapping::{Ratios, Swapped, SwappingError, swap_statistics};
use clika_core::{Execution, Instructions};
use proptest::prelude::*;

const SEED: (u64, u64) = (20_240_404, 7);
/// More than one block of replicates, and a part of another.
const REPLICATES: usize = 140;

#[derive(Clone, Debug)]
struct Counts {
    numerators: [Vec<i64>; 2],
    denominators: [Vec<i64>; 2],
    n_clusters: usize,
    n_cells: usize,
}

impl Counts {
    fn statistics(&self, execution: Execution<'_>) -> Swapped {
        let [na, nb] = &self.numerators;
        let [da, db] = &self.denominators;
        let ratios = Ratios::new([na, nb], [da, db], self.n_clusters, self.n_cells);
        swap_statistics(&ratios.expect("good counts"), REPLICATES, SEED, execution)
            .expect("threads start")
    }

    fn map(&self, each: impl Fn(&Vec<i64>) -> Vec<i64>) -> Self {
        Self {
            numerators: [0, 1].map(|model| each(&self.numerators[model])),
            denominators: [0, 1].map(|model| each(&self.denominators[model])),
            ..self.clone()
        }
    }
}

/// Clusters of up to three items; a numerator never passes its denominator.
fn counts() -> impl Strategy<Value = Counts> {
    (0_usize..70, 1_usize..20).prop_flat_map(|(n_clusters, n_cells)| {
        let cluster = (0_i64..4).prop_flat_map(|most| (0..=most, Just(most)));
        let matrix = prop::collection::vec(cluster, n_clusters * n_cells);
        [matrix.clone(), matrix].prop_map(move |models| {
            let [(na, da), (nb, db)] =
                models.map(|model| model.into_iter().unzip::<i64, i64, Vec<_>, Vec<_>>());
            Counts { numerators: [na, nb], denominators: [da, db], n_clusters, n_cells }
        })
    })
}

fn plain() -> Execution<'static> {
    Execution::new(NonZeroUsize::new(1)).with_instructions(Instructions::Portable)
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { 0 } else { value.to_bits() }).collect()
}

fn negated(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| if *value == 0.0 { 0.0 } else { -value }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_instruction_set_and_thread_count_gives_the_same(counts in counts()) {
        let expected = counts.statistics(plain());
        for set in Instructions::available() {
            for threads in [1, 3] {
                let execution = Execution::new(NonZeroUsize::new(threads)).with_instructions(set);
                let found = counts.statistics(execution);
                prop_assert_eq!(bits(&found.observed), bits(&expected.observed));
                prop_assert_eq!(bits(&found.replicates), bits(&expected.replicates));
            }
        }
    }

    #[test]
    fn exchanging_the_models_negates_everything(counts in counts()) {
        let forth = counts.statistics(plain());
        let mut exchanged = counts;
        exchanged.numerators.reverse();
        exchanged.denominators.reverse();
        let back = exchanged.statistics(plain());
        prop_assert_eq!(bits(&negated(&back.observed)), bits(&forth.observed));
        prop_assert_eq!(bits(&negated(&back.replicates)), bits(&forth.replicates));
    }

    #[test]
    fn a_cell_does_not_depend_on_the_others(counts in counts()) {
        let whole = counts.statistics(plain());
        let cells = counts.n_cells;
        let last = Counts {
            n_cells: 1,
            ..counts.map(|matrix| matrix.iter().skip(cells - 1).step_by(cells).copied().collect())
        };
        let found = last.statistics(plain());
        prop_assert_eq!(bits(&found.observed), bits(&whole.observed[cells - 1..]));
        let column: Vec<f64> =
            whole.replicates.iter().skip(cells - 1).step_by(cells).copied().collect();
        prop_assert_eq!(bits(&found.replicates), bits(&column));
    }

    #[test]
    fn wide_sums_give_what_narrow_ones_do(counts in counts()) {
        // A power of two changes no digit of the statistic, and squares of these pass 32 bits.
        let wide = counts.map(|matrix| matrix.iter().map(|count| count << 20).collect());
        let (narrow, wide) = (counts.statistics(plain()), wide.statistics(plain()));
        prop_assert_eq!(bits(&wide.observed), bits(&narrow.observed));
        prop_assert_eq!(bits(&wide.replicates), bits(&narrow.replicates));
    }

    #[test]
    fn equal_models_never_differ(counts in counts()) {
        let same = Counts {
            numerators: [counts.numerators[0].clone(), counts.numerators[0].clone()],
            denominators: [counts.denominators[0].clone(), counts.denominators[0].clone()],
            ..counts
        };
        let found = same.statistics(plain());
        prop_assert!(found.observed.iter().all(|value| value.is_nan() || *value == 0.0));
        prop_assert!(found.replicates.iter().all(|value| value.is_nan() || *value == 0.0));
    }
}

#[test]
fn right_against_wrong_everywhere_is_infinite_and_nothing_asked_is_undefined() {
    let counts = Counts {
        numerators: [vec![1, 0, 1, 0], vec![0, 0, 0, 0]],
        denominators: [vec![1, 0, 1, 0], vec![1, 1, 1, 1]],
        n_clusters: 2,
        n_cells: 2,
    };
    let observed = counts.statistics(plain()).observed;
    assert!(observed[0].is_infinite() && observed[0] > 0.0);
    assert!(observed[1].is_nan());
}

#[test]
fn counts_that_would_not_be_exact_are_refused() {
    let refused = |count: i64| {
        let (bad, good) = ([count], [0]);
        matches!(Ratios::new([&bad, &good], [&good, &good], 1, 1), Err(SwappingError::Count { .. }))
    };
    assert!(refused(-1));
    assert!(refused(i64::MAX));
    assert!(!refused(1 << 26));
    let shape = Ratios::new([&[0; 3], &[0; 4]], [&[0; 4], &[0; 4]], 2, 2);
    assert!(matches!(shape, Err(SwappingError::Shape { found: 3, clusters: 2, cells: 2 })));
}
