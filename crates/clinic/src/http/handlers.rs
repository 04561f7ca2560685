//! The operations of the clinic, as the program serves them.

use std::sync::Arc;

use crate::{app::App, consultations::http::ConsultationsApi, reports::http::ReportsApi};

/// The handlers of the operations.
pub type Handlers = (ConsultationsApi, ReportsApi);

/// The handlers on `app`.
pub fn handlers(app: &Arc<App>) -> Handlers {
    (
        ConsultationsApi(Arc::clone(app)),
        ReportsApi(Arc::clone(app)),
    )
}
