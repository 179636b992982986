//! A plan as JSON, and in words.

use choba_engine::market::{Coupon, Market};
use choba_engine::money::Money;
use choba_engine::plan::{Advice, Aim, Hint, LeftOut, Outcome, Plan, RunnerUp, WhyLeftOut};
use choba_engine::quote::Quote;
use choba_engine::request::{AskedAmount, AskedStored, Pay};
use fluent_bundle::FluentArgs;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::answer::Answer;
use crate::language::Language;
use crate::request::lot_kind_id;
use crate::sentences::{Sentences, sentences};

/// A plan of a market, to be written as JSON: its quote, and beside it what makes it the plan.
pub struct PlanAnswer<'q, 'a> {
    /// The market.
    pub market: &'a Market,
    /// The quote with the plan's way to pay.
    pub quote: &'q Quote<'a>,
    /// What it was to be best at.
    pub aim: Aim,
    /// The plan.
    pub plan: &'q Plan<'a>,
}

impl Serialize for PlanAnswer<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_struct("Plan", 18)?;
        Answer { market: self.market, quote: self.quote }.serialize_fields(&mut answer)?;
        answer.serialize_field("plan", &shape(self.aim, self.plan))?;
        answer.end()
    }
}

#[derive(Serialize)]
struct PlanShape<'q> {
    aim: &'static str,
    cash: i64,
    earned_value: i64,
    proven: bool,
    gap: i64,
    pay: PayShape<'q>,
    runner_up: Option<RunnerUpShape<'q>>,
}

#[derive(Serialize)]
struct RunnerUpShape<'q> {
    coupons: Vec<&'q str>,
    cash: i64,
    total: i64,
    earned_value: i64,
}

#[derive(Serialize)]
struct PayShape<'q> {
    coupons: Vec<&'q str>,
    stored: Vec<StoredShape<'q>>,
}

#[derive(Serialize)]
struct StoredShape<'q> {
    program: &'q str,
    kind: Option<&'static str>,
    amount: AmountShape,
}

#[derive(Serialize)]
#[serde(untagged)]
enum AmountShape {
    All(&'static str),
    UpTo(i64),
}

fn shape<'q>(aim: Aim, plan: &'q Plan<'_>) -> PlanShape<'q> {
    PlanShape {
        aim: aim.id(),
        cash: plan.outcome.cash.units(),
        earned_value: plan.outcome.earned_value.units(),
        proven: plan.proven,
        gap: plan.gap.units(),
        pay: PayShape { coupons: coupons(&plan.pay), stored: plan.pay.stored.iter().map(stored).collect() },
        runner_up: plan.runner_up.as_ref().map(runner_up),
    }
}

fn runner_up<'q>(second: &'q RunnerUp<'_>) -> RunnerUpShape<'q> {
    let Outcome { cash, total, earned_value } = second.outcome;
    RunnerUpShape {
        coupons: coupons(&second.pay),
        cash: cash.units(),
        total: total.units(),
        earned_value: earned_value.units(),
    }
}

fn coupons<'q>(pay: &'q Pay<'_>) -> Vec<&'q str> {
    pay.coupons.iter().map(|coupon| coupon.id).collect()
}

fn stored<'q>(asked: &'q AskedStored<'_>) -> StoredShape<'q> {
    let amount = match asked.amount {
        AskedAmount::All => AmountShape::All("all"),
        AskedAmount::UpTo(amount) => AmountShape::UpTo(amount.units()),
    };
    StoredShape { program: &asked.program.id, kind: asked.kind.map(lot_kind_id), amount }
}

/// Why the plan is best, in words: to be read after the receipt of its quote.
pub fn reasons(
    market: &Market,
    aim: Aim,
    plan: &Plan<'_>,
    advice: &Advice<'_>,
    language: Language,
) -> String {
    let mut words = Words { market, aim, plan, sentences: sentences(language), text: String::new() };
    words.head();
    words.runner_up();
    advice.left_out.iter().for_each(|left| words.left_out(left));
    advice.hints.iter().for_each(|hint| words.hint(hint));
    words.text
}

struct Words<'p, 'a> {
    market: &'p Market,
    aim: Aim,
    plan: &'p Plan<'a>,
    sentences: &'static Sentences,
    text: String,
}

impl Words<'_, '_> {
    fn head(&mut self) {
        let outcome = self.plan.outcome;
        let id = format!("plan-aim-{}", self.aim.id());
        self.line(0, &id, self.figures_of(outcome));
        match self.plan.proven {
            true => self.line(1, "plan-proven", vec![]),
            false => {
                let gap = self.sentences.language().yen(self.plan.gap);
                self.line(1, "plan-gap", vec![("gap", gap)]);
            }
        }
        let used: Vec<&Coupon> = self.plan.pay.coupons.iter().filter_map(|asked| asked.coupon).collect();
        let used = self.names(&used);
        self.line(1, "plan-coupons", vec![("coupons", used)]);
    }

    fn runner_up(&mut self) {
        let Some(second) = &self.plan.runner_up else {
            return self.line(1, "plan-no-runner-up", vec![]);
        };
        let coupons: Vec<&Coupon> = second.pay.coupons.iter().filter_map(|asked| asked.coupon).collect();
        let mut figures = self.figures_of(second.outcome);
        figures.push(("coupons", self.names(&coupons)));
        self.line(1, "plan-runner-up", figures);
    }

    fn left_out(&mut self, left: &LeftOut<'_>) {
        match &left.why {
            WhyLeftOut::Refused(refusals) => {
                for refusal in refusals {
                    let worded = self.sentences.refusal(refusal, self.market);
                    self.text.push_str(&format!("  * {}\n", worded.message));
                }
            }
            WhyLeftOut::WouldBe { outcome, instead_of } => {
                let id = if instead_of.is_empty() { "plan-left-out" } else { "plan-left-out-instead" };
                let mut figures = self.figures_of(*outcome);
                figures.push(("coupon", self.name(left.coupon)));
                figures.push(("instead_of", self.names(instead_of)));
                self.line(1, id, figures);
            }
        }
    }

    fn hint(&mut self, hint: &Hint<'_>) {
        let language = self.sentences.language();
        match hint {
            Hint::FreeShipping { seller, missing, saves } => {
                let seller = language.name(&seller.name).to_owned();
                let figures = vec![
                    ("seller", seller),
                    ("missing", language.yen(*missing)),
                    ("saves", language.yen(*saves)),
                ];
                self.line(1, "plan-hint-shipping", figures);
            }
            Hint::Coupon { coupon, missing, saves } => {
                let figures = vec![
                    ("coupon", self.name(coupon)),
                    ("missing", language.yen(*missing)),
                    ("saves", language.yen(*saves)),
                ];
                self.line(1, "plan-hint-coupon", figures);
            }
        }
    }

    /// What an outcome comes to, and how much more than the plan that is.
    fn figures_of(&self, outcome: Outcome) -> Vec<(&'static str, String)> {
        let language = self.sentences.language();
        let value = |outcome: Outcome| outcome.value().unwrap_or_default();
        let more = |of: Money, than: Money| {
            let more = language.yen(of.minus(than).unwrap_or_default());
            if of >= than { format!("+{more}") } else { more }
        };
        vec![
            ("cash", language.yen(outcome.cash)),
            ("total", language.yen(outcome.total)),
            ("earned", language.yen(outcome.earned_value)),
            ("value", language.yen(value(outcome))),
            ("cash_more", more(outcome.cash, self.plan.outcome.cash)),
            ("value_more", more(value(outcome), value(self.plan.outcome))),
        ]
    }

    /// Names of coupons, each in quotes: names may have commas.
    fn names(&self, coupons: &[&Coupon]) -> String {
        let language = self.sentences.language();
        let quoted: Vec<String> = coupons
            .iter()
            .map(|coupon| match language {
                Language::Ja => format!("「{}」", coupon.name.ja),
                Language::En => format!("“{}”", coupon.name.en),
            })
            .collect();
        self.sentences.list(quoted.iter().map(String::as_str))
    }

    fn name(&self, coupon: &Coupon) -> String {
        self.sentences.language().name(&coupon.name).to_owned()
    }

    fn line(&mut self, bullets: usize, id: &str, figures: Vec<(&'static str, String)>) {
        let mut args = FluentArgs::with_capacity(figures.len());
        figures.into_iter().for_each(|(name, text)| args.set(name, text));
        let bullet = if bullets == 0 { "" } else { "  * " };
        self.text.push_str(&format!("{bullet}{}\n", self.sentences.say(id, &args)));
    }
}
