//! How money and stored value go back.

/// How refunds are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundPolicy {
    /// To which tender a refund goes.
    pub order: RefundOrder,
    /// What happens where points earned on what is refunded are spent already.
    pub claw_back: ClawBack,
    /// Whether coupons come back, as long as they are still valid.
    pub coupons_return: bool,
    /// Where the seller cancelled: value that has expired meanwhile comes back for so many days.
    pub grace_days: i32,
    /// Whether the shipping of a returned parcel's order is refunded too, where the seller is at fault.
    pub refund_shipping_on_fault: bool,
}

/// To which tender a refund goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefundOrder {
    /// To the method until it has back all it paid, then to stored value.
    #[default]
    MethodFirst,
    /// By charge: each yen to the tender that paid it.
    AsPaid,
}

/// How points are taken back that are spent already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClawBack {
    /// They leave a debt, which new points pay off first.
    #[default]
    Debt,
    /// What they are worth is taken from the refund.
    FromRefund,
}

/// How many days a refund usually takes until it shows, from the day it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualDays {
    /// Not before so many days; 0 is the same day.
    pub from: i32,
    /// Usually not after so many days; not below `from`.
    pub to: i32,
}
