//! Placing an order.

use std::sync::Arc;

use choba_engine::books::{CustomerBooks, Operation};
use choba_engine::market::{Held, Market};
use choba_engine::money::{Money, Points};
use choba_engine::order::{self, Expected, PaymentState, PlaceRefusal, Placed, Placing};
use choba_engine::quote::Quote;
use choba_formats::answer::Answer;
use choba_formats::request::RequestText;
use choba_outside::{Ask, PartyName, Reply};
use choba_store::books::{self, Decision, Loaded, LotsNeeded, Needs, NewOrder, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::coupon_quota::{QuotaShares, WantedQuota, wanted_quotas};
use crate::entropy::new_id;
use crate::{AppError, Counter, Key, Whose};

/// An order to be placed.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    /// By whom, where.
    pub whose: Whose,
    /// The quote's request, as JSON. What it says of the customer and the time is not used: the books know.
    pub request: Vec<u8>,
    /// What the customer has seen and agreed to.
    pub expected: Expected,
    /// The provider's name for the card, where a card pays.
    pub card_token: Option<String>,
    /// The caller's key.
    pub key: Key,
}

/// A placed order, as it is answered for ever under its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedOrder {
    /// Its id.
    pub order_id: String,
    /// Its number.
    pub number: String,
    /// When.
    pub placed_at: Timestamp,
    /// Its total.
    pub total: Money,
}

/// What came of placing.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaceOutcome {
    /// It is placed; the payment is so far.
    Placed(PlacedOrder, PaymentState),
    /// It was not placed: the market, prices or balances moved, or something is left to pay. This is the
    /// quote now, as JSON; nothing was taken.
    NewQuote(String),
    /// The card, a partner or a counter refused; everything was given back.
    PaymentRefused {
        /// The order that came to nothing.
        order: PlacedOrder,
        /// The code of the refusal.
        code: String,
    },
}

/// What partners said of balances, right before placing.
type Balances = Vec<(String, Points, Points, Points)>;

impl Counter {
    /// Places an order, if the quote is still what the customer expects and everything is paid; then asks those
    /// whom the order needs.
    ///
    /// # Errors
    /// [`AppError::Request`] and [`AppError::Unpriceable`] for a request that cannot be used,
    /// [`AppError::KeyReused`], and what the database answers.
    pub async fn place_order(&self, place: PlaceOrder, at: Timestamp) -> Result<PlaceOutcome, AppError> {
        let whose = place.whose.clone();
        match self.place_and_ask_later(place, at).await? {
            PlaceOutcome::Placed(order, state @ PaymentState::Asking) => {
                self.see_through(&whose, order, state, at).await
            }
            other => Ok(other),
        }
    }

    /// Places an order without asking anyone: what is to be asked is written down, and the worker of what is
    /// due asks it.
    ///
    /// # Errors
    /// As [`Counter::place_order`].
    pub async fn place_and_ask_later(
        &self,
        place: PlaceOrder,
        at: Timestamp,
    ) -> Result<PlaceOutcome, AppError> {
        let market = self.markets.get(&place.whose.market)?;
        let wanted = wanted(&place.request, &market, at)?;
        let balances = self.partner_balances(&place.whose, &wanted.partners).await?;
        let order_id = format!("ord_{}", new_id(&*self.entropy, at));
        let quotas = self.reserve_quotas(&place.whose, &order_id, &wanted.quotas, &place.key, at).await?;
        let number = self.numbers.next(&self.store, |bytes| self.entropy.fill(bytes)).await?;
        let decision = Place {
            operation: Operation { id: order_id.clone(), at, by: "customer".to_owned() },
            placing: Placing {
                order_id,
                number: number.number,
                expected: place.expected,
                card_token: place.card_token,
            },
            number_place: number.place,
            lots: LotsNeeded::Few(wanted.programs),
            needs_links: wanted.needs_links,
            market,
            whose: place.whose,
            request: place.request,
            key: place.key,
            balances,
            quotas: quotas.clone(),
        };
        let outcome = self.perform(decision).await;
        self.give_back_unused(&quotas).await;
        outcome?
    }

    /// Asks those whom the order needs, and says how it stands then.
    async fn see_through(
        &self,
        whose: &Whose,
        order: PlacedOrder,
        state: PaymentState,
        at: Timestamp,
    ) -> Result<PlaceOutcome, AppError> {
        self.ask_for_order(&whose.customer_id, &order.order_id, at).await?;
        let now = books::order_of_customer(&self.store, &whose.customer_id, &order.order_id).await?;
        let Some(now) = now.map(|row| row.order) else { return Ok(PlaceOutcome::Placed(order, state)) };
        if now.payment.state != PaymentState::Refused {
            return Ok(PlaceOutcome::Placed(order, now.payment.state));
        }
        let refused = now.history.iter().rev().find(|happened| happened.what == "payment_refused");
        let code = refused.and_then(|happened| happened.part.clone()).unwrap_or_default();
        Ok(PlaceOutcome::PaymentRefused { order, code })
    }

    /// Asks partners for the balances that the request wants to use. One that cannot be reached stops only an
    /// order that names its program.
    async fn partner_balances(
        &self,
        whose: &Whose,
        partners: &[(String, bool)],
    ) -> Result<Balances, AppError> {
        let mut balances = Balances::new();
        if partners.is_empty() {
            return Ok(balances);
        }
        let links = books::links_of_customer(&self.store, &whose.customer_id, &whose.market).await?;
        for (program, named) in partners {
            let Some(link) = links.iter().find(|link| link.program == *program) else { continue };
            if !named && !link.always_use {
                continue;
            }
            let ask = Ask::Balance { account: link.account.clone() };
            let party = PartyName::from(program.as_str());
            match self.outside.ask(&party, "balance", &ask).await {
                Ok(Reply::Balance(now)) => balances.push((
                    program.clone(),
                    points(now.available),
                    points(now.earned_last_3_months),
                    points(now.earned_this_month),
                )),
                _ if *named => return Err(AppError::PartyUnavailable { party: program.clone() }),
                // Used by habit only: this order does without.
                _ => balances.push((
                    program.clone(),
                    Points::ZERO,
                    link.earned_last_3_months,
                    link.earned_this_month,
                )),
            }
        }
        Ok(balances)
    }
}

fn points(number: u64) -> Points {
    Points::new(i64::try_from(number).unwrap_or(i64::MAX)).min(Points::INPUT_MAX)
}

/// Which stored value a request wants to use.
struct Wanted {
    /// Programs held here, by name.
    programs: Vec<String>,
    /// Partners' programs, and whether the request names them.
    partners: Vec<(String, bool)>,
    needs_links: bool,
    quotas: Vec<WantedQuota>,
}

fn wanted(request: &[u8], market: &Market, at: Timestamp) -> Result<Wanted, AppError> {
    let text = RequestText::read(request).map_err(AppError::Request)?;
    let request = text.resolve_now(market, at).map_err(AppError::Request)?;
    let asked = |id: &str| request.pay.stored.iter().any(|asked| asked.program.id == id);
    let here = market.programs.iter().filter(|program| program.held == Held::Here && asked(&program.id));
    let partners = market.programs.iter().filter(|program| program.held == Held::Partner);
    let partners: Vec<(String, bool)> =
        partners.map(|program| (program.id.clone(), asked(&program.id))).collect();
    Ok(Wanted {
        programs: here.map(|program| program.id.clone()).collect(),
        needs_links: !partners.is_empty(),
        quotas: wanted_quotas(&request),
        partners,
    })
}

struct Place {
    whose: Whose,
    market: Arc<Market>,
    operation: Operation,
    placing: Placing,
    request: Vec<u8>,
    key: Key,
    number_place: i64,
    lots: LotsNeeded,
    needs_links: bool,
    balances: Balances,
    quotas: QuotaShares,
}

type Answered = Result<PlaceOutcome, AppError>;

impl Decision for Place {
    type Answer = Answered;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs {
            lots: self.lots.clone(),
            coupons: true,
            links: self.needs_links,
            key: Some(self.key.key.clone()),
            ..Needs::default()
        }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Answered>, StoreError> {
        match self.key.answered(loaded.key.as_ref()) {
            Err(error) => return Ok(Next::Answer(Err(error))),
            Ok(Some(answer)) => return Ok(Next::Answer(again(&answer))),
            Ok(None) => {}
        }
        if let Some(needs) = self.needs_more(loaded) {
            return Ok(Next::Load(needs));
        }
        let seen = self.as_seen(&loaded.books);
        match self.place(seen.as_ref().unwrap_or(&loaded.books), loaded.all_lots) {
            Ok(next) => Ok(next),
            Err(error) => Ok(Next::Answer(Err(error))),
        }
    }
}

/// The answer that was given before. The payment is looked up, as it may have gone on.
fn again(answer: &str) -> Answered {
    let order: PlacedOrder =
        serde_json::from_str(answer).map_err(|error| AppError::Defect(error.to_string()))?;
    Ok(PlaceOutcome::Placed(order, PaymentState::Asking))
}

impl Place {
    /// What few orders need: the lots of someone who has very many, and renewals, where a lot would be over
    /// without them.
    fn needs_more(&self, loaded: &Loaded) -> Option<Needs> {
        if !loaded.programs_cut.is_empty() {
            let kinds = Needs::kinds_of(&self.market, &loaded.programs_cut);
            return Some(Needs { lots: LotsNeeded::First(kinds), ..Needs::default() });
        }
        let over = |ends: Timestamp| ends < self.operation.at;
        let may_be_renewed =
            loaded.books.lots.iter().any(|lot| lot.renewed && lot.expires_at.is_some_and(over));
        let unknown = may_be_renewed && !loaded.renewals_known;
        unknown.then(|| Needs::default().renewals_of(&self.market))
    }

    /// The books with what partners said of balances, and with what this order has of quotas.
    fn as_seen(&self, books: &CustomerBooks) -> Option<CustomerBooks> {
        if self.balances.is_empty() && self.quotas.is_empty() {
            return None;
        }
        let mut books = books.clone();
        self.quotas.show_in(&mut books);
        for (program, balance, last_3_months, this_month) in &self.balances {
            for link in books.links.iter_mut().filter(|link| link.program == *program) {
                link.balance = *balance;
                link.earned_last_3_months = *last_3_months;
                link.earned_this_month = *this_month;
            }
        }
        Some(books)
    }

    fn place(&self, books: &CustomerBooks, all_lots: bool) -> Result<Next<Answered>, AppError> {
        let text = RequestText::read(&self.request).map_err(AppError::Request)?;
        let mut request = text.resolve_now(&self.market, self.operation.at).map_err(AppError::Request)?;
        request.at = self.operation.at;
        request.customer = books
            .as_asked(&self.market, request.at)
            .map_err(|error| AppError::Unpriceable(error.to_string()))?;
        let placed = order::place(books, &self.market, &self.operation, &request, &self.placing);
        let Placed { changes, quote } = match placed {
            Ok(placed) => placed,
            // A new quote also tells of value that cannot be used yet, or any more.
            Err(PlaceRefusal::NeedsMoreLots(_) | PlaceRefusal::Changed(_) | PlaceRefusal::Due(_))
                if !all_lots =>
            {
                let needs = Needs { lots: LotsNeeded::All, ..Needs::default() };
                return Ok(Next::Load(needs.renewals_of(&self.market)));
            }
            Err(refusal) => return self.refused(refusal).map(|outcome| Next::Answer(Ok(outcome))),
        };
        let answer = PlacedOrder {
            order_id: self.placing.order_id.clone(),
            number: self.placing.number.clone(),
            placed_at: self.operation.at,
            total: quote.total,
        };
        let state = changes.orders.first().map_or(PaymentState::Asking, |order| order.payment.state);
        let new_order = NewOrder {
            order_id: self.placing.order_id.clone(),
            number_place: self.number_place,
            quote: json(&Answer { market: &self.market, quote: &quote })?,
        };
        let key = Some(self.key.record(json(&answer)?));
        let more = self.quotas.confirmed(changes.orders.first().map_or(&[], |order| &order.coupons));
        let to_write = ToWrite { changes, new_orders: vec![new_order], key, more };
        Ok(Next::Write(Box::new(to_write), Ok(PlaceOutcome::Placed(answer, state))))
    }

    fn refused(&self, refusal: PlaceRefusal<'_>) -> Result<PlaceOutcome, AppError> {
        match refusal {
            PlaceRefusal::Changed(quote) | PlaceRefusal::Due(quote) => self.new_quote(&quote),
            PlaceRefusal::Empty => Err(AppError::field("/lines", "an order needs at least one")),
            PlaceRefusal::NoCardToken => Err(AppError::field("/card_token", "needed where a card pays")),
            PlaceRefusal::Quote(error) => Err(AppError::Unpriceable(error.to_string())),
            other @ (PlaceRefusal::NeedsMoreLots(_) | PlaceRefusal::Books(_)) => {
                Err(AppError::Defect(other.to_string()))
            }
        }
    }

    fn new_quote(&self, quote: &Quote<'_>) -> Result<PlaceOutcome, AppError> {
        json(&Answer { market: &self.market, quote }).map(PlaceOutcome::NewQuote)
    }
}

/// Bytes of a usual quote: a text that is made for so many is not moved while it grows.
const JSON_USUAL: usize = 4_096;

fn json(value: &impl Serialize) -> Result<String, AppError> {
    let mut text = Vec::with_capacity(JSON_USUAL);
    serde_json::to_writer(&mut text, value).map_err(|error| AppError::Defect(error.to_string()))?;
    String::from_utf8(text).map_err(|error| AppError::Defect(error.to_string()))
}
