//! The configuration: its sources, its sections, and the rules that it must satisfy.
//!
//! [`Settings::load`] merges the [`Sources`] and checks the result.

mod environment;
mod error;
mod load;
mod lookalikes;
mod master_secret;
mod obsolete;
pub mod sections;
mod settings;
mod sources;
mod tree;
mod validate;

pub use crypto::settings::{FieldSecret, MasterSecret, Peppers};
pub use environment::{PREFIX, known_variables, variable_of};
pub use error::{ConfigError, ConfigErrors};
pub use kernel::secret::Secret;
pub use sections::Config;
pub use settings::{Environment, Secrets, Settings, StoreAddress};
pub use sources::Sources;
