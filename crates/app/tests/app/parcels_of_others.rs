//! Numbers are personal: what others see, and what those see who look for what is not theirs.

use choba_app::{AppError, Caller, Right, Role};

use crate::on_both;
use crate::support::{Bench, NUMBER, OTHER, hanako, news, time};

on_both!(
    only_the_owner_sees_numbers_whole_and_others_with_the_right_and_a_reason,
    a_link_shows_state_and_masked_numbers_until_it_ends_or_is_taken_back,
    a_link_that_was_changed_is_one_that_there_is_not,
    whose_a_number_is_changes_nothing_for_others_and_walkers_are_stopped,
);

async fn only_the_owner_sees_numbers_whole_and_others_with_the_right_and_a_reason(bench: Bench) {
    let (order_id, _) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let told = choba_app::TrackingNews {
        place: Some("港区センター".to_owned()),
        ..news(NUMBER, "2026-11-23T10:00:00+09:00", "配達中")
    };
    bench.hear(vec![told]).await;
    let order = bench.order_now(&hanako(), &order_id).await;
    let staff = |role| Caller::Staff { staff_id: "sato".to_owned(), role };
    let key = |rights: &[Right]| Caller::Machine { key_id: "k".to_owned(), rights: rights.to_vec() };
    let callers = [
        (Caller::customer("hanako"), true),
        (staff(Role::Agent), true),
        (key(&[Right::OrdersRead, Right::PersonalReveal]), true),
        (staff(Role::Auditor), false),
        (staff(Role::Operator), false),
        (key(&[Right::OrdersRead, Right::OrdersFulfil]), false),
    ];
    for (caller, whole) in callers {
        let now = time("2026-11-23T12:00:00+09:00");
        let masked = bench.counter.parcels_of_order(&caller, &order, now).await.unwrap();
        let own = matches!(caller, Caller::Customer { .. });
        assert_eq!(format!("{:?}", masked.shipments).contains(NUMBER), own, "{caller:?}");
        let reveal =
            async |reason: &str| bench.counter.reveal_parcels_of_order(&caller, &order, reason, now).await;
        assert_eq!(reveal(" ").await.is_ok(), own, "{caller:?}");
        let revealed = reveal("asked for by phone").await;
        assert_eq!(revealed.is_ok(), whole, "{caller:?}");
        let text = format!("{:?}", revealed.unwrap_or(masked).shipments);
        assert_eq!(text.contains(NUMBER), whole, "{caller:?}");
        assert_eq!(text.contains("4000-0000-0002"), whole, "{caller:?}");
        assert_eq!(text.contains("港区センター"), whole, "{caller:?}");
        assert_eq!(text.contains("****-****-0002"), !whole, "{caller:?}");
    }
}

async fn a_link_shows_state_and_masked_numbers_until_it_ends_or_is_taken_back(bench: Bench) {
    let (_, shipment) = bench.sent(&hanako(), "yamato", &[NUMBER, OTHER]).await;
    let (me, now) = (Caller::customer("hanako"), time("2026-11-23T12:00:00+09:00"));
    let key = bench.key("share", &shipment);
    let link = bench.counter.share_shipment(&me, &shipment, &key, now).await.unwrap();
    let again = bench.counter.share_shipment(&me, &shipment, &key, time("2026-11-24T12:00:00+09:00")).await;
    assert_eq!(again.unwrap(), link);
    assert_eq!(link.expires_at, time("2026-12-07T12:00:00+09:00"));
    let shown = bench.counter.shared_shipment(&link.token, now).await.unwrap();
    let numbers: Vec<&str> = shown.numbers.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!(numbers, ["****-****-0002", "****-****-0013"]);
    assert!(bench.counter.shared_shipment(&link.token, time("2026-12-07T11:59:59+09:00")).await.is_ok());
    let over = bench.counter.shared_shipment(&link.token, link.expires_at).await.err();
    assert_eq!(over, Some(AppError::NotFound { what: "link", id: "…".to_owned() }));

    let other = bench.counter.share_shipment(&me, &shipment, &bench.key("share", "2"), now).await.unwrap();
    assert_ne!(other.token, link.token);
    let taro = Caller::customer("taro");
    let others = bench.counter.revoke_shares(&taro, &shipment, now).await;
    assert!(matches!(others, Err(AppError::NotFound { .. })));
    let others = bench.counter.share_shipment(&taro, &shipment, &key, now).await;
    assert!(matches!(others, Err(AppError::NotFound { .. })));
    bench.counter.revoke_shares(&me, &shipment, now).await.unwrap();
    for token in [&link.token, &other.token] {
        assert!(matches!(bench.counter.shared_shipment(token, now).await, Err(AppError::NotFound { .. })));
    }
}

async fn a_link_that_was_changed_is_one_that_there_is_not(bench: Bench) {
    let (_, shipment) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let (me, now) = (Caller::customer("hanako"), time("2026-11-23T12:00:00+09:00"));
    let link = bench.counter.share_shipment(&me, &shipment, &bench.key("share", "1"), now).await.unwrap();
    // 128 bits name it, 256 sign it.
    assert!(link.token.len() >= 22 + 43);
    for place in 0..link.token.len() {
        let mut changed = link.token.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let answer = bench.counter.shared_shipment(&changed, now).await.err();
        assert!(matches!(answer, Some(AppError::NotFound { .. })), "{place}");
    }
    for token in ["", "あ", &link.token[..20], &"A".repeat(10_000)] {
        let answer = bench.counter.shared_shipment(token, now).await.err();
        assert!(matches!(answer, Some(AppError::NotFound { .. })));
    }
}

async fn whose_a_number_is_changes_nothing_for_others_and_walkers_are_stopped(bench: Bench) {
    let (order_id, _) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let now = time("2026-11-23T12:00:00+09:00");
    let look_up = async |caller: Option<&Caller>, address: &str, number: &str| {
        bench.counter.look_up_parcel(caller, address, number, now).await
    };
    let own = look_up(Some(&Caller::customer("hanako")), "192.0.2.1", "4000-0000-0002").await.unwrap();
    assert_eq!(own[0].order_id, order_id);
    let taro = Caller::customer("taro");
    for (caller, address) in [(Some(&taro), "192.0.2.2"), (None, "192.0.2.3")] {
        for number in [NUMBER, OTHER] {
            assert_eq!(look_up(caller, address, number).await, Ok(Vec::new()));
        }
    }
    let mut answered = 0;
    for number in 400_000_000_000_u64..400_000_000_100 {
        match look_up(Some(&taro), "192.0.2.4", &number.to_string()).await {
            Ok(_) => answered += 1,
            Err(AppError::TooManyTries { again_at }) => assert!(again_at > now.as_millisecond()),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(answered < 12, "{answered}");
    // The whole network waits, whoever asks from it; others do not.
    assert!(look_up(None, "192.0.2.4", NUMBER).await.is_err());
    assert!(look_up(None, "192.0.2.5", NUMBER).await.is_ok());
    let writer = Caller::Machine { key_id: "wms".to_owned(), rights: vec![Right::ShipmentsWrite] };
    for number in 400_000_000_000_u64..400_000_000_100 {
        assert!(look_up(Some(&writer), "192.0.2.9", &number.to_string()).await.is_ok());
    }
}
