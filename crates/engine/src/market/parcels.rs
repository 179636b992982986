//! What a market expects of parcels.

/// Terms of parcels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParcelPolicy {
    /// A seller usually sends within so many days after the day of the order.
    pub ships_within_days: i32,
    /// A carrier's first scan usually shows within so many hours after a parcel left.
    pub first_scan_hours: i32,
    /// A parcel of which nobody has heard for so many days counts as expired.
    pub silent_days: i32,
    /// Who misses a parcel that counts as delivered waits for so many hours after the carrier's scan.
    pub not_received_wait_hours: i32,
    /// A link by which a shipment is shared ends after so many days.
    pub share_link_days: i32,
}

impl Default for ParcelPolicy {
    fn default() -> Self {
        Self {
            ships_within_days: 3,
            first_scan_hours: 36,
            silent_days: 30,
            not_received_wait_hours: 48,
            share_link_days: 14,
        }
    }
}
