//! A quote as the use cases answer it, read back to be shown.

use choba_formats::language::Language;
use choba_server::Problem;
use jiff::Timestamp;
use serde::Deserialize;

/// A quote.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Quote {
    pub goods_total: i64,
    pub coupon_total: i64,
    pub shipping_total: i64,
    pub fee_total: i64,
    pub total: i64,
    /// What nobody pays.
    pub due: i64,
    pub taxes: Vec<Tax>,
    pub lines: Vec<PricedLine>,
    pub shipping: Vec<Shipping>,
    pub tenders: Vec<Tender>,
    pub payments: Vec<Payment>,
    pub earns: Vec<Earn>,
    refusals: Vec<Refusal>,
    pub trace: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Tax {
    pub rate: String,
    pub amount: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PricedLine {
    pub id: String,
    pub gross: i64,
    pub coupons: Vec<CouponUse>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct CouponUse {
    pub id: String,
    pub amount: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Shipping {
    pub seller: String,
    pub amount: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Tender {
    /// A program or a method.
    pub tender: String,
    pub kind: Option<String>,
    pub points: Option<i64>,
    pub amount: i64,
}

/// What a tender pays of a charge.
#[derive(Clone, Debug, Deserialize)]
pub struct Payment {
    /// `line`, `shipping` or `fee`.
    pub charge: String,
    pub line: Option<String>,
    pub seller: Option<String>,
    pub tender: String,
    pub amount: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Earn {
    pub program: String,
    pub kind: Option<String>,
    pub line: Option<String>,
    pub points: i64,
    pub before_coupons: i64,
    pub rule: String,
    pub available_at: Option<Timestamp>,
    pub days_after_shipment: Option<i64>,
    pub expires_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    pub subject: String,
    /// `coupon`, `tender` or `earning`.
    pub about: String,
    pub line: Option<String>,
    pub code: String,
    pub message: InBoth,
    pub remedy: InBoth,
}

#[derive(Clone, Debug, Deserialize)]
pub struct InBoth {
    pub ja: String,
    pub en: String,
}

/// A step of the sum.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    pub step: String,
    pub rule: String,
    pub line: Option<String>,
    pub seller: Option<String>,
    #[serde(rename = "in")]
    pub before: i64,
    #[serde(rename = "out")]
    pub after: i64,
}

impl Refusal {
    /// Whether it says no more than another one about the same: that a method cannot pay a line, after the reason why.
    fn is_said_by(&self, other: &Self) -> bool {
        self.code == "method_not_accepted"
            && self.line.is_some()
            && other.code != self.code
            && (&other.subject, &other.line) == (&self.subject, &self.line)
    }
}

impl InBoth {
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

impl Quote {
    /// Reads an answer.
    pub fn read(answer: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice(answer).map_err(|error| Problem::defect(&format!("a quote: {error}")))
    }

    /// What is said against things, without what says nothing new.
    pub fn refusals(&self) -> impl Iterator<Item = &Refusal> {
        self.refusals.iter().filter(|refusal| !self.refusals.iter().any(|other| refusal.is_said_by(other)))
    }

    /// What a tender pays, and how much of a program that takes.
    pub fn paid_by(&self, tender: &str) -> (i64, i64) {
        let rows = self.tenders.iter().filter(|row| row.tender == tender);
        rows.fold((0, 0), |(yen, points), row| {
            (yen.saturating_add(row.amount), points.saturating_add(row.points.unwrap_or(row.amount)))
        })
    }

    /// Who pays how much, each once.
    pub fn payers(&self) -> Vec<(String, i64)> {
        let mut payers: Vec<(String, i64)> = Vec::new();
        for row in self.tenders.iter().filter(|row| row.amount != 0) {
            if payers.iter().all(|(known, _)| *known != row.tender) {
                payers.push((row.tender.clone(), self.paid_by(&row.tender).0));
            }
        }
        payers
    }
}
