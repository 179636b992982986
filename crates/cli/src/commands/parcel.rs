//! `choba parcel`: what tracking numbers say, one JSON line each.
//!
//! Numbers come as arguments or one a line on standard input. Lines are read, answered and written one by one, so the
//! input may be endless. A line that cannot be used is named on standard error and the rest goes on.

use std::io::{self, BufReader, BufWriter, Read, Write};

use anyhow::Context as _;
use choba_formats::language::Language;
use choba_parcel::{Answer as ParcelAnswer, Carrier, Country, Hints, parse_with};
use serde::Deserialize;

use crate::Answer;
use crate::language::LanguageChoice;
use crate::lines::{LineRead, read_line, text_of};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  choba parcel 1234-5678-9012
  choba parcel '佐川急便 送り状No. 4012-3456-7894'
  choba parcel --hint JP < numbers.txt
  echo '{\"input\": \"EG725089303JP\", \"hint\": \"JP\"}' | choba parcel --json")]
pub struct Arguments {
    /// The numbers, or texts with a number in them; without any, one a line from standard input.
    #[arg(value_name = "NUMBER")]
    numbers: Vec<String>,

    /// Lines of standard input are JSON: {"input": …, "hint": "JP"}, the hint optional.
    #[arg(long)]
    json: bool,

    /// What is known beside the number: a country (JP) or a carrier (sagawa).
    #[arg(long, value_name = "COUNTRY-or-CARRIER", value_parser = read_hint)]
    hint: Option<Hint>,

    /// The carriers the market uses, separated by commas: they come first among equals.
    #[arg(long, value_name = "CARRIER", value_delimiter = ',', value_parser = read_carrier)]
    carriers: Vec<Carrier>,

    /// Say it in a few plain sentences instead of JSON.
    #[arg(long)]
    explain: bool,

    #[command(flatten)]
    language: LanguageChoice,
}

#[derive(Clone, Copy, Debug)]
enum Hint {
    Country(Country),
    Carrier(Carrier),
}

/// One line of `--json`.
#[derive(Deserialize)]
struct Request {
    input: String,
    #[serde(default)]
    hint: Option<String>,
}

/// Answers every number, in order.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    let mut output = BufWriter::new(io::stdout().lock());
    let answer = if arguments.numbers.is_empty() {
        answer_lines(&arguments, &mut BufReader::with_capacity(1 << 16, io::stdin().lock()), &mut output)?
    } else {
        for number in &arguments.numbers {
            write_answer(&arguments, number, arguments.hint, &mut output)?;
        }
        Answer::Yes
    };
    output.flush().context("standard output")?;
    Ok(answer)
}

/// Answers standard input line by line; what cannot be used is told and left out.
fn answer_lines(
    arguments: &Arguments,
    input: &mut BufReader<impl Read>,
    output: &mut impl Write,
) -> anyhow::Result<Answer> {
    let mut answer = Answer::Yes;
    let mut line = Vec::new();
    for line_number in 1_u64.. {
        // Whoever waits for an answer before writing the next line gets it.
        if input.buffer().is_empty() {
            output.flush().context("standard output")?;
        }
        let read = read_line(input, &mut line).context("standard input")?;
        if read == LineRead::End {
            break;
        }
        let mut complain = |fault: anyhow::Error| {
            eprintln!("choba: standard input, line {line_number}: {fault:#}");
            answer = Answer::SomeInputUnusable;
        };
        match text_of(read, &line).and_then(|text| requested(arguments, text)) {
            Ok((text, hint)) => {
                // A hint that means nothing is no reason to leave the number unanswered.
                let hint = hint.unwrap_or_else(|fault| {
                    complain(fault);
                    arguments.hint
                });
                write_answer(arguments, &text, hint, output)?;
            }
            Err(fault) => complain(fault),
        }
    }
    Ok(answer)
}

/// The text a line asks about, and what else is known or why that means nothing.
fn requested(arguments: &Arguments, line: &str) -> anyhow::Result<(String, anyhow::Result<Option<Hint>>)> {
    if !arguments.json {
        return Ok((line.to_owned(), Ok(arguments.hint)));
    }
    let request: Request = serde_json::from_str(line).context("not a JSON request")?;
    let hint = match request.hint.as_deref() {
        None | Some("") => Ok(arguments.hint),
        Some(hint) => read_hint(hint).map(Some).map_err(anyhow::Error::msg),
    };
    Ok((request.input, hint))
}

fn write_answer(
    arguments: &Arguments,
    text: &str,
    hint: Option<Hint>,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    let mut carriers = arguments.carriers.clone();
    let mut hints = Hints::none();
    match hint {
        Some(Hint::Country(country)) => hints = hints.in_country(country),
        Some(Hint::Carrier(carrier)) => carriers.push(carrier),
        None => {}
    }
    let answer = parse_with(text, &hints.used_by_market(&carriers));
    if arguments.explain {
        write_explanation(&answer, arguments.language.language(), output)
    } else {
        serde_json::to_writer(&mut *output, &answer).map_err(io::Error::from).context("standard output")?;
        output.write_all(b"\n").context("standard output")
    }
}

/// Says it to a person: what it is, where to look, what was read differently, what may have been meant.
fn write_explanation(
    answer: &ParcelAnswer<'_>,
    language: Language,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    let message = answer.message();
    let (sentence, labels) = match language {
        Language::Ja => (message.ja, ["追跡", "読み替え", "もしかして"]),
        Language::En => (message.en, ["Track it", "Read as", "Did you mean"]),
    };
    let mut lines = vec![format!("{}: {sentence}", answer.display())];
    lines.extend(answer.track_url().map(|url| format!("  {}: {url}", labels[0])));
    let readings: Vec<_> =
        answer.read_as().map(|reading| format!("{} → {}", reading.from, reading.to)).collect();
    let corrections: Vec<_> = answer.corrections().iter().map(ToString::to_string).collect();
    for (label, told) in [(labels[1], readings), (labels[2], corrections)] {
        if !told.is_empty() {
            lines.push(format!("  {label}: {}", told.join(", ")));
        }
    }
    writeln!(output, "{}", lines.join("\n")).context("standard output")
}

fn read_hint(text: &str) -> Result<Hint, String> {
    match (Country::new(text), Carrier::from_id(text)) {
        (Some(country), _) => Ok(Hint::Country(country)),
        (None, Some(carrier)) => Ok(Hint::Carrier(carrier)),
        (None, None) => {
            Err(format!("{text:?} is neither a country's two letters (JP) nor a carrier's id (sagawa)"))
        }
    }
}

fn read_carrier(id: &str) -> Result<Carrier, String> {
    Carrier::from_id(id)
        .ok_or_else(|| format!("there is no carrier {id:?}; ids look like yamato, japan-post, fedex"))
}
