//! For every pair of languages, the counts that the consistency metrics are made of.
//!
//! Answers come as a matrix of option codes, items by languages: `0..n_options`, or
//! [`INVALID`] (asked, no option read), or [`NOT_ASKED`]. Every count of a pair is over the items
//! asked in both languages. All counts are sums over items, so the counts of two disjoint sets of
//! items add up to those of their union: [`PairCounts::merge`], and items can come in any number of
//! blocks: [`PairCounter`].
//!
//! The codes are cut into bit planes, 512 items to a 64-byte lane, so that one population count
//! answers a question about 64 items. A block of items is planed, counted and forgotten before the
//! next one, so memory beside the result does not grow with the number of items.

/// Call `$function` with the number of bit planes as a constant, so that its loops unroll.
macro_rules! with_bits {
    ($planes:expr, $function:ident($($argument:expr),*)) => {
        match $planes.n_bits {
            1 => $function::<1>($($argument),*),
            2 => $function::<2>($($argument),*),
            3 => $function::<3>($($argument),*),
            4 => $function::<4>($($argument),*),
            5 => $function::<5>($($argument),*),
            _ => $function::<6>($($argument),*),
        }
    };
}

mod codes;
mod counter;
mod counting;
mod counts;
mod planes;

pub use codes::{Codes, INVALID, MAX_OPTIONS, MIN_OPTIONS, NOT_ASKED, PairsError};
pub use counter::{AgreementCounter, PairCounter, agreement_counts, pair_counts};
pub use counts::{AgreementCounts, PairCounts};
