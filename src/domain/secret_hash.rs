//! stub
use serde::{Deserialize, Serialize};
/// x
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);
impl PasswordHash {
    /// x
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("x")
    }
}
