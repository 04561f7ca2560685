//! An answer of the service, read completely.

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

use crate::{check, must};

/// Status, headers and body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, if it is JSON.
    pub body: Value,
    /// The body as text.
    pub raw: String,
}

impl Answer {
    /// Sends the request and reads the answer.
    pub async fn of(request: RequestBuilder) -> Self {
        must(Self::try_of(request).await, "an answer")
    }

    /// The same, for a server that may have stopped.
    pub async fn try_of(request: RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let raw = response.text().await?;
        Ok(Self {
            status,
            headers,
            body: serde_json::from_str(&raw).unwrap_or(Value::Null),
            raw,
        })
    }

    /// The answer. The test fails unless it has this status.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "most tests only check the status"
    )]
    pub fn expect(self, status: u16) -> Self {
        check(self.status == status, || {
            format!("{} is not {status}: {}", self.status, self.raw)
        });
        self
    }

    /// The message. The test fails unless the answer has this status and error code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> &str {
        let found = (self.status, self.code());
        check(found == (status, code), || {
            format!("{found:?} is not {status} {code}: {}", self.raw)
        });
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// `error.code`, or an empty text.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The value of a text field. The test fails if there is none.
    #[track_caller]
    pub fn text(&self, field: &str) -> String {
        let value = self.body[field].as_str();
        check(value.is_some(), || {
            format!("no text {field} in {}", self.raw)
        });
        value.unwrap_or_default().to_owned()
    }

    /// The access token of a login.
    #[track_caller]
    pub fn token(&self) -> String {
        self.text("access_token")
    }

    /// The refresh token of a login.
    #[track_caller]
    pub fn refresh_token(&self) -> String {
        self.text("refresh_token")
    }

    /// Each validation error as `field type`, in order.
    pub fn validation_errors(&self) -> Vec<String> {
        let errors = self.body["error"]["details"]["validation_errors"].as_array();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let show = |error: &Value| format!("{} {}", word(&error["field"]), word(&error["type"]));
        errors.into_iter().flatten().map(show).collect()
    }
}
