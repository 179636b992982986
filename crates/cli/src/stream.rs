//! Answers a stream of requests on all cores, in the order of the input, with constant memory.

use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::requests::{RequestBytes, Requests};

/// Requests that go to a worker together: enough that passing them on costs little.
const BATCH: usize = 64;
/// Batches that may wait for a worker; bounds the memory.
const WAITING: usize = 4;

/// How one request is answered: the request, and where its output goes; or what is wrong with it.
pub type Answering<'f> = dyn Fn(&RequestBytes, &mut Vec<u8>) -> Result<(), String> + Sync + 'f;

/// Requests that go to a worker together.
struct Batch {
    requests: Vec<RequestBytes>,
    /// There are more requests than one, so each gets a line of output, also a faulty one.
    several: bool,
}

/// A batch's output and the faults of its requests.
struct Done {
    output: Vec<u8>,
    faults: Vec<(usize, String)>,
}

/// Answers every request with `answer`, which appends its output or tells a fault. Faults are told by `fault`
/// in order, with the line on which the request begins; the rest goes on. Where there are several requests, a
/// faulty one gets the line `{"error": "…"}`, so that answers stay in step with requests.
pub fn answer_all(
    requests: Requests<Box<dyn BufRead + Send>>,
    output: &mut dyn Write,
    answer: &Answering<'_>,
    fault: &mut dyn FnMut(usize, &str),
) -> anyhow::Result<()> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let mut to_workers = Vec::with_capacity(workers);
        let mut from_workers = Vec::with_capacity(workers);
        for _ in 0..workers {
            let (send, batches) = sync_channel::<Batch>(WAITING);
            let (done, receive) = sync_channel::<Done>(WAITING);
            to_workers.push(send);
            from_workers.push(receive);
            scope.spawn(move || work(&batches, &done, answer));
        }
        let reader = scope.spawn(move || deal(requests, &to_workers));
        collect(&from_workers, output, fault)?;
        reader.join().unwrap_or_else(|_| Err(anyhow::anyhow!("reading the requests failed")))
    })
}

/// Deals batches to the workers in turn, so that their answers can be collected in turn.
fn deal(
    mut requests: Requests<Box<dyn BufRead + Send>>,
    workers: &[SyncSender<Batch>],
) -> anyhow::Result<()> {
    let mut several = false;
    for worker in workers.iter().cycle() {
        let mut batch = Vec::with_capacity(BATCH);
        let ended = fill(&mut batch, &mut requests);
        let last = batch.len() < BATCH;
        several |= batch.len() > 1;
        // A worker is gone only when nobody wants its answers any more.
        let unwanted = worker.send(Batch { requests: batch, several }).is_err();
        if last || unwanted {
            return ended;
        }
    }
    Ok(())
}

fn fill(
    batch: &mut Vec<RequestBytes>,
    requests: &mut Requests<Box<dyn BufRead + Send>>,
) -> anyhow::Result<()> {
    while batch.len() < BATCH {
        match requests.next()? {
            Some(request) => batch.push(request),
            None => break,
        }
    }
    Ok(())
}

fn work(batches: &Receiver<Batch>, done: &SyncSender<Done>, answer: &Answering<'_>) {
    for batch in batches {
        let mut output = Vec::with_capacity(batch.requests.len() * 4096);
        let mut faults = Vec::new();
        for request in &batch.requests {
            let before = output.len();
            if let Err(fault) = answer(request, &mut output) {
                output.truncate(before);
                if batch.several {
                    output.extend_from_slice(serde_json::json!({ "error": fault }).to_string().as_bytes());
                    output.push(b'\n');
                }
                faults.push((request.line, fault));
            }
        }
        if done.send(Done { output, faults }).is_err() {
            return;
        }
    }
}

fn collect(
    workers: &[Receiver<Done>],
    output: &mut dyn Write,
    fault: &mut dyn FnMut(usize, &str),
) -> anyhow::Result<()> {
    for worker in workers.iter().cycle() {
        let Ok(done) = worker.recv() else { break };
        output.write_all(&done.output)?;
        for (line, message) in &done.faults {
            fault(*line, message);
        }
    }
    output.flush()?;
    Ok(())
}
