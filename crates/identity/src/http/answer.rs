//! Answers that several operations share.

use poem_openapi::{Object, types::MaybeUndefined};

pub(crate) use web::answer::{Done, INVALID_USER_TYPE, UserType};

use crate::keys::tokens::TokenSet;
use kernel::secret::Secret;

/// Done; a code may have been sent.
#[derive(Debug, Object)]
pub struct CodeSent {
    /// Always true
    pub success: bool,
    /// A sentence for people
    pub message: String,
    /// The code; only with `service.debug`, in development
    #[oai(skip_serializing_if_is_none)]
    pub debug_otp: Option<String>,
}

impl CodeSent {
    /// The answer with this sentence.
    #[must_use]
    pub fn saying(message: &str, code: Option<&Secret>) -> Self {
        Self {
            success: true,
            message: message.to_owned(),
            debug_otp: code.map(|code| code.expose().to_owned()),
        }
    }
}

/// Tokens for a session (login, refresh).
#[derive(Debug, Object)]
pub struct TokenResponse {
    /// Always true
    pub success: bool,
    /// A sentence for people
    pub message: String,
    /// A JWT for `Authorization: Bearer`
    pub access_token: String,
    /// Always `bearer`
    pub token_type: String,
    /// Seconds that the access token lives
    pub expires_in: u64,
    /// Gives new tokens once, by /auth/refresh
    pub refresh_token: String,
    /// Seconds that the refresh token lives
    pub refresh_expires_in: u64,
    /// The user
    pub user_id: String,
    /// The user's role
    pub user_type: UserType,
    /// The same as `user_type`
    pub role: UserType,
    /// The session
    pub session_id: String,
    /// The username, or the e-mail address of somebody who has none
    pub username: String,
    /// First and last name
    pub full_name: String,
}

impl TokenResponse {
    /// The answer with this sentence.
    #[must_use]
    pub fn new(message: &str, tokens: TokenSet) -> Self {
        let TokenSet {
            access_token,
            expires_in,
            refresh_token,
            refresh_expires_in,
            session,
            user,
        } = tokens;
        Self {
            success: true,
            message: message.to_owned(),
            access_token: access_token.expose().to_owned(),
            token_type: "bearer".to_owned(),
            expires_in,
            refresh_token: refresh_token.expose().to_owned(),
            refresh_expires_in,
            user_id: user.user_id.to_string(),
            user_type: user.user_type.into(),
            role: user.user_type.into(),
            session_id: session.session_id.to_string(),
            full_name: user.person.names.full(),
            username: user.person.login_name().to_owned(),
        }
    }
}

/// The tokens of an answer that does not always have some.
#[derive(Debug, Object)]
pub(crate) struct MaybeTokens {
    /// A JWT for `Authorization: Bearer`
    #[oai(skip_serializing_if_is_none)]
    access_token: Option<String>,
    /// Always `bearer`
    #[oai(skip_serializing_if_is_none)]
    token_type: Option<String>,
    /// Seconds that the access token lives
    #[oai(skip_serializing_if_is_none)]
    expires_in: Option<u64>,
    /// Gives new tokens once, by /auth/refresh
    #[oai(skip_serializing_if_is_none)]
    refresh_token: Option<String>,
    /// Seconds that the refresh token lives
    #[oai(skip_serializing_if_is_none)]
    refresh_expires_in: Option<u64>,
    /// The user
    #[oai(skip_serializing_if_is_none)]
    user_id: Option<String>,
    /// The user's role
    #[oai(skip_serializing_if_is_none)]
    user_type: Option<UserType>,
    /// The same as `user_type`
    #[oai(skip_serializing_if_is_none)]
    role: Option<UserType>,
    /// The session
    #[oai(skip_serializing_if_is_none)]
    session_id: Option<String>,
    /// The username, or the e-mail address of somebody who has none
    #[oai(skip_serializing_if_is_none)]
    username: Option<String>,
    /// First and last name
    #[oai(skip_serializing_if_is_none)]
    full_name: Option<String>,
}

impl From<Option<TokenSet>> for MaybeTokens {
    fn from(tokens: Option<TokenSet>) -> Self {
        let tokens = tokens.map(|tokens| TokenResponse::new("", tokens));
        let text = |field: fn(&TokenResponse) -> &String| tokens.as_ref().map(field).cloned();
        Self {
            access_token: text(|tokens| &tokens.access_token),
            token_type: text(|tokens| &tokens.token_type),
            expires_in: tokens.as_ref().map(|tokens| tokens.expires_in),
            refresh_token: text(|tokens| &tokens.refresh_token),
            refresh_expires_in: tokens.as_ref().map(|tokens| tokens.refresh_expires_in),
            user_id: text(|tokens| &tokens.user_id),
            user_type: tokens.as_ref().map(|tokens| tokens.user_type),
            role: tokens.as_ref().map(|tokens| tokens.role),
            session_id: text(|tokens| &tokens.session_id),
            username: text(|tokens| &tokens.username),
            full_name: text(|tokens| &tokens.full_name),
        }
    }
}

/// A field that only some answers have. With `has`, an empty field is `null`; without it, the field is absent.
pub(crate) fn shown_to<T, V: Into<T>>(has: bool, value: Option<V>) -> MaybeUndefined<T> {
    match (has, value) {
        (false, _) => MaybeUndefined::Undefined,
        (true, None) => MaybeUndefined::Null,
        (true, Some(value)) => MaybeUndefined::Value(value.into()),
    }
}
