//! What may happen to a chat next. Each function takes the chat and gives back what it is after the step, with the
//! lines that come of it.

use jiff::{SignedDuration, Timestamp};

use super::{Chat, ChatAgent, ChatLine, ChatRefusal, ChatState, ChatTerms, EndReason, LineFrom, LineKind};

/// A chat after a step, and its new lines.
pub type Stepped = (Chat, Vec<ChatLine>);

/// A customer asks for a chat.
pub fn request(chat_id: &str, case_id: &str, at: Timestamp) -> Chat {
    Chat {
        chat_id: chat_id.to_owned(),
        case_id: case_id.to_owned(),
        state: ChatState::Queued,
        queued_at: at,
        front: false,
        last_seq: 0,
        customer_seen_at: at,
        agent_seen_at: None,
        last_said_at: at,
        warned_at: None,
        transcript_sha256: None,
    }
}

/// Somebody of the desk takes it. Taking it again changes nothing.
///
/// # Errors
/// [`ChatRefusal::Taken`], [`ChatRefusal::Ended`].
pub fn take(mut chat: Chat, agent: &ChatAgent, at: Timestamp) -> Result<Stepped, ChatRefusal> {
    match &chat.state {
        ChatState::Ended(_) => return Err(ChatRefusal::Ended),
        ChatState::Assigned(own) | ChatState::Active(own) if own.staff_id == agent.staff_id => {
            chat.agent_seen_at = Some(at);
            return Ok((chat, Vec::new()));
        }
        ChatState::Assigned(_) | ChatState::Active(_) => return Err(ChatRefusal::Taken),
        ChatState::Queued => {}
    }
    chat.state = ChatState::Assigned(agent.clone());
    chat.agent_seen_at = Some(at);
    chat.last_said_at = at;
    chat.warned_at = None;
    let joined = LineKind::AgentJoined { alias: agent.alias.clone() };
    let line = line(&mut chat, LineFrom::System, joined, None, at);
    Ok((chat, vec![line]))
}

/// Somebody says something. Whether it was said before is for whoever has the lines.
///
/// # Errors
/// [`ChatRefusal`], each for its reason.
pub fn say(
    mut chat: Chat,
    terms: &ChatTerms,
    from: &LineFrom,
    client_id: &str,
    text: &str,
    at: Timestamp,
) -> Result<Stepped, ChatRefusal> {
    readable(terms, client_id, text)?;
    match (&chat.state, from) {
        (ChatState::Ended(_), _) => return Err(ChatRefusal::Ended),
        (ChatState::Assigned(own) | ChatState::Active(own), LineFrom::Agent(agent)) => {
            if own.staff_id != agent.staff_id {
                return Err(ChatRefusal::NotYours);
            }
            chat.agent_seen_at = Some(at);
            chat.state = ChatState::Active(own.clone());
        }
        (ChatState::Queued, LineFrom::Agent(_)) | (_, LineFrom::System) => {
            return Err(ChatRefusal::NotYours);
        }
        (_, LineFrom::Customer) => chat.customer_seen_at = chat.customer_seen_at.max(at),
    }
    // A place is kept for the lines by which it ends.
    if chat.last_seq >= terms.lines_max {
        return Err(ChatRefusal::Full { most: terms.lines_max });
    }
    chat.last_said_at = at;
    chat.warned_at = None;
    let text = LineKind::Text { text: text.to_owned() };
    let line = line(&mut chat, from.clone(), text, Some(client_id.to_owned()), at);
    Ok((chat, vec![line]))
}

fn readable(terms: &ChatTerms, client_id: &str, text: &str) -> Result<(), ChatRefusal> {
    let named = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if client_id.is_empty() || client_id.len() > 64 || !client_id.chars().all(named) {
        return Err(ChatRefusal::ClientId);
    }
    if text.trim().is_empty() {
        return Err(ChatRefusal::Empty);
    }
    if text.len() > terms.text_max { Err(ChatRefusal::TooLong { most: terms.text_max }) } else { Ok(()) }
}

/// One side lets itself be seen.
///
/// # Errors
/// [`ChatRefusal::Ended`], [`ChatRefusal::NotYours`].
pub fn seen(mut chat: Chat, from: &LineFrom, at: Timestamp) -> Result<Chat, ChatRefusal> {
    if matches!(chat.state, ChatState::Ended(_)) {
        return Err(ChatRefusal::Ended);
    }
    match from {
        LineFrom::Customer => chat.customer_seen_at = chat.customer_seen_at.max(at),
        LineFrom::Agent(agent) if chat.state.agent().is_some_and(|own| own.staff_id == agent.staff_id) => {
            chat.agent_seen_at = chat.agent_seen_at.max(Some(at));
        }
        LineFrom::Agent(_) | LineFrom::System => return Err(ChatRefusal::NotYours),
    }
    Ok(chat)
}

/// One side ends it. Ending it again changes nothing.
///
/// # Errors
/// [`ChatRefusal::NotYours`] for staff who are not in it.
pub fn end(chat: Chat, from: &LineFrom, at: Timestamp) -> Result<Stepped, ChatRefusal> {
    let reason = match (&chat.state, from) {
        (ChatState::Ended(_), _) => return Ok((chat, Vec::new())),
        (_, LineFrom::Customer) => EndReason::Customer,
        (state, LineFrom::Agent(agent))
            if state.agent().is_some_and(|own| own.staff_id == agent.staff_id) =>
        {
            EndReason::Agent
        }
        _ => return Err(ChatRefusal::NotYours),
    };
    Ok(ended(chat, reason, at))
}

/// The agent goes, or has vanished: it waits again, before those who never had anybody.
///
/// # Errors
/// [`ChatRefusal::NotYours`] where it has no such agent.
pub fn give_back(chat: Chat, staff_id: &str, at: Timestamp) -> Result<Stepped, ChatRefusal> {
    if chat.state.agent().is_none_or(|own| own.staff_id != staff_id) {
        return Err(ChatRefusal::NotYours);
    }
    Ok(to_the_front(chat, at))
}

fn to_the_front(mut chat: Chat, at: Timestamp) -> Stepped {
    chat.state = ChatState::Queued;
    chat.front = true;
    chat.agent_seen_at = None;
    // Waiting is not idling.
    chat.last_said_at = at;
    chat.warned_at = None;
    let line = line(&mut chat, LineFrom::System, LineKind::AgentLost, None, at);
    (chat, vec![line])
}

fn ended(mut chat: Chat, reason: EndReason, at: Timestamp) -> Stepped {
    chat.state = ChatState::Ended(reason);
    chat.agent_seen_at = None;
    let line = line(&mut chat, LineFrom::System, LineKind::Ended { reason }, None, at);
    (chat, vec![line])
}

/// What time brings a chat, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Brought {
    AgentGone,
    CustomerGone(bool),
    Warning,
    IdleEnd,
}

/// All that time may bring, each with its moment.
fn coming(chat: &Chat, terms: &ChatTerms) -> Vec<(Timestamp, Brought)> {
    let after = |at: Timestamp, wait: SignedDuration| at.checked_add(wait).unwrap_or(Timestamp::MAX);
    match &chat.state {
        ChatState::Ended(_) => Vec::new(),
        ChatState::Queued => {
            vec![(after(chat.customer_seen_at, terms.queue_gone), Brought::CustomerGone(true))]
        }
        ChatState::Assigned(_) | ChatState::Active(_) => {
            let seen = chat.agent_seen_at.unwrap_or(chat.queued_at);
            let idle = match chat.warned_at {
                None => (after(chat.last_said_at, terms.idle_warning), Brought::Warning),
                Some(warned) => (after(warned, terms.idle_end), Brought::IdleEnd),
            };
            vec![
                (after(seen, terms.agent_gone), Brought::AgentGone),
                (after(chat.customer_seen_at, terms.grace), Brought::CustomerGone(false)),
                idle,
            ]
        }
    }
}

/// When time will next change it, if nothing else does.
pub fn due_at(chat: &Chat, terms: &ChatTerms) -> Option<Timestamp> {
    coming(chat, terms).into_iter().map(|(at, _)| at).min()
}

/// What time has brought by now, one thing after the other.
pub fn time_passed(mut chat: Chat, terms: &ChatTerms, at: Timestamp) -> Stepped {
    let mut lines = Vec::new();
    while let Some((_, brought)) = coming(&chat, terms).into_iter().filter(|(due, _)| *due <= at).min() {
        let (next, more) = bring(chat, brought, at);
        chat = next;
        lines.extend(more);
    }
    (chat, lines)
}

fn bring(mut chat: Chat, brought: Brought, at: Timestamp) -> Stepped {
    match brought {
        Brought::AgentGone => to_the_front(chat, at),
        Brought::CustomerGone(true) => ended(chat, EndReason::LeftQueue, at),
        Brought::CustomerGone(false) => ended(chat, EndReason::ConnectionLost, at),
        Brought::IdleEnd => ended(chat, EndReason::Idle, at),
        Brought::Warning => {
            chat.warned_at = Some(at);
            let line = line(&mut chat, LineFrom::System, LineKind::IdleWarning, None, at);
            (chat, vec![line])
        }
    }
}

fn line(
    chat: &mut Chat,
    from: LineFrom,
    kind: LineKind,
    client_id: Option<String>,
    at: Timestamp,
) -> ChatLine {
    chat.last_seq = chat.last_seq.saturating_add(1);
    ChatLine { seq: chat.last_seq, at, from, kind, client_id }
}
