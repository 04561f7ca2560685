//! The shape that a body must have. It is derived from the schema in the OpenAPI document, so that the two cannot
//! disagree.

use std::collections::HashSet;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde_json::{Map, Value};

use crate::{
    body::{Null, Unknown},
    text::{MARK, is_choice, named},
};
use kernel::{error::FieldError, text::is_blank};

/// How strictly a body is checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lenience {
    /// What happens with a field that the type does not have.
    pub unknown: Unknown,
    /// What `null` means for an optional field.
    pub null: Null,
    /// Whether a blank text in an optional field means the same as `null`.
    pub blank_is_null: bool,
}

impl Lenience {
    /// How strictly an object in the body is checked: it replaces what was there, so in a change too `null` in it means
    /// absent.
    const fn inside(self) -> Self {
        Self {
            null: Null::Absent,
            ..self
        }
    }
}

/// The fields of an object.
pub(super) struct Object {
    fields: Vec<Field>,
}

struct Field {
    name: &'static str,
    required: bool,
    /// For this field, `null` means something else than an absent field.
    nullable: bool,
    kind: Kind,
    /// The allowed values of an enum; empty for any other field. The allowed words of a text are not in here, because
    /// the domain checks them.
    choices: Vec<Value>,
    /// The field is one of several words, of an enum or of a text, so an empty text is an error and not `null`.
    is_choice: bool,
}

enum Kind {
    /// A [`Text`](crate::text::Text), which gets its field's name with its value.
    Text,
    String,
    Integer,
    Number,
    Boolean,
    Array(Box<Self>),
    Object(Object),
    /// The shape checks nothing, because the type itself parses the value.
    Any,
}

impl Object {
    /// The shape of `T`'s schema.
    pub(super) fn of<T: Type>() -> Self {
        let mut registry = Registry::new();
        T::register(&mut registry);
        match Field::of("", &T::schema_ref(), &[], &registry).kind {
            Kind::Object(object) => object,
            _ => Self { fields: Vec::new() },
        }
    }

    fn from(schema: &MetaSchema, registry: &Registry) -> Self {
        let mut fields = Vec::new();
        for (name, property) in &schema.properties {
            fields.push(Field::of(name, property, &schema.required, registry));
        }
        Self { fields }
    }

    /// The fields of `given` that the type may parse. Each validation error is added to `errors`. A field with an error
    /// is replaced by an empty value if it is required, and is left out otherwise. An object or an array with an error
    /// inside stays, so that the rest of it is checked as well.
    pub(super) fn check(
        &self,
        given: Map<String, Value>,
        lenience: Lenience,
        errors: &mut Vec<FieldError>,
    ) -> Map<String, Value> {
        self.check_at("", given, lenience, errors)
    }

    fn check_at(
        &self,
        path: &str,
        mut given: Map<String, Value>,
        lenience: Lenience,
        errors: &mut Vec<FieldError>,
    ) -> Map<String, Value> {
        let mut taken = Map::new();
        for field in &self.fields {
            let at = format!("{path}{}", field.name);
            let value = match field.or_null(given.swap_remove(field.name), lenience) {
                None if field.required => {
                    errors.push(FieldError::new(at, "missing", "This field is required"));
                    None
                }
                None => None,
                Some(Value::Null) if field.nullable => Some(Value::Null),
                Some(Value::Null) if !field.required && lenience.null == Null::Absent => None,
                Some(Value::Null) => {
                    errors.push(FieldError::new(at, "null", "This field must not be null"));
                    None
                }
                Some(value) => field.check(&at, value, lenience, errors),
            };
            if let Some(value) = value.or_else(|| field.required.then(|| field.empty())) {
                taken.insert(field.name.to_owned(), value);
            }
        }
        if lenience.unknown == Unknown::Refuse {
            let refused = given.keys().take(MAX_UNKNOWN).map(|name| {
                let at = format!("{path}{}", showable(name));
                FieldError::new(at, "unknown", "This field is not known here")
            });
            errors.extend(refused);
        }
        taken
    }

    /// The errors of fields that a form has more than once. Unknown fields are not reported, since a form may have
    /// them.
    pub(super) fn repeated(&self, names: &HashSet<String>) -> Vec<FieldError> {
        let fields = self
            .fields
            .iter()
            .filter(|field| names.contains(field.name));
        let error = |field: &Field| {
            FieldError::new(field.name, "repeated", "This field is given more than once")
        };
        fields.map(error).collect()
    }
}

impl Field {
    fn of(
        name: &'static str,
        property: &MetaSchemaRef,
        required: &[&str],
        registry: &Registry,
    ) -> Self {
        let mut nullable = false;
        let schema = resolve(property, registry, &mut nullable);
        Self {
            name,
            required: required.contains(&name),
            nullable,
            kind: schema.map_or(Kind::Any, |schema| Kind::of(schema, registry)),
            choices: schema
                .filter(|schema| !matches!(schema.rust_typename, None | Some(MARK)))
                .map_or_else(Vec::new, |schema| schema.enum_items.clone()),
            is_choice: schema.is_some_and(is_choice),
        }
    }

    /// The given value. A blank text becomes `null` if the field may be `null`.
    fn or_null(&self, given: Option<Value>, lenience: Lenience) -> Option<Value> {
        let may_be_null = !self.required && (self.nullable || lenience.null == Null::Absent);
        match given {
            Some(Value::String(text))
                if lenience.blank_is_null && may_be_null && !self.is_choice && is_blank(&text) =>
            {
                Some(Value::Null)
            }
            given => given,
        }
    }

    /// An empty value of the right type.
    fn empty(&self) -> Value {
        self.choices
            .first()
            .cloned()
            .unwrap_or_else(|| self.kind.empty())
    }

    fn check(
        &self,
        at: &str,
        value: Value,
        lenience: Lenience,
        errors: &mut Vec<FieldError>,
    ) -> Option<Value> {
        let value = self.kind.check(at, value, lenience, errors)?;
        if self.choices.is_empty() || self.choices.contains(&value) {
            return Some(value);
        }
        let message = "This is not one of the allowed values";
        errors.push(FieldError::new(at.to_owned(), "choice", message));
        None
    }
}

impl Kind {
    fn of(schema: &MetaSchema, registry: &Registry) -> Self {
        match schema.ty {
            "string" if schema.rust_typename == Some(MARK) => Self::Text,
            "string" => Self::String,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "array" => {
                let items = schema.items.as_deref();
                let items = items.and_then(|items| resolve(items, registry, &mut false));
                Self::Array(Box::new(
                    items.map_or(Self::Any, |items| Self::of(items, registry)),
                ))
            }
            "object" if schema.additional_properties.is_none() => {
                Self::Object(Object::from(schema, registry))
            }
            _ => Self::Any,
        }
    }

    fn empty(&self) -> Value {
        match self {
            Self::String => Value::from(""),
            Self::Integer | Self::Number => Value::from(0),
            Self::Boolean => Value::from(false),
            Self::Array(_) => Value::Array(Vec::new()),
            Self::Object(object) => {
                let required = object.fields.iter().filter(|field| field.required);
                required.map(|field| (field.name, field.empty())).collect()
            }
            Self::Text | Self::Any => Value::Null,
        }
    }

    /// The value, in which an inner one with an error is replaced or left out; `None` if it is of another kind.
    fn check(
        &self,
        at: &str,
        value: Value,
        lenience: Lenience,
        errors: &mut Vec<FieldError>,
    ) -> Option<Value> {
        let message = match (self, value) {
            (Self::Object(object), Value::Object(fields)) => {
                let path = format!("{at}.");
                let lenience = lenience.inside();
                let fields = object.check_at(&path, fields, lenience, errors);
                return Some(Value::Object(fields));
            }
            (Self::Array(kind), Value::Array(items)) => {
                let check = |(i, item)| {
                    let item = kind.check(&format!("{at}.{i}"), item, lenience, errors);
                    item.unwrap_or_else(|| kind.empty())
                };
                return Some(Value::Array(
                    items.into_iter().enumerate().map(check).collect(),
                ));
            }
            (Self::Text, typed @ Value::String(_)) => return Some(named(at, typed)),
            (Self::Any, value)
            | (Self::String, value @ Value::String(_))
            | (Self::Number, value @ Value::Number(_))
            | (Self::Boolean, value @ Value::Bool(_)) => return Some(value),
            (Self::Integer, Value::Number(n)) if n.is_i64() || n.is_u64() => return Some(n.into()),
            (Self::Text | Self::String, _) => "This must be a string",
            (Self::Integer, _) => "This must be a whole number",
            (Self::Number, _) => "This must be a number",
            (Self::Boolean, _) => "This must be true or false",
            (Self::Array(_), _) => "This must be an array",
            (Self::Object(_), _) => "This must be an object",
        };
        errors.push(FieldError::new(at.to_owned(), "type", message));
        None
    }
}

/// The schema behind a reference. A field with a referenced type and its own attributes is written as `allOf`: the
/// reference comes first, then the attributes.
fn resolve<'a>(
    property: &'a MetaSchemaRef,
    registry: &'a Registry,
    nullable: &mut bool,
) -> Option<&'a MetaSchema> {
    let schema = match property {
        MetaSchemaRef::Inline(schema) => schema,
        MetaSchemaRef::Reference(name) => registry.schemas.get(name)?,
    };
    *nullable |= schema.nullable;
    match schema.all_of.first() {
        Some(base) => resolve(base, registry, nullable),
        None => Some(schema),
    }
}

/// The largest number of unknown fields that an answer names. A body may have thousands, and an answer that names all
/// of them would be ten times as large as the body.
const MAX_UNKNOWN: usize = 20;

/// The name of an unknown field, if it looks like the name of a field. Another name is not repeated, because it may be
/// a value that was sent instead of a name (INJ-5).
pub(crate) fn showable(name: &str) -> &str {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b == b'_';
    if (1..=32).contains(&name.len()) && name.bytes().all(is_plain) {
        name
    } else {
        "(unknown)"
    }
}
