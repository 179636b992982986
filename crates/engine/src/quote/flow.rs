//! Who pays what, exactly: a small maximum flow from tenders to groups of charges.
//!
//! Charges that the same tenders accept form one group, so the flow is as small as the number of *kinds* of
//! charges, however long the cart. Tenders are asked in the order of preference; each takes as much as any
//! assignment allows without lessening the ones before it, because an augmenting path moves what earlier
//! tenders pay to other charges but never changes how much they pay.

use crate::money::{Money, Overflow};

/// A set of tenders, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TenderSet(u64);

impl TenderSet {
    /// With one more tender. A tender beyond the 64th is never in a set, so it pays nothing.
    pub fn with(self, tender: usize) -> Self {
        Self(self.0 | Self::bit(tender))
    }

    pub fn contains(self, tender: usize) -> bool {
        self.0 & Self::bit(tender) != 0
    }

    fn bit(tender: usize) -> u64 {
        u32::try_from(tender).ok().and_then(|tender| 1_u64.checked_shl(tender)).unwrap_or(0)
    }
}

/// Charges that the same tenders accept, taken together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub accepted_by: TenderSet,
    pub unpaid: Money,
}

/// What each tender pays of each group so far.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    groups: Vec<Group>,
    paid: Vec<Vec<Money>>,
}

/// How a group was reached: by the tender that asks, or by moving what another tender pays of a group.
#[derive(Clone, Copy)]
enum Reached {
    Directly,
    ByMoving { tender: usize, from: usize },
}

impl Flow {
    pub fn new(groups: Vec<Group>, tenders: usize) -> Self {
        let paid = vec![vec![Money::ZERO; groups.len()]; tenders];
        Self { groups, paid }
    }

    /// What is unpaid of a group.
    pub fn unpaid(&self, group: usize) -> Money {
        self.groups.get(group).map_or(Money::ZERO, |group| group.unpaid)
    }

    pub fn paid(&self, tender: usize, group: usize) -> Money {
        self.paid.get(tender).and_then(|row| row.get(group)).copied().unwrap_or_default()
    }

    /// Lets a tender pay as much as it can, up to `limit`; returns how much that is.
    pub fn pay(&mut self, tender: usize, limit: Money) -> Result<Money, Overflow> {
        let mut paid = Money::ZERO;
        while paid < limit {
            let Some(path) = self.path(tender) else { break };
            let amount = self.width(&path).min(limit.minus(paid)?);
            self.push(tender, &path, amount)?;
            paid = paid.plus(amount)?;
        }
        Ok(paid)
    }

    /// Takes up to `limit` of what a tender pays of a group out of the flow; returns how much.
    pub fn take(&mut self, tender: usize, group: usize, limit: Money) -> Result<Money, Overflow> {
        let amount = self.paid(tender, group).min(limit);
        self.change(tender, group, |paid| paid.minus(amount))?;
        Ok(amount)
    }

    /// Whether a tender could pay more than it does.
    pub fn could_pay_more(&self, tender: usize) -> bool {
        self.path(tender).is_some()
    }

    /// A shortest way from the tender to a group with something unpaid, last group first.
    fn path(&self, tender: usize) -> Option<Vec<(usize, Reached)>> {
        let mut reached: Vec<Option<Reached>> = vec![None; self.groups.len()];
        let mut queue = Vec::with_capacity(self.groups.len());
        self.reach(tender, Reached::Directly, &mut reached, &mut queue);
        let mut next = 0;
        while let Some(group) = queue.get(next).copied() {
            if self.unpaid(group) > Money::ZERO {
                return Some(way_back(group, &reached));
            }
            for other in 0..self.paid.len() {
                if self.paid(other, group) > Money::ZERO {
                    let moving = Reached::ByMoving { tender: other, from: group };
                    self.reach(other, moving, &mut reached, &mut queue);
                }
            }
            next = next.saturating_add(1);
        }
        None
    }

    fn reach(&self, tender: usize, how: Reached, reached: &mut [Option<Reached>], queue: &mut Vec<usize>) {
        for (group, (known, seen)) in self.groups.iter().zip(reached).enumerate() {
            if seen.is_none() && known.accepted_by.contains(tender) {
                *seen = Some(how);
                queue.push(group);
            }
        }
    }

    fn width(&self, path: &[(usize, Reached)]) -> Money {
        let last = path.first().map_or(Money::ZERO, |(group, _)| self.unpaid(*group));
        path.iter().fold(last, |width, (_, how)| match how {
            Reached::Directly => width,
            Reached::ByMoving { tender, from } => width.min(self.paid(*tender, *from)),
        })
    }

    fn push(&mut self, tender: usize, path: &[(usize, Reached)], amount: Money) -> Result<(), Overflow> {
        if let Some(last) = path.first().and_then(|(group, _)| self.groups.get_mut(*group)) {
            last.unpaid = last.unpaid.minus(amount)?;
        }
        for (group, how) in path {
            match how {
                Reached::Directly => self.change(tender, *group, |paid| paid.plus(amount))?,
                Reached::ByMoving { tender, from } => {
                    self.change(*tender, *group, |paid| paid.plus(amount))?;
                    self.change(*tender, *from, |paid| paid.minus(amount))?;
                }
            }
        }
        Ok(())
    }

    fn change(
        &mut self,
        tender: usize,
        group: usize,
        how: impl Fn(Money) -> Result<Money, Overflow>,
    ) -> Result<(), Overflow> {
        if let Some(paid) = self.paid.get_mut(tender).and_then(|row| row.get_mut(group)) {
            *paid = how(*paid)?;
        }
        Ok(())
    }
}

fn way_back(last: usize, reached: &[Option<Reached>]) -> Vec<(usize, Reached)> {
    let mut path = Vec::new();
    let mut group = last;
    while let Some(Some(how)) = reached.get(group) {
        path.push((group, *how));
        match how {
            Reached::Directly => break,
            Reached::ByMoving { from, .. } => group = *from,
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(bits: u64) -> TenderSet {
        (0..8).filter(|tender| bits & (1 << tender) != 0).fold(TenderSet::default(), TenderSet::with)
    }

    fn groups(of: &[(u64, i64)]) -> Vec<Group> {
        of.iter()
            .map(|(bits, unpaid)| Group { accepted_by: set(*bits), unpaid: Money::new(*unpaid) })
            .collect()
    }

    #[test]
    fn a_first_tender_makes_room_for_a_second_that_pays_less_kinds() {
        // The first accepts both groups, the second only the first group.
        let mut flow = Flow::new(groups(&[(0b11, 100), (0b01, 100)]), 2);
        assert_eq!(flow.pay(0, Money::new(100)), Ok(Money::new(100)));
        assert_eq!(flow.pay(1, Money::new(100)), Ok(Money::new(100)));
        assert_eq!((flow.paid(0, 1), flow.paid(1, 0)), (Money::new(100), Money::new(100)));
    }

    /// The most that the tenders up to `last` can pay under limits, by trying every way to spend a yen at a
    /// time: the best over all assignments, lexicographically by tender.
    fn brute_force(groups: &[Group], limits: &[i64]) -> Vec<i64> {
        fn search(
            groups: &mut Vec<Group>,
            limits: &[i64],
            tender: usize,
            best: &mut Vec<i64>,
            so_far: &mut Vec<i64>,
        ) {
            if tender == limits.len() {
                if *so_far > *best {
                    best.clone_from(so_far);
                }
                return;
            }
            spend(groups, limits, tender, 0, limits[tender], best, so_far);
        }
        fn spend(
            groups: &mut Vec<Group>,
            limits: &[i64],
            tender: usize,
            group: usize,
            left: i64,
            best: &mut Vec<i64>,
            so_far: &mut Vec<i64>,
        ) {
            if group == groups.len() {
                so_far.push(limits[tender] - left);
                search(groups, limits, tender + 1, best, so_far);
                so_far.pop();
                return;
            }
            let unpaid = groups[group].unpaid;
            let most = if groups[group].accepted_by.contains(tender) { left.min(unpaid.units()) } else { 0 };
            for amount in 0..=most {
                groups[group].unpaid = Money::new(unpaid.units() - amount);
                spend(groups, limits, tender, group + 1, left - amount, best, so_far);
            }
            groups[group].unpaid = unpaid;
        }
        let mut best = Vec::new();
        search(&mut groups.to_vec(), limits, 0, &mut best, &mut Vec::new());
        best
    }

    proptest! {
        #[test]
        fn the_flow_equals_trying_everything(
            of in proptest::collection::vec((0_u64..8, 0_i64..4), 1..5),
            limits in proptest::collection::vec(0_i64..6, 1..4),
        ) {
            let groups = groups(&of);
            let mut flow = Flow::new(groups.clone(), limits.len());
            let mut paid = Vec::new();
            for (tender, limit) in limits.iter().enumerate() {
                paid.push(flow.pay(tender, Money::new(*limit)).unwrap().units());
            }
            prop_assert_eq!(&paid, &brute_force(&groups, &limits));
            for (place, group) in groups.iter().enumerate() {
                let sum = Money::sum((0..limits.len()).map(|tender| flow.paid(tender, place))).unwrap();
                prop_assert_eq!(sum.plus(flow.unpaid(place)).unwrap(), group.unpaid);
            }
        }
    }
}
