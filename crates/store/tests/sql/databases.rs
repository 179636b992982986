//! The databases that tests run on.

use choba_store::sql::{Migration, Options, Store};
use choba_testbed::Postgres;

use crate::counters::MIGRATIONS;

/// An empty database that goes away with the test.
pub struct Database {
    pub url: String,
    _directory: Option<tempfile::TempDir>,
}

impl Database {
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("test.sqlite").display());
        Self { url, _directory: Some(directory) }
    }

    pub fn postgres() -> Self {
        Self { url: Postgres::shared().create_database(), _directory: None }
    }

    /// A store with the tables of the tests, and one writer, so that works can be made to meet in a batch.
    pub async fn open(&self) -> Store {
        self.open_with(options()).await
    }

    pub async fn open_with(&self, options: Options) -> Store {
        Store::open(&self.url, MIGRATIONS, options).await.unwrap()
    }

    pub async fn migrate(
        &self,
        migrations: &'static [Migration],
    ) -> Result<Store, choba_store::sql::StoreError> {
        Store::open(&self.url, migrations, options()).await
    }
}

pub fn options() -> Options {
    let mut options = Options::at(1_790_000_000_000);
    options.writers = std::num::NonZeroUsize::MIN;
    options
}

/// Makes a test of each function on each database.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::databases::Database::sqlite()).await;
                }
            )*
        }
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::databases::Database::postgres()).await;
                }
            )*
        }
    };
}
