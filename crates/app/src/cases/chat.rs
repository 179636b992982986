//! Chats: started by a customer within a case, taken by somebody of the desk, said in by both, ended with a transcript.
//!
//! A chat belongs to a customer, not to a browser: every step looks whose it is. A line is known by the name that its
//! sender gave it, so that sending it again says nothing twice.

use std::sync::Arc;

use choba_care::case::{Actor, Agent, Case, CaseChange, CaseEvent, CaseTerms, Channel};
use choba_care::chat::{
    Chat, ChatRefusal, ChatState, ChatTerms, LineFrom, Transcript, TranscriptLine, steps, transcript,
};
use choba_care::contact::Care;
use choba_care::erlang::Wait;
use choba_care::offer::{self, Offer, Open};
use choba_engine::books::{Changes, Operation};
use choba_store::books::{self, Decision, Loaded, Needs, Next, ToWrite};
use choba_store::sql::{StoreError, Write};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::change::{CaseWriter, events_of, kept_text, said_by};
use super::chat_desk::chat_agent;
use super::chat_hub::{ChatHub, ChatWatch};
use super::desk::actor;
use crate::audit_log::Action;
use crate::entropy::new_id;
use crate::{AppError, Caller, Counter, Right, Whose};

/// So many lines are read at once.
const LINES_AT_ONCE: i64 = 500;

/// So many chats are looked at with one statement.
const FOLLOWED_AT_ONCE: usize = 1_000;

/// Being seen is written down no more often than this.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// A chat that was started, or the one there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StartedChat {
    /// Which.
    pub chat_id: String,
    /// Its case.
    pub case_id: String,
    /// Where it stands.
    pub state: &'static str,
    /// The number of its last line.
    pub last_seq: u32,
}

/// What came of asking for a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatRequested {
    /// It waits for somebody of the desk.
    Started(StartedChat),
    /// The customer has one open: this one.
    AlreadyOpen(StartedChat),
    /// That is not possible any more; this is what is offered now.
    NewOffers {
        /// The ways that are open now.
        offers: Vec<Offer>,
    },
}

/// What came of saying something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SaidInChat {
    /// The line's number.
    pub seq: u32,
    /// The number of the chat's last line: whoever has not seen it has a connection that is broken one way.
    pub last_seq: u32,
    /// Whether it had been said before under this name.
    pub repeated: bool,
}

/// Where a chat waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatPlace {
    /// How many wait before it.
    pub ahead: i64,
    /// Since when it has waited.
    pub since: Timestamp,
    /// How long it still takes, as far as it can be told.
    pub wait: Option<Wait>,
}

/// A chat as both sides see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatView {
    /// Which.
    pub chat_id: String,
    /// Its case.
    pub case_id: String,
    /// Where it stands.
    pub state: &'static str,
    /// The agent's public name, where somebody is in it.
    pub agent: Option<String>,
    /// Where it waits, if it does.
    pub place: Option<ChatPlace>,
    /// The number of its last line.
    pub last_seq: u32,
    /// The digest of the transcript, once it has ended.
    pub transcript_sha256: Option<String>,
    /// Lines after the one that was asked for, at most 500.
    pub lines: Vec<TranscriptLine>,
}

impl Counter {
    /// A customer asks for a chat in a case. What was offered is looked at again: where it does not hold any more, the
    /// answer is what is offered now, not an error.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another customer's case, and where nobody is asked such a question any more; as
    /// [`Counter::start_chat`].
    pub async fn request_chat(
        &self,
        caller: &Caller,
        case_id: &str,
        at: Timestamp,
    ) -> Result<ChatRequested, AppError> {
        let (whose, case, _) = self.case_of(caller, case_id, Right::CasesWrite).await?;
        let Whose { customer_id, market } = &whose;
        if let Some(open) = books::open_chat_of(&self.store, customer_id, market).await? {
            return Ok(ChatRequested::AlreadyOpen(started(&open)));
        }
        let asked = self.asked(market, &case.opening.question)?;
        let offers = self.offers_for(market, &asked, None, at).await?;
        let is_open =
            offers.iter().any(|offer| offer.channel == offer::Channel::Chat && offer.open == Open::Now);
        if !is_open {
            return Ok(ChatRequested::NewOffers { offers });
        }
        Ok(ChatRequested::Started(self.start_chat(caller, case_id, at).await?))
    }

    /// Starts a chat in a case, or answers with the one that the customer has open in the market: there is one at most.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another customer's case, [`AppError::Case`] where the case is over, and what the
    /// database answers.
    pub async fn start_chat(
        &self,
        caller: &Caller,
        case_id: &str,
        at: Timestamp,
    ) -> Result<StartedChat, AppError> {
        let whose = self.whose_case(caller, case_id, Right::CasesWrite).await?;
        let Caller::Customer { .. } = caller else {
            return Err(AppError::NotAllowed { right: Right::CasesWrite.as_str() });
        };
        let decision = Start {
            chat_id: format!("cha_{}", new_id(&*self.entropy, at)),
            case_id: case_id.to_owned(),
            operation: self.operation("customer", at),
            terms: self.case_terms(),
            chat_terms: ChatTerms::default(),
            care: self.markets.care(&whose.market)?,
            whose,
        };
        self.perform(decision).await?
    }

    /// A chat with its lines after one.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another customer's, and what the database answers.
    pub async fn chat(
        &self,
        caller: &Caller,
        chat_id: &str,
        after: u32,
        at: Timestamp,
    ) -> Result<ChatView, AppError> {
        let (whose, chat) = self.chat_of(caller, chat_id, Right::CasesRead).await?;
        let lines = if chat.last_seq > after {
            books::chat_lines(&self.store, &whose.customer_id, chat_id, after, LINES_AT_ONCE).await?
        } else {
            Vec::new()
        };
        let place = match chat.state {
            ChatState::Queued => Some(self.place_of_chat(&whose, &chat, at).await?),
            _ => None,
        };
        Ok(ChatView {
            chat_id: chat.chat_id,
            case_id: chat.case_id,
            state: chat.state.code(),
            agent: chat.state.agent().map(|agent| agent.alias.clone()),
            place,
            last_seq: chat.last_seq,
            transcript_sha256: chat.transcript_sha256,
            lines: lines.iter().map(TranscriptLine::of).collect(),
        })
    }

    async fn place_of_chat(&self, whose: &Whose, chat: &Chat, at: Timestamp) -> Result<ChatPlace, AppError> {
        let ahead = books::chats_ahead(&self.store, &whose.market, chat).await?;
        let row = books::case_row(&self.store, &whose.customer_id, &chat.case_id).await?;
        let question = row.map(|row| row.question).unwrap_or_default();
        let wait = self.chat_wait(&whose.market, &question, ahead, at).await?;
        Ok(ChatPlace { ahead, since: chat.queued_at, wait })
    }

    /// Tells those who listen in this process of what other processes wrote. To be called every second.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn follow_chats(&self) -> Result<(), AppError> {
        for some in self.hub.listened_to().chunks(FOLLOWED_AT_ONCE) {
            for (chat_id, last_seq) in books::last_lines(&self.store, some).await? {
                self.hub.said(&chat_id, last_seq);
            }
        }
        Ok(())
    }

    /// Listens to a chat. What is new is then read with [`Counter::chat`].
    ///
    /// # Errors
    /// As [`Counter::chat`], and [`AppError::Chat`] where more than can be of use listen to it.
    pub async fn watch_chat(&self, caller: &Caller, chat_id: &str) -> Result<ChatWatch, AppError> {
        self.chat_of(caller, chat_id, Right::CasesRead).await?;
        Ok(self.hub.watch(chat_id).ok_or(ChatRefusal::TooManyListen)?)
    }

    /// Says something, once for each name that its sender gives it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another customer's, [`AppError::Chat`], for instance where it has ended, and what
    /// the database answers.
    pub async fn say_in_chat(
        &self,
        caller: &Caller,
        chat_id: &str,
        client_id: &str,
        text: &str,
        at: Timestamp,
    ) -> Result<SaidInChat, AppError> {
        let (whose, from) = self.side(caller, chat_id).await?;
        let text = kept_text(text, from == LineFrom::Customer);
        let (speaker, name, terms) = (from.clone(), client_id.to_owned(), ChatTerms::default());
        let step: ChatStep =
            Arc::new(move |chat| steps::say(chat, &terms, &speaker, &name, &text, at).map(Some));
        let said = Some(client_id.to_owned());
        let done = self.step_chat(&whose, chat_id, from, said, step, at).await?;
        let seq = done.seq.ok_or_else(|| AppError::Defect("a line without a number".to_owned()))?;
        Ok(SaidInChat { seq, last_seq: done.last_seq, repeated: done.repeated })
    }

    /// One side is still there.
    ///
    /// # Errors
    /// As [`Counter::say_in_chat`].
    pub async fn seen_in_chat(&self, caller: &Caller, chat_id: &str, at: Timestamp) -> Result<u32, AppError> {
        let (whose, from) = self.side(caller, chat_id).await?;
        let side = from.clone();
        let step: ChatStep = Arc::new(move |chat| {
            let before =
                if side == LineFrom::Customer { Some(chat.customer_seen_at) } else { chat.agent_seen_at };
            let recent = before.is_some_and(|before| at.duration_since(before) < SEEN_EVERY);
            let chat = steps::seen(chat, &side, at)?;
            Ok((!recent).then_some((chat, Vec::new())))
        });
        Ok(self.step_chat(&whose, chat_id, from, None, step, at).await?.last_seq)
    }

    /// One side is typing. Nothing of it is kept.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another customer's, and what the database answers.
    pub async fn typing_in_chat(
        &self,
        caller: &Caller,
        chat_id: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let (_, from) = self.side(caller, chat_id).await?;
        self.hub.typing(chat_id, from == LineFrom::Customer, at);
        Ok(())
    }

    /// One side ends a chat. Its transcript is frozen, its digest stands on the case, and others hear of it.
    ///
    /// # Errors
    /// As [`Counter::say_in_chat`].
    pub async fn end_chat(&self, caller: &Caller, chat_id: &str, at: Timestamp) -> Result<u32, AppError> {
        let (whose, from) = self.side(caller, chat_id).await?;
        let side = from.clone();
        let step: ChatStep = Arc::new(move |chat| {
            let over = matches!(chat.state, ChatState::Ended(_));
            let stepped = steps::end(chat, &side, at)?;
            Ok((!over).then_some(stepped))
        });
        Ok(self.step_chat(&whose, chat_id, from, None, step, at).await?.last_seq)
    }

    /// The transcript of a chat, and whether it still is what was frozen when it ended.
    ///
    /// # Errors
    /// As [`Counter::chat`].
    pub async fn chat_transcript(
        &self,
        caller: &Caller,
        chat_id: &str,
    ) -> Result<(Transcript, bool), AppError> {
        let (whose, chat) = self.chat_of(caller, chat_id, Right::CasesRead).await?;
        let lines =
            books::chat_lines(&self.store, &whose.customer_id, chat_id, 0, i64::from(u32::MAX)).await?;
        let transcript = transcript(chat_id, &lines);
        let digest = transcript.sha256().map_err(|error| AppError::Defect(error.to_string()))?;
        let as_frozen = chat.transcript_sha256.is_some_and(|frozen| frozen == digest);
        Ok((transcript, as_frozen))
    }

    /// What time brings a chat.
    pub(super) async fn tend_chat(
        &self,
        whose: &Whose,
        chat_id: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let terms = ChatTerms::default();
        let step: ChatStep = Arc::new(move |chat| {
            let (chat, lines) = steps::time_passed(chat, &terms, at);
            Ok((!lines.is_empty()).then_some((chat, lines)))
        });
        self.step_chat(whose, chat_id, LineFrom::System, None, step, at).await.map(|_| ())
    }

    /// The chats that this process listens to.
    pub fn chat_hub(&self) -> &ChatHub {
        &self.hub
    }

    /// Which side of a chat the caller is on.
    async fn side(&self, caller: &Caller, chat_id: &str) -> Result<(Whose, LineFrom), AppError> {
        let (whose, _) = self.chat_of(caller, chat_id, Right::CasesWrite).await?;
        let from = match caller {
            Caller::Customer { .. } => LineFrom::Customer,
            _ => LineFrom::Agent(chat_agent(&self.agent(caller, Right::CareDesk)?)),
        };
        Ok((whose, from))
    }

    /// A chat, if the caller may do this with its customer's things.
    pub(super) async fn chat_of(
        &self,
        caller: &Caller,
        chat_id: &str,
        right: Right,
    ) -> Result<(Whose, Chat), AppError> {
        if !caller.has(right) {
            return Err(AppError::NotAllowed { right: right.as_str() });
        }
        let none = || AppError::not_found("chat", chat_id);
        let (customer_id, market) = books::whose_chat(&self.store, chat_id).await?.ok_or_else(none)?;
        let whose = caller.acting_for(&customer_id, &market, right).map_err(|_| none())?;
        let chat = books::chat_of_customer(&self.store, &customer_id, chat_id).await?.ok_or_else(none)?;
        Ok((whose, chat))
    }

    pub(super) async fn step_chat(
        &self,
        whose: &Whose,
        chat_id: &str,
        from: LineFrom,
        said: Option<String>,
        step: ChatStep,
        at: Timestamp,
    ) -> Result<ChatDone, AppError> {
        let by = match &from {
            LineFrom::Customer => Actor::Customer,
            LineFrom::Agent(agent) => {
                actor(&Agent { staff_id: agent.staff_id.clone(), alias: agent.alias.clone() })
            }
            LineFrom::System => Actor::System,
        };
        let decision = Step {
            whose: whose.clone(),
            chat_id: chat_id.to_owned(),
            operation: self.operation(&said_by(&by), at),
            by,
            from,
            said,
            step,
            care: self.markets.care(&whose.market)?,
            terms: self.case_terms(),
            chat_terms: ChatTerms::default(),
        };
        let action = Action::new("chat.changed", chat_id).about(&whose.customer_id);
        let done = self.perform_as(decision, action).await??;
        self.hub.said(chat_id, done.last_seq);
        Ok(done)
    }
}

struct Start {
    whose: Whose,
    chat_id: String,
    case_id: String,
    operation: Operation,
    care: Arc<Care>,
    terms: CaseTerms,
    chat_terms: ChatTerms,
}

impl Decision for Start {
    type Answer = Result<StartedChat, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let Whose { customer_id, market } = &self.whose;
        let more =
            vec![books::find_open_chat(customer_id, market), books::events_of(customer_id, &self.case_id)];
        Needs { more, ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        if let Some(row) = loaded.more.first().and_then(|rows| rows.first()) {
            return Ok(Next::Answer(Ok(started(&books::read_chat(row)?))));
        }
        let rows = loaded.more.get(1).map_or(&[][..], Vec::as_slice);
        let Some((case, events)) = books::read_case(&self.case_id, rows)? else {
            return Ok(Next::Answer(Err(AppError::not_found("case", &self.case_id))));
        };
        Ok(match self.start(&case, &events) {
            Err(error) => Next::Answer(Err(error)),
            Ok((more, chat)) => {
                Next::Write(Box::new(ToWrite { more, ..ToWrite::default() }), Ok(started(&chat)))
            }
        })
    }
}

fn started(chat: &Chat) -> StartedChat {
    let (chat_id, case_id) = (chat.chat_id.clone(), chat.case_id.clone());
    StartedChat { chat_id, case_id, state: chat.state.code(), last_seq: chat.last_seq }
}

impl Start {
    fn start(&self, case: &Case, before: &[CaseEvent]) -> Result<(Vec<Write>, Chat), AppError> {
        let Whose { customer_id, market } = &self.whose;
        let chat = steps::request(&self.chat_id, &self.case_id, self.operation.at);
        let linked = CaseChange::ContactLinked { channel: Channel::Chat, contact_id: self.chat_id.clone() };
        choba_care::case::steps::not_over(case)?;
        let writer = CaseWriter {
            care: &self.care,
            whose: &self.whose,
            terms: &self.terms,
            by: &Actor::Customer,
            at: self.operation.at,
        };
        let (_, mut writes) = writer.write(&self.case_id, Some((case, before)), vec![linked])?;
        writes.extend(books::write_chat(customer_id, market, &chat, &[], &self.chat_terms)?);
        Ok((writes, chat))
    }
}

/// A step of a chat; nothing where there is nothing to write.
pub(super) type ChatStep = Arc<dyn Fn(Chat) -> Result<Option<steps::Stepped>, ChatRefusal> + Send + Sync>;

/// What came of a step.
pub(super) struct ChatDone {
    seq: Option<u32>,
    pub(super) last_seq: u32,
    repeated: bool,
}

struct Step {
    whose: Whose,
    chat_id: String,
    by: Actor,
    from: LineFrom,
    /// The name of what is said.
    said: Option<String>,
    step: ChatStep,
    operation: Operation,
    care: Arc<Care>,
    terms: CaseTerms,
    chat_terms: ChatTerms,
}

impl Decision for Step {
    type Answer = Result<ChatDone, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let customer_id = &self.whose.customer_id;
        let mut more = vec![books::find_chat(customer_id, &self.chat_id)];
        more.extend(
            self.said.iter().map(|name| books::find_line(customer_id, &self.chat_id, &self.from, name)),
        );
        Needs { more, ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let Some(row) = loaded.more.first().and_then(|rows| rows.first()) else {
            return Ok(Next::Answer(Err(AppError::not_found("chat", &self.chat_id))));
        };
        let chat = books::read_chat(row)?;
        let first = 1_usize.saturating_add(usize::from(self.said.is_some()));
        if let Some(row) = self.said.as_ref().and_then(|_| loaded.more.get(1)).and_then(|rows| rows.first()) {
            let seq = Some(books::read_line(row)?.seq);
            return Ok(Next::Answer(Ok(ChatDone { seq, last_seq: chat.last_seq, repeated: true })));
        }
        let (last_seq, case_id) = (chat.last_seq, chat.case_id.clone());
        let (chat, lines) = match (self.step)(chat) {
            Err(refusal) => return Ok(Next::Answer(Err(refusal.into()))),
            Ok(None) => return Ok(Next::Answer(Ok(ChatDone { seq: None, last_seq, repeated: false }))),
            Ok(Some(stepped)) => stepped,
        };
        let over = matches!(chat.state, ChatState::Ended(_));
        match (over, loaded.more.get(first), loaded.more.get(first.saturating_add(1))) {
            (true, Some(said), Some(case)) => {
                let before = said.iter().map(books::read_line).collect::<Result<Vec<_>, _>>()?;
                let case = books::read_case(&case_id, case)?;
                let lines_all = [before, lines.clone()].concat();
                let digest = transcript(&self.chat_id, &lines_all).sha256();
                let digest = digest.map_err(|error| StoreError::Defect { reason: error.to_string() })?;
                let chat = Chat { transcript_sha256: Some(digest), ..chat };
                self.write(&chat, &lines, case)
            }
            (true, _, _) => {
                let customer_id = &self.whose.customer_id;
                let lines = books::find_lines(customer_id, &self.chat_id, 0, i64::from(u32::MAX));
                let more = vec![lines, books::events_of(customer_id, &case_id)];
                Ok(Next::Load(Needs { more, ..Needs::default() }))
            }
            (false, _, _) => self.write(&chat, &lines, None),
        }
    }
}

impl Step {
    fn write(
        &self,
        chat: &Chat,
        lines: &[choba_care::chat::ChatLine],
        case: Option<(Case, Vec<CaseEvent>)>,
    ) -> Result<Next<Result<ChatDone, AppError>>, StoreError> {
        let Whose { customer_id, market } = &self.whose;
        let mut more = books::write_chat(customer_id, market, chat, lines, &self.chat_terms)?;
        let mut events = Vec::new();
        if let (Some((case, before)), Some(sha256)) = (case, &chat.transcript_sha256) {
            let frozen =
                vec![CaseChange::TranscriptFrozen { chat_id: self.chat_id.clone(), sha256: sha256.clone() }];
            events = events_of(&case.case_id, &frozen, &self.by);
            let (whose, at) = (&self.whose, self.operation.at);
            let writer = CaseWriter { care: &self.care, whose, terms: &self.terms, by: &self.by, at };
            let written = writer.write(&case.case_id, Some((&case, &before)), frozen);
            more.extend(written.map_err(|fault| StoreError::Defect { reason: fault.to_string() })?.1);
        }
        let seq = lines.iter().find(|line| line.client_id.is_some()).map(|line| line.seq);
        let done = ChatDone { seq, last_seq: chat.last_seq, repeated: false };
        let changes = Changes { events, ..Changes::default() };
        Ok(Next::Write(Box::new(ToWrite { changes, more, ..ToWrite::default() }), Ok(done)))
    }
}
