//! Choices that follow from a seed alone.

use std::time::Duration;

/// A generator of numbers (SplitMix64).
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    /// One of its own for each purpose: the same purpose has the same choices, whatever happens around it.
    pub(super) fn of(seed: u64, purpose: [u64; 3]) -> Self {
        let mut random = Self(seed);
        for part in purpose {
            random.0 ^= part.wrapping_mul(0xff51_afd7_ed55_8ccd);
            random.0 = random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 on, below this one.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// The index of one of so many.
    pub(super) fn index(&mut self, of: usize) -> usize {
        let of = u64::try_from(of).unwrap_or(u64::MAX);
        usize::try_from(self.below(of)).unwrap_or_default()
    }

    /// True this often in a thousand.
    pub(super) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// Milliseconds in a range.
    pub(super) fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to.saturating_sub(from)))
    }

    /// One of these, each as often in a thousand as it says; `None` for the rest.
    pub(super) fn weighted<T: Copy>(&mut self, weights: &[(u64, T)]) -> Option<T> {
        let mut left = self.below(1000);
        for (weight, one) in weights {
            match left.checked_sub(*weight) {
                None => return Some(*one),
                Some(rest) => left = rest,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_follow_from_the_seed() {
        let draw = |seed, purpose| {
            let mut random = Random::of(seed, purpose);
            [random.below(1000), random.below(1000)]
        };
        assert_eq!(draw(1, [1, 2, 3]), draw(1, [1, 2, 3]));
        assert_ne!(draw(1, [1, 2, 3]), draw(2, [1, 2, 3]));
        assert_ne!(draw(1, [1, 2, 3]), draw(1, [1, 3, 2]));
    }

    #[test]
    fn weights_hold_on_the_average() {
        let mut random = Random::of(7, [0, 0, 0]);
        let mut counts = [0; 3];
        for _ in 0..10_000 {
            match random.weighted(&[(100, 0), (300, 1)]) {
                Some(index) => counts[index] += 1,
                None => counts[2] += 1,
            }
        }
        assert!((800..1200).contains(&counts[0]), "{counts:?}");
        assert!((2600..3400).contains(&counts[1]), "{counts:?}");
    }
}
