//! Common parts of the administration's lists: pages, and parameters that filter.

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    param::Query,
    registry::{MetaParamIn, MetaSchema, MetaSchemaRef},
};

use crate::{ValidationErrors, text::FromText};
use kernel::{
    error::FieldError,
    page::{DEFAULT_LIMIT, Key, Page},
};

/// The rows of a page if the caller does not set `limit`.
pub const fn default_limit() -> u32 {
    DEFAULT_LIMIT
}

/// The page that the caller asks for.
pub fn page(errors: &mut ValidationErrors, limit: u32, cursor: Asked<Key>) -> Option<Page> {
    let after = errors.take(cursor.0)?;
    errors.take(Page::new(limit, after).map_err(|violation| violation.at("limit")))
}

/// A parameter of the query, read as a `T`. It may be absent; an empty one is the same as absent.
pub struct Asked<T: FromText>(Result<Option<T::Value>, FieldError>);

impl<T: FromText> Asked<T> {
    /// The value; `None` if it is absent or breaks a rule.
    pub fn value(self, errors: &mut ValidationErrors) -> Option<T::Value> {
        errors.take(self.0).flatten()
    }
}

impl<'a, T: FromText> ApiExtractor<'a> for Asked<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = Option<String>;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    /// Marks the schema with `nullable`, the only mark that the framework has for a parameter that may be empty.
    /// `document` replaces it by what a parameter needs.
    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema {
            nullable: true,
            ..T::limits()
        })))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<Option<String>>,
    ) -> poem::Result<Self> {
        let field = options.name;
        let Query(typed) = Query::<Option<String>>::from_request(request, body, options).await?;
        let typed = typed.filter(|typed| !typed.is_empty());
        let value = typed.as_deref().map(T::read).transpose();
        Ok(Self(value.map_err(|violation| violation.at(field))))
    }
}
