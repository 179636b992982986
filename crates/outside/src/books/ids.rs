//! Names for new things.

/// Gives ids, each once.
#[derive(Clone, Debug)]
pub struct Ids {
    run: String,
    given: u64,
}

impl Ids {
    /// Ids with this text in each.
    pub fn new(run: &str) -> Self {
        Self { run: run.to_owned(), given: 0 }
    }

    /// The next id, such as `auth_k3x_17`.
    pub fn next(&mut self, kind: &str) -> String {
        self.given = self.given.saturating_add(1);
        format!("{kind}_{}_{}", self.run, self.given)
    }

    /// The next number to pay with, of eleven digits.
    pub fn next_payment_number(&mut self) -> String {
        self.given = self.given.saturating_add(1);
        format!("{:011}", self.given)
    }
}
