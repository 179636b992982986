//! The store: a database, its writers and its readers.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;

use super::error::StoreError;
use super::filling::{Filling, fill};
use super::group::Group;
use super::metrics::{Counts, Metrics};
use super::migration::{Migration, migrate};
use super::options::Options;
use super::postgres::{Address, Pool, PostgresSession};
use super::queue::Queue;
use super::row::Row;
use super::session::Session;
use super::snapshot::{Database, Snapshot};
use super::sqlite::{Place, Readers, SqliteSession, back_up};
use super::statement::Statement;
use super::topics::{Topic, Topics};
use super::value::Value;
use super::work::{Asked, Queued, Work};
use super::writer::Writer;

/// A database with its writers and readers. Clones are the same store; when the last one is dropped, what is
/// queued is still written.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue<Box<dyn Queued>>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
    reader: Reader,
    options: Options,
    metrics: Arc<Metrics>,
    topics: Arc<Topics>,
}

enum Reader {
    Sqlite(Readers, Place),
    Postgres(Pool, Box<Address>),
}

impl Store {
    /// Opens a database and brings its tables to the last migration.
    ///
    /// The address is `sqlite:PATH`, `sqlite::memory:` for one that goes away with the store, or
    /// `postgres://…`. With `sslmode=require` the certificate is checked; without, nothing is encrypted.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Unavailable`], [`StoreError::NewerDatabase`],
    /// [`StoreError::MigrationChanged`] or [`StoreError::MigrationFailed`].
    pub async fn open(
        url: &str,
        migrations: &'static [Migration],
        options: Options,
    ) -> Result<Self, StoreError> {
        let url = url.to_owned();
        let opening = spawn_blocking(move || open(&url, migrations, &options));
        opening.await.map_err(|error| StoreError::Defect { reason: error.to_string() })?
    }

    /// Queues a work, without waiting. The reply is called once, from the writer's thread: after the commit is
    /// durable or with the error; at once, if too much is waiting already.
    pub fn submit<W: Work>(
        &self,
        work: W,
        reply: impl FnOnce(Result<W::Answer, StoreError>) + Send + 'static,
    ) {
        let key = work.key().to_owned();
        if let Err((item, error)) = self.inner.queue.push(&key, Box::new(Asked::new(work, reply))) {
            item.answer(Err(error));
        }
    }

    /// Queues a work and waits for its answer. Whoever stops waiting does not stop the work.
    ///
    /// # Errors
    /// What the work is answered with; see [`StoreError`].
    pub async fn perform<W: Work>(&self, work: W) -> Result<W::Answer, StoreError> {
        let (sender, receiver) = oneshot::channel();
        // Nobody may be waiting any more.
        self.submit(work, move |answer| drop(sender.send(answer)));
        receiver.await.unwrap_or_else(|_| Err(StoreError::Closed))
    }

    /// Runs a statement for some rows, beside the writers. Sees what was committed before; results of one row
    /// follow the order of the statement, and [`Row::ordinal`] tells which row they answer.
    ///
    /// # Errors
    /// [`StoreError::Statement`], [`StoreError::Unreadable`], [`StoreError::Busy`] or
    /// [`StoreError::Unavailable`].
    pub async fn read(
        &self,
        statement: &'static Statement,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StoreError> {
        let group = Group::new(statement, rows)?;
        match &self.inner.reader {
            Reader::Sqlite(readers, _) => readers.read(group).await,
            Reader::Postgres(pool, _) => pool.read(&group).await,
        }
    }

    /// Copies an SQLite database, as it is now, into a new file, while it is in use.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] with PostgreSQL; [`StoreError::Unavailable`] where the file is there already
    /// or cannot be written.
    pub async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        let Reader::Sqlite(_, place) = &self.inner.reader else {
            return Err(StoreError::Unsupported { what: "a copy of the database's file" });
        };
        let (place, target) = (place.clone(), path.to_owned());
        let copying = spawn_blocking(move || back_up(&place, &target));
        copying.await.map_err(|error| StoreError::Defect { reason: error.to_string() })?
    }

    /// The whole database as it is now, for as long as it takes to read it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        match &self.inner.reader {
            Reader::Sqlite(_, place) => Snapshot::of_sqlite(place, &self.inner.options).await,
            Reader::Postgres(_, address) => Snapshot::of_postgres(address).await,
        }
    }

    /// Runs one transaction of very many writes on a connection of its own, while nobody else may write to
    /// these tables. It is committed if `filling` succeeds; otherwise nothing of it remains. It runs on a thread
    /// where it may block.
    ///
    /// # Errors
    /// What `filling` answers, and what the database answers.
    pub async fn fill<T, E>(
        &self,
        tables: Vec<&'static str>,
        filling: impl FnOnce(&mut Filling<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let running = spawn_blocking(move || match &inner.reader {
            Reader::Sqlite(_, place) => {
                let mut session = SqliteSession::open(place, &inner.options)?;
                fill(&mut session, &tables, filling)
            }
            Reader::Postgres(_, address) => {
                let mut session = PostgresSession::open((**address).clone(), Arc::clone(&inner.metrics))?;
                fill(&mut session, &tables, filling)
            }
        });
        running.await.unwrap_or_else(|error| Err(StoreError::Defect { reason: error.to_string() }.into()))
    }

    /// Changes whenever this process has committed a write that announces the topic.
    ///
    /// # Errors
    /// [`StoreError::Defect`] where there is no such topic.
    pub fn listen(&self, topic: Topic) -> Result<watch::Receiver<u64>, StoreError> {
        let unknown = || StoreError::Defect { reason: format!("there is no {topic:?}") };
        self.inner.topics.listen(topic).ok_or_else(unknown)
    }

    /// What the store has done since it was opened.
    pub fn counts(&self) -> Counts {
        self.inner.metrics.counts()
    }

    /// Takes on nothing more, finishes what is queued, and leaves the database tidy.
    pub async fn close(&self) {
        self.inner.queue.close();
        let writers = std::mem::take(&mut *self.inner.writers.lock().unwrap_or_else(PoisonError::into_inner));
        // A writer that panicked has nothing left to finish.
        let joining = spawn_blocking(move || writers.into_iter().for_each(|writer| drop(writer.join())));
        let _ = joining.await;
        match &self.inner.reader {
            Reader::Sqlite(readers, _) => readers.close(),
            Reader::Postgres(pool, _) => pool.close(),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Store").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

fn open(url: &str, migrations: &'static [Migration], options: &Options) -> Result<Store, StoreError> {
    match Database::named(url, options)? {
        Database::Sqlite(place) => open_sqlite(&place, migrations, options),
        Database::Postgres(address) => open_postgres(address, migrations, options),
    }
}

fn open_sqlite(
    place: &Place,
    migrations: &'static [Migration],
    options: &Options,
) -> Result<Store, StoreError> {
    let mut session = SqliteSession::open(place, options)?;
    migrate(&mut session, migrations, options.opened_at)?;
    let readers = Readers::open(place, options)?;
    start(vec![session], Reader::Sqlite(readers, place.clone()), Arc::default(), options)
}

fn open_postgres(
    address: Box<Address>,
    migrations: &'static [Migration],
    options: &Options,
) -> Result<Store, StoreError> {
    let metrics = Arc::default();
    let open = |_| PostgresSession::open((*address).clone(), Arc::clone(&metrics));
    let mut sessions = (0..options.writers.get()).map(open).collect::<Result<Vec<_>, _>>()?;
    if let Some(session) = sessions.first_mut() {
        migrate(session, migrations, options.opened_at)?;
    }
    let pool = Pool::new(&address, options)?;
    start(sessions, Reader::Postgres(pool, address), Arc::clone(&metrics), options)
}

fn start<S: Session + 'static>(
    sessions: Vec<S>,
    reader: Reader,
    metrics: Arc<Metrics>,
    options: &Options,
) -> Result<Store, StoreError> {
    let options_kept = options.clone();
    let queue = Arc::new(Queue::new(options.queued_max));
    let (writers, topics) = (Mutex::default(), Arc::default());
    let mut inner = Inner { queue, writers, reader, options: options_kept, metrics, topics };
    for session in sessions {
        let queue = Arc::clone(&inner.queue);
        let (metrics, topics) = (Arc::clone(&inner.metrics), Arc::clone(&inner.topics));
        let (batch_max, patience) = (options.batch_max.get(), options.patience);
        let writer = Writer { session, queue, metrics, topics, batch_max, patience, reachable: true };
        let started = Builder::new().name("store writer".to_owned()).spawn(move || writer.run());
        let writer = started.map_err(|error| StoreError::Unavailable { reason: error.to_string() })?;
        inner.writers.get_mut().unwrap_or_else(PoisonError::into_inner).push(writer);
    }
    Ok(Store { inner: Arc::new(inner) })
}
