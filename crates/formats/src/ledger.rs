//! The books for a person: entries of the journal, balances and how far an order is, in Japanese and English.
//!
//! Accounts stand as they are written in the journal, with what they mean beside them. Nothing is reckoned here.

use choba_engine::books::{Balance, EntryReason, YEN};
use choba_engine::market::{LotKind, Market, Unit};
use choba_engine::money::{Money, Points};
use choba_engine::order::{Order, TenderName};
use fluent_bundle::FluentArgs;
use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use crate::language::Language;
use crate::request::lot_kind_id;
use crate::sentences::{Sentences, sentences};

/// Columns in which the amounts of postings are right-aligned; a Japanese character takes two.
const AMOUNT_COLUMNS: usize = 16;

/// Columns of an account as it is written.
const ACCOUNT_COLUMNS: usize = 24;

/// Writes parts of the books in the words of a market and a language.
#[derive(Clone, Copy)]
pub struct Ledger<'m> {
    market: &'m Market,
    sentences: &'static Sentences,
}

impl<'m> Ledger<'m> {
    /// The words of a market in a language.
    pub fn new(market: &'m Market, language: Language) -> Self {
        Self { market, sentences: sentences(language) }
    }

    /// The sentence of that id.
    pub fn say<const N: usize>(&self, id: &str, figures: [(&'static str, String); N]) -> String {
        let mut args = FluentArgs::with_capacity(N);
        for (name, text) in figures {
            args.set(name, text);
        }
        self.sentences.say(id, &args)
    }

    /// A time in the market's time zone.
    pub fn instant(&self, at: Timestamp) -> String {
        self.language().instant(at, &self.market.time_zone)
    }

    /// `1,500円`.
    pub fn yen(&self, amount: Money) -> String {
        self.language().yen(amount)
    }

    /// An amount in a posting's unit: yen, or points of a program.
    pub fn amount(&self, unit: &str, amount: i64) -> String {
        let in_yen =
            unit == YEN || self.market.program(unit).is_some_and(|program| program.unit == Unit::Yen);
        if in_yen { self.yen(Money::new(amount)) } else { self.sentences.points(amount) }
    }

    /// What customers call a program.
    pub fn program(&self, id: &str) -> String {
        self.market.program(id).map_or(id, |program| self.language().name(&program.name)).to_owned()
    }

    /// A program with the kind of its lots.
    pub fn program_and_kind(&self, id: &str, kind: Option<LotKind>) -> String {
        let name = self.program(id);
        let Some(kind) = kind else { return name };
        let kind = self.say(&format!("kind-{}", lot_kind_id(kind)), []);
        self.say("receipt-kind", [("name", name), ("kind", kind)])
    }

    /// What customers call a coupon.
    pub fn coupon(&self, id: &str) -> String {
        self.market.coupon(id).map_or(id, |coupon| self.language().name(&coupon.name)).to_owned()
    }

    /// What customers call a seller.
    pub fn seller(&self, id: &str) -> String {
        self.market.seller(id).map_or(id, |seller| self.language().name(&seller.name)).to_owned()
    }

    /// What customers call a method.
    pub fn method(&self, id: &str) -> String {
        let known = self.market.methods.iter().find(|method| method.method_type.id() == id);
        known.map_or(id, |method| self.language().name(&method.name)).to_owned()
    }

    /// What customers call one who paid for an order.
    pub fn tender(&self, order: &Order, tender: &TenderName) -> String {
        match tender {
            TenderName::Program(program) => self.program(program),
            TenderName::Method => self.method(order.payment.method.map_or("none", |method| method.id())),
        }
    }

    /// Names or amounts as a list.
    pub fn list<'n>(&self, parts: impl Iterator<Item = &'n str>) -> String {
        self.sentences.list(parts)
    }

    /// What an entry is about.
    pub fn reason(&self, reason: EntryReason) -> String {
        self.say(&format!("entry-{}", reason.code()), [])
    }

    /// A posting: amount, account as written, what the account is.
    pub fn posting(&self, account: &str, unit: &str, amount: i64) -> String {
        let amount = self.amount(unit, amount);
        let before = AMOUNT_COLUMNS.saturating_sub(amount.width());
        let after = ACCOUNT_COLUMNS.saturating_sub(account.width());
        format!("{}{amount}  {account}{}  {}", " ".repeat(before), " ".repeat(after), self.account(account))
    }

    /// What an account is, in words.
    pub fn account(&self, account: &str) -> String {
        let mut parts = account.split(':');
        let (kind, subject, part) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let subject = subject.unwrap_or_default();
        let name = match kind {
            "seller" => self.seller(subject),
            "method" => self.method(subject),
            _ => self.program(subject),
        };
        let id = part.map_or_else(|| format!("account-{kind}"), |part| format!("account-{kind}-{part}"));
        self.say(&id, [("name", name)])
    }

    /// What is held of one kind of a program.
    pub fn balance(&self, balance: &Balance) -> String {
        let units = |points: Points| self.amount(&balance.program, points.units());
        self.say(
            "ledger-balance",
            [
                ("name", self.program_and_kind(&balance.program, balance.kind)),
                ("available", units(balance.available)),
                ("announced", units(balance.announced)),
                ("pending", units(balance.pending)),
                ("expired", units(balance.expired)),
            ],
        )
    }

    /// How far an order is, as a whole and by seller.
    pub fn order(&self, order: &Order) -> String {
        let by_seller = order.groups.iter().map(|group| {
            let state = self.say(&format!("state-{}", order.group_state(&group.seller).code()), []);
            self.say("ledger-seller", [("seller", self.seller(&group.seller)), ("state", state)])
        });
        let by_seller: Vec<String> = by_seller.collect();
        self.say(
            "ledger-order",
            [
                ("number", order.number.clone()),
                ("state", self.say(&format!("state-{}", order.state().code()), [])),
                ("sellers", self.list(by_seller.iter().map(String::as_str))),
            ],
        )
    }

    /// How far the payment of an order is.
    pub fn payment(&self, order: &Order) -> String {
        let payment = &order.payment;
        self.say(
            "ledger-payment",
            [
                ("method", self.tender(order, &TenderName::Method)),
                ("state", self.say(&format!("payment-{}", payment.state.code()), [])),
                ("promised", self.yen(payment.promised)),
                ("received", self.yen(payment.received)),
                ("refunded", self.yen(payment.refunded)),
            ],
        )
    }

    fn language(&self) -> Language {
        self.sentences.language()
    }
}

#[cfg(test)]
mod tests {
    use choba_engine::books::Account;
    use choba_engine::order::{GroupState, PaymentState};

    use super::*;

    fn market() -> Market {
        crate::market_files::load("rakuten-style").unwrap()
    }

    const GROUPS: [GroupState; 5] = [
        GroupState::Placed,
        GroupState::Preparing,
        GroupState::Shipped,
        GroupState::Delivered,
        GroupState::Cancelled,
    ];

    const PAYMENTS: [PaymentState; 5] = [
        PaymentState::Asking,
        PaymentState::AwaitingPayment,
        PaymentState::Authorised,
        PaymentState::Paid,
        PaymentState::Refused,
    ];

    fn accounts() -> Vec<Account> {
        let of_program = [
            Account::wallet,
            Account::debt,
            Account::granted,
            Account::spent,
            Account::expired,
            Account::adjusted,
            Account::cards_open,
            Account::cards_issued,
            Account::cards_expired,
            Account::partner,
            Account::partner_member,
            Account::program_paid,
        ];
        let mut accounts: Vec<Account> = of_program.iter().map(|account| account("rakuten")).collect();
        accounts.extend([Account::method_promised("card"), Account::method_received("card")]);
        accounts.extend([Account::seller("shop-a"), Account::fees()]);
        accounts
    }

    #[test]
    fn everything_in_the_books_has_words_in_both_languages() {
        let market = market();
        for language in [Language::Ja, Language::En] {
            let ledger = Ledger::new(&market, language);
            let mut texts: Vec<String> = EntryReason::ALL.map(|reason| ledger.reason(reason)).to_vec();
            texts.extend(GROUPS.map(|state| ledger.say(&format!("state-{}", state.code()), [])));
            texts.extend(PAYMENTS.map(|state| ledger.say(&format!("payment-{}", state.code()), [])));
            texts.extend(accounts().iter().map(|account| ledger.account(account.as_str())));
            let missing = texts.iter().filter(|text| {
                ["entry-", "state-", "payment-", "account-"].iter().any(|prefix| text.starts_with(prefix))
            });
            assert_eq!(missing.count(), 0, "{texts:?}");
        }
    }

    #[test]
    fn a_posting_has_its_amount_its_account_and_what_that_is() {
        let market = market();
        let ja = Ledger::new(&market, Language::Ja);
        assert_eq!(
            ja.posting("seller:shop-a", "JPY", -3_500),
            "        -3,500円  seller:shop-a             ショップAに支払う額"
        );
        let en = Ledger::new(&market, Language::En);
        assert_eq!(
            en.posting("wallet:rakuten", "rakuten", 300),
            "      300 points  wallet:rakuten            Rakuten Points held by the customer"
        );
    }
}
