//! Lists each path with its methods, and each operation with its codes and parameters, as the document has them.
//!
//! The header `Allow` needs the methods. The codes prove that no operation answers a code that it does not name. A list
//! refuses parameters that it does not have.

use std::{collections::HashMap, sync::Arc};

use percent_encoding::percent_decode_str;
use poem::http::Method;
use poem_openapi::{
    OpenApi,
    registry::{MetaParamIn, MetaResponse},
};

use super::{body::showable, problem::CODES_MARKER};
use crate::{
    config::nearest,
    error::{Error, ErrorCode, FieldError},
};

/// The paths and operations of an API.
#[derive(Debug, Clone)]
pub struct Routes {
    paths: Vec<(String, Vec<Operation>)>,
    codes: HashMap<&'static str, Vec<ErrorCode>>,
    lists: HashMap<&'static str, ListParameters>,
}

/// The query parameters of an operation that answers a list.
#[derive(Debug, Clone)]
pub(super) struct ListParameters(Arc<[String]>);

impl ListParameters {
    /// Refuses a query with other parameters, because the list would ignore such a filter and show everything (INJ-2).
    ///
    /// # Errors
    /// One validation error `unknown` for each other parameter.
    pub(super) fn check(&self, query: &str) -> Result<(), Error> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let names = pairs.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
        let names = names.map(|name| percent_decode_str(name).decode_utf8_lossy());
        let unknown = names.filter(|name| self.0.iter().all(|known| known != name));
        let errors: Vec<_> = unknown.map(|name| self.violation(&name)).collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Error::validation(errors))
        }
    }

    fn violation(&self, name: &str) -> FieldError {
        let told = match nearest(name, self.0.iter().cloned()).as_str() {
            "" => NOT_KNOWN.to_owned(),
            nearest => format!("{NOT_KNOWN}; did you mean {nearest}?"),
        };
        FieldError::new(showable(name).to_owned(), "unknown", told)
    }
}

const NOT_KNOWN: &str = "This parameter is not known here";

/// Whether the operation answers a list. Its id then has the word `list`.
fn is_list(operation_id: &str) -> bool {
    operation_id.split('_').any(|word| word == "list")
}

/// The operation of one method at a path.
#[derive(Debug, Clone)]
struct Operation {
    method: Method,
    id: &'static str,
}

impl Routes {
    /// The routes of `T`.
    #[must_use]
    pub fn of<T: OpenApi>() -> Self {
        let mut routes = Self {
            paths: Vec::new(),
            codes: HashMap::new(),
            lists: HashMap::new(),
        };
        for path in T::meta().into_iter().flat_map(|api| api.paths) {
            let operations = path.operations.iter().map(|operation| Operation {
                method: operation.method.clone(),
                id: operation.operation_id.unwrap_or_default(),
            });
            match routes
                .paths
                .iter_mut()
                .find(|(known, _)| *known == path.path)
            {
                Some((_, known)) => known.extend(operations),
                None => routes.paths.push((path.path, operations.collect())),
            }
            for operation in path.operations {
                let id = operation.operation_id.unwrap_or_default();
                if is_list(id) {
                    let parameters = operation.params.iter();
                    let of_query = parameters.filter(|it| it.in_type == MetaParamIn::Query);
                    let names = of_query.map(|parameter| parameter.name.clone()).collect();
                    routes.lists.insert(id, ListParameters(names));
                }
                let responses = &operation.responses.responses;
                let codes = responses.iter().flat_map(codes_of).collect();
                routes.codes.insert(id, codes);
            }
        }
        routes
    }

    /// The query parameters of an operation. `None` if it does not answer a list.
    #[must_use]
    pub(super) fn list(&self, operation_id: &str) -> Option<&ListParameters> {
        self.lists.get(operation_id)
    }

    /// The value of `Allow` for `path`: its methods, and HEAD beside GET. It is empty for an unknown path.
    #[must_use]
    pub fn allow(&self, path: &str) -> String {
        let mut methods: Vec<&str> = Vec::new();
        for operation in self.at(path) {
            methods.push(operation.method.as_str());
            if operation.method == Method::GET {
                methods.push("HEAD");
            }
        }
        methods.sort_unstable();
        methods.dedup();
        methods.join(", ")
    }

    /// The id of the operation for `method` on `path`. `None` if there is none.
    #[must_use]
    pub fn operation(&self, method: &Method, path: &str) -> Option<&'static str> {
        let mut operations = self.at(path).iter();
        operations
            .find(|operation| operation.method == *method)
            .map(|operation| operation.id)
    }

    fn at(&self, path: &str) -> &[Operation] {
        let mut paths = self.paths.iter();
        // The router prefers a literal path to a template.
        let literal = paths.clone().find(|(literal, _)| literal == path);
        let known = literal.or_else(|| paths.find(|(template, _)| matches(template, path)));
        known.map_or(&[], |(_, operations)| operations)
    }

    /// Whether the operation names `code`. Also true if the operation is unknown.
    #[must_use]
    pub fn admits(&self, operation_id: &str, code: ErrorCode) -> bool {
        let codes = self.codes.get(operation_id);
        codes.is_none_or(|codes| codes.contains(&code))
    }
}

/// The codes of a response in the document.
pub(super) fn codes_of(response: &MetaResponse) -> Vec<ErrorCode> {
    let marker = response
        .headers
        .iter()
        .find(|header| header.name == CODES_MARKER);
    let names = marker.and_then(|marker| marker.description.as_deref());
    codes_named(names.unwrap_or_default())
}

/// The codes that a marker's text names.
pub(super) fn codes_named(names: &str) -> Vec<ErrorCode> {
    let find = |name| {
        let mut all = ErrorCode::ALL.iter();
        all.find(|code| format!("{code:?}") == name).copied()
    };
    names.split(' ').filter_map(find).collect()
}

/// Whether `path` matches the template.
fn matches(template: &str, path: &str) -> bool {
    let (mut pattern, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (pattern.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(segment)) if part == segment => {}
            (Some(part), Some(segment)) if part.starts_with('{') && !segment.is_empty() => {}
            _ => return false,
        }
    }
}
