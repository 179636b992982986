//! What a carrier told of a number, once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ParcelStatus;

/// Something that a carrier told. Events compare by when they happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrackingEvent {
    /// When it happened, by the carrier's clock.
    pub at: Timestamp,
    /// What it means; nothing where the carrier's words are not known. It is news all the same.
    pub status: Option<ParcelStatus>,
    /// The number in normal form.
    pub number: String,
    /// The carrier's id.
    pub carrier: String,
    /// Where, in the carrier's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The carrier's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The carrier's name for the event, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
}

impl TrackingEvent {
    /// What a carrier says again under a name that it has used counts once.
    pub(super) fn same_by_name(&self, other: &Self) -> bool {
        self.event_id.is_some() && self.event_id == other.event_id && self.carrier == other.carrier
    }
}
