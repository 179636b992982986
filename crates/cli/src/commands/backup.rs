//! `choba backup`: the books as one file, while they are in use.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use choba_app::{BackupError, BackupHeader, back_up_books};
use choba_store::sql::Snapshot;

use crate::Answer;
use crate::database::{Database, explained, now, wait_for};
use crate::progress::{progress_bar, show};

#[derive(clap::Args)]
#[command(after_help = "\
The file is the same for both databases, so it can also move books from one to the other. It holds all that
customers ordered: keep it as carefully as the database.

Examples:
  choba backup --db sqlite:choba-data/books.sqlite --to 2026-11-21.choba
  choba backup --db postgres://choba@localhost/choba --to 2026-11-21.choba")]
pub struct Arguments {
    #[command(flatten)]
    database: Database,

    /// The file to write; it must not be there yet, and has its name only once it is whole.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Writes the file.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let to = &arguments.to;
    if to.symlink_metadata().is_ok() {
        return Err(anyhow!("--to: {} is there already\nhint: name a new file", to.display()));
    }
    let header = wait_for(async { write(arguments.database.snapshot().await?, to).await })?;
    eprintln!("choba: {}: {} rows of migration {}", to.display(), header.rows(), header.migration);
    Ok(Answer::Yes)
}

async fn write(snapshot: Snapshot, to: &Path) -> anyhow::Result<BackupHeader> {
    let unfinished = unfinished(to);
    let written = write_into(snapshot, &unfinished).await;
    let named = written.and_then(|header| {
        rename(&unfinished, to).with_context(|| format!("--to: {}", to.display()))?;
        Ok(header)
    });
    if named.is_err() {
        // What cannot be removed is told by its name.
        let _ = std::fs::remove_file(&unfinished);
    }
    named
}

fn unfinished(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".unfinished");
    PathBuf::from(name)
}

async fn write_into(mut snapshot: Snapshot, path: &Path) -> anyhow::Result<BackupHeader> {
    let unable = |error: io::Error| anyhow!(error).context(format!("--to: {}", path.display()));
    let file = create(path).map_err(unable)?;
    let mut into = BufWriter::with_capacity(1 << 20, file);
    let bar = progress_bar("rows");
    let mut tell = |done, all| show(&bar, done, all);
    let header = back_up_books(&mut snapshot, &mut into, now(), &mut tell).await;
    let header = header.map_err(|error| match error {
        BackupError::Store(error) => explained(error),
        BackupError::Write(error) => unable(error),
    })?;
    into.into_inner().map_err(|error| unable(error.into_error()))?.sync_all().map_err(unable)?;
    bar.finish_and_clear();
    Ok(header)
}

/// For its owner only: it holds what customers ordered.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Gives the file its name; the directory knows of it when this returns. A file of that name that came meanwhile
/// stays.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::hard_link(from, to)?;
    std::fs::remove_file(from)?;
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}
