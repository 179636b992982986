//! A customer's own call-back: how it stands, its words, whether the shop is calling now, giving it up.

use choba_care::callback::{Callback, End, State};
use choba_care::case::Actor;
use choba_care::erlang::Wait;
use choba_store::books::{self, CallbackChange};
use jiff::Timestamp;
use serde::Serialize;

use crate::{AppError, CallbackRefusal, Counter, Whose};

/// A call-back as its customer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnCallback {
    /// Its id.
    pub callback_id: String,
    /// About what.
    pub question: String,
    /// About which order.
    pub order_id: Option<String>,
    /// How it stands, as a word.
    pub state: &'static str,
    /// The number, except for its end.
    pub number_masked: String,
    /// From 1, while it waits in the queue.
    pub place: Option<u32>,
    /// How long it still takes, as far as it can be told.
    pub wait: Option<Wait>,
    /// How long it was said to take when it was asked for.
    pub quoted: Option<Wait>,
    /// From when on a call was promised.
    pub due_at: Timestamp,
    /// When it ends if nobody can call.
    pub expires_at: Timestamp,
    /// When it is tried again, or begins.
    pub next_call_at: Option<Timestamp>,
    /// Dials so far.
    pub attempts: u32,
    /// Dials at most.
    pub attempts_max: u32,
    /// The words that a real caller says first.
    pub words: Option<String>,
    /// The call-back whose call broke off.
    pub follows: Option<String>,
}

/// Whether the shop is calling a customer now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NowCalling {
    /// Whether it does. Where it does not, whoever calls is not the shop.
    pub calling: bool,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The words that a real caller says first; none once they were said.
    pub words: Option<String>,
}

impl OwnCallback {
    /// Its state as people read it: that it waits because a call broke off is another word than that nobody answered.
    pub fn standing(&self) -> &'static str {
        let broke_off = self.follows.is_some() && self.attempts == 0;
        if self.state == "retry_wait" && broke_off { "broke_off" } else { self.state }
    }
}

impl Counter {
    /// A customer's call-back.
    ///
    /// # Errors
    /// [`AppError::NotFound`], and what the database answers.
    pub async fn own_callback(
        &self,
        whose: &Whose,
        callback_id: &str,
        at: Timestamp,
    ) -> Result<OwnCallback, AppError> {
        let callback = self.find_own_callback(whose, callback_id).await?;
        self.shown_to_owner(callback, at).await
    }

    /// The call-back that a customer waits for, if there is one.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn open_callback_of(
        &self,
        whose: &Whose,
        at: Timestamp,
    ) -> Result<Option<OwnCallback>, AppError> {
        match books::open_callback(&self.store, &whose.customer_id, &whose.market).await? {
            Some(row) => Ok(Some(self.shown_to_owner(row.callback, at).await?)),
            None => Ok(None),
        }
    }

    /// Gives a call-back up. Doing so twice is doing it once.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Callback`] while the phone rings or they talk; what the database answers.
    pub async fn cancel_callback(
        &self,
        whose: &Whose,
        callback_id: &str,
        at: Timestamp,
    ) -> Result<OwnCallback, AppError> {
        self.give_up_callback(whose, callback_id, End::Cancelled, at).await
    }

    /// Ends a call-back because the customer chose another way, or the matter is solved.
    ///
    /// # Errors
    /// As [`Counter::cancel_callback`].
    pub async fn supersede_callback(
        &self,
        whose: &Whose,
        callback_id: &str,
        at: Timestamp,
    ) -> Result<OwnCallback, AppError> {
        self.give_up_callback(whose, callback_id, End::Superseded, at).await
    }

    /// Whether the shop is calling a customer at this moment.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn now_calling(&self, whose: &Whose) -> Result<NowCalling, AppError> {
        let open = books::open_callback(&self.store, &whose.customer_id, &whose.market).await?;
        let calling = open.map(|row| row.callback).filter(Callback::is_calling);
        Ok(match calling {
            None => NowCalling { calling: false, since: None, words: None },
            Some(callback) => NowCalling {
                calling: true,
                since: callback.calls.last().map(|call| call.dialled_at),
                words: callback.words,
            },
        })
    }

    async fn give_up_callback(
        &self,
        whose: &Whose,
        callback_id: &str,
        how: End,
        at: Timestamp,
    ) -> Result<OwnCallback, AppError> {
        let own = self.find_own_callback(whose, callback_id).await?;
        let care = self.markets.care(&whose.market)?;
        let given_up =
            self.change_callback(&own, (Actor::Customer, care), at, move |callback| {
                match callback.clone().give_up(how, at) {
                    Ok(same) if same == callback => CallbackChange::nothing(Ok(same)),
                    Ok(after) => {
                        CallbackChange { after: Some(after.clone()), ..CallbackChange::nothing(Ok(after)) }
                    }
                    Err(refused) => CallbackChange::nothing(Err(refused)),
                }
            });
        let given_up = given_up.await?.ok_or_else(|| AppError::not_found("callback", callback_id))?;
        self.shown_to_owner(given_up.map_err(CallbackRefusal::from)?, at).await
    }

    async fn find_own_callback(&self, whose: &Whose, callback_id: &str) -> Result<Callback, AppError> {
        let found = books::callback(&self.store, callback_id).await?.map(|row| row.callback);
        let own = |callback: &Callback| {
            callback.customer_id == whose.customer_id && callback.market == whose.market
        };
        found.filter(own).ok_or_else(|| AppError::not_found("callback", callback_id))
    }

    pub(crate) async fn shown_to_owner(
        &self,
        callback: Callback,
        at: Timestamp,
    ) -> Result<OwnCallback, AppError> {
        let place = self.place_of(&callback).await?;
        let wait = self.wait_of(&callback, at).await?;
        let number = self.open_number(&callback.number, &callback.customer_id)?;
        let next_call_at = match callback.state {
            State::Scheduled { opens_at: at } | State::RetryWait { until: at } => Some(at),
            _ => None,
        };
        Ok(OwnCallback {
            state: callback.state.word(),
            callback_id: callback.callback_id,
            question: callback.question,
            order_id: callback.order_id,
            number_masked: number.masked(),
            place: place.map(|ahead| ahead.saturating_add(1)),
            wait,
            quoted: callback.quoted,
            due_at: callback.due_at,
            expires_at: callback.expires_at,
            next_call_at,
            attempts: callback.attempts,
            attempts_max: callback.attempts_max,
            words: callback.words,
            follows: callback.follows,
        })
    }
}
