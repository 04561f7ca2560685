//! The error codes of the clinic's records, beside those that every slice can answer.

pub use kernel::errors::*;

kernel::error_codes! {
    /// The record does not exist, or the caller may not know that it does.
    RECORD_NOT_FOUND = 404, "RECORD_NOT_FOUND", "There is no such record";
    /// Another appointment, or a hold, has the time.
    SLOT_TAKEN = 409, "SLOT_TAKEN", "This time is taken";
    /// The state of the record does not allow the change.
    STATE_CONFLICT = 409, "STATE_CONFLICT", "The present state does not allow this";
    /// The doctor has an open consultation with the patient.
    CONSULTATION_ACTIVE = 409, "CONSULTATION_ACTIVE", "A consultation with this patient is open";
    /// A patient who may be the same person has a record already.
    POSSIBLE_DUPLICATE = 409, "POSSIBLE_DUPLICATE", "This patient may have a record already";
    /// The idempotency key was used for another request.
    IDEMPOTENCY_CONFLICT = 409, "IDEMPOTENCY_CONFLICT", "This Idempotency-Key was used for another request";
    /// The doctor is not approved yet.
    CREDENTIAL_REQUIRED = 403, "CREDENTIAL_REQUIRED", "Your approval as a doctor is still open";
}
