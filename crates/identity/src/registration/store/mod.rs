//! Registrations, and the slots that an address has for them.

pub mod pending;
pub mod registration_slots;
