//! A cancelled kernel has no result.

use clika_core::jsonl::{Limits, ParseError, parse_files};
use clika_core::pairs::{Codes, PairsError, agreement_counts, pair_counts};
use clika_core::swapping::{Ratios, SwappingError, swap_statistics};
use clika_core::{Cancel, Execution, Interrupted};

#[test]
fn an_execution_goes_on_until_it_is_cancelled() {
    let cancel = Cancel::default();
    let execution = Execution::new(None).until(&cancel);
    assert_eq!(execution.check(), Ok(()));
    cancel.cancel();
    assert_eq!(execution.check(), Err(Interrupted));
    assert_eq!(Execution::new(None).check(), Ok(()));
}

#[test]
fn counting_stops() {
    let cancel = Cancel::default();
    cancel.cancel();
    let execution = Execution::new(None).until(&cancel);
    let codes = Codes::new(&[0, 1, 1, 0], 2, 2, 2).expect("good codes");
    assert!(matches!(pair_counts(&codes, &[0, 1], execution), Err(PairsError::Interrupted(_))));
    assert!(matches!(agreement_counts(&codes, execution), Err(PairsError::Interrupted(_))));
}

#[test]
fn reading_stops() {
    let cancel = Cancel::default();
    cancel.cancel();
    let limits = Limits { n_options: 4, max_line_bytes: 100 };
    let parsed = parse_files(&[b"{}".as_slice()], limits, Execution::new(None).until(&cancel));
    assert!(matches!(parsed, Err(ParseError::Interrupted(_))));
}

#[test]
fn swapping_stops() {
    let cancel = Cancel::default();
    cancel.cancel();
    let ratios = Ratios::new([&[1], &[0]], [&[1], &[1]], 1, 1).expect("good counts");
    let swapped = swap_statistics(&ratios, 1, (0, 0), Execution::new(None).until(&cancel));
    assert!(matches!(swapped, Err(SwappingError::Interrupted(_))));
}
