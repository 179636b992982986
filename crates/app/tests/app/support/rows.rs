//! Rows that tests write and read past the use cases.

use choba_app::{Counter, Whose};
use choba_store::sql::{Decided, Read, Row, Statement, StoreError, Type, Value, Work, Write};

static GIVE_COUPON: Statement = Statement::new(
    "test: give a coupon",
    &[("customer_id", Type::Text), ("market", Type::Text), ("coupon_id", Type::Text)],
    "INSERT INTO customer_coupons (customer_id, market, coupon_id, uses)
     SELECT :customer_id, :market, :coupon_id, 0 FROM {rows} WHERE true ON CONFLICT DO NOTHING",
)
.order(2);

static SET_RANK: Statement = Statement::new(
    "test: set a rank",
    &[("customer_id", Type::Text), ("market", Type::Text), ("member_rank", Type::Text)],
    "INSERT INTO customers (customer_id, market, member_rank, orders_placed)
     SELECT :customer_id, :market, :member_rank, 0 FROM {rows} WHERE true
     ON CONFLICT (customer_id, market) DO UPDATE SET member_rank = excluded.member_rank",
)
.order(1);

struct WriteRow {
    key: String,
    write: Write,
}

impl Work for WriteRow {
    type Answer = ();

    fn key(&self) -> &str {
        &self.key
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, _: &[Vec<Row>]) -> Result<Decided<()>, StoreError> {
        Ok(Decided::Write(vec![self.write.clone()], ()))
    }
}

/// Writes a row, in its turn among the customer's works.
pub async fn write_row(counter: &Counter, customer_id: &str, write: Write) {
    let work = WriteRow { key: customer_id.to_owned(), write };
    counter.store().perform(work).await.unwrap();
}

/// What a statement finds for one input row.
pub async fn all_rows(counter: &Counter, statement: &'static Statement, row: Vec<Value>) -> Vec<Row> {
    counter.store().read(statement, vec![row]).await.unwrap()
}

pub async fn give_coupon(counter: &Counter, whose: &Whose, coupon_id: &str) {
    let row: Vec<Value> = vec![(&whose.customer_id).into(), (&whose.market).into(), coupon_id.into()];
    write_row(counter, &whose.customer_id, GIVE_COUPON.write(row)).await;
}

pub async fn set_rank(counter: &Counter, whose: &Whose, rank: &str) {
    let row: Vec<Value> = vec![(&whose.customer_id).into(), (&whose.market).into(), rank.into()];
    write_row(counter, &whose.customer_id, SET_RANK.write(row)).await;
}
