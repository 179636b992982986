//! Links by which a customer shows others how far a shipment is.
//!
//! A link carries 128 random-looking bits that name it, its end, and a signature over both. Who has it sees the state
//! and masked numbers; nothing of it is in the books but its name, so that a copy of the books opens no link.

use choba_engine::order::Shipment;
use choba_engine::tracking::{NumberState, ShipmentState};
use choba_store::books::{self, ShareLink};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};

use crate::secrets::Hashed;
use crate::{AppError, Caller, Counter, Key, Right};

const ID_BYTES: usize = 16;
const END_BYTES: usize = 8;

/// A link that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedLink {
    /// What opens it. Shown to who made it, and kept nowhere.
    pub token: String,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What a link shows.
#[derive(Clone, Debug)]
pub struct SharedShipment {
    /// How far it is.
    pub state: ShipmentState,
    /// Its numbers, masked, and how far each is.
    pub numbers: Vec<(String, NumberState)>,
    /// Until when the link shows it.
    pub expires_at: Timestamp,
}

impl Counter {
    /// Makes a link. The same key gives the same link.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where the shipment is not the caller's.
    pub async fn share_shipment(
        &self,
        caller: &Caller,
        shipment_id: &str,
        key: &Key,
        at: Timestamp,
    ) -> Result<SharedLink, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersWrite).await?;
        let named = format!("{}\0{shipment_id}\0{}", found.whose.customer_id, key.key);
        let link_id = self.secrets.hash_bytes(Hashed::ShareLinkName, named.as_bytes())?;
        let link_id = link_id.get(..ID_BYTES).unwrap_or_default();
        let name = BASE64URL_NOPAD.encode(link_id);
        if let Some(known) = books::share_link(&self.store, &name).await? {
            let usable = !known.revoked && known.shipment_id == shipment_id;
            let gone = || AppError::not_found("link", shipment_id);
            return if usable { self.link(link_id, known.expires_at) } else { Err(gone()) };
        }
        let market = self.market_version(&found.order.market_version).await?;
        let days = i64::from(market.policies.parcels.share_link_days);
        let expires_at = at.checked_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(at);
        // The books count milliseconds, and so does the link.
        let expires_at = Timestamp::from_millisecond(expires_at.as_millisecond()).unwrap_or(expires_at);
        let link = ShareLink {
            link_id: name,
            customer_id: found.whose.customer_id,
            market: found.whose.market,
            order_id: found.order.order_id,
            shipment_id: shipment_id.to_owned(),
            expires_at,
            revoked: false,
        };
        books::new_share_link(&self.store, &link, at).await?;
        self.link(link_id, expires_at)
    }

    /// Takes back all links to a shipment.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where the shipment is not the caller's.
    pub async fn revoke_shares(
        &self,
        caller: &Caller,
        shipment_id: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersWrite).await?;
        Ok(books::revoke_share_links(&self.store, &found.whose.customer_id, shipment_id, at).await?)
    }

    /// What a link shows. A link that was never made, is over or was taken back is one that there is not.
    ///
    /// # Errors
    /// [`AppError::NotFound`], which does not repeat the link.
    pub async fn shared_shipment(&self, token: &str, at: Timestamp) -> Result<SharedShipment, AppError> {
        let gone = || AppError::not_found("link", "…");
        let (link_id, expires_at) = self.read_link(token)?.filter(|(_, end)| at < *end).ok_or_else(gone)?;
        let link = books::share_link(&self.store, &link_id).await?;
        let link = link.filter(|link| !link.revoked && at < link.expires_at).ok_or_else(gone)?;
        let order = books::order_of_customer(&self.store, &link.customer_id, &link.order_id).await?;
        let order = order.ok_or_else(gone)?.order;
        let is_it = |sent: &&Shipment| sent.shipment_id == link.shipment_id;
        let shipment = order.shipments.iter().find(is_it).ok_or_else(gone)?;
        let parcels = self.state_of_shipment(&order, shipment, at).await?.masked();
        let numbers = parcels.numbers.into_iter().map(|parcel| (parcel.number, parcel.state));
        Ok(SharedShipment { state: parcels.state, numbers: numbers.collect(), expires_at })
    }

    fn link(&self, link_id: &[u8], expires_at: Timestamp) -> Result<SharedLink, AppError> {
        let mut said = link_id.to_vec();
        said.extend(expires_at.as_millisecond().to_be_bytes());
        let signature = self.secrets.hash_bytes(Hashed::ShareLink, &said)?;
        said.extend(signature);
        Ok(SharedLink { token: BASE64URL_NOPAD.encode(&said), expires_at })
    }

    /// A link's name and end, if it is signed here.
    fn read_link(&self, token: &str) -> Result<Option<(String, Timestamp)>, AppError> {
        let Ok(bytes) = BASE64URL_NOPAD.decode(token.as_bytes()) else { return Ok(None) };
        let Some((said, signature)) = bytes.split_at_checked(ID_BYTES + END_BYTES) else { return Ok(None) };
        if !self.secrets.is_hash_of_bytes(signature, Hashed::ShareLink, said)? {
            return Ok(None);
        }
        let (link_id, end) = said.split_at(ID_BYTES);
        let end = end.try_into().map(i64::from_be_bytes).unwrap_or_default();
        let end = Timestamp::from_millisecond(end).ok();
        Ok(end.map(|end| (BASE64URL_NOPAD.encode(link_id), end)))
    }
}
