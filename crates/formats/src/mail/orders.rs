//! Mail about orders: with the bill, with what left, with what went back.

use std::collections::BTreeMap;

use choba_engine::market::{MethodType, UsualDays};
use choba_engine::money::Points;
use choba_engine::order::{ChargeFor, LinePart, Order, Refund, RefundCause, RefundPart, TenderName};

use super::{Letter, MailParcel, MailTemplate, MailText, Mails};

impl Mails<'_> {
    /// An order was placed: the bill, who paid, points to come.
    pub fn order_placed(&self, order: &Order) -> MailText {
        let mut letter = self.begun(MailTemplate::OrderPlaced, &order.number);
        self.bill(&mut letter, order);
        self.points_to_come(&mut letter, order);
        self.order_page(&mut letter, order);
        self.ended(letter)
    }

    /// It has to be paid at a counter; nothing where there is no number to pay with.
    pub fn payment_waiting(&self, order: &Order) -> Option<MailText> {
        let (number, deadline) = (order.payment.payment_number.as_ref()?, order.payment.deadline?);
        let mut letter = self.begun(MailTemplate::PaymentWaiting, &order.number);
        letter.row(&self.word("mail-amount_due"), &self.yen(order.payment.promised));
        letter.row(&self.word("mail-payment_number"), number);
        letter.row(&self.word("mail-deadline"), &self.instant(deadline));
        self.order_page(&mut letter, order);
        Some(self.ended(letter))
    }

    /// A parcel left, or a download; nothing where the order has no such shipment.
    pub fn order_shipped(&self, order: &Order, shipment_id: &str, parcel: &MailParcel) -> Option<MailText> {
        let shipment = order.shipments.iter().find(|shipment| shipment.shipment_id == shipment_id)?;
        let mut letter = self.begun(MailTemplate::OrderShipped, &order.number);
        self.lines(&mut letter, order, &shipment.lines);
        match &parcel.carrier {
            Some(carrier) => letter.row(&self.word("mail-carrier"), carrier),
            None if parcel.numbers.is_empty() => letter.paragraph(&self.word("mail-no_carrier")),
            None => {}
        }
        for (number, _) in &parcel.numbers {
            letter.row(&self.word("mail-tracking_number"), number);
        }
        for url in parcel.numbers.iter().filter_map(|(_, url)| url.as_ref()) {
            letter.link(&self.word("mail-track"), url);
        }
        self.order_page(&mut letter, order);
        Some(self.ended(letter))
    }

    /// An order, or a part of it, was cancelled.
    pub fn order_cancelled(&self, order: &Order) -> MailText {
        let mut letter = self.begun(MailTemplate::OrderCancelled, &order.number);
        if order.refunds.last().is_some_and(|refund| refund.cause == RefundCause::NotPaid) {
            letter.paragraph(&self.word("mail-order_cancelled-not_paid"));
        }
        letter.title(&self.word("mail-cancelled"));
        for line in order.lines.iter().filter(|line| line.cancelled > 0) {
            letter.row(&self.line(&line.sku, line.cancelled, &line.seller), "");
        }
        self.order_page(&mut letter, order);
        self.ended(letter)
    }

    /// A refund was made: to whom how much, and when it shows; nothing where the order has no such refund.
    pub fn refunded(&self, order: &Order, refund_id: &str) -> Option<MailText> {
        let refund = order.refunds.iter().find(|refund| refund.refund_id == refund_id)?;
        let mut letter = self.begun(MailTemplate::Refunded, &order.number);
        letter.title(&self.word("mail-refund"));
        for part in &refund.parts {
            self.refund_part(&mut letter, order, part);
        }
        self.kept_back(&mut letter, refund);
        for part in refund.parts.iter().filter(|part| part.amount != part.not_charged) {
            self.usual_days(&mut letter, order, part);
        }
        self.order_page(&mut letter, order);
        Some(self.ended(letter))
    }

    fn bill(&self, letter: &mut Letter, order: &Order) {
        letter.title(&self.word("mail-goods"));
        for line in &order.lines {
            letter.row(&self.line(&line.sku, line.quantity, &line.seller), &self.yen(line.net));
        }
        for charge in order.charges.iter().filter(|charge| !charge.amount.is_zero()) {
            match &charge.charge {
                ChargeFor::Line(_) => {}
                ChargeFor::Shipping(seller) => {
                    let label = self.say("mail-shipping", [("seller", self.seller_name(seller))]);
                    letter.row(&label, &self.yen(charge.amount));
                }
                ChargeFor::Fee => letter.row(&self.word("mail-fee"), &self.yen(charge.amount)),
            }
        }
        letter.row(&self.word("mail-total"), &self.yen(order.total));
        letter.title(&self.word("mail-payment"));
        for tender in &order.tenders {
            let label = self.tender(order, &tender.tender, tender.points);
            letter.row(&label, &self.yen(tender.amount));
        }
    }

    fn points_to_come(&self, letter: &mut Letter, order: &Order) {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for earned in &order.earned {
            let sum = sums.entry(&earned.program).or_default();
            *sum = sum.saturating_add(earned.points.units());
        }
        sums.retain(|_, points| *points > 0);
        if sums.is_empty() {
            return;
        }
        letter.title(&self.word("mail-points"));
        for (program, points) in sums {
            letter.row(&self.program_name(program), &self.points(program, Points::new(points)));
        }
    }

    fn lines(&self, letter: &mut Letter, order: &Order, parts: &[LinePart]) {
        for part in parts {
            let line = order.lines.iter().find(|line| line.line_id == part.line_id);
            if let Some(line) = line {
                letter.row(&self.line(&line.sku, part.quantity, &line.seller), "");
            }
        }
    }

    fn line(&self, sku: &str, quantity: i64, seller: &str) -> String {
        let quantity = crate::language::grouped(quantity, "", "");
        let figures = [("sku", sku.to_owned()), ("quantity", quantity), ("seller", self.seller_name(seller))];
        self.say("mail-line", figures)
    }

    fn tender(&self, order: &Order, tender: &TenderName, points: Points) -> String {
        let name = self.tender_name(order, tender);
        match tender {
            TenderName::Program(program) if !points.is_zero() => {
                self.say("mail-points_used", [("name", name), ("points", self.points(program, points))])
            }
            _ => name,
        }
    }

    fn tender_name(&self, order: &Order, tender: &TenderName) -> String {
        match tender {
            TenderName::Program(program) => self.program_name(program),
            TenderName::Method => {
                let method = order.payment.method.and_then(|method| self.market.method(method));
                method.map_or_else(
                    || order.payment.method.map_or("", MethodType::id).to_owned(),
                    |method| self.sentences.language().name(&method.name).to_owned(),
                )
            }
        }
    }

    fn refund_part(&self, letter: &mut Letter, order: &Order, part: &RefundPart) {
        let name = self.tender_name(order, &part.tender);
        let label = match &part.tender {
            TenderName::Program(program) => {
                let points = self.points(program, part.points);
                self.say("mail-refund_points", [("name", name), ("points", points)])
            }
            TenderName::Method if !part.amount.is_zero() && part.not_charged == part.amount => {
                self.say("mail-refund_not_charged", [("name", name)])
            }
            TenderName::Method => self.say("mail-refund_method", [("name", name)]),
        };
        letter.row(&label, &self.yen(part.amount));
        if let TenderName::Program(program) = &part.tender
            && !part.expired.is_zero()
        {
            let points = self.points(program, part.expired);
            letter.paragraph(&self.say("mail-refund_expired", [("points", points)]));
        }
    }

    fn kept_back(&self, letter: &mut Letter, refund: &Refund) {
        for (id, amount) in
            [("mail-refund_deducted", refund.deducted), ("mail-refund_kept", refund.kept_for_points)]
        {
            if !amount.is_zero() {
                letter.row(&self.word(id), &self.yen(amount));
            }
        }
    }

    fn usual_days(&self, letter: &mut Letter, order: &Order, part: &RefundPart) {
        let days = match &part.tender {
            TenderName::Program(program) => {
                self.market.program(program).and_then(|program| program.refund_days)
            }
            TenderName::Method => {
                let method = order.payment.method.and_then(|method| self.market.method(method));
                method.and_then(|method| method.refund_days)
            }
        };
        let name = ("name", self.tender_name(order, &part.tender));
        match days {
            None => {}
            Some(UsualDays { to: 0, .. }) => letter.paragraph(&self.say("mail-refund_same_day", [name])),
            Some(UsualDays { from, to }) => {
                let figures = [name, ("from", from.to_string()), ("to", to.to_string())];
                letter.paragraph(&self.say("mail-refund_days", figures));
            }
        }
    }

    fn order_page(&self, letter: &mut Letter, order: &Order) {
        letter.link(&self.word("mail-order_page"), &self.links.order(&order.number));
    }
}
