//! The operations of the clinic, as the program serves them.

use std::sync::Arc;

use crate::{
    app::App, appointments, consultations::http::ConsultationsApi, patients,
    reports::http::ReportsApi,
};

/// The handlers of the operations.
pub type Handlers = (
    patients::http::Operations,
    ConsultationsApi,
    ReportsApi,
    appointments::http::Handlers,
);

/// The handlers on `app`.
pub fn handlers(app: &Arc<App>) -> Handlers {
    (
        patients::http::operations(app),
        ConsultationsApi(Arc::clone(app)),
        ReportsApi(Arc::clone(app)),
        appointments::http::handlers(app),
    )
}
