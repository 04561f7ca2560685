//! The search for patients: what of a record is found, what a typed text looks for, and which hits are best.
//!
//! The index is blind: the store keeps a keyed digest of each [`Term`] of a [`Findable`]. A [`Query`] names the terms to
//! look up; the records that have them are opened, and [`Query::matches`] decides (ENC-6).

mod findable;
mod fold;
mod hits;
#[cfg(test)]
mod names_tests;
mod phone;
mod query;
mod sound;
mod term;

pub use self::{
    findable::Findable,
    hits::{Hit, MatchKind, best},
    phone::{Phone, PhoneRules},
    query::{Lookup, Query},
    term::{Term, TermField, TermIndex},
};
