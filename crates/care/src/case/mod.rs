//! Cases: one customer matter each, from the first word to the last.
//!
//! A [`Case`] is nothing but the fold of its [`CaseEvent`]s, which are numbered without gaps and chained by hashes.
//! What may happen next is decided by the functions of [`steps`] and [`merge`]: they read the case and return
//! [`CaseChange`]s, which [`record`] numbers, dates and chains. Nothing is saved here, and who is allowed to ask for a
//! step is known elsewhere.

pub mod action;
mod call;
mod chain;
mod event;
mod fold;
pub mod levels;
pub mod merge;
mod moments;
mod public;
mod refusal;
mod state;
pub mod steps;
mod thanks;

pub use action::{ActionOnCase, ActionState};
pub use call::{CallStep, call_steps, first_step};
pub(crate) use chain::hex;
pub use chain::{ChainFault, GENESIS, hash_of, verify_chain};
pub use event::{
    Actor, CaseChange, CaseEvent, CaseLink, Channel, EscalationKind, Opening, Priority, TemplateUsed,
    WaitingFor,
};
pub use fold::{FoldFault, fold, record};
pub use levels::{LevelResult, Levels};
pub use moments::moments;
pub use public::{PublicCase, PublicLine, PublicMessage, public_view};
pub use refusal::CaseRefusal;
pub use state::{Agent, AttachedCheck, Case, CaseState, CaseTerms, Escalation, Said, Unverified};
pub use thanks::is_thanks_only;
