//! Properties of the pair counts that hold for every matrix.

use clika_core::pairs::{
    AgreementCounter, Codes, INVALID, NOT_ASKED, PairCounter, PairCounts, PairsError,
    agreement_counts, pair_counts,
};
use clika_core::{Execution, Instructions};
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Clone, Debug)]
struct Matrix {
    codes: Vec<i8>,
    gold: Vec<i8>,
    n_languages: usize,
    n_options: i8,
}

impl Matrix {
    fn counts(&self, execution: Execution<'_>) -> PairCounts {
        let codes = self.codes();
        pair_counts(&codes, &self.gold, execution).expect("a good matrix")
    }

    fn codes(&self) -> Codes<'_> {
        let n_options = i64::from(self.n_options);
        Codes::new(&self.codes, self.gold.len(), self.n_languages, n_options)
            .expect("a good matrix")
    }

    /// The same questions, only these of them, in this order.
    fn items(&self, items: &[usize]) -> Self {
        let row = |item: &usize| {
            let start = item * self.n_languages;
            self.codes[start..start + self.n_languages].to_vec()
        };
        Self {
            codes: items.iter().flat_map(row).collect(),
            gold: items.iter().map(|item| self.gold[*item]).collect(),
            ..self.clone()
        }
    }
}

fn matrices() -> impl Strategy<Value = Matrix> {
    let shape = (0_usize..700, 1_usize..20, select(vec![2_i8, 3, 4, 5, 9, 17, 33, 64]));
    (shape, select(vec![0, INVALID, NOT_ASKED])).prop_flat_map(
        |((n_items, n_languages, n_options), lowest)| {
            let codes = prop::collection::vec(lowest..n_options, n_items * n_languages);
            let gold = prop::collection::vec(0..n_options, n_items);
            (codes, gold).prop_map(move |(codes, gold)| Matrix {
                codes,
                gold,
                n_languages,
                n_options,
            })
        },
    )
}

fn plain() -> Execution<'static> {
    Execution::new(std::num::NonZeroUsize::new(1)).with_instructions(Instructions::Portable)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_instruction_set_and_thread_count_gives_the_same(matrix in matrices()) {
        let expected = matrix.counts(plain());
        for set in Instructions::available() {
            for threads in [1, 3] {
                let threads = std::num::NonZeroUsize::new(threads);
                let execution = Execution::new(threads).with_instructions(set);
                prop_assert_eq!(&matrix.counts(execution), &expected);
            }
        }
    }

    #[test]
    fn the_order_of_items_does_not_matter(matrix in matrices(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..matrix.gold.len()).collect();
        order.sort_by_key(|item| (*item as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        prop_assert_eq!(matrix.items(&order).counts(plain()), matrix.counts(plain()));
    }

    #[test]
    fn the_counts_of_two_halves_add_up(matrix in matrices(), cut in 0.0..1.0) {
        let items: Vec<usize> = (0..matrix.gold.len()).collect();
        let (first, second) = items.split_at((items.len() as f64 * cut) as usize);
        let mut sum = matrix.items(first).counts(plain());
        sum.merge(&matrix.items(second).counts(plain())).expect("the same shape");
        prop_assert_eq!(sum, matrix.counts(plain()));
    }

    #[test]
    fn blocks_of_columns_give_the_same_as_one_block_of_rows(
        matrix in matrices(),
        cuts in prop::collection::vec(0.0..1.0, 0..4),
    ) {
        let n_items = matrix.gold.len();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| (n_items as f64 * cut) as usize).collect();
        ends.push(n_items);
        ends.sort_unstable();
        let mut pairs = PairCounter::new(matrix.n_languages, matrix.n_options as usize);
        let mut agreement = AgreementCounter::new(matrix.n_languages);
        let mut start = 0;
        for end in ends {
            let columns: Vec<Vec<i8>> = (0..matrix.n_languages)
                .map(|language| {
                    let cell = |item| matrix.codes[item * matrix.n_languages + language];
                    (start..end).map(cell).collect()
                })
                .collect();
            let columns: Vec<&[i8]> = columns.iter().map(Vec::as_slice).collect();
            let codes = Codes::from_columns(&columns, end - start, i64::from(matrix.n_options));
            let codes = codes.expect("good columns");
            pairs.add(&codes, &matrix.gold[start..end], plain()).expect("good columns");
            agreement.add(&codes, plain()).expect("good columns");
            start = end;
        }
        let whole = matrix.counts(plain());
        let agreement = agreement.finish();
        prop_assert_eq!(&agreement.agree, &whole.agree);
        prop_assert_eq!(&agreement.valid_both, &whole.valid_both);
        prop_assert_eq!(pairs.finish(), whole);
    }

    #[test]
    fn blocks_in_which_nothing_is_missing_add_up_with_others(matrix in matrices(), cut in 0.0..1.0) {
        let end = (matrix.gold.len() as f64 * cut) as usize;
        let whole = matrix.codes[..end * matrix.n_languages].iter().map(|code| (*code).max(0));
        let rest = matrix.codes[end * matrix.n_languages..].iter().copied();
        let matrix = Matrix { codes: whole.chain(rest).collect(), ..matrix.clone() };
        let items: Vec<usize> = (0..matrix.gold.len()).collect();
        let mut counter = PairCounter::new(matrix.n_languages, matrix.n_options as usize);
        for part in [&items[..end], &items[end..]] {
            let part = matrix.items(part);
            counter.add(&part.codes(), &part.gold, plain()).expect("a good matrix");
        }
        prop_assert_eq!(counter.finish(), matrix.counts(plain()));
    }

    #[test]
    fn renaming_the_options_renames_the_cubes_and_changes_nothing_else(matrix in matrices()) {
        let last = matrix.n_options - 1;
        let renamed = |code: &i8| if *code < 0 { *code } else { last - code };
        let mirrored = Matrix {
            codes: matrix.codes.iter().map(renamed).collect(),
            gold: matrix.gold.iter().map(renamed).collect(),
            ..matrix.clone()
        };
        let mut counts = mirrored.counts(plain());
        let cubes =
            [&mut counts.gold_n, &mut counts.gold_right, &mut counts.letters, &mut counts.letters_valid];
        for cube in cubes {
            for cell in cube.chunks_mut(matrix.n_options as usize) {
                cell.reverse();
            }
        }
        prop_assert_eq!(counts, matrix.counts(plain()));
    }

    #[test]
    fn counts_keep_their_bounds_and_symmetries(matrix in matrices()) {
        let counts = matrix.counts(plain());
        let (width, options) = (matrix.n_languages, matrix.n_options as usize);
        let (agree_wrong, wrong_both) = (counts.agree_wrong(), counts.wrong_both());
        for source in 0..width {
            for target in 0..width {
                let (at, mirror) = (source * width + target, target * width + source);
                for symmetric in
                    [&counts.n, &counts.both_right, &counts.agree, &counts.valid_both, &wrong_both]
                {
                    prop_assert_eq!(symmetric[at], symmetric[mirror]);
                }
                let n = counts.n[at];
                prop_assert!(n as usize <= matrix.gold.len());
                prop_assert!(counts.both_right[at] <= counts.agree[at]);
                prop_assert!(counts.agree[at] <= counts.valid_both[at] && counts.valid_both[at] <= n);
                prop_assert!(counts.right[at].max(counts.right[mirror]) + wrong_both[at] <= n);
                prop_assert!(0 <= agree_wrong[at] && agree_wrong[at] <= wrong_both[at]);
                let cell = at * options..(at + 1) * options;
                let total = |cube: &[i64]| cube[cell.clone()].iter().sum::<i64>();
                prop_assert_eq!(total(&counts.gold_n), n);
                prop_assert_eq!(total(&counts.gold_right), counts.right[at]);
                prop_assert_eq!(total(&counts.letters_valid), counts.valid_both[at]);
                prop_assert!(total(&counts.letters) <= n);
            }
            let diagonal = source * width + source;
            prop_assert_eq!(counts.agree[diagonal], counts.valid_both[diagonal]);
            prop_assert_eq!(counts.both_right[diagonal], counts.right[diagonal]);
        }
    }

    #[test]
    fn agreement_needs_no_gold(matrix in matrices()) {
        let pairs = matrix.counts(plain());
        for set in Instructions::available() {
            let counts = agreement_counts(&matrix.codes(), plain().with_instructions(set));
            let counts = counts.expect("one thread always starts");
            prop_assert_eq!(&counts.agree, &pairs.agree);
            prop_assert_eq!(&counts.valid_both, &pairs.valid_both);
        }
    }
}

#[test]
fn counts_of_other_shapes_are_not_added() {
    let mut counts = PairCounts::zero(3, 4);
    let refused = counts.merge(&PairCounts::zero(3, 5));
    assert!(matches!(refused, Err(PairsError::Merge(3, 5, 3, 4))));
}

#[test]
fn a_block_of_another_shape_is_refused() {
    let columns: [&[i8]; 2] = [&[0, 1], &[1, 0]];
    let codes = Codes::from_columns(&columns, 2, 4).expect("good columns");
    let refused = PairCounter::new(3, 4).add(&codes, &[0, 0], plain());
    assert!(matches!(refused, Err(PairsError::Merge(2, 4, 3, 4))));
    let refused = AgreementCounter::new(3).add(&codes, plain());
    assert!(matches!(refused, Err(PairsError::Merge(2, 0, 3, 0))));
}

#[test]
fn a_bad_code_is_named_by_its_place() {
    let columns: [&[i8]; 2] = [&[0, 1], &[1, 4]];
    let refused = Codes::from_columns(&columns, 2, 4);
    assert!(matches!(refused, Err(PairsError::Code { item: 1, language: 1, code: 4, last: 3 })));
    let columns: [&[i8]; 2] = [&[0, 1], &[1]];
    assert!(matches!(Codes::from_columns(&columns, 2, 4), Err(PairsError::Shape { .. })));
}

#[test]
fn a_matrix_of_the_wrong_size_is_refused() {
    let refused = Codes::new(&[0; 7], 3, 2, 4);
    assert!(matches!(refused, Err(PairsError::Shape { codes: 7, items: 3, languages: 2 })));
}
