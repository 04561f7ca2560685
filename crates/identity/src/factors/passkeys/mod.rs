//! Passkeys: registration, login without a password, second step, proof that the owner is there.

pub mod rules;
