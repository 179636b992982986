//! A shipment by its id, for those who may see it.

use choba_engine::order::{Order, Shipment};
use choba_store::books;

use crate::{AppError, Caller, Counter, Right, Whose};

/// A shipment that a caller may see.
#[derive(Clone, Debug)]
pub struct FoundShipment {
    /// Whose it is.
    pub whose: Whose,
    /// The order it belongs to.
    pub order: Order,
    /// The shipment.
    pub shipment: Shipment,
}

impl Counter {
    /// The shipment of an id.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where there is none or it is another customer's: which of both is not told.
    pub async fn find_shipment(
        &self,
        caller: &Caller,
        shipment_id: &str,
        right: Right,
    ) -> Result<FoundShipment, AppError> {
        let missing = || AppError::not_found("shipment", shipment_id);
        if !caller.has(right) {
            return Err(AppError::NotAllowed { right: right.as_str() });
        }
        let of = books::shipment_by_id(&self.store, shipment_id).await?.ok_or_else(missing)?;
        let whose = caller.acting_for(&of.customer_id, &of.market, right).map_err(|_| missing())?;
        let row = books::order_of_customer(&self.store, &of.customer_id, &of.order_id).await?;
        let order = row.ok_or_else(missing)?.order;
        let shipment = order.shipments.iter().find(|sent| sent.shipment_id == shipment_id);
        let shipment = shipment.ok_or_else(missing)?.clone();
        Ok(FoundShipment { whose, order, shipment })
    }
}
