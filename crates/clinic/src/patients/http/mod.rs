//! HTTP of patients: the operations, what they read and what they answer.

mod care;
mod lists;
mod record_requests;
mod record_views;
mod records;
mod requests;
mod texts;
mod views;

use std::sync::Arc;

use poem::http::Method;
use web::aliases::{Alias, Aliases, WithAliases};

use crate::app::App;

/// The operations, at their own paths and at the older ones.
pub type Operations = WithAliases<
    (
        lists::ListsApi,
        (records::RecordsApi, (records::SymptomsApi, care::CareApi)),
    ),
    OlderPaths,
>;

/// The operations on `app`.
pub fn operations(app: &Arc<App>) -> Operations {
    let app = || Arc::clone(app);
    WithAliases::new((
        lists::ListsApi(app()),
        (
            records::RecordsApi(app()),
            (records::SymptomsApi(app()), care::CareApi(app())),
        ),
    ))
}

/// The paths of the older EMR's intake.
#[derive(Debug)]
pub enum OlderPaths {}

const TEXT: Option<&str> = Some("An older path, for clients that call it.");

#[rustfmt::skip]
impl Aliases for OlderPaths {
const ALL: &'static [Alias] = &[
    Alias { method: Method::POST, path: "/intake/patients", id: "intake_create_patient", of: "/patients",
        text: Some(("The same as POST /patients", TEXT)) },
    Alias { method: Method::POST, path: "/intake/patients/{patient_id}/symptoms", id: "intake_add_symptom",
        of: "/patients/{patient_id}/symptoms", text: Some(("The same as POST `/patients/{patient_id}/symptoms`", TEXT)) },
    Alias { method: Method::PATCH, path: "/intake/patients/{patient_id}/symptoms/{symptom_id}", id: "intake_change_symptom",
        of: "/patients/{patient_id}/symptoms/{symptom_id}",
        text: Some(("The same as PATCH `/patients/{patient_id}/symptoms/{symptom_id}`", TEXT)) },
    Alias { method: Method::DELETE, path: "/intake/patients/{patient_id}/symptoms/{symptom_id}", id: "intake_remove_symptom",
        of: "/patients/{patient_id}/symptoms/{symptom_id}",
        text: Some(("The same as DELETE `/patients/{patient_id}/symptoms/{symptom_id}`", TEXT)) },
];
}
