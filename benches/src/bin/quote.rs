//! How fast quotes are, as ratios of one run: `cargo run --release -p choba-benches --bin quote`.
//!
//! With `--baseline FILE` it is the peer that `choba quote` is compared with: it merely parses and writes again
//! each line of the file, on all cores, with the same dealing of batches.

use std::fs;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use choba_benches::requests::{amazon, rakuten};
use choba_benches::{best_time, report};
use choba_engine::quote::quote;
use choba_formats::market_files::load;
use choba_formats::request::RequestText;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, file] = arguments.as_slice()
        && flag == "--baseline"
    {
        return baseline(Path::new(file));
    }
    one_quote()?;
    growth()?;
    stream()
}

/// A cart of 5 lines, 3 coupons, 2 programs against parsing its own JSON.
fn one_quote() -> Result<(), Box<dyn std::error::Error>> {
    for (name, request) in [("rakuten-style", rakuten(5, 1)), ("amazon-style", amazon(5, 1))] {
        let market = load(name)?;
        let json = serde_json::to_vec(&request)?;
        let text = RequestText::read(&json)?;
        let resolved = text.resolve(&market)?;
        let typed = best_time(30, 2_000, || RequestText::read(&json).map(|text| text.market().map(str::len)));
        let value = best_time(30, 2_000, || serde_json::from_slice::<serde_json::Value>(&json));
        let pricing = best_time(30, 2_000, || quote(&market, &resolved).map(|quote| quote.total));
        println!(
            "{name}: parse typed {typed:?}, parse as values {value:?}, quote {pricing:?}, {} bytes",
            json.len()
        );
        let ratio = pricing.as_secs_f64() / value.as_secs_f64();
        report("quote ÷ parsing its request as values", ratio, "≤ 3", ratio <= 3.0);
        let ratio = pricing.as_secs_f64() / typed.as_secs_f64();
        report("quote ÷ parsing its request into types", ratio, "≤ 3", ratio <= 3.0);
    }
    Ok(())
}

/// 1,000 lines against 5.
fn growth() -> Result<(), Box<dyn std::error::Error>> {
    let market = load("rakuten-style")?;
    let times: Vec<Duration> = [5, 1_000]
        .into_iter()
        .map(|lines| -> Result<Duration, Box<dyn std::error::Error>> {
            let json = serde_json::to_vec(&rakuten(lines, 1))?;
            let text = RequestText::read(&json)?;
            let resolved = text.resolve(&market)?;
            Ok(best_time(20, if lines == 5 { 2_000 } else { 10 }, || {
                quote(&market, &resolved).map(|quote| quote.total)
            }))
        })
        .collect::<Result<_, _>>()?;
    if let [five, thousand] = times.as_slice() {
        let ratio = thousand.as_secs_f64() / five.as_secs_f64();
        report("1,000 lines ÷ 5 lines", ratio, "≤ 250", ratio <= 250.0);
    }
    Ok(())
}

const STREAMED: u64 = 100_000;

/// `choba quote` over a stream against the baseline, as whole processes, in turn.
fn stream() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::temp_dir().join(format!("choba-bench-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    let (large, small) = (directory.join("large.ndjson"), directory.join("small.ndjson"));
    write_stream(&large, STREAMED)?;
    write_stream(&small, STREAMED / 10)?;
    let here = std::env::current_exe()?;
    let choba = here.with_file_name("choba");
    if !choba.exists() {
        println!("no {}: build it first (cargo build --release)", choba.display());
        return Ok(());
    }
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let ours = timed(Command::new(&choba).arg("quote").arg(&large))?;
        let peer = timed(Command::new(&here).arg("--baseline").arg(&large))?;
        println!("{STREAMED} requests: choba quote {ours:?}, parse and write again {peer:?}");
        ratios.push(peer.as_secs_f64() / ours.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ratios.len() / 2];
    report("speed of the stream ÷ speed of parsing and writing again", ratio, "≥ 0.5", ratio >= 0.5);
    let (few, many) = (peak_memory(&choba, &small)?, peak_memory(&choba, &large)?);
    println!("peak memory: {few} kB for {} requests, {many} kB for {STREAMED}", STREAMED / 10);
    let ratio = many as f64 / few as f64;
    report("memory of 100,000 requests ÷ of 10,000", ratio, "≤ 1.2", ratio <= 1.2);
    fs::remove_dir_all(&directory)?;
    Ok(())
}

fn write_stream(path: &Path, requests: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    for seed in 0..requests {
        let request = if seed % 2 == 0 { rakuten(5, seed) } else { amazon(5, seed) };
        serde_json::to_writer(&mut file, &request)?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
fn timed(command: &mut Command) -> std::io::Result<Duration> {
    let begin = Instant::now();
    let status = command.stdout(Stdio::null()).status()?;
    assert!(status.success(), "{command:?} failed");
    Ok(begin.elapsed())
}

/// Peak resident memory in kB, as the kernel tells it of a child that has written all its output.
fn peak_memory(choba: &Path, file: &Path) -> std::io::Result<u64> {
    let mut child = Command::new(choba).arg("quote").arg(file).stdout(Stdio::piped()).spawn()?;
    let mut peak = 0;
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::with_capacity(1 << 20, output);
        loop {
            let read = output.fill_buf()?.len();
            output.consume(read);
            peak = peak.max(high_water(child.id()));
            if read == 0 {
                break;
            }
        }
    }
    child.wait()?;
    Ok(peak)
}

fn high_water(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Parses each line and writes it again, on all cores, in order.
fn baseline(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut input = BufReader::with_capacity(1 << 18, fs::File::open(file)?);
    std::thread::scope(|scope| {
        let (mut to, mut from) = (Vec::new(), Vec::new());
        for _ in 0..workers {
            let (send, batches) = sync_channel::<Vec<Vec<u8>>>(4);
            let (done, receive) = sync_channel::<Vec<u8>>(4);
            to.push(send);
            from.push(receive);
            scope.spawn(move || {
                for batch in batches {
                    let mut output = Vec::new();
                    for line in &batch {
                        let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
                        let _ = serde_json::to_writer(&mut output, &value);
                        output.push(b'\n');
                    }
                    if done.send(output).is_err() {
                        return;
                    }
                }
            });
        }
        scope.spawn(move || {
            for worker in to.iter().cycle() {
                let mut batch = Vec::new();
                for _ in 0..64 {
                    let mut line = Vec::new();
                    if !matches!(input.read_until(b'\n', &mut line), Ok(read) if read > 0) {
                        break;
                    }
                    batch.push(line);
                }
                let last = batch.len() < 64;
                if worker.send(batch).is_err() || last {
                    return;
                }
            }
        });
        let mut stdout = std::io::stdout().lock();
        for worker in from.iter().cycle() {
            let Ok(output) = worker.recv() else { break };
            stdout.write_all(&output)?;
        }
        Ok(())
    })
}
