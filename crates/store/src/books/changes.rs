//! The engine's changes as writes.

use choba_engine::books::{Changes, CouponUseChange, DebtChange, EventData, Lot, LotChange, Operation};

use super::customer::kind_word;
use super::decision::{Loaded, ToWrite};
use super::quotas::QuotaUse;
use super::{asks, entries, events, keys, millis, orders, tracking};
use crate::sql::{Statement, StoreError, Type, Value, Write};

static CUSTOMER: Statement = Statement::new(
    "change a customer",
    &[
        ("customer_id", Type::Text),
        ("market", Type::Text),
        ("orders_placed", Type::Int),
        ("last_entry_at", Type::Int),
    ],
    "UPDATE customers SET orders_placed = orders_placed + :orders_placed,
                          last_entry_at = COALESCE(:last_entry_at, last_entry_at)
     FROM {rows} WHERE customers.customer_id = :customer_id AND customers.market = :market",
)
.order(11)
.one_each();

static NEW_LOT: Statement = Statement::new(
    "insert a lot",
    &[
        ("customer_id", Type::Text),
        ("lot_id", Type::Text),
        ("market", Type::Text),
        ("program", Type::Text),
        ("kind", Type::Text),
        ("granted", Type::Int),
        ("remaining", Type::Int),
        ("granted_at", Type::Int),
        ("pending_at", Type::Int),
        ("available_at", Type::Int),
        ("expires_at", Type::Int),
        ("renewed", Type::Int),
        ("origin", Type::Text),
        ("origin_id", Type::Text),
    ],
    "INSERT INTO lots (customer_id, lot_id, market, program, kind, granted, remaining, open, expired, granted_at,
                       pending_at, available_at, expires_at, renewed, void, origin, origin_id)
     SELECT :customer_id, :lot_id, :market, :program, :kind, :granted, :remaining, CASE WHEN :remaining > 0 THEN 1 ELSE 0 END, 0,
            :granted_at,
            :pending_at, :available_at, :expires_at, :renewed, 0, :origin, :origin_id FROM {rows}",
)
.order(20)
.one_each();

static CHANGE_LOT: Statement = Statement::new(
    "change a lot",
    &[
        ("customer_id", Type::Text),
        ("lot_id", Type::Text),
        ("points", Type::Int),
        ("expired", Type::Int),
        ("void", Type::Int),
    ],
    "UPDATE lots SET remaining = remaining + :points,
                     open = CASE WHEN remaining + :points > 0 THEN 1 ELSE 0 END, expired = expired + :expired,
                     void = CASE WHEN :void = 1 THEN 1 ELSE void END
     FROM {rows} WHERE lots.customer_id = :customer_id AND lots.lot_id = :lot_id",
)
.order(21)
.one_each();

static CHANGE_DEBT: Statement = Statement::new(
    "change a debt",
    &[("customer_id", Type::Text), ("market", Type::Text), ("program", Type::Text), ("points", Type::Int)],
    "INSERT INTO debts (customer_id, market, program, points)
     SELECT :customer_id, :market, :program, :points FROM {rows} WHERE true
     ON CONFLICT (customer_id, market, program) DO UPDATE SET points = excluded.points",
)
.order(22)
.one_each();

static USE_COUPON: Statement = Statement::new(
    "use a coupon",
    &[("customer_id", Type::Text), ("market", Type::Text), ("coupon_id", Type::Text), ("uses", Type::Int)],
    "UPDATE customer_coupons SET uses = uses + :uses
     FROM {rows} WHERE customer_coupons.customer_id = :customer_id AND customer_coupons.market = :market
       AND customer_coupons.coupon_id = :coupon_id",
)
.order(23)
.one_each();

/// Everything that a decision writes.
pub(super) fn writes_of(
    customer_id: &str,
    market: &str,
    operation: &Operation,
    loaded: &Loaded,
    to_write: ToWrite,
) -> Result<Vec<Write>, StoreError> {
    let ToWrite { changes, new_orders, key, more } = to_write;
    let mut writes = more;
    let whose = || -> Vec<Value> { vec![customer_id.into(), market.into()] };
    if let Some((key, record)) = key {
        let row: Vec<Value> = vec![
            customer_id.into(),
            key.into(),
            record.body_digest.into(),
            record.answer.into(),
            millis(operation.at).into(),
        ];
        writes.push(keys::KEEP.write(row));
    }
    let last_entry_at = changes.entries.iter().map(|entry| millis(entry.at)).max();
    if changes.orders_placed != 0 || last_entry_at.is_some() {
        let mut row = whose();
        row.extend([changes.orders_placed.into(), last_entry_at.into()]);
        writes.push(CUSTOMER.write(row));
    }
    writes.extend(changes.lots.iter().map(|lot| new_lot(customer_id, lot)));
    let moved = changes.lot_changes.iter().filter(|change| change.points != 0 || change.void);
    writes.extend(moved.map(|change| change_lot(customer_id, change)));
    writes.extend(debts(&whose(), loaded, &changes.debts)?);
    writes.extend(coupons(&whose(), &changes.coupon_uses));
    writes.extend(returned_uses(market, &changes));
    for order in &changes.orders {
        let new = new_orders.iter().find(|new| new.order_id == order.order_id);
        orders::write_order(order, new, &mut writes)?;
    }
    for entry in &changes.entries {
        entries::write_entry(customer_id, market, entry, &mut writes)?;
    }
    for ask in &changes.asks {
        // Whoever changes an order has loaded its asks; a new one has none.
        let before = loaded.asks.iter().filter(|row| row.ask.order_id == ask.order_id).count();
        let turn = i64::try_from(before).unwrap_or(i64::MAX);
        writes.push(asks::write_ask(customer_id, market, operation.at, ask, turn)?);
    }
    for (place, event) in changes.events.iter().enumerate() {
        let data = EventData::of(event, &changes, &loaded.books, &loaded.orders);
        writes.push(events::write_event(customer_id, market, operation, place, event, &data)?);
    }
    for due in &changes.dues {
        let of_new_lot = changes.lots.iter().any(|lot| lot.lot_id == due.subject);
        writes.push(events::write_due(customer_id, market, due, of_new_lot));
    }
    writes.extend(changes.shipments.iter().map(|new| tracking::write_shipment(customer_id, market, new)));
    writes.extend(changes.numbers.iter().map(|number| tracking::write_number(customer_id, market, number)));
    Ok(writes)
}

fn new_lot(customer_id: &str, lot: &Lot) -> Write {
    let (origin, origin_id) = lot.origin.parts();
    let row: Vec<Value> = vec![
        customer_id.into(),
        (&lot.lot_id).into(),
        (&lot.market).into(),
        (&lot.program).into(),
        kind_word(lot.kind).into(),
        lot.granted.units().into(),
        lot.remaining.units().into(),
        millis(lot.granted_at).into(),
        millis(lot.pending_at).into(),
        millis(lot.available_at).into(),
        lot.expires_at.map(millis).into(),
        lot.renewed.into(),
        origin.into(),
        origin_id.into(),
    ];
    NEW_LOT.write(row)
}

fn change_lot(customer_id: &str, change: &LotChange) -> Write {
    let row: Vec<Value> = vec![
        customer_id.into(),
        (&change.lot_id).into(),
        change.points.into(),
        change.expired.units().into(),
        change.void.into(),
    ];
    CHANGE_LOT.write(row)
}

/// Debts are written as what they come to: a row of the table cannot start below zero.
fn debts(whose: &[Value], loaded: &Loaded, changes: &[DebtChange]) -> Result<Vec<Write>, StoreError> {
    let mut sums: Vec<(&str, i64)> = Vec::new();
    for change in changes {
        match sums.iter_mut().find(|(program, _)| *program == change.program) {
            Some((_, sum)) => *sum = sum.saturating_add(change.points),
            None => sums.push((&change.program, change.points)),
        }
    }
    let moved = sums.into_iter().filter(|(_, sum)| *sum != 0);
    let write = |(program, sum): (&str, i64)| {
        let points = loaded.books.debt(program).units().checked_add(sum);
        let points = points.ok_or_else(|| StoreError::Defect { reason: "a debt is too large".to_owned() })?;
        let mut row = whose.to_vec();
        row.extend([program.into(), points.into()]);
        Ok(CHANGE_DEBT.write(row))
    };
    moved.map(write).collect()
}

fn coupons(whose: &[Value], changes: &[CouponUseChange]) -> Vec<Write> {
    let write = |change: &CouponUseChange| {
        let mut row = whose.to_vec();
        row.extend([(&change.coupon_id).into(), change.uses.into()]);
        USE_COUPON.write(row)
    };
    changes.iter().map(write).collect()
}

/// Coupons that come back with an order come back to everyone, where a quota is counted.
fn returned_uses(market: &str, changes: &Changes) -> Vec<Write> {
    let back = || changes.coupon_uses.iter().filter(|change| change.uses < 0);
    let returned = |order_id: &str, coupon_id: &str| QuotaUse {
        market: market.to_owned(),
        coupon_id: coupon_id.to_owned(),
        order_id: order_id.to_owned(),
    };
    let orders = changes.orders.iter();
    orders
        .flat_map(|order| back().map(|change| returned(&order.order_id, &change.coupon_id).returned()))
        .collect()
}
