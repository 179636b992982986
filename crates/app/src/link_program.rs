//! Partners' programs that a customer links, unlinks, and always uses.
//!
//! What a partner is asked is written down first, so that a crash or a lost answer forgets nothing: the worker of
//! what is due asks again under the same key. There is at most one open ask for each program of a customer, so
//! an old one can never undo what came later.

use choba_engine::books::{Changes, EventKind, HeldLink, Operation};
use choba_engine::market::{Held, Market};
use choba_engine::money::Points;
use choba_outside::record::Balance;
use choba_outside::{Ask, AskError, PartyName, Reply, Secret};
use choba_store::books::{
    self, Decision, LinkAsk, LinkAskRow, LinkOutcome, LinkRow, Loaded, Needs, Next, ToWrite,
};
use choba_store::sql::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::asking::{code_of, wait_after};
use crate::{AppError, Counter, Key, Whose};

/// A program to be linked.
#[derive(Clone, Debug)]
pub struct LinkProgram {
    /// Whose, where.
    pub whose: Whose,
    /// Which program of a partner.
    pub program: String,
    /// The one-time code that the partner showed to the customer.
    pub code: Secret,
    /// The caller's key.
    pub key: Key,
}

/// A linked program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkedProgram {
    /// Which.
    pub program: String,
    /// Use all of it wherever a request says nothing of it.
    pub always_use: bool,
    /// Points held there, as the partner last said.
    pub balance: Points,
    /// Points earned in the three months before this one, as the partner last said.
    pub earned_last_3_months: Points,
    /// Points earned this month, as the partner last said.
    pub earned_this_month: Points,
    /// When the partner said so; nothing where it has not yet.
    pub seen_at: Option<Timestamp>,
}

impl From<LinkRow> for LinkedProgram {
    fn from(row: LinkRow) -> Self {
        Self {
            program: row.link.program,
            always_use: row.link.always_use,
            balance: row.link.balance,
            earned_last_3_months: row.link.earned_last_3_months,
            earned_this_month: row.link.earned_this_month,
            seen_at: row.seen_at,
        }
    }
}

impl Counter {
    /// Links a program with the code that its partner showed to the customer.
    ///
    /// # Errors
    /// [`AppError::Field`] for a program that is no partner's, [`AppError::AlreadyLinked`],
    /// [`AppError::PartyRefused`] with the partner's code, [`AppError::PartyUnavailable`] where it may be tried
    /// again under the same key, and what the database answers.
    pub async fn link_program(&self, link: LinkProgram, at: Timestamp) -> Result<LinkedProgram, AppError> {
        let LinkProgram { whose, program, code, key } = link;
        let market = self.markets.get(&whose.market)?;
        partner_program(&market, &program)?;
        self.finish_open_link_ask(&whose, &program, at).await?;
        let step = Step::Ask(LinkAsk::Link { code: code.reveal().to_owned() });
        let ask_id = self.write_link_step(&whose, &program, step, key, at).await?;
        let asked = books::link_ask(&self.store, &whose.customer_id, &ask_id).await?;
        let asked = asked.ok_or_else(|| AppError::Defect("an ask about a link is gone".to_owned()))?;
        match self.ask_about_link(&asked, at).await? {
            Some(LinkOutcome::Linked { .. } | LinkOutcome::Unlinked) => {}
            Some(LinkOutcome::Refused { code }) => {
                return Err(AppError::PartyRefused { party: program, code });
            }
            Some(LinkOutcome::NotDone) | None => return Err(AppError::PartyUnavailable { party: program }),
        }
        match self.refresh_link(&whose, &program, at).await {
            // It is linked all the same; the balance is heard later.
            Err(AppError::PartyUnavailable { .. } | AppError::PartyRefused { .. }) => {
                self.linked_program(&whose, &program).await
            }
            other => other,
        }
    }

    /// Ends a link at once, and tells the partner.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where it is not linked, and what the database answers.
    pub async fn unlink_program(
        &self,
        whose: &Whose,
        program: &str,
        key: Key,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let ask_id = self.write_link_step(whose, program, Step::End, key, at).await?;
        if let Some(asked) = books::link_ask(&self.store, &whose.customer_id, &ask_id).await? {
            // The link has ended here already; where the partner cannot be told now, it is told later.
            self.ask_about_link(&asked, at).await?;
        }
        Ok(())
    }

    /// Sets whether all of a linked program is used wherever a request says nothing of it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where it is not linked, and what the database answers.
    pub async fn always_use_program(
        &self,
        whose: &Whose,
        program: &str,
        always: bool,
        at: Timestamp,
    ) -> Result<LinkedProgram, AppError> {
        let decision = AlwaysUse {
            whose: whose.clone(),
            program: program.to_owned(),
            always,
            operation: self.operation("customer", at),
        };
        self.perform(decision).await??;
        self.linked_program(whose, program).await
    }

    /// The linked programs, with what their partners last said.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn linked_programs(&self, whose: &Whose) -> Result<Vec<LinkedProgram>, AppError> {
        self.markets.get(&whose.market)?;
        let rows = books::links_with_times(&self.store, &whose.customer_id, &whose.market).await?;
        Ok(rows.into_iter().map(LinkedProgram::from).collect())
    }

    /// Asks the partner for the balance, and keeps what it says.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where it is not linked, [`AppError::PartyRefused`], for instance where the
    /// customer has ended the link there, [`AppError::PartyUnavailable`], and what the database answers.
    pub async fn refresh_link(
        &self,
        whose: &Whose,
        program: &str,
        at: Timestamp,
    ) -> Result<LinkedProgram, AppError> {
        let row = self.link_row(whose, program).await?;
        let ask = Ask::Balance { account: row.link.account.clone() };
        let said = match self.outside.ask(&PartyName::from(program), "balance", &ask).await {
            Ok(Reply::Balance(said)) => said,
            Err(AskError::Refused(refusal)) => {
                return Err(AppError::PartyRefused { party: program.to_owned(), code: code_of(&refusal) });
            }
            _ => return Err(AppError::PartyUnavailable { party: program.to_owned() }),
        };
        let link = with_balance(row.link, &said);
        books::keep_partner_balance(&self.store, &whose.customer_id, &whose.market, &link, at).await?;
        self.linked_program(whose, program).await
    }

    async fn link_row(&self, whose: &Whose, program: &str) -> Result<LinkRow, AppError> {
        let rows = books::links_with_times(&self.store, &whose.customer_id, &whose.market).await?;
        let row = rows.into_iter().find(|row| row.link.program == program);
        row.ok_or_else(|| AppError::not_found("link", program))
    }

    async fn linked_program(&self, whose: &Whose, program: &str) -> Result<LinkedProgram, AppError> {
        self.link_row(whose, program).await.map(LinkedProgram::from)
    }

    async fn write_link_step(
        &self,
        whose: &Whose,
        program: &str,
        step: Step,
        key: Key,
        at: Timestamp,
    ) -> Result<String, AppError> {
        let (whose, program) = (whose.clone(), program.to_owned());
        let operation = self.operation("customer", at);
        self.perform(WriteDown { whose, program, step, key, operation }).await?
    }

    /// What was asked before has to be answered before anything new is asked.
    async fn finish_open_link_ask(
        &self,
        whose: &Whose,
        program: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let open = books::open_link_ask(&self.store, &whose.customer_id, &whose.market, program).await?;
        let Some(open) = open else { return Ok(()) };
        match self.ask_about_link(&open, at).await? {
            Some(_) => Ok(()),
            None => Err(AppError::PartyUnavailable { party: program.to_owned() }),
        }
    }

    /// Asks a partner what is written down, and takes the answer in; nothing where it has to be asked again.
    pub(crate) async fn ask_about_link(
        &self,
        asked: &LinkAskRow,
        at: Timestamp,
    ) -> Result<Option<LinkOutcome>, AppError> {
        let Some(ask) = &asked.ask else { return Ok(asked.outcome.clone()) };
        let wire = match ask {
            LinkAsk::Link { code } => Ask::Link { code: Secret::from(code.as_str()) },
            LinkAsk::Unlink { account } => Ask::Unlink { account: account.clone() },
        };
        let party = PartyName::from(asked.program.as_str());
        let outcome = match self.outside.ask(&party, &asked.ask_id, &wire).await {
            Ok(Reply::Link(link)) => LinkOutcome::Linked { account: link.account },
            Ok(_) => LinkOutcome::Unlinked,
            Err(AskError::Refused(refusal)) => LinkOutcome::Refused { code: code_of(&refusal) },
            Err(AskError::Declined { code, .. }) => LinkOutcome::Refused { code },
            Err(AskError::Unavailable { .. } | AskError::Misconfigured { .. })
                if asked.attempts == 0 && matches!(ask, LinkAsk::Link { .. }) =>
            {
                // The customer is waiting and can try again.
                LinkOutcome::NotDone
            }
            Err(_) => {
                let again = at.checked_add(wait_after(asked.attempts)).unwrap_or(at);
                books::postpone_link_ask(&self.store, asked, again).await?;
                return Ok(None);
            }
        };
        let operation = self.operation("system", at);
        let settle = Settle { asked: asked.clone(), outcome, operation };
        self.perform(settle).await?.map(Some)
    }
}

fn with_balance(link: HeldLink, said: &Balance) -> HeldLink {
    HeldLink {
        balance: points(said.available),
        earned_last_3_months: points(said.earned_last_3_months),
        earned_this_month: points(said.earned_this_month),
        ..link
    }
}

fn points(number: u64) -> Points {
    Points::new(i64::try_from(number).unwrap_or(i64::MAX)).min(Points::INPUT_MAX)
}

fn partner_program(market: &Market, program: &str) -> Result<(), AppError> {
    let known = market.program(program).filter(|program| program.held == Held::Partner);
    known.map(drop).ok_or_else(|| AppError::field("/program", "expected a partner's program"))
}

enum Step {
    Ask(LinkAsk),
    End,
}

/// Writes down what is to be asked; an ending link ends with it. Answers the ask's id.
struct WriteDown {
    whose: Whose,
    program: String,
    step: Step,
    key: Key,
    operation: Operation,
}

/// What is answered under a key: which ask was written down under it.
#[derive(Serialize, Deserialize)]
struct WrittenDown {
    ask_id: String,
}

impl Decision for WriteDown {
    type Answer = Result<String, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let (customer_id, market) = self.whose();
        let open = LinkAskRow::find_open(customer_id, market, &self.program);
        Needs { links: true, key: Some(self.key.key.clone()), more: vec![open], ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let before = match self.key.answer_before::<WrittenDown>(loaded.key.as_ref()) {
            Ok(before) => before,
            Err(error) => return Ok(Next::Answer(Err(error))),
        };
        if let Some(WrittenDown { ask_id }) = before {
            return self.again(loaded, ask_id);
        }
        Ok(match self.write(loaded) {
            Ok((to_write, ask_id)) => Next::Write(Box::new(to_write), Ok(ask_id)),
            Err(error) => Next::Answer(Err(error)),
        })
    }
}

impl WriteDown {
    /// It was written down before. One that certainly came to nothing is written down again, for the same key
    /// asks the same.
    fn again(&self, loaded: &Loaded, ask_id: String) -> Result<Next<Result<String, AppError>>, StoreError> {
        let Some(found) = loaded.more.get(1) else {
            let more = vec![LinkAskRow::find(&self.whose.customer_id, &ask_id)];
            return Ok(Next::Load(Needs { more, ..Needs::default() }));
        };
        let asked = found.first().map(LinkAskRow::read).transpose()?;
        let not_done = asked.is_some_and(|asked| asked.outcome == Some(LinkOutcome::NotDone));
        let free = loaded.books.link(&self.program).is_none() && nothing_open(loaded);
        if !not_done || !free {
            return Ok(Next::Answer(Ok(ask_id)));
        }
        let Step::Ask(ask) = &self.step else { return Ok(Next::Answer(Ok(ask_id))) };
        let more = vec![self.row(&ask_id, ask.clone()).write_down(self.operation.at)?];
        Ok(Next::Write(Box::new(ToWrite { more, ..ToWrite::default() }), Ok(ask_id)))
    }

    fn write(&self, loaded: &Loaded) -> Result<(ToWrite, String), AppError> {
        if !nothing_open(loaded) {
            return Err(AppError::PartyUnavailable { party: self.program.clone() });
        }
        let (ask, mut more, mut changes) = (self.ask(loaded)?, Vec::new(), Changes::default());
        if let Step::End = self.step {
            let (customer_id, market) = self.whose();
            more.push(books::end_link(customer_id, market, &self.program));
            changes.tell(EventKind::LinkChanged, &self.program);
        }
        let ask_id = format!("lnk_{}", self.operation.id);
        more.push(self.row(&ask_id, ask).write_down(self.operation.at)?);
        let key = Some(self.key.keep(&WrittenDown { ask_id: ask_id.clone() })?);
        Ok((ToWrite { changes, key, more, ..ToWrite::default() }, ask_id))
    }

    fn ask(&self, loaded: &Loaded) -> Result<LinkAsk, AppError> {
        let link = loaded.books.link(&self.program);
        match (&self.step, link) {
            (Step::Ask(_), Some(_)) => Err(AppError::AlreadyLinked { program: self.program.clone() }),
            (Step::Ask(ask), None) => Ok(ask.clone()),
            (Step::End, Some(link)) => Ok(LinkAsk::Unlink { account: link.account.clone() }),
            (Step::End, None) => Err(AppError::not_found("link", &self.program)),
        }
    }

    fn row(&self, ask_id: &str, ask: LinkAsk) -> LinkAskRow {
        LinkAskRow {
            customer_id: self.whose.customer_id.clone(),
            ask_id: ask_id.to_owned(),
            market: self.whose.market.clone(),
            program: self.program.clone(),
            ask: Some(ask),
            outcome: None,
            attempts: 0,
        }
    }
}

fn nothing_open(loaded: &Loaded) -> bool {
    loaded.more.first().is_none_or(Vec::is_empty)
}

/// Keeps a partner's answer, together with the link that comes of it.
struct Settle {
    asked: LinkAskRow,
    outcome: LinkOutcome,
    operation: Operation,
}

impl Decision for Settle {
    type Answer = Result<LinkOutcome, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.asked.customer_id, &self.asked.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let asked = LinkAskRow::find(&self.asked.customer_id, &self.asked.ask_id);
        Needs { links: true, more: vec![asked], ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let row = loaded.more.first().and_then(|rows| rows.first());
        let known = row.map(LinkAskRow::read).transpose()?;
        // Another process may have taken the answer in meanwhile.
        if let Some(outcome) = known.and_then(|known| known.outcome) {
            return Ok(Next::Answer(Ok(outcome)));
        }
        let mut to_write =
            ToWrite { more: vec![self.asked.settled_with(&self.outcome)?], ..ToWrite::default() };
        if let LinkOutcome::Linked { account } = &self.outcome {
            let (customer_id, market) = self.whose();
            to_write.more.push(books::new_link(customer_id, market, &self.asked.program, account));
            to_write.changes.tell(EventKind::LinkChanged, &self.asked.program);
        }
        Ok(Next::Write(Box::new(to_write), Ok(self.outcome.clone())))
    }
}

struct AlwaysUse {
    whose: Whose,
    program: String,
    always: bool,
    operation: Operation,
}

impl Decision for AlwaysUse {
    type Answer = Result<(), AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs { links: true, ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        match loaded.books.link(&self.program) {
            None => Ok(Next::Answer(Err(AppError::not_found("link", &self.program)))),
            Some(link) if link.always_use == self.always => Ok(Next::Answer(Ok(()))),
            Some(_) => {
                let (customer_id, market) = self.whose();
                let more = vec![books::always_use(customer_id, market, &self.program, self.always)];
                Ok(Next::Write(Box::new(ToWrite { more, ..ToWrite::default() }), Ok(())))
            }
        }
    }
}
