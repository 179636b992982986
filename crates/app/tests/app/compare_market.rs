//! A new version of a market, tried on the carts of orders that were placed.

use choba_app::{KnownMarket, Whose};
use choba_formats::market_changes::Both;
use choba_formats::market_files;
use jiff::SignedDuration;

use crate::on_both;
use crate::support::{Bench, hanako, noon, rakuten};

on_both!(orders_are_priced_under_both_versions_as_they_were_placed, nothing_changes_under_the_same_version);

fn jiro() -> Whose {
    Whose::new("jiro", "rakuten-style")
}

fn with(old: &str, new: &str) -> KnownMarket {
    let files = market_files::sample("rakuten-style").unwrap().into_iter();
    KnownMarket::from_files(files.map(|file| (file.path, file.text.replace(old, new))).collect()).unwrap()
}

/// An order with a coupon and points, paid at the door; another one by card; one of the week before.
async fn orders(bench: &Bench) {
    let before = noon() - SignedDuration::from_hours(8 * 24);
    bench.place(&jiro(), &rakuten().line("A@shop-a", 1_000, 1).by("cod"), before).await;
    bench.counter.give_coupon(&hanako(), "A500", noon()).await.unwrap();
    bench.grant(&hanako(), "rakuten:ordinary", 300, None).await;
    let cart = rakuten().line("A@shop-a", 2_000, 1).coupon("A500").stored("rakuten", 300).by("cod");
    bench.place(&hanako(), &cart, noon()).await;
    bench.place(&jiro(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
}

async fn orders_are_priced_under_both_versions_as_they_were_placed(bench: Bench) {
    orders(&bench).await;
    let from = noon() - SignedDuration::from_hours(7 * 24);
    let until = noon() + SignedDuration::from_hours(1);
    let dearer = with("fee = 330", "fee = 440");
    let changes = bench.counter.compare_market(&dearer.market, from, until).await.unwrap();
    assert_eq!(
        (changes.requests, changes.changed, changes.unusable, changes.priced_by_one_only),
        (2, 1, 0, 0)
    );
    let total = changes.totals["total"];
    // 2,000 less 500, shipping 600, fee 330; 5,000 with free shipping.
    assert_eq!(total, Both { before: 2_430 + 5_000, after: 2_540 + 5_000 });
    assert_eq!(changes.totals["coupon_total"], Both { before: 500, after: 500 });
    assert_eq!(changes.tenders["rakuten"], Both { before: 300, after: 300 });
    assert_eq!(changes.tenders["cod"].change(), 110);
}

async fn nothing_changes_under_the_same_version(bench: Bench) {
    orders(&bench).await;
    let from = noon() - SignedDuration::from_hours(30 * 24);
    let until = noon() + SignedDuration::from_hours(1);
    let same = with("", "");
    let changes = bench.counter.compare_market(&same.market, from, until).await.unwrap();
    assert_eq!((changes.requests, changes.changed, changes.unusable), (3, 0, 0));
}
