//! What the card provider tells by itself, signed after the Standard Webhooks specification.
//!
//! A message is trusted only after [`verify_webhook`]. It may come twice and in any order: its id is for telling, and
//! keeping ids is up to who receives.

use std::fmt;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_value};
use sha2::Sha256;

use crate::record::{Authorization, Capture, Konbini, Refund};

/// The header with the message's id: the same whenever it is sent again.
pub const HEADER_ID: &str = "webhook-id";
/// The header with the time of sending, in seconds since 1970.
pub const HEADER_TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures, separated by spaces.
pub const HEADER_SIGNATURE: &str = "webhook-signature";

/// What happened at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    /// The issuer took its yes back.
    #[serde(rename = "authorization.declined_later")]
    AuthorizationDeclinedLater(Authorization),
    /// A refund is on the card.
    #[serde(rename = "refund.settled")]
    RefundSettled(Refund),
    /// The card holder took money back; the capture stands as it is after that.
    #[serde(rename = "chargeback")]
    Chargeback(Capture),
    /// A customer paid at a store.
    #[serde(rename = "konbini.paid")]
    KonbiniPaid(Konbini),
    /// Nobody paid in time.
    #[serde(rename = "konbini.expired")]
    KonbiniExpired(Konbini),
    /// What this version has no name for; to be acknowledged and left alone.
    #[serde(rename = "other")]
    Other,
}

impl Event {
    fn read(kind: &str, data: Value) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            "authorization.declined_later" => Self::AuthorizationDeclinedLater(from_value(data)?),
            "refund.settled" => Self::RefundSettled(from_value(data)?),
            "chargeback" => Self::Chargeback(from_value(data)?),
            "konbini.paid" => Self::KonbiniPaid(from_value(data)?),
            "konbini.expired" => Self::KonbiniExpired(from_value(data)?),
            _ => Self::Other,
        })
    }
}

#[derive(Deserialize)]
struct Envelope {
    timestamp: Timestamp,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Value,
}

/// The body of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Message {
    /// Reads the body of a verified message.
    ///
    /// # Errors
    /// It is no message of this form.
    pub fn read(body: &[u8]) -> Result<Self, WebhookFault> {
        let Envelope { timestamp, kind, data } =
            serde_json::from_slice(body).map_err(|_| WebhookFault::Body)?;
        let event = Event::read(&kind, data).map_err(|_| WebhookFault::Body)?;
        Ok(Self { timestamp, event })
    }
}

/// Why a message is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookFault {
    /// The secret is not `whsec_` and base64 of 24 to 64 bytes.
    #[error("the webhook secret must be whsec_ and base64 of 24 to 64 bytes")]
    Secret,
    /// A header is no text of its form.
    #[error("the header {0} cannot be used")]
    Header(&'static str),
    /// Sent too long ago, or in the future: perhaps an old message that somebody kept.
    #[error("the message was sent at another time than now")]
    Time,
    /// None of the signatures is by any of the secrets.
    #[error("the message is not signed with a secret known here")]
    Signature,
    /// Signed, but not of a form known here.
    #[error("the message cannot be read")]
    Body,
}

/// What both sides know, `whsec_…`.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// Reads a secret.
    ///
    /// # Errors
    /// [`WebhookFault::Secret`]
    pub fn read(text: &str) -> Result<Self, WebhookFault> {
        let encoded = text.strip_prefix("whsec_").ok_or(WebhookFault::Secret)?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| WebhookFault::Secret)?;
        if (24..=64).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(WebhookFault::Secret) }
    }

    /// Writes random bytes as a secret, to be shown once to whom it is for.
    pub fn text_of(bytes: &[u8]) -> String {
        format!("whsec_{}", BASE64.encode(bytes))
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Result<Hmac<Sha256>, WebhookFault> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| WebhookFault::Secret)?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        Ok(mac)
    }

    /// The value of the header `webhook-signature`. `timestamp` is in seconds since 1970.
    ///
    /// # Errors
    /// None for a secret that was read.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> Result<String, WebhookFault> {
        let mac = self.mac(id, &timestamp.to_string(), body)?;
        Ok(format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret(…)")
    }
}

/// The value of the header `webhook-signature` with the signature of each secret: two while secrets change, so that
/// whoever receives may know either.
///
/// # Errors
/// None for secrets that were read.
pub fn sign_with_all(
    secrets: &[WebhookSecret],
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> Result<String, WebhookFault> {
    let signatures = secrets.iter().map(|secret| secret.sign(id, timestamp, body));
    Ok(signatures.collect::<Result<Vec<_>, _>>()?.join(" "))
}

/// The three headers of a message, as they came.
#[derive(Clone, Copy, Debug)]
pub struct WebhookHeaders<'h> {
    /// `webhook-id`
    pub id: &'h str,
    /// `webhook-timestamp`
    pub timestamp: &'h str,
    /// `webhook-signature`
    pub signature: &'h str,
}

/// A message that is what a party sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The same whenever the message comes again.
    pub id: String,
    /// When it was sent this time.
    pub sent_at: Timestamp,
}

/// Whether a message is signed with one of the secrets (two while they are being changed) and was sent about `now`.
///
/// Signatures are compared in constant time.
///
/// # Errors
/// Why it must not be trusted; nothing of it may then be used.
pub fn verify_webhook(
    secrets: &[WebhookSecret],
    headers: WebhookHeaders<'_>,
    body: &[u8],
    now: Timestamp,
    tolerance: SignedDuration,
) -> Result<Verified, WebhookFault> {
    if headers.id.is_empty() || headers.id.contains('.') {
        return Err(WebhookFault::Header(HEADER_ID));
    }
    let sent_at = sent_at(headers.timestamp)?;
    if now.duration_since(sent_at).abs() > tolerance {
        return Err(WebhookFault::Time);
    }
    for signature in signatures(headers.signature) {
        for secret in secrets {
            let mac = secret.mac(headers.id, headers.timestamp, body)?;
            if mac.verify_slice(&signature).is_ok() {
                return Ok(Verified { id: headers.id.to_owned(), sent_at });
            }
        }
    }
    Err(WebhookFault::Signature)
}

fn sent_at(header: &str) -> Result<Timestamp, WebhookFault> {
    let seconds = header.parse().map_err(|_| WebhookFault::Header(HEADER_TIMESTAMP))?;
    Timestamp::from_second(seconds).map_err(|_| WebhookFault::Header(HEADER_TIMESTAMP))
}

/// The signatures of the version known here; others may stand beside them.
fn signatures(header: &str) -> impl Iterator<Item = Vec<u8>> {
    header
        .split(' ')
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .filter_map(|encoded| BASE64.decode(encoded.as_bytes()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The published example of the specification's libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: &str = "1614265330";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn verify(
        secrets: &[&str],
        signature: &str,
        body: &[u8],
        seconds_later: i64,
    ) -> Result<Verified, WebhookFault> {
        let secrets: Vec<_> = secrets.iter().map(|text| WebhookSecret::read(text).unwrap()).collect();
        let headers = WebhookHeaders { id: ID, timestamp: TIMESTAMP, signature };
        let now = Timestamp::from_second(1_614_265_330 + seconds_later).unwrap();
        verify_webhook(&secrets, headers, body, now, SignedDuration::from_secs(300))
    }

    fn other_secret() -> String {
        WebhookSecret::text_of(&[7; 32])
    }

    #[test]
    fn the_specifications_own_example_is_trusted() {
        assert_eq!(verify(&[SECRET], SIGNATURE, BODY, 0).unwrap().id, ID);
    }

    #[test]
    fn what_is_signed_here_is_as_the_example() {
        let secret = WebhookSecret::read(SECRET).unwrap();
        assert_eq!(secret.sign(ID, 1_614_265_330, BODY).unwrap(), SIGNATURE);
    }

    #[test]
    fn while_secrets_change_either_is_trusted() {
        assert!(verify(&[&other_secret(), SECRET], SIGNATURE, BODY, 0).is_ok());
        let two = format!("v1,AAAA v1a,xyz {SIGNATURE}");
        assert!(verify(&[SECRET], &two, BODY, 0).is_ok());
        assert_eq!(verify(&[&other_secret()], SIGNATURE, BODY, 0), Err(WebhookFault::Signature));
        assert_eq!(verify(&[], SIGNATURE, BODY, 0), Err(WebhookFault::Signature));
    }

    #[test]
    fn a_changed_body_or_signature_is_not_trusted() {
        assert_eq!(verify(&[SECRET], SIGNATURE, b"{}", 0), Err(WebhookFault::Signature));
        for signature in ["", "v1,", "v1,!!", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="] {
            assert_eq!(verify(&[SECRET], signature, BODY, 0), Err(WebhookFault::Signature), "{signature}");
        }
    }

    #[test]
    fn an_old_message_and_one_of_the_future_are_not_trusted() {
        assert!(verify(&[SECRET], SIGNATURE, BODY, 300).is_ok());
        assert_eq!(verify(&[SECRET], SIGNATURE, BODY, 301), Err(WebhookFault::Time));
        assert_eq!(verify(&[SECRET], SIGNATURE, BODY, -301), Err(WebhookFault::Time));
    }

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(format!("{:?}", WebhookSecret::read(SECRET).unwrap()), "WebhookSecret(…)");
        for wrong in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_!", ""] {
            assert!(WebhookSecret::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_message_of_a_kind_not_known_here_is_no_fault() {
        let body = br#"{"timestamp": "2026-11-20T00:00:00Z", "type": "payout.sent", "data": {"id": "po_1"}}"#;
        assert_eq!(Message::read(body).unwrap().event, Event::Other);
    }
}
