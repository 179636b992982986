//! What others are told with: webhooks, mail, streams; and with which secrets the payments' provider signs.

use std::collections::BTreeMap;
use std::sync::Arc;

use choba_app::Post;
use choba_outside::hooks::{HookClient, HookSettings};
use choba_outside::webhook::WebhookSecret;
use tokio::sync::Semaphore;

/// Streams of events that one process serves at once.
const STREAMS_MAX: usize = 200;

/// What others are told with.
#[derive(Clone, Debug)]
pub struct Telling {
    /// What sends to webhooks; nothing is sent without it.
    pub hooks: Option<HookClient>,
    /// What writes to customers; nothing is written without it.
    pub post: Option<Post>,
    /// The secrets of providers of payments, by their names: two while one changes.
    pub payments: BTreeMap<String, Vec<WebhookSecret>>,
    /// A permit for each stream.
    pub streams: Arc<Semaphore>,
}

impl Default for Telling {
    fn default() -> Self {
        let streams = Arc::new(Semaphore::new(STREAMS_MAX));
        Self { hooks: None, post: None, payments: BTreeMap::new(), streams }
    }
}

impl Telling {
    /// Where webhooks may be.
    pub(crate) fn hook_settings(&self) -> HookSettings {
        self.hooks.as_ref().map_or(HookSettings::STRICT, |hooks| *hooks.settings())
    }
}
