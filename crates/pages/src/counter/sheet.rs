//! The counter as it is drawn: the cart priced as chosen, and in every other way that could be chosen.

use std::sync::Arc;

use choba_app::{Cart as AppCart, CartOf, Right};
use choba_engine::books::HeldCoupon;
use choba_engine::market::Market;
use choba_server::{Problem, Service};

use super::choices::Choices;
use super::offers::{self, CouponOffer, Holdings, MethodOffer, ProgramOffer, Why};
use super::quote::Quote;
use super::receipt::{Goods, Receipt, Writer};
use crate::frame::Frame;
use crate::shop::cart::Cart;
use crate::visitor::Shopper;

/// A priced cart with what can be chosen.
pub struct Sheet {
    pub goods: Vec<Goods>,
    pub quote: Quote,
    pub receipt: Receipt,
    pub coupons: Vec<CouponOffer>,
    pub programs: Vec<ProgramOffer>,
    pub methods: Vec<MethodOffer>,
    pub brands: Vec<String>,
    /// What closes what is left to pay, where anything is.
    pub shortage: Vec<Why>,
    /// Points that do not come, and why.
    pub not_earned: Vec<Why>,
}

/// The cart of a shopper at the counter.
pub struct AtCounter<'c> {
    pub service: &'c Service,
    pub shopper: &'c Shopper,
    pub market: Arc<Market>,
    pub cart: Cart,
    pub choices: Choices,
}

impl AtCounter<'_> {
    /// The cart as a use case is asked about it, with choices.
    pub fn asked(&self, choices: &Choices) -> AppCart {
        AppCart {
            caller: self.shopper.caller.clone(),
            of: CartOf::Customer(self.shopper.customer_id.clone()),
            request: self.request(choices),
        }
    }

    /// The request of a quote, with choices.
    pub fn request(&self, choices: &Choices) -> Vec<u8> {
        self.cart.request(&self.market.name, &choices.pay(&self.market))
    }

    /// Prices the cart in all ways, over the books as they are at one moment.
    pub async fn sheet(&self, frame: &Frame) -> Result<Sheet, Problem> {
        let (counter, at) = (&self.service.counter, self.service.clock.now());
        let whose = self.shopper.whose(Right::WalletRead)?;
        let held = self.coupon_ids(counter.coupons_of(&whose).await?);
        let holdings = Holdings {
            here: counter.balances_now(&whose, at).await?,
            linked: counter.linked_programs(&whose).await?,
        };
        let ways = self.ways(&held);
        let requests = ways.iter().map(|choices| self.request(choices)).collect();
        let answers = counter.quote_cart_in_ways(self.asked(&self.choices), requests, at).await?;
        let quotes = answers.iter().map(|answer| Quote::read(answer)).collect::<Result<Vec<_>, _>>()?;
        self.drawn(frame, &held, &holdings, quotes)
            .ok_or_else(|| Problem::defect("a way of paying was not priced"))
    }

    /// Coupons that are held, and those that were chosen without being held.
    fn coupon_ids(&self, held: Vec<HeldCoupon>) -> Vec<String> {
        let mut ids: Vec<String> = held.into_iter().map(|held| held.coupon_id).collect();
        let more: Vec<String> =
            self.choices.coupons.iter().filter(|chosen| !ids.contains(chosen)).cloned().collect();
        ids.extend(more);
        ids
    }

    /// The other ways that are priced: each coupon, each program, each method.
    fn ways(&self, coupons: &[String]) -> Vec<Choices> {
        let coupons = coupons.iter().map(|coupon| self.choices.with_coupon(coupon));
        let programs = self.market.programs.iter().map(|program| self.choices.with_all_of(&program.id));
        let methods = self.market.methods.iter();
        let methods = methods.map(|method| self.choices.with_method(method.method_type.id()));
        coupons.chain(programs).chain(methods).collect()
    }

    fn drawn(
        &self,
        frame: &Frame,
        held: &[String],
        holdings: &Holdings,
        quotes: Vec<Quote>,
    ) -> Option<Sheet> {
        let market = &*self.market;
        let goods: Vec<Goods> =
            self.cart.lines.iter().map(|line| Goods::of_cart(frame, market, line)).collect();
        let mut quotes = quotes.into_iter();
        let now = quotes.next()?;
        let (mut coupons, mut programs, mut methods) = (Vec::new(), Vec::new(), Vec::new());
        for id in held {
            let writer = Writer { frame, market, goods: &goods, quote: &quotes.next()? };
            coupons.push(offers::coupon(&writer, &now, &self.choices, id));
        }
        for program in &market.programs {
            let writer = Writer { frame, market, goods: &goods, quote: &quotes.next()? };
            programs.push(offers::program(&writer, &now, &self.choices, holdings, program));
        }
        for method in &market.methods {
            let writer = Writer { frame, market, goods: &goods, quote: &quotes.next()? };
            methods.push(offers::method(&writer, &self.choices, method));
        }
        // What can be used comes first.
        coupons.sort_by_key(|coupon| (!coupon.chosen, coupon.effect.is_none()));
        let writer = Writer { frame, market, goods: &goods, quote: &now };
        Some(Sheet {
            receipt: writer.receipt(),
            shortage: if now.due > 0 { shortage(&writer) } else { Vec::new() },
            not_earned: not_earned(&writer),
            brands: offers::card_brands(market),
            coupons,
            programs,
            methods,
            quote: now,
            goods,
        })
    }
}

/// All that is said against tenders, where something is left to pay.
fn shortage(writer: &Writer<'_>) -> Vec<Why> {
    of_all(writer, "tender")
}

fn not_earned(writer: &Writer<'_>) -> Vec<Why> {
    of_all(writer, "earning")
}

fn of_all(writer: &Writer<'_>, about: &str) -> Vec<Why> {
    let mut subjects: Vec<&str> = Vec::new();
    for refusal in writer.quote.refusals().filter(|refusal| refusal.about == about) {
        if !subjects.contains(&refusal.subject.as_str()) {
            subjects.push(&refusal.subject);
        }
    }
    subjects.into_iter().flat_map(|subject| offers::reasons(writer, subject, about)).collect()
}
