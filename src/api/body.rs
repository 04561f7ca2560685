//! Request bodies: shows the schema of its type in the document, and tells every violation of a body at
//! once instead of the framework's first one (INJ-1, INJ-6).

mod parse;
mod shape;

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

pub(super) use self::shape::showable;

use self::shape::{Lenience, Object};
use super::ValidationErrors;
use crate::error::{Error, ErrorCode, FieldError};

/// What happens to a field that the type does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is a violation.
    Refuse,
    /// It is dropped.
    Ignore,
}

/// What `null` means for an optional field, unless the field is marked `#[oai(nullable)]`: such a
/// field (of type `MaybeUndefined`) is given the `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// The same as absent.
    Absent,
    /// It is a violation.
    Refuse,
}

/// A type that a request's body is read into: a poem-openapi `Object` and how lenient it is.
pub trait RequestBody: ParseFromJSON + IsObjectType + 'static {
    /// What happens to a field that the type does not have. In a form it is always dropped, since
    /// OAuth2 clients send more than we read.
    const UNKNOWN: Unknown = Unknown::Refuse;
    /// What `null` means for an optional field.
    const NULL: Null = Null::Absent;
    /// Whether a blank text in an optional field means what `null` means, unless the field is a choice; people's devices
    /// send one for what was left empty. Not where it would make a secret absent.
    const BLANK_IS_NULL: bool = true;
    /// Whether there may be no body at all; it is then read as `{}`.
    const OPTIONAL: bool = false;
    /// How many fields there are at least, for the document; the type itself sees to it, in words of its own.
    const AT_LEAST: Option<usize> = None;
}

/// A request's body: JSON, or also `application/x-www-form-urlencoded` where `WITH_FORM` says so, whose
/// values are strings.
///
/// Refused with `UnsupportedMediaType` for any other content type and for a `Content-Encoding`, and with `ValidationError`
/// if it is not an object.
/// Every missing, mistyped, null or unknown field is a violation; no answer repeats a value that was sent (INJ-5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body<T, const WITH_FORM: bool = false> {
    fields: T,
    errors: Vec<FieldError>,
}

impl<T, const WITH_FORM: bool> Body<T, WITH_FORM> {
    /// The fields.
    ///
    /// # Errors
    /// `ValidationError` naming every faulty one.
    pub fn checked(self) -> Result<T, Error> {
        let (fields, errors) = self.with_errors();
        errors.finish(()).map(|()| fields)
    }

    /// The fields, of which the faulty ones are empty or absent, and what is wrong with those: for whoever finds more
    /// errors and tells all of them at once.
    pub fn with_errors(self) -> (T, ValidationErrors) {
        (self.fields, ValidationErrors::of_shape(self.errors))
    }
}

impl<T> Body<T> {
    /// The same, for an operation that takes forms as well.
    #[must_use]
    pub fn or_form(self) -> Body<T, true> {
        let Self { fields, errors } = self;
        Body { fields, errors }
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

const SEND_JSON: &str = "The body must be application/json, in UTF-8";
const SEND_JSON_OR_FORM: &str =
    "The body must be application/json or application/x-www-form-urlencoded, in UTF-8";
const SEND_PLAIN: &str = "The body must not be compressed: send it without Content-Encoding";

/// What some programs write before a text in UTF-8; it says nothing there (RFC 8259 §8.1 lets a reader ignore it).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

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
        // The frame has already read it, up to the limit.
        let bytes = body.take()?.into_bytes().await?;
        let (fields, errors) = read(request, &bytes, WITH_FORM)?;
        Ok(Self { fields, errors })
    }
}

/// How lenient `T` is, in a place where a request's schema has nothing else; the framework cannot write it as the
/// document has to, which takes it from there.
fn rules<T: RequestBody>() -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        read_only: T::UNKNOWN == Unknown::Refuse,
        nullable: T::NULL == Null::Absent,
        ..MetaSchema::ANY
    }))
}

/// The fields, and what is wrong with the shape of some.
fn read<T: RequestBody>(
    request: &Request,
    bytes: &[u8],
    with_form: bool,
) -> Result<(T, Vec<FieldError>), Error> {
    let shape = shape_of::<T>();
    let kind = content_type(request);
    // Nothing was sent, of whatever type it would have been.
    let is_absent = bytes.is_empty() && (T::OPTIONAL || matches!(kind, Ok(None)));
    if !is_absent && is_encoded(request) {
        return Err(Error::new(ErrorCode::UnsupportedMediaType).saying(SEND_PLAIN));
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
            return Err(Error::new(ErrorCode::UnsupportedMediaType).saying(send));
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
    match T::parse_from_json(Some(Value::Object(fields))) {
        Ok(fields) => Ok((fields, errors)),
        // The shape admits nothing that the type refuses, except a validator's finer points.
        Err(_) if errors.is_empty() => {
            Err(FieldError::new("body", "invalid", "The body is not valid").into())
        }
        Err(_) => Err(Error::validation(errors)),
    }
}

/// The media type without parameters, in lower case as we write it; `None` without a header. An error if it is none of
/// ours, or not in UTF-8.
fn content_type(request: &Request) -> Result<Option<&'static str>, ()> {
    let mut values = request.headers().get_all("content-type").iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().map_err(drop)?;
    let (media_type, parameters) = text.split_once(';').unwrap_or((text, ""));
    let known = [JSON, FORM]
        .into_iter()
        .find(|known| media_type.trim().eq_ignore_ascii_case(known));
    let utf8 = parameters.split(';').all(is_utf8_or_no_charset);
    if values.next().is_some() || !utf8 {
        return Err(());
    }
    known.map(Some).ok_or(())
}

/// `utf8` is not registered, and many clients write it.
fn is_utf8_or_no_charset(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let charset = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset")
        || ["utf-8", "utf8"]
            .iter()
            .any(|utf8| charset.eq_ignore_ascii_case(utf8))
}

/// Whether the body is compressed, or whatever else its `Content-Encoding` says.
fn is_encoded(request: &Request) -> bool {
    let values = request.headers().get_all("content-encoding").iter();
    let is_plain = |coding: &str| {
        let coding = coding.trim();
        coding.is_empty() || coding.eq_ignore_ascii_case("identity")
    };
    values
        .map(|value| value.to_str().unwrap_or("?"))
        .any(|codings| !codings.split(',').all(is_plain))
}

/// The shape of `T`, derived from its schema the first time that it is asked for.
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
