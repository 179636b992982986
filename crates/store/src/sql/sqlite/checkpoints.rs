//! Moving the journal into the file beside the writer, so that no caller waits for it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::super::error::StoreError;
use super::connection;

/// How often the journal's size is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// A journal of so many bytes is worth moving.
const WORTH_BYTES: u64 = 32 * 1024 * 1024;

/// A thread that moves the journal into the file while it lives.
pub(super) struct Checkpoints {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    pub fn begin(path: &Path, busy: Duration) -> Result<Self, StoreError> {
        let (stop, stopped) = channel();
        let connection = connection::to_move(path, busy)?;
        let journal = journal_of(path);
        let run = move || run(&connection, &journal, &stopped);
        let thread = Builder::new().name("choba-checkpoints".to_owned()).spawn(run);
        let thread = thread.map_err(|error| StoreError::Unavailable { reason: error.to_string() })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It ends by itself; that it may have failed changes nothing any more.
            let _ = thread.join();
        }
    }
}

fn journal_of(path: &Path) -> PathBuf {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    PathBuf::from(journal)
}

/// Until there is nobody any more who could stop it.
fn run(connection: &rusqlite::Connection, journal: &Path, stopped: &Receiver<()>) {
    let mut seen = 0;
    while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        let size = std::fs::metadata(journal).map_or(0, |known| known.len());
        // A journal that is not cut short keeps its size while it is written anew.
        if size >= WORTH_BYTES || size != seen {
            connection::checkpoint(connection);
        }
        seen = size;
    }
}
