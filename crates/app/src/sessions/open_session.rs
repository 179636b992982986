//! Opening a session with a token of its own: what starting, signing in and entering have in common.

use choba_formats::language::Language;
use choba_store::books::{self, LockedSessions, SessionLocks, SessionRow};
use choba_store::sql::Write;
use jiff::Timestamp;

use super::session::is_open;
use super::{Session, SessionSubject, SessionToken};
use crate::audit_log::Action;
use crate::entropy::new_id;
use crate::{AppError, Caller, Counter};

/// How many open sessions a customer or a member of staff has at most: beyond that the one unused for longest ends. Two
/// processes that open one in the same instant may leave one more, until the next is opened.
pub const SESSIONS_MAX: usize = 50;

/// The longest description of a device, in letters.
const DEVICE_LENGTH_MAX: usize = 80;

/// A session that is wanted.
pub(super) struct Opening {
    pub subject: SessionSubject,
    pub market: String,
    pub language: Language,
    pub device: String,
    /// What it comes from.
    pub from: ComesFrom,
}

/// What a session comes from.
#[derive(Clone)]
pub(super) enum ComesFrom {
    Nothing,
    /// The session that the browser had, by the hash of its token: it ends.
    Session(String),
    /// A hand-over, by the hash of its code: it is used up.
    HandOver(String),
}

impl Counter {
    pub(super) async fn open_session(
        &self,
        opening: Opening,
        at: Timestamp,
    ) -> Result<(SessionToken, Session), AppError> {
        // A market that is not open has no pages.
        self.markets.get(&opening.market)?;
        // The books count milliseconds, and so does what is told.
        let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
        let token = SessionToken::draw(&*self.entropy);
        let row = self.new_session(&opening, token.hash(&self.secrets)?, at);
        let Opening { subject, from, .. } = opening;
        let locks = locks(&row, &subject, &from, at);
        let counter = self.clone();
        let opened = books::change_sessions(&self.store, locks, move |locked| {
            match counter.opened(&row, &subject, &from, &locked, at) {
                Ok((writes, row)) => (writes, Ok(row)),
                Err(error) => (Vec::new(), Err(error)),
            }
        });
        Ok((token, Session::of_row(opened.await??)?))
    }

    fn new_session(&self, opening: &Opening, token_hash: String, at: Timestamp) -> SessionRow {
        let subject = &opening.subject;
        let (named, expires_at) = (subject.named(), subject.expires_at(at));
        SessionRow {
            token_hash,
            session_id: format!("ses_{}", new_id(&*self.entropy, at)),
            subject_kind: named.as_ref().map_or("anonymous", |named| named.kind).to_owned(),
            subject_id: named.map(|named| named.id),
            role: subject.role().map(|role| role.as_str().to_owned()),
            market: opening.market.clone(),
            language: opening.language.tag().to_owned(),
            device: coarse(&opening.device),
            cart: None,
            version: 0,
            created_at: at,
            seen_at: at,
            expires_at,
            ends_at: subject.ends_at(at, expires_at),
            ended_at: None,
        }
    }

    /// Everything that is to be written for a new session.
    fn opened(
        &self,
        wanted: &SessionRow,
        subject: &SessionSubject,
        from: &ComesFrom,
        locked: &LockedSessions,
        at: Timestamp,
    ) -> Result<(Vec<Write>, SessionRow), AppError> {
        let is_it = |row: &&SessionRow| row.token_hash == wanted.token_hash;
        if let Some(known) = locked.sessions.iter().find(is_it) {
            // It was written before, without our having heard of it.
            return Ok((Vec::new(), known.clone()));
        }
        let mut row = wanted.clone();
        let mut writes = match from {
            ComesFrom::Nothing => Vec::new(),
            ComesFrom::Session(hash) => self.take_over(&mut row, hash, locked, at),
            ComesFrom::HandOver(_) => vec![take_handed(&mut row, locked, at)?],
        };
        for over in beyond_the_cap(&row, locked, from, at) {
            writes.extend(self.ending(over, subject.caller().as_ref(), at));
        }
        writes.push(row.insert());
        writes.extend(self.told_start(&row, subject, at));
        Ok((writes, row))
    }

    /// The cart of the session before goes along, within its market, unless it was another's; and that session ends.
    fn take_over(
        &self,
        row: &mut SessionRow,
        hash: &str,
        locked: &LockedSessions,
        at: Timestamp,
    ) -> Vec<Write> {
        let before = locked.sessions.iter().find(|known| known.token_hash == hash && is_open(known, at));
        let Some(before) = before else { return Vec::new() };
        let whose = |row: &SessionRow| (row.subject_kind.clone(), row.subject_id.clone());
        if before.market == row.market && (before.subject_id.is_none() || whose(before) == whose(row)) {
            row.cart.clone_from(&before.cart);
            row.version = before.version;
        }
        let by = SessionSubject::of_row(before).ok().and_then(|subject| subject.caller());
        self.ending(before, by.as_ref(), at)
    }

    /// The writes that end a session, with a row of the audit log where staff or a program ends it.
    pub(super) fn ending(&self, row: &SessionRow, by: Option<&Caller>, at: Timestamp) -> Vec<Write> {
        let mut writes = vec![row.end(at)];
        if let Some(by @ (Caller::Staff { .. } | Caller::Machine { .. })) = by {
            let mut action = Action::new("session.ended", &row.session_id);
            action.customer_id = row.subject_id.clone().filter(|_| row.subject_kind == "customer");
            writes.extend(self.audit_row(by, action, at).append());
        }
        writes
    }

    fn told_start(&self, row: &SessionRow, subject: &SessionSubject, at: Timestamp) -> Vec<Write> {
        let Some(by @ Caller::Staff { .. }) = subject.caller() else { return Vec::new() };
        let details =
            serde_json::json!({ "role": row.role, "market": row.market, "expires_at": row.expires_at });
        let action = Action::new("session.started", &row.session_id).with_details(details);
        self.audit_row(&by, action, at).append().to_vec()
    }
}

fn locks(row: &SessionRow, subject: &SessionSubject, from: &ComesFrom, at: Timestamp) -> SessionLocks {
    let mut locks = SessionLocks { tokens: vec![row.token_hash.clone()], ..SessionLocks::default() };
    match from {
        ComesFrom::Nothing => {}
        ComesFrom::Session(hash) => locks.tokens.push(hash.clone()),
        ComesFrom::HandOver(hash) => locks.handover = Some(hash.clone()),
    }
    locks.of = subject.named().map(|named| (named, at));
    locks
}

/// Uses a hand-over up: once, and in its time.
fn take_handed(row: &mut SessionRow, locked: &LockedSessions, at: Timestamp) -> Result<Write, AppError> {
    let handed = locked.handover.as_ref();
    let good = handed.filter(|handed| handed.used_at.is_none() && at < handed.expires_at);
    let handed = good.ok_or_else(|| AppError::not_found("hand-over", "…"))?;
    row.cart.clone_from(&handed.cart);
    row.version = i64::from(handed.cart.is_some());
    Ok(handed.used(at))
}

/// The subject's sessions that make room for a new one: those unused for longest.
fn beyond_the_cap<'a>(
    row: &SessionRow,
    locked: &'a LockedSessions,
    from: &ComesFrom,
    at: Timestamp,
) -> Vec<&'a SessionRow> {
    let ending = |known: &SessionRow| matches!(from, ComesFrom::Session(hash) if *hash == known.token_hash);
    let own = |known: &&SessionRow| {
        row.subject_id.is_some()
            && known.subject_kind == row.subject_kind
            && known.subject_id == row.subject_id
    };
    let open = locked.sessions.iter().filter(own).filter(|known| is_open(known, at) && !ending(known));
    let mut open: Vec<&SessionRow> = open.collect();
    open.sort_by(|one, other| (one.seen_at, &one.session_id).cmp(&(other.seen_at, &other.session_id)));
    let most = open.len().saturating_add(1).saturating_sub(SESSIONS_MAX);
    open.truncate(most);
    open
}

/// A description of a device without what does not belong into a list, and not longer than one line of it.
fn coarse(device: &str) -> String {
    let printable = device.chars().filter(|letter| !letter.is_control());
    printable.take(DEVICE_LENGTH_MAX).collect::<String>().trim().to_owned()
}
