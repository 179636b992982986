//! Whole tables, row by row in the order of their keys: what a backup takes and a restore fills.
//!
//! The list is written once, and every statement is made from it. What a row means is known nowhere here.

use crate::sql::{Filling, Snapshot, Statement, StoreError, Type, Value};

/// A table of the books.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, those of the key first, with their types.
    pub columns: &'static [(&'static str, Type)],
    /// How many of the columns are its key.
    key: usize,
    count: &'static Statement,
    page: &'static Statement,
    insert: &'static Statement,
}

/// A row's values, in the order of the table's columns.
pub type TableRow = Vec<Value>;

impl Table {
    /// How many of its columns are its key.
    pub fn key_columns(&self) -> usize {
        self.key
    }

    /// How many rows it has.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn count(&self, snapshot: &mut Snapshot) -> Result<i64, StoreError> {
        let rows = snapshot.read(self.count, vec![Vec::new()]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// The next rows after one, or the first ones: at most `most`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn page(
        &self,
        snapshot: &mut Snapshot,
        after: Option<&TableRow>,
        most: i64,
    ) -> Result<Vec<TableRow>, StoreError> {
        let mut asked: TableRow = match after {
            Some(row) => row.iter().take(self.key).cloned().collect(),
            None => self.columns.iter().take(self.key).map(|(_, column)| before_all(*column)).collect(),
        };
        asked.push(most.into());
        let rows = snapshot.read(self.page, vec![asked]).await?;
        rows.iter().map(|row| self.read(row)).collect()
    }

    fn read(&self, row: &crate::sql::Row) -> Result<TableRow, StoreError> {
        let columns = self.columns.iter().enumerate();
        let value = |(place, (_, column)): (usize, &(&str, Type))| match column {
            Type::Text => row.optional_text(place).map(Value::from),
            Type::Int => row.optional_int(place).map(Value::from),
        };
        columns.map(value).collect()
    }

    /// Writes new rows.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn insert(&self, filling: &mut Filling<'_>, rows: Vec<TableRow>) -> Result<(), StoreError> {
        filling.write(self.insert, rows)
    }

    /// Whether it has a row.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn has_rows(&self, filling: &mut Filling<'_>) -> Result<bool, StoreError> {
        let mut asked: TableRow =
            self.columns.iter().take(self.key).map(|(_, column)| before_all(*column)).collect();
        asked.push(1_i64.into());
        Ok(!filling.read(self.page, vec![asked])?.is_empty())
    }
}

/// What no key is less than. Texts of keys are never empty.
fn before_all(column: Type) -> Value {
    match column {
        Type::Text => Value::Text(String::new()),
        Type::Int => Value::Int(i64::MIN),
    }
}

/// A table from its name, the columns of its key, and the other columns.
macro_rules! table {
    (
        $name:literal,
        [$first:literal $($first_int:ident)? $(, $key:literal $($int:ident)?)*],
        [$($column:literal: $type:ident),* $(,)?]
    ) => {
        Table {
            name: $name,
            columns: &[
                ($first, table!(@type $($first_int)?))
                $(, ($key, table!(@type $($int)?)))*
                $(, ($column, Type::$type))*
            ],
            key: 1 $(+ table!(@one $key))*,
            count: {
                static COUNT: Statement = Statement::new(
                    concat!("count ", $name),
                    &[],
                    concat!("SELECT :row, (SELECT CAST(count(*) AS bigint) FROM ", $name, ") FROM {rows}"),
                );
                &COUNT
            },
            page: {
                static PAGE: Statement = Statement::new(
                    concat!("a page of ", $name),
                    &[
                        ($first, table!(@type $($first_int)?))
                        $(, ($key, table!(@type $($int)?)))*,
                        ("most", Type::Int)
                    ],
                    concat!(
                        "SELECT :row, t.", $first $(, ", t.", $key)* $(, ", t.", $column)*,
                        " FROM {rows} CROSS JOIN LATERAL (SELECT ", $first $(, ", ", $key)* $(, ", ", $column)*,
                        " FROM ", $name,
                        " WHERE (", $first $(, ", ", $key)*, ") > (:", $first $(, ", :", $key)*, ")",
                        " ORDER BY ", $first $(, ", ", $key)*, " LIMIT :most) AS t",
                        " ORDER BY t.", $first $(, ", t.", $key)*
                    ),
                );
                &PAGE
            },
            insert: {
                static INSERT: Statement = Statement::new(
                    concat!("restore ", $name),
                    &[
                        ($first, table!(@type $($first_int)?))
                        $(, ($key, table!(@type $($int)?)))*
                        $(, ($column, Type::$type))*
                    ],
                    concat!(
                        "INSERT INTO ", $name, " (", $first $(, ", ", $key)* $(, ", ", $column)*, ")",
                        " SELECT :", $first $(, ", :", $key)* $(, ", :", $column)*, " FROM {rows}"
                    ),
                ).one_each();
                &INSERT
            },
        }
    };
    (@type) => { Type::Text };
    (@type int) => { Type::Int };
    (@one $key:literal) => { 1 };
}

/// All tables, in the order in which they are kept. What is true only for a moment, such as who holds a lease, is
/// not among them; see [`TABLES_LEFT_OUT`].
pub static TABLES: &[Table] = &[
    table!("market_versions", ["version"], ["market": Text, "files": Text, "first_used_at": Int]),
    table!("active_markets", ["market"], ["version": Text, "activated_at": Int, "activated_by": Text]),
    table!(
        "customers",
        ["customer_id", "market"],
        ["member_rank": Text, "orders_placed": Int, "last_entry_at": Int]
    ),
    table!("customer_coupons", ["customer_id", "market", "coupon_id"], ["uses": Int]),
    table!(
        "links",
        ["customer_id", "market", "program"],
        [
            "account": Text, "always_use": Int, "balance": Int, "earned_last_3_months": Int,
            "earned_this_month": Int, "seen_at": Int,
        ]
    ),
    table!(
        "link_asks",
        ["customer_id", "ask_id"],
        [
            "market": Text, "program": Text, "ask": Text, "state": Text, "outcome": Text, "attempts": Int,
            "next_at": Int,
        ]
    ),
    table!(
        "lots",
        ["customer_id", "lot_id"],
        [
            "market": Text, "program": Text, "kind": Text, "granted": Int, "remaining": Int, "open": Int, "expired": Int,
            "granted_at": Int, "pending_at": Int, "available_at": Int, "expires_at": Int, "renewed": Int, "void": Int,
            "origin": Text, "origin_id": Text,
        ]
    ),
    table!("debts", ["customer_id", "market", "program"], ["points": Int]),
    table!(
        "orders",
        ["customer_id", "order_id"],
        [
            "market": Text, "number": Text, "number_place": Int, "placed_at": Int, "state": Text, "payment_state": Text,
            "total": Int, "refunded": Int, "troubles": Int, "version": Int, "document": Text, "quote": Text,
        ]
    ),
    table!("number_series", ["name"], ["secret": Text, "next": Int]),
    table!("order_numbers", ["place" int], ["number": Text, "customer_id": Text, "order_id": Text]),
    table!(
        "entries",
        ["customer_id", "entry_id"],
        [
            "market": Text, "made_at": Int, "reason": Text, "order_id": Text, "note": Text, "made_by": Text,
            "postings": Text,
        ]
    ),
    table!(
        "idempotency_keys",
        ["customer_id", "idempotency_key"],
        ["body_digest": Text, "answer": Text, "answered_at": Int]
    ),
    table!(
        "asks",
        ["customer_id", "order_id", "ask_id"],
        [
            "market": Text, "party": Text, "ask": Text, "state": Text, "outcome": Text, "reference": Text,
            "attempts": Int, "next_at": Int, "turn": Int,
        ]
    ),
    table!("dues", ["due_at" int, "subject", "kind", "customer_id"], ["market": Text, "attempts": Int]),
    table!(
        "events",
        ["event_id", "customer_id"],
        [
            "market": Text, "kind": Text, "subject": Text, "part": Text, "happened_at": Int, "told": Int,
            "data": Text, "seq": Int, "told_at": Int,
        ]
    ),
    table!("feed", ["name"], ["last_seq": Int, "forgotten_seq": Int]),
    table!("feed_readers", ["name"], ["seq": Int]),
    table!(
        "webhook_endpoints",
        ["endpoint_id"],
        [
            "market": Text, "url": Text, "kinds": Text, "description": Text, "state": Text,
            "disabled_because": Text, "secret": Text, "secret_before": Text, "before_until": Int,
            "from_seq": Int, "failing_since": Int, "created_at": Int, "version": Int,
        ]
    ),
    table!(
        "webhook_deliveries",
        ["endpoint_id", "message_id"],
        [
            "seq": Int, "kind": Text, "body": Text, "state": Text, "attempts": Int, "next_at": Int,
            "queued_at": Int, "tried_at": Int, "status": Int, "fault": Text,
        ]
    ),
    table!(
        "contacts",
        ["customer_id", "market"],
        ["email": Text, "language": Text, "points_notices": Int, "changed_at": Int]
    ),
    table!(
        "messages",
        ["customer_id", "about", "template"],
        [
            "market": Text, "subject": Text, "data": Text, "state": Text, "attempts": Int, "next_at": Int,
            "queued_at": Int, "done_at": Int, "fault": Text,
        ]
    ),
    table!(
        "gift_cards",
        ["code_hash"],
        [
            "card_id": Text, "batch_id": Text, "market": Text, "program": Text, "amount": Int, "issued_at": Int,
            "active_from": Int, "expires_at": Int, "replaces": Text, "state": Text, "customer_id": Text,
            "changed_at": Int,
        ]
    ),
    table!("code_attempts", ["subject"], ["failed_at": Text, "not_before": Int, "forgotten_at": Int]),
    table!("quotas", ["market", "coupon_id"], ["quota": Int, "taken": Int]),
    table!(
        "quota_uses",
        ["market", "coupon_id", "order_id"],
        ["customer_id": Text, "state": Text, "reserved_at": Int]
    ),
    table!(
        "adjustments",
        ["adjustment_id"],
        [
            "customer_id": Text, "market": Text, "adjustment": Text, "state": Text, "asked_by": Text,
            "asked_at": Int, "decided_by": Text, "decided_at": Int,
        ]
    ),
    table!(
        "api_keys",
        ["key_id"],
        [
            "name": Text, "rights": Text, "made_at": Int, "made_by": Text, "expires_at": Int, "ended_at": Int,
            "used_at": Int,
        ]
    ),
    table!("api_key_secrets", ["secret_hash"], ["key_id": Text, "made_at": Int, "valid_until": Int]),
    table!(
        "limits",
        ["subject"],
        ["begins_at": Int, "counted": Int, "counted_before": Int, "forgotten_at": Int]
    ),
    table!(
        "verification_codes",
        ["challenge"],
        ["code_hash": Text, "expires_at": Int, "tries": Int, "sent_at": Text, "forgotten_at": Int]
    ),
    table!(
        "audit_rows",
        ["row_id"],
        [
            "happened_at": Int, "made_by": Text, "action": Text, "subject": Text, "customer_id": Text,
            "reason": Text, "details": Text,
        ]
    ),
    table!("help_searches", ["market", "language", "day", "question"], ["times": Int]),
    table!("active_help", ["market"], ["version": Text, "files": Text]),
    table!("audit_waiting", ["row_id"], []),
    table!("audit_links", ["place" int], ["row_id": Text, "hash": Text]),
    table!("audit_heads", ["chain"], ["place": Int, "hash": Text, "seal": Text]),
    table!(
        "callbacks",
        ["callback_id"],
        [
            "market": Text, "queue": Text, "customer_id": Text, "number_hash": Text, "state": Text, "open": Int,
            "agent_id": Text, "urgent": Int, "place_at": Int, "due_at": Int, "next_at": Int, "version": Int,
            "document": Text,
        ]
    ),
    table!("numbers_not_called", ["number_hash"], ["since": Int]),
    table!(
        "dials",
        ["dial_id"],
        [
            "callback_id": Text, "customer_id": Text, "market": Text, "agent_id": Text, "attempt": Int, "state": Text,
            "tries": Int, "unsure": Int, "asked_at": Int, "void_at": Int, "next_at": Int,
        ]
    ),
    table!("verified_numbers", ["customer_id", "number_hash"], ["verified_at": Int]),
    table!("shipments", ["shipment_id"], ["customer_id": Text, "order_id": Text, "market": Text]),
    table!(
        "tracking_numbers",
        ["number", "customer_id", "shipment_id"],
        ["order_id": Text, "market": Text]
    ),
    table!(
        "tracking_events",
        ["number", "event_key"],
        [
            "carrier": Text, "status": Text, "happened_at": Int, "place": Text, "words": Text, "event_id": Text,
            "received_at": Int, "told_by": Text,
        ]
    ),
    table!(
        "share_links",
        ["customer_id", "link_id"],
        [
            "market": Text, "order_id": Text, "shipment_id": Text, "shared_at": Int, "expires_at": Int,
            "revoked_at": Int,
        ]
    ),
    table!(
        "guided_runs",
        ["customer_id", "run_id"],
        [
            "market": Text, "flow": Text, "order_id": Text, "subject": Text, "ended": Int, "changed_at": Int,
            "document": Text,
        ]
    ),
    table!(
        "cases",
        ["customer_id", "case_id"],
        [
            "market": Text, "number": Text, "topic": Text, "question": Text, "order_id": Text, "state": Text,
            "queue": Text, "skill": Text, "priority": Int, "owner": Text, "opened_at": Int, "changed_at": Int,
            "unanswered_since": Int, "due_at": Int, "version": Int, "last_hash": Text, "ends_at": Int, "is_near": Int,
            "waiting_actions": Int,
        ]
    ),
    table!("case_numbers", ["number"], ["customer_id": Text, "case_id": Text]),
    table!(
        "case_events",
        ["customer_id", "case_id", "seq" int],
        ["happened_at": Int, "document": Text, "prev_hash": Text, "hash": Text]
    ),
    table!(
        "attachments",
        ["customer_id", "attachment_id"],
        [
            "case_id": Text, "name": Text, "media_type": Text, "bytes": Int, "sha256": Text, "content": Text,
        ]
    ),
    table!(
        "chats",
        ["customer_id", "chat_id"],
        [
            "market": Text, "case_id": Text, "state": Text, "staff_id": Text, "alias": Text, "end_reason": Text,
            "queued_at": Int, "front": Int, "last_seq": Int, "customer_seen_at": Int, "agent_seen_at": Int,
            "last_said_at": Int, "warned_at": Int, "due_at": Int, "transcript_sha256": Text,
        ]
    ),
    table!(
        "chat_lines",
        ["customer_id", "chat_id", "seq" int],
        ["said_at": Int, "sender": Text, "client_id": Text, "document": Text]
    ),
    table!(
        "desk_documents",
        ["market", "kind", "key", "language", "version" int],
        ["document": Text, "published_by": Text, "published_at": Int]
    ),
];

/// Tables that a backup leaves out: who holds a lease or is at the desk ends by itself soon, and means nothing elsewhere.
/// Neither are there sessions and hand-overs: one that was ended after the backup must not come to life again.
pub const TABLES_LEFT_OUT: [&str; 4] = ["agent_presence", "handovers", "leases", "sessions"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_can_be_put_into_the_words_of_both_databases() {
        for table in TABLES {
            for statement in [table.count, table.page, table.insert] {
                statement.check().unwrap();
            }
        }
    }
}
