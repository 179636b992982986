//! Handing a customer over who is signed in at the shop's own site, without asking them again.

use std::fmt;

use choba_formats::language::Language;
use choba_store::books::{self, HandoverRow, LockedSessions, SessionLocks};
use choba_store::sql::Write;
use jiff::{SignedDuration, Timestamp};

use super::handed_cart::check_handed_cart;
use crate::audit_log::Action;
use crate::entropy::in_letters;
use crate::secrets::Hashed;
use crate::{AppError, Caller, Counter, Key, Right};

/// How long a hand-over is good: as long as a browser needs to follow it.
pub const HAND_OVER_GOOD_FOR: SignedDuration = SignedDuration::from_mins(2);

/// Bytes of a code: 160 bits.
const CODE_BYTES: usize = 20;

/// A customer to be handed over.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Who hands over: the shop's program, or the customer's own.
    pub caller: Caller,
    /// Who is handed over.
    pub customer_id: String,
    /// Into which market.
    pub market: String,
    /// In which language.
    pub language: Language,
    /// What they have in the cart: `lines`, and `pay` if they chose, as in a quote's request.
    pub cart: Option<String>,
    /// The caller's key: the same gives the same code, which is good once all the same.
    pub key: Key,
}

/// What opens the pages once.
#[derive(Clone, PartialEq, Eq)]
pub struct HandOverCode(String);

impl HandOverCode {
    /// What a browser brings. Nothing where it cannot be a code.
    pub fn read(sent: &str) -> Option<Self> {
        let letters = sent.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
        (sent.len() == CODE_BYTES * 8 / 5 && letters).then(|| Self(sent.to_owned()))
    }

    /// The code itself, for the address that the browser is sent to.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the books know of it.
    pub(super) fn hash(&self, counter: &Counter) -> Result<String, AppError> {
        counter.secrets.hash(Hashed::HandOverCode, &self.0)
    }
}

impl fmt::Debug for HandOverCode {
    /// Never the code: it would be in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HandOverCode(..)")
    }
}

/// A customer handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// What opens the pages once.
    pub code: HandOverCode,
    /// From then on it is not good any more.
    pub expires_at: Timestamp,
}

impl Counter {
    /// Makes a code with which a browser enters as the customer: once, within [`HAND_OVER_GOOD_FOR`]. Staff hand nobody
    /// over: they would be the customer.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] without the right `orders:write` and for staff; [`AppError::NotFound`] for another
    /// customer; [`AppError::UnknownMarket`]; [`AppError::Request`] and [`AppError::Field`] for a cart that cannot be
    /// asked about; [`AppError::KeyReused`]; what the database answers.
    pub async fn hand_over(&self, hand_over: HandOver, at: Timestamp) -> Result<HandedOver, AppError> {
        let HandOver { caller, customer_id, market, language, cart, key } = hand_over;
        let whose = may_hand_over(&caller, &customer_id, &market)?;
        let market = self.markets.get(&whose.market)?;
        cart.as_deref().map_or(Ok(()), |cart| check_handed_cart(cart, &market, at))?;
        let code = self.code_of(&caller, &key)?;
        let row = HandoverRow {
            code_hash: code.hash(self)?,
            customer_id: whose.customer_id,
            market: whose.market,
            language: language.tag().to_owned(),
            cart,
            body_digest: key.body_digest,
            expires_at: good_until(at),
            used_at: None,
        };
        let told = self.told_hand_over(&caller, &row.customer_id, at);
        let locks = SessionLocks { handover: Some(row.code_hash.clone()), ..SessionLocks::default() };
        let made = books::change_sessions(&self.store, locks, move |locked| made(&row, &told, locked));
        Ok(HandedOver { code, expires_at: made.await?? })
    }

    /// The same for the same idempotency key of the same caller, and known to nobody who lacks the counter's keys.
    fn code_of(&self, caller: &Caller, key: &Key) -> Result<HandOverCode, AppError> {
        let by = match caller {
            Caller::Customer { customer_id } => format!("customer:{customer_id}"),
            other => other.by(),
        };
        let bytes = self.secrets.hash_bytes(Hashed::HandOverName, format!("{by}\0{}", key.key).as_bytes())?;
        Ok(HandOverCode(in_letters(bytes.get(..CODE_BYTES).unwrap_or_default())))
    }

    fn told_hand_over(&self, caller: &Caller, customer_id: &str, at: Timestamp) -> Vec<Write> {
        let Caller::Machine { .. } = caller else { return Vec::new() };
        let action = Action::new("customer.handed_over", customer_id).about(customer_id);
        self.audit_row(caller, action, at).append().to_vec()
    }
}

fn may_hand_over(caller: &Caller, customer_id: &str, market: &str) -> Result<crate::Whose, AppError> {
    match caller {
        Caller::Staff { .. } => {
            Err(AppError::NotAllowed { right: "orders:write, as a program or the customer" })
        }
        _ => caller.acting_for(customer_id, market, Right::OrdersWrite),
    }
}

fn made(
    row: &HandoverRow,
    told: &[Write],
    locked: LockedSessions,
) -> (Vec<Write>, Result<Timestamp, AppError>) {
    match locked.handover {
        Some(known) if known.body_digest != row.body_digest => (Vec::new(), Err(AppError::KeyReused)),
        Some(known) => (Vec::new(), Ok(known.expires_at)),
        None => (std::iter::once(row.insert()).chain(told.iter().cloned()).collect(), Ok(row.expires_at)),
    }
}

/// The books count milliseconds, and so does what is told.
fn good_until(at: Timestamp) -> Timestamp {
    let until = at.checked_add(HAND_OVER_GOOD_FOR).unwrap_or(at);
    Timestamp::from_millisecond(until.as_millisecond()).unwrap_or(until)
}
