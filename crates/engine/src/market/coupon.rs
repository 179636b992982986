//! Coupons and their conditions: a closed vocabulary.

use jiff::Timestamp;

use super::{Kinds, Name};
use crate::money::Money;
use crate::rate::Rate;

/// A coupon of the market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupon {
    /// Such as `A500`.
    pub id: String,
    /// What customers call it.
    pub name: Name,
    /// What it gives.
    pub benefit: Benefit,
    /// The most a use of it takes off.
    pub maximum: Option<Money>,
    /// What it works on.
    pub scope: Scope,
    /// Kinds of item that it works on.
    pub item_kinds: Kinds,
    /// How often an order may use it; counts for coupons of named items.
    pub uses_per_order: i64,
    /// Not before this instant.
    pub starts_at: Option<Timestamp>,
    /// Not after this second.
    pub ends_at: Option<Timestamp>,
    /// The targeted goods must cost at least this, before coupons, tax included.
    pub minimum_spend: Option<Money>,
    /// How often a customer may use it, over all orders.
    pub uses_per_customer: Option<i64>,
    /// How often all customers together may use it.
    pub quota: Option<i64>,
    /// Only on a customer's first order.
    pub first_order_only: bool,
    /// Only for members of these ranks; for all where it names none.
    pub ranks: Vec<String>,
    /// With which others it may be used.
    pub combination: Combination,
    /// At most one coupon of such a group may be used.
    pub exclusive_group: Option<String>,
    /// The rule a trace names: `coupons.A500`.
    pub rule: String,
}

/// What a coupon gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Benefit {
    /// A part of the price.
    Percent(Rate),
    /// An amount.
    Yen(Money),
    /// The shipping.
    FreeShipping,
}

/// What a coupon works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Named items, whoever sells them; sorted.
    Items(Vec<String>),
    /// All goods of one seller, by id.
    Store(String),
    /// All goods of the cart.
    Market,
}

/// With which others a coupon may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combination {
    /// With all that allow it.
    #[default]
    All,
    /// Not with other coupons for the same store or for goods of it.
    NotSameStore,
    /// With no other.
    None,
}
