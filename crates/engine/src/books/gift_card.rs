//! Gift cards: issued in batches or bought, redeemed once into a customer's balance.
//!
//! A card's code is a secret and not known here; whoever asks has found the card by it.

use jiff::Timestamp;

use super::grant::open_lot;
use super::{
    Account, BooksError, Changes, CustomerBooks, Entry, EntryReason, EventKind, GrantRefusal, NewGrant,
    Operation, Origin,
};
use crate::calendar::{self, OutOfCalendar};
use crate::market::{GiftCardPolicy, Market};
use crate::money::{Money, Points};

/// What has become of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardState {
    /// It can be redeemed.
    Active,
    /// A customer is redeeming it, by this operation.
    Reserved {
        /// Who.
        customer_id: String,
    },
    /// It is redeemed.
    Redeemed {
        /// By whom.
        customer_id: String,
        /// When.
        at: Timestamp,
    },
    /// It was withdrawn.
    Withdrawn,
    /// Its time was over before anybody redeemed it, and that is booked.
    Expired,
}

/// A gift card, without its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftCard {
    /// Its id; not its code.
    pub card_id: String,
    /// Of which market.
    pub market: String,
    /// The program that its balance goes to.
    pub program: String,
    /// Its amount.
    pub amount: Money,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Redeemable from then on.
    pub active_from: Timestamp,
    /// The last second of the balance, and of redeeming.
    pub expires_at: Timestamp,
    /// What has become of it.
    pub state: CardState,
}

impl GiftCard {
    /// Whether its last second has passed.
    pub fn is_over(&self, at: Timestamp) -> bool {
        at.as_second() > self.expires_at.as_second()
    }
}

/// A card cannot be redeemed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedeemRefusal {
    /// There is no such code here.
    #[error("the code is not known")]
    Unknown,
    /// The customer has redeemed it.
    #[error("you have redeemed this code already")]
    AlreadyUsedByYou {
        /// When.
        at: Timestamp,
    },
    /// Someone else has redeemed it, or it was withdrawn.
    #[error("the code has been used")]
    AlreadyUsed,
    /// Its time is over.
    #[error("the code has expired")]
    Expired {
        /// Its last second.
        at: Timestamp,
    },
    /// Its time has not come.
    #[error("the code is not active yet")]
    NotYetActive {
        /// From when on it is.
        from: Timestamp,
    },
}

impl RedeemRefusal {
    /// Its code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::AlreadyUsedByYou { .. } => "already_used_by_you",
            Self::AlreadyUsed => "already_used",
            Self::Expired { .. } => "expired",
            Self::NotYetActive { .. } => "not_yet_active",
        }
    }
}

/// Whether a customer may redeem what was found for a code.
pub fn judge_redeeming<'c>(
    card: Option<&'c GiftCard>,
    market: &Market,
    customer_id: &str,
    at: Timestamp,
) -> Result<&'c GiftCard, RedeemRefusal> {
    let card = card.filter(|card| card.market == market.name).ok_or(RedeemRefusal::Unknown)?;
    match &card.state {
        CardState::Redeemed { customer_id: by, at } if by == customer_id => {
            return Err(RedeemRefusal::AlreadyUsedByYou { at: *at });
        }
        CardState::Reserved { customer_id: by } if by != customer_id => {
            return Err(RedeemRefusal::AlreadyUsed);
        }
        CardState::Redeemed { .. } | CardState::Withdrawn => return Err(RedeemRefusal::AlreadyUsed),
        // Also where a clock went back meanwhile: its value is not owed any more.
        CardState::Expired => return Err(RedeemRefusal::Expired { at: card.expires_at }),
        CardState::Active | CardState::Reserved { .. } => {}
    }
    if at < card.active_from {
        return Err(RedeemRefusal::NotYetActive { from: card.active_from });
    }
    if card.is_over(at) {
        return Err(RedeemRefusal::Expired { at: card.expires_at });
    }
    Ok(card)
}

/// Books a redeemed card as the customer's balance.
pub fn redeem(
    books: &CustomerBooks,
    market: &Market,
    operation: &Operation,
    card: &GiftCard,
) -> Result<Changes, GrantRefusal> {
    let operation = &books.in_order(operation);
    let mut changes = Changes::default();
    let new = NewGrant {
        program: card.program.clone(),
        kind: None,
        points: Points::new(card.amount.units()),
        pending_at: None,
        available_at: None,
        expires_at: Some(card.expires_at),
        origin: Origin::GiftCard(card.card_id.clone()),
    };
    let from = Account::cards_open(&card.program);
    open_lot(books, market, operation, &new, from, EntryReason::CardRedeemed, &mut changes)?;
    changes.tell(EventKind::GiftCardRedeemed, &card.card_id);
    Ok(changes)
}

/// New cards and their entry in the market's own journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCards {
    /// The cards.
    pub cards: Vec<GiftCard>,
    /// Their value is owed to whoever holds them from now on.
    pub entry: Entry,
}

/// Issues cards of one amount, active from an instant on.
pub fn issue(
    market: &Market,
    policy: &GiftCardPolicy,
    operation: &Operation,
    amount: Money,
    card_ids: Vec<String>,
    active_from: Timestamp,
) -> Result<IssuedCards, BooksError> {
    let expires_at = expiry(market, policy, operation.at)?;
    let program = &policy.program;
    let cards: Vec<GiftCard> = card_ids
        .into_iter()
        .map(|card_id| GiftCard {
            card_id,
            market: market.name.clone(),
            program: program.clone(),
            amount,
            issued_at: operation.at,
            active_from,
            expires_at,
            state: CardState::Active,
        })
        .collect();
    let value = Points::sum(cards.iter().map(|card| Points::new(card.amount.units())))?;
    let mut entry = Entry::new(operation, EntryReason::CardsIssued, None);
    entry.entry_id = format!("{}.e001", operation.id);
    entry.points(Account::cards_open(program), program, None, value);
    entry.points_from(Account::cards_issued(program), program, None, value)?;
    entry.check()?;
    Ok(IssuedCards { cards, entry })
}

/// Books what cards were worth whose time is over: it is not owed any more. One entry in the market's own journal.
pub fn expire_cards(operation: &Operation, cards: &[GiftCard]) -> Result<Entry, BooksError> {
    let mut entry = Entry::new(operation, EntryReason::CardsExpired, None);
    entry.entry_id = format!("{}.e001", operation.id);
    for card in cards {
        let (program, value) = (&card.program, Points::new(card.amount.units()));
        entry.points(Account::cards_expired(program), program, None, value);
        entry.points_from(Account::cards_open(program), program, None, value)?;
    }
    entry.check()?;
    Ok(entry)
}

/// The last second of the day so many years after issue.
fn expiry(
    market: &Market,
    policy: &GiftCardPolicy,
    issued_at: Timestamp,
) -> Result<Timestamp, OutOfCalendar> {
    let day = calendar::date_of(issued_at, &market.time_zone);
    calendar::last_second_of(calendar::years_after(day, policy.expires_years)?, &market.time_zone)
}
