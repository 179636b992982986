//! Placeholders that stand for a table: what is true of every seller, method or rank of the market.

use choba_engine::market::{EarningRule, Expiry, ItemKind, Market, Method, Pays, PerPayment, SellerType};
use fluent_bundle::FluentArgs;

use super::figures::{escaped, usual_days};
use crate::language::Language;
use crate::sentences::{Sentences, sentences};

/// What each seller asks for shipping.
pub fn shipping(market: &Market, language: Language) -> String {
    let rows = market.sellers.iter().map(|seller| {
        let name = language.name(&seller.name).to_owned();
        match &seller.shipping {
            None => [name, word(language, "help-shipping-none"), word(language, "help-none")],
            Some(terms) => {
                let from = terms.free_from.map(|from| amount(language, "help-free-from", language.yen(from)));
                [name, language.yen(terms.amount), from.unwrap_or_else(|| word(language, "help-never-free"))]
            }
        }
    });
    table(language, ["help-head-seller", "help-head-shipping", "help-head-free"], rows)
}

/// The methods with their fees and what they do not pay.
pub fn methods(market: &Market, language: Language) -> String {
    let rows = market.methods.iter().map(|method: &Method| {
        let fee = if method.fee.is_zero() { word(language, "help-none") } else { language.yen(method.fee) };
        [language.name(&method.name).to_owned(), fee, not_paid(&method.pays, market, language)]
    });
    table(language, ["help-head-method", "help-head-fee", "help-head-not"], rows)
}

/// What each kind of stored value does not pay.
pub fn pays(market: &Market, language: Language) -> String {
    let has_fees = market.methods.iter().any(|method| !method.fee.is_zero());
    let rows = market.programs.iter().map(|program| {
        let mut not = not_paid_list(&program.pays, market, language);
        if has_fees && !program.pays.fees {
            not.push(word(language, "help-fees"));
        }
        [language.name(&program.name).to_owned(), listed(not, language)]
    });
    table(language, ["help-head-program", "help-head-not"], rows)
}

/// How many days a refund to each tender usually takes.
pub fn refund_days(market: &Market, language: Language) -> String {
    let methods = market.methods.iter().map(|method| (&method.name, method.refund_days));
    let programs = market.programs.iter().map(|program| (&program.name, program.refund_days));
    let rows = methods
        .chain(programs)
        .filter_map(|(name, days)| Some([language.name(name).to_owned(), usual_days(days?, language)]));
    table(language, ["help-head-paid-by", "help-head-days"], rows)
}

/// What each rank of a partner's program gives.
pub fn tiers(rule: &PerPayment, language: Language) -> String {
    let sentences = sentences(language);
    let rows = rule.ranks.iter().map(|tier| {
        let mut figures = FluentArgs::new();
        figures.set("stars", tier.stars);
        [
            sentences.say("help-stars", &figures),
            amount(language, "help-points-from", sentences.points(tier.from.units())),
            amount(language, "help-times", tier.multiplier.to_string()),
            rule.cap
                .and_then(|cap| tier.multiplier.of_points(cap).ok())
                .map_or_else(|| word(language, "help-none"), |cap| sentences.points(cap.units())),
            tier.cap_month.map_or_else(|| word(language, "help-none"), |cap| sentences.points(cap.units())),
        ]
    });
    let heads =
        ["help-head-rank", "help-head-earned", "help-head-times", "help-head-cap", "help-head-cap-month"];
    table(language, heads, rows)
}

/// How many months the points of a rule last, the month in which they become usable counted.
pub fn months(rule: &EarningRule) -> Option<i32> {
    match rule.expires {
        Expiry::EndOfMonth { months } => Some(months),
        _ => None,
    }
}

fn not_paid(pays: &Pays, market: &Market, language: Language) -> String {
    listed(not_paid_list(pays, market, language), language)
}

fn not_paid_list(pays: &Pays, market: &Market, language: Language) -> Vec<String> {
    let has = |wanted: SellerType| market.sellers.iter().any(|seller| seller.seller_type == wanted);
    let sellers = [
        (SellerType::Platform, "help-seller-platform"),
        (SellerType::Store, "help-seller-store"),
        (SellerType::Individual, "help-seller-individual"),
    ];
    let kinds = [
        (ItemKind::Physical, "help-item-physical"),
        (ItemKind::Digital, "help-item-digital"),
        (ItemKind::Membership, "help-item-membership"),
        (ItemKind::GiftCard, "help-item-gift_card"),
    ];
    let sellers =
        sellers.into_iter().filter(|(wanted, _)| has(*wanted) && !pays.seller_types.contain(*wanted));
    let kinds = kinds.into_iter().filter(|(kind, _)| !pays.item_kinds.contain(*kind));
    sellers.map(|(_, id)| id).chain(kinds.map(|(_, id)| id)).map(|id| word(language, id)).collect()
}

fn listed(words: Vec<String>, language: Language) -> String {
    if words.is_empty() {
        return word(language, "help-none");
    }
    sentences(language).list(words.iter().map(String::as_str))
}

fn word(language: Language, id: &str) -> String {
    sentences(language).say(id, &FluentArgs::new())
}

fn amount(language: Language, id: &str, amount: String) -> String {
    let sentences: &Sentences = sentences(language);
    let mut figures = FluentArgs::new();
    figures.set("amount", amount);
    sentences.say(id, &figures)
}

fn table<const N: usize>(
    language: Language,
    heads: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = row(&heads.map(|id| word(language, id)));
    table.push_str(&"|---".repeat(N));
    table.push_str("|\n");
    for cells in rows {
        table.push_str(&row(&cells));
    }
    table
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}
