//! `/auth/login`, `/auth/refresh`, `/auth/validate-token`, `/.well-known/jwks.json`: tokens.

use crate::{
    app::App,
    errors,
    http::{
        Tag,
        answer::{TokenResponse, UserType},
        text::Text,
    },
    keys,
    login::{self, Credentials},
    password::rules::Password,
    sessions::{authentication, refresh},
};
use platform::slice::{self, Slices};
use std::sync::Arc;

use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json};
use serde_json::Value;

use kernel::{
    error::{Error, RuleViolation},
    names::DeviceName,
    principal::Principal,
    secret::Secret,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, Time, ValidationErrors, caller::OptionalToken,
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct LoginApi(pub Arc<App>);

error_set!(
    /// Logging in.
    LoginErrors = [AUTH_FAILED, ACCESS_DENIED, MFA_REQUIRED, MFA_ENROLMENT_REQUIRED, EMAIL_ERROR] + BODY + HASHING + DATABASE
);
error_set!(
    /// Refreshing.
    RefreshErrors = [SESSION_ERROR, EMAIL_ERROR] + BODY + DATABASE
);
error_set!(
    /// Checking a token.
    ValidateErrors = [AUTH_FAILED, SESSION_ERROR] + BODY + DATABASE
);
error_set!(
    /// The keys.
    KeysErrors = [DATABASE_ERROR]
);

#[OpenApi(tag = "Tag::Login")]
impl LoginApi {
    /// Log in
    ///
    /// By user id, e-mail address or username; as JSON, or as an `OAuth2` password form (RFC 6749, 4.3.2), of which
    /// `grant_type`, `scope` and whatever else is not here are ignored.
    ///
    /// Where the account has a second factor, the right password is answered 403 `MFA_REQUIRED`: `details` has `mfa_token`,
    /// `expires_in`, `methods`, `may_remember` and `remember_days`, and `/auth/login/mfa` is next. Where the role must have a
    /// factor and the account has none, it is `MFA_ENROLMENT_REQUIRED`, with `mfa_token`, `expires_in` and `methods`.
    #[oai(path = "/auth/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<LoginRequest, true>,
    ) -> Result<Json<TokenResponse>, Problem<LoginErrors>> {
        let credentials = body.read_as(LoginRequest::command)?;
        let tokens = login::with_password(&self.0, &origin, credentials).await?;
        Ok(Json(TokenResponse::new("Login successful", tokens)))
    }

    /// Log in, as JSON only
    ///
    /// An older name, for clients that call it.
    #[oai(
        path = "/auth/login/json",
        method = "post",
        operation_id = "login_json"
    )]
    async fn login_json(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<LoginRequest>,
    ) -> Result<Json<TokenResponse>, Problem<LoginErrors>> {
        self.login(origin, body.or_form()).await
    }

    /// New tokens for a refresh token
    ///
    /// Each refresh token works once. One that is used again ends its session, unless it is the last one and its
    /// answer was lost a few seconds ago.
    #[oai(path = "/auth/refresh", method = "post", operation_id = "refresh")]
    async fn refresh(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<RefreshRequest>,
    ) -> Result<Json<TokenResponse>, Problem<RefreshErrors>> {
        let token = body.checked()?.refresh_token;
        let tokens = refresh::rotate(&self.0, &origin, &token).await?;
        Ok(Json(TokenResponse::new("Token refreshed", tokens)))
    }

    /// Check an access token
    ///
    /// The token in the body, in the `Authorization` header, or (legacy, can be switched off) in the query; the first
    /// of these that is present counts.
    #[oai(
        path = "/auth/validate-token",
        method = "post",
        operation_id = "validate_token"
    )]
    async fn validate_token(
        &self,
        origin: RequestOrigin<'_>,
        header: OptionalToken,
        /// The token (legacy)
        token: Query<Option<String>>,
        body: Body<ValidateRequest>,
    ) -> Result<Json<ValidateResponse>, Problem<ValidateErrors>> {
        let in_query = token
            .0
            .filter(|_| self.0.settings.auth.allow_token_in_query);
        let token = body
            .checked()?
            .token
            .or(header.0)
            .or(in_query)
            .ok_or(errors::AUTH_FAILED)?;
        let principal = authentication::authenticate(&self.0, &origin, &token).await?;
        Ok(Json(ValidateResponse::new(principal, self.0.slices)))
    }

    /// The public keys of access tokens
    ///
    /// The current key, its successor and its predecessor; empty with `HS256` (RFC 7517). `If-None-Match` with the `ETag`
    /// of the last answer is 304 while the keys are the same.
    #[oai(path = "/.well-known/jwks.json", method = "get", operation_id = "jwks")]
    #[expect(
        clippy::unused_async,
        reason = "what the framework calls a handler is async"
    )]
    async fn jwks(&self, origin: RequestOrigin<'_>) -> Result<KeySet, Problem<KeysErrors>> {
        if !self.0.readiness.serves() {
            return Err(Error::new(errors::DATABASE_ERROR).retry_after(5).into());
        }
        let keys = Jwks::from(self.0.keys.jwks(origin.now));
        let tag = keys.tag();
        let kept = format!("public, max-age={}", keys::PUBLISHED_FOR_SECONDS);
        Ok(KeySet::Ok(Json(keys), kept, tag))
    }
}

#[derive(ApiResponse)]
enum KeySet {
    /// The keys
    #[oai(status = 200)]
    Ok(
        Json<Jwks>,
        /// How long it may be kept
        #[oai(header = "Cache-Control")]
        String,
        /// Another one when the keys change
        #[oai(header = "ETag")]
        String,
    ),
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, Object)]
struct Jwks {
    /// Public keys
    keys: Vec<Jwk>,
}

impl Jwks {
    /// The value of `ETag`. A key's name is the hash of the key (RFC 7638), so the names tell the keys.
    fn tag(&self) -> String {
        let names: Vec<_> = self.keys.iter().map(|key| key.kid.as_str()).collect();
        format!("\"{}\"", names.join("."))
    }
}

/// A public key (RFC 7518, 6; RFC 8037, 2).
#[derive(Debug, Object)]
struct Jwk {
    /// `EC`, `OKP` or `RSA`
    kty: String,
    /// Always `sig`
    #[oai(rename = "use")]
    usage: String,
    /// `ES256`, `EdDSA` or `RS256`
    alg: String,
    /// Its name, as in the header of a token
    kid: String,
    /// The curve of an `EC` or `OKP` key
    #[oai(skip_serializing_if_is_none)]
    crv: Option<String>,
    /// `EC` and `OKP`
    #[oai(skip_serializing_if_is_none)]
    x: Option<String>,
    /// `EC`
    #[oai(skip_serializing_if_is_none)]
    y: Option<String>,
    /// The modulus of an `RSA` key
    #[oai(skip_serializing_if_is_none)]
    n: Option<String>,
    /// The exponent of an `RSA` key
    #[oai(skip_serializing_if_is_none)]
    e: Option<String>,
}

impl From<Value> for Jwks {
    fn from(set: Value) -> Self {
        let keys = set["keys"].as_array().into_iter().flatten();
        Self {
            keys: keys.map(Jwk::from).collect(),
        }
    }
}

impl From<&Value> for Jwk {
    fn from(key: &Value) -> Self {
        let member = |name| key[name].as_str().map(str::to_owned);
        let common = |name| member(name).unwrap_or_default();
        Self {
            kty: common("kty"),
            usage: common("use"),
            alg: common("alg"),
            kid: common("kid"),
            crv: member("crv"),
            x: member("x"),
            y: member("y"),
            n: member("n"),
            e: member("e"),
        }
    }
}

/// A login. Exactly one of `username` and `email`.
#[derive(Debug, Object)]
struct LoginRequest {
    /// A user id, an e-mail address or a username
    username: Option<String>,
    /// The same
    email: Option<String>,
    /// The password
    password: String,
    /// What the device is called in the list of sessions: any text, of which 100 characters are kept
    device_name: Option<Text<DeviceName>>,
    /// From the answer to /auth/login/mfa that remembered the device
    device_token: Option<String>,
}

impl RequestBody for LoginRequest {}

const ONE_NAME: RuleViolation =
    RuleViolation::new("one_of", "Exactly one of username and email is needed");

impl LoginRequest {
    fn command(self, errors: &mut ValidationErrors) -> Option<Credentials> {
        let identifier = match (self.username, self.email) {
            (Some(name), None) | (None, Some(name)) => name,
            // `email` is already reported, so it is unclear which of the two was meant.
            _ if errors.contains("email") => return None,
            _ => return errors.take(Err(ONE_NAME.at("username"))),
        };
        let device = self.device_name.and_then(Text::value).flatten();
        Some(Credentials {
            identifier,
            password: Password::parse_login(&self.password),
            device_name: device.map(Into::into),
            device_token: self.device_token.map(Secret::new),
        })
    }
}

/// A refresh.
#[derive(Debug, Object)]
struct RefreshRequest {
    /// From the last token answer
    refresh_token: String,
}

impl RequestBody for RefreshRequest {}

/// A token to be checked.
#[derive(Debug, Object)]
struct ValidateRequest {
    /// The token
    token: Option<String>,
}

impl RequestBody for ValidateRequest {
    const OPTIONAL: bool = true;
    // A caller that asks about an empty token must not get the answer for the token in its own header.
    const BLANK_IS_NULL: bool = false;
}

/// A token that holds.
#[derive(Debug, Object)]
struct ValidateResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Always true; a token that does not hold is a 401
    valid: bool,
    /// The user
    user_id: String,
    /// The user's role
    user_type: UserType,
    /// The session
    session_id: String,
    /// When the token ends
    expires_at: Time,
    /// What the user may do
    permissions: Vec<String>,
    /// What the session has proven (RFC 8176): `pwd`, `email`, `otp`, `hwk`, `swk`, `recovery`, `user`, `mfa`
    amr: Vec<String>,
    /// When the session last proved it
    auth_time: Time,
}

impl ValidateResponse {
    fn new(principal: Principal, slices: Slices) -> Self {
        let Principal {
            user_id,
            role,
            session_id,
            token_expires_at,
            methods,
            auth_time,
        } = principal;
        Self {
            success: true,
            message: "Token is valid".to_owned(),
            valid: true,
            user_id: user_id.into(),
            user_type: role.into(),
            session_id: session_id.into(),
            expires_at: Time(token_expires_at),
            amr: methods.names().map(str::to_owned).collect(),
            auth_time: Time(auth_time),
            permissions: slice::permissions(slices, role)
                .map(str::to_owned)
                .collect(),
        }
    }
}
