//! A quote request as JSON writes it: borrowed from the text wherever the text needs no unescaping.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// A text, borrowed where possible.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'t>(pub Cow<'t, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request<'t> {
    #[serde(borrow)]
    pub market: Option<Text<'t>>,
    pub at: Option<Text<'t>>,
    #[serde(default, deserialize_with = "or_default")]
    pub customer: Customer<'t>,
    pub lines: Vec<Line<'t>>,
    #[serde(default, deserialize_with = "or_default")]
    pub pay: Pay<'t>,
    #[serde(default, deserialize_with = "or_default")]
    pub coupon_quota_used: Uses<'t>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer<'t> {
    #[serde(borrow)]
    #[serde(rename = "id")]
    pub _id: Option<Text<'t>>,
    pub rank: Option<Text<'t>>,
    #[serde(default, deserialize_with = "or_default")]
    pub orders_before: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub coupons: Vec<Text<'t>>,
    #[serde(default, deserialize_with = "or_default")]
    pub coupon_uses: Uses<'t>,
    #[serde(default, deserialize_with = "or_default")]
    pub lots: Vec<Lot<'t>>,
    #[serde(default, deserialize_with = "or_default")]
    pub links: Vec<Link<'t>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lot<'t> {
    #[serde(borrow)]
    pub program: Text<'t>,
    pub kind: Option<Text<'t>>,
    pub amount: i64,
    pub available_at: Option<Text<'t>>,
    pub expires_at: Option<Text<'t>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link<'t> {
    #[serde(borrow)]
    pub program: Text<'t>,
    pub balance: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub always_use: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub earned_last_3_months: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub earned_this_month: i64,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line<'t> {
    #[serde(borrow)]
    pub id: Text<'t>,
    pub sku: Text<'t>,
    pub seller: Text<'t>,
    pub kind: Text<'t>,
    pub unit_price: i64,
    pub quantity: i64,
    pub tax_rate: Text<'t>,
    #[serde(default = "yes")]
    pub tax_included: bool,
    pub multiplier: Option<Text<'t>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay<'t> {
    #[serde(borrow)]
    pub coupons: Option<Vec<Text<'t>>>,
    pub stored: Option<Vec<Stored<'t>>>,
    pub method: Option<Method<'t>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored<'t> {
    #[serde(borrow)]
    pub program: Text<'t>,
    pub kind: Option<Text<'t>>,
    pub amount: Amount<'t>,
}

/// An integer or a word.
#[derive(Debug)]
pub enum Amount<'t> {
    Integer(i64),
    Word(Text<'t>),
    TooLarge,
}

impl<'de: 't, 't> Deserialize<'de> for Amount<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AmountVisitor;
        impl<'de> Visitor<'de> for AmountVisitor {
            type Value = Amount<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or \"all\"")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Amount<'de>, E> {
                Ok(Amount::Integer(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount<'de>, E> {
                Ok(i64::try_from(number).map_or(Amount::TooLarge, Amount::Integer))
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Amount<'de>, E> {
                Ok(Amount::Word(Text(Cow::Borrowed(text))))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount<'de>, E> {
                Ok(Amount::Word(Text(Cow::Owned(text.to_owned()))))
            }
        }
        deserializer.deserialize_any(AmountVisitor)
    }
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method<'t> {
    #[serde(borrow)]
    #[serde(rename = "type")]
    pub method_type: Text<'t>,
    pub brand: Option<Text<'t>>,
    #[serde(default, deserialize_with = "or_default")]
    pub linked: bool,
}

/// Counts by id, in the order given.
#[derive(Debug, Default)]
pub struct Uses<'t>(pub Vec<(Text<'t>, i64)>);

impl<'de: 't, 't> Deserialize<'de> for Uses<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UsesVisitor;
        impl<'de> Visitor<'de> for UsesVisitor {
            type Value = Uses<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("counts by coupon id")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Uses<'de>, M::Error> {
                let mut uses = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    uses.push(entry);
                }
                Ok(Uses(uses))
            }
        }
        deserializer.deserialize_map(UsesVisitor)
    }
}

/// Some programs write `null` for what they leave out.
fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn yes() -> bool {
    true
}
