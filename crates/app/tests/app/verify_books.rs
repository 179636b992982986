//! Checking the books: fine ones are fine, and whatever is broken on purpose is named.

use choba_app::{
    BooksNews, BooksSummary, Difference, IssueGiftCards, IssueOutcome, RedeemGiftCard, verify_books,
};
use choba_engine::money::Money;
use choba_engine::order::{CancelBy, LinePart, Shipping};
use choba_testbed::Postgres;

use crate::on_both;
use crate::support::{Bench, Database, hanako, noon, rakuten, taro, time};

on_both!(
    books_in_which_much_happened_are_fine,
    whatever_is_broken_is_named,
    many_customers_are_checked_range_by_range,
    nothing_is_a_fine_book,
    a_card_that_is_just_being_redeemed_is_no_difference,
    a_case_whose_history_was_changed_is_named,
);

/// Runs statements past the store, as an accident or another program would.
pub fn run_sql(database: &Database, sql: &str) {
    match database.url.strip_prefix("sqlite:") {
        Some(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
        None => drop(Postgres::shared().query(database.url.rsplit('/').next().unwrap(), sql)),
    }
}

/// All rows of a table, a line each, with `|` between the values.
pub fn sql_text(database: &Database, table: &str) -> String {
    let Some(path) = database.url.strip_prefix("sqlite:") else {
        let name = database.url.rsplit('/').next().unwrap();
        return Postgres::shared().query(name, &format!("SELECT * FROM {table}"));
    };
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    let value = |row: &rusqlite::Row<'_>, column| match row.get_ref(column).unwrap() {
        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
        rusqlite::types::ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
        _ => String::new(),
    };
    let lines = statement
        .query_map([], |row| Ok((0..columns).map(|column| value(row, column)).collect::<Vec<_>>().join("|")));
    lines.unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

pub async fn verify(bench: &Bench) -> (BooksSummary, Vec<Difference>) {
    let mut differences = Vec::new();
    let mut tell = |news| match news {
        BooksNews::Differs(difference) => differences.push(difference),
        BooksNews::Progress { done, all } => assert!(done <= all),
    };
    let summary = verify_books(bench.counter.store(), &mut tell).await.unwrap();
    assert_eq!(summary.differences, u64::try_from(differences.len()).unwrap());
    (summary, differences)
}

fn lines(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(ToString::to_string).collect()
}

/// Points granted, used, given back and expired; coupons used and returned; cards issued and redeemed.
pub async fn live_in(bench: &Bench) {
    let whose = hanako();
    bench.grant(&whose, "rakuten:ordinary", 1_000, None).await;
    bench.grant(&whose, "rakuten:limited", 300, Some("2026-11-30T23:59:59+09:00")).await;
    bench.give_coupon(&whose, "A500").await;
    bench.give_coupon(&whose, "SHOPA10P").await;
    let cart = rakuten().line("A@shop-a", 2_000, 2).coupon("A500").stored("rakuten", 700).by("card");
    let kept = bench.place(&whose, &cart, noon()).await;
    let cart = rakuten().line("B@shop-a", 3_000, 1).coupon("SHOPA10P").stored("rakuten", "all").by("card");
    let cancelled = bench.place(&whose, &cart, time("2026-11-21T13:00:00+09:00")).await;
    let later = time("2026-11-22T12:00:00+09:00");
    let counter = &bench.counter;
    let by = CancelBy::Customer;
    counter.cancel_order("hanako", &cancelled.order_id, None, by, "customer", None, later).await.unwrap();
    let shipping =
        Shipping { seller: "shop-a".to_owned(), parts: None, carrier: None, tracking_numbers: Vec::new() };
    let ship = choba_app::ShipOrder {
        customer_id: "hanako".to_owned(),
        order_id: kept.order_id.clone(),
        shipping,
        by: "shop-a".to_owned(),
        key: None,
    };
    counter.ship_order(ship, later).await.unwrap();
    let cart = rakuten().line("C@shop-b", 1_000, 3).by("cod");
    let partly = bench.place(&whose, &cart, later).await;
    let parts = vec![LinePart { line_id: "1".to_owned(), quantity: 1 }];
    counter.cancel_order("hanako", &partly.order_id, Some(parts), by, "customer", None, later).await.unwrap();
    redeem_a_card(bench).await;
}

async fn redeem_a_card(bench: &Bench) {
    let issue = IssueGiftCards {
        market: "amazon-style".to_owned(),
        count: 3,
        amount: Money::new(2_500),
        active_from: None,
        note: None,
        by: "keiko".to_owned(),
        key: bench.key("issue_gift_cards", "amazon-style"),
    };
    let IssueOutcome::Issued(batch) = bench.counter.issue_gift_cards(issue, noon()).await.unwrap() else {
        panic!("expected new cards");
    };
    let redeem = RedeemGiftCard {
        whose: taro(),
        code: batch.cards[0].code.in_groups(),
        address: "192.0.2.1".to_owned(),
        key: "redeem-1".to_owned(),
    };
    bench.counter.redeem_gift_card(redeem, noon()).await.unwrap();
}

async fn books_in_which_much_happened_are_fine(bench: Bench) {
    live_in(&bench).await;
    let (summary, differences) = verify(&bench).await;
    assert_eq!(lines(&differences), [""; 0]);
    assert_eq!(summary.orders, 3);
    assert!(summary.customers >= 2 && summary.lots >= 4 && summary.entries >= 8, "{summary:?}");
    let gift = summary.value.iter().find(|value| value.program == "gift").unwrap();
    assert_eq!((gift.market.as_str(), gift.points), ("amazon-style", 2_500));
}

async fn a_card_that_is_just_being_redeemed_is_no_difference(bench: Bench) {
    redeem_a_card(&bench).await;
    run_sql(&bench.database, "UPDATE gift_cards SET state = 'reserved' WHERE state = 'redeemed'");
    assert_eq!(lines(&verify(&bench).await.1), [""; 0]);
    let reserve = "UPDATE gift_cards SET state = 'reserved', customer_id = 'hanako' WHERE state = 'active'";
    run_sql(&bench.database, reserve);
    assert_eq!(lines(&verify(&bench).await.1), [""; 0]);
}

async fn nothing_is_a_fine_book(bench: Bench) {
    let (summary, differences) = verify(&bench).await;
    assert_eq!(lines(&differences), [""; 0]);
    assert_eq!((summary.customers, summary.orders), (0, 0));
}

async fn many_customers_are_checked_range_by_range(bench: Bench) {
    let customers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
        INSERT INTO customers (customer_id, market, orders_placed)
        SELECT 'c' || (10000 + i), 'rakuten-style', CASE WHEN i IN (1, 1000, 1001, 2500) THEN 1 ELSE 0 END FROM n";
    run_sql(&bench.database, customers);
    let (summary, differences) = verify(&bench).await;
    assert_eq!(summary.customers, 2_500);
    let of: Vec<String> = differences.iter().filter_map(|found| found.customer_id.clone()).collect();
    assert_eq!(of, ["c10001", "c11000", "c11001", "c12500"]);
}

/// What is broken, how, how it is repaired, and a part of the line that names it.
struct Break {
    what: &'static str,
    sql: &'static str,
    repair: &'static str,
    told: &'static str,
}

const fn broken(what: &'static str, sql: &'static str, repair: &'static str, told: &'static str) -> Break {
    Break { what, sql, repair, told }
}

const BREAKS: &[Break] = &[
    broken(
        "an entry out of balance",
        "UPDATE entries SET postings = replace(postings, '\"method:cod:promised\",\"JPY\",null,', '\"method:cod:promised\",\"JPY\",null,1') WHERE customer_id = 'hanako' AND reason = 'order_placed'",
        "UPDATE entries SET postings = replace(postings, '\"method:cod:promised\",\"JPY\",null,1', '\"method:cod:promised\",\"JPY\",null,') WHERE customer_id = 'hanako' AND reason = 'order_placed'",
        ": sum of its postings in JPY: expected 0, found 1",
    ),
    broken(
        "what remains of a lot",
        "UPDATE lots SET remaining = remaining - 1 WHERE customer_id = 'taro'",
        "UPDATE lots SET remaining = remaining + 1 WHERE customer_id = 'taro'",
        ": remaining: expected 2500, found 2499",
    ),
    broken(
        "what has expired of a lot",
        "UPDATE lots SET remaining = 2000, expired = 500 WHERE customer_id = 'taro'",
        "UPDATE lots SET remaining = 2500, expired = 0 WHERE customer_id = 'taro'",
        ": expired: expected 0, found 500",
    ),
    broken(
        "what was granted with a lot",
        "UPDATE lots SET granted = granted + 7 WHERE customer_id = 'hanako' AND granted = 300",
        "UPDATE lots SET granted = granted - 7 WHERE customer_id = 'hanako' AND granted = 307",
        ": granted: expected 300, found 307",
    ),
    broken(
        "a lot that is void",
        "UPDATE lots SET void = 1 WHERE customer_id = 'taro'",
        "UPDATE lots SET void = 0 WHERE customer_id = 'taro'",
        ": remaining though it is void: expected 0, found 2500",
    ),
    broken(
        "a posting to a lot that is not there",
        "UPDATE entries SET postings = replace(postings, '\"gift\",\"', '\"gift\",\"x') WHERE customer_id = 'taro'",
        "UPDATE entries SET postings = replace(postings, '\"gift\",\"x', '\"gift\",\"') WHERE customer_id = 'taro'",
        ": lot of a posting to wallet:gift: expected a lot of that program, found none",
    ),
    broken(
        "a debt nobody has",
        "INSERT INTO debts (customer_id, market, program, points) VALUES ('hanako', 'rakuten-style', 'rakuten', 5)",
        "DELETE FROM debts WHERE customer_id = 'hanako'",
        "customer hanako: points owed of rakuten in rakuten-style: expected 0, found 5",
    ),
    broken(
        "a number of orders placed",
        "UPDATE customers SET orders_placed = orders_placed + 1 WHERE customer_id = 'hanako'",
        "UPDATE customers SET orders_placed = orders_placed - 1 WHERE customer_id = 'hanako'",
        "customer hanako: orders placed in rakuten-style: expected 2, found 3",
    ),
    broken(
        "uses of a coupon",
        "UPDATE customer_coupons SET uses = uses + 1 WHERE coupon_id = 'A500'",
        "UPDATE customer_coupons SET uses = uses - 1 WHERE coupon_id = 'A500'",
        "customer hanako, coupon A500: uses in rakuten-style: expected 1, found 2",
    ),
    broken(
        "the total beside a document",
        "UPDATE orders SET total = total + 1",
        "UPDATE orders SET total = total - 1",
        ": total beside the document: expected ",
    ),
    broken(
        "the state beside a document",
        "UPDATE orders SET state = 'x' || state",
        "UPDATE orders SET state = substr(state, 2)",
        ": state beside the document: expected ",
    ),
    broken(
        "the payment beside a document",
        "UPDATE orders SET payment_state = 'x' || payment_state",
        "UPDATE orders SET payment_state = substr(payment_state, 2)",
        ": payment state beside the document: expected ",
    ),
    broken(
        "what was refunded beside a document",
        "UPDATE orders SET refunded = refunded + 1 WHERE refunded < total",
        "UPDATE orders SET refunded = refunded - 1 WHERE state <> 'cancelled'",
        ": refunded beside the document: expected ",
    ),
    broken(
        "the time beside a document",
        "UPDATE orders SET placed_at = placed_at + 1",
        "UPDATE orders SET placed_at = placed_at - 1",
        ": time beside the document: expected ",
    ),
    broken(
        "a document that cannot be read",
        "UPDATE orders SET document = 'x' || document",
        "UPDATE orders SET document = substr(document, 2)",
        ": document: expected a document that can be read, found ",
    ),
    broken(
        "a document that says more was refunded than paid",
        "UPDATE orders SET document = replace(document, '}],\"coupons', ',\"refunded\":9999999}],\"coupons')",
        "UPDATE orders SET document = replace(document, ',\"refunded\":9999999}],\"coupons', '}],\"coupons')",
        "at most what it paid: expected ",
    ),
    broken(
        "a document with another total",
        "UPDATE orders SET document = replace(document, '\"total\":', '\"total\":1')",
        "UPDATE orders SET document = replace(document, '\"total\":1', '\"total\":')",
        ": sum of its charges: expected ",
    ),
    broken(
        "a seller's yen",
        "UPDATE entries SET postings = replace(postings, 'seller:shop-b', 'seller:nobody')",
        "UPDATE entries SET postings = replace(postings, 'seller:nobody', 'seller:shop-b')",
        ": yen on seller:nobody: expected 0, found ",
    ),
    broken(
        "what a card received",
        "UPDATE entries SET postings = replace(postings, 'method:card:received', 'method:card:kept')",
        "UPDATE entries SET postings = replace(postings, 'method:card:kept', 'method:card:received')",
        ": yen on method:card:received: expected ",
    ),
    broken(
        "what stored value paid",
        "UPDATE entries SET postings = replace(postings, 'program:rakuten', 'program:other')",
        "UPDATE entries SET postings = replace(postings, 'program:other', 'program:rakuten')",
        ": yen when it was placed, on program:rakuten: expected ",
    ),
    broken(
        "points used of a lot",
        "UPDATE orders SET document = replace(document, '\"limited\",\"points\":300', '\"limited\",\"points\":301')",
        "UPDATE orders SET document = replace(document, '\"limited\",\"points\":301', '\"limited\",\"points\":300')",
        ": points used of ",
    ),
    broken(
        "points given back",
        "UPDATE entries SET reason = 'adjusted' WHERE reason = 'cancelled' AND customer_id = 'hanako'",
        "UPDATE entries SET reason = 'cancelled' WHERE reason = 'adjusted' AND customer_id = 'hanako'",
        ": points given back of rakuten: expected ",
    ),
    broken(
        "points earned",
        "UPDATE entries SET reason = 'adjusted' WHERE reason = 'granted' AND order_id IS NOT NULL",
        "UPDATE entries SET reason = 'granted' WHERE reason = 'adjusted' AND order_id IS NOT NULL",
        ": points earned in ",
    ),
    broken(
        "an entry whose order is not there",
        "UPDATE entries SET order_id = 'x' || order_id WHERE order_id IS NOT NULL",
        "UPDATE entries SET order_id = substr(order_id, 2) WHERE order_id IS NOT NULL",
        ": order xord_",
    ),
    broken(
        "an entry without its postings",
        "UPDATE entries SET note = postings, postings = '[]' WHERE customer_id = 'taro'",
        "UPDATE entries SET postings = note, note = NULL WHERE customer_id = 'taro'",
        ": postings: expected some, found none",
    ),
    broken(
        "an order without its number",
        "UPDATE order_numbers SET number = 'x' || number",
        "UPDATE order_numbers SET number = substr(number, 2)",
        ": row of its number ",
    ),
    broken(
        "a number without its order",
        "INSERT INTO order_numbers (place, number, customer_id, order_id) VALUES (99999999, '000-0000000-0000000', 'hanako', 'ord_0')",
        "DELETE FROM order_numbers WHERE number = '000-0000000-0000000'",
        "customer hanako, order number 000-0000000-0000000: order ord_0: expected an order with this number, found none",
    ),
    broken(
        "an answer about an order that is not there",
        "UPDATE idempotency_keys SET answer = replace(answer, '\"ord_', '\"xord_')",
        "UPDATE idempotency_keys SET answer = replace(answer, '\"xord_', '\"ord_')",
        " of its answer: expected an order of the customer, found none",
    ),
    broken(
        "an ask for an order that is not there",
        "UPDATE asks SET order_id = 'x' || order_id",
        "UPDATE asks SET order_id = substr(order_id, 2)",
        "customer hanako, ask ",
    ),
    broken(
        "the value of cards",
        "UPDATE gift_cards SET amount = amount + 1 WHERE state = 'active'",
        "UPDATE gift_cards SET amount = amount - 1 WHERE state = 'active'",
        "gift cards of gift in amazon-style: value that can be redeemed: expected 5000, found 5002",
    ),
    broken(
        "a redeemed card without its lot",
        "UPDATE gift_cards SET customer_id = 'hanako' WHERE state = 'redeemed'",
        "UPDATE gift_cards SET customer_id = 'taro' WHERE state = 'redeemed'",
        ": lots it was redeemed into: expected 1, found 0",
    ),
    broken(
        "a lot whose card was not redeemed",
        "UPDATE gift_cards SET customer_id = NULL, state = 'withdrawn' WHERE state = 'redeemed'",
        "UPDATE gift_cards SET customer_id = 'taro', state = 'redeemed' WHERE state = 'withdrawn'",
        ": gift card ",
    ),
    broken(
        "a quota that does not fit its uses",
        "INSERT INTO quotas (market, coupon_id, quota, taken) VALUES ('rakuten-style', 'Q', 10, 2)",
        "DELETE FROM quotas WHERE coupon_id = 'Q'",
        "coupon Q: uses taken of its quota in rakuten-style: expected 0, found 2",
    ),
    broken(
        "a confirmed use of an order that is not there",
        "INSERT INTO quota_uses (market, coupon_id, order_id, customer_id, state, reserved_at)
         VALUES ('rakuten-style', 'Q', 'ord_0', 'hanako', 'confirmed', 0)",
        "DELETE FROM quota_uses WHERE coupon_id = 'Q'",
        "customer hanako, coupon Q: order of a confirmed use: ord_0: expected an order, found none",
    ),
];

/// The journal refuses changes; who breaks it on purpose has to switch that off.
fn open_the_journal(database: &Database) {
    let sqlite = "DROP TRIGGER entries_refuses_update;";
    let postgres = "ALTER TABLE entries DISABLE TRIGGER USER;";
    run_sql(database, if database.url.starts_with("sqlite:") { sqlite } else { postgres });
}

async fn a_case_whose_history_was_changed_is_named(bench: Bench) {
    let open = choba_app::OpenCase {
        topic: "other".to_owned(),
        question: "other".to_owned(),
        order_id: None,
        text: Some("before".to_owned()),
        language: "ja".to_owned(),
        channel: choba_care::case::Channel::Form,
        evidence: serde_json::json!({}),
    };
    let (caller, key) = (choba_app::Caller::customer("hanako"), bench.key("open_case", "hanako"));
    let case = bench.counter.open_case(&caller, &hanako(), open, key, noon()).await.unwrap().case_id;
    let (summary, fine) = verify(&bench).await;
    assert_eq!((summary.cases, fine), (1, Vec::new()));
    let sqlite = "DROP TRIGGER case_events_refuses_update; DROP TRIGGER case_events_refuses_delete;";
    let postgres = "ALTER TABLE case_events DISABLE TRIGGER USER;";
    run_sql(&bench.database, if bench.database.url.starts_with("sqlite:") { sqlite } else { postgres });
    for (sql, repair, told) in [
        (
            "UPDATE case_events SET document = replace(document, 'before', 'beside') WHERE seq = 2",
            "UPDATE case_events SET document = replace(document, 'beside', 'before') WHERE seq = 2",
            "event 2: expected what was written, found something else",
        ),
        (
            "UPDATE case_events SET seq = 3 WHERE seq = 2",
            "UPDATE case_events SET seq = 2 WHERE seq = 3",
            "event 2: expected an event with this number, found another one",
        ),
        (
            "UPDATE case_events SET document = '{' WHERE seq = 1",
            "UPDATE case_events SET document = (SELECT document FROM kept) WHERE seq = 1",
            "event 1: expected a document that can be read",
        ),
        ("UPDATE cases SET version = 3", "UPDATE cases SET version = 2", "events: expected 2, found 3"),
        (
            "UPDATE cases SET state = 'open'",
            "UPDATE cases SET state = 'new'",
            "state: expected new, found open",
        ),
        (
            "UPDATE cases SET case_id = 'cas_x'",
            &format!("UPDATE cases SET case_id = '{case}'"),
            "row beside its events: expected one, found none",
        ),
    ] {
        run_sql(&bench.database, "CREATE TABLE kept AS SELECT document FROM case_events WHERE seq = 1");
        run_sql(&bench.database, sql);
        let lines = lines(&verify(&bench).await.1);
        let told = format!("customer hanako, case {case}: {told}");
        assert!(lines.iter().any(|line| line.contains(&told)), "{told}: {lines:#?}");
        run_sql(&bench.database, repair);
        run_sql(&bench.database, "DROP TABLE kept");
        let (_, left) = verify(&bench).await;
        assert!(left.is_empty(), "{told}, repaired: {left:#?}");
    }
}

async fn whatever_is_broken_is_named(bench: Bench) {
    live_in(&bench).await;
    open_the_journal(&bench.database);
    for Break { what, sql, repair, told } in BREAKS {
        run_sql(&bench.database, sql);
        let (_, differences) = verify(&bench).await;
        let lines = lines(&differences);
        assert!(lines.iter().any(|line| line.contains(told)), "{what}: expected {told:?} in {lines:#?}");
        run_sql(&bench.database, repair);
        let (_, left) = verify(&bench).await;
        assert!(left.is_empty(), "{what}, repaired: {left:#?}");
    }
}
