//! Second factors and passkeys.

pub mod passkeys;
