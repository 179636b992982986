//! `choba quote` as a program: answers, streams, faults by place, receipts, exit statuses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::thread;

use serde_json::{Value, json};
use support::{cart, cart_with, choba, line_of, market_copy, program, repository, run};

/// The one line with which a request is refused; nothing may be on standard output.
fn fault(input: impl AsRef<[u8]>) -> String {
    let run = choba(&["quote"], input);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.len() < 1_000, "{}", run.stderr);
    run.stderr.trim_end().to_owned()
}

/// A change of the cart and what its fault says.
type Case = (fn(&mut Value), &'static str);

fn fault_of(change: impl FnOnce(&mut Value)) -> String {
    fault(cart_with(change))
}

#[test]
fn one_request_gives_one_line_of_json() {
    let file = repository("examples/cart.json");
    for run in [choba(&["quote", file.to_str().unwrap()], ""), choba(&["quote", "-"], cart().to_string())] {
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        let answers = run.answers();
        assert_eq!(answers.len(), 1);
        assert_eq!(
            (&answers[0]["total"], &answers[0]["due"], &answers[0]["currency"]),
            (&json!(8_794), &json!(0), &json!("JPY"))
        );
    }
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    let request = cart().to_string();
    assert_eq!(choba(&["quote"], &request).stdout, choba(&["quote"], &request).stdout);
}

#[test]
fn a_stream_is_answered_in_its_order_and_a_faulty_request_keeps_its_place() {
    let request = |place: i64| cart_with(|cart| cart["lines"][2]["unit_price"] = json!(1_000 + place));
    let faulty = cart_with(|cart| cart["lines"][0]["seller"] = json!("shop-x"));
    let lines: Vec<String> =
        (0..500).map(|place| if place == 250 { faulty.clone() } else { request(place) }).collect();
    let run = choba(&["quote"], lines.join("\n"));
    assert_eq!(run.status, 2);
    let answers = run.answers();
    assert_eq!(answers.len(), 500);
    for (place, answer) in (0..).zip(&answers) {
        match place {
            250 => assert!(answer["error"].as_str().unwrap().starts_with("/lines/0/seller: ")),
            place => assert_eq!(answer["goods_total"], json!(3_960 + 2_700 + 1_000 + place)),
        }
    }
    assert_eq!(run.stderr.lines().count(), 1);
    assert!(run.stderr.starts_with("choba: request on line 251: /lines/0/seller: "), "{}", run.stderr);
}

#[test]
fn requests_may_span_lines_and_blank_lines_are_nothing() {
    let pretty = format!("\n{:#}\n\n{}\n \n", cart(), cart());
    let run = choba(&["quote"], pretty);
    assert_eq!((run.status, run.answers().len()), (0, 2));
}

#[test]
fn malformed_json_is_named_by_line_and_column() {
    let text = "{\"market\": \"rakuten-style\",\n \"at\": oops}";
    assert_eq!(fault(text), "choba: request on line 1: /at: expected value (line 2 column 8)");
    assert!(fault("\n\n[1, 2").starts_with("choba: request on line 3: "));
}

#[test]
fn an_unknown_field_is_refused_with_the_nearest_known_one() {
    let of_line = fault_of(|cart| cart["lines"][1]["unit_prise"] = json!(1));
    assert!(of_line.contains("/lines/1/unit_prise: unknown field `unit_prise`; did you mean `unit_price`?"));
    let of_pay = fault_of(|cart| cart["pay"]["cupons"] = json!([]));
    assert!(of_pay.contains("did you mean `coupons`?"), "{of_pay}");
    let of_all = fault_of(|cart| cart["colour"] = json!("red"));
    assert!(of_all.contains("unknown field `colour`; expected `market`, `at`, "), "{of_all}");
}

#[test]
fn a_time_needs_an_offset() {
    let without = fault_of(|cart| cart["at"] = json!("2026-11-21T12:00:00"));
    assert!(without.contains("/at: \"2026-11-21T12:00:00\" has no offset from UTC"), "{without}");
    let other = fault_of(|cart| cart["customer"]["lots"][0]["expires_at"] = json!("soon"));
    assert!(other.contains("/customer/lots/0/expires_at: expected a date and time such as "), "{other}");
}

#[test]
fn a_line_id_is_used_once() {
    let twice = fault_of(|cart| cart["lines"][2]["id"] = json!("1"));
    assert!(twice.contains("/lines/2/id: the line id `1` is used twice"), "{twice}");
    let none = fault_of(|cart| cart["lines"] = json!([]));
    assert!(none.contains("/lines: expected at least one line"), "{none}");
}

#[test]
fn what_the_market_does_not_have_is_named_with_what_it_has() {
    let cases: [Case; 7] = [
        (
            |cart| cart["lines"][1]["seller"] = json!("shop-bb"),
            "/lines/1/seller: unknown seller `shop-bb`; did you mean `shop-b`?",
        ),
        (
            |cart| cart["customer"]["lots"][1]["program"] = json!("ponta"),
            "/customer/lots/1/program: unknown program `ponta`; expected `rakuten`",
        ),
        (
            |cart| cart["pay"]["stored"][0]["program"] = json!("raketen"),
            "/pay/stored/0/program: unknown program `raketen`; did you mean `rakuten`?",
        ),
        (
            |cart| cart["pay"]["method"]["type"] = json!("cash"),
            "/pay/method/type: unknown method `cash`; expected `card`, `cod`, `konbini` or `deferred`",
        ),
        (
            |cart| cart["lines"][0]["kind"] = json!("Physical"),
            "/lines/0/kind: unknown kind `Physical`; did you mean `physical`?",
        ),
        (
            |cart| cart["lines"][0]["tax_rate"] = json!("0.05"),
            "/lines/0/tax_rate: unknown tax rate `0.05`; did you mean `0.08`?",
        ),
        (|cart| cart["market"] = json!("rakuten"), "/market: unknown market \"rakuten\""),
    ];
    for (change, expected) in cases {
        let fault = fault_of(change);
        assert!(fault.contains(expected), "{fault}");
    }
}

#[test]
fn amounts_are_between_nothing_and_ten_to_the_fifteenth() {
    let price = |price: Value| {
        cart_with(|cart| {
            cart["lines"][0]["unit_price"] = price;
            cart["lines"][0]["quantity"] = json!(1);
        })
    };
    let largest = choba(&["quote"], price(json!(1_000_000_000_000_000_i64)));
    assert_eq!(
        (largest.status, &largest.answers()[0]["goods_total"]),
        (0, &json!(1_000_000_000_004_200_i64))
    );
    for (beyond, expected) in [
        (json!(-1), "/lines/0/unit_price: expected an amount of 0 or more, found -1"),
        (json!(1_000_000_000_000_001_i64), "/lines/0/unit_price: expected an amount of at most 10"),
        (json!(u64::MAX), "/lines/0/unit_price: "),
        (json!(19.8), "/lines/0/unit_price: "),
        (json!("1980"), "/lines/0/unit_price: "),
    ] {
        let fault = fault(price(beyond));
        assert!(fault.contains(expected), "{fault}");
    }
    let product = fault_of(|cart| cart["lines"][0]["unit_price"] = json!(1_000_000_000_000_000_i64));
    assert!(product.contains("line \"1\": unit_price × quantity is more than 10^15"), "{product}");
    let none = fault_of(|cart| cart["lines"][0]["quantity"] = json!(0));
    assert!(none.contains("/lines/0/quantity: expected a quantity of 1 or more, found 0"), "{none}");
}

#[test]
fn a_megabyte_of_nonsense_gives_one_short_line() {
    fault("nonsense ".repeat(120_000));
    fault(vec![0xff; 1 << 20]);
    fault("[".repeat(1 << 20));
    fault(format!("{{\"{}\": 1}}", "x".repeat(1 << 20)));
    fault(cart_with(|cart| cart["lines"][0]["seller"] = json!("店".repeat(400_000))));
}

#[test]
fn nothing_asked_is_nothing_answered() {
    for input in ["", " \n\n"] {
        let run = choba(&["quote"], input);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    }
}

#[test]
fn ten_thousand_lines_work() {
    let line = |place: usize| {
        json!({"id": place.to_string(), "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 99,
               "quantity": 1, "tax_rate": "0.10", "tax_included": place.is_multiple_of(2)})
    };
    let run = choba(&["quote"], cart_with(|cart| cart["lines"] = (0..10_000).map(line).collect()));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let answer = &run.answers()[0];
    // Half of the prices come without their tax, which is rounded once for the seller.
    assert_eq!(answer["goods_total"], json!(5_000 * 99 + 5_000 * 99 * 11 / 10));
    assert_eq!(answer["lines"].as_array().unwrap().len(), 10_000);
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let mut running = program(&["quote"]).spawn().unwrap();
    let mut stdin = running.stdin.take().unwrap();
    let writer = thread::spawn(move || {
        let line = format!("{}\n", cart());
        // Ends when the program does.
        while stdin.write_all(line.as_bytes()).is_ok() {}
    });
    let mut first = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"market\":"));
    assert_eq!(running.wait().unwrap().code(), Some(0));
    writer.join().unwrap();
    let mut told = String::new();
    running.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(told, "");
}

#[test]
fn a_market_directory_decides_whatever_the_request_names() {
    let directory =
        market_copy("quote-directory", "rakuten-style", "sellers.toml", "amount = 700", "amount = 650");
    let run = choba(&["quote", "--market", directory.to_str().unwrap()], cart().to_string());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let sample = choba(&["quote", "--market", "rakuten-style"], cart().to_string());
    let (own, sample) = (&run.answers()[0], &sample.answers()[0]);
    assert_ne!(own["version"], sample["version"]);
    let shipping = |answer: &Value| {
        answer["trace"].as_array().unwrap().iter().find(|step| step["seller"] == "shop-c").unwrap()["out"]
            .clone()
    };
    assert_eq!((shipping(own), shipping(sample)), (json!(650), json!(700)));
    let nameless = cart_with(|cart| drop(cart.as_object_mut().unwrap().remove("market")));
    assert!(fault(&nameless).contains("/market: missing; name a market, or give one with --market"));
    assert_eq!(choba(&["quote", "--market", "rakuten-style"], nameless).status, 0);
}

#[test]
fn a_broken_market_is_told_by_its_first_mistake() {
    let broken =
        market_copy("quote-broken", "rakuten-style", "coupons.toml", "minimum_spend", "minimun_spend");
    let run = choba(&["quote", "--market", broken.to_str().unwrap()], cart().to_string());
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.lines().count()), (2, "", 1));
    let line = line_of(&broken.join("coupons.toml"), "minimun_spend");
    let place = format!("coupons.toml:{line}:1: coupons.SHOPA300.minimun_spend");
    assert!(run.stderr.contains(&place), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `minimum_spend`?"), "{}", run.stderr);
    let missing = choba(&["quote", "--market", "no-such-market"], "");
    assert_eq!((missing.status, missing.stdout.as_str()), (2, ""));
    assert!(missing.stderr.contains("\"no-such-market\"") && missing.stderr.contains("`rakuten-style`"));
}

#[test]
fn a_missing_file_is_named() {
    let run = choba(&["quote", "no/such/file.json"], "");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("no/such/file.json"), "{}", run.stderr);
}

#[test]
fn a_receipt_is_written_in_the_language_of_the_locale() {
    let explain = |lang: &str| {
        run(program(&["quote", "--explain"]).env("LANG", lang), cart().to_string().as_bytes()).stdout
    };
    let (japanese, english) = (explain("ja_JP.UTF-8"), explain("en_US.UTF-8"));
    assert!(japanese.starts_with("お見積り\n") && japanese.contains("7,294円"), "{japanese}");
    assert!(english.starts_with("Quote\n") && english.contains("¥7,294"), "{english}");
    assert_eq!(explain("C.UTF-8"), english);
    let asked = choba(&["quote", "--explain", "--lang", "ja"], cart().to_string());
    assert_eq!((asked.status, asked.stdout), (0, japanese));
    assert_eq!(choba(&["quote", "--explain"], cart().to_string()).stdout, english);
}

#[test]
fn a_receipt_says_what_was_refused_and_what_to_do() {
    let run = choba(&["quote", "--explain", "--lang", "en"], cart().to_string());
    for part in [
        "Coupon 500 yen off item A",
        "Shipping, Shop A (free with ¥20 more)",
        "Fee, cash on delivery",
        "of which tax at 8%",
        "Rakuten Points (limited), 300 points",
        "usable from Sat 12 Dec 2026, 00:00",
        "needs ¥5,000 of the goods it is for; there is ¥2,700 so far.",
        "→ Add ¥2,300 or more of the goods it is for.",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}'), "plain where nobody sees colours");
}
