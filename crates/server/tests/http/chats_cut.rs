//! Ten chats over a network that is cut again and again: 10,000 messages, each sent until it is answered, and each heard by
//! both sides once and in its place.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use choba_server::{Limits, Listening, serve};
use choba_testbed::Proxy;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::chats::there;
use crate::support::{Bench, Sent};

const CHATS: usize = 10;
const EACH_SIDE: usize = 500;

/// A side of a chat behind a bad network.
#[derive(Clone)]
struct Side {
    who: String,
    chat: String,
    base: String,
    proxy: Arc<Proxy>,
}

fn client() -> reqwest::ClientBuilder {
    // The only one that there is; set by whoever comes first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

impl Side {
    fn request(&self, client: &reqwest::Client, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/v1/chats/{}/{path}", self.base, self.chat);
        client.request(method, url).header("authorization", format!("Bearer {}", self.who))
    }

    /// Says everything, each message until it is answered; gives how often one had been said before.
    async fn say_all(self) -> usize {
        let client = client().timeout(Duration::from_secs(20)).build().unwrap();
        let mut repeated = 0;
        for number in 0..EACH_SIDE {
            let client_id = format!("m-{number}");
            match number % 80 {
                // It arrives and its answer is lost, it does not arrive, everything is cut.
                20 => self.proxy.cut_behind(&format!("\"{client_id}\"")),
                50 => self.proxy.cut_before(&format!("\"{client_id}\"")),
                70 => self.proxy.cut(),
                _ => {}
            }
            let body = json!({"client_id": client_id, "text": number.to_string()}).to_string();
            loop {
                let request = self.request(&client, Method::POST, "messages").body(body.clone());
                let answer = match request.header("content-type", "application/json").send().await {
                    Ok(answer) if answer.status() == 200 => answer.bytes().await,
                    Ok(other) => panic!("{:?}", other.text().await),
                    Err(error) => Err(error),
                };
                if let Ok(answer) = answer {
                    let said: Value = serde_json::from_slice(&answer).unwrap();
                    repeated += usize::from(said["repeated"] == true);
                    break;
                }
            }
        }
        repeated
    }

    /// Listens until the chat is over, coming back after each cut; gives all lines, and how often it came back.
    async fn hear_all(self) -> (Vec<Value>, usize) {
        let client = client().build().unwrap();
        let (mut lines, mut last, mut came_back) = (Vec::new(), 0_u64, 0);
        loop {
            let request =
                self.request(&client, Method::GET, "events").header("last-event-id", last.to_string());
            if let Ok(mut answer) = request.send().await {
                let mut text = Vec::new();
                while let Ok(Some(chunk)) = answer.chunk().await {
                    text.extend_from_slice(&chunk);
                    while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
                        let event: Vec<u8> = text.drain(..end + 2).collect();
                        let Some(sent) = Sent::read(std::str::from_utf8(&event).unwrap()) else { continue };
                        match sent.event.as_str() {
                            "line" => {
                                last = sent.id.as_deref().unwrap().parse().unwrap();
                                lines.push(sent.json());
                            }
                            "end" => return (lines, came_back),
                            _ => {}
                        }
                    }
                }
            }
            came_back += 1;
        }
    }
}

/// Each sender's messages are there once and in the order in which they were sent.
fn is_whole(lines: &[Value]) {
    let seqs: Vec<u64> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    let last = u64::try_from(lines.len()).unwrap();
    assert_eq!(seqs, (1..=last).collect::<Vec<_>>());
    for from in ["customer", "agent"] {
        let own = lines.iter().filter(|line| line["from"] == from && line["kind"] == "text");
        let numbers: Vec<usize> = own.map(|line| line["text"].as_str().unwrap().parse().unwrap()).collect();
        assert_eq!(numbers, (0..EACH_SIDE).collect::<Vec<_>>(), "{from}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_messages_over_a_bad_network_are_neither_lost_nor_doubled() {
    let mut bench = Bench::new().await;
    bench.service.limits = Arc::new(Limits::new(1_000_000));
    bench.router = choba_server::api::router(bench.service.clone());
    let listening =
        Listening { address: SocketAddr::from(([127, 0, 0, 1], 0)), tls: None, connections_max: 1_000 };
    let running = serve(bench.service.clone(), listening, "test").await.unwrap();
    let proxy = Arc::new(Proxy::to(running.address.port()));
    let base = format!("http://127.0.0.1:{}", proxy.port());
    let (mut saying, mut hearing, mut sides) = (JoinSet::new(), JoinSet::new(), Vec::new());
    for number in 0..CHATS {
        let (customer, agent) = (format!("customer:c{number}"), format!("staff:a{number}:agent"));
        there(&bench, &agent, 1).await;
        let open =
            json!({"market": "rakuten-style", "topic": "other", "question": "other", "language": "ja"});
        let case = bench.post(&customer, "/v1/cases", &open).await.expect(201)["case_id"].clone();
        let asked = bench.post(&customer, "/v1/chats", &json!({"case_id": case})).await.expect(201);
        let chat = asked["chat"]["chat_id"].as_str().unwrap().to_owned();
        bench.post(&agent, &format!("/v1/chats/{chat}/take"), &json!({})).await.expect(200);
        for who in [customer, agent] {
            let side = Side { who, chat: chat.clone(), base: base.clone(), proxy: Arc::clone(&proxy) };
            saying.spawn(side.clone().say_all());
            hearing.spawn(side.clone().hear_all());
            sides.push(side);
        }
    }
    let repeated: usize = saying.join_all().await.into_iter().sum();
    for side in sides.iter().step_by(2) {
        bench.post(&side.who, &format!("/v1/chats/{}/end", side.chat), &json!({})).await.expect(200);
    }
    let heard = hearing.join_all().await;
    let came_back: usize = heard.iter().map(|(_, came_back)| came_back).sum();
    for (lines, _) in &heard {
        is_whole(lines);
    }
    for side in sides.iter().step_by(2) {
        let transcript =
            bench.get(&side.who, &format!("/v1/chats/{}/transcript", side.chat)).await.expect(200);
        assert_eq!(transcript["as_frozen"], true);
        is_whole(transcript["lines"].as_array().unwrap());
    }
    // The network was bad indeed: answers were lost, and listeners had to come back.
    assert!(repeated > 20 && came_back > 200, "{repeated} repeated, {came_back} came back");
    running.stop().await.unwrap();
}
