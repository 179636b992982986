//! Errors as they are told: `application/problem+json`, after RFC 9457.
//!
//! `type` is stable; programs go by it or by `code`. Where a person may read it, `message` says it in both
//! languages. What is at fault in the program itself is logged, and told as nothing but that.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use choba_app::AppError;
use choba_care::guided::GuidedFault;
use choba_formats::language::Language;
use choba_formats::sentences::sentences;
use choba_store::sql::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod care;

/// An error.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem(Box<ProblemBody>);

/// An error: `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What kind of problem, as a reference: `/problems/` and the code. Stable.
    #[serde(rename = "type")]
    #[schema(example = "/problems/field")]
    kind: String,
    /// Its kind in a few words.
    title: Cow<'static, str>,
    /// The status of the answer.
    status: u16,
    /// The kind as a code. Stable.
    #[schema(example = "field")]
    code: Cow<'static, str>,
    /// What is wrong with this request.
    detail: String,
    /// The fields that are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldFault>,
    /// What a customer may be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<InBoth>,
    /// When it may be tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    again_at: Option<Timestamp>,
    /// The quote as it is now, where prices, balances or the market have changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    quote: Option<serde_json::Value>,
    /// What happened to a case meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<CaseMeanwhile>,
    #[serde(skip)]
    retry_after: Option<i64>,
}

/// What happened to a case since it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseMeanwhile {
    /// The version now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What was said meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<SaidMeanwhile>,
    /// The public name of whoever has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<String>,
    /// The case that goes on in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues_as: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
}

/// Something that was said while somebody else wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SaidMeanwhile {
    /// Its place in the case.
    pub seq: u32,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The agent's public name; nothing where the customer said it.
    pub agent: Option<String>,
    /// Plain text.
    pub text: String,
}

/// A field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldFault {
    /// Its place in the body, as a JSON pointer; a parameter or a header by `#` and its name.
    #[schema(example = "/lines/0/quantity")]
    pub pointer: String,
    /// What is wrong with it, and what was expected.
    pub detail: String,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InBoth {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl InBoth {
    /// A message of the message files that has no figures.
    pub fn said(id: &str) -> Option<Self> {
        let said = |language| sentences(language).plain(id);
        Some(Self { ja: said(Language::Ja)?, en: said(Language::En)? })
    }
}

impl Problem {
    /// A problem of a kind.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        let code = code.into();
        Self(Box::new(ProblemBody {
            kind: format!("/problems/{code}"),
            title: title.into(),
            status: status.as_u16(),
            message: InBoth::said(&format!("problem-{code}")),
            code,
            detail: detail.into(),
            errors: Vec::new(),
            again_at: None,
            quote: None,
            case: None,
            retry_after: None,
        }))
    }

    fn retry_after(mut self, seconds: i64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// A field is at fault.
    pub fn field(pointer: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "field", "A field cannot be used", detail.clone());
        problem.blame(FieldFault { pointer: pointer.to_owned(), detail });
        problem
    }

    /// There is no such thing, or it is somebody else's.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing", detail)
    }

    /// Nobody said who is asking, or it is not true.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "A bearer token is needed", detail)
    }

    /// Too much was asked.
    pub fn too_many(seconds: i64, detail: impl Into<String>) -> Self {
        let title = "Too many requests";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", title, detail).retry_after(seconds)
    }

    /// It does not work at the moment.
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        let title = "Not available at the moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, title, detail).retry_after(5)
    }

    /// What was asked for cannot be done with things as they are.
    pub fn refused(code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, "It cannot be done with things as they are", detail)
    }

    /// An order was not placed: this is the quote now, as JSON.
    pub fn quote_changed(quote: &str) -> Self {
        let detail =
            "Prices, balances or the market have changed, or something is left to pay; nothing was taken.";
        let mut problem = Self::refused("quote_changed", detail);
        problem.0.quote = serde_json::from_str(quote).ok();
        problem
    }

    /// Who was to pay for an order said no.
    pub fn payment_refused(number: &str, code: &str) -> Self {
        let detail = format!("Order {number} came to nothing: {code}. Everything was given back.");
        let title = "The payment was refused";
        Self::new(StatusCode::PAYMENT_REQUIRED, "payment_refused", title, detail)
    }

    /// The same, where the faulty text is the field `request` of the body.
    #[must_use]
    pub fn within_request(mut self) -> Self {
        for fault in &mut self.0.errors {
            fault.pointer.insert_str(0, "/request");
        }
        self
    }

    /// The program is at fault.
    pub fn defect(reason: &str) -> Self {
        tracing::error!(reason, "a fault of the program");
        let detail = "The program is at fault; it has been logged.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", "The program is at fault", detail)
    }

    fn about_case(mut self, case: CaseMeanwhile) -> Self {
        self.0.case = Some(case);
        self
    }

    /// Names a field that is at fault.
    pub fn blame(&mut self, fault: FieldFault) {
        self.0.errors.push(fault);
    }

    /// Its code. Stable.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What is wrong with this request, for whoever wrote the program that sent it.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What a customer may be told, where there is something.
    pub fn message(&self, language: Language) -> Option<String> {
        self.0.message.as_ref().map(|message| match language {
            Language::Ja => message.ja.clone(),
            Language::En => message.en.clone(),
        })
    }

    /// The fields that are at fault.
    pub fn faults(&self) -> &[FieldFault] {
        &self.0.errors
    }

    /// When it may be tried again, where that is known.
    pub fn again_at(&self) -> Option<Timestamp> {
        self.0.again_at
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.status(), self.0.retry_after);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // For layers that tell it otherwise: pages tell people.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let detail = error.to_string();
        match error {
            AppError::UnknownMarket { .. } => {
                Self::new(StatusCode::NOT_FOUND, "unknown_market", "There is no such market", detail)
            }
            AppError::NotFound { .. } => Self::not_found(detail),
            AppError::NotAllowed { .. } => {
                Self::new(StatusCode::FORBIDDEN, "not_allowed", "The caller may not do this", detail)
            }
            AppError::Changed => {
                let title = "It has changed since it was seen";
                Self::new(StatusCode::PRECONDITION_FAILED, "changed", title, detail)
            }
            AppError::Field { field, fault } => Self::field(&field, fault),
            AppError::Request(fault) if fault.place.is_some() => {
                let mut problem =
                    Self::new(StatusCode::BAD_REQUEST, "json", "The body cannot be read", fault.to_string());
                problem.blame(FieldFault { pointer: fault.pointer, detail: fault.message });
                problem
            }
            AppError::Request(fault) => Self::field(&fault.pointer, fault.message),
            AppError::Unpriceable(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unpriceable",
                "The cart cannot be priced",
                detail,
            ),
            AppError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "key_reused",
                "The idempotency key was used for another request",
                detail,
            ),
            AppError::Order(refusal) => Self::refused(refusal.code(), detail),
            AppError::Grant(refusal) => Self::refused(refusal.code(), detail),
            AppError::Case(refusal) => care::case(refusal),
            AppError::Chat(refusal) => care::chat(refusal),
            AppError::Template(fault) => care::template(&fault),
            AppError::Attachment(fault) => care::attachment(fault),
            AppError::Redeem(refusal) => Self::refused(format!("gift_card_{}", refusal.code()), detail),
            AppError::NeedsSecondPerson { .. } => Self::refused("needs_second_person", detail),
            AppError::AlreadyDecided { .. } => Self::refused("already_decided", detail),
            AppError::AlreadyLinked { .. } => Self::refused("already_linked", detail),
            AppError::PartyRefused { .. } => Self::refused("party_refused", detail),
            AppError::TooManyTries { again_at } => {
                let mut problem = Self::too_many(60, detail);
                problem.0.again_at = Timestamp::from_millisecond(again_at).ok();
                problem
            }
            AppError::Callback(refusal) => Self::refused(refusal.code(), detail),
            AppError::Verification(refusal) => Self::refused(refusal.code(), detail),
            AppError::MadeBefore { .. } => Self::refused("made_before", detail),
            AppError::NotSigned => Self::new(
                StatusCode::UNAUTHORIZED,
                "not_signed",
                "The message cannot be trusted",
                "It is not signed with a secret of this sender, or was sent at another time.",
            ),
            AppError::Check(GuidedFault::NoSuchAnswer { .. }) => Self::field("/answer", detail),
            AppError::Check(GuidedFault::NotThere { .. }) => Self::refused("check_not_there", detail),
            AppError::Check(GuidedFault::Flow { .. }) => Self::defect(&detail),
            AppError::PartyUnavailable { .. } => Self::unavailable("party_unavailable", detail),
            AppError::Hook(_) => {
                Self::new(StatusCode::BAD_REQUEST, "webhook", "The message is not trusted", detail)
            }
            AppError::ChangedMeanwhile => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "changed",
                "It has changed since it was seen",
                detail,
            ),
            AppError::EventsForgotten { .. } => {
                Self::new(StatusCode::GONE, "events_forgotten", "The events are not there any more", detail)
            }
            AppError::UnknownVersion { .. } | AppError::Defect(_) => Self::defect(&detail),
            AppError::Store(error) => Self::from(error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::unavailable("busy", "There is more to do than can be done."),
            StoreError::Conflict { .. } => {
                Self::refused("conflict", "Somebody else changed it at the same time; try again.")
            }
            StoreError::Unavailable { .. } => {
                tracing::error!(%error, "the database cannot be reached");
                Self::unavailable("database", "The database cannot be reached.")
            }
            other => Self::defect(&other.to_string()),
        }
    }
}
