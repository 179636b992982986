//! The markets of one run: loaded once, by name or directory.

use std::collections::HashMap;

use anyhow::anyhow;
use choba_engine::market::Market;
use choba_formats::market_files::{self, MarketError};

/// Markets by the name that asked for them.
pub enum Markets {
    /// One market for every request, whatever market it names.
    One(Box<Market>),
    /// The sample markets; each request names its own.
    Samples(HashMap<String, Market>),
}

impl Markets {
    /// The market of `--market`, or the sample markets.
    pub fn load(name_or_dir: Option<&str>) -> anyhow::Result<Self> {
        if let Some(name_or_dir) = name_or_dir {
            return Ok(Self::One(Box::new(load(name_or_dir)?)));
        }
        let named = market_files::sample_names().into_iter().map(|name| Ok((name.to_owned(), load(name)?)));
        named.collect::<anyhow::Result<_>>().map(Self::Samples)
    }

    /// The market for a request that names `name`.
    pub fn find(&self, name: Option<&str>) -> Result<&Market, String> {
        let samples = match self {
            Self::One(market) => return Ok(market),
            Self::Samples(samples) => samples,
        };
        let Some(name) = name else {
            return Err("/market: missing; name a market, or give one with --market".into());
        };
        samples.get(name).ok_or_else(|| {
            let name: String = name.chars().take(64).collect();
            let known = market_files::sample_names().join("` and `");
            format!("/market: unknown market {name:?}; there are `{known}`, and --market takes a directory")
        })
    }
}

/// Loads a market; a broken one is told by its first mistake.
pub fn load(name_or_dir: &str) -> anyhow::Result<Market> {
    market_files::load(name_or_dir).map_err(|error| match error {
        MarketError::Wrong(report) => {
            let count = report.mistakes.len();
            let first = report.to_string().lines().next().unwrap_or_default().to_owned();
            anyhow!("{first} (mistakes: {count}; `choba market check {name_or_dir}` shows all)")
        }
        other => anyhow!(other),
    })
}
