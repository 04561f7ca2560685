//! The operations of the clinic, as the program serves them.

use std::sync::Arc;

use crate::app::App;

/// The handlers of the operations.
pub type Handlers = ();

/// The handlers on `app`.
pub const fn handlers(_app: &Arc<App>) -> Handlers {}
