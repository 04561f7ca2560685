//! Values in words: how long something holds, and when something happened.

use chrono::Datelike;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::catalogue::{Catalogue, Text};
use crate::{clock::Timestamp, mail::MailError};

/// `text` with its values filled in, as plain text.
///
/// # Errors
/// The text uses a value that there is not: a error, and not an empty place in a mail.
pub(super) fn fill(text: Text, values: &Value) -> Result<String, MailError> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .render_str(text, values)
        .map_err(|_| MailError::new("a text of a mail does not render"))
}

/// Minutes as people say them: `90 minutes`, `2 hours`, `3 days`. From three hours on a part of an hour is left out,
/// which promises nothing that does not hold. Hours up to a day and a half are not called days, and a code of which
/// seconds are left is not called one of no minutes.
pub(super) fn duration(texts: &Catalogue, minutes: i64) -> Result<String, MailError> {
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    let minutes = minutes.max(1);
    let (n, unit) = if minutes >= 2 * DAY && minutes % DAY == 0 {
        (minutes / DAY, &texts.days)
    } else if minutes % HOUR == 0 || minutes >= 3 * HOUR {
        (minutes / HOUR, &texts.hours)
    } else {
        (minutes, &texts.minutes)
    };
    fill(if n == 1 { unit.one } else { unit.many }, &context! { n })
}

/// A moment to the minute. In UTC and says so: where the reader is, nobody knows.
pub(super) fn moment(texts: &Catalogue, at: Timestamp) -> Result<String, MailError> {
    let month = texts.months.get(at.month0() as usize).copied();
    let values = context! {
        day => at.day(),
        month,
        year => at.year(),
        time => at.format("%H:%M").to_string(),
    };
    fill(texts.moment, &values)
}
