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
    proof::{SecondStep, begin_second_step, prove},
    registration::{Added, begin_registration, finish_registration},
};
