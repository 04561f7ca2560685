//! What people and administrators do with second factors.

mod changes;
pub mod enroller;
pub mod fresh;
mod gate;
pub mod recovery_codes;

pub use self::{changes::*, gate::*};
