//! What controllers read of a request, each with errors that name the fault.

#![allow(unused_imports, dead_code, reason = "each is used as soon as its first operation is")]

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
pub use page::{PAGE_DEFAULT, PAGE_MAX, Page, limit};
pub use params::{Params, PathOf};
