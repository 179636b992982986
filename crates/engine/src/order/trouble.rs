//! Troubles: what others refused when it was too late to stop, or did not answer for very long. They stay until
//! staff have asked again, or have said how they ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::refund::let_go_of_rest;
use super::ship::receive_money;
use super::{Capture, Order, OrderRefusal};
use crate::books::{Ask, AskKind, Changes, CustomerBooks, EventKind, Operation, Party};
use crate::money::Money;

/// The code of what nobody has answered: it may have been done, or not.
pub const UNANSWERED: &str = "unanswered";

/// The code of points that were not all there to be taken back: the answer was yes, so nothing can be asked again.
pub(super) const FEWER_POINTS: &str = "fewer_points_there";

/// The code of a payment that the card's holder took back.
pub(super) const CHARGEBACK: &str = "chargeback";

/// The code of a promise that the card's issuer took back.
pub(super) const DECLINED_LATER: &str = "declined_later";

/// The code of a counter that took another amount.
pub(super) const ANOTHER_AMOUNT: &str = "another_amount";

/// Whether a provider told it by itself, after it had said yes: there is nothing to ask again.
fn was_told(code: &str) -> bool {
    matches!(code, CHARGEBACK | DECLINED_LATER | ANOTHER_AMOUNT)
}

/// An ask that was refused when it was too late to stop, or never answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// When.
    pub at: Timestamp,
    /// Which ask.
    pub ask_id: String,
    /// The other side's code, or [`UNANSWERED`].
    pub code: String,
    /// How it ended, once it has.
    #[serde(default)]
    pub ended: Option<TroubleEnded>,
}

/// How a trouble ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TroubleEnded {
    /// When.
    pub at: Timestamp,
    /// Who ended it.
    pub by: String,
    /// How.
    pub how: HowEnded,
    /// What a person wrote about it.
    pub note: Option<String>,
}

/// How a trouble ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HowEnded {
    /// It was asked again, by this ask.
    AskedAgain(String),
    /// The answer came after all.
    Answered,
    /// The order does without.
    GivenUp,
    /// What a card did not pay was paid otherwise.
    PaidOtherwise,
    /// Staff have done what was to be done.
    Closed,
}

/// How staff end a trouble without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndTrouble {
    /// The money that a card was asked for has come another way.
    PaidOtherwise,
    /// What was to be done has been done by hand, or nothing is to be done.
    Closed,
}

impl Order {
    /// Troubles that have not ended.
    pub fn open_troubles(&self) -> impl Iterator<Item = &Trouble> {
        self.troubles.iter().filter(|trouble| trouble.ended.is_none())
    }

    fn open_trouble_mut(&mut self, ask_id: &str) -> Option<&mut Trouble> {
        self.troubles.iter_mut().find(|trouble| trouble.ask_id == ask_id && trouble.ended.is_none())
    }

    /// Whether it waits for an answer that did not come for very long.
    pub fn waits_in_vain(&self, ask_id: &str) -> bool {
        self.open_troubles().any(|trouble| trouble.ask_id == ask_id && trouble.code == UNANSWERED)
    }
}

/// Notes a trouble and tells of it. The same trouble is noted once.
pub(super) fn note_trouble(
    operation: &Operation,
    order: &mut Order,
    ask: &Ask,
    code: &str,
    changes: &mut Changes,
) {
    if order.open_trouble_mut(&ask.ask_id).is_some() {
        return;
    }
    order.troubles.push(Trouble {
        at: operation.at,
        ask_id: ask.ask_id.clone(),
        code: code.to_owned(),
        ended: None,
    });
    changes.tell_part(EventKind::OrderInTrouble, &order.order_id, &ask.ask_id);
}

fn end(operation: &Operation, trouble: &mut Trouble, how: HowEnded, note: Option<&str>) {
    let (at, by, note) = (operation.at, operation.by.clone(), note.map(str::to_owned));
    trouble.ended = Some(TroubleEnded { at, by, how, note });
}

/// Nobody has answered an ask for very long: it rests until staff ask again or give up.
pub fn unanswered(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    ask: &Ask,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    note_trouble(operation, &mut order, ask, UNANSWERED, &mut changes);
    if !changes.events.is_empty() {
        changes.orders.push(order);
    }
    Ok(changes)
}

/// The answer has come, or is not waited for any more: the order as it is without that trouble.
pub(super) fn heard(operation: &Operation, order: &Order, ask_id: &str, how: HowEnded) -> Option<Order> {
    let mut order = order.clone();
    let trouble = order.open_trouble_mut(ask_id).filter(|trouble| trouble.code == UNANSWERED)?;
    end(operation, trouble, how, None);
    Some(order)
}

/// Asks again for what is in trouble. What was refused is asked anew; what was not answered stays the same ask,
/// because it may have been done.
pub fn ask_again(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    ask: &Ask,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let new_id = changes.next_ask_id(operation);
    let trouble = order.open_trouble_mut(&ask.ask_id).ok_or_else(|| no_trouble(ask))?;
    if trouble.code == FEWER_POINTS || was_told(&trouble.code) {
        return Err(OrderRefusal::WrongTrouble { code: trouble.code.clone() });
    }
    let is_anew = trouble.code != UNANSWERED;
    let asked = if is_anew { new_id } else { ask.ask_id.clone() };
    end(operation, trouble, HowEnded::AskedAgain(asked.clone()), None);
    if is_anew {
        changes.asks.push(Ask { ask_id: asked.clone(), ..ask.clone() });
        capture_again(operation, &mut order, &ask.ask_id, &asked, &mut changes);
    }
    order.happened(operation, "asked_again", Some(&asked));
    changes.orders.push(order);
    Ok(changes)
}

/// The payment is the new ask's from now on. What was refunded of it while it was not made goes back once it is.
fn capture_again(operation: &Operation, order: &mut Order, old: &str, new: &str, changes: &mut Changes) {
    let order_id = order.order_id.clone();
    let Some(capture) = order.payment.captures.iter_mut().find(|capture| capture.ask_id == old) else {
        return;
    };
    new.clone_into(&mut capture.ask_id);
    if !capture.refunded.is_zero() {
        let kind = AskKind::Refund { capture: new.to_owned(), amount: capture.refunded };
        let ask_id = changes.next_ask_id(operation);
        changes.asks.push(Ask { ask_id, order_id, party: Party::Payments, kind });
    }
}

/// Staff end a trouble without asking again. What was not answered cannot be ended so: it may have been done.
pub fn end_trouble(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    ask: &Ask,
    how: EndTrouble,
    note: Option<&str>,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let trouble = order.open_trouble_mut(&ask.ask_id).ok_or_else(|| no_trouble(ask))?;
    let is_capture = matches!(ask.kind, AskKind::Capture { .. });
    // The money for what has left must come, one way or another.
    let usual = trouble.code != UNANSWERED && is_capture == (how == EndTrouble::PaidOtherwise);
    let fits = usual || (was_told(&trouble.code) && how == EndTrouble::Closed);
    if !fits {
        return Err(OrderRefusal::WrongTrouble { code: trouble.code.clone() });
    }
    match how {
        EndTrouble::Closed => end(operation, trouble, HowEnded::Closed, note),
        EndTrouble::PaidOtherwise => {
            end(operation, trouble, HowEnded::PaidOtherwise, note);
            paid_otherwise(operation, &mut order, &ask.ask_id, &mut changes)?;
        }
    }
    order.happened(operation, "trouble_ended", Some(&ask.ask_id));
    changes.orders.push(order);
    Ok(changes)
}

/// What was refunded of it meanwhile was asked of a card that never paid, so it has to be sent.
fn paid_otherwise(
    operation: &Operation,
    order: &mut Order,
    ask_id: &str,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let is_it = |capture: &&mut Capture| capture.ask_id == ask_id && !capture.done;
    let Some(capture) = order.payment.captures.iter_mut().find(is_it) else { return Ok(()) };
    (capture.done, capture.otherwise) = (true, true);
    let (amount, refunded) = (capture.amount, capture.refunded);
    if refunded > Money::ZERO {
        changes.tell(EventKind::TransferNeeded, &order.order_id);
    }
    receive_money(order, operation, amount, changes)?;
    Ok(let_go_of_rest(operation, order, changes)?)
}

fn no_trouble(ask: &Ask) -> OrderRefusal {
    OrderRefusal::NoTrouble { ask: ask.ask_id.clone() }
}
