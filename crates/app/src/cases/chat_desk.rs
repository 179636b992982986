//! Chats at the desk: who waits, who takes whom, and giving back.

use std::sync::Arc;

use choba_care::case::Agent;
use choba_care::chat::{ChatAgent, ChatRefusal, LineFrom, steps};
use choba_store::books;
use jiff::Timestamp;

use super::chat::{ChatStep, StartedChat};
use crate::{AppError, Caller, Counter, Right};

/// A chat that waits for somebody of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingChat {
    /// Which.
    pub chat_id: String,
    /// Its case.
    pub case_id: String,
    /// Whose.
    pub customer_id: String,
    /// Since when.
    pub since: Timestamp,
}

impl Counter {
    /// Somebody of the desk takes a chat.
    ///
    /// # Errors
    /// [`AppError::Chat`] where somebody else was faster, [`AppError::NotAllowed`], [`AppError::NotFound`], and what the
    /// database answers.
    pub async fn take_chat(&self, caller: &Caller, chat_id: &str, at: Timestamp) -> Result<u32, AppError> {
        let agent = chat_agent(&self.agent(caller, Right::CareDesk)?);
        let (whose, _) = self.chat_of(caller, chat_id, Right::CareDesk).await?;
        let from = LineFrom::Agent(agent.clone());
        let step: ChatStep = Arc::new(move |chat| steps::take(chat, &agent, at).map(Some));
        Ok(self.step_chat(&whose, chat_id, from, None, step, at).await?.last_seq)
    }

    /// The chats of a market that wait, in their order, at most 100.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::UnknownMarket`], and what the database answers.
    pub async fn waiting_chats(&self, caller: &Caller, market: &str) -> Result<Vec<WaitingChat>, AppError> {
        caller.may(Right::CareDesk).or_else(|_| caller.may(Right::CareLead))?;
        self.markets.get(market)?;
        let waiting = books::waiting_chats(&self.store, market, 100).await?;
        Ok(waiting.into_iter().map(listed_chat).collect())
    }

    /// The chats of a market that the asking member of staff has, the oldest first.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::UnknownMarket`], and what the database answers.
    pub async fn own_chats(&self, caller: &Caller, market: &str) -> Result<Vec<WaitingChat>, AppError> {
        let agent = self.agent(caller, Right::CareDesk)?;
        self.markets.get(market)?;
        let own = books::open_chats_of_agent(&self.store, market, &agent.staff_id, 100).await?;
        Ok(own.into_iter().map(listed_chat).collect())
    }

    /// Somebody of the desk takes the chat that has waited longest; nothing where none waits. Only who has said that
    /// they are there and take something new is given one, and no more than they have at once; any chat can still be
    /// taken by its id. Who asks twice at the same moment may be given one more than that.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::UnknownMarket`], [`AppError::Chat`], and what the database answers.
    pub async fn take_next_chat(
        &self,
        caller: &Caller,
        market: &str,
        at: Timestamp,
    ) -> Result<Option<StartedChat>, AppError> {
        caller.may(Right::CareDesk)?;
        self.markets.get(market)?;
        self.may_have_another_chat(&caller.by(), market, at).await?;
        for waiting in books::waiting_chats(&self.store, market, 20).await? {
            match self.take_chat(caller, &waiting.chat_id, at).await {
                Ok(last_seq) => {
                    let (chat_id, case_id) = (waiting.chat_id, waiting.case_id);
                    return Ok(Some(StartedChat { chat_id, case_id, state: "assigned", last_seq }));
                }
                // Somebody else was faster, or the customer has gone.
                Err(AppError::Chat(ChatRefusal::Taken | ChatRefusal::Ended)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether what an agent has said of their presence leaves room for a chat. All their queues say the same.
    async fn may_have_another_chat(&self, agent: &str, market: &str, at: Timestamp) -> Result<(), AppError> {
        let present = books::queues_of_agent(&self.store, market, agent, at).await?;
        let present = present.first().ok_or(ChatRefusal::NotAtTheDesk)?;
        if !present.ready {
            return Err(ChatRefusal::AgentBusy.into());
        }
        let left = self.chats_left(&[present]).await?;
        if left > 0 { Ok(()) } else { Err(ChatRefusal::Enough { most: present.chats_max }.into()) }
    }

    /// Somebody of the desk gives a chat back: it waits before those who never had anybody.
    ///
    /// # Errors
    /// As [`Counter::take_chat`].
    pub async fn give_back_chat(
        &self,
        caller: &Caller,
        chat_id: &str,
        at: Timestamp,
    ) -> Result<u32, AppError> {
        let agent = chat_agent(&self.agent(caller, Right::CareDesk)?);
        let (whose, _) = self.chat_of(caller, chat_id, Right::CareDesk).await?;
        let staff_id = agent.staff_id.clone();
        let step: ChatStep = Arc::new(move |chat| steps::give_back(chat, &staff_id, at).map(Some));
        Ok(self.step_chat(&whose, chat_id, LineFrom::Agent(agent), None, step, at).await?.last_seq)
    }
}

pub(super) fn chat_agent(agent: &Agent) -> ChatAgent {
    ChatAgent { staff_id: agent.staff_id.clone(), alias: agent.alias.clone() }
}

fn listed_chat(chat: books::ListedChat) -> WaitingChat {
    let books::ListedChat { customer_id, chat_id, case_id, queued_at: since, .. } = chat;
    WaitingChat { chat_id, case_id, customer_id, since }
}
