//! What a number says, to anyone; to a customer also whether it is one of their own parcels.
//!
//! Whether the number is in the books of somebody else changes nothing of the answer, of the work or of its time: the
//! books are asked for the customer's own only. Who looks up one number after the other is slowed and stopped by a
//! [`Walk`] for each caller and each network, in the memory of this process: with several processes a walker gets as
//! many times as much as there are processes, and still learns nothing of the books.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use choba_engine::tracking::{Walk, WalkLimits};
use choba_store::books::{self, ShipmentOf};
use jiff::Timestamp;

use crate::code_attempts::network_of;
use crate::parcel_numbers::normal_number;
use crate::{AppError, Caller, Counter, Right};

/// Callers and networks that are remembered at most; beyond that those who were quiet longest are forgotten.
const WALKERS_MAX: usize = 20_000;

/// Who has looked up what lately.
#[derive(Debug, Default)]
pub(crate) struct Walkers(Mutex<HashMap<String, Walk>>);

impl Walkers {
    /// Counts a look-up under all of these names, or says when to try again.
    fn look_up(&self, names: &[String], number: &str, at: Timestamp) -> Result<(), Timestamp> {
        let limits = WalkLimits::default();
        let mut walks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if walks.len() + names.len() > WALKERS_MAX {
            forget(&mut walks, &limits, at);
        }
        let mut again_at = None;
        for name in names {
            let walk = walks.entry(name.clone()).or_default();
            again_at = again_at.max(walk.look_up(number, at, &limits).err());
        }
        again_at.map_or(Ok(()), Err)
    }
}

/// Forgets walks that have nothing more to say and, where these are few, the half that was quiet longest.
fn forget(walks: &mut HashMap<String, Walk>, limits: &WalkLimits, at: Timestamp) {
    walks.retain(|_, walk| at < walk.forgotten_at(limits));
    if walks.len() > WALKERS_MAX / 2 {
        let mut ends: Vec<Timestamp> = walks.values().map(|walk| walk.forgotten_at(limits)).collect();
        ends.sort_unstable();
        let middle = ends.get(ends.len() / 2).copied().unwrap_or(at);
        walks.retain(|_, walk| walk.forgotten_at(limits) > middle);
    }
}

impl Counter {
    /// The caller's own shipments of a number, for an answer about it; nothing for anybody but a customer. Those who
    /// write shipments may ask as often as they like.
    ///
    /// # Errors
    /// [`AppError::TooManyTries`] for those who walk through numbers.
    pub async fn look_up_parcel(
        &self,
        caller: Option<&Caller>,
        address: &str,
        text: &str,
        at: Timestamp,
    ) -> Result<Vec<ShipmentOf>, AppError> {
        let number = normal_number("#number", text)?;
        if caller.is_none_or(|caller| caller.may(Right::ShipmentsWrite).is_err()) {
            let too_many = |until: Timestamp| AppError::TooManyTries { again_at: until.as_millisecond() };
            self.walkers.look_up(&names(caller, address), &number, at).map_err(too_many)?;
        }
        match caller {
            Some(Caller::Customer { customer_id }) => {
                Ok(books::shipments_of_customer_by_number(&self.store, customer_id, &number).await?)
            }
            _ => Ok(Vec::new()),
        }
    }
}

/// Under what a look-up is counted: who asks, and from which network.
fn names(caller: Option<&Caller>, address: &str) -> Vec<String> {
    let caller = caller.map(|caller| match caller {
        Caller::Customer { customer_id } => format!("customer:{customer_id}"),
        other => other.by(),
    });
    let network = Some(format!("network:{}", network_of(address)));
    caller.into_iter().chain(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_those_who_walk_are_remembered() {
        let walkers = Walkers::default();
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        for caller in 0..WALKERS_MAX {
            walkers.look_up(&[caller.to_string()], "400000000001", at(0)).unwrap();
        }
        let mut refused = 0;
        for number in 0..200_u64 {
            let number = (400_000_000_000 + number).to_string();
            refused += usize::from(walkers.look_up(&["walker".to_owned()], &number, at(1)).is_err());
        }
        assert!(walkers.0.lock().unwrap().len() <= WALKERS_MAX);
        assert_eq!(refused, 200 - 11);
        for caller in 0..WALKERS_MAX {
            let _ = walkers.look_up(&[format!("other {caller}")], "400000000001", at(1));
        }
        assert!(walkers.0.lock().unwrap().len() <= WALKERS_MAX);
    }
}
