//! The content of a mail when it is sent: the same on each try, except for the time that is left.

use chrono::Duration;

use crate::{
    app::App,
    codes::{check, documents::OtpPurpose},
    letters::{self, codes_blocked},
    mails::{
        documents::{MailJob, OutboxRow},
        mail_jobs,
    },
    throttle,
};
use kernel::{clock::Timestamp, error::Result};
use mail::{Mail, message, notice::Notice};
use platform::outbox::{self, MailRequest};

/// A code or link with less time left is not sent, because it would expire before the person has typed it in.
const MIN_LEFT: Duration = Duration::minutes(2);
/// A mail may take longer than this to arrive; so a code that was made seconds ago still counts with all its minutes.
const DELIVERY_TIME: Duration = Duration::seconds(10);

/// The mail of a notice. `None` if no letter about accounts is of its kind.
pub(crate) async fn of_notice(app: &App, row: &OutboxRow, notice: &Notice) -> Result<Option<Mail>> {
    let found = message::find_notice(&letters::ALL, notice, row.created_at);
    let Some((letter, values)) = found else {
        return Ok(None);
    };
    let owner = mail_jobs::find_by_email(app, &row.email).await?;
    let language = owner.and_then(|owner| owner.person.fields.language);
    outbox::render(app, row, letter, &values, language).map(Some)
}

pub(crate) fn code_lifetime(app: &App) -> Duration {
    Duration::minutes(app.settings.otp.expire_minutes)
}

/// The last moment at which a code that ends at `end` is sent.
pub(crate) fn last_sent(app: &App, end: Timestamp) -> Timestamp {
    end - min_left(code_lifetime(app))
}

/// A short lifetime, under twice the minimum, is mailed until half of it has passed.
fn min_left(lifetime: Duration) -> Duration {
    MIN_LEFT.min(lifetime / 2)
}

/// Full minutes until `end`; `None` if they are too few for a mail.
pub(crate) fn minutes_left(end: Timestamp, lifetime: Duration, now: Timestamp) -> Option<i64> {
    let left = end - now;
    (left >= min_left(lifetime)).then(|| (left + DELIVERY_TIME).num_minutes())
}

/// Enqueues the notice that the tries of codes for an address are used up: one row a day, also for an address without
/// an account. The worker finds out whether there is one (ENUM-8).
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub(crate) async fn enqueue_codes_used_up(
    app: &App,
    request: MailRequest,
    email: &str,
    purpose: OtpPurpose,
) -> Result<()> {
    let lifetime = Duration::hours(app.platform.settings.email.notice_hours);
    let row = outbox::row(
        app,
        request,
        email,
        MailJob::CodesUsedUp { purpose },
        lifetime,
    );
    let address = throttle::pseudonymize(app, email);
    let day = request.at.date_naive();
    let id = format!("codes-used-up-{}-{address}-{day}", purpose.name());
    outbox::enqueue_row(app, OutboxRow { id, ..row }).await
}

/// Notifies the owner of an address that its codes are used up, unless there is no owner or it was notified today. The
/// notice replaces the mail job.
pub(crate) async fn codes_used_up(
    app: &App,
    row: &OutboxRow,
    purpose: OtpPurpose,
    now: Timestamp,
) -> Result<()> {
    let rows = app.store.outbox();
    if !check::should_notify_owner(app, &row.email, purpose, now).await? {
        return Ok(rows.delete(row).await?);
    }
    let notice = OutboxRow {
        job: codes_blocked::job(),
        attempts: 0,
        due_at: row.created_at,
        ..row.clone()
    };
    rows.replace(row, &notice).await?;
    app.mail_due.notify_one();
    Ok(())
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
