//! What a market must have for an article to be shown.

use choba_engine::market::{CancelUntil, Market, MethodType, RefundOrder, SellerType};

/// What articles may need.
pub const NEEDS: [&str; 11] = [
    "programs.ID",
    "methods.TYPE",
    "coupons.ID",
    "sellers.ID",
    "seller_types.TYPE",
    "policies.gift_cards",
    "policies.cancel_until_preparing",
    "policies.refunds_as_paid",
    "policies.refunds_method_first",
    "policies.coupons_stay_used",
    "contacts.phones",
];

/// Whether the market has it; nothing where it is none of [`NEEDS`].
pub fn is_met(need: &str, market: &Market) -> Option<bool> {
    let (section, id) = need.split_once('.')?;
    match (section, id) {
        ("policies", "gift_cards") => Some(market.policies.gift_cards.is_some()),
        ("policies", "cancel_until_preparing") => {
            Some(market.policies.cancel.until == CancelUntil::Preparing)
        }
        ("policies", "refunds_as_paid") => Some(market.policies.refunds.order == RefundOrder::AsPaid),
        ("policies", "refunds_method_first") => {
            Some(market.policies.refunds.order == RefundOrder::MethodFirst)
        }
        ("policies", "coupons_stay_used") => Some(!market.policies.refunds.coupons_return),
        ("contacts", "phones") => Some(!market.contacts.phones.is_empty()),
        ("programs", id) => Some(market.program(id).is_some()),
        ("coupons", id) => Some(market.coupon(id).is_some()),
        ("sellers", id) => Some(market.seller(id).is_some()),
        ("methods", id) => {
            method_type(id).map(|wanted| market.methods.iter().any(|method| method.method_type == wanted))
        }
        ("seller_types", id) => {
            seller_type(id).map(|wanted| market.sellers.iter().any(|seller| seller.seller_type == wanted))
        }
        _ => None,
    }
}

/// The method of that id.
pub fn method_type(id: &str) -> Option<MethodType> {
    [MethodType::Card, MethodType::Cod, MethodType::Konbini, MethodType::Deferred]
        .into_iter()
        .find(|method_type| method_type.id() == id)
}

fn seller_type(id: &str) -> Option<SellerType> {
    match id {
        "platform" => Some(SellerType::Platform),
        "store" => Some(SellerType::Store),
        "individual" => Some(SellerType::Individual),
        _ => None,
    }
}
