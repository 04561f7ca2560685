//! The operations of the clinic, as the program serves them.

use std::sync::Arc;

use crate::{app::App, appointments};

/// The handlers of the operations.
pub type Handlers = appointments::http::Handlers;

/// The handlers on `app`.
pub fn handlers(app: &Arc<App>) -> Handlers {
    appointments::http::handlers(app)
}
