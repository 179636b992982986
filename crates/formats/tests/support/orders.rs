//! Orders for tests: a customer's story under a sample market, told in short steps, with books that are
//! checked after each of them.

use choba_engine::books::{
    Adjusted, Adjustment, Ask, AskKind, AskOutcome, Changes, CustomerBooks, DueKind, HeldCoupon, HeldLink,
    Keeper, NewGrant, Operation, Origin, adjust, balances, expire, grant,
};
use choba_engine::market::{LotKind, Market, ReturnReason};
use choba_engine::money::{Money, Points};
use choba_engine::order::{
    CancelBy, Expected, Finding, LinePart, Order, OrderRefusal, PlaceRefusal, Placing, Shipping, TenderName,
    cancel, deadline_passed, deliver, inspect, paid, place, prepare, receive, refund_return, request_return,
    returns_lapsed, settle, ship, withdraw_return,
};
use choba_engine::quote::quote;
use choba_engine::request::Request;
use choba_formats::market_files::{MarketFile, check, files_in};
use choba_formats::request::RequestText;
use jiff::Timestamp;

use super::Cart;

/// The customer of all stories.
pub const HANAKO: &str = "hanako";

/// A sample market with some texts of its files replaced, and a section more.
pub fn market_with(name: &str, replaced: &[(&str, &str)], more: &str) -> Market {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../markets").join(name);
    let mut files = files_in(&directory).expect("the sample market");
    for (old, new) in replaced {
        assert!(files.iter().any(|file| file.text.contains(old)), "{old} is in no file");
        files.iter_mut().for_each(|file| file.text = file.text.replace(old, new));
    }
    files.push(MarketFile { path: "more.toml".into(), text: more.into() });
    check(&files).unwrap_or_else(|report| panic!("{report}"))
}

/// An instant in Tokyo, such as `2026-11-21 12:00`.
pub fn tokyo(text: &str) -> Timestamp {
    let (date, time) = text.split_once(' ').expect("a date and a time");
    let time = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    format!("{date}T{time}+09:00").parse().expect("an instant")
}

/// So many of a line.
pub fn part(line_id: &str, quantity: i64) -> LinePart {
    LinePart { line_id: line_id.to_owned(), quantity }
}

/// An answer without more to it.
pub fn done() -> AskOutcome {
    AskOutcome::Done { reference: None, points: None, payment_number: None }
}

/// A no.
pub fn refused(code: &str) -> AskOutcome {
    AskOutcome::Refused { code: code.to_owned() }
}

/// A market, its books, and the time of the story.
pub struct Shop {
    pub market: Market,
    pub keeper: Keeper,
    pub now: Timestamp,
    operations: u32,
}

impl Shop {
    pub fn open(market: Market) -> Self {
        let (keeper, now) = (Keeper::default(), tokyo("2026-11-21 12:00"));
        Self { market, keeper, now, operations: 0 }
    }

    pub fn rakuten() -> Self {
        Self::open(market_with("rakuten-style", &[], ""))
    }

    pub fn amazon() -> Self {
        Self::open(market_with("amazon-style", &[], ""))
    }

    /// Time passes. What it brings is done, first what comes first.
    pub fn until(&mut self, at: &str) -> &mut Self {
        self.now = tokyo(at);
        while let Some(due) = self
            .keeper
            .dues(HANAKO)
            .filter(|due| due.due_at <= self.now)
            .min_by_key(|due| due.due_at)
            .cloned()
        {
            let (books, operation) = (self.books(), self.operation("system"));
            let changes = match due.kind {
                DueKind::LotExpiry => {
                    expire(&books, &self.market, &operation, &due.subject).expect("an expiry")
                }
                DueKind::CheckWait | DueKind::CheckFindings => panic!("no story here starts a check"),
                DueKind::PayDeadline => {
                    let order = self.order(&due.subject);
                    deadline_passed(&books, &self.market, &operation, &order).expect("a deadline")
                }
                DueKind::ReturnLapse => {
                    let order = self.order(&due.subject);
                    returns_lapsed(&books, &operation, &order).expect("late returns")
                }
            };
            self.keeper.forget_due(HANAKO, &due);
            self.write(&changes);
        }
        self
    }

    /// Time passes and nothing is done.
    pub fn at(&mut self, at: &str) -> &mut Self {
        self.now = tokyo(at);
        self
    }

    pub fn operation(&mut self, by: &str) -> Operation {
        self.operations += 1;
        Operation { id: format!("op{}", self.operations), at: self.now, by: by.to_owned() }
    }

    pub fn books(&self) -> CustomerBooks {
        self.keeper.books(HANAKO)
    }

    pub fn order(&self, order_id: &str) -> Order {
        self.keeper.order(order_id).expect("the order").clone()
    }

    pub fn write(&mut self, changes: &Changes) {
        self.keeper.apply(HANAKO, changes).expect("changes that can be written");
        self.keeper.check().unwrap_or_else(|discrepancy| panic!("{discrepancy}"));
        for order in &changes.orders {
            let json = serde_json::to_string(order).expect("an order as JSON");
            assert_eq!(&serde_json::from_str::<Order>(&json).expect("an order again"), order);
        }
    }

    // Who the customer is.

    /// Holds coupons, and is of that rank.
    pub fn member(&mut self, rank: Option<&str>, coupons: &[&str]) -> &mut Self {
        let mut books = self.books();
        books.rank = rank.map(str::to_owned);
        for id in coupons {
            books.coupons.push(HeldCoupon { coupon_id: (*id).to_owned(), uses: 0, uses_by_all: 0 });
        }
        self.keeper.introduce(books);
        self
    }

    /// Links a partner's program.
    pub fn link(&mut self, program: &str, balance: i64) -> &mut Self {
        let mut books = self.books();
        books.links.push(HeldLink {
            program: program.to_owned(),
            account: format!("{program}-account"),
            always_use: false,
            balance: Points::new(balance),
            earned_last_3_months: Points::ZERO,
            earned_this_month: Points::ZERO,
        });
        self.keeper.introduce(books);
        self
    }

    // Value.

    /// Grants value that can be used at once; `what` is `program` or `program:kind`.
    pub fn grant(&mut self, what: &str, points: i64, expires_at: Option<&str>) -> String {
        self.grant_from(what, points, None, expires_at)
    }

    /// Grants value that can be used later.
    pub fn grant_from(
        &mut self,
        what: &str,
        points: i64,
        available_at: Option<&str>,
        expires_at: Option<&str>,
    ) -> String {
        let (program, kind) = program_and_kind(what);
        let operation = self.operation("system");
        let new = NewGrant {
            program,
            kind,
            points: Points::new(points),
            pending_at: None,
            available_at: available_at.map(tokyo),
            expires_at: expires_at.map(tokyo),
            origin: Origin::Grant(operation.id.clone()),
        };
        let changes = grant(&self.books(), &self.market, &operation, new).expect("a grant");
        self.write(&changes);
        changes.lots[0].lot_id.clone()
    }

    /// Corrects a balance; says why not, where that cannot be done.
    pub fn adjust(&mut self, what: &str, points: i64, approved_by: Option<&str>) -> Result<(), String> {
        let (program, kind) = program_and_kind(what);
        let operation = self.operation("sato");
        let adjustment = Adjustment {
            program,
            kind,
            points,
            expires_at: None,
            reason: "a mistake".to_owned(),
            asked_by: "sato".to_owned(),
            approved_by: approved_by.map(str::to_owned),
        };
        match adjust(&self.books(), &self.market, &operation, &adjustment) {
            Ok(Adjusted::Made(changes)) => {
                self.write(&changes);
                Ok(())
            }
            Ok(Adjusted::NeedsSecondPerson) => Err("needs_second_person".to_owned()),
            Err(refusal) => Err(refusal.code().to_owned()),
        }
    }

    /// `rakuten:ordinary 500 + 20 pending + 3 announced, gift 0 (100 expired)`: what is held now.
    pub fn wallet(&self) -> String {
        let held = balances(&self.books(), &self.market, self.now).expect("balances");
        let rows = held.iter().map(|row| {
            let kind = row.kind.map(|kind| format!(":{}", kind_word(kind))).unwrap_or_default();
            let pending = row.pending.units();
            let pending = if pending > 0 { format!(" + {pending} pending") } else { String::new() };
            let announced = row.announced.units();
            let announced = if announced > 0 { format!(" + {announced} announced") } else { String::new() };
            let expired = row.expired.units();
            let expired = if expired > 0 { format!(" ({expired} expired)") } else { String::new() };
            format!("{}{kind} {}{pending}{announced}{expired}", row.program, row.available.units())
        });
        rows.collect::<Vec<_>>().join(", ")
    }

    /// What is owed of a program.
    pub fn debt(&self, program: &str) -> i64 {
        self.books().debt(program).units()
    }

    // Orders.

    /// Places an order and has everybody agree; answers its id.
    pub fn place(&mut self, cart: &Cart) -> String {
        let order_id = self.try_place(cart).unwrap_or_else(|refusal| panic!("{refusal}"));
        self.agree();
        order_id
    }

    /// Places an order; whoever is asked has not answered.
    pub fn try_place(&mut self, cart: &Cart) -> Result<String, String> {
        let (json, books, operation) = (cart.0.to_string(), self.books(), self.operation("customer"));
        let order_id = format!("ord_{}", self.operations);
        let changes = {
            let text = RequestText::read(json.as_bytes()).map_err(|fault| fault.to_string())?;
            let asked = text.resolve(&self.market).map_err(|fault| fault.to_string())?;
            let customer = books.as_asked(&self.market, self.now).expect("a customer");
            let request = Request { at: self.now, customer, ..asked };
            let total = quote(&self.market, &request).map_err(|error| error.to_string())?.total;
            let placing = Placing {
                order_id: order_id.clone(),
                number: format!("503-0000000-{:07}", self.operations),
                expected: Expected { total, tenders: None, market_version: None },
                card_token: Some("tok_ok".to_owned()),
            };
            let placed =
                place(&books, &self.market, &operation, &request, &placing).map_err(
                    |refusal| match refusal {
                        PlaceRefusal::Due(quote) => format!("due {}", quote.due.units()),
                        other => other.to_string(),
                    },
                )?;
            placed.changes
        };
        self.write(&changes);
        Ok(order_id)
    }

    /// Whoever is asked says yes, also to what follows from it.
    pub fn agree(&mut self) -> &mut Self {
        loop {
            let next = self.keeper.asks_open().next().cloned();
            match next {
                Some(ask) => self.answer(&ask, &done()),
                None => return self,
            };
        }
    }

    /// An answer to one ask.
    pub fn answer(&mut self, ask: &Ask, outcome: &AskOutcome) -> &mut Self {
        let (books, operation, order) = (self.books(), self.operation("system"), self.order(&ask.order_id));
        let changes = settle(&books, &self.market, &operation, &order, ask, outcome).expect("an answer");
        self.write(&changes);
        self
    }

    /// The open ask of that word, such as `authorise`.
    pub fn ask(&self, word: &str) -> Ask {
        let mut open = self.keeper.asks_open();
        open.find(|ask| ask_words(ask).starts_with(word)).unwrap_or_else(|| panic!("no ask {word}")).clone()
    }

    /// All asks that nobody has answered, such as `capture 500, void`.
    pub fn asks(&self) -> String {
        self.keeper.asks_open().map(ask_words).collect::<Vec<_>>().join(", ")
    }

    /// Does something to an order.
    pub fn change(
        &mut self,
        order_id: &str,
        by: &str,
        decide: impl FnOnce(&CustomerBooks, &Market, &Operation, &Order) -> Result<Changes, OrderRefusal>,
    ) -> Result<Changes, OrderRefusal> {
        let (books, operation, order) = (self.books(), self.operation(by), self.order(order_id));
        let changes = decide(&books, &self.market, &operation, &order)?;
        self.write(&changes);
        Ok(changes)
    }

    pub fn cancel(
        &mut self,
        order_id: &str,
        parts: Option<&[LinePart]>,
        by: CancelBy,
    ) -> Result<Changes, OrderRefusal> {
        self.change(order_id, "customer", |books, market, operation, order| {
            cancel(books, market, operation, order, parts, by)
        })
    }

    pub fn prepare(&mut self, order_id: &str, seller: &str) -> Result<Changes, OrderRefusal> {
        self.change(order_id, seller, |books, _, operation, order| prepare(books, operation, order, seller))
    }

    /// Ships some lines or all that is open of a seller; answers the shipment's id.
    pub fn ship(
        &mut self,
        order_id: &str,
        seller: &str,
        parts: Option<&[LinePart]>,
    ) -> Result<String, OrderRefusal> {
        let shipping = Shipping {
            seller: seller.to_owned(),
            parts: parts.map(<[LinePart]>::to_vec),
            carrier: Some("yamato".to_owned()),
            tracking_numbers: vec!["400000000001".to_owned()],
        };
        self.change(order_id, seller, |books, market, operation, order| {
            ship(books, market, operation, order, &shipping)
        })?;
        let order = self.order(order_id);
        Ok(order.shipments.last().map(|sent| sent.shipment_id.clone()).unwrap_or_default())
    }

    pub fn deliver(&mut self, order_id: &str, shipment_id: &str) -> Result<Changes, OrderRefusal> {
        self.change(order_id, "yamato", |books, _, operation, order| {
            deliver(books, operation, order, shipment_id)
        })
    }

    /// Ships and delivers all that is open of a seller, and everybody pays.
    pub fn fulfil(&mut self, order_id: &str, seller: &str) -> &mut Self {
        let shipment = self.ship(order_id, seller, None).expect("a shipment");
        self.deliver(order_id, &shipment).expect("a delivery");
        self.agree()
    }

    pub fn paid(&mut self, order_id: &str) -> Result<Changes, OrderRefusal> {
        self.change(order_id, "system", |books, _, operation, order| paid(books, operation, order))
    }

    pub fn request_return(
        &mut self,
        order_id: &str,
        parts: &[LinePart],
        reason: ReturnReason,
    ) -> Result<String, OrderRefusal> {
        let number = format!("R{}", self.order(order_id).returns.len() + 1);
        self.change(order_id, "customer", |books, market, operation, order| {
            request_return(books, market, operation, order, parts, reason, &number)
        })?;
        Ok(number)
    }

    pub fn withdraw(&mut self, order_id: &str, number: &str) -> Result<Changes, OrderRefusal> {
        self.change(order_id, "customer", |books, _, operation, order| {
            withdraw_return(books, operation, order, number)
        })
    }

    /// What was sent back arrives and is looked at.
    pub fn inspect(
        &mut self,
        order_id: &str,
        number: &str,
        findings: &[Finding],
    ) -> Result<Changes, OrderRefusal> {
        self.change(order_id, "staff", |books, _, operation, order| {
            receive(books, operation, order, number)
        })?;
        self.change(order_id, "staff", |books, market, operation, order| {
            inspect(books, market, operation, order, number, findings)
        })
    }

    pub fn refund(&mut self, order_id: &str, number: &str) -> Result<Changes, OrderRefusal> {
        self.change(order_id, "staff", |books, market, operation, order| {
            refund_return(books, market, operation, order, number)
        })
    }

    /// A whole return without deductions.
    pub fn give_back(
        &mut self,
        order_id: &str,
        parts: &[LinePart],
        reason: ReturnReason,
    ) -> Result<(), OrderRefusal> {
        let number = self.request_return(order_id, parts, reason)?;
        self.inspect(order_id, &number, &[])?;
        self.refund(order_id, &number).map(drop)
    }

    /// `authorised: 3500 promised, 0 received, 0 refunded`.
    pub fn payment(&self, order_id: &str) -> String {
        let payment = self.order(order_id).payment;
        format!(
            "{}: {} promised, {} received, {} refunded",
            payment.state.code(),
            payment.promised.units(),
            payment.received.units(),
            payment.refunded.units()
        )
    }

    /// What went back with the last refund, such as `card 3500, rakuten 1000 (1000 expired)`.
    pub fn last_refund(&self, order_id: &str) -> String {
        let order = self.order(order_id);
        let Some(refund) = order.refunds.last() else { return "nothing".to_owned() };
        let rows = refund.parts.iter().map(|part| {
            let name = match &part.tender {
                TenderName::Program(program) => program.as_str(),
                TenderName::Method => order.payment.method.map_or("none", |method| method.id()),
            };
            let mut row = format!("{name} {}", part.amount.units());
            for (points, word) in [(part.expired, "expired"), (part.grace, "for some days")] {
                if !points.is_zero() {
                    row.push_str(&format!(" ({} {word})", points.units()));
                }
            }
            row
        });
        rows.collect::<Vec<_>>().join(", ")
    }
}

/// What is asked, such as `capture 500`.
pub fn ask_words(ask: &Ask) -> String {
    let yen = |amount: &Money| amount.units();
    match &ask.kind {
        AskKind::Authorise { amount, .. } => format!("authorise {}", yen(amount)),
        AskKind::Capture { amount, .. } => format!("capture {}", yen(amount)),
        AskKind::Void { .. } => "void".to_owned(),
        AskKind::Refund { amount, .. } => format!("refund {}", yen(amount)),
        AskKind::KonbiniOpen { amount, .. } => format!("konbini {}", yen(amount)),
        AskKind::KonbiniCancel { .. } => "cancel konbini".to_owned(),
        AskKind::Hold { points, .. } => format!("hold {}", points.units()),
        AskKind::HoldCapture { points, .. } => format!("take {}", points.units()),
        AskKind::HoldRelease { .. } => "release".to_owned(),
        AskKind::Credit { points, .. } => format!("credit {}", points.units()),
        AskKind::Debit { points, .. } => format!("debit {}", points.units()),
    }
}

fn program_and_kind(what: &str) -> (String, Option<LotKind>) {
    let (program, kind) = what.split_once(':').map_or((what, None), |(program, kind)| (program, Some(kind)));
    let kind =
        kind.map(|kind| LotKind::ALL.into_iter().find(|known| kind_word(*known) == kind).expect("a kind"));
    (program.to_owned(), kind)
}

fn kind_word(kind: LotKind) -> &'static str {
    match kind {
        LotKind::Limited => "limited",
        LotKind::Exchanged => "exchanged",
        LotKind::Ordinary => "ordinary",
    }
}
