//! A counter on a database, and the same books in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use choba_app::{
    Counter, IssueGiftCards, IssueOutcome, IssuedGiftCard, Key, KnownMarket, LinkProgram, Secrets, Whose,
};
use choba_engine::books::{CustomerBooks, HeldCoupon, Keeper};
use choba_engine::market::Market;
use choba_engine::money::Money;
use choba_engine::order::Order;
use choba_formats::market_files;
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_store::books;
use jiff::{SignedDuration, Timestamp};

use super::chance::Chance;
use super::witness::{Drawn, Witness};
use crate::support::noon;
use crate::truth::{PARTNER, options};

/// The market of the runs.
pub const MARKET: &str = "amazon-style";
const COUPON: &str = "OFF";

/// A counter and its shadow.
pub struct Twin {
    pub counter: Counter,
    pub outside: Arc<Scripted>,
    pub witness: Arc<Witness>,
    pub drawn: Arc<Drawn>,
    pub market: Arc<Market>,
    pub keeper: Keeper,
    pub customers: Vec<Whose>,
    pub now: Timestamp,
    pub cards: Vec<IssuedGiftCard>,
    /// Adjustments that wait for a second person, with whose they are.
    pub waiting: Vec<(Whose, String)>,
    /// Ids drawn in this step and not used by the shadow yet.
    pub ids: VecDeque<String>,
    /// How often each kind of step did something, and how often it was refused.
    pub done: BTreeMap<&'static str, (usize, usize)>,
    keys: u64,
}

/// The sample with some rules replaced, so that everything can happen.
fn market(chance: &mut Chance) -> KnownMarket {
    let choices = [
        ("order = \"as_paid\"", "order = \"method_first\""),
        ("claw_back = \"debt\"", "claw_back = \"from_refund\""),
        ("available = { days_after_shipment = 30 }", "available = { days_after_order = 0 }"),
        ("coupons_return = false", "coupons_return = true"),
    ];
    let replaced: Vec<_> = choices.into_iter().filter(|_| chance.percent(50)).collect();
    let mut files: Vec<(String, String)> =
        market_files::sample(MARKET).unwrap().into_iter().map(|file| (file.path, file.text)).collect();
    // Of the sample's help not all is true under these terms.
    files.retain(|(path, _)| !market_files::is_help_file(path));
    for (_, text) in &mut files {
        *text = text.replace("seller_types = [\"platform\"]", "seller_types = [\"platform\", \"store\"]");
        for (old, new) in &replaced {
            *text = text.replace(old, new);
        }
    }
    let more = "[methods.deferred]
name = { ja = \"後払い\", en = \"deferred\" }
fee = 250
[coupons.OFF]
name = { ja = \"333円OFF\", en = \"333 yen off\" }
yen = 333
market = true
";
    files.push(("more.toml".to_owned(), more.to_owned()));
    KnownMarket::from_files(files).unwrap()
}

impl Twin {
    pub async fn open(url: &str, chance: &mut Chance) -> Self {
        let known = market(chance);
        let market = Arc::clone(&known.market);
        let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), noon()));
        let (witness, drawn) = (Arc::new(Witness::of(&outside)), Arc::new(Drawn::new(chance.next())));
        let secrets = Secrets { codes: [7; 32] };
        let (parties, entropy) = (Arc::clone(&witness), Arc::clone(&drawn));
        let counter =
            Counter::open(url, options(noon()), vec![known], parties, entropy, secrets).await.unwrap();
        let customers = ["hanako", "jiro", "taro"].map(|name| Whose::new(name, MARKET)).to_vec();
        let mut twin = Self {
            counter,
            outside,
            witness,
            drawn,
            market,
            keeper: Keeper::default(),
            customers,
            now: noon(),
            cards: Vec::new(),
            waiting: Vec::new(),
            ids: VecDeque::new(),
            done: BTreeMap::new(),
            keys: 0,
        };
        for whose in twin.customers.clone() {
            twin.introduce(&whose).await;
        }
        twin.cards = twin.issue_cards().await;
        twin.begin_step();
        twin
    }

    /// A customer with a coupon and a link to the partner.
    async fn introduce(&mut self, whose: &Whose) {
        self.counter.give_coupon(whose, COUPON, self.now).await.unwrap();
        let code = format!("LINK-{}-1", whose.customer_id);
        let link = LinkProgram {
            whose: whose.clone(),
            program: PARTNER.to_owned(),
            code: code.as_str().into(),
            key: self.key("link_program", &whose.customer_id),
        };
        self.counter.link_program(link, self.now).await.unwrap();
        let links = books::links_of_customer(self.counter.store(), &whose.customer_id, MARKET).await.unwrap();
        let coupons = vec![HeldCoupon { coupon_id: COUPON.to_owned(), uses: 0, uses_by_all: 0 }];
        let customer_id = whose.customer_id.clone();
        self.keeper.introduce(CustomerBooks { customer_id, coupons, links, ..CustomerBooks::default() });
    }

    async fn issue_cards(&mut self) -> Vec<IssuedGiftCard> {
        let issue = IssueGiftCards {
            market: MARKET.to_owned(),
            count: 12,
            amount: Money::new(1_700),
            active_from: None,
            note: None,
            by: "keiko".to_owned(),
            key: self.key("issue_gift_cards", MARKET),
        };
        match self.counter.issue_gift_cards(issue, self.now).await.unwrap() {
            IssueOutcome::Issued(batch) => batch.cards,
            other => panic!("{other:?}"),
        }
    }

    /// A key that was never used before.
    pub fn key(&mut self, use_case: &str, subject: &str) -> Key {
        self.keys += 1;
        Key::new(&format!("key-{}", self.keys), use_case, subject, b"").unwrap()
    }

    /// Nothing was drawn or heard yet.
    pub fn begin_step(&mut self) {
        self.drawn.take_ids(self.now);
        self.witness.take_balances();
        self.ids.clear();
        self.outside.at(self.now);
    }

    /// All orders, in the order of their ids.
    pub fn orders(&self) -> Vec<Order> {
        self.keeper.orders().cloned().collect()
    }

    pub fn tell(&mut self, what: &'static str, done: bool) {
        let (yes, no) = self.done.entry(what).or_default();
        *if done { yes } else { no } += 1;
    }

    /// Time passes, and what it brings is done.
    pub async fn wait(&mut self, time: SignedDuration) {
        self.now += time;
        self.begin_step();
        self.ask_what_is_open().await;
        self.do_what_is_due().await;
    }
}
