//! The steps: each done by the counter and in memory, with one outcome.

use choba_app::{
    AdjustBalance, Adjusted, AppError, GrantValue, Granter, OrderChanged, PlaceOrder, PlaceOutcome,
    RedeemGiftCard, ShipOrder, Whose,
};
use choba_engine::books::{self as rules, Adjustment, Changes, CustomerBooks, NewGrant, Operation, Origin};
use choba_engine::market::{LotKind, ReturnReason};
use choba_engine::money::{Money, Points};
use choba_engine::order::{
    self, CancelBy, Expected, Finding, LinePart, Order, OrderRefusal, PlaceRefusal, Placing, ReturnState,
    Shipping,
};
use choba_engine::quote::quote;
use choba_formats::answer::Answer;
use choba_formats::request::RequestText;
use choba_outside::scripted::Twist;
use choba_store::books;
use jiff::SignedDuration;

use super::chance::Chance;
use super::twin::{MARKET, Twin};
use crate::support::{Cart, amazon};
use crate::truth::PARTNER;

const SELLERS: [&str; 2] = ["denki-store", "amazon"];
const METHODS: [&str; 4] = ["card", "konbini", "cod", "deferred"];
const KINDS: [(&str, Option<LotKind>); 4] = [
    ("gift", None),
    ("amazon", Some(LotKind::Limited)),
    ("amazon", Some(LotKind::Ordinary)),
    ("amazon", Some(LotKind::Exchanged)),
];
const OPERATIONS: [&str; 8] =
    ["authorise", "capture", "void", "refund", "hold", "hold_capture", "credit", "konbini_open"];

impl Twin {
    /// Does something.
    pub async fn step(&mut self, chance: &mut Chance) {
        self.begin_step();
        if chance.percent(25) {
            self.disturb(chance);
        }
        match chance.between(1, 100) {
            1..=12 => self.grant(chance).await,
            13..=16 => self.adjust(chance).await,
            17..=18 => self.decide_adjustment(chance).await,
            19..=38 => self.place(chance).await,
            39..=44 => self.ask_what_is_open().await,
            45..=48 => self.paid(chance).await,
            49..=51 => self.prepare(chance).await,
            52..=63 => self.ship(chance).await,
            64..=70 => self.deliver(chance).await,
            71..=77 => self.cancel(chance).await,
            78..=87 => self.return_goods(chance).await,
            88..=90 => self.staff_refund(chance).await,
            91..=93 => self.redeem(chance).await,
            94..=98 => self.wait(SignedDuration::from_hours(chance.between(1, 200))).await,
            _ => self.now -= SignedDuration::from_hours(chance.between(1, 48)),
        }
        assert_eq!(self.ids.len(), 0, "the counter did more than the books in memory");
    }

    fn disturb(&mut self, chance: &mut Chance) {
        let twist = match chance.between(0, 6) {
            0 => Twist::LoseAnswer,
            1 => Twist::LoseRequest,
            2 => Twist::Late,
            3 => Twist::Twice,
            4 => Twist::Away,
            5 => Twist::Decline("do_not_honour".to_owned()),
            _ => return self.outside.deliver_late(),
        };
        self.outside.next(None, chance.one_of(&OPERATIONS), twist);
    }

    fn customer(&self, chance: &mut Chance) -> Whose {
        chance.one_of(&self.customers).unwrap()
    }

    async fn grant(&mut self, chance: &mut Chance) {
        let (whose, (program, kind)) = (self.customer(chance), chance.one_of(&KINDS).unwrap());
        let days = SignedDuration::from_hours(24 * chance.between(-1, 60));
        let waits = chance.percent(20).then(|| self.now + SignedDuration::from_hours(30));
        let points = Points::new(chance.between(1, 3_000));
        let grant = GrantValue {
            whose: whose.clone(),
            program: program.to_owned(),
            kind,
            points,
            available_at: waits,
            expires_at: Some(self.now + days),
            reason: "a campaign".to_owned(),
            by: Granter::Campaign("winter".to_owned()),
            key: self.key("grant_value", &whose.customer_id),
        };
        let (available_at, expires_at) = (grant.available_at, grant.expires_at);
        let outcome = self.counter.grant_value(grant, self.now).await;
        self.hear_ids();
        let operation = self.operation("campaign:winter");
        let origin = Origin::Grant(operation.id.clone());
        let program = program.to_owned();
        let new = NewGrant { program, kind, points, pending_at: None, available_at, expires_at, origin };
        let books = self.books(&whose.customer_id);
        let expected = rules::grant(&books, &self.market, &operation, new).map(|mut changes| {
            changes.entries.iter_mut().for_each(|entry| entry.note = Some("a campaign".to_owned()));
            changes
        });
        self.same("grant", &whose, outcome.map(drop), expected.map_err(AppError::from));
    }

    /// Insists that both sides did it or refused it for one reason, and writes what follows.
    fn same(
        &mut self,
        what: &'static str,
        whose: &Whose,
        counter: Result<(), AppError>,
        memory: Result<Changes, AppError>,
    ) {
        self.tell(what, counter.is_ok());
        match (counter, memory) {
            (Ok(()), Ok(changes)) => self.write(&whose.customer_id, &changes),
            (Err(counter), Err(memory)) => assert_eq!(counter, memory, "{what}"),
            (counter, memory) => panic!("{what}: the counter {counter:?}, in memory {memory:#?}"),
        }
    }

    async fn adjust(&mut self, chance: &mut Chance) {
        let (whose, (program, kind)) = (self.customer(chance), chance.one_of(&KINDS).unwrap());
        let points = if chance.percent(30) { 10_500 } else { chance.between(-700, 700) };
        let asked = AdjustBalance {
            whose: whose.clone(),
            program: program.to_owned(),
            kind,
            points,
            expires_at: None,
            reason: "a mistake".to_owned(),
            by: "sato".to_owned(),
            key: self.key("adjust_balance", &whose.customer_id),
        };
        let outcome = self.counter.adjust_balance(asked, self.now).await;
        self.hear_ids();
        let operation = self.operation("sato");
        if let Ok(Adjusted::Waiting { adjustment_id }) = &outcome {
            self.waiting.push((whose.clone(), adjustment_id.clone()));
        }
        let adjustment = adjustment(program, kind, points, None);
        let expected = if points == 0 {
            Err(rules::GrantRefusal::Nothing)
        } else {
            rules::adjust(&self.books(&whose.customer_id), &self.market, &operation, &adjustment)
        };
        let expected = expected.map(|judged| match judged {
            rules::Adjusted::Made(changes) => *changes,
            rules::Adjusted::NeedsSecondPerson => Changes::default(),
        });
        self.same("adjust", &whose, outcome.map(drop), expected.map_err(AppError::from));
    }

    async fn decide_adjustment(&mut self, chance: &mut Chance) {
        let Some((whose, adjustment_id)) = chance.one_of(&self.waiting) else { return };
        if chance.percent(30) {
            self.counter.reject_adjustment(&adjustment_id, "suzuki", self.now).await.unwrap();
            self.hear_ids();
            self.ids.clear();
            self.waiting.retain(|(_, id)| *id != adjustment_id);
            return;
        }
        let row = books::adjustment(self.counter.store(), &adjustment_id).await.unwrap().unwrap();
        let outcome = self.counter.approve_adjustment(&adjustment_id, "suzuki", self.now).await;
        self.hear_ids();
        let operation = self.operation("suzuki");
        let adjustment = Adjustment { approved_by: Some("suzuki".to_owned()), ..row.adjustment };
        let books = self.books(&whose.customer_id);
        let expected = match rules::adjust(&books, &self.market, &operation, &adjustment) {
            Ok(rules::Adjusted::Made(changes)) => Ok(*changes),
            Ok(rules::Adjusted::NeedsSecondPerson) => panic!("two persons are enough"),
            Err(refusal) => Err(refusal.into()),
        };
        if outcome.is_ok() {
            self.waiting.retain(|(_, id)| *id != adjustment_id);
        }
        self.same("approve", &whose, outcome.map(drop), expected);
    }

    fn cart(&self, chance: &mut Chance) -> Cart {
        let method = chance.one_of(&METHODS).unwrap();
        let mut cart = amazon();
        for _ in 0..chance.between(1, 3) {
            let kind = if chance.percent(20) && method != "cod" { "digital" } else { "physical" };
            let what = format!("X:{kind}@{}", chance.one_of(&SELLERS).unwrap());
            cart = cart.line(&what, chance.between(1, 3_000), chance.between(1, 3));
        }
        if chance.percent(50) {
            cart = cart.stored(PARTNER, chance.between(0, 1_000));
        }
        if chance.percent(60) {
            let points = chance.between(0, 4_000);
            cart = cart.stored("amazon", points / 2);
            cart = if chance.percent(50) { cart.stored("gift", "all") } else { cart.stored("gift", points) };
        }
        if chance.percent(40) {
            cart = cart.coupon("OFF");
        }
        if chance.percent(5) { cart } else { cart.by(method) }
    }

    async fn place(&mut self, chance: &mut Chance) {
        let (whose, cart) = (self.customer(chance), self.cart(chance));
        let request = cart.bytes();
        let total = if chance.percent(5) { Money::new(1) } else { self.total(&whose, &request) };
        let placing = PlaceOrder {
            whose: whose.clone(),
            expected: Expected { total, ..Expected::default() },
            card_token: Some("tok_ok".to_owned()),
            key: self.key("place_order", &whose.customer_id),
            request,
        };
        let outcome = self.counter.place_order(placing.clone(), self.now).await;
        self.hear_ids();
        self.place_in_memory(&placing, outcome).await;
        if chance.percent(20) {
            self.place_again(placing).await;
        }
    }

    /// The same key answers the same, places nothing, and goes on with what was not answered.
    async fn place_again(&mut self, placing: PlaceOrder) {
        let customer_id = placing.whose.customer_id.clone();
        let record =
            books::key_of_customer(self.counter.store(), &customer_id, &placing.key.key).await.unwrap();
        let Some(record) = record else { return };
        match self.counter.place_order(placing, self.now).await {
            Ok(PlaceOutcome::Placed(order, _) | PlaceOutcome::PaymentRefused { order, .. }) => {
                assert_eq!(serde_json::to_string(&order).unwrap(), record.answer);
                self.hear_ids();
                // The order that would have been made had another id.
                self.ids.pop_front();
                self.take_answers_in(&customer_id, &order.order_id).await;
            }
            Err(AppError::PartyUnavailable { .. }) => {}
            other => panic!("{other:?}"),
        }
        self.ids.clear();
    }

    /// The books with what the partner said.
    fn books_as_seen(&self, whose: &Whose) -> CustomerBooks {
        let mut books = self.books_for_placing(&whose.customer_id);
        for (program, said) in self.witness.take_balances() {
            let said = said.unwrap_or_else(|| panic!("{program} said nothing"));
            for link in books.links.iter_mut().filter(|link| link.program == program) {
                *link = said.clone();
            }
        }
        books
    }

    /// The total of a cart; what pays it has no part in it.
    fn total(&self, whose: &Whose, request: &[u8]) -> Money {
        let books = self.books(&whose.customer_id);
        let text = RequestText::read(request).unwrap();
        let mut request = text.resolve(&self.market).unwrap();
        request.at = self.now;
        request.customer = books.as_asked(&self.market, self.now).unwrap();
        quote(&self.market, &request).unwrap().total
    }

    async fn place_in_memory(&mut self, placing: &PlaceOrder, outcome: Result<PlaceOutcome, AppError>) {
        let whose = placing.whose.clone();
        if let Err(AppError::PartyUnavailable { .. }) = outcome {
            self.tell("place", false);
            return;
        }
        let outcome = outcome.unwrap();
        let books = self.books_as_seen(&whose);
        let mut operation = self.operation("customer");
        operation.id = format!("ord_{}", operation.id);
        let number = match &outcome {
            PlaceOutcome::Placed(order, _) | PlaceOutcome::PaymentRefused { order, .. } => {
                order.number.clone()
            }
            PlaceOutcome::NewQuote(_) => String::new(),
        };
        let market = self.market.clone();
        let text = RequestText::read(&placing.request).unwrap();
        let mut request = text.resolve(&market).unwrap();
        request.at = self.now;
        request.customer = books.as_asked(&market, self.now).unwrap();
        let placing = Placing {
            order_id: operation.id.clone(),
            number,
            expected: placing.expected.clone(),
            card_token: placing.card_token.clone(),
        };
        let placed = order::place(&books, &market, &operation, &request, &placing);
        let is_placed = placed.is_ok();
        self.tell("place", is_placed);
        match (outcome, placed) {
            (PlaceOutcome::NewQuote(now), Err(PlaceRefusal::Changed(quote) | PlaceRefusal::Due(quote))) => {
                let expected = serde_json::to_string(&Answer { market: &market, quote: &quote }).unwrap();
                assert_eq!(now, expected);
            }
            (PlaceOutcome::Placed(order, _) | PlaceOutcome::PaymentRefused { order, .. }, Ok(placed)) => {
                assert_eq!(order.order_id, operation.id);
                self.write(&whose.customer_id, &placed.changes);
            }
            (outcome, placed) => panic!("the counter {outcome:?}, in memory {placed:#?}"),
        }
        if is_placed {
            self.take_answers_in(&whose.customer_id, &placing.order_id).await;
        }
    }

    fn any_order(&self, chance: &mut Chance) -> Option<Order> {
        chance.one_of(&self.orders())
    }

    /// Follows a change of an order.
    async fn follow(
        &mut self,
        what: &'static str,
        order: &Order,
        by: &str,
        outcome: Result<OrderChanged, AppError>,
        decide: impl FnOnce(
            &CustomerBooks,
            &choba_engine::market::Market,
            &Operation,
            &Order,
        ) -> Result<Changes, OrderRefusal>,
    ) -> bool {
        self.hear_ids();
        let expected = self.change(order, by, decide);
        self.tell(what, outcome.is_ok());
        match (outcome, expected) {
            (Ok(changed), Ok(changes)) => {
                let refunds = changes.orders.iter().flat_map(|changed| &changed.refunds);
                assert_eq!(changed.refund.as_ref(), refunds.skip(order.refunds.len()).last());
                self.take_answers_in(&order.customer_id, &order.order_id).await;
                true
            }
            (Err(AppError::Order(counter)), Err(memory)) => {
                assert_eq!(counter, memory, "{what}");
                false
            }
            (counter, memory) => panic!("{what}: the counter {counter:?}, in memory {memory:#?}"),
        }
    }

    async fn paid(&mut self, chance: &mut Chance) {
        let Some(order) = self.any_order(chance) else { return };
        let outcome = self.counter.order_paid(&order.customer_id, &order.order_id, "system", self.now).await;
        self.follow("paid", &order, "system", outcome, |books, _, operation, order| {
            order::paid(books, operation, order)
        })
        .await;
    }

    async fn prepare(&mut self, chance: &mut Chance) {
        let Some(order) = self.any_order(chance) else { return };
        let seller = chance.one_of(&SELLERS).unwrap();
        let (customer, id) = (order.customer_id.as_str(), order.order_id.as_str());
        let outcome = self.counter.prepare_order(customer, id, seller, seller, self.now).await;
        self.follow("prepare", &order, seller, outcome, |books, _, operation, order| {
            order::prepare(books, operation, order, seller)
        })
        .await;
    }

    async fn ship(&mut self, chance: &mut Chance) {
        let Some(order) = self.any_order(chance) else { return };
        let Some(group) = chance.one_of(&order.groups) else { return };
        let lines: Vec<_> = order.lines.iter().filter(|line| line.seller == group.seller).cloned().collect();
        let parts = chance.percent(60).then(|| {
            let line_id = chance.one_of(&lines).unwrap().line_id;
            vec![LinePart { line_id, quantity: chance.between(1, 2) }]
        });
        let seller = group.seller.clone();
        let shipping =
            Shipping { seller: seller.clone(), parts, carrier: None, tracking_numbers: Vec::new() };
        let key = Some(self.key("ship_order", &order.order_id));
        let (customer_id, order_id) = (order.customer_id.clone(), order.order_id.clone());
        let ship = ShipOrder { customer_id, order_id, shipping: shipping.clone(), by: seller.clone(), key };
        let outcome = self.counter.ship_order(ship, self.now).await;
        self.follow("ship", &order, &seller, outcome, |books, market, operation, order| {
            order::ship(books, market, operation, order, &shipping)
        })
        .await;
    }

    async fn deliver(&mut self, chance: &mut Chance) {
        let orders = self.orders().into_iter();
        let sent = orders.flat_map(|order| {
            let on_the_way = order.shipments.iter().filter(|sent| sent.delivered_at.is_none()).cloned();
            on_the_way.map(|sent| (order.clone(), sent.shipment_id)).collect::<Vec<_>>()
        });
        let Some((order, sent)) = chance.one_of(&sent.collect::<Vec<_>>()) else { return };
        let (customer, id) = (order.customer_id.as_str(), order.order_id.as_str());
        let outcome = self.counter.deliver_order(customer, id, &sent, "yamato", self.now).await;
        self.follow("deliver", &order, "yamato", outcome, |books, _, operation, order| {
            order::deliver(books, operation, order, &sent)
        })
        .await;
    }

    async fn cancel(&mut self, chance: &mut Chance) {
        let Some(order) = self.any_order(chance) else { return };
        let parts = chance.percent(50).then(|| {
            let line_id = chance.one_of(&order.lines).unwrap().line_id;
            vec![LinePart { line_id, quantity: chance.between(1, 2) }]
        });
        let by = if chance.percent(50) { CancelBy::Seller } else { CancelBy::Customer };
        let (customer, id, named) = (order.customer_id.as_str(), order.order_id.as_str(), parts.clone());
        let outcome = self.counter.cancel_order(customer, id, named, by, "someone", None, self.now).await;
        self.follow("cancel", &order, "someone", outcome, |books, market, operation, order| {
            order::cancel(books, market, operation, order, parts.as_deref(), by)
        })
        .await;
    }

    /// The next step of a return that is under way, or a new one.
    async fn return_goods(&mut self, chance: &mut Chance) {
        let orders: Vec<Order> = self.orders();
        let under_way = orders.iter().flat_map(|order| {
            let open = order
                .returns
                .iter()
                .filter(|back| back.state != ReturnState::Refunded && back.state != ReturnState::Withdrawn);
            open.map(|back| (order.clone(), back.clone())).collect::<Vec<_>>()
        });
        match chance.one_of(&under_way.collect::<Vec<_>>()) {
            Some((order, back)) if chance.percent(75) => self.go_on_with_return(chance, &order, &back).await,
            _ => self.request_return(chance).await,
        }
    }

    async fn request_return(&mut self, chance: &mut Chance) {
        let arrived = |order: &Order| order.lines.iter().any(|line| line.delivered > line.returned);
        let orders: Vec<Order> = self.orders().into_iter().filter(arrived).collect();
        let Some(order) = chance.one_of(&orders) else { return };
        let line_id = chance.one_of(&order.lines).unwrap().line_id;
        let parts = vec![LinePart { line_id, quantity: chance.between(1, 2) }];
        let reason = if chance.percent(50) { ReturnReason::Damaged } else { ReturnReason::ChangedMind };
        let (customer, id, named) = (order.customer_id.as_str(), order.order_id.as_str(), parts.clone());
        let outcome =
            self.counter.request_return(customer, id, named, reason, "customer", None, self.now).await;
        let number = outcome.as_ref().ok().and_then(|changed| changed.part.clone()).unwrap_or_default();
        self.follow("return", &order, "customer", outcome, |books, market, operation, order| {
            order::request_return(books, market, operation, order, &parts, reason, &number)
        })
        .await;
    }

    async fn go_on_with_return(&mut self, chance: &mut Chance, order: &Order, back: &order::Return) {
        let (customer, id, number) =
            (order.customer_id.as_str(), order.order_id.as_str(), back.number.as_str());
        let (by, now) = ("staff", self.now);
        match back.state {
            ReturnState::Requested if chance.percent(20) => {
                let outcome = self.counter.withdraw_return(customer, id, number, by, None, now).await;
                self.follow("withdraw", order, by, outcome, |books, _, operation, order| {
                    order::withdraw_return(books, operation, order, number)
                })
                .await;
            }
            ReturnState::Requested | ReturnState::Withdrawn => {
                let outcome = self.counter.receive_return(customer, id, number, by, now).await;
                self.follow("receive", order, by, outcome, |books, _, operation, order| {
                    order::receive(books, operation, order, number)
                })
                .await;
            }
            ReturnState::Received => {
                let line_id = back.lines[0].line_id.clone();
                let (opened, missing_parts) = (chance.percent(20), chance.percent(20));
                let findings = vec![Finding { line_id, opened, missing_parts }];
                let outcome =
                    self.counter.inspect_return(customer, id, number, findings.clone(), by, now).await;
                self.follow("inspect", order, by, outcome, |books, market, operation, order| {
                    order::inspect(books, market, operation, order, number, &findings)
                })
                .await;
            }
            ReturnState::Inspected | ReturnState::Refunded => {
                let outcome = self.counter.refund_return(customer, id, number, by, None, now).await;
                self.follow("refund", order, by, outcome, |books, market, operation, order| {
                    order::refund_return(books, market, operation, order, number)
                })
                .await;
            }
        }
    }

    async fn staff_refund(&mut self, chance: &mut Chance) {
        let Some(order) = self.any_order(chance) else { return };
        let line_id = chance.one_of(&order.lines).unwrap().line_id;
        let amount = Money::new(chance.between(1, 500));
        let (customer, id) = (order.customer_id.as_str(), order.order_id.as_str());
        let outcome =
            self.counter.refund_by_staff(customer, id, &line_id, amount, "sato", None, self.now).await;
        self.follow("staff refund", &order, "sato", outcome, |books, market, operation, order| {
            order::refund_by_staff(books, market, operation, order, &line_id, amount)
        })
        .await;
    }

    async fn redeem(&mut self, chance: &mut Chance) {
        let (whose, card) = (self.customer(chance), chance.one_of(&self.cards).unwrap());
        let redeem = RedeemGiftCard {
            whose: whose.clone(),
            code: card.code.in_groups(),
            address: whose.customer_id.clone(),
            key: self.key("redeem_gift_card", MARKET).key,
        };
        let outcome = self.counter.redeem_gift_card(redeem, self.now).await;
        self.tell("redeem", outcome.is_ok());
        if outcome.is_ok() {
            self.redeem_in_memory(&whose, &card.card_id).await;
        }
    }

    /// The operation's id follows from the card and is read off its lot.
    async fn redeem_in_memory(&mut self, whose: &Whose, card_id: &str) {
        let store = self.counter.store();
        let card = books::gift_card_by_id(store, card_id).await.unwrap().unwrap().card;
        let lots = books::all_lots_of_customer(store, &whose.customer_id, MARKET).await.unwrap();
        let lot = lots.into_iter().find(|lot| lot.origin == Origin::GiftCard(card_id.to_owned())).unwrap();
        let id = lot.lot_id.strip_suffix(".l001").unwrap().to_owned();
        let operation = Operation { id, at: self.now, by: "customer".to_owned() };
        let books = self.books(&whose.customer_id);
        let changes = rules::redeem(&books, &self.market, &operation, &card).unwrap();
        self.write(&whose.customer_id, &changes);
    }
}

fn adjustment(program: &str, kind: Option<LotKind>, points: i64, approved_by: Option<&str>) -> Adjustment {
    Adjustment {
        program: program.to_owned(),
        kind,
        points,
        expires_at: None,
        reason: "a mistake".to_owned(),
        asked_by: "sato".to_owned(),
        approved_by: approved_by.map(str::to_owned),
    }
}
