//! The kernels of clika: bytes, integers and bits in, integers out.
//!
//! This crate is pure. It opens no file, reads no clock, keeps no global state and knows nothing of
//! Python; `clika-py` is the thin binding. Everything that runs in parallel runs in a pool of its
//! own (see [`Execution`]), every result is the same for any number of threads, and every long kernel
//! stops within milliseconds once its [`Cancel`] is set.
//!
//! * [`jeffreys`] says how far functions of a table of right and wrong answers vary.
//! * [`jsonl`] reads model outputs, one JSON object a line, and collects every bad line.
//! * [`extraction`] reads an option out of a raw response, by rule.
//! * [`pairs`] counts, for every pair of languages, what the consistency metrics are made of.
//! * [`capa`] adds up, for every pair of languages, what CAPA is made of.
//! * [`random`] gives every resampling its numbers.
//! * [`ranks`] counts, for every pair of languages, the overlaps that `RankC` is made of.
//! * [`resampling`] draws items again, and says how far the metrics vary.
//! * [`swapping`] tests two models against each other by swapping their answers.

#![deny(missing_docs)]
#![deny(unsafe_code)]

pub mod capa;
mod execution;
pub mod extraction;
pub mod jeffreys;
pub mod jsonl;
pub mod pairs;
mod quantiles;
pub mod random;
pub mod ranks;
pub mod resampling;
pub mod swapping;

pub use execution::{Cancel, Execution, Instructions, Interrupted, PoolError};
