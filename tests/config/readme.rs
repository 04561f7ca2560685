//! The documents describe the configuration as the code reads it, and README.md leads to all documents.

use clinic_auth::config::{Config, Environment, known_variables};
use serde_json::Value;

use super::{SECRET, machine, repository};

/// A default value as the tables show it.
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

/// How the row of each key begins, in the order of the sections. The names in the database share one row.
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
fn the_table_has_exactly_one_row_for_each_key() {
    let page = repository("docs/configuration.md");
    let (_, tables) = page.split_once("## Keys of `config.json`").unwrap();
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
    let page = repository("docs/configuration.md");
    for name in known_variables() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

/// The variables of the first block of a page that sets `ENVIRONMENT=production`, with secrets filled in.
fn production_block(page: &str) -> Vec<(String, String)> {
    let text = repository(page);
    let (_, block) = text.split_once("\nENVIRONMENT=production\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let lines = block.lines().chain(["ENVIRONMENT=production"]);
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| {
            let value = value.split_once(" #").map_or(value, |(value, _)| value);
            let value = value.trim().trim_matches('\'').replace("...", SECRET);
            (name.to_owned(), value)
        })
        .collect()
}

#[test]
fn documented_production_settings_start_the_service() {
    for page in ["README.md", "docs/deployment.md"] {
        let block = production_block(page);
        assert!(block.len() > 5, "{page}: {block:?}");
        let machine = block
            .iter()
            .fold(machine(), |machine, (name, value)| machine.env(name, value));
        assert!(machine.load().mail_by_smtp, "{page}");
    }
}

/// The variables of the manifest, with secrets filled in.
fn manifest_block() -> Vec<(String, String)> {
    let text = repository("docs/operations/kubernetes.yaml");
    let pairs = text.split("- name: ").skip(1);
    let pairs = pairs.filter_map(|rest| rest.split_once("\n              value: "));
    pairs
        .map(|(name, rest)| {
            let value = rest.lines().next().unwrap();
            let value = value.split_once(" #").map_or(value, |(value, _)| value);
            let value = value.trim_matches('"').to_owned();
            match name.strip_suffix("_FILE") {
                Some("MONGO_URI") => ("MONGO_URI".to_owned(), "mongodb://db".to_owned()),
                Some("FIELD_ENCRYPTION_KEY") => (
                    "FIELD_ENCRYPTION_KEY".to_owned(),
                    SECRET.chars().rev().collect(),
                ),
                Some(secret) => (secret.to_owned(), SECRET.to_owned()),
                None => (name.to_owned(), value),
            }
        })
        .collect()
}

#[test]
fn the_manifest_of_kubernetes_starts_the_service() {
    let block = manifest_block();
    let machine = block
        .iter()
        .fold(machine(), |machine, (name, value)| machine.env(name, value));
    let settings = machine.load();
    assert_eq!(settings.environment, Environment::Production);
    let service = &settings.config.service;
    assert_eq!(
        (block.len(), service.drain_seconds, service.shutdown_seconds),
        (11, 15, 20)
    );
}

/// The anchor that the web site of the pages gives to a heading.
fn slug(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn the_table_of_contents_lists_every_section_in_order() {
    let readme = repository("README.md");
    let (_, body) = readme.split_once("## Contents\n\n").unwrap();
    let (contents, body) = body.split_once("\n\n").unwrap();
    let sections: Vec<String> = body
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|heading| format!("- [{heading}](#{})", slug(heading)))
        .collect();
    assert_eq!(contents.lines().collect::<Vec<_>>(), sections);
}

#[test]
fn every_link_between_the_documents_leads_to_a_file() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let pages = docs.filter(|path| path.extension().is_some_and(|kind| kind == "md"));
    for page in
        pages.chain(["README.md", "SECURITY.md", "CONTRIBUTING.md"].map(|page| root.join(page)))
    {
        let text = std::fs::read_to_string(&page).unwrap();
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'));
        for (link, _) in links {
            let file = link.split('#').next().unwrap();
            let here = page.parent().unwrap().join(file);
            assert!(
                file.contains("://") || here.exists(),
                "{}: {link}",
                page.display()
            );
        }
    }
}
