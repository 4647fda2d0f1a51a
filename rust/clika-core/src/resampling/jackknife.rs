//! The acceleration of an interval: how much the value depends on single clusters.

use super::quantities::kappa;
use crate::pairs::NOT_ASKED;

/// Cohen's kappa of two languages, each cluster left out in turn.
pub(super) struct Jackknife<'a> {
    codes: [&'a [i8]; 2],
    valid_only: bool,
    all: Agreement,
}

/// What kappa is made of.
#[derive(Clone)]
struct Agreement {
    n: i64,
    agree: i64,
    letters: [Vec<i64>; 2],
    /// Sum over options of the product of the letters.
    same_letter: i64,
}

impl Agreement {
    /// Add an item (`sign` 1) or take it away (-1).
    fn change(&mut self, [a, b]: [i8; 2], sign: i64) {
        self.n += sign;
        self.agree += if a == b && a >= 0 { sign } else { 0 };
        if let Ok(a) = usize::try_from(a) {
            self.same_letter += sign * self.letters[1][a];
            self.letters[0][a] += sign;
        }
        if let Ok(b) = usize::try_from(b) {
            self.same_letter += sign * self.letters[0][b];
            self.letters[1][b] += sign;
        }
    }

    fn kappa(&self) -> f64 {
        kappa(self.agree as f64, self.n as f64, self.same_letter as f64)
    }
}

impl<'a> Jackknife<'a> {
    /// Over the items asked in both languages or, with `valid_only`, valid in both.
    pub(super) fn new(codes: [&'a [i8]; 2], n_options: usize, valid_only: bool) -> Self {
        let letters = [vec![0; n_options], vec![0; n_options]];
        let all = Agreement { n: 0, agree: 0, letters, same_letter: 0 };
        let mut jackknife = Self { codes, valid_only, all };
        for item in 0..codes[0].len() {
            if let Some(pair) = jackknife.counted(item) {
                jackknife.all.change(pair, 1);
            }
        }
        jackknife
    }

    /// Items that do not agree.
    pub(super) const fn disagreements(&self) -> i64 {
        self.all.n - self.all.agree
    }

    /// The skewness of the values without each of the clusters, over 6 times the root of their
    /// number; 0 if they are all equal. Clusters without which kappa is undefined do not count.
    pub(super) fn acceleration(mut self, clusters: &[Vec<u32>]) -> f64 {
        let mut values = Vec::with_capacity(clusters.len());
        for cluster in clusters {
            self.change(cluster, -1);
            values.push(self.all.kappa());
            self.change(cluster, 1);
        }
        values.retain(|value| !value.is_nan());
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let (mut squares, mut cubes) = (0.0, 0.0);
        for value in values {
            let distance = mean - value;
            squares += distance * distance;
            cubes += distance * distance * distance;
        }
        if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 }
    }

    fn change(&mut self, cluster: &[u32], sign: i64) {
        for item in cluster {
            if let Some(pair) = self.counted(*item as usize) {
                self.all.change(pair, sign);
            }
        }
    }

    fn counted(&self, item: usize) -> Option<[i8; 2]> {
        let pair = self.codes.map(|codes| codes[item]);
        let least = pair[0].min(pair[1]);
        (least > NOT_ASKED && (least >= 0 || !self.valid_only)).then_some(pair)
    }
}
