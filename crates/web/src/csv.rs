//! A file of comma-separated values as a request's body.

use kernel::{
    error::{Error, FieldError},
    errors,
};
use std::marker::PhantomData;

use poem::{Request, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaOperation, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};

use crate::{
    HttpError,
    body::{BYTE_ORDER_MARK, CSV, SEND_PLAIN, content_type, is_encoded},
};

/// The largest file.
pub const MAX_BYTES: usize = 256 * 1024;

const SEND_CSV: &str = "The body must be text/csv, in UTF-8";
const NOT_UTF8: &str = "The file is not UTF-8: save it as CSV UTF-8";

/// What the document shows of a file.
pub trait Example: Send + Sync + 'static {
    /// A short file.
    const FILE: &'static str;
}

/// The text of a file like `E`, without a byte order mark. An operation that takes it refuses query parameters that it does
/// not have.
#[derive(Debug)]
pub struct Csv<E> {
    /// The text.
    pub text: String,
    example: PhantomData<fn() -> E>,
}

/// Whether the operation takes a file.
pub(crate) fn is_body_of(operation: &MetaOperation) -> bool {
    let content = operation.request.iter().flat_map(|it| &it.content);
    content.into_iter().any(|it| it.content_type == CSV)
}

impl<'a, E: Example> ApiExtractor<'a> for Csv<E> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_registry: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchema {
            description: Some("The file; its first row names the columns"),
            example: Some(E::FILE.into()),
            ..MetaSchema::new_with_format("string", "binary")
        };
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: CSV,
                schema: MetaSchemaRef::Inline(Box::new(schema)),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut poem::RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        // The pipeline has already read the body, up to its limit.
        let bytes = body.take()?.into_bytes().await?;
        Ok(Self {
            text: read(request, &bytes).map_err(HttpError)?,
            example: PhantomData,
        })
    }
}

fn read(request: &Request, bytes: &[u8]) -> Result<String, Error> {
    let refused = |message| Error::new(errors::UNSUPPORTED_MEDIA_TYPE).saying(message);
    if is_encoded(request) {
        return Err(refused(SEND_PLAIN));
    }
    if content_type(request) != Ok(Some(CSV)) {
        return Err(refused(SEND_CSV));
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = str::from_utf8(bytes);
    let text = text.map_err(|_| FieldError::new("body", "not_utf8", NOT_UTF8))?;
    Ok(text.to_owned())
}
