//! A market: its sellers, programs, coupons, methods and policies, checked and ready to price with.
//!
//! Markets are values. Where they come from (files, a database) is not known here; whoever builds one has
//! checked it, and [`Market::new`] only indexes it.

mod cancel;
mod coupon;
mod earning;
mod hours;
mod method;
mod parcels;
mod pays;
mod program;
mod refund;
mod returns;
mod seller;
mod stored_value;

use std::collections::HashMap;

use jiff::tz::TimeZone;

pub use cancel::{CancelPolicy, CancelUntil};
pub use coupon::{Benefit, Combination, Coupon, Scope};
pub use earning::{Conditions, Earning, EarningRule, Expiry, Factor, Grant, PerLine, PerPayment, RankTier};
pub use hours::{Hours, OpenSpan};
pub use method::{Method, MethodType};
pub use parcels::ParcelPolicy;
pub use pays::{Kinds, Pays, SellerTypes};
pub use program::{Held, LotKind, NeedsMethod, Program, Unit};
pub use refund::{ClawBack, RefundOrder, RefundPolicy, UsualDays};
pub use returns::{Deductions, ReturnPolicy, ReturnReason};
pub use seller::{ItemKind, Seller, SellerType, ShippingTerms};
pub use stored_value::{AdjustmentPolicy, GiftCardPolicy, Renewal};

use crate::money::Rounding;
use crate::rate::Rate;

/// What something is called, in each language a customer reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// A rate of consumption tax, with the text the market writes it in (`0.10`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxRate {
    /// Its place among the market's rates.
    pub index: usize,
    /// The rate.
    pub rate: Rate,
    /// As the market writes it, and answers show it.
    pub text: String,
}

/// A currency; amounts count its minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Currency {
    /// Japanese yen, whose minor unit is the yen.
    Jpy,
}

impl Currency {
    /// Its ISO 4217 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Jpy => "JPY",
        }
    }
}

/// Over which lines of a seller coupons lower the points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CouponShare {
    /// Over all of the seller's lines, also those without a coupon.
    #[default]
    Seller,
    /// Only on the discounted lines.
    Line,
}

/// What a market decides where others decide otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policies {
    /// How a tax sum is rounded; once per seller and rate.
    pub tax_rounding: Rounding,
    /// Whose points a coupon lowers.
    pub coupon_share: CouponShare,
    /// A plan that saves points may use what expires within so many days.
    pub expiring_days: i32,
    /// Customers are written to so many days before value expires.
    pub expiry_mail_days: i32,
    /// How refunds are made.
    pub refunds: RefundPolicy,
    /// What may be cancelled, where the seller has no policy of its own.
    pub cancel: CancelPolicy,
    /// What may be sent back, where the seller has no policy of its own.
    pub returns: ReturnPolicy,
    /// Terms of gift cards; nothing where the market has none.
    pub gift_cards: Option<GiftCardPolicy>,
    /// Adjustments of stored value by staff.
    pub adjustments: AdjustmentPolicy,
    /// What is expected of parcels.
    pub parcels: ParcelPolicy,
}

/// How a customer can be sure that it is the market: what `guard` calls official.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Domain names; what is below them is the market's as well.
    pub domains: Vec<String>,
    /// Published phone numbers.
    pub phones: Vec<String>,
    /// When people answer.
    pub hours: Hours,
}

/// Everything a market is made of; becomes a [`Market`].
#[derive(Clone, Debug)]
pub struct MarketParts {
    /// Its short name, such as `rakuten-style`.
    pub name: String,
    /// A digest of its content.
    pub version: String,
    /// What its amounts are counted in.
    pub currency: Currency,
    /// Where its days begin and end.
    pub time_zone: TimeZone,
    /// The rates of tax that lines may have.
    pub tax_rates: Vec<TaxRate>,
    /// The rate that shipping and fees contain.
    pub standard_tax_rate: TaxRate,
    /// Who sells.
    pub sellers: Vec<Seller>,
    /// Kinds of stored value.
    pub programs: Vec<Program>,
    /// Coupons.
    pub coupons: Vec<Coupon>,
    /// Ways to pay the rest.
    pub methods: Vec<Method>,
    /// Its decisions.
    pub policies: Policies,
    /// Its official contacts.
    pub contacts: Contacts,
}

/// One marketplace, ready to price carts with.
#[derive(Clone, Debug)]
pub struct Market {
    parts: MarketParts,
    sellers: HashMap<String, usize>,
    programs: HashMap<String, usize>,
    coupons: HashMap<String, usize>,
}

impl Market {
    /// Indexes the parts. Sets each part's own `index` to its place.
    pub fn new(mut parts: MarketParts) -> Self {
        for (index, seller) in parts.sellers.iter_mut().enumerate() {
            seller.index = index;
        }
        for (index, program) in parts.programs.iter_mut().enumerate() {
            program.index = index;
        }
        Self {
            sellers: places(parts.sellers.iter().map(|seller| &seller.id)),
            programs: places(parts.programs.iter().map(|program| &program.id)),
            coupons: places(parts.coupons.iter().map(|coupon| &coupon.id)),
            parts,
        }
    }

    /// The seller of that id.
    pub fn seller(&self, id: &str) -> Option<&Seller> {
        self.sellers.get(id).and_then(|index| self.parts.sellers.get(*index))
    }

    /// The program of that id.
    pub fn program(&self, id: &str) -> Option<&Program> {
        self.programs.get(id).and_then(|index| self.parts.programs.get(*index))
    }

    /// The coupon of that id.
    pub fn coupon(&self, id: &str) -> Option<&Coupon> {
        self.coupons.get(id).and_then(|index| self.parts.coupons.get(*index))
    }

    /// The method of that type.
    pub fn method(&self, method_type: MethodType) -> Option<&Method> {
        self.parts.methods.iter().find(|method| method.method_type == method_type)
    }

    /// The tax rate equal to `rate`, however it is written.
    pub fn tax_rate(&self, rate: Rate) -> Option<&TaxRate> {
        self.parts.tax_rates.iter().find(|known| known.rate == rate)
    }

    /// What may be cancelled of a seller's goods.
    pub fn cancel_policy<'m>(&'m self, seller: &'m Seller) -> &'m CancelPolicy {
        seller.cancel.as_ref().unwrap_or(&self.parts.policies.cancel)
    }

    /// What may be sent back of a seller's goods.
    pub fn return_policy<'m>(&'m self, seller: &'m Seller) -> &'m ReturnPolicy {
        seller.returns.as_ref().unwrap_or(&self.parts.policies.returns)
    }

    /// The program that balances of gift cards go to; nothing where the market has no gift cards.
    pub fn gift_card_program(&self) -> Option<&Program> {
        self.program(&self.parts.policies.gift_cards.as_ref()?.program)
    }
}

impl std::ops::Deref for Market {
    type Target = MarketParts;

    fn deref(&self) -> &MarketParts {
        &self.parts
    }
}

fn places<'a>(ids: impl Iterator<Item = &'a String>) -> HashMap<String, usize> {
    ids.enumerate().map(|(index, id)| (id.clone(), index)).collect()
}
