//! What is asked of outside parties: written down before it is asked, so that a crash forgets nothing.

use crate::money::{Money, Points};

/// Who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// The provider behind a method of payment.
    Payments,
    /// The partner that runs a program.
    Partner(String),
}

impl Party {
    /// As text: `payments` or `partner:d-point`.
    pub fn code(&self) -> String {
        match self {
            Self::Payments => "payments".to_owned(),
            Self::Partner(program) => format!("partner:{program}"),
        }
    }

    /// From text.
    pub fn from_code(code: &str) -> Option<Self> {
        match code.strip_prefix("partner:") {
            Some(program) => Some(Self::Partner(program.to_owned())),
            None => (code == "payments").then_some(Self::Payments),
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum AskKind {
    /// Promise to pay so much by card.
    Authorise {
        /// How much.
        amount: Money,
        /// The provider's name for the card.
        card_token: String,
    },
    /// Pay so much of what was promised.
    Capture {
        /// The provider's id of the promise.
        authorisation: String,
        /// How much.
        amount: Money,
    },
    /// Forget what was promised and is not paid.
    Void {
        /// The provider's id of the promise.
        authorisation: String,
    },
    /// Give back what was paid.
    Refund {
        /// The provider's id of the payment.
        capture: String,
        /// How much.
        amount: Money,
    },
    /// Open a payment at a konbini counter.
    KonbiniOpen {
        /// How much.
        amount: Money,
        /// Its last second, in seconds since 1970.
        deadline: i64,
    },
    /// Let nobody pay at a counter any more.
    KonbiniCancel {
        /// Our ask that opened the payment.
        konbini: String,
    },
    /// Keep so many points for an order.
    Hold {
        /// The partner's name for the customer.
        account: String,
        /// How many.
        points: Points,
    },
    /// Take the points that were kept.
    HoldCapture {
        /// The partner's id of what is kept.
        hold: String,
        /// How many.
        points: Points,
    },
    /// Let go of what was kept.
    HoldRelease {
        /// The partner's id of what is kept.
        hold: String,
    },
    /// Give points: earned, or given back.
    Credit {
        /// The partner's name for the customer.
        account: String,
        /// How many.
        points: Points,
        /// Earned by this order; otherwise given back, which counts for no rank and no cap.
        earned: bool,
    },
    /// Take points back that had been given.
    Debit {
        /// The partner's name for the customer.
        account: String,
        /// How many.
        points: Points,
    },
}

/// Something to be asked for an order. Asks of one order are asked in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Unique for the customer; also the idempotency key.
    pub ask_id: String,
    /// For which order.
    pub order_id: String,
    /// Who is asked.
    pub party: Party,
    /// What.
    pub kind: AskKind,
}

impl Ask {
    /// Whether the order cannot stand without it: such an ask ends the order where it cannot be made, others
    /// are made later.
    pub fn is_needed_at_once(&self) -> bool {
        matches!(self.kind, AskKind::Authorise { .. } | AskKind::KonbiniOpen { .. } | AskKind::Hold { .. })
    }
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum AskOutcome {
    /// Done.
    Done {
        /// The other side's id for it, if it gave one.
        reference: Option<String>,
        /// Points that could be taken, where fewer than asked for.
        points: Option<Points>,
        /// The number with which the customer pays at a counter, where a payment was opened there.
        #[serde(default)]
        payment_number: Option<String>,
    },
    /// The answer was no.
    Refused {
        /// The other side's code.
        code: String,
    },
    /// Not done by this try, and not to be tried again: the other side cannot be reached in time. An earlier try
    /// may have been heard.
    Unavailable,
}
