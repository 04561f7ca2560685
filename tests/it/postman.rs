//! The Postman collection is correct and complete: each request calls a documented operation, and none is missing.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::harness::{Operation, document, operations, schema_errors};

const COLLECTION: &str =
    include_str!("../../postman/Patient_Doctor_Auth_API.postman_collection.json");
const ENVIRONMENT: &str =
    include_str!("../../postman/Patient_Doctor_Auth_Environment.postman_environment.json");

/// Fields of an OAuth2 password form (RFC 6749, 4.3.2) that the service ignores.
const OAUTH2: [&str; 2] = ["grant_type", "scope"];

/// A request of the collection with its scripts.
struct Request {
    folder: String,
    name: String,
    spec: Value,
    tests: String,
}

fn requests() -> Vec<Request> {
    let collection: Value = serde_json::from_str(COLLECTION).unwrap();
    let mut all = Vec::new();
    for folder in list(&collection["item"]) {
        for item in list(&folder["item"]) {
            let tests = list(&item["event"])
                .iter()
                .filter(|event| event["listen"] == "test");
            let lines = tests.flat_map(|event| list(&event["script"]["exec"]));
            all.push(Request {
                folder: text(&folder["name"]),
                name: text(&item["name"]),
                spec: item["request"].clone(),
                tests: lines.map(|line| text(line) + "\n").collect(),
            });
        }
    }
    all
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Request {
    /// Its folder and name, for messages.
    fn at(&self) -> String {
        format!("{} / {}", self.folder, self.name)
    }

    fn is_error(&self) -> bool {
        self.folder.ends_with("Errors")
    }

    /// Its path without the base address, the prefix and the query; a variable replaces each parameter.
    fn path(&self) -> String {
        let raw = text(&self.spec["url"]["raw"]);
        let raw = raw.strip_prefix("{{base_url}}").unwrap();
        let path = raw.split('?').next().unwrap();
        path.strip_prefix("/api/v1").unwrap_or(path).to_owned()
    }

    fn is_of(&self, operation: &Operation) -> bool {
        let (path, template) = (self.path(), &operation.template);
        // The file of a page is the only parameter with a fixed value.
        let fits = |(part, known): (&str, &str)| {
            part == known || known == "{file}" || known.starts_with('{') && part.starts_with("{{")
        };
        self.spec["method"] == operation.method.as_str()
            && path.split('/').count() == template.split('/').count()
            && path.split('/').zip(template.split('/')).all(fits)
    }

    /// The operation of `all` that it calls.
    fn operation<'a>(&self, all: &'a [Operation]) -> &'a Operation {
        let mut known = all.iter();
        known
            .find(|operation| self.is_of(operation))
            .unwrap_or_else(|| panic!("{}: the document has no such operation", self.at()))
    }

    fn sends_csv(&self) -> bool {
        let mut headers = list(&self.spec["header"]).iter();
        headers.any(|header| header["key"] == "Content-Type" && header["value"] == "text/csv")
    }

    /// The media type of its body, and the body as JSON.
    fn body(&self) -> Option<(&'static str, String)> {
        let body = &self.spec["body"];
        match body["mode"].as_str()? {
            "raw" if self.sends_csv() => Some(("text/csv", body["raw"].to_string())),
            "raw" => Some(("application/json", text(&body["raw"]))),
            "urlencoded" => {
                let fields = list(&body["urlencoded"]).iter();
                let fields = fields.map(|field| (text(&field["key"]), field["value"].clone()));
                let fields = fields.filter(|(name, _)| !OAUTH2.contains(&name.as_str()));
                let fields = Value::Object(fields.collect::<Map<_, _>>());
                Some(("application/x-www-form-urlencoded", fields.to_string()))
            }
            mode => panic!("{}: a body of the mode {mode}", self.at()),
        }
    }

    /// The statuses that its tests expect.
    fn statuses(&self) -> BTreeSet<u16> {
        let calls = self.tests.split("to.have.status(").skip(1);
        calls
            .map(|rest| rest.split(')').next().unwrap().parse().unwrap())
            .collect()
    }
}

#[test]
fn the_collection_has_all_folders_and_a_test_for_each_request() {
    let all = requests();
    let folders: BTreeSet<_> = all
        .iter()
        .map(|request| request.folder.split_once(' ').unwrap().1)
        .collect();
    let subjects = "Administration|Appointments|Consultations|Doctor|Errors|Login variants|Own account|Passkeys|Passwords|Patient|Patients|Profile|Reports|Second factors|Sessions|System|Tokens";
    assert_eq!(folders.into_iter().collect::<Vec<_>>().join("|"), subjects);
    assert!(all.len() >= 60, "{} requests", all.len());
    let mut names = BTreeSet::new();
    for request in &all {
        assert!(names.insert(request.at()), "{} stands twice", request.at());
        let checks = request.tests.matches("pm.expect(").count();
        assert!(checks >= 1, "{} looks at no value", request.at());
    }
}

#[test]
fn each_request_calls_a_documented_operation() {
    let all = operations();
    for request in requests() {
        let operation = request.operation(&all);
        let known = list(&operation.spec["parameters"]).iter();
        let known: Vec<_> = known
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| &parameter["name"])
            .collect();
        for parameter in list(&request.spec["url"]["query"]) {
            assert!(known.contains(&&parameter["key"]), "{}", request.at());
        }
        let token = request.spec["auth"]["type"] == "bearer";
        let wanted = operation.needs_token() && !request.tests.contains("to.have.status(401)");
        assert!(token || !wanted, "{} has no token", request.at());
    }
}

#[test]
fn each_request_expects_a_documented_status() {
    let all = operations();
    for request in requests() {
        let operation = request.operation(&all);
        let named: BTreeSet<_> = operation.responses().map(|(status, _)| status).collect();
        let expected = request.statuses();
        assert!(!expected.is_empty(), "{} expects no status", request.at());
        assert!(expected.is_subset(&named), "{}", request.at());
    }
}

#[test]
fn each_body_fits_the_documented_schema() {
    let (document, all) = (document(), operations());
    for request in requests() {
        let operation = request.operation(&all);
        let known = &operation.spec["requestBody"];
        let Some((media_type, body)) = request.body() else {
            assert_ne!(known["required"], true, "{} has no body", request.at());
            continue;
        };
        let schema = &known["content"][media_type]["schema"];
        assert!(!schema.is_null(), "{} takes no {media_type}", request.at());
        let found = match serde_json::from_str::<Value>(&body) {
            Ok(body) => schema_errors(&document, schema, &body, "body"),
            Err(error) => vec![error.to_string()],
        };
        // A request of the folder "Errors" may have a wrong body. An unknown field is a slip, unless the request
        // tests for one.
        let is_slip = |error: &String| {
            !request.is_error()
                || error.ends_with("is not in the document")
                    && !request.tests.contains("=== 'unknown'")
        };
        let slips: Vec<_> = found.iter().filter(|error| is_slip(error)).collect();
        assert!(slips.is_empty(), "{}: {slips:?}", request.at());
    }
}

#[test]
fn each_operation_of_the_document_is_used() {
    let (all, requests) = (operations(), requests());
    let used: BTreeSet<_> = requests
        .iter()
        .map(|request| &request.operation(&all).id)
        .collect();
    let ids = all.iter().map(|operation| &operation.id);
    let unused: Vec<_> = ids.filter(|id| !used.contains(id)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn the_environment_has_the_needed_values_and_no_secret() {
    let environment: Value = serde_json::from_str(ENVIRONMENT).unwrap();
    let values = list(&environment["values"]).iter();
    let values: Vec<_> = values
        .map(|value| (text(&value["key"]), text(&value["value"])))
        .collect();
    let expected = [
        ("base_url", "http://localhost:5001"),
        ("admin_login", ""),
        ("admin_password", ""),
    ];
    assert_eq!(
        values,
        expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
    for (key, _) in values {
        assert!(COLLECTION.contains(&format!("{{{{{key}}}}}")), "{key}");
    }
}
