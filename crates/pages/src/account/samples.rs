//! Samples of the account's pages.

use jiff::Timestamp;

use super::contact::ContactPage;
use super::devices::{AccountPage, Device};
use crate::fields::Faults;
use crate::frame::Room;
use crate::samples::{Sample, both};

fn device(name: &str, is_this: bool) -> Device {
    let at = Timestamp::UNIX_EPOCH;
    Device { session_id: "ses_1".to_owned(), name: name.to_owned(), since: at, seen_at: at, is_this }
}

pub fn all() -> Vec<Sample> {
    let mut samples = both("account", Room::Shopper, |frame| AccountPage {
        frame,
        customer_id: "<hanako>".to_owned(),
        devices: vec![device("<Chrome>", true), device("", false)],
    });
    samples.extend(both("account, this device alone", Room::Shopper, |frame| AccountPage {
        frame,
        customer_id: "hanako".to_owned(),
        devices: vec![device("Chrome", true)],
    }));
    for is_set in [true, false] {
        samples.extend(both("contact", Room::Shopper, |frame| ContactPage {
            frame,
            email: "\"><script>".to_owned(),
            language: "ja".to_owned(),
            points_notices: is_set,
            is_set,
            faults: Faults::one("email", "no"),
        }));
    }
    samples
}
