//! Preparing and shipping: several shipments of an order, by several carriers.

use super::earned::grant_shipped;
use super::place::method_id;
use super::refund::by_card;
use super::{
    Capture, ChargeFor, LinePart, Order, OrderRefusal, PaymentState, Shipment, TenderName, part_of_next,
};
use crate::books::{
    Account, Ask, AskKind, Changes, CustomerBooks, EntryReason, EventKind, NewShipment, NumberOfShipment,
    Operation, Party,
};
use crate::market::{Market, MethodType};
use crate::money::{Money, Overflow};

/// What a seller sends.
#[derive(Clone, Debug)]
pub struct Shipping {
    /// Who.
    pub seller: String,
    /// What; all that is open where nothing is named.
    pub parts: Option<Vec<LinePart>>,
    /// The carrier's id, for a parcel.
    pub carrier: Option<String>,
    /// Tracking numbers, as far as they are known.
    pub tracking_numbers: Vec<String>,
}

/// Goods may only leave when their payment is promised or made.
pub(super) fn require_payment(order: &Order) -> Result<(), OrderRefusal> {
    match order.payment.state {
        PaymentState::Authorised | PaymentState::Paid => Ok(()),
        state => Err(OrderRefusal::WrongPaymentState { state }),
    }
}

/// The seller begins to prepare.
pub fn prepare(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    seller: &str,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    require_payment(order)?;
    let mut order = order.clone();
    if !order.lines.iter().any(|line| line.seller == seller && line.open() > 0) {
        let known = order.groups.iter().any(|group| group.seller == seller);
        let unknown = OrderRefusal::UnknownSeller { seller: seller.to_owned() };
        return Err(if known {
            OrderRefusal::WrongState { state: order.group_state(seller) }
        } else {
            unknown
        });
    }
    begin(&mut order, operation, seller);
    let mut changes = Changes::default();
    changes.tell_part(EventKind::OrderPreparing, &order.order_id, seller);
    changes.orders.push(order);
    Ok(changes)
}

fn begin(order: &mut Order, operation: &Operation, seller: &str) {
    let group = order.groups.iter_mut().find(|group| group.seller == seller);
    if let Some(group) = group.filter(|group| group.preparing_at.is_none()) {
        group.preparing_at = Some(operation.at);
        order.happened(operation, "preparing", Some(seller));
    }
}

/// A shipment leaves. What a card promised for it is paid; points that waited for it are granted. Downloads,
/// memberships and codes arrive at once.
pub fn ship(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &Order,
    shipping: &Shipping,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    require_payment(order)?;
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let parts = parts_to_ship(&order, shipping)?;
    begin(&mut order, operation, &shipping.seller);
    let method_amount = method_amount(&order, &shipping.seller, &parts)?;
    let in_parcel = take_out(&mut order, &parts)?;
    // A carrier collects nothing for what it does not carry; a parcel pays it.
    let by_nobody = order.payment.method == Some(MethodType::Cod) && !in_parcel;
    let method_amount = if by_nobody { Money::ZERO } else { method_amount };
    let shipment_id = format!("{}.s{}", operation.id, order.shipments.len().saturating_add(1));
    order.shipments.push(Shipment {
        shipment_id: shipment_id.clone(),
        seller: shipping.seller.clone(),
        lines: parts,
        carrier: shipping.carrier.clone(),
        tracking_numbers: shipping.tracking_numbers.clone(),
        shipped_at: operation.at,
        delivered_at: (!in_parcel).then_some(operation.at),
        method_amount,
        tracked: None,
        redelivery: None,
    });
    let new = NewShipment { shipment_id: shipment_id.clone(), order_id: order.order_id.clone() };
    changes.shipments.push(new);
    note_numbers(&order.order_id, &shipment_id, &shipping.tracking_numbers, &mut changes);
    capture(&mut order, operation, method_amount, &mut changes);
    grant_shipped(books, market, operation, &mut order, &mut changes)?;
    order.happened(operation, "shipped", Some(&shipment_id));
    changes.tell_part(EventKind::OrderShipped, &order.order_id, &shipment_id);
    if !in_parcel {
        changes.tell_part(EventKind::OrderDelivered, &order.order_id, &shipment_id);
    }
    changes.orders.push(order);
    Ok(changes)
}

fn parts_to_ship(order: &Order, shipping: &Shipping) -> Result<Vec<LinePart>, OrderRefusal> {
    if !order.groups.iter().any(|group| group.seller == shipping.seller) {
        return Err(OrderRefusal::UnknownSeller { seller: shipping.seller.clone() });
    }
    let open = order.lines.iter().filter(|line| line.seller == shipping.seller && line.open() > 0);
    let all = || open.map(|line| LinePart { line_id: line.line_id.clone(), quantity: line.open() }).collect();
    let parts: Vec<LinePart> = shipping.parts.clone().unwrap_or_else(all);
    if parts.is_empty() {
        return Err(OrderRefusal::Nothing);
    }
    for (place, part) in parts.iter().enumerate() {
        let line = order.line(&part.line_id)?;
        if line.seller != shipping.seller {
            return Err(OrderRefusal::UnknownLine { line: part.line_id.clone() });
        }
        let twice = parts.iter().take(place).any(|other| other.line_id == part.line_id);
        if twice || part.quantity < 1 || part.quantity > line.open() {
            return Err(OrderRefusal::WrongQuantity { line: part.line_id.clone(), left: line.open() });
        }
    }
    Ok(parts)
}

/// Marks the units as sent; answers whether any of them travels in a parcel.
fn take_out(order: &mut Order, parts: &[LinePart]) -> Result<bool, OrderRefusal> {
    let mut in_parcel = false;
    for part in parts {
        in_parcel |= order.line(&part.line_id)?.kind.needs_shipping();
    }
    for part in parts {
        let line = order.line_mut(&part.line_id)?;
        line.shipped = line.shipped.saturating_add(part.quantity);
        if !in_parcel {
            line.delivered = line.delivered.saturating_add(part.quantity);
        }
    }
    Ok(in_parcel)
}

/// What the method has to pay for a shipment: all that is left with the last one; else its part of the units,
/// with the seller's first shipment the shipping, with the order's first one the fee.
fn method_amount(order: &Order, seller: &str, parts: &[LinePart]) -> Result<Money, OrderRefusal> {
    let left = outstanding(order)?;
    let is_last = order.lines.iter().all(|line| {
        let now =
            parts.iter().filter(|part| part.line_id == line.line_id).map(|part| part.quantity).sum::<i64>();
        line.open() == now
    });
    if is_last {
        return Ok(left);
    }
    let mut amount = Money::ZERO;
    for charge in &order.charges {
        let by_method = charge.shares.iter().filter(|share| share.tender == TenderName::Method);
        let paid = Money::sum(by_method.map(|share| share.amount))?;
        let now = match &charge.charge {
            ChargeFor::Line(line_id) => match parts.iter().find(|part| part.line_id == *line_id) {
                Some(part) => {
                    let line = order.line(line_id)?;
                    part_of_next(paid, line.quantity, line.shipped, part.quantity)?
                }
                None => Money::ZERO,
            },
            ChargeFor::Shipping(by) => {
                let first = by == seller && !order.shipments.iter().any(|sent| sent.seller == *by);
                if first { paid } else { Money::ZERO }
            }
            ChargeFor::Fee => {
                if order.shipments.is_empty() {
                    paid
                } else {
                    Money::ZERO
                }
            }
        };
        amount = amount.plus(now)?;
    }
    Ok(amount.min(left))
}

/// Promised, and not part of a shipment's amount.
fn outstanding(order: &Order) -> Result<Money, Overflow> {
    if order.payment.method != Some(MethodType::Deferred) {
        return uncollected(order);
    }
    // An invoice is paid at once, for all shipments.
    let billed = Money::sum(order.shipments.iter().map(|sent| sent.method_amount))?;
    Ok(order.payment.promised.minus(billed)?.max(Money::ZERO))
}

/// Promised, and neither asked of a card nor to be collected with a parcel that is on its way.
pub(super) fn uncollected(order: &Order) -> Result<Money, Overflow> {
    let captures = order.payment.captures.iter().filter(|capture| !capture.done);
    let parcels = order.shipments.iter().filter(|sent| sent.delivered_at.is_none());
    let waiting = match order.payment.method {
        Some(MethodType::Card) => Money::sum(captures.map(|capture| capture.amount))?,
        Some(MethodType::Cod) => Money::sum(parcels.map(|sent| sent.method_amount))?,
        Some(MethodType::Konbini | MethodType::Deferred) | None => Money::ZERO,
    };
    Ok(order.payment.promised.minus(waiting)?.max(Money::ZERO))
}

/// Where nothing is left to ship, a card is asked for what no shipment asked it for: yen that rounding left,
/// or that are kept back.
pub(super) fn capture_rest(
    order: &mut Order,
    operation: &Operation,
    changes: &mut Changes,
) -> Result<(), Overflow> {
    if order.lines.iter().all(|line| line.open() == 0) {
        let rest = uncollected(order)?;
        capture(order, operation, rest, changes);
    }
    Ok(())
}

/// A card is asked to pay what it promised.
fn capture(order: &mut Order, operation: &Operation, amount: Money, changes: &mut Changes) {
    let Some(authorisation) = order.payment.authorise_ask.clone().filter(|_| by_card(order)) else { return };
    if amount.is_zero() {
        return;
    }
    let ask_id = changes.next_ask_id(operation);
    order.payment.captures.push(Capture {
        ask_id: ask_id.clone(),
        amount,
        refunded: Money::ZERO,
        done: false,
        otherwise: false,
    });
    let kind = AskKind::Capture { authorisation, amount };
    changes.asks.push(Ask { ask_id, order_id: order.order_id.clone(), party: Party::Payments, kind });
}

/// Money that was promised has come.
pub(super) fn receive_money(
    order: &mut Order,
    operation: &Operation,
    amount: Money,
    changes: &mut Changes,
) -> Result<(), OrderRefusal> {
    let amount = amount.min(order.payment.promised);
    let method = method_id(order);
    order.payment.promised = order.payment.promised.minus(amount)?;
    order.payment.received = order.payment.received.plus(amount)?;
    if order.payment.promised.is_zero() {
        order.payment.state = PaymentState::Paid;
    }
    changes.enter(operation, EntryReason::Paid, Some(&order.order_id), |entry| {
        entry.yen_from(Account::method_promised(method), amount)?;
        entry.yen(Account::method_received(method), amount);
        Ok(())
    })
}

/// Tracking numbers that became known later.
pub fn add_tracking_numbers(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    shipment_id: &str,
    carrier: Option<&str>,
    numbers: &[String],
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let mut order = order.clone();
    let unknown = || OrderRefusal::UnknownShipment { shipment: shipment_id.to_owned() };
    let shipment =
        order.shipments.iter_mut().find(|sent| sent.shipment_id == shipment_id).ok_or_else(unknown)?;
    if let Some(carrier) = carrier {
        shipment.carrier = Some(carrier.to_owned());
    }
    let mut changes = Changes::default();
    let new = numbers.iter().filter(|number| !shipment.tracking_numbers.contains(number));
    let new: Vec<String> = new.cloned().collect();
    note_numbers(&order.order_id, shipment_id, &new, &mut changes);
    shipment.tracking_numbers.extend(new);
    order.happened(operation, "tracking_numbers", Some(shipment_id));
    changes.orders.push(order);
    Ok(changes)
}

/// Shipments are found by their numbers.
fn note_numbers(order_id: &str, shipment_id: &str, numbers: &[String], changes: &mut Changes) {
    changes.numbers.extend(numbers.iter().map(|number| NumberOfShipment {
        number: number.clone(),
        order_id: order_id.to_owned(),
        shipment_id: shipment_id.to_owned(),
    }));
}
