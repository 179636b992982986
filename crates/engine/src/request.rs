//! What a customer wants, resolved against a market: the cart, what they hold, how they would pay.
//!
//! Whoever builds these values has checked them: ids are unique, amounts are between nothing and
//! [`crate::money::Money::INPUT_MAX`], quantities are at least one.

use jiff::Timestamp;

use crate::market::{Coupon, ItemKind, LotKind, MethodType, Program, Seller, TaxRate};
use crate::money::{Money, Points};
use crate::rate::Rate;

/// A cart to be priced and the customer's wishes for paying it.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// When the quote is asked for; decides windows and dates.
    pub at: Timestamp,
    /// Who asks.
    pub customer: Customer<'a>,
    /// What they want.
    pub lines: Vec<Line<'a>>,
    /// How they would pay.
    pub pay: Pay<'a>,
}

/// One row of a cart.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The caller's name for it, unique in the request.
    pub id: &'a str,
    /// The item.
    pub sku: &'a str,
    /// Who sells it.
    pub seller: &'a Seller,
    /// Its kind.
    pub kind: ItemKind,
    /// Price of one.
    pub unit_price: Money,
    /// How many; at least one.
    pub quantity: i64,
    /// Its tax.
    pub tax_rate: &'a TaxRate,
    /// Whether `unit_price` includes that tax.
    pub tax_included: bool,
    /// The item's own point multiplier.
    pub multiplier: Option<Rate>,
}

/// What is known of the customer.
#[derive(Clone, Debug, Default)]
pub struct Customer<'a> {
    /// Member rank, such as `gold`.
    pub rank: Option<&'a str>,
    /// Orders before this one.
    pub orders_before: i64,
    /// Coupons held that the market knows.
    pub coupons: Vec<&'a Coupon>,
    /// How often coupons have been used before: by the customer, and by all where a quota is counted.
    pub coupon_uses: Vec<CouponUses<'a>>,
    /// Value the market holds for them.
    pub lots: Vec<Lot<'a>>,
    /// Partners' programs they are linked to.
    pub links: Vec<Link<'a>>,
}

/// How often a coupon has been used.
#[derive(Clone, Copy, Debug)]
pub struct CouponUses<'a> {
    /// Its id.
    pub id: &'a str,
    /// By this customer.
    pub by_customer: i64,
    /// By all customers together.
    pub by_all: i64,
}

/// Value granted together.
#[derive(Clone, Debug)]
pub struct Lot<'a> {
    /// Its id, where the books know it.
    pub id: Option<&'a str>,
    /// Of which program.
    pub program: &'a Program,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// How much is left of it.
    pub amount: Points,
    /// Usable from then on; at once where absent.
    pub available_at: Option<Timestamp>,
    /// Its last usable second; without end where absent.
    pub expires_at: Option<Timestamp>,
}

/// A partner's program that the customer has linked.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// Which.
    pub program: &'a Program,
    /// Points held there.
    pub balance: Points,
    /// Use all of it wherever the request says nothing of the program.
    pub always_use: bool,
    /// Decides the rank.
    pub earned_last_3_months: Points,
    /// Counts against the month's cap.
    pub earned_this_month: Points,
}

/// How the customer would pay.
#[derive(Clone, Debug, Default)]
pub struct Pay<'a> {
    /// Coupons in the order named.
    pub coupons: Vec<AskedCoupon<'a>>,
    /// Stored value in the order of preference.
    pub stored: Vec<AskedStored<'a>>,
    /// What pays the rest.
    pub method: Option<AskedMethod<'a>>,
}

/// A coupon named in a request.
#[derive(Clone, Copy, Debug)]
pub struct AskedCoupon<'a> {
    /// As named.
    pub id: &'a str,
    /// The market's coupon of that id.
    pub coupon: Option<&'a Coupon>,
}

/// Stored value asked for.
#[derive(Clone, Copy, Debug)]
pub struct AskedStored<'a> {
    /// Of which program.
    pub program: &'a Program,
    /// Of one kind only.
    pub kind: Option<LotKind>,
    /// How much of it.
    pub amount: AskedAmount,
}

/// How much stored value is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedAmount {
    /// As much as may be used.
    All,
    /// At most so much.
    UpTo(Points),
}

/// A method asked for.
#[derive(Clone, Copy, Debug)]
pub struct AskedMethod<'a> {
    /// Its type.
    pub method_type: MethodType,
    /// A card's brand.
    pub brand: Option<&'a str>,
    /// A card that is linked to a program.
    pub linked: bool,
}
