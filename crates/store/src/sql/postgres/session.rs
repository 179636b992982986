//! A connection that writes, and the thread's own runtime for it.
//!
//! A step is one flush: all its statements are sent before the first answer is waited for. The runtime has one
//! thread, that of the writer, so a decision that takes long holds up nobody else's answers.

use std::collections::HashMap;
use std::ptr::from_ref;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Error};

use super::super::dialect::{Dialect, POSTGRES_WRITER_SETTINGS};
use super::super::error::{Fault, StoreError};
use super::super::group::{Group, Results};
use super::super::metrics::Metrics;
use super::super::row::Row;
use super::super::session::Session;
use super::Address;
use super::columns::{columns, read};
use super::fault::{fault, gravest, is_consequence};
use super::in_order::{Sent, in_order};
use super::together;

const OLDEST_VERSION: i32 = 150_000;

/// A writer of PostgreSQL. It must be dropped outside of any other runtime.
pub(in super::super) struct PostgresSession {
    runtime: Runtime,
    address: Address,
    metrics: Arc<Metrics>,
    connected: Option<Connected>,
}

/// So many commands of several writes are kept prepared; works that write still other things write one by one.
const COMMANDS_MOST: usize = 64;

/// A living connection, and what was prepared on it, by text.
struct Connected {
    client: Client,
    task: JoinHandle<()>,
    prepared: HashMap<&'static str, tokio_postgres::Statement>,
    /// By the addresses of their writes' statements, which are statics.
    commands: HashMap<Vec<usize>, tokio_postgres::Statement>,
}

/// What a statement of a flush gives.
enum Reply {
    Rows(Vec<tokio_postgres::Row>),
    Touched(u64),
    Done,
}

/// How the groups of a flush are run.
#[derive(Clone, Copy)]
enum Kind {
    Reads,
    Writes,
}

impl PostgresSession {
    /// Connects, and refuses a server that is too old.
    pub fn open(address: Address, metrics: Arc<Metrics>) -> Result<Self, StoreError> {
        let unable = |error: std::io::Error| StoreError::Unavailable { reason: error.to_string() };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(unable)?;
        let mut session = Self { runtime, address, metrics, connected: None };
        session.connect()?;
        Ok(session)
    }

    /// Connects where there is no living connection.
    fn connect(&mut self) -> Result<(), Fault> {
        if self.connected.as_ref().is_some_and(|connected| !connected.client.is_closed()) {
            return Ok(());
        }
        self.disconnect();
        let Self { runtime, address, .. } = self;
        let opened = runtime.block_on(async { timeout(address.step_timeout, open(address)).await });
        self.connected = Some(opened.unwrap_or_else(|_| Err(out_of_time()))?);
        Ok(())
    }

    fn disconnect(&mut self) {
        if let Some(connected) = self.connected.take() {
            connected.task.abort();
        }
    }

    /// Sends everything, then waits for everything.
    fn flush(&mut self, first: Option<&str>, groups: &[Group], kind: Kind) -> Result<Vec<Reply>, Fault> {
        self.connect()?;
        self.prepare(groups)?;
        let connected = self.connected.as_ref().ok_or_else(closed)?;
        let names = first.map(|_| "begin").into_iter().chain(groups.iter().map(|group| group.statement.name));
        let sent = first.map(|text| plain(&connected.client, text)).into_iter();
        let sent = sent.chain(groups.iter().map(|group| connected.send(group, kind))).collect();
        let replies = self.wait(self.address.step_timeout, in_order(sent))?;
        let (replies, faults) = apart(names.zip(replies));
        gravest(faults.into_iter()).map_or(Ok(replies), Err)
    }

    /// Prepares what was not prepared on this connection before, in one round trip.
    fn prepare(&mut self, groups: &[Group]) -> Result<(), Fault> {
        let connected = self.connected.as_ref().ok_or_else(closed)?;
        let mut missing = Vec::new();
        for group in groups {
            let text = group.statement.rendered(Dialect::Postgres)?.text.as_str();
            if !connected.prepared.contains_key(text) && !missing.contains(&(group.statement.name, text)) {
                missing.push((group.statement.name, text));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let sent = missing.iter().map(|(_, text)| prepare(&connected.client, text)).collect();
        let answers = self.wait(self.address.step_timeout, in_order(sent))?;
        for ((name, text), answer) in missing.into_iter().zip(answers) {
            let prepared = answer.map_err(|error| fault(name, &error))?;
            let connected = self.connected.as_mut().ok_or_else(closed)?;
            connected.prepared.insert(text, prepared);
        }
        Ok(())
    }

    /// A command of several writes, prepared; nothing where too many already are.
    fn prepare_command(&mut self, command: &[&Group]) -> Result<Option<tokio_postgres::Statement>, Fault> {
        let connected = self.connected.as_ref().ok_or_else(closed)?;
        let statements: Vec<_> = command.iter().map(|group| group.statement).collect();
        let key: Vec<usize> = statements.iter().map(|statement| from_ref(*statement).addr()).collect();
        let known = connected.commands.get(&key).cloned();
        if known.is_some() || connected.commands.len() >= COMMANDS_MOST {
            return Ok(known);
        }
        let text = together::text(&statements)?;
        let prepared = self.wait(self.address.step_timeout, connected.client.prepare(&text))?;
        let prepared = prepared.map_err(|error| fault(together::NAME, &error))?;
        self.connected.as_mut().ok_or_else(closed)?.commands.insert(key, prepared.clone());
        Ok(Some(prepared))
    }

    /// Sends the commands and the commit: where a command fails, the commit only ends the transaction.
    fn commit_commands(
        &mut self,
        commands: &[Vec<&Group>],
        prepared: &[tokio_postgres::Statement],
    ) -> Result<(), Fault> {
        let client = &self.connected.as_ref().ok_or_else(closed)?.client;
        let sent = commands.iter().zip(prepared).map(|(command, prepared)| send(client, command, prepared));
        let sent = sent.chain([plain(client, "COMMIT")]).collect();
        let replies = self.wait(self.address.step_timeout, in_order(sent))?;
        let named = std::iter::repeat_n(together::NAME, commands.len()).chain(["commit"]).zip(replies);
        gravest(apart(named).1.into_iter()).map_or(Ok(()), Err)
    }

    /// Waits for one round trip, but not for ever.
    fn wait<T>(&self, at_most: Duration, answers: impl Future<Output = T>) -> Result<T, Fault> {
        self.metrics.round_trip();
        let in_time = self.runtime.block_on(async { timeout(at_most, answers).await });
        in_time.map_err(|_| out_of_time())
    }

    fn plain(&mut self, name: &'static str, text: &str, at_most: Duration) -> Result<(), Fault> {
        let connected = self.connected.as_ref().ok_or_else(closed)?;
        let done = self.wait(at_most, connected.client.batch_execute(text))?;
        done.map_err(|error| fault(name, &error))
    }
}

impl Session for PostgresSession {
    const DIALECT: Dialect = Dialect::Postgres;

    fn begin(&mut self, reads: &[Group]) -> Result<Results, Fault> {
        let replies = self.flush(Some(Self::DIALECT.begin()), reads, Kind::Reads)?;
        results(reads, &replies)
    }

    fn read(&mut self, reads: &[Group]) -> Result<Results, Fault> {
        let replies = self.flush(None, reads, Kind::Reads)?;
        results(reads, &replies)
    }

    fn write(&mut self, writes: &[Group]) -> Result<(), Fault> {
        let replies = self.flush(None, writes, Kind::Writes)?;
        for (group, reply) in writes.iter().zip(replies) {
            if let Reply::Touched(touched) = reply {
                group.statement.expect(touched, group.rows.len())?;
            }
        }
        Ok(())
    }

    fn write_and_commit(&mut self, writes: &[Group]) -> Result<bool, Fault> {
        let Some(commands) = together::commands(writes) else { return Ok(false) };
        let prepared = commands.iter().map(|command| self.prepare_command(command));
        let Some(prepared) = prepared.collect::<Result<Option<Vec<_>>, Fault>>()? else { return Ok(false) };
        self.commit_commands(&commands, &prepared)?;
        Ok(true)
    }

    fn script(&mut self, text: &str) -> Result<(), Fault> {
        self.plain("script", text, Duration::MAX)
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.plain("commit", "COMMIT", self.address.step_timeout)
    }

    fn roll_back(&mut self) {
        if self.connected.is_some() && self.plain("roll back", "ROLLBACK", self.address.step_timeout).is_err()
        {
            self.disconnect();
        }
    }

    fn close(&mut self) {
        if let Some(Connected { client, task, .. }) = self.connected.take() {
            drop(client);
            // The server hears of the end while the task runs out.
            let _ = self.runtime.block_on(async { timeout(Duration::from_secs(1), task).await });
        }
    }
}

impl Connected {
    fn send<'a>(&'a self, group: &'a Group, kind: Kind) -> Sent<'a, Result<Reply, Error>> {
        let columns = columns(group);
        Box::pin(async move {
            let parameters: Vec<_> = columns.iter().map(|column| column.parameter()).collect();
            let text = group.statement.rendered(Dialect::Postgres).map_or("", |rendered| &rendered.text);
            match (self.prepared.get(text), kind) {
                (Some(prepared), Kind::Reads) => {
                    self.client.query(prepared, &parameters).await.map(Reply::Rows)
                }
                (Some(prepared), Kind::Writes) => {
                    self.client.execute(prepared, &parameters).await.map(Reply::Touched)
                }
                (None, _) => self.client.execute(text, &parameters).await.map(Reply::Touched),
            }
        })
    }
}

/// A command of several writes.
fn send<'a>(
    client: &'a Client,
    command: &'a [&'a Group],
    prepared: &'a tokio_postgres::Statement,
) -> Sent<'a, Result<Reply, Error>> {
    let columns: Vec<_> = command.iter().flat_map(|group| columns(group)).collect();
    Box::pin(async move {
        let parameters: Vec<_> = columns.iter().map(|column| column.parameter()).collect();
        client.execute(prepared, &parameters).await.map(Reply::Touched)
    })
}

async fn open(address: &Address) -> Result<Connected, Fault> {
    let opened = address.connector.open(&address.config).await;
    let (client, task) = opened.map_err(|error| fault("connect", &error))?;
    let settings = client.batch_execute(POSTGRES_WRITER_SETTINGS).await;
    settings.map_err(|error| fault("settings", &error))?;
    let version = client.query_one("SELECT current_setting('server_version_num')::int4", &[]).await;
    let version: i32 = version.and_then(|row| row.try_get(0)).map_err(|error| fault("version", &error))?;
    if version < OLDEST_VERSION {
        let reason = format!("the server's version is {version}; at least PostgreSQL 15 is needed");
        return Err(StoreError::Address { reason }.into());
    }
    Ok(Connected { client, task, prepared: HashMap::new(), commands: HashMap::new() })
}

fn plain<'a>(client: &'a Client, text: &'a str) -> Sent<'a, Result<Reply, Error>> {
    Box::pin(async move { client.batch_execute(text).await.map(|()| Reply::Done) })
}

fn prepare<'a>(client: &'a Client, text: &'a str) -> Sent<'a, Result<tokio_postgres::Statement, Error>> {
    Box::pin(client.prepare(text))
}

/// What succeeded, and what failed with whether it failed only because of another.
fn apart(
    answers: impl Iterator<Item = (&'static str, Result<Reply, Error>)>,
) -> (Vec<Reply>, Vec<(Fault, bool)>) {
    let (mut replies, mut faults) = (Vec::new(), Vec::new());
    for (name, answer) in answers {
        match answer {
            Ok(reply) => replies.push(reply),
            Err(error) => faults.push((fault(name, &error), is_consequence(&error))),
        }
    }
    (replies, faults)
}

/// The rows of each group, from the replies to it and perhaps to `BEGIN` before.
fn results(groups: &[Group], replies: &[Reply]) -> Result<Results, Fault> {
    let rows = replies.iter().filter_map(|reply| match reply {
        Reply::Rows(rows) => Some(rows),
        Reply::Touched(_) | Reply::Done => None,
    });
    let of_group = |(group, rows): (&Group, &Vec<tokio_postgres::Row>)| {
        rows.iter().map(|row| read(group.statement, row)).collect::<Result<Vec<Row>, StoreError>>()
    };
    Ok(groups.iter().zip(rows).map(of_group).collect::<Result<_, _>>()?)
}

fn closed() -> Fault {
    Fault::Lost("the connection is closed".to_owned())
}

fn out_of_time() -> Fault {
    Fault::Lost("PostgreSQL does not answer".to_owned())
}
