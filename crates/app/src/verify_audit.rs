//! Checking the audit log: every hash is made anew from its row and the hash before it, up to the sealed head.
//!
//! It repairs nothing: what differs is told, row by row, and a person decides.

use std::fmt;

use choba_store::books::{AuditChain, AuditHead, AuditLink, AuditLinkWithRow};
use choba_store::sql::{Snapshot, StoreError};
use serde::Serialize;

use crate::link_audit::{EMPTY, hash_of, seal_fits};
use crate::{AppError, Secrets};

/// Links that are read together.
const AT_ONCE: i64 = 1_000;

/// Rows that are told of where they are there but not in the chain.
const STRAYS_MOST: i64 = 100;

/// Something in the log that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum AuditDifference {
    /// A row, or the link before it, was changed, or stands in another place.
    Changed {
        /// Its place.
        place: i64,
        /// The row.
        row_id: String,
    },
    /// A row is in the chain and not in the log any more.
    RowMissing {
        /// Its place.
        place: i64,
        /// The row.
        row_id: String,
    },
    /// Links were removed.
    LinksMissing {
        /// The first place that is missing.
        from: i64,
        /// The last one.
        to: i64,
    },
    /// The chain goes on after its head.
    BeyondHead {
        /// The head's place.
        head: i64,
        /// The last link's.
        last: i64,
    },
    /// The last link is not the one that the head knows.
    HeadDiffers {
        /// The head's place.
        place: i64,
    },
    /// There are links and no head.
    HeadMissing,
    /// The head was not sealed with the keys of this counter.
    SealDiffers {
        /// The head's place.
        place: i64,
    },
    /// A head that was noted before is not in the chain: the log was put back to an earlier state and written anew, or cut.
    NotedHeadMissing {
        /// Its place.
        place: i64,
    },
    /// A row came into the log past the program.
    Unlinked {
        /// The row.
        row_id: String,
    },
    /// A row waits to be linked and is not there any more.
    Lost {
        /// The row.
        row_id: String,
    },
}

impl fmt::Display for AuditDifference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { place, row_id } => {
                write!(formatter, "place {place}: row {row_id}, or the link before it, was changed or moved")
            }
            Self::RowMissing { place, row_id } => {
                write!(formatter, "place {place}: row {row_id} was removed")
            }
            Self::LinksMissing { from, to } if from == to => {
                write!(formatter, "place {from}: the link was removed")
            }
            Self::LinksMissing { from, to } => {
                write!(formatter, "places {from} to {to}: the links were removed")
            }
            Self::BeyondHead { head, last } => {
                write!(formatter, "places {} to {last}: links after the head", head.saturating_add(1))
            }
            Self::HeadDiffers { place } => {
                write!(formatter, "place {place}: not the link that the head knows")
            }
            Self::HeadMissing => write!(formatter, "the head was removed"),
            Self::SealDiffers { place } => {
                write!(formatter, "place {place}: the head was not sealed with these keys")
            }
            Self::NotedHeadMissing { place } => {
                write!(formatter, "place {place}: the head that was noted is not in the chain")
            }
            Self::Unlinked { row_id } => write!(formatter, "row {row_id} came into the log past the program"),
            Self::Lost { row_id } => write!(formatter, "row {row_id} was removed before it was linked"),
        }
    }
}

/// A head as somebody noted it, outside of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedHead {
    /// Its place.
    pub place: i64,
    /// Its hash.
    pub hash: String,
}

/// What the log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditSummary {
    /// Rows in the chain.
    pub linked: i64,
    /// Rows that wait to be linked.
    pub waiting: i64,
    /// The head, to be noted: its place.
    pub head_place: i64,
    /// Its hash.
    pub head_hash: String,
    /// Whether the head's seal was checked.
    pub seal_checked: bool,
    /// How much differs.
    pub differences: u64,
}

/// Checks the log as it is in a snapshot. Without secrets the seal is not checked.
///
/// # Errors
/// What the database answers. A log that differs is no error: it is told, and counted in the summary.
pub async fn verify_audit(
    snapshot: Snapshot,
    secrets: Option<&Secrets>,
    noted: Option<&NotedHead>,
    tell: &mut (dyn FnMut(AuditDifference) + Send),
) -> Result<AuditSummary, AppError> {
    let mut chain = AuditChain::of(snapshot);
    let head = chain.head().await?;
    let mut checking = Checking::new(noted, tell);
    checking.walk(&mut chain).await?;
    checking.compare_head(head.as_ref());
    if let (Some(head), Some(secrets)) = (&head, secrets) {
        checking.summary.seal_checked = true;
        if !seal_fits(head, secrets)? {
            checking.differs(AuditDifference::SealDiffers { place: head.place });
        }
    }
    checking.look_for_strays(&mut chain).await?;
    checking.summary.waiting = chain.waiting().await?;
    Ok(checking.summary)
}

struct Checking<'c> {
    noted: Option<&'c NotedHead>,
    tell: &'c mut (dyn FnMut(AuditDifference) + Send),
    summary: AuditSummary,
    last: AuditLink,
}

impl<'c> Checking<'c> {
    fn new(noted: Option<&'c NotedHead>, tell: &'c mut (dyn FnMut(AuditDifference) + Send)) -> Self {
        let last = AuditLink { place: 0, row_id: String::new(), hash: EMPTY.to_owned() };
        Self { noted, tell, summary: AuditSummary::default(), last }
    }

    fn differs(&mut self, difference: AuditDifference) {
        self.summary.differences = self.summary.differences.saturating_add(1);
        (self.tell)(difference);
    }

    async fn walk(&mut self, chain: &mut AuditChain) -> Result<(), StoreError> {
        loop {
            let links = chain.links(self.last.place, AT_ONCE).await?;
            if links.is_empty() {
                return Ok(());
            }
            links.into_iter().for_each(|link| self.check(link));
        }
    }

    fn check(&mut self, AuditLinkWithRow { link, row }: AuditLinkWithRow) {
        let (place, row_id) = (link.place, link.row_id.clone());
        let next = self.last.place.saturating_add(1);
        let gap = place != next;
        if gap {
            self.differs(AuditDifference::LinksMissing { from: next, to: place.saturating_sub(1) });
        }
        match row {
            None => self.differs(AuditDifference::RowMissing { place, row_id }),
            // What the hash before was is not known after a gap.
            Some(row) if !gap && hash_of(&self.last.hash, place, &row) != link.hash => {
                self.differs(AuditDifference::Changed { place, row_id });
            }
            Some(_) => {}
        }
        if self.noted.is_some_and(|noted| noted.place == place && noted.hash == link.hash) {
            self.noted = None;
        }
        self.summary.linked = self.summary.linked.saturating_add(1);
        self.last = link;
    }

    fn compare_head(&mut self, head: Option<&AuditHead>) {
        if let Some(noted) = self.noted.filter(|noted| noted.place > 0) {
            self.differs(AuditDifference::NotedHeadMissing { place: noted.place });
        }
        let Some(head) = head else {
            if self.last.place > 0 {
                self.differs(AuditDifference::HeadMissing);
            }
            return;
        };
        (self.summary.head_place, self.summary.head_hash) = (head.place, head.hash.clone());
        let last = self.last.place;
        if head.place > last {
            self.differs(AuditDifference::LinksMissing { from: last.saturating_add(1), to: head.place });
        } else if head.place < last {
            self.differs(AuditDifference::BeyondHead { head: head.place, last });
        } else if head.hash != self.last.hash {
            self.differs(AuditDifference::HeadDiffers { place: head.place });
        }
    }

    async fn look_for_strays(&mut self, chain: &mut AuditChain) -> Result<(), StoreError> {
        let (unlinked, lost) = chain.strays(STRAYS_MOST).await?;
        unlinked.into_iter().for_each(|row_id| self.differs(AuditDifference::Unlinked { row_id }));
        lost.into_iter().for_each(|row_id| self.differs(AuditDifference::Lost { row_id }));
        Ok(())
    }
}
