//! Lists each path with its methods, and each operation with its codes and parameters, as the document has them.
//!
//! The header `Allow` needs the methods. The codes prove that no operation answers a code that it does not name. A list
//! refuses parameters that it does not have.

use std::{borrow::Cow, sync::Arc};

use percent_encoding::percent_decode_str;
use poem::http::Method;
use poem_openapi::{
    OpenApi,
    registry::{MetaOperation, MetaParamIn, MetaResponse},
};

use crate::{body::showable, csv, nearest::nearest, problem::CODES_MARKER};
use kernel::error::{Error, ErrorCode, FieldError};
use platform::slice::{self, Slices};

/// The paths of an API, each with its operations.
pub struct Routes(Vec<(String, Vec<Operation>)>);

/// The operation of one method at a path.
pub struct Operation {
    method: Method,
    /// Its id.
    pub id: &'static str,
    /// The codes that it names.
    pub codes: Vec<ErrorCode>,
    /// Its query parameters, if it refuses others: that of a list, and that of a file, whose `dry_run` may be misspelt.
    pub list: Option<ListParameters>,
    /// The largest body that it takes, where that is more than others take.
    pub body_limit: Option<usize>,
}

impl Operation {
    fn of(meta: &MetaOperation, slices: Slices) -> Self {
        let responses = meta.responses.responses.iter();
        let id = meta.operation_id.unwrap_or_default();
        let of_query = meta.params.iter();
        let of_query = of_query.filter(|it| it.in_type == MetaParamIn::Query);
        let names = || of_query.map(|parameter| parameter.name.clone()).collect();
        Self {
            method: meta.method.clone(),
            id,
            codes: responses.flat_map(|it| codes_of(it, slices)).collect(),
            list: (is_list(id) || csv::is_body_of(meta)).then(|| ListParameters(names())),
            body_limit: csv::is_body_of(meta).then_some(csv::MAX_BYTES),
        }
    }
}

/// The query parameters of an operation that answers a list.
#[derive(Clone)]
pub struct ListParameters(Arc<[String]>);

impl ListParameters {
    /// Refuses a query with other parameters, because the list would ignore such a filter and show everything (INJ-2).
    ///
    /// # Errors
    /// One validation error `unknown` for each other parameter.
    pub fn check(&self, query: &str) -> Result<(), Error> {
        let unknown =
            parameter_names(query).filter(|name| self.0.iter().all(|known| known != name));
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

/// The names of the parameters in a query, decoded.
pub fn parameter_names(query: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let names = pairs.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    names.map(|name| percent_decode_str(name).decode_utf8_lossy())
}

const NOT_KNOWN: &str = "This parameter is not known here";

/// Whether the operation answers a list. Its id then has the word `list`.
fn is_list(operation_id: &str) -> bool {
    operation_id.split('_').any(|word| word == "list")
}

impl Routes {
    /// The routes of `T`, whose codes are those of `slices`.
    pub fn of<T: OpenApi>(slices: Slices) -> Self {
        let mut paths: Vec<(String, Vec<Operation>)> = Vec::new();
        for path in T::meta().into_iter().flat_map(|api| api.paths) {
            let operations = path.operations.iter().map(|it| Operation::of(it, slices));
            match paths.iter_mut().find(|(known, _)| *known == path.path) {
                Some((_, known)) => known.extend(operations),
                None => paths.push((path.path, operations.collect())),
            }
        }
        Self(paths)
    }

    /// The value of `Allow` for `path`: its methods, and HEAD beside GET. It is empty for an unknown path.
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

    /// The operation for `method` on `path`. `None` if there is none.
    pub fn operation(&self, method: &Method, path: &str) -> Option<&Operation> {
        let mut operations = self.at(path).iter();
        operations.find(|operation| operation.method == *method)
    }

    /// The path as the log shows it: a path with a token in it is shown as its template (LOG-2, APT-18).
    pub fn shown<'a>(&'a self, path: &'a str) -> &'a str {
        let known = self.known(path).map(|(template, _)| template.as_str());
        known.filter(|it| it.contains("{token")).unwrap_or(path)
    }

    fn at(&self, path: &str) -> &[Operation] {
        self.known(path).map_or(&[], |(_, operations)| operations)
    }

    fn known(&self, path: &str) -> Option<&(String, Vec<Operation>)> {
        let mut paths = self.0.iter();
        // The router prefers a literal path to a template.
        let literal = paths.clone().find(|(literal, _)| literal == path);
        literal.or_else(|| paths.find(|(template, _)| matches(template, path)))
    }
}

/// The codes of a response in the document.
fn codes_of(response: &MetaResponse, slices: Slices) -> Vec<ErrorCode> {
    let marker = response
        .headers
        .iter()
        .find(|header| header.name == CODES_MARKER);
    let names = marker.and_then(|marker| marker.description.as_deref());
    codes_named(names.unwrap_or_default(), slices)
}

/// The codes of `slices` that a marker's text names.
pub fn codes_named(names: &str, slices: Slices) -> Vec<ErrorCode> {
    let find = |name| slice::errors(slices).find(|code| code.name() == name);
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
