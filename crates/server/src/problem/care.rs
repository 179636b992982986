//! Why a case, a chat, a template or a file is not as asked: for each reason a code of its own.

use axum::http::StatusCode;
use choba_care::attachment::AttachmentFault;
use choba_care::case::{CaseRefusal, Said};
use choba_care::chat::ChatRefusal;
use choba_care::reply_template::TemplateFault;

use super::{CaseMeanwhile, FieldFault, Problem, SaidMeanwhile};

/// A step that a case does not take. What somebody else said meanwhile goes to staff only: customers never send a version.
pub fn case(refusal: CaseRefusal) -> Problem {
    let (code, detail) = (refusal.code(), refusal.to_string());
    let about = |case| Problem::refused(code, detail.clone()).about_case(case);
    match refusal {
        CaseRefusal::Moved { version, said } => about(CaseMeanwhile {
            version: Some(version),
            said: said.into_iter().map(meanwhile).collect(),
            ..CaseMeanwhile::default()
        }),
        CaseRefusal::Merged { into } => {
            about(CaseMeanwhile { continues_as: Some(into.case_id), ..CaseMeanwhile::default() })
        }
        CaseRefusal::Taken { by } => {
            about(CaseMeanwhile { taken_by: Some(by.alias), ..CaseMeanwhile::default() })
        }
        CaseRefusal::NotNow { state, .. } => {
            about(CaseMeanwhile { state: Some(state), ..CaseMeanwhile::default() })
        }
        CaseRefusal::Empty { field } | CaseRefusal::TooLong { field, .. } => Problem::field(field, detail),
        CaseRefusal::Placeholder { .. } => Problem::field("/text", detail),
        CaseRefusal::Unknown { .. } => Problem::not_found(detail),
        _ => Problem::refused(code, detail),
    }
}

fn meanwhile(said: Said) -> SaidMeanwhile {
    let Said { seq, at, agent, text, .. } = said;
    SaidMeanwhile { seq, at, agent: agent.map(|agent| agent.alias), text }
}

/// A step that a chat does not take.
pub fn chat(refusal: ChatRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        ChatRefusal::Empty | ChatRefusal::TooLong { .. } => Problem::field("/text", detail),
        ChatRefusal::ClientId => Problem::field("/client_id", detail),
        _ => Problem::refused(refusal.code(), detail),
    }
}

/// A template that cannot be used.
pub fn template(fault: &TemplateFault) -> Problem {
    let detail = fault.to_string();
    match fault {
        TemplateFault::Undefined { names } => {
            let title = "A place of the template stays empty";
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let mut problem = Problem::new(status, "template_undefined", title, detail);
            for name in names {
                let pointer = format!("/typed/{}", name.replace('~', "~0").replace('/', "~1"));
                problem.blame(FieldFault { pointer, detail: "nothing is known for it".to_owned() });
            }
            problem
        }
        TemplateFault::Kind { .. } | TemplateFault::Places { .. } => Problem::field("/places", detail),
        TemplateFault::Language => Problem::field("/language", detail),
        TemplateFault::Syntax { .. } | TemplateFault::Amount | TemplateFault::Length { .. } => {
            Problem::field("/body", detail)
        }
    }
}

/// A file that is not taken.
pub fn attachment(fault: AttachmentFault) -> Problem {
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, code) = match fault {
        AttachmentFault::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "attachment_too_large"),
        AttachmentFault::UnknownType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "attachment_type"),
        AttachmentFault::Empty => (unprocessable, "attachment_empty"),
        AttachmentFault::Polyglot => (unprocessable, "attachment_two_files"),
        AttachmentFault::TooManyPixels { .. } => (unprocessable, "attachment_too_many_pixels"),
        AttachmentFault::Unreadable => (unprocessable, "attachment_unreadable"),
    };
    Problem::new(status, code, "The file cannot be attached", fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use choba_app::{AppError, CallbackRefusal, VerificationRefusal};
    use choba_care::callback::Refused;
    use choba_care::case::{Agent, CaseLink};
    use choba_formats::language::Language;

    /// One of each but those that name a field.
    fn refusals() -> Vec<AppError> {
        let by = Agent { staff_id: "sato".to_owned(), alias: "佐藤".to_owned() };
        let into = CaseLink { case_id: "case_1".to_owned(), number: "1".to_owned() };
        let cases = [
            CaseRefusal::Moved { version: 1, said: Vec::new() },
            CaseRefusal::Closed,
            CaseRefusal::Merged { into },
            CaseRefusal::Taken { by },
            CaseRefusal::NotNow { state: "new", step: "solve" },
            CaseRefusal::Full { most: 1 },
            CaseRefusal::TooManyAttachments { most: 1 },
            CaseRefusal::NothingEscalated,
            CaseRefusal::MergedWithItself,
            CaseRefusal::NotMerged,
            CaseRefusal::MergeTooLongAgo,
            CaseRefusal::ActionDecided { state: "done" },
            CaseRefusal::SamePerson,
        ];
        let chats = [
            ChatRefusal::Ended,
            ChatRefusal::NotYours,
            ChatRefusal::Taken,
            ChatRefusal::NotAtTheDesk,
            ChatRefusal::AgentBusy,
            ChatRefusal::Enough { most: 1 },
            ChatRefusal::TooManyListen,
            ChatRefusal::Full { most: 1 },
        ];
        let calls = [
            CallbackRefusal::NumberRegion,
            CallbackRefusal::NumberKind,
            CallbackRefusal::NumberNotVerified,
            CallbackRefusal::NumberNotCalled,
            CallbackRefusal::CallsUsedUp,
            CallbackRefusal::NotAtTheDesk,
            Refused::WrongState.into(),
            Refused::NotYours.into(),
            Refused::Closed.into(),
            Refused::TooLate.into(),
            Refused::NoAttemptLeft.into(),
            Refused::WordsNotSaid.into(),
        ];
        let codes = [
            VerificationRefusal::Wrong { tries_left: 1 },
            VerificationRefusal::TriedTooOften,
            VerificationRefusal::NoCode,
        ];
        let files = [
            AttachmentFault::Empty,
            AttachmentFault::TooLarge { most: 1 },
            AttachmentFault::UnknownType,
            AttachmentFault::Polyglot,
            AttachmentFault::TooManyPixels { width: 1, height: 1 },
            AttachmentFault::Unreadable,
        ];
        let mut all = Vec::new();
        all.extend(cases.map(AppError::from));
        all.extend(chats.map(AppError::from));
        all.extend(calls.map(AppError::from));
        all.extend(codes.map(AppError::from));
        all.extend(files.map(AppError::from));
        all
    }

    #[test]
    fn whoever_is_refused_is_told_so_in_their_language() {
        for refusal in refusals() {
            let problem = Problem::from(refusal.clone());
            let (ja, en) = (problem.message(Language::Ja), problem.message(Language::En));
            assert!(ja.is_some() && en.is_some() && ja != en, "{refusal:?}: {ja:?} {en:?}");
        }
    }
}
