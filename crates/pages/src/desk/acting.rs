//! The forms of what can be done from a case: what was typed in the last one, and when carriers come again.

use choba_app::{AppError, Caller, Counter, DeskCase};
use jiff::Timestamp;

use crate::fields::{Faults, Fields};
use crate::frame::Frame;

/// The form of an action that was sent and could not be taken.
#[derive(Default)]
pub struct Acting {
    pub fields: Fields,
    pub faults: Faults,
}

impl Acting {
    /// Whether it was this action's form.
    pub fn is(&self, action: &str) -> bool {
        self.fields.one("action") == action
    }

    /// Whether it was this action's form, for this thing.
    pub fn is_of(&self, action: &str, field: &str, value: &str) -> bool {
        self.is(action) && self.fields.one(field) == value
    }

    /// What was typed in a field of this action's form; where none was sent, what stands there first.
    pub fn value(&self, action: &str, field: &str) -> &str {
        match (self.is(action), field) {
            (true, _) => self.fields.one(field),
            (false, "quantity") => "1",
            (false, _) => "",
        }
    }

    /// What is wrong with a field of this action's form.
    pub fn fault(&self, action: &str, field: &str) -> Option<&str> {
        self.faults.of(field).filter(|_| self.is(action))
    }
}

/// A parcel with which a carrier can be asked to come again.
pub struct RedeliveryForm {
    pub shipment_id: String,
    /// Its numbers, masked.
    pub numbers: String,
    /// Whether the customer has to have the carrier's slip.
    pub needs_slip: bool,
    /// Days with slots: as the form sends them, and in words.
    pub offers: Vec<(String, String)>,
    pub when: String,
    pub when_fault: Option<String>,
    pub has_slip: bool,
    pub reason: String,
    pub reason_fault: Option<String>,
}

/// The parcels of a case's order with which a carrier whose terms are known can be asked to come again.
///
/// # Errors
/// What the counter answers.
pub async fn redeliveries(
    counter: &Counter,
    caller: &Caller,
    frame: &Frame,
    case: &DeskCase,
    acting: &Acting,
    now: Timestamp,
) -> Result<Vec<RedeliveryForm>, AppError> {
    let mut forms = Vec::new();
    for parcel in &case.parcels {
        let shipment_id = parcel.shipment_id.clone();
        let with_slip = counter.redelivery_choice(caller, &shipment_id, true, now).await?;
        if with_slip.offers.is_empty() {
            continue;
        }
        let needs_slip = !counter.redelivery_choice(caller, &shipment_id, false, now).await?.possible;
        let told = |offer: &choba_engine::tracking::Offer| {
            let slot = frame.say_of("orders-slot", offer.slot.id);
            (format!("{} {}", offer.day, offer.slot.id), format!("{} {slot}", frame.day(&offer.day)))
        };
        let is_sent = acting.is_of("redeliver", "shipment", &shipment_id);
        let sent = |field: &str| acting.fields.one(field).to_owned();
        let fault = |field: &str| acting.faults.of(field).map(str::to_owned);
        forms.push(RedeliveryForm {
            numbers: parcel.tracking_numbers.join(", "),
            offers: with_slip.offers.iter().map(told).collect(),
            when: if is_sent { sent("when") } else { String::new() },
            when_fault: is_sent.then(|| fault("when")).flatten(),
            has_slip: is_sent && acting.fields.says("slip", "yes"),
            reason: if is_sent { sent("reason") } else { String::new() },
            reason_fault: is_sent.then(|| fault("reason")).flatten(),
            shipment_id,
            needs_slip,
        });
    }
    Ok(forms)
}
