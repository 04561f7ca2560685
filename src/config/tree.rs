//! The configuration as a tree of keys: the file overrides the defaults, and variables override the file.

use std::{collections::BTreeMap, path::Path};
use web::nearest::nearest;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Config, ConfigErrors,
    environment::{PREFIX, SHORT_NAMES, value, variable_of},
    obsolete,
};
use kernel::json::Unique;

/// The configuration while it is being built. It can be deserialized at each moment.
pub(super) struct Tree {
    root: Value,
    /// The keys of the leaves, with dots. The built-in defaults have all of them.
    keys: Vec<String>,
    /// Keys and variables of an earlier version that were found.
    obsolete: Vec<String>,
}

impl Tree {
    /// The built-in defaults.
    pub(super) fn defaults() -> Self {
        let root = tree_of(&Config::default());
        let keys = leaves(&root).into_iter().map(|(key, _)| key).collect();
        Self {
            root,
            keys,
            obsolete: Vec::new(),
        }
    }

    /// The complete configuration, and the keys and variables of an earlier version, which the service ignores.
    #[expect(clippy::expect_used, reason = "`set` keeps only what fits")]
    pub(super) fn into_config(self) -> (Config, Vec<String>) {
        let config = Config::deserialize(&self.root).expect("every leaf has the right type");
        (config, self.obsolete)
    }

    /// Applies the text of the file. Each wrong key is reported, and the others are used.
    pub(super) fn apply_file(&mut self, path: &Path, text: &str, errors: &mut ConfigErrors) {
        match serde_json::from_str(text) {
            Ok(Unique(Value::Object(sections))) => self.apply_object("", sections, errors),
            Ok(_) => errors.add(
                path.display().to_string(),
                "is not a JSON object",
                "let it hold sections, as the example in the repository does",
            ),
            // The message contains the line and the column.
            Err(error) => errors.add(
                path.display().to_string(),
                format!("is not valid: {error}"),
                "correct the JSON",
            ),
        }
    }

    fn apply_object(&mut self, above: &str, object: Map<String, Value>, errors: &mut ConfigErrors) {
        for (name, value) in object {
            let has_no_dot = !name.contains('.');
            let key = if above.is_empty() {
                name
            } else {
                format!("{above}.{name}")
            };
            if has_no_dot && self.keys.contains(&key) {
                if let Err(expected) = self.set(&key, value) {
                    errors.add(key, "is of the wrong type", format!("expected {expected}"));
                }
            } else if has_no_dot && obsolete::is_key(&key) {
                self.obsolete.push(key);
            } else if !(has_no_dot && self.is_section(&key)) {
                let nearest = nearest(&key, self.sections().chain(self.keys.iter().cloned()));
                let remedy = if nearest == key {
                    "nest it: each dot is a level".to_owned()
                } else {
                    format!("did you mean {nearest}?")
                };
                errors.add(key, "is not a known key", remedy);
            } else if let Value::Object(below) = value {
                self.apply_object(&key, below, errors);
            } else {
                let remedy = "expected an object of its keys";
                errors.add(key, "is a section, not a value", remedy);
            }
        }
    }

    /// Applies variables. A long name takes precedence over a short one.
    pub(super) fn apply_variables(
        &mut self,
        variables: &BTreeMap<String, String>,
        errors: &mut ConfigErrors,
    ) {
        for (name, key) in SHORT_NAMES {
            if value(variables, &variable_of(key)).is_none()
                && let Some(text) = value(variables, name)
            {
                self.apply_text(name, key, text, errors);
            }
        }
        for name in variables.keys().filter(|name| name.starts_with(PREFIX)) {
            let Some(text) = value(variables, name) else {
                continue;
            };
            if let Some(key) = self.keys.iter().find(|key| variable_of(key) == *name) {
                self.apply_text(name, &key.clone(), text, errors);
            } else if obsolete::is_variable(name) {
                self.obsolete.push(name.clone());
            } else {
                let dotted = name[PREFIX.len()..].to_lowercase().replace("__", ".");
                let nearest = variable_of(&nearest(&dotted, self.keys.iter().cloned()));
                let remedy = format!("did you mean {nearest}?");
                errors.add(name, "is not a known variable", remedy);
            }
        }
    }

    fn apply_text(&mut self, variable: &str, key: &str, text: &str, errors: &mut ConfigErrors) {
        let mut last = Ok(());
        for value in possible_values(text) {
            last = self.set(key, value);
            if last.is_ok() {
                return;
            }
        }
        if let Err(expected) = last {
            let problem = format!("{variable} is of the wrong type");
            errors.add(key, problem, format!("expected {expected}"));
        }
    }

    /// Sets a leaf. If the value has the wrong type, the leaf does not change, and the result says which type is
    /// expected.
    fn set(&mut self, key: &str, value: Value) -> Result<(), String> {
        let pointer = pointer_of(key);
        let Some(leaf) = self.root.pointer_mut(&pointer) else {
            return Err("a known key".to_owned());
        };
        let before = std::mem::replace(leaf, value);
        let outcome = Config::deserialize(&self.root);
        if let (Err(_), Some(leaf)) = (&outcome, self.root.pointer_mut(&pointer)) {
            *leaf = before;
        }
        outcome.map(drop).map_err(|error| expected_type(&error))
    }

    /// All keys that are not leaves. Each occurs once for each leaf below it.
    fn sections(&self) -> impl Iterator<Item = String> {
        self.keys
            .iter()
            .flat_map(|key| key.match_indices('.').map(|(dot, _)| key[..dot].to_owned()))
    }

    fn is_section(&self, key: &str) -> bool {
        self.sections().any(|section| section == key)
    }
}

/// The configuration as the JSON of a file.
#[expect(clippy::expect_used, reason = "sections are plain data with text keys")]
pub(super) fn tree_of(config: &Config) -> Value {
    serde_json::to_value(config).expect("a configuration is JSON")
}

/// The JSON pointer of a dotted key.
pub(super) fn pointer_of(key: &str) -> String {
    format!("/{}", key.replace('.', "/"))
}

/// The leaves below `value`, each with its full dotted key.
pub(super) fn leaves(value: &Value) -> Vec<(String, &Value)> {
    fn walk<'a>(key: &str, value: &'a Value, into: &mut Vec<(String, &'a Value)>) {
        let Value::Object(below) = value else {
            into.push((key.to_owned(), value));
            return;
        };
        for (name, value) in below {
            let dot = if key.is_empty() { "" } else { "." };
            walk(&format!("{key}{dot}{name}"), value, into);
        }
    }
    let mut all = Vec::new();
    walk("", value, &mut all);
    all
}

/// The possible meanings of a variable's text, with the text itself last. The first one that fits the key's type is
/// used.
fn possible_values(text: &str) -> Vec<Value> {
    let word = text.trim().to_ascii_lowercase();
    let mut values = Vec::new();
    match word.as_str() {
        "null" => values.push(Value::Null),
        "true" | "yes" | "on" | "1" => values.push(Value::Bool(true)),
        "false" | "no" | "off" | "0" => values.push(Value::Bool(false)),
        _ => {}
    }
    if let Ok(number) = word.parse::<i64>() {
        values.push(number.into());
    }
    let items = text.split(',').map(str::trim);
    values.push(items.filter(|item| !item.is_empty()).collect());
    values.push(text.into());
    values
}

/// The type that serde expected, in words for an operator. The text does not contain the value that was found.
fn expected_type(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let expected = text.rsplit_once(", expected ");
    match expected.map_or("", |(_, expected)| expected) {
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i32" | "i64" => "a whole number",
        "a boolean" => "true or false",
        "a string" => "text",
        "a sequence" => "a list of texts",
        "" | "string or map" => "one of its words",
        words => words,
    }
    .to_owned()
}
