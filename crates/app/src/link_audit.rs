//! The chain of the audit log: each hash covers the one before it, its place and its row; the head is sealed.
//!
//! Rows are written with what they tell of, by many at once, and wait. A worker links them one after the other, under the
//! lock of the head; so the chain keeps nobody from anything. Until then, a second or so, a row is kept from being changed
//! only by the tables themselves.

use choba_store::books::{self, AuditHead, AuditLink, AuditRow};
use choba_store::sql::StoreError;
use sha2::{Digest, Sha256};

use crate::secrets::Hashed;
use crate::{AppError, Counter, Secrets};

/// The hash before the first one.
pub(crate) const EMPTY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl Counter {
    /// Links audit rows that wait, at most so many; answers how many. For the worker of what is due; several may run.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn link_audit_rows(&self, most: i64) -> Result<usize, AppError> {
        let empty = sealed(0, EMPTY, &self.secrets)?;
        let secrets = self.secrets.clone();
        let link = move |head: AuditHead, rows: &[AuditRow]| linked(&head, rows, &secrets);
        Ok(books::link_audit_rows(&self.store, empty, most, link).await?)
    }
}

fn linked(
    head: &AuditHead,
    rows: &[AuditRow],
    secrets: &Secrets,
) -> Result<(Vec<AuditLink>, AuditHead), StoreError> {
    let mut links: Vec<AuditLink> = Vec::with_capacity(rows.len());
    for row in rows {
        let before = links.last().map_or((head.place, head.hash.as_str()), |link| (link.place, &link.hash));
        let place = before.0.saturating_add(1);
        links.push(AuditLink { place, row_id: row.row_id.clone(), hash: hash_of(before.1, place, row) });
    }
    let last = links.last().map_or((head.place, head.hash.as_str()), |link| (link.place, &link.hash));
    let defect = |error: AppError| StoreError::Defect { reason: error.to_string() };
    let head = sealed(last.0, last.1, secrets).map_err(defect)?;
    Ok((links, head))
}

fn sealed(place: i64, hash: &str, secrets: &Secrets) -> Result<AuditHead, AppError> {
    let seal = secrets.hash(Hashed::AuditHead, &sealed_text(place, hash))?;
    Ok(AuditHead { place, hash: hash.to_owned(), seal })
}

/// Whether a head was sealed with these keys.
pub(crate) fn seal_fits(head: &AuditHead, secrets: &Secrets) -> Result<bool, AppError> {
    secrets.is_hash_of(&head.seal, Hashed::AuditHead, &sealed_text(head.place, &head.hash))
}

fn sealed_text(place: i64, hash: &str) -> String {
    format!("{place}:{hash}")
}

/// The hash of a row at a place, as 64 hexadecimal digits. Lengths stand before texts, so that no two rows are the same
/// bytes.
pub(crate) fn hash_of(before: &str, place: i64, row: &AuditRow) -> String {
    let AuditRow { row_id, happened_at, made_by, action, subject, customer_id, reason, details } = row;
    let mut digest = Sha256::new();
    let mut add = |text: Option<&str>| {
        digest.update([u8::from(text.is_some())]);
        let text = text.unwrap_or_default();
        digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(text);
    };
    add(Some(before));
    add(Some(&place.to_string()));
    add(Some(row_id));
    add(Some(&happened_at.as_millisecond().to_string()));
    add(Some(made_by));
    add(Some(action));
    add(Some(subject));
    add(customer_id.as_deref());
    add(reason.as_deref());
    add(details.as_deref());
    data_encoding::HEXLOWER.encode(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn row() -> AuditRow {
        crate::Action::new("key.made", "key_1").row("1", "staff:sato", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn every_part_of_a_row_changes_its_hash() {
        let text = || "x".to_owned();
        let others = [
            AuditRow { row_id: text(), ..row() },
            AuditRow { happened_at: Timestamp::from_millisecond(1).unwrap(), ..row() },
            AuditRow { made_by: text(), ..row() },
            AuditRow { action: text(), ..row() },
            AuditRow { subject: text(), ..row() },
            AuditRow { customer_id: Some(String::new()), ..row() },
            AuditRow { reason: Some(String::new()), ..row() },
            AuditRow { details: Some(String::new()), ..row() },
            AuditRow { action: "key.madekey_1".to_owned(), subject: String::new(), ..row() },
        ];
        let hash = hash_of(EMPTY, 1, &row());
        assert!(others.iter().all(|other| hash_of(EMPTY, 1, other) != hash));
        assert_ne!(hash_of(EMPTY, 2, &row()), hash);
        assert_ne!(hash_of(&hash, 1, &row()), hash);
    }

    #[test]
    fn a_seal_fits_its_head_and_its_keys_only() {
        let secrets = Secrets { codes: [1; 32] };
        let head = sealed(3, "abc", &secrets).unwrap();
        assert!(seal_fits(&head, &secrets).unwrap());
        assert!(!seal_fits(&AuditHead { place: 2, ..head.clone() }, &secrets).unwrap());
        assert!(!seal_fits(&head, &Secrets { codes: [2; 32] }).unwrap());
    }
}
