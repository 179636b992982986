//! The member rank of a customer, as the marketplace says.

use choba_engine::books::Operation;
use choba_store::books::{self, Decision, Loaded, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;

use crate::{AppError, Counter, Whose};

/// The longest name of a rank, in bytes.
const RANK_LENGTH_MAX: usize = 100;

impl Counter {
    /// Sets a customer's rank, or takes it away.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], [`AppError::Field`] for a rank that is no name, and what the database answers.
    pub async fn set_rank(&self, whose: &Whose, rank: Option<&str>, at: Timestamp) -> Result<(), AppError> {
        self.markets.get(&whose.market)?;
        if rank.is_some_and(|rank| rank.is_empty() || rank.len() > RANK_LENGTH_MAX) {
            return Err(AppError::field("/rank", format!("expected 1 to {RANK_LENGTH_MAX} bytes")));
        }
        let operation = self.operation("system", at);
        let decision = SetRank { whose: whose.clone(), operation, rank: rank.map(str::to_owned) };
        Ok(self.perform(decision).await?)
    }
}

struct SetRank {
    whose: Whose,
    operation: Operation,
    rank: Option<String>,
}

impl Decision for SetRank {
    type Answer = ();

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<()>, StoreError> {
        if loaded.books.rank == self.rank {
            return Ok(Next::Answer(()));
        }
        let rank = books::member_rank(&self.whose.customer_id, &self.whose.market, self.rank.as_deref());
        Ok(Next::Write(Box::new(ToWrite { more: vec![rank], ..ToWrite::default() }), ()))
    }
}
