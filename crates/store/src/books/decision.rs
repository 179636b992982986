//! A decision about one customer: what it needs, and what comes of it.

use std::collections::HashSet;

use choba_engine::books::{Changes, CustomerBooks, Operation};
use choba_engine::market::{LotKind, Market};
use choba_engine::order::Order;

use super::changes::writes_of;
use super::customer::{self, LOTS_AT_FIRST, kind_word};
use super::keys::{self, KeyRecord};
use super::{asks, orders};
use crate::sql::{self, Read, Row, Store, StoreError, Value, Work, Write};

/// Which lots a decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LotsNeeded {
    /// None.
    #[default]
    None,
    /// Of these programs' kinds those that end soonest; [`CustomerBooks::lots_cut`] tells where there may be
    /// more.
    First(Vec<(String, Option<LotKind>)>),
    /// All there are, also empty ones.
    All,
    /// These.
    These(Vec<String>),
}

/// What a decision needs to know.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Lots. Programs of [`Needs::renewing`] get their renewals with them.
    pub lots: LotsNeeded,
    /// Programs whose balances grants renew.
    pub renewing: Vec<(String, LotKind)>,
    /// Coupons held and their uses.
    pub coupons: bool,
    /// Links to partners' programs.
    pub links: bool,
    /// Orders, by id.
    pub orders: Vec<String>,
    /// Asks of these orders.
    pub asks_of: Vec<String>,
    /// The record of an idempotency key.
    pub key: Option<String>,
}

impl Needs {
    /// With the programs whose balances are renewed in a market.
    #[must_use]
    pub fn renewals_of(mut self, market: &Market) -> Self {
        let renewing = market.programs.iter().filter_map(|program| Some((program, program.renews?)));
        self.renewing = renewing.map(|(program, renewal)| (program.id.clone(), renewal.kind)).collect();
        self
    }

    /// Kinds of the programs that these names belong to, for [`LotsNeeded::First`].
    pub fn kinds_of(market: &Market, programs: &[String]) -> Vec<(String, Option<LotKind>)> {
        let mut kinds = Vec::new();
        for program in market.programs.iter().filter(|program| programs.contains(&program.id)) {
            kinds.extend(program.kinds.iter().map(|kind| (program.id.clone(), Some(*kind))));
            if program.kinds.is_empty() {
                kinds.push((program.id.clone(), None));
            }
        }
        kinds
    }
}

/// What was loaded, locked.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The customer.
    pub books: CustomerBooks,
    /// The orders that were asked for, as far as they exist.
    pub orders: Vec<Order>,
    /// The asks of the orders asked for.
    pub asks: Vec<asks::AskRow>,
    /// What was answered before under the key.
    pub key: Option<KeyRecord>,
}

impl Loaded {
    /// The order of that id, if it is the customer's.
    pub fn order(&self, order_id: &str) -> Option<&Order> {
        self.orders.iter().find(|order| order.order_id == order_id)
    }
}

/// What a decision comes to.
#[derive(Debug)]
pub enum Next<A> {
    /// Everything is to be written, and this is the answer.
    Write(Box<ToWrite>, A),
    /// Needs more; what was needed before is loaded again with it.
    Load(Needs),
    /// Nothing is to be written.
    Answer(A),
}

/// All that is to be written.
#[derive(Clone, Debug, Default)]
pub struct ToWrite {
    /// The engine's changes.
    pub changes: Changes,
    /// The quote of a new order, as its customer saw it, by the order's id.
    pub quotes: Vec<(String, String)>,
    /// What is answered under an idempotency key from now on.
    pub key: Option<(String, KeyRecord)>,
    /// Writes of other parts of the books.
    pub more: Vec<Write>,
}

/// A pure decision about one customer in one market. It may be made more than once, from the start, and the
/// first time may have been written without our having heard of it: so each decision that must not be made
/// twice looks for its own trace (the key, the state of the order) first.
pub trait Decision: Send + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;

    /// The customer and the market.
    fn whose(&self) -> (&str, &str);

    /// What is being done, when and by whom.
    fn operation(&self) -> &Operation;

    /// What it needs at first.
    fn needs(&self) -> Needs;

    /// Decides.
    ///
    /// # Errors
    /// What the caller is answered instead; nothing is written.
    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError>;
}

/// Loads, decides and commits, together with what others decide at the same time.
///
/// # Errors
/// See [`StoreError`].
pub async fn perform<D: Decision>(store: &Store, decision: D) -> Result<D::Answer, StoreError> {
    let key = decision.whose().0.to_owned();
    let needs = decision.needs();
    store.perform(DecisionWork { key, rounds: vec![needs], decision }).await
}

struct DecisionWork<D> {
    key: String,
    rounds: Vec<Needs>,
    decision: D,
}

impl<D: Decision> Work for DecisionWork<D> {
    type Answer = D::Answer;

    fn key(&self) -> &str {
        &self.key
    }

    fn locks(&self) -> Vec<Read> {
        let whose = self.whose();
        vec![customer::MAKE.read(whose.clone()), customer::LOCK.read(whose)]
    }

    fn reads(&self) -> Vec<Read> {
        let needs = self.decision.needs();
        self.reads_for(&needs).into_iter().map(|(_, read)| read).collect()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<sql::Decided<D::Answer>, StoreError> {
        // From the start means: only the first round has been read.
        let mut reads = Vec::new();
        let mut rounds = 0;
        for needs in &self.rounds {
            let more = self.reads_for(needs);
            if reads.len() + more.len() + 2 > rows.len() {
                break;
            }
            reads.extend(more);
            rounds += 1;
        }
        self.rounds.truncate(rounds);
        let loaded = self.loaded(&reads, rows)?;
        match self.decision.decide(&loaded)? {
            Next::Answer(answer) => Ok(sql::Decided::Nothing(answer)),
            Next::Load(needs) => {
                let reads = self.reads_for(&needs).into_iter().map(|(_, read)| read).collect();
                self.rounds.push(needs);
                Ok(sql::Decided::ReadMore(reads))
            }
            Next::Write(to_write, answer) => {
                let (customer_id, market) = self.decision.whose();
                let writes = writes_of(customer_id, market, self.decision.operation(), &loaded, *to_write)?;
                Ok(sql::Decided::Write(writes, answer))
            }
        }
    }
}

/// What the rows of a read are.
#[derive(Clone, Debug)]
enum Part {
    Lots,
    FirstLots(String, Option<LotKind>),
    Renewals(String, LotKind),
    Debts,
    Coupons,
    Links,
    Order,
    Asks,
    Key,
}

impl<D: Decision> DecisionWork<D> {
    fn whose(&self) -> Vec<Value> {
        let (customer_id, market) = self.decision.whose();
        vec![customer_id.into(), market.into()]
    }

    fn reads_for(&self, needs: &Needs) -> Vec<(Part, Read)> {
        let (customer_id, market) = self.decision.whose();
        let mut reads = Vec::new();
        match &needs.lots {
            LotsNeeded::None => {}
            LotsNeeded::All => reads.push((Part::Lots, customer::ALL_LOTS.read(self.whose()))),
            LotsNeeded::These(lots) => reads.extend(
                lots.iter()
                    .map(|lot_id| (Part::Lots, customer::LOT.read(vec![customer_id.into(), lot_id.into()]))),
            ),
            LotsNeeded::First(kinds) => reads.extend(kinds.iter().map(|(program, kind)| {
                let row: Vec<Value> = vec![
                    customer_id.into(),
                    market.into(),
                    program.into(),
                    kind_word(*kind).into(),
                    i64::try_from(LOTS_AT_FIRST).unwrap_or(i64::MAX).into(),
                ];
                (Part::FirstLots(program.clone(), *kind), customer::FIRST_LOTS.read(row))
            })),
        }
        if needs.lots != LotsNeeded::None {
            reads.push((Part::Debts, customer::DEBTS.read(self.whose())));
            reads.extend(needs.renewing.iter().map(|(program, kind)| {
                let row: Vec<Value> = vec![customer_id.into(), market.into(), program.into()];
                (Part::Renewals(program.clone(), *kind), customer::RENEWALS.read(row))
            }));
        }
        if needs.coupons {
            reads.push((Part::Coupons, customer::COUPONS.read(self.whose())));
        }
        if needs.links {
            reads.push((Part::Links, customer::LINKS.read(self.whose())));
        }
        for order_id in &needs.orders {
            reads.push((Part::Order, orders::ORDER.read(vec![customer_id.into(), order_id.into()])));
        }
        for order_id in &needs.asks_of {
            reads.push((Part::Asks, asks::OF_ORDER.read(vec![customer_id.into(), order_id.into()])));
        }
        if let Some(key) = &needs.key {
            reads.push((Part::Key, keys::FIND.read(vec![customer_id.into(), key.into()])));
        }
        reads
    }

    fn loaded(&self, reads: &[(Part, Read)], rows: &[Vec<Row>]) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        loaded.books.customer_id = self.decision.whose().0.to_owned();
        for row in rows.get(1).into_iter().flatten() {
            customer::read_customer(row, &mut loaded.books)?;
        }
        let mut seen = HashSet::new();
        for ((part, _), rows) in reads.iter().zip(rows.iter().skip(2)) {
            read_part(part, rows, &mut loaded, &mut seen)?;
        }
        Ok(loaded)
    }
}

fn read_part(
    part: &Part,
    rows: &[Row],
    loaded: &mut Loaded,
    seen: &mut HashSet<String>,
) -> Result<(), StoreError> {
    let books = &mut loaded.books;
    match part {
        Part::Lots | Part::FirstLots(..) => {
            for row in rows {
                let lot = customer::read_lot(row)?;
                if seen.insert(lot.lot_id.clone()) {
                    books.lots.push(lot);
                }
            }
            match part {
                Part::FirstLots(program, kind) if rows.len() >= LOTS_AT_FIRST => {
                    books.lots_cut.push((program.clone(), *kind));
                }
                _ => {}
            }
        }
        Part::Renewals(program, kind) => {
            for row in rows {
                books.renewals.add(program, Some(*kind), super::timestamp(row.int(0)?)?);
            }
        }
        Part::Debts => books.debts = rows.iter().map(customer::read_debt).collect::<Result<_, _>>()?,
        Part::Coupons => books.coupons = rows.iter().map(customer::read_coupon).collect::<Result<_, _>>()?,
        Part::Links => books.links = rows.iter().map(customer::read_link).collect::<Result<_, _>>()?,
        Part::Order => {
            for row in rows {
                loaded.orders.push(orders::read_document(row)?);
            }
        }
        Part::Asks => {
            for row in rows {
                loaded.asks.push(asks::read_ask(row)?);
            }
        }
        Part::Key => {
            for row in rows {
                loaded.key = Some(keys::read_key(row)?);
            }
        }
    }
    Ok(())
}
