//! Tokens of tests that say themselves who they are: `customer:hanako`, `staff:sato:agent`, `key:shop` with all
//! rights, `key:reader:orders:read,quotes` with some.

use std::future::{Future, ready};
use std::pin::Pin;

use choba_app::{Caller, Right, Role};
use choba_server::{Doorkeeper, NotLetIn};
use jiff::Timestamp;

pub struct Table;

impl Doorkeeper for Table {
    fn caller<'d>(
        &'d self,
        bearer: &'d str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Caller, NotLetIn>> + Send + 'd>> {
        Box::pin(ready(caller(bearer).ok_or(NotLetIn::NotValid)))
    }
}

fn caller(bearer: &str) -> Option<Caller> {
    let (kind, rest) = bearer.split_once(':')?;
    match kind {
        "customer" => Some(Caller::customer(rest)),
        "staff" => {
            let (staff_id, role) = rest.split_once(':')?;
            Some(Caller::Staff { staff_id: staff_id.to_owned(), role: Role::read(role)? })
        }
        "key" => {
            let (key_id, rights) =
                rest.split_once(':').map_or((rest, None), |(id, rights)| (id, Some(rights)));
            let rights = match rights {
                None => Right::all().collect(),
                Some(rights) => rights.split(',').map(Right::read).collect::<Option<_>>()?,
            };
            Some(Caller::Machine { key_id: key_id.to_owned(), rights })
        }
        _ => None,
    }
}
