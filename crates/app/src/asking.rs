//! Asking outside parties what was written down to be asked, in order, and taking their answers in.
//!
//! An answer that was lost is asked for again with the same idempotency key, by the worker of what is due, so
//! that nothing is done twice and nothing is forgotten.

use std::sync::Arc;

use choba_engine::books::{Ask, AskKind, AskOutcome, Party};
use choba_engine::money::Points;
use choba_engine::order;
use choba_outside::record::CreditReason;
use choba_outside::{Ask as OutsideAsk, AskError, LookedUp, PartyName, Reply, Secret};
use choba_store::books::{self, AskRow, Loaded, NEVER};
use jiff::{SignedDuration, Timestamp};

use crate::change_order::ChangeOrder;
use crate::{AppError, Counter};

/// The party that takes payments.
const PAYMENTS: &str = "card";

/// How long an ask that did not get through waits, by how often it was tried, in seconds.
const WAITS: [i64; 6] = [2, 10, 60, 300, 1_800, 7_200];

/// A party that cannot be reached so often ends an order that needs it; what has to happen anyway is tried on.
const TRIES_FOR_AN_ORDER: i64 = 1;

/// So often an ask is tried, over about a day; then it rests, and staff hear of it.
const TRIES_MOST: i64 = 12;

/// What came of asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskReport {
    /// Answered.
    pub answered: usize,
    /// To be tried again later.
    pub postponed: usize,
    /// Tried for too long: staff have to look.
    pub resting: usize,
}

impl Counter {
    /// Asks what is open for an order, one after the other, until there is nothing or one has to wait.
    pub(crate) async fn ask_for_order(
        &self,
        customer_id: &str,
        order_id: &str,
        at: Timestamp,
    ) -> Result<AskReport, AppError> {
        let mut report = AskReport::default();
        loop {
            let asks = books::asks_of_order(&self.store, customer_id, order_id).await?;
            let Some(next) = asks.iter().find(|row| !row.settled) else { return Ok(report) };
            match self.outcome(next, &asks).await {
                Some(outcome) => {
                    self.take_in(next, &outcome, "system", at).await?;
                    report.answered += 1;
                }
                None if next.attempts + 1 >= TRIES_MOST => {
                    self.let_rest(next, at).await?;
                    report.resting += 1;
                    return Ok(report);
                }
                None => {
                    let again = at.checked_add(wait_after(next.attempts)).unwrap_or(at);
                    books::postpone(&self.store, next, again).await?;
                    report.postponed += 1;
                    return Ok(report);
                }
            }
        }
    }

    /// Asks what is open and whose time has come, for all orders: what a crash or a lost answer left behind.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn ask_what_is_open(&self, at: Timestamp, most: i64) -> Result<AskReport, AppError> {
        let mut report = AskReport::default();
        let mut seen: Vec<(String, String)> = Vec::new();
        for row in books::open_asks(&self.store, at, most).await? {
            let order = (row.customer_id.clone(), row.ask.order_id.clone());
            if !seen.contains(&order) {
                let one = self.ask_for_order(&order.0, &order.1, at).await?;
                report.answered += one.answered;
                report.postponed += one.postponed;
                report.resting += one.resting;
                seen.push(order);
            }
        }
        Ok(report)
    }

    /// The answer, or nothing where it has to be asked again later.
    async fn outcome(&self, row: &AskRow, asks: &[AskRow]) -> Option<AskOutcome> {
        let found = match perhaps_done(&row.ask, asks) {
            Some(target) => Some(self.look_up(target, asks).await?),
            None => None,
        };
        let asks = found.as_deref().unwrap_or(asks);
        let Some(wire) = on_the_wire(&row.ask, asks) else {
            // What it is about never came to be, so there is nothing to undo.
            return Some(AskOutcome::Done { reference: None, points: None, payment_number: None });
        };
        let party = party_name(&row.ask.party);
        match self.outside.ask(&party, &row.ask.ask_id, &wire).await {
            Ok(reply) => Some(done(&reply)),
            Err(AskError::Declined { code, .. }) => Some(AskOutcome::Refused { code }),
            Err(AskError::Refused(refusal)) => Some(AskOutcome::Refused { code: code_of(&refusal) }),
            Err(AskError::Unavailable { .. } | AskError::Misconfigured { .. })
                if row.ask.is_needed_at_once() && row.attempts < TRIES_FOR_AN_ORDER =>
            {
                Some(AskOutcome::Unavailable)
            }
            Err(_) => None,
        }
    }

    /// The asks with what the other side says of one; nothing where it cannot be asked now.
    async fn look_up(&self, target: &AskRow, asks: &[AskRow]) -> Option<Vec<AskRow>> {
        let mut asks = asks.to_vec();
        let wire = on_the_wire(&target.ask, &asks)?;
        let party = party_name(&target.ask.party);
        let known = self.outside.look_up(&party, &target.ask.ask_id, &wire).await.ok()?;
        let AskOutcome::Done { reference, .. } = (match &known {
            LookedUp::Answered(Ok(reply)) => done(reply),
            LookedUp::Answered(Err(_)) | LookedUp::NeverSeen => return Some(asks),
        }) else {
            return Some(asks);
        };
        for row in asks.iter_mut().filter(|row| row.ask.ask_id == target.ask.ask_id) {
            row.reference.clone_from(&reference);
        }
        Some(asks)
    }

    /// Saves an answer together with what follows from it.
    pub(crate) async fn take_in(
        &self,
        row: &AskRow,
        outcome: &AskOutcome,
        by: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let market = self.market_of_order(&row.customer_id, &row.ask.order_id).await?;
        let (ask, answer) = (row.ask.clone(), outcome.clone());
        let (mine, told) = (row.clone(), outcome.clone());
        let decision = ChangeOrder {
            market,
            operation: self.operation(by, at),
            customer_id: row.customer_id.clone(),
            order_id: row.ask.order_id.clone(),
            key: None,
            part: Some(row.ask.ask_id.clone()),
            moves_value: true,
            seen: None,
            decide: Arc::new(move |books, market, operation, order| {
                order::settle(books, market, operation, order, &ask, &answer)
            }),
            more: Some(Arc::new(move |loaded: &Loaded| {
                // Another process may have taken the answer in meanwhile.
                let open = loaded.asks.iter().find(|row| row.ask.ask_id == mine.ask.ask_id && !row.settled);
                open.map(|row| row.settled_with(Some(&told)).map(|write| vec![write])).transpose()
            })),
        };
        self.perform(decision).await??;
        Ok(())
    }
}

impl Counter {
    /// Whom it is asked of has stayed away for very long: the order is in trouble, and the ask rests.
    async fn let_rest(&self, row: &AskRow, at: Timestamp) -> Result<(), AppError> {
        let (ask, rests) = (row.ask.clone(), row.tried_again(NEVER));
        let decision = ChangeOrder {
            market: self.market_of_order(&row.customer_id, &row.ask.order_id).await?,
            operation: self.operation("system", at),
            customer_id: row.customer_id.clone(),
            order_id: row.ask.order_id.clone(),
            key: None,
            part: None,
            moves_value: false,
            seen: None,
            decide: Arc::new(move |books, _, operation, order| {
                order::unanswered(books, operation, order, &ask)
            }),
            more: Some(Arc::new(move |_| Ok(Some(vec![rests.clone()])))),
        };
        self.perform(decision).await??;
        Ok(())
    }
}

/// How long something that failed so often waits until it is tried again.
pub(crate) fn wait_after(attempts: i64) -> SignedDuration {
    let wait = WAITS.get(usize::try_from(attempts).unwrap_or(usize::MAX));
    SignedDuration::from_secs(wait.copied().unwrap_or(14_400))
}

fn party_name(party: &Party) -> PartyName {
    match party {
        Party::Payments => PartyName::from(PAYMENTS),
        Party::Partner(program) => PartyName::from(program.as_str()),
    }
}

pub(crate) fn code_of(refusal: &choba_outside::Refusal) -> String {
    match serde_json::to_value(&refusal.code) {
        Ok(serde_json::Value::String(code)) => code,
        _ => "refused".to_owned(),
    }
}

fn done(reply: &Reply) -> AskOutcome {
    let (reference, points) = match reply {
        Reply::Authorization(authorization) => (Some(authorization.id.clone()), None),
        Reply::Capture(capture) => (Some(capture.id.clone()), None),
        Reply::Refund(refund) => (Some(refund.id.clone()), None),
        Reply::Konbini(konbini) => (Some(konbini.id.clone()), None),
        Reply::Hold(hold) => (Some(hold.id.clone()), None),
        Reply::Debit(debit) => (Some(debit.id.clone()), i64::try_from(debit.taken).ok().map(Points::new)),
        Reply::Credit(credit) => (Some(credit.id.clone()), None),
        Reply::Balance(_) | Reply::Link(_) | Reply::Unlinked => (None, None),
    };
    let payment_number = match reply {
        Reply::Konbini(konbini) => Some(konbini.payment_number.clone()),
        _ => None,
    };
    AskOutcome::Done { reference, points, payment_number }
}

/// The other side's id for what an earlier ask of ours made there.
fn reference<'a>(asks: &'a [AskRow], ask_id: &str) -> Option<&'a str> {
    asks.iter().find(|row| row.ask.ask_id == ask_id).and_then(|row| row.reference.as_deref())
}

/// What is to be undone by an ask, where nobody here knows whether it was done: its answer did not come, or it
/// was not waited for.
fn perhaps_done<'a>(ask: &Ask, asks: &'a [AskRow]) -> Option<&'a AskRow> {
    let (AskKind::Void { authorisation: target } | AskKind::HoldRelease { hold: target }) = &ask.kind else {
        return None;
    };
    let target = asks.iter().find(|row| row.ask.ask_id == *target)?;
    matches!(target.outcome, None | Some(AskOutcome::Unavailable)).then_some(target)
}

/// The ask in the words of the wire; nothing where it is about something that never came to be.
fn on_the_wire(ask: &Ask, asks: &[AskRow]) -> Option<OutsideAsk> {
    let amount = |units: i64| u64::try_from(units).unwrap_or(0);
    let order = || ask.order_id.clone();
    Some(match &ask.kind {
        AskKind::Authorise { amount: money, card_token } => OutsideAsk::Authorise {
            amount: amount(money.units()),
            currency: "JPY".to_owned(),
            reference: order(),
            card_token: Secret::from(card_token.as_str()),
        },
        AskKind::Capture { authorisation, amount: money } => OutsideAsk::Capture {
            authorization: reference(asks, authorisation)?.to_owned(),
            amount: amount(money.units()),
        },
        AskKind::Void { authorisation } => {
            OutsideAsk::Void { authorization: reference(asks, authorisation)?.to_owned() }
        }
        AskKind::Refund { capture, amount: money } => OutsideAsk::Refund {
            capture: reference(asks, capture)?.to_owned(),
            amount: amount(money.units()),
        },
        AskKind::KonbiniOpen { amount: money, deadline } => OutsideAsk::KonbiniOpen {
            amount: amount(money.units()),
            deadline: Timestamp::from_second(*deadline).ok()?,
            reference: order(),
        },
        AskKind::KonbiniCancel { konbini } => {
            OutsideAsk::KonbiniCancel { konbini: reference(asks, konbini)?.to_owned() }
        }
        AskKind::Hold { account, points } => {
            OutsideAsk::Hold { account: account.clone(), points: amount(points.units()), reference: order() }
        }
        AskKind::HoldCapture { hold, points } => OutsideAsk::HoldCapture {
            hold: reference(asks, hold)?.to_owned(),
            points: amount(points.units()),
        },
        AskKind::HoldRelease { hold } => OutsideAsk::HoldRelease { hold: reference(asks, hold)?.to_owned() },
        AskKind::Credit { account, points, earned } => OutsideAsk::Credit {
            account: account.clone(),
            points: amount(points.units()),
            reference: order(),
            reason: if *earned { CreditReason::Earned } else { CreditReason::Returned },
        },
        AskKind::Debit { account, points } => {
            OutsideAsk::Debit { account: account.clone(), points: amount(points.units()), reference: order() }
        }
    })
}
