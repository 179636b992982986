//! A disk that is full.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use choba_app::{AppError, Counter, PlaceOrder, PlaceOutcome, Secrets, Whose};
use choba_engine::money::Money;
use choba_engine::order::Expected;
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_store::sql::{Options, StoreError};

use crate::support::{Cart, Seeded, amazon, noon, sample, taro};
use crate::truth::{books_are_fine, options, orders_of};

async fn open(url: &str, options: Options, seed: u64) -> Counter {
    let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), noon()));
    let (markets, secrets) = (vec![sample("amazon-style")], Secrets { codes: [7; 32] });
    Counter::open(url, options, markets, outside, Arc::new(Seeded::new(seed)), secrets).await.unwrap()
}

fn placing(whose: &Whose, cart: &Cart, total: i64, key: &str) -> PlaceOrder {
    let request = cart.bytes();
    PlaceOrder {
        whose: whose.clone(),
        expected: Expected { total: Money::new(total), ..Expected::default() },
        card_token: None,
        key: choba_app::Key::new(key, "place_order", &whose.customer_id, &request).unwrap(),
        request,
    }
}

async fn place(counter: &Counter, key: &str) -> Result<String, AppError> {
    let cart = amazon().line("X@amazon", 5_000, 1).by("cod");
    match counter.place_order(placing(&taro(), &cart, 5_330, key), noon()).await? {
        PlaceOutcome::Placed(order, _) => Ok(order.order_id),
        other => panic!("{other:?}"),
    }
}

fn is_unavailable(error: &AppError) -> bool {
    matches!(error, AppError::Store(StoreError::Unavailable { .. }))
}

/// Orders until there is no room; answers those placed, and the key of the first that was refused.
async fn fill(counter: &Counter) -> (Vec<String>, String) {
    let mut placed = Vec::new();
    for turn in 0..100_000 {
        let key = format!("fill-{turn}");
        match place(counter, &key).await {
            Ok(order_id) => placed.push(order_id),
            Err(error) => {
                assert!(is_unavailable(&error), "{error}");
                return (placed, key);
            }
        }
    }
    panic!("the disk never became full");
}

/// What was refused is nowhere, and all else can be read. A little room may be left, which takes a small change:
/// each further order is placed whole or told the same.
async fn nothing_but_the_placed_is_there(counter: &Counter, placed: &mut Vec<String>) {
    for turn in 0..5 {
        match place(counter, &format!("further-{turn}")).await {
            Ok(order_id) => placed.push(order_id),
            Err(error) => assert!(is_unavailable(&error), "{error}"),
        }
    }
    let there = orders_of(counter, &taro()).await.into_iter().map(|order| order.order_id);
    let mut there: Vec<String> = there.collect();
    let mut expected = placed.clone();
    there.sort();
    expected.sort();
    assert_eq!(there, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_may_not_grow_refuses_whole_orders_until_it_may() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("full.sqlite").display());
    let counter = open(&url, Options { pages_max: Some(160), ..options(noon()) }, 1).await;
    let (mut placed, refused) = fill(&counter).await;
    assert!(placed.len() > 5, "{}", placed.len());
    nothing_but_the_placed_is_there(&counter, &mut placed).await;
    books_are_fine(&counter).await;
    counter.store().close().await;
    drop(counter);
    let counter = open(&url, options(noon()), 2).await;
    let order_id = place(&counter, &refused).await.unwrap();
    assert!(!placed.contains(&order_id));
    assert_eq!(place(&counter, "fill-0").await.unwrap(), placed[0]);
    assert_eq!(orders_of(&counter, &taro()).await.len(), placed.len() + 1);
    books_are_fine(&counter).await;
}

/// A file system of a few megabytes in memory, until it is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(directory.path());
        mount.output().is_ok_and(|output| output.status.success()).then_some(Self(directory))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Only who may mount can try this; for others the test above stands alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_really_full_refuses_whole_orders_until_there_is_room() {
    let Some(disk) = SmallDisk::mount(6) else {
        eprintln!("not tried: this user may not mount a file system");
        return;
    };
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![1; 2 << 20]).unwrap();
    let url = format!("sqlite:{}", disk.path().join("full.sqlite").display());
    let counter = open(&url, options(noon()), 2).await;
    let (mut placed, refused) = fill(&counter).await;
    assert!(placed.len() > 5, "{}", placed.len());
    nothing_but_the_placed_is_there(&counter, &mut placed).await;
    std::fs::remove_file(&ballast).unwrap();
    // The same process goes on as soon as there is room.
    let order_id = place(&counter, &refused).await.unwrap();
    assert!(!placed.contains(&order_id));
    assert_eq!(place(&counter, "fill-0").await.unwrap(), placed[0]);
    assert_eq!(orders_of(&counter, &taro()).await.len(), placed.len() + 1);
    books_are_fine(&counter).await;
    counter.store().close().await;
}
