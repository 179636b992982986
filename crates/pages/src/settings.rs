//! What the pages are told when they start.

use choba_app::Role;

/// Somebody whom the demo's visitors can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemoPerson {
    /// A customer of a market.
    Customer {
        /// Who.
        customer_id: String,
        /// The market they begin in.
        market: String,
    },
    /// A member of staff.
    Staff {
        /// Who.
        staff_id: String,
        /// As what.
        role: Role,
    },
}

/// How the pages are served.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether visitors come over TLS: cookies are sent over nothing else then.
    pub secure: bool,
    /// Whether there is a sample shop-front to fill a cart in.
    pub sample_shop: bool,
    /// Whom visitors can be without proving it; nobody outside of a demo.
    pub demo_people: Vec<DemoPerson>,
}
