//! A partner program's books.
//!
//! Of a member, what is held and what is available add up to the balance, and what came in less what went out is the
//! balance. Points leave only by a captured hold or a debit.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, tz::Offset};
use serde::Serialize;

use super::{AMOUNT_MAX, BookOptions, Ids, check_amount, check_text, other_party, unknown_id};
use crate::ask::{Ask, Reply};
use crate::record::{Balance, Credit, CreditReason, Debit, Hold, HoldState, Link};
use crate::refusal::{Refusal, RefusalCode};

/// What a program knows.
#[derive(Clone, Debug, Serialize)]
pub struct Program {
    members: BTreeMap<String, Member>,
    holds: BTreeMap<String, Hold>,
    credits: BTreeMap<String, Credit>,
    debits: BTreeMap<String, Debit>,
    /// The open holds by the time at which they lapse.
    #[serde(skip)]
    lapsing: BTreeSet<(Timestamp, String)>,
    #[serde(skip)]
    codes_used: BTreeSet<String>,
    #[serde(skip)]
    start_balance: u64,
    #[serde(skip)]
    hold_seconds: i64,
}

/// A member of a program.
#[derive(Clone, Debug, Serialize)]
struct Member {
    balance: u64,
    held: u64,
    /// What was there when first seen or was put right by hand, for checking the sums.
    put: i128,
    unlinked: bool,
    /// Points earned, by months since year 0 in Japan.
    earned: BTreeMap<i32, u64>,
}

impl Member {
    fn new(balance: u64) -> Self {
        Self { balance, held: 0, put: i128::from(balance), unlinked: false, earned: BTreeMap::new() }
    }

    fn available(&self) -> u64 {
        self.balance.saturating_sub(self.held)
    }

    fn earned_in(&self, months: std::ops::Range<i32>) -> u64 {
        self.earned.range(months).fold(0, |sum, (_, points)| sum.saturating_add(*points))
    }

    fn add(&mut self, points: u64) -> Result<(), Refusal> {
        let balance = self.balance.checked_add(points).filter(|balance| *balance <= AMOUNT_MAX);
        self.balance = balance.ok_or_else(|| {
            Refusal::new(RefusalCode::Unusable, "the balance would be more than can be kept exactly")
        })?;
        Ok(())
    }

    fn earn(&mut self, points: u64, month: i32) {
        let earned = self.earned.entry(month).or_default();
        *earned = earned.saturating_add(points);
    }
}

impl Program {
    /// A program without members.
    pub(super) fn new(options: &BookOptions) -> Self {
        Self {
            members: BTreeMap::new(),
            holds: BTreeMap::new(),
            credits: BTreeMap::new(),
            debits: BTreeMap::new(),
            lapsing: BTreeSet::new(),
            codes_used: BTreeSet::new(),
            start_balance: options.start_balance,
            hold_seconds: options.hold_seconds,
        }
    }

    /// The program of a name, made where it is new.
    pub(super) fn of<'a>(
        programs: &'a mut BTreeMap<String, Self>,
        name: &str,
        options: &BookOptions,
    ) -> &'a mut Self {
        programs.entry(name.to_owned()).or_insert_with(|| Self::new(options))
    }

    /// Does what changes something.
    pub(super) fn perform(&mut self, ids: &mut Ids, ask: &Ask, now: Timestamp) -> Result<Reply, Refusal> {
        match ask {
            Ask::Hold { account, points, reference } => {
                self.hold(ids, account, *points, reference, now).map(Reply::Hold)
            }
            Ask::HoldCapture { hold, points } => self.capture(hold, *points).map(Reply::Hold),
            Ask::HoldRelease { hold } => self.free(hold, HoldState::Released).map(Reply::Hold),
            Ask::Credit { account, points, reference, reason } => {
                self.credit(ids, account, *points, reference, *reason, now).map(Reply::Credit)
            }
            Ask::Debit { account, points, reference } => {
                self.debit(ids, account, *points, reference).map(Reply::Debit)
            }
            Ask::Link { code } => self.link(code.reveal()).map(Reply::Link),
            Ask::Unlink { account } => self.unlink(account).map(|()| Reply::Unlinked),
            _ => Err(other_party()),
        }
    }

    /// Answers what only reads; a member not seen before is answered for as a new one.
    pub(super) fn see(&self, ask: &Ask, now: Timestamp) -> Result<Reply, Refusal> {
        match ask {
            Ask::Balance { account } => self.balance(account, now).map(Reply::Balance),
            Ask::SeeHold { hold } => {
                self.holds.get(hold).cloned().map(Reply::Hold).ok_or_else(|| unknown_id("hold"))
            }
            _ => Err(other_party()),
        }
    }

    fn balance(&self, account: &str, now: Timestamp) -> Result<Balance, Refusal> {
        let fresh = Member::new(self.first_balance(account)?);
        let member = self.members.get(account).unwrap_or(&fresh);
        linked(member)?;
        let month = month_of(now);
        Ok(Balance {
            balance: member.balance,
            available: member.available(),
            earned_last_3_months: member.earned_in(month - 3..month),
            earned_this_month: member.earned_in(month..month + 1),
        })
    }

    fn hold(
        &mut self,
        ids: &mut Ids,
        account: &str,
        points: u64,
        reference: &str,
        now: Timestamp,
    ) -> Result<Hold, Refusal> {
        check_amount(points)?;
        check_text(reference)?;
        let expires_at = self.lapses_at(now)?;
        let member = self.member(account)?;
        linked(member)?;
        let available = member.available();
        if points > available {
            let detail = format!("only {available} points are there to be held");
            return Err(Refusal::more_than(RefusalCode::InsufficientPoints, available, detail));
        }
        member.held += points;
        let hold = Hold {
            id: ids.next("hold"),
            account: account.to_owned(),
            points,
            captured: 0,
            state: HoldState::Open,
            expires_at,
            reference: reference.to_owned(),
        };
        self.lapsing.insert((expires_at, hold.id.clone()));
        self.holds.insert(hold.id.clone(), hold.clone());
        Ok(hold)
    }

    fn lapses_at(&self, now: Timestamp) -> Result<Timestamp, Refusal> {
        now.checked_add(SignedDuration::from_secs(self.hold_seconds))
            .map_err(|_| Refusal::new(RefusalCode::Unusable, "the hold would lapse beyond the calendar"))
    }

    fn capture(&mut self, id: &str, points: u64) -> Result<Hold, Refusal> {
        check_amount(points)?;
        let hold = open(&mut self.holds, id)?;
        if points > hold.points {
            let detail = format!("only {} points are held", hold.points);
            return Err(Refusal::more_than(RefusalCode::MoreThanLeft, hold.points, detail));
        }
        hold.captured = points;
        let account = hold.account.clone();
        let captured = self.free(id, HoldState::Captured)?;
        let member = self.member(&account)?;
        member.balance = member.balance.saturating_sub(points);
        Ok(captured)
    }

    /// Ends a hold; its points are available again.
    fn free(&mut self, id: &str, state: HoldState) -> Result<Hold, Refusal> {
        let hold = open(&mut self.holds, id)?;
        hold.state = state;
        let hold = hold.clone();
        self.lapsing.remove(&(hold.expires_at, hold.id.clone()));
        let member = self.member(&hold.account)?;
        member.held = member.held.saturating_sub(hold.points);
        Ok(hold)
    }

    fn credit(
        &mut self,
        ids: &mut Ids,
        account: &str,
        points: u64,
        reference: &str,
        reason: CreditReason,
        now: Timestamp,
    ) -> Result<Credit, Refusal> {
        check_amount(points)?;
        check_text(reference)?;
        let member = self.member(account)?;
        member.add(points)?;
        if reason == CreditReason::Earned {
            member.earn(points, month_of(now));
        }
        let credit = Credit {
            id: ids.next("crd"),
            account: account.to_owned(),
            points,
            reason,
            reference: reference.to_owned(),
        };
        self.credits.insert(credit.id.clone(), credit.clone());
        Ok(credit)
    }

    fn debit(
        &mut self,
        ids: &mut Ids,
        account: &str,
        points: u64,
        reference: &str,
    ) -> Result<Debit, Refusal> {
        check_amount(points)?;
        check_text(reference)?;
        let member = self.member(account)?;
        let taken = points.min(member.available());
        member.balance = member.balance.saturating_sub(taken);
        let debit = Debit {
            id: ids.next("deb"),
            account: account.to_owned(),
            points,
            taken,
            missing: points.saturating_sub(taken),
            reference: reference.to_owned(),
        };
        self.debits.insert(debit.id.clone(), debit.clone());
        Ok(debit)
    }

    /// The sandbox's codes need not be fetched: `LINK-<account>-<anything>` was shown to that member.
    fn link(&mut self, code: &str) -> Result<Link, Refusal> {
        let account = code.strip_prefix("LINK-").and_then(|rest| rest.rsplit_once('-'));
        let (account, _) = account.ok_or_else(code_unknown)?;
        self.first_balance(account).map_err(|_| code_unknown())?;
        if !self.codes_used.insert(code.to_owned()) {
            return Err(Refusal::new(RefusalCode::LinkCodeUsed, "the code was used before"));
        }
        self.member(account)?.unlinked = false;
        Ok(Link { account: account.to_owned() })
    }

    /// Nothing new may be asked of the account; what was begun can still be ended, and points given back.
    fn unlink(&mut self, account: &str) -> Result<(), Refusal> {
        let member = self.member(account)?;
        linked(member)?;
        member.unlinked = true;
        Ok(())
    }

    /// A member has so many points from now on.
    pub(super) fn set_balance(&mut self, account: &str, balance: u64) -> Result<(), Refusal> {
        if balance > AMOUNT_MAX {
            return Err(Refusal::new(RefusalCode::Unusable, "more than can be kept exactly"));
        }
        let member = self.member(account)?;
        if balance < member.held {
            let detail = format!("{} points are held", member.held);
            return Err(Refusal::more_than(RefusalCode::NotOpen, member.held, detail));
        }
        member.put += i128::from(balance) - i128::from(member.balance);
        member.balance = balance;
        Ok(())
    }

    /// Points earned at other shops: they count for tiers and are in the balance.
    pub(super) fn earn_elsewhere(
        &mut self,
        account: &str,
        points: u64,
        months_ago: u8,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        check_amount(points)?;
        let member = self.member(account)?;
        member.add(points)?;
        member.put += i128::from(points);
        member.earn(points, month_of(now) - i32::from(months_ago));
        Ok(())
    }

    /// Lets holds lapse.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        while let Some((at, id)) = self.lapsing.first().filter(|(at, _)| *at <= now).cloned() {
            self.lapsing.remove(&(at, id.clone()));
            // What is in the list is open.
            let _ = self.free(&id, HoldState::Lapsed);
        }
    }

    fn first_balance(&self, account: &str) -> Result<u64, Refusal> {
        check_text(account).map_err(|_| no_member())?;
        match account {
            "mbr_unknown" => Err(no_member()),
            "mbr_poor" => Ok(0),
            _ => Ok(self.start_balance),
        }
    }

    fn member(&mut self, account: &str) -> Result<&mut Member, Refusal> {
        let first_balance = self.first_balance(account)?;
        Ok(self.members.entry(account.to_owned()).or_insert_with(|| Member::new(first_balance)))
    }

    /// Which rules are broken, compared with the records themselves.
    pub(super) fn broken_invariants(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for (account, member) in &self.members {
            if self.held_by(account) != member.held || member.held > member.balance {
                broken.push(format!("{account}: held and available are not the balance"));
            }
            if member.put + self.moved(account) != i128::from(member.balance) {
                broken.push(format!("{account}: what came and went is not the balance"));
            }
        }
        broken
    }

    fn held_by(&self, account: &str) -> u64 {
        let open = |hold: &&Hold| hold.account == account && hold.state == HoldState::Open;
        self.holds.values().filter(open).map(|hold| hold.points).sum()
    }

    /// What came to a member less what went.
    fn moved(&self, account: &str) -> i128 {
        let credits = self.credits.values().filter(|credit| credit.account == account);
        let debits = self.debits.values().filter(|debit| debit.account == account);
        let holds = self.holds.values().filter(|hold| hold.account == account);
        credits.map(|credit| i128::from(credit.points)).sum::<i128>()
            - debits.map(|debit| i128::from(debit.taken)).sum::<i128>()
            - holds.map(|hold| i128::from(hold.captured)).sum::<i128>()
    }
}

fn open<'a>(holds: &'a mut BTreeMap<String, Hold>, id: &str) -> Result<&'a mut Hold, Refusal> {
    let hold = holds.get_mut(id).ok_or_else(|| unknown_id("hold"))?;
    if hold.state == HoldState::Open {
        return Ok(hold);
    }
    let state = match hold.state {
        HoldState::Open => "open",
        HoldState::Captured => "captured",
        HoldState::Released => "released",
        HoldState::Lapsed => "lapsed",
    };
    Err(Refusal::new(RefusalCode::NotOpen, format!("the hold is {state}")))
}

fn linked(member: &Member) -> Result<(), Refusal> {
    if member.unlinked {
        return Err(Refusal::new(RefusalCode::NotLinked, "the account is not linked with the shop any more"));
    }
    Ok(())
}

fn no_member() -> Refusal {
    Refusal::new(RefusalCode::UnknownAccount, "there is no member of this name")
}

fn code_unknown() -> Refusal {
    Refusal::new(RefusalCode::LinkCodeUnknown, "the code means nothing here")
}

/// Months since year 0, in Japan, where the programs are.
fn month_of(now: Timestamp) -> i32 {
    let date = Offset::constant(9).to_datetime(now);
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}
