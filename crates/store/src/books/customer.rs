//! A customer's books, as far as a decision needs them.

use choba_engine::books::{CustomerBooks, HeldCoupon, HeldLink, Lot, Origin, Renewals};
use choba_engine::market::LotKind;
use choba_engine::money::Points;

use super::wallet::all_lots_of_customer;
use super::{timestamp, unknown};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

const CUSTOMER: &[(&str, Type)] = &[("customer_id", Type::Text), ("market", Type::Text)];

/// How many lots of a kind are loaded at first: enough for nearly every order, few for any customer.
pub const LOTS_AT_FIRST: usize = 48;

/// Makes the customer's row, so that it can be locked.
pub(super) static MAKE: Statement = Statement::new(
    "make a customer",
    CUSTOMER,
    "INSERT INTO customers (customer_id, market, orders_placed)
     SELECT :customer_id, :market, 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(1);

pub(super) static LOCK: Statement = Statement::new(
    "lock a customer",
    CUSTOMER,
    "SELECT :row, c.member_rank, c.orders_placed, c.last_entry_at
     FROM {rows} JOIN customers AS c ON c.customer_id = :customer_id AND c.market = :market
     ORDER BY c.customer_id, c.market {lock c}",
)
.order(2);

/// Without its lock: for what is only looked at.
static LOOK: Statement = Statement::new(
    "look at a customer",
    CUSTOMER,
    "SELECT :row, c.member_rank, c.orders_placed, c.last_entry_at
     FROM {rows} JOIN customers AS c ON c.customer_id = :customer_id AND c.market = :market",
);

pub(super) static COUPONS: Statement = Statement::new(
    "coupons of a customer",
    CUSTOMER,
    "SELECT :row, c.coupon_id, c.uses,
            q.taken - (SELECT count(*) FROM quota_uses AS u
                       WHERE u.market = q.market AND u.coupon_id = q.coupon_id AND u.state = 'returned')
     FROM {rows} JOIN customer_coupons AS c ON c.customer_id = :customer_id AND c.market = :market
     LEFT JOIN quotas AS q ON q.market = c.market AND q.coupon_id = c.coupon_id
     ORDER BY c.coupon_id",
);

/// Given twice, a coupon is held once.
static GIVE_COUPON: Statement = Statement::new(
    "give a coupon",
    &[("customer_id", Type::Text), ("market", Type::Text), ("coupon_id", Type::Text)],
    "INSERT INTO customer_coupons (customer_id, market, coupon_id, uses)
     SELECT :customer_id, :market, :coupon_id, 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(24);

static RANK: Statement = Statement::new(
    "set a member rank",
    &[("customer_id", Type::Text), ("market", Type::Text), ("member_rank", Type::Text)],
    "UPDATE customers SET member_rank = :member_rank
     FROM {rows} WHERE customers.customer_id = :customer_id AND customers.market = :market",
)
.order(25)
.one_each();

pub(super) static LINKS: Statement = Statement::new(
    "links of a customer",
    CUSTOMER,
    "SELECT :row, l.program, l.account, l.always_use, l.balance, l.earned_last_3_months, l.earned_this_month
     FROM {rows} JOIN links AS l ON l.customer_id = :customer_id AND l.market = :market",
);

pub(super) static DEBTS: Statement = Statement::new(
    "debts of a customer",
    CUSTOMER,
    "SELECT :row, d.program, d.points
     FROM {rows} JOIN debts AS d ON d.customer_id = :customer_id AND d.market = :market AND d.points > 0",
);

/// Open and usable lots of a program: all of them, where there are not many.
pub(super) static FEW_LOTS: Statement = Statement::new(
    "open lots of a program",
    &[("customer_id", Type::Text), ("market", Type::Text), ("program", Type::Text), ("at", Type::Int), ("most", Type::Int)],
    "SELECT :row, l.lot_id, l.market, l.program, l.kind, l.granted, l.remaining, l.expired, l.granted_at,
            l.pending_at, l.available_at, l.expires_at, l.renewed, l.void, l.origin, l.origin_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT lot_id, market, program, kind, granted, remaining, expired, granted_at, pending_at, available_at,
               expires_at, renewed, void, origin, origin_id
        FROM lots
        WHERE customer_id = :customer_id AND market = :market AND program = :program AND open = 1 AND available_at <= :at
        ORDER BY kind, expires_at NULLS LAST, lot_id LIMIT :most) AS l",
);

/// The open and usable lots of one kind that end soonest.
pub(super) static FIRST_LOTS: Statement = Statement::new(
    "first open lots of a kind",
    &[
        ("customer_id", Type::Text),
        ("market", Type::Text),
        ("program", Type::Text),
        ("kind", Type::Text),
        ("at", Type::Int),
        ("most", Type::Int),
    ],
    "SELECT :row, l.lot_id, l.market, l.program, l.kind, l.granted, l.remaining, l.expired, l.granted_at,
            l.pending_at, l.available_at, l.expires_at, l.renewed, l.void, l.origin, l.origin_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT lot_id, market, program, kind, granted, remaining, expired, granted_at, pending_at, available_at,
               expires_at, renewed, void, origin, origin_id
        FROM lots
        WHERE customer_id = :customer_id AND market = :market AND program = :program AND kind = :kind
          AND open = 1 AND available_at <= :at
        ORDER BY expires_at NULLS LAST, lot_id LIMIT :most) AS l",
);

/// All lots, also empty ones.
pub(super) static ALL_LOTS: Statement = Statement::new(
    "all lots of a customer",
    CUSTOMER,
    "SELECT :row, l.lot_id, l.market, l.program, l.kind, l.granted, l.remaining, l.expired, l.granted_at,
            l.pending_at, l.available_at, l.expires_at, l.renewed, l.void, l.origin, l.origin_id
     FROM {rows} JOIN lots AS l ON l.customer_id = :customer_id AND l.market = :market
     ORDER BY l.lot_id",
);

pub(super) static LOT: Statement = Statement::new(
    "a lot",
    &[("customer_id", Type::Text), ("lot_id", Type::Text)],
    "SELECT :row, l.lot_id, l.market, l.program, l.kind, l.granted, l.remaining, l.expired, l.granted_at,
            l.pending_at, l.available_at, l.expires_at, l.renewed, l.void, l.origin, l.origin_id
     FROM {rows} JOIN lots AS l ON l.customer_id = :customer_id AND l.lot_id = :lot_id",
);

/// The distinct ends of renewed lots: there is one for each month of grants. Few decisions need them, so they
/// have no index of their own to be kept with every grant.
pub(super) static RENEWALS: Statement = Statement::new(
    "renewals of a balance",
    &[("customer_id", Type::Text), ("market", Type::Text), ("program", Type::Text)],
    "SELECT :row, w.expires_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT DISTINCT expires_at FROM lots
        WHERE customer_id = :customer_id AND market = :market AND program = :program
          AND renewed = 1 AND void = 0 AND expires_at IS NOT NULL) AS w
     ORDER BY w.expires_at",
);

pub(super) fn read_customer(row: &Row, books: &mut CustomerBooks) -> Result<(), StoreError> {
    books.rank = row.optional_text(0)?.map(str::to_owned);
    books.orders_placed = row.int(1)?;
    books.last_entry_at = row.optional_int(2)?.map(timestamp).transpose()?;
    Ok(())
}

pub(super) fn read_coupon(row: &Row) -> Result<HeldCoupon, StoreError> {
    Ok(HeldCoupon {
        coupon_id: row.text(0)?.to_owned(),
        uses: row.int(1)?,
        uses_by_all: row.optional_int(2)?.unwrap_or(0),
    })
}

pub(super) fn read_link(row: &Row) -> Result<HeldLink, StoreError> {
    Ok(HeldLink {
        program: row.text(0)?.to_owned(),
        account: row.text(1)?.to_owned(),
        always_use: row.int(2)? == 1,
        balance: Points::new(row.int(3)?),
        earned_last_3_months: Points::new(row.int(4)?),
        earned_this_month: Points::new(row.int(5)?),
    })
}

pub(super) fn read_debt(row: &Row) -> Result<(String, Points), StoreError> {
    Ok((row.text(0)?.to_owned(), Points::new(row.int(1)?)))
}

pub(crate) fn read_lot(row: &Row) -> Result<Lot, StoreError> {
    let (origin, origin_id) = (row.text(13)?, row.text(14)?);
    Ok(Lot {
        lot_id: row.text(0)?.to_owned(),
        market: row.text(1)?.to_owned(),
        program: row.text(2)?.to_owned(),
        kind: kind_of(row.text(3)?)?,
        granted: Points::new(row.int(4)?),
        remaining: Points::new(row.int(5)?),
        expired: Points::new(row.int(6)?),
        granted_at: timestamp(row.int(7)?)?,
        pending_at: timestamp(row.int(8)?)?,
        available_at: timestamp(row.int(9)?)?,
        expires_at: row.optional_int(10)?.map(timestamp).transpose()?,
        renewed: row.int(11)? == 1,
        void: row.int(12)? == 1,
        origin: Origin::from_parts(origin, origin_id).ok_or_else(|| unknown("origin", origin))?,
    })
}

/// The word for a kind; empty where there is none.
pub(crate) fn kind_word(kind: Option<LotKind>) -> &'static str {
    match kind {
        None => "",
        Some(LotKind::Limited) => "limited",
        Some(LotKind::Exchanged) => "exchanged",
        Some(LotKind::Ordinary) => "ordinary",
    }
}

pub(crate) fn kind_of(word: &str) -> Result<Option<LotKind>, StoreError> {
    if word.is_empty() {
        return Ok(None);
    }
    let kind = LotKind::ALL.into_iter().find(|kind| kind_word(Some(*kind)) == word);
    kind.map(Some).ok_or_else(|| unknown("kind of lot", word))
}

/// The partners' programs that a customer has linked, with what the partners last said.
///
/// # Errors
/// See [`StoreError`].
pub async fn links_of_customer(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<Vec<HeldLink>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), market.into()];
    store.read(&LINKS, vec![row]).await?.iter().map(read_link).collect()
}

/// The coupons that a customer holds, with how often each was used by the customer and, where a quota is
/// counted, by all customers.
///
/// # Errors
/// See [`StoreError`].
pub async fn coupons_of_customer(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<Vec<HeldCoupon>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), market.into()];
    store.read(&COUPONS, vec![row]).await?.iter().map(read_coupon).collect()
}

/// The write that sets a customer's member rank, or takes it away.
pub fn member_rank(customer_id: &str, market: &str, rank: Option<&str>) -> Write {
    let row: Vec<Value> = vec![customer_id.into(), market.into(), rank.map(str::to_owned).into()];
    RANK.write(row)
}

/// The write that gives a customer a coupon to hold.
pub fn held_coupon(customer_id: &str, market: &str, coupon_id: &str) -> Write {
    let row: Vec<Value> = vec![customer_id.into(), market.into(), coupon_id.into()];
    GIVE_COUPON.write(row)
}

/// What a customer holds, to be looked at: the customer, all lots with their renewals, coupons and links, each
/// as it is when it is read. Who has never been here holds nothing.
///
/// # Errors
/// See [`StoreError`].
pub async fn look_at_customer(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<CustomerBooks, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), market.into()];
    let mut books = CustomerBooks { customer_id: customer_id.to_owned(), ..CustomerBooks::default() };
    for row in &store.read(&LOOK, vec![row]).await? {
        read_customer(row, &mut books)?;
    }
    books.lots = all_lots_of_customer(store, customer_id, market).await?;
    books.renewals = Renewals::of(&books.lots);
    books.coupons = coupons_of_customer(store, customer_id, market).await?;
    books.links = links_of_customer(store, customer_id, market).await?;
    Ok(books)
}
