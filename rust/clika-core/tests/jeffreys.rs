//! Properties of Jeffreys intervals that hold for every table.

use std::num::NonZeroUsize;

use clika_core::jeffreys::{Function, JeffreysError, Posterior, jeffreys_intervals};
use clika_core::{Cancel, Execution, Interrupted};
use proptest::prelude::*;

const DRAWS: i64 = 300;

fn on(threads: usize) -> Execution<'static> {
    Execution::new(NonZeroUsize::new(threads))
}

fn intervals(tables: &[[i64; 4]], threads: usize) -> Vec<[u64; 2]> {
    let posterior = Posterior::new(1, DRAWS, 0.9).expect("some draws");
    jeffreys_intervals(tables, &Function::ALL, posterior, on(threads))
        .expect("counts of items")
        .into_iter()
        .map(|ends| ends.map(f64::to_bits))
        .collect()
}

fn table() -> impl Strategy<Value = [i64; 4]> {
    prop::array::uniform4(0..300_i64)
}

proptest! {
    #[test]
    fn neither_company_nor_side_nor_threads_matter(
        tables in prop::collection::vec(table(), 1..20),
    ) {
        let together = intervals(&tables, 2);
        for (place, &[both, source, target, neither]) in tables.iter().enumerate() {
            let alone = intervals(&[[both, target, source, neither]], 1);
            prop_assert_eq!(&together[place * 3..][..3], &alone[..]);
        }
    }

    #[test]
    fn ends_are_ordered_numbers(tables in prop::collection::vec(table(), 1..5)) {
        for ends in intervals(&tables, 1) {
            let [low, high] = ends.map(f64::from_bits);
            prop_assert!(low.is_finite() && high.is_finite() && low <= high);
        }
    }
}

/// More counts than are kept at a time.
#[test]
fn many_tables_are_as_each_alone() {
    let tables: Vec<[i64; 4]> =
        (0..1500).map(|at| [at, 3 * at % 1999, 7 * at % 1999, 5 * at % 1999]).collect();
    let together = intervals(&tables, 2);
    for place in [0, 700, 1499] {
        assert_eq!(together[place * 3..][..3], intervals(&tables[place..=place], 1));
    }
}

#[test]
fn what_cannot_be_is_refused() {
    assert!(matches!(Posterior::new(1, 0, 0.9), Err(JeffreysError::Draws(0))));
    assert!(matches!(Posterior::new(1, 1, 1.0), Err(JeffreysError::Level(_))));
    assert!(matches!(Function::from_id("co"), Err(JeffreysError::Function(_))));
    let posterior = Posterior::new(1, DRAWS, 0.9).expect("some draws");
    let found = jeffreys_intervals(&[[1, 2, -1, 0]], &Function::ALL, posterior, on(1));
    let error = found.expect_err("a negative count").to_string();
    assert!(error.starts_with("tables[0, 2] is -1"), "{error}");
}

#[test]
fn a_cancelled_execution_stops() {
    let cancel = Cancel::default();
    cancel.cancel();
    let posterior = Posterior::new(1, DRAWS, 0.9).expect("some draws");
    let found = jeffreys_intervals(&[[1; 4]], &Function::ALL, posterior, on(1).until(&cancel));
    assert!(matches!(found, Err(JeffreysError::Interrupted(Interrupted))));
}
