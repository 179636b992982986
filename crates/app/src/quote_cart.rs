//! Pricing a cart and planning how to pay it, for a customer of the books or for one that the request describes.

use std::sync::Arc;

use choba_engine::books::CustomerBooks;
use choba_engine::market::Market;
use choba_engine::plan::{self, Aim, Effort};
use choba_engine::quote::quote;
use choba_engine::request::Request;
use choba_formats::answer::Answer;
use choba_formats::language::Language;
use choba_formats::plan::{PlanAnswer, reasons};
use choba_formats::request::RequestText;
use jiff::Timestamp;
use serde::Serialize;

use crate::{AppError, Caller, Counter, Right};

/// Whose cart it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CartOf {
    /// A customer of the books, who know what is held and what time it is; what the request says of both is not used.
    Customer(String),
    /// Nobody known here: the request says what there is to know. Without a time it is now.
    AsDescribed,
}

/// A cart to be priced.
#[derive(Clone, Debug)]
pub struct Cart {
    /// Who asks.
    pub caller: Caller,
    /// Whose it is.
    pub of: CartOf,
    /// The quote's request, as JSON; it names the market.
    pub request: Vec<u8>,
}

/// The best way to pay a cart, and why.
#[derive(Clone, Debug)]
pub struct PlanInWords {
    /// The plan with its quote, as JSON.
    pub plan: Vec<u8>,
    /// What it comes to, what the next best would, why other coupons are left out, and what would lower the price.
    pub reasons: Vec<String>,
}

/// A cart with what is known of it.
struct KnownCart {
    market: Arc<Market>,
    books: Option<CustomerBooks>,
    request: Vec<u8>,
    at: Timestamp,
}

impl Counter {
    /// Prices a cart: the quote, as JSON.
    ///
    /// # Errors
    /// [`AppError::Request`] and [`AppError::Unpriceable`] for a request that cannot be used, what
    /// [`Caller::acting_for`] refuses, and what the database answers.
    pub async fn quote_cart(&self, cart: Cart, at: Timestamp) -> Result<Vec<u8>, AppError> {
        self.known_cart(cart, at).await?.quote()
    }

    /// Prices a customer's cart in several ways of paying, over the books as they are at one moment: a quote for each request,
    /// as JSON. All requests are of the market that the first one names.
    ///
    /// # Errors
    /// As [`Counter::quote_cart`], for the first request that cannot be priced.
    pub async fn quote_cart_in_ways(
        &self,
        cart: Cart,
        others: Vec<Vec<u8>>,
        at: Timestamp,
    ) -> Result<Vec<Vec<u8>>, AppError> {
        let first = self.known_cart(cart, at).await?;
        let mut quotes = vec![first.quote()?];
        let KnownCart { market, books, .. } = first;
        for request in others {
            let known = KnownCart { market: Arc::clone(&market), books: books.clone(), request, at };
            quotes.push(known.quote()?);
        }
        Ok(quotes)
    }

    /// Finds the best way to pay a cart: the quote with it, as JSON. Searched beside the runtime, because hard carts
    /// take their time.
    ///
    /// # Errors
    /// As [`Counter::quote_cart`].
    pub async fn plan_cart(&self, cart: Cart, aim: Aim, at: Timestamp) -> Result<Vec<u8>, AppError> {
        let known = self.known_cart(cart, at).await?;
        let planned = tokio::task::spawn_blocking(move || known.plan(aim)).await;
        planned.map_err(|error| AppError::Defect(error.to_string()))?
    }

    /// The best way to pay a cart, as [`Counter::plan_cart`] finds it, and why it is the best, sentence by sentence.
    ///
    /// # Errors
    /// As [`Counter::quote_cart`].
    pub async fn plan_cart_in_words(
        &self,
        cart: Cart,
        aim: Aim,
        language: Language,
        at: Timestamp,
    ) -> Result<PlanInWords, AppError> {
        let known = self.known_cart(cart, at).await?;
        let planned = tokio::task::spawn_blocking(move || known.plan_in_words(aim, language)).await;
        planned.map_err(|error| AppError::Defect(error.to_string()))?
    }

    async fn known_cart(&self, cart: Cart, at: Timestamp) -> Result<KnownCart, AppError> {
        let Cart { caller, of, request } = cart;
        let market = market_named(&request)?;
        let books = match &of {
            CartOf::AsDescribed => {
                caller.may(Right::Quotes)?;
                None
            }
            CartOf::Customer(customer_id) => {
                let whose = caller.acting_for(customer_id, &market, Right::Quotes)?;
                let market = self.markets.get(&market)?;
                Some(
                    choba_store::books::look_at_customer(&self.store, &whose.customer_id, &market.name)
                        .await?,
                )
            }
        };
        Ok(KnownCart { market: self.markets.get(&market)?, books, request, at })
    }
}

fn market_named(request: &[u8]) -> Result<String, AppError> {
    let text = RequestText::read(request).map_err(AppError::Request)?;
    let named = text.market().ok_or_else(|| AppError::field("/market", "missing; name a market"))?;
    Ok(named.to_owned())
}

impl KnownCart {
    fn with_request<T>(
        &self,
        work: impl FnOnce(&Market, &Request<'_>) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let text = RequestText::read(&self.request).map_err(AppError::Request)?;
        let mut request = text.resolve_now(&self.market, self.at).map_err(AppError::Request)?;
        if let Some(books) = &self.books {
            request.at = self.at;
            request.customer = books.as_asked(&self.market, self.at).map_err(unpriceable)?;
        }
        work(&self.market, &request)
    }

    fn quote(&self) -> Result<Vec<u8>, AppError> {
        self.with_request(|market, request| {
            let quote = quote(market, request).map_err(unpriceable)?;
            json(&Answer { market, quote: &quote })
        })
    }

    fn plan(&self, aim: Aim) -> Result<Vec<u8>, AppError> {
        self.with_request(|market, request| {
            let plan = plan::plan(market, request, aim, Effort::default()).map_err(unpriceable)?;
            let planned = Request { pay: plan.pay.clone(), ..request.clone() };
            let quote = quote(market, &planned).map_err(unpriceable)?;
            json(&PlanAnswer { market, quote: &quote, aim, plan: &plan })
        })
    }
}

impl KnownCart {
    fn plan_in_words(&self, aim: Aim, language: Language) -> Result<PlanInWords, AppError> {
        self.with_request(|market, request| {
            let plan = plan::plan(market, request, aim, Effort::default()).map_err(unpriceable)?;
            let planned = Request { pay: plan.pay.clone(), ..request.clone() };
            let quote = quote(market, &planned).map_err(unpriceable)?;
            let advice = plan::advice(market, &planned, &plan, &quote).map_err(unpriceable)?;
            let said = reasons(market, aim, &plan, &advice, language);
            let sentence = |line: &str| line.trim_start_matches([' ', '*']).to_owned();
            Ok(PlanInWords {
                plan: json(&PlanAnswer { market, quote: &quote, aim, plan: &plan })?,
                reasons: said.lines().map(sentence).collect(),
            })
        })
    }
}

fn unpriceable(error: impl std::fmt::Display) -> AppError {
    AppError::Unpriceable(error.to_string())
}

fn json(answer: &impl Serialize) -> Result<Vec<u8>, AppError> {
    serde_json::to_vec(answer).map_err(|error| AppError::Defect(error.to_string()))
}
