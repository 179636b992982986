//! Attaching pictures to a case, drawn anew before they are kept, and giving them back.

use choba_care::attachment::{Attachment, AttachmentTerms, redraw};
use choba_care::case::{Actor, CaseChange, steps};
use choba_store::books::{self, AttachmentRow};
use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::change::CaseSteps;
use super::desk::actor;
use crate::{AppError, Caller, Counter, Key, Right};

/// A file to be attached.
#[derive(Clone)]
pub struct Attach {
    /// As its sender calls it.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What was attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// By which it is found.
    pub attachment_id: String,
    /// As it is kept.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// How many bytes.
    pub bytes: u64,
}

/// A file as it is given back.
#[derive(Clone, PartialEq, Eq)]
pub struct AttachmentFile {
    /// As it is kept.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Counter {
    /// Attaches a picture to a case; once for each key.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another customer's case, [`AppError::Attachment`], [`AppError::Case`] where the case
    /// is over or has enough, [`AppError::KeyReused`], and what the database answers.
    pub async fn attach_to_case(
        &self,
        caller: &Caller,
        case_id: &str,
        attach: Attach,
        key: Key,
        at: Timestamp,
    ) -> Result<Attached, AppError> {
        let whose = self.whose_case(caller, case_id, Right::CasesWrite).await?;
        let by = match caller {
            Caller::Staff { .. } => actor(&self.agent(caller, Right::CareDesk)?),
            _ => Actor::Customer,
        };
        // The id follows from the key, so that a picture that is sent again is found and not kept twice.
        let seed = format!("{case_id} {}", key.key);
        let attachment_id = format!("att_{}", crate::entropy::id_from(Timestamp::UNIX_EPOCH, &seed));
        let kept = drawn(attach).await?;
        let attached = Attached {
            attachment_id: attachment_id.clone(),
            name: kept.name.clone(),
            media_type: kept.file_type.media_type().to_owned(),
            bytes: u64::try_from(kept.bytes.len()).unwrap_or(u64::MAX),
        };
        let sha256 = HEXLOWER.encode(&Sha256::digest(&kept.bytes));
        let row = AttachmentRow {
            customer_id: whose.customer_id.clone(),
            attachment_id,
            case_id: case_id.to_owned(),
            name: attached.name.clone(),
            media_type: attached.media_type.clone(),
            bytes: i64::try_from(attached.bytes).unwrap_or(i64::MAX),
            sha256: sha256.clone(),
            content: BASE64.encode(&kept.bytes),
        };
        let (terms, told) = (self.case_terms(), attached.clone());
        let mut steps = CaseSteps::one(&whose, case_id, by, Some(key), move |case| {
            let Attached { attachment_id, name, media_type, bytes } = told.clone();
            let sha256 = sha256.clone();
            let added = CaseChange::AttachmentAdded { attachment_id, name, media_type, bytes, sha256 };
            steps::attach(case, &terms, added)
        });
        steps.more.push(row.write());
        self.change_cases(steps, at).await?;
        Ok(attached)
    }

    /// An attachment of a case.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another customer's, and what the database answers.
    pub async fn case_attachment(
        &self,
        caller: &Caller,
        case_id: &str,
        attachment_id: &str,
    ) -> Result<AttachmentFile, AppError> {
        let whose = self.whose_case(caller, case_id, Right::CasesRead).await?;
        let row = books::attachment(&self.store, &whose.customer_id, attachment_id).await?;
        let row = row.filter(|row| row.case_id == case_id);
        let row = row.ok_or_else(|| AppError::not_found("attachment", attachment_id))?;
        let bytes = BASE64.decode(row.content.as_bytes());
        let bytes = bytes.map_err(|error| AppError::Defect(error.to_string()))?;
        Ok(AttachmentFile { name: row.name, media_type: row.media_type, bytes })
    }
}

/// Drawing takes long enough to keep others waiting: it is done beside them.
async fn drawn(attach: Attach) -> Result<Attachment, AppError> {
    let drawing =
        tokio::task::spawn_blocking(move || redraw(&attach.name, &attach.bytes, &AttachmentTerms::default()));
    let drawn = drawing.await.map_err(|error| AppError::Defect(error.to_string()))?;
    Ok(drawn?)
}
