//! Gift cards in batches.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, CARDS_MAX, IssueGiftCards, IssueOutcome, Key, Right};
use choba_engine::money::Money;
use choba_server::{Problem, Service};

use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{page, page_with};
use crate::visitor::Staff;

const PATH: &str = "/office/gift-cards";

/// The form, and the cards that were just issued with it.
#[derive(Template)]
#[template(path = "office/gift_cards.html")]
pub struct GiftCardsPage {
    pub frame: Frame,
    pub typed: Fields,
    pub faults: Faults,
    pub key: String,
    pub may_issue: bool,
    pub issued: Option<Issued>,
}

/// A batch as it is shown, once.
pub struct Issued {
    pub batch_id: String,
    /// Code, amount, and the last day.
    pub cards: Vec<(String, String, String)>,
    /// Whether it was issued before: the codes are not known any more.
    pub before: bool,
}

impl GiftCardsPage {
    fn of(service: &Service, staff: &Staff, typed: Fields, faults: Faults) -> Self {
        let key = match typed.one("key") {
            "" => service.counter.draw_session_token().reveal().to_owned(),
            key => key.to_owned(),
        };
        let frame = Frame::of(&staff.visitor, Room::Office, PATH);
        let may_issue = staff.caller.has(Right::GiftCardsIssue);
        Self { frame, typed, faults, key, may_issue, issued: None }
    }
}

/// `/office/gift-cards`
pub async fn show(State(service): State<Service>, staff: Staff) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    page(&GiftCardsPage::of(&service, &staff, Fields::default(), Faults::none()))
}

/// Issues a batch; its codes are on this page and nowhere else.
pub async fn issue(
    State(service): State<Service>,
    staff: Staff,
    Form(fields): Form,
) -> Result<Response, Problem> {
    staff.caller.may(Right::GiftCardsIssue)?;
    let frame = Frame::of(&staff.visitor, Room::Office, PATH);
    let wanted = match wanted(&frame, &staff, &fields) {
        Ok(wanted) => wanted,
        Err(faults) => {
            let template = GiftCardsPage::of(&service, &staff, fields, faults);
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &template);
        }
    };
    match service.counter.issue_gift_cards(wanted, service.clock.now()).await {
        Ok(outcome) => {
            let template = GiftCardsPage::of(&service, &staff, Fields::default(), Faults::none());
            let issued = Some(issued(&template.frame, outcome));
            page(&GiftCardsPage { issued, ..template })
        }
        Err(AppError::Field { field, fault }) => {
            let field = if field.contains("count") { "count" } else { "amount" };
            let faults = Faults::one(field, frame.say("office-refused").with("why", fault));
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &GiftCardsPage::of(&service, &staff, fields, faults))
        }
        Err(error) => Err(error.into()),
    }
}

fn wanted(frame: &Frame, staff: &Staff, fields: &Fields) -> Result<IssueGiftCards, Faults> {
    let mut faults = Faults::none();
    let most = i64::try_from(CARDS_MAX).unwrap_or(i64::MAX);
    let count = fields.number("count").filter(|count| (1..=most).contains(count));
    let amount = fields.number("amount").filter(|amount| *amount > 0);
    if count.is_none() {
        faults.add("count", frame.say("office-fault-count").with("most", frame.number(most)));
    }
    if amount.is_none() {
        faults.add("amount", frame.say("office-fault-amount"));
    }
    let body = ["count", "amount", "note"].map(|name| fields.one(name)).join("\n");
    let key = Key::new(fields.one("key"), "issue_gift_cards", &frame.market, body.as_bytes());
    let key = key.map_err(|error| Faults::one("count", error))?;
    let (Some(count), Some(amount)) = (count, amount) else { return Err(faults) };
    Ok(IssueGiftCards {
        market: frame.market.clone(),
        count: usize::try_from(count).unwrap_or_default(),
        amount: Money::new(amount),
        active_from: None,
        note: Some(fields.one("note").to_owned()).filter(|note| !note.is_empty()),
        by: staff.caller.by(),
        key,
    })
}

fn issued(frame: &Frame, outcome: IssueOutcome) -> Issued {
    match outcome {
        IssueOutcome::IssuedBefore { batch_id } => Issued { batch_id, cards: Vec::new(), before: true },
        IssueOutcome::Issued(batch) => {
            let card = |card: &choba_app::IssuedGiftCard| {
                (card.code.in_groups(), frame.yen(card.amount.units()), frame.day_of(&card.expires_at))
            };
            Issued { cards: batch.cards.iter().map(card).collect(), batch_id: batch.batch_id, before: false }
        }
    }
}
