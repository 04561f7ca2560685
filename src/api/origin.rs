//! Gives a handler the origin of its request, as the argument `origin: &Origin`.

use poem::{FromRequest, Request, RequestBody, Result};

use crate::{domain::request::Origin, error::Error};

impl<'a> FromRequest<'a> for &'a Origin {
    /// The origin that the pipeline read once for this request.
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let origin = request.data::<Origin>();
        origin.ok_or_else(|| Error::internal("a request did not pass through the frame").into())
    }
}
