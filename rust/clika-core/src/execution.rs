//! How a kernel runs: on how many threads, with which instructions. Never what it computes.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// The instructions a bit-counting kernel is compiled for. All of them give the same counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// What every processor of the target has.
    Portable,
    /// x86-64 with AVX2 and POPCNT (since about 2013).
    Avx2,
    /// x86-64 with AVX-512 and its vector population count (since about 2019).
    Avx512Popcount,
}

impl Instructions {
    /// The sets that this processor can run, from the plainest to the fastest.
    #[must_use]
    pub fn available() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
        let mut sets = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
                sets.push(Self::Avx2);
            }
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vpopcntdq")
                && is_x86_feature_detected!("popcnt")
            {
                sets.push(Self::Avx512Popcount);
            }
        }
        sets
    }

    /// The fastest set that this processor can run.
    #[must_use]
    pub fn best() -> Self {
        Self::available().pop().unwrap_or(Self::Portable)
    }

    /// A short name for build information.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2+popcnt",
            Self::Avx512Popcount => "avx512vpopcntdq",
        }
    }
}

/// A computation that is compiled once for each instruction set.
///
/// `run` and what it calls must be `#[inline(always)]`: a function takes on the instructions of
/// its caller only where it is inlined into it.
pub(crate) trait Kernel {
    /// Compute.
    fn run(self);
}

/// The operating system refused to start worker threads.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {threads} worker threads: {source}")]
pub struct PoolError {
    threads: NonZeroUsize,
    source: rayon::ThreadPoolBuildError,
}

/// A wish that kernels stop: set by who waits for them, polled by them.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// Ask every kernel that runs with [`Execution::until`] this to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A kernel stopped because it was asked to; it has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// How to run a kernel. The result never depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Execution<'a> {
    threads: NonZeroUsize,
    // Always a set that this processor can run: see `with_instructions`.
    instructions: Instructions,
    cancel: Option<&'a Cancel>,
}

impl<'a> Execution<'a> {
    /// Run on `threads` threads (`None`: as many as the process may use) with the best instructions.
    #[must_use]
    pub fn new(threads: Option<NonZeroUsize>) -> Self {
        let threads = threads.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        Self { threads, instructions: Instructions::best(), cancel: None }
    }

    /// The same, stopping early once `cancel` is set.
    #[must_use]
    pub const fn until(self, cancel: &'a Cancel) -> Self {
        Self { cancel: Some(cancel), ..self }
    }

    /// Fail if the kernel shall stop. One atomic load: to be called every few milliseconds of work.
    ///
    /// # Errors
    /// When [`Cancel::cancel`] was called.
    pub fn check(self) -> Result<(), Interrupted> {
        match self.cancel {
            Some(cancel) if cancel.0.load(Ordering::Relaxed) => Err(Interrupted),
            _ => Ok(()),
        }
    }

    /// The same with another instruction set, or the portable one where the processor lacks it.
    #[must_use]
    pub fn with_instructions(self, instructions: Instructions) -> Self {
        let known = Instructions::available().contains(&instructions);
        Self { instructions: if known { instructions } else { Instructions::Portable }, ..self }
    }

    /// The number of threads.
    #[must_use]
    pub const fn threads(self) -> NonZeroUsize {
        self.threads
    }

    /// A pool of this many threads, or `None` for the calling thread alone.
    ///
    /// Local, not rayon's global pool: that one can be configured only once in a process and does
    /// not survive a fork.
    ///
    /// # Errors
    /// When the operating system refuses to start the threads.
    pub fn pool(self) -> Result<Option<rayon::ThreadPool>, PoolError> {
        if self.threads.get() == 1 {
            return Ok(None);
        }
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.get())
            .thread_name(|index| format!("clika-{index}"))
            .build()
            .map(Some)
            .map_err(|source| PoolError { threads: self.threads, source })
    }

    /// Do `work` for each task, on the pool if there is one; no task starts once it is cancelled.
    ///
    /// # Errors
    /// When [`Cancel::cancel`] was called: some tasks are not done.
    pub(crate) fn for_each<T: Send>(
        self,
        pool: Option<&rayon::ThreadPool>,
        tasks: Vec<T>,
        work: impl Fn(T) + Send + Sync,
    ) -> Result<(), Interrupted> {
        let work = |task| self.check().map(|()| work(task));
        match pool {
            Some(pool) if tasks.len() > 1 => {
                pool.install(|| tasks.into_par_iter().try_for_each(work))
            }
            _ => tasks.into_iter().try_for_each(work),
        }
    }

    /// Compute with this instruction set.
    #[allow(unsafe_code)]
    pub(crate) fn run(self, kernel: impl Kernel) {
        match self.instructions {
            // SAFETY: the field holds only what `Instructions::available` found on this processor,
            // and that asks for each feature enabled on the function called.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { run_with_avx2(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512Popcount => unsafe { run_with_avx512_popcount(kernel) },
            _ => kernel.run(),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn run_with_avx2(kernel: impl Kernel) {
    kernel.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512vpopcntdq,popcnt")]
fn run_with_avx512_popcount(kernel: impl Kernel) {
    kernel.run();
}
