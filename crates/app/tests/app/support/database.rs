//! The databases that tests run on.

use std::num::NonZeroUsize;

use choba_store::sql::Options;
use choba_testbed::Postgres;
use jiff::Timestamp;

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
}

pub fn options(at: Timestamp) -> Options {
    let mut options = Options::at(at.as_millisecond());
    options.writers = NonZeroUsize::MIN;
    options.readers = NonZeroUsize::new(2).unwrap();
    options
}

/// Makes a test of each function on each database; the function takes a [`Bench`](super::Bench).
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let database = $crate::support::Database::sqlite();
                    super::$name($crate::support::Bench::open(database).await).await;
                }
            )*
        }
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let database = $crate::support::Database::postgres();
                    super::$name($crate::support::Bench::open(database).await).await;
                }
            )*
        }
    };
}
