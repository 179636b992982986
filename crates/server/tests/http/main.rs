//! The HTTP API, asked through its router.

mod described;
mod guard;
mod quotes;
mod support;
