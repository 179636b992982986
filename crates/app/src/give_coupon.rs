//! Coupons that customers hold.

use choba_engine::books::{HeldCoupon, Operation};
use choba_store::books::{self, Decision, Loaded, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;

use crate::{AppError, Counter, Whose};

impl Counter {
    /// Gives a customer a coupon of the market to hold. Given twice, it is held once, with the uses it had.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], [`AppError::NotFound`] where the market has no such coupon, and what the
    /// database answers.
    pub async fn give_coupon(&self, whose: &Whose, coupon_id: &str, at: Timestamp) -> Result<(), AppError> {
        let market = self.markets.get(&whose.market)?;
        let coupon = market.coupon(coupon_id).ok_or_else(|| AppError::not_found("coupon", coupon_id))?;
        let decision = GiveCoupon {
            whose: whose.clone(),
            operation: self.operation("system", at),
            coupon_id: coupon.id.clone(),
        };
        Ok(self.perform(decision).await?)
    }

    /// The coupons that a customer holds, by id, with how often each was used. What a coupon gives and how long
    /// stands in the market.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn coupons_of(&self, whose: &Whose) -> Result<Vec<HeldCoupon>, AppError> {
        Ok(books::coupons_of_customer(&self.store, &whose.customer_id, &whose.market).await?)
    }
}

struct GiveCoupon {
    whose: Whose,
    operation: Operation,
    coupon_id: String,
}

impl Decision for GiveCoupon {
    type Answer = ();

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs { coupons: true, ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<()>, StoreError> {
        if loaded.books.coupons.iter().any(|held| held.coupon_id == self.coupon_id) {
            return Ok(Next::Answer(()));
        }
        let given = books::held_coupon(&self.whose.customer_id, &self.whose.market, &self.coupon_id);
        Ok(Next::Write(Box::new(ToWrite { more: vec![given], ..ToWrite::default() }), ()))
    }
}
