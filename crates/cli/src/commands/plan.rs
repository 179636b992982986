//! `choba plan`: price requests with the coupons and stored value that serve an aim best.

use std::io::Write;

use choba_engine::market::Market;
use choba_engine::plan::{Aim, Effort, Plan, advice, plan};
use choba_engine::quote::{Quote, quote};
use choba_engine::request::Request;
use choba_formats::language::Language;
use choba_formats::plan::{PlanAnswer, reasons};
use choba_formats::receipt::receipt;

use super::quote as quoting;
use crate::Answer;
use crate::markets::Markets;
use crate::requests::{self, RequestBytes, Requests};

/// Price carts with the best choice of the coupons and the stored value that the customer holds.
#[derive(clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// What the plan is to be best at.
    #[arg(long, value_name = "AIM", default_value = "least_cash", value_parser = aim)]
    aim: Aim,
    #[command(flatten)]
    quote: quoting::Arguments,
}

fn aim(text: &str) -> Result<Aim, String> {
    let known = Aim::ALL.into_iter().find(|aim| aim.id() == text);
    known.ok_or_else(|| format!("expected {}", Aim::ALL.map(Aim::id).join(", ")))
}

/// Plans every request.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    let markets = Markets::load(arguments.quote.market.as_deref())?;
    let requests = Requests::new(requests::open(arguments.quote.file.as_deref())?);
    let language = arguments.quote.explain.then(|| arguments.quote.language.language());
    let answer = |request: &RequestBytes, output: &mut Vec<u8>| {
        answer(&markets, arguments.aim, language, request, output)
    };
    quoting::answer_stream(requests, &answer)
}

fn answer(
    markets: &Markets,
    aim: Aim,
    language: Option<Language>,
    request: &RequestBytes,
    output: &mut Vec<u8>,
) -> Result<(), String> {
    let text = quoting::read(request)?;
    let market = markets.find(text.market())?;
    let request = text.resolve(market).map_err(|fault| fault.to_string())?;
    let plan = plan(market, &request, aim, Effort::default()).map_err(|error| error.to_string())?;
    let planned = Request { pay: plan.pay.clone(), ..request };
    let quote = quote(market, &planned).map_err(|error| error.to_string())?;
    match language {
        Some(language) => explain(market, &planned, aim, &plan, &quote, language, output),
        None => {
            let answer = PlanAnswer { market, quote: &quote, aim, plan: &plan };
            serde_json::to_writer(&mut *output, &answer).map_err(|error| error.to_string())?;
            output.push(b'\n');
            Ok(())
        }
    }
}

fn explain<'a>(
    market: &'a Market,
    planned: &'a Request<'a>,
    aim: Aim,
    plan: &Plan<'a>,
    quote: &Quote<'a>,
    language: Language,
    output: &mut Vec<u8>,
) -> Result<(), String> {
    let receipt = receipt(market, planned, quote, language).map_err(|error| error.to_string())?;
    let advice = advice(market, planned, plan, quote).map_err(|error| error.to_string())?;
    let reasons = reasons(market, aim, plan, &advice, language);
    writeln!(output, "{receipt}\n{reasons}").map_err(|error| error.to_string())
}
