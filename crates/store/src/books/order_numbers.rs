//! Numbers of orders: 3-7-7 digits that say nothing of each other, and a table of them that grows only at its end.
//!
//! A number is a keyed permutation of a count: whoever does not know the key can guess no other number from one,
//! and whoever does finds the count again, which is the key of the table. Were the table led by the numbers
//! themselves, each new order would touch a page of its own. The count is taken in blocks, so that orders do not
//! wait for each other; what a process has not used when it ends stays unused.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::sql::{self, Read, Row, Statement, Store, StoreError, Type, Value, Work};

/// The count of all orders.
const SERIES: &str = "orders";

/// So many numbers are taken at once.
const BLOCK: i64 = 1_000;
/// Whoever takes this one of a block takes the next block.
const RUNS_LOW: i64 = BLOCK / 2;

/// A number is eight and nine digits that are mixed in turn.
const HIGH: u64 = 100_000_000;
const LOW: u64 = 1_000_000_000;
/// How often each half is mixed with the other.
const ROUNDS: u8 = 4;

static MAKE: Statement = Statement::new(
    "make a series of numbers",
    &[("name", Type::Text), ("secret", Type::Text)],
    "INSERT INTO number_series (name, secret, next) SELECT :name, :secret, 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(1);

static LOCK: Statement = Statement::new(
    "lock a series of numbers",
    &[("name", Type::Text)],
    "SELECT :row, s.secret, s.next FROM {rows} JOIN number_series AS s ON s.name = :name {lock s}",
)
.order(2);

static TAKE: Statement = Statement::new(
    "take numbers of a series",
    &[("name", Type::Text), ("count", Type::Int)],
    "UPDATE number_series SET next = next + :count FROM {rows} WHERE number_series.name = :name",
)
.order(91)
.one_each();

static SECRET: Statement = Statement::new(
    "the key of a series of numbers",
    &[("name", Type::Text)],
    "SELECT :row, s.secret FROM {rows} JOIN number_series AS s ON s.name = :name",
);

static BY_PLACE: Statement = Statement::new(
    "whose order a number is",
    &[("place", Type::Int), ("number", Type::Text)],
    "SELECT :row, n.customer_id, n.order_id
     FROM {rows} JOIN order_numbers AS n ON n.place = :place AND n.number = :number",
);

/// A number that no other order has, and its place in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderNumber {
    /// As customers see it.
    pub number: String,
    /// Its place.
    pub place: i64,
}

/// Numbers for a process's orders. Clones give from the same ones.
///
/// One caller takes the next block, while there are still some numbers left: nobody else waits for it, and
/// none of a block is lost because several took one at once.
#[derive(Clone, Debug, Default)]
pub struct OrderNumbers {
    blocks: Arc<Mutex<VecDeque<Block>>>,
    taking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
struct Block {
    permutation: Permutation,
    next: i64,
    end: i64,
}

impl OrderNumbers {
    /// The next number. `draw` gives the key of the books' numbers, if they have none yet.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next(
        &self,
        store: &Store,
        draw: impl Fn(&mut [u8]) + Send,
    ) -> Result<OrderNumber, StoreError> {
        loop {
            if let Some(number) = self.take() {
                let number = number?;
                if number.place % BLOCK == RUNS_LOW
                    && let Ok(_alone) = self.taking.try_lock()
                {
                    // If it fails, those who find none left try again.
                    let _ = self.take_block(store, &draw).await;
                }
                return Ok(number);
            }
            let _alone = self.taking.lock().await;
            // Whoever had it before may have brought some.
            if self.lock().is_empty() {
                self.take_block(store, &draw).await?;
            }
        }
    }

    async fn take_block(&self, store: &Store, draw: &impl Fn(&mut [u8])) -> Result<(), StoreError> {
        let mut secret = [0; 32];
        draw(&mut secret);
        let take = TakeBlock { key: format!("@numbers {SERIES}"), secret: hex(&secret) };
        let block = store.perform(take).await?;
        self.lock().push_back(block);
        Ok(())
    }

    fn take(&self) -> Option<Result<OrderNumber, StoreError>> {
        let mut blocks = self.lock();
        let block = blocks.front_mut()?;
        let place = block.next;
        block.next += 1;
        let number = block.permutation.number(place).map(|number| OrderNumber { number, place });
        if block.next >= block.end {
            blocks.pop_front();
        }
        Some(number)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Block>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct TakeBlock {
    key: String,
    secret: String,
}

impl Work for TakeBlock {
    type Answer = Block;

    fn key(&self) -> &str {
        &self.key
    }

    fn locks(&self) -> Vec<Read> {
        vec![MAKE.read(vec![SERIES.into(), (&self.secret).into()]), LOCK.read(vec![SERIES.into()])]
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<sql::Decided<Block>, StoreError> {
        let row = rows.get(1).and_then(|rows| rows.first()).ok_or_else(|| defect("no series of numbers"))?;
        let (permutation, next) = (Permutation::of(row.text(0)?)?, row.int(1)?);
        let block = Block { permutation, next, end: next.saturating_add(BLOCK) };
        let row: Vec<Value> = vec![SERIES.into(), BLOCK.into()];
        Ok(sql::Decided::Write(vec![TAKE.write(row)], block))
    }
}

/// Whose order a number is: the customer's and the order's id.
///
/// # Errors
/// See [`StoreError`].
pub async fn order_by_number(store: &Store, number: &str) -> Result<Option<(String, String)>, StoreError> {
    let secrets = store.read(&SECRET, vec![vec![SERIES.into()]]).await?;
    let Some(secret) = secrets.first() else { return Ok(None) };
    let Some(place) = Permutation::of(secret.text(0)?)?.place(number)? else { return Ok(None) };
    let rows = store.read(&BY_PLACE, vec![vec![place.into(), number.into()]]).await?;
    rows.first().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).transpose()
}

/// A keyed permutation of all numbers of 17 digits: a Feistel network whose halves are counted in decimal.
#[derive(Clone)]
struct Permutation {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Permutation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Permutation").finish_non_exhaustive()
    }
}

impl Permutation {
    fn of(secret: &str) -> Result<Self, StoreError> {
        let keyed = Hmac::new_from_slice(secret.as_bytes());
        Ok(Self { keyed: keyed.map_err(|error| defect(&error.to_string()))? })
    }

    fn number(&self, place: i64) -> Result<String, StoreError> {
        let place = u64::try_from(place).map_err(|_| defect("a place below zero"))?;
        let (mut high, mut low) = (place / LOW % HIGH, place % LOW);
        for round in 0..ROUNDS {
            high = (high + self.mixed(round, 0, low) % HIGH) % HIGH;
            low = (low + self.mixed(round, 1, high) % LOW) % LOW;
        }
        let digits = format!("{high:08}{low:09}");
        let part = |from: usize, upto: usize| digits.get(from..upto).unwrap_or_default();
        Ok(format!("{}-{}-{}", part(0, 3), part(3, 10), part(10, 17)))
    }

    /// The place of a number; nothing for a text that is none.
    fn place(&self, number: &str) -> Result<Option<i64>, StoreError> {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let halves = digits.split_at_checked(8).filter(|_| digits.len() == 17);
        let parsed = halves.and_then(|(high, low)| Some((high.parse().ok()?, low.parse().ok()?)));
        let Some((mut high, mut low)) = parsed else { return Ok(None) };
        for round in (0..ROUNDS).rev() {
            low = (low + LOW - self.mixed(round, 1, high) % LOW) % LOW;
            high = (high + HIGH - self.mixed(round, 0, low) % HIGH) % HIGH;
        }
        i64::try_from(high * LOW + low).map(Some).map_err(|_| defect("a place too large"))
    }

    fn mixed(&self, round: u8, half: u8, with: u64) -> u64 {
        let mut keyed = self.keyed.clone();
        keyed.update(&[round, half]);
        keyed.update(&with.to_be_bytes());
        let hash = keyed.finalize().into_bytes();
        hash.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn defect(reason: &str) -> StoreError {
    StoreError::Defect { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_place_has_a_number_of_its_own_from_which_it_is_found_again() {
        let permutation = Permutation::of("a key").unwrap();
        let last = i64::try_from(HIGH * LOW).unwrap() - 1;
        let places = (0..5_000).chain([last - 1, last]);
        let mut seen = HashSet::new();
        for place in places {
            let number = permutation.number(place).unwrap();
            let parts: Vec<usize> = number.split('-').map(str::len).collect();
            assert_eq!(parts, [3, 7, 7], "{number}");
            assert_eq!(permutation.place(&number), Ok(Some(place)));
            assert!(seen.insert(number));
        }
    }

    #[test]
    fn numbers_that_follow_each_other_have_nothing_in_common_and_another_key_gives_others() {
        let (one, other) = (Permutation::of("a key").unwrap(), Permutation::of("another").unwrap());
        let numbers: Vec<String> = (0..1_000).map(|place| one.number(place).unwrap()).collect();
        let begins: HashSet<&str> = numbers.iter().map(|number| &number[..3]).collect();
        assert!(begins.len() > 500, "{}", begins.len());
        assert_eq!(
            numbers.iter().zip(0..).filter(|(number, at)| **number == other.number(*at).unwrap()).count(),
            0
        );
    }

    #[test]
    fn what_is_no_number_has_no_place() {
        let permutation = Permutation::of("a key").unwrap();
        for text in ["", "123", "ord_1", "1234-5678", "123-1234567-12345678"] {
            assert_eq!(permutation.place(text), Ok(None), "{text}");
        }
    }
}
