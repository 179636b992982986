//! What may be cancelled, and for how long.

use super::Kinds;

/// Until when an order may be cancelled, and which kinds of item never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelPolicy {
    /// What ends the time for cancelling; from then on it is a return.
    pub until: CancelUntil,
    /// Kinds of item that are never cancelled.
    pub kinds_never: Kinds,
}

/// What ends the time for cancelling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CancelUntil {
    /// The seller begins to prepare: only what is just placed may be cancelled.
    #[default]
    Preparing,
    /// The parcel leaves: what is being prepared may be cancelled too.
    Shipped,
}
