//! The works of one transaction: what they read, what they decide, what they write.
//!
//! A batch does not talk to a database. It groups what its works ask for by statement, and brings results back
//! to those who asked.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::StoreError;
use super::group::{Group, Results};
use super::row::Row;
use super::statement::{Read, Statement, Write};
use super::value::Value;
use super::work::{Queued, Step};

/// Works of different keys, in the order of their keys, so that every process locks customers in one order.
pub(super) struct Batch {
    members: Vec<Member>,
}

struct Member {
    work: Box<dyn Queued>,
    rows: Vec<Vec<Row>>,
    writes: Vec<Write>,
    stage: Stage,
}

enum Stage {
    /// What was asked for has been read.
    Reading,
    /// It has decided what to write, perhaps nothing.
    Decided,
    /// It has failed by itself and takes part no more.
    Failed(StoreError),
}

/// Questions of a batch, and for each group the reads that its rows stand for.
#[derive(Default)]
pub(super) struct Questions {
    pub groups: Vec<Group>,
    askers: Vec<Vec<Asker>>,
}

/// The place of a work in the batch and of a read among those of the work.
#[derive(Clone, Copy)]
struct Asker {
    member: usize,
    read: usize,
}

impl Batch {
    pub fn new(mut works: Vec<Box<dyn Queued>>) -> Self {
        works.sort_by(|one, other| one.key().cmp(other.key()));
        let member = |work| Member { work, rows: Vec::new(), writes: Vec::new(), stage: Stage::Reading };
        Self { members: works.into_iter().map(member).collect() }
    }

    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Begins from the start: what each work locks and reads. Locks come first, by the order of statements.
    pub fn questions(&mut self) -> Questions {
        let (mut locks, mut reads) = (Questions::default(), Questions::default());
        for (place, member) in self.members.iter_mut().enumerate().filter(|(_, member)| member.takes_part()) {
            member.restart();
            let Some((own_locks, own_reads)) = member.ask() else { continue };
            own_locks.into_iter().for_each(|read| locks.add(place, member, read));
            own_reads.into_iter().for_each(|read| reads.add(place, member, read));
        }
        locks.sort();
        locks.append(reads);
        locks
    }

    /// Brings results to the works that asked.
    pub fn answer(&mut self, questions: &Questions, results: Results) -> Result<(), StoreError> {
        for ((group, askers), rows) in questions.groups.iter().zip(&questions.askers).zip(results) {
            for row in rows {
                let unreadable = StoreError::Unreadable { statement: group.statement.name, column: 0 };
                let asker = askers.get(row.ordinal()).ok_or_else(|| unreadable.clone())?;
                let member = self.members.get_mut(asker.member).ok_or_else(|| unreadable.clone())?;
                member.rows.get_mut(asker.read).ok_or(unreadable)?.push(row);
            }
        }
        Ok(())
    }

    /// Lets every work decide that has not, and gathers what they want to read further.
    pub fn decide(&mut self) -> Questions {
        let mut further = Questions::default();
        for (place, member) in self.members.iter_mut().enumerate() {
            for read in member.decide() {
                further.add(place, member, read);
            }
        }
        further
    }

    /// Those who still want to read have asked too often.
    pub fn stop_reading(&mut self) {
        for member in &mut self.members {
            if matches!(member.stage, Stage::Reading) {
                member.fail(StoreError::Defect {
                    reason: "a work reads more and more and never decides".to_owned(),
                });
            }
        }
    }

    /// What is to be written, by the order of statements, and within a statement by key.
    pub fn writes(&mut self) -> Vec<Group> {
        let mut groups = Groups::default();
        for member in &mut self.members {
            for write in std::mem::take(&mut member.writes) {
                groups.add(write.statement, write.row);
            }
        }
        groups.0.sort_by_key(|group| group.statement.order);
        groups.0
    }

    /// Answers every work.
    pub fn finish(self, outcome: &Result<(), StoreError>) {
        for member in self.members {
            let outcome = if let Stage::Failed(error) = member.stage { Err(error) } else { outcome.clone() };
            // Whom we answer must not be able to stop the writer.
            let _ = catch_unwind(AssertUnwindSafe(move || member.work.answer(outcome)));
        }
    }

    /// Takes the batch apart into batches of one work. What has failed by itself stays failed.
    pub fn apart(self) -> impl Iterator<Item = Self> {
        self.members.into_iter().map(|member| Self { members: vec![member] })
    }

    /// Whether there is any work left to run.
    pub fn has_work(&self) -> bool {
        self.members.iter().any(Member::takes_part)
    }
}

impl Member {
    fn takes_part(&self) -> bool {
        !matches!(self.stage, Stage::Failed(_))
    }

    fn restart(&mut self) {
        self.rows.clear();
        self.writes.clear();
        self.stage = Stage::Reading;
    }

    fn fail(&mut self, error: StoreError) {
        self.writes.clear();
        self.stage = Stage::Failed(error);
    }

    fn ask(&mut self) -> Option<(Vec<Read>, Vec<Read>)> {
        let asked = catch_unwind(AssertUnwindSafe(|| (self.work.locks(), self.work.reads())));
        let asked = asked.map_err(|_| panicked()).and_then(|(locks, reads)| {
            locks.iter().chain(&reads).try_for_each(|read| read.statement.accept(&read.row))?;
            Ok((locks, reads))
        });
        asked.map_err(|error| self.fail(error)).ok()
    }

    /// What it wants to read further; nothing once it has decided or failed.
    fn decide(&mut self) -> Vec<Read> {
        if !matches!(self.stage, Stage::Reading) {
            return Vec::new();
        }
        match self.step() {
            Err(error) => self.fail(error),
            Ok(Step::ReadMore(reads)) => return reads,
            Ok(Step::Write(writes)) => {
                self.writes = writes;
                self.stage = Stage::Decided;
            }
        }
        Vec::new()
    }

    fn step(&mut self) -> Result<Step, StoreError> {
        let (work, rows) = (&mut self.work, &self.rows);
        let step = catch_unwind(AssertUnwindSafe(|| work.decide(rows))).map_err(|_| panicked())??;
        match &step {
            Step::Write(writes) => writes.iter().try_for_each(|write| write.statement.accept(&write.row))?,
            Step::ReadMore(reads) => reads.iter().try_for_each(|read| read.statement.accept(&read.row))?,
        }
        Ok(step)
    }
}

impl Questions {
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Adds a read; its results will be the next of the work's rows.
    fn add(&mut self, place: usize, member: &mut Member, read: Read) {
        let asker = Asker { member: place, read: member.rows.len() };
        member.rows.push(Vec::new());
        let mut groups = Groups(std::mem::take(&mut self.groups));
        let group = groups.add(read.statement, read.row);
        self.groups = groups.0;
        if self.askers.len() < self.groups.len() {
            self.askers.push(Vec::new());
        }
        if let Some(askers) = self.askers.get_mut(group) {
            askers.push(asker);
        }
    }

    fn sort(&mut self) {
        let groups = std::mem::take(&mut self.groups);
        let mut both: Vec<_> = groups.into_iter().zip(std::mem::take(&mut self.askers)).collect();
        both.sort_by_key(|(group, _)| group.statement.order);
        (self.groups, self.askers) = both.into_iter().unzip();
    }

    fn append(&mut self, other: Self) {
        self.groups.extend(other.groups);
        self.askers.extend(other.askers);
    }
}

/// Rows by statement, in the order in which statements were first met.
#[derive(Default)]
struct Groups(Vec<Group>);

impl Groups {
    /// Adds a row to the group of its statement, and says which that is.
    fn add(&mut self, statement: &'static Statement, row: Vec<Value>) -> usize {
        let known = self.0.iter().position(|group| std::ptr::eq(group.statement, statement));
        match known.and_then(|place| self.0.get_mut(place).map(|group| (place, group))) {
            Some((place, group)) => {
                group.rows.push(row);
                place
            }
            None => {
                self.0.push(Group { statement, rows: vec![row] });
                self.0.len().saturating_sub(1)
            }
        }
    }
}

fn panicked() -> StoreError {
    StoreError::Defect { reason: "a work panicked".to_owned() }
}
