//! What a seller decides for itself; what it leaves out is as in the market's `[policies]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CancelUntilText, ItemKindText, RateText, ReturnReasonText};

/// What may be cancelled of a seller's goods. Each key is as in `policies.cancel` where left out.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SellerCancelSection {
    /// Until the seller begins to prepare, or until the parcel leaves.
    #[schemars(example = &"shipped")]
    pub until: Option<CancelUntilText>,
    /// Kinds of item that are never cancelled.
    #[schemars(extend("examples" = [["digital"]]))]
    pub kinds_never: Option<Vec<ItemKindText>>,
}

/// What may be sent back of a seller's goods. Each key is as in `policies.returns` where left out.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SellerReturnsSection {
    /// So many days after the day of delivery a return may be asked for.
    #[schemars(range(min = 0, max = 36_500), example = 14)]
    pub window_days: Option<i32>,
    /// A return that has not arrived so many days after it was asked for is withdrawn.
    #[schemars(range(min = 1, max = 36_500), example = 14)]
    pub arrive_within_days: Option<i32>,
    /// Accepted reasons.
    #[schemars(extend("examples" = [["defective", "wrong_item", "damaged", "not_as_described"]]))]
    pub reasons: Option<Vec<ReturnReasonText>>,
    /// What is deducted after inspection, as parts of the item's refund.
    #[serde(default)]
    pub deductions: SellerDeductionsSection,
    /// Kinds of item that are never taken back.
    #[schemars(extend("examples" = [["digital", "membership", "gift_card"]]))]
    pub kinds_never: Option<Vec<ItemKindText>>,
}

/// What is deducted from the refund of a seller's item. Each key is as in `policies.returns.deductions` where left
/// out.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SellerDeductionsSection {
    /// It was opened or used.
    #[schemars(example = &"0.20")]
    pub opened: Option<RateText>,
    /// Parts of it are missing.
    #[schemars(example = &"0.50")]
    pub missing_parts: Option<RateText>,
}
