//! A new code for a card whose code was lost.

use choba_engine::books::{
    Account, BooksError, CardState, Changes, EntryReason, GiftCard, Operation, RedeemRefusal,
};
use choba_engine::money::Points;
use choba_store::books::{self, Decision, GiftCardRow, Loaded, MARKET_BOOKS, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;

use crate::issue_gift_cards::DrawnCode;
use crate::{AppError, Counter, IssuedGiftCard};

impl Counter {
    /// Withdraws a card that nobody has redeemed and issues one of the same value and dates in its place, with
    /// a new code, which is shown now and never again. The old code is worth nothing from then on.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Redeem`] where the card is redeemed, is just being redeemed or was
    /// withdrawn, and what the database answers.
    pub async fn reissue_gift_card(
        &self,
        card_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<IssuedGiftCard, AppError> {
        let row = books::gift_card_by_id(&self.store, card_id).await?;
        let old = row.ok_or_else(|| AppError::not_found("gift card", card_id))?;
        if old.card.state != CardState::Active {
            return Err(AppError::Redeem(RedeemRefusal::AlreadyUsed));
        }
        let drawn = self.draw_codes(1, at)?.pop();
        let drawn = drawn.ok_or_else(|| AppError::Defect("no code was drawn".to_owned()))?;
        let new = GiftCard { card_id: drawn.card_id.clone(), issued_at: at, ..old.card.clone() };
        let decision =
            Reissue { operation: self.operation(by, at), old, new: new.clone(), drawn: drawn.clone() };
        match self.perform(decision).await {
            Ok(outcome) => outcome?,
            // Somebody was faster, or this very call has written it without our having heard of it.
            Err(StoreError::Conflict { .. }) => self.require_card(&drawn).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(drawn.issued(&new))
    }

    async fn require_card(&self, drawn: &DrawnCode) -> Result<(), AppError> {
        let used = AppError::Redeem(RedeemRefusal::AlreadyUsed);
        books::gift_card(&self.store, &drawn.code_hash).await?.map(drop).ok_or(used)
    }
}

struct Reissue {
    operation: Operation,
    old: GiftCardRow,
    new: GiftCard,
    drawn: DrawnCode,
}

impl Decision for Reissue {
    type Answer = Result<(), AppError>;

    fn whose(&self) -> (&str, &str) {
        (MARKET_BOOKS, &self.new.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let operation = loaded.books.in_order(&self.operation);
        let mut changes = Changes::default();
        if let Err(error) = self.enter(&operation, &mut changes) {
            return Ok(Next::Answer(Err(AppError::Defect(error.to_string()))));
        }
        let replaces = Some(self.old.card.card_id.as_str());
        let new = books::new_gift_card(&self.drawn.code_hash, &self.old.batch_id, &self.new, replaces);
        let more = vec![self.old.withdrawn(operation.at), new];
        Ok(Next::Write(Box::new(ToWrite { changes, more, ..ToWrite::default() }), Ok(())))
    }
}

impl Reissue {
    /// The value stays open; the journal says from which card to which, and who did it.
    fn enter(&self, operation: &Operation, changes: &mut Changes) -> Result<(), BooksError> {
        let (program, value) = (&self.new.program, Points::new(self.new.amount.units()));
        changes.enter(operation, EntryReason::CardsIssued, None, |entry| {
            entry.note = Some(format!("{} replaces {}", self.new.card_id, self.old.card.card_id));
            entry.points(Account::cards_open(program), program, None, value);
            entry.points_from(Account::cards_open(program), program, None, value)?;
            Ok(())
        })
    }
}
