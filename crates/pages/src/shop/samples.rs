//! Samples of the shop-front and the cart.

use super::cart_page::{CartPage, ShownLine};
use super::shop_front::{ShopFront, ShownGood};
use crate::frame::Room;
use crate::samples::{Sample, both};

/// All of them.
pub fn all() -> Vec<Sample> {
    let good = |kind: &str| ShownGood {
        sku: "A".to_owned(),
        name: "<b>towel</b>".to_owned(),
        seller: "Shop A".to_owned(),
        price: "2,000".to_owned(),
        kind: kind.to_owned(),
    };
    let line = |fault: Option<&str>| ShownLine {
        id: "1".to_owned(),
        name: "towel".to_owned(),
        seller: "Shop A".to_owned(),
        unit_price: "2,000".to_owned(),
        quantity: "2".to_owned(),
        gross: "4,000".to_owned(),
        fault: fault.map(str::to_owned),
    };
    let mut samples = both("shop-front", Room::Shopper, |frame| ShopFront {
        frame,
        goods: ["physical", "digital", "gift_card", "membership"].map(good).into(),
    });
    samples.extend(both("empty shop-front", Room::Shopper, |frame| ShopFront { frame, goods: Vec::new() }));
    samples.extend(both("cart", Room::Shopper, |frame| CartPage {
        frame,
        lines: vec![line(None), line(Some("fault"))],
        total: "8,000".to_owned(),
        has_shop: true,
    }));
    samples.extend(both("empty cart", Room::Shopper, |frame| CartPage {
        frame,
        lines: Vec::new(),
        total: "0".to_owned(),
        has_shop: false,
    }));
    samples
}
