//! The embedded database: one connection writes, a few read.

mod checkpoints;
mod connection;
mod fault;
mod readers;
mod session;
mod snapshot;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use readers::Readers;
pub(super) use session::SqliteSession;
pub(super) use snapshot::SqliteSnapshot;

use super::error::StoreError;

/// Where the file is. A database in memory is a file that goes away with its store, so that it is the same
/// thing in every other respect.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub path: PathBuf,
    pub passing: Option<Arc<tempfile::TempDir>>,
}

impl Place {
    /// The place named in an address after `sqlite:`.
    pub fn named(name: &str) -> Result<Self, StoreError> {
        if name == ":memory:" {
            return Self::passing();
        }
        let name = name.strip_prefix("//").unwrap_or(name);
        if name.is_empty() {
            return Err(StoreError::Address {
                reason: "sqlite: is followed by the path of a file".to_owned(),
            });
        }
        Ok(Self { path: PathBuf::from(name), passing: None })
    }

    fn passing() -> Result<Self, StoreError> {
        let unable = |error: std::io::Error| StoreError::Unavailable { reason: error.to_string() };
        let directory = tempfile::Builder::new().prefix("choba-").tempdir().map_err(unable)?;
        Ok(Self { path: directory.path().join("store.sqlite"), passing: Some(Arc::new(directory)) })
    }
}

/// Copies the database as it is now into a new file, while it is in use. The file has its name only once it is
/// whole.
pub(super) fn back_up(place: &Place, target: &Path) -> Result<(), StoreError> {
    let unable = |error: std::io::Error| StoreError::Unavailable {
        reason: format!("the backup {} cannot be written: {error}", target.display()),
    };
    if target.try_exists().map_err(unable)? {
        return Err(unable(std::io::ErrorKind::AlreadyExists.into()));
    }
    let mut unfinished = target.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let copied = connection::copy_into(&place.path, &unfinished).and_then(|()| {
        std::fs::File::open(&unfinished).and_then(|file| file.sync_all()).map_err(unable)?;
        std::fs::rename(&unfinished, target).map_err(unable)
    });
    if copied.is_err() {
        // What cannot be removed is told by its name.
        let _ = std::fs::remove_file(&unfinished);
    }
    copied
}
