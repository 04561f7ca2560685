//! An answer of the service, read completely.

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

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
        Self::try_of(request).await.unwrap()
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

    /// Fails the test unless the answer has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.raw);
        self
    }

    /// Fails the test unless the answer has this status and error code. Returns the message.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> &str {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.raw);
        self.body["error"]["message"].as_str().unwrap()
    }

    /// `error.code`, or an empty text.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The value of a text field.
    #[track_caller]
    pub fn text(&self, field: &str) -> String {
        let value = self.body[field].as_str();
        value
            .unwrap_or_else(|| panic!("no text {field} in {}", self.raw))
            .to_owned()
    }

    /// The access token.
    #[track_caller]
    pub fn token(&self) -> String {
        self.text("access_token")
    }

    /// The refresh token.
    #[track_caller]
    pub fn refresh_token(&self) -> String {
        self.text("refresh_token")
    }

    /// Each validation error as `field type`, in order.
    pub fn validation_errors(&self) -> Vec<String> {
        let errors = self.body["error"]["details"]["validation_errors"].as_array();
        let show = |error: &Value| {
            format!(
                "{} {}",
                error["field"].as_str().unwrap(),
                error["type"].as_str().unwrap()
            )
        };
        errors.into_iter().flatten().map(show).collect()
    }
}
