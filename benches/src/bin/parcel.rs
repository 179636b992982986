//! How fast `choba-parcel` is: numbers a second over a mixed list, beside the npm package
//! `tracking-number-validation` on the same list in the same run, the first call, and searching a text.
//!
//! That a plain valid number needs no allocation is a test of the crate itself.
//!
//! Machines differ and drift, so the ratio is the figure to compare; the rest is for orientation. Run with
//! `cargo run --release -p choba-benches --bin parcel`. Without node or npm the peer is left out, and said so.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use choba_parcel::{find, parse};

const ROUND: Duration = Duration::from_millis(400);
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    println!("first call: {:.1} µs", first_call().as_secs_f64() * 1e6);
    let numbers = mixed_numbers();
    let valid = numbers.iter().filter(|number| parse(number).is_valid()).count();
    println!("list: {} numbers, {valid} of them valid", numbers.len());
    match Peer::start(&numbers).and_then(|mut peer| side_by_side(&numbers, &mut peer)) {
        Ok(rounds) => print_rounds(rounds),
        Err(reason) => {
            println!("choba-parcel: {:.2} million numbers/s on one core", numbers_per_second(&numbers) / 1e6);
            println!("tracking-number-validation (npm): left out, {reason}");
        }
    }
    let text = mail_text();
    println!(
        "find: {:.0} MB/s in {} KB of mail, {} numbers",
        megabytes_per_second(&text),
        text.len() / 1000,
        find(&text).count()
    );
    Ok(())
}

#[allow(clippy::disallowed_methods)] // a benchmark reads the clock
fn now() -> Instant {
    Instant::now()
}

fn first_call() -> Duration {
    let start = now();
    black_box(parse(black_box("1234-5678-9013")).is_valid());
    start.elapsed()
}

/// Published numbers of every carrier, and generated ones with their check digits.
fn mixed_numbers() -> Vec<String> {
    let published = [
        "1Z5R89390357567127",
        "1Z879E930346834440",
        "1Z410E7W0392751591",
        "K1506235620",
        "EE471108151FR",
        "RB123456785GB",
        "EG725089303JP",
        "986578788855",
        "477179081230",
        "799531274483",
        "041441760228964",
        "9611020987654312345672",
        "1001921334250001000300779017972697",
        "3318810025",
        "73891051146",
        "1099255990",
        "GM2951173225174494",
        "9400111206206406260787",
        "420787459400111206206406260787",
        "9261292700768711948021",
        "03071790000523483741",
        "0073938000549297",
        "320595463938",
        "KYV009956937",
        "D576002440000001718010",
        "008182709980000020033350276C",
        "C11031500001879",
        "LX17635036",
        "07209562763",
        "LTN74207623N1",
        "GFUS01011884214464",
        "SP029692510000920746",
        "JJD0002257639032011",
        "YT2229521272164446",
        "TBA000000000000",
        "183928252",
        "999999999994",
        "DA1234567890",
    ];
    let mut numbers: Vec<String> = published.iter().map(ToString::to_string).collect();
    for serial in 0..200_u64 {
        let body = 10_000_000_000 + serial * 448_617_903 % 89_999_999_999;
        let digits = format!("{body}{}", body % 7);
        let grouped = format!("{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..]);
        numbers.push(if serial % 2 == 0 { digits } else { grouped });
    }
    numbers
}

/// The best of some rounds: other work on the machine only ever makes a round slower.
fn best_rate(mut work: impl FnMut() -> usize) -> f64 {
    (0..ROUNDS).map(|_| rate(&mut work)).fold(0.0, f64::max)
}

fn rate(work: &mut impl FnMut() -> usize) -> f64 {
    let start = now();
    let mut done = 0;
    while start.elapsed() < ROUND {
        done += work();
    }
    done as f64 / start.elapsed().as_secs_f64()
}

fn numbers_per_second(numbers: &[String]) -> f64 {
    best_rate(|| answer_all(numbers))
}

fn answer_all(numbers: &[String]) -> usize {
    for number in numbers {
        black_box(parse(black_box(number)).carrier());
    }
    numbers.len()
}

fn megabytes_per_second(text: &str) -> f64 {
    best_rate(|| {
        black_box(find(black_box(text)).count());
        text.len()
    }) / 1e6
}

/// Mails as customers paste them, a number in each, to 100 KB.
fn mail_text() -> String {
    let mut text = String::new();
    for serial in 0_u64.. {
        let body = 20_000_000_000 + serial * 7_918_273_645 % 79_999_999_999;
        text.push_str(&format!(
            "お世話になっております。ご注文の商品を本日発送いたしましたのでお知らせいたします。お届けまで今しばらくお待ちください。\n\
             Thank you for shopping with us. Your parcel has left our warehouse and will arrive within a few days.\n\
             お届け日時のご指定がある場合は、ご指定の日時にお届けいたします。ご不在の場合は不在票をご確認のうえ再配達をご依頼ください。\n\
             ヤマト運輸 お問い合わせ番号: {body}{}\n合計 12,800円(税込) 2026年11月{}日\n\n",
            body % 7,
            serial % 30 + 1
        ));
        if text.len() >= 100_000 {
            break;
        }
    }
    text
}

/// Numbers a second of both, round by round in turn, so that other work on the machine slows both.
fn side_by_side(numbers: &[String], peer: &mut Peer) -> Result<Vec<(f64, f64)>, Box<dyn Error>> {
    peer.round()?; // to warm its compiler up
    (0..ROUNDS).map(|_| Ok((rate(&mut || answer_all(numbers)), peer.round()?))).collect()
}

fn print_rounds(rounds: Vec<(f64, f64)>) {
    let best = |side: fn(&(f64, f64)) -> f64| rounds.iter().map(side).fold(0.0, f64::max) / 1e6;
    println!("choba-parcel: {:.2} million numbers/s on one core", best(|round| round.0));
    println!("tracking-number-validation (npm): {:.2} million numbers/s", best(|round| round.1));
    let mut ratios: Vec<f64> = rounds.iter().map(|(ours, theirs)| ours / theirs).collect();
    ratios.sort_by(f64::total_cmp);
    let least_disturbed = best(|round| round.0) / best(|round| round.1);
    let median = ratios[ratios.len() / 2];
    println!(
        "ratio: {least_disturbed:.2} × of the best rounds, {median:.2} × in the median of {ROUNDS} rounds"
    );
}

/// The npm package in a node process that measures one round for each line it reads.
struct Peer {
    folder: PathBuf,
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(numbers: &[String]) -> Result<Peer, Box<dyn Error>> {
        let folder = std::env::temp_dir().join(format!("choba-parcel-peer-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let install = ["install", "--no-audit", "--no-fund", "--silent", "--ignore-scripts", PACKAGE];
        let installed = Command::new("npm").args(install).arg("--prefix").arg(&folder).output();
        if !installed.map_err(|fault| format!("npm cannot be run: {fault}"))?.status.success() {
            fs::remove_dir_all(&folder)?;
            return Err("npm could not install it".into());
        }
        fs::write(folder.join("numbers.json"), serde_json::to_vec(numbers)?)?;
        fs::write(folder.join("peer.js"), PEER)?;
        let mut node = Command::new("node");
        node.arg("peer.js").arg(ROUND.as_millis().to_string()).current_dir(&folder);
        let mut process = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let answers = process.stdout.take().ok_or("node has no standard output")?;
        Ok(Peer { folder, process, answers: BufReader::new(answers) })
    }

    fn round(&mut self) -> Result<f64, Box<dyn Error>> {
        self.process.stdin.as_mut().ok_or("node has no standard input")?.write_all(b"round\n")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Whatever fails here leaves at most a temporary folder behind.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

const PACKAGE: &str = "tracking-number-validation@2.0.2";

const PEER: &str = r#"
const peer = require('tracking-number-validation');
const numbers = require('./numbers.json');
const millis = Number(process.argv[2]);
let kept = 0;
require('readline').createInterface({ input: process.stdin }).on('line', () => {
  const start = process.hrtime.bigint();
  let done = 0, spent = 0;
  while (spent < millis) {
    for (const number of numbers) kept += peer.getCourier(number).length;
    done += numbers.length;
    spent = Number(process.hrtime.bigint() - start) / 1e6;
  }
  console.log(done / spent * 1000);
});
"#;
