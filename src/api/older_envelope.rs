//! Answers in the form of the older EMR, for its client (`clinic.older_envelope`): the clinic's and those of the login.
//! Refusals keep the one envelope, whose `detail` that client reads.

use kernel::request::Origin;
use poem::{Body, Endpoint, Request, Response, Result};
use serde_json::{Map, Value, json};

/// The paths of a login; the older client takes its token from there.
const LOGIN: [&str; 2] = ["/auth/login", "/auth/login/json"];

/// The lists that are answered whole, without pages.
const WHOLE_LISTS: [&str; 3] = ["slots", "exceptions", "care_team"];

/// Operations, whose answers are wrapped if the setting is on.
pub(super) struct OlderEnvelope<E> {
    operations: E,
    is_on: bool,
}

impl<E> OlderEnvelope<E> {
    /// Puts the envelope around the answers of `operations`, or leaves them as they are.
    pub(super) const fn new(operations: E, is_on: bool) -> Self {
        Self { operations, is_on }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for OlderEnvelope<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if !self.is_on || !is_for_older_client(request.uri().path()) {
            return self.operations.call(request).await;
        }
        let origin = request.data::<Origin>();
        let request_id = origin.map_or_else(String::new, |origin| origin.request_id.clone());
        let mut answer = self.operations.call(request).await?;
        let content = answer.content_type().unwrap_or_default();
        let is_json = content.starts_with("application/json");
        if is_json && answer.status().is_success() {
            let body = answer.take_body().into_bytes().await?;
            // The bare list of the older scheduler is no object and stays as it is.
            answer.set_body(match serde_json::from_slice(&body) {
                Ok(fields) => Body::from_string(wrapped(fields, &request_id).to_string()),
                Err(_) => Body::from_bytes(body),
            });
        }
        Ok(answer)
    }
}

fn is_for_older_client(path: &str) -> bool {
    let is_below = |root: &&str| {
        path.strip_prefix(*root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    LOGIN.contains(&path) || clinic::SLICE.roots.iter().any(is_below)
}

/// The answer in the older form. A list has its one array once more as `items`.
fn wrapped(mut fields: Map<String, Value>, request_id: &str) -> Value {
    let is_list = ["pagination", "count"]
        .iter()
        .any(|name| fields.contains_key(*name));
    // A record has its care team among other things.
    let is_whole = !fields.contains_key("patient_id")
        && WHOLE_LISTS.iter().any(|name| fields.contains_key(*name));
    let is_list = is_list || is_whole;
    let mut arrays = fields.values().filter(|value| value.is_array());
    if let (true, Some(rows), None) = (is_list, arrays.next().cloned(), arrays.next()) {
        fields.insert("items".to_owned(), rows);
    }
    json!({ "status": "success", "data": fields, "request_id": request_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(fields: Value) -> Value {
        let Value::Object(fields) = fields else {
            panic!("not an object")
        };
        wrapped(fields, "request-1")["data"].take()
    }

    #[test]
    fn a_list_has_its_array_again_and_nothing_else_has() {
        let list = json!({ "patients": [1, 2], "pagination": { "total": 2 } });
        assert_eq!(data(list)["items"], json!([1, 2]));
        let found = json!({ "patients": [], "count": 0 });
        assert_eq!(data(found)["items"], json!([]));
        for name in ["slots", "exceptions", "care_team"] {
            let whole = json!({ "message": "", name: [3] });
            assert_eq!(data(whole)["items"], json!([3]), "{name}");
        }
        for other in [
            json!({ "patient_id": "PAT1", "care_team": [1], "version": 1 }),
            json!({ "symptoms": [1], "care_team": [2], "pagination": {} }),
            json!({ "by_day": [1], "total": 1 }),
            json!({ "patient_id": "PAT1", "count": 1 }),
        ] {
            assert_eq!(data(other.clone()), other);
        }
    }

    #[test]
    fn the_login_and_the_clinic_are_for_the_older_client() {
        for path in [
            "/auth/login",
            "/auth/login/json",
            "/patients",
            "/reports/list",
        ] {
            assert!(is_for_older_client(path), "{path}");
        }
        for path in [
            "/auth/refresh",
            "/auth/login/other",
            "/patientsx",
            "/users/me",
            "/",
        ] {
            assert!(!is_for_older_client(path), "{path}");
        }
    }
}
