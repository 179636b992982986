//! How far a parcel is, in ten words that all carriers' words are put into.

use serde::{Deserialize, Serialize};

/// How far a parcel is. What stands later in the order wins where two events have the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParcelStatus {
    /// Nobody has said anything yet.
    #[default]
    Pending,
    /// The carrier knows of it and does not have it.
    InfoReceived,
    /// On its way.
    InTransit,
    /// On the van.
    OutForDelivery,
    /// Nobody was there, or it could not be left.
    AttemptFailed,
    /// Waits to be fetched.
    AvailableForPickup,
    /// Something is wrong: lost, damaged, held, looked for.
    Exception,
    /// No news for long.
    Expired,
    /// With the recipient.
    Delivered,
    /// Back with the sender, or on its way there.
    Returned,
}

impl ParcelStatus {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::InfoReceived,
        Self::InTransit,
        Self::OutForDelivery,
        Self::AttemptFailed,
        Self::AvailableForPickup,
        Self::Exception,
        Self::Expired,
        Self::Delivered,
        Self::Returned,
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InfoReceived => "info_received",
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::AttemptFailed => "attempt_failed",
            Self::AvailableForPickup => "available_for_pickup",
            Self::Exception => "exception",
            Self::Expired => "expired",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        }
    }

    /// The status of that code.
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// The journey is over, whatever is told later.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Returned)
    }

    /// How much it needs someone to look: of several parcels the one that needs it most speaks for all. What needs
    /// nobody comes after all that does, the least advanced first.
    pub(super) fn urgency(self) -> u8 {
        match self {
            Self::Returned => 0,
            Self::Exception => 1,
            Self::Expired => 2,
            Self::AttemptFailed => 3,
            Self::AvailableForPickup => 4,
            Self::Pending => 5,
            Self::InfoReceived => 6,
            Self::InTransit => 7,
            Self::OutForDelivery => 8,
            Self::Delivered => 9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_found_by_its_code() {
        for status in ParcelStatus::ALL {
            assert_eq!(ParcelStatus::read(status.code()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.code());
        }
        assert_eq!(ParcelStatus::read("DELIVERED"), None);
    }

    #[test]
    fn no_two_are_equally_urgent() {
        let mut all = ParcelStatus::ALL.map(ParcelStatus::urgency);
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
}
