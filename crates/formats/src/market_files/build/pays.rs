//! Which charges a program or a method accepts. Gift cards can be paid only where the market has terms for them:
//! what is sold has to be delivered.

use choba_engine::market::{ItemKind, Kinds, Pays};

use super::super::sections::{ItemKindText, PaysSection};
use super::{Builder, item_kind, seller_type};

impl Builder<'_> {
    pub(super) fn pays(&mut self, rule: &str, section: &PaysSection) -> Pays {
        Pays {
            seller_types: section.seller_types.iter().copied().map(seller_type).collect(),
            item_kinds: self.kinds_paid(&format!("{rule}.pays.item_kinds"), section.item_kinds.as_deref()),
            shipping: section.shipping,
            fees: section.fees,
        }
    }

    fn kinds_paid(&mut self, key: &str, named: Option<&[ItemKindText]>) -> Kinds {
        let sells_cards = self.sections.policies.gift_cards.is_some();
        let Some(named) = named else {
            let sold = |kind: &ItemKind| sells_cards || *kind != ItemKind::GiftCard;
            return ItemKind::ALL.into_iter().filter(sold).collect();
        };
        for (index, kind) in named.iter().enumerate() {
            if item_kind(*kind) == ItemKind::GiftCard && !sells_cards {
                let expected = "terms for gift cards in `policies.gift_cards`, where they are sold";
                self.wrong(&format!("{key}.{index}"), "`gift_card`", expected);
            }
        }
        named.iter().copied().map(item_kind).collect()
    }
}
