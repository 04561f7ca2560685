//! stub
use serde::{Deserialize, Serialize};
/// x
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);
impl UserId {
    /// x
    pub fn from_stored(s: impl Into<String>) -> Self {
        Self(s.into())
    }
    /// x
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// x
    pub fn role_hint(&self) -> Option<super::role::Role> {
        None
    }
}
impl std::fmt::Display for UserId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
/// x
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);
impl SessionId {
    /// x
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// x
pub fn email_key(s: &str) -> String {
    format!("email:{s}")
}
/// x
pub fn username_key(s: &str) -> String {
    format!("username:{s}")
}
/// x
pub fn user_id_key(s: &str) -> String {
    format!("user_id:{s}")
}
