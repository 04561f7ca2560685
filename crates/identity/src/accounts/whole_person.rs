//! A person with every field, for tests.

use bson::{Document, doc};

/// A document with every field of a person.
pub(crate) fn whole() -> Document {
    doc! {
        "username": "jane.doe", "first_name": "Jane", "last_name": "Doe",
        "email": "jane@example.org", "email_display": "Jane@Example.org", "mobile": "+41 79 000 00 00",
        "is_pregnant": false, "date_of_birth": "1990-02-03", "specialization": "Cardiology",
        "license_number": "MD-1", "language": "en",
    }
}
