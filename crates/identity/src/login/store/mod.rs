//! What a login reads and writes: lockout counters, successes, names that failed.

mod counter_place;
pub mod lockouts;
pub mod logins;
pub mod sprayed_names;
