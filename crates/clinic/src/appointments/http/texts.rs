//! How texts of requests are read.

use kernel::error::RuleViolation;
use web::text::{any, texts, visible, words};

use crate::appointments::{
    Details, Reason, Title, exceptions::ExceptionKind, feed::FeedDetail, status::AppointmentStatus,
};

const CHOICE_UNKNOWN: RuleViolation =
    RuleViolation::new("choice_unknown", "Must be one of the words of the document");

/// The states that an appointment can be asked for. A hold is none.
fn states() -> impl Iterator<Item = AppointmentStatus> {
    let all = AppointmentStatus::ALL.into_iter();
    all.filter(|status| *status != AppointmentStatus::Held)
}

texts! {
    Title => Self, visible(), |typed| Self::parse(typed);
    Details => Self, any(), |typed| Self::parse(typed);
    Reason => Self, visible(), |typed| Self::parse(typed);
    AppointmentStatus => Self, words(states().map(Self::name)), |typed| {
        states().find(|status| status.name() == typed).ok_or(CHOICE_UNKNOWN)
    };
    FeedDetail => Self, words(["none", "doctor"].into_iter()), |typed| {
        Self::parse(typed).ok_or(CHOICE_UNKNOWN)
    };
    ExceptionKind => Self, words(["off", "extra"].into_iter()), |typed| {
        Self::parse(typed).ok_or(CHOICE_UNKNOWN)
    };
}
