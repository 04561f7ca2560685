//! The service accepts exactly the texts that the document allows: each word of an enum, each length to the character.
//!
//! The texts are made from the numbers and words of the document. If a limit is changed only on one side, a test fails.

use std::collections::BTreeSet;

use chrono::DateTime;
use kernel::role::Role;
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::harness::{Answer, Operation, TestServer, document, many_requests, operations};

/// A field of a body or a parameter of a query, with its schema in the document.
struct Field {
    operation: Operation,
    name: String,
    schema: Map<String, Value>,
    in_query: bool,
    may_be_empty: bool,
}

fn fields_of_bodies() -> Vec<Field> {
    let (document, mut seen, mut found) = (document(), BTreeSet::new(), Vec::new());
    for operation in operations() {
        let body = &operation.spec["requestBody"]["content"]["application/json"]["schema"];
        // Operations that are aliases share one type.
        if body.is_null() || !seen.insert(body.to_string()) {
            continue;
        }
        let schema = operation.body_schema(&document);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            found.push(Field {
                operation: operation.clone(),
                name: name.clone(),
                schema: property.as_object().unwrap().clone(),
                in_query: false,
                may_be_empty: false,
            });
        }
    }
    found
}

fn parameters() -> Vec<Field> {
    let mut found = Vec::new();
    for operation in operations() {
        let parameters = operation.spec["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            if parameter["in"] == "query" {
                found.push(Field {
                    operation: operation.clone(),
                    name: parameter["name"].as_str().unwrap().to_owned(),
                    schema: parameter["schema"].as_object().unwrap().clone(),
                    in_query: true,
                    may_be_empty: parameter["allowEmptyValue"] == true,
                });
            }
        }
    }
    found
}

const LIMITS: [&str; 7] = [
    "minLength",
    "maxLength",
    "pattern",
    "enum",
    "format",
    "minimum",
    "maximum",
];

impl Field {
    fn is_limited(&self) -> bool {
        let has = |limit: &&str| self.schema.contains_key(*limit);
        match self.schema.get("type").and_then(Value::as_str) {
            Some("string") => LIMITS.iter().any(has),
            // The texts of this test are no numbers of a body.
            _ => self.in_query && ["minimum", "maximum"].iter().all(has),
        }
    }

    /// The other parameters without which the operation does not come so far.
    fn required_beside(&self) -> Vec<(&str, &str)> {
        let parameters = self.operation.spec["parameters"].as_array();
        let needed = parameters
            .into_iter()
            .flatten()
            .filter(|it| it["in"] == "query" && it["required"] == true && it["name"] != self.name);
        needed
            .map(|it| (it["name"].as_str().unwrap(), "anna"))
            .collect()
    }

    fn number(&self, limit: &str) -> Option<usize> {
        let number = self.schema.get(limit)?.as_f64()?;
        format!("{number}").parse().ok()
    }

    fn words(&self) -> Option<Vec<&str>> {
        let words = self.schema.get("enum")?.as_array()?;
        Some(words.iter().filter_map(Value::as_str).collect())
    }

    /// Whether the document allows the text.
    fn allows(&self, text: &str) -> bool {
        if text.is_empty() && self.may_be_empty {
            return true;
        }
        if self.schema["type"] == "integer" {
            let range = self.number("minimum").unwrap()..=self.number("maximum").unwrap();
            return text.parse().is_ok_and(|number| range.contains(&number));
        }
        let length = text.chars().count();
        let pattern = self.schema.get("pattern").and_then(Value::as_str);
        self.number("minLength").is_none_or(|least| length >= least)
            && self.number("maxLength").is_none_or(|most| length <= most)
            && pattern.is_none_or(|pattern| Regex::new(pattern).unwrap().is_match(text))
            && self.words().is_none_or(|words| words.contains(&text))
            && (self.schema.get("format").is_none_or(|it| it != "date-time")
                || DateTime::parse_from_rfc3339(text).is_ok())
    }

    /// Every number of the schema and of its pattern.
    fn numbers(&self) -> BTreeSet<usize> {
        let limits = ["minLength", "maxLength", "minimum", "maximum"];
        let mut numbers: BTreeSet<_> = limits.iter().filter_map(|it| self.number(it)).collect();
        let pattern = self.schema.get("pattern").and_then(Value::as_str);
        let quantifier = Regex::new(r"\{([0-9]+),([0-9]+)\}").unwrap();
        for found in quantifier.captures_iter(pattern.unwrap_or_default()) {
            numbers.extend([1, 2].map(|group| found[group].parse::<usize>().unwrap()));
        }
        numbers
    }

    /// Texts on both sides of each limit. They break no other rule.
    fn texts_at_the_limits(&self) -> BTreeSet<String> {
        let mut texts = BTreeSet::new();
        for number in self.numbers() {
            // A pattern may count only from the second character on.
            for length in number.saturating_sub(1)..=number + 2 {
                texts.extend(self.of_length(length));
            }
        }
        for word in self.words().into_iter().flatten() {
            texts.extend([word.to_owned(), word.to_uppercase(), format!("{word} ")]);
        }
        if self.may_be_empty {
            texts.insert(String::new());
        }
        texts
    }

    fn of_length(&self, length: usize) -> Vec<String> {
        let cycle = |text: &str, length| text.chars().cycle().take(length).collect::<String>();
        let plain = cycle("zmxnqwvy", length);
        match self.name.as_str() {
            "limit" | "skip" => vec![length.to_string()],
            // Shorter than the limits of a label and of the part before the @, which have their own tests (ID-1).
            "email" if !self.in_query => {
                let labels = cycle("dddddddddd.", length.saturating_sub(7));
                vec![format!("a@{labels}xx.de")]
            }
            "mobile" => {
                let digits = cycle("079 ", length);
                vec![format!("+{digits}"), digits]
            }
            // The position of a row, in base64.
            "cursor" => vec![format!("Lw{}", cycle("A", length.saturating_sub(2)))],
            "username" | "password" | "new_password" | "actor" | "subject" => vec![plain],
            "date_of_birth" => Vec::new(),
            _ => vec![
                format!("A {plain}"),
                format!(" \u{3000}{plain}  "),
                plain.replace('m', "é"),
            ],
        }
    }
}

/// Texts that each break a rule of some field.
fn odd_texts() -> Vec<String> {
    let fixed = [
        "",
        " ",
        "-",
        "a\nb",
        "a\u{202e}b",
        "ä",
        "a b",
        "a@b",
        "a@b@c.de",
        "@",
        "+41 (0)79-1",
        "++41",
        "12",
        "de-CH",
        "de_CH",
        "Patient",
        "nobody",
        "1990-05-17",
        "1990-5-17",
        "19900517",
        "2026-01-15T10:30:00Z",
        "2026-01-15T10:30",
    ];
    let long = ["a", "7", "é"].map(|text| text.repeat(1000));
    fixed.map(str::to_owned).into_iter().chain(long).collect()
}

/// A server without throttles, and the access tokens of its callers.
struct Target {
    server: TestServer,
    patient: String,
    doctor: String,
    admin: String,
}

impl Target {
    async fn new() -> Self {
        let server = TestServer::start_with(|settings| {
            many_requests(settings);
            settings.config.lockout.max_failures = 10_000;
            settings.config.lockout.hard_limit = 10_000;
        })
        .await;
        Self {
            patient: server.token_of(Role::Patient).await,
            // This doctor is not approved, because a new specialization would end the token of an approved one.
            doctor: server.doctor("house").await.token(),
            admin: server.token_of(Role::Admin).await,
            server,
        }
    }

    /// Whether the service reports an error of this field if it has this text.
    async fn refuses(&self, field: &Field, text: &str) -> bool {
        let token = match field.name.as_str() {
            _ if field
                .operation
                .permission()
                .is_some_and(|it| !it.ends_with(":self")) =>
            {
                match field.operation.caller() {
                    Role::Doctor => &self.doctor,
                    Role::Patient => &self.patient,
                    Role::Staff | Role::Admin => &self.admin,
                }
            }
            "specialization" | "license_number" => &self.doctor,
            _ => &self.patient,
        };
        let answer = if field.in_query {
            let request = field.operation.request(&self.server);
            let request = request.query(&field.required_beside());
            Answer::of(request.query(&[(&field.name, text)]).bearer_auth(token)).await
        } else {
            let mut body = field.operation.example().unwrap();
            if field.name == "full_name" {
                // This field excludes the two others.
                body.retain(|name, _| !["first_name", "last_name"].contains(&name.as_str()));
            }
            body.insert(field.name.clone(), json!(text));
            field
                .operation
                .send(&self.server, token, &Value::Object(body))
                .await
        };
        assert!(
            answer.status < 429,
            "{}: {}",
            field.operation.id,
            answer.raw
        );
        let own = format!("{} ", field.name);
        answer
            .validation_errors()
            .iter()
            .any(|error| error.starts_with(&own))
    }

    /// Fails unless the document and the service agree about the field.
    async fn check(&self, field: &Field) {
        let at = format!("{} {}", field.operation.id, field.name);
        for text in field.texts_at_the_limits() {
            let refused = self.refuses(field, &text).await;
            assert_eq!(field.allows(&text), !refused, "{at}: {text:?}");
        }
        // Where null is allowed, a blank text may be the same.
        let is_null = |text: &str| field.schema.contains_key("nullable") && text.trim().is_empty();
        for text in odd_texts()
            .iter()
            .filter(|text| !field.allows(text) && !is_null(text))
        {
            assert!(self.refuses(field, text).await, "{at}: {text:?}");
        }
    }
}

#[tokio::test]
async fn bodies_are_refused_exactly_beyond_documented_limits() {
    let target = Target::new().await;
    let fields = fields_of_bodies().into_iter().filter(Field::is_limited);
    let fields: Vec<_> = fields.collect();
    assert!(fields.len() > 20, "{} fields", fields.len());
    for field in &fields {
        target.check(field).await;
    }
}

#[tokio::test]
async fn parameters_are_refused_exactly_beyond_documented_limits() {
    let target = Target::new().await;
    let fields = parameters().into_iter().filter(Field::is_limited);
    let fields: Vec<_> = fields.collect();
    assert!(fields.len() > 15, "{} parameters", fields.len());
    for field in &fields {
        target.check(field).await;
    }
}

#[tokio::test]
async fn an_empty_body_is_refused_where_one_field_is_required() {
    let (target, document) = (Target::new().await, document());
    let mut found = 0;
    for operation in operations() {
        if operation.spec.get("requestBody").is_none()
            || operation.body_schema(&document)["minProperties"] != 1
        {
            continue;
        }
        let answer = operation
            .send(&target.server, &target.admin, &json!({}))
            .await;
        answer.refused(422, "VALIDATION_ERROR");
        found += 1;
    }
    assert!(found > 0);
}

#[test]
fn fields_of_the_other_user_type_have_no_limits() {
    let ignored = ["date_of_birth", "specialization", "license_number"];
    for field in fields_of_bodies() {
        let at = (field.operation.id.as_str(), field.name.as_str());
        assert!(
            at.0 != "register" || !ignored.contains(&at.1) || !field.is_limited(),
            "{at:?}"
        );
    }
}
