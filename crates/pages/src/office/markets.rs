//! The files of a market: seen, changed, checked with every mistake in its place, compared with the version in force over
//! the carts of last week's orders, and put in force.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{ActiveMarket, KnownMarket, Right};
use choba_formats::market_changes::{Both, Changes};
use choba_formats::market_files::Report;
use choba_server::{Problem, Service};
use jiff::{SignedDuration, Timestamp};

use super::table::{Cell, Section};
use crate::chart::Bars;
use crate::fields::Fields;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Staff;

const PATH: &str = "/office/markets";

/// Whose orders a new version is tried on.
const LAST_WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Versions that were in force are listed, at most so many.
const HISTORY_MOST: i64 = 20;

/// Reasons that are told of the changes.
const REASONS_MOST: usize = 20;

/// Fields with the text of a file begin so.
const FILE: &str = "file:";

/// The markets.
#[derive(Template)]
#[template(path = "office/markets.html")]
pub struct MarketsPage {
    pub frame: Frame,
    pub markets: Vec<ListedMarket>,
}

/// A market in the list.
pub struct ListedMarket {
    pub name: String,
    pub version: String,
    /// Since when and by whom its version is in force; not where it came with the program.
    pub activated: Option<(Timestamp, String)>,
}

/// A market's files in a form.
#[derive(Template)]
#[template(path = "office/market.html")]
pub struct MarketPage {
    pub frame: Frame,
    pub name: String,
    pub version: String,
    pub files: Vec<FileShown>,
    pub found: Found,
    pub may_change: bool,
    /// Whether another version came into force since the form was shown.
    pub is_stale: bool,
    /// The earlier version whose files are in the form.
    pub earlier: Option<String>,
    /// What was put in force, the last one first.
    pub history: Vec<ActiveMarket>,
}

/// A file with what is wrong in it.
pub struct FileShown {
    pub path: String,
    pub text: String,
    pub mistakes: Vec<MistakeShown>,
}

/// A mistake.
pub struct MistakeShown {
    pub line: usize,
    pub key: String,
    pub found: String,
    pub expected: String,
    pub suggestion: Option<String>,
}

/// What was found in the files that were sent.
pub enum Found {
    /// Nothing was sent.
    Nothing,
    /// They are a version that can be put in force; this is what it would have changed.
    Fine { version: String, changes: Box<ChangesShown> },
    /// There are mistakes; so many belong to no file.
    Mistakes { count: usize, elsewhere: Vec<String> },
}

/// What a version would have changed for the orders of last week.
pub struct ChangesShown {
    pub orders: i64,
    pub changed: i64,
    /// Figures of the bills, who pays, and points: in yen, or points.
    pub sections: Vec<Section>,
    /// Why, for the orders that change most.
    pub reasons: Vec<String>,
}

/// `/office/markets`
pub async fn list(State(service): State<Service>, staff: Staff) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    let active = service.counter.active_markets().await?;
    let listed = |known: &KnownMarket| {
        let market = &known.market;
        let row = active.iter().find(|row| row.market == market.name && row.version == market.version);
        let activated = row.map(|row| (row.activated_at, row.activated_by.clone()));
        ListedMarket { name: market.name.clone(), version: market.version.clone(), activated }
    };
    let frame = Frame::of(&staff.visitor, Room::Office, PATH);
    page(&MarketsPage { markets: service.counter.markets().all().iter().map(listed).collect(), frame })
}

fn known(service: &Service, name: &str) -> Result<KnownMarket, Problem> {
    let known = service.counter.markets().all().into_iter().find(|known| known.market.name == name);
    known.ok_or_else(|| Problem::not_found("There is no such market."))
}

/// `/office/markets/{market}`
pub async fn edit(
    State(service): State<Service>,
    staff: Staff,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    let (known, query) = (known(&service, &name)?, Fields::read(query.unwrap_or_default().as_bytes()));
    let earlier = match query.one("version") {
        version if version.is_empty() || version == known.market.version => None,
        version => Some(earlier(&service, &name, version).await?),
    };
    let files = earlier.as_ref().unwrap_or(&known).files.to_vec();
    let history = service.counter.market_history(&staff.caller, &name, HISTORY_MOST).await?;
    let earlier = earlier.map(|earlier| earlier.market.version.clone());
    page(&MarketPage { history, earlier, ..of(&staff, &known, files, Found::Nothing) })
}

/// A version of the market that was kept.
async fn earlier(service: &Service, name: &str, version: &str) -> Result<KnownMarket, Problem> {
    let kept = service.counter.kept_version(version).await?;
    let own = kept.market.name == name;
    own.then_some(kept).ok_or_else(|| Problem::not_found("There is no such version of this market."))
}

fn of(staff: &Staff, known: &KnownMarket, files: Vec<(String, String)>, found: Found) -> MarketPage {
    let shown = |(path, text)| FileShown { path, text, mistakes: Vec::new() };
    MarketPage {
        frame: Frame::of(&staff.visitor, Room::Office, PATH),
        name: known.market.name.clone(),
        version: known.market.version.clone(),
        files: files.into_iter().map(shown).collect(),
        found,
        may_change: staff.caller.has(Right::MarketsWrite),
        is_stale: false,
        earlier: None,
        history: Vec::new(),
    }
}

/// Checks what was sent, or puts it in force; not over a version that whoever sent it has not seen.
pub async fn submit(
    State(service): State<Service>,
    staff: Staff,
    Path(name): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    let active = known(&service, &name)?;
    let files = sent(&active, &fields);
    if fields.one("version") != active.market.version {
        let template = MarketPage { is_stale: true, ..of(&staff, &active, files, Found::Nothing) };
        return page_with(StatusCode::CONFLICT, &template);
    }
    let checked = match KnownMarket::checked(files.clone()) {
        Ok(checked) => checked,
        Err(report) => {
            let template = with_mistakes(of(&staff, &active, files, Found::Nothing), &report);
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &template);
        }
    };
    if checked.market.name != name {
        let elsewhere = vec![format!("market.toml: name = {:?}", checked.market.name)];
        let found = Found::Mistakes { count: 1, elsewhere };
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &of(&staff, &active, files, found));
    }
    if fields.says("do", "activate") {
        staff.caller.may(Right::MarketsWrite)?;
        service.counter.activate_market(&staff.caller, checked, service.clock.now()).await?;
        return Ok(done(PATH, "office-market-activated"));
    }
    let until = service.clock.now();
    let from = until.checked_sub(LAST_WEEK).unwrap_or(until);
    let changes = service.counter.compare_market(&checked.market, from, until).await?;
    let frame = Frame::of(&staff.visitor, Room::Office, PATH);
    let changes = Box::new(ChangesShown::of(&frame, &changes));
    let found = Found::Fine { version: checked.market.version.clone(), changes };
    page(&of(&staff, &active, files, found))
}

impl ChangesShown {
    fn of(frame: &Frame, changes: &Changes) -> Self {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let totals = changes
            .totals
            .iter()
            .map(|(name, both)| (frame.say_of("office-figure", name).to_string(), *both));
        let named =
            |sums: &BTreeMap<String, Both>| sums.iter().map(|(name, both)| (name.clone(), *both)).collect();
        let reasons = changes.largest.iter().flat_map(|change| &change.reasons).take(REASONS_MOST).cloned();
        Self {
            orders: count(changes.requests),
            changed: count(changes.changed),
            sections: vec![
                sums(frame, "bills", totals.collect(), Cell::Yen),
                sums(frame, "payers", named(&changes.tenders), Cell::Yen),
                sums(frame, "grants", named(&changes.points), Cell::Number),
            ],
            reasons: reasons.chain(changes.refused_by_one.iter().cloned()).collect(),
        }
    }
}

/// Figures under both versions, as a chart and a table.
fn sums(frame: &Frame, name: &'static str, sums: Vec<(String, Both)>, cell: fn(i64) -> Cell) -> Section {
    let figure = |figure: i128| i64::try_from(figure).unwrap_or(i64::MAX);
    let series = |id: &str, of: fn(&Both) -> i128| {
        (frame.say(id).to_string(), sums.iter().map(|(_, both)| figure(of(both))).collect())
    };
    let heading = frame.say_of("office-compared", name).to_string();
    let bars = Bars {
        title: heading.clone(),
        labels: sums.iter().map(|(name, _)| name.clone()).collect(),
        series: vec![
            series("office-version-in-force", |both| both.before),
            series("office-version-new", |both| both.after),
        ],
    };
    let row = |(name, both): &(String, Both)| {
        let figures = [both.before, both.after, both.change()].map(|number| cell(figure(number)));
        [Cell::Text(name.clone())].into_iter().chain(figures).collect()
    };
    let columns = ["office-figure", "office-version-in-force", "office-version-new", "office-change"];
    Section {
        heading,
        name,
        bars: Some(bars),
        columns: columns.iter().map(|id| frame.say(id).to_string()).collect(),
        rows: sums.iter().map(row).collect(),
    }
}

/// The files as they were sent; one that was not sent is as it is in force. Forms end lines as no file does.
fn sent(active: &KnownMarket, fields: &Fields) -> Vec<(String, String)> {
    let text = |path: &String, text: &String| {
        let name = format!("{FILE}{path}");
        let typed =
            fields.iter().find(|(known, _)| *known == name).map(|(_, typed)| typed.replace("\r\n", "\n"));
        (path.clone(), typed.unwrap_or_else(|| text.clone()))
    };
    active.files.iter().map(|(path, old)| text(path, old)).collect()
}

fn with_mistakes(mut shown: MarketPage, report: &Report) -> MarketPage {
    let mut elsewhere = Vec::new();
    for mistake in &report.mistakes {
        let place = report.place(mistake);
        let file = place.and_then(|(path, ..)| shown.files.iter_mut().find(|file| file.path == path));
        match (file, place) {
            (Some(file), Some((_, line, _))) => file.mistakes.push(MistakeShown {
                line,
                key: mistake.key.clone(),
                found: mistake.found.clone(),
                expected: mistake.expected.clone(),
                suggestion: mistake.suggestion.clone(),
            }),
            _ => elsewhere.push(format!("{}: {} ({})", mistake.key, mistake.found, mistake.expected)),
        }
    }
    shown.found = Found::Mistakes { count: report.mistakes.len(), elsewhere };
    shown
}
