//! Everything about the older service's documents: the forms of its values, and what a start does with its database.
//!
//! Its accounts are brought into today's form in two ways, because it may write more of them at any time:
//!
//! - in memory, each time an account is read ([`account::todays_form`]), so all other code knows today's form only;
//! - in the database, once, by the pass at the start ([`start`]). That pass only adds fields, so the older service can
//!   still read its documents. What stands there in another form is replaced when its owner logs in.
//!
//! All code here but [`start`] is pure.

pub mod account;
pub mod start;
pub mod status;
mod values;

/// Unique indexes, with their keys, that the older service's clean-up knew and left. The keys are not written any more.
pub const LEFT_OVER_INDEXES: [(&str, &str); 2] =
    [("patient_id_1", "patient_id"), ("doctor_id_1", "doctor_id")];
