//! What people and administrators do with second factors.

mod changes;
pub mod devices;
pub mod enroller;
pub mod fresh;
mod gate;
mod login;
mod overview;
pub mod reauthentication;
pub mod recovery_codes;
mod reseal;
mod reset;
pub mod second_step;
pub mod totp;

pub use self::{changes::*, gate::*, login::*, overview::*, reseal::*, reset::*};
