//! The official list of a run: a market's, a file's, or the sample markets'.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use choba_formats::market_files::sample_names;
use choba_guard::{ListFault, Official};

use super::List;
use crate::markets;

/// Loads and checks the list; every fault is told with its place.
pub fn load(list: &List) -> anyhow::Result<Official> {
    match (&list.official, &list.market) {
        (Some(file), _) => checked(&file.display().to_string(), &official_of_file(file)?),
        (None, Some(market)) => checked(market, &official_of_market(market)?),
        (None, None) => checked("the sample markets", &official_of_samples()?),
    }
}

fn official_of_file(file: &Path) -> anyhow::Result<Vec<String>> {
    let named = || file.display().to_string();
    let text = fs::read_to_string(file).with_context(named)?;
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .context(
            "not a JSON array of domains and phone numbers, such as [\"example.co.jp\", \"0120-123-456\"]",
        )
        .with_context(named)
}

fn official_of_samples() -> anyhow::Result<Vec<String>> {
    let mut contacts = Vec::new();
    for market in sample_names() {
        contacts.extend(official_of_market(market)?);
    }
    Ok(contacts)
}

/// The official contacts of a market: its `[contacts]`.
fn official_of_market(name_or_dir: &str) -> anyhow::Result<Vec<String>> {
    let market = markets::load(name_or_dir)?;
    let contacts = market.contacts.domains.iter().chain(&market.contacts.phones);
    Ok(contacts.cloned().collect())
}

fn checked(name: &str, contacts: &[String]) -> anyhow::Result<Official> {
    Official::from_list(contacts).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ListFault::to_string).collect();
        anyhow!("{name}: {}", faults.join("; "))
    })
}
