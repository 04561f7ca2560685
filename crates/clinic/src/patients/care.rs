//! Care relationships: how they begin, how long they last, and how they end.

use chrono::Duration;
use kernel::{
    clock::Timestamp,
    error::RuleViolation,
    text::{parse_line_up_to, text_type},
};
use serde::{Deserialize, Serialize};

/// The largest number of code points of a reason.
const MAX_REASON: usize = 200;

const REASON_TOO_LONG: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 200 characters");
const KIND_UNKNOWN: RuleViolation = RuleViolation::new(
    "choice_unknown",
    "Must be primary, treating, covering or referral",
);
const UNTIL_PAST: RuleViolation =
    RuleViolation::new("until_past", "Must be later than the present moment");

/// How a doctor is related to a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CareKind {
    /// The patient's own doctor.
    Primary,
    /// A doctor who treats the patient for a time.
    Treating,
    /// A doctor who stands in for another one.
    Covering,
    /// A doctor to whom the patient was referred.
    Referral,
}

impl CareKind {
    /// Reads a kind.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        match typed {
            "primary" => Ok(Self::Primary),
            "treating" => Ok(Self::Treating),
            "covering" => Ok(Self::Covering),
            "referral" => Ok(Self::Referral),
            _ => Err(KIND_UNKNOWN),
        }
    }

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Treating => "treating",
            Self::Covering => "covering",
            Self::Referral => "referral",
        }
    }
}

text_type! {
    /// Why a relationship began or ended: a line of 1 to 200 code points.
    CareReason
}

impl CareReason {
    /// Reads a reason.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line_up_to(MAX_REASON, REASON_TOO_LONG, typed).map(Self)
    }

    /// The reason of a relationship that creating the patient began.
    pub fn created() -> Self {
        Self("created the record".to_owned())
    }

    /// The reason of an end without another one.
    pub fn ended() -> Self {
        Self("ended".to_owned())
    }

    /// The reason of a relationship that a confirmed appointment began.
    pub fn appointment() -> Self {
        Self("appointment".to_owned())
    }
}

/// The relationship of one doctor to one patient. There is one for a pair; an ended one begins again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Care {
    /// How the doctor is related.
    pub kind: CareKind,
    /// When it began, the last time.
    pub since: Timestamp,
    /// When it ends or ended; `None` for one without an end.
    pub until: Option<Timestamp>,
    /// Why it began or ended.
    pub reason: CareReason,
}

impl Care {
    /// Whether the relationship stands at `now`: it has no end, or a later one (ACC-2). Its beginning does not count,
    /// because the clocks of two instances differ by some milliseconds.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// The relationship of the doctor who creates a patient, or for whom the desk creates one.
    pub fn created(now: Timestamp) -> Self {
        Self {
            kind: CareKind::Primary,
            since: now,
            until: None,
            reason: CareReason::created(),
        }
    }

    /// The relationship that the desk or an administrator gives to a doctor. It replaces the one before.
    ///
    /// # Errors
    /// `until_past`.
    pub fn assigned(
        kind: CareKind,
        until: Option<Timestamp>,
        reason: CareReason,
        now: Timestamp,
    ) -> Result<Self, RuleViolation> {
        if until.is_some_and(|until| until <= now) {
            return Err(UNTIL_PAST);
        }
        Ok(Self {
            kind,
            since: now,
            until,
            reason,
        })
    }

    /// The relationship after an appointment that starts at `start` was confirmed: it lasts until `after_visit_days` days
    /// after the start. `None` if the one before lasts as long already; it is never shortened.
    pub fn visit(
        before: Option<&Self>,
        start: Timestamp,
        after_visit_days: u32,
        now: Timestamp,
    ) -> Option<Self> {
        let end = days_after(start, after_visit_days);
        match before.filter(|care| care.is_live(now)) {
            Some(care) if care.until.is_none_or(|until| end <= until) => None,
            Some(care) => Some(Self {
                until: Some(end),
                ..care.clone()
            }),
            None => (now < end).then(|| Self {
                kind: CareKind::Treating,
                since: now,
                until: Some(end),
                reason: CareReason::appointment(),
            }),
        }
    }

    /// The relationship after an appointment was called off: what appointments began lasts as long as the last of those that
    /// stand gives, and ends now if there is none. `None` if it does not change; what something else began does not.
    pub fn without_visit(
        &self,
        last_start: Option<Timestamp>,
        after_visit_days: u32,
        now: Timestamp,
    ) -> Option<Self> {
        if !self.is_live(now) || self.reason != CareReason::appointment() {
            return None;
        }
        let end = last_start.map_or(now, |start| days_after(start, after_visit_days));
        let until = end.max(now);
        self.until.is_none_or(|own| until < own).then(|| Self {
            until: Some(until),
            ..self.clone()
        })
    }

    /// The relationship after it was ended at `now`. `None` if it ended before.
    pub fn ended(&self, reason: CareReason, now: Timestamp) -> Option<Self> {
        self.is_live(now).then(|| Self {
            until: Some(now),
            reason,
            ..self.clone()
        })
    }

    /// Hands the patient over, or lets another doctor in: what the present doctor gives, and what stays his.
    ///
    /// # Errors
    /// The present doctor does not have what he gives, or `until_past`.
    pub fn hand_over(
        &self,
        kind: CareKind,
        until: Option<Timestamp>,
        reason: CareReason,
        after_visit_days: u32,
        now: Timestamp,
    ) -> Result<HandOver, CareRefusal> {
        let gives_primary = kind == CareKind::Primary;
        if !self.is_live(now) || (gives_primary && self.kind != CareKind::Primary) {
            return Err(CareRefusal::NotOwn);
        }
        // A relationship that ends gives none that ends later.
        let until = match (until, self.until) {
            (Some(wanted), Some(own)) => Some(wanted.min(own)),
            (wanted, own) => wanted.or(own),
        };
        let given = Self::assigned(kind, until, reason, now).map_err(CareRefusal::Rule)?;
        // A patient has one primary doctor. The former one finishes what he began.
        let kept = gives_primary.then(|| Self {
            kind: CareKind::Treating,
            until: Some(days_after(now, after_visit_days)),
            reason: given.reason.clone(),
            ..self.clone()
        });
        Ok(HandOver { given, kept })
    }
}

/// What a hand-over changes. `given` is written first, so that a crash leaves the patient with a doctor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// The relationship of the other doctor. It is written only if that doctor's own does not last as long
    /// ([`HandOver::improves`]).
    pub given: Care,
    /// The present doctor's relationship afterwards; `None` if it does not change.
    pub kept: Option<Care>,
}

impl HandOver {
    /// Whether the other doctor gains by what is given. A hand-over takes nothing from a doctor who has more already.
    pub fn improves(&self, before: Option<&Care>, now: Timestamp) -> bool {
        let Some(before) = before.filter(|care| care.is_live(now)) else {
            return true;
        };
        let lasts_longer = match (before.until, self.given.until) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(old), Some(new)) => old < new,
        };
        lasts_longer || (self.given.kind == CareKind::Primary && before.kind != CareKind::Primary)
    }
}

/// Why a hand-over is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CareRefusal {
    /// The doctor does not have the relationship that he gives.
    NotOwn,
    /// A field breaks a rule.
    Rule(RuleViolation),
}

fn days_after(start: Timestamp, days: u32) -> Timestamp {
    start
        .checked_add_signed(Duration::days(i64::from(days)))
        .unwrap_or(Timestamp::MAX_UTC)
}

#[cfg(test)]
mod tests;
