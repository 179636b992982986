//! Why a parcel cannot be followed yet, in words.

use choba_engine::market::{Market, Name};
use choba_engine::tracking::{NoNumber, WhomToAsk};
use fluent_bundle::FluentArgs;

use crate::language::Language;
use crate::sentences::{Worded, sentences};

/// Why a part of an order cannot be followed, and what the customer can do: when to look again and whom to ask.
pub fn no_number(without: &NoNumber, carrier: Option<&Name>, market: &Market, language: Language) -> Worded {
    let sentences = sentences(language);
    let mut figures = FluentArgs::with_capacity(3);
    let seller = market.seller(&without.seller);
    figures.set("seller", seller.map_or(without.seller.as_str(), |seller| language.name(&seller.name)));
    let unknown = sentences.say("parcel-carrier", &FluentArgs::new());
    figures.set("carrier", carrier.map_or(unknown.as_str(), |carrier| language.name(carrier)).to_owned());
    let code = without.reason.code();
    let message = sentences.say(&format!("no-number-{code}"), &figures);
    let mut remedy = vec![sentences.say(&format!("no-number-{code}-do"), &figures)];
    if let Some(again_at) = without.look_again_at {
        figures.set("again", language.instant(again_at, &market.time_zone));
        remedy.push(sentences.say("no-number-look-again", &figures));
    }
    if without.reason.whom_to_ask() == WhomToAsk::Seller {
        remedy.push(sentences.say("no-number-ask-seller", &figures));
    }
    // Whole sentences, one after the other.
    let between = if language == Language::Ja { "" } else { " " };
    Worded { message, remedy: remedy.join(between) }
}

#[cfg(test)]
mod tests {
    use choba_engine::tracking::NoNumberReason;

    use super::*;
    use crate::market_files::load;

    #[test]
    fn every_reason_has_sentences_in_both_languages_with_all_their_figures() {
        let market = load("rakuten-style").unwrap();
        let carrier = Name { ja: "ヤマト運輸".to_owned(), en: "Yamato Transport".to_owned() };
        for reason in NoNumberReason::ALL {
            let without = NoNumber {
                seller: "shop-a".to_owned(),
                shipment_id: None,
                number: None,
                reason,
                look_again_at: Some("2026-11-25T00:00:00+09:00".parse().unwrap()),
            };
            for language in [Language::Ja, Language::En] {
                let worded = no_number(&without, Some(&carrier), &market, language);
                assert!(!no_number(&without, None, &market, language).message.contains('$'));
                for text in [&worded.message, &worded.remedy] {
                    assert!(!text.contains("no-number-") && !text.contains('$'), "{reason:?}: {text}");
                }
                assert!(worded.remedy.contains("25"), "{reason:?}: {}", worded.remedy);
            }
        }
    }
}
