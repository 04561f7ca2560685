//! Older paths of operations, in one table for the router and for the document.

use std::{collections::HashMap, sync::Arc};

use poem::{EndpointExt, endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi, OperationId,
    registry::{MetaApi, MetaOperation, MetaPath, Registry},
};

/// Another path of an operation.
struct Alias {
    method: Method,
    path: &'static str,
    operation_id: &'static str,
    /// The path of the operation itself.
    of: &'static str,
    /// The summary in the document. `None` if the operation's own summary and description are used.
    summary: Option<&'static str>,
    /// The description in the document beside `summary`. `None` if there is none.
    description: Option<&'static str>,
}

impl Alias {
    const fn new(
        method: Method,
        path: &'static str,
        operation_id: &'static str,
        of: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            operation_id,
            of,
            summary: None,
            description: None,
        }
    }

    const fn described(mut self, summary: &'static str, description: Option<&'static str>) -> Self {
        self.summary = Some(summary);
        self.description = description;
        self
    }
}

#[rustfmt::skip]
const ALIASES: [Alias; 9] = [
    Alias::new(Method::POST, "/auth/send-otp", "send_otp", "/auth/generate-otp")
        .described("The same as /auth/generate-otp", Some("An older name, for clients that call it.")),
    Alias::new(Method::GET, "/users/me", "users_me", "/auth/me"),
    Alias::new(Method::GET, "/user/profile", "user_profile", "/auth/me"),
    Alias::new(Method::GET, "/auth/user/profile", "auth_user_profile", "/auth/me"),
    Alias::new(Method::PATCH, "/users/me", "change_users_me", "/auth/me"),
    Alias::new(Method::PATCH, "/user/profile", "change_user_profile", "/auth/me"),
    Alias::new(Method::PATCH, "/auth/user/profile", "change_auth_user_profile", "/auth/me"),
    Alias::new(Method::GET, "/users", "list_users", "/admin/users")
        .described("The same as /admin/users", None),
    Alias::new(Method::GET, "/users/{user_id}", "get_user", "/admin/users/{user_id}")
        .described("The same as `/admin/users/{user_id}`", None),
];

/// The operations of `T`, at their own paths and at their aliases.
#[derive(Debug)]
pub struct WithAliases<T>(pub T);

impl<T: OpenApi> OpenApi for WithAliases<T> {
    fn meta() -> Vec<MetaApi> {
        let mut apis = T::meta();
        for api in &mut apis {
            api.paths = with_aliases::<T>(std::mem::take(&mut api.paths));
        }
        apis
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(routes);
        for alias in ALIASES {
            let operations = routes.get_mut(&route(alias.of));
            let Some(operation) = operations.and_then(|known| known.remove(&alias.method)) else {
                continue;
            };
            let operation = Arc::new(operation);
            let renamed = Arc::clone(&operation).after(move |mut answer| async move {
                let id = OperationId(alias.operation_id);
                match &mut answer {
                    Ok(response) => response.set_data(id),
                    Err(error) => error.set_data(id),
                }
                answer
            });
            let mut insert = |path, endpoint| {
                let operations = routes.entry(route(path)).or_default();
                operations.insert(alias.method.clone(), endpoint);
            };
            insert(alias.of, operation.boxed());
            insert(alias.path, renamed.boxed());
        }
    }
}

/// The paths, each followed by its aliases.
fn with_aliases<T: OpenApi>(paths: Vec<MetaPath>) -> Vec<MetaPath> {
    let mut all: Vec<MetaPath> = Vec::new();
    for path in paths {
        let of = path.path.clone();
        let methods: Vec<Method> = path.operations.iter().map(|it| it.method.clone()).collect();
        all.push(path);
        for alias in ALIASES
            .iter()
            .filter(|alias| alias.of == of && methods.contains(&alias.method))
        {
            let operations = Vec::from_iter(operation_of::<T>(alias));
            match all.iter_mut().find(|known| known.path == alias.path) {
                Some(known) => known.operations.extend(operations),
                None => all.push(MetaPath {
                    path: alias.path.to_owned(),
                    operations,
                }),
            }
        }
    }
    all
}

/// The alias in the document. The framework's description cannot be cloned, so it is made again.
fn operation_of<T: OpenApi>(alias: &Alias) -> Option<MetaOperation> {
    let mut paths = T::meta().into_iter().flat_map(|api| api.paths);
    let mut operations = paths
        .find(|path| {
            let mut operations = path.operations.iter();
            path.path == alias.of && operations.any(|it| it.method == alias.method)
        })?
        .operations
        .into_iter();
    let mut operation = operations.find(|operation| operation.method == alias.method)?;
    operation.operation_id = Some(alias.operation_id);
    if alias.summary.is_some() {
        operation.summary = alias.summary;
        operation.description = alias.description;
    }
    Some(operation)
}

/// The path in the router's form, in which parameters are numbered.
fn route(path: &str) -> String {
    let mut numbers = 0_u32..;
    let segments = path.split('/').map(|segment| {
        if segment.starts_with('{') {
            format!(":param{}", numbers.next().unwrap_or_default())
        } else {
            segment.to_owned()
        }
    });
    segments.collect::<Vec<_>>().join("/")
}
