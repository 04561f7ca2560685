//! Who is calling. The first argument of a handler names the permission that its operation needs.

use kernel::{error::Error, errors, principal::Principal, request::Origin, role::Needs};
use std::{marker::PhantomData, ops::Deref, sync::Arc};

use poem::{Request, RequestBody, Result, http::header::AUTHORIZATION};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use crate::{HttpError, routes::ListParameters};
use futures_util::future::BoxFuture;
use platform::{
    Platform,
    audit::{self, Event, actions},
};

/// The part of the service that knows the accounts and their sessions.
pub trait Authenticator: Send + Sync {
    /// The platform that it was given.
    fn platform(&self) -> &Platform;

    /// Proves who is calling, by an access token.
    fn authenticate<'a>(
        &'a self,
        origin: &'a Origin,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Principal, Error>>;

    /// Whether the session of the caller has a full proof that is a few minutes old at most (MFA-16).
    ///
    /// # Errors
    /// `ReauthRequired` if it has none.
    fn prove_fresh<'a>(
        &'a self,
        origin: &'a Origin,
        caller: &'a Principal,
    ) -> BoxFuture<'a, Result<(), Error>>;
}

/// A caller with a live session and a role that allows `P`. Any other caller is refused before the handler runs.
#[derive(Debug)]
pub struct Caller<P> {
    principal: Principal,
    permission: PhantomData<fn() -> P>,
}

impl<P> Deref for Caller<P> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.principal
    }
}

/// The name of the one security scheme in the OpenAPI document.
pub(crate) const SCHEME: &str = "bearer";

fn register_scheme(registry: &mut Registry) {
    let scheme = MetaSecurityScheme {
        ty: "http",
        description: Some("The `access_token` of login, refresh or verify-otp"),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(SCHEME, scheme);
}

/// What the pipeline gives every request.
fn parts(request: &Request) -> Result<(&Arc<dyn Authenticator>, &Origin), Error> {
    let missing = || Error::internal("the pipeline did not prepare the request");
    let slice = request.data().ok_or_else(missing)?;
    Ok((slice, request.data().ok_or_else(missing)?))
}

impl<P: Needs> Caller<P> {
    async fn of(request: &Request) -> Result<Self, Error> {
        let (slice, origin) = parts(request)?;
        let token = bearer_token(request).ok_or(Error::new(errors::AUTH_FAILED))?;
        let principal = slice.authenticate(origin, token).await?;
        if !P::allow(principal.role) {
            let event = Event::of_admin(&principal.user_id, actions::ADMIN, None);
            let event = event.noting(P::PERMISSION.name);
            audit::record_refusal(slice.platform(), origin, event.failed()).await;
            return Err(errors::ACCESS_DENIED.into());
        }
        if let Some(list) = request.data::<ListParameters>() {
            list.check(request.uri().query().unwrap_or_default())?;
        }
        Ok(Self {
            principal,
            permission: PhantomData,
        })
    }
}

impl<'a, P: Needs> ApiExtractor<'a> for Caller<P> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_scheme(registry);
    }

    /// The entries after the first are permissions and not schemes: `document` turns them into `x-permission`.
    fn security_schemes() -> Vec<&'static str> {
        let other = P::OR.map(|other| other.name);
        [SCHEME, P::PERMISSION.name]
            .into_iter()
            .chain(other)
            .collect()
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self::of(request).await.map_err(HttpError)?)
    }
}

/// A [`Caller`] who proved a few minutes ago at most who they are, with a second factor if they have one. Others get
/// `REAUTH_REQUIRED`, and nothing changes (MFA-16). The operation names the codes of the group `FRESH`.
#[derive(Debug)]
pub struct Fresh<P>(Caller<P>);

impl<P> Deref for Fresh<P> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl<'a, P: Needs> ApiExtractor<'a> for Fresh<P> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_scheme(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        Caller::<P>::security_schemes()
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let caller = Caller::of(request).await.map_err(HttpError)?;
        let (slice, origin) = parts(request).map_err(HttpError)?;
        slice
            .prove_fresh(origin, &caller)
            .await
            .map_err(HttpError)?;
        Ok(Self(caller))
    }
}

/// The token of the `Authorization` header, for an operation that does not require it.
#[derive(Debug)]
pub struct OptionalToken(pub Option<String>);

impl<'a> ApiExtractor<'a> for OptionalToken {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_scheme(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self(bearer_token(request).map(str::to_owned)))
    }
}

/// The token of the `Authorization: Bearer` header (RFC 6750, 2.1); `None` if there are two such headers.
fn bearer_token(request: &Request) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
