//! `choba quote`: price requests.

use std::io::{self, Write};
use std::path::PathBuf;

use choba_engine::quote::quote;
use choba_formats::answer::Answer as QuoteAnswer;
use choba_formats::language::Language;
use choba_formats::receipt::receipt;
use choba_formats::request::RequestText;

use crate::Answer;
use crate::language::LanguageChoice;
use crate::markets::Markets;
use crate::requests::{self, RequestBytes, Requests};
use crate::stream;

/// Faulty requests named on standard error; of more, only the number is told.
const FAULTS_SHOWN: usize = 20;

/// Price carts and say why. Reads one JSON request, or several in a row; gives one JSON answer a line.
#[derive(clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// The market to price under: a sample market's name or a directory of market files. Without it, each
    /// request names a sample market; with it, what requests name does not matter.
    #[arg(long, value_name = "NAME-or-DIR")]
    pub market: Option<String>,
    /// Print a receipt for a person, with reasons and remedies, instead of JSON.
    #[arg(long)]
    pub explain: bool,
    #[command(flatten)]
    pub language: LanguageChoice,
    /// The requests; standard input without it.
    pub file: Option<PathBuf>,
}

/// Prices every request.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    let markets = Markets::load(arguments.market.as_deref())?;
    let requests = Requests::new(requests::open(arguments.file.as_deref())?);
    let language = arguments.language.language();
    let answer = |request: &RequestBytes, output: &mut Vec<u8>| match arguments.explain {
        true => explain(&markets, language, request, output),
        false => price(&markets, request, output),
    };
    answer_stream(requests, &answer)
}

/// Answers a stream and tells its faults, one line each on standard error.
pub fn answer_stream(
    requests: Requests<Box<dyn io::BufRead + Send>>,
    answer: &stream::Answering<'_>,
) -> anyhow::Result<Answer> {
    let mut faults = 0_usize;
    let mut stdout = io::stdout().lock();
    stream::answer_all(requests, &mut stdout, answer, &mut |line, message| {
        faults += 1;
        if faults <= FAULTS_SHOWN {
            eprintln!("choba: request on line {line}: {message}");
        }
    })?;
    if faults > FAULTS_SHOWN {
        eprintln!("choba: {} more requests could not be used", faults - FAULTS_SHOWN);
    }
    Ok(if faults == 0 { Answer::Yes } else { Answer::SomeInputUnusable })
}

/// Reads a request; places of faults are lines of the whole input.
pub fn read(request: &RequestBytes) -> Result<RequestText<'_>, String> {
    RequestText::read(&request.json).map_err(|fault| fault.in_text_from(request.line).to_string())
}

fn price(markets: &Markets, request: &RequestBytes, output: &mut Vec<u8>) -> Result<(), String> {
    let text = read(request)?;
    let market = markets.find(text.market())?;
    let request = text.resolve(market).map_err(|fault| fault.to_string())?;
    let quote = quote(market, &request).map_err(|error| error.to_string())?;
    serde_json::to_writer(&mut *output, &QuoteAnswer { market, quote: &quote })
        .map_err(|error| error.to_string())?;
    output.push(b'\n');
    Ok(())
}

fn explain(
    markets: &Markets,
    language: Language,
    request: &RequestBytes,
    output: &mut Vec<u8>,
) -> Result<(), String> {
    let text = read(request)?;
    let market = markets.find(text.market())?;
    let request = text.resolve(market).map_err(|fault| fault.to_string())?;
    let quote = quote(market, &request).map_err(|error| error.to_string())?;
    let receipt = receipt(market, &request, &quote, language).map_err(|error| error.to_string())?;
    writeln!(output, "{receipt}").map_err(|error| error.to_string())
}
