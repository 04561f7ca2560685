//! What an operator does with all records at once: wrapping the data keys anew, and looking whether everything fits.

pub mod inspect;
pub mod rewrap;
mod store;
