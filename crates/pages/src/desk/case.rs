//! One screen for a case: what is known, what happened, and everything that can be done.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, DeskCase, Macro, Right};
use choba_care::case::{CaseRefusal, TemplateUsed};
use choba_care::reply_template::ReplyTemplate;
use choba_care::sla::{Timer, TimerState};
use choba_engine::market::{Held, LotKind, Market};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::act::REASONS;
use super::acting::{Acting, RedeliveryForm, redeliveries};
use super::case_facts::OrderFacts;
use super::names::{Names, new_key};
use super::queue::priority_word;
use super::timeline::{EventShown, timeline, word};
use crate::frame::{Frame, Room};
use crate::page::page_with;
use crate::visitor::Staff;

/// A case at the desk.
#[derive(Template)]
#[template(path = "desk/case.html")]
pub struct CasePage {
    pub frame: Frame,
    pub case: DeskCase,
    pub question: String,
    pub queue: String,
    pub queues: Vec<(String, String)>,
    pub escalates_to: Option<String>,
    pub priority: &'static str,
    pub timeline: Vec<EventShown>,
    pub levels: Vec<LevelShown>,
    pub order: Option<OrderFacts>,
    pub actions: Vec<ActionShown>,
    pub articles: Vec<(String, String)>,
    pub templates: Vec<ReplyTemplate>,
    pub macros: Vec<Macro>,
    pub programs: Vec<(String, String)>,
    pub redeliveries: Vec<RedeliveryForm>,
    pub checks: Vec<String>,
    pub may: May,
    pub key: String,
    pub typed: Typed,
}

/// What whoever looks may do with the case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Works at the desk.
    pub works: bool,
    /// Leads it.
    pub leads: bool,
    /// Agrees to others' actions.
    pub approves: bool,
    /// Has the case.
    pub has_it: bool,
}

/// How a promise stands.
pub struct LevelShown {
    pub metric: String,
    pub due_at: Option<Timestamp>,
    pub state: &'static str,
    pub is_missed: bool,
}

/// An action, with whether one may decide it.
pub struct ActionShown {
    pub action_id: String,
    pub what: String,
    pub reason: String,
    pub asked_by: String,
    pub approved_by: Option<String>,
    pub state: &'static str,
    pub refused_because: Option<String>,
    pub is_own: bool,
}

/// What was typed, and what came of it.
#[derive(Default)]
pub struct Typed {
    pub reply: String,
    pub asks: bool,
    pub template: Option<TemplateUsed>,
    /// A template that lacks what only an agent knows: its key, and each place with what was typed.
    pub lacks: Option<(String, Vec<(String, String)>)>,
    pub note: String,
    /// What others wrote since the page was opened.
    pub meanwhile: Vec<Meanwhile>,
    pub notice: Option<String>,
    pub revealed: Vec<String>,
    pub acting: Acting,
}

/// What somebody else wrote meanwhile.
pub struct Meanwhile {
    pub by: Option<String>,
    pub at: Timestamp,
    pub text: String,
}

impl CasePage {
    /// The page of a case as it stands.
    ///
    /// # Errors
    /// What the counter answers.
    pub async fn of(service: &Service, staff: &Staff, case_id: &str, typed: Typed) -> Result<Self, AppError> {
        let (counter, caller) = (&service.counter, &staff.caller);
        let now = service.clock.now();
        let case = counter.desk_case(caller, case_id, now).await?;
        let frame = Frame::of(&staff.visitor, Room::Desk, "/desk");
        let names = Names::of(counter, &case.market, frame.language);
        let may = May {
            works: caller.has(Right::CareDesk),
            leads: caller.has(Right::CareLead),
            approves: caller.has(Right::ValueApprove),
            has_it: case.owner.as_deref() == Some(&staff.staff_id),
        };
        let language = language_of(&case);
        let mut templates = counter.reply_templates(caller, &case.market).await?;
        templates.retain(|template| template.language == language);
        let market = counter.markets().get(&case.market)?;
        let programs = programs(&frame, &market);
        let articles = names.articles(&case.public.question);
        let articles: Vec<&str> = articles.iter().map(String::as_str).collect();
        let articles = counter.help_for(&case.market, frame.language, &articles)?;
        Ok(Self {
            question: names.question(&case.public.question),
            queue: names.queue(&case.queue),
            queues: names.queues(),
            escalates_to: names.escalates_to(&case.queue),
            priority: priority_word(case.priority),
            timeline: timeline(&frame, &names, &case),
            levels: case.levels.iter().map(level).collect(),
            order: case.order.as_ref().map(OrderFacts::of),
            actions: actions(&frame, &case, &staff.staff_id),
            articles: articles.into_iter().map(|article| (article.id, article.title)).collect(),
            macros: counter.macros(caller, &case.market).await?,
            checks: case.checks.iter().map(pretty).collect(),
            key: new_key(counter),
            redeliveries: redeliveries(counter, caller, &frame, &case, now).await?,
            templates,
            programs,
            may,
            frame,
            case,
            typed,
        })
    }

    /// The reasons of returns, by their words.
    pub fn reasons(&self) -> Vec<&'static str> {
        REASONS.iter().map(|(word, _)| *word).collect()
    }

    /// Whether nothing more is said in it.
    pub fn is_over(&self) -> bool {
        matches!(self.case.public.state, "closed" | "merged")
    }

    /// The customer's other cases, for merging.
    pub fn others(&self) -> Vec<&choba_app::ListedCase> {
        self.case.cases.iter().filter(|other| other.case_id != self.case.public.case_id).collect()
    }
}

/// The language that a case was opened in.
fn language_of(case: &DeskCase) -> String {
    let opened = case.timeline.iter().find(|event| event.case_id == case.public.case_id);
    let language = opened.and_then(|event| event.event.pointer("/opening/language")?.as_str());
    if language == Some("en") { "en".to_owned() } else { "ja".to_owned() }
}

fn level(timer: &Timer) -> LevelShown {
    let state = match timer.state {
        TimerState::Running => "running",
        TimerState::Paused => "paused",
        TimerState::Done(_) => "done",
        TimerState::Dropped(_) => "dropped",
    };
    LevelShown { metric: word(&timer.metric), due_at: timer.due_at, state, is_missed: timer.is_missed() }
}

fn actions(frame: &Frame, case: &DeskCase, staff_id: &str) -> Vec<ActionShown> {
    let shown = case.actions.iter().map(|action| ActionShown {
        action_id: action.action_id.clone(),
        what: super::act::said_of_value(frame, &action.action),
        reason: action.reason.clone(),
        asked_by: action.asked_by.clone(),
        approved_by: action.approved_by.clone(),
        state: action.state,
        refused_because: action.refused_because.clone(),
        is_own: action.asked_by == staff_id,
    });
    shown.collect()
}

/// The programs in which the market can give points, each kind by itself.
fn programs(frame: &Frame, market: &Market) -> Vec<(String, String)> {
    let held = market.programs.iter().filter(|program| program.held == Held::Here);
    let each = held.flat_map(|program| {
        let of_kind = |kind: &LotKind| {
            let name = format!("{} / {}", program.id, frame.say_of("desk-lot", word(kind)));
            (format!("{}/{}", program.id, word(kind)), name)
        };
        let whole = program.kinds.is_empty().then(|| (program.id.clone(), program.id.clone()));
        program.kinds.iter().map(of_kind).chain(whole).collect::<Vec<_>>()
    });
    each.collect()
}

fn pretty(evidence: &serde_json::Value) -> String {
    serde_json::to_string_pretty(evidence).unwrap_or_default()
}

pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
) -> Result<Response, Problem> {
    shown(&service, &staff, &case_id, StatusCode::OK, Typed::default()).await
}

/// The page of a case with what was typed.
///
/// # Errors
/// What the counter answers.
pub async fn shown(
    service: &Service,
    staff: &Staff,
    case_id: &str,
    status: StatusCode,
    typed: Typed,
) -> Result<Response, Problem> {
    page_with(status, &CasePage::of(service, staff, case_id, typed).await?)
}

/// The page of a case again, with why something was not done and all that was typed. What cannot be said there is a page of
/// its own.
///
/// # Errors
/// What the counter answers.
pub async fn refused(
    service: &Service,
    staff: &Staff,
    case_id: &str,
    error: AppError,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let frame = Frame::of(&staff.visitor, Room::Desk, "/desk");
    let code = code_of(&error).map(|code| format!("desk-refused-{code}").replace('_', "-"));
    let known = code.filter(|id| frame.has(id)).map(|id| frame.say(&id).to_string());
    if let AppError::Case(CaseRefusal::Moved { said, .. }) = &error {
        let said = said.iter().map(|said| Meanwhile {
            by: said.agent.as_ref().map(|agent| agent.alias.clone()),
            at: said.at,
            text: said.text.clone(),
        });
        typed.meanwhile = said.collect();
    }
    let problem = Problem::from(error);
    let status = problem.status();
    if !matches!(
        status,
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::TOO_MANY_REQUESTS
    ) {
        return Err(problem);
    }
    let said = known.or_else(|| problem.message(frame.language));
    let other = || frame.say("desk-refused-other").with("detail", problem.detail().to_owned()).to_string();
    typed.notice = Some(said.unwrap_or_else(other));
    shown(service, staff, case_id, status, typed).await
}

fn code_of(error: &AppError) -> Option<&'static str> {
    match error {
        AppError::Case(refusal) => Some(refusal.code()),
        AppError::TooManyTries { .. } => Some("too_many_tries"),
        AppError::Field { field, .. } if field == "/reason" => Some("reason"),
        _ => None,
    }
}
