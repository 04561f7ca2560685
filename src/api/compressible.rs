//! The operations whose answers may be compressed. Each other answer is sent as it is.

/// Lists, pages and their files, and the document.
///
/// The length of a compressed answer tells whether a part of it repeats another part. A person who can put text into an
/// answer and see its length can so guess a secret in it, letter by letter (BREACH). So no operation stands here that
/// answers a token, a code, a link or another secret; a test looks for their names in the documented answers. The list of
/// one's own sessions is absent too, because who logs in chooses the names of devices in it.
pub(super) const COMPRESSIBLE: &[&str] = &[
    "list_users",
    "admin_list_users",
    "list_pending_users",
    "list_audit_log",
    "list_mails",
    "activity",
    "list_patients",
    "list_accesses",
    "list_own_accesses",
    "list_consultations",
    "list_reports",
    "list_appointments",
    "list_doctors",
    "openapi",
    "static_file",
    "test_page",
    "docs",
    "redoc",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::api::{ABOUT, Operations};

    /// Parts of the names of fields that hold a secret.
    const SECRETS: [&str; 10] = [
        "token", "secret", "password", "otp", "code", "link", "url", "key", "qr", "proof",
    ];

    /// Collects the names of the fields of a schema, and of those that it refers to.
    fn fields<'a>(document: &'a Value, schema: &'a Value, found: &mut BTreeSet<&'a str>) {
        if let Some(reference) = schema["$ref"].as_str() {
            fields(document, document.pointer(&reference[1..]).unwrap(), found);
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            if found.insert(name) {
                fields(document, field, found);
            }
        }
        let parts = ["allOf", "anyOf", "oneOf"].map(|name| schema[name].as_array());
        for part in parts.into_iter().flatten().flatten() {
            fields(document, part, found);
        }
        if schema.get("items").is_some() {
            fields(document, &schema["items"], found);
        }
    }

    // WEB-2
    #[test]
    fn no_answer_with_a_secret_may_be_compressed() {
        let document = web::document::document::<Operations>(&ABOUT).unwrap();
        let paths = document["paths"].as_object().unwrap().values();
        let operations: Vec<_> = paths
            .flat_map(|path| path.as_object().unwrap().values())
            .collect();
        let mut lists = 0;
        for id in COMPRESSIBLE {
            let operation = operations.iter().find(|it| it["operationId"] == *id);
            let operation = operation.unwrap_or_else(|| panic!("there is no {id}"));
            let content = &operation["responses"]["200"]["content"];
            let mut names = BTreeSet::new();
            for media in content.as_object().unwrap().values() {
                fields(&document, &media["schema"], &mut names);
            }
            lists += usize::from(names.contains("success"));
            for name in names {
                let secret = SECRETS.iter().find(|secret| name.contains(**secret));
                assert_eq!(secret, None, "{id} answers {name}");
            }
        }
        assert_eq!(lists, 13);
    }
}
