//! The style and the scripts of pages. Their addresses change with their content, so browsers may keep them for good.

use std::sync::OnceLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use choba_server::Service;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, type and content.
const ASSETS: [(&str, &str, &str); 6] = [
    ("choba.css", CSS, include_str!("../assets/choba.css")),
    ("choba.js", SCRIPT, include_str!("../assets/choba.js")),
    ("chat.js", SCRIPT, include_str!("../assets/chat.js")),
    ("desk.js", SCRIPT, include_str!("../assets/desk.js")),
    ("htmx.js", SCRIPT, include_str!("../assets/htmx/htmx.min.js")),
    ("choba.svg", SVG, include_str!("../assets/choba.svg")),
];

/// The routes of assets.
pub fn routes() -> Router<Service> {
    Router::new().route("/assets/{version}/{name}", get(asset)).route("/favicon.ico", get(favicon))
}

/// The path of an asset.
pub fn path(name: &str) -> String {
    format!("/assets/{}/{name}", version())
}

fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let digest =
            ASSETS.iter().fold(Sha256::new(), |digest, (_, _, content)| digest.chain_update(content));
        let mut version = HEXLOWER.encode(&digest.finalize());
        version.truncate(12);
        version
    })
}

async fn asset(Path((asked, name)): Path<(String, String)>) -> Response {
    let known = ASSETS.iter().find(|(known, _, _)| *known == name && asked == version());
    match known {
        Some((_, kind, content)) => served(kind, content),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn favicon() -> Response {
    served(SVG, include_str!("../assets/choba.svg"))
}

fn served(kind: &'static str, content: &'static str) -> Response {
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, content).into_response()
}
