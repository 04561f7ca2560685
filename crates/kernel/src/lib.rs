//! The words that every part of the service uses: errors, the time, randomness, ids, a person's names and contact, the
//! origin of a request, roles and permissions, pages of lists. It knows no database and no HTTP.

pub mod clock;
pub mod contact;
pub mod csv;
pub mod error;
pub mod errors;
pub mod fail_point;
pub mod folding;
pub mod helpers;
pub mod ids;
pub mod json;
pub mod mail_language;
pub mod methods;
pub mod metrics;
pub mod names;
pub mod networks;
pub mod page;
pub mod person;
pub mod principal;
pub mod profile;
pub mod random;
pub mod request;
pub mod role;
pub mod sealed;
pub mod secret;
pub mod secret_hash;
pub mod settings;
pub mod stored;
pub mod text;
pub mod username;
