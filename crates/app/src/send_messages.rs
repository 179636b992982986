//! Sending messages to customers: what they say is made when they are sent, from things as they are then.
//!
//! A message is claimed, handed to the mail server and noted. A process that dies after the server took it, or a
//! connection that is cut off before the server could say so, leaves a message that is sent again: twice, with the same
//! id, rather than never. Nothing personal is kept or told of it.

use std::sync::Arc;
use std::time::Duration;

use choba_care::callback::{End, State};
use choba_care::chat::transcript;
use choba_engine::order::{Order, PaymentState, Shipment};
use choba_formats::language::Language;
use choba_formats::mail::{MailExpiring, MailLinks, MailParcel, MailTemplate, MailText, Mails, MissedCall};
use choba_outside::mail::{Mail, MailError, Mailer};
use choba_parcel::Carrier;
use choba_store::books::{self, ContactRow, MessageRow, MessageState};
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::{AppError, Counter, Whose};

/// How long a message waits after each try, in seconds.
const WAITS: [i64; 9] = [60, 300, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 86_400];

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// So long a message is one process's; longer than a try.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_secs(120);

/// Messages that are sent side by side.
const SIDE_BY_SIDE: usize = 4;

/// What sends mail, and what it says about where to read more.
#[derive(Clone)]
pub struct Post {
    /// What sends.
    pub mailer: Arc<dyn Mailer>,
    /// Where customers read more.
    pub links: Arc<MailLinks>,
    /// The domain whose mail is passed on to us: an answer to a case goes to an address of that case there. To the
    /// sender's usual address without.
    pub answers_at: Option<String>,
}

impl std::fmt::Debug for Post {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Post").field("links", &self.links).finish_non_exhaustive()
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageReport {
    /// Events that were looked at.
    pub events: usize,
    /// Messages that the mail server took.
    pub sent: usize,
    /// Messages that are tried again later.
    pub postponed: usize,
    /// Messages that cannot be sent.
    pub failed: usize,
    /// Messages that nobody is to get.
    pub skipped: usize,
    /// There may be more to do at once.
    pub more: bool,
}

/// What is to be done with a message.
enum Content {
    Send(MailText),
    /// Others are still asked about the order.
    NotYet,
    /// There is nothing to say any more.
    Nothing(&'static str),
}

impl Counter {
    /// Queues the messages that new events call for, and sends what is due, at most so many. To be called every few
    /// seconds, after publishing, and again at once where [`MessageReport::more`] says so. Processes may do so side by
    /// side.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn send_messages(
        &self,
        post: &Post,
        at: Timestamp,
        most: i64,
    ) -> Result<MessageReport, AppError> {
        let started = Instant::now();
        let mut report = MessageReport { events: self.queue_messages(at).await?, ..MessageReport::default() };
        let due = books::due_messages(&self.store, at.as_millisecond(), most).await?;
        report.more = i64::try_from(due.len()).is_ok_and(|found| found >= most);
        let mut running = JoinSet::new();
        for message in due {
            if running.len() >= SIDE_BY_SIDE {
                report.count(running.join_next().await);
            }
            let (counter, post) = (self.clone(), post.clone());
            running.spawn(async move {
                let now = at.checked_add(started.elapsed()).unwrap_or(at);
                counter.send_message(&post, &message, now).await
            });
        }
        while let Some(sent) = running.join_next().await {
            report.count(Some(sent));
        }
        Ok(report)
    }

    /// Nothing where another process has it.
    async fn send_message(
        &self,
        post: &Post,
        message: &MessageRow,
        at: Timestamp,
    ) -> Result<Option<MessageState>, AppError> {
        let lapses_at = at.checked_add(CLAIMED_FOR).unwrap_or(at).as_millisecond();
        if !books::claim_message(&self.store, message, lapses_at).await? {
            return Ok(None);
        }
        let (state, fault) = match self.try_to_send(post, message, at).await {
            Ok(done) => done,
            // What is at fault here may be mended; it is told by its kind only.
            Err(error) => (MessageState::Queued, Some(kind_of(&error))),
        };
        let wait = usize::try_from(message.attempts).ok().and_then(|attempts| WAITS.get(attempts));
        let (state, next_at) = match (state, wait) {
            (MessageState::Queued, Some(wait)) => {
                (state, at.checked_add(SignedDuration::from_secs(*wait)).unwrap_or(at).as_millisecond())
            }
            (MessageState::Queued, None) => (MessageState::Failed, lapses_at),
            _ => (state, lapses_at),
        };
        let now = at.as_millisecond();
        books::end_message(&self.store, message, state, next_at, fault.as_deref(), now).await?;
        Ok(Some(state))
    }

    async fn try_to_send(
        &self,
        post: &Post,
        message: &MessageRow,
        at: Timestamp,
    ) -> Result<(MessageState, Option<String>), AppError> {
        let nothing = |why: &str| Ok((MessageState::Skipped, Some(why.to_owned())));
        let contact = books::contact(&self.store, &message.customer_id, &message.market).await?;
        let Some(contact) = contact else { return nothing("no_contact") };
        let Some(template) = MailTemplate::from_code(&message.template) else { return nothing("unknown") };
        if template == MailTemplate::PointsExpiring && !contact.points_notices {
            return nothing("not_wanted");
        }
        let text = match self.content(post, message, template, &contact, at).await? {
            Content::Send(text) => text,
            Content::NotYet => return Ok((MessageState::Queued, Some("not_yet".to_owned()))),
            Content::Nothing(why) => return nothing(why),
        };
        let reply_to = self.answers_to(post, message, template, &contact)?;
        let mail = Mail { reply_to, ..mail(post, message, template, contact, text, at) };
        let sending = timeout(PATIENCE, post.mailer.send(&mail)).await;
        Ok(match sending.unwrap_or_else(|_| Err(MailError::Later("no answer in time".to_owned()))) {
            Ok(()) => (MessageState::Sent, None),
            Err(MailError::Refused(why)) => (MessageState::Failed, Some(why)),
            Err(MailError::Later(why)) => (MessageState::Queued, Some(why)),
        })
    }

    /// The address by which the customer's mailbox answers to the case that a message is about.
    fn answers_to(
        &self,
        post: &Post,
        message: &MessageRow,
        template: MailTemplate,
        contact: &ContactRow,
    ) -> Result<Option<String>, AppError> {
        let case_id = match template {
            MailTemplate::CaseNews | MailTemplate::ChatTranscript => Some(message.subject.as_str()),
            MailTemplate::CallbackMissed => message.data.case_id.as_deref(),
            _ => None,
        };
        let Some((case_id, domain)) = case_id.zip(post.answers_at.as_deref()) else { return Ok(None) };
        let address = self.reply_address(case_id, &contact.email, domain)?;
        Ok(Some(address.as_str().to_owned()))
    }

    async fn content(
        &self,
        post: &Post,
        message: &MessageRow,
        template: MailTemplate,
        contact: &ContactRow,
        at: Timestamp,
    ) -> Result<Content, AppError> {
        let language = Language::of(&contact.language);
        match template {
            MailTemplate::CaseNews => {
                let market = self.markets.get(&message.market)?;
                let text = Mails::new(&market, language, &post.links).case_news(&message.subject);
                Ok(Content::Send(text))
            }
            MailTemplate::ChatTranscript => self.chat_transcript_mail(post, message, language).await,
            MailTemplate::CallbackMissed => self.callback_missed_mail(post, message, language).await,
            MailTemplate::PointsExpiring => self.expiring(post, message, language, at).await,
            _ => self.about_order(post, message, template, language).await,
        }
    }

    /// What was said in a chat, as it was frozen when it ended; nothing where it is not that any more.
    async fn chat_transcript_mail(
        &self,
        post: &Post,
        message: &MessageRow,
        language: Language,
    ) -> Result<Content, AppError> {
        let Some(chat_id) = &message.data.chat_id else { return Ok(Content::Nothing("no_chat")) };
        let (customer_id, market) = (&message.customer_id, self.markets.get(&message.market)?);
        let chat = books::chat_of_customer(&self.store, customer_id, chat_id).await?;
        let case = books::case_row(&self.store, customer_id, &message.subject).await?;
        let (Some(chat), Some(case)) = (chat, case) else { return Ok(Content::Nothing("no_chat")) };
        let lines = books::chat_lines(&self.store, customer_id, chat_id, 0, i64::from(u32::MAX)).await?;
        let transcript = transcript(chat_id, &lines);
        let digest = transcript.sha256().map_err(|error| AppError::Defect(error.to_string()))?;
        if chat.transcript_sha256.as_ref() != Some(&digest) {
            return Ok(Content::Nothing("transcript_differs"));
        }
        let mails = Mails::new(&market, language, &post.links);
        Ok(Content::Send(mails.chat_transcript(&case.case_id, &case.number, &transcript)))
    }

    /// A call that did not come about; nothing where the customer has asked for another one meanwhile.
    async fn callback_missed_mail(
        &self,
        post: &Post,
        message: &MessageRow,
        language: Language,
    ) -> Result<Content, AppError> {
        let (customer_id, market) = (&message.customer_id, self.markets.get(&message.market)?);
        let row = books::callback(&self.store, &message.subject).await?;
        let why = match row.map(|row| row.callback.state) {
            Some(State::Ended { how: End::Exhausted, .. }) => MissedCall::NoAnswer,
            Some(State::Ended { how: End::Expired, .. }) => MissedCall::NobodyCalled,
            _ => return Ok(Content::Nothing("no_callback")),
        };
        if books::open_callback(&self.store, customer_id, &message.market).await?.is_some() {
            return Ok(Content::Nothing("asked_again"));
        }
        let case = match &message.data.case_id {
            Some(case_id) => books::case_row(&self.store, customer_id, case_id).await?,
            None => None,
        };
        let case = case.as_ref().map(|case| (case.case_id.as_str(), case.number.as_str()));
        Ok(Content::Send(Mails::new(&market, language, &post.links).callback_missed(case, why)))
    }

    /// All that ends on the day of the message, as it is now.
    async fn expiring(
        &self,
        post: &Post,
        message: &MessageRow,
        language: Language,
        at: Timestamp,
    ) -> Result<Content, AppError> {
        let Some(told) = message.data.expires_at else { return Ok(Content::Nothing("no_end")) };
        let market = self.markets.get(&message.market)?;
        let day = |at: Timestamp| market.time_zone.to_datetime(at).date();
        let wallet = self.wallet_at(&Whose::new(&message.customer_id, &message.market), at).await?;
        let ending = wallet.lots.iter().filter_map(|lot| {
            let expires_at = lot.expires_at.filter(|end| day(*end) == day(told) && at <= *end)?;
            let points = Some(lot.remaining).filter(|points| !points.is_zero())?;
            Some(MailExpiring { program: &lot.program, points, expires_at })
        });
        let ending: Vec<MailExpiring<'_>> = ending.collect();
        if ending.is_empty() {
            return Ok(Content::Nothing("nothing_left"));
        }
        Ok(Content::Send(Mails::new(&market, language, &post.links).points_expiring(&ending)))
    }

    async fn about_order(
        &self,
        post: &Post,
        message: &MessageRow,
        template: MailTemplate,
        language: Language,
    ) -> Result<Content, AppError> {
        let found = books::order_of_customer(&self.store, &message.customer_id, &message.subject).await?;
        let Some(row) = found else { return Ok(Content::Nothing("no_order")) };
        let market = self.market_version(&row.order.market_version).await?;
        let mails = Mails::new(&market, language, &post.links);
        Ok(order_content(&mails, &row.order, template, message, language))
    }
}

fn order_content(
    mails: &Mails<'_>,
    order: &Order,
    template: MailTemplate,
    message: &MessageRow,
    language: Language,
) -> Content {
    let state = order.payment.state;
    let told = |text: Option<MailText>| text.map_or(Content::Nothing("no_part"), Content::Send);
    match template {
        MailTemplate::OrderPlaced if state == PaymentState::Asking => Content::NotYet,
        MailTemplate::OrderPlaced if state == PaymentState::Refused => Content::Nothing("not_paid"),
        MailTemplate::OrderPlaced => Content::Send(mails.order_placed(order)),
        MailTemplate::PaymentWaiting
            if state != PaymentState::AwaitingPayment || order.cancelled_at.is_some() =>
        {
            Content::Nothing("not_waiting")
        }
        MailTemplate::PaymentWaiting => told(mails.payment_waiting(order)),
        MailTemplate::OrderCancelled => Content::Send(mails.order_cancelled(order)),
        MailTemplate::GiftCardReady => Content::Send(mails.gift_card_ready(order)),
        MailTemplate::OrderShipped => {
            let id = message.data.shipment_id.as_deref().unwrap_or_default();
            let shipment = order.shipments.iter().find(|shipment| shipment.shipment_id == id);
            told(shipment.and_then(|shipment| mails.order_shipped(order, id, &parcel(shipment, language))))
        }
        MailTemplate::Refunded => {
            let id = message.data.refund_id.as_deref().unwrap_or_default();
            let refund = order.refunds.iter().find(|refund| refund.refund_id == id);
            // What was only promised is let go of: nothing comes back that had gone.
            let moved = refund.is_some_and(|refund| {
                refund.parts.iter().any(|part| part.amount != part.not_charged || !part.points.is_zero())
            });
            if moved { told(mails.refunded(order, id)) } else { Content::Nothing("nothing_moved") }
        }
        MailTemplate::PointsExpiring
        | MailTemplate::CaseNews
        | MailTemplate::ChatTranscript
        | MailTemplate::CallbackMissed => Content::Nothing("unknown"),
    }
}

/// What is told of a shipment's parcels: its carrier by name, and where its numbers are followed.
fn parcel(shipment: &Shipment, language: Language) -> MailParcel {
    let carrier = shipment.carrier.as_deref().map(|id| match (Carrier::from_id(id), language) {
        (Some(carrier), Language::Ja) => carrier.name_ja().to_owned(),
        (Some(carrier), Language::En) => carrier.name().to_owned(),
        (None, _) => id.to_owned(),
    });
    let follow = |number: &String| {
        let answer = choba_parcel::parse(number);
        let named = shipment.carrier.as_deref();
        let of_carrier = answer.candidates().iter().find(|found| Some(found.carrier().id()) == named);
        let url = match (named, of_carrier) {
            (_, Some(found)) => answer.track_url_of(found),
            (None, None) => answer.track_url(),
            (Some(_), None) => None,
        };
        (number.clone(), url)
    };
    MailParcel { carrier, numbers: shipment.tracking_numbers.iter().map(follow).collect() }
}

fn mail(
    post: &Post,
    message: &MessageRow,
    template: MailTemplate,
    contact: ContactRow,
    text: MailText,
    at: Timestamp,
) -> Mail {
    let notice = template == MailTemplate::PointsExpiring;
    Mail {
        id: format!("{}.{}", message.about.replace(' ', "-"), message.template),
        to: contact.email,
        subject: text.subject,
        text: text.text,
        html: text.html,
        language: contact.language,
        at,
        // Only notices are for those who want them; the rest belongs to what was bought.
        unsubscribe_url: notice.then(|| post.links.contact()),
        reply_to: None,
    }
}

fn kind_of(error: &AppError) -> String {
    match error {
        AppError::Store(_) => "database".to_owned(),
        AppError::UnknownMarket { .. } | AppError::UnknownVersion { .. } => "market".to_owned(),
        _ => "defect".to_owned(),
    }
}

impl MessageReport {
    fn count(
        &mut self,
        sent: Option<Result<Result<Option<MessageState>, AppError>, tokio::task::JoinError>>,
    ) {
        match sent {
            None | Some(Ok(Ok(None))) => {}
            Some(Ok(Ok(Some(MessageState::Sent)))) => self.sent += 1,
            Some(Ok(Ok(Some(MessageState::Skipped)))) => self.skipped += 1,
            Some(Ok(Ok(Some(MessageState::Failed)))) => self.failed += 1,
            // Where not even the outcome could be noted, the claim lapses.
            Some(Ok(Ok(Some(MessageState::Queued)) | Err(_)) | Err(_)) => self.postponed += 1,
        }
    }
}
