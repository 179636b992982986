//! A decision about one customer: what it needs, and what comes of it.

use std::collections::HashSet;

use choba_engine::books::{Changes, CustomerBooks, Operation};
use choba_engine::market::{LotKind, Market};
use choba_engine::order::Order;

use super::changes::writes_of;
use super::customer::{self, LOTS_AT_FIRST, kind_word};
use super::keys::{self, KeyRecord};
use super::orders::NewOrder;
use super::{asks, millis, orders};
use crate::sql::{self, Read, Row, Store, StoreError, Value, Work, Write};

/// Which lots a decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LotsNeeded {
    /// None.
    #[default]
    None,
    /// All open ones of these programs that can be used now, where there are not many. Of which programs there are,
    /// [`Loaded::programs_cut`] tells; nothing is known of their lots then.
    Few(Vec<String>),
    /// Of these programs' kinds those that can be used now and end soonest; [`CustomerBooks::lots_cut`] tells where there may be
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
    /// Reads of other parts of the books, beside the customer's lock.
    pub more: Vec<Read>,
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
            // Any program may have lots of no kind.
            kinds.push((program.id.clone(), None));
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
    /// Programs with many open lots, of which none was loaded.
    pub programs_cut: Vec<String>,
    /// Whether the renewals of balances were loaded.
    pub renewals_known: bool,
    /// The asks of the orders asked for.
    pub asks: Vec<asks::AskRow>,
    /// Whether all lots there are were loaded.
    pub all_lots: bool,
    /// What was answered before under the key.
    pub key: Option<KeyRecord>,
    /// What other parts of the books answered, a list for each of [`Needs::more`].
    pub more: Vec<Vec<Row>>,
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
    /// What is kept of new orders for ever.
    pub new_orders: Vec<NewOrder>,
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
    store.perform(DecisionWork { key, rounds: Vec::new(), decision }).await
}

struct DecisionWork<D> {
    key: String,
    /// What was asked, round by round. The first one locks the customer.
    rounds: Vec<Vec<(Part, Read)>>,
    decision: D,
}

impl<D: Decision> Work for DecisionWork<D> {
    type Answer = D::Answer;

    fn key(&self) -> &str {
        &self.key
    }

    fn locks(&self) -> Vec<Read> {
        vec![customer::LOCK.read(self.whose())]
    }

    fn reads(&self) -> Vec<Read> {
        self.reads_for(&self.decision.needs()).into_iter().map(|(_, read)| read).collect()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<sql::Decided<D::Answer>, StoreError> {
        self.forget_rounds_beyond(rows.len());
        if self.rounds.is_empty() {
            let mut first = vec![(Part::Customer, customer::LOCK.read(self.whose()))];
            first.extend(self.reads_for(&self.decision.needs()));
            self.rounds.push(first);
        }
        if self.customer_is_missing(rows) {
            return Ok(self.read_more(self.making()));
        }
        let loaded = self.loaded(rows)?;
        match self.decision.decide(&loaded)? {
            Next::Answer(answer) => Ok(sql::Decided::Nothing(answer)),
            Next::Load(needs) => Ok(self.read_more(self.reads_for(&needs))),
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
    /// The customer's row, locked.
    Customer,
    /// The customer's row, made because there was none. What was read before it was made is read again: it was
    /// not locked.
    Made,
    Lots,
    AllLots,
    FewLots(String),
    FirstLots(String, Option<LotKind>),
    Renewals(String, LotKind),
    Debts,
    Coupons,
    Links,
    Order,
    Asks,
    Key,
    More,
}

impl<D: Decision> DecisionWork<D> {
    fn whose(&self) -> Vec<Value> {
        let (customer_id, market) = self.decision.whose();
        vec![customer_id.into(), market.into()]
    }

    fn reads_for(&self, needs: &Needs) -> Vec<(Part, Read)> {
        let (customer_id, market) = self.decision.whose();
        let at = millis(self.decision.operation().at);
        let mut reads = Vec::new();
        match &needs.lots {
            LotsNeeded::None => {}
            LotsNeeded::All => reads.push((Part::AllLots, customer::ALL_LOTS.read(self.whose()))),
            LotsNeeded::These(lots) => reads.extend(
                lots.iter()
                    .map(|lot_id| (Part::Lots, customer::LOT.read(vec![customer_id.into(), lot_id.into()]))),
            ),
            LotsNeeded::Few(programs) => reads.extend(programs.iter().map(|program| {
                let most = i64::try_from(LOTS_AT_FIRST).unwrap_or(i64::MAX);
                let row: Vec<Value> =
                    vec![customer_id.into(), market.into(), program.into(), at.into(), most.into()];
                (Part::FewLots(program.clone()), customer::FEW_LOTS.read(row))
            })),
            LotsNeeded::First(kinds) => reads.extend(kinds.iter().map(|(program, kind)| {
                let row: Vec<Value> = vec![
                    customer_id.into(),
                    market.into(),
                    program.into(),
                    kind_word(*kind).into(),
                    at.into(),
                    i64::try_from(LOTS_AT_FIRST).unwrap_or(i64::MAX).into(),
                ];
                (Part::FirstLots(program.clone(), *kind), customer::FIRST_LOTS.read(row))
            })),
        }
        if needs.lots != LotsNeeded::None || !needs.renewing.is_empty() {
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
        reads.extend(needs.more.iter().map(|read| (Part::More, read.clone())));
        reads
    }

    /// A decision that begins again has read only its first round.
    fn forget_rounds_beyond(&mut self, rows: usize) {
        let mut read = 0;
        self.rounds.retain(|round| {
            read += round.len();
            read <= rows
        });
    }

    fn customer_is_missing(&self, rows: &[Vec<Row>]) -> bool {
        self.rounds.len() == 1 && rows.first().is_none_or(Vec::is_empty)
    }

    fn making(&self) -> Vec<(Part, Read)> {
        let mut round = vec![
            (Part::Made, customer::MAKE.read(self.whose())),
            (Part::Customer, customer::LOCK.read(self.whose())),
        ];
        round.extend(self.reads_for(&self.decision.needs()));
        round
    }

    fn read_more(&mut self, round: Vec<(Part, Read)>) -> sql::Decided<D::Answer> {
        let reads = round.iter().map(|(_, read)| read.clone()).collect();
        self.rounds.push(round);
        sql::Decided::ReadMore(reads)
    }

    fn loaded(&self, rows: &[Vec<Row>]) -> Result<Loaded, StoreError> {
        let parts: Vec<&Part> = self.rounds.iter().flatten().map(|(part, _)| part).collect();
        let begin = parts.iter().rposition(|part| matches!(part, Part::Made)).unwrap_or(0);
        let mut loaded = Loaded::default();
        loaded.books.customer_id = self.decision.whose().0.to_owned();
        let mut seen = HashSet::new();
        for (part, rows) in parts.into_iter().zip(rows).skip(begin) {
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
        Part::Made => {}
        Part::Customer => {
            for row in rows {
                customer::read_customer(row, books)?;
            }
        }
        Part::FewLots(program) if rows.len() >= LOTS_AT_FIRST => loaded.programs_cut.push(program.clone()),
        Part::Lots | Part::AllLots | Part::FewLots(_) | Part::FirstLots(..) => {
            for row in rows {
                let lot = customer::read_lot(row)?;
                if seen.insert(lot.lot_id.clone()) {
                    books.lots.push(lot);
                }
            }
            match part {
                Part::FirstLots(program, kind) => {
                    loaded.programs_cut.retain(|cut| cut != program);
                    if rows.len() >= LOTS_AT_FIRST {
                        books.lots_cut.push((program.clone(), *kind));
                    }
                }
                Part::AllLots => {
                    loaded.all_lots = true;
                    books.lots_cut.clear();
                    loaded.programs_cut.clear();
                }
                _ => {}
            }
        }
        Part::Renewals(program, kind) => {
            loaded.renewals_known = true;
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
        Part::More => loaded.more.push(rows.to_vec()),
    }
    Ok(())
}
