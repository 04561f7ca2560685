//! Writes values in words: durations and times.

use chrono::Datelike;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::Text;
use crate::MailError;
use kernel::clock::Timestamp;

/// The words of one language that all letters share.
pub(super) struct Words {
    /// The end of each mail.
    pub(super) footer: Text,
    /// `{{ day }}`, `{{ month }}`, `{{ year }}` and `{{ time }}`, as they follow "on".
    pub(super) moment: Text,
    /// January to December.
    pub(super) months: [Text; 12],
    /// `{{ n }}` of each unit, as they follow "for" or "within": one, and more than one. Our languages have these two
    /// forms (CLDR, cardinal, whole numbers from 1 to 999,999).
    pub(super) minutes: [Text; 2],
    pub(super) hours: [Text; 2],
    pub(super) days: [Text; 2],
}

/// `text` with its values filled in, as plain text.
///
/// # Errors
/// An error if the text uses a value that does not exist, so that no mail has an empty gap.
pub(super) fn fill(text: Text, values: &Value) -> Result<String, MailError> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .render_str(text, values)
        .map_err(|_| MailError::new("a text of a mail does not render"))
}

/// A duration in words: `90 minutes`, `2 hours`, `3 days`. From three hours on, a part of an hour is left out, so that
/// the mail does not promise too much. Less than two days are given in hours. Less than a minute is given as one
/// minute.
pub(super) fn duration(words: &Words, minutes: i64) -> Result<String, MailError> {
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    let minutes = minutes.max(1);
    let (n, unit) = if minutes >= 2 * DAY && minutes % DAY == 0 {
        (minutes / DAY, words.days)
    } else if minutes % HOUR == 0 || minutes >= 3 * HOUR {
        (minutes / HOUR, words.hours)
    } else {
        (minutes, words.minutes)
    };
    let [one, many] = unit;
    fill(if n == 1 { one } else { many }, &context! { n })
}

/// A time to the minute. It is in UTC and says so, because the reader's time zone is unknown.
pub(super) fn moment(words: &Words, at: Timestamp) -> Result<String, MailError> {
    let month = words.months.get(at.month0() as usize).copied();
    let values = context! {
        day => at.day(),
        month,
        year => at.year(),
        time => at.format("%H:%M").to_string(),
    };
    fill(words.moment, &values)
}
