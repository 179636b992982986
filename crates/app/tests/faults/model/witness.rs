//! What the counter drew and heard during a step, so that the same can be done to the books in memory.

use std::sync::{Arc, Mutex};

use choba_app::Entropy;
use choba_engine::books::HeldLink;
use choba_engine::money::Points;
use choba_outside::scripted::Scripted;
use choba_outside::{Answering, Ask, Counterparties, LookingUp, PartyName, Reply};
use jiff::Timestamp;

use crate::support::Seeded;

/// Random bytes from a seed; those that became ids are kept.
pub struct Drawn {
    seeded: Seeded,
    ids: Mutex<Vec<[u8; 10]>>,
}

impl Drawn {
    pub fn new(seed: u64) -> Self {
        Self { seeded: Seeded::new(seed), ids: Mutex::default() }
    }

    /// The ids drawn since it was last asked, if they were made at that time.
    pub fn take_ids(&self, at: Timestamp) -> Vec<String> {
        let drawn = std::mem::take(&mut *self.ids.lock().unwrap());
        drawn.iter().map(|random| id(at, random)).collect()
    }
}

impl Entropy for Drawn {
    fn fill(&self, bytes: &mut [u8]) {
        self.seeded.fill(bytes);
        // Ids are made of 80 random bits, and nothing else is.
        if let Ok(random) = <[u8; 10]>::try_from(&*bytes) {
            self.ids.lock().unwrap().push(random);
        }
    }
}

/// 48 bits of time, then the random ones, five bits a letter.
fn id(at: Timestamp, random: &[u8; 10]) -> String {
    let millis = u64::try_from(at.as_millisecond()).unwrap().to_be_bytes();
    let bits = millis[2..].iter().chain(random).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte)) << 2;
    let letters = b"0123456789abcdefghjkmnpqrstvwxyz";
    let letter = |place: u32| char::from(letters[usize::try_from(bits >> (5 * place) & 31).unwrap()]);
    (0..26).rev().map(letter).collect()
}

/// Scripted parties; what a partner said last of a balance is kept.
pub struct Witness {
    outside: Arc<Scripted>,
    balances: Mutex<Vec<(String, Option<HeldLink>)>>,
}

impl Witness {
    pub fn of(outside: &Arc<Scripted>) -> Self {
        Self { outside: Arc::clone(outside), balances: Mutex::default() }
    }

    /// What partners said of balances since it was last asked; nothing where one did not answer.
    pub fn take_balances(&self) -> Vec<(String, Option<HeldLink>)> {
        std::mem::take(&mut *self.balances.lock().unwrap())
    }
}

fn points(number: u64) -> Points {
    Points::new(i64::try_from(number).unwrap())
}

impl Counterparties for Witness {
    fn ask<'a>(&'a self, party: &'a PartyName, key: &'a str, ask: &'a Ask) -> Answering<'a> {
        Box::pin(async move {
            let answer = self.outside.ask(party, key, ask).await;
            if let Ask::Balance { account } = ask {
                let said = match &answer {
                    Ok(Reply::Balance(said)) => Some(HeldLink {
                        program: party.as_str().to_owned(),
                        account: account.clone(),
                        always_use: false,
                        balance: points(said.available),
                        earned_last_3_months: points(said.earned_last_3_months),
                        earned_this_month: points(said.earned_this_month),
                    }),
                    _ => None,
                };
                self.balances.lock().unwrap().push((party.as_str().to_owned(), said));
            }
            answer
        })
    }

    fn look_up<'a>(&'a self, party: &'a PartyName, key: &'a str, ask: &'a Ask) -> LookingUp<'a> {
        self.outside.look_up(party, key, ask)
    }
}
