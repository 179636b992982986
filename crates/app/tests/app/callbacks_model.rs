//! Whatever two desks, two agents, two customers, crashes and the clock do in whatever order: a number is never dialled
//! twice at once, never too often, never outside hours; nobody loses their place; everything ends.

use std::sync::Arc;

use choba_app::{CallReport, Counter, Whose};
use choba_care::callback::{Callback, EndedBy, Outcome};
use choba_outside::dialler::{DialEvent, DialFault, DialSide};
use choba_store::sql::{Statement, Type};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{Asked, Bench, Database, TestDialler, all_rows, be_there, request, time, told};

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(i64),
    Crash(bool),
    Request(usize),
    Cancel(usize),
    Present(usize, bool),
    Next(usize, bool),
    Accept(usize, bool),
    Decline(usize, bool),
    Report(usize, bool, usize),
    Wake(bool),
    Dials(bool),
    Told(bool, usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    use Step::*;
    let (one, desk) = (0..2_usize, any::<bool>());
    prop_oneof![
        2 => (1..900_i64).prop_map(Wait),
        1 => prop::sample::select(vec![3_600_i64, 14_400, 90_000]).prop_map(Wait),
        1 => desk.prop_map(Crash),
        3 => one.clone().prop_map(Request),
        1 => one.clone().prop_map(Cancel),
        3 => (one.clone(), any::<bool>()).prop_map(|(agent, desk)| Present(agent, desk)),
        4 => (one.clone(), any::<bool>()).prop_map(|(agent, desk)| Next(agent, desk)),
        4 => (one.clone(), any::<bool>()).prop_map(|(agent, desk)| Accept(agent, desk)),
        1 => (one.clone(), any::<bool>()).prop_map(|(agent, desk)| Decline(agent, desk)),
        4 => (one, any::<bool>(), 0..6_usize).prop_map(|(agent, desk, what)| Report(agent, desk, what)),
        1 => any::<bool>().prop_map(Wake),
        2 => any::<bool>().prop_map(Dials),
        4 => (any::<bool>(), 0..6_usize).prop_map(|(desk, what)| Told(desk, what)),
    ]
}

const AGENTS: [&str; 2] = ["aki", "ben"];
const CUSTOMERS: [(&str, &str); 2] = [("hanako", "090-1234-5678"), ("ichiro", "090-1234-5678")];

static ALL: Statement = Statement::new(
    "test: all call-backs",
    &[("like", Type::Text)],
    "SELECT :row, c.document, c.number_hash FROM {rows} CROSS JOIN callbacks AS c WHERE c.document LIKE :like
     ORDER BY c.callback_id",
);

struct World {
    bench: Bench,
    desks: [Counter; 2],
    now: Timestamp,
    requests: usize,
    crashes: u64,
    /// Calls the customers in half of the plays; agents call by themselves in the others.
    dialler: Option<Arc<TestDialler>>,
}

impl World {
    async fn new(database: Database, dials: bool) -> Self {
        let bench = Bench::open(database).await;
        let dialler = dials.then(|| Arc::new(TestDialler::default()));
        if let Some(dialler) = &dialler {
            use DialFault::{Later, Refused, Unsure};
            let answers = [Ok(()), Err(Unsure), Ok(()), Err(Later), Err(Unsure), Err(Refused), Ok(())];
            dialler.next(&answers.map(Asked::Answer).repeat(40));
        }
        let desks = [opened(&bench, 11, dialler.as_ref()).await, opened(&bench, 12, dialler.as_ref()).await];
        let now = time("2026-11-24T10:00:00+09:00");
        for (customer, number) in CUSTOMERS {
            bench.verify(&Whose::new(customer, "rakuten-style"), number, now).await;
        }
        Self { bench, desks, now, requests: 0, crashes: 0, dialler }
    }

    fn desk(&self, one: bool) -> Counter {
        self.desks[usize::from(one)].clone()
    }

    async fn callbacks(&self) -> Vec<Callback> {
        let rows = all_rows(&self.bench.counter, &ALL, vec!["%".into()]).await;
        rows.iter().map(|row| serde_json::from_str(row.text(0).unwrap()).unwrap()).collect()
    }

    async fn own_of(&self, agent: &str) -> Option<String> {
        let own = choba_store::books::callback_of_agent(self.bench.counter.store(), agent).await.unwrap();
        own.map(|row| row.callback.callback_id)
    }

    /// Refusals are answers like others: what counts is what is in the books after each step.
    async fn step(&mut self, step: Step) {
        let (market, now) = ("rakuten-style", self.now);
        match step {
            Step::Wait(seconds) => self.now += SignedDuration::from_secs(seconds),
            Step::Crash(one) => {
                // The process is gone with all that it knew; another one opens the same books.
                self.crashes += 1;
                let desk = opened(&self.bench, 100 + self.crashes, self.dialler.as_ref()).await;
                self.desks[usize::from(one)] = desk;
            }
            Step::Request(customer) => {
                self.requests += 1;
                let (customer, number) = CUSTOMERS[customer];
                let asked = request(&Whose::new(customer, market), number, &format!("k{}", self.requests));
                let _ = self.desk(self.requests.is_multiple_of(2)).request_callback(asked, now).await;
            }
            Step::Cancel(customer) => {
                let whose = Whose::new(CUSTOMERS[customer].0, market);
                let open =
                    choba_store::books::open_callback(self.bench.counter.store(), &whose.customer_id, market);
                if let Some(open) = open.await.unwrap() {
                    let _ = self.desk(true).cancel_callback(&whose, &open.callback.callback_id, now).await;
                }
            }
            Step::Present(agent, one) => be_there(&self.desk(one), AGENTS[agent], &["desk"], now).await,
            Step::Next(agent, one) => {
                let other = AGENTS[1 - agent];
                let (desk, another) = (self.desk(one), self.desk(!one));
                let (mine, theirs) = tokio::join!(
                    desk.next_callback(market, AGENTS[agent], now),
                    another.next_callback(market, other, now),
                );
                let ids = [mine, theirs].map(|answer| answer.ok().flatten().map(|card| card.callback_id));
                assert!(ids[0].is_none() || ids[0] != ids[1], "both got {ids:?}");
            }
            Step::Accept(agent, one) => {
                // Both try to dial what one of them has.
                if let Some(id) = self.own_of(AGENTS[agent]).await {
                    let (desk, another) = (self.desk(one), self.desk(!one));
                    let (mine, theirs) = tokio::join!(
                        desk.accept_callback(market, AGENTS[agent], &id, now),
                        another.accept_callback(market, AGENTS[1 - agent], &id, now),
                    );
                    assert!(mine.is_err() || theirs.is_err());
                }
            }
            Step::Decline(agent, one) => {
                if let Some(id) = self.own_of(AGENTS[agent]).await {
                    let _ = self.desk(one).decline_callback(market, AGENTS[agent], &id, now).await;
                }
            }
            Step::Report(agent, one, what) => {
                if let Some(id) = self.own_of(AGENTS[agent]).await {
                    let hung_up = |by, summary| CallReport::HungUp { by, summary, agent_last_at: None };
                    let report = [
                        CallReport::Answered { words_said: true },
                        CallReport::NotAnswered(Outcome::NoAnswer),
                        CallReport::NotAnswered(Outcome::Voicemail),
                        hung_up(EndedBy::Agent, true),
                        hung_up(EndedBy::ConnectionLost, false),
                        hung_up(EndedBy::Customer, false),
                    ][what];
                    let _ = self.desk(one).report_call(market, AGENTS[agent], &id, report, now).await;
                }
            }
            Step::Wake(one) => drop(self.desk(one).wake_callbacks(now, 10).await.unwrap()),
            Step::Dials(one) => {
                let (desk, another) = (self.desk(one), self.desk(!one));
                let (mine, theirs) = tokio::join!(desk.send_dials(now, 10), another.send_dials(now, 10));
                assert!(mine.is_ok() && theirs.is_ok());
            }
            Step::Told(one, what) => {
                let dial = self.dialler.as_ref().and_then(|dialler| dialler.orders().pop());
                let Some(dial) = dial else { return };
                let by = DialSide::Customer;
                let event = [
                    DialEvent::Ringing,
                    DialEvent::Answered,
                    DialEvent::NoAnswer,
                    DialEvent::Busy,
                    DialEvent::Dropped { seconds: 5 },
                    DialEvent::Ended { by, seconds: 90 },
                ][what];
                told(&self.desk(one), &dial.dial_id, event, now).await.unwrap();
            }
        }
    }

    async fn check(&self) {
        let callbacks = self.callbacks().await;
        // The dialler is asked for dials that were decided on, and for each under one id.
        let calls = self.dialler.as_ref().map_or(0, |dialler| dialler.calls());
        assert!(calls <= callbacks.iter().map(|callback| callback.calls.len()).sum(), "a call too many");
        let calling = callbacks.iter().filter(|callback| callback.is_calling()).count();
        let open = callbacks.iter().filter(|callback| callback.is_open()).count();
        assert!(calling <= 1, "two dials in flight for one number");
        assert!(open <= 1, "two open call-backs for one number");
        let care = self.bench.counter.markets().care("rakuten-style").unwrap();
        for callback in &callbacks {
            assert!(callback.attempts <= callback.attempts_max);
            assert_eq!(usize::try_from(callback.attempts).unwrap(), callback.calls.len());
            assert!(callback.calls.iter().all(|call| care.calendars["desk"].is_open(call.dialled_at)));
            let before = callback.follows.as_ref().map(|id| {
                callbacks.iter().find(|before| before.callback_id == *id).expect("the call that broke off")
            });
            let place = before.map_or(callback.due_at, |before| before.place_at);
            assert_eq!(callback.place_at, place, "a place was lost");
            let mut last = None;
            for call in &callback.calls {
                assert!(
                    last.is_none_or(|ended| ended <= call.dialled_at),
                    "dialled while another call was on"
                );
                last = call.ended_at;
            }
        }
    }

    async fn comes_to_an_end(&mut self) {
        for _ in 0..40 {
            self.now += SignedDuration::from_hours(3);
            self.bench.counter.wake_callbacks(self.now, 100).await.unwrap();
        }
        assert!(self.callbacks().await.iter().all(|callback| !callback.is_open()), "something never ends");
    }
}

async fn opened(bench: &Bench, seed: u64, dialler: Option<&Arc<TestDialler>>) -> Counter {
    let counter = bench.another(seed).await;
    match dialler {
        Some(dialler) => counter.with_dialler(Arc::<TestDialler>::clone(dialler)),
        None => counter,
    }
}

fn play(database: fn() -> Database, cases: u32, steps: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let steps = (any::<bool>(), prop::collection::vec(any_step(), steps / 2..steps));
    let played = runner.run(&steps, |(dials, steps)| {
        runtime.block_on(async {
            let mut world = World::new(database(), dials).await;
            for step in steps {
                world.step(step).await;
                world.check().await;
            }
            world.comes_to_an_end().await;
        });
        Ok(())
    });
    if let Err(error) = played {
        panic!("{error}");
    }
}

#[test]
fn on_sqlite_every_order_of_events_keeps_what_is_promised() {
    play(Database::sqlite, 24, 80);
}

#[test]
fn on_postgres_every_order_of_events_keeps_what_is_promised() {
    play(Database::postgres, 4, 50);
}
