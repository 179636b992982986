//! Sessions of the pages: who uses a browser, found by the cookie it sends.
//!
//! The cookie is a [`SessionToken`] and is kept as a keyed hash only. [`Counter::session_of`](crate::Counter::session_of)
//! tells the [`Session`] it opens, which says who is asking. How somebody proves who they are is not known here: whoever
//! signs a customer or a member of staff in has asked that before. Nothing here knows of cookies' attributes or of pages.

mod change_session;
mod end_session;
mod enter;
mod forget_sessions;
mod form_token;
mod hand_over;
mod handed_cart;
mod keep_cart;
mod list_sessions;
mod open_session;
mod session;
mod session_of;
mod session_token;
mod start_session;

pub use hand_over::{HAND_OVER_GOOD_FOR, HandOver, HandOverCode, HandedOver};
pub use keep_cart::CART_BYTES_MAX;
pub use open_session::SESSIONS_MAX;
pub use session::{Session, SessionSubject};
pub use session_token::SessionToken;
pub use start_session::{ANONYMOUS_SESSIONS, StartSession};
