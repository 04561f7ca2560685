//! Reminders: which are planned with a booking, and whether one is still due when its mail is to be sent (APT-17).

use chrono::Duration;
use kernel::clock::Timestamp;

use super::{
    AppointmentId,
    status::{AppointmentFacts, AppointmentStatus},
};

/// A planned reminder of one appointment at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// The start of the appointment when the reminder was planned.
    pub start: Timestamp,
    /// How many hours before the start it is sent.
    pub hours: u32,
}

/// What becomes of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderDecision {
    /// It is sent now.
    Send,
    /// It is too early: look again at this time.
    Wait(Timestamp),
    /// It is never sent.
    Drop,
}

impl Reminder {
    /// When it is due.
    pub fn at(self) -> Timestamp {
        let hours = Duration::hours(self.hours.into());
        self.start
            .checked_sub_signed(hours)
            .unwrap_or(Timestamp::MIN_UTC)
    }

    /// The key of its mail job. It has the start, not the version, so that an appointment whose title changes gets no
    /// second one, and one that is moved does.
    pub fn key(self, appointment: &AppointmentId) -> String {
        let start = self.start.timestamp_millis();
        format!("{appointment}-{start}-reminder-{}h", self.hours)
    }

    /// Decides when the mail is to be sent. It is sent only for a confirmed appointment that still begins at the same
    /// time and has not begun. `all_hours` is the setting: after an outage a nearer reminder that is due as well takes
    /// its place.
    pub fn decide(
        self,
        appointment: AppointmentFacts,
        all_hours: &[u32],
        now: Timestamp,
    ) -> ReminderDecision {
        let stands =
            appointment.status == AppointmentStatus::Confirmed && appointment.start == self.start;
        let nearer_is_due = all_hours.iter().any(|&hours| {
            let nearer = Self { hours, ..self };
            hours < self.hours && nearer.at() <= now
        });
        if !stands || self.start <= now || nearer_is_due {
            ReminderDecision::Drop
        } else if now < self.at() {
            ReminderDecision::Wait(self.at())
        } else {
            ReminderDecision::Send
        }
    }
}

/// The reminders of an appointment that is booked, confirmed or moved now: those whose time is still to come, the
/// earliest first. The others would repeat the confirmation.
pub fn planned(start: Timestamp, all_hours: &[u32], now: Timestamp) -> Vec<Reminder> {
    let mut hours = all_hours.to_vec();
    hours.sort_unstable_by(|a, b| b.cmp(a));
    hours.dedup();
    let reminders = hours.into_iter().map(|hours| Reminder { start, hours });
    // Zero hours would be the start itself.
    reminders
        .filter(|reminder| now < reminder.at() && reminder.hours > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(hour: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap()
    }

    const HOURS: [u32; 2] = [24, 2];

    fn decide(hours: u32, status: AppointmentStatus, start: i64, now: i64) -> ReminderDecision {
        let reminder = Reminder {
            start: at(100),
            hours,
        };
        reminder.decide(
            AppointmentFacts {
                status,
                start: at(start),
            },
            &HOURS,
            at(now),
        )
    }

    // APT-17
    #[test]
    fn a_reminder_is_decided_when_it_is_sent() {
        use AppointmentStatus::Confirmed;
        use ReminderDecision::{Drop, Send, Wait};
        for (hours, start, now, expected) in [
            (24, 100, 75, Wait(at(76))),
            (24, 100, 76, Send),
            (24, 100, 97, Send),
            // The one of two hours is due as well.
            (24, 100, 98, Drop),
            (2, 100, 97, Wait(at(98))),
            (2, 100, 98, Send),
            (2, 100, 99, Send),
            // It has begun, or is long over.
            (2, 100, 100, Drop),
            (24, 100, 124, Drop),
            // It was moved, to later or to earlier.
            (24, 101, 76, Drop),
            (24, 99, 76, Drop),
            (24, 101, 0, Drop),
        ] {
            assert_eq!(
                decide(hours, Confirmed, start, now),
                expected,
                "{hours} {start} {now}"
            );
        }
    }

    #[test]
    fn only_a_confirmed_appointment_is_reminded_of() {
        for status in AppointmentStatus::ALL {
            let sent = decide(24, status, 100, 76) == ReminderDecision::Send;
            assert_eq!(sent, status == AppointmentStatus::Confirmed, "{status:?}");
        }
    }

    #[test]
    fn reminders_are_planned_while_their_time_is_to_come() {
        let hours = |now, all: &[u32]| -> Vec<u32> {
            planned(at(100), all, at(now))
                .iter()
                .map(|reminder| reminder.hours)
                .collect()
        };
        assert_eq!(hours(0, &[2, 24, 2]), [24, 2]);
        assert_eq!(hours(76, &HOURS), [2]);
        assert_eq!(hours(98, &HOURS), [0; 0]);
        assert_eq!(hours(200, &[0, 2]), [0; 0]);
        assert_eq!(hours(0, &[0, u32::MAX]), [0; 0]);
    }

    #[test]
    fn a_moved_appointment_has_reminders_of_its_own() {
        let id = AppointmentId::from_stored("APT1");
        let key = |start| {
            Reminder {
                start: at(start),
                hours: 24,
            }
            .key(&id)
        };
        assert_eq!(key(100), key(100));
        assert_ne!(key(100), key(101));
        assert_ne!(
            key(100),
            Reminder {
                start: at(100),
                hours: 2
            }
            .key(&id)
        );
    }
}
