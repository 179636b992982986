//! Doing something to the order or the wallet from the case: through the same use cases as everybody, with a second
//! person where the role or the amount needs one, and with what came of it on the case.
//!
//! What is to be done is written on the case first. It is done under its own id as idempotency key, so that it happens
//! once, however often a crash lets it be tried again.

use choba_care::case::{ActionState, Actor, action};
use choba_engine::market::{LotKind, ReturnReason};
use choba_engine::money::{Money, Points};
use choba_engine::order::{CancelBy, LinePart};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::{CaseStepped, CaseSteps};
use super::desk::actor;
use crate::entropy::id_from;
use crate::{
    AdjustBalance, Adjusted, AppError, Caller, Counter, Key, OrderChanged, RedeliveryWish, Right, Whose,
};

/// Something to be done from a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum CaseAction {
    /// Cancel some lines of the case's order, or all that is open.
    CancelOrder {
        /// Which; all where absent.
        parts: Option<Vec<LinePart>>,
    },
    /// Let the customer send something back.
    RequestReturn {
        /// What.
        parts: Vec<LinePart>,
        /// Why.
        reason: ReturnReason,
    },
    /// Give back a part of a line's price.
    Refund {
        /// Of which line.
        line_id: String,
        /// How much, in yen.
        amount: Money,
    },
    /// Let a carrier come again with a parcel of the case's order.
    Redeliver {
        /// Which shipment.
        shipment_id: String,
        /// On which day.
        day: Date,
        /// In which of the carrier's slots.
        slot: String,
        /// Whether the customer has the carrier's slip, without which a carrier comes again only where it says that
        /// nobody was in. Its number is not kept here.
        #[serde(default)]
        has_slip: bool,
    },
    /// Give points for the trouble.
    GiveGoodwill {
        /// Of which program.
        program: String,
        /// Of which kind.
        kind: Option<LotKind>,
        /// How many.
        points: Points,
        /// Their last usable second.
        expires_at: Option<Timestamp>,
    },
}

impl CaseAction {
    /// What whoever decides about it must be allowed to.
    fn right(&self) -> Right {
        match self {
            Self::CancelOrder { .. } | Self::RequestReturn { .. } | Self::Redeliver { .. } => {
                Right::OrdersWrite
            }
            Self::Refund { .. } => Right::OrdersFulfil,
            Self::GiveGoodwill { .. } => Right::ValueGrant,
        }
    }

    /// Whether it moves value, which is limited for one person.
    fn moves_value(&self) -> bool {
        matches!(self, Self::Refund { .. } | Self::GiveGoodwill { .. })
    }
}

impl Counter {
    /// Does something from a case, or lets it wait for a second person: where whoever asks lacks the right to decide it
    /// alone, or it is worth more than one person may decide. Once for each key.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], [`AppError::Case`], [`AppError::KeyReused`], and what the
    /// database answers. That the action itself is refused is no error: it stands on the case.
    pub async fn act_on_case(
        &self,
        caller: &Caller,
        case_id: &str,
        act: CaseAction,
        reason: &str,
        key: Key,
        at: Timestamp,
    ) -> Result<(String, CaseStepped), AppError> {
        let agent = self.agent(caller, Right::CareDesk)?;
        let whose = self.whose_case(caller, case_id, Right::CareDesk).await?;
        let needs_second = caller.may(act.right()).is_err() || self.is_above_limit(&whose, &act)?;
        let action_id = format!("act_{}", id_from(Timestamp::UNIX_EPOCH, &format!("{case_id} {}", key.key)));
        let value = serde_json::to_value(&act).map_err(|error| AppError::Defect(error.to_string()))?;
        let (asked, reason) = (action_id.clone(), reason.to_owned());
        let steps = CaseSteps::one(&whose, case_id, actor(&agent), Some(key), move |case| {
            if !matches!(act, CaseAction::GiveGoodwill { .. }) && case.opening.order_id.is_none() {
                return Err(choba_care::case::CaseRefusal::Unknown { what: "order" });
            }
            action::ask(case, &asked, value.clone(), &reason, needs_second)
        });
        let stepped = self.change_cases(steps, at).await?;
        if needs_second {
            return Ok((action_id, stepped));
        }
        let stepped = self.do_open_action(&whose, case_id, &action_id, at).await?;
        Ok((action_id, stepped))
    }

    /// A second person agrees to an action, or does not.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] for whoever could not decide it either, [`AppError::Case`] for whoever asked, and as
    /// [`Counter::act_on_case`].
    pub async fn decide_case_action(
        &self,
        caller: &Caller,
        (case_id, action_id): (&str, &str),
        agrees: bool,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let agent = self.agent(caller, Right::CareDesk)?;
        let (whose, case, _) = self.case_of(caller, case_id, Right::CareDesk).await?;
        let act = read_action(&case.action(action_id)?.action)?;
        if agrees {
            caller.may(act.right())?;
            if act.moves_value() {
                caller.may(Right::ValueApprove)?;
            }
        }
        let (id, staff_id) = (action_id.to_owned(), agent.staff_id.clone());
        let steps = CaseSteps::one(&whose, case_id, actor(&agent), None, move |case| {
            // Decided so before by the same person, and not heard of.
            let before = case.action(&id)?;
            let same = before.approved_by.as_deref() == Some(&staff_id) && agrees;
            if same { Ok(Vec::new()) } else { action::decide(case, &id, &staff_id, agrees) }
        });
        let stepped = self.change_cases(steps, at).await?;
        if agrees { self.do_open_action(&whose, case_id, action_id, at).await } else { Ok(stepped) }
    }

    /// Whether an action takes a second person, as it is told before it is asked for. Asking looks again.
    ///
    /// # Errors
    /// [`AppError::Field`] for a program that the market does not have, [`AppError::UnknownMarket`].
    pub fn case_action_needs_second_person(
        &self,
        caller: &Caller,
        market: &str,
        act: &CaseAction,
    ) -> Result<bool, AppError> {
        let whose = Whose::new("", market);
        Ok(caller.may(act.right()).is_err() || self.is_above_limit(&whose, act)?)
    }

    fn is_above_limit(&self, whose: &Whose, act: &CaseAction) -> Result<bool, AppError> {
        let market = self.markets.get(&whose.market)?;
        let limit = market.policies.adjustments.second_person_above;
        Ok(match act {
            CaseAction::Refund { amount, .. } => *amount > limit,
            CaseAction::GiveGoodwill { program, points, .. } => {
                let value = market.program(program);
                let value = value
                    .ok_or_else(|| AppError::field("/action/program", "no program of the market"))?
                    .value;
                value.worth(*points).is_ok_and(|worth| worth > limit)
            }
            CaseAction::CancelOrder { .. }
            | CaseAction::RequestReturn { .. }
            | CaseAction::Redeliver { .. } => false,
        })
    }

    /// Does an action that is to be done, and tells the case what came of it.
    pub(super) async fn do_open_action(
        &self,
        whose: &Whose,
        case_id: &str,
        action_id: &str,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let found = choba_store::books::case_of_customer(&self.store, &whose.customer_id, case_id).await?;
        let (case, _) = found.ok_or_else(|| AppError::not_found("case", case_id))?;
        let asked = case.action(action_id)?.clone();
        if asked.state != ActionState::Open {
            return Ok(CaseStepped::of(&case));
        }
        let act = read_action(&asked.action)?;
        let order_id = case.opening.order_id.as_deref().unwrap_or("");
        let people = (asked.asked_by.as_str(), asked.approved_by.as_deref());
        let outcome = match self
            .perform_action(whose, order_id, (action_id, &act), people, &asked.reason, at)
            .await
        {
            Ok(result) => Ok(result),
            // It may succeed later: the case is left as it is, and the worker comes by.
            Err(AppError::Store(error)) => return Err(error.into()),
            Err(AppError::PartyUnavailable { party }) => return Err(AppError::PartyUnavailable { party }),
            Err(refusal) => Err(refusal.to_string()),
        };
        let id = action_id.to_owned();
        let steps = CaseSteps::one(whose, case_id, Actor::System, None, move |case| {
            action::tell(case, &id, outcome.clone())
        });
        self.change_cases(steps, at).await
    }

    async fn perform_action(
        &self,
        whose: &Whose,
        order_id: &str,
        (action_id, act): (&str, &CaseAction),
        (asked_by, approved_by): (&str, Option<&str>),
        reason: &str,
        at: Timestamp,
    ) -> Result<Value, AppError> {
        let staff = |staff_id: &str| format!("staff:{staff_id}");
        let by = staff(asked_by);
        let customer_id = whose.customer_id.as_str();
        let key = Some(Key::new(action_id, "case_action", order_id, b"")?);
        let changed = match act.clone() {
            CaseAction::CancelOrder { parts } => {
                self.cancel_order(customer_id, order_id, parts, CancelBy::Customer, &by, key, at).await?
            }
            CaseAction::RequestReturn { parts, reason } => {
                self.request_return(customer_id, order_id, parts, reason, &by, key, at).await?
            }
            CaseAction::Refund { line_id, amount } => {
                self.refund_by_staff(customer_id, order_id, &line_id, amount, &by, key, at).await?
            }
            CaseAction::Redeliver { shipment_id, day, slot, has_slip } => {
                let staff = Caller::Staff { staff_id: asked_by.to_owned(), role: crate::Role::Agent };
                let wish = RedeliveryWish { day, slot, number: None, has_slip };
                return self.redeliver_from_case(&staff, (order_id, &shipment_id), wish, action_id, at).await;
            }
            CaseAction::GiveGoodwill { program, kind, points, expires_at } => {
                let key = Key::new(action_id, "case_action", &program, b"")?;
                let (whose, points, reason) = (whose.clone(), points.units(), reason.to_owned());
                let adjust = AdjustBalance { whose, program, kind, points, expires_at, reason, by, key };
                return self.give_goodwill(adjust, approved_by.map(staff), at).await;
            }
        };
        Ok(told(&changed))
    }

    async fn redeliver_from_case(
        &self,
        staff: &Caller,
        (order_id, shipment_id): (&str, &str),
        wish: RedeliveryWish,
        action_id: &str,
        at: Timestamp,
    ) -> Result<Value, AppError> {
        let found = self.find_shipment(staff, shipment_id, Right::OrdersWrite).await?;
        if found.order.order_id != order_id {
            return Err(AppError::not_found("shipment", shipment_id));
        }
        let key = Key::new(action_id, "case_action", shipment_id, b"")?;
        let asked = self.ask_redelivery(staff, shipment_id, wish, key, at).await?;
        Ok(json!({ "shipment_id": shipment_id, "day": asked.day, "slot": asked.slot }))
    }

    async fn give_goodwill(
        &self,
        adjust: AdjustBalance,
        approved_by: Option<String>,
        at: Timestamp,
    ) -> Result<Value, AppError> {
        let points = adjust.points;
        match (self.adjust_balance(adjust, at).await?, approved_by) {
            (Adjusted::Made, _) => Ok(json!({ "points": points })),
            (Adjusted::Waiting { adjustment_id }, Some(second)) => {
                self.approve_adjustment(&adjustment_id, &second, at).await?;
                Ok(json!({ "points": points, "adjustment_id": adjustment_id }))
            }
            // The limit was lowered since it was asked for.
            (Adjusted::Waiting { adjustment_id }, None) => Ok(json!({ "waiting": adjustment_id })),
            (Adjusted::Rejected, _) => Ok(json!({ "rejected": true })),
        }
    }
}

fn told(changed: &OrderChanged) -> Value {
    json!({ "order_id": changed.order_id, "part": changed.part, "refund": changed.refund })
}

fn read_action(value: &Value) -> Result<CaseAction, AppError> {
    serde_json::from_value(value.clone()).map_err(|error| AppError::Defect(error.to_string()))
}
