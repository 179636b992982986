//! A write that needs nothing to be read, in its turn among the works of a customer.

use crate::sql::{self, Read, Row, Store, StoreError, Work, Write};

struct JustWrite {
    key: String,
    write: Write,
}

impl Work for JustWrite {
    type Answer = ();

    fn key(&self) -> &str {
        &self.key
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, _: &[Vec<Row>]) -> Result<sql::Decided<()>, StoreError> {
        Ok(sql::Decided::Write(vec![self.write.clone()], ()))
    }
}

/// Writes a row.
pub(super) async fn just_write(store: &Store, key: &str, write: Write) -> Result<(), StoreError> {
    store.perform(JustWrite { key: key.to_owned(), write }).await
}
