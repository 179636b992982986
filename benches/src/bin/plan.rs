//! How fast plans are: `cargo run --release -p choba-benches --bin plan`.

use std::time::{Duration, Instant};

use choba_benches::plans::{HARD, Size, TYPICAL, UNEVEN, market, request};
use choba_benches::{best_time, report};
use choba_engine::market::Market;
use choba_engine::plan::{Aim, Effort, Outcome, plan};
use choba_engine::quote::quote;
use choba_engine::request::{AskedCoupon, Pay, Request};
use choba_formats::request::RequestText;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    typical()?;
    for aim in Aim::ALL {
        hard(aim)?;
    }
    uneven()?;
    brute_force()
}

/// A usual plan against one quote of the same cart with the plan's coupons.
fn typical() -> Result<(), Failed> {
    for aim in Aim::ALL {
        let mut ratios = Vec::new();
        for seed in 0..20 {
            ratios.push(typical_ratio(aim, seed)?);
        }
        ratios.sort_by(f64::total_cmp);
        let (middle, worst) = (ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
        println!("typical, {}: median of 20 carts {middle:.1}, worst {worst:.1} quotes", aim.id());
        report("a typical plan ÷ a quote (median)", middle, "≤ 60", middle <= 60.0);
    }
    Ok(())
}

fn typical_ratio(aim: Aim, seed: u64) -> Result<f64, Failed> {
    let market = market(TYPICAL, seed)?;
    let json = serde_json::to_vec(&request(TYPICAL, seed))?;
    let text = RequestText::read(&json)?;
    let resolved = text.resolve(&market)?;
    let found = plan(&market, &resolved, aim, Effort::default()).map_err(|error| error.to_string())?;
    let planned = Request { pay: found.pay, ..resolved.clone() };
    let planning = best_time(5, 10, || plan(&market, &resolved, aim, Effort::default()).map(|plan| plan.gap));
    let quoting = best_time(5, 100, || quote(&market, &planned).map(|quote| quote.total));
    Ok(planning.as_secs_f64() / quoting.as_secs_f64())
}

/// A hundred hard carts: how many are proven best within 50 ms, and how far the others may be from the best.
fn hard(aim: Aim) -> Result<(), Failed> {
    let mut times = Vec::new();
    let (mut quick, mut worst_gap) = (0, 0.0_f64);
    for seed in 0..100 {
        let (time, proven, gap) = case(HARD, aim, seed)?;
        quick += i32::from(proven && time < Duration::from_millis(50));
        worst_gap = worst_gap.max(gap);
        times.push(time);
    }
    times.sort();
    println!("hard, {}: median {:?}, 95th {:?}, slowest {:?}", aim.id(), times[50], times[94], times[99]);
    report("hard carts proven best within 50 ms, of 100", f64::from(quick), "≥ 95", quick >= 95);
    report("largest gap of the others, per cent", worst_gap * 100.0, "≤ 1", worst_gap <= 0.01);
    Ok(())
}

/// Beyond what is promised: carts where some sellers have very many coupons.
fn uneven() -> Result<(), Failed> {
    let (mut proven, mut times) = (0, Vec::new());
    for seed in 0..50 {
        let (time, is_proven, _) = case(UNEVEN, Aim::MostValue, seed)?;
        proven += i32::from(is_proven);
        times.push(time);
    }
    times.sort();
    println!(
        "uneven: {proven} of 50 proven best; median {:?}, 95th {:?}, slowest {:?}",
        times[25], times[47], times[49]
    );
    Ok(())
}

#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
fn case(size: Size, aim: Aim, seed: u64) -> Result<(Duration, bool, f64), Failed> {
    let market = market(size, seed)?;
    let json = serde_json::to_vec(&request(size, seed))?;
    let text = RequestText::read(&json)?;
    let resolved = text.resolve(&market)?;
    let begin = Instant::now();
    let found = plan(&market, &resolved, aim, Effort::default()).map_err(|error| error.to_string())?;
    let time = begin.elapsed();
    let whole = found.outcome.total.units().max(1);
    Ok((time, found.proven, found.gap.units() as f64 / whole as f64))
}

/// Trying every choice of coupons, where that can finish.
fn brute_force() -> Result<(), Failed> {
    for coupons in [6, 10, 14] {
        let size = Size { coupons, groups: 0, ..TYPICAL };
        let market = market(size, 1)?;
        let json = serde_json::to_vec(&request(size, 1))?;
        let text = RequestText::read(&json)?;
        let resolved = text.resolve(&market)?;
        let planning = best_time(3, 3, || {
            plan(&market, &resolved, Aim::MostValue, Effort::default()).map(|plan| plan.gap)
        });
        let trying = best_time(1, 1, || try_everything(&market, &resolved));
        let ratio = trying.as_secs_f64() / planning.as_secs_f64();
        println!(
            "{coupons} coupons: plan {planning:?}, trying every choice {trying:?}, {ratio:.0} times as long"
        );
    }
    Ok(())
}

fn try_everything(market: &Market, request: &Request<'_>) -> Option<i64> {
    let held = &request.customer.coupons;
    (0..1_u32 << held.len())
        .filter_map(|set| {
            let chosen = held.iter().enumerate().filter(|(place, _)| set & (1 << place) != 0);
            let coupons =
                chosen.map(|(_, coupon)| AskedCoupon { id: &coupon.id, coupon: Some(coupon) }).collect();
            let trial = Request { pay: Pay { coupons, ..request.pay.clone() }, ..request.clone() };
            let outcome = Outcome::of(&quote(market, &trial).ok()?).ok()?;
            Some(outcome.value().ok()?.units())
        })
        .min()
}
