//! Passing events on while the service runs: into the feed as soon as they are committed, to webhooks and by mail after
//! that, and away when their time is over.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::Service;

/// What other processes left unpublished is looked for so often.
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// What other processes wrote in chats is looked for so often.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);

/// What is due again is looked for so often.
const SEND_EVERY: Duration = Duration::from_secs(1);

/// What is over is looked for so often.
const FORGET_EVERY: Duration = Duration::from_secs(600);

/// Messages to one endpoint, and mails, that are sent in one go.
const MOST: i64 = 100;

/// Rows that are forgotten in one go.
const FORGOTTEN_MOST: i64 = 2_000;

/// Publishes until the service ends, woken by each commit of this process.
pub async fn publish(service: Service, mut ended: watch::Receiver<bool>) {
    let Ok(mut written) = service.counter.events_written() else { return };
    loop {
        written.borrow_and_update();
        if let Err(error) = service.counter.publish_events(service.clock.now()).await {
            tracing::warn!(%error, "events cannot be published; they will be");
        }
        if *ended.borrow() {
            return;
        }
        tokio::select! {
            _ = timeout(PUBLISH_EVERY, written.changed()) => {}
            _ = ended.changed() => {}
        }
    }
}

/// Sends to webhooks until the service ends.
pub async fn send_webhooks(service: Service, ended: watch::Receiver<bool>) {
    let Some(hooks) = service.telling.hooks.clone() else { return };
    let Some(mut rounds) = Rounds::of(&service, ended) else { return };
    loop {
        rounds.begin();
        let more = match service.counter.send_webhooks(&hooks, service.clock.now(), MOST).await {
            Ok(report) => {
                if report.dead > 0 || report.disabled > 0 {
                    tracing::warn!(dead = report.dead, disabled = report.disabled, "webhooks were given up");
                }
                report.more
            }
            Err(error) => {
                tracing::warn!(%error, "webhooks cannot be sent now");
                false
            }
        };
        if !rounds.go_on(more).await {
            return;
        }
    }
}

/// Sends mail until the service ends.
pub async fn send_messages(service: Service, ended: watch::Receiver<bool>) {
    let Some(post) = service.telling.post.clone() else { return };
    let Some(mut rounds) = Rounds::of(&service, ended) else { return };
    loop {
        rounds.begin();
        let more = match service.counter.send_messages(&post, service.clock.now(), MOST).await {
            Ok(report) => {
                if report.failed > 0 {
                    tracing::warn!(failed = report.failed, "mails cannot be sent");
                }
                report.more
            }
            Err(error) => {
                tracing::warn!(%error, "mails cannot be sent now");
                false
            }
        };
        if !rounds.go_on(more).await {
            return;
        }
    }
}

/// Rounds of work: the next one begins with news of the feed, or after a while.
struct Rounds {
    moved: watch::Receiver<u64>,
    ended: watch::Receiver<bool>,
}

impl Rounds {
    fn of(service: &Service, ended: watch::Receiver<bool>) -> Option<Self> {
        Some(Self { moved: service.counter.feed_moved().ok()?, ended })
    }

    fn begin(&mut self) {
        self.moved.borrow_and_update();
    }

    /// Waits for the next round, unless there is more to do at once; false where the service ends.
    async fn go_on(&mut self, more: bool) -> bool {
        if !more && !*self.ended.borrow() {
            tokio::select! {
                _ = timeout(SEND_EVERY, self.moved.changed()) => {}
                _ = self.ended.changed() => return true,
            }
        }
        !*self.ended.borrow()
    }
}

/// Looks what other processes wrote in chats that are listened to here, until the service ends.
pub async fn follow_chats(service: Service, mut ended: watch::Receiver<bool>) {
    loop {
        if let Err(error) = service.counter.follow_chats().await {
            tracing::warn!(%error, "chats cannot be followed now");
        }
        if *ended.borrow() || timeout(FOLLOW_EVERY, ended.changed()).await.is_ok() {
            return;
        }
    }
}

/// Forgets what is over until the service ends.
pub async fn forget(service: Service, mut ended: watch::Receiver<bool>) {
    loop {
        let at = service.clock.now();
        let events = service.counter.forget_events(at, FORGOTTEN_MOST).await.map(drop);
        let webhooks = service.counter.forget_webhook_messages(at, FORGOTTEN_MOST).await.map(drop);
        let messages = service.counter.forget_messages(at, FORGOTTEN_MOST).await.map(drop);
        let sessions = service.counter.forget_sessions(at, FORGOTTEN_MOST).await.map(drop);
        for forgotten in [events, webhooks, messages, sessions] {
            if let Err(error) = forgotten {
                tracing::warn!(%error, "what is over cannot be forgotten now");
            }
        }
        if *ended.borrow() || timeout(FORGET_EVERY, ended.changed()).await.is_ok() {
            return;
        }
    }
}
