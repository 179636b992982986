//! What the market owes to holders of stored value and to sellers, and how it came to that.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use choba_app::{ExpiringValue, LiabilityReport, MethodMonth, ProgramMonth, Right, SellerPayable};
use choba_server::{Problem, Service};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::report::ReportPage;
use super::table::{Cell, Section, month};
use crate::chart::Bars;
use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::visitor::Staff;
use crate::wallet::kind_word;

/// Months that can be looked back.
const MONTHS: [i64; 3] = [3, 6, 12];

/// Sellers that have a column of their own, and what stands for all others.
const SELLERS_SHOWN: usize = 5;
const OTHERS: &str = "";

/// What the page is made of.
pub struct Figures {
    /// What is owed at the end of each month, the last one now.
    pub owed: Vec<(Date, LiabilityReport)>,
    pub months: Vec<ProgramMonth>,
    pub expiring: Vec<ExpiringValue>,
    pub settled: Vec<MethodMonth>,
}

/// `/office/value`
pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let months = query.number("months").filter(|months| MONTHS.contains(months)).unwrap_or(6);
    let frame = Frame::of(&staff.visitor, Room::Office, "/office/value");
    let figures = figures(&service, &frame, months).await?;
    report(frame, months, &figures).answer(&query)
}

async fn figures(service: &Service, frame: &Frame, months: i64) -> Result<Figures, Problem> {
    let (counter, now) = (&service.counter, service.clock.now());
    let today = frame.zone.to_datetime(now).date();
    let first = today.first_of_month().saturating_sub((months - 1).months());
    let mut owed = Vec::new();
    for back in (0..months).rev() {
        let begins = today.first_of_month().saturating_sub(back.months());
        let ends = start(begins.saturating_add(1.month()), &frame.zone)?;
        owed.push((begins, counter.liability_report(&frame.market, ends.min(now)).await?));
    }
    let value = counter.value_report(&frame.market, start(first, &frame.zone)?, now).await?;
    let expiring = counter.expiry_forecast(&frame.market, now).await?;
    let settled = counter.settlement_report(&frame.market, start(first, &frame.zone)?, now).await?;
    Ok(Figures { owed, months: value, expiring, settled })
}

fn start(day: Date, zone: &TimeZone) -> Result<Timestamp, Problem> {
    let begins = day.to_zoned(zone.clone()).map_err(|error| Problem::defect(&error.to_string()))?;
    Ok(begins.timestamp())
}

/// The page.
pub fn report(frame: Frame, months: i64, figures: &Figures) -> ReportPage {
    let choice =
        |months: &i64| (months.to_string(), frame.say("office-months").with("months", *months).to_string());
    let sections = vec![
        owed_now(&frame, figures),
        owed_over_time(&frame, figures),
        sellers(&frame, figures),
        sellers_over_time(&frame, figures),
        settled(&frame, figures),
        by_month(&frame, figures),
        expiring(&frame, figures),
    ];
    ReportPage {
        path: "/office/value",
        title: frame.say("office-value-title").to_string(),
        lead: frame.say("office-value-lead").to_string(),
        choice_name: "months",
        choices: MONTHS.iter().map(choice).collect(),
        chosen: months.to_string(),
        sections,
        frame,
    }
}

fn says(frame: &Frame, ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| frame.say(id).to_string()).collect()
}

fn owed_now(frame: &Frame, figures: &Figures) -> Section {
    let report = figures.owed.last().map(|(_, report)| report);
    let programs = report.map(|report| report.programs.as_slice()).unwrap_or_default();
    let row = |owed: &choba_app::ProgramLiability| {
        let mut row = vec![Cell::Text(owed.program.clone())];
        row.extend(
            [owed.pending, owed.available, owed.ended, owed.gift_cards, owed.owed_by_customers]
                .map(Cell::Number),
        );
        row.push(Cell::Yen(owed.worth));
        row
    };
    Section {
        heading: frame.say("office-owed-now").to_string(),
        name: "owed-now",
        bars: None,
        columns: says(
            frame,
            &[
                "office-program",
                "office-pending",
                "office-available",
                "office-ended",
                "office-on-cards",
                "office-owed-by-customers",
                "office-worth",
            ],
        ),
        rows: programs.iter().map(row).collect(),
    }
}

fn owed_over_time(frame: &Frame, figures: &Figures) -> Section {
    let mut programs: Vec<&str> = figures
        .owed
        .iter()
        .flat_map(|(_, report)| &report.programs)
        .map(|owed| owed.program.as_str())
        .collect();
    programs.sort_unstable();
    programs.dedup();
    let worth = |report: &LiabilityReport, program: &str| {
        report.programs.iter().find(|owed| owed.program == program).map_or(0, |owed| owed.worth)
    };
    let named = programs.into_iter().map(|program| (program.to_owned(), program));
    over_time(frame, figures, ("office-owed-over-time", "owed-over-time"), named.collect(), worth)
}

/// The sellers who are owed most now, and all others together.
fn sellers_over_time(frame: &Frame, figures: &Figures) -> Section {
    let now = figures.owed.last().map(|(_, report)| report.sellers.as_slice()).unwrap_or_default();
    let mut largest: Vec<&SellerPayable> = now.iter().collect();
    largest.sort_by_key(|owed| std::cmp::Reverse(owed.amount));
    let named = largest.iter().take(SELLERS_SHOWN).map(|owed| (owed.seller.clone(), owed.seller.as_str()));
    let mut named: Vec<(String, &str)> = named.collect();
    let shown: Vec<&str> = named.iter().map(|(_, seller)| *seller).collect();
    if largest.len() > SELLERS_SHOWN {
        named.push((frame.say("office-other-sellers").to_string(), OTHERS));
    }
    let owed = |report: &LiabilityReport, seller: &str| {
        let is_meant = |owed: &&SellerPayable| match seller {
            OTHERS => !shown.contains(&owed.seller.as_str()),
            seller => owed.seller == seller,
        };
        report.sellers.iter().filter(is_meant).fold(0_i64, |sum, owed| sum.saturating_add(owed.amount))
    };
    over_time(frame, figures, ("office-sellers-over-time", "sellers-over-time"), named, owed)
}

/// Figures of each month's end, a column for each thing that has a name.
fn over_time<'n>(
    frame: &Frame,
    figures: &Figures,
    (heading, name): (&str, &'static str),
    named: Vec<(String, &'n str)>,
    amount: impl Fn(&LiabilityReport, &'n str) -> i64,
) -> Section {
    let series = named.iter().map(|(shown, thing)| {
        (shown.clone(), figures.owed.iter().map(|(_, report)| amount(report, thing)).collect())
    });
    let row = |(first, report): &(Date, LiabilityReport)| {
        let amounts = named.iter().map(|(_, thing)| Cell::Yen(amount(report, thing)));
        [Cell::Month(*first)].into_iter().chain(amounts).collect()
    };
    let mut columns = says(frame, &["office-month"]);
    columns.extend(named.iter().map(|(shown, _)| shown.clone()));
    let heading = frame.say(heading).to_string();
    Section {
        bars: Some(Bars {
            title: heading.clone(),
            labels: figures.owed.iter().map(|(first, _)| month(*first)).collect(),
            series: series.collect(),
        }),
        heading,
        name,
        columns,
        rows: figures.owed.iter().map(row).collect(),
    }
}

/// What each way of paying has paid and got back.
fn settled(frame: &Frame, figures: &Figures) -> Section {
    let rows = &figures.settled;
    let mut firsts: Vec<Date> = rows.iter().map(|row| row.month).collect();
    firsts.dedup();
    let series = |id: &str, of: fn(&MethodMonth) -> i64| {
        let sum = |first: &Date| {
            let of_month = rows.iter().filter(|row| row.month == *first);
            of_month.map(of).fold(0, i64::saturating_add)
        };
        (frame.say(id).to_string(), firsts.iter().map(sum).collect())
    };
    let row = |row: &MethodMonth| {
        let method = frame.say_of("office-method", &row.method).to_string();
        let net = row.received.saturating_sub(row.given_back);
        let figures = [row.received, row.given_back, net].map(Cell::Yen);
        [Cell::Month(row.month), Cell::Text(method)].into_iter().chain(figures).collect()
    };
    let heading = frame.say("office-settled").to_string();
    Section {
        bars: Some(Bars {
            title: heading.clone(),
            labels: firsts.iter().map(|first| month(*first)).collect(),
            series: vec![
                series("office-received", |row| row.received),
                series("office-given-back", |row| row.given_back),
            ],
        }),
        heading,
        name: "settled",
        columns: says(
            frame,
            &["office-month", "office-method", "office-received", "office-given-back", "office-net"],
        ),
        rows: rows.iter().map(row).collect(),
    }
}

fn sellers(frame: &Frame, figures: &Figures) -> Section {
    let report = figures.owed.last().map(|(_, report)| report);
    let sellers = report.map(|report| report.sellers.as_slice()).unwrap_or_default();
    let heading = frame.say("office-sellers-owed").to_string();
    Section {
        bars: Some(Bars {
            title: heading.clone(),
            labels: sellers.iter().map(|owed| owed.seller.clone()).collect(),
            series: vec![(
                frame.say("office-payable").to_string(),
                sellers.iter().map(|owed| owed.amount).collect(),
            )],
        }),
        heading,
        name: "sellers-owed",
        columns: says(frame, &["office-seller", "office-payable"]),
        rows: sellers
            .iter()
            .map(|owed| vec![Cell::Text(owed.seller.clone()), Cell::Yen(owed.amount)])
            .collect(),
    }
}

fn by_month(frame: &Frame, figures: &Figures) -> Section {
    let rows = &figures.months;
    let mut firsts: Vec<Date> = rows.iter().map(|row| row.month).collect();
    firsts.dedup();
    let sum = |first: &Date, figure: fn(&ProgramMonth) -> i64| {
        rows.iter().filter(|row| row.month == *first).map(figure).fold(0, i64::saturating_add)
    };
    let series = |id: &str, figure: fn(&ProgramMonth) -> i64| {
        (frame.say(id).to_string(), firsts.iter().map(|first| sum(first, figure)).collect())
    };
    let row = |row: &ProgramMonth| {
        let figures = [
            row.granted,
            row.taken_back,
            row.spent,
            row.returned,
            row.expired.saturating_add(row.cards_expired),
            row.adjusted_up.saturating_sub(row.adjusted_down),
            row.cards_issued,
            row.cards_redeemed,
        ];
        [Cell::Month(row.month), Cell::Text(row.program.clone())]
            .into_iter()
            .chain(figures.map(Cell::Number))
            .collect()
    };
    let heading = frame.say("office-earn-and-burn").to_string();
    Section {
        bars: Some(Bars {
            title: heading.clone(),
            labels: firsts.iter().map(|first| month(*first)).collect(),
            series: vec![
                series("office-granted", |row| row.granted),
                series("office-spent", |row| row.spent),
                series("office-expired", |row| row.expired.saturating_add(row.cards_expired)),
            ],
        }),
        heading,
        name: "earn-and-burn",
        columns: says(
            frame,
            &[
                "office-month",
                "office-program",
                "office-granted",
                "office-taken-back",
                "office-spent",
                "office-returned",
                "office-expired",
                "office-adjusted",
                "office-cards-issued",
                "office-cards-redeemed",
            ],
        ),
        rows: rows.iter().map(row).collect(),
    }
}

fn expiring(frame: &Frame, figures: &Figures) -> Section {
    let rows = &figures.expiring;
    let mut firsts: Vec<Date> = rows.iter().filter_map(|row| row.month).collect();
    firsts.sort_unstable();
    firsts.dedup();
    let sum = |first: &Date| {
        let of_month = rows.iter().filter(|row| row.month == Some(*first));
        of_month.map(|row| row.points.units()).fold(0, i64::saturating_add)
    };
    let row = |row: &ExpiringValue| {
        let month = row.month.map_or_else(|| Cell::Text(frame.say("office-never").to_string()), Cell::Month);
        let kind = kind_word(row.kind).map(|word| frame.say_of("office-kind", word));
        let kind = kind.map_or(Cell::None, |kind| Cell::Text(kind.to_string()));
        vec![month, Cell::Text(row.program.clone()), kind, Cell::Number(row.points.units())]
    };
    let heading = frame.say("office-expiring").to_string();
    Section {
        bars: Some(Bars {
            title: heading.clone(),
            labels: firsts.iter().map(|first| month(*first)).collect(),
            series: vec![(frame.say("office-points").to_string(), firsts.iter().map(sum).collect())],
        }),
        heading,
        name: "expiring",
        columns: says(frame, &["office-month", "office-program", "office-kind", "office-points"]),
        rows: rows.iter().map(row).collect(),
    }
}
