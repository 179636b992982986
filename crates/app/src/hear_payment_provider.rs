//! What the provider of payments tells by itself: a customer paid at a counter, a refund arrived, a card's holder took
//! money back.
//!
//! Messages come twice, late and in any order. Each is taken in once: the answer is kept under the message's id in the
//! transaction of what it does. What is about nothing known here is acknowledged and left alone, because repeating it
//! would change nothing.

use std::sync::Arc;

use choba_engine::books::{AskKind, Changes, CustomerBooks, Operation, Party};
use choba_engine::order::{self, Order, OrderRefusal};
use choba_outside::webhook::{Event, Message, WebhookHeaders, WebhookSecret, verify_webhook};
use choba_store::books::{self, AskRow};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::change_order::{DecideOrder, OrderChange};
use crate::{AppError, Counter, Key};

/// A message sent longer ago, or so far in the future, is not trusted.
pub(crate) const TOLERANCE: SignedDuration = SignedDuration::from_secs(300);

/// A message as it came.
#[derive(Clone, Copy, Debug)]
pub struct PaymentHook<'h> {
    /// From which provider.
    pub provider: &'h str,
    /// Its headers.
    pub headers: WebhookHeaders<'h>,
    /// Its body.
    pub body: &'h [u8],
}

/// What came of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was taken in, now or before.
    TakenIn,
    /// It is about nothing known here.
    Unknown,
    /// It tells nothing that anything follows from.
    NothingToDo,
}

/// Whose order a message is about, by the provider's ids, the nearest first, or by the order's own.
struct About {
    references: Vec<String>,
    order_id: Option<String>,
}

impl Counter {
    /// Takes in a message of the provider of payments.
    ///
    /// # Errors
    /// [`AppError::Hook`] where it is not trusted or cannot be read, [`AppError::KeyReused`] where the same id came with
    /// another body, [`AppError::PartyUnavailable`] where it tells of something that is not settled here yet (to be
    /// sent again), and what the database answers.
    pub async fn hear_payment_provider(
        &self,
        secrets: &[WebhookSecret],
        hook: PaymentHook<'_>,
        at: Timestamp,
    ) -> Result<Heard, AppError> {
        verify_webhook(secrets, hook.headers, hook.body, at, TOLERANCE)?;
        let message = Message::read(hook.body)?;
        let Some(about) = about(&message.event) else { return Ok(Heard::NothingToDo) };
        let Some((customer_id, order_id)) = self.order_about(&about).await? else {
            return Ok(Heard::Unknown);
        };
        // An answer of ours may have been lost that tells what the message is about.
        let ask = match self.ask_about(&about, &customer_id, &order_id).await? {
            Some(ask) => Some(ask),
            None => {
                self.ask_for_order(&customer_id, &order_id, at).await?;
                self.ask_about(&about, &customer_id, &order_id).await?
            }
        };
        let Some(ask) = ask else {
            return Err(AppError::PartyUnavailable { party: hook.provider.to_owned() });
        };
        self.take_in_message(&hook, &message.event, &ask, at).await
    }

    async fn take_in_message(
        &self,
        hook: &PaymentHook<'_>,
        event: &Event,
        ask: &AskRow,
        at: Timestamp,
    ) -> Result<Heard, AppError> {
        let key = Key::new(&key_of(hook), "hear_payment_provider", hook.provider, hook.body)?;
        let by = format!("provider:{}", hook.provider);
        let change = OrderChange {
            customer_id: &ask.customer_id,
            order_id: &ask.ask.order_id,
            by: &by,
            key: Some(key),
            part: None,
            moves_value: false,
        };
        self.change_order(change, at, what_follows(event, ask)).await?;
        Ok(Heard::TakenIn)
    }

    async fn order_about(&self, about: &About) -> Result<Option<(String, String)>, AppError> {
        for reference in &about.references {
            let asks = books::asks_by_reference(&self.store, &Party::Payments, reference).await?;
            if let Some(row) = asks.into_iter().next() {
                return Ok(Some((row.customer_id, row.ask.order_id)));
            }
        }
        let Some(order_id) = &about.order_id else { return Ok(None) };
        let open = books::open_asks_of_order(&self.store, order_id).await?;
        Ok(open.into_iter().next().map(|row| (row.customer_id, row.ask.order_id)))
    }

    /// The ask that made what the message tells of.
    async fn ask_about(
        &self,
        about: &About,
        customer_id: &str,
        order_id: &str,
    ) -> Result<Option<AskRow>, AppError> {
        let asks = books::asks_of_order(&self.store, customer_id, order_id).await?;
        let nearest = about.references.first();
        let is_it = |row: &AskRow| {
            row.settled
                && row.ask.party == Party::Payments
                && row.reference.as_deref() == nearest.map(String::as_str)
        };
        Ok(asks.into_iter().find(is_it))
    }
}

/// What a message is about; nothing where nothing follows from it: our own deadline ends what nobody paid.
fn about(event: &Event) -> Option<About> {
    let by = |references: &[&str], order_id: Option<&str>| {
        let references = references.iter().map(|reference| (*reference).to_owned()).collect();
        Some(About { references, order_id: order_id.map(str::to_owned) })
    };
    match event {
        Event::KonbiniPaid(konbini) => by(&[&konbini.id], Some(&konbini.reference)),
        Event::AuthorizationDeclinedLater(authorization) => {
            by(&[&authorization.id], Some(&authorization.reference))
        }
        Event::Chargeback(capture) => by(&[&capture.id, &capture.authorization], None),
        Event::RefundSettled(refund) => by(&[&refund.id, &refund.capture], None),
        Event::KonbiniExpired(_) | Event::Other => None,
    }
}

fn what_follows(event: &Event, row: &AskRow) -> DecideOrder {
    let (event, ask) = (event.clone(), row.ask.clone());
    Arc::new(move |books: &CustomerBooks, _, operation: &Operation, order: &Order| {
        follows(&event, &ask, books, operation, order)
    })
}

fn follows(
    event: &Event,
    ask: &choba_engine::books::Ask,
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
) -> Result<Changes, OrderRefusal> {
    match event {
        Event::KonbiniPaid(konbini) => match ask.kind {
            AskKind::KonbiniOpen { amount, .. } if u64::try_from(amount.units()) != Ok(konbini.amount) => {
                Ok(order::paid_another_amount(books, operation, order, ask))
            }
            _ => order::paid(books, operation, order),
        },
        Event::AuthorizationDeclinedLater(_) => Ok(order::declined_later(books, operation, order, ask)),
        Event::Chargeback(_) => Ok(order::charged_back(books, operation, order, ask)),
        Event::RefundSettled(_) => Ok(order::refund_settled(books, operation, order, ask)),
        Event::KonbiniExpired(_) | Event::Other => Ok(Changes::default()),
    }
}

/// Ids of messages are as long as their senders like; a digest always fits.
fn key_of(hook: &PaymentHook<'_>) -> String {
    let mut digest = Sha256::new();
    digest.update(hook.provider.as_bytes());
    digest.update([0]);
    digest.update(hook.headers.id.as_bytes());
    format!("hook.{}", data_encoding::BASE64URL_NOPAD.encode(&digest.finalize()))
}
