//! What outside parties keep and show: authorizations, captures, refunds, payment numbers, holds, grants.
//!
//! These are the objects of the wire as well as of the books behind the sandbox. Amounts are whole numbers: the
//! currency's smallest unit for money (yen), points for points.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Money that a card's issuer keeps ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The provider's name for it.
    pub id: String,
    /// Whether it can still be captured.
    pub state: AuthorizationState,
    /// What was asked for.
    pub amount: u64,
    /// What was captured so far, in all captures together.
    pub captured: u64,
    /// What was let go because it was voided.
    pub voided: u64,
    /// ISO 4217, such as `JPY`.
    pub currency: String,
    /// The shop's own name for what is paid.
    pub reference: String,
    /// Why it was declined, at once or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline_code: Option<String>,
}

/// `authorised → voided | declined_later`, or `declined` from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizationState {
    /// What is not captured yet can be captured.
    Authorised,
    /// The issuer said no.
    Declined,
    /// The issuer said yes and took it back; nothing more can be captured.
    DeclinedLater,
    /// What was not captured was let go; captures stay.
    Voided,
}

/// Money that was taken from an authorization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// The provider's name for it.
    pub id: String,
    /// Of which authorization.
    pub authorization: String,
    /// What was taken.
    pub amount: u64,
    /// What was given back, in all refunds together.
    pub refunded: u64,
    /// What the card holder took back through the issuer.
    pub charged_back: u64,
}

/// Money that was given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The provider's name for it.
    pub id: String,
    /// Of which capture.
    pub capture: String,
    /// What is given back.
    pub amount: u64,
    /// Whether it has reached the card.
    pub state: RefundState,
}

/// `pending → settled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Promised; a webhook tells when it is settled.
    Pending,
    /// On the card.
    Settled,
}

/// A number with which a customer pays in cash at a convenience store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Konbini {
    /// The provider's name for it.
    pub id: String,
    /// What the customer shows or types at the store.
    pub payment_number: String,
    /// What is to be paid.
    pub amount: u64,
    /// Until when it can be paid.
    pub deadline: Timestamp,
    /// The shop's own name for what is paid.
    pub reference: String,
    /// Whether it was paid.
    pub state: KonbiniState,
}

/// `waiting → paid | expired | cancelled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KonbiniState {
    /// Can be paid until the deadline.
    Waiting,
    /// The store took the money.
    Paid,
    /// The deadline passed.
    Expired,
    /// The shop wants it no more.
    Cancelled,
}

/// What a member has at a partner program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Points in the account, held ones among them.
    pub balance: u64,
    /// Points that can be held now: the balance without what is held.
    pub available: u64,
    /// Points earned in the three whole calendar months before this one; decides the member's tier.
    pub earned_last_3_months: u64,
    /// Points earned in this calendar month; counts against a month's cap.
    pub earned_this_month: u64,
}

/// Points that are kept ready for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The partner's name for it.
    pub id: String,
    /// Whose points.
    pub account: String,
    /// What is or was held.
    pub points: u64,
    /// What was taken in the end.
    pub captured: u64,
    /// Whether it can still be captured.
    pub state: HoldState,
    /// When it lapses by itself.
    pub expires_at: Timestamp,
    /// The shop's own name for what is paid.
    pub reference: String,
}

/// `open → captured | released | lapsed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// The points are kept ready.
    Open,
    /// What was captured is gone; what was held beyond it is free again.
    Captured,
    /// All is free again.
    Released,
    /// Nobody asked in time; all is free again.
    Lapsed,
}

/// Points that were given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The partner's name for it.
    pub id: String,
    /// To whom.
    pub account: String,
    /// How many.
    pub points: u64,
    /// Why.
    pub reason: CreditReason,
    /// The shop's own name for what they are given for.
    pub reference: String,
}

/// Why points are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditReason {
    /// Earned by shopping; counts for tiers and caps.
    Earned,
    /// Paid with earlier and given back, as after a return.
    Returned,
    /// A present of the shop.
    Goodwill,
}

/// Points that were taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debit {
    /// The partner's name for it.
    pub id: String,
    /// From whom.
    pub account: String,
    /// What was to be taken back.
    pub points: u64,
    /// What was there to be taken.
    pub taken: u64,
    /// What was not there.
    pub missing: u64,
    /// The shop's own name for what they are taken back for.
    pub reference: String,
}

/// A member's account that may be used by the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// By which the shop names the member from now on.
    pub account: String,
}
