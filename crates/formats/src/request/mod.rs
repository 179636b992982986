//! Quote requests: from JSON to the engine's values, with every fault named by its place.

mod fault;
mod resolve;
mod wire;

use choba_engine::market::Market;
use jiff::Timestamp;

pub use fault::{Fault, Place};
pub(crate) use resolve::lot_kind_id;
pub use resolve::{CheckedRequest, Wishes};

/// A request as read, before it is resolved against a market. Borrows from its text.
#[derive(Debug)]
pub struct RequestText<'t> {
    wire: wire::Request<'t>,
}

impl<'t> RequestText<'t> {
    /// Reads one request.
    ///
    /// ```
    /// use choba_formats::request::RequestText;
    /// let fault = RequestText::read(br#"{"at": "now", "lines": [], "pya": {}}"#).unwrap_err();
    /// assert_eq!(fault.to_string(), "/pya: unknown field `pya`; did you mean `pay`? (line 1 column 32)");
    /// ```
    pub fn read(json: &'t [u8]) -> Result<Self, Fault> {
        // Some programs begin a text with a byte order mark.
        let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
        if json.trim_ascii_start().first() == Some(&b'[') {
            return Err(Fault::new(
                "",
                "expected a request in { }, found a list; give several requests a line each",
            ));
        }
        serde_json::from_slice(json).map(|wire| Self { wire }).map_err(|_| fault::of_json(json))
    }

    /// The market it asks for.
    pub fn market(&self) -> Option<&str> {
        self.wire.market.as_deref()
    }

    /// Which parts of paying it leaves open.
    pub fn wishes(&self) -> Wishes {
        Wishes { coupons: self.wire.pay.coupons.is_some(), stored: self.wire.pay.stored.is_some() }
    }

    /// Checks it against a market.
    pub fn resolve<'a>(&'a self, market: &'a Market) -> Result<CheckedRequest<'a>, Fault> {
        resolve::resolve(&self.wire, market, None)
    }

    /// Checks it against a market; where it says no time, it is now.
    pub fn resolve_now<'a>(
        &'a self,
        market: &'a Market,
        now: Timestamp,
    ) -> Result<CheckedRequest<'a>, Fault> {
        resolve::resolve(&self.wire, market, Some(now))
    }
}
