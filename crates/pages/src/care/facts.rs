//! What is known of an order, in words: told before anybody is asked.

use choba_engine::market::Market;
use choba_formats::sentences::sentences;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::frame::Frame;

/// Something that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFact {
    /// What it is about.
    pub label: String,
    /// What is known.
    pub text: String,
}

/// The facts of a question, in words.
pub fn facts(frame: &Frame, market: &Market, facts: &Map<String, Value>) -> Vec<KnownFact> {
    facts.iter().flat_map(|(kind, value)| fact(frame, market, kind, value)).collect()
}

fn fact(frame: &Frame, market: &Market, kind: &str, value: &Value) -> Vec<KnownFact> {
    let known = |text: String| KnownFact { label: frame.say_of("care-fact", kind).to_string(), text };
    let each = || value.as_array().into_iter().flatten();
    match kind {
        "state" => each().filter_map(|group| state(frame, market, group)).map(known).collect(),
        "delivery" => each().filter_map(|shipment| delivery(frame, shipment)).map(known).collect(),
        "tracking" => each().flat_map(numbers).map(known).collect(),
        "payment" => payment(frame, value).map(known).into_iter().collect(),
        "bill" => value["total"].as_i64().map(|total| known(frame.yen(total))).into_iter().collect(),
        "refunds" | "returns" => how_many(frame, kind, value).map(known).into_iter().collect(),
        "points" => points(frame, value).map(known).into_iter().collect(),
        "balance" => balances(frame, market, value).into_iter().map(known).collect(),
        _ => Vec::new(),
    }
}

fn word(frame: &Frame, kind: &str, value: &Value) -> Option<String> {
    sentences(frame.language).plain(&format!("{kind}-{}", value.as_str()?))
}

fn instant(frame: &Frame, value: &Value) -> Option<String> {
    Some(frame.instant(&value.as_str()?.parse::<Timestamp>().ok()?))
}

fn state(frame: &Frame, market: &Market, group: &Value) -> Option<String> {
    let seller = group["seller"].as_str()?;
    let name = market.sellers.iter().find(|known| known.id == seller);
    let name = name.map_or(seller, |known| frame.language.name(&known.name)).to_owned();
    let state = word(frame, "state", &group["state"])?;
    Some(frame.say("care-of-seller").with("seller", name).with("state", state).to_string())
}

fn delivery(frame: &Frame, shipment: &Value) -> Option<String> {
    let (id, at) = match instant(frame, &shipment["delivered_at"]) {
        Some(at) => ("care-delivered-at", at),
        None => ("care-shipped-at", instant(frame, &shipment["shipped_at"])?),
    };
    Some(frame.say(id).with("at", at).to_string())
}

fn numbers(shipment: &Value) -> Vec<String> {
    let numbers = shipment["tracking_numbers"].as_array().into_iter().flatten();
    numbers.filter_map(|number| number.as_str().map(str::to_owned)).collect()
}

fn payment(frame: &Frame, payment: &Value) -> Option<String> {
    let state = word(frame, "payment", &payment["state"])?;
    Some(match instant(frame, &payment["deadline"]) {
        Some(at) if payment["state"] == "awaiting_payment" => {
            frame.say("care-pay-until").with("state", state).with("at", at).to_string()
        }
        _ => state,
    })
}

fn how_many(frame: &Frame, kind: &str, value: &Value) -> Option<String> {
    let count = value.as_array()?.len();
    Some(frame.say_of("care-how-many", kind).with("count", count.to_string()).to_string())
}

fn points(frame: &Frame, earned: &Value) -> Option<String> {
    let points: i64 = earned.as_array()?.iter().filter_map(|earned| earned["points"].as_i64()).sum();
    Some(frame.say("care-points").with("points", frame.number(points)).to_string())
}

fn balances(frame: &Frame, market: &Market, wallet: &Value) -> Vec<String> {
    let balances = wallet["balances"].as_array().into_iter().flatten();
    let told = balances.filter_map(|balance| {
        let (program, available) = (balance["program"].as_str()?, balance["available"].as_i64()?);
        let name = market.programs.iter().find(|known| known.id == program)?;
        let name = frame.language.name(&name.name).to_owned();
        let available = frame.number(available);
        Some(frame.say("care-holds").with("program", name).with("available", available).to_string())
    });
    told.collect()
}
