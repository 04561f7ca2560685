//! What people do with passkeys.

mod ceremony;
mod login;
mod own;
mod proof;
mod registration;

pub use self::{
    ceremony::Ceremony,
    login::{begin_login, finish_login},
    own::{Accepted, list, remove, rename},
    proof::{SecondStep, begin_fresh_proof, begin_second_step, prove_fresh, prove_second_step},
    registration::{Added, begin_registration, finish_registration, require_room, sweep},
};
