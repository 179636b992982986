//! Checks that are one statement each: every row that one gives is a difference.
//!
//! Each gives a customer, the id of what differs, a detail, and what was expected and found, as figures or, where
//! something is missing, in the words of the check.

use super::verify::BookDifference;
use crate::sql::{Row, Statement, StoreError, Type};

/// A check of the books.
#[derive(Debug)]
pub(super) struct BookCheck {
    /// What kind of thing differs.
    subject: &'static str,
    /// What of it.
    what: &'static str,
    /// What is expected and found, where these are no figures.
    words: Option<(&'static str, &'static str)>,
    pub(super) statement: &'static Statement,
}

impl BookCheck {
    const fn figures(subject: &'static str, what: &'static str, statement: &'static Statement) -> Self {
        Self { subject, what, words: None, statement }
    }

    const fn missing(
        subject: &'static str,
        what: &'static str,
        expected: &'static str,
        found: &'static str,
        statement: &'static Statement,
    ) -> Self {
        Self { subject, what, words: Some((expected, found)), statement }
    }

    pub(super) fn read(&self, row: &Row) -> Result<BookDifference, StoreError> {
        let detail = row.optional_text(2)?;
        let figure = |column| Ok::<_, StoreError>(row.optional_int(column)?.unwrap_or(0).to_string());
        let (expected, found) = match self.words {
            Some((expected, found)) => (expected.to_owned(), found.to_owned()),
            None => (figure(3)?, figure(4)?),
        };
        Ok(BookDifference {
            customer_id: row.optional_text(0)?.map(str::to_owned),
            subject: self.subject,
            id: row.text(1)?.to_owned(),
            what: detail.map_or_else(|| self.what.to_owned(), |detail| format!("{} {detail}", self.what)),
            expected,
            found,
        })
    }
}

const RANGE: &[(&str, Type)] = &[("after", Type::Text), ("upto", Type::Text)];

/// For a range of customers.
pub(super) static OF_RANGE: [BookCheck; 11] = [
    BookCheck::figures("entry", "sum of its postings in", &UNBALANCED),
    BookCheck::missing("entry", "postings", "some", "none", &EMPTY_ENTRIES),
    BookCheck::missing("entry", "lot of a posting to", "a lot of that program", "none", &NO_LOT),
    BookCheck::missing("entry", "order", "an order of the customer", "none", &NO_ORDER),
    BookCheck::figures("lot", "remaining though it is void", &VOID_LOTS),
    BookCheck::missing(
        "lot",
        "gift card",
        "a card of that amount that the customer redeemed",
        "none",
        &NO_CARD,
    ),
    BookCheck::figures("customer", "points owed of", &DEBTS),
    BookCheck::figures("customer", "orders placed in", &ORDERS_PLACED),
    BookCheck::missing("order", "row of its number", "one that names this order", "none", &NO_NUMBER),
    BookCheck::missing("ask", "order", "an order of the customer", "none", &ASKS_ALONE),
    BookCheck::missing("case", "row beside its events", "one", "none", &EVENTS_ALONE),
];

/// For what all customers share.
pub(super) static OF_ALL: [BookCheck; 5] = [
    BookCheck::missing("order number", "order", "an order with this number", "none", &NUMBERS_ALONE),
    BookCheck::figures("gift card", "lots it was redeemed into", &CARD_LOTS),
    BookCheck::figures("coupon", "uses taken of its quota in", &QUOTAS),
    BookCheck::missing("coupon", "order of a confirmed use:", "an order", "none", &USES_ALONE),
    BookCheck::missing("coupon", "quota of the use by order", "a quota", "none", &USES_WITHOUT_QUOTA),
];

static UNBALANCED: Statement = Statement::new(
    "entries out of balance",
    RANGE,
    "SELECT :row, d.customer_id, d.entry_id, d.unit, CAST(0 AS bigint), d.amount
     FROM {rows} CROSS JOIN LATERAL (
        SELECT p.customer_id AS customer_id, p.entry_id AS entry_id, p.unit AS unit,
               CAST(sum(p.amount) AS bigint) AS amount
        FROM postings AS p WHERE p.customer_id > :after AND p.customer_id <= :upto
        GROUP BY p.customer_id, p.entry_id, p.unit HAVING sum(p.amount) <> 0) AS d
     ORDER BY d.customer_id, d.entry_id",
);

static EMPTY_ENTRIES: Statement = Statement::new(
    "entries without postings",
    RANGE,
    "SELECT :row, e.customer_id, e.entry_id, CAST(NULL AS text)
     FROM {rows} JOIN entries AS e ON e.customer_id > :after AND e.customer_id <= :upto
     WHERE e.postings = '[]'
     ORDER BY e.customer_id, e.entry_id",
);

/// Also a posting that names a lot but is no wallet's.
static NO_LOT: Statement = Statement::new(
    "postings without their lot",
    RANGE,
    "SELECT :row, d.customer_id, d.entry_id, d.account
     FROM {rows} CROSS JOIN LATERAL (
        SELECT p.customer_id AS customer_id, p.entry_id AS entry_id, p.account AS account
        FROM postings AS p WHERE p.customer_id > :after AND p.customer_id <= :upto
          AND (substr(p.account, 1, 7) = 'wallet:' OR p.lot_id IS NOT NULL) AND NOT EXISTS (
            SELECT 1 FROM lots AS l WHERE l.customer_id = p.customer_id AND l.lot_id = p.lot_id
              AND p.account = 'wallet:' || l.program AND p.unit = l.program)) AS d
     ORDER BY d.customer_id, d.entry_id",
);

static NO_ORDER: Statement = Statement::new(
    "entries without their order",
    RANGE,
    "SELECT :row, e.customer_id, e.entry_id, e.order_id
     FROM {rows} JOIN entries AS e ON e.customer_id > :after AND e.customer_id <= :upto
     WHERE e.order_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM orders AS o WHERE o.customer_id = e.customer_id AND o.order_id = e.order_id)
     ORDER BY e.customer_id, e.entry_id",
);

static VOID_LOTS: Statement = Statement::new(
    "void lots that are not empty",
    RANGE,
    "SELECT :row, l.customer_id, l.lot_id, CAST(NULL AS text), CAST(0 AS bigint), l.remaining
     FROM {rows} JOIN lots AS l ON l.customer_id > :after AND l.customer_id <= :upto
     WHERE l.void = 1 AND l.remaining <> 0 ORDER BY l.customer_id, l.lot_id",
);

/// While a card is being redeemed its lot is there and the card is reserved.
static NO_CARD: Statement = Statement::new(
    "lots of gift cards without their card",
    RANGE,
    "SELECT :row, l.customer_id, l.lot_id, l.origin_id
     FROM {rows} JOIN lots AS l ON l.customer_id > :after AND l.customer_id <= :upto
     WHERE l.origin = 'gift_card' AND NOT EXISTS (
        SELECT 1 FROM gift_cards AS g
        WHERE g.card_id = l.origin_id AND g.customer_id = l.customer_id AND g.state IN ('reserved', 'redeemed')
          AND g.market = l.market AND g.program = l.program AND g.amount = l.granted)
     ORDER BY l.customer_id, l.lot_id",
);

static DEBTS: Statement = Statement::new(
    "debts against the journal",
    RANGE,
    "SELECT :row, d.customer_id, d.customer_id, d.program || ' in ' || d.market, d.posted, d.kept
     FROM {rows} CROSS JOIN LATERAL (
        SELECT s.customer_id AS customer_id, s.market AS market, s.program AS program,
               CAST(sum(s.kept) AS bigint) AS kept, CAST(sum(s.posted) AS bigint) AS posted
        FROM (
            SELECT d.customer_id, d.market, d.program, d.points AS kept, 0 AS posted
            FROM debts AS d WHERE d.customer_id > :after AND d.customer_id <= :upto
            UNION ALL
            SELECT p.customer_id, p.market, substr(p.account, 6), 0, -p.amount
            FROM postings AS p
            WHERE p.customer_id > :after AND p.customer_id <= :upto AND substr(p.account, 1, 5) = 'debt:') AS s
        GROUP BY s.customer_id, s.market, s.program HAVING sum(s.kept) <> sum(s.posted)) AS d
     ORDER BY d.customer_id, d.market, d.program",
);

static ORDERS_PLACED: Statement = Statement::new(
    "orders placed against orders",
    RANGE,
    "SELECT :row, d.customer_id, d.customer_id, d.market, d.counted, d.kept
     FROM {rows} CROSS JOIN LATERAL (
        SELECT s.customer_id AS customer_id, s.market AS market, CAST(sum(s.kept) AS bigint) AS kept,
               CAST(sum(s.counted) AS bigint) AS counted
        FROM (
            SELECT c.customer_id, c.market, c.orders_placed AS kept, 0 AS counted
            FROM customers AS c WHERE c.customer_id > :after AND c.customer_id <= :upto
            UNION ALL
            SELECT o.customer_id, o.market, 0, CASE WHEN o.state = 'cancelled' THEN 0 ELSE 1 END
            FROM orders AS o WHERE o.customer_id > :after AND o.customer_id <= :upto) AS s
        GROUP BY s.customer_id, s.market HAVING sum(s.kept) <> sum(s.counted)) AS d
     ORDER BY d.customer_id, d.market",
);

static NO_NUMBER: Statement = Statement::new(
    "orders without their number",
    RANGE,
    "SELECT :row, o.customer_id, o.order_id, o.number
     FROM {rows} JOIN orders AS o ON o.customer_id > :after AND o.customer_id <= :upto
     WHERE NOT EXISTS (
        SELECT 1 FROM order_numbers AS n
        WHERE n.place = o.number_place AND n.number = o.number AND n.customer_id = o.customer_id AND n.order_id = o.order_id)
     ORDER BY o.customer_id, o.order_id",
);

static ASKS_ALONE: Statement = Statement::new(
    "asks without their order",
    RANGE,
    "SELECT :row, a.customer_id, a.ask_id, a.order_id
     FROM {rows} JOIN asks AS a ON a.customer_id > :after AND a.customer_id <= :upto
     WHERE NOT EXISTS (
        SELECT 1 FROM orders AS o WHERE o.customer_id = a.customer_id AND o.order_id = a.order_id)
     ORDER BY a.customer_id, a.ask_id",
);

static EVENTS_ALONE: Statement = Statement::new(
    "events without their case",
    RANGE,
    "SELECT :row, e.customer_id, e.case_id, CAST(NULL AS text)
     FROM {rows} JOIN case_events AS e ON e.customer_id > :after AND e.customer_id <= :upto
     WHERE e.seq = 1 AND NOT EXISTS (
        SELECT 1 FROM cases AS c WHERE c.customer_id = e.customer_id AND c.case_id = e.case_id)
     ORDER BY e.customer_id, e.case_id",
);

static NUMBERS_ALONE: Statement = Statement::new(
    "numbers without their order",
    &[],
    "SELECT :row, n.customer_id, n.number, n.order_id
     FROM {rows} CROSS JOIN order_numbers AS n
     WHERE NOT EXISTS (
        SELECT 1 FROM orders AS o
        WHERE o.customer_id = n.customer_id AND o.order_id = n.order_id AND o.number = n.number)
     ORDER BY n.number",
);

static CARD_LOTS: Statement = Statement::new(
    "lots of redeemed cards",
    &[],
    "SELECT :row, d.customer_id, d.card_id, CAST(NULL AS text), CAST(1 AS bigint), d.lots
     FROM {rows} CROSS JOIN LATERAL (
        SELECT g.customer_id AS customer_id, g.card_id AS card_id, (
            SELECT CAST(count(*) AS bigint) FROM lots AS l
            WHERE l.customer_id = g.customer_id AND l.origin = 'gift_card' AND l.origin_id = g.card_id) AS lots
        FROM gift_cards AS g WHERE g.state = 'redeemed') AS d
     WHERE d.lots <> 1 ORDER BY d.card_id",
);

static QUOTAS: Statement = Statement::new(
    "quotas against their uses",
    &[],
    "SELECT :row, CAST(NULL AS text), d.coupon_id, d.market, d.used, d.taken
     FROM {rows} CROSS JOIN LATERAL (
        SELECT q.market AS market, q.coupon_id AS coupon_id, q.taken AS taken, (
            SELECT CAST(count(*) AS bigint) FROM quota_uses AS u
            WHERE u.market = q.market AND u.coupon_id = q.coupon_id) AS used
        FROM quotas AS q) AS d
     WHERE d.taken <> d.used ORDER BY d.market, d.coupon_id",
);

/// A reserved use may be of an order that is just being placed.
static USES_ALONE: Statement = Statement::new(
    "uses of quotas without their order",
    &[],
    "SELECT :row, u.customer_id, u.coupon_id, u.order_id
     FROM {rows} CROSS JOIN quota_uses AS u
     WHERE u.state <> 'reserved' AND NOT EXISTS (
        SELECT 1 FROM orders AS o WHERE o.customer_id = u.customer_id AND o.order_id = u.order_id)
     ORDER BY u.coupon_id, u.order_id",
);

static USES_WITHOUT_QUOTA: Statement = Statement::new(
    "uses without a quota",
    &[],
    "SELECT :row, u.customer_id, u.coupon_id, u.order_id
     FROM {rows} CROSS JOIN quota_uses AS u
     WHERE NOT EXISTS (SELECT 1 FROM quotas AS q WHERE q.market = u.market AND q.coupon_id = u.coupon_id)
     ORDER BY u.coupon_id, u.order_id",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_can_be_put_into_the_words_of_both_databases() {
        for check in OF_RANGE.iter().chain(&OF_ALL) {
            check.statement.check().unwrap();
        }
    }
}
