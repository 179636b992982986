//! From a problem to the ways that are open.

use choba_app::{AppError, ContactTopic, Whose};
use choba_care::offer::{Channel, Offer, Open, Reason};
use choba_engine::order::CancelBy;

use crate::on_both;
use crate::support::{Bench, be_there, hanako, noon, rakuten, taro, time};

on_both!(
    questions_fit_the_order_and_show_its_facts_first,
    an_order_of_somebody_else_is_not_there,
    ways_follow_hours_people_and_load,
    each_queue_can_be_seen_as_it_is,
    times_to_be_called_are_those_at_which_somebody_works,
);

fn ids(topics: &[ContactTopic], topic: &str) -> Vec<String> {
    let topic = topics.iter().find(|known| known.topic == topic).unwrap();
    topic.questions.iter().map(|question| question.question.clone()).collect()
}

async fn questions_fit_the_order_and_show_its_facts_first(bench: Bench) {
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 2000, 1).by("card"), noon()).await;
    let topics = bench.counter.contact_topics(&hanako(), Some(&order.order_id), noon()).await.unwrap();
    let orders = ids(&topics, "order");
    assert!(orders.contains(&"cancel".to_owned()) && !orders.contains(&"stop-parcel".to_owned()));
    assert!(!ids(&topics, "parcel").contains(&"not-received".to_owned()));
    let cancel =
        topics.iter().flat_map(|topic| &topic.questions).find(|known| known.question == "cancel").unwrap();
    assert_eq!(cancel.facts["state"][0]["state"], "placed");
    assert_eq!(cancel.facts["payment"]["state"], "authorised");
    assert_eq!(cancel.evidence["order_number"], order.number);

    let by = CancelBy::Customer;
    bench.counter.cancel_order("hanako", &order.order_id, None, by, "customer", None, noon()).await.unwrap();
    let topics = bench.counter.contact_topics(&hanako(), Some(&order.order_id), noon()).await.unwrap();
    let orders = ids(&topics, "order");
    assert!(!orders.contains(&"cancel".to_owned()) && orders.contains(&"cancelled-why".to_owned()));

    let topics = bench.counter.contact_topics(&hanako(), None, noon()).await.unwrap();
    assert!(ids(&topics, "order").is_empty() && ids(&topics, "other").contains(&"other".to_owned()));
}

async fn an_order_of_somebody_else_is_not_there(bench: Bench) {
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 2000, 1).by("card"), noon()).await;
    for other in [Whose::new("ichiro", "rakuten-style"), taro(), Whose::new("hanako", "amazon-style")] {
        let found = bench.counter.contact_topics(&other, Some(&order.order_id), noon()).await;
        assert!(matches!(found, Err(AppError::NotFound { .. })));
    }
}

async fn offer(bench: &Bench, question: &str, at: &str) -> Offer {
    let offers = bench.counter.contact_offers(&hanako(), question, time(at)).await.unwrap();
    assert!(offers.iter().any(|offer| offer.channel == Channel::Form && offer.open == Open::Later));
    offers.into_iter().find(|offer| offer.channel == Channel::Callback).unwrap()
}

async fn ways_follow_hours_people_and_load(bench: Bench) {
    let nobody = offer(&bench, "other", "2026-11-24T10:00:00+09:00").await;
    assert_eq!((nobody.open, nobody.reason), (Open::ScheduledOnly, Some(Reason::NoStaff)));
    be_there(&bench.counter, "aki", &["desk"], time("2026-11-24T10:00:00+09:00")).await;
    assert_eq!(offer(&bench, "other", "2026-11-24T10:01:00+09:00").await.open, Open::Now);
    // A heartbeat that stopped is nobody.
    assert_eq!(offer(&bench, "other", "2026-11-24T10:01:30+09:00").await.reason, Some(Reason::NoStaff));
    let closed = offer(&bench, "other", "2026-11-24T18:00:00+09:00").await;
    assert_eq!((closed.open, closed.reason), (Open::ScheduledOnly, Some(Reason::Closed)));
    assert_eq!(closed.opens_at, Some(time("2026-11-25T09:00:00+09:00")));
    // The returns desk keeps the holiday, and a question of safety is taken at night.
    let holiday = offer(&bench, "return-other", "2026-11-23T10:00:00+09:00").await;
    assert_eq!(holiday.opens_at, Some(time("2026-11-24T09:00:00+09:00")));
    assert_eq!(offer(&bench, "taken-over", "2026-11-24T03:00:00+09:00").await.open, Open::Now);
    let unknown = bench.counter.contact_offers(&hanako(), "nothing", noon()).await;
    assert!(matches!(unknown, Err(AppError::NotFound { .. })));
}

async fn each_queue_can_be_seen_as_it_is(bench: Bench) {
    be_there(&bench.counter, "aki", &["desk", "parcels"], noon()).await;
    let queues = bench.counter.care_queues("rakuten-style", noon()).await.unwrap();
    let staffed: Vec<_> =
        queues.iter().map(|queue| (queue.queue.as_str(), queue.open, queue.load.staffed)).collect();
    assert_eq!(
        staffed,
        [
            ("desk", true, 1),
            ("leads", true, 0),
            ("parcels", true, 1),
            ("returns", false, 0),
            ("safety", true, 0)
        ]
    );
    be_there(&bench.counter, "aki", &[], noon()).await;
    let queues = bench.counter.care_queues("rakuten-style", noon()).await.unwrap();
    assert!(queues.iter().all(|queue| queue.load.staffed == 0));
}

async fn times_to_be_called_are_those_at_which_somebody_works(bench: Bench) {
    let evening = time("2026-11-24T17:10:00+09:00");
    let times = bench.counter.call_times("rakuten-style", "other", evening).unwrap();
    let first: Vec<_> = times.iter().take(2).copied().collect();
    assert_eq!(first, [time("2026-11-24T17:30:00+09:00"), time("2026-11-25T09:00:00+09:00")]);
    assert_eq!(times.last(), Some(&time("2026-12-01T17:00:00+09:00")));
    let urgent = bench.counter.call_times("rakuten-style", "suspicious", evening).unwrap();
    assert!(urgent.contains(&time("2026-11-25T03:00:00+09:00")), "somebody is on call at night");
    let unknown = bench.counter.call_times("rakuten-style", "nonsense", evening);
    assert!(matches!(unknown, Err(AppError::NotFound { .. })));
}
