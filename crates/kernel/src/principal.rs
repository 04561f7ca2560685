//! Who is calling, proven by a token, a live session and a live account.

use super::{
    ids::{SessionId, UserId},
    role::Role,
};
use crate::{clock::Timestamp, methods::Methods};

/// A caller whose token, session and account were checked for this request (SES-1).
#[derive(Debug, Clone)]
pub struct Principal {
    /// The account.
    pub user_id: UserId,
    /// Its role, from the database (ADM-1).
    pub role: Role,
    /// The session that the token belongs to.
    pub session_id: SessionId,
    /// When the access token expires.
    pub token_expires_at: Timestamp,
    /// What the session has proven (MFA-21).
    pub methods: Methods,
    /// When its owner last proved it.
    pub auth_time: Timestamp,
}
