//! The reference of market files as a page, made from the same schema that checks them.

use std::fmt::Write;

use serde_json::Value;

/// Every section and key with its type, default, an example and what it is for, in Markdown.
pub fn reference() -> String {
    let schema = super::schema();
    let mut page = String::from(HEAD);
    section(&mut page, "the top of a file", &schema, &schema);
    let definitions = schema["$defs"].as_object().into_iter().flatten();
    for (name, definition) in definitions.filter(|(_, definition)| definition["properties"].is_object()) {
        section(&mut page, name.trim_end_matches("Section"), definition, &schema);
    }
    help(&mut page);
    page
}

/// The files of the folder `help`.
fn help(page: &mut String) {
    page.push_str(HELP);
    let settings = schemars::schema_for!(super::help::HelpSection).to_value();
    let article = schemars::schema_for!(super::help::ArticleSection).to_value();
    for (title, schema) in [("the top of `help/*.toml`", settings), ("the head of `help/<id>.md`", article)] {
        section(page, title, &schema, &schema);
        let definitions = schema["$defs"].as_object().into_iter().flatten();
        let own = definitions.filter(|(name, part)| part["properties"].is_object() && *name != "NameSection");
        for (name, definition) in own {
            section(page, name.trim_end_matches("Section"), definition, &schema);
        }
    }
    page.push_str("\n## Placeholders of articles\n\n");
    for name in super::help::PLACEHOLDERS {
        let _ = writeln!(page, "- `{{{{ {name} }}}}`");
    }
}

const HELP: &str = "\
\n# Help files

The folder `help` of a market holds its articles, a file each with both languages, and their settings. `choba market
check DIR` checks them with the terms; they have a version of their own, on which prices do not depend. What an article
says in figures it takes from the terms, by placeholders and by examples that are priced.
";

const HEAD: &str = "\
# Market files

<!-- Made by `choba market reference` from the types that check the files. -->

A market is a directory of `*.toml` files. A section may stand in any of them, each key in one. `choba market check
DIR` tells every mistake at once; nothing is loaded while there is one. `choba market schema` prints the JSON Schema
of the same, for editors. Amounts are whole yen, tax included. Rates are decimal numbers in quotes. Times carry their
offset from UTC. Start from a copy of one of the sample markets in `markets/`.

Where a type names another (`Name`, `Pays`, …) its keys are in the table of that name; `ids → Seller` is a section with
one entry for each id, such as `[sellers.shop-a]`.
";

fn section(page: &mut String, title: &str, definition: &Value, schema: &Value) {
    // Writing to a String does not fail.
    let _ = write!(page, "\n## {title}\n\n{}\n\n", text(&definition["description"]));
    let _ = writeln!(page, "| key | type | default | example | what it is |\n|---|---|---|---|---|");
    let required: Vec<&str> =
        definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, value) in definition["properties"].as_object().into_iter().flatten() {
        let default = match &value["default"] {
            _ if required.contains(&key.as_str()) => "must be given".to_owned(),
            Value::Null => "left out".to_owned(),
            default if default.is_object() => "its own defaults".to_owned(),
            default => code(default),
        };
        let example = value["examples"].get(0).map(code).unwrap_or_default();
        let about = text(&value["description"]);
        let _ = writeln!(page, "| `{key}` | {} | {default} | {example} | {about} |", type_of(value, schema));
    }
}

fn type_of(value: &Value, schema: &Value) -> String {
    if let Some(reference) = value["$ref"].as_str() {
        let target = schema.pointer(reference.trim_start_matches('#')).unwrap_or(value);
        let words: Vec<String> =
            target["oneOf"].as_array().into_iter().flatten().map(|word| code(&word["const"])).collect();
        let name = reference.rsplit('/').next().unwrap_or_default();
        return match words.as_slice() {
            [] => name.trim_end_matches("Section").to_owned(),
            words => words.join(", "),
        };
    }
    if let Some(choices) = value["anyOf"].as_array() {
        let choice = choices.iter().find(|choice| choice["type"] != "null");
        return choice.map_or_else(String::new, |choice| type_of(choice, schema));
    }
    if value["additionalProperties"].is_object() {
        return format!("ids → {}", type_of(&value["additionalProperties"], schema));
    }
    if value["items"].is_object() {
        return format!("list of {}", type_of(&value["items"], schema));
    }
    let kinds = match &value["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let kind = kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default();
    match kind {
        "integer" => "whole number".into(),
        "string" => "text".into(),
        "boolean" => "`true`, `false`".into(),
        other => other.to_owned(),
    }
}

fn code(value: &Value) -> String {
    format!("`{}`", value.to_string().replace('|', "\\|"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('\n', " ")
}
