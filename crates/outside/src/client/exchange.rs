//! One request and its answer, whole or not at all.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Request, Response, Url};

use super::line::Line;
use crate::refusal::AskError;
use crate::wire::{Call, Method};

/// An answer of HTTP as it came.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) status: u16,
    pub(super) retry_after_ms: Option<u64>,
    pub(super) body: Vec<u8>,
}

impl Line {
    /// Makes one call. What went wrong is told without the address, in which members are named.
    pub(super) async fn exchange(&self, call: &Call, key: Option<&str>) -> Result<Raw, AskError> {
        let request = self.request(call, key)?;
        let mut response = self.client().execute(request).await.map_err(|error| failure(&error))?;
        Ok(Raw {
            status: response.status().as_u16(),
            retry_after_ms: retry_after_ms(&response),
            body: body_of(&mut response, self.party().limits().answer_bytes_max).await?,
        })
    }

    fn request(&self, call: &Call, key: Option<&str>) -> Result<Request, AskError> {
        let url = self.url(call)?;
        let mut authorization = header(&format!("Bearer {}", self.party().token().reveal()))?;
        authorization.set_sensitive(true);
        let mut builder = self
            .client()
            .request(method_of(call.method), url)
            .header(reqwest::header::AUTHORIZATION, authorization);
        if let Some(key) = key {
            builder = builder.header("idempotency-key", header(key)?);
        }
        if let Some(body) = &call.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        builder.build().map_err(|error| failure(&error))
    }

    fn url(&self, call: &Call) -> Result<Url, AskError> {
        // These would be taken for steps up or nowhere instead of names.
        if call.path.iter().any(|part| matches!(part.as_str(), "" | "." | "..")) {
            return Err(misconfigured("a name in the path is empty or made of dots"));
        }
        let mut url = self.party().base_url().clone();
        url.path_segments_mut()
            .map_err(|()| misconfigured("the address cannot have a path"))?
            .pop_if_empty()
            .push("v1")
            .extend(&call.path);
        Ok(url)
    }
}

fn method_of(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn header(text: &str) -> Result<HeaderValue, AskError> {
    HeaderValue::from_str(text).map_err(|_| misconfigured("a header cannot be written"))
}

fn misconfigured(why: &str) -> AskError {
    AskError::Misconfigured { why: why.to_owned() }
}

/// Without a connection nothing was sent; with one, nobody knows.
fn failure(error: &reqwest::Error) -> AskError {
    if error.is_connect() {
        return AskError::Unavailable { why: "no connection".to_owned(), retry_after_ms: None };
    }
    if error.is_builder() {
        return misconfigured("the request cannot be made");
    }
    AskError::Unknown { why: "the connection ended before the answer".to_owned() }
}

fn retry_after_ms(response: &Response) -> Option<u64> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    u64::try_from(Duration::from_secs(seconds).as_millis()).ok()
}

async fn body_of(response: &mut Response, bytes_max: usize) -> Result<Vec<u8>, AskError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len().saturating_add(chunk.len()) > bytes_max {
            return Err(AskError::Unknown { why: format!("the answer is longer than {bytes_max} bytes") });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
