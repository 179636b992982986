//! `choba books life`: an order from its coupon to the last point that expires, with the books after each step.
//!
//! Everything is done by the counter's own use cases; the card's provider and partners are played in memory. Times
//! and random numbers are fixed, so that two runs print the same, whichever database they are on.

mod dice;
mod page;
mod steps;
mod story;

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use choba_app::{Counter, KnownMarket, Secrets, Whose};
use choba_formats::market_files;
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_store::books::{Checking, MIGRATIONS};
use choba_store::sql::{Options, Store};

use crate::Answer;
use crate::database::{explained, wait_for};
use crate::language::LanguageForPeople;
use dice::Dice;
use page::Page;
use steps::Life;
use story::Story;

#[derive(clap::Args)]
#[command(after_help = "\
It takes empty books only, so that nobody's books are written to by mistake.

Examples:
  choba books life
  choba books life --market amazon-style --lang ja
  choba books life --json --db sqlite:life.sqlite && choba books show --db sqlite:life.sqlite \\
      --customer hanako --market rakuten-style

What the states mean and what each step does to the books: docs/orders.md")]
pub struct Arguments {
    /// Empty books: `sqlite:PATH`, or `postgres://USER@HOST/NAME`. Without it, books that go away.
    #[arg(long = "db", value_name = "URL", default_value = "sqlite::memory:", hide_default_value = true)]
    url: String,

    /// In which sample market.
    #[arg(long, value_name = "NAME", default_value = "rakuten-style",
        value_parser = ["rakuten-style", "amazon-style"])]
    market: String,

    #[command(flatten)]
    language: LanguageForPeople,

    /// Print a JSON line for each step.
    #[arg(long)]
    json: bool,
}

/// Lives; the exit status is 1 where the books do not agree at the end.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let agrees = wait_for(live(arguments))?;
    Ok(if agrees { Answer::Yes } else { Answer::No })
}

async fn live(arguments: &Arguments) -> anyhow::Result<bool> {
    let story = Story::of(&arguments.market);
    let counter = open(&arguments.url, story).await?;
    let page = Page::new(counter.markets().get(story.market)?, arguments.language.language(), arguments.json);
    let whose = Whose::new(story.customer, story.market);
    let agrees = Life::new(counter.clone(), whose, story, page).live().await;
    counter.store().close().await;
    agrees
}

/// A counter on empty books.
async fn open(url: &str, story: &'static Story) -> anyhow::Result<Counter> {
    let begins_at = story::time(story.begins_at)?;
    let options = Options::at(begins_at.as_millisecond());
    let store = Store::open(url, &MIGRATIONS, options.clone()).await.map_err(explained)?;
    let snapshot = store.snapshot().await.map_err(explained)?;
    let customers = Checking::of(snapshot).customers().await.map_err(explained)?;
    store.close().await;
    if customers > 0 {
        bail!("--db: there are customers in these books\nhint: a life begins in an empty place");
    }
    let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), begins_at));
    let secrets = Secrets { codes: *b"known to everybody who runs this" };
    let markets = vec![sample(story.market)?];
    let counter = Counter::open(url, options, markets, outside, Arc::new(Dice::default()), secrets).await;
    counter.context("--db")
}

fn sample(name: &str) -> anyhow::Result<KnownMarket> {
    let files = market_files::sample(name).ok_or_else(|| anyhow!("there is no sample market {name:?}"))?;
    let files = files.into_iter().map(|file| (file.path, file.text)).collect();
    KnownMarket::from_files(files).map_err(|report| anyhow!(report))
}
