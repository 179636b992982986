//! `[policies]`: what a market decides where others decide otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ItemKindText, RateText};

/// What the market decides where others decide otherwise.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PoliciesSection {
    /// How a tax sum becomes whole yen; once per seller and rate.
    pub tax_rounding: RoundingText,
    /// Over which lines of a seller a coupon lowers the points.
    pub coupon_share: CouponShareText,
    /// A plan that saves points may use what expires within so many days.
    #[schemars(range(min = 0, max = 36_500))]
    pub expiring_days: i32,
    /// Customers who want to hear of it are written to so many days before value expires.
    #[schemars(range(min = 0, max = 14))]
    pub expiry_mail_days: i32,
    /// How refunds are made.
    pub refunds: RefundsSection,
    /// What may be cancelled, where the seller has no policy of its own.
    pub cancel: CancelSection,
    /// What may be sent back, where the seller has no policy of its own.
    pub returns: ReturnsSection,
    /// Terms of the market's gift cards. Where left out there are none, and nothing pays for lines of that kind.
    pub gift_cards: Option<GiftCardsSection>,
    /// Adjustments of stored value by staff.
    pub adjustments: AdjustmentsSection,
    /// What is expected of parcels.
    pub parcels: ParcelsSection,
}

impl Default for PoliciesSection {
    fn default() -> Self {
        Self {
            tax_rounding: RoundingText::Down,
            coupon_share: CouponShareText::Seller,
            expiring_days: 30,
            expiry_mail_days: 7,
            refunds: RefundsSection::default(),
            cancel: CancelSection::default(),
            returns: ReturnsSection::default(),
            gift_cards: None,
            adjustments: AdjustmentsSection::default(),
            parcels: ParcelsSection::default(),
        }
    }
}

/// How a part of a yen becomes whole.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingText {
    /// Down.
    Down,
    /// Up.
    Up,
    /// To the nearest, a half upwards.
    HalfUp,
}

/// Over which lines of a seller coupons lower the points.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CouponShareText {
    /// Over all of the seller's lines, also those without a coupon.
    Seller,
    /// Only on the discounted lines.
    Line,
}

/// How refunds are made. Nobody gets back more than was paid, after coupons.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RefundsSection {
    /// To the method until it has back all it paid and then to stored value (`method_first`), or by charge, each
    /// yen to the tender that paid it (`as_paid`).
    pub order: RefundOrderText,
    /// Points earned on what is refunded that are spent already: they leave a debt which new points pay off first
    /// (`debt`), or what they are worth is taken from the refund (`from_refund`).
    pub claw_back: ClawBackText,
    /// Coupons of an order of which nothing is kept come back, as long as they are still valid.
    pub coupons_return: bool,
    /// Where the seller cancelled: value that has expired meanwhile comes back for so many days.
    #[schemars(range(min = 0, max = 36_500))]
    pub grace_days: i32,
    /// Shipping is refunded with a return for which the seller answers.
    pub refund_shipping_on_fault: bool,
}

impl Default for RefundsSection {
    fn default() -> Self {
        Self {
            order: RefundOrderText::MethodFirst,
            claw_back: ClawBackText::Debt,
            coupons_return: false,
            grace_days: 7,
            refund_shipping_on_fault: true,
        }
    }
}

/// To which tender a refund goes.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundOrderText {
    /// To the method first, to stored value last.
    MethodFirst,
    /// By charge, to the tender that paid it.
    AsPaid,
}

/// How points are taken back that are spent already.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClawBackText {
    /// They leave a debt.
    Debt,
    /// What they are worth is taken from the refund.
    FromRefund,
}

/// What may be cancelled, and for how long; from then on it is a return.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CancelSection {
    /// Until the seller begins to prepare, or until the parcel leaves.
    pub until: CancelUntilText,
    /// Kinds of item that are never cancelled.
    pub kinds_never: Vec<ItemKindText>,
}

impl Default for CancelSection {
    fn default() -> Self {
        let kinds_never = vec![ItemKindText::Digital, ItemKindText::Membership];
        Self { until: CancelUntilText::Preparing, kinds_never }
    }
}

/// What ends the time for cancelling.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelUntilText {
    /// The seller begins to prepare.
    Preparing,
    /// The parcel leaves.
    Shipped,
}

/// What may be sent back, for how long, and what is deducted.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReturnsSection {
    /// So many days after the day of delivery a return may be asked for.
    #[schemars(range(min = 0, max = 36_500))]
    pub window_days: i32,
    /// A return that has not arrived so many days after it was asked for is withdrawn.
    #[schemars(range(min = 1, max = 36_500))]
    pub arrive_within_days: i32,
    /// Accepted reasons. The seller answers for all but `changed_mind`.
    pub reasons: Vec<ReturnReasonText>,
    /// What is deducted after inspection, as parts of the item's refund.
    pub deductions: DeductionsSection,
    /// Kinds of item that are never taken back.
    pub kinds_never: Vec<ItemKindText>,
}

impl Default for ReturnsSection {
    fn default() -> Self {
        Self {
            window_days: 30,
            arrive_within_days: 30,
            reasons: ReturnReasonText::ALL.to_vec(),
            deductions: DeductionsSection::default(),
            kinds_never: vec![ItemKindText::Digital, ItemKindText::Membership, ItemKindText::GiftCard],
        }
    }
}

/// Why something is sent back.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReasonText {
    /// The customer does not want it any more.
    ChangedMind,
    /// It does not work.
    Defective,
    /// Something else was sent.
    WrongItem,
    /// It was damaged on its way.
    Damaged,
    /// It is not what was described.
    NotAsDescribed,
    /// It arrived too late.
    ArrivedLate,
}

impl ReturnReasonText {
    const ALL: [Self; 6] = [
        Self::ChangedMind,
        Self::Defective,
        Self::WrongItem,
        Self::Damaged,
        Self::NotAsDescribed,
        Self::ArrivedLate,
    ];
}

/// What is deducted from the refund of a returned item after inspection, as parts of it from 0 to 1.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeductionsSection {
    /// It was opened or used.
    pub opened: RateText,
    /// Parts of it are missing.
    pub missing_parts: RateText,
}

impl Default for DeductionsSection {
    fn default() -> Self {
        Self { opened: RateText("0.20".into()), missing_parts: RateText("0.50".into()) }
    }
}

/// Terms of the market's gift cards.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftCardsSection {
    /// The program that a card's balance goes to: held here, a unit of it worth one yen.
    #[schemars(example = &"gift")]
    pub program: String,
    /// The balance expires so many years after the card is issued.
    #[serde(default = "gift_card_years")]
    #[schemars(range(min = 1, max = 100))]
    pub expires_years: i32,
    /// The least amount of one card, in yen.
    #[serde(default = "gift_card_least")]
    #[schemars(range(min = 1, max = 1_000_000_000_000_000_i64))]
    pub amount_min: i64,
    /// The largest amount of one card, in yen.
    #[serde(default = "gift_card_most")]
    #[schemars(range(min = 1, max = 1_000_000_000_000_000_i64))]
    pub amount_max: i64,
}

fn gift_card_years() -> i32 {
    10
}

fn gift_card_least() -> i64 {
    1
}

fn gift_card_most() -> i64 {
    500_000
}

/// Adjustments of stored value by staff.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdjustmentsSection {
    /// An adjustment worth more than so many yen needs a second person.
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64))]
    pub second_person_above: i64,
}

impl Default for AdjustmentsSection {
    fn default() -> Self {
        Self { second_person_above: 10_000 }
    }
}

/// What is expected of parcels.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParcelsSection {
    /// Sellers usually send within so many days after the day of the order or of its payment.
    #[schemars(range(min = 0, max = 365))]
    pub ships_within_days: i32,
    /// A carrier's first news usually come within so many hours after a parcel left.
    #[schemars(range(min = 0, max = 8_760))]
    pub first_scan_h: i32,
    /// A parcel of which nothing is heard for so many days counts as expired.
    #[schemars(range(min = 1, max = 365))]
    pub silent_days: i32,
    /// Who misses a parcel that counts as delivered waits for so many hours after the carrier's scan.
    #[schemars(range(min = 0, max = 8_760))]
    pub not_received_wait_h: i32,
    /// A link by which a shipment is shared ends after so many days.
    #[schemars(range(min = 1, max = 365))]
    pub share_link_days: i32,
}

impl Default for ParcelsSection {
    fn default() -> Self {
        Self {
            ships_within_days: 3,
            first_scan_h: 36,
            silent_days: 30,
            not_received_wait_h: 48,
            share_link_days: 14,
        }
    }
}
