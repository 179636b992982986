//! Chance that follows from a seed.

/// SplitMix64, as draws.
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both possible.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let width = (most - least + 1).unsigned_abs();
        least + i64::try_from(self.next() % width).unwrap()
    }

    /// So many times of a hundred.
    pub fn percent(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    pub fn one_of<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let count = i64::try_from(of.len()).unwrap();
        (count > 0).then(|| of[usize::try_from(self.between(0, count - 1)).unwrap()].clone())
    }
}
