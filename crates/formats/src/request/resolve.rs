//! From what a request says to what it means in a market.

use std::collections::HashSet;

use choba_engine::market::{Held, ItemKind, LotKind, Market, MethodType, Program};
use choba_engine::money::{Money, Points};
use choba_engine::rate::Rate;
use choba_engine::request::{
    AskedAmount, AskedCoupon, AskedMethod, AskedStored, CouponUses, Customer, Line, Link, Lot, Pay, Request,
};
use jiff::Timestamp;

use super::Fault;
use super::fault::shortened;
use super::wire::{self, Text};
use crate::suggestion::nearest;

/// A request that a market can price.
pub type CheckedRequest<'a> = Request<'a>;

/// Which parts of paying a request names itself; a plan chooses the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// It names coupons.
    pub coupons: bool,
    /// It names stored value.
    pub stored: bool,
}

/// Kinds of stored value that one request may ask for; each of them is a means to pay.
const STORED_MAX: usize = 60;
const LINES_MAX: usize = 100_000;

type Resolved<T> = Result<T, Fault>;

pub(super) fn resolve<'a>(
    wire: &'a wire::Request<'_>,
    market: &'a Market,
    now: Option<Timestamp>,
) -> Resolved<Request<'a>> {
    let at = match (&wire.at, now) {
        (Some(at), _) => instant("/at", at)?,
        (None, Some(now)) => now,
        (None, None) => return Err(Fault::new("", "missing field `at`")),
    };
    Ok(Request {
        at,
        customer: customer(wire, market)?,
        lines: lines(wire, market)?,
        pay: pay(&wire.pay, market)?,
    })
}

fn customer<'a>(wire: &'a wire::Request<'_>, market: &'a Market) -> Resolved<Customer<'a>> {
    let customer = &wire.customer;
    Ok(Customer {
        rank: customer.rank.as_deref(),
        orders_before: count("/customer/orders_before", customer.orders_before)?,
        coupons: customer.coupons.iter().filter_map(|id| market.coupon(id)).collect(),
        coupon_uses: coupon_uses(wire)?,
        lots: each(&customer.lots, |index, given| lot(index, given, market))?,
        links: links(&customer.links, market)?,
    })
}

fn coupon_uses<'a>(wire: &'a wire::Request<'_>) -> Resolved<Vec<CouponUses<'a>>> {
    let mut uses: Vec<CouponUses<'a>> = Vec::new();
    for (id, by_customer) in &wire.customer.coupon_uses.0 {
        let by_customer = count(&format!("/customer/coupon_uses/{}", shortened(id)), *by_customer)?;
        uses.push(CouponUses { id, by_customer, by_all: 0 });
    }
    for (id, by_all) in &wire.coupon_quota_used.0 {
        let by_all = count(&format!("/coupon_quota_used/{}", shortened(id)), *by_all)?;
        match uses.iter_mut().find(|known| known.id == &**id) {
            Some(known) => known.by_all = by_all,
            None => uses.push(CouponUses { id, by_customer: 0, by_all }),
        }
    }
    Ok(uses)
}

fn lot<'a>(index: usize, wire: &'a wire::Lot<'_>, market: &'a Market) -> Resolved<Lot<'a>> {
    let at = |field: &str| format!("/customer/lots/{index}/{field}");
    let program = program(|| at("program"), &wire.program, market)?;
    if program.held == Held::Partner {
        let message =
            format!("`{}` is held by a partner; give its balance under /customer/links", program.id);
        return Err(Fault::new(at("program"), message));
    }
    Ok(Lot {
        id: None,
        program,
        kind: lot_kind(|| at("kind"), wire.kind.as_ref(), program)?,
        amount: Points::new(amount(|| at("amount"), wire.amount)?),
        available_at: wire
            .available_at
            .as_ref()
            .map(|text| instant(&at("available_at"), text))
            .transpose()?,
        expires_at: wire.expires_at.as_ref().map(|text| instant(&at("expires_at"), text)).transpose()?,
    })
}

fn links<'a>(links: &'a [wire::Link<'_>], market: &'a Market) -> Resolved<Vec<Link<'a>>> {
    let resolved: Vec<Link<'a>> =
        each(links, |index, given| link(index, given, market))?.into_iter().flatten().collect();
    for (index, link) in resolved.iter().enumerate() {
        if resolved.iter().take(index).any(|earlier| earlier.program.index == link.program.index) {
            let message = format!("`{}` is linked twice", link.program.id);
            return Err(Fault::new(format!("/customer/links/{index}/program"), message));
        }
    }
    Ok(resolved)
}

/// A customer may be linked to partners that this market does not have; a slip of one that it has is a fault.
fn link<'a>(index: usize, wire: &'a wire::Link<'_>, market: &'a Market) -> Resolved<Option<Link<'a>>> {
    let at = |field: &str| format!("/customer/links/{index}/{field}");
    let Some(program) = market.program(&wire.program) else {
        let partners = market.programs.iter().filter(|program| program.held == Held::Partner);
        let partners = partners.map(|program| program.id.as_str());
        return match nearest(&wire.program, partners.clone()) {
            Some(_) => Err(Fault::unknown(at("program"), "program", &wire.program, partners)),
            None => Ok(None),
        };
    };
    if program.held == Held::Here {
        let message = format!("`{}` is held by the market; give its lots under /customer/lots", program.id);
        return Err(Fault::new(at("program"), message));
    }
    let points = |field: &str, given| amount(|| at(field), given).map(Points::new);
    Ok(Some(Link {
        program,
        balance: points("balance", wire.balance)?,
        always_use: wire.always_use,
        earned_last_3_months: points("earned_last_3_months", wire.earned_last_3_months)?,
        earned_this_month: points("earned_this_month", wire.earned_this_month)?,
    }))
}

fn lines<'a>(wire: &'a wire::Request<'_>, market: &'a Market) -> Resolved<Vec<Line<'a>>> {
    if wire.lines.is_empty() {
        return Err(Fault::new("/lines", "expected at least one line"));
    }
    if wire.lines.len() > LINES_MAX {
        return Err(Fault::new("/lines", format!("expected at most {LINES_MAX} lines")));
    }
    check_ids(&wire.lines)?;
    each(&wire.lines, |index, given| line(index, given, market))
}

fn check_ids(lines: &[wire::Line<'_>]) -> Resolved<()> {
    let duplicate = if lines.len() <= 16 {
        (1..lines.len()).find(|index| lines[..*index].iter().any(|earlier| earlier.id == lines[*index].id))
    } else {
        let mut seen = HashSet::with_capacity(lines.len());
        lines.iter().position(|line| !seen.insert(&*line.id))
    };
    match duplicate {
        Some(index) => {
            let message = format!(
                "the line id `{}` is used twice; each line needs its own",
                shortened(&lines[index].id)
            );
            Err(Fault::new(format!("/lines/{index}/id"), message))
        }
        None => Ok(()),
    }
}

fn line<'a>(index: usize, wire: &'a wire::Line<'_>, market: &'a Market) -> Resolved<Line<'a>> {
    let at = |field: &str| format!("/lines/{index}/{field}");
    let seller = market.seller(&wire.seller).ok_or_else(|| {
        let known = market.sellers.iter().map(|seller| seller.id.as_str());
        Fault::unknown(at("seller"), "seller", &wire.seller, known)
    })?;
    let multiplier = wire.multiplier.as_ref().map(|text| rate(|| at("multiplier"), text)).transpose()?;
    Ok(Line {
        id: &wire.id,
        sku: &wire.sku,
        seller,
        kind: item_kind(|| at("kind"), &wire.kind)?,
        unit_price: Money::new(amount(|| at("unit_price"), wire.unit_price)?),
        quantity: quantity(|| at("quantity"), wire.quantity)?,
        tax_rate: tax_rate(|| at("tax_rate"), &wire.tax_rate, market)?,
        tax_included: wire.tax_included,
        multiplier,
    })
}

fn tax_rate<'a>(
    pointer: impl Fn() -> String,
    text: &str,
    market: &'a Market,
) -> Resolved<&'a choba_engine::market::TaxRate> {
    // The market's own writing is by far the most frequent.
    if let Some(known) = market.tax_rates.iter().find(|known| known.text == text) {
        return Ok(known);
    }
    let given = rate(&pointer, text)?;
    market.tax_rate(given).ok_or_else(|| {
        let known = market.tax_rates.iter().map(|rate| rate.text.as_str());
        Fault::unknown(pointer(), "tax rate", text, known)
    })
}

fn pay<'a>(wire: &'a wire::Pay<'_>, market: &'a Market) -> Resolved<Pay<'a>> {
    let coupons = wire.coupons.iter().flatten().map(|id| AskedCoupon { id, coupon: market.coupon(id) });
    let stored = wire.stored.as_deref().unwrap_or_default();
    if stored.len() > STORED_MAX {
        return Err(Fault::new("/pay/stored", format!("expected at most {STORED_MAX} entries")));
    }
    Ok(Pay {
        coupons: coupons.collect(),
        stored: each(stored, |index, given| asked_stored(index, given, market))?,
        method: wire.method.as_ref().map(method).transpose()?,
    })
}

fn asked_stored<'a>(
    index: usize,
    wire: &'a wire::Stored<'_>,
    market: &'a Market,
) -> Resolved<AskedStored<'a>> {
    let at = |field: &str| format!("/pay/stored/{index}/{field}");
    let program = program(|| at("program"), &wire.program, market)?;
    if program.held == Held::Partner && wire.kind.is_some() {
        return Err(Fault::new(
            at("kind"),
            format!("`{}` is held by a partner and has no kinds here", program.id),
        ));
    }
    let amount = match &wire.amount {
        wire::Amount::Integer(number) => AskedAmount::UpTo(Points::new(amount(|| at("amount"), *number)?)),
        wire::Amount::Word(word) if &**word == "all" => AskedAmount::All,
        wire::Amount::Word(word) => {
            return Err(Fault::new(
                at("amount"),
                format!("expected a whole number or \"all\", found \"{}\"", shortened(word)),
            ));
        }
        wire::Amount::TooLarge => return Err(too_large(at("amount"))),
    };
    Ok(AskedStored { program, kind: lot_kind(|| at("kind"), wire.kind.as_ref(), program)?, amount })
}

fn method<'a>(wire: &'a wire::Method<'_>) -> Resolved<AskedMethod<'a>> {
    let known = MethodType::ALL.into_iter();
    let method_type = known.clone().find(|known| known.id() == &*wire.method_type).ok_or_else(|| {
        Fault::unknown("/pay/method/type", "method", &wire.method_type, known.map(MethodType::id))
    })?;
    Ok(AskedMethod { method_type, brand: wire.brand.as_deref(), linked: wire.linked })
}

fn program<'a>(pointer: impl Fn() -> String, id: &str, market: &'a Market) -> Resolved<&'a Program> {
    market.program(id).ok_or_else(|| {
        Fault::unknown(pointer(), "program", id, market.programs.iter().map(|program| program.id.as_str()))
    })
}

fn lot_kind(
    pointer: impl Fn() -> String,
    text: Option<&Text<'_>>,
    program: &Program,
) -> Resolved<Option<LotKind>> {
    let Some(text) = text else { return Ok(None) };
    let known = program.kinds.iter().copied();
    let kind = known.clone().find(|kind| lot_kind_id(*kind) == &**text);
    kind.map(Some).ok_or_else(|| Fault::unknown(pointer(), "kind", text, known.map(lot_kind_id)))
}

/// The word for a kind of lot.
pub(crate) fn lot_kind_id(kind: LotKind) -> &'static str {
    match kind {
        LotKind::Limited => "limited",
        LotKind::Exchanged => "exchanged",
        LotKind::Ordinary => "ordinary",
    }
}

fn item_kind(pointer: impl Fn() -> String, text: &str) -> Resolved<ItemKind> {
    let known = ItemKind::ALL.into_iter();
    let kind = known.clone().find(|kind| item_kind_id(*kind) == text);
    kind.ok_or_else(|| Fault::unknown(pointer(), "kind", text, known.map(item_kind_id)))
}

fn item_kind_id(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Physical => "physical",
        ItemKind::Digital => "digital",
        ItemKind::Membership => "membership",
        ItemKind::GiftCard => "gift_card",
    }
}

fn each<'w, W, T>(given: &'w [W], resolve: impl Fn(usize, &'w W) -> Resolved<T>) -> Resolved<Vec<T>> {
    let mut resolved = Vec::with_capacity(given.len());
    for (index, given) in given.iter().enumerate() {
        resolved.push(resolve(index, given)?);
    }
    Ok(resolved)
}

fn amount(pointer: impl Fn() -> String, number: i64) -> Resolved<i64> {
    if number < 0 {
        return Err(Fault::new(pointer(), format!("expected an amount of 0 or more, found {number}")));
    }
    if number > Money::INPUT_MAX.units() {
        return Err(too_large(pointer()));
    }
    Ok(number)
}

fn too_large(pointer: String) -> Fault {
    Fault::new(pointer, "expected an amount of at most 1000000000000000 (10^15)")
}

fn quantity(pointer: impl Fn() -> String, number: i64) -> Resolved<i64> {
    if number < 1 {
        return Err(Fault::new(pointer(), format!("expected a quantity of 1 or more, found {number}")));
    }
    amount(pointer, number)
}

fn count(pointer: &str, number: i64) -> Resolved<i64> {
    amount(|| pointer.to_owned(), number)
}

fn rate(pointer: impl Fn() -> String, text: &str) -> Resolved<Rate> {
    text.parse().map_err(|error| Fault::new(pointer(), format!("found \"{}\", {error}", shortened(text))))
}

fn instant(pointer: &str, text: &str) -> Resolved<Timestamp> {
    let strict = is_rfc3339(text).then(|| text.parse().ok()).flatten();
    strict.ok_or_else(|| {
        let found = shortened(text);
        let message = if text.parse::<jiff::civil::DateTime>().is_ok() {
            format!("\"{found}\" has no offset from UTC; write it as in 2026-11-21T12:00:00+09:00")
        } else {
            format!("expected a date and time such as 2026-11-21T12:00:00+09:00, found \"{found}\"")
        };
        Fault::new(pointer, message)
    })
}

/// Whether a text has the form that RFC 3339 gives to instants; that its figures are a date is checked elsewhere.
fn is_rfc3339(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let fits = |text: &[u8], form: &[u8]| {
        text.len() == form.len()
            && text.iter().zip(form).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                other => byte.eq_ignore_ascii_case(other),
            })
    };
    let Some((head, tail)) = text.as_bytes().split_at_checked(FORM.len()) else { return false };
    let offset = match tail {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
        offset => offset,
    };
    fits(head, FORM) && (fits(offset, b"Z") || fits(offset, b"+00:00") || fits(offset, b"-00:00"))
}
