//! Asking to be called (電話をリクエスト).
//!
//! What was offered is looked at again: where it does not hold any more, the answer is what is offered now, not an
//! error. The customer hears of a request only once it is saved.

use choba_care::callback::{Callback, State, is_same_matter};
use choba_care::case::{Actor, CaseChange, Channel as CaseChannel, first_step};
use choba_care::contact::CallPolicy;
use choba_care::erlang::Wait;
use choba_care::offer::{Channel, Offer, Open};
use choba_care::words;
use choba_engine::books::Operation;
use choba_store::books::{self, CallbackRow, Decision, KeyRecord, Loaded, Needs, Next};
use choba_store::sql::{ConstraintKind, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::call_number::CallNumber;
use crate::cases::{CaseOpening, Chosen, GoesOnIn};
use crate::contact_offers::Asked;
use crate::entropy::new_id;
use crate::limit::Limit;
use crate::{AppError, CallbackRefusal, Counter, Key, OpenCase, OwnCallback, Whose};

/// A call can be asked for so far ahead.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(14 * 24);

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A customer wants to be called.
#[derive(Clone)]
pub struct RequestCallback {
    /// Who, where.
    pub whose: Whose,
    /// About what: an id of the market's questions.
    pub question: String,
    /// About which order.
    pub order_id: Option<String>,
    /// About which case; a case of its own where left out, unless one goes on.
    pub case_id: Option<String>,
    /// Where, as typed.
    pub number: String,
    /// In which language: `ja` or `en`.
    pub language: String,
    /// When; as soon as possible where left out.
    pub call_at: Option<Timestamp>,
    /// The address that the customer comes from, as text; kept only as a keyed hash.
    pub address: String,
    /// The caller's key, as sent. What was asked under it is kept only as a digest with a keyed hash of the number.
    pub key: String,
}

impl std::fmt::Debug for RequestCallback {
    /// Without what is personal.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let question = &self.question;
        formatter.debug_struct("RequestCallback").field("question", question).finish_non_exhaustive()
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum CallbackOutcome {
    /// The customer will be called.
    Requested(Box<OwnCallback>),
    /// The customer waits for a call already: this one.
    AlreadyWaiting(Box<OwnCallback>),
    /// That is not possible any more; this is what is offered now.
    NewOffers {
        /// The ways that are open now.
        offers: Vec<Offer>,
    },
}

/// What is kept under the key: the request's id.
#[derive(Serialize, Deserialize)]
struct Answer {
    callback_id: String,
}

enum Made {
    New(String),
    Before(String),
    AlreadyWaiting,
}

impl Counter {
    /// Asks to be called.
    ///
    /// # Errors
    /// [`AppError::Callback`] says why the number is not called; [`AppError::Field`]; [`AppError::NotFound`] for an
    /// order or question that there is not; [`AppError::TooManyTries`] beyond the requests for a number, a customer or
    /// an address; [`AppError::KeyReused`]; what the database answers.
    pub async fn request_callback(
        &self,
        request: RequestCallback,
        at: Timestamp,
    ) -> Result<CallbackOutcome, AppError> {
        let asked = self.asked(&request.whose.market, &request.question)?;
        let number = CallNumber::read(&request.number, &asked.care.calls.regions)?;
        let number_hash = self.number_hash(&number)?;
        let key = key_of(&request, &number_hash)?;
        if let Some(before) = self.requested_before(&request.whose, &key).await? {
            return Ok(CallbackOutcome::Requested(Box::new(
                self.own_callback(&request.whose, &before, at).await?,
            )));
        }
        if let Some(open) =
            books::open_callback(&self.store, &request.whose.customer_id, &request.whose.market).await?
        {
            return self.already_waiting(open, at).await;
        }
        self.check_number(&request.whose, &number_hash).await?;
        if let Some(order_id) = &request.order_id {
            self.own_order(&request.whose, order_id).await?;
        }
        let offers = self.offers_for(&request.whose.market, &asked, None, at).await?;
        let Some(offer) = chosen(&offers, &request, &asked, at)? else {
            return Ok(CallbackOutcome::NewOffers { offers });
        };
        let counted = self.request_limits(&request, &number_hash, &asked.care.calls)?;
        self.count_within(&counted, at).await?;
        let wait = offer.wait.filter(|_| request.call_at.is_none());
        let callback = self.new_callback(&request, &asked, &number, wait, at)?;
        let open = self.case_for(&request, &asked, &callback, at).await?;
        let row = CallbackRow { number_hash, callback };
        let made = self.keep_callback(&request.whose, row, (open, key), at).await;
        if !matches!(made, Ok(Made::New(_))) {
            self.take_back(&counted, at).await?;
        }
        self.told(&request.whose, made?, at).await
    }

    async fn requested_before(&self, whose: &Whose, key: &Key) -> Result<Option<String>, AppError> {
        let record = books::key_of_customer(&self.store, &whose.customer_id, &key.key).await?;
        Ok(key.answer_before::<Answer>(record.as_ref())?.map(|answer| answer.callback_id))
    }

    async fn already_waiting(&self, open: CallbackRow, at: Timestamp) -> Result<CallbackOutcome, AppError> {
        Ok(CallbackOutcome::AlreadyWaiting(Box::new(self.shown_to_owner(open.callback, at).await?)))
    }

    async fn told(&self, whose: &Whose, made: Made, at: Timestamp) -> Result<CallbackOutcome, AppError> {
        match made {
            Made::New(callback_id) | Made::Before(callback_id) => {
                let own = self.own_callback(whose, &callback_id, at).await?;
                Ok(CallbackOutcome::Requested(Box::new(own)))
            }
            Made::AlreadyWaiting => {
                let open = books::open_callback(&self.store, &whose.customer_id, &whose.market).await?;
                let open = open.ok_or(CallbackRefusal::NumberNotCalled)?;
                self.already_waiting(open, at).await
            }
        }
    }

    /// The number has to be the customer's, and its owner must not mind.
    async fn check_number(&self, whose: &Whose, number_hash: &str) -> Result<(), AppError> {
        if !books::is_verified_number(&self.store, &whose.customer_id, number_hash).await? {
            return Err(CallbackRefusal::NumberNotVerified.into());
        }
        if books::is_not_called(&self.store, number_hash).await? {
            return Err(CallbackRefusal::NumberNotCalled.into());
        }
        Ok(())
    }

    fn request_limits(
        &self,
        request: &RequestCallback,
        number_hash: &str,
        policy: &CallPolicy,
    ) -> Result<[(String, Limit); 3], AppError> {
        let limit = |most| Limit::new(most, DAY);
        Ok([
            (format!("@callback number {number_hash}"), limit(policy.per_number)),
            self.limit_of_customer("callback", limit(policy.per_customer), &request.whose.customer_id)?,
            self.limit_of_address("callback", limit(policy.per_address), &request.address)?,
        ])
    }

    fn new_callback(
        &self,
        request: &RequestCallback,
        asked: &Asked,
        number: &CallNumber,
        quoted: Option<Wait>,
        at: Timestamp,
    ) -> Result<Callback, AppError> {
        let due_at = request.call_at.unwrap_or(at).max(at);
        Ok(Callback {
            callback_id: format!("cb_{}", new_id(&*self.entropy, at)),
            customer_id: request.whose.customer_id.clone(),
            market: request.whose.market.clone(),
            queue: asked.queue.queue_id.clone(),
            question: request.question.clone(),
            order_id: request.order_id.clone(),
            case_id: request.case_id.clone(),
            language: request.language.clone(),
            number: self.seal_number(number, &request.whose.customer_id)?,
            urgent: asked.question.urgent,
            requested_at: at,
            place_at: due_at,
            due_at,
            expires_at: asked.hours()?.expires_at(due_at, asked.care.calls.expires_hours),
            quoted,
            attempts: 0,
            attempts_max: asked.care.calls.attempts_max,
            words: Some(self.new_words(&request.language)),
            prefers: None,
            follows: None,
            drops: 0,
            answered_at: None,
            calls: Vec::new(),
            looked_at: None,
            state: Callback::new_state(due_at, at),
            version: 1,
        })
    }

    /// The case that the call belongs to: the one that was named; the open one of the same question and order; the one of
    /// a call that ended a moment ago, because who comes again so soon comes with the same matter; else a new one.
    async fn case_for(
        &self,
        request: &RequestCallback,
        asked: &Asked,
        callback: &Callback,
        at: Timestamp,
    ) -> Result<CaseOpening, AppError> {
        let topic = asked.care.question(&request.question).map(|(topic, _)| topic.topic_id.clone());
        let open = OpenCase {
            topic: topic.unwrap_or_default(),
            question: request.question.clone(),
            order_id: request.order_id.clone(),
            text: None,
            language: request.language.clone(),
            channel: CaseChannel::Phone,
            evidence: serde_json::json!({}),
        };
        let goes_on_in = match &request.case_id {
            Some(case_id) => Some(GoesOnIn { case_id: case_id.clone(), named: true }),
            None => self.last_matter(request, at).await?,
        };
        let mut open =
            self.opening(&request.whose, open, (None, goes_on_in), Actor::Customer, None, at).await?;
        let (callback_id, step) = (callback.callback_id.clone(), first_step(callback));
        open.also.push(CaseChange::CallStepped { callback_id, step });
        Ok(open)
    }

    /// The case of a call-back that ended a moment ago, where it is about the same order and not over.
    async fn last_matter(
        &self,
        request: &RequestCallback,
        at: Timestamp,
    ) -> Result<Option<GoesOnIn>, AppError> {
        let Whose { customer_id, market } = &request.whose;
        let last = books::last_callback(&self.store, customer_id, market).await?;
        let Some(last) = last.map(|row| row.callback) else { return Ok(None) };
        let State::Ended { at: ended_at, .. } = last.state else { return Ok(None) };
        let (Some(case_id), true) = (last.case_id, is_same_matter(ended_at, at)) else { return Ok(None) };
        let row = books::case_row(&self.store, customer_id, &case_id).await?;
        let goes_on = row.is_some_and(|row| {
            let order_id = request.order_id.as_deref().unwrap_or_default();
            row.order_id == order_id && !matches!(row.state.as_str(), "closed" | "merged")
        });
        Ok(goes_on.then_some(GoesOnIn { case_id, named: false }))
    }

    pub(crate) fn new_words(&self, language: &str) -> String {
        let mut random = [0; 2];
        self.entropy.fill(&mut random);
        words::pair(language, random)
    }

    async fn keep_callback(
        &self,
        whose: &Whose,
        row: CallbackRow,
        (open, key): (CaseOpening, Key),
        at: Timestamp,
    ) -> Result<Made, AppError> {
        let answer = serde_json::to_string(&Answer { callback_id: row.callback.callback_id.clone() });
        let answer = answer.map_err(|error| AppError::Defect(error.to_string()))?;
        let operation = self.operation("customer", at);
        let keep = KeepCallback { whose: whose.clone(), operation, row: row.clone(), open, key, answer };
        match self.perform(keep).await {
            Err(StoreError::Constraint { kind: ConstraintKind::Unique, .. }) => Ok(Made::AlreadyWaiting),
            Err(error) => Err(error.into()),
            Ok(Err(error)) => Err(error),
            Ok(Ok(Some(before))) => Ok(Made::Before(before)),
            Ok(Ok(None)) => Ok(Made::New(row.callback.callback_id)),
        }
    }
}

/// What is kept under a key must not hold the number in a form that can be tried.
fn key_of(request: &RequestCallback, number_hash: &str) -> Result<Key, AppError> {
    let body = format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        request.question,
        request.order_id.as_deref().unwrap_or(""),
        request.case_id.as_deref().unwrap_or(""),
        number_hash,
        request.language,
        request.call_at.map(|at| at.to_string()).unwrap_or_default(),
    );
    Key::new(&request.key, "request_callback", &request.whose.customer_id, body.as_bytes())
}

/// The offer that the request takes up; nothing where it does not hold any more.
fn chosen<'o>(
    offers: &'o [Offer],
    request: &RequestCallback,
    asked: &Asked,
    at: Timestamp,
) -> Result<Option<&'o Offer>, AppError> {
    let offer = offers.iter().find(|offer| offer.channel == Channel::Callback);
    let Some(call_at) = request.call_at else {
        let at_once = |offer: &&Offer| matches!(offer.open, Open::Now | Open::InTurn | Open::ScheduledFirst);
        return Ok(offer.filter(at_once));
    };
    if call_at <= at || call_at.duration_since(at) > AHEAD_MAX {
        return Err(AppError::field("/call_at", "expected a time within the next 14 days"));
    }
    if !asked.hours()?.may_dial(asked.question.urgent, call_at) {
        return Err(AppError::field("/call_at", "expected a time at which the desk is open"));
    }
    let may_choose = |offer: &&Offer| match offer.open {
        Open::Now | Open::InTurn | Open::ScheduledFirst => true,
        Open::ScheduledOnly => offer.opens_at.is_some_and(|opens_at| opens_at <= call_at),
        Open::Waiting | Open::Later | Open::Hidden => false,
    };
    Ok(offer.filter(may_choose))
}

/// Keeps a request together with its key, in the customer's turn.
struct KeepCallback {
    whose: Whose,
    operation: Operation,
    row: CallbackRow,
    open: CaseOpening,
    key: Key,
    answer: String,
}

impl Decision for KeepCallback {
    type Answer = Result<Option<String>, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs { key: Some(self.key.key.clone()), ..self.open.needs() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        match self.key.answer_before::<Answer>(loaded.key.as_ref()) {
            Err(error) => Ok(Next::Answer(Err(error))),
            Ok(Some(before)) => Ok(Next::Answer(Ok(Some(before.callback_id)))),
            Ok(None) => {
                let record =
                    KeyRecord { body_digest: self.key.body_digest.clone(), answer: self.answer.clone() };
                let opened = match self.open.choose(loaded)? {
                    Chosen::Load(needs) => return Ok(Next::Load(needs)),
                    Chosen::Opened(opened) => *opened,
                };
                let (mut to_write, case) = match opened {
                    Ok(opened) => opened,
                    Err(error) => return Ok(Next::Answer(Err(error))),
                };
                to_write.key = Some((self.key.key.clone(), record));
                self.row.callback.case_id = Some(case.case_id);
                to_write.more.push(self.row.inserted()?);
                Ok(Next::Write(Box::new(to_write), Ok(None)))
            }
        }
    }
}
