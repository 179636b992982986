//! Keeping the cart of a session.

use choba_store::books::SessionRow;
use jiff::Timestamp;

use super::{Session, SessionToken};
use crate::{AppError, Counter};

/// The longest cart that is kept, in bytes.
pub const CART_BYTES_MAX: usize = 64 * 1024;

impl Counter {
    /// Keeps a cart, a JSON object, in the place of the one of `cart_version`; none empties it. What is in the cart is
    /// judged when it is priced.
    ///
    /// # Errors
    /// [`AppError::Changed`] where the cart has changed meanwhile, [`AppError::Field`] for what is no JSON object or too
    /// long, [`AppError::NotFound`] where the session is over, and what the database answers.
    pub async fn keep_cart(
        &self,
        token: &SessionToken,
        cart_version: i64,
        cart: Option<&str>,
        at: Timestamp,
    ) -> Result<Session, AppError> {
        cart.map_or(Ok(()), check_cart)?;
        let cart = cart.map(str::to_owned);
        let keep = move |row: SessionRow| {
            let kept = cart_version.saturating_add(1);
            if row.version == kept && row.cart == cart {
                // The same again: it may have been written without our having heard of it.
                return Ok(row);
            }
            if row.version != cart_version {
                return Err(AppError::Changed);
            }
            Ok(SessionRow { cart: cart.clone(), version: kept, ..row })
        };
        self.change_session(token, keep, at).await
    }
}

/// That a cart can be kept at all.
pub(super) fn check_cart(cart: &str) -> Result<(), AppError> {
    if cart.len() > CART_BYTES_MAX {
        return Err(AppError::field("/cart", format!("expected at most {CART_BYTES_MAX} bytes")));
    }
    let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(cart);
    object.map(drop).map_err(|_| AppError::field("/cart", "expected a JSON object"))
}
