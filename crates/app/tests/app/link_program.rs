//! Linking partners' programs.

use choba_app::{AppError, Key, LinkProgram, LinkedProgram};
use choba_engine::money::Points;
use choba_outside::books::Play;
use choba_outside::scripted::Twist;
use choba_outside::{Ask, Secret};
use jiff::SignedDuration;

use crate::on_both;
use crate::support::{Bench, noon, taro};

on_both!(
    a_program_is_linked_with_a_code_and_its_balance_is_known,
    the_same_key_links_once_and_another_code_is_refused,
    a_code_that_means_nothing_links_nothing,
    a_partner_that_is_away_can_be_asked_again_under_the_same_key,
    a_lost_answer_is_asked_for_again_by_the_worker,
    unlinking_holds_at_once_and_the_partner_hears_of_it_later,
    a_late_unlinking_never_undoes_a_new_link,
    always_use_is_kept,
    a_program_of_the_market_itself_cannot_be_linked,
    an_ended_link_at_the_partner_is_told,
);

fn link(bench: &Bench, code: &str) -> LinkProgram {
    LinkProgram {
        whose: taro(),
        program: "d-point".to_owned(),
        code: Secret::from(code),
        key: bench.key("link_program", code),
    }
}

async fn linked(bench: &Bench) -> Vec<LinkedProgram> {
    bench.counter.linked_programs(&taro()).await.unwrap()
}

async fn a_program_is_linked_with_a_code_and_its_balance_is_known(bench: Bench) {
    bench
        .outside
        .play(&Play::EarnElsewhere {
            program: "d-point".to_owned(),
            account: "mbr_1".to_owned(),
            points: 700,
            months_ago: 1,
        })
        .unwrap();
    let linked_now = bench.counter.link_program(link(&bench, "LINK-mbr_1-abc"), noon()).await.unwrap();
    assert_eq!(linked_now.balance, Points::new(10_700));
    assert_eq!(linked_now.earned_last_3_months, Points::new(700));
    assert_eq!(linked_now.seen_at, Some(noon()));
    assert!(!linked_now.always_use);
    assert_eq!(linked(&bench).await, [linked_now]);
    let again = bench.counter.link_program(link(&bench, "LINK-mbr_1-def"), noon()).await;
    assert_eq!(again, Err(AppError::AlreadyLinked { program: "d-point".to_owned() }));
}

async fn the_same_key_links_once_and_another_code_is_refused(bench: Bench) {
    let asked = link(&bench, "LINK-mbr_1-abc");
    bench.counter.link_program(asked.clone(), noon()).await.unwrap();
    bench.counter.link_program(asked.clone(), noon()).await.unwrap();
    let links = bench.outside.heard().iter().filter(|heard| heard.ask.operation() == "link").count();
    assert_eq!(links, 1);
    let key = Key::new(&asked.key.key, "link_program", "another", b"").unwrap();
    let other = bench.counter.link_program(LinkProgram { key, ..asked }, noon()).await;
    assert_eq!(other, Err(AppError::KeyReused));
}

async fn a_code_that_means_nothing_links_nothing(bench: Bench) {
    let asked = link(&bench, "nonsense");
    for _ in 0..2 {
        let refused = bench.counter.link_program(asked.clone(), noon()).await;
        let (party, code) = ("d-point".to_owned(), "link_code_unknown".to_owned());
        assert_eq!(refused, Err(AppError::PartyRefused { party, code }));
    }
    assert!(linked(&bench).await.is_empty());
}

async fn a_partner_that_is_away_can_be_asked_again_under_the_same_key(bench: Bench) {
    let asked = link(&bench, "LINK-mbr_1-abc");
    bench.outside.next(Some("d-point"), Some("link"), Twist::Away);
    let away = bench.counter.link_program(asked.clone(), noon()).await;
    assert_eq!(away, Err(AppError::PartyUnavailable { party: "d-point".to_owned() }));
    assert!(linked(&bench).await.is_empty());
    bench.counter.link_program(asked, noon()).await.unwrap();
    assert_eq!(linked(&bench).await.len(), 1);
}

async fn a_lost_answer_is_asked_for_again_by_the_worker(bench: Bench) {
    bench.outside.next(Some("d-point"), Some("link"), Twist::LoseAnswer);
    let lost = bench.counter.link_program(link(&bench, "LINK-mbr_1-abc"), noon()).await;
    assert_eq!(lost, Err(AppError::PartyUnavailable { party: "d-point".to_owned() }));
    // Another process takes over, as after a crash.
    let another = bench.another(2).await;
    let later = noon() + SignedDuration::from_mins(5);
    let report = another.do_what_is_due("another", later, 100).await.unwrap();
    assert_eq!(report.link_asks.answered, 1);
    assert_eq!(linked(&bench).await.len(), 1);
    let again = bench.counter.do_what_is_due("another", later, 100).await.unwrap();
    assert_eq!(again.link_asks.answered, 0);
}

async fn unlinking_holds_at_once_and_the_partner_hears_of_it_later(bench: Bench) {
    bench.counter.link_program(link(&bench, "LINK-mbr_1-abc"), noon()).await.unwrap();
    bench.outside.next(Some("d-point"), Some("unlink"), Twist::Away);
    let key = bench.key("unlink_program", "d-point");
    bench.counter.unlink_program(&taro(), "d-point", key.clone(), noon()).await.unwrap();
    assert!(linked(&bench).await.is_empty());
    bench.counter.unlink_program(&taro(), "d-point", key, noon()).await.unwrap();
    let unlinks =
        bench.outside.heard().iter().filter(|heard| matches!(heard.ask, Ask::Unlink { .. })).count();
    assert_eq!(unlinks, 2);
    let later = noon() + SignedDuration::from_hours(1);
    let report = bench.counter.do_what_is_due("worker", later, 100).await.unwrap();
    assert_eq!(report.link_asks.answered, 0);
    let none = bench.counter.unlink_program(&taro(), "d-point", bench.key("unlink", "x"), noon()).await;
    assert!(matches!(none, Err(AppError::NotFound { .. })));
}

async fn a_late_unlinking_never_undoes_a_new_link(bench: Bench) {
    bench.counter.link_program(link(&bench, "LINK-mbr_1-abc"), noon()).await.unwrap();
    bench.outside.next(Some("d-point"), Some("unlink"), Twist::Away);
    bench.counter.unlink_program(&taro(), "d-point", bench.key("unlink", "1"), noon()).await.unwrap();
    bench.outside.next(Some("d-point"), Some("unlink"), Twist::LoseAnswer);
    let too_early = bench.counter.link_program(link(&bench, "LINK-mbr_1-def"), noon()).await;
    assert_eq!(too_early, Err(AppError::PartyUnavailable { party: "d-point".to_owned() }));
    bench.counter.link_program(link(&bench, "LINK-mbr_1-ghi"), noon()).await.unwrap();
    let later = noon() + SignedDuration::from_hours(9);
    bench.counter.do_what_is_due("worker", later, 100).await.unwrap();
    assert_eq!(bench.counter.refresh_link(&taro(), "d-point", later).await.unwrap().seen_at, Some(later));
}

async fn always_use_is_kept(bench: Bench) {
    let whose = taro();
    let unlinked = bench.counter.always_use_program(&whose, "d-point", true, noon()).await;
    assert!(matches!(unlinked, Err(AppError::NotFound { .. })));
    bench.counter.link_program(link(&bench, "LINK-mbr_1-abc"), noon()).await.unwrap();
    for always in [true, true, false, true] {
        let now = bench.counter.always_use_program(&whose, "d-point", always, noon()).await.unwrap();
        assert_eq!(now.always_use, always);
    }
    bench.counter.refresh_link(&whose, "d-point", noon()).await.unwrap();
    assert!(linked(&bench).await[0].always_use);
}

async fn a_program_of_the_market_itself_cannot_be_linked(bench: Bench) {
    let own = LinkProgram { program: "amazon".to_owned(), ..link(&bench, "LINK-mbr_1-abc") };
    assert!(matches!(bench.counter.link_program(own, noon()).await, Err(AppError::Field { .. })));
}

async fn an_ended_link_at_the_partner_is_told(bench: Bench) {
    bench.counter.link_program(link(&bench, "LINK-mbr_1-abc"), noon()).await.unwrap();
    let there = Ask::Unlink { account: "mbr_1".to_owned() };
    use choba_outside::{Counterparties as _, PartyName};
    bench.outside.ask(&PartyName::from("d-point"), "the member did it there", &there).await.unwrap();
    let refused = bench.counter.refresh_link(&taro(), "d-point", noon()).await;
    let (party, code) = ("d-point".to_owned(), "not_linked".to_owned());
    assert_eq!(refused, Err(AppError::PartyRefused { party, code }));
}
