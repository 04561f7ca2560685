//! Older paths of operations, in one table for the router and for the document.

use std::{collections::HashMap, marker::PhantomData, sync::Arc};

use poem::{EndpointExt, endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi, OperationId,
    registry::{MetaApi, MetaOperation, MetaPath, Registry},
};

/// Another path of an operation.
#[derive(Debug)]
pub struct Alias {
    /// The method.
    pub method: Method,
    /// The other path.
    pub path: &'static str,
    /// Its operation id.
    pub id: &'static str,
    /// The path of the operation itself.
    pub of: &'static str,
    /// The summary and the description in the document. `None` if the operation's own are used.
    pub text: Option<(&'static str, Option<&'static str>)>,
}

/// A table of aliases.
pub trait Aliases: Send + Sync + 'static {
    /// The rows.
    const ALL: &'static [Alias];
}

/// The operations of `T`, at their own paths and at their aliases.
#[derive(Debug)]
pub struct WithAliases<T, A>(T, PhantomData<fn() -> A>);

impl<T, A> WithAliases<T, A> {
    /// The operations with their aliases.
    pub const fn new(operations: T) -> Self {
        Self(operations, PhantomData)
    }
}

impl<T: OpenApi, A: Aliases> OpenApi for WithAliases<T, A> {
    fn meta() -> Vec<MetaApi> {
        let paths = T::meta().into_iter().flat_map(|api| api.paths).collect();
        vec![MetaApi {
            paths: with_aliases::<T, A>(paths),
        }]
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(routes);
        for alias in A::ALL {
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
fn with_aliases<T: OpenApi, A: Aliases>(paths: Vec<MetaPath>) -> Vec<MetaPath> {
    let mut all: Vec<MetaPath> = Vec::new();
    let mut copies = Copies::<T>::none();
    for path in paths {
        let of = path.path.clone();
        let methods: Vec<Method> = path.operations.iter().map(|it| it.method.clone()).collect();
        all.push(path);
        for alias in A::ALL
            .iter()
            .filter(|alias| alias.of == of && methods.contains(&alias.method))
        {
            let operations = Vec::from_iter(copies.operation_of(alias));
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

/// Copies of the operations of `T`. The framework's description of an operation cannot be cloned, and to make them all again
/// for each alias would be most of the work at the start.
struct Copies<T>(Vec<MetaPath>, PhantomData<fn() -> T>);

impl<T: OpenApi> Copies<T> {
    const fn none() -> Self {
        Self(Vec::new(), PhantomData)
    }

    /// The alias in the document.
    fn operation_of(&mut self, alias: &Alias) -> Option<MetaOperation> {
        let mut operation = self.take(alias).or_else(|| {
            self.0 = T::meta().into_iter().flat_map(|api| api.paths).collect();
            self.take(alias)
        })?;
        operation.operation_id = Some(alias.id);
        if let Some((summary, description)) = alias.text {
            operation.summary = Some(summary);
            operation.description = description;
        }
        Some(operation)
    }

    fn take(&mut self, alias: &Alias) -> Option<MetaOperation> {
        let mut paths = self.0.iter_mut().filter(|path| path.path == alias.of);
        paths.find_map(|path| {
            let mut operations = path.operations.iter();
            let at = operations.position(|it| it.method == alias.method)?;
            Some(path.operations.swap_remove(at))
        })
    }
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
