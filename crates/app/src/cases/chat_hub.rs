//! Who is to hear at once that a chat has something new, and who is typing. All of it is lost with the process and
//! missed by nobody: what was said is in the books, and whoever listens looks there.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Somebody who typed is shown as typing for so long.
const TYPING_SHOWN: SignedDuration = SignedDuration::from_secs(8);

/// So many listen to one chat: both sides with all their windows.
const LISTENERS_MAX: usize = 20;

/// What is new in a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChatNews {
    /// The number of its last line, as far as this process knows.
    pub last_seq: u32,
    /// Until when the customer is shown as typing.
    pub customer_typing_until: Option<Timestamp>,
    /// Until when the agent is shown as typing.
    pub agent_typing_until: Option<Timestamp>,
}

/// What a listener of a chat waits at.
pub type ChatWatch = watch::Receiver<ChatNews>;

/// The chats that somebody listens to.
#[derive(Debug, Default)]
pub struct ChatHub(Mutex<HashMap<String, watch::Sender<ChatNews>>>);

impl ChatHub {
    /// Listens to a chat; nothing where as many listen as may.
    pub fn watch(&self, chat_id: &str) -> Option<ChatWatch> {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Rooms that everybody left are forgotten here, so that there are never more than have been listened to at once.
        if rooms.len().is_power_of_two() {
            rooms.retain(|_, room| room.receiver_count() > 0);
        }
        let room = rooms.entry(chat_id.to_owned()).or_default();
        (room.receiver_count() < LISTENERS_MAX).then(|| room.subscribe())
    }

    /// How many chats are listened to, or were a while ago.
    pub fn rooms(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The chats that somebody listens to now.
    pub(super) fn listened_to(&self) -> Vec<String> {
        let rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let listened = rooms.iter().filter(|(_, room)| room.receiver_count() > 0);
        listened.map(|(chat_id, _)| chat_id.clone()).collect()
    }

    pub(super) fn said(&self, chat_id: &str, last_seq: u32) {
        self.tell(chat_id, |news| {
            let newer = last_seq > news.last_seq;
            news.last_seq = news.last_seq.max(last_seq);
            newer
        });
    }

    pub(super) fn typing(&self, chat_id: &str, by_customer: bool, at: Timestamp) {
        let until = at.checked_add(TYPING_SHOWN).ok();
        self.tell(chat_id, |news| {
            let shown =
                if by_customer { &mut news.customer_typing_until } else { &mut news.agent_typing_until };
            // Told again only once a second.
            let soon = at.checked_add(TYPING_SHOWN - SignedDuration::from_secs(1)).ok();
            let new = *shown < soon;
            if new {
                *shown = until;
            }
            new
        });
    }

    fn tell(&self, chat_id: &str, change: impl FnOnce(&mut ChatNews) -> bool) {
        let rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = rooms.get(chat_id) {
            room.send_if_modified(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000 + millis).unwrap()
    }

    #[test]
    fn whoever_listens_hears_of_a_line_once_and_of_typing_once_a_second() {
        let hub = ChatHub::default();
        let mut watch = hub.watch("cha_1").unwrap();
        hub.said("cha_1", 3);
        assert!(watch.has_changed().unwrap() && watch.borrow_and_update().last_seq == 3);
        hub.said("cha_1", 2);
        assert!(!watch.has_changed().unwrap());
        hub.typing("cha_1", true, at(0));
        assert!(watch.has_changed().unwrap());
        assert_eq!(watch.borrow_and_update().customer_typing_until, Some(at(8_000)));
        hub.typing("cha_1", true, at(900));
        assert!(!watch.has_changed().unwrap());
        hub.typing("cha_1", true, at(1_100));
        assert!(watch.has_changed().unwrap());
    }

    #[test]
    fn rooms_that_everybody_left_are_forgotten() {
        let hub = ChatHub::default();
        for number in 0..10_000 {
            drop(hub.watch(&format!("cha_{number}")));
        }
        assert!(hub.rooms() <= 2, "{}", hub.rooms());
    }

    #[test]
    fn one_chat_has_so_many_listeners_and_no_more() {
        let hub = ChatHub::default();
        let listeners: Vec<_> = (0..30).filter_map(|_| hub.watch("cha_1")).collect();
        assert_eq!((listeners.len(), hub.listened_to()), (LISTENERS_MAX, vec!["cha_1".to_owned()]));
        drop(listeners);
        assert!(hub.watch("cha_1").is_some());
    }
}
