//! The quote: what a cart costs, who pays, what it earns, and why.
//!
//! An ordered pipeline of pure functions, each working on what the one before left:
//! goods → coupons → shipping → fee → tax → tenders → earning. Nothing here saves, asks or waits.

pub(crate) mod coupon;
pub(crate) mod earn;
mod flow;
pub(crate) mod goods;
mod shipping;
mod taxes;
mod tender;
mod trace;

use jiff::Timestamp;

pub(crate) use tender::{chosen_method, is_linked, is_over, is_pending, is_usable, missing_method};
pub use trace::{Step, StepKind};

use crate::calendar::OutOfCalendar;
use crate::market::{Coupon, EarningRule, LotKind, Market, Method, Program, Seller, TaxRate};
use crate::money::{Money, Overflow, Points};
use crate::refusal::{Reason, Refusal, Subject};
use crate::request::{Line, Lot, Request};

/// A priced cart.
#[derive(Clone, Debug)]
pub struct Quote<'a> {
    /// All goods before coupons, tax included.
    pub goods_total: Money,
    /// What coupons took off the goods.
    pub coupon_total: Money,
    /// What shipping costs.
    pub shipping_total: Money,
    /// What the method's fee costs.
    pub fee_total: Money,
    /// Goods − coupons + shipping + fee.
    pub total: Money,
    /// What nobody pays; an order can be placed only where it is nothing.
    pub due: Money,
    /// The tax contained in the total, per rate, highest rate first.
    pub taxes: Vec<TaxAmount<'a>>,
    /// The lines in the order of the request.
    pub lines: Vec<PricedLine<'a>>,
    /// Shipping per seller that ships something, in the order of the request.
    pub shipping: Vec<SellerShipping<'a>>,
    /// Who pays how much.
    pub tenders: Vec<TenderPaid<'a>>,
    /// Who pays which charge.
    pub payments: Vec<Payment<'a>>,
    /// How much of which lot is used, in order of use.
    pub lots_used: Vec<LotUse<'a>>,
    /// What is earned, a record for each rule and line.
    pub earns: Vec<Earn<'a>>,
    /// When the records of `earns` can be used; they point here.
    pub grants: Vec<GrantDates>,
    /// What was not done as asked, and why.
    pub refusals: Vec<Refusal<'a>>,
    /// How the total came about: the steps add up to it.
    pub trace: Vec<Step<'a>>,
}

/// The tax contained in the total at one rate.
#[derive(Clone, Copy, Debug)]
pub struct TaxAmount<'a> {
    /// The rate.
    pub rate: &'a TaxRate,
    /// The tax.
    pub amount: Money,
}

/// A line with its prices, all tax included unless said.
#[derive(Clone, Debug)]
pub struct PricedLine<'a> {
    /// As asked for.
    pub line: &'a Line<'a>,
    /// The place of its seller among the sellers of this cart.
    pub(crate) group: usize,
    /// Before coupons.
    pub gross: Money,
    /// Before coupons, without tax.
    pub untaxed: Money,
    /// After coupons.
    pub net: Money,
    /// The coupons that worked on it.
    pub coupons: Vec<CouponUse<'a>>,
}

impl PricedLine<'_> {
    /// What coupons took off.
    pub fn discount(&self) -> Result<Money, Overflow> {
        self.gross.minus(self.net)
    }
}

/// What a coupon took off a line.
#[derive(Clone, Copy, Debug)]
pub struct CouponUse<'a> {
    /// The coupon.
    pub coupon: &'a Coupon,
    /// What it took off.
    pub amount: Money,
}

/// What a seller asks for shipping this cart.
#[derive(Clone, Copy, Debug)]
pub struct SellerShipping<'a> {
    /// Who.
    pub seller: &'a Seller,
    /// How much.
    pub amount: Money,
    /// Why it is free, if it is.
    pub free: Option<FreeShipping>,
}

/// Why shipping is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeShipping {
    /// Enough goods.
    Threshold,
    /// A coupon.
    Coupon,
}

/// One who pays.
#[derive(Clone, Copy, Debug)]
pub enum Tender<'a> {
    /// Stored value.
    Program(&'a Program),
    /// A method.
    Method(&'a Method),
}

/// How much one pays.
#[derive(Clone, Copy, Debug)]
pub struct TenderPaid<'a> {
    /// Who.
    pub tender: Tender<'a>,
    /// From which kind of lot.
    pub kind: Option<LotKind>,
    /// Points taken, for stored value.
    pub points: Option<Points>,
    /// Yen paid.
    pub amount: Money,
}

/// Something to be paid.
#[derive(Clone, Copy, Debug)]
pub enum Charge<'a> {
    /// A line's net amount.
    Line(&'a str),
    /// A seller's shipping.
    Shipping(&'a Seller),
    /// The method's fee.
    Fee,
}

/// A part of a charge, paid by one tender.
#[derive(Clone, Copy, Debug)]
pub struct Payment<'a> {
    /// Of what.
    pub charge: Charge<'a>,
    /// By whom.
    pub tender: Tender<'a>,
    /// How much.
    pub amount: Money,
}

/// What is taken from a lot.
#[derive(Clone, Copy, Debug)]
pub struct LotUse<'a> {
    /// Which; nothing for a partner's balance, which has no lots here.
    pub lot: Option<&'a Lot<'a>>,
    /// Of which program.
    pub program: &'a Program,
    /// How much.
    pub points: Points,
}

/// Points to come.
#[derive(Clone, Copy, Debug)]
pub struct Earn<'a> {
    /// Of which program.
    pub program: &'a Program,
    /// By which rule.
    pub rule: &'a EarningRule,
    /// For which line; the whole order where absent.
    pub line: Option<&'a str>,
    /// How many.
    pub points: Points,
    /// How many it would have been without coupons.
    pub before_coupons: Points,
    /// Their place in [`Quote::grants`].
    pub grant: usize,
}

/// When points can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantDates {
    /// Seen but not usable from then on.
    pub pending_at: Option<Timestamp>,
    /// Usable from then on; not known yet where it depends on the shipment.
    pub available_at: Option<Timestamp>,
    /// Days after shipment at which it becomes available, where it depends on that.
    pub days_after_shipment: Option<i32>,
    /// The last usable second.
    pub expires_at: Option<Timestamp>,
}

/// A cart cannot be priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError<'a> {
    /// A line's amount is beyond what can be reckoned with.
    #[error("line {line:?}: unit_price × quantity is more than 10^15")]
    LineTooLarge {
        /// Its id.
        line: &'a str,
    },
    /// The goods up to this line are beyond what can be reckoned with.
    #[error("line {line:?}: the goods up to this line are more than can be reckoned with")]
    GoodsTooLarge {
        /// Its id.
        line: &'a str,
    },
    /// An amount that comes from the market's figures is beyond what can be reckoned with.
    #[error("an amount is more than can be reckoned with")]
    TooLarge,
    /// A date is.
    #[error("at: a date that follows from it is beyond the calendar")]
    TooFarAway,
}

impl From<Overflow> for QuoteError<'_> {
    fn from(_: Overflow) -> Self {
        Self::TooLarge
    }
}

impl From<OutOfCalendar> for QuoteError<'_> {
    fn from(_: OutOfCalendar) -> Self {
        Self::TooFarAway
    }
}

/// Prices a cart.
///
/// The same request under the same market gives the same quote. Fails only where an amount or a date is
/// beyond what can be reckoned with; everything else that cannot be done as asked is a refusal.
pub fn quote<'a>(market: &'a Market, request: &'a Request<'a>) -> Result<Quote<'a>, QuoteError<'a>> {
    let mut trace = Vec::with_capacity(request.lines.len().saturating_mul(2));
    let mut goods = goods::price(market, &request.lines, &mut trace)?;
    let mut refusals = Vec::new();

    let judged = coupon::judge(request, &goods, &mut refusals)?;
    let coupon_total = coupon::apply(&judged, &mut goods, &mut refusals, &mut trace)?;
    let shipping = shipping::price(&judged, &goods, &mut refusals, &mut trace)?;
    let method = chosen_method(market, request);
    let fee_total = method.map_or(Money::ZERO, |method| method.fee);
    trace::fee(method, &mut trace);

    let shipping_total = Money::sum(shipping.iter().map(|shipping| shipping.amount))?;
    let total = goods.total.minus(coupon_total)?.plus(shipping_total)?.plus(fee_total)?;
    let taxes = taxes::contained(market, &goods, &shipping, fee_total)?;
    let paid = tender::allocate(
        &tender::Bill { market, request, lines: &goods.lines, shipping: &shipping, method, fee: fee_total },
        &mut refusals,
    )?;
    let (earns, grants) = earn::earn(market, request, &goods, &mut refusals)?;

    Ok(Quote {
        goods_total: goods.total,
        coupon_total,
        shipping_total,
        fee_total,
        total,
        due: paid.due,
        taxes,
        lines: goods.lines,
        shipping,
        tenders: paid.tenders,
        payments: paid.payments,
        lots_used: paid.lots_used,
        earns,
        grants,
        refusals,
        trace,
    })
}

fn refuse<'a>(
    refusals: &mut Vec<Refusal<'a>>,
    subject: Subject<'a>,
    line: Option<&'a str>,
    reason: Reason<'a>,
) {
    refusals.push(Refusal { subject, line, reason });
}
