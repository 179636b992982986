//! What carriers tell of parcels, and what follows from it.
//!
//! News of a number is a *set* of [`TrackingEvent`]s: they come in any order, repeated and late. What they come to
//! ([`number_state`], [`combined`]) depends on nothing but that set and the time, so that whoever has heard the same
//! says the same. No carrier is asked here, and nothing is known of how news arrive.

mod event;
mod mask;
mod place;
mod redelivery;
mod slots;
mod state;
mod status;
mod walk;
mod why;
mod words;

pub use event::TrackingEvent;
pub use mask::masked;
pub use place::{DeliveredTo, delivered_to};
pub use redelivery::{Offer, Redelivery, offers, storage_ends};
pub use slots::{CarrierTerms, Slot, terms_of};
pub use state::{NumberState, ShipmentState, combined, number_state, shipment_state};
pub use status::ParcelStatus;
pub use walk::{Walk, WalkLimits};
pub use why::{CarrierKind, NoNumber, NoNumberReason, NumberSaid, WhomToAsk, why_no_number};
pub use words::status_of_words;
