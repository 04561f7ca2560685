//! Gives a handler the origin of its request.

use std::ops::Deref;

use poem::{FromRequest, Request, RequestBody, Result};

use crate::HttpError;
use kernel::{error::Error, request::Origin};

/// The origin that the pipeline read once for this request.
#[derive(Debug, Clone, Copy)]
pub struct RequestOrigin<'a>(&'a Origin);

impl<'a> FromRequest<'a> for RequestOrigin<'a> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let origin = request.data::<Origin>().map(Self);
        let origin = origin.ok_or_else(|| Error::internal("a request did not pass the pipeline"));
        Ok(origin.map_err(HttpError)?)
    }
}

impl Deref for RequestOrigin<'_> {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        self.0
    }
}
