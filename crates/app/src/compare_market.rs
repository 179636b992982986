//! What another version of a market would have done with the carts of orders that were placed.

use std::collections::BTreeSet;

use choba_engine::market::Market;
use choba_engine::order::{Order, OrderTender, TenderName};
use choba_formats::market_changes::Changes;
use choba_formats::request::RequestText;
use choba_store::books::{self, ExportFilter};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{AppError, Counter};

/// Orders that are compared at most; of more, those of the first customers.
pub const COMPARED_MAX: usize = 5_000;

impl Counter {
    /// Prices the carts of a market's orders of a period, its end not in it, under the version in force and under another.
    ///
    /// A cart is what its order says: the goods, the coupons that were used, the stored value that was spent, the
    /// method. The customer has the rank of now, and holds these coupons and this value only. The first
    /// [`COMPARED_MAX`] orders are compared.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn compare_market(
        &self,
        other: &Market,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Changes, AppError> {
        let market = self.markets.get(&other.name)?;
        let mut changes = Changes::between(&market, other);
        for (order, line) in self.orders_between(&market.name, from, until).await?.iter().zip(1..) {
            let request = self.cart_of(order).await?.to_string();
            let compared = RequestText::read(request.as_bytes())
                .map_err(|fault| fault.to_string())
                .and_then(|text| changes.compare(&market, other, &text, line));
            if compared.is_err() {
                changes.unusable = changes.unusable.saturating_add(1);
            }
        }
        Ok(changes)
    }

    async fn orders_between(
        &self,
        market: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Order>, AppError> {
        let filter = ExportFilter {
            from: from.as_millisecond(),
            before: until.as_millisecond(),
            market: Some(market.to_owned()),
        };
        let mut snapshot = self.store.snapshot().await?;
        let (mut orders, mut last) = (Vec::new(), None);
        while orders.len() < COMPARED_MAX {
            let mut page = books::orders_to_export(&mut snapshot, &filter, last.as_ref()).await?;
            for columns in &page {
                orders.push(crate::export_books::document(columns)?);
            }
            last = page.pop();
            if last.is_none() {
                break;
            }
        }
        orders.truncate(COMPARED_MAX);
        Ok(orders)
    }

    /// The request that an order's cart was.
    async fn cart_of(&self, order: &Order) -> Result<Value, AppError> {
        let known = books::look_at_customer(&self.store, &order.customer_id, &order.market).await?;
        let lines = order.lines.iter().map(|line| {
            let price = line.unit_price.units();
            json!({
                "id": line.line_id, "sku": line.sku, "seller": line.seller, "kind": line.kind, "unit_price": price,
                "quantity": line.quantity, "tax_rate": line.tax_rate,
                "tax_included": price.checked_mul(line.quantity) == Some(line.gross.units()),
            })
        });
        let stored = order.tenders.iter().filter_map(Stored::of);
        let (partners, held): (Vec<Stored<'_>>, Vec<Stored<'_>>) =
            stored.partition(|stored| stored.is_partners);
        let programs: BTreeSet<&str> = partners.iter().chain(&held).map(|stored| stored.program).collect();
        let pay: Vec<Value> = programs
            .iter()
            .map(|program| json!({ "program": program, "kind": null, "amount": "all" }))
            .collect();
        Ok(json!({
            "market": order.market,
            "at": order.placed_at,
            "customer": {
                "rank": known.rank,
                "coupons": order.coupons,
                "lots": held.iter().flat_map(Stored::lots).collect::<Vec<_>>(),
                "links": partners.iter().map(Stored::link).collect::<Vec<_>>(),
            },
            "lines": lines.collect::<Vec<_>>(),
            "pay": {
                "coupons": order.coupons,
                "stored": pay,
                "method": order.payment.method.map(|method| json!({ "type": method.id() })),
            },
        }))
    }
}

/// Stored value that paid for an order.
struct Stored<'o> {
    program: &'o str,
    is_partners: bool,
    tender: &'o OrderTender,
}

impl<'o> Stored<'o> {
    fn of(tender: &'o OrderTender) -> Option<Self> {
        match &tender.tender {
            TenderName::Program(program) => {
                Some(Self { program, is_partners: tender.account.is_some(), tender })
            }
            TenderName::Method => None,
        }
    }

    fn lots(&self) -> Vec<Value> {
        let lots = self.tender.lots.iter();
        lots.map(|lot| json!({ "program": self.program, "kind": lot.kind, "amount": lot.points.units() }))
            .collect()
    }

    fn link(&self) -> Value {
        json!({ "program": self.program, "balance": self.tender.points.units() })
    }
}
