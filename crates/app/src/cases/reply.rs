//! What is said in a case: by its customer, by the desk, and by the desk to itself.

use choba_care::case::{Actor, CaseChange, CaseRefusal, CaseState, Channel, TemplateUsed, steps};
use choba_store::books;
use jiff::Timestamp;

use super::change::{CaseStepped, CaseSteps, kept_text};
use super::desk::actor;
use super::open::OpenCase;
use crate::{AppError, Caller, Counter, Key, Right, Whose};

/// So many merges are followed to the case that stays.
const MERGES_FOLLOWED: usize = 8;

/// Something that a customer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerWord {
    /// Plain text.
    pub text: String,
    /// Which way.
    pub channel: Channel,
    /// Attachments, by id.
    pub attachments: Vec<String>,
}

/// A reply of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskReply {
    /// The version of the case that was seen.
    pub version: u32,
    /// Plain text.
    pub text: String,
    /// The template that it was made from.
    pub template: Option<TemplateUsed>,
    /// Attachments, by id.
    pub attachments: Vec<String>,
    /// Whether it asks something, so that the case waits for the customer.
    pub asks_customer: bool,
}

impl Counter {
    /// The customer says something in a case; once for each key. A merged case passes it on to the one that stays, a closed
    /// one to a new one that goes on from it. The answer names the case in which it was said.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another customer's, [`AppError::Case`], [`AppError::KeyReused`], and what the
    /// database answers.
    pub async fn say_in_case(
        &self,
        caller: &Caller,
        case_id: &str,
        word: CustomerWord,
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let whose = self.whose_case(caller, case_id, Right::CasesWrite).await?;
        if matches!(caller, Caller::Staff { .. }) {
            return Err(AppError::NotAllowed { right: Right::CasesWrite.as_str() });
        }
        self.customer_says(&whose, case_id, word, key, at).await
    }

    pub(super) async fn customer_says(
        &self,
        whose: &Whose,
        case_id: &str,
        word: CustomerWord,
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let mut case_id = case_id.to_owned();
        for _ in 0..MERGES_FOLLOWED {
            match self.say_here(whose, &case_id, &word, &key, at).await {
                Err(AppError::Case(CaseRefusal::Merged { into })) => case_id = into.case_id,
                Err(AppError::Case(CaseRefusal::Closed)) => {
                    match self.followed_up_by(whose, &case_id, &key).await? {
                        Some(next) => case_id = next,
                        None => return self.follow_up(whose, &case_id, &word, key, at).await,
                    }
                }
                other => return other,
            }
        }
        Err(AppError::Defect("cases are merged in a circle".to_owned()))
    }

    async fn say_here(
        &self,
        whose: &Whose,
        case_id: &str,
        word: &CustomerWord,
        key: &Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let (terms, word) = (self.case_terms(), word.clone());
        let text = kept_text(&word.text, true);
        let steps = CaseSteps::one(whose, case_id, Actor::Customer, Some(key.clone()), move |case| {
            if word.attachments.iter().any(|id| !case.attachments.contains(id)) {
                return Err(CaseRefusal::Unknown { what: "attachment" });
            }
            steps::customer_says(case, &terms, word.channel, &text, &word.attachments, at)
        });
        self.change_cases(steps, at).await
    }

    /// The case that goes on from a closed one; nothing where this very word began it, so that it is found again under its
    /// key instead of being said twice.
    async fn followed_up_by(
        &self,
        whose: &Whose,
        case_id: &str,
        key: &Key,
    ) -> Result<Option<String>, AppError> {
        let found = books::case_of_customer(&self.store, &whose.customer_id, case_id).await?;
        let next = found.and_then(|(case, _)| case.followed_up_by).map(|link| link.case_id);
        let began = books::key_of_customer(&self.store, &whose.customer_id, &follow_up_key(key).key).await?;
        Ok(next.filter(|_| began.is_none()))
    }

    /// A new case goes on where a closed one ended.
    async fn follow_up(
        &self,
        whose: &Whose,
        case_id: &str,
        word: &CustomerWord,
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let found = books::case_of_customer(&self.store, &whose.customer_id, case_id).await?;
        let (old, _) = found.ok_or_else(|| AppError::not_found("case", case_id))?;
        let open = OpenCase {
            topic: old.opening.topic.clone(),
            question: old.opening.question.clone(),
            order_id: old.opening.order_id.clone(),
            text: Some(word.text.clone()),
            language: old.opening.language.clone(),
            channel: word.channel,
            evidence: old.opening.evidence.clone(),
        };
        let (link, key) = (Some(old.link()), Some(follow_up_key(&key)));
        let opened = self.open_case_as(whose, open, link, Actor::Customer, key, at).await?;
        let state = CaseState::New.code().to_owned();
        Ok(CaseStepped { case_id: opened.case_id, number: opened.number, version: opened.version, state })
    }

    /// The desk replies; once for each key.
    ///
    /// # Errors
    /// [`AppError::Case`] with the other's text where somebody wrote since the version that was seen, or a placeholder is
    /// left; [`AppError::NotAllowed`], [`AppError::NotFound`], [`AppError::KeyReused`], and what the database answers.
    pub async fn reply_in_case(
        &self,
        caller: &Caller,
        case_id: &str,
        reply: DeskReply,
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let agent = self.agent(caller, Right::CareDesk)?;
        let whose = self.whose_case(caller, case_id, Right::CareDesk).await?;
        let (terms, text) = (self.case_terms(), kept_text(&reply.text, false));
        let steps = CaseSteps::one(&whose, case_id, actor(&agent), Some(key), move |case| {
            if reply.attachments.iter().any(|id| !case.attachments.contains(id)) {
                return Err(CaseRefusal::Unknown { what: "attachment" });
            }
            let said = steps::Reply {
                version: reply.version,
                text: &text,
                template: reply.template.clone(),
                channel: case.opening.channel,
                attachments: &reply.attachments,
                asks_customer: reply.asks_customer,
            };
            steps::agent_replies(case, &terms, &said)
        });
        self.change_cases(steps, at).await
    }

    /// Notes something that only staff read; once for each key.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], [`AppError::Case`], and what the database answers.
    pub async fn note_in_case(
        &self,
        caller: &Caller,
        case_id: &str,
        text: &str,
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let agent = self.agent(caller, Right::CareDesk)?;
        let whose = self.whose_case(caller, case_id, Right::CareDesk).await?;
        let (terms, text) = (self.case_terms(), kept_text(text, true));
        let steps = CaseSteps::one(&whose, case_id, actor(&agent), Some(key), move |case| {
            steps::note(case, &terms, &text)
        });
        self.change_cases(steps, at).await
    }

    /// Shows personal data that is masked otherwise, with a reason that stands on the case and on the audit log. The answer
    /// is the whole numbers of the order's parcels.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::Field`] without a reason, [`AppError::TooManyTries`] beyond the budget,
    /// [`AppError::NotFound`], and what the database answers.
    pub async fn reveal_parcels(
        &self,
        caller: &Caller,
        case_id: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<Vec<String>, AppError> {
        let agent = self.agent(caller, Right::PersonalReveal)?;
        let (whose, case, _) = self.case_of(caller, case_id, Right::CareDesk).await?;
        let order_id = case.opening.order_id.clone().ok_or_else(|| AppError::not_found("order", case_id))?;
        let (what, subject) = ("tracking_number".to_owned(), case_id.to_owned());
        let customer_id = whose.customer_id.clone();
        let look = crate::Look { customer_id, what: what.clone(), subject, reason: reason.to_owned() };
        self.record_look(caller, look, at).await?;
        let reason = reason.to_owned();
        let steps = CaseSteps::one(&whose, case_id, actor(&agent), None, move |_| {
            Ok(vec![CaseChange::Revealed { what: what.clone(), reason: reason.clone() }])
        });
        self.change_cases(steps, at).await?;
        let row = books::order_of_customer(&self.store, &whose.customer_id, &order_id).await?;
        let order = row.ok_or_else(|| AppError::not_found("order", &order_id))?.order;
        Ok(order.shipments.into_iter().flat_map(|shipment| shipment.tracking_numbers).collect())
    }
}

/// The key under which a word opens a new case.
fn follow_up_key(key: &Key) -> Key {
    Key { key: format!("{}:follow-up", key.key), body_digest: key.body_digest.clone() }
}
