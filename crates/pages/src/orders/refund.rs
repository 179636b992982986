//! A refund, made or thought of: what goes back to whom, what is kept, and when it shows.

use choba_engine::market::{Market, MethodType, UsualDays};
use choba_engine::order::{Order, Refund, RefundPart, TenderName};
use jiff::Timestamp;

use crate::counter::receipt::tender_name;
use crate::frame::Frame;

/// A refund as it is shown.
pub struct RefundShown {
    pub at: Timestamp,
    pub cause: &'static str,
    /// What goes back altogether.
    pub amount: String,
    pub parts: Vec<PartShown>,
    /// What is kept back, and points that are taken back.
    pub notes: Vec<String>,
}

/// What goes back to one who paid.
pub struct PartShown {
    pub name: String,
    pub amount: String,
    pub notes: Vec<String>,
}

/// What a tender of an order is called.
pub fn tender_of(order: &Order, tender: &TenderName) -> String {
    match tender {
        TenderName::Program(program) => program.clone(),
        TenderName::Method => order.payment.method.map_or("method", MethodType::id).to_owned(),
    }
}

impl RefundShown {
    pub fn of(frame: &Frame, market: &Market, order: &Order, refund: &Refund) -> Self {
        let units = refund.parts.iter().map(|part| part.amount.units());
        let parts: Vec<PartShown> =
            refund.parts.iter().map(|part| part_shown(frame, market, order, part)).collect();
        Self {
            at: refund.at,
            cause: refund.cause.code(),
            amount: frame.yen(units.fold(0_i64, i64::saturating_add)),
            notes: notes(frame, market, refund),
            parts,
        }
    }
}

fn notes(frame: &Frame, market: &Market, refund: &Refund) -> Vec<String> {
    let yen = |id: &str, amount: i64| {
        (amount > 0).then(|| frame.say(id).with("amount", frame.yen(amount)).to_string())
    };
    let points = |id: &str, program: &str, points: i64| {
        let text = frame.say(id).with("program", tender_name(frame, market, program));
        (points > 0).then(|| text.with("points", frame.number(points)).to_string())
    };
    let mut notes: Vec<String> = Vec::new();
    notes.extend(yen("orders-refund-deducted", refund.deducted.units()));
    notes.extend(yen("orders-refund-kept", refund.kept_for_points.units()));
    let taken = refund.taken_back.iter();
    notes.extend(taken.filter_map(|(program, back)| points("orders-refund-taken", program, back.units())));
    let owed = refund.owed.iter();
    notes.extend(owed.filter_map(|(program, owed)| points("orders-refund-owed", program, owed.units())));
    notes
}

fn part_shown(frame: &Frame, market: &Market, order: &Order, part: &RefundPart) -> PartShown {
    let id = tender_of(order, &part.tender);
    let points = |id: &str, points: i64| {
        (points > 0).then(|| frame.say(id).with("points", frame.number(points)).to_string())
    };
    let mut notes: Vec<String> = Vec::new();
    if part.not_charged.units() > 0 {
        let text = frame.say("orders-refund-not-charged");
        notes.push(text.with("amount", frame.yen(part.not_charged.units())).to_string());
    }
    notes.extend(points("orders-refund-expired", part.expired.units()));
    notes.extend(points("orders-refund-grace", part.grace.units()));
    // What was never taken needs no days to come back.
    let comes = part.amount.units() > part.not_charged.units();
    notes.extend(usual_days(market, &id).filter(|_| comes).map(|days| days_said(frame, days)));
    PartShown { name: tender_name(frame, market, &id), amount: frame.yen(part.amount.units()), notes }
}

fn usual_days(market: &Market, tender: &str) -> Option<UsualDays> {
    let method = market.methods.iter().find(|method| method.method_type.id() == tender);
    match method {
        Some(method) => method.refund_days,
        None => market.program(tender)?.refund_days,
    }
}

fn days_said(frame: &Frame, days: UsualDays) -> String {
    frame.say("orders-refund-days").with("from", days.from).with("to", days.to).to_string()
}
