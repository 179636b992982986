//! The journal: entries whose postings add up to zero in each unit.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Operation;
use crate::money::{Money, Overflow, Points};

/// The unit of postings in money.
pub const YEN: &str = "JPY";

/// One side of a posting. What is posted to an account adds up to its balance.
///
/// Written as text, such as `wallet:rakuten` or `method:card:received`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account(String);

impl Account {
    /// Stored value that customers hold, by lot.
    pub fn wallet(program: &str) -> Self {
        Self(format!("wallet:{program}"))
    }

    /// Points taken back that a customer had spent already; below zero as long as they are owed.
    pub fn debt(program: &str) -> Self {
        Self(format!("debt:{program}"))
    }

    /// Where granted value comes from.
    pub fn granted(program: &str) -> Self {
        Self(format!("granted:{program}"))
    }

    /// Where spent value goes.
    pub fn spent(program: &str) -> Self {
        Self(format!("spent:{program}"))
    }

    /// Where value goes whose time is over.
    pub fn expired(program: &str) -> Self {
        Self(format!("expired:{program}"))
    }

    /// Corrections by staff.
    pub fn adjusted(program: &str) -> Self {
        Self(format!("adjusted:{program}"))
    }

    /// Gift cards that are issued and not redeemed.
    pub fn cards_open(program: &str) -> Self {
        Self(format!("cards_open:{program}"))
    }

    /// Where the value of gift cards comes from.
    pub fn cards_issued(program: &str) -> Self {
        Self(format!("cards_issued:{program}"))
    }

    /// Gift cards that nobody has redeemed in time: breakage.
    pub fn cards_expired(program: &str) -> Self {
        Self(format!("cards_expired:{program}"))
    }

    /// Points of a partner that were used or given, as claims between the partner and the market.
    pub fn partner(program: &str) -> Self {
        Self(format!("partner:{program}"))
    }

    /// Points of a partner, seen from the customer.
    pub fn partner_member(program: &str) -> Self {
        Self(format!("partner_member:{program}"))
    }

    /// What stored value of a program paid, in yen.
    pub fn program_paid(program: &str) -> Self {
        Self(format!("program:{program}"))
    }

    /// What a method has promised to pay.
    pub fn method_promised(method: &str) -> Self {
        Self(format!("method:{method}:promised"))
    }

    /// What a method has paid.
    pub fn method_received(method: &str) -> Self {
        Self(format!("method:{method}:received"))
    }

    /// What a seller is owed for goods and shipping; below zero as long as it is owed.
    pub fn seller(seller: &str) -> Self {
        Self(format!("seller:{seller}"))
    }

    /// Fees of methods, the market's own.
    pub fn fees() -> Self {
        Self("fees".to_owned())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Moves an amount to or from an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Which.
    pub account: Account,
    /// [`YEN`], or the id of the program whose points are counted.
    pub unit: String,
    /// Of which lot, for an account of lots.
    pub lot_id: Option<String>,
    /// Above zero to the account, below zero from it.
    pub amount: i64,
}

/// Why an entry was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryReason {
    /// An order was placed: what pays it, who gets it.
    OrderPlaced,
    /// Value was granted.
    Granted,
    /// A method paid what it had promised.
    Paid,
    /// A part of an order was cancelled.
    Cancelled,
    /// Money and value went back after a return.
    Refunded,
    /// What was earned on something refunded was taken back.
    TakenBack,
    /// New points paid off a debt.
    DebtPaid,
    /// The time of a lot was over.
    Expired,
    /// Staff corrected a balance.
    Adjusted,
    /// Gift cards were issued.
    CardsIssued,
    /// A gift card was redeemed.
    CardRedeemed,
    /// The time of gift cards was over before anybody redeemed them.
    CardsExpired,
    /// A partner granted or took points.
    PartnerSettled,
}

impl EntryReason {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::OrderPlaced,
        Self::Granted,
        Self::Paid,
        Self::Cancelled,
        Self::Refunded,
        Self::TakenBack,
        Self::DebtPaid,
        Self::Expired,
        Self::Adjusted,
        Self::CardsIssued,
        Self::CardRedeemed,
        Self::CardsExpired,
        Self::PartnerSettled,
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OrderPlaced => "order_placed",
            Self::Granted => "granted",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::TakenBack => "taken_back",
            Self::DebtPaid => "debt_paid",
            Self::Expired => "expired",
            Self::Adjusted => "adjusted",
            Self::CardsIssued => "cards_issued",
            Self::CardRedeemed => "card_redeemed",
            Self::CardsExpired => "cards_expired",
            Self::PartnerSettled => "partner_settled",
        }
    }
}

/// A change to the books, never changed itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Unique for the customer.
    pub entry_id: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EntryReason,
    /// For which order, if for one.
    pub order_id: Option<String>,
    /// What a person wrote about it.
    pub note: Option<String>,
    /// Who did it: `customer`, `system`, or a member of staff.
    pub by: String,
    /// What moved.
    pub postings: Vec<Posting>,
}

/// An entry's postings do not add up to zero.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry_id:?} is out of balance by {difference} {unit}")]
pub struct Unbalanced {
    /// Which.
    pub entry_id: String,
    /// In which unit.
    pub unit: String,
    /// By how much.
    pub difference: i128,
}

impl Entry {
    /// An entry without postings; it gets its id when it is finished.
    pub fn new(operation: &Operation, reason: EntryReason, order_id: Option<&str>) -> Self {
        Self {
            entry_id: String::new(),
            at: operation.at,
            reason,
            order_id: order_id.map(str::to_owned),
            note: None,
            by: operation.by.clone(),
            postings: Vec::new(),
        }
    }

    /// Moves yen to an account; nothing moves nothing.
    pub fn yen(&mut self, account: Account, amount: Money) {
        self.post(account, YEN, None, amount.units());
    }

    /// Moves yen from an account.
    pub fn yen_from(&mut self, account: Account, amount: Money) -> Result<(), Overflow> {
        self.post(account, YEN, None, Money::ZERO.minus(amount)?.units());
        Ok(())
    }

    /// Moves points of a program to an account.
    pub fn points(&mut self, account: Account, program: &str, lot_id: Option<&str>, points: Points) {
        self.post(account, program, lot_id, points.units());
    }

    /// Moves points of a program from an account.
    pub fn points_from(
        &mut self,
        account: Account,
        program: &str,
        lot_id: Option<&str>,
        points: Points,
    ) -> Result<(), Overflow> {
        self.post(account, program, lot_id, Points::ZERO.minus(points)?.units());
        Ok(())
    }

    /// One posting for each account, unit and lot.
    fn post(&mut self, account: Account, unit: &str, lot_id: Option<&str>, amount: i64) {
        let same = |posting: &Posting| {
            posting.account == account && posting.unit == unit && posting.lot_id.as_deref() == lot_id
        };
        let known = self.postings.iter().position(same);
        match known.and_then(|place| self.postings.get_mut(place)) {
            Some(posting) if posting.amount.checked_add(amount).is_some() => {
                posting.amount = posting.amount.saturating_add(amount);
            }
            _ => {
                let (unit, lot_id) = (unit.to_owned(), lot_id.map(str::to_owned));
                self.postings.push(Posting { account, unit, lot_id, amount });
            }
        }
        self.postings.retain(|posting| posting.amount != 0);
    }

    /// Fails where the postings do not add up to zero in each unit.
    pub fn check(&self) -> Result<(), Unbalanced> {
        let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
        for posting in &self.postings {
            let sum = sums.entry(&posting.unit).or_default();
            *sum = sum.saturating_add(i128::from(posting.amount));
        }
        match sums.into_iter().find(|(_, sum)| *sum != 0) {
            None => Ok(()),
            Some((unit, difference)) => {
                Err(Unbalanced { entry_id: self.entry_id.clone(), unit: unit.to_owned(), difference })
            }
        }
    }
}
