//! Market files as an operator meets them: samples that load, and mistakes that are told where they are.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use choba_engine::market::{
    CancelUntil, ClawBack, ItemKind, LotKind, Market, MethodType, OpenSpan, RefundOrder, Renewal,
    ReturnReason, UsualDays,
};
use choba_engine::money::Money;
use choba_engine::rate::Rate;
use choba_formats::market_files::{
    MarketFile, check, check_with_care, check_with_care_and_help, load, sample, sample_names, schema,
};
use jiff::civil::Weekday;

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
fn policies_out_of_their_words_and_ranges_are_told_with_their_places() {
    let text = format!(
        "{MARKET}
[policies]
cancel.until = \"shiped\"
returns.window_days = -1
returns.reasons = [\"changed_mynd\"]
returns.deductions.opened = \"a fifth\"
adjustments.second_person_above = \"10000\"
[policies.refunds]
order = \"as_payed\"
claw_back = true
grace_day = 7
[policies.gift_cards]
expires_years = 0
[contacts]
hours = [{{ days = [\"mo\"], from = \"9:00\", to = \"24:01\" }}]
[sellers.shop]
name = {{ ja = \"店\", en = \"Shop\" }}
type = \"store\"
cancel.untill = \"shipped\"
[programs.p]
name = {{ ja = \"p\", en = \"p\" }}
held = \"here\"
renews = {{ kind = \"ordinari\", months = 0 }}
[methods.konbini]
name = {{ ja = \"コンビニ\", en = \"konbini\" }}
pay_within_days = 366
refund_days = 5
"
    );
    assert_eq!(
        mistakes(&text),
        "\
market.toml:10:16: policies.cancel.until: found the text \"shiped\", expected `preparing` or `shipped` (did you mean `shipped`?)
market.toml:11:23: policies.returns.window_days: found -1, expected a whole number from 0 to 36500
market.toml:12:20: policies.returns.reasons.0: found the text \"changed_mynd\", expected `changed_mind`, `defective`, `wrong_item`, `damaged`, `not_as_described` or `arrived_late` (did you mean `changed_mind`?)
market.toml:13:29: policies.returns.deductions.opened: found the text \"a fifth\", expected a decimal number of at most nine places, such as \"0.10\"
market.toml:14:35: policies.adjustments.second_person_above: found the text \"10000\", expected a whole number from 0 to 1000000000000000
market.toml:16:9: policies.refunds.order: found the text \"as_payed\", expected `method_first` or `as_paid` (did you mean `as_paid`?)
market.toml:17:13: policies.refunds.claw_back: found true, expected `debt` or `from_refund`
market.toml:18:1: policies.refunds.grace_day: found the unknown key `grace_day`, expected `order`, `claw_back`, `coupons_return`, `grace_days` or `refund_shipping_on_fault` (did you mean `grace_days`?)
market.toml:19:1: policies.gift_cards.program: found nothing, expected `program`: The program that a card's balance goes to: held here, a unit of it worth one yen.
market.toml:20:17: policies.gift_cards.expires_years: found 0, expected a whole number from 1 to 100
market.toml:22:20: contacts.hours.0.days.0: found the text \"mo\", expected `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun` (did you mean `mon`?)
market.toml:22:34: contacts.hours.0.from: found the text \"9:00\", expected a time in quotes from \"00:00\" to \"24:00\"
market.toml:22:47: contacts.hours.0.to: found the text \"24:01\", expected a time in quotes from \"00:00\" to \"24:00\"
market.toml:26:8: sellers.shop.cancel.untill: found the unknown key `untill`, expected `until` or `kinds_never` (did you mean `until`?)
market.toml:30:19: programs.p.renews.kind: found the text \"ordinari\", expected `limited`, `exchanged` or `ordinary` (did you mean `ordinary`?)
market.toml:30:40: programs.p.renews.months: found 0, expected a whole number from 1 to 1200
market.toml:33:19: methods.konbini.pay_within_days: found 366, expected a whole number from 0 to 365
market.toml:34:15: methods.konbini.refund_days: found the number 5, expected a section with keys"
    );
}

#[test]
fn policies_that_contradict_the_rest_of_the_market_are_told_with_their_places() {
    let text = format!(
        "{MARKET}
[policies]
returns.reasons = [\"defective\", \"damaged\", \"defective\"]
returns.deductions = {{ opened = \"1.5\", missing_parts = \"2\" }}
gift_cards = {{ program = \"gifts\", amount_min = 500, amount_max = 100 }}
[contacts]
hours = [{{ from = \"22:00\", to = \"02:00\" }}]
[sellers.mall]
name = {{ ja = \"本\", en = \"Mall\" }}
type = \"platform\"
cancel = {{ until = \"shipped\" }}
returns = {{ window_days = 8 }}
[sellers.shop]
name = {{ ja = \"店\", en = \"Shop\" }}
type = \"store\"
returns = {{ deductions = {{ opened = \"3\" }}, reasons = [\"damaged\", \"damaged\"] }}
[programs.gift]
name = {{ ja = \"ギフト\", en = \"Gift\" }}
held = \"here\"
unit = \"yen\"
refund_days = {{ from = 3, to = 1 }}
[programs.p]
name = {{ ja = \"p\", en = \"p\" }}
held = \"here\"
kinds = [\"limited\"]
renews = {{ months = 6 }}
[programs.q]
name = {{ ja = \"q\", en = \"q\" }}
held = \"partner\"
renews = {{ kind = \"ordinary\" }}
[programs.r]
name = {{ ja = \"r\", en = \"r\" }}
held = \"here\"
[programs.r.earn.base]
yen_per_point = 100
kind = \"ordinary\"
available = {{ days_after_order = 0 }}
expires_end_of_month = 6
[methods.card]
name = {{ ja = \"カード\", en = \"card\" }}
pay_within_days = 3
refund_days = {{ from = 14, to = 3 }}
"
    );
    assert_eq!(
        mistakes(&text),
        "\
market.toml:10:44: policies.returns.reasons.2: found a reason again, expected each reason once
market.toml:11:33: policies.returns.deductions.opened: found `1.5`, expected a part from 0 to 1 (10% is \"0.10\")
market.toml:11:56: policies.returns.deductions.missing_parts: found `2`, expected a part from 0 to 1 (10% is \"0.10\")
market.toml:12:26: policies.gift_cards.program: found `gifts`, expected `gift`, `p` or `r` (did you mean `gift`?)
market.toml:12:66: policies.gift_cards.amount_max: found 100 below `amount_min`, expected at least 500
market.toml:14:33: contacts.hours.0.to: found `02:00`, expected a time after `from`; what goes over midnight is written as two
market.toml:18:10: sellers.mall.cancel: found it on the market itself, expected it under `policies`: the market itself sells under its own
market.toml:19:11: sellers.mall.returns: found it on the market itself, expected it under `policies`: the market itself sells under its own
market.toml:23:37: sellers.shop.returns.deductions.opened: found `3`, expected a part from 0 to 1 (10% is \"0.10\")
market.toml:23:66: sellers.shop.returns.reasons.1: found a reason again, expected each reason once
market.toml:28:32: programs.gift.refund_days.to: found 1 below `from`, expected at least 3
market.toml:33:10: programs.p.renews.kind: found a kind that the program does not have, expected one of the program's `kinds`
market.toml:37:10: programs.q.renews: found renewal of a partner's points, expected nothing: the partner decides when they end
market.toml:45:24: programs.r.earn.base.expires_end_of_month: found 6, expected 12, as `renews` says of that kind
market.toml:48:19: methods.card.pay_within_days: found it on `card`, expected it only on `konbini`: no other method is waited for
market.toml:49:33: methods.card.refund_days.to: found 3 below `from`, expected at least 14"
    );
}

#[test]
fn a_gift_card_needs_a_program_held_here_whose_unit_is_a_yen() {
    let with =
        |programs: &str| format!("{MARKET}\n[policies]\ngift_cards = {{ program = \"p\" }}\n{programs}");
    assert_eq!(
        mistakes(&with("")),
        "market.toml:10:26: policies.gift_cards.program: found `p`, expected a program of the market, held here, a unit of it worth one yen"
    );
    let points = "[programs.p]\nname = { ja = \"p\", en = \"p\" }\nheld = \"here\"\nvalue = \"3.5\"\n";
    assert_eq!(
        mistakes(&with(points)),
        "market.toml:10:26: policies.gift_cards.program: found `p`, expected a program with `held = \"here\"` and `value = \"1\"`"
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

fn market(more: &str) -> Market {
    check(&[file("a.toml", &format!("{MARKET}{more}"))]).expect("a market without mistakes")
}

const SHOP_AND_POINTS: &str = "
[sellers.shop]
name = { ja = \"店\", en = \"Shop\" }
type = \"store\"
[programs.p]
name = { ja = \"p\", en = \"p\" }
held = \"here\"
[methods.card]
name = { ja = \"カード\", en = \"card\" }
[methods.konbini]
name = { ja = \"コンビニ\", en = \"konbini\" }
";

#[test]
fn a_market_that_names_no_policies_has_the_usual_ones() {
    let market = market(SHOP_AND_POINTS);
    let policies = &market.policies;
    assert_eq!(
        (policies.refunds.order, policies.refunds.claw_back, policies.refunds.grace_days),
        (RefundOrder::MethodFirst, ClawBack::Debt, 7)
    );
    assert!(!policies.refunds.coupons_return && policies.refunds.refund_shipping_on_fault);
    assert_eq!((policies.cancel.until, policies.returns.window_days), (CancelUntil::Preparing, 30));
    let never = ItemKind::ALL.map(|kind| policies.cancel.kinds_never.contain(kind));
    assert_eq!(never, [false, true, true, false]);
    assert_eq!(policies.returns.reasons, ReturnReason::ALL);
    let deductions = policies.returns.deductions;
    assert_eq!(
        (deductions.opened.to_string(), deductions.missing_parts.to_string()),
        ("0.2".into(), "0.5".into())
    );
    assert_eq!((&policies.gift_cards, market.gift_card_program()), (&None, None));
    assert_eq!(policies.adjustments.second_person_above, Money::new(10_000));
}

#[test]
fn konbini_is_waited_for_and_ordinary_points_are_renewed_where_nothing_else_is_said() {
    let market = market(SHOP_AND_POINTS);
    let days = |method| market.method(method).unwrap().pay_within_days;
    assert_eq!((days(MethodType::Card), days(MethodType::Konbini)), (None, Some(3)));
    let program = market.program("p").unwrap();
    assert_eq!(program.renews, Some(Renewal { kind: LotKind::Ordinary, months: 12 }));
    assert_eq!(program.refund_days, None);
}

#[test]
fn a_seller_s_policy_is_the_market_s_but_for_what_it_says() {
    let market = market(&format!(
        "{SHOP_AND_POINTS}
[policies]
returns = {{ window_days = 20, deductions = {{ opened = \"0.1\" }} }}
[sellers.own]
name = {{ ja = \"店\", en = \"Shop\" }}
type = \"individual\"
cancel = {{ until = \"shipped\" }}
returns = {{ reasons = [\"damaged\"], deductions = {{ missing_parts = \"1\" }} }}
"
    ));
    let (shop, own) = (market.seller("shop").unwrap(), market.seller("own").unwrap());
    assert_eq!(market.cancel_policy(shop), &market.policies.cancel);
    assert_eq!(market.return_policy(shop), &market.policies.returns);
    assert_eq!(market.cancel_policy(own).until, CancelUntil::Shipped);
    assert_eq!(market.cancel_policy(own).kinds_never, market.policies.cancel.kinds_never);
    let returns = market.return_policy(own);
    assert_eq!((returns.window_days, &returns.reasons[..]), (20, &[ReturnReason::Damaged][..]));
    assert_eq!(returns.deductions.opened, market.policies.returns.deductions.opened);
    assert_eq!(returns.deductions.missing_parts, Rate::ONE);
}

#[test]
fn the_sample_markets_differ_in_where_refunds_go_and_when_people_answer() {
    let (amazon, rakuten) = (load("amazon-style").unwrap(), load("rakuten-style").unwrap());
    assert_eq!(amazon.policies.refunds.order, RefundOrder::AsPaid);
    assert_eq!(rakuten.policies.refunds.order, RefundOrder::MethodFirst);
    assert_eq!(amazon.gift_card_program().unwrap().id, "gift");
    assert_eq!(amazon.policies.gift_cards.as_ref().unwrap().amount_max, Money::new(500_000));
    assert_eq!(rakuten.gift_card_program().unwrap().id, "rakuten");
    assert_eq!(amazon.program("gift").unwrap().renews, None, "a balance ends with its own lots");
    assert_eq!(rakuten.method(MethodType::Card).unwrap().refund_days, Some(UsualDays { from: 3, to: 14 }));
    assert_eq!(amazon.contacts.hours.on(Weekday::Sunday), [OpenSpan::ALL_DAY]);
    assert_eq!(rakuten.contacts.hours.on(Weekday::Sunday), [OpenSpan { from: 540, to: 1080 }]);
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

#[test]
fn gift_cards_are_paid_for_only_where_there_are_terms_to_deliver_them() {
    let named = format!("{SHOP_AND_POINTS}pays = {{ item_kinds = [\"physical\", \"gift_card\"] }}\n");
    let refused = mistakes(&format!("{MARKET}{named}"));
    assert!(refused.contains("methods.konbini.pays.item_kinds.1"), "{refused}");
    let by_card = |text: &str| market(text).method(MethodType::Card).unwrap().pays.item_kinds;
    assert!(!by_card(SHOP_AND_POINTS).contain(ItemKind::GiftCard));
    assert!(by_card(SHOP_AND_POINTS).contain(ItemKind::Membership));
    let terms = "[policies]\ngift_cards = { program = \"p\" }\n";
    assert!(by_card(&format!("{SHOP_AND_POINTS}{terms}")).contain(ItemKind::GiftCard));
    market(&format!("{named}{terms}"));
}

const CARE: &str = "\
[care.calendars.desk]
hours = [{ days = [\"mon\"], from = \"22:00\", to = \"26:00\" }]

[care.queues.desk]
name = { ja = \"窓口\", en = \"Desk\" }
calendar = \"desk\"

[care.topics.other]
name = { ja = \"その他\", en = \"Other\" }
place = 1
needs_order = false

[care.questions.other]
name = { ja = \"その他\", en = \"Other\" }
topic = \"other\"
place = 1
queue = \"desk\"
";

#[test]
fn both_sample_markets_lead_every_customer_to_a_person() {
    for name in sample_names() {
        let (_, care) = check_with_care(&sample(name).unwrap()).unwrap();
        let questions: Vec<_> = care.topics.iter().flat_map(|topic| &topic.questions).collect();
        assert!(care.topics.len() >= 5 && questions.len() >= 20, "{name}");
        assert!(questions.iter().all(|question| care.queues.contains_key(&question.queue)), "{name}");
        let asked =
            care.question("not-received").map(|(topic, question)| (topic, question.guided.as_deref()));
        assert!(
            asked.is_some_and(|(topic, guided)| topic.topic_id == "parcel" && guided.is_some()),
            "{name}"
        );
    }
}

#[test]
fn the_holidays_of_japan_are_closed_where_a_calendar_keeps_them() {
    let (_, care) = check_with_care(&sample("rakuten-style").unwrap()).unwrap();
    let specialists = &care.calendars["specialists"];
    let is_open = |time: &str| specialists.is_open(time.parse().unwrap());
    assert!(!is_open("2026-09-22T10:00:00+09:00") && is_open("2026-09-24T10:00:00+09:00"));
    assert!(!is_open("2027-03-22T10:00:00+09:00") && !is_open("2026-09-24T12:30:00+09:00"));
    assert!(care.calendars["desk"].is_open("2026-09-22T10:00:00+09:00".parse().unwrap()));
}

#[test]
fn customer_care_is_read_with_its_defaults_and_a_market_may_have_none() {
    let (_, care) = check_with_care(&[file("market.toml", &format!("{MARKET}{CARE}"))]).unwrap();
    assert_eq!((care.queues["desk"].waiting_max, care.calls.attempts_max), (30, 3));
    assert!(care.calendars["desk"].is_open("2026-11-24T01:30:00+09:00".parse().unwrap()));
    let (_, none) = check_with_care(&[file("market.toml", MARKET)]).unwrap();
    assert!(none.topics.is_empty());
}

#[test]
fn whatever_would_leave_a_customer_without_a_way_on_is_a_mistake() {
    let with = |from: &str, to: &str| mistakes(&format!("{MARKET}{}", CARE.replacen(from, to, 1)));
    for (from, to, key, expected) in [
        ("queue = \"desk\"", "queue = \"dsek\"", "care.questions.other.queue", "people who answer"),
        ("topic = \"other\"", "topic = \"othr\"", "care.questions.other.topic", "other"),
        (
            "[care.questions.other]",
            "[care.questions.x]\nwhen = [\"placed\"]",
            "care.topics.other",
            "a question",
        ),
        ("needs_order = false", "needs_order = true", "care.topics", "for all who have none"),
        ("calendar = \"desk\"", "calendar = \"dusk\"", "care.queues.desk.calendar", "desk"),
        (
            "[{ days = [\"mon\"], from = \"22:00\", to = \"26:00\" }]",
            "[]",
            "care.queues.desk.calendar",
            "hours",
        ),
        (
            "queue = \"desk\"",
            "queue = \"desk\"\nguided = \"mising\"",
            "care.questions.other.guided",
            "delivered_but_missing",
        ),
        (
            "queue = \"desk\"",
            "queue = \"desk\"\nguided = \"delivered_but_missing\"",
            "care.questions.other.guided",
            "ends with the queue `parcels`",
        ),
        (
            "calendar = \"desk\"\n",
            "calendar = \"desk\"\nescalates_to = \"desk\"\n",
            "care.queues.desk.escalates_to",
            "another queue",
        ),
        (
            "calendar = \"desk\"\n",
            "calendar = \"desk\"\nescalates_to = \"boss\"\n",
            "care.queues.desk.escalates_to",
            "desk",
        ),
        ("to = \"26:00\"", "to = \"48:01\"", "care.calendars.desk.hours.0.to", "48:00"),
        ("to = \"26:00\"", "to = \"21:00\"", "care.calendars.desk.hours.0.to", "after `from`"),
    ] {
        let report = with(from, to);
        assert!(report.contains(key) && report.contains(expected), "{to}: {report}");
    }
}

#[test]
fn a_question_that_leads_to_an_article_which_the_help_does_not_show_is_a_mistake() {
    for name in sample_names() {
        let mut files = sample(name).unwrap();
        check_with_care_and_help(&files).unwrap();
        let care = files.iter_mut().find(|file| file.path.ends_with("care.toml")).unwrap();
        care.text = care.text.replace("\"tracking-where\"", "\"tracking-were\"");
        let report = check_with_care_and_help(&files).unwrap_err().to_string();
        for part in ["care.toml:", "care.questions.where.articles.0", "`tracking-were`", "tracking-where"] {
            assert!(report.contains(part), "{part} in {report}");
        }
        // Terms alone, as they are kept for orders, know of no articles.
        files.retain(|file| !choba_formats::market_files::is_help_file(&file.path));
        check_with_care_and_help(&files).unwrap();
    }
}
