//! Granting value.

use choba_app::{AppError, GrantValue, Granter, Key};
use choba_engine::books::GrantRefusal;
use choba_engine::market::LotKind;
use choba_engine::money::{Money, Points};
use choba_store::books::entries_of_customer;

use crate::on_both;
use crate::support::{Bench, hanako, noon, time};

on_both!(
    a_grant_is_made_once_however_often_it_is_asked_for,
    a_key_is_good_for_one_grant_only,
    staff_give_no_more_than_one_person_may,
    what_a_partner_holds_is_not_granted_here,
);

fn limited(bench: &Bench, points: i64) -> GrantValue {
    GrantValue {
        whose: hanako(),
        program: "rakuten".to_owned(),
        kind: Some(LotKind::Limited),
        points: Points::new(points),
        available_at: None,
        expires_at: Some(time("2026-12-31T23:59:59+09:00")),
        reason: "winter campaign".to_owned(),
        by: Granter::Campaign("winter".to_owned()),
        key: bench.key("grant_value", "hanako"),
    }
}

async fn a_grant_is_made_once_however_often_it_is_asked_for(bench: Bench) {
    let grant = limited(&bench, 300);
    let granted = bench.counter.grant_value(grant.clone(), noon()).await.unwrap();
    assert_eq!(granted.points, Points::new(300));
    assert_eq!(bench.counter.grant_value(grant, noon()).await.unwrap(), granted);
    let entries =
        entries_of_customer(bench.counter.store(), "hanako", "rakuten-style", "", 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].note.as_deref(), Some("winter campaign"));
    assert_eq!(entries[0].made_by, "campaign:winter");
}

async fn a_key_is_good_for_one_grant_only(bench: Bench) {
    let grant = limited(&bench, 300);
    bench.counter.grant_value(grant.clone(), noon()).await.unwrap();
    let key = Key::new(&grant.key.key, "grant_value", "hanako", b"another body").unwrap();
    let other = bench.counter.grant_value(GrantValue { key, ..grant }, noon()).await;
    assert_eq!(other, Err(AppError::KeyReused));
}

async fn staff_give_no_more_than_one_person_may(bench: Bench) {
    let by = Granter::Staff("keiko".to_owned());
    let enough = GrantValue { by: by.clone(), ..limited(&bench, 10_000) };
    bench.counter.grant_value(enough, noon()).await.unwrap();
    let too_much = GrantValue { by, ..limited(&bench, 10_001) };
    let refused = bench.counter.grant_value(too_much, noon()).await;
    assert_eq!(refused, Err(AppError::NeedsSecondPerson { above: Money::new(10_000) }));
}

async fn what_a_partner_holds_is_not_granted_here(bench: Bench) {
    let grant = GrantValue { program: "d-point".to_owned(), ..limited(&bench, 10) };
    let refused = bench.counter.grant_value(grant, noon()).await;
    let program = "d-point".to_owned();
    assert_eq!(refused, Err(AppError::Grant(GrantRefusal::NotHeldHere { program })));
}
