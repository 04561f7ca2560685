//! HTTP: what the program itself answers, and the operations of all slices behind the pipeline.
//!
//! [`admin_system`]: counts and the audit trail of all slices · [`admin_mails`]: mails that do not arrive ·
//! [`system`] and [`metrics`]: the state of the service · [`pages`]: the pages for people. Reading requests, answering
//! errors and the OpenAPI document are in the crate `web`.

pub mod admin_mails;
pub mod admin_system;
mod aliases;
mod compressible;
mod localized;
pub mod metrics;
mod older_envelope;
mod outbox_page;
pub mod pages;
pub mod system;
mod text;

use std::{fmt::Write as _, sync::Arc};

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response};
use poem_openapi::{OpenApi, OpenApiService};
use web::{
    aliases::WithAliases,
    document::{self, About},
    pipeline::{Pipeline, PipelineSettings},
    readiness_guard::ReadinessGuard,
    routes::Routes,
};

use self::{
    admin_mails::AdminMailsApi,
    admin_system::AdminSystemApi,
    aliases::OlderPaths,
    localized::Localized,
    metrics::{Metered, Metrics, MetricsApi},
    older_envelope::OlderEnvelope,
    pages::Pages,
    system::SystemApi,
};
use crate::{config::Settings, program::Program, sentences, slices::SLICES};
use kernel::error::Cause;
use platform::slice;

/// All operations of the service, at each of their paths.
pub type Operations = WithAliases<(Handlers, clinic::http::Handlers), OlderPaths>;

/// The handlers of the operations: those of each slice, and those of the program.
pub type Handlers = (
    identity::http::Handlers,
    AdminSystemApi,
    AdminMailsApi,
    SystemApi,
    MetricsApi,
    Pages,
);

/// The operations of a service without the clinic's records.
pub type WithoutClinic = WithAliases<Handlers, OlderPaths>;

/// All operations behind the pipeline, ready to be served.
///
/// # Errors
/// A setting of `throttle` is not valid.
pub fn endpoint(
    program: &Arc<Program>,
) -> Result<impl Endpoint<Output = Response> + 'static, Cause> {
    let metrics = Metrics::new(Arc::clone(program))?;
    let operations = if let Some(clinic) = &program.clinic {
        let own = handlers::<Operations>(program, &metrics);
        let operations = Operations::new((own, clinic::http::handlers(clinic)));
        piped(program, operations)?.boxed()
    } else {
        let own = handlers::<WithoutClinic>(program, &metrics);
        piped(program, WithoutClinic::new(own))?.boxed()
    };
    Ok(Metered(operations, metrics))
}

/// The handlers of every service, whose pages show the document of `T`.
fn handlers<T: OpenApi>(program: &Arc<Program>, metrics: &Arc<Metrics>) -> Handlers {
    let app = &program.identity;
    (
        identity::http::handlers(app),
        AdminSystemApi(Arc::clone(app)),
        AdminMailsApi(Arc::clone(program)),
        SystemApi(Arc::clone(program)),
        MetricsApi(Arc::clone(metrics)),
        Pages::new(|| document::document::<T>(&ABOUT), &program.settings),
    )
}

/// The operations behind the pipeline.
fn piped<T: OpenApi + 'static>(
    program: &Program,
    operations: T,
) -> Result<impl Endpoint<Output = Response> + 'static, Cause> {
    let (app, settings) = (&program.identity, &program.settings);
    let service = OpenApiService::new(operations, ABOUT.title, VERSION).into_endpoint();
    let is_older = program.clinic.is_some() && settings.config.clinic.older_envelope;
    let answering = OlderEnvelope::new(Localized(service), is_older);
    let guarded = ReadinessGuard::new(Arc::clone(app) as _, answering);
    let routes = Routes::of::<T>(SLICES);
    Ok(Pipeline::new(
        guarded,
        routes,
        program.running.clone(),
        &pipeline_settings(settings),
        app.clock.clone(),
        app.rng.clone(),
    )?)
}

/// What the pipeline is told by the settings.
pub fn pipeline_settings(settings: &Settings) -> PipelineSettings<'_> {
    PipelineSettings {
        service: &settings.config.service,
        trusted_proxies: &settings.config.throttle.identity.trusted_proxies,
        forwarded_header: &settings.config.throttle.identity.forwarded_header,
        cors_origins: &settings.cors_origins,
        compressible: compressible::COMPRESSIBLE,
        localize: sentences::localize,
    }
}

/// What the document says besides the operations.
pub const ABOUT: About = About {
    title: "Clinic identity service",
    description: "Registration, proof of e-mail addresses, login, sessions, and their \
administration. Every path answers at the root and under `/api/v1`. Every refusal has the one shape \
`ErrorEnvelope`; the codes that an operation can answer stand at its responses.",
    version: VERSION,
    license_url: "https://www.apache.org/licenses/LICENSE-2.0",
    examples: &[include_str!("examples.json"), clinic::http::EXAMPLES],
    slices: SLICES,
    describe: identity::http::describe,
};

/// The page `docs/errors.md`: the table of error codes.
pub fn errors_page() -> String {
    let mut page = String::from(
        "# Error codes\n\nGenerated by `clinic-auth errors`. Every refusal has one shape; `error.code` is one of these.\n\n\
         | code | status | default message | when |\n| --- | --- | --- | --- |\n",
    );
    for code in slice::errors(SLICES) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            code.code(),
            code.status(),
            code.message(),
            code.meaning().trim()
        );
    }
    page
}

/// The version of the service and of its OpenAPI document.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The chapter of the program in the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Tags)]
pub enum Tag {
    /// The service itself: health, pages, documents.
    System,
}

#[cfg(test)]
mod pipeline_tests;
