//! Request bodies. A [`Body`] shows the schema of its type in the OpenAPI document, and reports all validation errors
//! of a body at once, where the framework would report only the first (INJ-1, INJ-6).

mod parse;
mod shape;

use kernel::{
    error::{Error, FieldError},
    errors,
};
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use poem::{Request, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::{IsObjectType, ParseFromJSON},
};
use serde_json::{Map, Value};

pub(crate) use self::shape::showable;

use self::shape::{Lenience, Object};
use crate::{HttpError, ValidationErrors, text};

/// What happens with a field that the type does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is a validation error.
    Refuse,
    /// It is dropped.
    Ignore,
}

/// What `null` means for an optional field. A field that is marked `#[oai(nullable)]` is an exception: it has the type
/// `MaybeUndefined` and receives the `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// The same as absent.
    Absent,
    /// It is a validation error.
    Refuse,
}

/// The type of a request's body: a poem-openapi `Object`, and how strictly a body is checked.
pub trait RequestBody: ParseFromJSON + IsObjectType + 'static {
    /// What happens with a field that the type does not have. In a form it is always dropped, because OAuth2 clients
    /// send more fields than we read.
    const UNKNOWN: Unknown = Unknown::Refuse;
    /// What `null` means for an optional field.
    const NULL: Null = Null::Absent;
    /// Whether a blank text in an optional field means the same as `null`, because forms send a blank text for an input
    /// that was left empty. A field that is one of several words is an exception. Set it to false where a blank text
    /// can be a secret.
    const BLANK_IS_NULL: bool = true;
    /// Whether the body may be absent. An absent body is read as `{}`.
    const OPTIONAL: bool = false;
    /// The smallest number of fields. Only the OpenAPI document shows it; the operation checks it with its own message.
    const AT_LEAST: Option<usize> = None;
}

/// A request's body: JSON, and with `WITH_FORM` also `application/x-www-form-urlencoded`, whose values are strings.
///
/// Another content type or a `Content-Encoding` is refused with `UnsupportedMediaType`. A body that is not an object is
/// refused with `ValidationError`. Each field that is missing, null, unknown or of the wrong type is a validation
/// error. No answer repeats a value that was sent (INJ-5).
#[derive(Debug)]
pub struct Body<T, const WITH_FORM: bool = false> {
    fields: T,
    errors: ValidationErrors,
}

impl<T, const WITH_FORM: bool> Body<T, WITH_FORM> {
    /// The fields, if the body has no validation error.
    ///
    /// # Errors
    /// `ValidationError`, which names each invalid field.
    pub fn checked(self) -> Result<T, Error> {
        self.errors.finish(Some(self.fields))
    }

    /// What `command` makes of the fields, if the body has no validation error. `command` checks the rules across
    /// fields and adds its errors to those of the body, so that the caller gets all of them at once. It is called for a
    /// body with errors too, in which a field with an error is empty or absent. So it checks all rules first, and then
    /// takes the values by `?`.
    ///
    /// # Errors
    /// `ValidationError`, which names each invalid field.
    pub fn read_as<C>(
        self,
        command: impl FnOnce(T, &mut ValidationErrors) -> Option<C>,
    ) -> Result<C, Error> {
        let Self { fields, mut errors } = self;
        let command = command(fields, &mut errors);
        errors.finish(command)
    }
}

impl<T> Body<T> {
    /// The same body, as the type of an operation that accepts forms too.
    #[must_use]
    pub fn or_form(self) -> Body<T, true> {
        let Self { fields, errors } = self;
        Body { fields, errors }
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
/// The media type of [`Csv`](crate::Csv).
pub(crate) const CSV: &str = "text/csv";

const SEND_JSON: &str = "The body must be application/json, in UTF-8";
const SEND_JSON_OR_FORM: &str =
    "The body must be application/json or application/x-www-form-urlencoded, in UTF-8";
pub(crate) const SEND_PLAIN: &str =
    "The body must not be compressed: send it without Content-Encoding";

/// The byte order mark, which some programs write before a text in UTF-8. RFC 8259 §8.1 lets a reader ignore it.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl<'a, T: RequestBody, const WITH_FORM: bool> ApiExtractor<'a> for Body<T, WITH_FORM> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
        if let Some(schema) = registry.schemas.get_mut(T::name().as_ref()) {
            schema.additional_properties = Some(Box::new(rules::<T>()));
            schema.min_properties = T::AT_LEAST;
        }
    }

    fn request_meta() -> Option<MetaRequest> {
        let types: &[&'static str] = if WITH_FORM { &[JSON, FORM] } else { &[JSON] };
        let content = types.iter().map(|content_type| MetaMediaType {
            content_type,
            schema: T::schema_ref(),
        });
        Some(MetaRequest {
            description: None,
            content: content.collect(),
            required: !T::OPTIONAL,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut poem::RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        // The pipeline has already read the body, up to its limit.
        let bytes = body.take()?.into_bytes().await?;
        let (fields, errors) = read(request, &bytes, WITH_FORM).map_err(HttpError)?;
        Ok(Self { fields, errors })
    }
}

/// Writes into the schema of `T` how strictly `T` is checked, in a part that requests do not use. The framework cannot
/// write these rules as the OpenAPI document needs them, so `document` reads them from there.
fn rules<T: RequestBody>() -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        read_only: T::UNKNOWN == Unknown::Refuse,
        nullable: T::NULL == Null::Absent,
        ..MetaSchema::ANY
    }))
}

/// The fields, and their validation errors.
fn read<T: RequestBody>(
    request: &Request,
    bytes: &[u8],
    with_form: bool,
) -> Result<(T, ValidationErrors), Error> {
    let shape = shape_of::<T>();
    let kind = content_type(request);
    // Nothing was sent, so the content type does not matter where a body is optional.
    let is_absent = bytes.is_empty() && (T::OPTIONAL || matches!(kind, Ok(None)));
    if !is_absent && is_encoded(request) {
        return Err(Error::new(errors::UNSUPPORTED_MEDIA_TYPE).saying(SEND_PLAIN));
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let (fields, mut errors, unknown) = match kind {
        _ if is_absent => (Map::new(), Vec::new(), T::UNKNOWN),
        Ok(Some(JSON)) => (parse::json(bytes)?, Vec::new(), T::UNKNOWN),
        Ok(Some(FORM)) if with_form => {
            let form = parse::form(bytes)?;
            let repeated = shape.repeated(&form.repeated);
            (form.fields, repeated, Unknown::Ignore)
        }
        _ => {
            let send = if with_form {
                SEND_JSON_OR_FORM
            } else {
                SEND_JSON
            };
            return Err(Error::new(errors::UNSUPPORTED_MEDIA_TYPE).saying(send));
        }
    };
    let lenience = Lenience {
        unknown,
        null: T::NULL,
        blank_is_null: T::BLANK_IS_NULL,
    };
    let fields = shape.check(fields, lenience, &mut errors);
    if is_absent && !T::OPTIONAL && errors.is_empty() {
        let message = "A body is required";
        errors.push(FieldError::new("body", "missing", message));
    }
    let (parsed, texts) = text::collect(|| T::parse_from_json(Some(Value::Object(fields))));
    let errors = ValidationErrors::of_body(errors, texts);
    match parsed {
        Ok(fields) => Ok((fields, errors)),
        // After the check of the shape, only a validator of the type can still refuse the fields.
        Err(_) if errors.is_empty() => {
            Err(FieldError::new("body", "invalid", "The body is not valid").into())
        }
        Err(_) => errors.finish(None),
    }
}

/// The media type without parameters, in lower case; `None` without a `Content-Type`. An error if it is neither JSON, a
/// form nor CSV, or if its charset is not UTF-8.
pub(crate) fn content_type(request: &Request) -> Result<Option<&'static str>, ()> {
    let mut values = request.headers().get_all("content-type").iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().map_err(drop)?;
    let (media_type, parameters) = text.split_once(';').unwrap_or((text, ""));
    let known = [JSON, FORM, CSV]
        .into_iter()
        .find(|known| media_type.trim().eq_ignore_ascii_case(known));
    let utf8 = parameters.split(';').all(is_utf8_or_no_charset);
    if values.next().is_some() || !utf8 {
        return Err(());
    }
    known.map(Some).ok_or(())
}

/// Accepts `utf8` too: it is not a registered charset, but many clients write it.
fn is_utf8_or_no_charset(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let charset = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset")
        || ["utf-8", "utf8"]
            .iter()
            .any(|utf8| charset.eq_ignore_ascii_case(utf8))
}

/// Whether `Content-Encoding` says that the body is compressed or encoded in another way.
pub(crate) fn is_encoded(request: &Request) -> bool {
    let values = request.headers().get_all("content-encoding").iter();
    let is_plain = |coding: &str| {
        let coding = coding.trim();
        coding.is_empty() || coding.eq_ignore_ascii_case("identity")
    };
    values
        .map(|value| value.to_str().unwrap_or("?"))
        .any(|codings| !codings.split(',').all(is_plain))
}

/// The shape of `T`. It is derived from the schema of `T` at the first call and kept.
fn shape_of<T: RequestBody>() -> Arc<Object> {
    static SHAPES: LazyLock<RwLock<HashMap<TypeId, Arc<Object>>>> = LazyLock::new(RwLock::default);
    let key = TypeId::of::<T>();
    let known = SHAPES
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&key)
        .cloned();
    known.unwrap_or_else(|| {
        let shape = Arc::new(Object::of::<T>());
        let mut shapes = SHAPES.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shapes.entry(key).or_insert(shape))
    })
}

#[cfg(test)]
mod tests;
