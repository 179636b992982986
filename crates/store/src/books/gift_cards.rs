//! Gift cards: found by a keyed hash of their code, each redeemed in three short steps.
//!
//! A card belongs to nobody until it is redeemed, so it has a row of its own: it is reserved for a customer, booked
//! in the customer's own transaction, and confirmed. What a crash leaves reserved is booked and confirmed later.

use choba_engine::books::{CardState, GiftCard};
use choba_engine::money::Money;
use jiff::Timestamp;

use super::{millis, timestamp, unknown};
use crate::sql::{Decided, Read, Row, Statement, Store, StoreError, Type, Value, Work, Write};

static NEW: Statement = Statement::new(
    "insert a gift card",
    &[
        ("code_hash", Type::Text),
        ("card_id", Type::Text),
        ("batch_id", Type::Text),
        ("market", Type::Text),
        ("program", Type::Text),
        ("amount", Type::Int),
        ("issued_at", Type::Int),
        ("active_from", Type::Int),
        ("expires_at", Type::Int),
        ("replaces", Type::Text),
    ],
    "INSERT INTO gift_cards (code_hash, card_id, batch_id, market, program, amount, issued_at, active_from,
                             expires_at, replaces, state)
     SELECT :code_hash, :card_id, :batch_id, :market, :program, :amount, :issued_at, :active_from, :expires_at,
            :replaces, 'active' FROM {rows}",
)
.order(76)
.one_each();

const HASH: &[(&str, Type)] = &[("code_hash", Type::Text)];

static FIND: Statement = Statement::new(
    "a gift card",
    HASH,
    "SELECT :row, g.code_hash, g.card_id, g.batch_id, g.market, g.program, g.amount, g.issued_at, g.active_from,
            g.expires_at, g.state, g.customer_id, g.changed_at
     FROM {rows} JOIN gift_cards AS g ON g.code_hash = :code_hash",
);

static LOCK: Statement = Statement::new(
    "lock a gift card",
    HASH,
    "SELECT :row, g.code_hash, g.card_id, g.batch_id, g.market, g.program, g.amount, g.issued_at, g.active_from,
            g.expires_at, g.state, g.customer_id, g.changed_at
     FROM {rows} JOIN gift_cards AS g ON g.code_hash = :code_hash
     ORDER BY g.code_hash {lock g}",
)
.order(7);

static BY_ID: Statement = Statement::new(
    "a gift card by its id",
    &[("card_id", Type::Text)],
    "SELECT :row, g.code_hash, g.card_id, g.batch_id, g.market, g.program, g.amount, g.issued_at, g.active_from,
            g.expires_at, g.state, g.customer_id, g.changed_at
     FROM {rows} JOIN gift_cards AS g ON g.card_id = :card_id",
);

static OF_BATCH: Statement = Statement::new(
    "gift cards of a batch",
    &[("batch_id", Type::Text), ("after", Type::Text), ("most", Type::Int)],
    "SELECT :row, g.code_hash, g.card_id, g.batch_id, g.market, g.program, g.amount, g.issued_at, g.active_from,
            g.expires_at, g.state, g.customer_id, g.changed_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT code_hash, card_id, batch_id, market, program, amount, issued_at, active_from, expires_at, state,
               customer_id, changed_at
        FROM gift_cards WHERE batch_id = :batch_id AND card_id > :after ORDER BY card_id LIMIT :most) AS g
     ORDER BY g.card_id",
);

static RESERVED: Statement = Statement::new(
    "reserved gift cards until a time",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, g.code_hash, g.card_id, g.batch_id, g.market, g.program, g.amount, g.issued_at, g.active_from,
            g.expires_at, g.state, g.customer_id, g.changed_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT code_hash, card_id, batch_id, market, program, amount, issued_at, active_from, expires_at, state,
               customer_id, changed_at
        FROM gift_cards WHERE state = 'reserved' AND changed_at <= :until ORDER BY changed_at LIMIT :most) AS g",
);

static ENDING: Statement = Statement::new(
    "active gift cards that end before a time",
    &[("before", Type::Int), ("most", Type::Int)],
    "SELECT :row, g.code_hash, g.card_id, g.batch_id, g.market, g.program, g.amount, g.issued_at, g.active_from,
            g.expires_at, g.state, g.customer_id, g.changed_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT code_hash, card_id, batch_id, market, program, amount, issued_at, active_from, expires_at, state,
               customer_id, changed_at
        FROM gift_cards WHERE state = 'active' AND expires_at < :before ORDER BY expires_at LIMIT :most) AS g",
);

static RESERVE: Statement = Statement::new(
    "reserve a gift card",
    &[("code_hash", Type::Text), ("customer_id", Type::Text), ("at", Type::Int)],
    "UPDATE gift_cards SET state = 'reserved', customer_id = :customer_id, changed_at = :at
     FROM {rows} WHERE gift_cards.code_hash = :code_hash AND gift_cards.state = 'active'",
)
.order(77)
.one_each();

static CONFIRM: Statement = Statement::new(
    "confirm a redeemed gift card",
    &[("code_hash", Type::Text), ("customer_id", Type::Text)],
    "UPDATE gift_cards SET state = 'redeemed'
     FROM {rows} WHERE gift_cards.code_hash = :code_hash AND gift_cards.state = 'reserved'
       AND gift_cards.customer_id = :customer_id",
)
.order(78)
.one_each();

static RELEASE: Statement = Statement::new(
    "release a gift card",
    &[("code_hash", Type::Text), ("customer_id", Type::Text)],
    "UPDATE gift_cards SET state = 'active', customer_id = NULL, changed_at = NULL
     FROM {rows} WHERE gift_cards.code_hash = :code_hash AND gift_cards.state = 'reserved'
       AND gift_cards.customer_id = :customer_id",
)
.order(79)
.one_each();

static WITHDRAW: Statement = Statement::new(
    "withdraw a gift card",
    &[("code_hash", Type::Text), ("at", Type::Int)],
    "UPDATE gift_cards SET state = 'withdrawn', changed_at = :at
     FROM {rows} WHERE gift_cards.code_hash = :code_hash AND gift_cards.state = 'active'",
)
.order(75)
.one_each();

static EXPIRE: Statement = Statement::new(
    "expire a gift card",
    &[("code_hash", Type::Text), ("at", Type::Int)],
    "UPDATE gift_cards SET state = 'expired', changed_at = :at
     FROM {rows} WHERE gift_cards.code_hash = :code_hash AND gift_cards.state = 'active'",
)
.order(74)
.one_each();

/// A gift card as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftCardRow {
    /// A keyed hash of its code.
    pub code_hash: String,
    /// The batch, or the order, that it was issued in.
    pub batch_id: String,
    /// The card.
    pub card: GiftCard,
    /// When its state last changed: for a reserved card when it was reserved.
    pub changed_at: Option<Timestamp>,
}

impl GiftCardRow {
    /// The write that withdraws it; fails with [`StoreError::Conflict`] where it is not active any more.
    pub fn withdrawn(&self, at: Timestamp) -> Write {
        let row: Vec<Value> = vec![(&self.code_hash).into(), millis(at).into()];
        WITHDRAW.write(row)
    }

    /// The write by which its time is over; fails with [`StoreError::Conflict`] where it is not active any more.
    pub fn expired(&self, at: Timestamp) -> Write {
        let row: Vec<Value> = vec![(&self.code_hash).into(), millis(at).into()];
        EXPIRE.write(row)
    }
}

/// The write that inserts a new card, in the place of another where that was withdrawn.
pub fn new_gift_card(code_hash: &str, batch_id: &str, card: &GiftCard, replaces: Option<&str>) -> Write {
    let row: Vec<Value> = vec![
        code_hash.into(),
        (&card.card_id).into(),
        batch_id.into(),
        (&card.market).into(),
        (&card.program).into(),
        card.amount.units().into(),
        millis(card.issued_at).into(),
        millis(card.active_from).into(),
        millis(card.expires_at).into(),
        replaces.into(),
    ];
    NEW.write(row)
}

fn read_card(row: &Row) -> Result<GiftCardRow, StoreError> {
    let changed_at = row.optional_int(11)?.map(timestamp).transpose()?;
    Ok(GiftCardRow {
        code_hash: row.text(0)?.to_owned(),
        batch_id: row.text(2)?.to_owned(),
        card: GiftCard {
            card_id: row.text(1)?.to_owned(),
            market: row.text(3)?.to_owned(),
            program: row.text(4)?.to_owned(),
            amount: Money::new(row.int(5)?),
            issued_at: timestamp(row.int(6)?)?,
            active_from: timestamp(row.int(7)?)?,
            expires_at: timestamp(row.int(8)?)?,
            state: state_of(row.text(9)?, row.optional_text(10)?, changed_at)?,
        },
        changed_at,
    })
}

fn state_of(word: &str, customer: Option<&str>, at: Option<Timestamp>) -> Result<CardState, StoreError> {
    let customer_id = customer.unwrap_or_default().to_owned();
    match (word, at) {
        ("active", _) => Ok(CardState::Active),
        ("withdrawn", _) => Ok(CardState::Withdrawn),
        ("expired", _) => Ok(CardState::Expired),
        ("reserved", Some(_)) => Ok(CardState::Reserved { customer_id }),
        ("redeemed", Some(at)) => Ok(CardState::Redeemed { customer_id, at }),
        _ => Err(unknown("state of a gift card", word)),
    }
}

/// The card of a code, by the code's keyed hash.
///
/// # Errors
/// See [`StoreError`].
pub async fn gift_card(store: &Store, code_hash: &str) -> Result<Option<GiftCardRow>, StoreError> {
    let rows = store.read(&FIND, vec![vec![code_hash.into()]]).await?;
    rows.first().map(read_card).transpose()
}

/// Those of some codes' hashes that belong to cards.
///
/// # Errors
/// See [`StoreError`].
pub async fn gift_cards(store: &Store, code_hashes: &[String]) -> Result<Vec<GiftCardRow>, StoreError> {
    let rows = code_hashes.iter().map(|hash| vec![hash.into()]).collect();
    store.read(&FIND, rows).await?.iter().map(read_card).collect()
}

/// The card of an id.
///
/// # Errors
/// See [`StoreError`].
pub async fn gift_card_by_id(store: &Store, card_id: &str) -> Result<Option<GiftCardRow>, StoreError> {
    let rows = store.read(&BY_ID, vec![vec![card_id.into()]]).await?;
    rows.first().map(read_card).transpose()
}

/// Cards of a batch or an order by id, those after a card's id.
///
/// # Errors
/// See [`StoreError`].
pub async fn gift_cards_of_batch(
    store: &Store,
    batch_id: &str,
    after: &str,
    most: i64,
) -> Result<Vec<GiftCardRow>, StoreError> {
    let row: Vec<Value> = vec![batch_id.into(), after.into(), most.into()];
    store.read(&OF_BATCH, vec![row]).await?.iter().map(read_card).collect()
}

/// Cards that have been reserved since a time or longer, the oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn reserved_gift_cards(
    store: &Store,
    until: Timestamp,
    most: i64,
) -> Result<Vec<GiftCardRow>, StoreError> {
    let row: Vec<Value> = vec![millis(until).into(), most.into()];
    store.read(&RESERVED, vec![row]).await?.iter().map(read_card).collect()
}

/// Active cards whose last second has passed, those that ended first before others.
///
/// # Errors
/// See [`StoreError`].
pub async fn cards_that_end(store: &Store, at: Timestamp, most: i64) -> Result<Vec<GiftCardRow>, StoreError> {
    // A last usable second is usable to its end.
    let before = at.as_second().saturating_mul(1_000);
    let row: Vec<Value> = vec![before.into(), most.into()];
    store.read(&ENDING, vec![row]).await?.iter().map(read_card).collect()
}

/// One step of a card for a customer.
enum Step {
    Reserve(Timestamp),
    Confirm,
    Release,
}

struct CardWork {
    key: String,
    code_hash: String,
    customer_id: String,
    step: Step,
}

impl CardWork {
    fn new(code_hash: &str, customer_id: &str, step: Step) -> Self {
        Self {
            key: format!("@card {code_hash}"),
            code_hash: code_hash.to_owned(),
            customer_id: customer_id.to_owned(),
            step,
        }
    }

    /// What the step writes to a card that stands so; nothing where there is nothing to do.
    fn write(&self, state: &CardState) -> Option<Write> {
        let mut row: Vec<Value> = vec![(&self.code_hash).into(), (&self.customer_id).into()];
        let mine = matches!(state, CardState::Reserved { customer_id } if *customer_id == self.customer_id);
        match &self.step {
            Step::Reserve(at) if *state == CardState::Active => {
                row.push(millis(*at).into());
                Some(RESERVE.write(row))
            }
            Step::Confirm if mine => Some(CONFIRM.write(row)),
            Step::Release if mine => Some(RELEASE.write(row)),
            _ => None,
        }
    }
}

impl Work for CardWork {
    type Answer = Option<GiftCardRow>;

    fn key(&self) -> &str {
        &self.key
    }

    fn locks(&self) -> Vec<Read> {
        vec![LOCK.read(vec![Value::from(&self.code_hash)])]
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<Self::Answer>, StoreError> {
        let Some(row) = rows.first().and_then(|rows| rows.first()) else { return Ok(Decided::Nothing(None)) };
        let mut card = read_card(row)?;
        let Some(write) = self.write(&card.card.state) else { return Ok(Decided::Nothing(Some(card))) };
        if let Step::Reserve(at) = self.step {
            card.card.state = CardState::Reserved { customer_id: self.customer_id.clone() };
            card.changed_at = Some(timestamp(millis(at))?);
        }
        Ok(Decided::Write(vec![write], Some(card)))
    }
}

/// Reserves a card for a customer, if it is active, and answers how it stands then: reserved for this customer,
/// now or since an earlier try, or whatever keeps it from being.
///
/// # Errors
/// See [`StoreError`].
pub async fn reserve_gift_card(
    store: &Store,
    code_hash: &str,
    customer_id: &str,
    at: Timestamp,
) -> Result<Option<GiftCardRow>, StoreError> {
    store.perform(CardWork::new(code_hash, customer_id, Step::Reserve(at))).await
}

/// Marks a card as redeemed by the customer that it is reserved for. Doing it twice changes nothing.
///
/// # Errors
/// See [`StoreError`].
pub async fn confirm_gift_card(store: &Store, code_hash: &str, customer_id: &str) -> Result<(), StoreError> {
    store.perform(CardWork::new(code_hash, customer_id, Step::Confirm)).await.map(drop)
}

/// Makes a card that is reserved for a customer active again. Only for one that certainly is not booked.
///
/// # Errors
/// See [`StoreError`].
pub async fn release_gift_card(store: &Store, code_hash: &str, customer_id: &str) -> Result<(), StoreError> {
    store.perform(CardWork::new(code_hash, customer_id, Step::Release)).await.map(drop)
}
