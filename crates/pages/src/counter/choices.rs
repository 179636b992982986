//! What a shopper chooses at the counter: coupons, stored value, a method. As parameters of an address, and of a quote's request.

use choba_engine::market::{Held, Market};
use serde_json::{Value, json};

use crate::fields::{Fields, whole_number};

/// Says that choices were made: nothing chosen is a choice too.
pub const CHOSEN: &str = "chosen";

/// The choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    pub coupons: Vec<String>,
    /// Of every program that was asked about, in the market's order.
    pub stored: Vec<Stored>,
    /// The method's type; empty where none is chosen.
    pub method: String,
    /// The card's brand; with `-linked` where it is linked to a program.
    pub card: String,
}

/// How much of a program is to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub program: String,
    pub amount: Amount,
    /// Whether only what is limited in time is to be used.
    pub limited_only: bool,
}

/// As it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    UpTo(i64),
    All,
    /// What cannot be read; nothing is used then.
    Unread(String),
}

impl Choices {
    /// Reads the parameters of an address, or the fields of a form.
    pub fn read(fields: &Fields, market: &Market) -> Self {
        let of_program = |program: &str| {
            let named = format!("use-{program}");
            let asked = fields.iter().any(|(name, _)| name == named);
            let all_limited = fields.says("all", &format!("{program}/limited"));
            let all = all_limited || fields.says("all", program);
            let amount = if all { Amount::All } else { amount(fields.one(&named)) };
            let limited_only = all_limited || fields.says("only", program);
            (asked || all).then(|| Stored { program: program.to_owned(), amount, limited_only })
        };
        Self {
            coupons: fields.all("coupon").map(str::to_owned).collect(),
            stored: market.programs.iter().filter_map(|program| of_program(&program.id)).collect(),
            method: fields.one("method").to_owned(),
            card: fields.one("card").to_owned(),
        }
    }

    /// What whoever filled the cart chose; the market's first method, where nobody chose one.
    pub fn of_cart(pay: &Value, market: &Market) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |name: &str| pay.get(name).and_then(Value::as_array).into_iter().flatten();
        let method = pay.pointer("/method/type").and_then(text);
        let first = || market.methods.first().map(|method| method.method_type.id().to_owned());
        let brand = pay.pointer("/method/brand").and_then(text).unwrap_or_default();
        let linked = pay.pointer("/method/linked").and_then(Value::as_bool).unwrap_or_default();
        let stored = |asked: &Value| {
            let amount = match asked.get("amount")?.as_i64() {
                Some(amount) => Amount::UpTo(amount),
                None => Amount::All,
            };
            let limited_only = asked.get("kind").and_then(Value::as_str) == Some("limited");
            Some(Stored { program: asked.get("program").and_then(text)?, amount, limited_only })
        };
        Self {
            coupons: list("coupons").filter_map(text).collect(),
            stored: list("stored").filter_map(stored).collect(),
            method: method.or_else(first).unwrap_or_default(),
            card: if linked { format!("{brand}-linked") } else { brand },
        }
    }

    /// The part of a quote's request that says how it is paid.
    pub fn pay(&self, market: &Market) -> Value {
        let stored: Vec<Value> = self.stored.iter().filter_map(|asked| asked.json(market)).collect();
        let mut pay = json!({ "coupons": self.coupons, "stored": stored });
        // What a market does not have cannot be chosen there.
        if market.methods.iter().any(|known| known.method_type.id() == self.method)
            && let Value::Object(fields) = &mut pay
        {
            fields.insert("method".to_owned(), self.method());
        }
        pay
    }

    fn method(&self) -> Value {
        let mut method = json!({ "type": self.method });
        let (brand, linked) = match self.card.strip_suffix("-linked") {
            Some(brand) => (brand, true),
            None => (self.card.as_str(), false),
        };
        if self.method == "card" && !brand.is_empty() {
            method = json!({ "type": "card", "brand": brand, "linked": linked });
        }
        method
    }

    /// With a coupon more.
    pub fn with_coupon(&self, coupon: &str) -> Self {
        let mut with = self.clone();
        if !with.coupons.iter().any(|known| known == coupon) {
            with.coupons.push(coupon.to_owned());
        }
        with
    }

    /// With all of a program, before any other is used.
    pub fn with_all_of(&self, program: &str) -> Self {
        let mut with = self.clone();
        with.stored.retain(|asked| asked.program != program);
        let all = Stored { program: program.to_owned(), amount: Amount::All, limited_only: false };
        with.stored.insert(0, all);
        with
    }

    /// With another method.
    pub fn with_method(&self, method: &str) -> Self {
        Self { method: method.to_owned(), ..self.clone() }
    }

    /// How much of a program was asked for.
    pub fn amount_of(&self, program: &str) -> Option<&Amount> {
        self.stored.iter().find(|asked| asked.program == program).map(|asked| &asked.amount)
    }

    /// Whether only what is limited in time is to be used of a program.
    pub fn is_limited_only(&self, program: &str) -> bool {
        self.stored.iter().any(|asked| asked.program == program && asked.limited_only)
    }

    /// Whether every amount could be read.
    pub fn are_read(&self) -> bool {
        !self.stored.iter().any(|asked| matches!(asked.amount, Amount::Unread(_)))
    }

    /// As fields: of a form, or of an address.
    pub fn fields(&self) -> Vec<(String, String)> {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut fields = vec![field(CHOSEN, "1")];
        fields.extend(self.coupons.iter().map(|coupon| field("coupon", coupon)));
        for asked in &self.stored {
            fields.push((format!("use-{}", asked.program), asked.amount.as_typed()));
            fields.extend(asked.limited_only.then(|| field("only", &asked.program)));
        }
        fields.push(field("method", &self.method));
        fields.push(field("card", &self.card));
        fields
    }

    /// The address of the counter with these choices.
    pub fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields());
        format!("/counter?{}", query.finish())
    }
}

impl Amount {
    /// As it is typed into its field.
    pub fn as_typed(&self) -> String {
        match self {
            Self::UpTo(amount) => amount.to_string(),
            Self::All => "all".to_owned(),
            Self::Unread(typed) => typed.clone(),
        }
    }
}

impl Stored {
    fn json(&self, market: &Market) -> Option<Value> {
        let program = market.program(&self.program)?;
        let amount = match &self.amount {
            Amount::All => json!("all"),
            Amount::UpTo(amount) if *amount > 0 => json!(amount),
            // Said where silence would mean what is always used.
            _ if program.held == Held::Partner => json!(0),
            _ => return None,
        };
        Some(if self.limited_only {
            json!({ "program": self.program, "amount": amount, "kind": "limited" })
        } else {
            json!({ "program": self.program, "amount": amount })
        })
    }
}

/// The largest amount that is asked for: what is beyond is a slip of the keyboard.
const AMOUNT_MAX: i64 = 100_000_000;

fn amount(typed: &str) -> Amount {
    match typed {
        "" => Amount::UpTo(0),
        "all" | "ALL" | "全部" | "すべて" | "全額" => Amount::All,
        _ => match whole_number(typed).filter(|amount| *amount <= AMOUNT_MAX) {
            Some(amount) => Amount::UpTo(amount),
            None => Amount::Unread(typed.chars().take(40).collect()),
        },
    }
}

#[cfg(test)]
mod tests {
    use choba_formats::market_files;

    use super::*;

    fn read(query: &str) -> Choices {
        Choices::read(&Fields::read(query.as_bytes()), &market_files::load("amazon-style").unwrap())
    }

    #[test]
    fn choices_are_the_same_after_a_way_through_an_address() {
        let choices = read(
            "coupon=A&coupon=B&use-gift=%EF%BC%91%EF%BC%90%EF%BC%90&use-amazon=all&method=card&card=JCB-linked",
        );
        assert_eq!(choices.amount_of("gift"), Some(&Amount::UpTo(100)), "full-width figures are read");
        let again = read(choices.address().strip_prefix("/counter?").unwrap());
        assert_eq!(again, choices);
    }

    #[test]
    fn just_the_limited_points_can_be_chosen() {
        let market = market_files::load("rakuten-style").unwrap();
        let read = |query: &str| Choices::read(&Fields::read(query.as_bytes()), &market);
        let pressed = read("use-rakuten=0&all=rakuten%2Flimited");
        let stored = json!([{"program": "rakuten", "amount": "all", "kind": "limited"}]);
        assert_eq!(pressed.pay(&market)["stored"], stored);
        assert_eq!(read(pressed.address().strip_prefix("/counter?").unwrap()), pressed);
        assert_eq!(Choices::of_cart(&json!({"stored": stored}), &market).stored, pressed.stored);
        let typed = read("use-rakuten=50&only=rakuten");
        assert_eq!(
            typed.pay(&market)["stored"][0],
            json!({"program": "rakuten", "amount": 50, "kind": "limited"})
        );
        assert!(!read("use-rakuten=50").is_limited_only("rakuten"));
    }

    #[test]
    fn an_amount_that_cannot_be_read_uses_nothing_and_is_kept_as_typed() {
        let market = market_files::load("amazon-style").unwrap();
        for typed in ["たくさん", "-5", "999999999999"] {
            let choices = read(&format!("use-gift={typed}"));
            assert!(!choices.are_read(), "{typed}");
            assert_eq!(choices.pay(&market)["stored"], json!([]));
            assert_eq!(choices.amount_of("gift").map(Amount::as_typed).as_deref(), Some(typed));
        }
    }

    #[test]
    fn a_carts_own_choices_are_the_first_ones() {
        let market = market_files::load("amazon-style").unwrap();
        let pay = json!({"coupons": ["X"], "stored": [{"program": "gift", "amount": "all"}],
            "method": {"type": "card", "brand": "JCB", "linked": true}});
        let choices = Choices::of_cart(&pay, &market);
        assert_eq!(choices.pay(&market), pay);
        assert_eq!(Choices::of_cart(&Value::Null, &market).method, "card");
    }

    #[test]
    fn a_method_that_the_market_does_not_have_is_not_asked_for() {
        let market = market_files::load("amazon-style").unwrap();
        assert!(read("method=deferred").pay(&market).get("method").is_none());
        assert_eq!(read("method=konbini&card=JCB").pay(&market)["method"], json!({"type": "konbini"}));
    }
}
