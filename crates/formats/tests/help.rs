//! Help articles as an operator meets them: samples that are whole, and mistakes that are told where they are.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use choba_engine::market::Market;
use choba_formats::language::Language;
use choba_formats::market_files::{
    Help, MarketFile, check, check_help, check_with_help, sample, sample_names,
};
use choba_help::{Kind, Markdown};

fn help(name: &str) -> (Market, Help) {
    let files = sample(name).expect("a sample market");
    check_with_help(&files).unwrap_or_else(|report| panic!("{report}"))
}

#[test]
fn each_sample_market_has_forty_articles_and_a_glossary_in_both_languages() {
    for name in sample_names() {
        let (_, help) = help(name);
        let ids = |language| {
            let articles = help.articles(language).iter();
            articles.map(|article| (article.id.clone(), article.kind)).collect::<Vec<_>>()
        };
        let (ja, en) = (ids(Language::Ja), ids(Language::En));
        assert_eq!(ja, en);
        let answers = ja.iter().filter(|(_, kind)| *kind == Kind::Article).count();
        assert!(answers >= 40, "{name}: {answers}");
        assert!(ja.len() - answers >= 10, "{name}: words {}", ja.len() - answers);
    }
}

#[test]
fn every_page_is_whole_and_every_link_leads_to_an_article() {
    for name in sample_names() {
        let (_, help) = help(name);
        for language in [Language::Ja, Language::En] {
            let library = help.library(language);
            for article in help.articles(language) {
                let page = Markdown::new(&article.body);
                let html = page.html(|id| format!("/help/{id}"));
                assert!(!html.is_empty() && !html.contains("{{"), "{name} {}", article.id);
                let linked = page.articles();
                let mut all = article.related.iter().chain(linked.iter().map(|(id, _)| id));
                assert!(all.all(|id| library.article(id).is_some()), "{name} {}", article.id);
            }
        }
    }
}

#[test]
fn figures_of_articles_are_those_of_the_terms() {
    let (_, help) = help("rakuten-style");
    let text = |language, id: &str| {
        let article = help.library(language).article(id).expect("an article");
        Markdown::new(&article.body).text()
    };
    assert!(text(Language::Ja, "cash-on-delivery").contains("手数料は1回の注文につき330円です。"));
    assert!(text(Language::En, "points-after-coupon").contains("you pay ¥1,500 and earn 15 points"));
    assert!(text(Language::Ja, "points-pending").contains("2026年12月12日から使え"));
    assert!(text(Language::Ja, "refund-when").contains("クレジットカード 3〜14日"));
    assert!(text(Language::Ja, "contact-hours").contains("毎日 9:00–18:00"));
    assert!(help.library(Language::Ja).article("gift-card-redeem").is_none());
}

#[test]
fn terms_and_help_have_versions_of_their_own() {
    let mut files = sample("rakuten-style").expect("a sample market");
    let (market, before) = check_with_help(&files).unwrap_or_else(|report| panic!("{report}"));
    let article = files.iter_mut().find(|file| file.path.ends_with("/cancel-order.md")).expect("an article");
    article.text = article.text.replace("準備中", "用意中");
    let (same, after) = check_with_help(&files).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(market.version, same.version);
    assert_ne!(before.version(), after.version());
    let terms = files.iter_mut().find(|file| file.path.ends_with("methods.toml")).expect("terms");
    terms.text = terms.text.replace("fee = 330", "fee = 440");
    let (other, filled) = check_with_help(&files).unwrap_or_else(|report| panic!("{report}"));
    assert_ne!(market.version, other.version);
    assert_ne!(after.version(), filled.version());
}

#[test]
fn an_article_that_is_not_true_under_new_terms_is_a_mistake() {
    let mut files = sample("rakuten-style").expect("a sample market");
    let coupons = files.iter_mut().find(|file| file.path.ends_with("coupons.toml")).expect("coupons");
    coupons.text = coupons.text.replace("yen = 500\nitems = [\"A\"]", "yen = 600\nitems = [\"A\"]");
    let market = check(&files).unwrap_or_else(|report| panic!("{report}"));
    let report = check_help(&files, &market).expect_err("an example that is not so any more").to_string();
    let place = "rakuten-style/help/points-after-coupon.md:";
    let found = report.lines().find(|line| line.contains("examples.with.figures.total"));
    let found = found.unwrap_or_else(|| panic!("{report}"));
    assert!(
        found.starts_with(place) && found.contains("found 1500, expected 1400, as these terms give"),
        "{found}"
    );
}

const SETTINGS: &str = "[[categories]]\nid = \"orders\"\nname = { ja = \"注文\", en = \"Orders\" }\n";

fn article(head: &str, ja: &str, en: &str) -> String {
    format!(
        "+++\ncategory = \"orders\"\n{head}ja = {{ title = \"題\" }}\nen = {{ title = \"Title\" }}\n+++ ja\n{ja}\n+++ en\n{en}\n"
    )
}

fn mistakes(articles: &[(&str, String)]) -> String {
    let (market, _) = help("rakuten-style");
    let file = |path: &str, text: &str| MarketFile { path: path.into(), text: text.into() };
    let mut files = vec![file("m/help/help.toml", SETTINGS)];
    files.extend(articles.iter().map(|(id, text)| file(&format!("m/help/{id}.md"), text)));
    check_help(&files, &market).expect_err("help with mistakes").to_string()
}

#[test]
fn mistakes_of_articles_are_told_all_at_once_each_with_its_place() {
    let told = mistakes(&[
        ("a", article("related = [\"c\"]\nneeds = [\"method.cod\"]\n", "[x](d) <b>y</b>", "text")),
        ("b", article("", "{{ fees:cod }} {{ fee:card }}", "[x](http://a.example)")),
        ("c1", "+++\n+++ ja\nx\n".to_owned()),
        ("d1", article("kind = \"glosary\"\n", "x", "")),
    ]);
    let expected = [
        "m/help/a.md:3:12: related.0: found `c`, expected the id of an article",
        "m/help/a.md:4:10: needs.0: found `method.cod`, expected `programs.ID`, `methods.TYPE`, `coupons.ID`",
        "m/help/a.md:8:1: text.ja: found a link to `d`, expected the id of an article that this market shows",
        "m/help/a.md:8:8: text.ja: found the HTML `<b>`, expected Markdown only",
        "m/help/b.md:6:1: text.ja: found the placeholder `{{ fees:cod }}`, expected",
        "(did you mean `fee`?)",
        "m/help/b.md:6:16: text.ja: found the placeholder `{{ fee:card }}`, expected `fee:METHOD` for which the market or the example has a figure",
        "m/help/b.md:8:1: text.en: found a link to `http://a.example`, expected",
        "m/help/c1.md:1:1: (article): found the end of the file, expected a line `+++ en`",
        "m/help/d1.md:3:8: kind: found the text \"glosary\", expected `article` or `glossary` (did you mean `glossary`?)",
    ];
    for line in expected {
        assert!(told.contains(line), "{line}\nis not in\n{told}");
    }
}

#[test]
fn a_missing_language_is_a_mistake() {
    let told = mistakes(&[("a", article("", "x", "  "))]);
    assert!(told.contains("text.en: found nothing, expected the text in this language"), "{told}");
}

#[test]
fn an_example_is_priced_and_what_it_says_otherwise_is_told() {
    let head = "examples.x.request = '{\"lines\": [{\"seller\": \"shop-a\", \"unit_price\": 5000}], \"pay\": {\"coupons\": [\"A500\"]}}'\n\
                examples.x.figures = { total = 4500 }\nexamples.x.refusals = []\nexamples.x.days = { available = \"2026-12-01\" }\n\
                examples.y.request = '{\"lines\": [{\"seller\": \"shop-z\", \"unit_price\": 1}]}'\n";
    let told = mistakes(&[("a", article(head, "{{ example:x.total }}", "{{ example:x.due }}"))]);
    for part in [
        "examples.x.figures.total: found 4500, expected 5000, as these terms give",
        "examples.x.days.available: found `2026-12-01`, expected `2026-12-12`, as these terms give",
        "examples.x.refusals: found [], expected [\"no_target_item\"",
        "examples.y.request: found /lines/0/seller: unknown seller `shop-z`",
        "text.en: found the placeholder `{{ example:x.due }}`",
    ] {
        assert!(told.contains(part), "{part}\nis not in\n{told}");
    }
}

#[test]
fn a_market_s_own_article_takes_the_place_of_a_shared_one() {
    let (market, _) = help("rakuten-style");
    let file = |path: &str, text: String| MarketFile { path: path.into(), text };
    let files = [
        file("m/help/help.toml", SETTINGS.to_owned()),
        file("m/help/a.md", article("", "own", "own")),
        file("common/help/a.md", article("", "shared", "shared")),
        file(
            "common/help/b.md",
            article("needs = [\"methods.cod\", \"programs.gift\"]\n", "{{ gift_years }}", "x"),
        ),
    ];
    let help = check_help(&files, &market).unwrap_or_else(|report| panic!("{report}"));
    let bodies: Vec<&str> = help.articles(Language::En).iter().map(|article| article.body.as_str()).collect();
    assert_eq!(bodies, ["own"]);
    assert_eq!(help.left_out(), ["b"]);
}
