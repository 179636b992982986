//! Market files as an operator meets them: samples that load, and mistakes that are told where they are.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use choba_formats::market_files::{MarketFile, check, load, sample_names, schema};

fn file(path: &str, text: &str) -> MarketFile {
    MarketFile { path: path.into(), text: text.into() }
}

fn mistakes(text: &str) -> String {
    check(&[file("market.toml", text)]).expect_err("a market with mistakes").to_string()
}

const MARKET: &str = "\
[market]
name = \"test\"
currency = \"JPY\"
time_zone = \"Asia/Tokyo\"
tax_rates = [\"0.10\"]
standard_tax_rate = \"0.10\"
ranks = [\"gold\"]
";

#[test]
fn both_sample_markets_load() {
    assert_eq!(sample_names(), ["amazon-style", "rakuten-style"]);
    for name in sample_names() {
        let market = load(name).unwrap();
        assert_eq!(market.name, name);
        assert_eq!(market.version.len(), 32);
    }
}

#[test]
fn all_mistakes_of_shape_are_told_at_once_each_with_its_place() {
    let text = format!(
        "{MARKET}
[sellers.shop]
name = {{ ja = \"店\", en = \"Shop\" }}
type = \"stor\"
shipping = {{ amount = -1, free_form = 3980 }}

[coupons.X]
name = {{ ja = \"x\" }}
yen = \"500\"
items = \"A\"
ends_at = 2026-12-31
minimun_spend = 10
"
    );
    assert_eq!(
        mistakes(&text),
        "\
market.toml:11:8: sellers.shop.type: found the text \"stor\", expected `platform`, `store` or `individual` (did you mean `store`?)
market.toml:12:23: sellers.shop.shipping.amount: found -1, expected a whole number from 0 to 1000000000000000
market.toml:12:27: sellers.shop.shipping.free_form: found the unknown key `free_form`, expected `amount` or `free_from` (did you mean `free_from`?)
market.toml:15:8: coupons.X.name.en: found nothing, expected `en`: In English.
market.toml:16:7: coupons.X.yen: found the text \"500\", expected a whole number from 1 to 1000000000000000
market.toml:17:9: coupons.X.items: found the text \"A\", expected a list in [ ]
market.toml:18:11: coupons.X.ends_at: found 2026-12-31, expected a date and time with its offset, such as 2026-12-31T23:59:59+09:00
market.toml:19:1: coupons.X.minimun_spend: found the unknown key `minimun_spend`, expected `name`, `yen`, `rate`, `free_shipping`, `maximum`, `items`, `store`, `market`, `item_kinds`, `uses_per_order`, `starts_at`, `ends_at`, `minimum_spend`, `uses_per_customer`, `quota`, `first_order_only`, `ranks`, `combine` or `exclusive_group` (did you mean `minimum_spend`?)"
    );
}

#[test]
fn mistakes_of_meaning_are_told_at_once_too() {
    let text = format!(
        "{}
[sellers.shop-a]
name = {{ ja = \"店\", en = \"Shop\" }}
type = \"store\"

[programs.p]
name = {{ ja = \"p\", en = \"p\" }}
held = \"here\"
needs_method = {{ type = \"card\" }}
[programs.p.earn.e]
available = {{ days_after_order = 1, day_of_next_month = 3 }}

[coupons.X]
name = {{ ja = \"x\", en = \"x\" }}
yen = 500
rate = \"1.5\"
store = \"shop-b\"
ranks = [\"gould\"]
starts_at = 2026-12-31T00:00:00+09:00
ends_at = 2026-12-01T00:00:00+09:00
",
        MARKET.replace("Tokyo", "Tokio")
    );
    assert_eq!(
        mistakes(&text),
        "\
market.toml:4:13: market.time_zone: found `Asia/Tokio`, expected an IANA time zone, such as `Asia/Tokyo` (did you mean `Asia/Tokyo`?)
market.toml:16:25: programs.p.needs_method.type: found `card`, expected a method that the market has under `methods`
market.toml:17:1: programs.p.earn.e: found neither `yen_per_point` nor `rate`, expected one of `yen_per_point` and `rate`
market.toml:18:13: programs.p.earn.e.available: found 2 of its keys, expected one of `days_after_order`, `days_after_shipment` or `day_of_next_month`
market.toml:20:1: coupons.X: found `yen` and `rate`, expected exactly one of `yen`, `rate` or `free_shipping`
market.toml:24:9: coupons.X.store: found `shop-b`, expected `shop-a` (did you mean `shop-a`?)
market.toml:25:10: coupons.X.ranks.0: found `gould`, expected `gold` (did you mean `gold`?)
market.toml:27:11: coupons.X.ends_at: found an end before the start, expected an end after `starts_at`"
    );
}

#[test]
fn mistakes_of_shape_do_not_hide_mistakes_of_meaning() {
    let text = format!(
        "{MARKET}
[sellers.shop-a]
name = {{ ja = \"店\", en = \"Shop\" }}
type = \"stor\"
[coupons.X]
name = {{ ja = \"x\", en = \"x\" }}
yen = 500
store = \"shop-a\"
[coupons.Y]
name = {{ ja = \"y\", en = \"y\" }}
yen = 500
store = \"shop-b\"
"
    );
    assert_eq!(
        mistakes(&text),
        "\
market.toml:11:8: sellers.shop-a.type: found the text \"stor\", expected `platform`, `store` or `individual` (did you mean `store`?)
market.toml:19:9: coupons.Y.store: found `shop-b`, expected `shop-a` (did you mean `shop-a`?)"
    );
}

#[test]
fn several_files_make_one_market_and_a_key_stands_in_one_of_them() {
    let seller = "[sellers.shop]\nname = { ja = \"店\", en = \"Shop\" }\ntype = \"store\"\n";
    let other = seller.replace("sellers.shop", "sellers.other");
    let market = check(&[file("a.toml", MARKET), file("b.toml", seller), file("c.toml", &other)]).unwrap();
    assert!(market.seller("shop").is_some() && market.seller("other").is_some());

    let twice = check(&[file("a.toml", MARKET), file("b.toml", seller), file("c.toml", seller)]).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "c.toml:1:1: sellers.shop: found it again, expected each key in one file only"
    );
}

#[test]
fn an_empty_directory_lacks_its_market_section() {
    let report = check(&[]).unwrap_err();
    assert_eq!(report.to_string(), "market: found no such section in any file, expected a section [market]");
}

#[test]
fn broken_toml_is_told_with_its_line() {
    let text = mistakes("[market\nname = \"x\"");
    assert_eq!(text, "market.toml:1:8: (syntax): found unclosed table, expected `]`");
}

#[test]
fn the_version_is_a_digest_of_the_content() {
    let one = check(&[file("x/a.toml", MARKET)]).unwrap();
    let same_elsewhere = check(&[file("y/a.toml", MARKET)]).unwrap();
    let other = check(&[file("x/a.toml", &MARKET.replace("test", "tests"))]).unwrap();
    assert_eq!(one.version, same_elsewhere.version);
    assert_ne!(one.version, other.version);
}

#[test]
fn rates_may_be_bare_numbers_and_keep_their_digits() {
    let market = check(&[file("a.toml", &MARKET.replace("\"0.10\"", "0.10"))]).unwrap();
    assert_eq!(market.standard_tax_rate.text, "0.10");
}

/// The check of shapes knows a part of JSON Schema; the types must stay within it.
#[test]
fn the_schema_uses_only_words_that_the_check_knows() {
    fn visit(value: &serde_json::Value, inside_properties: bool) {
        const KNOWN: [&str; 18] = [
            "$schema",
            "$defs",
            "$ref",
            "title",
            "description",
            "type",
            "properties",
            "additionalProperties",
            "required",
            "default",
            "examples",
            "enum",
            "const",
            "oneOf",
            "anyOf",
            "items",
            "format",
            "minimum",
        ];
        match value {
            serde_json::Value::Object(keys) => {
                for (key, value) in keys {
                    let known = inside_properties || KNOWN.contains(&key.as_str()) || key == "maximum";
                    assert!(known, "unknown word {key}");
                    if key == "default" || key == "examples" {
                        continue;
                    }
                    visit(value, !inside_properties && (key == "properties" || key == "$defs"));
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| visit(item, false)),
            _ => {}
        }
    }
    visit(&schema(), false);
}
