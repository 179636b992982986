//! The card provider's books.
//!
//! Of an authorization, `captured + voided ≤ amount`; of a capture, `refunded + charged_back ≤ amount`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::{Ids, check_amount, check_text, other_party, unknown_id};
use crate::ask::{Ask, Reply};
use crate::record::{Authorization, AuthorizationState, Capture, Konbini, KonbiniState, Refund, RefundState};
use crate::refusal::{Refusal, RefusalCode};
use crate::webhook::{Event, Message};

/// What the provider knows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Card {
    authorizations: BTreeMap<String, Authorization>,
    captures: BTreeMap<String, Capture>,
    refunds: BTreeMap<String, Refund>,
    konbini: BTreeMap<String, Konbini>,
    /// The payment numbers that wait, by deadline, so that time passes without looking at all of them.
    #[serde(skip)]
    waiting: BTreeSet<(Timestamp, String)>,
    #[serde(skip)]
    events: Vec<Message>,
}

/// How the sandbox's cards behave.
enum Temper {
    Good,
    Declined(&'static str),
    DeclinedLater,
}

fn temper_of(card_token: &str) -> Temper {
    match card_token {
        "tok_ok" | "tok_slow" => Temper::Good,
        "tok_declined" => Temper::Declined("insufficient_funds"),
        "tok_declined_later" => Temper::DeclinedLater,
        _ => Temper::Declined("unknown_token"),
    }
}

impl Card {
    /// Does what changes something.
    pub(super) fn perform(&mut self, ids: &mut Ids, ask: &Ask, now: Timestamp) -> Result<Reply, Refusal> {
        match ask {
            Ask::Authorise { amount, currency, reference, card_token } => self
                .authorise(ids, *amount, currency, reference, card_token.reveal(), now)
                .map(Reply::Authorization),
            Ask::Capture { authorization, amount } => {
                self.capture(ids, authorization, *amount).map(Reply::Capture)
            }
            Ask::Void { authorization } => self.void(authorization).map(Reply::Authorization),
            Ask::Refund { capture, amount } => self.refund(ids, capture, *amount, now).map(Reply::Refund),
            Ask::KonbiniOpen { amount, deadline, reference } => {
                self.open_konbini(ids, *amount, *deadline, reference, now).map(Reply::Konbini)
            }
            Ask::KonbiniCancel { konbini } => self.cancel_konbini(konbini).map(Reply::Konbini),
            _ => Err(other_party()),
        }
    }

    /// Answers what only reads.
    pub(super) fn see(&self, ask: &Ask) -> Result<Reply, Refusal> {
        match ask {
            Ask::SeeAuthorization { authorization } => {
                found(&self.authorizations, authorization, "authorization").map(Reply::Authorization)
            }
            Ask::SeeCapture { capture } => found(&self.captures, capture, "capture").map(Reply::Capture),
            Ask::SeeRefund { refund } => found(&self.refunds, refund, "refund").map(Reply::Refund),
            Ask::SeeKonbini { konbini } => found(&self.konbini, konbini, "konbini").map(Reply::Konbini),
            _ => Err(other_party()),
        }
    }

    fn authorise(
        &mut self,
        ids: &mut Ids,
        amount: u64,
        currency: &str,
        reference: &str,
        card_token: &str,
        now: Timestamp,
    ) -> Result<Authorization, Refusal> {
        let temper = temper_of(card_token);
        if let Temper::Declined(code) = temper {
            return self.declined(ids, amount, currency, reference, code);
        }
        let authorization = new_authorization(ids, amount, currency, reference)?;
        self.authorizations.insert(authorization.id.clone(), authorization.clone());
        if matches!(temper, Temper::DeclinedLater) {
            self.decline_later(&authorization.id, now)?;
        }
        Ok(authorization)
    }

    /// Keeps an attempt to which the issuer said no.
    pub(super) fn declined(
        &mut self,
        ids: &mut Ids,
        amount: u64,
        currency: &str,
        reference: &str,
        code: &str,
    ) -> Result<Authorization, Refusal> {
        let authorization = Authorization {
            state: AuthorizationState::Declined,
            decline_code: Some(code.to_owned()),
            ..new_authorization(ids, amount, currency, reference)?
        };
        self.authorizations.insert(authorization.id.clone(), authorization.clone());
        Ok(authorization)
    }

    fn capture(&mut self, ids: &mut Ids, id: &str, amount: u64) -> Result<Capture, Refusal> {
        check_amount(amount)?;
        let authorization = open(&mut self.authorizations, id)?;
        let left = authorization.amount.saturating_sub(authorization.captured);
        if amount > left {
            return Err(more_than_left(left));
        }
        authorization.captured += amount;
        let capture = Capture {
            id: ids.next("cap"),
            authorization: id.to_owned(),
            amount,
            refunded: 0,
            charged_back: 0,
        };
        self.captures.insert(capture.id.clone(), capture.clone());
        Ok(capture)
    }

    fn void(&mut self, id: &str) -> Result<Authorization, Refusal> {
        let authorization = open(&mut self.authorizations, id)?;
        authorization.voided = authorization.amount.saturating_sub(authorization.captured);
        authorization.state = AuthorizationState::Voided;
        Ok(authorization.clone())
    }

    /// Real refunds take days; here the news that it is settled is sent at once.
    fn refund(&mut self, ids: &mut Ids, id: &str, amount: u64, now: Timestamp) -> Result<Refund, Refusal> {
        check_amount(amount)?;
        let capture = self.captures.get_mut(id).ok_or_else(|| unknown_id("capture"))?;
        let left = capture.left();
        if amount > left {
            return Err(more_than_left(left));
        }
        capture.refunded += amount;
        let pending =
            Refund { id: ids.next("ref"), capture: id.to_owned(), amount, state: RefundState::Pending };
        let settled = Refund { state: RefundState::Settled, ..pending.clone() };
        self.refunds.insert(settled.id.clone(), settled.clone());
        self.tell(now, Event::RefundSettled(settled));
        Ok(pending)
    }

    fn open_konbini(
        &mut self,
        ids: &mut Ids,
        amount: u64,
        deadline: Timestamp,
        reference: &str,
        now: Timestamp,
    ) -> Result<Konbini, Refusal> {
        check_amount(amount)?;
        check_text(reference)?;
        if deadline <= now {
            return Err(Refusal::new(RefusalCode::DeadlinePassed, "the deadline is not in the future"));
        }
        let konbini = Konbini {
            id: ids.next("knb"),
            payment_number: ids.next_payment_number(),
            amount,
            deadline,
            reference: reference.to_owned(),
            state: KonbiniState::Waiting,
        };
        self.waiting.insert((deadline, konbini.id.clone()));
        self.konbini.insert(konbini.id.clone(), konbini.clone());
        Ok(konbini)
    }

    fn cancel_konbini(&mut self, id: &str) -> Result<Konbini, Refusal> {
        self.end_konbini(id, KonbiniState::Cancelled)
    }

    fn end_konbini(&mut self, id: &str, state: KonbiniState) -> Result<Konbini, Refusal> {
        let konbini = self.konbini.get_mut(id).ok_or_else(|| unknown_id("konbini"))?;
        if konbini.state != KonbiniState::Waiting {
            return Err(not_open(&format!("the payment number is {}", word(konbini.state))));
        }
        konbini.state = state;
        self.waiting.remove(&(konbini.deadline, konbini.id.clone()));
        Ok(konbini.clone())
    }

    /// The customer pays at the store.
    pub(super) fn konbini_paid(&mut self, id: &str, now: Timestamp) -> Result<(), Refusal> {
        let paid = self.end_konbini(id, KonbiniState::Paid)?;
        self.tell(now, Event::KonbiniPaid(paid));
        Ok(())
    }

    /// The card holder takes money back.
    pub(super) fn charge_back(&mut self, id: &str, amount: u64, now: Timestamp) -> Result<(), Refusal> {
        check_amount(amount)?;
        let capture = self.captures.get_mut(id).ok_or_else(|| unknown_id("capture"))?;
        let left = capture.left();
        if amount > left {
            return Err(more_than_left(left));
        }
        capture.charged_back += amount;
        let capture = capture.clone();
        self.tell(now, Event::Chargeback(capture));
        Ok(())
    }

    /// The issuer takes its yes back.
    pub(super) fn decline_later(&mut self, id: &str, now: Timestamp) -> Result<(), Refusal> {
        let authorization = open(&mut self.authorizations, id)?;
        authorization.state = AuthorizationState::DeclinedLater;
        authorization.decline_code = Some("issuer_withdrew".to_owned());
        let authorization = authorization.clone();
        self.tell(now, Event::AuthorizationDeclinedLater(authorization));
        Ok(())
    }

    /// Lets payment numbers expire.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        while let Some((deadline, id)) =
            self.waiting.first().filter(|(deadline, _)| *deadline <= now).cloned()
        {
            self.waiting.remove(&(deadline, id.clone()));
            if let Ok(expired) = self.end_konbini(&id, KonbiniState::Expired) {
                self.tell(deadline, Event::KonbiniExpired(expired));
            }
        }
    }

    fn tell(&mut self, timestamp: Timestamp, event: Event) {
        self.events.push(Message { timestamp, event });
    }

    pub(super) fn take_events(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.events)
    }

    /// Which rules are broken, compared with the records themselves.
    pub(super) fn broken_invariants(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for authorization in self.authorizations.values() {
            let captures = self.captures.values().filter(|capture| capture.authorization == authorization.id);
            if captures.map(|capture| capture.amount).sum::<u64>() != authorization.captured {
                broken.push(format!("{}: captures do not add up", authorization.id));
            }
            if authorization.captured + authorization.voided > authorization.amount {
                broken.push(format!("{}: captured and voided beyond the amount", authorization.id));
            }
        }
        for capture in self.captures.values() {
            let refunds = self.refunds.values().filter(|refund| refund.capture == capture.id);
            if refunds.map(|refund| refund.amount).sum::<u64>() != capture.refunded {
                broken.push(format!("{}: refunds do not add up", capture.id));
            }
            if capture.refunded + capture.charged_back > capture.amount {
                broken.push(format!("{}: given back beyond the amount", capture.id));
            }
        }
        broken
    }
}

impl Capture {
    /// What can still be given back.
    pub fn left(&self) -> u64 {
        self.amount.saturating_sub(self.refunded).saturating_sub(self.charged_back)
    }
}

fn new_authorization(
    ids: &mut Ids,
    amount: u64,
    currency: &str,
    reference: &str,
) -> Result<Authorization, Refusal> {
    check_amount(amount)?;
    check_text(reference)?;
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Refusal::new(RefusalCode::Unusable, "a currency is three capital letters, such as JPY"));
    }
    Ok(Authorization {
        id: ids.next("auth"),
        state: AuthorizationState::Authorised,
        amount,
        captured: 0,
        voided: 0,
        currency: currency.to_owned(),
        reference: reference.to_owned(),
        decline_code: None,
    })
}

fn open<'a>(
    authorizations: &'a mut BTreeMap<String, Authorization>,
    id: &str,
) -> Result<&'a mut Authorization, Refusal> {
    let authorization = authorizations.get_mut(id).ok_or_else(|| unknown_id("authorization"))?;
    if authorization.state == AuthorizationState::Authorised {
        return Ok(authorization);
    }
    Err(not_open("the authorization is declined or voided"))
}

fn found<T: Clone>(records: &BTreeMap<String, T>, id: &str, kind: &str) -> Result<T, Refusal> {
    records.get(id).cloned().ok_or_else(|| unknown_id(kind))
}

fn not_open(detail: &str) -> Refusal {
    Refusal::new(RefusalCode::NotOpen, detail)
}

fn more_than_left(left: u64) -> Refusal {
    Refusal::more_than(RefusalCode::MoreThanLeft, left, format!("only {left} is left"))
}

fn word(state: KonbiniState) -> &'static str {
    match state {
        KonbiniState::Waiting => "waiting",
        KonbiniState::Paid => "paid",
        KonbiniState::Expired => "expired",
        KonbiniState::Cancelled => "cancelled",
    }
}
