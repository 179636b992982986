//! Judging texts, one answer a line.

use std::io::{self, BufReader, BufWriter, Read, Write};

use anyhow::{Context as _, anyhow};
use choba_formats::language::Language;
use choba_guard::{Kind, Official, Verdict, check, check_as};
use serde::Deserialize;

use super::{List, Text, contacts};
use crate::Answer;
use crate::language::LanguageChoice;
use crate::lines::{LineRead, read_line, text_of};

#[derive(clap::Args)]
pub struct JudgeArguments {
    #[command(flatten)]
    list: List,

    /// Lines are JSON: {"kind": "url", "phone" or "email", "input": …}, the kind optional.
    #[arg(long)]
    json: bool,

    /// Say it in plain sentences instead of JSON.
    #[arg(long)]
    explain: bool,

    #[command(flatten)]
    language: LanguageChoice,

    /// The links, phone numbers or senders; without any, one a line from standard input.
    #[arg(value_name = "TEXT")]
    texts: Vec<Text>,
}

/// One line of `--json`.
#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    kind: Option<Kind>,
    input: String,
}

/// Judges every text, in order.
pub fn run(arguments: &JudgeArguments) -> anyhow::Result<Answer> {
    let judge = Judge { arguments, official: contacts::load(&arguments.list)? };
    let mut output = BufWriter::new(io::stdout().lock());
    let answer = if arguments.texts.is_empty() {
        judge.lines(&mut BufReader::with_capacity(1 << 16, io::stdin().lock()), &mut output)?
    } else {
        judge.arguments(&mut output)?
    };
    output.flush().context("standard output")?;
    Ok(answer)
}

struct Judge<'a> {
    arguments: &'a JudgeArguments,
    official: Official,
}

impl Judge<'_> {
    fn arguments(&self, output: &mut impl Write) -> anyhow::Result<Answer> {
        let mut answer = Answer::Yes;
        for (at, text) in self.arguments.texts.iter().enumerate() {
            let text = text.to_str().ok_or_else(|| anyhow!("not valid Unicode"));
            let judged = text.and_then(|text| self.verdict(text));
            self.write(judged, || format!("argument {}", at + 1), &mut answer, output)?;
        }
        Ok(answer)
    }

    fn lines(&self, input: &mut BufReader<impl Read>, output: &mut impl Write) -> anyhow::Result<Answer> {
        let mut answer = Answer::Yes;
        let mut line = Vec::new();
        for number in 1_u64.. {
            // Whoever waits for an answer before writing the next line gets it.
            if input.buffer().is_empty() {
                output.flush().context("standard output")?;
            }
            let read = read_line(input, &mut line).context("standard input")?;
            if read == LineRead::End {
                break;
            }
            if self.arguments.json && line.trim_ascii().is_empty() {
                continue;
            }
            let judged = usable_text(read, &line, number).and_then(|text| self.verdict(text));
            self.write(judged, || format!("standard input, line {number}"), &mut answer, output)?;
        }
        Ok(answer)
    }

    fn verdict(&self, line: &str) -> anyhow::Result<Verdict> {
        if !self.arguments.json {
            return Ok(check(&self.official, line)?);
        }
        let request: Request = serde_json::from_str(line).context("not a JSON request")?;
        Ok(match request.kind {
            Some(kind) => check_as(kind, &self.official, &request.input)?,
            None => check(&self.official, &request.input)?,
        })
    }

    /// Writes an answer, or tells why there is none.
    fn write(
        &self,
        judged: anyhow::Result<Verdict>,
        place: impl Fn() -> String,
        answer: &mut Answer,
        output: &mut impl Write,
    ) -> anyhow::Result<()> {
        match judged {
            Ok(verdict) if self.arguments.explain => self.explain(&verdict, output),
            Ok(verdict) => {
                serde_json::to_writer(&mut *output, &verdict)
                    .map_err(io::Error::from)
                    .context("standard output")?;
                output.write_all(b"\n").context("standard output")
            }
            Err(fault) => {
                eprintln!("choba: {}: {fault:#}", place());
                *answer = Answer::SomeInputUnusable;
                Ok(())
            }
        }
    }

    fn explain(&self, verdict: &Verdict, output: &mut impl Write) -> anyhow::Result<()> {
        let message = verdict.message();
        let said = match self.arguments.language.language() {
            Language::Ja => message.ja,
            Language::En => message.en,
        };
        writeln!(output, "{said}").context("standard output")
    }
}

fn usable_text(read: LineRead, line: &[u8], number: u64) -> anyhow::Result<&str> {
    let text = text_of(read, line)?;
    // Some editors begin a file with this mark; elsewhere it is a hidden character and counts.
    Ok(if number == 1 { text.trim_start_matches('\u{feff}') } else { text })
}
