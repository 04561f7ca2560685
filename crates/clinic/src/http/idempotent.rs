//! The header `Idempotency-Key`: a request that a client repeats is answered as the first time (APT-9, PAT-12).

use std::sync::Arc;

use kernel::{
    error::{Error, FieldError, RuleViolation},
    principal::Principal,
    request::Origin,
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchemaRef},
    types::{ParseFromJSON, ToJSON, Type},
};
use serde_json::Value;
use web::ValidationErrors;

use crate::{
    app::App,
    idempotency::{self, Begun, Request},
};

/// Handlers give the parameter this name.
const NAME: &str = "Idempotency-Key";
const KEY_INVALID: RuleViolation = RuleViolation::new(
    "idempotency_key_invalid",
    "Must have 8 to 200 visible ASCII characters",
);

/// The value of the header; `None` without one. It is read from the request itself, because the framework drops a value
/// that is not ASCII, and the request would be repeated without a key.
#[derive(Debug)]
pub struct IdempotencyKey(Result<Option<String>, FieldError>);

impl IdempotencyKey {
    fn read(request: &poem::Request) -> Result<Option<String>, FieldError> {
        let mut values = request.headers().get_all(NAME).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let bytes = value.as_bytes();
        let is_plain = bytes.iter().all(u8::is_ascii_graphic);
        if !is_plain || !(8..=200).contains(&bytes.len()) || values.next().is_some() {
            return Err(KEY_INVALID.at(NAME));
        }
        Ok(Some(String::from_utf8_lossy(bytes).into_owned()))
    }

    /// The key, or its fault, which is told beside those of the body.
    pub fn value(self, errors: &mut ValidationErrors) -> Option<String> {
        errors.take(self.0).flatten()
    }
}

impl<'a> ApiExtractor<'a> for IdempotencyKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = Option<String>;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(String::schema_ref())
    }

    async fn from_request(
        request: &'a poem::Request,
        _body: &mut poem::RequestBody,
        _options: ExtractParamOptions<Option<String>>,
    ) -> poem::Result<Self> {
        Ok(Self(Self::read(request)))
    }
}

/// Does `work` once for a key, a caller, a path and a body. A repetition gets the same answer.
///
/// # Errors
/// Those of `work`, after which the key is free again; `IDEMPOTENCY_CONFLICT` if the key was used for another body.
pub async fn once<T: ToJSON + ParseFromJSON>(
    app: &Arc<App>,
    origin: &Origin,
    caller: &Principal,
    (key, path, body): (Option<String>, &str, &Value),
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(key) = key else { return work.await };
    let request = Request {
        caller,
        path,
        key: &key,
        body,
    };
    let row = match idempotency::begin(app, origin, &request).await? {
        Begun::First(row) => row,
        Begun::Answered(answer) => {
            return T::parse_from_json(Some(answer))
                .map_err(|_| Error::internal("a kept answer has another form"));
        }
    };
    match work.await {
        Ok(answer) => {
            let kept = answer.to_json().unwrap_or(Value::Null);
            idempotency::keep(app, &row, &kept).await?;
            Ok(answer)
        }
        Err(error) => {
            idempotency::give_up(app, &row).await?;
            Err(error)
        }
    }
}
