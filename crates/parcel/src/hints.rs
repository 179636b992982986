//! What the asker knows beside the number.

use crate::carrier::Carrier;
use crate::country::Country;

/// What is known beside the number; it moves the ranking, never the validity of a form.
///
/// ```
/// use choba_parcel::{Carrier, Country, Hints, parse_with};
///
/// let number = "986578788855";
/// let used = [Carrier::from_id("sagawa"), Carrier::from_id("fedex")].map(|carrier| carrier.expect("known"));
/// let hints = Hints::none().in_country(Country::JAPAN).used_by_market(&used);
/// assert_eq!(parse_with(number, &hints).carrier().map(Carrier::id), Some("fedex"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hints<'h> {
    /// The country the asker is in: carriers at home there come first among equals.
    pub country: Option<Country>,
    /// The carriers the market uses: they come first among equals. Empty when nothing is known.
    pub carriers: &'h [Carrier],
}

impl<'h> Hints<'h> {
    /// Nothing is known.
    #[must_use]
    pub const fn none() -> Hints<'h> {
        Hints { country: None, carriers: &[] }
    }

    /// The same hints, and the asker's country.
    #[must_use]
    pub const fn in_country(self, country: Country) -> Hints<'h> {
        Hints { country: Some(country), ..self }
    }

    /// The same hints, and the carriers the market uses.
    #[must_use]
    pub const fn used_by_market(self, carriers: &'h [Carrier]) -> Hints<'h> {
        Hints { carriers, ..self }
    }

    pub(crate) fn is_home(&self, carrier: Carrier) -> bool {
        self.country.is_some() && self.country == carrier.home()
    }

    pub(crate) fn is_used(&self, carrier: Carrier) -> bool {
        self.carriers.contains(&carrier)
    }
}
