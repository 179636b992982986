//! The demo: shoppers with wallets and orders in every state, staff of every role, and who to be.
//!
//! Everything is done by the counter's own use cases, at times that have passed. Books that have the demo's shopper already
//! are left as they are.

mod care;
mod shop;

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::anyhow;
use choba_app::{Caller, Counter, MakeApiKey, OrdersWanted, Right, Role, Whose};
use choba_pages::DemoPerson;
use choba_server::identity::{OwnIssuer, Subject};
use jiff::{SignedDuration, Timestamp};

use crate::data_directory::{hexadecimal, random};
use crate::database::{explained_app, now};
use shop::Shop;

const RAKUTEN: &str = "rakuten-style";
const AMAZON: &str = "amazon-style";

/// How long the demo's tokens are good.
const TOKENS_LIVE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Fills empty books, and prints who to be.
pub async fn fill(counter: &Counter, own: &OwnIssuer, address: &str) -> anyhow::Result<()> {
    for market in [RAKUTEN, AMAZON] {
        if counter.markets().get(market).is_err() {
            return Err(anyhow!("--demo: needs the sample markets; leave --market out"));
        }
    }
    if is_empty(counter).await? {
        let day = now().checked_sub(SignedDuration::from_hours(24 * 12))?;
        fill_rakuten(&Shop::new(counter, RAKUTEN, day)).await?;
        fill_amazon(&Shop::new(counter, AMAZON, day)).await?;
    }
    let told = format!("{}{}", told_of_people(own, now())?, told_of_key(counter, address).await?);
    // All at once; a reader who has seen enough and went away is none of the service's business.
    let _ = std::io::stdout().lock().write_all(told.as_bytes());
    Ok(())
}

async fn is_empty(counter: &Counter) -> anyhow::Result<bool> {
    let whose = Whose::new("hanako", RAKUTEN);
    let orders = counter.orders_of(&whose, OrdersWanted::All, None, 1).await.map_err(explained_app)?;
    Ok(orders.is_empty())
}

/// Hanako has coupons, points of every kind, and orders in every state.
async fn fill_rakuten(shop: &Shop<'_>) -> anyhow::Result<()> {
    shop.rank("hanako", "gold").await?;
    for coupon in ["A500", "A10P", "SHOPA10P", "SHOPA500", "SHOPBSOLO", "SHOPCSHIP", "MALL5P"] {
        shop.coupon("hanako", coupon).await?;
    }
    shop.grant("hanako", "rakuten", Some("ordinary"), 1_800, None).await?;
    shop.grant("hanako", "rakuten", Some("limited"), 300, Some(5)).await?;
    shop.grant("hanako", "rakuten", Some("exchanged"), 500, Some(150)).await?;
    let cart =
        |sku, seller, price, quantity| shop::cart(RAKUTEN, &[(sku, seller, "physical", price, quantity)]);
    shop.place("hanako", 11, cart("tea", "shop-b", 2_700, 1).by("card")).await?;
    let prepared = shop.place("hanako", 10, cart("A", "shop-a", 2_000, 2).coupon("A500").by("card")).await?;
    shop.prepare(&prepared, "shop-a").await?;
    let shipped = shop.place("hanako", 9, cart("lamp", "shop-a", 5_400, 1).by("card")).await?;
    shop.ship(&shipped, "shop-a", "yamato", "100000000001").await?;
    let delivered =
        shop.place("hanako", 8, cart("cup", "shop-c", 1_500, 2).stored("rakuten", 200).by("card")).await?;
    shop.deliver(&delivered, "shop-c", "sagawa", "200000000002").await?;
    let cancelled = shop.place("hanako", 7, cart("book", "shop-b", 1_200, 1).by("card")).await?;
    shop.cancel(&cancelled).await?;
    let returning = shop.place("hanako", 6, cart("shoes", "shop-a", 8_800, 1).by("card")).await?;
    shop.deliver(&returning, "shop-a", "japan-post", "300000000003").await?;
    shop.ask_for_return(&returning, "changed_mind").await?;
    let refunded = shop.place("hanako", 5, cart("bag", "shop-b", 6_600, 1).by("card")).await?;
    shop.deliver(&refunded, "shop-b", "yamato", "100000000012").await?;
    shop.refund(&refunded).await?;
    shop.place("hanako", 0, cart("rice", "shop-a", 3_300, 1).by("konbini")).await?;
    shop.place("jiro", 1, cart("A", "shop-a", 2_000, 1).by("cod")).await?;
    shop.write("hanako", ("parcel", "parcel-other"), Some(&shipped), "ランプを置き配にしてもらえますか。")
        .await?;
    let broken = "カップが1つ割れていました。返金していただけますか。";
    shop.write("hanako", ("parcel", "damaged"), Some(&delivered), broken).await?;
    let points = "先週の買い物のポイントが見当たりません。";
    shop.write("jiro", ("payment", "points-missing"), None, points).await?;
    Ok(())
}

/// Taro has a gift balance, points, and partners' programs.
async fn fill_amazon(shop: &Shop<'_>) -> anyhow::Result<()> {
    shop.gift_card("taro", 2_500).await?;
    shop.grant("taro", "amazon", Some("ordinary"), 400, None).await?;
    shop.link("taro", "d-point").await?;
    let goods = [("desk", "amazon", "physical", 12_000, 1), ("ebook", "amazon", "digital", 900, 1)];
    let both = shop.place("taro", 4, shop::cart(AMAZON, &goods).by("card")).await?;
    shop.ship(&both, "amazon", "amazon", "DA0000000000").await?;
    let phone = [("cable", "denki-store", "physical", 1_980, 1)];
    shop.place("taro", 2, shop::cart(AMAZON, &phone).stored("gift", 1_000).by("card")).await?;
    let used = [("camera", "yamada-taro", "physical", 9_800, 1)];
    shop.place("taro", 1, shop::cart(AMAZON, &used).by("card")).await?;
    Ok(())
}

/// The shoppers, each with the market that they begin in.
const SHOPPERS: [(&str, &str); 3] = [("hanako", RAKUTEN), ("taro", AMAZON), ("jiro", RAKUTEN)];

const STAFF: [(&str, Role); 4] =
    [("sato", Role::Agent), ("suzuki", Role::Specialist), ("tanaka", Role::Operator), ("ito", Role::Auditor)];

/// Whom visitors of the pages can be.
pub fn people() -> Vec<DemoPerson> {
    let shopper = |(customer, market): &(&str, &str)| DemoPerson::Customer {
        customer_id: (*customer).to_owned(),
        market: (*market).to_owned(),
    };
    let staff =
        |(person, role): &(&str, Role)| DemoPerson::Staff { staff_id: (*person).to_owned(), role: *role };
    SHOPPERS.iter().map(shopper).chain(STAFF.iter().map(staff)).collect()
}

/// Who to be, with a token for each.
fn told_of_people(own: &OwnIssuer, at: Timestamp) -> anyhow::Result<String> {
    let token = |subject: &Subject| -> anyhow::Result<String> {
        Ok(own.issue(subject, TOKENS_LIVE, at, &hexadecimal(&random::<16>()?))?)
    };
    let mut told = String::from("\nShoppers\n");
    for (customer, _) in SHOPPERS {
        writeln!(told, "  {customer:<12} {}", token(&Subject::Customer(customer.to_owned()))?)?;
    }
    told.push_str("\nStaff\n");
    for (person, role) in STAFF {
        let subject = Subject::Staff(person.to_owned(), role);
        writeln!(told, "  {person:<12} {:<12} {}", role.as_str(), token(&subject)?)?;
    }
    Ok(told)
}

/// A key with all rights, for the marketplace's own program; a new one each time, as nobody can see an old one again.
async fn told_of_key(counter: &Counter, address: &str) -> anyhow::Result<String> {
    let expires_at = now().checked_add(TOKENS_LIVE)?;
    let make = MakeApiKey {
        name: "demo".to_owned(),
        rights: Right::all().collect(),
        expires_at: Some(expires_at),
        key: None,
    };
    let made = counter.make_api_key(&Caller::Itself, make, now()).await.map_err(explained_app)?;
    let key = made.secret.reveal();
    Ok(format!(
        "\nThe marketplace's own program\n  {:<12} {key}\n\nTry\n\
         \x20 {address}/sign-in in a browser\n\
         \x20 curl '{address}/v1/orders?market={RAKUTEN}' -H 'Authorization: Bearer TOKEN-OF-HANAKO'\n\
         \x20 curl '{address}/v1/customers/taro/wallet?market={AMAZON}' -H 'Authorization: Bearer TOKEN-OF-TARO'\n\
         \x20 {address}/docs lists what there is.\n",
        "key"
    ))
}
