//! Value granted by a campaign or by staff.

use std::sync::Arc;

use choba_engine::books::{self as rules, Changes, GrantRefusal, NewGrant, Operation, Origin};
use choba_engine::market::{LotKind, Market};
use choba_engine::money::Points;
use choba_store::books::{Decision, Loaded, LotsNeeded, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AppError, Counter, Key, Whose};

/// Who grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granter {
    /// A campaign, by its name.
    Campaign(String),
    /// A member of staff, up to the market's limit for one person; beyond it, an adjustment is asked for.
    Staff(String),
}

/// Value to be granted.
#[derive(Clone, Debug)]
pub struct GrantValue {
    /// To whom, where.
    pub whose: Whose,
    /// Of which program, held by the market.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// How much.
    pub points: Points,
    /// Usable from then on; at once where absent.
    pub available_at: Option<Timestamp>,
    /// Its last usable second. Where every grant renews the balance, that rule decides instead.
    pub expires_at: Option<Timestamp>,
    /// Why, as the customer reads it in the statement.
    pub reason: String,
    /// Who grants.
    pub by: Granter,
    /// The caller's key.
    pub key: Key,
}

/// Granted value, as it is answered for ever under its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Its lot.
    pub lot_id: String,
    /// How much.
    pub points: Points,
    /// Usable from then on.
    pub available_at: Timestamp,
    /// Its last usable second, as far as the grant itself goes.
    pub expires_at: Option<Timestamp>,
    /// What of it paid off points that were owed.
    pub paid_debt: Points,
}

impl Counter {
    /// Grants value, once for each key.
    ///
    /// # Errors
    /// [`AppError::Grant`] where it cannot be granted, [`AppError::NeedsSecondPerson`] where it is worth more
    /// than one member of staff may give, [`AppError::KeyReused`], and what the database answers.
    pub async fn grant_value(&self, grant: GrantValue, at: Timestamp) -> Result<Granted, AppError> {
        let market = self.markets.get(&grant.whose.market)?;
        let by = match &grant.by {
            Granter::Campaign(name) => format!("campaign:{name}"),
            Granter::Staff(name) => {
                within_limit(&market, &grant.program, grant.points)?;
                name.clone()
            }
        };
        let decision = Grant { operation: self.operation(&by, at), market, grant };
        self.perform(decision).await?
    }
}

/// Fails where points are worth more than one member of staff may give.
fn within_limit(market: &Market, program: &str, points: Points) -> Result<(), AppError> {
    let limit = market.policies.adjustments.second_person_above;
    let unknown = || GrantRefusal::NotHeldHere { program: program.to_owned() };
    let value = market.program(program).ok_or_else(unknown)?.value;
    let worth = value.worth(points).map_err(GrantRefusal::from)?;
    if worth > limit { Err(AppError::NeedsSecondPerson { above: limit }) } else { Ok(()) }
}

struct Grant {
    market: Arc<Market>,
    operation: Operation,
    grant: GrantValue,
}

impl Decision for Grant {
    type Answer = Result<Granted, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.grant.whose.customer_id, &self.grant.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        // No lots, but what is owed, which comes with them.
        let lots = LotsNeeded::These(Vec::new());
        Needs { lots, key: Some(self.grant.key.key.clone()), ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let decided = match self.grant.key.answer_before(loaded.key.as_ref()) {
            Err(error) => Err(error),
            Ok(Some(granted)) => return Ok(Next::Answer(Ok(granted))),
            Ok(None) => self.grant(loaded),
        };
        Ok(match decided {
            Ok((to_write, granted)) => Next::Write(Box::new(to_write), Ok(granted)),
            Err(error) => Next::Answer(Err(error)),
        })
    }
}

impl Grant {
    fn grant(&self, loaded: &Loaded) -> Result<(ToWrite, Granted), AppError> {
        let grant = &self.grant;
        let new = NewGrant {
            program: grant.program.clone(),
            kind: grant.kind,
            points: grant.points,
            pending_at: None,
            available_at: grant.available_at,
            expires_at: grant.expires_at,
            origin: Origin::Grant(self.operation.id.clone()),
        };
        let mut changes = rules::grant(&loaded.books, &self.market, &self.operation, new)?;
        for entry in &mut changes.entries {
            entry.note = Some(grant.reason.clone());
        }
        let granted = granted(&changes)?;
        let key = Some(grant.key.keep(&granted)?);
        Ok((ToWrite { changes, key, ..ToWrite::default() }, granted))
    }
}

fn granted(changes: &Changes) -> Result<Granted, AppError> {
    let lot = changes.lots.first().ok_or_else(|| AppError::Defect("a grant without a lot".to_owned()))?;
    Ok(Granted {
        lot_id: lot.lot_id.clone(),
        points: lot.granted,
        available_at: lot.available_at,
        expires_at: lot.expires_at,
        paid_debt: lot.granted.minus(lot.remaining).map_err(GrantRefusal::from)?,
    })
}
