//! Mail to customers: what it says, as plain text and as simple HTML, in Japanese and English.
//!
//! A mail is a list of parts, and both forms are written from that list, so that they say the same. Whom it goes to and
//! whether it is sent is decided elsewhere.

mod care;
mod letter;
mod orders;

use choba_engine::market::{Market, Unit};
use choba_engine::money::{Money, Points};
use choba_engine::order::Order;
use fluent_bundle::FluentArgs;
use jiff::Timestamp;

use crate::language::Language;
use crate::sentences::{Sentences, sentences};
pub use care::MissedCall;
pub use letter::Letter;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailTemplate {
    /// An order was placed.
    OrderPlaced,
    /// It has to be paid at a counter.
    PaymentWaiting,
    /// A parcel left.
    OrderShipped,
    /// An order, or a part of it, was cancelled.
    OrderCancelled,
    /// A refund was made.
    Refunded,
    /// Value will expire soon.
    PointsExpiring,
    /// A gift card that was bought can be claimed.
    GiftCardReady,
    /// A case has news.
    CaseNews,
    /// A chat has ended; this is what was said.
    ChatTranscript,
    /// A call was promised and did not come about.
    CallbackMissed,
}

impl MailTemplate {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::OrderPlaced,
        Self::PaymentWaiting,
        Self::OrderShipped,
        Self::OrderCancelled,
        Self::Refunded,
        Self::PointsExpiring,
        Self::GiftCardReady,
        Self::CaseNews,
        Self::ChatTranscript,
        Self::CallbackMissed,
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OrderPlaced => "order_placed",
            Self::PaymentWaiting => "payment_waiting",
            Self::OrderShipped => "order_shipped",
            Self::OrderCancelled => "order_cancelled",
            Self::Refunded => "refunded",
            Self::PointsExpiring => "points_expiring",
            Self::GiftCardReady => "gift_card_ready",
            Self::CaseNews => "case_news",
            Self::ChatTranscript => "chat_transcript",
            Self::CallbackMissed => "callback_missed",
        }
    }

    /// The template of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.code() == code)
    }
}

/// Where customers read more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLinks {
    /// The address of the shop's pages, without a slash at its end.
    pub base_url: String,
}

impl MailLinks {
    /// The page of an order.
    pub fn order(&self, number: &str) -> String {
        format!("{}/orders/{number}", self.base_url)
    }

    /// The page of balances.
    pub fn wallet(&self) -> String {
        format!("{}/wallet", self.base_url)
    }

    /// The page of a case.
    pub fn case(&self, case: &str) -> String {
        format!("{}/cases/{case}", self.base_url)
    }

    /// The page on which one says which notices one wants.
    pub fn contact(&self) -> String {
        format!("{}/account/contact", self.base_url)
    }
}

/// A mail in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailText {
    /// What it is about.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// A parcel, as a mail tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailParcel {
    /// What customers call its carrier.
    pub carrier: Option<String>,
    /// Its numbers, each with the page on which it is followed, where there is one.
    pub numbers: Vec<(String, Option<String>)>,
}

/// Value that will expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailExpiring<'m> {
    /// Of which program.
    pub program: &'m str,
    /// How much.
    pub points: Points,
    /// Its last second.
    pub expires_at: Timestamp,
}

/// Writes mail in the words of a market and a language.
#[derive(Clone, Copy)]
pub struct Mails<'m> {
    market: &'m Market,
    links: &'m MailLinks,
    sentences: &'static Sentences,
}

impl<'m> Mails<'m> {
    /// The words of a market in a language.
    pub fn new(market: &'m Market, language: Language, links: &'m MailLinks) -> Self {
        Self { market, links, sentences: sentences(language) }
    }

    /// Value will expire.
    pub fn points_expiring(&self, expiring: &[MailExpiring<'_>]) -> MailText {
        let mut letter = self.begun(MailTemplate::PointsExpiring, "");
        for lot in expiring {
            letter.row(&self.program_name(lot.program), &self.points(lot.program, lot.points));
            letter.row(&self.word("mail-expires"), &self.instant(lot.expires_at));
        }
        letter.link(&self.word("mail-wallet_page"), &self.links.wallet());
        letter.link(&self.word("mail-unsubscribe"), &self.links.contact());
        self.ended(letter)
    }

    /// A gift card that was bought can be claimed on the order's page. Its code is nowhere in it.
    pub fn gift_card_ready(&self, order: &Order) -> MailText {
        let mut letter = self.begun(MailTemplate::GiftCardReady, &order.number);
        letter.link(&self.word("mail-order_page"), &self.links.order(&order.number));
        self.ended(letter)
    }

    /// A case has news; what they are stands on its page only.
    pub fn case_news(&self, case: &str) -> MailText {
        let mut letter = self.begun(MailTemplate::CaseNews, case);
        letter.link(&self.word("mail-case_page"), &self.links.case(case));
        self.ended(letter)
    }

    fn begun(&self, template: MailTemplate, number: &str) -> Letter {
        let said = |part: &str| {
            self.say(&format!("mail-{}-{part}", template.code()), [("number", number.to_owned())])
        };
        let mut letter = Letter::new(self.sentences.language(), said("subject"));
        letter.paragraph(&said("lead"));
        letter
    }

    fn ended(&self, mut letter: Letter) -> MailText {
        letter.foot(&self.word("mail-foot"));
        letter.written()
    }

    fn say<const N: usize>(&self, id: &str, figures: [(&'static str, String); N]) -> String {
        let mut args = FluentArgs::with_capacity(N);
        for (name, text) in figures {
            args.set(name, text);
        }
        self.sentences.say(id, &args)
    }

    fn word(&self, id: &str) -> String {
        self.say(id, [])
    }

    fn yen(&self, amount: Money) -> String {
        self.sentences.language().yen(amount)
    }

    fn instant(&self, at: Timestamp) -> String {
        self.sentences.language().instant(at, &self.market.time_zone)
    }

    /// Points, or yen where a program is a balance.
    fn points(&self, program: &str, points: Points) -> String {
        let in_yen = self.market.program(program).is_some_and(|program| program.unit == Unit::Yen);
        if in_yen { self.yen(Money::new(points.units())) } else { self.sentences.points(points.units()) }
    }

    fn program_name(&self, id: &str) -> String {
        let program = self.market.program(id);
        program
            .map_or_else(|| id.to_owned(), |program| self.sentences.language().name(&program.name).to_owned())
    }

    fn seller_name(&self, id: &str) -> String {
        let seller = self.market.seller(id);
        seller.map_or_else(|| id.to_owned(), |seller| self.sentences.language().name(&seller.name).to_owned())
    }
}
