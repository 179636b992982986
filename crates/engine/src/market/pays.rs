//! Which charges a tender may pay.

use super::{ItemKind, SellerType};

/// A set of item kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// Every kind.
    pub const ALL: Self = Self(0b1111);

    /// Whether `kind` is among them.
    pub fn contain(self, kind: ItemKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    fn bit(kind: ItemKind) -> u8 {
        match kind {
            ItemKind::Physical => 0b0001,
            ItemKind::Digital => 0b0010,
            ItemKind::Membership => 0b0100,
            ItemKind::GiftCard => 0b1000,
        }
    }
}

impl FromIterator<ItemKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = ItemKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |set, kind| set | Self::bit(kind)))
    }
}

/// A set of seller types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SellerTypes(u8);

impl SellerTypes {
    /// Every type.
    pub const ALL: Self = Self(0b111);

    /// Whether `seller_type` is among them.
    pub fn contain(self, seller_type: SellerType) -> bool {
        self.0 & Self::bit(seller_type) != 0
    }

    fn bit(seller_type: SellerType) -> u8 {
        match seller_type {
            SellerType::Platform => 0b001,
            SellerType::Store => 0b010,
            SellerType::Individual => 0b100,
        }
    }
}

impl FromIterator<SellerType> for SellerTypes {
    fn from_iter<I: IntoIterator<Item = SellerType>>(types: I) -> Self {
        Self(types.into_iter().fold(0, |set, seller_type| set | Self::bit(seller_type)))
    }
}

/// Which charges a program or method accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pays {
    /// Whose goods.
    pub seller_types: SellerTypes,
    /// What kinds of goods.
    pub item_kinds: Kinds,
    /// Also the shipping of goods that it accepts.
    pub shipping: bool,
    /// Also the fee of the method.
    pub fees: bool,
}

impl Pays {
    /// Whether it accepts such a line.
    pub fn line(&self, seller_type: SellerType, kind: ItemKind) -> bool {
        self.seller_types.contain(seller_type) && self.item_kinds.contain(kind)
    }

    /// Whether it accepts the shipping of such a seller. Shipping goes with the goods that are shipped.
    pub fn shipping(&self, seller_type: SellerType) -> bool {
        self.shipping
            && ItemKind::ALL.iter().any(|kind| kind.needs_shipping() && self.line(seller_type, *kind))
    }
}
