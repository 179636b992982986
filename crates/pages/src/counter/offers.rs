//! What can be chosen: each coupon, program and method with what it would do, or every reason why it cannot.

use choba_app::{HeldBalance, LinkedProgram};
use choba_engine::market::{Held, LotKind, Market, Method, Program, Unit};

use super::choices::{Amount, Choices};
use super::quote::{Quote, Refusal};
use super::receipt::Writer;
use crate::frame::Frame;
use crate::shop::catalogue::said;

/// A coupon that is held.
pub struct CouponOffer {
    pub id: String,
    pub name: String,
    pub chosen: bool,
    /// What it takes off, or would.
    pub effect: Option<String>,
    pub until: Option<String>,
    pub reasons: Vec<Why>,
}

/// A program whose value may pay.
pub struct ProgramOffer {
    pub id: String,
    pub name: String,
    /// What is held; nothing where it is a partner's and not linked.
    pub balance: Option<String>,
    /// What of it is held by kind.
    pub kinds: Vec<String>,
    /// As it was typed, or as much as is used.
    pub typed: String,
    /// The most that this order takes.
    pub most: i64,
    pub most_said: String,
    pub used_said: Option<String>,
    /// What is held that is limited in time, where there is more than that.
    pub limited_said: Option<String>,
    /// Whether only that is to be used.
    pub limited_only: bool,
    pub fault: Option<String>,
    pub reasons: Vec<Why>,
}

/// A way to pay the rest.
pub struct MethodOffer {
    pub id: String,
    pub name: String,
    pub chosen: bool,
    pub fee: Option<String>,
    pub reasons: Vec<Why>,
}

/// Why something cannot be used, and what would help.
#[derive(PartialEq, Eq)]
pub struct Why {
    pub message: String,
    pub remedy: String,
    /// The goods that it is about; empty where it is about all.
    pub goods: String,
}

/// What a quote says against something, each reason once, with the goods that it is about.
pub fn reasons(writer: &Writer<'_>, subject: &str, about: &str) -> Vec<Why> {
    let language = writer.frame.language;
    let mut reasons: Vec<Why> = Vec::new();
    let of_subject = |refusal: &&Refusal| refusal.subject == subject && refusal.about == about;
    for refusal in writer.quote.refusals().filter(of_subject) {
        let goods = refusal.line.as_deref().map(|line| writer.name_of(line)).unwrap_or_default();
        let (message, remedy) = (refusal.message.of(language), refusal.remedy.of(language));
        match reasons.iter_mut().find(|known| known.message == message && known.remedy == remedy) {
            Some(known) if !goods.is_empty() && !known.goods.is_empty() => {
                known.goods = writer
                    .frame
                    .say("counter-list")
                    .with("first", known.goods.clone())
                    .with("then", goods)
                    .to_string();
            }
            Some(_) => {}
            None => {
                reasons.push(Why { message: message.to_owned(), remedy: remedy.to_owned(), goods });
            }
        }
    }
    reasons
}

/// A coupon, by the quote without it (`now`) and with it (`writer`'s); they are the same where it is chosen.
pub fn coupon(writer: &Writer<'_>, now: &Quote, choices: &Choices, id: &str) -> CouponOffer {
    let known = writer.market.coupon(id);
    let chosen = choices.coupons.iter().any(|coupon| coupon == id);
    let frame = writer.frame;
    CouponOffer {
        id: id.to_owned(),
        name: known.map_or_else(|| id.to_owned(), |coupon| said(&coupon.name, frame.language)),
        chosen,
        effect: effect(writer, now, id, chosen),
        until: known.and_then(|coupon| coupon.ends_at).map(|at| frame.instant(&at)),
        reasons: reasons(writer, id, "coupon"),
    }
}

fn effect(writer: &Writer<'_>, now: &Quote, id: &str, chosen: bool) -> Option<String> {
    let frame = writer.frame;
    if !chosen {
        let less = now.total.saturating_sub(writer.quote.total);
        return (less > 0)
            .then(|| frame.say("counter-coupon-would").with("amount", frame.yen(less)).to_string());
    }
    let uses = writer.quote.lines.iter().flat_map(|line| &line.coupons).filter(|used| used.id == id);
    let off = uses.fold(0_i64, |sum, used| sum.saturating_add(used.amount));
    let rule = format!("coupons.{id}");
    let shipping = writer.quote.trace.iter().filter(|step| step.step == "free_shipping" && step.rule == rule);
    let off = shipping.fold(off, |sum, step| sum.saturating_add(step.before).saturating_sub(step.after));
    (off > 0).then(|| frame.say("counter-coupon-does").with("amount", frame.yen(off)).to_string())
}

/// What is held of programs.
pub struct Holdings {
    pub here: Vec<HeldBalance>,
    pub linked: Vec<LinkedProgram>,
}

impl Holdings {
    /// What can be used of a program; nothing where it is a partner's that is not linked.
    fn of(&self, program: &Program) -> Option<i64> {
        match program.held {
            Held::Here => {
                let of_program = self.here.iter().filter(|held| held.program == program.id);
                Some(of_program.fold(0_i64, |sum, held| sum.saturating_add(held.available.units())))
            }
            Held::Partner => {
                let link = self.linked.iter().find(|link| link.program == program.id)?;
                Some(link.balance.units())
            }
        }
    }

    /// What can be used that is limited in time, where something else can be used as well.
    fn limited(&self, program: &Program) -> Option<i64> {
        let is_limited =
            |held: &&HeldBalance| held.kind == Some(LotKind::Limited) && held.program == program.id;
        let limited = self.here.iter().filter(is_limited);
        let limited = limited.fold(0_i64, |sum, held| sum.saturating_add(held.available.units()));
        (limited > 0 && self.of(program).is_some_and(|all| all > limited)).then_some(limited)
    }

    fn by_kind(&self, frame: &Frame, program: &Program) -> Vec<String> {
        let of_program = self.here.iter().filter(|held| held.program == program.id);
        let shown = |held: &HeldBalance| {
            let kind: LotKind = held.kind.filter(|_| held.available.units() > 0)?;
            let text = frame.say_of("counter-why-points", kind_id(kind));
            Some(text.with("points", frame.number(held.available.units())).to_string())
        };
        of_program.filter_map(shown).collect()
    }
}

fn kind_id(kind: LotKind) -> &'static str {
    match kind {
        LotKind::Limited => "limited",
        LotKind::Exchanged => "exchanged",
        LotKind::Ordinary => "ordinary",
    }
}

/// A program, by the quote now and by the one that uses all of it first (`writer`'s).
pub fn program(
    writer: &Writer<'_>,
    now: &Quote,
    choices: &Choices,
    holdings: &Holdings,
    program: &Program,
) -> ProgramOffer {
    let frame = writer.frame;
    let (yen, used) = now.paid_by(&program.id);
    let most = writer.quote.paid_by(&program.id).1;
    let unread = match choices.amount_of(&program.id) {
        Some(Amount::Unread(typed)) => Some(typed.clone()),
        _ => None,
    };
    let amount = |units: i64| amount_said(frame, program, units);
    ProgramOffer {
        id: program.id.clone(),
        name: said(&program.name, frame.language),
        balance: holdings.of(program).map(amount),
        kinds: holdings.by_kind(frame, program),
        limited_said: holdings.limited(program).map(amount),
        limited_only: choices.is_limited_only(&program.id),
        fault: unread
            .as_ref()
            .map(|_| frame.say("counter-amount-fault").with("most", amount(most)).to_string()),
        typed: unread.unwrap_or_else(|| used.to_string()),
        most,
        most_said: amount(most),
        used_said: (used > 0).then(|| {
            let id = if yen == used { "counter-used" } else { "counter-used-worth" };
            frame.say(id).with("amount", amount(used)).with("yen", frame.yen(yen)).to_string()
        }),
        reasons: with_now(reasons(writer, &program.id, "tender"), writer, now, &program.id),
    }
}

/// What the quote as it is says besides: that less is used than was asked for.
fn with_now(mut all: Vec<Why>, writer: &Writer<'_>, now: &Quote, program: &str) -> Vec<Why> {
    let as_is = Writer { frame: writer.frame, market: writer.market, goods: writer.goods, quote: now };
    for why in reasons(&as_is, program, "tender") {
        if !all.contains(&why) {
            all.push(why);
        }
    }
    all
}

fn amount_said(frame: &Frame, program: &Program, units: i64) -> String {
    match program.unit {
        Unit::Yen => frame.yen(units),
        Unit::Point => frame.say("counter-points").with("points", frame.number(units)).to_string(),
    }
}

/// A method, by the quote in which it pays (`writer`'s).
pub fn method(writer: &Writer<'_>, choices: &Choices, method: &Method) -> MethodOffer {
    let id = method.method_type.id();
    let frame = writer.frame;
    MethodOffer {
        id: id.to_owned(),
        name: said(&method.name, frame.language),
        chosen: choices.method == id,
        fee: (!method.fee.is_zero())
            .then(|| frame.say("counter-method-fee").with("fee", frame.yen(method.fee.units())).to_string()),
        reasons: reasons(writer, id, "tender"),
    }
}

/// Brands of cards that make a difference in a market: to a program that pays beside them only.
pub fn card_brands(market: &Market) -> Vec<String> {
    let needed = market.programs.iter().filter_map(|program| program.needs_method.as_ref());
    let mut brands: Vec<String> = Vec::new();
    for brand in needed.filter_map(|needs| needs.brand.clone()) {
        if !brands.contains(&brand) {
            brands.push(brand);
        }
    }
    brands
}
