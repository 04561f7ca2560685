//! While the database is not ready, operations that need it answer 503 at once (DB-1). When it is ready, each request
//! may spend a bounded time on it.

use kernel::{error::Error, errors};
use std::sync::Arc;

use poem::{Endpoint, Request, Response, Result};

use crate::{HttpError, caller::Authenticator};
use store;

/// The operations behind the guard.
pub struct ReadinessGuard<E> {
    slice: Arc<dyn Authenticator>,
    operations: E,
}

impl<E> ReadinessGuard<E> {
    /// Puts `operations` behind the guard, and gives each of their requests the `slice` that proves callers.
    pub const fn new(slice: Arc<dyn Authenticator>, operations: E) -> Self {
        Self { slice, operations }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for ReadinessGuard<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let path = request.uri().path();
        let slices = self.slice.platform().slices;
        let guarded = slices.iter().flat_map(|slice| slice.roots).any(|root| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if guarded && !self.slice.platform().readiness.serves() {
            let error = Error::new(errors::DATABASE_ERROR).retry_after(5);
            return Err(HttpError(error).into());
        }
        request.set_data(Arc::clone(&self.slice));
        store::of_one_request(self.operations.call(request)).await
    }
}
