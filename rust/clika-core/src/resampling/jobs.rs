//! What is computed: one language, or one pair of languages.

use super::metrics::Metric;

/// What one task computes from the counts of its sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// The metrics of one language, for the cell (`source`, `target`).
    Language { source: usize, target: usize },
    /// The metrics of two languages, in one direction.
    Pair { source: usize, target: usize },
    /// The metrics of two languages, in both directions.
    BothWays { source: usize, target: usize },
}

/// A place in the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Index of the metric in those asked for.
    pub metric: usize,
    pub source: usize,
    pub target: usize,
}

/// A metric, its direction, and the cells that it fills.
pub(super) type Task = (Metric, Direction, Vec<Cell>);

impl Job {
    /// All pairs of `width` languages, and each language on the diagonal.
    pub(super) fn of_all(width: usize, metrics: &[Metric]) -> Vec<Self> {
        let languages = (0..width).map(|own| Self::Language { source: own, target: own });
        let pairs = (0..width).flat_map(|source| {
            (source..width).map(move |target| Self::BothWays { source, target })
        });
        Self::wanted(languages, pairs, metrics)
    }

    /// One language against all, and all languages in its row.
    pub(super) fn of_source(source: usize, width: usize, metrics: &[Metric]) -> Vec<Self> {
        let languages = (0..width).map(|target| Self::Language { source, target });
        let pairs = (0..width).map(|target| Self::Pair { source, target });
        Self::wanted(languages, pairs, metrics)
    }

    fn wanted(
        languages: impl Iterator<Item = Self>,
        pairs: impl Iterator<Item = Self>,
        metrics: &[Metric],
    ) -> Vec<Self> {
        let of_language = metrics.iter().any(|metric| metric.is_of_one_language());
        let of_pair = metrics.iter().any(|metric| !metric.is_of_one_language());
        let languages = languages.filter(|_| of_language);
        languages.chain(pairs.filter(|_| of_pair)).collect()
    }

    /// The metrics to compute, each with the cells that it fills.
    pub(super) fn tasks(self, metrics: &[Metric]) -> Vec<Task> {
        let (Self::Language { source, target }
        | Self::Pair { source, target }
        | Self::BothWays { source, target }) = self;
        let own = matches!(self, Self::Language { .. });
        let mut tasks = Vec::new();
        for (index, metric) in metrics.iter().copied().enumerate() {
            if metric.is_of_one_language() != own {
                continue;
            }
            let there = Cell { metric: index, source, target };
            let back = Cell { metric: index, source: target, target: source };
            if !matches!(self, Self::BothWays { .. }) || source == target {
                tasks.push((metric, Direction::There, vec![there]));
            } else if metric.is_directed() {
                tasks.push((metric, Direction::There, vec![there]));
                tasks.push((metric, Direction::Back, vec![back]));
            } else {
                tasks.push((metric, Direction::There, vec![there, back]));
            }
        }
        tasks
    }
}

/// Which of a pair's languages is the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// As the pair is written.
    There,
    /// The other way round.
    Back,
}
