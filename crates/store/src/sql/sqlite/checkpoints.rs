//! Moving the journal into the file beside the writer, so that no caller waits for it.
//!
//! While somebody writes all the time, the thread never moves all of it, and a journal that is not moved whole is never written
//! from its beginning again: it grows, and with it each commit waits for the file system's own journal, and so for all that
//! the thread has written. So the writer moves the little that is left, once the thread says that it is little.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::super::error::StoreError;
use super::connection;

/// How often the journal's size is looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// A journal of so many bytes is worth moving.
const WORTH_BYTES: u64 = 32 * 1024 * 1024;

/// A journal of so many pages is worth moving whole.
const WHOLE_PAGES: i64 = 4_096;

/// So many pages are little enough for the writer.
const LITTLE_PAGES: i64 = 1_024;

/// How often the thread moves what came meanwhile before it waits again.
const PASSES: usize = 4;

/// A thread that moves the journal into the file while it lives.
pub(super) struct Checkpoints {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    little_is_left: Arc<AtomicBool>,
}

impl Checkpoints {
    pub fn begin(path: &Path, busy: Duration) -> Result<Self, StoreError> {
        let (stop, stopped) = channel();
        let mover = Mover {
            connection: connection::to_move(path, busy)?,
            journal: journal_of(path),
            little_is_left: Arc::default(),
        };
        let little_is_left = Arc::clone(&mover.little_is_left);
        let thread = Builder::new().name("choba-checkpoints".to_owned()).spawn(move || mover.run(&stopped));
        let thread = thread.map_err(|error| StoreError::Unavailable { reason: error.to_string() })?;
        Ok(Self { stop: Some(stop), thread: Some(thread), little_is_left })
    }

    /// Whether so little is left that the writer should move it before it goes on. Said once.
    pub fn little_is_left(&self) -> bool {
        self.little_is_left.swap(false, Ordering::AcqRel)
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

struct Mover {
    connection: rusqlite::Connection,
    journal: PathBuf,
    little_is_left: Arc<AtomicBool>,
}

impl Mover {
    /// Until there is nobody any more who could stop it.
    fn run(self, stopped: &Receiver<()>) {
        let mut seen = 0;
        while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
            let size = std::fs::metadata(&self.journal).map_or(0, |known| known.len());
            // A journal that is not cut short keeps its size while it is written anew.
            if size >= WORTH_BYTES || size != seen {
                self.move_most();
            }
            seen = size;
        }
    }

    /// Moves what there is, then what came meanwhile, until little is left.
    fn move_most(&self) {
        for _ in 0..PASSES {
            let Some(done) = connection::checkpoint(&self.connection) else { return };
            if done.pages.saturating_sub(done.moved) <= LITTLE_PAGES {
                self.little_is_left.store(done.pages >= WHOLE_PAGES, Ordering::Release);
                return;
            }
        }
    }
}
