//! The operations of second factors.

pub mod devices;
pub mod factors;
pub mod login;
pub mod reauthentication;

use kernel::error::RuleViolation;
use serde_json::{Value, json};
use web::ValidationErrors;

use crate::{
    codes::rules::OtpCode,
    factors::{
        rules::{recovery_code::RecoveryCode, totp::DIGITS},
        second_step::SecondFactor,
    },
};

const ONE_FACTOR: RuleViolation = RuleViolation::new(
    "one_of",
    "Exactly one of totp_code and recovery_code is needed",
);

/// The one factor of a request. `None` if there is none, or more than one, which is reported.
fn one_factor(
    totp_code: Option<&str>,
    recovery_code: Option<&str>,
    errors: &mut ValidationErrors,
) -> Option<SecondFactor> {
    match (totp_code, recovery_code) {
        (Some(code), None) => Some(SecondFactor::Totp(OtpCode::parse(code, DIGITS))),
        (None, Some(code)) => Some(SecondFactor::Recovery(RecoveryCode::parse(code))),
        _ if errors.contains("totp_code") || errors.contains("recovery_code") => None,
        _ => errors.take(Err(ONE_FACTOR.at("totp_code"))),
    }
}

/// What `details` has with `MFA_REQUIRED`, `MFA_ENROLMENT_REQUIRED` and `REAUTH_REQUIRED`, so that generated clients read it.
pub(crate) fn describe_details(schema: &mut Value) {
    let Some(properties) = schema["properties"].as_object_mut() else {
        return;
    };
    for (field, kind, words) in [
        (
            "mfa_token",
            "string",
            "The login that waits for its second step",
        ),
        ("expires_in", "integer", "Seconds that it waits"),
        (
            "may_remember",
            "boolean",
            "Whether the device can be remembered",
        ),
        ("remember_days", "integer", "For how many days"),
        ("max_age_seconds", "integer", "How old a proof may be"),
    ] {
        properties.insert(
            field.to_owned(),
            json!({ "type": kind, "description": words }),
        );
    }
    let methods = json!({
        "type": "array", "items": { "type": "string" },
        "description": "How it can be proven: `password`, `totp`, `passkey`, `recovery_code`",
    });
    properties.insert("methods".to_owned(), methods);
}
