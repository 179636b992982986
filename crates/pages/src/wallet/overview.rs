//! `/wallet`: what is held, by program; what ends when; what is pending, and from when on it can be used.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{HeldBalance, LinkedProgram, Right, Wallet};
use choba_engine::market::{Held, Market};
use choba_formats::language::Language;
use choba_server::{Problem, Service};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::chart::{Chart, shade};
use super::shown::{NamedProgram, kind_word};
use crate::fields::{Faults, Fields};
use crate::frame::{Frame, Room};
use crate::page::{page, page_with};
use crate::visitor::Shopper;

/// What a shopper holds.
#[derive(Template)]
#[template(path = "wallet/overview.html")]
pub struct WalletPage {
    pub frame: Frame,
    /// At the end of that day; now without one.
    pub on: Option<Date>,
    pub programs: Vec<HeldProgram>,
    pub pending: Vec<PendingValue>,
    pub ending: Vec<EndingValue>,
    pub chart: Chart,
    pub linked: Vec<LinkedShown>,
    pub unlinked: Vec<UnlinkedShown>,
    /// The key of the next wish about a link.
    pub key: String,
    pub faults: Faults,
}

/// What is held of a program.
pub struct HeldProgram {
    pub program: NamedProgram,
    pub shade: &'static str,
    pub available: i64,
    /// By kind, where the program has kinds.
    pub kinds: Vec<(&'static str, i64)>,
    pub pending: i64,
    pub owed: i64,
}

/// What cannot be used yet.
pub struct PendingValue {
    pub program: NamedProgram,
    pub amount: i64,
    pub available_at: Timestamp,
}

/// What ends in a month.
pub struct EndingValue {
    pub program: NamedProgram,
    pub kind: Option<&'static str>,
    pub amount: i64,
    pub month: Option<Date>,
}

/// A linked program of a partner.
pub struct LinkedShown {
    pub program: NamedProgram,
    pub balance: i64,
    pub always_use: bool,
    pub seen_at: Option<Timestamp>,
}

/// A partner's program that is not linked.
pub struct UnlinkedShown {
    pub program: NamedProgram,
    /// What is wrong with the code that was typed for it.
    pub fault: Option<String>,
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let day = query.one("on");
    let on = day.parse::<Date>().ok();
    let mut wallet = drawn(&service, &shopper, on).await?;
    if on.is_none() && !day.is_empty() {
        wallet.faults = Faults::one("on", wallet.frame.say("wallet-no-day"));
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &wallet);
    }
    page(&wallet)
}

/// The wallet of a shopper at the end of a day, or now.
pub async fn drawn(service: &Service, shopper: &Shopper, on: Option<Date>) -> Result<WalletPage, Problem> {
    let whose = shopper.whose(Right::WalletRead)?;
    let counter = &service.counter;
    let market = counter.markets().get(&whose.market)?;
    let at = on.and_then(|day| end_of(day, &market.time_zone)).unwrap_or_else(|| service.clock.now());
    let wallet = counter.wallet_at(&whose, at).await?;
    let links = counter.linked_programs(&whose).await?;
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/wallet");
    let key = counter.draw_session_token().reveal().to_owned();
    Ok(WalletPage::of(frame, on, &market, &wallet, links, key))
}

/// The last second of a day.
fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp();
    next.checked_sub(SignedDuration::from_secs(1)).ok()
}

impl WalletPage {
    /// The page of a wallet.
    pub fn of(
        frame: Frame,
        on: Option<Date>,
        market: &Market,
        wallet: &Wallet,
        links: Vec<LinkedProgram>,
        key: String,
    ) -> Self {
        let language = frame.language;
        let named = |id: &str| NamedProgram::of(market, language, id);
        let here = market.programs.iter().filter(|program| program.held == Held::Here);
        let programs: Vec<HeldProgram> = here
            .enumerate()
            .map(|(place, program)| HeldProgram::of(named(&program.id), shade(place), wallet))
            .collect();
        let is_linked = |id: &str| links.iter().any(|link| link.program == id);
        let partners = market.programs.iter().filter(|program| program.held == Held::Partner);
        let unlinked = partners.filter(|program| !is_linked(&program.id));
        Self {
            chart: chart(&programs, wallet),
            pending: pending(market, language, wallet),
            ending: ending(market, language, wallet),
            unlinked: unlinked
                .map(|known| UnlinkedShown { program: named(&known.id), fault: None })
                .collect(),
            linked: links.into_iter().map(|link| LinkedShown::of(market, language, link)).collect(),
            frame,
            on,
            programs,
            key,
            faults: Faults::none(),
        }
    }
}

impl HeldProgram {
    fn of(program: NamedProgram, shade: &'static str, wallet: &Wallet) -> Self {
        let balances: Vec<&HeldBalance> =
            wallet.balances.iter().filter(|balance| balance.program == program.id).collect();
        let sum = |of: fn(&HeldBalance) -> i64| balances.iter().map(|balance| of(balance)).sum();
        let owed = wallet.owed.iter().filter(|owed| owed.program == program.id);
        let kinds = balances.iter().filter_map(|held| Some((kind_word(held.kind)?, held.available.units())));
        Self {
            available: sum(|balance| balance.available.units()),
            pending: sum(|balance| balance.pending.units().saturating_add(balance.announced.units())),
            kinds: kinds.filter(|(_, amount)| *amount > 0).collect(),
            owed: owed.map(|owed| owed.points.units()).sum(),
            program,
            shade,
        }
    }
}

impl LinkedShown {
    fn of(market: &Market, language: Language, link: LinkedProgram) -> Self {
        Self {
            program: NamedProgram::of(market, language, &link.program),
            balance: link.balance.units(),
            always_use: link.always_use,
            seen_at: link.seen_at,
        }
    }
}

fn pending(market: &Market, language: Language, wallet: &Wallet) -> Vec<PendingValue> {
    let lots = wallet.lots.iter().filter(|lot| lot.available_at > wallet.at);
    let mut pending: Vec<PendingValue> = lots
        .map(|lot| PendingValue {
            program: NamedProgram::of(market, language, &lot.program),
            amount: lot.remaining.units(),
            available_at: lot.available_at,
        })
        .collect();
    pending.sort_by(|one, other| {
        (one.available_at, &one.program.id).cmp(&(other.available_at, &other.program.id))
    });
    pending.dedup_by(|later, kept| {
        let is_same = later.available_at == kept.available_at && later.program == kept.program;
        if is_same {
            kept.amount = kept.amount.saturating_add(later.amount);
        }
        is_same
    });
    pending
}

fn ending(market: &Market, language: Language, wallet: &Wallet) -> Vec<EndingValue> {
    let shown = wallet.expiring.iter().map(|ending| EndingValue {
        program: NamedProgram::of(market, language, &ending.program),
        kind: kind_word(ending.kind),
        amount: ending.points.units(),
        month: ending.month,
    });
    let mut ending: Vec<EndingValue> = shown.collect();
    ending.sort_by_key(|value| (value.month.is_none(), value.month));
    ending
}

fn chart(programs: &[HeldProgram], wallet: &Wallet) -> Chart {
    let rows: Vec<(Date, usize, i64)> = wallet
        .expiring
        .iter()
        .filter_map(|ending| {
            let place = programs.iter().position(|held| held.program.id == ending.program)?;
            Some((ending.month?, place, ending.points.units()))
        })
        .collect();
    Chart::of(&rows)
}
