//! What one version of a market changes against another, request by request.

use std::collections::{BTreeMap, BTreeSet};

use choba_engine::market::Market;
use choba_engine::quote::{Quote, Tender, quote};

use crate::request::RequestText;

/// How many of the largest changes are shown.
const LARGEST: usize = 10;

/// Sums of a figure under both versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Both {
    /// Under the first version.
    pub before: i128,
    /// Under the second.
    pub after: i128,
}

impl Both {
    /// How much more under the second.
    pub fn change(self) -> i128 {
        self.after - self.before
    }
}

/// All that changes over a stream of requests.
#[derive(Debug, Default, serde::Serialize)]
pub struct Changes {
    /// Name and version of the first.
    pub a: String,
    /// Name and version of the second.
    pub b: String,
    /// Requests priced under both versions.
    pub requests: u64,
    /// Of these, how many have another total, other payers or other points.
    pub changed: u64,
    /// Requests that neither version could price.
    pub unusable: u64,
    /// Requests that only one of the versions could price.
    pub priced_by_one_only: u64,
    /// The first of these, with what the other version says.
    pub refused_by_one: Vec<String>,
    /// Figures of the bill.
    pub totals: BTreeMap<&'static str, Both>,
    /// What each tender pays.
    pub tenders: BTreeMap<String, Both>,
    /// What each program grants.
    pub points: BTreeMap<String, Both>,
    /// The largest changes, largest first.
    pub largest: Vec<Change>,
}

/// What changes for one request.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// The line of the requests on which it begins.
    pub line: usize,
    /// Its total.
    pub total: Both,
    /// Its points, of all programs.
    pub points: Both,
    /// The rules that gave something else, and what was refused under one version only.
    pub reasons: Vec<String>,
}

impl Changes {
    /// Changes between two versions, over no request yet.
    pub fn between(a: &Market, b: &Market) -> Self {
        let version = |market: &Market| format!("{} {}", market.name, market.version);
        Self { a: version(a), b: version(b), ..Self::default() }
    }

    /// Prices a request under both versions and takes in what differs. `line` names the request.
    ///
    /// # Errors
    /// What is wrong with a request that neither version can price. A fault under one of them is a change.
    pub fn compare(
        &mut self,
        a: &Market,
        b: &Market,
        text: &RequestText<'_>,
        line: usize,
    ) -> Result<(), String> {
        let (before, after) = (text.resolve(a), text.resolve(b));
        let (before, after) = match (&before, &after) {
            (Ok(before), Ok(after)) => (quote(a, before), quote(b, after)),
            (Err(fault), Err(_)) => return Err(fault.to_string()),
            (Err(fault), Ok(_)) => return self.priced_by_one_only(line, "A", fault.to_string()),
            (Ok(_), Err(fault)) => return self.priced_by_one_only(line, "B", fault.to_string()),
        };
        match (before, after) {
            (Ok(before), Ok(after)) => self.add(line, &before, &after),
            (Err(error), Err(_)) => return Err(error.to_string()),
            (Err(error), Ok(_)) => return self.priced_by_one_only(line, "A", error.to_string()),
            (Ok(_), Err(error)) => return self.priced_by_one_only(line, "B", error.to_string()),
        }
        Ok(())
    }

    /// Takes in one request.
    fn add(&mut self, line: usize, before: &Quote<'_>, after: &Quote<'_>) {
        self.requests += 1;
        for (name, amount) in figures(before) {
            self.totals.entry(name).or_default().before += amount;
        }
        for (name, amount) in figures(after) {
            self.totals.entry(name).or_default().after += amount;
        }
        let mut differ = before.total != after.total;
        differ |= add_both(&mut self.tenders, tenders(before), tenders(after));
        differ |= add_both(&mut self.points, points(before), points(after));
        if differ {
            self.changed += 1;
            self.keep(change(line, before, after));
        }
    }

    /// Takes in a request that one version cannot price.
    fn priced_by_one_only(&mut self, line: usize, version: &str, fault: String) -> Result<(), String> {
        self.priced_by_one_only += 1;
        if self.refused_by_one.len() < LARGEST {
            self.refused_by_one.push(format!("request on line {line}, not under {version}: {fault}"));
        }
        Ok(())
    }

    /// Keeps the largest changes: by total, then by points, then the earlier.
    fn keep(&mut self, change: Change) {
        let size = |change: &Change| (change.total.change().abs(), change.points.change().abs());
        let place = self.largest.partition_point(|known| size(known) >= size(&change));
        self.largest.insert(place, change);
        self.largest.truncate(LARGEST);
    }
}

fn figures(quote: &Quote<'_>) -> [(&'static str, i128); 6] {
    [
        ("goods_total", quote.goods_total),
        ("coupon_total", quote.coupon_total),
        ("shipping_total", quote.shipping_total),
        ("fee_total", quote.fee_total),
        ("total", quote.total),
        ("due", quote.due),
    ]
    .map(|(name, amount)| (name, i128::from(amount.units())))
}

type Amounts = BTreeMap<String, i128>;

/// Adds one request's amounts to the sums; tells whether they differ.
fn add_both(sums: &mut BTreeMap<String, Both>, before: Amounts, after: Amounts) -> bool {
    let differ = before != after;
    for (name, amount) in before {
        sums.entry(name).or_default().before += amount;
    }
    for (name, amount) in after {
        sums.entry(name).or_default().after += amount;
    }
    differ
}

fn sum_up<'n>(amounts: impl Iterator<Item = (&'n str, i64)>) -> Amounts {
    let mut sums = Amounts::new();
    for (name, amount) in amounts {
        match sums.get_mut(name) {
            Some(sum) => *sum += i128::from(amount),
            None => {
                sums.insert(name.to_owned(), i128::from(amount));
            }
        }
    }
    sums
}

fn tenders(quote: &Quote<'_>) -> Amounts {
    sum_up(quote.tenders.iter().map(|paid| {
        let name = match paid.tender {
            Tender::Program(program) => program.id.as_str(),
            Tender::Method(method) => method.method_type.id(),
        };
        (name, paid.amount.units())
    }))
}

fn points(quote: &Quote<'_>) -> Amounts {
    sum_up(quote.earns.iter().map(|earn| (earn.program.id.as_str(), earn.points.units())))
}

fn change(line: usize, before: &Quote<'_>, after: &Quote<'_>) -> Change {
    let both = |figure: fn(&Quote<'_>) -> i128| Both { before: figure(before), after: figure(after) };
    let mut reasons = rule_changes(&steps(before), &steps(after), "yen");
    reasons.extend(rule_changes(&grants(before), &grants(after), "points"));
    reasons.extend(refusal_changes(before, after));
    Change {
        line,
        total: both(|quote| i128::from(quote.total.units())),
        points: both(|quote| points(quote).values().sum()),
        reasons,
    }
}

/// What each rule adds to the total.
fn steps(quote: &Quote<'_>) -> Amounts {
    sum_up(quote.trace.iter().map(|step| (step.rule, step.to.units() - step.from.units())))
}

/// What each rule grants.
fn grants(quote: &Quote<'_>) -> Amounts {
    sum_up(quote.earns.iter().map(|earn| (earn.rule.rule.as_str(), earn.points.units())))
}

fn rule_changes(before: &Amounts, after: &Amounts, unit: &str) -> Vec<String> {
    let rules: BTreeSet<&str> = before.keys().chain(after.keys()).map(String::as_str).collect();
    let of = |amounts: &Amounts, rule: &str| amounts.get(rule).copied().unwrap_or(0);
    rules
        .into_iter()
        .filter(|rule| of(before, rule) != of(after, rule))
        .map(|rule| format!("{rule}: {} → {} {unit}", of(before, rule), of(after, rule)))
        .collect()
}

fn refusal_changes(before: &Quote<'_>, after: &Quote<'_>) -> Vec<String> {
    let refused = |quote: &Quote<'_>| -> BTreeSet<String> {
        quote
            .refusals
            .iter()
            .map(|refusal| format!("{} {}", refusal.subject.id(), refusal.reason.code()))
            .collect()
    };
    let (before, after) = (refused(before), refused(after));
    let now = after.difference(&before).map(|refusal| format!("refused now: {refusal}"));
    now.chain(before.difference(&after).map(|refusal| format!("refused no more: {refusal}"))).collect()
}
