//! The figures of each refusal, written for a language.

use choba_engine::market::{Coupon, Market, Method, Program, Scope, Unit};
use choba_engine::money::{Money, Points};
use choba_engine::refusal::{Reason, Refusal, Subject};
use fluent_bundle::FluentArgs;

use super::Sentences;

/// Which sentence says it: mostly `about-code`, where one code has several sentences one of them.
pub(super) fn message_id(refusal: &Refusal<'_>) -> &'static str {
    let about = refusal.subject.about();
    match (&refusal.reason, about) {
        (Reason::NotEnough { .. }, _) if counts_points(refusal) => "tender-insufficient_points",
        (Reason::NotEnough { covers_goods: true, .. }, _) => "tender-insufficient_for_shipping",
        (Reason::NoBalance, _) if counts_points(refusal) => "tender-no_points",
        (Reason::NoShippingLeft, _) => "coupon-no_shipping_left",
        (Reason::LessThanAsked { .. }, _) => "tender-less_than_asked",
        (Reason::EarningNotLinked { missed }, _) if missed.is_zero() => "earning-not_linked_no_miss",
        (Reason::MethodMissing { methods, .. }, _) if methods.is_empty() => "tender-method_missing_split",
        (Reason::MethodNotAccepted { .. }, _) if refusal.line.is_some() => "tender-method_not_accepted_line",
        (reason, about) => MESSAGE_IDS
            .iter()
            .find(|id| id.strip_prefix(about).and_then(|rest| rest.strip_prefix('-')) == Some(reason.code()))
            .copied()
            .unwrap_or(reason.code()),
    }
}

/// A balance in yen can be added to; points are earned.
fn counts_points(refusal: &Refusal<'_>) -> bool {
    matches!(refusal.subject, Subject::Program(program) if program.unit == Unit::Point)
}

/// The sentences of refusals, in the message files of every language.
pub(crate) const MESSAGE_IDS: [&str; 45] = [
    "tender-seller_platform",
    "tender-seller_store",
    "tender-seller_individual",
    "tender-physical_line",
    "tender-digital_line",
    "tender-membership",
    "tender-gift_card_line",
    "tender-shipping_not_payable",
    "tender-fee_not_payable",
    "tender-not_linked",
    "tender-needs_linked_jcb_card",
    "tender-needs_method",
    "tender-no_balance",
    "tender-insufficient_balance",
    "tender-insufficient_for_shipping",
    "tender-insufficient_points",
    "tender-no_points",
    "tender-less_than_asked",
    "tender-capped",
    "tender-expired",
    "tender-not_yet_available",
    "tender-method_missing",
    "tender-method_missing_split",
    "tender-method_not_accepted",
    "tender-method_not_accepted_line",
    "coupon-not_held",
    "coupon-unknown",
    "coupon-not_started",
    "coupon-expired",
    "coupon-min_spend",
    "coupon-no_target_item",
    "coupon-customer_limit",
    "coupon-quota_used_up",
    "coupon-not_combinable",
    "coupon-rank",
    "coupon-first_order_only",
    "coupon-nothing_left",
    "coupon-no_shipping_left",
    "earning-below_minimum",
    "earning-not_linked",
    "earning-not_linked_no_miss",
    "earning-cap_payment",
    "earning-cap_month",
    "target-market",
    "target-store",
];

struct Figures<'s, 'm> {
    sentences: &'s Sentences,
    market: &'m Market,
    args: FluentArgs<'s>,
}

pub(super) fn figures<'s>(
    sentences: &'s Sentences,
    refusal: &Refusal<'_>,
    market: &Market,
) -> FluentArgs<'s> {
    let mut figures = Figures { sentences, market, args: FluentArgs::with_capacity(4) };
    figures.text("subject", subject(sentences, refusal.subject, market));
    figures.reason(refusal);
    figures.args
}

fn subject(sentences: &Sentences, subject: Subject<'_>, market: &Market) -> String {
    let language = sentences.language;
    match subject {
        Subject::Coupon(id) => market
            .coupon(id)
            .map_or_else(|| id.chars().take(64).collect(), |coupon| language.name(&coupon.name).to_owned()),
        Subject::Program(program) | Subject::Earning(program) => language.name(&program.name).to_owned(),
        Subject::Method(method_type) => match market.method(method_type) {
            Some(method) => language.name(&method.name).to_owned(),
            None => sentences.say(&format!("method-{}", method_type.id()), &FluentArgs::new()),
        },
        Subject::NoMethod => String::new(),
    }
}

impl Figures<'_, '_> {
    fn text(&mut self, name: &'static str, text: String) {
        self.args.set(name, text);
    }

    fn yen(&mut self, name: &'static str, amount: Money) {
        self.text(name, self.sentences.language.yen(amount));
    }

    fn instant(&mut self, name: &'static str, at: jiff::Timestamp) {
        self.text(name, self.sentences.language.instant(at, &self.market.time_zone));
    }

    fn points(&mut self, name: &'static str, points: Points) {
        self.text(name, self.sentences.points(points.units()));
    }

    /// So much of a program, in what it counts.
    fn stored(&mut self, name: &'static str, amount: Points, program: Option<&Program>) {
        match program.map(|program| program.unit) {
            Some(Unit::Yen) => self.yen(name, Money::new(amount.units())),
            _ => self.points(name, amount),
        }
    }

    fn methods<'m>(&mut self, methods: impl Iterator<Item = &'m Method>) {
        let language = self.sentences.language;
        let list = self.sentences.list(methods.map(|method| language.name(&method.name)));
        self.text("methods", list);
    }

    fn reason(&mut self, refusal: &Refusal<'_>) {
        let program = match refusal.subject {
            Subject::Program(program) | Subject::Earning(program) => Some(program),
            _ => None,
        };
        match &refusal.reason {
            Reason::SellerType { seller_type, kind } | Reason::ItemKind { seller_type, kind } => {
                let accepts = |method: &&Method| method.pays.line(*seller_type, *kind);
                self.methods(self.market.methods.iter().filter(accepts));
            }
            Reason::ShippingNotPayable { amount } => {
                self.yen("amount", *amount);
                self.methods(self.market.methods.iter().filter(|method| method.pays.shipping));
            }
            Reason::FeeNotPayable { fee } => self.yen("fee", *fee),
            Reason::NeedsMethod(needs) => {
                let name = self
                    .market
                    .method(needs.method_type)
                    .map(|method| self.sentences.language.name(&method.name));
                self.text("method", name.unwrap_or(needs.method_type.id()).to_owned());
            }
            Reason::LessThanAsked { held, asked } => {
                self.stored("held", *held, program);
                self.stored("asked", *asked, program);
            }
            Reason::NotEnough { held, missing, .. } => {
                self.stored("held", *held, program);
                self.stored("missing", *missing, program);
            }
            Reason::Capped { used, asked } => {
                self.stored("used", *used, program);
                self.stored("asked", *asked, program);
            }
            Reason::LotExpired { amount, expired_at } => {
                self.stored("amount", *amount, program);
                self.instant("expired_at", *expired_at);
            }
            Reason::NotYetAvailable { amount, available_at } => {
                self.stored("amount", *amount, program);
                self.instant("available_at", *available_at);
            }
            Reason::MethodMissing { due, methods } => {
                self.yen("due", *due);
                self.methods(methods.iter().copied());
            }
            Reason::MethodNotAccepted { methods } => self.methods(methods.iter().copied()),
            Reason::NotStarted { starts_at } => self.instant("starts_at", *starts_at),
            Reason::Expired { ended_at } => self.instant("ended_at", *ended_at),
            Reason::MinSpend { minimum, spend } | Reason::BelowMinimum { minimum, spend } => {
                self.yen("minimum", *minimum);
                self.yen("spend", *spend);
                self.yen("missing", minimum.minus(*spend).unwrap_or_default());
            }
            Reason::NoTargetItem(coupon) => {
                let target = self.target(coupon);
                self.text("target", target);
            }
            Reason::CustomerLimit { limit } => {
                self.text("limit", crate::language::grouped(*limit, "", ""));
                self.args.set("count", *limit);
            }
            Reason::QuotaUsedUp { quota } => self.text("quota", crate::language::grouped(*quota, "", "")),
            Reason::NotCombinable { with } => {
                let name = subject(self.sentences, Subject::Coupon(with), self.market);
                self.text("with", name);
            }
            Reason::Rank { ranks } => {
                let list = self.sentences.list(ranks.iter().map(String::as_str));
                self.text("ranks", list);
            }
            Reason::CapPayment { cap, would } => {
                self.points("cap", *cap);
                self.points("would", *would);
            }
            Reason::CapMonth { cap, left, would } => {
                self.points("cap", *cap);
                self.points("left", *left);
                self.points("would", *would);
            }
            Reason::EarningNotLinked { missed } => self.points("missed", *missed),
            Reason::NotLinked
            | Reason::NoBalance
            | Reason::NotHeld
            | Reason::Unknown
            | Reason::FirstOrderOnly
            | Reason::NothingLeft
            | Reason::NoShippingLeft => {}
        }
    }

    /// What a coupon is for, in words.
    fn target(&self, coupon: &Coupon) -> String {
        match &coupon.scope {
            Scope::Items(skus) => self.sentences.list(skus.iter().take(10).map(String::as_str)),
            Scope::Store(store) => {
                let name = self.market.seller(store).map(|seller| self.sentences.language.name(&seller.name));
                let mut figures = FluentArgs::with_capacity(1);
                figures.set("store", name.unwrap_or(store).to_owned());
                self.sentences.say("target-store", &figures)
            }
            Scope::Market => self.sentences.say("target-market", &FluentArgs::new()),
        }
    }
}
