//! The goods of the sample shop-front: what they are called and what they cost. A file for each sample market.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use choba_engine::market::Name;
use choba_formats::language::Language;
use serde::Deserialize;

const FILES: [(&str, &str); 2] = [
    ("amazon-style", include_str!("../../shop/amazon-style.toml")),
    ("rakuten-style", include_str!("../../shop/rakuten-style.toml")),
];

/// Something to buy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Good {
    pub sku: String,
    name: InBoth,
    /// Of one, in yen, tax included.
    pub price: i64,
    /// As a market names it.
    pub tax_rate: String,
    pub seller: String,
    /// `physical`, `digital`, `gift_card` or `membership`.
    pub kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct InBoth {
    ja: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    goods: Vec<Good>,
}

impl Good {
    /// What it is called.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.name.ja,
            Language::En => &self.name.en,
        }
    }
}

/// The goods of a market; none where it has no sample shop-front.
pub fn goods(market: &str) -> &'static [Good] {
    static GOODS: OnceLock<BTreeMap<&str, Vec<Good>>> = OnceLock::new();
    // A test sees to it that the files can be read.
    let read = |(name, text): (&'static str, &str)| {
        (name, toml::from_str::<Catalogue>(text).map(|catalogue| catalogue.goods).unwrap_or_default())
    };
    let known = GOODS.get_or_init(|| FILES.into_iter().map(read).collect());
    known.get(market).map_or(&[], Vec::as_slice)
}

/// What goods are called, by their sku: the sku itself where the catalogue does not know it.
pub fn name_of(market: &str, sku: &str, language: Language) -> String {
    let known = goods(market).iter().find(|good| good.sku == sku);
    known.map_or(sku, |good| good.name(language)).to_owned()
}

/// What something of the market is called in a language.
pub fn said(name: &Name, language: Language) -> String {
    language.name(name).to_owned()
}

#[cfg(test)]
mod tests {
    use choba_formats::market_files;

    use super::*;

    #[test]
    fn every_good_can_be_sold_in_its_market() {
        for (name, text) in FILES {
            let goods = toml::from_str::<Catalogue>(text).unwrap().goods;
            let market = market_files::load(name).unwrap();
            assert!((8..=12).contains(&goods.len()), "{name}");
            for good in goods {
                assert!(market.seller(&good.seller).is_some(), "{name}: {}", good.sku);
                assert!(["physical", "digital", "gift_card", "membership"].contains(&good.kind.as_str()));
                assert!(["0.10", "0.08", "0"].contains(&good.tax_rate.as_str()));
            }
        }
    }

    #[test]
    fn what_the_catalogue_does_not_know_is_called_by_its_sku() {
        assert_eq!(name_of("rakuten-style", "tea", Language::En), "Uji sencha, 2 × 100 g");
        assert_eq!(name_of("rakuten-style", "Z-9", Language::Ja), "Z-9");
        assert_eq!(name_of("no-market", "tea", Language::Ja), "tea");
    }
}
