//! The forms of what can be done from a case: what was typed in the last one, and when carriers come again.

use choba_app::{AppError, Caller, Counter, DeskCase};
use choba_engine::tracking::Offer;
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

    /// Whether it was the form of a redelivery of this parcel.
    pub fn is_for(&self, shipment_id: &str) -> bool {
        self.is("redeliver") && self.fields.one("shipment") == shipment_id
    }

    /// What was typed in a field of the form of this parcel.
    pub fn value_for(&self, shipment_id: &str, field: &str) -> &str {
        if self.is_for(shipment_id) { self.fields.one(field) } else { "" }
    }

    /// What is wrong with a field of the form of this parcel.
    pub fn fault_for(&self, shipment_id: &str, field: &str) -> Option<&str> {
        self.faults.of(field).filter(|_| self.is_for(shipment_id))
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
    now: Timestamp,
) -> Result<Vec<RedeliveryForm>, AppError> {
    let mut forms = Vec::new();
    for parcel in &case.parcels {
        let choice = counter.redelivery_choice(caller, &parcel.shipment_id, true, now).await?;
        if choice.offers.is_empty() {
            continue;
        }
        let told = |offer: &Offer| {
            let slot = frame.say_of("orders-slot", offer.slot.id);
            (format!("{} {}", offer.day, offer.slot.id), format!("{} {slot}", frame.day(&offer.day)))
        };
        forms.push(RedeliveryForm {
            shipment_id: parcel.shipment_id.clone(),
            numbers: parcel.tracking_numbers.join(", "),
            needs_slip: choice.needs_slip,
            offers: choice.offers.iter().map(told).collect(),
        });
    }
    Ok(forms)
}
