//! Corrections of balances: asked for by one, approved by another where they are worth more than one may decide.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AdjustBalance, Adjusted, AppError, Key, Right, WaitingAdjustment};
use choba_engine::market::LotKind;
use choba_server::{Problem, Service};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Staff;
use crate::wallet::kind_word;

const PATH: &str = "/office/adjustments";

/// Corrections that are shown at once.
const MOST: i64 = 100;

/// Corrections that wait, and the form for another.
#[derive(Template)]
#[template(path = "office/adjustments.html")]
pub struct AdjustmentsPage {
    pub frame: Frame,
    pub waiting: Vec<WaitingAdjustment>,
    pub programs: Vec<String>,
    pub kinds: Vec<&'static str>,
    pub typed: Fields,
    pub faults: Faults,
    /// The key under which the form is done once.
    pub key: String,
    pub may_ask: bool,
    pub may_approve: bool,
    /// Who looks: nobody approves what they asked for.
    pub me: String,
}

impl AdjustmentsPage {
    async fn of(service: &Service, staff: &Staff, typed: Fields, faults: Faults) -> Result<Self, Problem> {
        let frame = Frame::of(&staff.visitor, Room::Office, PATH);
        let market = service.counter.markets().get(&frame.market)?;
        let key = match typed.one("key") {
            "" => service.counter.draw_session_token().reveal().to_owned(),
            key => key.to_owned(),
        };
        Ok(Self {
            waiting: service.counter.waiting_adjustments(&frame.market, None, MOST).await?,
            programs: market.programs.iter().map(|program| program.id.clone()).collect(),
            kinds: KINDS.iter().filter_map(|kind| kind_word(Some(*kind))).collect(),
            typed,
            faults,
            key,
            may_ask: staff.caller.has(Right::ValueGrant),
            may_approve: staff.caller.has(Right::ValueApprove),
            me: staff.caller.by(),
            frame,
        })
    }
}

const KINDS: [LotKind; 3] = [LotKind::Limited, LotKind::Exchanged, LotKind::Ordinary];

/// `/office/adjustments`
pub async fn show(State(service): State<Service>, staff: Staff) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    page(&AdjustmentsPage::of(&service, &staff, Fields::default(), Faults::none()).await?)
}

/// Asks for a correction.
pub async fn ask(
    State(service): State<Service>,
    staff: Staff,
    Form(fields): Form,
) -> Result<Response, Problem> {
    staff.caller.may(Right::ValueGrant)?;
    let frame = Frame::of(&staff.visitor, Room::Office, PATH);
    let faults = faults_of(&frame, &fields);
    if !faults.is_empty() {
        let template = AdjustmentsPage::of(&service, &staff, fields, faults).await?;
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &template);
    }
    let adjust = wanted(&frame, &staff, &fields)?;
    match service.counter.adjust_balance(adjust, service.clock.now()).await {
        Ok(Adjusted::Waiting { .. }) => Ok(done(PATH, "office-adjustment-waits")),
        Ok(Adjusted::Made | Adjusted::Rejected) => Ok(done(PATH, "office-adjusted")),
        Err(AppError::Grant(refusal)) => {
            let faults = Faults::one("points", frame.say("office-refused").with("why", refusal.to_string()));
            let template = AdjustmentsPage::of(&service, &staff, fields, faults).await?;
            page_with(StatusCode::CONFLICT, &template)
        }
        Err(error) => Err(error.into()),
    }
}

fn faults_of(frame: &Frame, fields: &Fields) -> Faults {
    let mut faults = Faults::none();
    for (field, length) in [("customer_id", 100), ("reason", 500)] {
        let typed = fields.one(field).chars().count();
        if typed == 0 || typed > length {
            faults.add(field, frame.say("office-fault-length").with("most", length.to_string()));
        }
    }
    if points(fields).is_none_or(|points| points == 0) {
        faults.add("points", frame.say("office-fault-points"));
    }
    if ends(frame, fields).is_err() {
        faults.add("last_day", frame.say("office-fault-day"));
    }
    faults
}

/// The last usable second of points that are given: the end of the day named; the market's own where none is.
fn ends(frame: &Frame, fields: &Fields) -> Result<Option<Timestamp>, jiff::Error> {
    let typed = fields.one("last_day");
    if typed.is_empty() {
        return Ok(None);
    }
    let day: Date = typed.parse()?;
    let ends = day.at(23, 59, 59, 0).to_zoned(frame.zone.clone())?;
    Ok(Some(ends.timestamp()))
}

/// Points more or fewer: the form says which.
fn points(fields: &Fields) -> Option<i64> {
    let points = fields.number("points")?;
    if fields.says("direction", "fewer") { points.checked_neg() } else { Some(points) }
}

fn wanted(frame: &Frame, staff: &Staff, fields: &Fields) -> Result<AdjustBalance, Problem> {
    let customer_id = fields.one("customer_id");
    let kind = KINDS.into_iter().find(|kind| kind_word(Some(*kind)) == Some(fields.one("kind")));
    let body = ["customer_id", "program", "kind", "direction", "points", "last_day", "reason"]
        .map(|name| fields.one(name));
    Ok(AdjustBalance {
        whose: staff.caller.acting_for(customer_id, &frame.market, Right::ValueGrant)?,
        program: fields.one("program").to_owned(),
        kind,
        points: points(fields).unwrap_or_default(),
        expires_at: ends(frame, fields).unwrap_or_default(),
        reason: fields.one("reason").to_owned(),
        by: staff.caller.by(),
        key: Key::new(fields.one("key"), "adjust", customer_id, body.join("\n").as_bytes())?,
    })
}

/// Approves or rejects a correction.
pub async fn decide(
    State(service): State<Service>,
    staff: Staff,
    Path(adjustment_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    staff.caller.may(Right::ValueApprove)?;
    let (by, at) = (staff.caller.by(), service.clock.now());
    if fields.says("decision", "approve") {
        service.counter.approve_adjustment(&adjustment_id, &by, at).await?;
        return Ok(done(PATH, "office-approved"));
    }
    service.counter.reject_adjustment(&adjustment_id, &by, at).await?;
    Ok(done(PATH, "office-rejected"))
}
