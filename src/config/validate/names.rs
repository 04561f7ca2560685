//! Checks the names in the database: MongoDB must accept each name, and no name may be used twice.

use std::collections::HashMap;

use serde_json::Value;

use crate::config::{
    ConfigErrors,
    sections::Database,
    tree::{leaves, tree_of},
};

/// MongoDB's limits in bytes: for the name of a database, and for `database.collection`.
const DATABASE_BYTES: usize = 63;
const NAMESPACE_BYTES: usize = 255;

pub(super) fn check(database: &Database, errors: &mut ConfigErrors) {
    if let Some(problem) = database_name_problem(&database.limits.database_name) {
        errors.add(
            "database.database_name",
            problem,
            "give the database another name",
        );
    }
    let config = crate::config::Config {
        database: database.clone(),
        ..Default::default()
    };
    let mut taken = HashMap::new();
    for (key, value) in leaves(&tree_of(&config)) {
        let Value::String(name) = value else { continue };
        // All collections share one namespace. Each collection has its own namespace for indexes.
        let (namespace, problem) = if key.starts_with("database.collections.") {
            (
                "",
                collection_name_problem(name, &database.limits.database_name),
            )
        } else if let Some(index) = key.strip_prefix("database.indexes.") {
            (collection_of(index), index_name_problem(name))
        } else {
            continue;
        };
        if let Some(problem) = problem {
            errors.add(key, problem, "give it another name");
        } else if let Some(other) = taken.insert((namespace.to_owned(), name.clone()), key.clone())
        {
            errors.add(
                key,
                format!("is the name of {other} too"),
                "give it a name of its own",
            );
        }
    }
}

fn database_name_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > DATABASE_BYTES {
        Some("must have 1 to 63 bytes")
    } else if name.contains([
        '/', '\\', '.', ' ', '"', '$', '*', '<', '>', ':', '|', '?', '\0',
    ]) {
        Some("has a character that MongoDB refuses in the name of a database")
    } else if ["admin", "local", "config"].contains(&name) {
        Some("is a database of MongoDB itself")
    } else {
        None
    }
}

fn collection_name_problem(name: &str, database: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.contains(['$', '\0']) {
        Some("has a character that MongoDB refuses in the name of a collection")
    } else if name.starts_with("system.") {
        Some("begins with `system.`, which MongoDB keeps for itself")
    } else if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        Some("has a dot that separates nothing")
    } else if database.len() + 1 + name.len() > NAMESPACE_BYTES {
        Some("is longer than MongoDB allows")
    } else {
        None
    }
}

fn index_name_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.contains('\0') {
        Some("has a character that MongoDB refuses in the name of an index")
    } else if ["*", "_id_"].contains(&name) {
        Some("is a name that MongoDB keeps for itself")
    } else {
        None
    }
}

/// The collection of an index. It is the first word of the index's key; the indexes of sessions have two such words.
fn collection_of(index: &str) -> &str {
    match index.split('_').next().unwrap_or(index) {
        "user" => "session",
        word => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(change: impl FnOnce(&mut Database)) -> Vec<String> {
        let mut database = Database::default();
        change(&mut database);
        let mut errors = ConfigErrors::default();
        check(&database, &mut errors);
        errors.0.into_iter().map(|error| error.key).collect()
    }

    #[test]
    fn the_default_names_are_valid() {
        assert!(errors(|_| {}).is_empty());
    }

    #[test]
    fn a_collection_name_that_mongodb_refuses_is_an_error() {
        for name in ["", "a$b", "a\0b", "system.users", "a..b", &"n".repeat(300)] {
            let keys = errors(|d| name.clone_into(&mut d.collections.identity.patients));
            assert_eq!(keys, ["database.collections.patients"], "{name:?}");
        }
    }

    #[test]
    fn a_database_name_that_mongodb_refuses_is_an_error() {
        for name in ["", "a.b", "a b", "admin", &"n".repeat(64)] {
            let keys = errors(|d| name.clone_into(&mut d.limits.database_name));
            assert_eq!(keys, ["database.database_name"], "{name:?}");
        }
    }

    #[test]
    fn two_collections_cannot_share_a_name() {
        let keys = errors(|d| d.collections.identity.staff = "doctor_v2".to_owned());
        assert_eq!(keys, ["database.collections.staff"]);
    }

    #[test]
    fn two_indexes_share_a_name_only_in_different_collections() {
        let same = |first: &mut String, second: &mut String| {
            "by_email".clone_into(first);
            "by_email".clone_into(second);
        };
        let keys = errors(|d| {
            let indexes = &mut d.indexes;
            same(
                &mut indexes.identity.patients_email_unique_idx,
                &mut indexes.identity.doctors_email_unique_idx,
            );
        });
        assert!(keys.is_empty(), "{keys:?}");
        let keys = errors(|d| {
            let indexes = &mut d.indexes;
            same(
                &mut indexes.identity.session_user_id_idx,
                &mut indexes.identity.user_active_sessions_idx,
            );
        });
        assert_eq!(keys, ["database.indexes.user_active_sessions_idx"]);
    }

    #[test]
    fn an_index_name_that_mongodb_refuses_is_an_error() {
        for name in ["", "a\0b", "*", "_id_"] {
            let keys = errors(|d| name.clone_into(&mut d.indexes.platform.audit_time_idx));
            assert_eq!(keys, ["database.indexes.audit_time_idx"], "{name:?}");
        }
    }
}
