//! Gift cards that nobody has redeemed in time: what they were worth is not owed any more.

use choba_engine::books::{self as engine, Changes, GiftCard, Operation};
use choba_store::books::{self, Decision, GiftCardRow, Loaded, MARKET_BOOKS, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;

use crate::{AppError, Counter};

impl Counter {
    /// Books cards whose time is over, at most so many, as one entry for each market in its own journal; answers
    /// how many.
    ///
    /// # Errors
    /// What the database answers.
    pub(crate) async fn expire_gift_cards(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        let mut expired = 0;
        let mut left = books::cards_that_end(&self.store, at, most).await?;
        while let Some(market) = left.first().map(|row| row.card.market.clone()) {
            let (cards, others) = left.into_iter().partition(|row| row.card.market == market);
            left = others;
            expired += self.expire_of_market(market, cards, at).await?;
        }
        Ok(expired)
    }

    async fn expire_of_market(
        &self,
        market: String,
        cards: Vec<GiftCardRow>,
        at: Timestamp,
    ) -> Result<usize, AppError> {
        let count = cards.len();
        let decision = ExpireCards { operation: self.operation("system", at), market, cards };
        match self.perform(decision).await {
            Ok(done) => done.map(|()| count),
            // One of them was redeemed or booked meanwhile; the others come with the next round.
            Err(StoreError::Conflict { .. }) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

struct ExpireCards {
    operation: Operation,
    market: String,
    cards: Vec<GiftCardRow>,
}

impl Decision for ExpireCards {
    type Answer = Result<(), AppError>;

    fn whose(&self) -> (&str, &str) {
        (MARKET_BOOKS, &self.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let operation = loaded.books.in_order(&self.operation);
        let cards: Vec<GiftCard> = self.cards.iter().map(|row| row.card.clone()).collect();
        let entry = match engine::expire_cards(&operation, &cards) {
            Ok(entry) => entry,
            Err(error) => return Ok(Next::Answer(Err(AppError::Defect(error.to_string())))),
        };
        let changes = Changes { entries: vec![entry], ..Changes::default() };
        let more = self.cards.iter().map(|row| row.expired(operation.at)).collect();
        Ok(Next::Write(Box::new(ToWrite { changes, more, ..ToWrite::default() }), Ok(())))
    }
}
