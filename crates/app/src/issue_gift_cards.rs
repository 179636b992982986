//! Issuing gift cards in batches.
//!
//! Codes are shown once, in the answer to the call that issues them, and are kept nowhere. So a repeated key
//! answers which batch it was, but not the codes again: whoever could ask for them a second time could also be
//! somebody else. Whose answer was lost lists the batch and has each card replaced by
//! [`Counter::reissue_gift_card`].

use std::sync::Arc;

use choba_engine::books::{self as engine, Changes, GiftCard, Operation};
use choba_engine::market::{GiftCardPolicy, Market};
use choba_engine::money::Money;
use choba_store::books::{self, Decision, Loaded, MARKET_BOOKS, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;

use crate::entropy::new_id;
use crate::{AppError, Counter, GiftCardCode, Key};

/// So many cards can be issued at once.
pub const CARDS_MAX: usize = 10_000;

/// Gift cards to be issued.
#[derive(Clone, Debug)]
pub struct IssueGiftCards {
    /// In which market.
    pub market: String,
    /// How many, up to [`CARDS_MAX`].
    pub count: usize,
    /// The amount of each, within the market's terms.
    pub amount: Money,
    /// Redeemable from then on; at once where absent.
    pub active_from: Option<Timestamp>,
    /// What for; it is kept in the journal.
    pub note: Option<String>,
    /// Who issues them.
    pub by: String,
    /// The caller's key.
    pub key: Key,
}

/// A new card with its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedGiftCard {
    /// Its id: what it is called wherever the code must not be.
    pub card_id: String,
    /// Its code; a secret that is shown now and never again.
    pub code: GiftCardCode,
    /// Its amount.
    pub amount: Money,
    /// Redeemable from then on.
    pub active_from: Timestamp,
    /// The last second of redeeming, and of the balance.
    pub expires_at: Timestamp,
}

/// Cards that were issued together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedBatch {
    /// The batch.
    pub batch_id: String,
    /// Its cards.
    pub cards: Vec<IssuedGiftCard>,
}

/// What came of issuing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueOutcome {
    /// They are issued.
    Issued(IssuedBatch),
    /// They were issued before, under the same key; the codes are not known any more.
    IssuedBefore {
        /// The batch.
        batch_id: String,
    },
}

impl Counter {
    /// Issues gift cards: cards and their value in the market's own journal, together or not at all.
    ///
    /// # Errors
    /// [`AppError::Field`] where the count or the amount is beyond the limits, the cards would be active only
    /// after they have expired, or the market has no gift cards; [`AppError::KeyReused`]; what the database
    /// answers.
    pub async fn issue_gift_cards(
        &self,
        issue: IssueGiftCards,
        at: Timestamp,
    ) -> Result<IssueOutcome, AppError> {
        let market = self.markets.get(&issue.market)?;
        check(&issue, gift_card_policy(&market)?)?;
        let decision = IssueBatch {
            operation: self.operation(&issue.by, at),
            batch_id: format!("batch_{}", new_id(&*self.entropy, at)),
            drawn: self.draw_codes(issue.count, at)?,
            market,
            issue,
        };
        self.perform(decision).await?
    }

    /// The cards of a batch or of an order, by id, those after a card's id; without their codes.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn gift_cards_of_batch(
        &self,
        batch_id: &str,
        after: Option<&str>,
        most: i64,
    ) -> Result<Vec<GiftCard>, AppError> {
        let after = after.unwrap_or_default();
        let rows = books::gift_cards_of_batch(&self.store, batch_id, after, most).await?;
        Ok(rows.into_iter().map(|row| row.card).collect())
    }

    /// New codes with what the books will know of them.
    pub(crate) fn draw_codes(&self, count: usize, at: Timestamp) -> Result<Vec<DrawnCode>, AppError> {
        let draw = |_| {
            let code = GiftCardCode::draw(&*self.entropy);
            let code_hash = code.hash(&self.secrets)?;
            Ok(DrawnCode { card_id: format!("card_{}", new_id(&*self.entropy, at)), code, code_hash })
        };
        (0..count).map(draw).collect()
    }
}

/// A code that may become a card.
#[derive(Clone, Debug)]
pub(crate) struct DrawnCode {
    pub card_id: String,
    pub code: GiftCardCode,
    pub code_hash: String,
}

impl DrawnCode {
    /// The card as its buyer or issuer gets it.
    pub fn issued(self, card: &GiftCard) -> IssuedGiftCard {
        let GiftCard { card_id, amount, active_from, expires_at, .. } = card.clone();
        IssuedGiftCard { card_id, code: self.code, amount, active_from, expires_at }
    }
}

/// The market's terms of gift cards.
pub(crate) fn gift_card_policy(market: &Market) -> Result<&GiftCardPolicy, AppError> {
    let policy = market.policies.gift_cards.as_ref();
    policy.ok_or_else(|| AppError::field("/market", format!("{:?} has no gift cards", market.name)))
}

fn check(issue: &IssueGiftCards, policy: &GiftCardPolicy) -> Result<(), AppError> {
    if !(1..=CARDS_MAX).contains(&issue.count) {
        return Err(AppError::field("/count", format!("{}, expected 1 to {CARDS_MAX}", issue.count)));
    }
    let (least, most) = (policy.amount_min, policy.amount_max);
    if issue.amount < least || issue.amount > most {
        let fault = format!("{}, expected {} to {}", issue.amount.units(), least.units(), most.units());
        return Err(AppError::field("/amount", fault));
    }
    Ok(())
}

struct IssueBatch {
    market: Arc<Market>,
    operation: Operation,
    issue: IssueGiftCards,
    batch_id: String,
    drawn: Vec<DrawnCode>,
}

type Answered = Result<IssueOutcome, AppError>;

impl Decision for IssueBatch {
    type Answer = Answered;

    fn whose(&self) -> (&str, &str) {
        (MARKET_BOOKS, &self.market.name)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs { key: Some(self.issue.key.key.clone()), ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Answered>, StoreError> {
        match self.issue.key.answered(loaded.key.as_ref()) {
            Err(error) => Ok(Next::Answer(Err(error))),
            // Written by this very call, whose commit was not heard of.
            Ok(Some(batch_id)) if batch_id == self.batch_id => self.answer_again(),
            Ok(Some(batch_id)) => Ok(Next::Answer(Ok(IssueOutcome::IssuedBefore { batch_id }))),
            Ok(None) => Ok(self.issue(loaded).unwrap_or_else(|error| Next::Answer(Err(error)))),
        }
    }
}

impl IssueBatch {
    fn issue(&self, loaded: &Loaded) -> Result<Next<Answered>, AppError> {
        let mut issued = self.new_cards(&loaded.books.in_order(&self.operation))?;
        if issued.cards.first().is_some_and(|card| card.active_from > card.expires_at) {
            return Err(AppError::field("/active_from", "after the cards have expired"));
        }
        issued.entry.note.clone_from(&self.issue.note);
        let cards = self.drawn.iter().zip(&issued.cards);
        let more = cards
            .map(|(drawn, card)| books::new_gift_card(&drawn.code_hash, &self.batch_id, card, None))
            .collect();
        let answer = self.outcome(&issued.cards);
        let changes = Changes { entries: vec![issued.entry], ..Changes::default() };
        let key = Some(self.issue.key.record(self.batch_id.clone()));
        Ok(Next::Write(Box::new(ToWrite { changes, key, more, ..ToWrite::default() }), Ok(answer)))
    }

    fn new_cards(&self, operation: &Operation) -> Result<engine::IssuedCards, AppError> {
        let policy = gift_card_policy(&self.market)?;
        let ids = self.drawn.iter().map(|drawn| drawn.card_id.clone()).collect();
        let active_from = self.issue.active_from.unwrap_or(operation.at);
        let issued = engine::issue(&self.market, policy, operation, self.issue.amount, ids, active_from);
        issued.map_err(|error| AppError::Defect(error.to_string()))
    }

    fn answer_again(&self) -> Result<Next<Answered>, StoreError> {
        let issued = self.new_cards(&self.operation);
        Ok(Next::Answer(issued.map(|issued| self.outcome(&issued.cards))))
    }

    fn outcome(&self, cards: &[GiftCard]) -> IssueOutcome {
        let cards = self.drawn.iter().cloned().zip(cards).map(|(drawn, card)| drawn.issued(card));
        IssueOutcome::Issued(IssuedBatch { batch_id: self.batch_id.clone(), cards: cards.collect() })
    }
}
