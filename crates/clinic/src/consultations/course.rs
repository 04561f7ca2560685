//! The course of a consultation: its state and its times (CON-3, CON-4).
//!
//! A pause does not count as the consultation's duration, because the duration says how long the doctor was with the
//! patient. Instances of the service have clocks that differ a little, so a time before the last known one counts as
//! that one: no duration is ever negative, and no end is before its start.

use chrono::Duration;
use kernel::{clock::Timestamp, stored};
use serde::{Deserialize, Serialize};

/// The state of a consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsultationStatus {
    /// It goes on.
    InProgress,
    /// It is interrupted.
    Paused,
    /// It is over.
    Completed,
    /// It was started by mistake.
    Cancelled,
}

/// The consultation's state does not allow the change: `STATE_CONFLICT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the consultation's state does not allow it")]
pub struct WrongState;

/// The state and the times of a consultation. A change returns the new course; the store writes it if the state is still
/// the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// The state.
    pub status: ConsultationStatus,
    /// When it started.
    #[serde(with = "stored::time")]
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, with = "stored::optional_time")]
    pub ended_at: Option<Timestamp>,
    /// When the present pause began.
    #[serde(default, with = "stored::optional_time")]
    pub paused_at: Option<Timestamp>,
    /// How long the pauses before lasted, in milliseconds.
    #[serde(default, deserialize_with = "stored::integer")]
    pub paused_millis: i64,
}

impl ConsultationStatus {
    /// Every state.
    pub const ALL: [Self; 4] = [
        Self::InProgress,
        Self::Paused,
        Self::Completed,
        Self::Cancelled,
    ];

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a name; `None` for every other text.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether the consultation is open: a doctor and a patient have one such at most (CON-2).
    pub const fn is_open(self) -> bool {
        matches!(self, Self::InProgress | Self::Paused)
    }
}

impl Course {
    /// A consultation that starts now.
    pub const fn start(now: Timestamp) -> Self {
        Self {
            status: ConsultationStatus::InProgress,
            started_at: now,
            ended_at: None,
            paused_at: None,
            paused_millis: 0,
        }
    }

    /// Interrupts it. Pausing twice changes nothing.
    pub fn pause(&self, now: Timestamp) -> Result<Self, WrongState> {
        match self.status {
            ConsultationStatus::InProgress => Ok(Self {
                status: ConsultationStatus::Paused,
                paused_at: Some(now.max(self.started_at)),
                ..self.clone()
            }),
            ConsultationStatus::Paused => Ok(self.clone()),
            ConsultationStatus::Completed | ConsultationStatus::Cancelled => Err(WrongState),
        }
    }

    /// Goes on after a pause. Resuming what goes on changes nothing.
    pub fn resume(&self, now: Timestamp) -> Result<Self, WrongState> {
        match self.status {
            ConsultationStatus::Paused => Ok(Self {
                status: ConsultationStatus::InProgress,
                paused_at: None,
                paused_millis: self.paused_until(now),
                ..self.clone()
            }),
            ConsultationStatus::InProgress => Ok(self.clone()),
            ConsultationStatus::Completed | ConsultationStatus::Cancelled => Err(WrongState),
        }
    }

    /// Completes it, also when another start forces its end: its duration stays (CON-3). Stopping twice changes nothing
    /// and answers the first end (CON-4).
    pub fn stop(&self, now: Timestamp) -> Result<Self, WrongState> {
        match self.status {
            ConsultationStatus::Completed => Ok(self.clone()),
            ConsultationStatus::Cancelled => Err(WrongState),
            ConsultationStatus::InProgress | ConsultationStatus::Paused => {
                Ok(self.ended(ConsultationStatus::Completed, now))
            }
        }
    }

    /// The course itself, for a change of the texts alone, which is possible in every state.
    pub fn stay(&self, _now: Timestamp) -> Result<Self, WrongState> {
        Ok(self.clone())
    }

    /// Cancels it. Cancelling twice changes nothing.
    pub fn cancel(&self, now: Timestamp) -> Result<Self, WrongState> {
        match self.status {
            ConsultationStatus::Cancelled => Ok(self.clone()),
            ConsultationStatus::Completed => Err(WrongState),
            ConsultationStatus::InProgress | ConsultationStatus::Paused => {
                Ok(self.ended(ConsultationStatus::Cancelled, now))
            }
        }
    }

    /// The duration in whole minutes without the pauses, up to now while it is open.
    pub fn duration_minutes(&self, now: Timestamp) -> i64 {
        let end = self.ended_at.unwrap_or(now);
        let passed = end.signed_duration_since(self.started_at);
        let worked = passed - Duration::try_milliseconds(self.paused_until(end)).unwrap_or(passed);
        worked.num_minutes().max(0)
    }

    fn ended(&self, status: ConsultationStatus, now: Timestamp) -> Self {
        let end = now.max(self.started_at).max(self.paused_at.unwrap_or(now));
        Self {
            status,
            ended_at: Some(end),
            paused_at: None,
            paused_millis: self.paused_until(end),
            ..self.clone()
        }
    }

    /// How long all pauses lasted until `at`.
    fn paused_until(&self, at: Timestamp) -> i64 {
        let present = self.paused_at.map_or(0, |since| {
            at.signed_duration_since(since).num_milliseconds().max(0)
        });
        self.paused_millis.max(0).saturating_add(present)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    type Step = fn(&Course, Timestamp) -> Result<Course, WrongState>;

    const STEPS: [(&str, Step); 4] = [
        ("pause", Course::pause),
        ("resume", Course::resume),
        ("stop", Course::stop),
        ("cancel", Course::cancel),
    ];

    /// Row: the state; column: the step; cell: the next state, `=` for no change, `.` for refused.
    const TABLE: &str = "
                     pause   resume       stop       cancel
        in_progress  paused  =            completed  cancelled
        paused       =       in_progress  completed  cancelled
        completed    .       .            =          .
        cancelled    .       .            .          =
    ";

    fn at(minute: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
    }

    /// A consultation that started at minute 0 and is in this state since minute 10.
    fn course(status: ConsultationStatus) -> Course {
        let started = Course::start(at(0));
        match status {
            ConsultationStatus::InProgress => started,
            ConsultationStatus::Paused => started.pause(at(10)).unwrap(),
            ConsultationStatus::Completed => started.stop(at(10)).unwrap(),
            ConsultationStatus::Cancelled => started.cancel(at(10)).unwrap(),
        }
    }

    #[test]
    fn steps_lead_where_the_table_says() {
        let mut lines = TABLE
            .lines()
            .map(str::split_whitespace)
            .filter(|line| line.clone().count() > 0);
        let steps: Vec<&str> = lines.next().unwrap().collect();
        assert_eq!(steps, STEPS.map(|(name, _)| name));
        let mut rows = 0;
        for mut line in lines {
            let from = ConsultationStatus::parse(line.next().unwrap()).unwrap();
            for ((name, step), cell) in STEPS.iter().zip(line) {
                let before = course(from);
                let after = step(&before, at(20));
                match cell {
                    "." => assert_eq!(after, Err(WrongState), "{from:?} {name}"),
                    "=" => assert_eq!(after, Ok(before), "{from:?} {name}"),
                    next => assert_eq!(after.unwrap().status.name(), next, "{from:?} {name}"),
                }
            }
            rows += 1;
        }
        assert_eq!(rows, ConsultationStatus::ALL.len());
    }

    #[test]
    fn pauses_do_not_count() {
        let paused = Course::start(at(0)).pause(at(10)).unwrap();
        assert_eq!(paused.duration_minutes(at(50)), 10);
        let resumed = paused.resume(at(50)).unwrap();
        assert_eq!(resumed.duration_minutes(at(55)), 15);
        let again = resumed.pause(at(60)).unwrap();
        let stopped = again.stop(at(90)).unwrap();
        assert_eq!(stopped.ended_at, Some(at(90)));
        assert_eq!(stopped.duration_minutes(at(500)), 20);
    }

    // CON-3, CON-4
    #[test]
    fn a_second_stop_answers_the_first_end() {
        let stopped = Course::start(at(0)).stop(at(30)).unwrap();
        let again = stopped.stop(at(99)).unwrap();
        assert_eq!(
            (again.ended_at, again.duration_minutes(at(99))),
            (Some(at(30)), 30)
        );
    }

    #[test]
    fn a_clock_that_is_behind_makes_nothing_negative() {
        let early = Course::start(at(10)).stop(at(5)).unwrap();
        assert_eq!(
            (early.ended_at, early.duration_minutes(at(0))),
            (Some(at(10)), 0)
        );
        let paused = Course::start(at(0)).pause(at(10)).unwrap();
        let stopped = paused.stop(at(5)).unwrap();
        assert_eq!(
            (stopped.ended_at, stopped.duration_minutes(at(5))),
            (Some(at(10)), 10)
        );
        assert_eq!(Course::start(at(10)).duration_minutes(at(0)), 0);
        let paused = Course::start(at(10)).pause(at(5)).unwrap();
        assert_eq!(paused.paused_at, Some(at(10)));
    }

    #[test]
    fn only_what_goes_on_or_is_paused_is_open() {
        let open = ConsultationStatus::ALL.map(ConsultationStatus::is_open);
        assert_eq!(open, [true, true, false, false]);
    }

    #[test]
    fn a_course_is_stored_with_dates_and_read_back() {
        for status in ConsultationStatus::ALL {
            let course = course(status);
            let stored = bson::serialize_to_document(&course).unwrap();
            assert_eq!(stored.get_str("status").unwrap(), status.name());
            assert!(stored.get_datetime("started_at").is_ok());
            assert_eq!(
                bson::deserialize_from_document::<Course>(stored).unwrap(),
                course
            );
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_steps_makes_a_negative_time(
            steps in prop::collection::vec((0..4_usize, -60..600_i64), 0..12), asked in -100..700_i64,
        ) {
            let mut course = Course::start(at(0));
            for (step, minute) in steps {
                course = STEPS[step].1(&course, at(minute)).unwrap_or(course);
                prop_assert!(course.duration_minutes(at(asked)) >= 0);
                prop_assert!(course.paused_millis >= 0);
                prop_assert!(course.ended_at.is_none_or(|end| end >= course.started_at));
                prop_assert_eq!(course.status.is_open(), course.ended_at.is_none());
            }
        }
    }
}
