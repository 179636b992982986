//! The steps of a life, each done by a use case of the counter.

use std::collections::BTreeSet;

use anyhow::{Context as _, anyhow, bail};
use choba_app::{
    BooksNews, Counter, GrantValue, Granter, IssueGiftCards, IssueOutcome, Key, LinkProgram, PlaceOrder,
    PlaceOutcome, RedeemGiftCard, ShipOrder, Whose, verify_books,
};
use choba_engine::market::ReturnReason;
use choba_engine::money::{Money, Points};
use choba_engine::order::{CancelBy, Expected, Finding, LinePart, Order, Refund, Shipping};
use choba_outside::Secret;
use choba_store::books::{self, EntryRow, MARKET_BOOKS};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::page::{Page, Step};
use super::story::{Grant, Story, time};

/// More entries than a life has.
const ENTRIES_MOST: i64 = 1_000;

/// A life under way.
pub struct Life {
    counter: Counter,
    whose: Whose,
    story: &'static Story,
    page: Page,
    at: Timestamp,
    order_id: Option<String>,
    entries_seen: BTreeSet<String>,
}

impl Life {
    pub fn new(counter: Counter, whose: Whose, story: &'static Story, page: Page) -> Self {
        let at = Timestamp::UNIX_EPOCH;
        Self { counter, whose, story, page, at, order_id: None, entries_seen: BTreeSet::new() }
    }

    /// Lives it to its end; answers whether the books agree.
    pub async fn live(mut self) -> anyhow::Result<bool> {
        self.at = time(self.story.begins_at)?;
        self.get_value().await?;
        let total = self.quote().await?;
        self.place(total).await?;
        self.cancel().await?;
        self.prepare().await?;
        for seller in self.story.sellers {
            self.ship(seller).await?;
        }
        self.deliver().await?;
        self.send_back().await?;
        self.let_time_pass().await?;
        self.verify().await
    }

    async fn get_value(&mut self) -> anyhow::Result<()> {
        if let Some(coupon) = self.story.coupon {
            self.get_coupon(coupon).await?;
        }
        if let Some(yen) = self.story.gift_card_yen {
            self.redeem_card(Money::new(yen)).await?;
        }
        if let Some((program, code)) = self.story.link {
            self.link(program, code).await?;
        }
        for grant in self.story.grants {
            self.grant(grant).await?;
        }
        Ok(())
    }

    async fn get_coupon(&mut self, coupon_id: &str) -> anyhow::Result<()> {
        self.counter.give_coupon(&self.whose, coupon_id, self.at).await?;
        let name = self.page.ledger().coupon(coupon_id);
        self.tell("life-coupon", [("coupon", name)]).await
    }

    async fn redeem_card(&mut self, amount: Money) -> anyhow::Result<()> {
        let issue = IssueGiftCards {
            market: self.whose.market.clone(),
            count: 1,
            amount,
            active_from: None,
            note: None,
            by: "staff".to_owned(),
            key: self.key("issue")?,
        };
        let IssueOutcome::Issued(batch) = self.counter.issue_gift_cards(issue, self.at).await? else {
            bail!("these gift cards were issued before");
        };
        let card = batch.cards.first().ok_or_else(|| anyhow!("no gift card was issued"))?;
        self.tell("life-card_issued", [("amount", self.page.ledger().yen(amount))]).await?;
        let redeem = RedeemGiftCard {
            whose: self.whose.clone(),
            code: card.code.in_groups(),
            address: "127.0.0.1".to_owned(),
            key: "redeem".to_owned(),
        };
        let redeemed = self.counter.redeem_gift_card(redeem, self.at).await?;
        let until = self.page.ledger().instant(redeemed.expires_at);
        self.tell("life-card_redeemed", [("until", until)]).await
    }

    async fn link(&mut self, program: &str, code: &str) -> anyhow::Result<()> {
        let link = LinkProgram {
            whose: self.whose.clone(),
            program: program.to_owned(),
            code: Secret::from(code),
            key: self.key("link")?,
        };
        let linked = self.counter.link_program(link, self.at).await?;
        let ledger = self.page.ledger();
        let figures = [
            ("program", ledger.program(program)),
            ("points", ledger.amount(program, linked.balance.units())),
        ];
        self.tell("life-linked", figures).await
    }

    async fn grant(&mut self, grant: &Grant) -> anyhow::Result<()> {
        let expires_at = grant.expires_at.map(time).transpose()?;
        let value = GrantValue {
            whose: self.whose.clone(),
            program: grant.program.to_owned(),
            kind: Some(grant.kind),
            points: Points::new(grant.points),
            available_at: None,
            expires_at,
            reason: "welcome".to_owned(),
            by: Granter::Campaign("welcome".to_owned()),
            key: self.key(&format!("grant-{}", grant.expires_at.unwrap_or("renewed")))?,
        };
        self.counter.grant_value(value, self.at).await?;
        let ledger = self.page.ledger();
        let name = ("name", ledger.program_and_kind(grant.program, Some(grant.kind)));
        let points = ("points", ledger.amount(grant.program, grant.points));
        match expires_at.map(|until| ledger.instant(until)) {
            Some(until) => self.tell("life-granted-until", [name, points, ("until", until)]).await,
            None => self.tell("life-granted", [name, points]).await,
        }
    }

    /// Placing with a total that cannot be answers the quote as it is now, and takes nothing.
    async fn quote(&mut self) -> anyhow::Result<Money> {
        let quote = match self.try_place(Money::new(-1)).await? {
            PlaceOutcome::NewQuote(quote) => serde_json::from_str::<Value>(&quote)?,
            other => bail!("expected a quote, found {other:?}"),
        };
        let yen = |name: &str| Money::new(quote.get(name).and_then(Value::as_i64).unwrap_or_default());
        let ledger = self.page.ledger();
        let tenders: Vec<String> = payers(&quote)
            .map(|(payer, amount)| {
                let name = if payer == "card" { ledger.method(payer) } else { ledger.program(payer) };
                format!("{name} {}", ledger.yen(amount))
            })
            .collect();
        let figures = [
            ("goods", ledger.yen(yen("goods_total"))),
            ("coupons", ledger.yen(Money::new(-yen("coupon_total").units()))),
            ("shipping", ledger.yen(yen("shipping_total"))),
            ("total", ledger.yen(yen("total"))),
            ("tenders", ledger.list(tenders.iter().map(String::as_str))),
        ];
        let total = yen("total");
        self.tell("life-quoted", figures).await?;
        Ok(total)
    }

    async fn place(&mut self, total: Money) -> anyhow::Result<()> {
        let order = match self.try_place(total).await? {
            PlaceOutcome::Placed(order, _) => order,
            other => bail!("expected an order, found {other:?}"),
        };
        self.order_id = Some(order.order_id);
        let promised = self.order().await?.payment.promised;
        let ledger = self.page.ledger();
        let figures = [("total", ledger.yen(total)), ("promised", ledger.yen(promised))];
        self.tell("life-placed", figures).await
    }

    async fn try_place(&self, total: Money) -> anyhow::Result<PlaceOutcome> {
        let place = PlaceOrder {
            whose: self.whose.clone(),
            request: self.story.request(),
            expected: Expected { total, ..Expected::default() },
            card_token: Some("tok_ok".to_owned()),
            key: self.key(&format!("place-{}", total.units()))?,
        };
        Ok(self.counter.place_order(place, self.at).await?)
    }

    async fn cancel(&mut self) -> anyhow::Result<()> {
        let line = self.story.cancelled;
        let (customer_id, order_id) = self.names()?;
        let parts = Some(vec![self.whole_line(line)?]);
        let by = CancelBy::Customer;
        let changed =
            self.counter.cancel_order(&customer_id, &order_id, parts, by, "customer", None, self.at).await?;
        let refund = changed.refund.ok_or_else(|| anyhow!("cancelling has given nothing back"))?;
        let order = self.order().await?;
        let ledger = self.page.ledger();
        let figures = [
            ("sku", self.sku(line)),
            ("net", ledger.yen(refund.net)),
            ("parts", self.given_back(&order, &refund)),
        ];
        self.tell("life-cancelled", figures).await
    }

    async fn prepare(&mut self) -> anyhow::Result<()> {
        self.pass(SignedDuration::from_hours(21))?;
        let (customer_id, order_id) = self.names()?;
        for seller in self.story.sellers {
            self.counter.prepare_order(&customer_id, &order_id, seller, seller, self.at).await?;
        }
        self.tell("life-prepared", []).await
    }

    async fn ship(&mut self, seller: &'static str) -> anyhow::Result<()> {
        self.pass(SignedDuration::from_hours(5))?;
        let received = self.order().await?.payment.received;
        let (customer_id, order_id) = self.names()?;
        let shipping = Shipping {
            seller: seller.to_owned(),
            parts: None,
            carrier: Some("yamato".to_owned()),
            tracking_numbers: Vec::new(),
        };
        let ship = ShipOrder { customer_id, order_id, shipping, by: seller.to_owned(), key: None };
        self.counter.ship_order(ship, self.at).await?;
        let paid = self.order().await?.payment.received.minus(received)?;
        let ledger = self.page.ledger();
        let name = ("seller", ledger.seller(seller));
        let amount = ("amount", ledger.yen(paid));
        if paid.is_zero() {
            return self.tell("life-shipped-paid", [name]).await;
        }
        self.tell("life-shipped", [name, amount]).await
    }

    async fn deliver(&mut self) -> anyhow::Result<()> {
        self.pass(SignedDuration::from_hours(24))?;
        let (customer_id, order_id) = self.names()?;
        for sent in self.order().await?.shipments {
            let shipment_id = sent.shipment_id;
            self.counter.deliver_order(&customer_id, &order_id, &shipment_id, "carrier", self.at).await?;
        }
        self.tell("life-delivered", []).await
    }

    async fn send_back(&mut self) -> anyhow::Result<()> {
        self.pass(SignedDuration::from_hours(24))?;
        let number = self.request_return().await?;
        self.pass(SignedDuration::from_hours(48))?;
        let (customer_id, order_id) = self.names()?;
        self.counter.receive_return(&customer_id, &order_id, &number, "seller", self.at).await?;
        self.tell("life-return_received", []).await?;
        self.inspect(&number).await?;
        self.pass(SignedDuration::from_hours(1))?;
        self.refund(&number).await
    }

    async fn request_return(&mut self) -> anyhow::Result<String> {
        let line = self.story.returned;
        let (customer_id, order_id) = self.names()?;
        let parts = vec![self.whole_line(line)?];
        let reason = ReturnReason::ChangedMind;
        let changed = self
            .counter
            .request_return(&customer_id, &order_id, parts, reason, "customer", None, self.at)
            .await?;
        let number = changed.part.ok_or_else(|| anyhow!("the return has no number"))?;
        self.tell("life-return_requested", [("sku", self.sku(line)), ("number", number.clone())]).await?;
        Ok(number)
    }

    async fn inspect(&mut self, number: &str) -> anyhow::Result<()> {
        let (customer_id, order_id) = self.names()?;
        let line_id = self.story.returned.to_owned();
        let findings = vec![Finding { line_id, opened: true, missing_parts: false }];
        self.counter.inspect_return(&customer_id, &order_id, number, findings, "seller", self.at).await?;
        let order = self.order().await?;
        let deductions = order.returns.iter().flat_map(|known| &known.lines).map(|line| line.deduction);
        let deduction = self.page.ledger().yen(Money::sum(deductions)?);
        self.tell("life-return_inspected", [("deduction", deduction)]).await
    }

    async fn refund(&mut self, number: &str) -> anyhow::Result<()> {
        let (customer_id, order_id) = self.names()?;
        let changed =
            self.counter.refund_return(&customer_id, &order_id, number, "seller", None, self.at).await?;
        let refund = changed.refund.ok_or_else(|| anyhow!("the return has given nothing back"))?;
        let order = self.order().await?;
        let ledger = self.page.ledger();
        let figures = [
            ("net", ledger.yen(refund.net)),
            ("deducted", ledger.yen(refund.deducted)),
            ("parts", self.given_back(&order, &refund)),
        ];
        self.tell("life-return_refunded", figures).await
    }

    async fn let_time_pass(&mut self) -> anyhow::Result<()> {
        self.at = time(self.story.available_at)?;
        self.tell("life-available", []).await?;
        self.at = time(self.story.over_at)?;
        while self.counter.do_what_is_due("life", self.at, ENTRIES_MOST).await?.more {}
        self.counter.stop_doing_what_is_due("life", self.at).await?;
        self.tell("life-expired", []).await
    }

    async fn verify(self) -> anyhow::Result<bool> {
        let mut differences = Vec::new();
        let mut tell = |news| {
            if let BooksNews::Differs(difference) = news {
                differences.push(difference);
            }
        };
        let summary = verify_books(self.counter.store(), &mut tell).await?;
        differences.iter().for_each(|difference| eprintln!("choba: {difference}"));
        let ledger = self.page.ledger();
        let said = if summary.is_fine() {
            let figures =
                [("entries", summary.entries.to_string()), ("postings", summary.postings.to_string())];
            ledger.say("life-verified", figures)
        } else {
            ledger.say("life-differs", [("differences", summary.differences.to_string())])
        };
        self.page.end(&said, json!(summary))?;
        Ok(summary.is_fine())
    }

    /// Prints what was done and the books after it; the next step comes a minute later.
    async fn tell<const N: usize>(
        &mut self,
        id: &'static str,
        figures: [(&'static str, String); N],
    ) -> anyhow::Result<()> {
        let entries = self.new_entries().await?;
        let wallet = self.counter.wallet_at(&self.whose, self.at).await?;
        let order = match &self.order_id {
            Some(_) => Some(self.order().await?),
            None => None,
        };
        let said = self.page.ledger().say(id, figures);
        let (at, order) = (self.at, order.as_ref());
        self.page.tell(&Step { id, at, said, entries: &entries, wallet: &wallet, order })?;
        self.pass(SignedDuration::from_mins(1))
    }

    async fn new_entries(&mut self) -> anyhow::Result<Vec<EntryRow>> {
        let mut new = Vec::new();
        for of in [MARKET_BOOKS, &self.whose.customer_id] {
            let store = self.counter.store();
            new.extend(books::entries_of_customer(store, of, &self.whose.market, "", ENTRIES_MOST).await?);
        }
        new.retain(|entry| self.entries_seen.insert(entry.entry_id.clone()));
        Ok(new)
    }

    async fn order(&self) -> anyhow::Result<Order> {
        let (customer_id, order_id) = self.names()?;
        let row = books::order_of_customer(self.counter.store(), &customer_id, &order_id).await?;
        row.map(|row| row.order).ok_or_else(|| anyhow!("the order is gone"))
    }

    fn names(&self) -> anyhow::Result<(String, String)> {
        let order_id = self.order_id.clone().context("there is no order yet")?;
        Ok((self.whose.customer_id.clone(), order_id))
    }

    fn whole_line(&self, line_id: &str) -> anyhow::Result<LinePart> {
        let line = self.story.line(line_id).ok_or_else(|| anyhow!("the story has no line {line_id:?}"))?;
        Ok(LinePart { line_id: line_id.to_owned(), quantity: line.quantity })
    }

    fn sku(&self, line_id: &str) -> String {
        self.story.line(line_id).map_or(line_id, |line| line.sku).to_owned()
    }

    fn given_back(&self, order: &Order, refund: &Refund) -> String {
        let ledger = self.page.ledger();
        let parts = refund.parts.iter();
        let parts =
            parts.map(|part| format!("{} {}", ledger.tender(order, &part.tender), ledger.yen(part.amount)));
        ledger.list(parts.collect::<Vec<String>>().iter().map(String::as_str))
    }

    fn key(&self, name: &str) -> anyhow::Result<Key> {
        Ok(Key::new(name, name, &self.whose.customer_id, b"")?)
    }

    fn pass(&mut self, time: SignedDuration) -> anyhow::Result<()> {
        self.at = self.at.checked_add(time)?;
        Ok(())
    }
}

/// Who pays how much by a quote: a program's kinds together.
fn payers(quote: &Value) -> impl Iterator<Item = (&str, Money)> {
    let mut payers: Vec<(&str, i64)> = Vec::new();
    for row in quote.get("tenders").and_then(Value::as_array).into_iter().flatten() {
        let name = row.get("tender").and_then(Value::as_str).unwrap_or_default();
        let amount = row.get("amount").and_then(Value::as_i64).unwrap_or_default();
        match payers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += amount,
            None => payers.push((name, amount)),
        }
    }
    payers.into_iter().map(|(name, amount)| (name, Money::new(amount)))
}
