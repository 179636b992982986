//! A PostgreSQL of our own, which goes away with the test, however that ends.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use crate::programs::Programs;

/// Whether commits reach the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// `fsync` is off: for tests.
    Passing,
    /// `fsync` is on: for benches.
    Durable,
}

/// A running PostgreSQL with a directory and a port of its own. Dropped, it is stopped and removed.
#[derive(Debug)]
pub struct Postgres {
    programs: Programs,
    directory: PathBuf,
    port: u16,
    durability: Durability,
    watchdog: Child,
    databases: AtomicU32,
}

static SHARED: OnceLock<Postgres> = OnceLock::new();

/// Waits until the test's end of the pipe is closed, which also a killed test does.
const WATCHDOG: &str =
    r#"cat > /dev/null; "$1" -D "$2/data" -m immediate -w stop > /dev/null 2>&1; rm -rf "$2""#;

impl Postgres {
    /// Starts one for tests that stop or disturb it.
    pub fn start() -> Self {
        Self::start_with(Durability::Passing)
    }

    /// The one that all tests of this process share, each with a database of its own.
    pub fn shared() -> &'static Self {
        SHARED.get_or_init(Self::start)
    }

    /// Starts one.
    pub fn start_with(durability: Durability) -> Self {
        let programs = Programs::find();
        let directory = tempfile::Builder::new().prefix("choba-postgres-").tempdir();
        let directory = directory.expect("no temporary directory can be made").keep();
        programs.own(&directory);
        let watchdog = watch(&programs, &directory);
        let (port, databases) = (free_port(), AtomicU32::new(0));
        let postgres = Self { programs, directory, port, durability, watchdog, databases };
        postgres.initialise();
        postgres.resume();
        postgres
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes an empty database and gives its address.
    pub fn create_database(&self) -> String {
        let name = format!("database_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The address of a database, through another port if a proxy is between.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL with `psql` and gives what it prints, one row a line, columns parted by `|`.
    pub fn query(&self, database: &str, sql: &str) -> String {
        let port = self.port.to_string();
        let mut psql = self.programs.command("psql", &self.directory);
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres"]);
        psql.args(["-p", &port, "-d", database, "-c", sql]);
        run(&mut psql).trim_end().to_owned()
    }

    /// Stops it as an operator would: clients are cut off, what is committed is written.
    pub fn stop(&self) {
        self.control(&["-m", "fast", "-w", "stop"]);
    }

    /// Stops it as a crash would.
    pub fn kill(&self) {
        self.control(&["-m", "immediate", "-w", "stop"]);
    }

    /// Starts it again after it was stopped, and waits until it answers.
    pub fn resume(&self) {
        let options = self.options();
        self.control(&["-l", "log", "-o", &options, "-w", "start"]);
    }

    /// Stops it as an operator would, and starts it again.
    pub fn restart(&self) {
        self.stop();
        self.resume();
    }

    fn initialise(&self) {
        let mut initdb = self.programs.command("initdb", &self.directory);
        initdb.args([
            "-D",
            "data",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "--auth=trust",
            "--no-sync",
        ]);
        run(&mut initdb);
    }

    fn options(&self) -> String {
        let fsync = if self.durability == Durability::Durable { "on" } else { "off" };
        format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 \
             -c shared_buffers=128MB -c fsync={fsync} -c full_page_writes={fsync}",
            self.port
        )
    }

    fn control(&self, arguments: &[&str]) {
        let mut control = self.programs.command("pg_ctl", &self.directory);
        control.args(["-D", "data"]).args(arguments);
        // The server inherits these; a pipe would stay open as long as it runs.
        control.stdout(Stdio::null()).stderr(Stdio::null());
        let status = control.status().expect("pg_ctl cannot be run");
        let log = || std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        assert!(status.success(), "pg_ctl {arguments:?} failed:\n{}", log());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("a program of PostgreSQL cannot be run");
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed:\n{said}{complained}");
    said.into_owned()
}

/// In a process group of its own, so that an interrupted test does not take it along.
fn watch(programs: &Programs, directory: &Path) -> Child {
    let mut watchdog = programs.as_user(Command::new("sh"));
    watchdog.args(["-c", WATCHDOG, "watchdog"]).arg(programs.path("pg_ctl")).arg(directory);
    watchdog.current_dir("/").process_group(0);
    watchdog.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    watchdog.spawn().expect("sh cannot be run")
}

/// A port below those that outgoing connections get, or a client that tries to reconnect to a stopped server
/// might be given the server's own port.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 10_000).unwrap_or(0);
    let tries = std::iter::repeat_with(|| NEXT.fetch_add(1, Ordering::Relaxed)).take(1_000);
    let mut ports = tries.map(|next| 20_000_u16.saturating_add(start.wrapping_add(next) % 12_000));
    ports.find(|port| is_free(*port)).expect("no port is free")
}

fn is_free(port: u16) -> bool {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::AddrInUse => false,
        Err(error) => panic!("a port cannot be opened: {error}"),
    }
}
