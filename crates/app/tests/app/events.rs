//! The feed of events: complete, in one order, for several writers and processes at once.

use choba_app::{AppError, Cursor, EVENTS_KEPT_FOR, EventFilter, EventPage, ToldEvent, Whose};
use choba_engine::books::EventKind;
use choba_store::sql::{Statement, Type, Value};
use jiff::SignedDuration;

use crate::on_both;
use crate::support::{Bench, all_rows, hanako, noon, rakuten, taro, write_row};

on_both!(
    an_event_committed_late_is_never_skipped,
    several_processes_give_every_event_one_place,
    a_reader_gets_each_event_once_page_by_page,
    events_are_chosen_by_market_customer_and_kind,
    an_event_tells_numbers_and_nothing_personal,
    readers_in_this_process_are_woken,
    who_comes_too_late_hears_from_where_events_are_there,
    what_somebody_passes_on_is_not_forgotten_before_it_is_read,
);

static LATE: Statement = Statement::new(
    "test: an event whose id is older than others in the feed",
    &[("customer_id", Type::Text), ("event_id", Type::Text)],
    "INSERT INTO events (customer_id, event_id, market, kind, subject, happened_at, told)
     SELECT :customer_id, :event_id, 'rakuten-style', 'order.placed', 'late', 0, 0 FROM {rows}",
);

static PLACES: Statement = Statement::new(
    "test: places of all events",
    &[],
    "SELECT :row, e.seq, e.told FROM {rows} CROSS JOIN events AS e ORDER BY e.seq",
);

static READER: Statement = Statement::new(
    "test: a reader that has read nothing",
    &[("name", Type::Text), ("seq", Type::Int)],
    "INSERT INTO feed_readers (name, seq) SELECT :name, :seq FROM {rows} WHERE true
     ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
);

async fn page(bench: &Bench, after: Option<Cursor>, most: i64) -> EventPage {
    bench.counter.events(&EventFilter::default(), after, most).await.unwrap()
}

async fn all(bench: &Bench, filter: EventFilter) -> Vec<ToldEvent> {
    let page = bench.counter.events(&filter, None, 500).await.unwrap();
    assert!(!page.more);
    page.events.into_iter().map(|(_, event)| event).collect()
}

async fn an_event_committed_late_is_never_skipped(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 10, None).await;
    assert_eq!(bench.counter.publish_events(noon()).await.unwrap(), 1);
    let before = page(&bench, None, 10).await;
    assert_eq!(before.events.len(), 1);
    let late: Vec<Value> = vec!["jiro".into(), "000000".into()];
    write_row(&bench.counter, "jiro", LATE.write(late)).await;
    assert!(page(&bench, Some(before.next), 10).await.events.is_empty());
    assert_eq!(bench.counter.publish_events(noon()).await.unwrap(), 1);
    let after = page(&bench, Some(before.next), 10).await;
    assert_eq!(after.events[0].1.subject, "late");
}

async fn several_processes_give_every_event_one_place(bench: Bench) {
    let another = bench.another(2).await;
    let customers: Vec<Whose> = (0..12).map(|n| Whose::new(&format!("c{n}"), "rakuten-style")).collect();
    let granting = async {
        for whose in &customers {
            for _ in 0..4 {
                bench.grant(whose, "rakuten:limited", 1, None).await;
            }
        }
    };
    let publishing = |counter: choba_app::Counter| async move {
        for _ in 0..20 {
            counter.publish_events(noon()).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(granting, publishing(bench.counter.clone()), publishing(another.clone()));
    tokio::join!(publishing(bench.counter.clone()), publishing(another));
    let places = all_rows(&bench.counter, &PLACES, Vec::new()).await;
    let places: Vec<i64> = places.iter().map(|row| row.int(0).unwrap()).collect();
    assert_eq!(places, (1..=48).collect::<Vec<i64>>());
}

async fn a_reader_gets_each_event_once_page_by_page(bench: Bench) {
    for _ in 0..7 {
        bench.grant(&hanako(), "rakuten:limited", 1, None).await;
    }
    bench.counter.publish_events(noon()).await.unwrap();
    let (mut after, mut ids) = (None, Vec::new());
    loop {
        let page = page(&bench, after, 3).await;
        assert!(page.events.len() <= 3);
        ids.extend(page.events.into_iter().map(|(_, event)| event.id));
        after = Some(page.next);
        if !page.more {
            break;
        }
    }
    assert_eq!(ids.len(), 7);
    ids.dedup();
    assert_eq!(ids.len(), 7);
    assert_eq!(after, Some(bench.counter.feed_end().await.unwrap()));
}

async fn events_are_chosen_by_market_customer_and_kind(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 1, None).await;
    bench.grant(&taro(), "gift", 500, None).await;
    bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
    bench.counter.publish_events(noon()).await.unwrap();
    let of_taro = EventFilter { customer_id: Some("taro".to_owned()), ..EventFilter::default() };
    assert_eq!(all(&bench, of_taro).await.len(), 1);
    let amazon = EventFilter { market: Some("amazon-style".to_owned()), ..EventFilter::default() };
    assert_eq!(all(&bench, amazon).await.len(), 1);
    let placed = EventFilter { kinds: vec![EventKind::OrderPlaced], ..EventFilter::default() };
    let placed = all(&bench, placed).await;
    assert_eq!(placed.len(), 1);
    let hanakos = EventFilter {
        customer_id: Some("hanako".to_owned()),
        market: Some("rakuten-style".to_owned()),
        kinds: vec![EventKind::OrderPaid, EventKind::ValueGranted],
    };
    let kinds: Vec<String> = all(&bench, hanakos).await.into_iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&"order.paid".to_owned()) && kinds.contains(&"wallet.granted".to_owned()));
    assert!(!kinds.contains(&"order.placed".to_owned()));
}

async fn an_event_tells_numbers_and_nothing_personal(bench: Bench) {
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
    bench.grant(&hanako(), "rakuten:limited", 30, Some("2026-12-31T23:59:59+09:00")).await;
    bench.counter.publish_events(noon()).await.unwrap();
    let events = all(&bench, EventFilter::default()).await;
    let placed = events.iter().find(|event| event.kind == "order.placed").unwrap();
    assert_eq!(placed.subject, order.order_id);
    let number = bench.order(&hanako(), &order.order_id).await.order.number;
    assert_eq!(placed.data.order_number.as_deref(), Some(&*number));
    let granted = events.iter().find(|event| event.data.points == Some(30)).unwrap();
    assert_eq!((granted.kind.as_str(), granted.data.program.as_deref()), ("wallet.granted", Some("rakuten")));
    let json = serde_json::to_value(granted).unwrap();
    let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["id", "type", "timestamp", "market", "customer_id", "subject", "data"]);
}

async fn readers_in_this_process_are_woken(bench: Bench) {
    let mut written = bench.counter.events_written().unwrap();
    let mut moved = bench.counter.feed_moved().unwrap();
    bench.grant(&hanako(), "rakuten:limited", 1, None).await;
    written.changed().await.unwrap();
    assert!(!moved.has_changed().unwrap());
    bench.counter.publish_events(noon()).await.unwrap();
    moved.changed().await.unwrap();
    bench.counter.publish_events(noon()).await.unwrap();
    assert!(!moved.has_changed().unwrap() && !written.has_changed().unwrap());
}

async fn who_comes_too_late_hears_from_where_events_are_there(bench: Bench) {
    for _ in 0..3 {
        bench.grant(&hanako(), "rakuten:limited", 1, None).await;
    }
    bench.counter.publish_events(noon()).await.unwrap();
    let later = noon() + EVENTS_KEPT_FOR;
    assert_eq!(bench.counter.forget_events(later, 100).await.unwrap(), 0);
    bench.grant(&hanako(), "rakuten:limited", 2, None).await;
    bench.counter.publish_events(later).await.unwrap();
    let later = later + SignedDuration::from_secs(1);
    assert_eq!(bench.counter.forget_events(later, 2).await.unwrap(), 2);
    assert_eq!(bench.counter.forget_events(later, 2).await.unwrap(), 1);
    assert_eq!(bench.counter.forget_events(later, 2).await.unwrap(), 0);
    let late = bench.counter.events(&EventFilter::default(), Some(Cursor::START), 10).await;
    let Err(AppError::EventsForgotten { oldest }) = late else { panic!("{late:?}") };
    let oldest = Cursor::read(&oldest).unwrap();
    assert_eq!(page(&bench, Some(oldest), 10).await.events.len(), 1);
    assert_eq!(page(&bench, None, 10).await.events.len(), 1);
    let end = bench.counter.feed_end().await.unwrap();
    assert!(page(&bench, Some(end), 10).await.events.is_empty());
    let elsewhere = Cursor::read("c1_AAAAAAAAAP8").unwrap();
    let elsewhere = bench.counter.events(&EventFilter::default(), Some(elsewhere), 10).await;
    assert!(matches!(elsewhere, Err(AppError::Field { .. })), "{elsewhere:?}");
}

async fn what_somebody_passes_on_is_not_forgotten_before_it_is_read(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 1, None).await;
    bench.grant(&hanako(), "rakuten:limited", 1, None).await;
    bench.counter.publish_events(noon()).await.unwrap();
    let reads = |seq: i64| READER.write(vec!["somebody".into(), seq.into()]);
    let later = noon() + EVENTS_KEPT_FOR + SignedDuration::from_secs(1);
    write_row(&bench.counter, "@", reads(0)).await;
    assert_eq!(bench.counter.forget_events(later, 100).await.unwrap(), 0);
    write_row(&bench.counter, "@", reads(1)).await;
    assert_eq!(bench.counter.forget_events(later, 100).await.unwrap(), 1);
}

#[test]
fn the_page_of_events_lists_every_kind_and_no_other() {
    let page = include_str!("../../../../docs/events.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let listed: std::collections::BTreeSet<&str> = rows
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(listed, EventKind::ALL.iter().map(|kind| kind.code()).collect());
}
