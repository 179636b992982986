//! Templates of replies: versions of a text with named places, each of a kind, which are all filled in or nothing is
//! sent.
//!
//! A template is written by staff and never by a customer, and what is filled in is never read as a template again.
//! Amounts of money and points come from the books as figures; a text that states one by itself is refused, because it
//! would be true for one customer only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What stands in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// A text of the program or of an agent.
    Text,
    /// Yen, from the books.
    Yen,
    /// Points, from the books.
    Points,
    /// A day.
    Date,
}

/// A named place of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub kind: PlaceKind,
}

/// What is filled in, written for the customer's language by whoever knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// What it is.
    pub kind: PlaceKind,
    /// As the customer reads it.
    pub text: String,
}

/// A version of a template in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTemplate {
    /// By which it is called.
    pub key: String,
    /// From 1; a version never changes.
    pub version: u32,
    /// `ja` or `en`.
    pub language: String,
    /// What staff choose it by.
    pub title: String,
    /// The text, with places as `{{ name }}`.
    pub body: String,
    /// Its places.
    pub places: Vec<Place>,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// Places that nothing is known for, or nothing but blanks: nothing is sent.
    #[error("nothing is known for: {}", names.join(", "))]
    Undefined {
        /// Which.
        names: Vec<String>,
    },
    /// A place is filled with something of another kind.
    #[error("{name} is not of the kind that the template says")]
    Kind {
        /// Which.
        name: String,
    },
    /// The text has a place that the template does not list, or the other way round.
    #[error("{name} is not both in the text and among the places")]
    Places {
        /// Which.
        name: String,
    },
    /// A place is not closed, or its name is none.
    #[error("a place in the text cannot be read near {near:?}")]
    Syntax {
        /// Where.
        near: String,
    },
    /// The text states an amount by itself.
    #[error("an amount stands in the text: amounts come from the books, as places of their kind")]
    Amount,
    /// There is no text, or too much of it.
    #[error("the text must have 1 to {most} bytes")]
    Length {
        /// How long it may be.
        most: usize,
    },
    /// It is in a language that nobody is answered in.
    #[error("the language must be ja or en")]
    Language,
}

/// The longest text of a template, in bytes.
pub const BODY_MAX: usize = 10_000;

enum Piece<'b> {
    Plain(&'b str),
    Place(&'b str),
}

fn pieces(body: &str) -> Result<Vec<Piece<'_>>, TemplateFault> {
    let (mut found, mut rest) = (Vec::new(), body);
    while let Some((plain, after)) = rest.split_once("{{") {
        let syntax = || TemplateFault::Syntax { near: after.chars().take(20).collect() };
        let (name, after) = after.split_once("}}").ok_or_else(syntax)?;
        let name = name.trim();
        if !is_name(name) {
            return Err(syntax());
        }
        found.extend([Piece::Plain(plain), Piece::Place(name)]);
        rest = after;
    }
    if rest.contains("}}") || body.contains("{%") {
        return Err(TemplateFault::Syntax { near: rest.chars().take(20).collect() });
    }
    found.push(Piece::Plain(rest));
    Ok(found)
}

fn is_name(name: &str) -> bool {
    let letters =
        name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    letters && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.len() <= 40
}

impl ReplyTemplate {
    /// Whether it can be used at all, before it is published.
    ///
    /// # Errors
    /// [`TemplateFault`], the first that is found.
    pub fn check(&self) -> Result<(), TemplateFault> {
        if self.body.trim().is_empty() || self.body.len() > BODY_MAX {
            return Err(TemplateFault::Length { most: BODY_MAX });
        }
        if !matches!(self.language.as_str(), "ja" | "en") {
            return Err(TemplateFault::Language);
        }
        let pieces = pieces(&self.body)?;
        let mut named: Vec<&str> = Vec::new();
        for piece in &pieces {
            match piece {
                Piece::Plain(text) if states_amount(text) => return Err(TemplateFault::Amount),
                Piece::Plain(_) => {}
                Piece::Place(name) => named.push(name),
            }
        }
        let listed: Vec<&str> = self.places.iter().map(|place| place.name.as_str()).collect();
        let odd = named.iter().find(|name| !listed.contains(name));
        let odd = odd.or_else(|| listed.iter().find(|name| !named.contains(name)));
        odd.map_or(Ok(()), |name| Err(TemplateFault::Places { name: (*name).to_owned() }))
    }

    /// The reply, with every place filled in.
    ///
    /// # Errors
    /// [`TemplateFault::Undefined`] with all places that nothing is known for, [`TemplateFault::Kind`], and what
    /// [`ReplyTemplate::check`] finds.
    pub fn fill(&self, filled: &BTreeMap<String, Filled>) -> Result<String, TemplateFault> {
        self.check()?;
        let known = |name: &str| filled.get(name).filter(|filled| !filled.text.trim().is_empty());
        let missing = self.places.iter().filter(|place| known(&place.name).is_none());
        let names: Vec<String> = missing.map(|place| place.name.clone()).collect();
        if !names.is_empty() {
            return Err(TemplateFault::Undefined { names });
        }
        let mut reply = String::with_capacity(self.body.len());
        for piece in pieces(&self.body)? {
            match piece {
                Piece::Plain(text) => reply.push_str(text),
                Piece::Place(name) => {
                    let place = self.places.iter().find(|place| place.name == name);
                    let value =
                        known(name).filter(|value| place.is_some_and(|place| place.kind == value.kind));
                    let value = value.ok_or_else(|| TemplateFault::Kind { name: name.to_owned() })?;
                    reply.push_str(&value.text);
                }
            }
        }
        Ok(reply)
    }
}

/// Whether a text states yen or points in figures.
fn states_amount(text: &str) -> bool {
    let letters: Vec<char> =
        text.chars().filter(|letter| !letter.is_whitespace() && *letter != ',').collect();
    let is_digit = |letter: Option<&char>| letter.is_some_and(|letter| letter.is_numeric());
    (0..letters.len()).any(|place| match letters.get(place) {
        Some('円') => place.checked_sub(1).is_some_and(|before| is_digit(letters.get(before))),
        Some('¥' | '￥') => is_digit(letters.get(place.saturating_add(1))),
        Some(letter) if letter.is_numeric() => {
            let after: String = letters.iter().skip(place.saturating_add(1)).take(4).collect();
            let after = after.to_lowercase();
            after.starts_with("yen") || after.starts_with("ポイント") || after.starts_with("poin")
        }
        _ => false,
    })
}

/// The first place that stands unfilled in a reply: `{{ name }}` or `{% name %}`, as templates here and elsewhere write
/// them. What merely looks like it, such as `{{7*7}}`, is plain text.
pub fn placeholder_in(text: &str) -> Option<String> {
    let find = |open: &str, close: &str| {
        text.split(open).skip(1).find_map(|after| {
            let name = after.split_once(close)?.0.trim();
            let letters = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
            (!name.is_empty()
                && name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.chars().all(letters))
            .then(|| name.to_owned())
        })
    };
    find("{{", "}}").or_else(|| find("{%", "%}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(body: &str, places: &[(&str, PlaceKind)]) -> ReplyTemplate {
        let places =
            places.iter().map(|(name, kind)| Place { name: (*name).to_owned(), kind: *kind }).collect();
        let (key, title) = ("refund_done".to_owned(), "返金".to_owned());
        ReplyTemplate { key, version: 1, language: "ja".to_owned(), title, body: body.to_owned(), places }
    }

    fn filled(values: &[(&str, PlaceKind, &str)]) -> BTreeMap<String, Filled> {
        let one = |(name, kind, text): &(&str, PlaceKind, &str)| {
            ((*name).to_owned(), Filled { kind: *kind, text: (*text).to_owned() })
        };
        values.iter().map(one).collect()
    }

    #[test]
    fn a_place_that_nothing_is_known_for_keeps_the_reply_from_being_sent() {
        let template = template(
            "{{ order_number }} の {{ amount }} を返金しました。",
            &[("order_number", PlaceKind::Text), ("amount", PlaceKind::Yen)],
        );
        let only = filled(&[("order_number", PlaceKind::Text, "250-1")]);
        assert_eq!(template.fill(&only), Err(TemplateFault::Undefined { names: vec!["amount".to_owned()] }));
        let blank = filled(&[("order_number", PlaceKind::Text, " "), ("amount", PlaceKind::Yen, "1,200円")]);
        assert_eq!(
            template.fill(&blank),
            Err(TemplateFault::Undefined { names: vec!["order_number".to_owned()] })
        );
        let all =
            filled(&[("order_number", PlaceKind::Text, "250-1"), ("amount", PlaceKind::Yen, "1,200円")]);
        assert_eq!(template.fill(&all).unwrap(), "250-1 の 1,200円 を返金しました。");
    }

    #[test]
    fn money_is_a_figure_from_the_books_and_never_a_text() {
        let yen = template("{{ amount }}", &[("amount", PlaceKind::Yen)]);
        let typed = filled(&[("amount", PlaceKind::Text, "1,200円")]);
        assert_eq!(yen.fill(&typed), Err(TemplateFault::Kind { name: "amount".to_owned() }));
        for body in [
            "500円をお返しします",
            "¥ 500",
            "１，０００円",
            "500 yen",
            "We give 300 points",
            "３００ポイント",
        ] {
            assert_eq!(template(body, &[]).check(), Err(TemplateFault::Amount), "{body}");
        }
        assert_eq!(template("10日ほどお待ちください。ポイントは後日つきます。", &[]).check(), Ok(()));
    }

    #[test]
    fn what_is_filled_in_is_not_read_as_a_template() {
        let template =
            template("{{ word }} {{ other }}", &[("word", PlaceKind::Text), ("other", PlaceKind::Text)]);
        let values =
            filled(&[("word", PlaceKind::Text, "{{ other }}"), ("other", PlaceKind::Text, "{{7*7}}")]);
        assert_eq!(template.fill(&values).unwrap(), "{{ other }} {{7*7}}");
    }

    #[test]
    fn a_text_and_its_places_agree() {
        let text = PlaceKind::Text;
        assert_eq!(template("{{ a }}", &[]).check(), Err(TemplateFault::Places { name: "a".to_owned() }));
        assert_eq!(
            template("x", &[("a", text)]).check(),
            Err(TemplateFault::Places { name: "a".to_owned() })
        );
        for body in ["{{ a", "a }}", "{{7*7}}", "{{ a.b }}", "{% if %}", "{{}}", "{{ A }}"] {
            assert!(
                matches!(template(body, &[("a", text)]).check(), Err(TemplateFault::Syntax { .. })),
                "{body}"
            );
        }
    }

    #[test]
    fn a_placeholder_is_found_in_a_reply_and_plain_text_is_not_one() {
        assert_eq!(
            placeholder_in("こんにちは {%customer.firstName%} 様"),
            Some("customer.firstName".to_owned())
        );
        assert_eq!(placeholder_in("Dear {{ name }},"), Some("name".to_owned()));
        for plain in ["{{7*7}}", "{{ }}", "{ name }", "a {{ b", "100%}"] {
            assert_eq!(placeholder_in(plain), None, "{plain}");
        }
    }
}
