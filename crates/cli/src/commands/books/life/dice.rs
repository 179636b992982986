//! Numbers that fall the same in every run.

use std::sync::{Mutex, PoisonError};

use choba_app::Entropy;

/// Bytes that look random and are known beforehand: for a life that is shown, never for real books.
#[derive(Debug, Default)]
pub struct Dice(Mutex<u64>);

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let thrown = throw(&mut state).to_le_bytes();
            chunk.iter_mut().zip(thrown).for_each(|(byte, thrown)| *byte = thrown);
        }
    }
}

/// The next number of the generator that is known as SplitMix64.
fn throw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
