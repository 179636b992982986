//! Who is asking, and what they may do.
//!
//! A [`Caller`] comes from a bearer token, a session or the program itself; how it proves who it is, is not known
//! here. Whoever speaks for outside callers gets a [`Whose`] from [`Caller::acting_for`] only, so that a customer
//! reaches nobody else's things.

use crate::{AppError, Whose};

/// What may be done, as it is written in keys and tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Price carts and look for plans.
    Quotes,
    /// See orders.
    OrdersRead,
    /// Place, cancel, send back.
    OrdersWrite,
    /// Prepare, ship, deliver, receive and inspect returns, refund.
    OrdersFulfil,
    /// See balances and statements.
    WalletRead,
    /// Redeem gift cards, link programs, choose what is always used.
    WalletWrite,
    /// Grant value and coupons, ask for adjustments.
    ValueGrant,
    /// Approve what another member of staff asked for.
    ValueApprove,
    /// Issue gift cards.
    GiftCardsIssue,
    /// Tell what carriers say of parcels.
    ShipmentsWrite,
    /// See cases, call-backs and chats.
    CasesRead,
    /// Open cases, ask for call-backs, write in chats.
    CasesWrite,
    /// Work at the desk: take cases and answer.
    CareDesk,
    /// Lead the desk: queues, calendars, what others did.
    CareLead,
    /// See personal data that is masked otherwise, with a reason.
    PersonalReveal,
    /// See reports and lists over all customers.
    ReportsRead,
    /// See markets and their versions.
    MarketsRead,
    /// Activate versions of markets.
    MarketsWrite,
    /// Manage webhooks and see what was not delivered.
    WebhooksManage,
    /// Make and end keys.
    KeysManage,
    /// See the audit log.
    AuditRead,
}

/// What a member of staff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Answers customers.
    Agent,
    /// Answers what others pass on, and decides more.
    Specialist,
    /// Runs the market.
    Operator,
    /// Sees everything, changes nothing.
    Auditor,
}

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The program itself: its worker, or its operator at the command line.
    Itself,
    /// A customer.
    Customer {
        /// Who.
        customer_id: String,
    },
    /// A member of staff.
    Staff {
        /// Who.
        staff_id: String,
        /// As what.
        role: Role,
    },
    /// A program with a key.
    Machine {
        /// Which key.
        key_id: String,
        /// What it may do.
        rights: Vec<Right>,
    },
}

const ALL: [(Right, &str); 21] = [
    (Right::Quotes, "quotes"),
    (Right::OrdersRead, "orders:read"),
    (Right::OrdersWrite, "orders:write"),
    (Right::OrdersFulfil, "orders:fulfil"),
    (Right::WalletRead, "wallet:read"),
    (Right::WalletWrite, "wallet:write"),
    (Right::ValueGrant, "value:grant"),
    (Right::ValueApprove, "value:approve"),
    (Right::GiftCardsIssue, "gift_cards:issue"),
    (Right::ShipmentsWrite, "shipments:write"),
    (Right::CasesRead, "cases:read"),
    (Right::CasesWrite, "cases:write"),
    (Right::CareDesk, "care:desk"),
    (Right::CareLead, "care:lead"),
    (Right::PersonalReveal, "personal:reveal"),
    (Right::ReportsRead, "reports:read"),
    (Right::MarketsRead, "markets:read"),
    (Right::MarketsWrite, "markets:write"),
    (Right::WebhooksManage, "webhooks:manage"),
    (Right::KeysManage, "keys:manage"),
    (Right::AuditRead, "audit:read"),
];

const OF_CUSTOMERS: &[Right] = &[
    Right::Quotes,
    Right::OrdersRead,
    Right::OrdersWrite,
    Right::WalletRead,
    Right::WalletWrite,
    Right::CasesRead,
    Right::CasesWrite,
    Right::MarketsRead,
];

const OF_AGENTS: &[Right] = &[
    Right::Quotes,
    Right::OrdersRead,
    Right::OrdersWrite,
    Right::WalletRead,
    Right::ValueGrant,
    Right::CasesRead,
    Right::CasesWrite,
    Right::CareDesk,
    Right::PersonalReveal,
    Right::MarketsRead,
];

const OF_SPECIALISTS: &[Right] = &[
    Right::Quotes,
    Right::OrdersRead,
    Right::OrdersWrite,
    Right::OrdersFulfil,
    Right::WalletRead,
    Right::ValueGrant,
    Right::ValueApprove,
    Right::CasesRead,
    Right::CasesWrite,
    Right::CareDesk,
    Right::CareLead,
    Right::PersonalReveal,
    Right::MarketsRead,
    Right::ReportsRead,
];

const OF_OPERATORS: &[Right] = &[
    Right::Quotes,
    Right::OrdersRead,
    Right::OrdersFulfil,
    Right::WalletRead,
    Right::ValueGrant,
    Right::ValueApprove,
    Right::GiftCardsIssue,
    Right::ShipmentsWrite,
    Right::CasesRead,
    Right::CareLead,
    Right::ReportsRead,
    Right::MarketsRead,
    Right::MarketsWrite,
    Right::WebhooksManage,
    Right::KeysManage,
    Right::AuditRead,
];

const OF_AUDITORS: &[Right] = &[
    Right::OrdersRead,
    Right::WalletRead,
    Right::CasesRead,
    Right::ReportsRead,
    Right::MarketsRead,
    Right::AuditRead,
];

impl Right {
    /// All rights.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|(right, _)| *right)
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        ALL.iter().find(|(right, _)| *right == self).map_or("", |(_, word)| word)
    }

    /// Reads a right.
    pub fn read(word: &str) -> Option<Self> {
        ALL.iter().find(|(_, known)| *known == word).map(|(right, _)| *right)
    }
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Agent, Self::Specialist, Self::Operator, Self::Auditor];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Specialist => "specialist",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }

    /// Reads a role.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// What it may do.
    pub fn rights(self) -> &'static [Right] {
        match self {
            Self::Agent => OF_AGENTS,
            Self::Specialist => OF_SPECIALISTS,
            Self::Operator => OF_OPERATORS,
            Self::Auditor => OF_AUDITORS,
        }
    }
}

impl Caller {
    /// A customer.
    pub fn customer(customer_id: &str) -> Self {
        Self::Customer { customer_id: customer_id.to_owned() }
    }

    /// Whether they may do something at all; with whose things is another question.
    pub fn has(&self, right: Right) -> bool {
        match self {
            Self::Itself => true,
            Self::Customer { .. } => OF_CUSTOMERS.contains(&right),
            Self::Staff { role, .. } => role.rights().contains(&right),
            Self::Machine { rights, .. } => rights.contains(&right),
        }
    }

    /// That they have a right at all. Asked before anything is looked up, it keeps who lacks it from learning what there is.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`].
    pub fn needs(&self, right: Right) -> Result<(), AppError> {
        if self.has(right) { Ok(()) } else { Err(AppError::NotAllowed { right: right.as_str() }) }
    }

    /// That they may do something that is about no single customer.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`]; of customers always.
    pub fn may(&self, right: Right) -> Result<(), AppError> {
        let not_allowed = AppError::NotAllowed { right: right.as_str() };
        let about_all =
            !matches!(self, Self::Customer { .. }) || matches!(right, Right::Quotes | Right::MarketsRead);
        if about_all && self.has(right) { Ok(()) } else { Err(not_allowed) }
    }

    /// The customer's things, if the caller may do this with them. A customer who names someone else learns
    /// nothing: not even whether there is such a customer.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] without the right, [`AppError::NotFound`] for things of another customer.
    pub fn acting_for(&self, customer_id: &str, market: &str, right: Right) -> Result<Whose, AppError> {
        self.needs(right)?;
        // Names that begin so are the books' own.
        let theirs = !customer_id.is_empty() && !customer_id.starts_with('@');
        let reaches = match self {
            Self::Customer { customer_id: own } => own == customer_id,
            _ => true,
        };
        if theirs && reaches {
            Ok(Whose::new(customer_id, market))
        } else {
            Err(AppError::not_found("customer", customer_id))
        }
    }

    /// As it is written into the books and the audit log: `customer`, `staff:…`, `key:…`, `system`.
    pub fn by(&self) -> String {
        match self {
            Self::Itself => "system".to_owned(),
            Self::Customer { .. } => "customer".to_owned(),
            Self::Staff { staff_id, .. } => format!("staff:{staff_id}"),
            Self::Machine { key_id, .. } => format!("key:{key_id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_has_a_word_of_its_own() {
        for right in Right::all() {
            assert_eq!(Right::read(right.as_str()), Some(right));
        }
    }

    #[test]
    fn a_customer_reaches_their_own_things_only() {
        let hanako = Caller::customer("hanako");
        assert!(hanako.acting_for("hanako", "m", Right::OrdersRead).is_ok());
        let others = hanako.acting_for("taro", "m", Right::OrdersRead);
        assert!(matches!(others, Err(AppError::NotFound { .. })));
        let more = hanako.acting_for("hanako", "m", Right::OrdersFulfil);
        assert!(matches!(more, Err(AppError::NotAllowed { .. })));
        assert!(hanako.may(Right::OrdersRead).is_err());
    }

    #[test]
    fn nobody_reaches_the_books_of_the_market_itself() {
        let machine = Caller::Machine { key_id: "k".to_owned(), rights: Right::all().collect() };
        assert!(machine.acting_for("@market", "m", Right::WalletRead).is_err());
    }

    #[test]
    fn an_auditor_changes_nothing() {
        let writing = Role::Auditor.rights().iter().filter(|right| !right.as_str().ends_with(":read"));
        assert_eq!(writing.count(), 0);
    }
}
