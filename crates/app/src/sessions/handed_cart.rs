//! The cart that comes along with a hand-over: the part of a quote's request that is the cart.

use choba_engine::market::Market;
use choba_formats::request::{Fault, RequestText};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::keep_cart::check_cart;
use crate::AppError;

/// What a cart is of a quote's request; the rest is known here.
const PARTS: [&str; 2] = ["lines", "pay"];

/// That a cart could be asked about in a market: checked as a quote's request is.
pub(super) fn check_handed_cart(cart: &str, market: &Market, at: Timestamp) -> Result<(), AppError> {
    check_cart(cart)?;
    let mut request: Map<String, Value> =
        serde_json::from_str(cart).map_err(|_| AppError::field("/cart", "expected a JSON object"))?;
    if let Some(other) = request.keys().find(|key| !PARTS.contains(&key.as_str())) {
        let fault = format!("unknown; expected {}", PARTS.join(" or "));
        return Err(AppError::field(&format!("/cart/{}", pointer(other)), fault));
    }
    request.insert("market".to_owned(), Value::from(market.name.as_str()));
    let request = Value::Object(request).to_string();
    let read = RequestText::read(request.as_bytes()).map_err(in_cart)?;
    read.resolve_now(market, at).map(drop).map_err(in_cart)
}

/// The fault as it is in the cart. Its place in the text is that of another text.
fn in_cart(fault: Fault) -> AppError {
    AppError::Request(Fault { pointer: format!("/cart{}", fault.pointer), place: None, ..fault })
}

fn pointer(key: &str) -> String {
    let short: String = key.chars().take(100).collect();
    short.replace('~', "~0").replace('/', "~1")
}
