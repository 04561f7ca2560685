//! Configuration: sections with their defaults, secrets, and what the process runs with.

mod secret;
pub mod sections;
mod settings;

pub use secret::Secret;
pub use sections::Config;
pub use settings::{Environment, MasterSecret, Secrets, Settings};
