//! What is this number? What it says by itself, and whether it is one of the visitor's own parcels.

use choba_app::{AppError, Caller, Right};
use choba_formats::language::Language;
use choba_parcel::{Answer, parse};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use crate::frame::Frame;
use crate::visitor::Visitor;

/// So many guesses at what was meant are worth a look.
const CORRECTIONS: usize = 5;

/// What is said of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    pub text: String,
    pub sentence: String,
    pub carrier: Option<String>,
    pub display: String,
    /// Whether it can be one of the carrier's; told where there is a carrier.
    pub is_valid: bool,
    /// Letters that were read as figures, or the other way round.
    pub read_as: Vec<(String, String)>,
    /// What may have been meant.
    pub corrections: Vec<String>,
    pub track_url: Option<String>,
    /// The numbers of the visitor's own orders.
    pub orders: Vec<String>,
}

impl Number {
    fn of(answer: &Answer<'_>, language: Language) -> Self {
        let message = answer.message();
        let carrier = answer.carrier().filter(|_| answer.not_a_parcel().is_none());
        let name = |carrier: choba_parcel::Carrier| match language {
            Language::Ja => carrier.name_ja().to_owned(),
            Language::En => carrier.name().to_owned(),
        };
        Self {
            text: answer.input().trim().to_owned(),
            sentence: match language {
                Language::Ja => message.ja,
                Language::En => message.en,
            },
            carrier: carrier.map(name),
            display: answer.display().to_string(),
            is_valid: answer.is_valid(),
            read_as: answer.read_as().map(|read| (read.from.to_string(), read.to.to_string())).collect(),
            corrections: answer.corrections().iter().take(CORRECTIONS).map(ToString::to_string).collect(),
            track_url: answer.track_url().filter(|_| carrier.is_some() && answer.is_valid()),
            orders: Vec::new(),
        }
    }
}

/// What a number says; or what is wrong with it, for a person.
///
/// # Errors
/// What the books answer.
pub async fn looked_up(
    service: &Service,
    visitor: &Visitor,
    frame: &Frame,
    text: &str,
) -> Result<Result<Number, String>, Problem> {
    let (counter, caller, now) = (&service.counter, visitor.caller(), service.clock.now());
    let yours = match counter.look_up_parcel(caller.as_ref(), &visitor.address, text, now).await {
        Ok(yours) => yours,
        Err(error) => return told(frame, error).map(Err),
    };
    let mut number = Number::of(&parse(text), visitor.language);
    if let Some(caller @ Caller::Customer { .. }) = &caller {
        for own in yours {
            let found = counter.find_order(caller, &own.order_id, None, Right::OrdersRead).await;
            number.orders.extend(found.ok().map(|found| found.order.number));
        }
    }
    Ok(Ok(number))
}

fn told(frame: &Frame, error: AppError) -> Result<String, Problem> {
    match error {
        AppError::TooManyTries { again_at } => {
            let again_at = Timestamp::from_millisecond(again_at).unwrap_or(Timestamp::MAX);
            Ok(frame.say("help-number-later").with("at", frame.instant(&again_at)).to_string())
        }
        AppError::Field { .. } => Ok(frame.say("help-number-none").to_string()),
        other => Err(other.into()),
    }
}
