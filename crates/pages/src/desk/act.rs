//! Actions as forms write them and as people read them.

use choba_app::CaseAction;
use choba_engine::market::{LotKind, ReturnReason};
use choba_engine::money::{Money, Points};
use choba_engine::order::LinePart;
use serde_json::Value;

use crate::fields::{Faults, Fields};
use crate::frame::Frame;

/// Why goods come back, as forms write it.
pub const REASONS: [(&str, ReturnReason); 6] = [
    ("changed_mind", ReturnReason::ChangedMind),
    ("defective", ReturnReason::Defective),
    ("wrong_item", ReturnReason::WrongItem),
    ("damaged", ReturnReason::Damaged),
    ("not_as_described", ReturnReason::NotAsDescribed),
    ("arrived_late", ReturnReason::ArrivedLate),
];

/// The action that a form names, or what is wrong with it.
///
/// # Errors
/// The faults at their fields.
pub fn read(frame: &Frame, fields: &Fields) -> Result<CaseAction, Faults> {
    let fault = |field: &'static str, id: &str| Faults::one(field, frame.say(id));
    match fields.one("action") {
        "cancel" => Ok(CaseAction::CancelOrder { parts: None }),
        "return" => Ok(CaseAction::RequestReturn {
            parts: vec![part(fields).ok_or_else(|| fault("line", "desk-fault-line"))?],
            reason: REASONS
                .iter()
                .find(|(word, _)| *word == fields.one("why"))
                .map(|(_, reason)| *reason)
                .ok_or_else(|| fault("why", "desk-fault-why"))?,
        }),
        "refund" => {
            let amount = fields.number("amount").filter(|amount| *amount > 0);
            let amount = amount.ok_or_else(|| fault("amount", "desk-fault-amount"))?;
            Ok(CaseAction::Refund { line_id: fields.one("line").to_owned(), amount: Money::new(amount) })
        }
        "redeliver" => {
            let when = fields.one("when").split_once(' ');
            let when = when.and_then(|(day, slot)| Some((day.parse().ok()?, slot.to_owned())));
            let (day, slot) = when.ok_or_else(|| fault("when", "desk-fault-when"))?;
            let (shipment_id, has_slip) = (fields.one("shipment").to_owned(), fields.says("slip", "yes"));
            Ok(CaseAction::Redeliver { shipment_id, day, slot, has_slip })
        }
        "goodwill" => {
            let points = fields.number("points").filter(|points| *points > 0);
            let points = Points::new(points.ok_or_else(|| fault("points", "desk-fault-points"))?);
            let (program, kind) = program(fields.one("program"));
            Ok(CaseAction::GiveGoodwill { program, kind, points, expires_at: None })
        }
        _ => Err(fault("action", "desk-fault-action")),
    }
}

fn part(fields: &Fields) -> Option<LinePart> {
    let quantity = fields.number("quantity").filter(|quantity| *quantity > 0)?;
    let line_id = Some(fields.one("line")).filter(|line| !line.is_empty())?.to_owned();
    Some(LinePart { line_id, quantity })
}

/// `rakuten/ordinary`, or a program without kinds.
fn program(typed: &str) -> (String, Option<LotKind>) {
    match typed.split_once('/') {
        Some((program, kind)) => {
            (program.to_owned(), serde_json::from_value(Value::String(kind.to_owned())).ok())
        }
        None => (typed.to_owned(), None),
    }
}

/// An action in a sentence.
pub fn said(frame: &Frame, act: &CaseAction) -> String {
    let say = |id: &str| frame.say(&format!("desk-act-{id}"));
    let said = match act {
        CaseAction::CancelOrder { parts: None } => say("cancel"),
        CaseAction::CancelOrder { parts: Some(parts) } => say("cancel-lines").with("lines", lines(parts)),
        CaseAction::RequestReturn { parts, reason } => {
            let word = REASONS.iter().find(|(_, known)| known == reason).map_or("", |(word, _)| word);
            let why = frame.say_of("desk-return-reason", word).to_string();
            say("return").with("lines", lines(parts)).with("why", why)
        }
        CaseAction::Refund { line_id, amount } => {
            say("refund").with("line", line_id.clone()).with("amount", frame.yen(amount.units()))
        }
        CaseAction::Redeliver { day, slot, .. } => {
            let slot = frame.say_of("orders-slot", slot).to_string();
            say("redeliver").with("day", frame.day(day)).with("slot", slot)
        }
        CaseAction::GiveGoodwill { program, points, .. } => {
            say("goodwill").with("program", program.clone()).with("points", frame.number(points.units()))
        }
    };
    said.to_string()
}

fn lines(parts: &[LinePart]) -> String {
    let each = parts.iter().map(|part| format!("{} ×{}", part.line_id, part.quantity));
    each.collect::<Vec<_>>().join(", ")
}

/// The same of an action as it is kept.
pub fn said_of_value(frame: &Frame, action: &Value) -> String {
    let read: Option<CaseAction> = serde_json::from_value(action.clone()).ok();
    read.map(|act| said(frame, &act)).unwrap_or_default()
}
