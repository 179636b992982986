//! Why a coupon or tender was not used, or nothing was earned: reasons that carry their figures.
//!
//! Sentences are made elsewhere from the code and the figures; codes are stable.

use jiff::Timestamp;

use crate::market::{Coupon, ItemKind, Method, MethodType, Program, SellerType};
use crate::money::{Money, Points};

/// Something asked for that was not done, or only in part.
#[derive(Clone, Debug)]
pub struct Refusal<'a> {
    /// What it is about.
    pub subject: Subject<'a>,
    /// The line for which it holds; the whole order where absent.
    pub line: Option<&'a str>,
    /// Why.
    pub reason: Reason<'a>,
}

/// What a refusal is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A coupon, as named in the request.
    Coupon(&'a str),
    /// A program as a means to pay.
    Program(&'a Program),
    /// A method.
    Method(MethodType),
    /// That there is no method.
    NoMethod,
    /// A program as something to earn.
    Earning(&'a Program),
}

impl<'a> Subject<'a> {
    /// Its stable id: the coupon's, the program's or the method's.
    pub fn id(self) -> &'a str {
        match self {
            Self::Coupon(id) => id,
            Self::Program(program) | Self::Earning(program) => &program.id,
            Self::Method(method_type) => method_type.id(),
            Self::NoMethod => "method",
        }
    }

    /// Whether it is a `coupon`, a `tender` or an `earning`.
    pub fn about(self) -> &'static str {
        match self {
            Self::Coupon(_) => "coupon",
            Self::Program(_) | Self::Method(_) | Self::NoMethod => "tender",
            Self::Earning(_) => "earning",
        }
    }
}

/// Why, with the figures.
#[derive(Clone, Debug)]
pub enum Reason<'a> {
    /// The tender does not pay this type of seller.
    SellerType {
        /// Whose goods.
        seller_type: SellerType,
        /// What is sold.
        kind: ItemKind,
    },
    /// The tender does not pay this kind of item.
    ItemKind {
        /// Whose goods.
        seller_type: SellerType,
        /// What is sold.
        kind: ItemKind,
    },
    /// The program does not pay this seller's shipping, although it pays the goods.
    ShippingNotPayable {
        /// The shipping.
        amount: Money,
    },
    /// The program does not pay the method's fee.
    FeeNotPayable {
        /// The fee.
        fee: Money,
    },
    /// The customer has not linked the partner's program.
    NotLinked,
    /// The program pays only beside another method.
    NeedsMethod(&'a crate::market::NeedsMethod),
    /// Nothing is held.
    NoBalance,
    /// Less is held than was asked for.
    LessThanAsked {
        /// Usable now.
        held: Points,
        /// Asked for.
        asked: Points,
    },
    /// All of it was used and it was not enough.
    NotEnough {
        /// What was usable.
        held: Points,
        /// What is missing.
        missing: Points,
        /// It covers the goods it may pay, but not the shipping.
        covers_goods: bool,
    },
    /// Less can be paid with it than was asked for.
    Capped {
        /// What was used.
        used: Points,
        /// What was asked for.
        asked: Points,
    },
    /// Some of it has ended.
    LotExpired {
        /// How much.
        amount: Points,
        /// When.
        expired_at: Timestamp,
    },
    /// Some of it cannot be used yet.
    NotYetAvailable {
        /// How much.
        amount: Points,
        /// From when on.
        available_at: Timestamp,
    },
    /// Something is left to pay and no method was chosen.
    MethodMissing {
        /// How much is left.
        due: Money,
        /// Methods that can pay it.
        methods: Vec<&'a Method>,
    },
    /// The method cannot pay this line, or is not one of the market's.
    MethodNotAccepted {
        /// Methods that can.
        methods: Vec<&'a Method>,
    },
    /// The customer does not hold the coupon.
    NotHeld,
    /// The market has no such coupon.
    Unknown,
    /// The coupon's time has not come.
    NotStarted {
        /// When it does.
        starts_at: Timestamp,
    },
    /// The coupon's time is over.
    Expired {
        /// Its last second.
        ended_at: Timestamp,
    },
    /// Too little of what it works on is in the cart.
    MinSpend {
        /// What is needed.
        minimum: Money,
        /// What is there.
        spend: Money,
    },
    /// Nothing it works on is in the cart.
    NoTargetItem(&'a Coupon),
    /// The customer has used it as often as allowed.
    CustomerLimit {
        /// How often that is.
        limit: i64,
    },
    /// All customers together have used it as often as allowed.
    QuotaUsedUp {
        /// How often that is.
        quota: i64,
    },
    /// It cannot be used together with one named before it.
    NotCombinable {
        /// That one.
        with: &'a str,
    },
    /// It is for other ranks.
    Rank {
        /// For these.
        ranks: &'a [String],
    },
    /// It is for a first order.
    FirstOrderOnly,
    /// Other coupons left nothing for it to take off.
    NothingLeft,
    /// There is no shipping to make free.
    NoShippingLeft,
    /// Too little was bought to earn.
    BelowMinimum {
        /// What is needed.
        minimum: Money,
        /// What is there.
        spend: Money,
    },
    /// More would have been earned but for the cap of a payment.
    CapPayment {
        /// The cap.
        cap: Points,
        /// What it would have been.
        would: Points,
    },
    /// More would have been earned but for the cap of a month.
    CapMonth {
        /// The cap.
        cap: Points,
        /// What of it was left.
        left: Points,
        /// What it would have been.
        would: Points,
    },
    /// The program is not linked, so nothing is earned.
    EarningNotLinked {
        /// What would have been earned.
        missed: Points,
    },
}

impl Reason<'_> {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SellerType { seller_type, .. } => match seller_type {
                SellerType::Platform => "seller_platform",
                SellerType::Store => "seller_store",
                SellerType::Individual => "seller_individual",
            },
            Self::ItemKind { kind, .. } => match kind {
                ItemKind::Physical => "physical_line",
                ItemKind::Digital => "digital_line",
                ItemKind::Membership => "membership",
                ItemKind::GiftCard => "gift_card_line",
            },
            Self::ShippingNotPayable { .. } => "shipping_not_payable",
            Self::FeeNotPayable { .. } => "fee_not_payable",
            Self::NotLinked | Self::EarningNotLinked { .. } => "not_linked",
            Self::NeedsMethod(needs) if is_linked_jcb_card(needs) => "needs_linked_jcb_card",
            Self::NeedsMethod(_) => "needs_method",
            Self::NoBalance => "no_balance",
            Self::LessThanAsked { .. } | Self::NotEnough { .. } => "insufficient_balance",
            Self::Capped { .. } => "capped",
            Self::LotExpired { .. } | Self::Expired { .. } => "expired",
            Self::NotYetAvailable { .. } => "not_yet_available",
            Self::MethodMissing { .. } => "method_missing",
            Self::MethodNotAccepted { .. } => "method_not_accepted",
            Self::NotHeld => "not_held",
            Self::Unknown => "unknown",
            Self::NotStarted { .. } => "not_started",
            Self::MinSpend { .. } => "min_spend",
            Self::NoTargetItem(_) => "no_target_item",
            Self::CustomerLimit { .. } => "customer_limit",
            Self::QuotaUsedUp { .. } => "quota_used_up",
            Self::NotCombinable { .. } => "not_combinable",
            Self::Rank { .. } => "rank",
            Self::FirstOrderOnly => "first_order_only",
            Self::NothingLeft | Self::NoShippingLeft => "nothing_left",
            Self::BelowMinimum { .. } => "below_minimum",
            Self::CapPayment { .. } => "cap_payment",
            Self::CapMonth { .. } => "cap_month",
        }
    }
}

fn is_linked_jcb_card(needs: &crate::market::NeedsMethod) -> bool {
    needs.method_type == MethodType::Card && needs.linked && needs.brand.as_deref() == Some("JCB")
}
