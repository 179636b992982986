//! Which events customers are written to about. Each message is queued once, with how far the feed was read.

use choba_engine::books::{EventData, EventKind};
use choba_formats::mail::MailTemplate;
use choba_store::books::{self, FeedEvent, MessageRow, MessageState};
use choba_store::sql::{StoreError, Write};
use jiff::{SignedDuration, Timestamp};

use crate::markets::Markets;
use crate::{AppError, Counter};

/// Events that become messages together.
const TAKEN_TOGETHER: i64 = 200;

/// The reader of the feed that makes messages.
const READER: &str = "messages";

/// What became of messages is forgotten so long after they were queued.
pub const MESSAGE_NOTES_KEPT_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

impl Counter {
    /// Queues the messages that events call for, of all events that were not looked at yet; answers how many events
    /// there were.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn queue_messages(&self, at: Timestamp) -> Result<usize, AppError> {
        let mut events = 0;
        loop {
            let markets = std::sync::Arc::clone(&self.markets);
            let taken =
                books::take_in_events(&self.store, READER, TAKEN_TOGETHER, Vec::new(), move |events, _| {
                    messages_for(events, &markets, at)
                });
            let taken = taken.await?;
            events += taken;
            if taken == 0 {
                return Ok(events);
            }
        }
    }

    /// Forgets what became of old messages, at most so many; answers how many.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn forget_messages(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        let before = at.checked_sub(MESSAGE_NOTES_KEPT_FOR).unwrap_or(at);
        Ok(books::forget_messages(&self.store, before.as_millisecond(), most).await?)
    }
}

fn messages_for(events: &[FeedEvent], markets: &Markets, at: Timestamp) -> Result<Vec<Write>, StoreError> {
    events.iter().filter_map(|event| message_for(event, markets, at)).map(|message| message.queue()).collect()
}

fn message_for(event: &FeedEvent, markets: &Markets, at: Timestamp) -> Option<MessageRow> {
    let template = match EventKind::from_code(&event.kind)? {
        EventKind::OrderPlaced => MailTemplate::OrderPlaced,
        EventKind::PaymentAwaited => MailTemplate::PaymentWaiting,
        EventKind::OrderShipped => MailTemplate::OrderShipped,
        EventKind::OrderCancelled => MailTemplate::OrderCancelled,
        EventKind::OrderRefunded => MailTemplate::Refunded,
        EventKind::ValueExpiring => return expiring(event, markets, at),
        EventKind::GiftCardsBought => MailTemplate::GiftCardReady,
        EventKind::CaseNews => MailTemplate::CaseNews,
        EventKind::ChatEnded => MailTemplate::ChatTranscript,
        EventKind::CallbackMissed => MailTemplate::CallbackMissed,
        _ => return None,
    };
    Some(message(event, template, event.event_id.clone(), event.data.clone(), at, at))
}

/// All that ends on one day is told of in one message, some days before.
fn expiring(event: &FeedEvent, markets: &Markets, at: Timestamp) -> Option<MessageRow> {
    let expires_at = event.data.expires_at?;
    let market = markets.get(&event.market).ok()?;
    let day = market.time_zone.to_datetime(expires_at).date();
    let days = i64::from(market.policies.expiry_mail_days).saturating_mul(24);
    let tell_at = expires_at.checked_sub(SignedDuration::from_hours(days)).unwrap_or(at);
    let about = format!("expiring {} {day}", event.market);
    Some(message(event, MailTemplate::PointsExpiring, about, event.data.clone(), at, tell_at.max(at)))
}

fn message(
    event: &FeedEvent,
    template: MailTemplate,
    about: String,
    data: EventData,
    at: Timestamp,
    next_at: Timestamp,
) -> MessageRow {
    MessageRow {
        customer_id: event.customer_id.clone(),
        about,
        template: template.code().to_owned(),
        market: event.market.clone(),
        subject: event.subject.clone(),
        data,
        state: MessageState::Queued,
        attempts: 0,
        next_at: next_at.as_millisecond(),
        queued_at: at.as_millisecond(),
        fault: None,
    }
}
