//! What others are told with: webhooks, mail, streams; and with which secrets the payments' provider signs.

use std::collections::BTreeMap;
use std::sync::Arc;

use choba_app::{MailHook, Post};
use choba_outside::hooks::{HookClient, HookSettings};
use choba_outside::webhook::WebhookSecret;
use tokio::sync::Semaphore;

/// Streams of events that one process serves at once.
const STREAMS_MAX: usize = 200;

/// Streams of chats that one process serves at once.
const CHATS_MAX: usize = 8_000;

/// What others are told with.
#[derive(Clone, Debug)]
pub struct Telling {
    /// What sends to webhooks; nothing is sent without it.
    pub hooks: Option<HookClient>,
    /// What writes to customers; nothing is written without it.
    pub post: Option<Post>,
    /// The secrets of providers of payments, by their names: two while one changes.
    pub payments: BTreeMap<String, Vec<WebhookSecret>>,
    /// Who passes mail of customers on to us; nothing is taken in without.
    pub mail_in: MailHook,
    /// The secrets with which the dialler signs what it tells: two while one changes.
    pub dialler: Vec<WebhookSecret>,
    /// A permit for each stream of events.
    pub streams: Arc<Semaphore>,
    /// A permit for each stream of a chat.
    pub chats: Arc<Semaphore>,
}

impl Default for Telling {
    fn default() -> Self {
        let (streams, chats) = (Semaphore::new(STREAMS_MAX), Semaphore::new(CHATS_MAX));
        Self {
            hooks: None,
            post: None,
            payments: BTreeMap::new(),
            mail_in: MailHook::default(),
            dialler: Vec::new(),
            streams: Arc::new(streams),
            chats: Arc::new(chats),
        }
    }
}

impl Telling {
    /// Where webhooks may be.
    pub fn hook_settings(&self) -> HookSettings {
        self.hooks.as_ref().map_or(HookSettings::STRICT, |hooks| *hooks.settings())
    }
}
