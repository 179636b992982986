//! Being at the desk: said by a form, and said again by the page while it is open.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use choba_app::{AppError, AtTheDesk, PresentAgent};
use choba_server::{Problem, Service};

use super::names::Names;
use crate::fields::Fields;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page};
use crate::visitor::Staff;

/// What waits, and whether one is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Call-backs that wait, in all queues.
    pub calls: i64,
    /// Chats that wait.
    pub chats: i64,
    /// Chats that one has.
    pub own_chats: i64,
    /// One's own presence.
    pub present: Option<PresentAgent>,
}

impl Standing {
    /// How it stands now.
    ///
    /// # Errors
    /// What the counter answers.
    pub async fn of(service: &Service, staff: &Staff) -> Result<Self, AppError> {
        let (counter, market, now) = (&service.counter, &staff.visitor.market, service.clock.now());
        let waiting = counter.care_queues(market, now).await?;
        let present = counter.who_is_at_the_desk(&staff.caller, market, now).await?;
        Ok(Self {
            calls: waiting.iter().map(|queue| i64::from(queue.load.waiting)).sum(),
            chats: count(&counter.waiting_chats(&staff.caller, market).await?),
            own_chats: match staff.caller.has(choba_app::Right::CareDesk) {
                true => count(&counter.own_chats(&staff.caller, market).await?),
                false => 0,
            },
            present: present.into_iter().find(|present| present.agent == staff.caller.by()),
        })
    }

    /// Whether something new is taken.
    pub fn is_ready(&self) -> bool {
        self.present.as_ref().is_some_and(|present| present.ready)
    }

    /// Whether one serves a queue; all of them for who is not there yet.
    pub fn serves(&self, queue: &str) -> bool {
        self.present.as_ref().is_none_or(|present| present.queues.iter().any(|served| served == queue))
    }

    /// How many chats one takes at once.
    pub fn chats_max(&self) -> i64 {
        self.present.as_ref().map_or(3, |present| present.chats_max)
    }

    /// Whether one makes calls.
    pub fn takes_calls(&self) -> bool {
        self.present.as_ref().is_none_or(|present| present.calls)
    }

    /// A short form, by which a page knows that nothing has changed.
    pub fn mark(&self) -> String {
        let ready = i64::from(self.present.is_some()) + i64::from(self.is_ready());
        format!("{ready}-{}-{}-{}", self.calls, self.chats, self.own_chats)
    }
}

fn count<T>(things: &[T]) -> i64 {
    i64::try_from(things.len()).unwrap_or(i64::MAX)
}

/// The strip on every page of the desk.
#[derive(Template)]
#[template(path = "desk/strip.html")]
pub struct Strip {
    pub frame: Frame,
    pub standing: Standing,
}

/// Comes to the desk, changes what is served, or leaves.
pub async fn change(
    State(service): State<Service>,
    staff: Staff,
    Form(fields): Form,
) -> Result<Response, Problem> {
    staff.caller.may(choba_app::Right::CareDesk)?;
    let leaves = fields.says("do", "leave");
    let queues = if leaves { Vec::new() } else { fields.all("queue").map(str::to_owned).collect() };
    let nothing_served = queues.is_empty();
    let desk = AtTheDesk {
        market: staff.visitor.market.clone(),
        agent: staff.caller.by(),
        queues,
        ready: !fields.says("do", "pause"),
        calls: fields.says("calls", "yes"),
        chats_max: fields.number("chats_max").unwrap_or(0),
    };
    service.counter.be_at_the_desk(desk, service.clock.now()).await?;
    let said = match (nothing_served, fields.says("do", "pause")) {
        (true, _) => "desk-left",
        (false, true) => "desk-paused",
        (false, false) => "desk-there",
    };
    Ok(done("/desk", said))
}

/// The page says again that its agent is there, and hears what waits; nothing where nothing has changed.
pub async fn beat(
    State(service): State<Service>,
    staff: Staff,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let standing = Standing::of(&service, &staff).await?;
    if let Some(present) = standing.present.clone() {
        say_again(&service, &staff, present).await?;
    }
    if fields.one("known") == standing.mark() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    page(&Strip { frame: Frame::of(&staff.visitor, Room::Desk, ""), standing })
}

async fn say_again(service: &Service, staff: &Staff, present: PresentAgent) -> Result<(), Problem> {
    let PresentAgent { agent, queues, ready, calls, chats_max, .. } = present;
    // Queues that the market has closed meanwhile are served no more.
    let names = Names::of(&service.counter, &staff.visitor.market, staff.visitor.language);
    let known = names.queues();
    let queues = queues.into_iter().filter(|queue| known.iter().any(|(key, _)| key == queue)).collect();
    let desk = AtTheDesk { market: staff.visitor.market.clone(), agent, queues, ready, calls, chats_max };
    service.counter.be_at_the_desk(desk, service.clock.now()).await?;
    Ok(())
}

/// What a query says of one field, as a filter.
pub fn filter(query: &Fields, name: &str) -> Option<String> {
    Some(query.one(name).to_owned()).filter(|value| !value.is_empty())
}
