//! A session, whose it is, and when it ends: pure rules.

use choba_formats::language::Language;
use choba_store::books::{SessionRow, SessionsOf};
use jiff::{SignedDuration, Timestamp};

use crate::{AppError, Caller, Role};

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionSubject {
    /// Nobody known.
    Anonymous,
    /// A customer.
    Customer {
        /// Who.
        customer_id: String,
    },
    /// A member of staff. The role is what it was when the session began.
    Staff {
        /// Who.
        staff_id: String,
        /// As what.
        role: Role,
    },
}

impl SessionSubject {
    /// A customer.
    pub fn customer(customer_id: &str) -> Self {
        Self::Customer { customer_id: customer_id.to_owned() }
    }

    /// Who is asking in such a session; nobody in an anonymous one.
    pub fn caller(&self) -> Option<Caller> {
        match self {
            Self::Anonymous => None,
            Self::Customer { customer_id } => Some(Caller::customer(customer_id)),
            Self::Staff { staff_id, role } => Some(Caller::Staff { staff_id: staff_id.clone(), role: *role }),
        }
    }

    /// How long such a session lasts at most, and how long unused.
    fn lasts(&self) -> (SignedDuration, SignedDuration) {
        let days = |days: i64| SignedDuration::from_hours(days.saturating_mul(24));
        match self {
            Self::Anonymous => (days(7), days(7)),
            Self::Customer { .. } => (days(30), days(7)),
            Self::Staff { .. } => (SignedDuration::from_hours(12), SignedDuration::from_hours(1)),
        }
    }

    /// When a session ends that begins now.
    pub(super) fn expires_at(&self, at: Timestamp) -> Timestamp {
        later(at, self.lasts().0)
    }

    /// When a session ends that was used last at a time and expires at another.
    pub(super) fn ends_at(&self, seen_at: Timestamp, expires_at: Timestamp) -> Timestamp {
        later(seen_at, self.lasts().1).min(expires_at)
    }

    /// As the books name it; none for nobody.
    pub(super) fn named(&self) -> Option<SessionsOf> {
        match self {
            Self::Anonymous => None,
            Self::Customer { customer_id } => Some(SessionsOf { kind: "customer", id: customer_id.clone() }),
            Self::Staff { staff_id, .. } => Some(SessionsOf { kind: "staff", id: staff_id.clone() }),
        }
    }

    pub(super) fn role(&self) -> Option<Role> {
        match self {
            Self::Staff { role, .. } => Some(*role),
            Self::Anonymous | Self::Customer { .. } => None,
        }
    }

    pub(super) fn of_row(row: &SessionRow) -> Result<Self, AppError> {
        let unknown = || AppError::Defect("a session in the books of a kind that is not known".to_owned());
        let role = row.role.as_deref().and_then(Role::read);
        match (row.subject_kind.as_str(), row.subject_id.clone(), role) {
            ("anonymous", None, None) => Ok(Self::Anonymous),
            ("customer", Some(customer_id), None) => Ok(Self::Customer { customer_id }),
            ("staff", Some(staff_id), Some(role)) => Ok(Self::Staff { staff_id, role }),
            _ => Err(unknown()),
        }
    }
}

/// A session that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, which opens nothing: for lists of one's devices.
    pub session_id: String,
    /// Whose it is.
    pub subject: SessionSubject,
    /// In which market.
    pub market: String,
    /// In which language.
    pub language: Language,
    /// What it runs on, coarsely: `Chrome, Windows`.
    pub device: String,
    /// The cart, as JSON.
    pub cart: Option<String>,
    /// Which cart it is; another with each change.
    pub cart_version: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends however much it is used.
    pub expires_at: Timestamp,
    /// When it ends if it is not used any more.
    pub ends_at: Timestamp,
}

impl Session {
    /// Who is asking; nobody in an anonymous session.
    pub fn caller(&self) -> Option<Caller> {
        self.subject.caller()
    }

    pub(super) fn of_row(row: SessionRow) -> Result<Self, AppError> {
        let language = read_language(&row.language);
        let unknown = || AppError::Defect(format!("a session in a language {:?}", row.language));
        Ok(Self {
            subject: SessionSubject::of_row(&row)?,
            language: language.ok_or_else(unknown)?,
            session_id: row.session_id,
            market: row.market,
            device: row.device,
            cart: row.cart,
            cart_version: row.version,
            created_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
            ends_at: row.ends_at,
        })
    }
}

/// Whether a session is open. Its end is the first instant at which it is not any more.
pub(super) fn is_open(row: &SessionRow, at: Timestamp) -> bool {
    row.ended_at.is_none() && at < row.ends_at
}

pub(super) fn read_language(tag: &str) -> Option<Language> {
    [Language::Ja, Language::En].into_iter().find(|language| language.tag() == tag)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_lengthens_a_session_but_never_beyond_its_time() {
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        let hours = |hours| at + SignedDuration::from_hours(hours);
        let subjects = [
            (SessionSubject::Anonymous, 7 * 24, 7 * 24),
            (SessionSubject::customer("hanako"), 30 * 24, 7 * 24),
            (SessionSubject::Staff { staff_id: "sato".to_owned(), role: Role::Agent }, 12, 1),
        ];
        for (subject, longest, unused) in subjects {
            let expires_at = subject.expires_at(at);
            assert_eq!(expires_at, hours(longest));
            assert_eq!(subject.ends_at(at, expires_at), hours(unused));
            assert_eq!(subject.ends_at(hours(longest), expires_at), expires_at);
        }
    }
}
