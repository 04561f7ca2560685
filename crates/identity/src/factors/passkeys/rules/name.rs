//! What an owner calls a passkey.

use kernel::{error::RuleViolation, text::parse_line_up_to};

kernel::text_type! {
    /// The name of a passkey: a line of 1 to 60 code points (PK-10).
    PasskeyName
}

const MAX_NAME: usize = 60;
const TOO_LONG: RuleViolation = RuleViolation::new("too_long", "At most 60 characters");

impl PasskeyName {
    /// Reads a name.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line_up_to(MAX_NAME, TOO_LONG, typed).map(Self)
    }

    /// The name of an account's passkey number `number`, if its owner gives it none.
    #[must_use]
    pub fn numbered(number: usize) -> Self {
        Self(format!("Passkey {number}"))
    }
}
