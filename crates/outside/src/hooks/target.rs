//! Where messages may go: to machines of the open internet, and nowhere into the network that this program is in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use super::HookSettings;

/// The longest address that is accepted, in bytes.
const LENGTH_MAX: usize = 2_048;

/// Why nothing is sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetFault {
    /// It is none.
    #[error("expected an address such as https://example.com/hooks, of at most 2,048 bytes")]
    Form,
    /// It is not encrypted.
    #[error("expected https")]
    NotEncrypted,
    /// It has a name, a password or a fragment in it.
    #[error("expected an address without user, password and fragment")]
    More,
    /// It is in a private network, on this machine, or otherwise not of the open internet.
    #[error("expected a host of the open internet")]
    NotPublic,
}

/// Whether messages may be sent to an address. What a name stands for is looked at when it is connected to.
///
/// # Errors
/// Why not.
pub fn checked(text: &str, settings: &HookSettings) -> Result<Url, TargetFault> {
    if text.len() > LENGTH_MAX {
        return Err(TargetFault::Form);
    }
    let url = Url::parse(text).map_err(|_| TargetFault::Form)?;
    match url.scheme() {
        "https" => {}
        "http" if settings.plain_allowed => {}
        "http" => return Err(TargetFault::NotEncrypted),
        _ => return Err(TargetFault::Form),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(TargetFault::More);
    }
    let host = url.host_str().ok_or(TargetFault::Form)?;
    if settings.private_allowed || may_be_public(host) { Ok(url) } else { Err(TargetFault::NotPublic) }
}

/// Names that always mean this machine or its network, and addresses that are not public.
fn may_be_public(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return is_public(address);
    }
    let name = bare.trim_end_matches('.').to_ascii_lowercase();
    let inner = ["localhost", "local", "internal", "lan", "home.arpa"];
    name.contains('.') && !inner.iter().any(|inner| name == *inner || name.ends_with(&format!(".{inner}")))
}

/// Whether an address is of the open internet: the registries of special addresses (IANA) name none of it.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        // Addresses that carry one of the old kind lead there.
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => v4(g, h),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => v4(g, h),
        (0x2002, _) => v4(b, c),
        // Teredo and other uses of protocols, documentation.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, _) => false,
        _ => (0x2000..=0x3fff).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: HookSettings = HookSettings::STRICT;

    #[test]
    fn nothing_goes_to_private_loopback_link_local_or_metadata_addresses() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.1.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:a00:1::",
            "2002:7f00:1::",
            "100::1",
            "3fff::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_open_internet_is_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "2002:101:101::",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_encrypted_bare_and_of_the_open_internet() {
        for url in ["https://example.com/hooks", "https://example.com:8443/a?b=c", "https://93.184.215.14/"] {
            assert!(checked(url, &STRICT).is_ok(), "{url}");
        }
        for (url, fault) in [
            ("http://example.com/", TargetFault::NotEncrypted),
            ("ftp://example.com/", TargetFault::Form),
            ("example.com", TargetFault::Form),
            ("https://", TargetFault::Form),
            ("https://user@example.com/", TargetFault::More),
            ("https://user:pass@example.com/", TargetFault::More),
            ("https://example.com/#x", TargetFault::More),
            ("https://localhost/", TargetFault::NotPublic),
            ("https://a.localhost./", TargetFault::NotPublic),
            ("https://intranet/", TargetFault::NotPublic),
            ("https://metadata.google.internal/", TargetFault::NotPublic),
            ("https://127.1/", TargetFault::NotPublic),
            ("https://0x7f.1/", TargetFault::NotPublic),
            ("https://2130706433/", TargetFault::NotPublic),
            ("https://[::ffff:10.0.0.1]/", TargetFault::NotPublic),
            ("https://169.254.169.254/latest/meta-data/", TargetFault::NotPublic),
        ] {
            assert_eq!(checked(url, &STRICT), Err(fault), "{url}");
        }
        assert_eq!(
            checked(&format!("https://example.com/{}", "a".repeat(2_048)), &STRICT),
            Err(TargetFault::Form)
        );
    }

    #[test]
    fn what_is_allowed_by_settings_is_allowed() {
        let open = HookSettings { plain_allowed: true, private_allowed: true, ..STRICT };
        assert!(checked("http://127.0.0.1:9/", &open).is_ok());
        let plain = HookSettings { plain_allowed: true, ..STRICT };
        assert_eq!(checked("http://127.0.0.1:9/", &plain), Err(TargetFault::NotPublic));
    }
}
