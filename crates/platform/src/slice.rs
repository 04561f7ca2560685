//! What a slice declares. The program joins the declarations of all slices.

use kernel::{
    error::ErrorCode,
    errors,
    role::{Permission, Role},
};

use crate::audit::{actions, record::Action};

/// The tables of a slice.
#[derive(Debug)]
pub struct Slice {
    /// The error codes that it adds.
    pub errors: &'static [ErrorCode],
    /// Its permissions.
    pub permissions: &'static [Permission],
    /// The actions that it records.
    pub actions: &'static [Action],
    /// The beginnings of its paths. Every operation below one needs the database.
    pub roots: &'static [&'static str],
}

/// What every slice can use.
pub const COMMON: Slice = Slice {
    errors: errors::ALL,
    permissions: &[],
    actions: actions::ALL,
    roots: &[],
};

/// The slices of a program.
pub type Slices = &'static [&'static Slice];

/// Every error code of `slices`.
pub fn errors(slices: Slices) -> impl Iterator<Item = ErrorCode> + Clone {
    slices.iter().flat_map(|slice| slice.errors).copied()
}

/// Every action of `slices`.
pub fn actions(slices: Slices) -> impl Iterator<Item = Action> + Clone {
    slices.iter().flat_map(|slice| slice.actions).copied()
}

/// The names of the permissions of `slices` that `role` has.
pub fn permissions(slices: Slices, role: Role) -> impl Iterator<Item = &'static str> {
    let all = slices.iter().flat_map(|slice| slice.permissions);
    all.filter(move |it| role.allows(**it)).map(|it| it.name)
}
