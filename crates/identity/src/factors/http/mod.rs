//! The operations of second factors.

pub mod devices;
pub mod factors;
pub mod login;
pub mod reauthentication;

use kernel::error::RuleViolation;
use poem_openapi::types::{Any, ParseFromJSON};
use serde_json::{Value, json};
use web::ValidationErrors;

use crate::{
    codes::rules::OtpCode,
    factors::{
        passkeys::{
            http::AssertionCredential,
            rules::{Refused, responses::Assertion},
        },
        rules::{recovery_code::RecoveryCode, totp::DIGITS},
        second_step::SecondFactor,
    },
};

const NO_PASSKEY: RuleViolation = RuleViolation::new(
    "invalid",
    "This is not what a browser answers for a passkey",
);

const ONE_FACTOR: RuleViolation = RuleViolation::new(
    "one_of",
    "Exactly one of totp_code, recovery_code and passkey is needed",
);

/// The answer of a browser in the field `passkey`. Fields that browsers add are ignored.
fn passkey(
    answer: Option<Any<Value>>,
    errors: &mut ValidationErrors,
) -> Option<Box<Result<Assertion, Refused>>> {
    let parsed = AssertionCredential::parse_from_json(answer.map(|answer| answer.0));
    match parsed {
        Ok(credential) => Some(Box::new(credential.read())),
        Err(_) => errors.take(Err(NO_PASSKEY.at("passkey"))),
    }
}

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
            "passkey",
            "object",
            "What the browser is asked for a passkey (`PublicKeyCredentialRequestOptionsJSON`)",
        ),
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
