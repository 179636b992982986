//! How the total came about, step by step. The differences `to − from` of all steps add up to the total.

use crate::market::{Method, Seller};
use crate::money::Money;

/// One step towards the total.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// What was done.
    pub kind: StepKind,
    /// The rule of the market it comes from.
    pub rule: &'a str,
    /// The line it was done to.
    pub line: Option<&'a str>,
    /// The seller it was done for, where it is not about a line.
    pub seller: Option<&'a Seller>,
    /// What went in.
    pub from: Money,
    /// What came out.
    pub to: Money,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Price times quantity, as the request names the price.
    Goods,
    /// The tax that such a price does not include.
    Tax,
    /// A coupon works on a line.
    Coupon,
    /// A seller's shipping.
    Shipping,
    /// Shipping becomes free.
    FreeShipping,
    /// The method's fee.
    Fee,
}

impl StepKind {
    /// Its stable name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Tax => "tax",
            Self::Coupon => "coupon",
            Self::Shipping => "shipping",
            Self::FreeShipping => "free_shipping",
            Self::Fee => "fee",
        }
    }
}

pub(super) fn fee<'a>(method: Option<&'a Method>, trace: &mut Vec<Step<'a>>) {
    if let Some(method) = method.filter(|method| !method.fee.is_zero()) {
        trace.push(Step {
            kind: StepKind::Fee,
            rule: &method.fee_rule,
            line: None,
            seller: None,
            from: Money::ZERO,
            to: method.fee,
        });
    }
}
