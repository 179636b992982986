//! Who carries a parcel: one id over the couriers and the posts.

use crate::country::Country;
use crate::couriers::COURIERS;
use crate::posts::POSTS;

/// A carrier known to this crate, a small copyable id.
///
/// ```
/// use choba_parcel::Carrier;
///
/// let yamato = Carrier::from_id("yamato").ok_or("no such carrier")?;
/// assert_eq!(yamato.id(), "yamato");
/// assert_eq!(yamato.name_ja(), "ヤマト運輸");
/// assert_eq!(Carrier::from_id("nobody"), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Carrier(u16);

const COURIER_COUNT: u16 = COURIERS.len() as u16;

/// `S10[26 * first + second]`: whose post the two country letters name.
const S10: [Option<Carrier>; 26 * 26] = by_country();

impl Carrier {
    /// The carrier with this stable id (`"yamato"`, `"japan-post"`, `"la-poste"` …).
    #[must_use]
    pub fn from_id(id: &str) -> Option<Carrier> {
        Carrier::all().find(|carrier| carrier.id() == id)
    }

    /// Every carrier, couriers first, then the posts that are not couriers too.
    pub fn all() -> impl Iterator<Item = Carrier> {
        let posts = POSTS.iter().enumerate().filter(|(_, post)| courier_index(post.id).is_none());
        (0..COURIER_COUNT).map(Carrier).chain(posts.map(|(place, _)| Carrier(COURIER_COUNT + place as u16)))
    }

    /// The stable id: lower case, words joined by hyphens.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.facts(|courier| courier.id, |post| post.id)
    }

    /// The name in English.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts(|courier| courier.name, |post| post.name)
    }

    /// The name in Japanese; posts abroad keep their own name.
    #[must_use]
    pub fn name_ja(self) -> &'static str {
        self.facts(|courier| courier.name_ja, |post| post.name)
    }

    /// Where the carrier is at home, if it is at home in one place.
    #[must_use]
    pub fn home(self) -> Option<Country> {
        self.facts(|courier| courier.home, |post| Some(post.country)).map(Country::from_letters)
    }

    /// The tracking page with `%s` in place of the number.
    pub(crate) fn track_pattern(self) -> Option<&'static str> {
        self.facts(|courier| courier.track, |post| post.track)
    }

    /// Whose post an S10 number ending in these letters is.
    pub(crate) fn of_country(letters: [u8; 2]) -> Option<Carrier> {
        let [first, second] = letters.map(|letter| usize::from(letter.wrapping_sub(b'A')));
        if first < 26 && second < 26 { S10[26 * first + second] } else { None }
    }

    /// The courier with this id, looked up while compiling: a row that names nobody does not compile.
    #[expect(clippy::panic, reason = "only the compiler reaches it: every caller is a constant")]
    pub(crate) const fn courier(id: &str) -> Carrier {
        match courier_index(id) {
            Some(place) => Carrier(place),
            None => panic!("a format names a courier that has no row"),
        }
    }

    fn facts<T>(
        self,
        courier: impl Fn(&'static crate::couriers::Courier) -> T,
        post: impl Fn(&'static crate::posts::Post) -> T,
    ) -> T {
        match self.0.checked_sub(COURIER_COUNT) {
            None => courier(&COURIERS[usize::from(self.0)]),
            Some(place) => post(&POSTS[usize::from(place)]),
        }
    }
}

impl core::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Carrier({})", self.id())
    }
}

impl core::fmt::Display for Carrier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.id())
    }
}

const fn by_country() -> [Option<Carrier>; 26 * 26] {
    let mut table = [None; 26 * 26];
    let mut place = 0;
    while place < POSTS.len() {
        let [first, second] = POSTS[place].country;
        let index = match courier_index(POSTS[place].id) {
            Some(courier) => courier,
            None => COURIER_COUNT + place as u16,
        };
        table[26 * (first - b'A') as usize + (second - b'A') as usize] = Some(Carrier(index));
        place += 1;
    }
    table
}

const fn courier_index(id: &str) -> Option<u16> {
    let mut place = 0;
    while place < COURIERS.len() {
        if same(COURIERS[place].id.as_bytes(), id.as_bytes()) {
            return Some(place as u16);
        }
        place += 1;
    }
    None
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut place = 0;
    while place < left.len() {
        if left[place] != right[place] {
            return false;
        }
        place += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn posts_are_sorted_and_every_country_stands_once() {
        assert!(POSTS.windows(2).all(|pair| pair[0].country < pair[1].country));
    }

    #[test]
    fn ids_are_unique_lower_case_and_found_again() {
        let ids: BTreeSet<_> = Carrier::all().map(Carrier::id).collect();
        assert_eq!(ids.len(), Carrier::all().count());
        for carrier in Carrier::all() {
            assert_eq!(Carrier::from_id(carrier.id()), Some(carrier));
            assert!(carrier.id().bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric()));
            assert!(!carrier.id().bytes().any(|byte| byte.is_ascii_uppercase()));
        }
    }

    #[test]
    fn every_link_has_one_place_for_the_number() {
        for carrier in Carrier::all() {
            if let Some(pattern) = carrier.track_pattern() {
                assert_eq!(pattern.matches("%s").count(), 1, "{carrier}");
                assert!(pattern.starts_with("https://"), "{carrier}");
            }
        }
    }

    #[test]
    fn the_country_letters_name_the_post() {
        for (letters, id) in
            [(b"JP", "japan-post"), (b"GB", "royal-mail"), (b"US", "usps"), (b"TW", "chunghwa-post")]
        {
            assert_eq!(Carrier::of_country(*letters).map(Carrier::id), Some(id));
        }
        assert_eq!(Carrier::of_country(*b"XX"), None);
    }
}
