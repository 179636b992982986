//! The service of choba: an HTTP API over the use cases.
//!
//! A controller here reads a request, calls one use case and writes what came of it. It decides nothing, speaks no
//! SQL, and reads no clock: the [`Service`] is given one.

pub mod api;
mod bounded;
mod clock;
mod extract;
mod gauges;
pub mod identity;
mod limits;
mod passing_on;
mod problem;
mod running;
mod service;
mod telemetry;
mod telling;

pub use clock::Clock;
pub use limits::Limits;
pub use problem::{FieldFault, Problem};
pub use running::{Listening, Running, Tls, serve, serve_router};
pub use service::{Doorkeeper, NotLetIn, Service};
pub use telemetry::{Telemetry, TelemetryFault, TelemetrySettings, recorder};
pub use telling::Telling;
