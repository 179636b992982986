//! A country, as two letters.

/// A country by its two ISO 3166-1 letters, upper case.
///
/// ```
/// use choba_parcel::Country;
///
/// assert_eq!(Country::new("jp"), Country::new("JP"));
/// assert_eq!(Country::new("Japan"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Japan.
    pub const JAPAN: Country = Country(*b"JP");

    /// The country with these two letters, in either case; `None` when they are not two ASCII letters.
    #[must_use]
    pub fn new(letters: &str) -> Option<Country> {
        let letters: [u8; 2] = letters.as_bytes().try_into().ok()?;
        let upper = letters.map(|letter| letter.to_ascii_uppercase());
        upper.iter().all(u8::is_ascii_uppercase).then_some(Country(upper))
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Both constructors take ASCII letters only, so this is always text.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) const fn from_letters(letters: [u8; 2]) -> Country {
        Country(letters)
    }
}
