//! Reports over all customers of a market: what is owed, what was granted, spent and expired, what will expire.
//!
//! Each report walks over all customers once, some thousands at a time, and keeps only sums: its memory does not
//! grow with the books, its time does. What it says of a past instant is what the journal says, however much
//! has happened since. Customers who act while it walks are counted as they are when it comes to them; of
//! an instant that has passed, that makes no difference.

use std::collections::BTreeMap;

use choba_engine::books::{Lot, Renewals, WalletAt};
use choba_engine::calendar;
use choba_engine::market::{LotKind, Market};
use choba_engine::money::{Money, Points};
use choba_store::books::{self, AccountInPeriod, CouponCount, LotSum};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::wallet::{ExpiringValue, defect};
use crate::{AppError, Counter};

/// Customers whose rows are summed up by one statement.
const CUSTOMERS_AT_ONCE: i64 = 2_000;

/// What the market owes at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiabilityReport {
    /// The instant.
    pub at: Timestamp,
    /// To holders of stored value, by program.
    pub programs: Vec<ProgramLiability>,
    /// To sellers.
    pub sellers: Vec<SellerPayable>,
}

/// Stored value of a program that is outstanding. Points, but for what it is worth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProgramLiability {
    /// Which program.
    pub program: String,
    /// In customers' lots, not usable yet.
    pub pending: i64,
    /// In customers' lots, usable. A renewed balance counts until its end is booked.
    pub available: i64,
    /// In customers' lots past their own end, not booked as expired yet; nobody can use it.
    pub ended: i64,
    /// On gift cards that nobody has redeemed.
    pub gift_cards: i64,
    /// What customers owe: points taken back after they had been spent.
    pub owed_by_customers: i64,
    /// What pending, available and gift cards are worth, in yen.
    pub worth: i64,
}

/// What a seller is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SellerPayable {
    /// Who.
    pub seller: String,
    /// Yen; below zero where the seller has been paid too much.
    pub amount: i64,
}

/// What happened to a program's value in a month. Points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProgramMonth {
    /// The first day of the month.
    pub month: Date,
    /// Which program.
    pub program: String,
    /// Granted.
    pub granted: i64,
    /// Taken back of what was granted.
    pub taken_back: i64,
    /// Spent.
    pub spent: i64,
    /// Given back of what was spent.
    pub returned: i64,
    /// Expired of what customers held: breakage.
    pub expired: i64,
    /// Given by staff's corrections.
    pub adjusted_up: i64,
    /// Taken by staff's corrections.
    pub adjusted_down: i64,
    /// Issued as gift cards.
    pub cards_issued: i64,
    /// Redeemed from gift cards, or withdrawn with them.
    pub cards_redeemed: i64,
    /// On gift cards that nobody redeemed in time: breakage.
    pub cards_expired: i64,
}

/// What a way of paying did in a month. Yen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MethodMonth {
    /// The first day of the month.
    pub month: Date,
    /// Which, such as `card`.
    pub method: String,
    /// Paid.
    pub received: i64,
    /// Given back.
    pub given_back: i64,
}

/// How a coupon is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CouponReport {
    /// Which.
    pub coupon_id: String,
    /// Customers who were given it.
    pub holders: i64,
    /// Uses by all of them.
    pub uses: i64,
    /// Uses that there are for all customers together, where that is limited.
    pub quota: Option<i64>,
    /// Uses counted against the quota, reserved ones among them.
    pub taken: Option<i64>,
}

impl Counter {
    /// What the market owes at an instant: to holders of stored value and to sellers. Reads every posting of
    /// the market up to that instant, twice.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn liability_report(&self, market: &str, at: Timestamp) -> Result<LiabilityReport, AppError> {
        let market = self.markets.get(market)?;
        let mut liabilities = Liabilities::default();
        let mut after = Some(String::new());
        while let Some(from) = after {
            let range = books::next_range(&self.store, &from, CUSTOMERS_AT_ONCE).await?;
            for sum in books::lot_sums(&self.store, &range, &market.name, at).await? {
                liabilities.add_lots(&sum);
            }
            for sum in books::account_sums(&self.store, &range, &market.name, at).await? {
                liabilities.add_account(&sum.account, sum.amount);
            }
            after = range.next_after().map(str::to_owned);
        }
        liabilities.report(&market, at)
    }

    /// What was granted, spent and expired between two instants, the second not included, by the market's
    /// months. Reads every posting of the market in that time once.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn value_report(
        &self,
        market: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<ProgramMonth>, AppError> {
        let market = self.markets.get(market)?;
        let mut months: BTreeMap<(Date, String), ProgramMonth> = BTreeMap::new();
        let add = |sum: &AccountInPeriod| add_to_month(&mut months, &market, sum);
        self.each_account(&market, (from, until), false, add).await?;
        Ok(months.into_values().collect())
    }

    /// What each way of paying has paid and got back between two instants, the second not included, by the market's
    /// months. Reads every posting of the market in that time once.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn settlement_report(
        &self,
        market: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<MethodMonth>, AppError> {
        let market = self.markets.get(market)?;
        let mut months: BTreeMap<(Date, String), MethodMonth> = BTreeMap::new();
        let add = |sum: &AccountInPeriod| add_settled(&mut months, &market, sum);
        self.each_account(&market, (from, until), true, add).await?;
        Ok(months.into_values().collect())
    }

    /// What came to and went from the accounts of money, or those of stored value, over all customers.
    async fn each_account(
        &self,
        market: &Market,
        period: (Timestamp, Timestamp),
        money: bool,
        mut add: impl FnMut(&AccountInPeriod),
    ) -> Result<(), AppError> {
        let mut after = Some(String::new());
        while let Some(id) = after {
            let range = books::next_range(&self.store, &id, CUSTOMERS_AT_ONCE).await?;
            let sums = books::accounts_in_period(&self.store, &range, &market.name, period, money).await?;
            sums.iter().for_each(&mut add);
            after = range.next_after().map(str::to_owned);
        }
        Ok(())
    }

    /// What of all customers' value expires in which month, if nothing is spent and nothing more is granted.
    /// Reads every lot that is open or renews one, and holds those of some thousand customers at a time.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn expiry_forecast(&self, market: &str, at: Timestamp) -> Result<Vec<ExpiringValue>, AppError> {
        let market = self.markets.get(market)?;
        let mut forecast = Expiring::default();
        let mut after = Some(String::new());
        while let Some(id) = after {
            let range = books::next_range(&self.store, &id, CUSTOMERS_AT_ONCE).await?;
            for (lots, renewals) in books::lots_of_range(&self.store, &range, &market.name).await? {
                forecast.add_customer(lots, &renewals, &market, at)?;
            }
            after = range.next_after().map(str::to_owned);
        }
        Ok(forecast.rows())
    }

    /// How often coupons were given and used, and what is left of their quotas. Reads every coupon held.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn coupon_report(&self, market: &str) -> Result<Vec<CouponReport>, AppError> {
        self.markets.get(market)?;
        let mut counts: BTreeMap<String, CouponCount> = BTreeMap::new();
        let mut after = Some(String::new());
        while let Some(id) = after {
            let range = books::next_range(&self.store, &id, CUSTOMERS_AT_ONCE).await?;
            for (coupon_id, count) in books::coupon_counts(&self.store, &range, market).await? {
                let sum = counts.entry(coupon_id).or_default();
                sum.holders = sum.holders.saturating_add(count.holders);
                sum.uses = sum.uses.saturating_add(count.uses);
            }
            after = range.next_after().map(str::to_owned);
        }
        for (coupon_id, quota, taken) in books::quotas_of_market(&self.store, market).await? {
            let count = counts.entry(coupon_id).or_default();
            (count.quota, count.taken) = (Some(quota), Some(taken));
        }
        Ok(counts.into_iter().map(coupon).collect())
    }
}

fn coupon((coupon_id, count): (String, CouponCount)) -> CouponReport {
    let CouponCount { holders, uses, quota, taken } = count;
    CouponReport { coupon_id, holders, uses, quota, taken }
}

/// Sums of what is owed, as the walk over the customers goes on.
#[derive(Default)]
struct Liabilities {
    programs: BTreeMap<String, ProgramLiability>,
    sellers: BTreeMap<String, i64>,
}

impl Liabilities {
    fn program(&mut self, program: &str) -> &mut ProgramLiability {
        self.programs.entry(program.to_owned()).or_default()
    }

    fn add_lots(&mut self, sum: &LotSum) {
        let program = self.program(&sum.program);
        add(&mut program.pending, sum.pending);
        add(&mut program.available, sum.available);
        add(&mut program.ended, sum.ended);
    }

    fn add_account(&mut self, account: &str, amount: i64) {
        match account.split_once(':') {
            Some(("cards_open", program)) => add(&mut self.program(program).gift_cards, amount),
            // Debts and payables are below zero as long as they are owed.
            Some(("debt", program)) => {
                add(&mut self.program(program).owed_by_customers, amount.saturating_neg());
            }
            Some(("seller", seller)) => {
                add(self.sellers.entry(seller.to_owned()).or_default(), amount.saturating_neg());
            }
            _ => {}
        }
    }

    fn report(self, market: &Market, at: Timestamp) -> Result<LiabilityReport, AppError> {
        let mut programs = Vec::new();
        for (program, mut liability) in self.programs {
            liability.worth = worth(market, &program, &liability)?.units();
            programs.push(ProgramLiability { program, ..liability });
        }
        let payable = |(seller, amount)| SellerPayable { seller, amount };
        Ok(LiabilityReport { at, programs, sellers: self.sellers.into_iter().map(payable).collect() })
    }
}

fn worth(market: &Market, program: &str, liability: &ProgramLiability) -> Result<Money, AppError> {
    let parts = [liability.pending, liability.available, liability.gift_cards];
    let points = Points::sum(parts.map(Points::new));
    let Some(program) = market.program(program) else { return Ok(Money::ZERO) };
    let worth = points.and_then(|points| program.value.worth(points));
    worth.map_err(|error| AppError::Defect(error.to_string()))
}

fn add(sum: &mut i64, amount: i64) {
    *sum = sum.saturating_add(amount);
}

fn add_to_month(months: &mut BTreeMap<(Date, String), ProgramMonth>, market: &Market, sum: &AccountInPeriod) {
    let Some((account, program)) = sum.account.split_once(':') else { return };
    if !["granted", "spent", "expired", "adjusted", "cards_open", "cards_expired"].contains(&account) {
        return;
    }
    let month = calendar::date_of(sum.at, &market.time_zone).first_of_month();
    let row = months.entry((month, program.to_owned())).or_insert_with(|| ProgramMonth {
        month,
        program: program.to_owned(),
        ..ProgramMonth::default()
    });
    // What comes to these accounts leaves customers' wallets, and the other way round.
    let (came, went) = match account {
        "granted" => (&mut row.taken_back, &mut row.granted),
        "spent" => (&mut row.spent, &mut row.returned),
        "adjusted" => (&mut row.adjusted_down, &mut row.adjusted_up),
        "cards_open" => (&mut row.cards_issued, &mut row.cards_redeemed),
        // The same left the open cards, without being redeemed.
        "cards_expired" => {
            add(&mut row.cards_expired, sum.came);
            add(&mut row.cards_redeemed, sum.came.saturating_neg());
            return;
        }
        _ => {
            add(&mut row.expired, sum.came.saturating_sub(sum.went));
            return;
        }
    };
    add(came, sum.came);
    add(went, sum.went);
}

fn add_settled(months: &mut BTreeMap<(Date, String), MethodMonth>, market: &Market, sum: &AccountInPeriod) {
    let method = sum.account.strip_prefix("method:").and_then(|account| account.strip_suffix(":received"));
    let Some(method) = method else { return };
    let month = calendar::date_of(sum.at, &market.time_zone).first_of_month();
    let row = months.entry((month, method.to_owned())).or_insert_with(|| MethodMonth {
        month,
        method: method.to_owned(),
        received: 0,
        given_back: 0,
    });
    add(&mut row.received, sum.came);
    add(&mut row.given_back, sum.went);
}

/// By whether it ever expires, month, program and kind.
type ExpiringKey = (bool, Option<Date>, String, Option<LotKind>);

/// What expires when, as the walk over the customers goes on.
#[derive(Default)]
struct Expiring {
    rows: Vec<(ExpiringKey, Points)>,
}

impl Expiring {
    fn add_customer(
        &mut self,
        lots: Vec<Lot>,
        renewals: &Renewals,
        market: &Market,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let mut wallet = WalletAt { balances: Vec::new(), lots: Vec::new() };
        for lot in lots {
            let ends = renewals.expiry(&lot, market, at).map_err(|error| defect(error.into()))?;
            // A last usable second is usable to its end.
            if ends.is_none_or(|ends| at.as_second() <= ends.as_second()) {
                wallet.lots.push((lot, ends));
            }
        }
        for row in wallet.forecast(market).map_err(defect)? {
            self.add((row.month.is_none(), row.month, row.program, row.kind), row.points)?;
        }
        Ok(())
    }

    fn add(&mut self, key: ExpiringKey, points: Points) -> Result<(), AppError> {
        match self.rows.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => *sum = sum.plus(points).map_err(|error| defect(error.into()))?,
            None => self.rows.push((key, points)),
        }
        Ok(())
    }

    fn rows(mut self) -> Vec<ExpiringValue> {
        self.rows.sort_by(|((never, month, program, _), _), ((other_never, other_month, other, _), _)| {
            (never, month, program).cmp(&(other_never, other_month, other))
        });
        let row = |((_, month, program, kind), points)| ExpiringValue { month, program, kind, points };
        self.rows.into_iter().map(row).collect()
    }
}
