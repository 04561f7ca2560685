//! Answers that are not JSON: bytes with a content type, and their description in the OpenAPI document.

use std::marker::PhantomData;

use poem::{
    IntoResponse, Response,
    http::{HeaderName, HeaderValue},
};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

/// A finished answer; `K` describes it in the OpenAPI document.
pub struct StaticResponse<K>(Response, PhantomData<fn() -> K>);

/// A kind of answer, as the OpenAPI document describes it.
pub trait Kind {
    /// What it is.
    const DESCRIPTION: &'static str;
    /// Its content types.
    const CONTENT: &'static [&'static str];
    /// The schema's type.
    const TYPE: &'static str = "string";
    /// An example of its content.
    const EXAMPLE: &'static str;
}

impl<K> StaticResponse<K> {
    /// The answer.
    pub const fn new(response: Response) -> Self {
        Self(response, PhantomData)
    }

    /// The answer with this header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers_mut().insert(name, value);
        self
    }
}

impl<K> IntoResponse for StaticResponse<K> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<K: Kind> ApiResponse for StaticResponse<K> {
    fn meta() -> MetaResponses {
        let schema = || MetaSchema {
            example: Some(serde_json::from_str(K::EXAMPLE).unwrap_or_else(|_| K::EXAMPLE.into())),
            ..MetaSchema::new(K::TYPE)
        };
        let content = K::CONTENT.iter().map(|content_type| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(schema())),
        });
        MetaResponses {
            responses: vec![MetaResponse {
                description: K::DESCRIPTION,
                status: Some(200),
                status_range: None,
                content: content.collect(),
                headers: Vec::new(),
            }],
        }
    }

    fn register(_: &mut Registry) {}
}
