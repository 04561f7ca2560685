//! What the patient is told by mail: mail jobs are written after the change, and decided when they are sent (APT-17).

use chrono::Duration;
use futures_util::future::BoxFuture;
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    mail_language::MailLanguage,
};
use mail::{
    message::{self, Value},
    state::MailReason,
};
use platform::outbox::{self, MailDecision, MailJobs, MailRequest, OutboxRow};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    appointments::{
        AppointmentId,
        documents::{Appointment, Notice, NoticeKind},
        letters,
        reminders::{Reminder, ReminderDecision, planned},
        status::AppointmentStatus,
    },
    patients::{
        record::PatientRecord,
        relations::{begin_visit, end_visit},
    },
    records,
};

/// The mail job of an appointment. The tag keeps it apart from those of other slices.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Job {
    /// A change.
    #[serde(rename = "appointment_notice")]
    Notice {
        appointment_id: AppointmentId,
        notice: NoticeKind,
        /// The start that the notice tells, as milliseconds.
        start: i64,
    },
    /// A reminder.
    #[serde(rename = "appointment_reminder")]
    Reminder {
        appointment_id: AppointmentId,
        /// The start when it was planned, as milliseconds.
        start: i64,
        hours: u32,
    },
}

/// Where a patient's mails go.
struct Recipient {
    email: String,
    language: Option<MailLanguage>,
}

/// Writes the mail jobs of changes whose request could not: it broke off after the change. Returns their number.
pub async fn tick(app: &App, now: Timestamp) -> Result<usize> {
    let mut written = 0;
    for appointment in app.store.appointments().to_notify().await? {
        let record = app.store.patients().find(&appointment.patient_id).await?;
        let Some(record) = record else { continue };
        announce(app, &appointment, &record, now).await?;
        written += 1;
    }
    Ok(written)
}

/// [`announce`] after a change that stands already: a failure does not make the answer one, because [`tick`] does the rest.
pub async fn announce_or_leave(
    app: &App,
    appointment: &Appointment,
    record: &PatientRecord,
    now: Timestamp,
) {
    if let Err(error) = announce(app, appointment, record, now).await {
        tracing::warn!(%error, "what follows a change of an appointment is left to the tick");
    }
}

/// What follows a change: the doctor of a confirmed appointment sees the record, that of a cancelled one no longer, the mail
/// jobs are written, and then it is noted that they are. Their ids name appointment, version and kind, so twice is once.
pub async fn announce(
    app: &App,
    appointment: &Appointment,
    record: &PatientRecord,
    now: Timestamp,
) -> Result<()> {
    let (Some(notice), Some(_)) = (appointment.notice, &appointment.to_notify) else {
        return Ok(());
    };
    if let Some(doctor) = &appointment.doctor_id {
        match appointment.status {
            // A doctor gives himself no record by a booking of his own (ACC-2).
            AppointmentStatus::Confirmed if appointment.made_by != *doctor => {
                begin_visit(app, doctor, record, appointment.start, now).await?;
            }
            AppointmentStatus::Cancelled => end_visit(app, doctor, record, now).await?,
            _ => {}
        }
    }
    if let Some(recipient) = recipient(app, record).await? {
        for row in jobs(app, appointment, notice, &recipient, now) {
            outbox::insert(app, &row).await?;
        }
        app.mail_due.notify_one();
    }
    let rows = app.store.appointments();
    rows.notified(&appointment.id, notice.version).await?;
    Ok(())
}

fn jobs(
    app: &App,
    appointment: &Appointment,
    notice: Notice,
    recipient: &Recipient,
    now: Timestamp,
) -> Vec<OutboxRow<Job>> {
    let (id, start) = (&appointment.id, appointment.start);
    let hours = app.platform.settings.email.notice_hours;
    let row = |key: String, job: Job, due: Timestamp, lifetime: Duration| {
        let request = MailRequest {
            at: due,
            language: recipient.language,
        };
        let row = outbox::row(app, request, &recipient.email, job, lifetime);
        OutboxRow {
            id: key,
            user_id: Some(appointment.patient_id.clone()),
            ..row
        }
    };
    let told = Job::Notice {
        appointment_id: id.clone(),
        notice: notice.kind,
        start: start.timestamp_millis(),
    };
    let key = format!("{id}-{}-{}", notice.version, notice.kind.name());
    let mut rows = vec![row(key, told, now, Duration::hours(hours))];
    if appointment.status == AppointmentStatus::Confirmed {
        let all = &app.settings.appointments.reminder_hours;
        for reminder in planned(start, all, now) {
            let job = Job::Reminder {
                appointment_id: id.clone(),
                start: start.timestamp_millis(),
                hours: reminder.hours,
            };
            let lifetime = start - reminder.at();
            rows.push(row(reminder.key(id), job, reminder.at(), lifetime));
        }
    }
    rows
}

/// Where the patient's mails go; `None` without an address.
async fn recipient(app: &App, record: &PatientRecord) -> Result<Option<Recipient>> {
    let who = records::who(app, record).await?;
    let of_record = who
        .language
        .and_then(|it| MailLanguage::from_tag(it.as_str()));
    let language = match of_account(app, &record.patient_id, record.has_account).await? {
        Some(language) => Some(language),
        None => of_record,
    };
    Ok(who.email.map(|email| Recipient {
        email: email.canonical().to_owned(),
        language,
    }))
}

async fn of_account(app: &App, id: &UserId, has_account: bool) -> Result<Option<MailLanguage>> {
    if !has_account {
        return Ok(None);
    }
    Ok(app
        .people
        .holder(id)
        .await?
        .and_then(|holder| holder.language))
}

impl MailJobs for App {
    fn decide<'a>(
        &'a self,
        row: &'a OutboxRow,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<MailDecision>>> {
        Box::pin(async move {
            match row.read::<Job>() {
                Some(row) => decide(self, &row, now).await.map(Some),
                None => Ok(None),
            }
        })
    }

    fn note<'a>(
        &'a self,
        row: &'a OutboxRow,
        refused: Option<MailReason>,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(row) = row.read::<Job>().filter(|_| refused.is_none()) else {
                return Ok(());
            };
            let id = row.job.appointment();
            self.store.appointments().note_sent(id, &row.id).await?;
            Ok(())
        })
    }
}

impl Job {
    const fn appointment(&self) -> &AppointmentId {
        match self {
            Self::Notice { appointment_id, .. } | Self::Reminder { appointment_id, .. } => {
                appointment_id
            }
        }
    }
}

/// Decides when the mail is to be sent: it tells nothing that is not true any more, and nothing twice.
async fn decide(app: &App, row: &OutboxRow<Job>, now: Timestamp) -> Result<MailDecision> {
    let found = app.store.appointments().find(row.job.appointment()).await?;
    let Some(appointment) = found.filter(|found| !found.sent.contains_key(&row.id)) else {
        return Ok(MailDecision::NotNeeded);
    };
    let letter = match &row.job {
        Job::Notice { notice, start, .. } => {
            let state = match notice {
                NoticeKind::Cancelled => AppointmentStatus::Cancelled,
                NoticeKind::Confirmed | NoticeKind::Moved => AppointmentStatus::Confirmed,
            };
            let is_true = appointment.status == state
                && appointment.start.timestamp_millis() == *start
                && now < appointment.start;
            if !is_true {
                return Ok(MailDecision::NotNeeded);
            }
            letters::of(*notice)
        }
        Job::Reminder { start, hours, .. } => {
            let Some(start) = Timestamp::from_timestamp_millis(*start) else {
                return Ok(MailDecision::NotNeeded);
            };
            let reminder = Reminder {
                start,
                hours: *hours,
            };
            let all = &app.settings.appointments.reminder_hours;
            match reminder.decide(appointment.facts(), all, now) {
                ReminderDecision::Send => &letters::REMINDER,
                // The lease ends, and it is looked at again.
                ReminderDecision::Wait(_) => return Ok(MailDecision::Replaced),
                ReminderDecision::Drop => return Ok(MailDecision::NotNeeded),
            }
        }
    };
    let record = app.store.patients().find(&appointment.patient_id).await?;
    let recipient = match record {
        Some(record) => recipient(app, &record).await?,
        None => None,
    };
    let Some(recipient) = recipient else {
        return Ok(MailDecision::NotNeeded);
    };
    let language = recipient.language.or(row.language).unwrap_or_default();
    let shown = appointment.zone.shown(appointment.start, language);
    let values = vec![("when", Value::Text(Some(shown.line.clone())))];
    let mail = message::render(letter, &values, language, &recipient.email, &app.sender);
    let mut mail = mail.map_err(Error::internal)?;
    // The subject says the same time as the text (APT-14).
    mail.subject = format!("{}: {}", mail.subject, shown.line);
    Ok(MailDecision::Ready(mail))
}
