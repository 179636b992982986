//! The published list: signed, expiring, and refused after any change.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

use choba_guard::Official;
use choba_guard::publish::{
    KeyFault, NotPublishable, NotVerified, OfficialContacts, PublicKey, SecretKey, SecurityTxtFault,
    SignedContacts, Validity, security_txt,
};
use jiff::Timestamp;

/// Made by `openssl genpkey -algorithm ed25519` for these tests only.
const PEM: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
";
const SEED: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn official() -> Official {
    Official::from_list(["example-shop.co.jp", "楽天.jp", "0120-899-543", "news@letters.test.jp"]).unwrap()
}

fn contacts() -> OfficialContacts {
    let (issued, expires) = (time("2026-11-21T12:00:00.5+09:00"), time("2027-02-19T12:00:00+09:00"));
    OfficialContacts::new(&official(), issued, expires).unwrap()
}

#[test]
fn the_signed_bytes_are_canonical() {
    assert_eq!(
        contacts().canonical(),
        r#"{"domains":["example-shop.co.jp","xn--rssv39a.jp"],"expires_at":"2027-02-19T03:00:00Z","#
            .to_owned()
            + r#""issued_at":"2026-11-21T03:00:00Z","phones":["+81120899543"],"#
            + r#""senders":["news@letters.test.jp"],"version":1}"#
    );
}

#[test]
fn a_file_that_was_written_verifies() {
    let key = SecretKey::from_text(PEM).unwrap();
    let file = contacts().signed(&key).to_json();
    let read = SignedContacts::from_json(&file).unwrap();
    assert_eq!(read.verify(&key.public()), Ok(()));
    assert_eq!(PublicKey::from_text(&key.public().to_base64()).unwrap(), key.public());
}

#[test]
fn pem_and_seed_are_the_same_key() {
    assert_eq!(SecretKey::from_text(PEM).unwrap().public(), SecretKey::from_text(SEED).unwrap().public());
}

#[test]
fn any_change_breaks_the_signature() {
    let key = SecretKey::from_text(SEED).unwrap();
    let file = contacts().signed(&key).to_json();
    for (from, to) in [
        ("example-shop.co.jp", "examp1e-shop.co.jp"),
        ("2027-02-19", "2037-02-19"),
        ("+81120899543", "+81120899544"),
        ("2026-11-21", "2026-11-20"),
    ] {
        let changed = SignedContacts::from_json(&file.replace(from, to)).unwrap();
        assert_eq!(changed.verify(&key.public()), Err(NotVerified::BadSignature), "{from}");
    }
    let other = SecretKey::from_text("AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let signed = SignedContacts::from_json(&file).unwrap();
    assert_eq!(signed.verify(&other.public()), Err(NotVerified::BadSignature));
}

#[test]
fn repeated_and_unknown_fields_are_refused() {
    let key = SecretKey::from_text(SEED).unwrap();
    let file = contacts().signed(&key).to_json();
    for (from, to) in
        [("\"phones\"", "\"domains\": [], \"phones\""), ("\"phones\"", "\"more\": 1, \"phones\"")]
    {
        let changed = SignedContacts::from_json(&file.replacen(from, to, 1));
        assert!(matches!(changed, Err(NotVerified::Unreadable(_))), "{to}");
    }
    let later = SignedContacts::from_json(&file.replace("\"version\": 1", "\"version\": 2")).unwrap();
    assert!(matches!(later.verify(&key.public()), Err(NotVerified::UnknownVersion { version: 2, .. })));
}

#[test]
fn the_last_thirty_days_are_announced() {
    let list = contacts();
    for (now, validity) in [
        ("2026-11-21T12:00:00+09:00", Validity::Valid),
        ("2027-01-20T12:00:00+09:00", Validity::Valid),
        ("2027-01-20T12:00:01+09:00", Validity::ExpiresSoon { days: 29 }),
        ("2027-02-19T11:59:59+09:00", Validity::ExpiresSoon { days: 0 }),
        ("2027-02-19T12:00:00+09:00", Validity::Expired),
    ] {
        assert_eq!(list.validity(time(now)), validity, "{now}");
    }
}

#[test]
fn what_cannot_be_relied_on_is_not_published() {
    let now = time("2026-11-21T12:00:00+09:00");
    assert_eq!(OfficialContacts::new(&official(), now, now), Err(NotPublishable::ExpiresBeforeIssue));
    let nothing = Official::from_list([""; 0]).unwrap();
    assert_eq!(
        OfficialContacts::new(&nothing, now, time("2027-01-01T00:00:00Z")),
        Err(NotPublishable::Empty)
    );
}

#[test]
fn keys_that_are_none_are_named_without_being_shown() {
    assert_eq!(SecretKey::from_text("").unwrap_err(), KeyFault::NotAKey);
    assert_eq!(SecretKey::from_text("AAEC").unwrap_err(), KeyFault::NotAKey);
    assert_eq!(PublicKey::from_text(PEM).unwrap_err(), KeyFault::SecretInsteadOfPublic);
    let public = "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n";
    assert_eq!(SecretKey::from_text(public).unwrap_err(), KeyFault::PublicInsteadOfSecret);
    assert_eq!(PublicKey::from_text(public).unwrap_err(), KeyFault::OtherKey);
    assert_eq!(format!("{:?}", SecretKey::from_text(SEED).unwrap()), "SecretKey(…)");
}

#[test]
fn security_txt_has_what_the_standard_wants() {
    let text = security_txt(
        &official(),
        &["https://example-shop.co.jp/report".into()],
        time("2027-02-19T03:00:00Z"),
    );
    assert_eq!(
        text.unwrap(),
        "Contact: https://example-shop.co.jp/report\n\
         Contact: tel:+81120899543\n\
         Contact: mailto:news@letters.test.jp\n\
         Expires: 2027-02-19T03:00:00Z\n\
         Preferred-Languages: ja, en\n\
         Canonical: https://example-shop.co.jp/.well-known/security.txt\n\
         Canonical: https://xn--rssv39a.jp/.well-known/security.txt\n"
    );
}

#[test]
fn security_txt_without_a_contact_or_with_a_wrong_one_is_refused() {
    let expires = time("2027-02-19T03:00:00Z");
    let domains = Official::from_list(["example-shop.co.jp"]).unwrap();
    assert_eq!(security_txt(&domains, &[], expires), Err(SecurityTxtFault::NoContact));
    for contact in ["http://example-shop.co.jp", "mail me", "mailto:a@b.jp\nExpires: never", ""] {
        let refused = security_txt(&domains, &[contact.into()], expires);
        assert_eq!(refused, Err(SecurityTxtFault::NotAContact(contact.into())));
    }
}
