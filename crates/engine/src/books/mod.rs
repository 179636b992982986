//! The books: what a customer holds and owes, and every change to it in double entry.
//!
//! Whoever decides something about money gets a [`CustomerBooks`] and an [`Operation`] as values and returns
//! [`Changes`]: everything that has to be written, together or not at all. Nothing here reads or writes.
//!
//! Stored value of the market is held in [`Lot`]s. What a lot is worth at an instant follows from its dates
//! and the journal alone, so that no nightly job has to have run.

mod changes;
mod customer;
mod event_data;
mod expire;
mod gift_card;
mod grant;
mod journal;
mod keeper;
mod lot;
mod outside;
mod report;
mod wallet;

pub use changes::{
    Changes, CouponUseChange, DebtChange, Due, DueKind, Event, EventKind, LotChange, NewShipment,
    NumberOfShipment,
};
pub use customer::{CustomerBooks, HeldCoupon, HeldLink, Operation};
pub use event_data::EventData;
pub use expire::{NOTICE, expire};
pub use gift_card::{
    CardState, GiftCard, IssuedCards, RedeemRefusal, expire_cards, issue, judge_redeeming, redeem,
};
pub(crate) use grant::open_lot;
pub use grant::{Adjusted, Adjustment, GrantRefusal, NewGrant, adjust, grant};
pub use journal::{Account, Entry, EntryReason, Posting, Unbalanced, YEN};
pub use keeper::{Discrepancy, Keeper};
pub use lot::{Lot, Origin, Renewals};
pub use outside::{Ask, AskKind, AskOutcome, Party};
pub use report::{Forecast, LotHistory, StatementRow, WalletAt, wallet_at};
pub use wallet::{Balance, balances, pay_debt};
pub(crate) use wallet::{is_over, owe, take_back};

use crate::calendar::OutOfCalendar;
use crate::money::Overflow;

/// The books cannot be kept as asked: a fault of the program or figures beyond what can be reckoned with,
/// never of the customer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BooksError {
    /// An amount is too large.
    #[error(transparent)]
    TooLarge(#[from] Overflow),
    /// A date is too far away.
    #[error(transparent)]
    TooFarAway(#[from] OutOfCalendar),
    /// An entry's postings do not add up to zero.
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    /// Something that the books point to is not among what was loaded.
    #[error("{what} {id:?} is not among what was loaded")]
    NotLoaded {
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
}
