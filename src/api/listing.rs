//! Common parts of the administration's lists: pages, and the values of filters.

use chrono::{DateTime, NaiveTime};

use super::{
    ValidationErrors,
    answer::INVALID_USER_TYPE,
    text::{MAX_USER_ID, Text},
};
use crate::{
    clock::Timestamp,
    domain::{
        audit::Action,
        page::{DEFAULT_LIMIT, Key, Page},
        profile::read_date,
        role::Role,
        user::Status,
    },
    error::{Result, RuleViolation},
};

const STATUS_INVALID: RuleViolation =
    RuleViolation::new("choice", "Must be active, invited or disabled");
const ACTION_INVALID: RuleViolation =
    RuleViolation::new("choice", "Must be an action of the audit trail");
const TIME_INVALID: RuleViolation = RuleViolation::new(
    "time_invalid",
    "Must be a time of RFC 3339, or a day written YYYY-MM-DD",
);
const ID_TOO_LONG: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 64 characters");

/// The rows of a page if the caller does not set `limit`.
pub(super) const fn default_limit() -> u32 {
    DEFAULT_LIMIT
}

/// The page that the caller asks for.
pub(super) fn page(errors: &mut ValidationErrors, limit: u32, cursor: Asked<Key>) -> Option<Page> {
    let after = errors.take_optional("cursor", given(cursor), |text| Key::parse(&text))?;
    errors.take("limit", Page::new(limit, after))
}

/// A parameter that filters a list. It may be absent; an empty one is the same as absent.
pub(super) type Asked<T> = Option<Text<Option<T>>>;

/// The parameter, unless it is empty.
pub(super) fn given<T>(parameter: Asked<T>) -> Asked<T> {
    parameter.filter(|text| !text.is_empty())
}

/// A role by its name.
pub(super) fn role(name: &str) -> Result<Role, RuleViolation> {
    let mut all = Role::ALL.into_iter();
    all.find(|role| role.name() == name)
        .ok_or(INVALID_USER_TYPE)
}

/// An account status by its name.
pub(super) fn status(name: &str) -> Result<Status, RuleViolation> {
    let mut all = Status::ALL.into_iter();
    all.find(|status| status.name() == name)
        .ok_or(STATUS_INVALID)
}

/// An action by its name.
pub(super) fn action(name: &str) -> Result<Action, RuleViolation> {
    let mut all = Action::ALL.iter();
    all.find(|action| action.name() == name)
        .copied()
        .ok_or(ACTION_INVALID)
}

/// The beginning of a time range. A day means its beginning in UTC.
pub(super) fn from(text: &str) -> Result<Timestamp, RuleViolation> {
    moment(text, NaiveTime::MIN)
}

/// The end of a time range. A day means its end in UTC, so the day is part of the range.
pub(super) fn to(text: &str) -> Result<Timestamp, RuleViolation> {
    let last = NaiveTime::from_hms_milli_opt(23, 59, 59, 999);
    moment(text, last.unwrap_or_default())
}

fn moment(text: &str, time_of_day: NaiveTime) -> Result<Timestamp, RuleViolation> {
    if let Some(day) = read_date(text) {
        return Ok(day.and_time(time_of_day).and_utc());
    }
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| TIME_INVALID)?;
    Ok(at.to_utc())
}

/// A user id. The account need not exist.
pub(super) fn user_id(text: &str) -> Result<String, RuleViolation> {
    if text.chars().count() <= MAX_USER_ID {
        Ok(text.to_owned())
    } else {
        Err(ID_TOO_LONG)
    }
}
