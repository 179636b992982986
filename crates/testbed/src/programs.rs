//! PostgreSQL's programs on this machine, and the user who may run them.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the programs are, and as whom they run.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    directory: PathBuf,
    /// User and group, if we are root: PostgreSQL refuses to run as root.
    user: Option<(u32, u32)>,
}

/// Where one of PostgreSQL's programs is, such as `pgbench`.
pub fn program(name: &str) -> PathBuf {
    Programs::find().path(name)
}

impl Programs {
    /// The newest PostgreSQL of this machine.
    pub fn find() -> Self {
        let directory = installed().into_iter().chain(on_path()).find(|directory| has_all(directory));
        let directory =
            directory.expect("PostgreSQL is missing: install it (Debian: apt-get install postgresql)");
        Self { directory, user: other_user() }
    }

    /// A program that runs in a directory, with no terminal.
    pub fn command(&self, program: &str, directory: &Path) -> Command {
        let mut command = self.as_user(Command::new(self.path(program)));
        command.current_dir(directory).env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// The path of a program.
    pub fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }

    /// A command run by the user who may run PostgreSQL.
    pub fn as_user(&self, mut command: Command) -> Command {
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a directory to that user.
    pub fn own(&self, directory: &Path) {
        if let Some((user, group)) = self.user {
            chown(directory, Some(user), Some(group))
                .expect("the directory cannot be given to the user postgres");
        }
    }
}

fn has_all(directory: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres", "psql"].iter().all(|program| directory.join(program).exists())
}

fn installed() -> Vec<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    found.sort();
    found.reverse();
    found
}

fn on_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

fn other_user() -> Option<(u32, u32)> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    root.then(|| (id_of_postgres("-u"), id_of_postgres("-g")))
}

fn id_of_postgres(which: &str) -> u32 {
    let output = Command::new("id").args([which, "postgres"]).output().expect("the program id is missing");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("as root, a user named postgres is needed to run PostgreSQL")
}
