//! Mail about what the desk did: the transcript of a chat, a call that did not come about.

use choba_care::chat::{EndReason, LineKind, Transcript, TranscriptLine};

use super::{MailTemplate, MailText, Mails};

/// Why a promised call did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissedCall {
    /// Nobody answered, as often as it was tried.
    NoAnswer,
    /// Nobody could call in time.
    NobodyCalled,
}

impl Mails<'_> {
    /// What was said in a chat, line by line, and where its case is.
    pub fn chat_transcript(&self, case_id: &str, case_number: &str, transcript: &Transcript) -> MailText {
        let mut letter = self.begun(MailTemplate::ChatTranscript, case_number);
        for line in &transcript.lines {
            let (at, who) = (self.instant(line.at), self.speaker(line));
            letter.title(&self.say("mail-chat_line", [("at", at), ("who", who)]));
            letter.paragraph(&self.said(&line.kind));
        }
        letter.link(&self.word("mail-case_page"), &self.links.case(case_id));
        self.ended(letter)
    }

    fn speaker(&self, line: &TranscriptLine) -> String {
        match (line.from.as_str(), &line.alias) {
            ("customer", _) => self.word("mail-chat_customer"),
            ("agent", Some(alias)) => self.say("mail-chat_agent", [("alias", alias.clone())]),
            _ => self.word("mail-chat_system"),
        }
    }

    fn said(&self, kind: &LineKind) -> String {
        match kind {
            LineKind::Text { text } => text.clone(),
            LineKind::AgentJoined { alias } => self.say("mail-chat_joined", [("alias", alias.clone())]),
            LineKind::AgentLost => self.word("mail-chat_lost"),
            LineKind::IdleWarning => self.word("mail-chat_idle"),
            LineKind::Ended { reason } => self.word(match reason {
                EndReason::Customer => "mail-chat_ended_customer",
                EndReason::Agent => "mail-chat_ended_agent",
                _ => "mail-chat_ended",
            }),
        }
    }

    /// A call was promised and did not come about: why, and what to do now.
    pub fn callback_missed(&self, case: Option<(&str, &str)>, why: MissedCall) -> MailText {
        let number = case.map(|(_, number)| number).unwrap_or_default();
        let mut letter = self.begun(MailTemplate::CallbackMissed, number);
        letter.paragraph(&self.word(match why {
            MissedCall::NoAnswer => "mail-callback_missed-no_answer",
            MissedCall::NobodyCalled => "mail-callback_missed-nobody_called",
        }));
        letter.paragraph(&self.word("mail-callback_missed-now"));
        letter.paragraph(&self.word("mail-callback_missed-careful"));
        if let Some((case_id, _)) = case {
            letter.link(&self.word("mail-case_page"), &self.links.case(case_id));
        }
        self.ended(letter)
    }
}
