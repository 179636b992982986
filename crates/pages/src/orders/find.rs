//! The order of a page's address, and numbers as people type them.

use choba_app::{FoundOrder, Right};
use choba_engine::order::{Order, PaymentState};
use choba_server::{Problem, Service};

use crate::visitor::Shopper;

/// The shopper's own order of a number.
pub async fn own_order(
    service: &Service,
    shopper: &Shopper,
    number: &str,
    right: Right,
) -> Result<FoundOrder, Problem> {
    let normal = order_number(number).ok_or_else(|| Problem::not_found("that is no order number"))?;
    Ok(service.counter.find_order(&shopper.caller, &normal, None, right).await?)
}

/// An order number, however it was typed: 3-7-7 digits.
pub fn order_number(typed: &str) -> Option<String> {
    let figure = |letter: char| match letter {
        '０'..='９' => char::from_digit(u32::from(letter).checked_sub(u32::from('０'))?, 10),
        '0'..='9' => Some(letter),
        _ => None,
    };
    let between = |letter: char| "-‐‑–—−ー－ 　#＃".contains(letter);
    if !typed.chars().all(|letter| figure(letter).is_some() || between(letter)) {
        return None;
    }
    let digits: String = typed.chars().filter_map(figure).collect();
    let (first, rest) = digits.split_at_checked(3)?;
    let (second, third) = rest.split_at_checked(7)?;
    (third.len() == 7).then(|| format!("{first}-{second}-{third}"))
}

/// How far an order is, as its customer sees it.
pub fn state_of(order: &Order) -> &'static str {
    match (order.payment.state, order.cancelled_at) {
        (PaymentState::Refused, _) => "refused",
        (PaymentState::AwaitingPayment, None) => "awaiting_payment",
        _ => order.state().code(),
    }
}

/// The class of a state's badge.
pub fn class_of(state: &str) -> &'static str {
    match state {
        "refused" => "bad",
        "awaiting_payment" => "warn",
        "delivered" => "good",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_is_read_however_it_is_typed() {
        for typed in [
            "250-1234567-7654321",
            "25012345677654321",
            "２５０－１２３４５６７－７６５４３２１",
            "# 250 1234567 7654321",
        ] {
            assert_eq!(order_number(typed).as_deref(), Some("250-1234567-7654321"), "{typed}");
        }
        for typed in ["", "250-1234567-765432", "250-1234567-76543210", "ABC", "250-1234567-765432X"] {
            assert_eq!(order_number(typed), None, "{typed}");
        }
    }
}
