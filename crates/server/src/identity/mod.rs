//! Who a bearer token belongs to: an API key of a program, or a signed token (JWT) of an issuer that is trusted here.
//!
//! Of a token nothing is believed but what a trusted issuer signed: not the algorithm it names, not keys or addresses of
//! keys in its head. There are no sessions here and no passwords: who a person is, their issuer finds out.

mod claims;
mod doorkeeper;
mod fetch;
mod issuer;
mod key;
mod key_set;
mod own_issuer;
mod token;

pub use claims::Identified;
pub use doorkeeper::{Identities, IdentityFault, Issuers};
pub use issuer::{IssuerSettings, RoleSetting};
pub use own_issuer::{OwnIssuer, Subject, TTL_MAX};
pub use token::TokenFault;
