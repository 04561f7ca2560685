//! The slices of the service: this is where they are named and joined.

use platform::slice::{COMMON, Slices};

/// Every slice, and what all of them can use.
pub const SLICES: Slices = &[&COMMON, &identity::SLICE, &clinic::SLICE];

/// The slices of a service without the clinic's records.
pub const WITHOUT_CLINIC: Slices = &[&COMMON, &identity::SLICE];
