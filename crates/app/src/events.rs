//! The feed of events: what others read, in one order that never changes and never lacks anything.
//!
//! Whoever decides something writes its events with it. They get their places in the feed afterwards, by whichever
//! process publishes next. A reader says after which place it goes on, as a [`Cursor`].

use choba_engine::books::{EventData, EventKind};
use choba_store::books::{self, FeedBounds, FeedEvent};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{AppError, Caller, Counter, Right};

/// Events stay in the feed for so long after they came into it, and longer where somebody who passes them on has not
/// read them yet.
pub const EVENTS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Events on one page, at most.
pub const EVENTS_ON_A_PAGE: i64 = 500;

/// So many places of the feed are looked at together.
const SPAN: i64 = 500;

/// So many spans are looked at for one page, however few events of them are wanted.
const SPANS: usize = 8;

/// Events that get their places together.
const PUBLISHED_TOGETHER: i64 = 500;

/// A place in the feed, as readers keep it. What is in it is nobody else's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(i64);

impl Cursor {
    /// Before the first event of all.
    pub const START: Self = Self(0);

    /// Reads a cursor.
    ///
    /// # Errors
    /// [`AppError::Field`] where it is none.
    pub fn read(text: &str) -> Result<Self, AppError> {
        let bytes = text.strip_prefix("c1_").and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
        let bytes: Option<[u8; 8]> = bytes.and_then(|bytes| bytes.try_into().ok());
        let place = bytes.map(i64::from_be_bytes).filter(|place| *place >= 0);
        place.map(Self).ok_or_else(|| AppError::field("after", "expected a cursor as it was given"))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "c1_{}", BASE64URL_NOPAD.encode(&self.0.to_be_bytes()))
    }
}

/// An event, as others get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldEvent {
    /// Unique; the same wherever and however often it is told.
    pub id: String,
    /// What happened, such as `order.shipped`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// In which market.
    pub market: String,
    /// Whose.
    pub customer_id: String,
    /// To which order, lot, gift card, program or case.
    pub subject: String,
    /// Numbers and ids by which more can be asked for.
    pub data: EventData,
}

impl From<FeedEvent> for ToldEvent {
    fn from(event: FeedEvent) -> Self {
        Self {
            // A full stop parts what webhooks sign, so that their ids must not have one.
            id: event.event_id.replace('.', "_"),
            kind: event.kind,
            timestamp: event.happened_at,
            market: event.market,
            customer_id: event.customer_id,
            subject: event.subject,
            data: event.data,
        }
    }
}

/// Which events a reader wants. A customer's reader gets that customer's only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of one customer.
    pub customer_id: Option<String>,
    /// Of one market.
    pub market: Option<String>,
    /// Of these kinds; of all where it names none.
    pub kinds: Vec<EventKind>,
}

impl EventFilter {
    /// A filter for what a caller may read: their own events for a customer, those of one customer for whoever may
    /// see orders, and all of them for whoever may have them sent.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] or [`AppError::NotFound`], as [`Caller::acting_for`].
    pub fn for_caller(caller: &Caller, asked: Self) -> Result<Self, AppError> {
        let customer_id = match (caller, asked.customer_id) {
            (Caller::Customer { customer_id }, None) => Some(customer_id.clone()),
            (_, named) => named,
        };
        match &customer_id {
            Some(customer_id) => drop(caller.acting_for(customer_id, "", Right::OrdersRead)?),
            None => caller.may(Right::WebhooksManage)?,
        }
        Ok(Self { customer_id, ..asked })
    }

    fn wants(&self, event: &FeedEvent) -> bool {
        let market = self.market.as_ref().is_none_or(|market| *market == event.market);
        let kind = self.kinds.is_empty() || self.kinds.iter().any(|kind| kind.code() == event.kind);
        market && kind
    }
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events, each with the cursor after it.
    pub events: Vec<(Cursor, ToldEvent)>,
    /// Where to go on.
    pub next: Cursor,
    /// Whether there is more already.
    pub more: bool,
}

impl Counter {
    /// Gives what was committed its places in the feed; answers how many events. Any process may do so at any time.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn publish_events(&self, at: Timestamp) -> Result<usize, AppError> {
        let mut published = 0;
        loop {
            let some = books::publish_events(&self.store, at, PUBLISHED_TOGETHER).await?;
            published += some;
            if i64::try_from(some).is_ok_and(|some| some < PUBLISHED_TOGETHER) {
                return Ok(published);
            }
        }
    }

    /// Changes whenever this process has written events that are not in the feed yet.
    ///
    /// # Errors
    /// [`AppError::Store`], which cannot be.
    pub fn events_written(&self) -> Result<watch::Receiver<u64>, AppError> {
        Ok(self.store.listen(books::OUTBOX)?)
    }

    /// How long the oldest event has waited that is not in the feed yet.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn events_lag(&self, at: Timestamp) -> Result<SignedDuration, AppError> {
        let oldest = books::oldest_untold_event(&self.store).await?;
        Ok(oldest.map_or(SignedDuration::ZERO, |oldest| at.duration_since(oldest)))
    }

    /// Changes whenever this process has given events their places. What other processes publish is found by
    /// reading again from time to time.
    ///
    /// # Errors
    /// [`AppError::Store`], which cannot be.
    pub fn feed_moved(&self) -> Result<watch::Receiver<u64>, AppError> {
        Ok(self.store.listen(books::FEED)?)
    }

    /// Where the feed ends now: a reader who begins here gets only what is still to come.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn feed_end(&self) -> Result<Cursor, AppError> {
        Ok(Cursor(books::feed_bounds(&self.store).await?.last))
    }

    /// The events after a cursor, at most `most` (and [`EVENTS_ON_A_PAGE`]) of them. Without a cursor, from the oldest
    /// event that is still there. A page may be empty though there is more.
    ///
    /// # Errors
    /// [`AppError::EventsForgotten`] where the next event is not there any more, [`AppError::Field`] for a cursor from
    /// somewhere else, and what the database answers.
    pub async fn events(
        &self,
        filter: &EventFilter,
        after: Option<Cursor>,
        most: i64,
    ) -> Result<EventPage, AppError> {
        let bounds = books::feed_bounds(&self.store).await?;
        let after = checked(after, bounds)?;
        let most = most.clamp(1, EVENTS_ON_A_PAGE);
        match &filter.customer_id {
            Some(customer_id) => self.events_of_customer(filter, customer_id, after, bounds, most).await,
            None => self.events_of_all(filter, after, bounds, most).await,
        }
    }

    async fn events_of_customer(
        &self,
        filter: &EventFilter,
        customer_id: &str,
        after: i64,
        bounds: FeedBounds,
        most: i64,
    ) -> Result<EventPage, AppError> {
        let found = books::feed_of_customer(&self.store, customer_id, after, bounds.last, SPAN).await?;
        // Where the span is full there may be more of the customer's between it and the end.
        let full = i64::try_from(found.len()).is_ok_and(|found| found >= SPAN);
        let seen = found.last().filter(|_| full).map_or(bounds.last, |event| event.seq);
        let page = Page::new(most).with(found, filter);
        Ok(page.ended(seen, bounds))
    }

    async fn events_of_all(
        &self,
        filter: &EventFilter,
        mut after: i64,
        bounds: FeedBounds,
        most: i64,
    ) -> Result<EventPage, AppError> {
        let mut page = Page::new(most);
        for _ in 0..SPANS {
            let until = bounds.last.min(after.saturating_add(SPAN));
            if until <= after || page.is_full() {
                break;
            }
            page = page.with(books::span_of_feed(&self.store, after, until).await?, filter);
            after = until;
        }
        Ok(page.ended(after, bounds))
    }

    /// Forgets what has been in the feed for long enough, at most so many events; answers how many.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn forget_events(&self, at: Timestamp, most: i64) -> Result<i64, AppError> {
        let before = at.checked_sub(EVENTS_KEPT_FOR).unwrap_or(at);
        Ok(books::forget_events(&self.store, before, most).await?)
    }
}

/// The place after which to read.
fn checked(after: Option<Cursor>, bounds: FeedBounds) -> Result<i64, AppError> {
    let Some(Cursor(after)) = after else { return Ok(bounds.forgotten) };
    if after < bounds.forgotten {
        return Err(AppError::EventsForgotten { oldest: Cursor(bounds.forgotten).to_string() });
    }
    if after > bounds.last {
        return Err(AppError::field("after", "the feed has not come so far: the cursor is from another one"));
    }
    Ok(after)
}

/// A page that is being filled.
struct Page {
    events: Vec<(Cursor, ToldEvent)>,
    most: usize,
    /// The place of a wanted event that did not fit any more.
    left: Option<i64>,
}

impl Page {
    fn new(most: i64) -> Self {
        Self { events: Vec::new(), most: usize::try_from(most).unwrap_or(1), left: None }
    }

    fn is_full(&self) -> bool {
        self.left.is_some()
    }

    fn with(mut self, found: Vec<FeedEvent>, filter: &EventFilter) -> Self {
        for event in found.into_iter().filter(|event| filter.wants(event)) {
            if self.events.len() >= self.most {
                self.left = Some(event.seq);
                return self;
            }
            self.events.push((Cursor(event.seq), event.into()));
        }
        self
    }

    /// `seen` is the last place that was looked at.
    fn ended(self, seen: i64, bounds: FeedBounds) -> EventPage {
        let last = self.events.last().map(|(cursor, _)| *cursor);
        let next = if self.is_full() { last.unwrap_or(Cursor(seen)) } else { Cursor(seen) };
        EventPage { more: next.0 < bounds.last, events: self.events, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for place in [0, 1, 77, i64::MAX] {
            assert_eq!(Cursor::read(&Cursor(place).to_string()).unwrap(), Cursor(place));
        }
        for wrong in ["", "1", "c1_", "c1_AAAA", "c2_AAAAAAAAAAA", "c1_gAAAAAAAAAA"] {
            assert!(Cursor::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_customer_reads_only_their_own_events_and_all_of_them_are_for_who_may_have_them_sent() {
        let hanako = Caller::customer("hanako");
        let of = |customer_id: &str| EventFilter {
            customer_id: Some(customer_id.into()),
            ..EventFilter::default()
        };
        let all = EventFilter::default;
        assert_eq!(EventFilter::for_caller(&hanako, all()).unwrap(), of("hanako"));
        assert_eq!(EventFilter::for_caller(&hanako, of("hanako")).unwrap(), of("hanako"));
        assert!(matches!(EventFilter::for_caller(&hanako, of("taro")), Err(AppError::NotFound { .. })));
        let machine = |rights: &[Right]| Caller::Machine { key_id: "k".to_owned(), rights: rights.to_vec() };
        assert!(EventFilter::for_caller(&machine(&[Right::WebhooksManage]), all()).is_ok());
        assert!(EventFilter::for_caller(&machine(&[Right::OrdersRead]), all()).is_err());
        assert!(EventFilter::for_caller(&machine(&[Right::OrdersRead]), of("taro")).is_ok());
        assert!(EventFilter::for_caller(&machine(&[Right::Quotes]), of("taro")).is_err());
    }
}
