//! Random numbers that are a function of where they are used: no state, no order, no thread.
//!
//! Philox4x64 with ten rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy
//! as 1, 2, 3"). No crate that offers it is well kept; NumPy's `Philox` computes the same blocks, and
//! a test holds this one to it.

use std::convert::Infallible;

use rand_core::TryRng;
use rand_core::utils::fill_bytes_via_next_word;

const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
const KEY_STEPS: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];
const ROUNDS: usize = 10;

/// Words in a block.
pub const BLOCK: usize = 4;

/// One block of random words: a function of its counter and key alone.
#[must_use]
pub const fn philox(counter: [u64; BLOCK], key: [u64; 2]) -> [u64; BLOCK] {
    let ([mut a, mut b, mut c, mut d], [mut k0, mut k1]) = (counter, key);
    let mut round = 0;
    while round < ROUNDS {
        let first = MULTIPLIERS[0] as u128 * a as u128;
        let second = MULTIPLIERS[1] as u128 * c as u128;
        a = (second >> 64) as u64 ^ b ^ k0;
        c = (first >> 64) as u64 ^ d ^ k1;
        b = second as u64;
        d = first as u64;
        k0 = k0.wrapping_add(KEY_STEPS[0]);
        k1 = k1.wrapping_add(KEY_STEPS[1]);
        round += 1;
    }
    [a, b, c, d]
}

/// An independent sequence of words for each (seed, purpose, replicate).
///
/// The words of two sequences that differ in any of the three come from different counters or keys,
/// so they never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    key: [u64; 2],
    replicate: u64,
}

impl Sequence {
    /// The sequence of one replicate.
    ///
    /// `purpose` tells apart what must not share draws: the tasks of a study, a bootstrap from a
    /// permutation.
    #[must_use]
    pub const fn new(seed: u64, purpose: u64, replicate: u64) -> Self {
        Self { key: [seed, purpose], replicate }
    }

    /// Its words `4 * block ..  4 * block + 4`, uniform over all of `u64`.
    #[must_use]
    pub const fn block(self, block: u64) -> [u64; BLOCK] {
        philox([block, self.replicate, 0, 0], self.key)
    }

    /// All its words, in order.
    pub fn words(self) -> impl Iterator<Item = u64> {
        (0..).flat_map(move |block| self.block(block))
    }

    /// Its words as the distributions of `rand_distr` take them.
    #[must_use]
    pub const fn generator(self) -> Generator {
        Generator { sequence: self, taken: 0, words: [0; BLOCK] }
    }
}

/// The words of a [`Sequence`], one after the other.
#[derive(Clone, Debug)]
pub struct Generator {
    sequence: Sequence,
    taken: u64,
    /// The block that the next word lies in, unless that is its first.
    words: [u64; BLOCK],
}

impl Generator {
    fn next_word(&mut self) -> u64 {
        let place = self.taken as usize % BLOCK;
        if place == 0 {
            self.words = self.sequence.block(self.taken / BLOCK as u64);
        }
        self.taken += 1;
        self.words[place]
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_word() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}

/// A uniform index below `bound` from a uniform word.
///
/// The product's high half (Lemire 2019) without its rejection step, so that every word gives
/// exactly one index; an index is off its share by less than `bound / 2^64`.
#[must_use]
pub const fn below(bound: u64, word: u64) -> u64 {
    ((bound as u128 * word as u128) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of the authors' library, Random123.
    #[test]
    fn blocks_equal_the_known_answers() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [
                0x1655_4D9E_CA36_314C,
                0xDB20_FE9D_672D_0FDC,
                0xD7E7_72CE_E186_176B,
                0x7E68_B68A_EC7B_A23B
            ]
        );
        assert_eq!(
            philox([u64::MAX; 4], [u64::MAX; 2]),
            [
                0x87B0_92C3_013F_E90B,
                0x438C_3C67_BE8D_0224,
                0x9CC7_D7C6_9CD7_77B6,
                0xA09C_AEBF_594F_0BA0
            ]
        );
    }

    #[test]
    fn indices_stay_below_their_bound_and_reach_both_ends() {
        assert_eq!(below(7, 0), 0);
        assert_eq!(below(7, u64::MAX), 6);
        assert_eq!(below(1, u64::MAX), 0);
    }

    #[test]
    fn words_run_through_the_blocks() {
        let sequence = Sequence::new(1, 2, 3);
        let words: Vec<u64> = sequence.words().take(8).collect();
        assert_eq!(words[..4], sequence.block(0));
        assert_eq!(words[4..], sequence.block(1));
        let mut generator = sequence.generator();
        assert!(words.into_iter().all(|word| generator.try_next_u64() == Ok(word)));
    }
}
