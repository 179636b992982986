//! A parcel arrives.

use jiff::Timestamp;

use super::ship::receive_money;
use super::{Order, OrderRefusal};
use crate::books::{Changes, CustomerBooks, EventKind, Operation};
use crate::market::MethodType;

/// Marks a shipment as arrived; cash on delivery is paid with it. Doing it twice changes nothing.
pub fn deliver(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    shipment_id: &str,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    if arrive(&mut order, operation, shipment_id, operation.at, &mut changes)? {
        changes.orders.push(order);
    }
    Ok(changes)
}

/// A shipment arrived at a time that may be past; whether that was new.
pub(super) fn arrive(
    order: &mut Order,
    operation: &Operation,
    shipment_id: &str,
    at: Timestamp,
    changes: &mut Changes,
) -> Result<bool, OrderRefusal> {
    let unknown = || OrderRefusal::UnknownShipment { shipment: shipment_id.to_owned() };
    let shipment =
        order.shipments.iter_mut().find(|sent| sent.shipment_id == shipment_id).ok_or_else(unknown)?;
    if shipment.delivered_at.is_some() {
        return Ok(false);
    }
    shipment.delivered_at = Some(at.max(shipment.shipped_at));
    let (parts, amount) = (shipment.lines.clone(), shipment.method_amount);
    for part in parts {
        let line = order.line_mut(&part.line_id)?;
        line.delivered = line.delivered.saturating_add(part.quantity);
    }
    if order.payment.method == Some(MethodType::Cod) {
        receive_money(order, operation, amount, changes)?;
    }
    order.happened(operation, "delivered", Some(shipment_id));
    changes.tell_part(EventKind::OrderDelivered, &order.order_id, shipment_id);
    Ok(true)
}
