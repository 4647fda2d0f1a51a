//! What this machine can do at most, for `scale.py` to compare with: population counts of words that
//! lie in the first-level cache, and bytes read from memory. Only std, so that `rustc -O` builds it.
//!
//! limits THREADS: prints population counts a second and bytes read a second, of all threads. Each
//! thread's rate is that of its best slice of a fraction of a millisecond, so other work on the machine hardly
//! shows.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

/// Words of each of two arrays: 8 KiB, so that both stay in the first-level cache.
const NEAR: usize = 1024;
/// Words of the array that is read from memory, of each thread, a slice at a time.
const FAR: usize = 1 << 25;
const FAR_SLICE: usize = 1 << 18;
const NEAR_PASSES: usize = 1_000;
const REPEATS: usize = 2_000;

#[inline(always)]
fn count_both(a: &[u64], b: &[u64]) -> u64 {
    let mut counts = [0; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for word in 0..8 {
            counts[word] += u64::from((a[word] & b[word]).count_ones());
        }
        // Else the compiler gathers words from several lanes, which is slower.
        black_box(());
    }
    counts.iter().sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn count_both_avx2(a: &[u64], b: &[u64]) -> u64 {
    count_both(a, b)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512vpopcntdq,popcnt")]
fn count_both_avx512(a: &[u64], b: &[u64]) -> u64 {
    count_both(a, b)
}

fn best_count(a: &[u64], b: &[u64]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512vpopcntdq") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: the processor has these instructions.
            return unsafe { count_both_avx512(a, b) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
            // SAFETY: the processor has these instructions.
            return unsafe { count_both_avx2(a, b) };
        }
    }
    count_both(a, b)
}

fn count_near(_: usize) {
    let (a, b) = (vec![0x5555_u64; NEAR], vec![0x3333_u64; NEAR]);
    for _ in 0..NEAR_PASSES {
        black_box(best_count(black_box(&a), black_box(&b)));
    }
}

fn read_far(words: &[u64]) {
    let mut sums = [0_u64; 8];
    for eight in black_box(words).chunks_exact(8) {
        for word in 0..8 {
            sums[word] = sums[word].wrapping_add(eight[word]);
        }
    }
    black_box(sums);
}

/// The fewest seconds that one of many repeats took.
fn best_seconds(mut work: impl FnMut(usize)) -> f64 {
    let seconds = (0..REPEATS).map(|repeat| {
        let start = Instant::now();
        work(repeat);
        start.elapsed().as_secs_f64()
    });
    seconds.fold(f64::INFINITY, f64::min)
}

/// The rates of all threads, added up, each measured while the others work too.
fn on_threads(threads: usize, rate: impl Fn() -> f64 + Sync) -> f64 {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(&rate)).collect();
        workers.into_iter().map(|worker| worker.join().expect("no thread panics")).sum()
    })
}

fn main() {
    let threads = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let near = on_threads(threads, || (NEAR * NEAR_PASSES) as f64 / best_seconds(count_near));
    let far = on_threads(threads, || {
        let words = vec![1_u64; FAR];
        let slices: Vec<_> = words.chunks_exact(FAR_SLICE).collect();
        let seconds = best_seconds(|repeat| read_far(slices[repeat % slices.len()]));
        (FAR_SLICE * 8) as f64 / seconds
    });
    println!("{near} {far}");
}
