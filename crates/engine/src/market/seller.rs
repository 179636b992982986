//! Who sells, and what they sell.

use super::{CancelPolicy, Name, ReturnPolicy};
use crate::money::Money;
use crate::rate::Rate;

/// One who sells in the market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seller {
    /// Its place among the market's sellers; set by the market.
    pub index: usize,
    /// Such as `shop-a`.
    pub id: String,
    /// What customers call it.
    pub name: Name,
    /// What kind of seller it is.
    pub seller_type: SellerType,
    /// What it asks for shipping; nothing where it ships for free or not at all.
    pub shipping: Option<ShippingTerms>,
    /// How many times the base its points are, where an item has no multiplier of its own.
    pub multiplier: Option<Rate>,
    /// What may be cancelled, where it differs from the market's policy; never of the market itself.
    pub cancel: Option<CancelPolicy>,
    /// What may be sent back, where it differs from the market's policy; never of the market itself.
    pub returns: Option<ReturnPolicy>,
    /// The rule that a trace names for its prices: `sellers.shop-a`.
    pub rule: String,
}

/// Kinds of seller, which decide what may pay them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SellerType {
    /// The market itself.
    Platform,
    /// A shop in the market (出店型).
    Store,
    /// A private person (個人).
    Individual,
}

impl SellerType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Platform, Self::Store, Self::Individual];
}

/// What a seller asks for shipping, per order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippingTerms {
    /// The amount, tax included.
    pub amount: Money,
    /// Free from so much of the seller's goods, tax included, before coupons and points.
    pub free_from: Option<Money>,
    /// The rule a trace names for the amount: `sellers.shop-a.shipping`.
    pub rule: String,
    /// The rule a trace names where it is free: `sellers.shop-a.shipping.free_from`.
    pub free_from_rule: String,
}

impl ShippingTerms {
    /// Whether so much of the seller's goods, tax included, before coupons and points, ships for free.
    pub fn is_free_from(&self, goods: Money) -> bool {
        self.free_from.is_some_and(|from| goods >= from)
    }
}

/// Kinds of item, which decide what may pay for them and whether they are shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Goods in a parcel.
    Physical,
    /// Downloads and streams.
    Digital,
    /// Membership fees.
    Membership,
    /// Gift cards.
    GiftCard,
}

impl ItemKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Physical, Self::Digital, Self::Membership, Self::GiftCard];

    /// Only goods in a parcel are shipped; gift cards are sent as a code.
    pub fn needs_shipping(self) -> bool {
        self == Self::Physical
    }
}
