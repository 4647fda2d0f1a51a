//! Counting and evaluating: a model at a time, some pairs at a time.

// See `Kernel`.
#![allow(clippy::inline_always)]

use rayon::ThreadPool;

use super::answers::Answers;
use super::counting::Counting;
use super::draws::Resampling;
use super::intervals::{Interval, Sample};
use super::jackknife::Jackknife;
use super::jobs::{Cell, Direction, Job, Task};
use super::metrics::Metric;
use super::planes::{Replicates, SIDE};
use super::quantities::{CHUNK, Counts, LanguageQuantities, PairQuantities, log_of_count};
use super::sets::{Model, Needs, Pair, Sets, Side};
use crate::execution::Kernel;
use crate::{Execution, Interrupted};

/// Most bytes that the counts of one group may take.
const COUNT_BYTES: usize = 128 << 20;
/// Sets that one task counts.
const TASK_SETS: usize = 8;
/// Counts whose logarithms are kept.
const LOGS: usize = 1 << 16;

/// One bootstrap of several models.
pub(super) struct Bootstrap<'a> {
    answers: &'a Answers<'a>,
    metrics: &'a [Metric],
    replicates: Replicates<'a>,
    members: Vec<Vec<u32>>,
    logs: Vec<f64>,
    execution: Execution<'a>,
    pool: Option<&'a ThreadPool>,
}

impl<'a> Bootstrap<'a> {
    pub(super) fn new(
        answers: &'a Answers<'a>,
        resampling: &'a Resampling,
        metrics: &'a [Metric],
        execution: Execution<'a>,
        pool: Option<&'a ThreadPool>,
    ) -> Result<Self, Interrupted> {
        Ok(Self {
            answers,
            metrics,
            replicates: Replicates::new(resampling, execution, pool)?,
            members: resampling.units().members(),
            logs: (0..=answers.n_items().min(LOGS)).map(log_of_count).collect(),
            execution,
            pool,
        })
    }

    /// Count what the jobs need for one model, as many jobs at a time as the memory allows.
    pub(super) fn for_each_group(
        &self,
        model: usize,
        jobs: &[Job],
        mut work: impl FnMut(&Group<'_>) -> Result<(), Interrupted>,
    ) -> Result<(), Interrupted> {
        let model = Model::new(self.answers, model);
        let most = COUNT_BYTES / size_of::<[i32; CHUNK]>() / self.row_chunks();
        let mut jobs = jobs.iter();
        while !jobs.as_slice().is_empty() {
            let mut sets = Sets::new(&model, Needs::of(self.metrics));
            let mut counted = Vec::new();
            for job in jobs.by_ref() {
                counted.push((*job, Wanted::of(*job, &mut sets)));
                if sets.list.len() >= most {
                    break;
                }
            }
            let counts = self.count(&sets)?;
            work(&Group { bootstrap: self, model: &model, jobs: counted, counts })?;
        }
        Ok(())
    }

    /// Chunks in a row of counts.
    const fn row_chunks(&self) -> usize {
        (self.replicates.n_blocks() * SIDE).div_ceil(CHUNK)
    }

    fn count(&self, sets: &Sets<'_>) -> Result<Vec<[i32; CHUNK]>, Interrupted> {
        let places = self.row_chunks() * CHUNK;
        let mut chunks = vec![[0; CHUNK]; sets.list.len() * self.row_chunks()];
        let counts = chunks.as_flattened_mut();
        self.replicates.for_each_batch(|first, blocks| {
            let rows = counts.chunks_mut(TASK_SETS * places);
            let tasks = sets.list.chunks(TASK_SETS).zip(rows).collect();
            self.execution.for_each(self.pool, tasks, |(sets, counts)| {
                self.execution.run(Counting { blocks, sets, counts, places, first });
            })
        })?;
        Ok(chunks)
    }
}

/// The counts that one job is computed from.
enum Wanted {
    Language(Side),
    Pair(Box<Pair>),
}

impl Wanted {
    fn of(job: Job, sets: &mut Sets<'_>) -> Self {
        match job {
            Job::Language { target, .. } => Self::Language(sets.language(target)),
            Job::Pair { source, target } | Job::BothWays { source, target } => {
                Self::Pair(Box::new(sets.pair(source, target)))
            }
        }
    }
}

/// Some jobs of one model, counted.
pub(super) struct Group<'a> {
    bootstrap: &'a Bootstrap<'a>,
    model: &'a Model<'a>,
    jobs: Vec<(Job, Wanted)>,
    counts: Vec<[i32; CHUNK]>,
}

/// The values of one metric of a job: those of the replicates, then the observed one.
struct Row {
    metric: Metric,
    direction: Direction,
    cells: Vec<Cell>,
    replicates: Vec<f64>,
}

impl Row {
    fn chunk(&mut self, chunk: usize) -> &mut [f64] {
        let end = self.replicates.len().min((chunk + 1) * CHUNK);
        &mut self.replicates[chunk * CHUNK..end]
    }
}

impl Group<'_> {
    /// The interval of every cell.
    pub(super) fn intervals(&self, level: f64) -> Result<Vec<(Cell, Interval)>, Interrupted> {
        let found = self.map(|job, rows| {
            let mut scratch = Vec::new();
            let intervals = rows.into_iter().flat_map(|mut row| {
                let interval = self.interval(job, &mut row, level, &mut scratch);
                row.cells.into_iter().map(move |cell| (cell, interval))
            });
            intervals.collect::<Vec<_>>()
        })?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The value of every cell in every replicate.
    pub(super) fn values(&self) -> Result<Vec<(Cell, Vec<f64>)>, Interrupted> {
        let found = self.map(|_, rows| {
            let copies = rows.into_iter().flat_map(|row| {
                row.cells.into_iter().map(move |cell| (cell, row.replicates.clone()))
            });
            copies.collect::<Vec<_>>()
        })?;
        let drawn = self.bootstrap.replicates.drawn();
        let mut found: Vec<_> = found.into_iter().flatten().collect();
        for (_, values) in &mut found {
            values.truncate(drawn);
        }
        Ok(found)
    }

    fn interval(&self, job: Job, row: &mut Row, level: f64, scratch: &mut Vec<f64>) -> Interval {
        let drawn = self.bootstrap.replicates.drawn();
        let observed = row.replicates[drawn];
        row.replicates.truncate(drawn);
        let sample = Sample { observed, replicates: &mut row.replicates, level, scratch };
        match job {
            Job::Pair { source, target } | Job::BothWays { source, target }
                if row.metric.is_accelerated() =>
            {
                let jackknife = Jackknife::new(
                    [&self.model.languages[source].codes, &self.model.languages[target].codes],
                    self.model.n_options,
                    row.metric == Metric::KappaValid,
                );
                if jackknife.disagreements() < 3 {
                    return sample.too_few_disagreements();
                }
                sample.accelerated(|| jackknife.acceleration(&self.bootstrap.members))
            }
            _ => sample.percentile(),
        }
    }

    /// Evaluate all jobs, in parallel; the results are in their order.
    fn map<T: Send>(
        &self,
        work: impl Fn(Job, Vec<Row>) -> T + Send + Sync,
    ) -> Result<Vec<T>, Interrupted> {
        let mut results: Vec<Option<T>> = self.jobs.iter().map(|_| None).collect();
        let tasks = self.jobs.iter().zip(&mut results).collect();
        self.bootstrap.execution.for_each(
            self.bootstrap.pool,
            tasks,
            |((job, wanted), result)| {
                *result = Some(work(*job, self.evaluate(*job, wanted)));
            },
        )?;
        Ok(results.into_iter().flatten().collect())
    }

    /// What a job computes; where every answer is valid, both kappas are one.
    fn tasks(&self, job: Job) -> Vec<Task> {
        let mut tasks = job.tasks(self.bootstrap.metrics);
        let place = |tasks: &[Task], wanted| tasks.iter().position(|task| task.0 == wanted);
        let (kappa, valid) = (place(&tasks, Metric::Kappa), place(&tasks, Metric::KappaValid));
        if let (true, Some(kappa), Some(valid)) = (self.is_valid(job), kappa, valid) {
            let cells = tasks[valid].2.clone();
            tasks[kappa].2.extend(cells);
            tasks.remove(valid);
        }
        tasks
    }

    /// Whether the languages of a job have valid answers only.
    fn is_valid(&self, job: Job) -> bool {
        let (Job::Language { source, target }
        | Job::Pair { source, target }
        | Job::BothWays { source, target }) = job;
        [source, target].into_iter().all(|language| self.model.languages[language].all_valid)
    }

    fn evaluate(&self, job: Job, wanted: &Wanted) -> Vec<Row> {
        let values = self.bootstrap.replicates.drawn() + 1;
        let mut rows: Vec<Row> = self
            .tasks(job)
            .into_iter()
            .map(|(metric, direction, cells)| Row {
                metric,
                direction,
                cells,
                replicates: vec![f64::NAN; values],
            })
            .collect();
        let counts = Counts { chunks: &self.counts, width: self.bootstrap.row_chunks() };
        let logs = &self.bootstrap.logs;
        self.bootstrap.execution.run(Evaluating { counts, wanted, logs, rows: &mut rows });
        rows
    }
}

/// Compute all metrics of one job.
struct Evaluating<'a> {
    counts: Counts<'a>,
    wanted: &'a Wanted,
    logs: &'a [f64],
    rows: &'a mut [Row],
}

impl Kernel for Evaluating<'_> {
    #[inline(always)]
    fn run(self) {
        for chunk in 0..self.counts.width {
            match self.wanted {
                Wanted::Language(side) => {
                    let quantities = LanguageQuantities::new(self.counts, side, chunk);
                    for row in &mut *self.rows {
                        quantities.evaluate(row.metric, row.chunk(chunk));
                    }
                }
                Wanted::Pair(pair) => {
                    let quantities = PairQuantities::new(self.counts, pair, chunk);
                    for row in &mut *self.rows {
                        let (metric, direction) = (row.metric, row.direction);
                        quantities.evaluate(metric, direction, self.logs, row.chunk(chunk));
                    }
                }
            }
        }
    }
}
