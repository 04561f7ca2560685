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
    id: &'static str,
    /// The path of the operation itself.
    of: &'static str,
    /// The summary and the description in the document. `None` if the operation's own are used.
    text: Option<(&'static str, Option<&'static str>)>,
}

#[rustfmt::skip]
const ALIASES: [Alias; 9] = [
    Alias { method: Method::POST, path: "/auth/send-otp", id: "send_otp", of: "/auth/generate-otp",
        text: Some(("The same as /auth/generate-otp", Some("An older name, for clients that call it."))) },
    Alias { method: Method::GET, path: "/users/me", id: "users_me", of: "/auth/me", text: None },
    Alias { method: Method::GET, path: "/user/profile", id: "user_profile", of: "/auth/me", text: None },
    Alias { method: Method::GET, path: "/auth/user/profile", id: "auth_user_profile", of: "/auth/me", text: None },
    Alias { method: Method::PATCH, path: "/users/me", id: "change_users_me", of: "/auth/me", text: None },
    Alias { method: Method::PATCH, path: "/user/profile", id: "change_user_profile", of: "/auth/me", text: None },
    Alias { method: Method::PATCH, path: "/auth/user/profile", id: "change_auth_user_profile", of: "/auth/me", text: None },
    Alias { method: Method::GET, path: "/users", id: "list_users", of: "/admin/users",
        text: Some(("The same as /admin/users", None)) },
    Alias { method: Method::GET, path: "/users/{user_id}", id: "get_user", of: "/admin/users/{user_id}",
        text: Some(("The same as `/admin/users/{user_id}`", None)) },
];

/// The operations of `T`, at their own paths and at their aliases.
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
                let id = OperationId(alias.id);
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
    operation.operation_id = Some(alias.id);
    if let Some((summary, description)) = alias.text {
        operation.summary = Some(summary);
        operation.description = description;
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
