//! A counter for each customer: read, add, write, and remember the request.

use choba_store::sql::{Decided, Migration, Read, Row, Statement, Store, StoreError, Type, Value, Work};

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "counters",
        sql: "CREATE TABLE counters (
                customer_id {text} NOT NULL PRIMARY KEY,
                count BIGINT NOT NULL CHECK (count >= 0 AND count <= 1000000)
              );
              CREATE TABLE requests (
                customer_id {text} NOT NULL REFERENCES counters (customer_id),
                request_id {text} NOT NULL,
                note {text},
                size BIGINT,
                PRIMARY KEY (customer_id, request_id)
              ) {clustered};",
    },
    Migration {
        number: 2,
        name: "journal",
        sql: "CREATE TABLE journal (entry_id {text} NOT NULL PRIMARY KEY, note {text} NOT NULL);
              {append_only journal}",
    },
];

pub static ENSURE: Statement = Statement::new(
    "make a counter",
    &[("customer_id", Type::Text)],
    "INSERT INTO counters (customer_id, count) SELECT :customer_id, 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(1);

pub static LOCK: Statement = Statement::new(
    "lock a counter",
    &[("customer_id", Type::Text)],
    "SELECT :row, c.count FROM {rows} JOIN counters AS c ON c.customer_id = :customer_id
     ORDER BY c.customer_id {lock c}",
)
.order(2);

pub static COUNT: Statement = Statement::new(
    "read a counter",
    &[("customer_id", Type::Text)],
    "SELECT :row, c.count FROM {rows} JOIN counters AS c ON c.customer_id = :customer_id",
);

pub static REQUEST: Statement = Statement::new(
    "read a request",
    &[("customer_id", Type::Text), ("request_id", Type::Text)],
    "SELECT :row, q.note, q.size FROM {rows} JOIN requests AS q
     ON q.customer_id = :customer_id AND q.request_id = :request_id",
);

pub static SET: Statement = Statement::new(
    "set a counter",
    &[("customer_id", Type::Text), ("seen", Type::Int), ("count", Type::Int)],
    "UPDATE counters SET count = :count FROM {rows}
     WHERE counters.customer_id = :customer_id AND counters.count = :seen",
)
.order(10)
.one_each();

pub static REMEMBER: Statement = Statement::new(
    "remember a request",
    &[("customer_id", Type::Text), ("request_id", Type::Text), ("note", Type::Text), ("size", Type::Int)],
    "INSERT INTO requests (customer_id, request_id, note, size)
     SELECT :customer_id, :request_id, :note, :size FROM {rows}",
)
.order(20)
.one_each();

/// Adds to a customer's counter, once for each request, and answers with the count.
#[derive(Clone, Debug)]
pub struct Add {
    pub customer_id: String,
    pub request_id: String,
    pub amount: i64,
}

impl Add {
    pub fn one(customer_id: impl Into<String>, request_id: impl Into<String>) -> Self {
        Self { customer_id: customer_id.into(), request_id: request_id.into(), amount: 1 }
    }

    fn customer(&self) -> Vec<Value> {
        vec![self.customer_id.as_str().into()]
    }
}

impl Work for Add {
    type Answer = i64;

    fn key(&self) -> &str {
        &self.customer_id
    }

    fn locks(&self) -> Vec<Read> {
        vec![LOCK.read(self.customer()), ENSURE.read(self.customer())]
    }

    fn reads(&self) -> Vec<Read> {
        vec![REQUEST.read([self.customer_id.as_str().into(), self.request_id.as_str().into()])]
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<i64>, StoreError> {
        let seen = rows[0][0].int(0)?;
        if !rows[2].is_empty() {
            return Ok(Decided::Nothing(seen));
        }
        let count = seen + self.amount;
        let id = || Value::from(self.customer_id.as_str());
        let request = [id(), self.request_id.as_str().into(), Value::Null, self.amount.into()];
        let writes = vec![REMEMBER.write(request), SET.write([id(), seen.into(), count.into()])];
        Ok(Decided::Write(writes, count))
    }
}

/// What a customer's counter is, as a reader sees it; 0 if there is none.
pub async fn count(store: &Store, customer_id: &str) -> i64 {
    let rows = store.read(&COUNT, vec![vec![customer_id.into()]]).await.unwrap();
    rows.first().map_or(0, |row| row.int(0).unwrap())
}
