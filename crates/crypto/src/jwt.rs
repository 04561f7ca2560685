//! Access tokens (RFC 9068): their claims, and when a token is valid.

use chrono::Duration;
use jsonwebtoken::{Header, Validation, errors::ErrorKind};
use serde::{Deserialize, Deserializer, Serialize};

use super::signing_key::{SigningKey, library_name};
use crate::settings::{self, JwtAlgorithm};
use kernel::{clock::Timestamp, methods::Methods, random::SharedRng, role::Role};

/// The largest size of a token, in bytes (JWT-6).
pub(super) const MAX_TOKEN: usize = 1024;

/// How many seconds another instance's clock may be ahead (JWT-5).
const MAX_AHEAD: i64 = 60;
/// The largest tolerance for `exp`, in seconds; the configuration cannot exceed it (JWT-5).
const MAX_LEEWAY: i64 = 5;
/// A year.
const MAX_LIFETIME_MINUTES: i64 = 365 * 24 * 60;

/// The claims of an access token. They contain nothing medical, no name and no address (JWT-6). Times are in seconds
/// since 1970 (RFC 7519).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The issuer.
    pub iss: String,
    /// The audience; absent in legacy tokens.
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// The user's id.
    pub sub: String,
    /// The user's role at login. Decisions use the role in the database (ADM-1).
    pub user_type: Role,
    /// The session, which must be live.
    pub session_id: String,
    /// The token's own id.
    pub jti: String,
    /// When it was issued.
    pub iat: i64,
    /// The start of its validity.
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// The end of its validity.
    pub exp: i64,
    /// The same as `sub`, for older consumers; only in legacy tokens.
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Whether a doctor is approved (D7); only in doctors' tokens.
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
    /// How the session was proven (RFC 8176); absent in tokens of an earlier version.
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The level of that proof.
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// When the session was last proven.
    #[serde(default, deserialize_with = "present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
}

impl AccessClaims {
    /// `exp` as a timestamp.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_timestamp(self.exp, 0).unwrap_or(Timestamp::MAX_UTC)
    }
}

/// Reads a claim that may be absent but not `null`, which is neither a number nor a string (JWT-2).
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The user of a token.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The user's id.
    pub user_id: &'a str,
    /// The user's role.
    pub role: Role,
    /// The session's id.
    pub session_id: &'a str,
    /// Whether a doctor is approved; `None` for other roles.
    pub approved: Option<bool>,
    /// What the session has proven.
    pub methods: Methods,
    /// When it was last proven.
    pub auth_time: Timestamp,
}

/// The form and the lifetime of tokens, from section `jwt` of the configuration.
#[derive(Debug, Clone)]
pub struct JwtSettings {
    issuer: String,
    /// `None` for legacy tokens.
    audience: Option<String>,
    lifetime: Duration,
    leeway: i64,
}

impl From<&settings::Jwt> for JwtSettings {
    fn from(jwt: &settings::Jwt) -> Self {
        let legacy = jwt.legacy_claims && jwt.algorithm == JwtAlgorithm::HS256;
        Self {
            issuer: jwt.issuer.clone(),
            audience: (!legacy).then(|| jwt.audience.clone()),
            // The configuration has its own, narrower limits; these only prevent an overflow.
            lifetime: Duration::minutes(jwt.expire_minutes.clamp(0, MAX_LIFETIME_MINUTES)),
            leeway: jwt.leeway_seconds.clamp(0, MAX_LEEWAY),
        }
    }
}

impl JwtSettings {
    /// How long a token is valid.
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// How long after a key's last signature a token may still be valid: its lifetime and the leeway (KEY-2).
    pub fn verify_for(&self) -> Duration {
        self.lifetime + Duration::seconds(self.leeway)
    }

    /// The claims of a token issued now.
    pub fn claims(&self, subject: Subject<'_>, now: Timestamp, rng: &SharedRng) -> AccessClaims {
        let iat = now.timestamp();
        AccessClaims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: subject.user_id.to_owned(),
            user_type: subject.role,
            session_id: subject.session_id.to_owned(),
            jti: rng.uuid().to_string(),
            iat,
            nbf: Some(iat),
            exp: iat + self.lifetime.num_seconds(),
            user_id: self.audience.is_none().then(|| subject.user_id.to_owned()),
            approved: subject.approved,
            amr: Some(subject.methods.names().map(str::to_owned).collect()),
            acr: Some(subject.methods.level().to_owned()),
            auth_time: Some(subject.auth_time.timestamp()),
        }
    }

    /// `typ` of a token, which distinguishes an access token from every other JWT (RFC 9068, section 2.1).
    const fn typ(&self) -> &'static str {
        if self.audience.is_some() {
            "at+jwt"
        } else {
            "JWT"
        }
    }

    pub(super) fn header(&self, key: &SigningKey) -> Header {
        let mut header = Header::new(library_name(key.algorithm()));
        header.typ = Some(self.typ().to_owned());
        header.kid = Some(key.kid().to_owned());
        header
    }

    /// Checks whether a header can belong to a token of this service, and returns the key's id.
    ///
    /// # Errors
    /// The header has another `typ` or no `kid`, or a field with which the token itself would choose its key or its
    /// rules (JWT-3, JWT-4).
    pub(super) fn read_header<'a>(&self, header: &'a Header) -> Result<&'a str, TokenError> {
        let brings_its_own_rules = header.crit.is_some()
            || header.jku.is_some()
            || header.jwk.is_some()
            || header.x5u.is_some()
            || header.x5c.is_some()
            || header.enc.is_some()
            || header.zip.is_some();
        if brings_its_own_rules {
            return Err(TokenError::Header);
        }
        if header.typ.as_deref() != Some(self.typ()) {
            return Err(TokenError::Type);
        }
        header.kid.as_deref().ok_or(TokenError::UnknownKey)
    }

    /// Verifies a token's signature and claims with the key that its header names.
    pub(super) fn verify(
        &self,
        token: &str,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<AccessClaims, TokenError> {
        // The key decides the algorithm, and the header does not (JWT-1).
        let mut validation = Validation::new(library_name(key.algorithm()));
        validation.set_issuer(&[&self.issuer]);
        let mut required = vec!["exp", "iss", "sub"];
        // If no audience is set, the library refuses a token that has one.
        if let Some(audience) = &self.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        // The library would use the system's clock, and its checks of `iat` and `nbf` differ.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, &key.decoding, &validation)
            .map_err(|error| TokenError::from(error.kind()))?
            .claims;
        self.check_times(&claims, now)?;
        Ok(claims)
    }

    pub(super) fn check_times(
        &self,
        claims: &AccessClaims,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        let now = now.timestamp();
        let latest = now.saturating_add(MAX_AHEAD);
        if claims.iat > latest || claims.nbf.is_some_and(|nbf| nbf > latest) {
            return Err(TokenError::NotYet);
        }
        if now >= claims.exp.saturating_add(self.leeway) {
            return Err(TokenError::Expired);
        }
        Ok(())
    }
}

/// Why a token is not valid. Only the log and the tests use it, because callers get the same answer in each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token is longer than 1 KiB.
    #[error("the token is too long")]
    TooLong,
    /// The token is not three parts of base64url, or its header cannot be read (`alg: none` is such a case).
    #[error("the token is not a JWT")]
    Malformed,
    /// A header field contains a key or rules of the token itself.
    #[error("the token's header holds a field that is not accepted")]
    Header,
    /// The `typ` is not that of an access token.
    #[error("the token is not an access token")]
    Type,
    /// The `kid` is missing, unknown, or no longer known.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The algorithm is not that of the key.
    #[error("the token's algorithm is not that of its key")]
    Algorithm,
    /// The signature is not that of the key.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, has the wrong type, or is not that of this service.
    #[error("the token's claims are not ours")]
    Claims,
    /// `nbf` or `iat` is in the future.
    #[error("the token is not good yet")]
    NotYet,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
}

impl From<&ErrorKind> for TokenError {
    fn from(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidAlgorithm => Self::Algorithm,
            ErrorKind::Json(_)
            | ErrorKind::MissingRequiredClaim(_)
            | ErrorKind::InvalidClaimFormat(_)
            | ErrorKind::InvalidIssuer
            | ErrorKind::InvalidAudience => Self::Claims,
            _ => Self::Malformed,
        }
    }
}
