//! The content of a mail when it is sent: the same on each try, except for the time that is left.

use chrono::Duration;

use super::{codes, mail_jobs};
use crate::{
    app::App,
    clock::Timestamp,
    config::Secret,
    domain::{
        mail_language::MailLanguage,
        otp::{OtpChallenge, OtpPurpose},
        outbox::{MailJob, OutboxRow},
        profile::Language,
        user::Status,
    },
    error::{Error, Result},
    mail::{
        Mail,
        message::{self, Message},
    },
};

/// A code or link with less time left is not sent, because it would expire before the person has typed it in.
const MIN_LEFT: Duration = Duration::minutes(2);
/// A mail may take longer than this to arrive; so a code that was made seconds ago still counts with all its minutes.
const DELIVERY_TIME: Duration = Duration::seconds(10);

/// The mail for a row, or the reason why there is none.
pub(super) enum MailDecision {
    /// This mail.
    Ready(Mail),
    /// No mail yet, because the worker must first issue the codes and insert their rows.
    NeedsCodes,
    /// No mail, because it has no reason any more or a newer mail has replaced it.
    NotNeeded,
    /// No mail, because too little time is left.
    TooLate,
}

/// The mail for `row` at `now`.
pub(super) async fn of(app: &App, row: &OutboxRow, now: Timestamp) -> Result<MailDecision> {
    match &row.job {
        MailJob::Registered { .. }
        | MailJob::RenewCodes
        | MailJob::RenewCode { .. }
        | MailJob::ResetPassword
        | MailJob::FirstPassword { .. }
        | MailJob::Invitation { .. } => Ok(MailDecision::NeedsCodes),
        MailJob::Code { challenge, otp_id } => of_code(app, row, (challenge, otp_id), now).await,
        notice => {
            let Some(message) = notice_message(notice, row.created_at) else {
                return Ok(MailDecision::NotNeeded);
            };
            let owner = mail_jobs::find_by_email(app, &row.email).await?;
            let language = language(row, owner.and_then(|owner| owner.person.fields.language));
            render(app, &message, language, &row.email)
        }
    }
}

/// The mail of a code that is still the current one of its subject.
async fn of_code(
    app: &App,
    row: &OutboxRow,
    (challenge, otp_id): (&str, &str),
    now: Timestamp,
) -> Result<MailDecision> {
    let current = app.store.challenges().find(challenge).await?;
    let Some(challenge) = current.filter(|current| {
        current.otp_id == otp_id && current.used_at.is_none() && current.expires_at > now
    }) else {
        return Ok(MailDecision::NotNeeded);
    };
    let found = match challenge.purpose {
        OtpPurpose::Verification => of_verification(app, &challenge, now).await?,
        OtpPurpose::PasswordReset => of_reset(app, &challenge, now).await?,
    };
    match found {
        Found::Message(message, chosen) => {
            let language = language(row, chosen);
            render(app, &message, language, &challenge.email)
        }
        Found::Nothing => Ok(MailDecision::NotNeeded),
        Found::TooLate => Ok(MailDecision::TooLate),
    }
}

enum Found {
    /// The message, and the language of the account if it has one.
    Message(Message, Option<Language>),
    Nothing,
    TooLate,
}

async fn of_verification(app: &App, challenge: &OtpChallenge, now: Timestamp) -> Result<Found> {
    let registrations = app.store.pending();
    let pending = registrations.find_live(&challenge.subject, now).await?;
    let (Some(pending), Some(code)) = (pending, codes::code_of(app, challenge)) else {
        return Ok(Found::Nothing);
    };
    let Some(minutes) = minutes_left(challenge.code_expires_at, code_lifetime(app), now) else {
        return Ok(Found::TooLate);
    };
    let message = Message::VerificationCode {
        code,
        username: pending.person.names.username.map(Into::into),
        code_minutes: minutes,
    };
    Ok(Found::Message(message, pending.person.fields.language))
}

/// A reset, an invitation, or the link to a first password (REG-8). The link of a reset is valid longer than its code,
/// and is sent alone once the code has expired.
async fn of_reset(app: &App, challenge: &OtpChallenge, now: Timestamp) -> Result<Found> {
    let accounts = app.store.accounts();
    let user = accounts.find_by_user_id(&challenge.subject).await?;
    let (Some(user), Some(link), Some(code)) = (
        user,
        link_of(app, challenge),
        codes::code_of(app, challenge),
    ) else {
        return Ok(Found::Nothing);
    };
    let is_invited = user.status == Status::Invited;
    let is_first = challenge.has_no_code() && user.password_hash.is_none();
    let config = &app.settings.config;
    let link_lifetime = if is_invited || is_first {
        Duration::hours(config.registration.invitation_hours)
    } else {
        Duration::minutes(config.reset.link_minutes)
    };
    let code_left = minutes_left(challenge.code_expires_at, code_lifetime(app), now);
    let link_left = minutes_left(challenge.link_expires_at(), link_lifetime, now);
    let message = match (link_left, code_left) {
        (Some(link_minutes), _) if is_invited => Message::Invitation {
            link,
            link_minutes,
            name: Some(user.person.names.full()).filter(|name| !name.is_empty()),
        },
        (Some(link_minutes), _) if is_first => Message::FirstPassword {
            link,
            link_minutes,
            username: user.person.names.username.map(Into::into),
        },
        (Some(link_minutes), code_left) => Message::PasswordReset {
            code: code_left.map(|minutes| (code, minutes)),
            link,
            link_minutes,
        },
        (None, _) => return Ok(Found::TooLate),
    };
    Ok(Found::Message(message, user.person.fields.language))
}

fn code_lifetime(app: &App) -> Duration {
    Duration::minutes(app.settings.config.otp.expire_minutes)
}

/// The last moment at which a code that ends at `end` is sent.
pub(super) fn last_sent(app: &App, end: Timestamp) -> Timestamp {
    end - min_left(code_lifetime(app))
}

/// A short lifetime, under twice the minimum, is mailed until half of it has passed.
fn min_left(lifetime: Duration) -> Duration {
    MIN_LEFT.min(lifetime / 2)
}

/// Full minutes until `end`; `None` if they are too few for a mail.
fn minutes_left(end: Timestamp, lifetime: Duration, now: Timestamp) -> Option<i64> {
    let left = end - now;
    (left >= min_left(lifetime)).then(|| (left + DELIVERY_TIME).num_minutes())
}

/// The language of the account, or else of the request. Only the owner of the address sees the language (ENUM-3).
fn language(row: &OutboxRow, chosen: Option<Language>) -> MailLanguage {
    let chosen = chosen.and_then(|tag| MailLanguage::from_tag(tag.as_str()));
    chosen.or(row.language).unwrap_or_default()
}

/// The link of a reset or an invitation. It comes from the configuration alone (RST-2). The token is in the fragment,
/// so no server and no mail scanner sees it (RST-3).
#[must_use]
pub(super) fn link_of(app: &App, challenge: &OtpChallenge) -> Option<Secret> {
    let token = codes::link_token_of(app, challenge)?;
    let config = &app.settings.config;
    let page = config.reset.page_url.clone().unwrap_or_else(|| {
        format!(
            "{}/static/reset.html",
            config.service.public_base_url.trim_end_matches('/')
        )
    });
    Some(Secret::new(format!("{page}#token={}", token.expose())))
}

fn notice_message(job: &MailJob, at: Timestamp) -> Option<Message> {
    Some(match job {
        MailJob::AlreadyRegistered => Message::AlreadyRegistered,
        MailJob::PasswordChanged => Message::PasswordChanged { at },
        MailJob::PasswordReset => Message::PasswordResetDone { at },
        MailJob::SignInAfterFailures { ip } => {
            let ip = ip.as_deref().and_then(|ip| ip.parse().ok());
            Message::SignInAfterFailures { at, ip }
        }
        MailJob::RefreshReplayed => Message::RefreshTokenReplayed { at },
        MailJob::CodesBlocked => Message::CodesBlocked,
        MailJob::Registered { .. }
        | MailJob::RenewCodes
        | MailJob::RenewCode { .. }
        | MailJob::ResetPassword
        | MailJob::Invitation { .. }
        | MailJob::FirstPassword { .. }
        | MailJob::CodesUsedUp { .. }
        | MailJob::Code { .. } => return None,
    })
}

fn render(app: &App, message: &Message, language: MailLanguage, to: &str) -> Result<MailDecision> {
    let mail = message::render(message, language, to, &app.sender).map_err(Error::internal)?;
    Ok(MailDecision::Ready(mail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(seconds: i64, lifetime: i64) -> Option<i64> {
        let now = Timestamp::UNIX_EPOCH;
        let end = now + Duration::seconds(seconds);
        minutes_left(end, Duration::minutes(lifetime), now)
    }

    #[test]
    fn a_mail_promises_no_more_minutes_than_are_left() {
        for (seconds, minutes) in [
            (600, Some(10)),
            (590, Some(10)),
            (589, Some(9)),
            (240, Some(4)),
            (239, Some(4)),
            (229, Some(3)),
            (120, Some(2)),
            (119, None),
            (0, None),
            (-1, None),
        ] {
            assert_eq!(left(seconds, 10), minutes, "{seconds}");
        }
    }

    #[test]
    fn a_short_lifetime_is_mailed_until_half_of_it_is_over() {
        for (seconds, lifetime, minutes) in [
            (60, 2, Some(1)),
            (59, 2, None),
            (60, 1, Some(1)),
            (30, 1, Some(0)), // The mail says one minute.
            (29, 1, None),
        ] {
            assert_eq!(left(seconds, lifetime), minutes, "{seconds} of {lifetime}");
        }
    }
}
