//! Criterion benches of the kernels on made-up input.

use std::hint::black_box;
use std::num::NonZeroUsize;

use clika_core::extraction::{Rule, extract};
use clika_core::jsonl::{Limits, parse_file};
use clika_core::pairs::{Codes, agreement_counts, pair_counts};
use clika_core::ranks::{Ranks, overlap_counts};
use clika_core::{Execution, Instructions};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Codes without pattern, the same in every run.
fn codes(count: usize, n_options: u64) -> Vec<i8> {
    let mix = |index: u64| {
        let mixed = (index ^ (index >> 7)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed >> 33) % n_options) as i8
    };
    (0..count as u64).map(mix).collect()
}

fn pairs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pairs, one thread");
    for (languages, items) in [(10, 1000), (17, 6792), (53, 3070), (460, 1880)] {
        let cells = codes(languages * items, 4);
        let gold = codes(items, 4);
        let matrix = Codes::new(&cells, items, languages, 4).expect("codes below 4");
        for set in Instructions::available() {
            let execution = Execution::new(Some(NonZeroUsize::MIN)).with_instructions(set);
            let shape = format!("{languages} x {items}, {}", set.name());
            group.bench_function(BenchmarkId::new("pair_counts", &shape), |bencher| {
                bencher.iter(|| pair_counts(black_box(&matrix), &gold, execution));
            });
            group.bench_function(BenchmarkId::new("agreement_counts", &shape), |bencher| {
                bencher.iter(|| agreement_counts(black_box(&matrix), execution));
            });
        }
    }
    group.finish();
}

/// Rankings of `k` options without pattern, the same in every run.
fn rankings(count: usize, k: u8) -> Vec<u8> {
    let mut cells = Vec::with_capacity(count * usize::from(k));
    for start in codes(count, u64::from(k)) {
        let ranking = (1..=k).map(|rank| (rank + start as u8) % k + 1);
        cells.extend(ranking);
    }
    cells
}

fn ranks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ranks, one thread");
    for (languages, items) in [(17, 6792), (53, 3070)] {
        let cells = rankings(languages * items, 10);
        let options = vec![10; items];
        let shape = [items, languages, 10];
        for set in Instructions::available() {
            let execution = Execution::new(Some(NonZeroUsize::MIN)).with_instructions(set);
            let name = format!("{languages} x {items}, {}", set.name());
            let check = || Ranks::new(&cells, &options, shape, execution).expect("rankings");
            group.bench_function(BenchmarkId::new("check", &name), |bencher| bencher.iter(check));
            let ranks = check();
            group.bench_function(BenchmarkId::new("overlap_counts", &name), |bencher| {
                bencher.iter(|| overlap_counts(black_box(&ranks), execution));
            });
        }
    }
    group.finish();
}

fn jsonl(criterion: &mut Criterion) {
    let prompt = r"\u0412\u043e\u043f\u0440\u043e\u0441: 2+3=?\nA. 1\nB. 5\n".repeat(12);
    let lines = (0..1000).map(|id| {
        format!(r#"{{"id": {id}, "input": "{prompt}", "res": "B. 5", "label": "B", "uuid": {id}}}"#)
    });
    let file = lines.collect::<Vec<_>>().join("\n");
    let limits = Limits { n_options: 5, max_line_bytes: 1 << 20 };
    let mut group = criterion.benchmark_group("jsonl, one thread");
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("parse_file", |bencher| {
        bencher.iter(|| parse_file(black_box(file.as_bytes()), limits, Execution::new(None)));
    });
    group.finish();
}

fn extraction(criterion: &mut Criterion) {
    let texts = ["town", "michigan", "hospital", "schools", "office building"];
    let responses = ["B.", "C. hospital", "The answer is (D).", "А.", "It is the hospital."];
    let mut group = criterion.benchmark_group("extraction");
    for rule in Rule::ALL {
        for response in responses {
            group.bench_function(BenchmarkId::new(rule.name(), response), |bencher| {
                bencher.iter(|| extract(black_box(response), 5, Some(&texts), rule));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, pairs, ranks, jsonl, extraction);
criterion_main!(benches);
