//! A customer with something of every kind that an operation can name.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Bench, PNG};

const SHOP: &str = "key:shop";

/// What everybody may name: it is no customer's.
const PUBLIC: [(&str, &str); 9] = [
    ("market", "rakuten-style"),
    ("program", "d-point"),
    ("coupon_id", "A500"),
    ("version", ""),
    ("carrier", "yamato"),
    ("provider", "card"),
    // An article of help.
    ("id", "carrier-yamato"),
    // A tracking number says itself what is told of it, and a link that nobody made shows nothing.
    ("number", "400000000002"),
    ("token", "AAAA"),
];

/// What is hanako's or the shop's, by the parameters that name it: `order`, or with the segment before where a name has
/// several meanings: `returns/number`.
pub struct Prepared {
    private: Vec<(&'static str, String)>,
    version: String,
}

impl Prepared {
    /// Prepares a thing of every kind.
    pub async fn of_hanako(bench: &Bench) -> Self {
        let (order, order_id) = place(bench).await;
        let path = format!("/v1/orders/{order}");
        let ship = json!({"seller": "shop-a", "carrier": "yamato", "tracking_numbers": ["100000000001"]});
        let shipped = bench.post(SHOP, &format!("{path}/shipments"), &ship).await.expect(200);
        let shipment = text(&shipped["part"]);
        bench.post(SHOP, &format!("{path}/shipments/{shipment}/delivered"), &json!({})).await.expect(200);
        let missing = format!("/v1/shipments/{shipment}/missing");
        bench.post("customer:hanako", &missing, &json!({})).await.expect(200);
        let back = json!({"lines": [{"line_id": "1", "quantity": 1}], "reason": "changed_mind"});
        let returned = bench.post("customer:hanako", &format!("{path}/returns"), &back).await.expect(200);
        let callback = callback(bench).await;
        let Care { case, action, attachment, chat } = care(bench, &order_id).await;
        let private = vec![
            ("customer_id", "hanako".to_owned()),
            ("case", case.clone()),
            ("case_id", case),
            // In bodies, `action` is a word.
            ("actions/action", action),
            ("attachment", attachment),
            ("chat", chat),
            ("order", order),
            ("order_id", order_id),
            ("shipment", shipment),
            ("returns/number", text(&returned["part"])),
            ("lot_id", lot(bench).await),
            ("adjustment_id", adjustment(bench).await),
            ("card_id", card(bench).await),
            ("key_id", key(bench).await),
            ("callback", callback),
            ("endpoint_id", endpoint(bench).await),
            ("session_id", session(bench).await),
        ];
        contact(bench).await;
        let markets = bench.get(SHOP, "/v1/markets/rakuten-style").await.expect(200);
        Self { private, version: text(&markets["version"]) }
    }

    /// The private thing that a parameter names; `before` is the segment before it in the path.
    pub fn private(&self, before: &str, name: &str) -> Option<&str> {
        let with_segment = format!("{before}/{name}");
        let found = |wanted: &str| self.private.iter().find(|(known, _)| *known == wanted);
        found(&with_segment).or_else(|| found(name)).map(|(_, id)| id.as_str())
    }

    /// The public thing that a parameter names.
    pub fn public(&self, name: &str) -> Option<&str> {
        let value = PUBLIC.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)?;
        Some(if name == "version" { &self.version } else { value })
    }

    /// The ids of private things that a text has.
    pub fn ids_in(&self, text: &str) -> Vec<&str> {
        self.private.iter().map(|(_, id)| id.as_str()).filter(|id| text.contains(id)).collect()
    }

    /// A text in which real ids and those that are made up look the same.
    pub fn without_ids(&self, text: &str) -> String {
        self.private.iter().fold(text.to_owned(), |text, (name, id)| {
            let hidden = format!("<{name}>");
            text.replace(id.as_str(), &hidden).replace(&made_up(id), &hidden)
        })
    }
}

/// An id of the same form that nothing has.
pub fn made_up(id: &str) -> String {
    let (prefix, rest) = id.rsplit_once('_').map_or(("", id), |(prefix, rest)| (prefix, rest));
    let next = |letter: char| match letter {
        '0'..='8' | 'a'..='h' | 'A'..='H' => char::from(letter as u8 + 1),
        '9' => '0',
        other => other,
    };
    let rest: String = rest.chars().map(next).collect();
    if prefix.is_empty() { rest } else { format!("{prefix}_{rest}") }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// An order's number and id.
async fn place(bench: &Bench) -> (String, String) {
    let order = json!({
        "customer_id": "hanako",
        "request": {
            "market": "rakuten-style",
            "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000,
                "quantity": 2, "tax_rate": "0.10"}],
            "pay": {"method": {"type": "card"}},
        },
        "expected": {"total": 4000},
        "card_token": "tok_ok",
    });
    let placed = bench.post(SHOP, "/v1/orders", &order).await.expect(201);
    (text(&placed["number"]), text(&placed["order_id"]))
}

async fn lot(bench: &Bench) -> String {
    let grant = json!({"market": "rakuten-style", "program": "rakuten", "kind": "limited", "points": 500,
        "expires_at": "2026-12-31T23:59:59+09:00", "reason": "campaign"});
    bench.post(SHOP, "/v1/customers/hanako/wallet/grants", &grant).await.expect(201);
    let wallet = bench.get(SHOP, "/v1/customers/hanako/wallet?market=rakuten-style").await.expect(200);
    text(&wallet["lots"][0]["lot_id"])
}

async fn adjustment(bench: &Bench) -> String {
    let adjust = json!({"market": "rakuten-style", "program": "rakuten", "kind": "ordinary", "points": 50_000,
        "reason": "lost parcel"});
    let path = "/v1/customers/hanako/wallet/adjustments";
    text(&bench.post("staff:sato:specialist", path, &adjust).await.expect(200)["adjustment_id"])
}

async fn card(bench: &Bench) -> String {
    let issue = json!({"market": "rakuten-style", "count": 1, "amount": 3000});
    text(&bench.post(SHOP, "/v1/gift-cards", &issue).await.expect(201)["cards"][0]["card_id"])
}

async fn key(bench: &Bench) -> String {
    let wanted = json!({"name": "backend", "rights": ["quotes"]});
    text(&bench.post(SHOP, "/v1/keys", &wanted).await.expect(201)["key"]["key_id"])
}

async fn callback(bench: &Bench) -> String {
    let presence = json!({"market": "rakuten-style", "queues": ["desk", "parcels"], "ready": true, "calls": true, "chats_max": 3});
    let path = "/v1/callbacks/desk/presence";
    bench.write(Method::PUT, "staff:sato:agent", path, "-", &presence).await.expect(200);
    let ask = json!({"market": "rakuten-style", "customer_id": "hanako", "number": "090-1234-5678"});
    let code = bench.post(SHOP, "/v1/callbacks/numbers/code", &ask).await.expect(200);
    let verify = json!({"market": "rakuten-style", "number": "09012345678", "code": code["code"]});
    bench.post("customer:hanako", "/v1/callbacks/numbers/verify", &verify).await.expect(204);
    let wanted =
        json!({"market": "rakuten-style", "question": "other", "number": "090-1234-5678", "language": "ja"});
    let requested = bench.post("customer:hanako", "/v1/callbacks", &wanted).await.expect(201);
    text(&requested["callback"]["callback_id"])
}

async fn endpoint(bench: &Bench) -> String {
    let wanted = json!({"url": "https://example.com/hooks"});
    let made = bench.post(SHOP, "/v1/webhooks", &wanted).await.expect(201);
    text(&made["endpoint"]["endpoint_id"])
}

async fn session(bench: &Bench) -> String {
    let wanted = json!({"customer_id": "hanako", "market": "rakuten-style", "language": "ja"});
    let handed = bench.post(SHOP, "/v1/handovers", &wanted).await.expect(201);
    let code = text(&handed["url_path"]).trim_start_matches("/enter/").to_owned();
    let (counter, at) = (&bench.service.counter, bench.service.clock.now());
    let code = choba_app::HandOverCode::read(&code).expect("a code");
    counter.enter(&code, "Chrome, Windows", at).await.expect("a session").1.session_id
}

async fn contact(bench: &Bench) {
    let path = "/v1/customers/hanako/contact?market=rakuten-style";
    let wanted = json!({"email": "hanako@example.jp", "language": "ja", "points_notices": true});
    let kept = bench.write(Method::PUT, "customer:hanako", path, "-", &wanted).await;
    assert!(kept.status.is_success(), "{kept:?}");
}

/// A case, an action that waits on it, a picture of it, and a chat of it that is over: its stream ends.
struct Care {
    case: String,
    action: String,
    attachment: String,
    chat: String,
}

async fn care(bench: &Bench, order_id: &str) -> Care {
    let open = json!({"market": "rakuten-style", "topic": "parcel", "question": "not-received",
        "order_id": order_id, "language": "ja", "text": "届きません"});
    let case = text(&bench.post("customer:hanako", "/v1/cases", &open).await.expect(201)["case_id"]);
    let refund = json!({"action": {"action": "refund", "line_id": "1", "amount": 100}, "reason": "破損"});
    let path = format!("/v1/cases/{case}/actions");
    let asked = bench.post("staff:sato:agent", &path, &refund).await.expect(200);
    let path = format!("/v1/cases/{case}/attachments?name=box.png");
    let attached = bench.upload("customer:hanako", &path, PNG).await.expect(201);
    let requested = bench.post("customer:hanako", "/v1/chats", &json!({"case_id": case})).await.expect(201);
    let chat = text(&requested["chat"]["chat_id"]);
    bench.post("customer:hanako", &format!("/v1/chats/{chat}/end"), &json!({})).await.expect(200);
    Care { case, action: text(&asked["action_id"]), attachment: text(&attached["attachment_id"]), chat }
}
