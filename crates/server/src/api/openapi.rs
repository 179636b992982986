//! The description of the API, beyond what stands beside each operation.

use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{FieldFault, InBoth, ProblemBody};

/// What any operation may answer instead, and when.
const PROBLEMS: [(&str, &str); 13] = [
    ("400", "The request cannot be read"),
    ("401", "No bearer token, or one that is not valid"),
    ("403", "The caller may not do this"),
    ("404", "There is no such thing, or it is somebody else's"),
    ("408", "It took too long"),
    ("409", "It cannot be done with things as they are"),
    ("412", "It has changed since it was seen"),
    ("413", "The body is too large"),
    ("415", "The body is not JSON"),
    ("422", "A field cannot be used; `errors` names it"),
    ("429", "Too many requests; see `Retry-After`"),
    ("500", "The program is at fault"),
    ("503", "It does not work at the moment; see `Retry-After`"),
];

/// What the description begins with.
pub fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("choba 帳場")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The counter of a marketplace: quotes, orders, stored value, parcels and care.\n\n\
             Amounts are integers in the currency's minor unit (yen); points are integers; rates are decimal strings; \
             times are RFC 3339. Writes take an `Idempotency-Key`: the same key and body give the same answer for ever. \
             Lists are paged: send `next` of a page as `after`. Errors are `application/problem+json`.",
        ))
        .license(Some(
            LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build(),
        ))
        .build();
    let mut components = Components::new();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("bearer", bearer);
    components.schemas.insert(ProblemBody::name().into(), ProblemBody::schema());
    components.schemas.insert(FieldFault::name().into(), FieldFault::schema());
    components.schemas.insert(InBoth::name().into(), InBoth::schema());
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// With the problems that every operation may answer.
pub fn completed(mut description: OpenApi) -> OpenApi {
    for item in description.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        operations.into_iter().flatten().for_each(add_problems);
    }
    description
}

fn add_problems(operation: &mut Operation) {
    for (status, description) in PROBLEMS {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
    }
}

fn problem(description: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name(ProblemBody::name()));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}
