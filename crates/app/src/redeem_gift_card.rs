//! Redeeming a gift card into a customer's balance, once.
//!
//! Three short transactions, so that nobody waits for a card of others: the card is reserved for the customer,
//! booked with the customer, confirmed. The booking has an id that follows from the card and its reservation and
//! is looked for first, so it is made once, however often it is tried. A crash leaves a reserved card, which
//! [`Counter::finish_reserved_gift_cards`] books and confirms.

use std::sync::Arc;

use choba_engine::books::{CardState, GiftCard, Operation, RedeemRefusal, judge_redeeming, redeem};
use choba_engine::market::Market;
use choba_engine::money::Money;
use choba_store::books::{self, Decision, GiftCardRow, Loaded, LotsNeeded, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code_attempts::TOLD_NOTHING_FROM;
use crate::entropy::id_from;
use crate::{AppError, Counter, GiftCardCode, Key, Whose};

/// A card that has been reserved for so long is nobody's work any more.
const LEFT_BEHIND_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// A code that a customer wants to redeem.
#[derive(Clone)]
pub struct RedeemGiftCard {
    /// Who, where.
    pub whose: Whose,
    /// As typed.
    pub code: String,
    /// The address that the customer comes from, as text; kept only as a keyed hash.
    pub address: String,
    /// The caller's key, as sent. What was asked under it is kept only as a keyed hash of the code.
    pub key: String,
}

impl std::fmt::Debug for RedeemGiftCard {
    /// Without what is secret or personal.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RedeemGiftCard").field("whose", &self.whose).finish_non_exhaustive()
    }
}

/// A redeemed card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedeemedGiftCard {
    /// The card.
    pub card_id: String,
    /// Its amount, which the customer's balance has now.
    pub amount: Money,
    /// The program of that balance.
    pub program: String,
    /// The last second of that balance.
    pub expires_at: Timestamp,
}

impl RedeemedGiftCard {
    fn of(card: &GiftCard) -> Self {
        let GiftCard { card_id, amount, program, expires_at, .. } = card.clone();
        Self { card_id, amount, program, expires_at }
    }
}

impl Counter {
    /// Redeems a gift card.
    ///
    /// # Errors
    /// [`AppError::Redeem`] says why a code cannot be redeemed; after several failures it only says *unknown*,
    /// whatever the reason. [`AppError::TooManyTries`] after many failures of the customer or from the address;
    /// [`AppError::KeyReused`]; [`AppError::Grant`]; what the database answers.
    pub async fn redeem_gift_card(
        &self,
        redeem: RedeemGiftCard,
        at: Timestamp,
    ) -> Result<RedeemedGiftCard, AppError> {
        let market = self.markets.get(&redeem.whose.market)?;
        let code_hash = GiftCardCode::read(&redeem.code).map(|code| code.hash(&self.secrets)).transpose()?;
        let key = key_of(&redeem, code_hash.as_deref())?;
        if let Some(answer) = self.redeemed_before(&redeem.whose, &key).await? {
            return Ok(answer);
        }
        let tried = self.admit_try(&redeem.whose.customer_id, &redeem.address, at).await?;
        let outcome = self.redeem_by_hash(&redeem.whose, market, code_hash.as_deref(), key, at).await;
        let failed = matches!(&outcome, Err(AppError::Redeem(refusal)) if is_a_guess(refusal));
        self.settle_try(&tried, failed).await?;
        outcome.map_err(|error| match error {
            AppError::Redeem(_) if tried.failures_before >= TOLD_NOTHING_FROM => {
                AppError::Redeem(RedeemRefusal::Unknown)
            }
            other => other,
        })
    }

    async fn redeemed_before(&self, whose: &Whose, key: &Key) -> Result<Option<RedeemedGiftCard>, AppError> {
        let record = books::key_of_customer(&self.store, &whose.customer_id, &key.key).await?;
        key.answered(record.as_ref())?.map(|answer| answer_from(&answer)).transpose()
    }

    /// Nothing stands for a code that cannot be one.
    async fn redeem_by_hash(
        &self,
        whose: &Whose,
        market: Arc<Market>,
        code_hash: Option<&str>,
        key: Key,
        at: Timestamp,
    ) -> Result<RedeemedGiftCard, AppError> {
        let code_hash = code_hash.ok_or(RedeemRefusal::Unknown)?;
        let found = books::gift_card(&self.store, code_hash).await?;
        let judge = |row: &Option<GiftCardRow>| {
            let card = row.as_ref().map(|row| &row.card);
            judge_redeeming(card, &market, &whose.customer_id, at).map(drop)
        };
        judge(&found)?;
        let reserved = books::reserve_gift_card(&self.store, code_hash, &whose.customer_id, at).await?;
        judge(&reserved)?;
        let card = reserved.ok_or(RedeemRefusal::Unknown)?;
        let redeemed = self.book_reserved(&card, &whose.customer_id, market, Some(key)).await?;
        // It is booked; where this fails it is confirmed later.
        let _ = books::confirm_gift_card(&self.store, code_hash, &whose.customer_id).await;
        Ok(redeemed)
    }

    /// Books a card for the customer that it is reserved for, if it is not booked yet.
    async fn book_reserved(
        &self,
        row: &GiftCardRow,
        customer_id: &str,
        market: Arc<Market>,
        key: Option<Key>,
    ) -> Result<RedeemedGiftCard, AppError> {
        let reserved_at = row.changed_at.unwrap_or(row.card.issued_at);
        let operation = Operation {
            id: id_from(reserved_at, &row.card.card_id),
            at: reserved_at,
            by: "customer".to_owned(),
        };
        let whose = Whose::new(customer_id, &row.card.market);
        let decision = BookCard { whose, market, operation, card: row.card.clone(), key };
        let booked = self.perform(decision).await?;
        if let Err(AppError::Grant(_)) = &booked {
            books::release_gift_card(&self.store, &row.code_hash, customer_id).await?;
        }
        booked
    }

    /// Books and confirms cards that a crash left reserved; answers how many. One that cannot be booked is
    /// active again. For the worker of what is due.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn finish_reserved_gift_cards(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        let until = at.checked_sub(LEFT_BEHIND_AFTER).unwrap_or(Timestamp::MIN);
        let mut finished = 0;
        for row in books::reserved_gift_cards(&self.store, until, most).await? {
            let CardState::Reserved { customer_id } = &row.card.state else { continue };
            // A market that is not open now may be open again.
            let Ok(market) = self.markets.get(&row.card.market) else { continue };
            match self.book_reserved(&row, customer_id, market, None).await {
                Ok(_) => books::confirm_gift_card(&self.store, &row.code_hash, customer_id).await?,
                Err(AppError::Grant(_)) => {}
                Err(error) => return Err(error),
            }
            finished += 1;
        }
        Ok(finished)
    }
}

/// Whether a refusal may be the work of someone who guesses. Who has a code that was good once, or will be,
/// did not guess it.
fn is_a_guess(refusal: &RedeemRefusal) -> bool {
    matches!(refusal, RedeemRefusal::Unknown | RedeemRefusal::AlreadyUsed)
}

fn key_of(redeem: &RedeemGiftCard, code_hash: Option<&str>) -> Result<Key, AppError> {
    Key::new(&redeem.key, "redeem_gift_card", &redeem.whose.market, code_hash.unwrap_or_default().as_bytes())
}

fn answer_from(answer: &str) -> Result<RedeemedGiftCard, AppError> {
    serde_json::from_str(answer).map_err(|error| AppError::Defect(error.to_string()))
}

struct BookCard {
    whose: Whose,
    market: Arc<Market>,
    /// Its id follows from the card and its reservation.
    operation: Operation,
    card: GiftCard,
    key: Option<Key>,
}

type Answered = Result<RedeemedGiftCard, AppError>;

impl Decision for BookCard {
    type Answer = Answered;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let needs = Needs {
            // The lot that this makes, if it was made before.
            lots: LotsNeeded::These(vec![format!("{}.l001", self.operation.id)]),
            key: self.key.as_ref().map(|key| key.key.clone()),
            ..Needs::default()
        };
        needs.renewals_of(&self.market)
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Answered>, StoreError> {
        match self.key.as_ref().map(|key| key.answered(loaded.key.as_ref())).transpose() {
            Err(error) => return Ok(Next::Answer(Err(error))),
            Ok(Some(Some(answer))) => return Ok(Next::Answer(answer_from(&answer))),
            Ok(Some(None) | None) => {}
        }
        let redeemed = RedeemedGiftCard::of(&self.card);
        if !loaded.books.lots.is_empty() {
            return Ok(Next::Answer(Ok(redeemed)));
        }
        let changes = match redeem(&loaded.books, &self.market, &self.operation, &self.card) {
            Ok(changes) => changes,
            Err(refusal) => return Ok(Next::Answer(Err(refusal.into()))),
        };
        let answer = serde_json::to_string(&redeemed)
            .map_err(|error| StoreError::Defect { reason: error.to_string() })?;
        let key = self.key.as_ref().map(|key| key.record(answer));
        Ok(Next::Write(Box::new(ToWrite { changes, key, ..ToWrite::default() }), Ok(redeemed)))
    }
}
