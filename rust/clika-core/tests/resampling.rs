//! Properties of the bootstrap that hold for every task.

use std::num::NonZeroUsize;

use clika_core::resampling::{
    Answers, Intervals, MAX_REPLICATES, Metric, Outcome, Resampling, ResamplingError, Units,
    bootstrap_intervals, bootstrap_replicates, resample_weights,
};
use clika_core::{Cancel, Execution, Instructions, Interrupted};
use proptest::prelude::*;
use proptest::sample::select;

const LEVEL: f64 = 0.9;

#[derive(Clone, Debug)]
struct Task {
    codes: Vec<i8>,
    gold: Vec<i8>,
    n_models: usize,
    n_languages: usize,
    n_options: i8,
    clusters: Option<Vec<i32>>,
    strata: Option<Vec<i32>>,
    replicates: i64,
}

impl Task {
    fn answers(&self) -> Answers<'_> {
        let shape = [self.n_models, self.gold.len(), self.n_languages];
        Answers::new(&self.codes, shape, &self.gold, self.n_options.into()).expect("a good task")
    }

    fn resampling(&self, seed: u64) -> Resampling {
        let (clusters, strata) = (self.clusters.as_deref(), self.strata.as_deref());
        let units = Units::new(self.gold.len(), clusters, strata).expect("a code for each item");
        Resampling::new(units, self.replicates, seed, 0).expect("some replicates")
    }

    fn intervals(&self, execution: Execution<'_>) -> Intervals {
        let (answers, resampling) = (self.answers(), self.resampling(1));
        bootstrap_intervals(&answers, &resampling, &Metric::ALL, LEVEL, execution)
            .expect("a good task")
    }

    fn values(&self, execution: Execution<'_>) -> Vec<u64> {
        let (answers, resampling) = (self.answers(), self.resampling(1));
        bits(
            &bootstrap_replicates(&answers, &resampling, &Metric::ALL, None, execution)
                .expect("a good task"),
        )
    }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Ends to the bit, and reasons: what two equal results share.
fn same(intervals: &Intervals) -> (Vec<u64>, Vec<u64>, Vec<Outcome>) {
    (bits(&intervals.low), bits(&intervals.high), intervals.outcome.clone())
}

fn groups(n_items: usize, most: i32) -> impl Strategy<Value = Option<Vec<i32>>> {
    prop::option::of(prop::collection::vec(-1..most, n_items))
}

fn tasks() -> impl Strategy<Value = Task> {
    let shape = (0_usize..200, 1_usize..3, 1_usize..5, select(vec![2_i8, 3, 5, 9, 64]));
    (shape, select(vec![0_i8, -1, -2]), 1_i64..40).prop_flat_map(
        |((n_items, n_models, n_languages, n_options), lowest, replicates)| {
            let codes = prop::collection::vec(lowest..n_options, n_models * n_items * n_languages);
            let gold = prop::collection::vec(0..n_options, n_items);
            (codes, gold, groups(n_items, 60), groups(n_items, 3)).prop_map(
                move |(codes, gold, clusters, strata)| Task {
                    codes,
                    gold,
                    n_models,
                    n_languages,
                    n_options,
                    clusters,
                    strata,
                    replicates,
                },
            )
        },
    )
}

fn plain() -> Execution<'static> {
    Execution::new(NonZeroUsize::new(1)).with_instructions(Instructions::Portable)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_instruction_set_and_thread_count_gives_the_same(task in tasks()) {
        let intervals = same(&task.intervals(plain()));
        let values = task.values(plain());
        for set in Instructions::available() {
            for threads in [1, 2, 8] {
                let execution = Execution::new(NonZeroUsize::new(threads)).with_instructions(set);
                prop_assert_eq!(&same(&task.intervals(execution)), &intervals);
                prop_assert_eq!(&task.values(execution), &values);
            }
        }
    }

    #[test]
    fn weights_draw_every_stratum_as_often_as_it_has_clusters(task in tasks()) {
        let n_items = task.gold.len();
        let weights = resample_weights(&task.resampling(3), plain()).expect("one thread");
        prop_assert_eq!(weights.len(), n_items * task.replicates as usize);
        let cluster = |item: usize| task.clusters.as_ref().map_or(item as i32, |all| all[item]);
        let stratum = |item: usize| task.strata.as_ref().map_or(0, |all| all[item]);
        let first = |item: usize| (0..=item).find(|other| cluster(*other) == cluster(item));
        for row in weights.chunks(n_items.max(1)) {
            let mut drawn = std::collections::HashMap::new();
            for item in 0..n_items {
                let first = first(item).expect("the item itself");
                prop_assert_eq!(row[item], row[first]);
                if first == item {
                    let (clusters, times) = drawn.entry(stratum(item)).or_insert((0_u32, 0_u32));
                    *clusters += 1;
                    *times += u32::from(row[item]);
                }
            }
            prop_assert!(drawn.values().all(|(clusters, times)| clusters == times));
        }
    }

    #[test]
    fn renaming_the_options_changes_nothing(task in tasks()) {
        let last = task.n_options - 1;
        let renamed = |code: &i8| if *code < 0 { *code } else { last - code };
        let mirrored = Task {
            codes: task.codes.iter().map(renamed).collect(),
            gold: task.gold.iter().map(renamed).collect(),
            ..task.clone()
        };
        let (found, expected) = (mirrored.intervals(plain()), task.intervals(plain()));
        // Sums over options come in another order.
        for (ends, others) in [(found.low, expected.low), (found.high, expected.high)] {
            for (end, other) in ends.into_iter().zip(others) {
                prop_assert!(end.is_nan() == other.is_nan());
                prop_assert!(end.is_nan() || (end - other).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn pairs_are_symmetric_but_for_the_directed_metric(task in tasks()) {
        let found = task.intervals(plain());
        let width = task.n_languages;
        for (index, metric) in Metric::ALL.into_iter().enumerate() {
            for model in 0..task.n_models {
                let cell = |a: usize, b: usize| ((index * task.n_models + model) * width + a) * width + b;
                for (a, b) in (0..width).flat_map(|a| (0..width).map(move |b| (a, b))) {
                    let (there, back) = (cell(a, b), cell(b, a));
                    if !metric.is_directed() {
                        prop_assert_eq!(found.low[there].to_bits(), found.low[back].to_bits());
                        prop_assert_eq!(found.outcome[there], found.outcome[back]);
                    }
                    let is_interval = found.outcome[there] == Outcome::Interval;
                    prop_assert_eq!(is_interval, !found.low[there].is_nan());
                    prop_assert!(!is_interval || found.low[there] <= found.high[there]);
                }
            }
        }
    }
}

fn small() -> Task {
    Task {
        codes: vec![0; 6],
        gold: vec![0; 3],
        n_models: 1,
        n_languages: 2,
        n_options: 2,
        clusters: None,
        strata: None,
        replicates: 5,
    }
}

#[test]
fn weights_beyond_three_binary_digits_count() {
    let n_items = 2_000;
    let mut task = Task {
        codes: (0..n_items * 2).map(|at| (at * 7 % 3) as i8).collect(),
        gold: (0..n_items).map(|at| (at % 3) as i8).collect(),
        n_options: 3,
        replicates: 3_000,
        ..small()
    };
    task.strata = Some((0..n_items as i32).map(|item| item / 20).collect());
    let weights = resample_weights(&task.resampling(1), plain()).expect("one thread");
    assert!(weights.iter().any(|weight| *weight >= 8));
    let accuracies = {
        let (answers, resampling) = (task.answers(), task.resampling(1));
        bootstrap_replicates(&answers, &resampling, &[Metric::Acc], Some(0), plain())
    };
    let accuracies = accuracies.expect("a good task");
    for (weights, row) in weights.chunks(n_items).zip(accuracies.chunks(2)) {
        let right = (0..n_items).filter(|item| task.codes[item * 2] == task.gold[*item]);
        let count: u32 = right.map(|item| u32::from(weights[item])).sum();
        assert!((row[0] - f64::from(count) / n_items as f64).abs() < 1e-12);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let task = small();
    let shape = |items| Answers::new(&task.codes, [1, items, 2], &task.gold, 2);
    assert!(matches!(shape(4), Err(ResamplingError::Answers(_))));
    let code = Answers::new(&[0, 0, 0, 7], [2, 1, 2], &[0], 2);
    let place = ResamplingError::Code { model: 1, item: 0, language: 1, code: 7, last: 1 };
    assert_eq!(code.expect_err("7 of 2").to_string(), place.to_string());
    let units = |n_items| Units::new(n_items, Some(&[0; 3]), None);
    assert!(matches!(units(4), Err(ResamplingError::GroupLength { name: "clusters", .. })));
    for replicates in [0, -1, MAX_REPLICATES as i64 + 1] {
        let refused = Resampling::new(units(3).expect("three"), replicates, 0, 0);
        assert!(matches!(refused, Err(ResamplingError::Replicates(_))));
    }
    let others = Resampling::new(Units::new(2, None, None).expect("two"), 1, 0, 0).expect("one");
    let refused = bootstrap_intervals(&task.answers(), &others, &[Metric::Ag], LEVEL, plain());
    assert!(matches!(refused, Err(ResamplingError::Items { answers: 3, units: 2 })));
    assert!(Metric::from_id("co").is_err());
}

#[test]
fn a_cancelled_bootstrap_stops() {
    let cancel = Cancel::default();
    cancel.cancel();
    let task = small();
    let (answers, resampling) = (task.answers(), task.resampling(1));
    let execution = plain().until(&cancel);
    let stopped = bootstrap_intervals(&answers, &resampling, &[Metric::Ag], LEVEL, execution);
    assert!(matches!(stopped, Err(ResamplingError::Interrupted(Interrupted))));
    let stopped = resample_weights(&resampling, execution);
    assert!(matches!(stopped, Err(ResamplingError::Interrupted(Interrupted))));
}

#[test]
fn every_id_names_its_metric() {
    for metric in Metric::ALL {
        assert_eq!(Metric::from_id(metric.id()).expect("its own id"), metric);
    }
}
