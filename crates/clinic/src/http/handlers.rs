//! The operations of the clinic, as the program serves them.

use std::sync::Arc;

use crate::{app::App, patients};

/// The handlers of the operations.
pub type Handlers = patients::http::Operations;

/// The handlers on `app`.
pub fn handlers(app: &Arc<App>) -> Handlers {
    patients::http::operations(app)
}
