//! Second factors: the second step of a login, setting factors up, recovery codes, remembered devices, fresh proofs.

mod challenges;
mod devices;
mod enrolment;
mod fresh;
mod races;
mod reset;
mod second_step;
mod stored;
mod trail;

/// What the audit trail records of second factors.
pub(crate) const ACTIONS: [&str; 10] = [
    "device_forget",
    "device_remember",
    "factors_reset",
    "mfa_enrol",
    "mfa_fail",
    "mfa_lock",
    "mfa_remove",
    "reauthenticate",
    "recovery_code_use",
    "recovery_codes_new",
];
