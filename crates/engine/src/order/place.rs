//! Placing: from a request and what the customer expects to an order.

use jiff::Timestamp;

use super::earned::{self, promise};
use super::pay::tell_paid;
use super::{
    ChargeFor, FORM, LotUsed, Order, OrderCharge, OrderGroup, OrderLine, OrderTender, Payment, PaymentState,
    Share, TenderName,
};
use crate::books::{
    Account, Ask, AskKind, BooksError, Changes, CustomerBooks, Due, DueKind, EntryReason, EventKind,
    GrantRefusal, Operation, Party,
};
use crate::calendar::{self, OutOfCalendar};
use crate::market::{Benefit, Coupon, Held, LotKind, Market, MethodType, Scope};
use crate::money::{Money, Overflow, Points};
use crate::quote::{Charge, FreeShipping, Quote, QuoteError, Tender, quote};
use crate::request::{Lot, Request};

/// What the customer has seen and agreed to.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The order's total.
    pub total: Money,
    /// Who pays how much, where the customer wants to hear of any change in it: yen by program or method.
    pub tenders: Option<Vec<(String, Money)>>,
    /// The market's version, where the customer wants to hear of any change in it.
    pub market_version: Option<String>,
}

/// What placing needs beside the request.
#[derive(Clone, Debug)]
pub struct Placing {
    /// The order's id.
    pub order_id: String,
    /// The order's number.
    pub number: String,
    /// What was agreed to.
    pub expected: Expected,
    /// The provider's name for the card, where a card pays.
    pub card_token: Option<String>,
}

/// A placed order: all that has to be written, and the quote it was placed with.
#[derive(Clone, Debug)]
pub struct Placed<'a> {
    /// What has to be written; the order is in it.
    pub changes: Changes,
    /// The quote.
    pub quote: Quote<'a>,
}

/// An order cannot be placed; nothing was taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PlaceRefusal<'a> {
    /// The market, prices or balances moved: this is the quote now.
    #[error("the quote has changed")]
    Changed(Box<Quote<'a>>),
    /// Something is left that nobody pays.
    #[error("{} is left to pay", .0.due.units())]
    Due(Box<Quote<'a>>),
    /// There are no lines.
    #[error("lines: an order needs at least one")]
    Empty,
    /// A card pays, and nothing says which.
    #[error("card_token: needed where a card pays")]
    NoCardToken,
    /// The cart cannot be priced.
    #[error("{0}")]
    Quote(QuoteError<'a>),
    /// More lots have to be loaded of these kinds of programs.
    #[error("more lots have to be loaded")]
    NeedsMoreLots(Vec<(String, Option<LotKind>)>),
    /// The books cannot be kept.
    #[error("{0}")]
    Books(BooksError),
}

impl From<BooksError> for PlaceRefusal<'_> {
    fn from(error: BooksError) -> Self {
        Self::Books(error)
    }
}

impl<'a> From<QuoteError<'a>> for PlaceRefusal<'a> {
    fn from(error: QuoteError<'a>) -> Self {
        Self::Quote(error)
    }
}

impl From<Overflow> for PlaceRefusal<'_> {
    fn from(error: Overflow) -> Self {
        Self::Books(error.into())
    }
}

impl From<OutOfCalendar> for PlaceRefusal<'_> {
    fn from(error: OutOfCalendar) -> Self {
        Self::Books(error.into())
    }
}

impl From<GrantRefusal> for PlaceRefusal<'_> {
    fn from(refusal: GrantRefusal) -> Self {
        match refusal {
            GrantRefusal::Books(error) => Self::Books(error),
            // What a market's rule earns fits the market's programs; were it not so, nothing may be placed.
            other => Self::Books(BooksError::NotLoaded { what: "grant", id: other.code().to_owned() }),
        }
    }
}

/// Places an order, if the quote is still what the customer expects and everything is paid.
///
/// `request.customer` must come from `books` ([`CustomerBooks::as_asked`]), `request.at` from `operation`.
pub fn place<'a>(
    books: &CustomerBooks,
    market: &'a Market,
    operation: &Operation,
    request: &'a Request<'a>,
    placing: &Placing,
) -> Result<Placed<'a>, PlaceRefusal<'a>> {
    if request.lines.is_empty() {
        return Err(PlaceRefusal::Empty);
    }
    let quote = quote(market, request)?;
    let cut = cut_short(books, &quote, request)?;
    if !cut.is_empty() {
        return Err(PlaceRefusal::NeedsMoreLots(cut));
    }
    if !is_expected(&quote, market, &placing.expected)? {
        return Err(PlaceRefusal::Changed(Box::new(quote)));
    }
    if !quote.due.is_zero() {
        return Err(PlaceRefusal::Due(Box::new(quote)));
    }
    let operation = &books.in_order(operation);
    let mut changes = Changes { orders_placed: 1, ..Changes::default() };
    let mut order = new_order(books, market, operation, request, &quote, placing)?;
    book(&order, operation, &mut changes)?;
    use_coupons(&mut order, request, &quote, &mut changes);
    promise(books, market, operation, &mut order, &quote, &mut changes)?;
    ask(books, market, operation, &mut order, placing, &mut changes)?;
    order.happened(operation, "placed", None);
    changes.tell(EventKind::OrderPlaced, &order.order_id);
    if order.payment.open_asks.is_empty() {
        tell_paid(&order, &mut changes);
    }
    changes.orders.push(order);
    Ok(Placed { changes, quote })
}

/// Kinds of programs of which all loaded lots are used, though not all lots were loaded.
fn cut_short(
    books: &CustomerBooks,
    quote: &Quote<'_>,
    request: &Request<'_>,
) -> Result<Vec<(String, Option<LotKind>)>, Overflow> {
    let mut short = Vec::new();
    for (program, kind) in &books.lots_cut {
        let meant = |lot: &Lot<'_>| lot.program.id == *program && lot.kind == *kind;
        let lots = request.customer.lots.iter().filter(|lot| meant(lot));
        let usable = lots.filter(|lot| crate::quote::is_usable(lot, request));
        let held = Points::sum(usable.map(|lot| lot.amount))?;
        let used = quote.lots_used.iter().filter(|used| used.lot.is_some_and(meant));
        if Points::sum(used.map(|used| used.points))? >= held {
            short.push((program.clone(), *kind));
        }
    }
    Ok(short)
}

fn is_expected(quote: &Quote<'_>, market: &Market, expected: &Expected) -> Result<bool, Overflow> {
    let same_version = expected.market_version.as_ref().is_none_or(|version| *version == market.version);
    let same_tenders = match &expected.tenders {
        None => true,
        Some(tenders) => pays_as_expected(quote, tenders)?,
    };
    Ok(quote.total == expected.total && same_version && same_tenders)
}

fn pays_as_expected(quote: &Quote<'_>, expected: &[(String, Money)]) -> Result<bool, Overflow> {
    let mut paid: Vec<(&str, Money)> = Vec::new();
    for row in &quote.tenders {
        add_to(&mut paid, tender_id(row.tender), row.amount)?;
    }
    let mut wanted: Vec<(&str, Money)> = Vec::new();
    for (tender, amount) in expected {
        add_to(&mut wanted, tender, *amount)?;
    }
    paid.sort_unstable();
    wanted.sort_unstable();
    Ok(paid == wanted)
}

fn add_to<'n>(rows: &mut Vec<(&'n str, Money)>, name: &'n str, amount: Money) -> Result<(), Overflow> {
    match rows.iter_mut().find(|(known, _)| *known == name) {
        Some((_, sum)) => *sum = sum.plus(amount)?,
        None if amount.is_zero() => {}
        None => rows.push((name, amount)),
    }
    Ok(())
}

fn tender_id<'a>(tender: Tender<'a>) -> &'a str {
    match tender {
        Tender::Program(program) => &program.id,
        Tender::Method(method) => method.method_type.id(),
    }
}

fn tender_name(tender: Tender<'_>) -> TenderName {
    match tender {
        Tender::Program(program) => TenderName::Program(program.id.clone()),
        Tender::Method(_) => TenderName::Method,
    }
}

fn new_order(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    request: &Request<'_>,
    quote: &Quote<'_>,
    placing: &Placing,
) -> Result<Order, Overflow> {
    let mut order = Order {
        form: FORM,
        order_id: placing.order_id.clone(),
        number: placing.number.clone(),
        customer_id: books.customer_id.clone(),
        market: market.name.clone(),
        market_version: market.version.clone(),
        placed_at: operation.at,
        total: quote.total,
        lines: quote.lines.iter().map(order_line).collect(),
        groups: Vec::new(),
        charges: charges(quote),
        tenders: tenders(quote)?,
        coupons: Vec::new(),
        coupons_back: Vec::new(),
        earned: earned::records(market, quote),
        payment: payment(request, quote),
        shipments: Vec::new(),
        returns: Vec::new(),
        refunds: Vec::new(),
        history: Vec::new(),
        cancelled_at: None,
        troubles: Vec::new(),
    };
    for line in &request.lines {
        if !order.groups.iter().any(|group| group.seller == line.seller.id) {
            order.groups.push(OrderGroup { seller: line.seller.id.clone(), preparing_at: None });
        }
    }
    Ok(order)
}

fn order_line(line: &crate::quote::PricedLine<'_>) -> OrderLine {
    OrderLine {
        line_id: line.line.id.to_owned(),
        sku: line.line.sku.to_owned(),
        seller: line.line.seller.id.clone(),
        kind: line.line.kind,
        unit_price: line.line.unit_price,
        quantity: line.line.quantity,
        gross: line.gross,
        net: line.net,
        tax_rate: line.line.tax_rate.text.clone(),
        cancelled: 0,
        shipped: 0,
        delivered: 0,
        returning: 0,
        returned: 0,
    }
}

fn charges(quote: &Quote<'_>) -> Vec<OrderCharge> {
    let lines = quote.lines.iter().map(|line| (ChargeFor::Line(line.line.id.to_owned()), line.net));
    let shipping = quote
        .shipping
        .iter()
        .map(|shipping| (ChargeFor::Shipping(shipping.seller.id.clone()), shipping.amount));
    let all = lines.chain(shipping).chain([(ChargeFor::Fee, quote.fee_total)]);
    all.filter(|(charge, amount)| matches!(charge, ChargeFor::Line(_)) || !amount.is_zero())
        .map(|(charge, amount)| {
            let payments = quote.payments.iter().filter(|payment| is_for(&payment.charge, &charge));
            let shares = payments.map(|payment| Share {
                tender: tender_name(payment.tender),
                amount: payment.amount,
                refunded: Money::ZERO,
            });
            OrderCharge { shares: shares.collect(), charge, amount, refunded: Money::ZERO }
        })
        .collect()
}

fn is_for(paid: &Charge<'_>, charge: &ChargeFor) -> bool {
    match (paid, charge) {
        (Charge::Line(id), ChargeFor::Line(line)) => id == line,
        (Charge::Shipping(seller), ChargeFor::Shipping(id)) => seller.id == *id,
        (Charge::Fee, ChargeFor::Fee) => true,
        _ => false,
    }
}

/// One row for each program and the method; lots in their order of use.
fn tenders(quote: &Quote<'_>) -> Result<Vec<OrderTender>, Overflow> {
    let mut tenders: Vec<OrderTender> = Vec::new();
    for row in &quote.tenders {
        let name = tender_name(row.tender);
        let points = row.points.unwrap_or(Points::ZERO);
        match tenders.iter_mut().find(|known| known.tender == name) {
            Some(known) => {
                known.amount = known.amount.plus(row.amount)?;
                known.points = known.points.plus(points)?;
            }
            None => tenders.push(OrderTender {
                tender: name,
                amount: row.amount,
                refunded: Money::ZERO,
                points,
                points_returned: Points::ZERO,
                lots: Vec::new(),
                account: None,
                hold_ask: None,
                hold_captured: false,
            }),
        }
    }
    for used in &quote.lots_used {
        let Some((lot_id, kind)) = used.lot.and_then(|lot| Some((lot.id?, lot.kind))) else { continue };
        let name = TenderName::Program(used.program.id.clone());
        let Some(tender) = tenders.iter_mut().find(|known| known.tender == name) else { continue };
        match tender.lots.iter_mut().find(|known| known.lot_id == lot_id) {
            Some(known) => known.points = known.points.plus(used.points)?,
            None => tender.lots.push(LotUsed {
                lot_id: lot_id.to_owned(),
                kind,
                points: used.points,
                returned: Points::ZERO,
            }),
        }
    }
    Ok(tenders)
}

fn payment(request: &Request<'_>, quote: &Quote<'_>) -> Payment {
    let by_method = quote.tenders.iter().filter(|row| matches!(row.tender, Tender::Method(_)));
    let promised = Money::new(by_method.map(|row| row.amount.units()).sum());
    Payment {
        method: request.pay.method.map(|method| method.method_type),
        state: if promised.is_zero() { PaymentState::Paid } else { PaymentState::Authorised },
        promised,
        received: Money::ZERO,
        refunded: Money::ZERO,
        open_asks: Vec::new(),
        authorise_ask: None,
        konbini_ask: None,
        payment_number: None,
        deadline: None,
        captures: Vec::new(),
        let_go: false,
    }
}

/// Who pays what to whom, and the points that do.
fn book(order: &Order, operation: &Operation, changes: &mut Changes) -> Result<(), BooksError> {
    let method = method_id(order);
    changes.enter(operation, EntryReason::OrderPlaced, Some(&order.order_id), |entry| {
        for charge in &order.charges {
            entry.yen_from(payee(order, &charge.charge), charge.amount)?;
        }
        for tender in &order.tenders {
            match &tender.tender {
                TenderName::Method => entry.yen(Account::method_promised(method), tender.amount),
                TenderName::Program(program) => {
                    entry.yen(Account::program_paid(program), tender.amount);
                    if tender.lots.is_empty() {
                        entry.points_from(Account::partner_member(program), program, None, tender.points)?;
                        entry.points(Account::partner(program), program, None, tender.points);
                    } else {
                        entry.points(Account::spent(program), program, None, tender.points);
                    }
                }
            }
            let TenderName::Program(program) = &tender.tender else { continue };
            for used in &tender.lots {
                entry.points_from(Account::wallet(program), program, Some(&used.lot_id), used.points)?;
            }
        }
        Ok::<(), BooksError>(())
    })?;
    for used in order.tenders.iter().flat_map(|tender| &tender.lots) {
        changes.change_lot(&used.lot_id, used.points.units().saturating_neg());
    }
    Ok(())
}

/// Who gets what is paid for a charge.
pub(super) fn payee(order: &Order, charge: &ChargeFor) -> Account {
    match charge {
        ChargeFor::Fee => Account::fees(),
        ChargeFor::Shipping(seller) => Account::seller(seller),
        ChargeFor::Line(line_id) => {
            let line = order.lines.iter().find(|line| line.line_id == *line_id);
            Account::seller(line.map_or("", |line| &line.seller))
        }
    }
}

pub(super) fn method_id(order: &Order) -> &'static str {
    order.payment.method.map_or("none", MethodType::id)
}

/// A coupon that took nothing off is not used up.
fn use_coupons(order: &mut Order, request: &Request<'_>, quote: &Quote<'_>, changes: &mut Changes) {
    let asked = request.pay.coupons.iter().filter_map(|asked| asked.coupon);
    for coupon in asked.filter(|coupon| helped(coupon, quote)) {
        if !order.coupons.contains(&coupon.id) {
            order.coupons.push(coupon.id.clone());
            changes.use_coupon(&coupon.id, 1);
        }
    }
}

fn helped(coupon: &Coupon, quote: &Quote<'_>) -> bool {
    if matches!(coupon.benefit, Benefit::FreeShipping) {
        return quote.shipping.iter().any(|shipping| {
            shipping.free == Some(FreeShipping::Coupon) && ships_free(coupon, &shipping.seller.id)
        });
    }
    let uses = quote.lines.iter().flat_map(|line| &line.coupons);
    uses.into_iter().any(|used| used.coupon.id == coupon.id && !used.amount.is_zero())
}

fn ships_free(coupon: &Coupon, seller: &str) -> bool {
    match &coupon.scope {
        Scope::Store(store) => store == seller,
        Scope::Items(_) | Scope::Market => true,
    }
}

/// What others have to agree to before the order stands: partners hold points, a card promises, a counter
/// opens a payment.
fn ask(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &mut Order,
    placing: &Placing,
    changes: &mut Changes,
) -> Result<(), PlaceRefusal<'static>> {
    hold_partner_points(books, market, operation, order, changes);
    let promised = order.payment.promised;
    match order.payment.method {
        Some(MethodType::Card) if !promised.is_zero() => {
            let card_token = placing.card_token.clone().ok_or(PlaceRefusal::NoCardToken)?;
            let kind = AskKind::Authorise { amount: promised, card_token };
            let ask_id = open_ask(operation, order, Party::Payments, kind, changes);
            order.payment.authorise_ask = Some(ask_id);
        }
        Some(MethodType::Konbini) if !promised.is_zero() => {
            let deadline = pay_deadline(market, operation.at)?;
            order.payment.deadline = Some(deadline);
            let kind = AskKind::KonbiniOpen { amount: promised, deadline: deadline.as_second() };
            let ask_id = open_ask(operation, order, Party::Payments, kind, changes);
            order.payment.konbini_ask = Some(ask_id);
            changes.dues.push(Due::after(DueKind::PayDeadline, &order.order_id, deadline));
        }
        _ => {}
    }
    if !order.payment.open_asks.is_empty() {
        order.payment.state = PaymentState::Asking;
    }
    Ok(())
}

fn hold_partner_points(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    order: &mut Order,
    changes: &mut Changes,
) {
    let mut holds = Vec::new();
    for (place, tender) in order.tenders.iter().enumerate() {
        let TenderName::Program(program) = &tender.tender else { continue };
        let by_partner = market.program(program).is_some_and(|program| program.held == Held::Partner);
        let Some(link) = books.link(program).filter(|_| by_partner) else { continue };
        let account = link.account.clone();
        let kind = AskKind::Hold { account: account.clone(), points: tender.points };
        holds.push((place, Party::Partner(program.clone()), account, kind));
    }
    for (place, party, account, kind) in holds {
        let ask_id = open_ask(operation, order, party, kind, changes);
        if let Some(tender) = order.tenders.get_mut(place) {
            tender.account = Some(account);
            tender.hold_ask = Some(ask_id);
        }
    }
}

fn open_ask(
    operation: &Operation,
    order: &mut Order,
    party: Party,
    kind: AskKind,
    changes: &mut Changes,
) -> String {
    let ask_id = changes.next_ask_id(operation);
    order.payment.open_asks.push(ask_id.clone());
    changes.asks.push(Ask { ask_id: ask_id.clone(), order_id: order.order_id.clone(), party, kind });
    ask_id
}

/// The last second of the last day for paying at a counter.
fn pay_deadline(market: &Market, at: Timestamp) -> Result<Timestamp, OutOfCalendar> {
    const DAYS_USUAL: i32 = 3;
    let method = market.method(MethodType::Konbini);
    let days = method.and_then(|method| method.pay_within_days).unwrap_or(DAYS_USUAL);
    let day = calendar::days_after(calendar::date_of(at, &market.time_zone), days)?;
    calendar::last_second_of(day, &market.time_zone)
}
