//! Properties of the sums of CAPA that hold for all probabilities.

use std::num::NonZeroUsize;

use clika_core::capa::{CapaError, CapaSums, Probabilities, capa_sums};
use clika_core::{Execution, Instructions};
use proptest::prelude::*;

const WIDTH: usize = 6;

#[derive(Clone, Debug)]
struct Matrix {
    /// Item by item, language by language.
    rows: Vec<Vec<[f64; WIDTH]>>,
    options: Vec<u8>,
    gold: Vec<i8>,
    n_languages: usize,
}

impl Matrix {
    fn sums(&self, execution: Execution<'_>) -> CapaSums {
        let cells: Vec<f64> = self.rows.iter().flatten().flatten().copied().collect();
        let checked = Probabilities::new(
            &cells,
            &self.options,
            &self.gold,
            self.rows.len(),
            self.n_languages,
            WIDTH,
        )
        .expect("good probabilities");
        capa_sums(&checked, execution).expect("threads")
    }

    fn items(&self, items: &[usize]) -> Self {
        Self {
            rows: items.iter().map(|item| self.rows[*item].clone()).collect(),
            options: items.iter().map(|item| self.options[*item]).collect(),
            gold: items.iter().map(|item| self.gold[*item]).collect(),
            n_languages: self.n_languages,
        }
    }
}

fn matrices(most: usize) -> impl Strategy<Value = Matrix> {
    (0..most, 1_usize..6).prop_flat_map(|(n_items, n_languages)| {
        let weights = prop::array::uniform6(0.0_f64..1.0);
        let row = prop::collection::vec((weights, prop::bool::weighted(0.2)), n_languages);
        let item = (1_u8..=WIDTH as u8, 0_u8..WIDTH as u8, row);
        prop::collection::vec(item, n_items).prop_map(move |items| {
            let mut matrix = Matrix { rows: vec![], options: vec![], gold: vec![], n_languages };
            for (k, gold, row) in items {
                matrix.rows.push(row.into_iter().map(|(w, gap)| shares(w, k, gap)).collect());
                matrix.options.push(k);
                matrix.gold.push((gold % k) as i8);
            }
            matrix
        })
    })
}

fn shares(mut weights: [f64; WIDTH], k: u8, gap: bool) -> [f64; WIDTH] {
    if gap {
        return [f64::NAN; WIDTH];
    }
    weights[0] += 0.1;
    let sum: f64 = weights[..usize::from(k)].iter().sum();
    weights.map(|weight| weight / sum)
}

fn plain() -> Execution<'static> {
    Execution::new(Some(NonZeroUsize::MIN)).with_instructions(Instructions::Portable)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn sums_are_those_of_the_definition(matrix in matrices(300)) {
        let sums = matrix.sums(plain());
        for source in 0..matrix.n_languages {
            for target in 0..matrix.n_languages {
                let (mut n, mut agreement, mut gold, mut spread) = (0, 0.0, 0.0, 0.0);
                for (item, row) in matrix.rows.iter().enumerate() {
                    let (a, b) = (row[source], row[target]);
                    let k = usize::from(matrix.options[item]);
                    if a[0].is_nan() || b[0].is_nan() || k < 2 {
                        continue;
                    }
                    n += 1;
                    agreement += (0..k).map(|option| a[option] * b[option]).sum::<f64>();
                    gold += a[matrix.gold[item] as usize];
                    spread += 1.0 / (k - 1) as f64;
                }
                let at = source * matrix.n_languages + target;
                prop_assert_eq!(sums.n[at], n);
                for (sum, expected) in
                    [(sums.agreement[at], agreement), (sums.gold[at], gold), (sums.spread[at], spread)]
                {
                    prop_assert!((CapaSums::number(sum) - expected).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn order_parts_threads_and_instructions_change_nothing(
        matrix in matrices(700), cut in 0_usize..700, threads in 1_usize..4
    ) {
        let whole = matrix.sums(plain());
        let all: Vec<usize> = (0..matrix.rows.len()).rev().collect();
        let (head, tail) = all.split_at(cut.min(all.len()));
        for set in Instructions::available() {
            let execution = Execution::new(NonZeroUsize::new(threads)).with_instructions(set);
            prop_assert_eq!(&matrix.sums(execution), &whole);
            let mut sum = matrix.items(head).sums(execution);
            sum.merge(&matrix.items(tail).sums(execution)).expect("the same languages");
            prop_assert_eq!(&sum, &whole);
        }
    }

    #[test]
    fn sums_are_symmetric_and_keep_their_bounds(matrix in matrices(200)) {
        let (sums, width) = (matrix.sums(plain()), matrix.n_languages);
        for (a, b) in (0..width).flat_map(|a| (0..width).map(move |b| (a, b))) {
            let (there, back) = (a * width + b, b * width + a);
            prop_assert_eq!(sums.n[there], sums.n[back]);
            prop_assert_eq!(sums.agreement[there], sums.agreement[back]);
            prop_assert_eq!(sums.spread[there], sums.spread[back]);
            let most = sums.n[there] as f64 + 1e-9;
            for sum in [sums.agreement[there], sums.gold[there], sums.spread[there]] {
                prop_assert!((0.0..=most).contains(&CapaSums::number(sum)));
            }
        }
    }

    #[test]
    fn options_may_be_relabelled(matrix in matrices(200)) {
        let mut mirrored = matrix.clone();
        for (item, row) in mirrored.rows.iter_mut().enumerate() {
            let k = usize::from(matrix.options[item]);
            for shares in row {
                shares[..k].reverse();
            }
            mirrored.gold[item] = k as i8 - 1 - matrix.gold[item];
        }
        let (found, expected) = (mirrored.sums(plain()), matrix.sums(plain()));
        prop_assert_eq!(&found.n, &expected.n);
        prop_assert_eq!(&found.spread, &expected.spread);
        // Products are added over options in another order.
        let pairs = found.agreement.iter().zip(&expected.agreement);
        for (sum, other) in pairs.chain(found.gold.iter().zip(&expected.gold)) {
            prop_assert!((CapaSums::number(*sum) - CapaSums::number(*other)).abs() < 1e-9);
        }
    }
}

#[test]
fn what_is_no_probability_is_refused_with_its_place() {
    let refused = |cells: &[f64], options: &[u8], gold: &[i8], width| {
        Probabilities::new(cells, options, gold, options.len(), 1, width)
            .expect_err("bad")
            .to_string()
    };
    let nan = f64::NAN;
    assert!(refused(&[0.5, 0.4], &[2], &[0], 2).starts_with("probabilities[0, 0]"));
    assert!(refused(&[0.5, nan], &[2], &[0], 2).starts_with("probabilities[0, 0]"));
    assert!(refused(&[1.5, -0.5], &[2], &[0], 2).starts_with("probabilities[0, 0]"));
    assert!(refused(&[0.5, 0.5], &[2], &[2], 2).starts_with("gold[0] is 2"));
    assert!(refused(&[0.5, 0.5], &[3], &[2], 2).starts_with("options[0] is 3"));
    assert!(refused(&[0.5], &[2], &[0], 2).contains("1 probabilities"));
    assert!(refused(&[], &[], &[], 0).contains("room for 0"));
}

#[test]
fn sums_of_other_languages_are_not_added() {
    let merged = CapaSums::zero(1).merge(&CapaSums::zero(2));
    assert!(matches!(merged, Err(CapaError::Merge(2, 1))));
}
