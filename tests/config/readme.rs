//! The configuration tables of README.md say what the code does.

use clinic_auth::config::{Config, known_variables};
use serde_json::Value;

use super::repository;

/// A default as the tables show it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(k, v)| format!("{k} {}", shown(v)));
            fields.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// How the row of each key begins, in the order of the sections; names in the database have one row together.
fn rows() -> Vec<String> {
    let config = serde_json::to_value(Config::default()).unwrap();
    let mut rows = Vec::new();
    for (section, keys) in config.as_object().unwrap() {
        for (key, default) in keys.as_object().unwrap() {
            rows.push(match key.as_str() {
                "collections" | "indexes" => format!("| `{section}.{key}.*` | see `config.json` |"),
                _ => format!("| `{section}.{key}` | `{}` |", shown(default)),
            });
        }
    }
    rows
}

#[test]
fn every_key_has_a_row_with_its_default_and_no_other_row_is_there() {
    let readme = repository("README.md");
    let (_, tables) = readme.split_once("### Keys of `config.json`").unwrap();
    let (tables, _) = tables.split_once("\n## ").unwrap();
    let found: Vec<_> = tables
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains('.'))
        .collect();
    for row in rows() {
        assert!(
            found.iter().any(|line| line.starts_with(&row)),
            "missing: {row}"
        );
    }
    assert_eq!(found.len(), rows().len());
}

#[test]
fn every_variable_is_named() {
    let readme = repository("README.md");
    for name in known_variables() {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
