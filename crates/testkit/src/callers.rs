//! Callers of tests: the access token of a test is a user id, whose letters name the role.

use std::sync::Arc;

use futures_util::{FutureExt, future::BoxFuture};
use kernel::{
    error::Error,
    errors,
    ids::{SessionId, UserId},
    methods::Methods,
    principal::Principal,
    request::Origin,
};
use platform::Platform;
use web::caller::Authenticator;

/// Believes each token that is a user id.
pub struct TestCallers(pub Arc<Platform>);

impl Authenticator for TestCallers {
    fn platform(&self) -> &Platform {
        &self.0
    }

    fn authenticate<'a>(
        &'a self,
        origin: &'a Origin,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Principal, Error>> {
        async move {
            let user_id = UserId::from_stored(token);
            let role = user_id.role_hint().ok_or(errors::AUTH_FAILED)?;
            Ok(Principal {
                user_id,
                role,
                session_id: SessionId::generate(&self.0.rng),
                token_expires_at: origin.now,
                methods: Methods::PASSWORD,
                auth_time: origin.now,
            })
        }
        .boxed()
    }

    fn prove_fresh<'a>(
        &'a self,
        _origin: &'a Origin,
        _caller: &'a Principal,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async { Ok(()) }.boxed()
    }
}
