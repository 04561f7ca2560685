//! What may become of an appointment, and who may do it (APT-16).

#[cfg(test)]
mod tests;

use chrono::Duration;
use kernel::{clock::Timestamp, role::Role};
use serde::{Deserialize, Serialize};

/// The state of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentStatus {
    /// Its maker holds the time for some minutes, to book it.
    Held,
    /// Asked for; the desk or the doctor confirms it.
    Pending,
    /// It stands.
    Confirmed,
    /// The patient is here.
    Arrived,
    /// It is over.
    Completed,
    /// It does not take place.
    Cancelled,
    /// The patient did not come.
    NoShow,
}

/// How the clinic confirms (`clinic.confirmation`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirmation {
    /// A booking is confirmed at once.
    #[default]
    Automatic,
    /// The desk or the doctor confirms it.
    Desk,
}

/// Why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The caller's role may never do it: `ACCESS_DENIED`.
    NotAllowed,
    /// The appointment's state does not allow it: `STATE_CONFLICT`.
    WrongState,
    /// Less than `appointments.cancel_hours` are left, so only the desk or the doctor may: `STATE_CONFLICT`.
    TooLate,
}

/// An appointment, as the rules of changes need it.
#[derive(Debug, Clone, Copy)]
pub struct AppointmentFacts {
    /// Its state.
    pub status: AppointmentStatus,
    /// When it begins.
    pub start: Timestamp,
}

/// The rules of changes at one moment.
#[derive(Debug, Clone, Copy)]
pub struct ChangeRules {
    /// Until how many hours before the start patients cancel and move (`appointments.cancel_hours`).
    pub cancel_hours: u32,
    /// The moment.
    pub now: Timestamp,
}

/// A change of state that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The new state.
    pub to: AppointmentStatus,
    /// Whether it is a cancellation after the patients' time for it, which is flagged.
    pub late_cancel: bool,
}

impl AppointmentStatus {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Held,
        Self::Pending,
        Self::Confirmed,
        Self::Arrived,
        Self::Completed,
        Self::Cancelled,
        Self::NoShow,
    ];

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Arrived => "arrived",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }

    /// The state of a name; `None` for every other text.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether it holds its time. Entering another state unsets the holds in the same update (APT-3).
    pub const fn holds_time(self) -> bool {
        matches!(
            self,
            Self::Held | Self::Pending | Self::Confirmed | Self::Arrived
        )
    }

    /// The state of a new booking. Without a doctor the desk has to find one first.
    pub const fn booked(confirmation: Confirmation, has_doctor: bool) -> Self {
        match confirmation {
            Confirmation::Automatic if has_doctor => Self::Confirmed,
            Confirmation::Automatic | Confirmation::Desk => Self::Pending,
        }
    }

    /// Whether `to` may follow, whichever role asks. A hold becomes a booking only by booking, never by a change.
    pub const fn may_become(self, to: Self) -> bool {
        use AppointmentStatus::{Arrived, Cancelled, Completed, Confirmed, Held, NoShow, Pending};
        matches!(
            (self, to),
            (Held, Pending | Confirmed)
                | (Pending, Confirmed | Cancelled)
                | (Confirmed, Arrived | Cancelled | NoShow)
                | (Arrived, Completed | Cancelled)
        )
    }

    /// The state after a consultation was started from the appointment; `None` if it stays (CON-7).
    pub const fn when_consultation_starts(self) -> Option<Self> {
        match self {
            Self::Confirmed => Some(Self::Arrived),
            _ => None,
        }
    }

    /// The state after its consultation was completed; `None` if it stays (CON-7).
    pub const fn when_consultation_ends(self) -> Option<Self> {
        match self {
            Self::Arrived => Some(Self::Completed),
            _ => None,
        }
    }
}

impl ChangeRules {
    /// Whether `by`, who may see the appointment, may change its state to `to`. Patients only cancel, in time; the desk
    /// and the doctor do the rest; an administrator changes nothing.
    pub fn change(
        &self,
        by: Role,
        appointment: AppointmentFacts,
        to: AppointmentStatus,
    ) -> Result<Change, Refusal> {
        let cancels = to == AppointmentStatus::Cancelled;
        match by {
            Role::Admin => return Err(Refusal::NotAllowed),
            Role::Patient if !cancels => return Err(Refusal::NotAllowed),
            Role::Patient | Role::Doctor | Role::Staff => {}
        }
        let from = appointment.status;
        if from == AppointmentStatus::Held || !from.may_become(to) {
            return Err(Refusal::WrongState);
        }
        if by == Role::Patient && from == AppointmentStatus::Arrived {
            return Err(Refusal::WrongState);
        }
        // Before its start the patient can still come.
        if to == AppointmentStatus::NoShow && self.now < appointment.start {
            return Err(Refusal::WrongState);
        }
        let late = self.is_late(appointment.start);
        if by == Role::Patient && late {
            return Err(Refusal::TooLate);
        }
        Ok(Change {
            to,
            late_cancel: cancels && late,
        })
    }

    /// Whether `by`, who may see the appointment, may move it to another time or doctor. Its state stays.
    pub fn move_by(&self, by: Role, appointment: AppointmentFacts) -> Result<(), Refusal> {
        let movable = matches!(
            appointment.status,
            AppointmentStatus::Pending | AppointmentStatus::Confirmed
        );
        match by {
            Role::Admin => Err(Refusal::NotAllowed),
            _ if !movable => Err(Refusal::WrongState),
            Role::Patient if self.is_late(appointment.start) => Err(Refusal::TooLate),
            Role::Patient | Role::Doctor | Role::Staff => Ok(()),
        }
    }

    /// Whether the patients' time to cancel or move is over.
    fn is_late(&self, start: Timestamp) -> bool {
        let notice = Duration::hours(self.cancel_hours.into());
        start.signed_duration_since(self.now) < notice
    }
}
