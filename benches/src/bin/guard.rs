//! How many links a second the guard judges, and what a longer official list costs.
//!
//! Prints lines of text: links a second against 20 and 1,000 official domains, on one core, and the ratio of
//! the two costs, measured in turns in the same run so that a busy machine weighs on both alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

use choba_guard::{Kind, Official, check_as};

const ROUNDS: usize = 15;
const REPEATS: usize = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let few = official(20)?;
    let many = official(1_000)?;
    let links = links();
    let (mut of_few, mut of_many) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        of_few = of_few.min(time_of(&few, &links)?);
        of_many = of_many.min(time_of(&many, &links)?);
    }
    let judged = (links.len() * REPEATS) as f64;
    println!("guard: 20 official domains: {:.0} links/s", judged / of_few.as_secs_f64());
    println!("guard: 1,000 official domains: {:.0} links/s", judged / of_many.as_secs_f64());
    println!(
        "guard: cost of 1,000 domains / cost of 20: {:.2}",
        of_many.as_secs_f64() / of_few.as_secs_f64()
    );
    for (sort, share) in by_sort(&links) {
        let spent = time_of(&few, &share)?;
        println!("guard: {sort}: {:.0} links/s", (share.len() * REPEATS) as f64 / spent.as_secs_f64());
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn time_of(official: &Official, links: &[String]) -> Result<Duration, choba_guard::TooLong> {
    let start = Instant::now();
    for _ in 0..REPEATS {
        for link in links {
            black_box(check_as(Kind::Url, official, black_box(link))?);
        }
    }
    Ok(start.elapsed())
}

/// The same names lead both lists; what is added is pronounceable and of ordinary length.
fn official(count: usize) -> Result<Official, String> {
    let real = ["example-shop.co.jp", "amazon.co.jp", "amazon.com", "rakuten.co.jp", "rakuten.ne.jp"];
    let names = real.into_iter().map(str::to_owned).chain((0..).map(made_up)).take(count);
    Official::from_list(names).map_err(|faults| format!("{faults:?}"))
}

fn made_up(number: usize) -> String {
    let syllables = ["ka", "shi", "tsu", "ne", "ho", "mari", "yu", "ren", "gawa", "to"];
    let name: String = [number, number / 10, number / 100, number / 7].map(|at| syllables[at % 10]).concat();
    format!("{name}.{}", ["co.jp", "jp", "com", "ne.jp"][number % 4])
}

/// What people paste: the shop's links, strangers' and fakes, a third each.
fn links() -> Vec<String> {
    [OFFICIAL, STRANGE, FAKE].concat().into_iter().map(str::to_owned).collect()
}

fn by_sort(links: &[String]) -> Vec<(&'static str, Vec<String>)> {
    let third = links.len() / 3;
    let sorts = ["official links", "strangers' links", "look-alikes"];
    sorts.into_iter().zip(links.chunks(third).map(<[String]>::to_vec)).collect()
}

const OFFICIAL: &[&str] = &[
    "https://www.amazon.co.jp/gp/your-account/order-history?ref_=nav_orders_first",
    "https://example-shop.co.jp/",
    "https://item.rakuten.co.jp/shop-a/10000123/?s-id=top_normal_browsehist",
    "amazon.com",
    "https://example-shop。co。jp/cart",
    "http://www.rakuten.ne.jp/gold/shop-a/",
];
const STRANGE: &[&str] = &[
    "https://www.iana.org/domains/reserved",
    "https://news.example.com/2026/11/21/autumn-leaves-in-kyoto.html?utm_source=mail",
    "https://maps.example.net/@35.6812,139.7671,15z",
    "https://www.xn--wgv71a119e.jp/",
    "https://kuronekoyamato.example.jp/tracking?number=123456789012",
    "http://203.0.113.9/index.html",
];
const FAKE: &[&str] = &[
    "https://www.amaz0n.co.jp/ap/signin",
    "https://amazon.co.jp.account-update.example/login",
    "https://exmaple-shop.co.jp/",
    "https://rakuten.co.jp@evil.example/",
    "https://www.rаkuten.co.jp/",
    "https://amazon.co.jp/redirect?url=https%3A%2F%2Fevil.example%2F",
];
