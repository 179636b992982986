//! The sections of market files as an operator writes them: the one source of their keys, defaults,
//! descriptions and JSON Schema.

mod care;
mod contacts;
mod policies;
mod seller_policies;

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use care::*;
pub use contacts::*;
pub use policies::*;
pub use seller_policies::*;

/// The files of a market: every `*.toml` file of one directory. A section may stand in any of them, each
/// key in one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Market files")]
pub struct Sections {
    /// The market itself.
    pub market: MarketSection,
    /// Who sells, by id.
    #[serde(default)]
    pub sellers: BTreeMap<String, SellerSection>,
    /// Kinds of stored value, by id.
    #[serde(default)]
    pub programs: BTreeMap<String, ProgramSection>,
    /// Coupons, by id.
    #[serde(default)]
    pub coupons: BTreeMap<String, CouponSection>,
    /// Ways to pay the rest, by type.
    #[serde(default)]
    pub methods: MethodsSection,
    /// What the market decides where others decide otherwise.
    #[serde(default)]
    pub policies: PoliciesSection,
    /// How a customer can be sure that it is the market, and when people answer.
    #[serde(default)]
    pub contacts: ContactsSection,
    /// How customers come to a person, and when people work.
    #[serde(default)]
    pub care: CareSection,
}

/// The market itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketSection {
    /// Its short name, by which requests call it.
    #[schemars(example = &"my-market")]
    pub name: String,
    /// Its currency. Yen for now; figures and sentences are written for it.
    pub currency: CurrencyText,
    /// Where its days begin and end, as an IANA time zone.
    #[schemars(example = &"Asia/Tokyo")]
    pub time_zone: String,
    /// The rates of tax that lines may have.
    #[schemars(extend("examples" = [["0.10", "0.08", "0"]]))]
    pub tax_rates: Vec<RateText>,
    /// The rate that shipping and fees contain; one of `tax_rates`.
    #[schemars(example = &"0.10")]
    pub standard_tax_rate: RateText,
    /// Member ranks, which coupons and earning rules may ask for.
    #[serde(default)]
    #[schemars(extend("examples" = [["silver", "gold", "diamond"]]))]
    pub ranks: Vec<String>,
}

/// A currency.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
pub enum CurrencyText {
    /// Japanese yen; its minor unit is the yen.
    #[serde(rename = "JPY")]
    Jpy,
}

/// What customers call it, in each language they read.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NameSection {
    /// In Japanese.
    #[schemars(example = &"お店")]
    pub ja: String,
    /// In English.
    #[schemars(example = &"The shop")]
    pub en: String,
}

/// One who sells.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SellerSection {
    /// What customers call it.
    pub name: NameSection,
    /// What kind of seller it is; decides what may pay.
    #[serde(rename = "type")]
    pub seller_type: SellerTypeText,
    /// What it asks for shipping, per order. Nothing where it is left out.
    pub shipping: Option<ShippingSection>,
    /// How many times the base its points are, where an item has no multiplier of its own.
    #[schemars(example = &"2")]
    pub multiplier: Option<RateText>,
    /// What may be cancelled, where a `store` or `individual` decides otherwise than the market.
    pub cancel: Option<SellerCancelSection>,
    /// What may be sent back, where a `store` or `individual` decides otherwise than the market.
    pub returns: Option<SellerReturnsSection>,
}

/// Kinds of seller.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SellerTypeText {
    /// The market itself.
    Platform,
    /// A shop in the market (出店型).
    Store,
    /// A private person (個人).
    Individual,
}

/// Kinds of item.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKindText {
    /// Goods in a parcel; only these are shipped.
    Physical,
    /// Downloads and streams.
    Digital,
    /// Membership fees.
    Membership,
    /// Gift cards, sent as a code.
    GiftCard,
}

/// What a seller asks for shipping, per order, tax included.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingSection {
    /// The amount in yen.
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64), example = 600)]
    pub amount: i64,
    /// Free from so much of the seller's goods, tax included, before coupons and points. Never where left out.
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64), example = 3980)]
    pub free_from: Option<i64>,
}

/// One kind of stored value.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgramSection {
    /// What customers call it.
    pub name: NameSection,
    /// Who holds it.
    pub held: HeldText,
    /// What it is counted in.
    #[serde(default)]
    pub unit: UnitText,
    /// Yen for one unit; what it pays is rounded down to whole yen.
    #[serde(default = "one")]
    #[schemars(example = &"3.5")]
    pub value: RateText,
    /// The order in which kinds of lot are used; among one kind, what ends soonest comes first.
    #[serde(default = "all_lot_kinds")]
    #[schemars(extend("examples" = [["limited", "exchanged", "ordinary"]]))]
    pub kinds: Vec<LotKindText>,
    /// Which charges it accepts.
    #[serde(default)]
    pub pays: PaysSection,
    /// It pays only beside this method.
    pub needs_method: Option<NeedsMethodSection>,
    /// What it gives for an order: rules by id, each rule's grant a record of its own.
    #[serde(default)]
    pub earn: BTreeMap<String, EarnSection>,
    /// Which kind's whole balance every grant renews. Points held here that have the kind `ordinary` renew it for
    /// 12 months where left out.
    pub renews: Option<RenewsSection>,
    /// Days until a refund to it shows.
    pub refund_days: Option<UsualDaysSection>,
}

/// Every grant of a kind renews the whole balance of it.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewsSection {
    /// Which kind of lot; one of the program's `kinds`.
    #[serde(default = "ordinary")]
    pub kind: LotKindText,
    /// The balance ends with the last second of a month, where 1 is the month of the newest grant and 12 the
    /// twelfth.
    #[serde(default = "twelve_months")]
    #[schemars(range(min = 1, max = 1200))]
    pub months: i32,
}

/// How many days something usually takes.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsualDaysSection {
    /// Not before so many days; 0 is the same day.
    #[schemars(range(min = 0, max = 36_500), example = 3)]
    pub from: i32,
    /// Usually not after so many days.
    #[schemars(range(min = 0, max = 36_500), example = 14)]
    pub to: i32,
}

/// Who holds the value of a program.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldText {
    /// This market, in lots.
    Here,
    /// A partner, to whom customers link an account.
    Partner,
}

/// What a program counts.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitText {
    /// Yen of a balance.
    Yen,
    /// Points.
    #[default]
    Point,
}

/// Kinds of lot.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum LotKindText {
    /// Granted for a campaign; ends on its own day.
    Limited,
    /// Exchanged from elsewhere; ends on its own day.
    Exchanged,
    /// Ordinary: every new grant renews it.
    Ordinary,
}

/// Which charges a program or method accepts.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PaysSection {
    /// Whose goods.
    pub seller_types: Vec<SellerTypeText>,
    /// What kinds of goods; all that the market sells where left out.
    #[schemars(extend("examples" = [["physical", "digital"]]))]
    pub item_kinds: Option<Vec<ItemKindText>>,
    /// Also the shipping of goods that it accepts.
    pub shipping: bool,
    /// Also the fee of the method.
    pub fees: bool,
}

impl Default for PaysSection {
    fn default() -> Self {
        Self { seller_types: all_seller_types(), item_kinds: None, shipping: true, fees: true }
    }
}

/// A method that a program wants beside it.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedsMethodSection {
    /// Its type.
    #[serde(rename = "type")]
    pub method_type: MethodTypeText,
    /// The brand of a card.
    #[schemars(example = &"JCB")]
    pub brand: Option<String>,
    /// Only a card that is linked to the program.
    #[serde(default)]
    pub linked: bool,
}

/// Types of method.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MethodTypeText {
    /// A credit or debit card.
    Card,
    /// Cash on delivery.
    Cod,
    /// Konbini, ATM, net bank, e-money.
    Konbini,
    /// Deferred payment.
    Deferred,
}

/// A rule of earning: either `yen_per_point`, counted on each line, or `rate`, counted once per order.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarnSection {
    /// What customers call it; its id where left out.
    pub name: Option<NameSection>,
    /// Per line: yen without tax for one point, rounded down on each line.
    #[schemars(range(min = 1, max = 1_000_000_000_000_000_i64), example = 100)]
    pub yen_per_point: Option<i64>,
    /// Per line: how many times that base, as a number, or `multiplier` for what the item's multiplier (or else
    /// the seller's) gives beyond the base.
    #[serde(default = "base_factor")]
    #[schemars(example = &"0.5")]
    pub factor: FactorText,
    /// Per order: points for each yen paid, tax included, after coupons.
    #[schemars(example = &"0.01")]
    pub rate: Option<RateText>,
    /// Per order: nothing below this, in yen.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64), example = 5000)]
    pub minimum: i64,
    /// Per order: the most points for one payment, before the tier's multiplier.
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64), example = 100)]
    pub cap_payment: Option<i64>,
    /// Per order: ranks of the partner's program by points earned in the last three months.
    #[serde(default)]
    pub tiers: Vec<TierSection>,
    /// For whose goods.
    #[serde(default = "all_seller_types")]
    pub seller_types: Vec<SellerTypeText>,
    /// For what kinds of goods.
    #[serde(default = "earning_item_kinds")]
    pub item_kinds: Vec<ItemKindText>,
    /// Only for members of these ranks of the market; for all where left out.
    #[serde(default)]
    #[schemars(extend("examples" = [["gold", "diamond"]]))]
    pub ranks: Vec<String>,
    /// The kind of lot it gives.
    #[schemars(example = &"ordinary")]
    pub kind: Option<LotKindText>,
    /// When the points can be used: exactly one of its keys.
    pub available: AvailableSection,
    /// When they end: with the last second of a month, where 1 is the month in which they become available and
    /// 12 the twelfth. Where left out: as `renews` says of that kind, else never or at the partner's own time.
    #[schemars(range(min = 1, max = 1200), example = 12)]
    pub expires_end_of_month: Option<i32>,
}

/// When points can be used: exactly one of the keys.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AvailableSection {
    /// Pending from the start of the day after the order, usable so many days after that.
    #[schemars(range(min = 0, max = 36_500), example = 20)]
    pub days_after_order: Option<i32>,
    /// Usable so many days after shipment.
    #[schemars(range(min = 0, max = 36_500), example = 30)]
    pub days_after_shipment: Option<i32>,
    /// Granted, and usable, on this day of the next month.
    #[schemars(range(min = 1, max = 28), example = 15)]
    pub day_of_next_month: Option<i8>,
}

/// What a rank of a partner's program gives.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierSection {
    /// From so many points earned in the last three months.
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64), example = 600)]
    pub from: i64,
    /// How many stars.
    #[schemars(range(min = 0, max = 100), example = 3)]
    pub stars: i64,
    /// How many times the points, and the cap of a payment.
    #[schemars(example = &"2")]
    pub multiplier: RateText,
    /// The most points for a month.
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64), example = 200)]
    pub cap_month: Option<i64>,
}

/// A coupon: one of `yen`, `rate` and `free_shipping` says what it gives; one of `items`, `store` and `market`
/// says what it works on.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CouponSection {
    /// What customers call it.
    pub name: NameSection,
    /// It takes off so many yen.
    #[schemars(range(min = 1, max = 1_000_000_000_000_000_i64), example = 500)]
    pub yen: Option<i64>,
    /// It takes off this part of the price, from 0 to 1.
    #[schemars(example = &"0.10")]
    pub rate: Option<RateText>,
    /// It makes shipping free.
    #[serde(default)]
    pub free_shipping: bool,
    /// The most that a use of it takes off, in yen.
    #[schemars(range(min = 1, max = 1_000_000_000_000_000_i64), example = 1000)]
    pub maximum: Option<i64>,
    /// It works on these items (sku), whoever sells them: once per unit, dearest unit first.
    #[schemars(extend("examples" = [["A"]]))]
    pub items: Option<Vec<String>>,
    /// It works on all goods of this seller, once per order.
    #[schemars(example = &"shop-a")]
    pub store: Option<String>,
    /// It works on all goods of the cart, once per order.
    #[serde(default)]
    pub market: bool,
    /// Kinds of item that it works on.
    #[serde(default = "all_item_kinds")]
    pub item_kinds: Vec<ItemKindText>,
    /// For `items`: on how many units an order may use it.
    #[serde(default = "one_use")]
    #[schemars(range(min = 1, max = 1_000_000_000_000_000_i64), example = 3)]
    pub uses_per_order: i64,
    /// Not before this instant.
    #[schemars(example = &"2026-11-01T00:00:00+09:00")]
    pub starts_at: Option<InstantText>,
    /// Its last second.
    #[schemars(example = &"2026-12-31T23:59:59+09:00")]
    pub ends_at: Option<InstantText>,
    /// The goods it works on must cost at least this, before coupons, tax included.
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64), example = 3000)]
    pub minimum_spend: Option<i64>,
    /// How often one customer may use it, over all orders. As often as they like where left out.
    #[schemars(range(min = 1, max = 1_000_000_000_000_000_i64), example = 1)]
    pub uses_per_customer: Option<i64>,
    /// How often all customers together may use it.
    #[schemars(range(min = 1, max = 1_000_000_000_000_000_i64), example = 10000)]
    pub quota: Option<i64>,
    /// Only on a customer's first order.
    #[serde(default)]
    pub first_order_only: bool,
    /// Only for members of these ranks of the market; for all where left out.
    #[serde(default)]
    #[schemars(extend("examples" = [["gold", "diamond"]]))]
    pub ranks: Vec<String>,
    /// With which other coupons it may be used.
    #[serde(default)]
    pub combine: CombineText,
    /// At most one coupon of such a group may be used; the one named first stays.
    #[schemars(example = &"new-year")]
    pub exclusive_group: Option<String>,
}

/// With which other coupons one may be used.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CombineText {
    /// With all that allow it.
    #[default]
    All,
    /// Not with other coupons for the same store or for goods of it.
    NotSameStore,
    /// With no other.
    None,
}

/// Ways to pay the rest; a market takes the types it names.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodsSection {
    /// Credit and debit cards.
    pub card: Option<MethodSection>,
    /// Cash on delivery.
    pub cod: Option<MethodSection>,
    /// Konbini, ATM, net bank, e-money.
    pub konbini: Option<MethodSection>,
    /// Deferred payment.
    pub deferred: Option<MethodSection>,
}

/// A way to pay the rest.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodSection {
    /// What customers call it.
    pub name: NameSection,
    /// Due whenever the method is chosen, in yen, tax included.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64), example = 330)]
    pub fee: i64,
    /// Which charges it accepts.
    #[serde(default)]
    pub pays: PaysSection,
    /// Accepted card brands; any where left out.
    #[schemars(extend("examples" = [["Visa", "Mastercard", "JCB"]]))]
    pub brands: Option<Vec<String>>,
    /// For `konbini`: the order waits for payment until the end of the day so many days after it was placed. 3 where
    /// left out.
    #[schemars(range(min = 0, max = 365), example = 3)]
    pub pay_within_days: Option<i32>,
    /// Days until a refund to it shows.
    pub refund_days: Option<UsualDaysSection>,
}

/// A decimal number as text, `"0.10"`; a bare number is taken by its digits.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "serde_json::Value")]
pub struct RateText(pub String);

impl From<serde_json::Value> for RateText {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::String(text) => Self(text),
            other => Self(other.to_string()),
        }
    }
}

impl Serialize for RateText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for RateText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number"],
            "format": "rate",
            "description": "A decimal number of at most nine places, best in quotes.",
        })
    }
}

/// A number of times, or `multiplier`.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "serde_json::Value")]
pub struct FactorText(pub String);

impl From<serde_json::Value> for FactorText {
    fn from(value: serde_json::Value) -> Self {
        Self(RateText::from(value).0)
    }
}

impl Serialize for FactorText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for FactorText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Factor".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number"],
            "format": "factor",
            "description": "A decimal number of at most nine places, or `multiplier`.",
        })
    }
}

/// An instant with its offset from UTC, bare or in quotes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct InstantText(pub String);

impl JsonSchema for InstantText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "An instant with its offset from UTC, bare or in quotes.",
        })
    }
}

fn base_factor() -> FactorText {
    FactorText("1".into())
}

fn one() -> RateText {
    RateText("1".into())
}

fn ordinary() -> LotKindText {
    LotKindText::Ordinary
}

fn twelve_months() -> i32 {
    12
}

fn one_use() -> i64 {
    1
}

fn all_lot_kinds() -> Vec<LotKindText> {
    vec![LotKindText::Limited, LotKindText::Exchanged, LotKindText::Ordinary]
}

fn all_seller_types() -> Vec<SellerTypeText> {
    vec![SellerTypeText::Platform, SellerTypeText::Store, SellerTypeText::Individual]
}

fn all_item_kinds() -> Vec<ItemKindText> {
    vec![ItemKindText::Physical, ItemKindText::Digital, ItemKindText::Membership, ItemKindText::GiftCard]
}

/// Memberships earn nothing.
fn earning_item_kinds() -> Vec<ItemKindText> {
    vec![ItemKindText::Physical, ItemKindText::Digital, ItemKindText::GiftCard]
}
