//! `choba restore`: a backup into an empty place.

use std::path::PathBuf;

use anyhow::anyhow;
use choba_app::{BackupFault, BackupFile, RestoreError, restore_books, verify_books};

use crate::Answer;
use crate::commands::books::Told;
use crate::database::{Database, explained, wait_for};
use crate::progress::{progress_bar, show};

#[derive(clap::Args)]
#[command(after_help = "\
The file is read to its end and its digest checked before anything else. Then all of it is written, or nothing;
at last the books are checked, as `choba books verify` does. Exit status 1 where they differ.

Example:
  choba restore --db sqlite:restored.sqlite --from 2026-11-21.choba")]
pub struct Arguments {
    #[command(flatten)]
    database: Database,

    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

/// Restores and checks.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let backup = check(arguments)?;
    let rows = backup.header().rows();
    let summary = wait_for(async {
        let store = arguments.database.store().await?;
        let bar = progress_bar("rows written");
        let moving = bar.clone();
        let tell = move |done, all| show(&moving, done, all);
        restore_books(&store, backup, tell).await.map_err(|error| refused(arguments, error))?;
        bar.finish_and_clear();
        eprintln!("choba: {rows} rows restored; checking the books");
        let mut told = Told::new(false);
        let summary = verify_books(&store, &mut |news| told.tell(news)).await.map_err(explained)?;
        store.close().await;
        told.finish(summary)
    })?;
    Ok(if summary.is_fine() { Answer::Yes } else { Answer::No })
}

fn check(arguments: &Arguments) -> anyhow::Result<BackupFile> {
    let bar = progress_bar("rows checked");
    let checked = BackupFile::check(&arguments.from, &mut |done, all| show(&bar, done, all));
    bar.finish_and_clear();
    checked.map_err(|fault| unusable(arguments, &fault))
}

fn refused(arguments: &Arguments, error: RestoreError) -> anyhow::Error {
    match error {
        RestoreError::Store(error) => explained(error),
        RestoreError::Backup(fault) => unusable(arguments, &fault),
        RestoreError::NotEmpty { .. } => {
            anyhow!(
                "--db: {error}; nothing was changed\nhint: restore into a new database, which has no rows yet"
            )
        }
    }
}

fn unusable(arguments: &Arguments, fault: &BackupFault) -> anyhow::Error {
    let hint = match fault {
        BackupFault::Unreadable(_) => "name a file that `choba backup` wrote",
        BackupFault::CutOff { .. } | BackupFault::Changed { .. } => {
            "take another copy of the file, or an older backup"
        }
        BackupFault::Line { .. } => {
            "this is not what `choba backup` wrote; take another copy or an older backup"
        }
        BackupFault::OtherTables { .. } => {
            "restore it with the choba that made it; this one then brings its tables up to date"
        }
    };
    anyhow!("--from: {}: {fault}; nothing was changed\nhint: {hint}", arguments.from.display())
}
