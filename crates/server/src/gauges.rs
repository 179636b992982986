//! Figures of the books that `/metrics` shows: how far events lag behind, and what the market owes.
//!
//! What is owed is summed over all customers, which takes its time in large books; so it is looked at rarely.

use std::time::Duration;

use choba_engine::market::Held;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::Service;

/// How often the lag is looked at.
const LAG_EVERY: Duration = Duration::from_secs(15);

/// After so many looks at the lag, what is owed is summed up: every ten minutes.
const OWED_EVERY: u32 = 40;

/// Keeps the gauges until the service ends.
pub async fn keep(service: Service, mut ended: watch::Receiver<bool>) {
    let mut looks = 0_u32;
    while !*ended.borrow() {
        look_at_lag(&service).await;
        if looks.is_multiple_of(OWED_EVERY) {
            sum_up_what_is_owed(&service).await;
        }
        looks = looks.wrapping_add(1);
        let _ = timeout(LAG_EVERY, ended.changed()).await;
    }
}

async fn look_at_lag(service: &Service) {
    match service.counter.events_lag(service.clock.now()).await {
        Ok(lag) => metrics::gauge!("choba_events_lag_seconds").set(lag.as_secs_f64().max(0.0)),
        Err(error) => tracing::warn!(%error, "the lag of events cannot be looked at now"),
    }
}

async fn sum_up_what_is_owed(service: &Service) {
    for known in service.counter.markets().all() {
        let market = &known.market.name;
        match service.counter.liability_report(market, service.clock.now()).await {
            Ok(report) => {
                for program in known.market.programs.iter().filter(|program| program.held == Held::Here) {
                    let owed = report.programs.iter().find(|owed| owed.program == program.id);
                    let labels = [("market", market.clone()), ("program", program.id.clone())];
                    metrics::gauge!("choba_liability_yen", &labels)
                        .set(figure(owed.map_or(0, |owed| owed.worth)));
                }
            }
            Err(error) => tracing::warn!(%error, "what is owed cannot be summed up now"),
        }
    }
}

/// Gauges are floats; coarse only beyond nine quadrillion.
#[expect(clippy::cast_precision_loss, reason = "for display only")]
fn figure(yen: i64) -> f64 {
    yen as f64
}
