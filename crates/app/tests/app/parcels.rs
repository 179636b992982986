//! What carriers tell of parcels, why there is no number yet, and delivering again.

use choba_app::{AppError, Caller, CarrierSecrets, RedeliveryWish, Right, TrackingNews};
use choba_engine::order::OrderRefusal;
use choba_engine::tracking::{NoNumberReason, ParcelStatus};
use choba_outside::webhook::{WebhookHeaders, WebhookSecret};
use choba_store::sql::{Statement, Type};
use jiff::Timestamp;

use crate::on_both;
use crate::support::{
    Bench, NUMBER, OTHER, all_rows, hanako, news, noon, one_thing, rakuten, sent_at, taro, time,
};

on_both!(
    a_shipment_arrives_with_the_last_of_its_parcels_at_the_carriers_time,
    news_in_any_order_and_again_come_to_the_same,
    news_may_come_before_the_number_is_known,
    trouble_is_told_once_and_delivery_is_undone_by_it,
    news_that_cannot_be_used_are_refused_with_their_place,
    a_carriers_message_is_taken_only_with_its_signature,
    why_there_is_no_number_follows_from_the_order_and_the_time,
    a_number_is_not_heard_wrong_or_of_an_unknown_carrier,
    who_was_not_in_asks_changes_and_takes_back,
    a_slip_in_the_hand_is_proof_and_a_wrong_one_is_not,
);

static EVENTS: Statement = Statement::new(
    "test: kinds of events",
    &[("customer_id", Type::Text)],
    "SELECT :row, e.kind FROM {rows} JOIN events AS e ON e.customer_id = :customer_id ORDER BY e.event_id",
);

async fn told(bench: &Bench, prefix: &str) -> Vec<String> {
    let rows = all_rows(&bench.counter, &EVENTS, vec!["hanako".into()]).await;
    let kinds = rows.iter().map(|row| row.text(0).unwrap().to_owned());
    kinds.filter(|kind| kind.starts_with(prefix)).collect()
}

fn me() -> Caller {
    Caller::customer("hanako")
}

async fn status(bench: &Bench, order_id: &str, at: Timestamp) -> ParcelStatus {
    let order = bench.order_now(&hanako(), order_id).await;
    bench.counter.parcels_of_order(&me(), &order, at).await.unwrap().status.unwrap()
}

async fn a_shipment_arrives_with_the_last_of_its_parcels_at_the_carriers_time(bench: Bench) {
    let (order_id, shipment_id) = bench.sent(&hanako(), "yamato", &["4000-0000-0002", OTHER]).await;
    bench.hear(vec![news(NUMBER, "2026-11-23T10:00:00+09:00", "配達完了（宅配ボックス）")]).await;
    assert_eq!(bench.order_now(&hanako(), &order_id).await.shipments[0].delivered_at, None);
    assert_eq!(status(&bench, &order_id, sent_at()).await, ParcelStatus::Pending);
    let taken =
        bench.hear(vec![news("４０００-００００-００１３", "2026-11-23T12:00:00+09:00", "配達完了")]).await;
    assert_eq!((taken.new, taken.known, taken.shipments, taken.without_status), (1, 0, 1, 0));
    let order = bench.order_now(&hanako(), &order_id).await;
    assert_eq!(order.shipments[0].delivered_at, Some(time("2026-11-23T12:00:00+09:00")));
    assert_eq!(order.shipments[0].tracking_numbers, [NUMBER, OTHER]);
    assert_eq!(told(&bench, "order.delivered").await.len(), 1);
    let parcels = bench.counter.parcels_of_order(&me(), &order, sent_at()).await.unwrap();
    assert_eq!(parcels.status, Some(ParcelStatus::Delivered));
    assert_eq!(parcels.shipments[0].shipment.shipment_id, shipment_id);
    assert_eq!(parcels.shipments[0].numbers[0].display, "4000-0000-0002");
    assert_eq!(parcels.shipments[0].numbers[0].events[0].text.as_deref(), Some("配達完了（宅配ボックス）"));
    assert!(parcels.without.is_empty());
}

async fn news_in_any_order_and_again_come_to_the_same(bench: Bench) {
    let (order_id, _) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let story = [
        news(NUMBER, "2026-11-22T19:00:00+09:00", "荷物受付"),
        news(NUMBER, "2026-11-23T08:00:00+09:00", "配達中"),
        news(NUMBER, "2026-11-23T10:00:00+09:00", "持戻（ご不在）"),
        news(NUMBER, "2026-11-24T10:00:00+09:00", "配達完了"),
    ];
    for place in [3, 0, 2, 0, 1, 3, 2] {
        bench.hear(vec![story[place].clone()]).await;
    }
    let again = bench.hear(story.to_vec()).await;
    assert_eq!((again.new, again.known), (0, 4));
    let order = bench.order_now(&hanako(), &order_id).await;
    assert_eq!(order.shipments[0].delivered_at, Some(time("2026-11-24T10:00:00+09:00")));
    assert_eq!(told(&bench, "order.delivered").await.len(), 1);
    // What was heard late is in the story, and tells nobody any more.
    assert_eq!(told(&bench, "parcel.").await, [""; 0]);
    let parcels = bench.counter.parcels_of_order(&me(), &order, sent_at()).await.unwrap();
    assert_eq!(parcels.shipments[0].numbers[0].events.len(), 4);
}

async fn news_may_come_before_the_number_is_known(bench: Bench) {
    let early = news(NUMBER, "2026-11-22T17:00:00+09:00", "輸送中");
    let taken = bench.counter.tell_tracking(&Caller::Itself, vec![early], sent_at()).await.unwrap();
    assert_eq!((taken.new, taken.shipments), (1, 0));
    let (order_id, shipment_id) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let tracked = bench.order_now(&hanako(), &order_id).await.shipments[0].tracked.unwrap();
    assert_eq!(tracked.status, ParcelStatus::InTransit);
    bench.hear(vec![news(OTHER, "2026-11-23T10:00:00+09:00", "調査中")]).await;
    let (order, numbers) = (order_id.as_str(), vec!["4000-0000-0013".to_owned()]);
    let added =
        bench.counter.add_tracking_numbers("hanako", order, &shipment_id, None, numbers, "seller", sent_at());
    added.await.unwrap();
    let tracked = bench.order_now(&hanako(), &order_id).await.shipments[0].tracked.unwrap();
    assert_eq!(tracked.status, ParcelStatus::Exception);
}

async fn trouble_is_told_once_and_delivery_is_undone_by_it(bench: Bench) {
    let (order_id, _) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    bench.hear(vec![news(NUMBER, "2026-11-23T10:00:00+09:00", "配達中")]).await;
    bench.hear(vec![news(NUMBER, "2026-11-23T11:00:00+09:00", "持戻")]).await;
    bench.hear(vec![news(NUMBER, "2026-11-23T11:00:00+09:00", "持戻")]).await;
    bench.hear(vec![news(NUMBER, "2026-11-25T11:00:00+09:00", "調査中")]).await;
    let expected = ["parcel.out_for_delivery", "parcel.attempt_failed", "parcel.exception"];
    assert_eq!(told(&bench, "parcel.").await, expected);
    bench.hear(vec![news(NUMBER, "2026-11-26T11:00:00+09:00", "配達完了")]).await;
    bench.hear(vec![news(NUMBER, "2026-11-27T11:00:00+09:00", "返品")]).await;
    assert_eq!(told(&bench, "parcel.returned").await.len(), 1);
    assert_eq!(status(&bench, &order_id, sent_at()).await, ParcelStatus::Returned);
    assert!(bench.order_now(&hanako(), &order_id).await.shipments[0].delivered_at.is_some());
}

async fn news_that_cannot_be_used_are_refused_with_their_place(bench: Bench) {
    let good = news(NUMBER, "2026-11-22T19:00:00+09:00", "荷物受付");
    let wrong: [(&str, TrackingNews); 5] = [
        ("/events/1/number", TrackingNews { number: "--".to_owned(), ..good.clone() }),
        ("/events/1/carrier", TrackingNews { carrier: "Yamato!".to_owned(), ..good.clone() }),
        ("/events/1/status", TrackingNews { status: Some("lost".to_owned()), ..good.clone() }),
        ("/events/1/at", news(NUMBER, "2027-01-01T00:00:00+09:00", "荷物受付")),
        ("/events/1/text", TrackingNews { text: Some("あ".repeat(201)), ..good.clone() }),
    ];
    for (place, news) in wrong {
        let answer = bench.counter.tell_tracking(&Caller::Itself, vec![good.clone(), news], sent_at()).await;
        assert!(
            matches!(&answer, Err(AppError::Field { field, .. }) if field == place),
            "{place}: {answer:?}"
        );
    }
    // Nothing of a request with a fault is taken.
    let taken = bench.hear(vec![good.clone()]).await;
    assert_eq!(taken.new, 1);
    let reader = Caller::Machine { key_id: "k".to_owned(), rights: vec![Right::OrdersRead] };
    for caller in [me(), reader] {
        let answer = bench.counter.tell_tracking(&caller, vec![good.clone()], sent_at()).await;
        assert!(matches!(answer, Err(AppError::NotAllowed { .. })));
    }
}

async fn a_carriers_message_is_taken_only_with_its_signature(bench: Bench) {
    let (order_id, _) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let text = WebhookSecret::text_of(&[9; 32]);
    let mut secrets = CarrierSecrets::default();
    secrets.add("yamato", &text).unwrap();
    let body = serde_json::json!({
        "type": "tracking.updated", "timestamp": "2026-11-23T10:00:00+09:00",
        "data": {"events": [{"number": NUMBER, "at": "2026-11-23T10:00:00+09:00", "text": "配達完了"}]},
    });
    let body = body.to_string().into_bytes();
    let now = time("2026-11-23T10:01:00+09:00");
    let seconds = now.as_second().to_string();
    let signature = WebhookSecret::read(&text).unwrap().sign("msg_1", now.as_second(), &body).unwrap();
    let headers = WebhookHeaders { id: "msg_1", timestamp: &seconds, signature: &signature };
    let take = async |carrier: &str, headers: WebhookHeaders<'_>, body: &[u8], at: Timestamp| {
        bench.counter.take_carrier_message(&secrets, carrier, headers, body, at).await
    };
    let later = time("2026-11-23T10:06:01+09:00");
    assert_eq!(take("sagawa", headers, &body, now).await, Err(AppError::NotSigned));
    assert_eq!(take("yamato", headers, b"{}", now).await, Err(AppError::NotSigned));
    assert_eq!(take("yamato", headers, &body, later).await, Err(AppError::NotSigned));
    assert_eq!(status(&bench, &order_id, now).await, ParcelStatus::Pending);
    for (new, known) in [(1, 0), (0, 1)] {
        let taken = take("yamato", headers, &body, now).await.unwrap();
        assert_eq!((taken.new, taken.known, taken.shipments), (new, known, 1));
    }
    assert_eq!(status(&bench, &order_id, now).await, ParcelStatus::Delivered);
}

async fn reasons(bench: &Bench, order_id: &str, at: &str) -> Vec<(NoNumberReason, Option<Timestamp>)> {
    let order = bench.order_now(&hanako(), order_id).await;
    let parcels = bench.counter.parcels_of_order(&me(), &order, time(at)).await.unwrap();
    parcels.without.iter().map(|without| (without.reason, without.look_again_at)).collect()
}

async fn why_there_is_no_number_follows_from_the_order_and_the_time(bench: Bench) {
    let paid = bench.place(&hanako(), &one_thing(), noon()).await.order_id;
    let why = async |at: &str| reasons(&bench, &paid, at).await;
    let usual = Some(time("2026-11-24T23:59:59+09:00"));
    let a_day_later = Some(time("2026-11-22T12:00:00+09:00"));
    assert_eq!(why("2026-11-21T13:00:00+09:00").await, [(NoNumberReason::JustOrdered, a_day_later)]);
    assert_eq!(why("2026-11-23T13:00:00+09:00").await, [(NoNumberReason::JustOrdered, usual)]);
    bench.counter.prepare_order("hanako", &paid, "shop-a", "seller", noon()).await.unwrap();
    assert_eq!(why("2026-11-21T13:00:00+09:00").await, [(NoNumberReason::Preparing, usual)]);
    let tomorrow = Some(time("2026-11-26T00:00:00+09:00"));
    assert_eq!(why("2026-11-25T00:00:00+09:00").await, [(NoNumberReason::Delayed, tomorrow)]);

    bench.send(&hanako(), &paid, None, &[]).await;
    let scan = Some(time("2026-11-24T06:00:00+09:00"));
    assert_eq!(why("2026-11-22T19:00:00+09:00").await, [(NoNumberReason::CarrierNotUpdated, scan)]);
    let tomorrow = Some(time("2026-11-25T00:00:00+09:00"));
    assert_eq!(why("2026-11-24T06:00:00+09:00").await, [(NoNumberReason::NumberNotGiven, tomorrow)]);

    let konbini = rakuten().line("B@shop-a", 1_000, 1).by("konbini");
    let konbini = bench.place(&hanako(), &konbini, noon()).await.order_id;
    let found = reasons(&bench, &konbini, "2026-11-21T13:00:00+09:00").await;
    assert_eq!(found[0].0, NoNumberReason::WaitingForPayment);
    let digital = rakuten().line("C:digital@shop-a", 1_000, 1).by("card");
    let digital = bench.place(&hanako(), &digital, noon()).await.order_id;
    let found = reasons(&bench, &digital, "2026-11-21T13:00:00+09:00").await;
    assert_eq!(found, [(NoNumberReason::Digital, None)]);

    let private = crate::support::amazon().line("D@yamada-taro", 1_000, 1).by("card");
    let private = bench.place(&taro(), &private, noon()).await.order_id;
    let order = bench.order_now(&taro(), &private).await;
    let parcels = bench.counter.parcels_of_order(&Caller::Itself, &order, noon()).await.unwrap();
    assert_eq!(parcels.without[0].reason, NoNumberReason::IndividualSeller);
}

async fn a_number_is_not_heard_wrong_or_of_an_unknown_carrier(bench: Bench) {
    let at = "2026-11-23T12:00:00+09:00";
    let scan = Some(time("2026-11-24T06:00:00+09:00"));
    let cases = [
        ("yamato", NUMBER, NoNumberReason::CarrierNotUpdated, scan),
        ("yamato", "400000000001", NoNumberReason::NumberWrong, None),
        ("uncle", "X1", NoNumberReason::UnsupportedCarrier, None),
    ];
    let mut first = None;
    for (place, (carrier, number, reason, again)) in cases.into_iter().enumerate() {
        let cart = rakuten().line(&format!("S{place}@shop-a"), 1_000, 1).by("card");
        let order_id = bench.place(&hanako(), &cart, noon()).await.order_id;
        bench.send(&hanako(), &order_id, Some(carrier), &[number]).await;
        assert_eq!(reasons(&bench, &order_id, at).await, [(reason, again)], "{carrier}");
        first.get_or_insert(order_id);
    }
    let mail = rakuten().line("M@shop-a", 1_000, 1).by("card");
    let mail = bench.place(&hanako(), &mail, noon()).await.order_id;
    bench.send(&hanako(), &mail, Some("ordinary-mail"), &[]).await;
    assert_eq!(reasons(&bench, &mail, at).await, [(NoNumberReason::OrdinaryMail, None)]);

    let first = first.unwrap();
    let late = reasons(&bench, &first, "2026-11-24T06:00:00+09:00").await;
    assert_eq!(late[0].0, NoNumberReason::NotHandedOver);
    bench.hear(vec![news(NUMBER, "2026-11-22T19:00:00+09:00", "荷物受付")]).await;
    assert_eq!(reasons(&bench, &first, at).await, []);
}

fn wish(day: &str, slot: &str, number: Option<&str>) -> RedeliveryWish {
    RedeliveryWish {
        day: day.parse().unwrap(),
        slot: slot.to_owned(),
        number: number.map(str::to_owned),
        has_slip: false,
    }
}

async fn who_was_not_in_asks_changes_and_takes_back(bench: Bench) {
    let (order_id, shipment) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let now = time("2026-11-23T12:00:00+09:00");
    let choice = bench.counter.redelivery_choice(&me(), &shipment, false, now).await.unwrap();
    assert_eq!((choice.possible, choice.offers), (false, Vec::new()));
    bench.hear(vec![news(NUMBER, "2026-11-23T10:00:00+09:00", "持戻（ご不在）")]).await;
    let choice = bench.counter.redelivery_choice(&me(), &shipment, false, now).await.unwrap();
    assert_eq!(choice.kept_until, Some("2026-11-30".parse().unwrap()));
    assert_eq!(choice.offers.len(), 4 + 7 * 5);
    assert!(choice.carrier_pages[0].contains(NUMBER));

    let ask = async |day: &str, slot: &str| {
        let key = bench.key("ask_redelivery", &shipment);
        bench.counter.ask_redelivery(&me(), &shipment, wish(day, slot, None), key, now).await
    };
    for (day, slot) in [("2026-11-23", "am"), ("2026-12-01", "am"), ("2026-11-24", "12-14")] {
        assert!(matches!(ask(day, slot).await, Err(AppError::Order(OrderRefusal::SlotNotOffered { .. }))));
    }
    ask("2026-11-24", "am").await.unwrap();
    ask("2026-11-24", "am").await.unwrap();
    let changed = ask("2026-11-25", "19-21").await.unwrap();
    assert_eq!((changed.day.to_string(), changed.cancelled_at), ("2026-11-25".to_owned(), None));
    assert_eq!(told(&bench, "redelivery.requested").await.len(), 2);
    for _ in 0..2 {
        let back = bench.counter.cancel_redelivery(&me(), &shipment, now).await.unwrap();
        assert_eq!(back.cancelled_at, Some(now));
    }
    assert_eq!(told(&bench, "redelivery.cancelled").await.len(), 1);
    bench.hear(vec![news(NUMBER, "2026-11-24T10:00:00+09:00", "配達完了")]).await;
    let over = ask("2026-11-25", "19-21").await;
    assert!(matches!(over, Err(AppError::Order(OrderRefusal::NotForRedelivery { .. }))));
    let history = bench.order_now(&hanako(), &order_id).await.history;
    let happened = history.iter().filter(|happened| happened.what.starts_with("redelivery"));
    assert_eq!(happened.count(), 3);
}

async fn a_slip_in_the_hand_is_proof_and_a_wrong_one_is_not(bench: Bench) {
    let (_, shipment) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let now = time("2026-11-23T12:00:00+09:00");
    let ask = async |number: &str| {
        let key = bench.key("ask_redelivery", &shipment);
        let wish = wish("2026-11-24", "am", Some(number));
        bench.counter.ask_redelivery(&me(), &shipment, wish, key, now).await
    };
    for wrong in [OTHER, "", "249-5555555-1234567"] {
        let answer = ask(wrong).await;
        assert!(matches!(answer, Err(AppError::Field { .. })), "{wrong}: {answer:?}");
    }
    assert_eq!(ask("4000-0000-0002").await.unwrap().notice_number, None);
    let noticed = ask("12345678").await.unwrap();
    assert_eq!(noticed.notice_number.as_deref(), Some("12345678"));
    let others = bench.counter.redelivery_choice(&Caller::customer("taro"), &shipment, true, now).await;
    assert!(matches!(others, Err(AppError::NotFound { .. })));
}
