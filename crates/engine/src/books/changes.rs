//! Everything that has to be written for a decision, together or not at all.

use jiff::Timestamp;

use super::{Ask, Entry, EntryReason, Lot, Operation, Unbalanced};
use crate::money::Points;
use crate::order::Order;

/// What changes in a lot that exists already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotChange {
    /// Which.
    pub lot_id: String,
    /// Points added to (above zero) or taken from what is left.
    pub points: i64,
    /// Points of it that are booked as expired from now on.
    pub expired: Points,
    /// It counts as never granted from now on.
    pub void: bool,
}

/// What changes in what is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtChange {
    /// Of which program.
    pub program: String,
    /// Points more (above zero) or fewer.
    pub points: i64,
}

/// What changes in how often a coupon was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouponUseChange {
    /// Which.
    pub coupon_id: String,
    /// Once more, or once less where it came back.
    pub uses: i64,
}

/// Kinds of event that others hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// An order was placed.
    OrderPlaced,
    /// An order has to be paid at a counter now; its number for that is known.
    PaymentAwaited,
    /// The payment of an order is promised or made.
    OrderPaid,
    /// The payment of an order was refused; it is cancelled.
    PaymentRefused,
    /// A seller began to prepare.
    OrderPreparing,
    /// A parcel left.
    OrderShipped,
    /// A parcel arrived.
    OrderDelivered,
    /// A parcel is on the van.
    ParcelOutForDelivery,
    /// Nobody was there to take a parcel.
    ParcelAttemptFailed,
    /// A parcel waits to be fetched.
    ParcelAvailableForPickup,
    /// Something is wrong with a parcel.
    ParcelException,
    /// A parcel goes back to its sender.
    ParcelReturned,
    /// A customer who was not in asked for a day and a slot, or changed them.
    RedeliveryRequested,
    /// A customer took back what they had asked for.
    RedeliveryCancelled,
    /// The time that a guided check waited for is over.
    CheckResumed,
    /// A guided check has ended.
    CheckEnded,
    /// An order, or a part of it, was cancelled.
    OrderCancelled,
    /// A return was asked for.
    ReturnRequested,
    /// What was sent back arrived.
    ReturnReceived,
    /// A return was withdrawn, or did not arrive in time.
    ReturnWithdrawn,
    /// A refund was made.
    OrderRefunded,
    /// Money has to be sent to the customer by hand, for instance to a bank account.
    TransferNeeded,
    /// Somebody refused, or did not answer, what has to happen anyway: staff have to look.
    OrderInTrouble,
    /// Value was granted.
    ValueGranted,
    /// Value was taken back.
    ValueTakenBack,
    /// Value will expire soon.
    ValueExpiring,
    /// Value expired.
    ValueExpired,
    /// A gift card was redeemed.
    GiftCardRedeemed,
    /// Gift cards were bought; their codes can be made now.
    GiftCardsBought,
    /// A balance was corrected by staff.
    BalanceAdjusted,
    /// A partner's program was linked or unlinked.
    LinkChanged,
    /// A refund has reached the card.
    RefundSettled,
    /// A case has news for its customer.
    CaseNews,
    /// A chat has ended; its transcript is frozen.
    ChatEnded,
    /// A call was promised and did not come about: nobody answered, or nobody could call in time.
    CallbackMissed,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::OrderPlaced,
        Self::PaymentAwaited,
        Self::OrderPaid,
        Self::PaymentRefused,
        Self::OrderPreparing,
        Self::OrderShipped,
        Self::OrderDelivered,
        Self::OrderCancelled,
        Self::ReturnRequested,
        Self::ReturnReceived,
        Self::ReturnWithdrawn,
        Self::OrderRefunded,
        Self::TransferNeeded,
        Self::OrderInTrouble,
        Self::ValueGranted,
        Self::ValueTakenBack,
        Self::ValueExpiring,
        Self::ValueExpired,
        Self::GiftCardRedeemed,
        Self::GiftCardsBought,
        Self::BalanceAdjusted,
        Self::LinkChanged,
        Self::RefundSettled,
        Self::CaseNews,
        Self::ChatEnded,
        Self::CallbackMissed,
    ];

    /// The kind of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OrderPlaced => "order.placed",
            Self::PaymentAwaited => "order.awaiting_payment",
            Self::OrderPaid => "order.paid",
            Self::PaymentRefused => "order.payment_refused",
            Self::OrderPreparing => "order.preparing",
            Self::OrderShipped => "order.shipped",
            Self::OrderDelivered => "order.delivered",
            Self::ParcelOutForDelivery => "parcel.out_for_delivery",
            Self::ParcelAttemptFailed => "parcel.attempt_failed",
            Self::ParcelAvailableForPickup => "parcel.available_for_pickup",
            Self::ParcelException => "parcel.exception",
            Self::ParcelReturned => "parcel.returned",
            Self::RedeliveryRequested => "redelivery.requested",
            Self::RedeliveryCancelled => "redelivery.cancelled",
            Self::CheckResumed => "check.resumed",
            Self::CheckEnded => "check.ended",
            Self::OrderCancelled => "order.cancelled",
            Self::ReturnRequested => "return.requested",
            Self::ReturnReceived => "return.received",
            Self::ReturnWithdrawn => "return.withdrawn",
            Self::OrderRefunded => "order.refunded",
            Self::TransferNeeded => "refund.transfer_needed",
            Self::OrderInTrouble => "order.in_trouble",
            Self::ValueGranted => "wallet.granted",
            Self::ValueTakenBack => "wallet.taken_back",
            Self::ValueExpiring => "wallet.expiring",
            Self::ValueExpired => "wallet.expired",
            Self::GiftCardRedeemed => "gift_card.redeemed",
            Self::GiftCardsBought => "gift_card.bought",
            Self::BalanceAdjusted => "wallet.adjusted",
            Self::LinkChanged => "link.changed",
            Self::RefundSettled => "refund.settled",
            Self::CaseNews => "case.news",
            Self::ChatEnded => "chat.ended",
            Self::CallbackMissed => "callback.missed",
        }
    }
}

/// Something others hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// To which order, lot, card or program.
    pub subject: String,
    /// The part of it that is meant: a shipment, a return.
    pub part: Option<String>,
}

/// Kinds of things that time brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DueKind {
    /// The deadline for paying an order passes.
    PayDeadline,
    /// A lot's time will soon be over, or is.
    LotExpiry,
    /// Returns of an order should have arrived.
    ReturnLapse,
    /// The time that a guided check waits for is over.
    CheckWait,
    /// A guided check has ended, and its findings are to go to the case of the matter.
    CheckFindings,
}

impl DueKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::PayDeadline, Self::LotExpiry, Self::ReturnLapse, Self::CheckWait, Self::CheckFindings];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::PayDeadline => "pay_deadline",
            Self::LotExpiry => "lot_expiry",
            Self::ReturnLapse => "return_lapse",
            Self::CheckWait => "check_wait",
            Self::CheckFindings => "check_findings",
        }
    }
}

/// A tracking number by which a shipment is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberOfShipment {
    /// In normal form.
    pub number: String,
    /// Of which order.
    pub order_id: String,
    /// Of which shipment.
    pub shipment_id: String,
}

/// A shipment that is found by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewShipment {
    /// Its id.
    pub shipment_id: String,
    /// Of which order.
    pub order_id: String,
}

/// Something that time brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What.
    pub kind: DueKind,
    /// For which order, lot or check.
    pub subject: String,
    /// When.
    pub due_at: Timestamp,
}

impl Due {
    /// What comes when a last usable second has passed: with the first instant after it, not during it.
    pub fn after(kind: DueKind, subject: &str, last_second: Timestamp) -> Self {
        let next = last_second.as_second().saturating_add(1);
        let due_at = Timestamp::from_second(next).unwrap_or(Timestamp::MAX);
        Self { kind, subject: subject.to_owned(), due_at }
    }
}

/// Everything to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Orders, as they are from now on.
    pub orders: Vec<Order>,
    /// The number of orders that count as placed changes by so much.
    pub orders_placed: i64,
    /// New lots.
    pub lots: Vec<Lot>,
    /// Changes to lots that were loaded.
    pub lot_changes: Vec<LotChange>,
    /// Changes to debts.
    pub debts: Vec<DebtChange>,
    /// Changes to uses of coupons.
    pub coupon_uses: Vec<CouponUseChange>,
    /// The journal.
    pub entries: Vec<Entry>,
    /// What is to be asked of others.
    pub asks: Vec<Ask>,
    /// Asks that are settled.
    pub asks_settled: Vec<String>,
    /// What others hear of.
    pub events: Vec<Event>,
    /// What time brings.
    pub dues: Vec<Due>,
    /// New shipments.
    pub shipments: Vec<NewShipment>,
    /// Tracking numbers that became known.
    pub numbers: Vec<NumberOfShipment>,
}

impl Changes {
    /// A new entry for an operation, to be filled by `fill` and then [finished](Self::finish).
    pub fn enter<E: From<Unbalanced>>(
        &mut self,
        operation: &Operation,
        reason: EntryReason,
        order_id: Option<&str>,
        fill: impl FnOnce(&mut Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut entry = Entry::new(operation, reason, order_id);
        fill(&mut entry)?;
        Ok(self.finish(operation, entry)?)
    }

    /// Adds an entry. One that moves nothing is left out; one out of balance is an error.
    pub fn finish(&mut self, operation: &Operation, mut entry: Entry) -> Result<(), Unbalanced> {
        entry.entry_id = self.next_id(operation, "e", self.entries.len());
        entry.check()?;
        if !entry.postings.is_empty() {
            self.entries.push(entry);
        }
        Ok(())
    }

    /// Takes points from (below zero) or gives them to a lot.
    pub fn change_lot(&mut self, lot_id: &str, points: i64) {
        let change = self.lot_change(lot_id);
        change.points = change.points.saturating_add(points);
    }

    /// Notes that a lot counts as never granted.
    pub fn void_lot(&mut self, lot_id: &str) {
        self.lot_change(lot_id).void = true;
    }

    /// Takes what has expired from a lot.
    pub fn expire_lot(&mut self, lot_id: &str, points: Points) {
        self.change_lot(lot_id, points.units().saturating_neg());
        self.lot_change(lot_id).expired = points;
    }

    fn lot_change(&mut self, lot_id: &str) -> &mut LotChange {
        let place = match self.lot_changes.iter().position(|change| change.lot_id == lot_id) {
            Some(place) => place,
            None => {
                let lot_id = lot_id.to_owned();
                self.lot_changes.push(LotChange { lot_id, points: 0, expired: Points::ZERO, void: false });
                self.lot_changes.len().saturating_sub(1)
            }
        };
        // The place was found, or made a moment ago.
        #[expect(clippy::indexing_slicing)]
        &mut self.lot_changes[place]
    }

    /// How much earlier steps of the same decision have added to a lot.
    pub fn lot_changed_by(&self, lot_id: &str) -> i64 {
        self.lot_changes.iter().filter(|change| change.lot_id == lot_id).map(|change| change.points).sum()
    }

    /// A use of a coupon more or less.
    pub fn use_coupon(&mut self, coupon_id: &str, uses: i64) {
        self.coupon_uses.push(CouponUseChange { coupon_id: coupon_id.to_owned(), uses });
    }

    /// Points more or fewer owed.
    pub fn change_debt(&mut self, program: &str, points: Points) {
        self.debts.push(DebtChange { program: program.to_owned(), points: points.units() });
    }

    /// Tells others.
    pub fn tell(&mut self, kind: EventKind, subject: &str) {
        self.events.push(Event { kind, subject: subject.to_owned(), part: None });
    }

    /// Tells others of a part.
    pub fn tell_part(&mut self, kind: EventKind, subject: &str, part: &str) {
        self.events.push(Event { kind, subject: subject.to_owned(), part: Some(part.to_owned()) });
    }

    /// An id for the next lot of an operation.
    pub fn next_lot_id(&self, operation: &Operation) -> String {
        self.next_id(operation, "l", self.lots.len())
    }

    /// An id for the next ask of an operation.
    pub fn next_ask_id(&self, operation: &Operation) -> String {
        self.next_id(operation, "a", self.asks.len())
    }

    fn next_id(&self, operation: &Operation, letter: &str, before: usize) -> String {
        format!("{}.{letter}{:03}", operation.id, before.saturating_add(1))
    }
}
