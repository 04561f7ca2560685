//! What administrators see by day: logins, failed logins, registrations and mails.
//!
//! Each instance counts in memory and adds its counts to the document of the day every few seconds, so no request makes
//! a round trip more. The counts that an instance has not added when it is killed are lost.

mod store;

use std::{collections::BTreeMap, sync::Mutex};

use chrono::{Days, NaiveDate};

use crate::{
    Platform,
    audit::{Event, record::Outcome},
};
use kernel::{clock::Timestamp, error::Result, helpers::lock};

pub use self::store::DayCounts;

/// How many days are shown, today included.
pub const DAYS: u64 = 30;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// Logins.
    Logins,
    /// Logins with a wrong name, password or passkey.
    FailedLogins,
    /// Registrations.
    Registrations,
    /// Mails that a mail server took.
    MailsSent,
}

impl Counted {
    /// The field of the day's document.
    const fn field(self) -> &'static str {
        match self {
            Self::Logins => "logins",
            Self::FailedLogins => "failed_logins",
            Self::Registrations => "registrations",
            Self::MailsSent => "mails_sent",
        }
    }
}

/// Counts of one day, by their fields.
type Fields = BTreeMap<Counted, i64>;

/// The counts that this instance has not added to the database yet.
#[derive(Debug, Default)]
pub struct Activity(Mutex<BTreeMap<NaiveDate, Fields>>);

impl Activity {
    /// Counts one at `now`.
    pub fn count(&self, what: Counted, now: Timestamp) {
        self.add(now.date_naive(), what, 1);
    }

    /// Counts an event of the audit trail, if its action is counted.
    pub fn count_event(&self, event: &Event<'_>, now: Timestamp) {
        let (done, failed) = event.action.counted();
        let what = match event.outcome {
            Outcome::Success => done,
            Outcome::Failure => failed,
        };
        if let Some(what) = what {
            self.count(what, now);
        }
    }

    fn add(&self, day: NaiveDate, what: Counted, many: i64) {
        *lock(&self.0)
            .entry(day)
            .or_default()
            .entry(what)
            .or_default() += many;
    }

    fn take(&self) -> BTreeMap<NaiveDate, Fields> {
        std::mem::take(&mut *lock(&self.0))
    }
}

/// Adds the counts of this instance to the documents of their days. Counts whose write failed are kept for the next time.
pub async fn write(platform: &Platform) -> Result<()> {
    let mut days = platform.activity.take().into_iter();
    while let Some((day, fields)) = days.next() {
        if let Err(error) = add(platform, day, &fields).await {
            for (day, fields) in [(day, fields)].into_iter().chain(days) {
                for (what, many) in fields {
                    platform.activity.add(day, what, many);
                }
            }
            return Err(error);
        }
    }
    Ok(())
}

async fn add(platform: &Platform, day: NaiveDate, fields: &Fields) -> Result<()> {
    platform.fail_point.pass("activity:add")?;
    Ok(platform.store.activity().add(day, fields).await?)
}

/// Adds counts to those of a day, for a clinic to look at.
pub async fn demonstrate(
    platform: &Platform,
    day: NaiveDate,
    counts: &[(Counted, i64)],
) -> Result<()> {
    add(platform, day, &counts.iter().copied().collect()).await
}

/// The counts of the last [`DAYS`] days, oldest first, as all instances have added them; those of this instance are added
/// before. A day without a count has zeros.
pub async fn last_days(platform: &Platform, now: Timestamp) -> Result<Vec<DayCounts>> {
    write(platform).await?;
    let stored = platform.store.activity().list(now).await?;
    let today = now.date_naive();
    let days = (0..DAYS)
        .rev()
        .filter_map(|back| today.checked_sub_days(Days::new(back)));
    let of_day = |day: NaiveDate| {
        let day = day.to_string();
        let found = stored.iter().find(|counts| counts.day == day).cloned();
        found.unwrap_or_else(|| DayCounts::none(day))
    };
    Ok(days.map(of_day).collect())
}
