//! An operation as the description tells of it, made into requests.

use axum::http::Method;
use serde_json::Value;

use super::prepared::{Prepared, made_up};

/// A time, where an operation needs one.
const A_TIME: &str = "2026-11-21T00:00:00+09:00";

/// An operation.
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// Its path, with parameters in braces.
    pub template: String,
    /// The rights of which any caller needs one.
    pub rights: Vec<String>,
    query: Vec<Parameter>,
    body: Value,
}

struct Parameter {
    name: String,
    required: bool,
    example: Option<String>,
}

/// What a request names.
#[derive(Clone, Copy)]
pub struct Naming {
    exists: bool,
    /// Whether the owner is named wherever that can be left out.
    owner: bool,
}

impl Naming {
    /// What is hanako's, as hers.
    pub fn theirs() -> Self {
        Self { exists: true, owner: true }
    }

    /// What does not exist.
    pub fn nothing() -> Self {
        Self { exists: false, owner: true }
    }

    /// What is hanako's where a path needs it, as if it were the caller's own.
    pub fn own() -> Self {
        Self { exists: true, owner: false }
    }

    fn id(self, id: &str) -> String {
        if self.exists { id.to_owned() } else { made_up(id) }
    }
}

/// All operations of a description.
pub fn operations(description: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            found.push(Operation::read(description, path, method, operation));
        }
    }
    found
}

impl Operation {
    fn read(description: &Value, path: &str, method: Method, operation: &Value) -> Self {
        let rights = operation["security"].as_array().into_iter().flatten();
        let rights = rights.filter_map(|one| one["bearer"].as_array()).flatten();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query").map(Parameter::read);
        Self {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            template: path.to_owned(),
            rights: rights.map(|right| right.as_str().unwrap().to_owned()).collect(),
            query: query.collect(),
            body: example(description, &operation["requestBody"]["content"]["application/json"]),
            method,
        }
    }

    /// Parameters of the path, each with the segment before it.
    fn path_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let segments: Vec<&str> = self.template.split('/').collect();
        let pairs: Vec<(&str, &str)> = segments.windows(2).map(|pair| (pair[0], pair[1])).collect();
        pairs.into_iter().filter_map(|(before, segment)| Some((before, parameter(segment)?)))
    }

    /// Whether it can name something of a customer or of the shop.
    pub fn names_something_of(&self, prepared: &Prepared) -> bool {
        let in_query = self.query.iter().any(|one| prepared.private("", &one.name).is_some());
        self.names_in_path(prepared) || in_query || names(&self.body, prepared)
    }

    /// Whether its path does.
    pub fn names_in_path(&self, prepared: &Prepared) -> bool {
        self.path_parameters().any(|(_, name)| prepared.public(name).is_none())
    }

    /// Whether all that its path names is there.
    pub fn is_prepared_in_full(&self, prepared: &Prepared) -> bool {
        let known =
            |(before, name)| prepared.private(before, name).or_else(|| prepared.public(name)).is_some();
        self.path_parameters().all(known)
    }

    /// Its path and query.
    pub fn path(&self, naming: &Naming, prepared: &Prepared) -> String {
        let segments: Vec<&str> = self.template.split('/').collect();
        let mut path = String::new();
        let mut named_before = false;
        for (place, segment) in segments.iter().enumerate().skip(1) {
            path.push('/');
            let Some(name) = parameter(segment) else {
                path.push_str(segment);
                continue;
            };
            let private = prepared.private(segments[place - 1], name);
            match (private, prepared.public(name)) {
                (Some(id), _) => path.push_str(&naming.id(id)),
                (None, Some(public)) => path.push_str(public),
                // What is within something that is named may be anything.
                (None, None) if named_before => path.push_str("0000000000"),
                (None, None) => panic!(
                    "{}: no {name:?} is known: prepare one for hanako in tests/http/walk/prepared.rs",
                    self.template
                ),
            }
            named_before |= private.is_some();
        }
        let query: Vec<String> = self.query.iter().filter_map(|one| one.written(naming, prepared)).collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// Its body: the example, with whose things it is about.
    pub fn body(&self, naming: &Naming, prepared: &Prepared) -> Value {
        let mut body = self.body.clone();
        put(&mut body, naming, prepared);
        body
    }
}

impl Parameter {
    fn read(parameter: &Value) -> Self {
        let schema = &parameter["schema"];
        let given = [
            &parameter["example"],
            &schema["example"],
            &schema["enum"][0],
            &schema["default"],
            &schema["minimum"],
        ];
        let example = given.into_iter().find(|value| !value.is_null()).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        Self {
            name: parameter["name"].as_str().unwrap().to_owned(),
            example: example.or_else(|| (schema["format"] == "date-time").then(|| A_TIME.to_owned())),
            required: parameter["required"].as_bool().unwrap_or_default(),
        }
    }

    fn written(&self, naming: &Naming, prepared: &Prepared) -> Option<String> {
        let private = prepared.private("", &self.name).filter(|_| naming.owner || self.required);
        let value = private.map(|id| naming.id(id));
        let needed = || self.required.then(|| prepared.public(&self.name).map(str::to_owned)).flatten();
        let example = || self.required.then(|| self.example.clone().unwrap_or_else(|| "x".to_owned()));
        let value = value.or_else(needed).or_else(example)?;
        Some(format!("{}={}", self.name, value.replace('+', "%2B").replace(' ', "%20")))
    }
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn example(description: &Value, content: &Value) -> Value {
    let reference = content["schema"]["$ref"].as_str().unwrap_or_default();
    let schema = description.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
    let given = [&content["example"], &schema["example"], &schema["examples"][0]];
    given.into_iter().find(|value| !value.is_null()).cloned().unwrap_or_else(|| serde_json::json!({}))
}

/// Puts the ids of what is meant wherever a body names something.
fn put(body: &mut Value, naming: &Naming, prepared: &Prepared) {
    match body {
        Value::Object(members) => {
            if !naming.owner {
                members.remove("customer_id");
            }
            for (name, value) in members {
                match prepared.private("", name).filter(|_| value.is_string()) {
                    Some(id) => *value = naming.id(id).into(),
                    None => put(value, naming, prepared),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| put(one, naming, prepared)),
        _ => {}
    }
}

fn names(body: &Value, prepared: &Prepared) -> bool {
    match body {
        Value::Object(members) => {
            members.iter().any(|(name, value)| prepared.private("", name).is_some() || names(value, prepared))
        }
        Value::Array(all) => all.iter().any(|one| names(one, prepared)),
        _ => false,
    }
}
