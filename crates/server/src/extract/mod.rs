//! What controllers read of a request, each with errors that name the fault.

mod asking;
mod body;
mod idempotency_key;
mod if_match;
mod page;
mod params;

pub use asking::{Address, Asking, MayAsk};
pub use body::{Body, RawJson, read_json};
pub use idempotency_key::IdempotencyKey;
pub use if_match::{IfMatch, etag};
pub use page::{Page, limit};
pub use params::{Params, PathOf};
