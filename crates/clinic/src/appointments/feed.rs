//! The calendar feed: a person's appointments as iCalendar (RFC 5545; APT-18 to APT-20).

#[cfg(test)]
mod tests;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::Duration;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use kernel::{clock::Timestamp, helpers::hex};
use serde::{Deserialize, Serialize};

use super::{AppointmentId, interval::Interval, status::AppointmentStatus};

/// How long a cancelled appointment stays in the feed, so that each calendar learns of it (APT-19).
const CANCELLED_DAYS: i64 = 30;
/// The largest number of octets of a line.
const MAX_LINE: usize = 75;

/// What the feed shows of an appointment besides its time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedDetail {
    /// Nothing, because calendars are shared and shown on locked screens.
    #[default]
    None,
    /// The doctor's name.
    Doctor,
}

/// An appointment, as the feed needs it.
#[derive(Debug, Clone)]
pub struct FeedEntry {
    /// Its id.
    pub id: AppointmentId,
    /// Its time.
    pub interval: Interval,
    /// Its state.
    pub status: AppointmentStatus,
    /// Its version, which each change increases.
    pub version: u32,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// The doctor's name, if there is a doctor.
    pub doctor_name: Option<String>,
}

/// The part of a person's appointments that the feed has (`appointments.feed_days_back`, `feed_days_ahead`).
#[derive(Debug, Clone, Copy)]
pub struct FeedWindow {
    /// How many days back.
    pub days_back: u32,
    /// How many days ahead.
    pub days_ahead: u32,
}

/// A feed's text and its `ETag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The text, `text/calendar; charset=utf-8`.
    pub text: String,
    /// The value of `ETag`, with its quotes. Equal texts have equal ones.
    pub etag: String,
}

impl FeedDetail {
    /// Reads `none` or `doctor`; `None` for every other text.
    pub fn parse(typed: &str) -> Option<Self> {
        match typed {
            "none" => Some(Self::None),
            "doctor" => Some(Self::Doctor),
            _ => None,
        }
    }
}

impl FeedWindow {
    /// From when to when the appointments begin that are looked up for the feed.
    pub fn range(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let back = now.checked_sub_signed(Duration::days(self.days_back.into()));
        let ahead = now.checked_add_signed(Duration::days(self.days_ahead.into()));
        (
            back.unwrap_or(Timestamp::MIN_UTC),
            ahead.unwrap_or(Timestamp::MAX_UTC),
        )
    }

    /// Whether the feed has this appointment now. A hold is no appointment yet.
    fn has(self, entry: &FeedEntry, now: Timestamp) -> bool {
        let (from, to) = self.range(now);
        let start = entry.interval.start();
        let shown = match entry.status {
            AppointmentStatus::Held => false,
            AppointmentStatus::Cancelled => {
                let since = entry.cancelled_at.unwrap_or(entry.updated_at);
                now.signed_duration_since(since) < Duration::days(CANCELLED_DAYS)
            }
            _ => true,
        };
        shown && from <= start && start < to
    }
}

impl Feed {
    /// The feed of `entries`, the earliest first, with those of the window only. It depends on nothing else, so an
    /// unchanged list has an unchanged `ETag`.
    pub fn new(
        entries: &[FeedEntry],
        detail: FeedDetail,
        window: FeedWindow,
        now: Timestamp,
    ) -> Self {
        let mut shown: Vec<&FeedEntry> = entries
            .iter()
            .filter(|entry| window.has(entry, now))
            .collect();
        shown.sort_by_key(|entry| (entry.interval, &entry.id));
        let mut calendar = Calendar::empty();
        for (name, value) in [
            ("VERSION", "2.0"),
            ("PRODID", "-//clinic-auth//appointments//EN"),
            ("CALSCALE", "GREGORIAN"),
            ("METHOD", "PUBLISH"),
        ] {
            calendar.append_property(Property::new(name, value));
        }
        for entry in shown {
            calendar.push(event(entry, detail));
        }
        let text = fold_lines(&calendar.to_string());
        let etag = format!("\"{}\"", hex(digest(&SHA256, text.as_bytes()).as_ref()));
        Self { text, etag }
    }

    /// Whether the caller has this text already, as `If-None-Match` says (RFC 9110, 13.1.2).
    pub fn matches(&self, if_none_match: &str) -> bool {
        let mut tags = if_none_match.split(',').map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag)
    }
}

fn event(entry: &FeedEntry, detail: FeedDetail) -> Event {
    let status = match entry.status {
        AppointmentStatus::Cancelled => EventStatus::Cancelled,
        AppointmentStatus::Pending => EventStatus::Tentative,
        _ => EventStatus::Confirmed,
    };
    let summary = match (detail, &entry.doctor_name) {
        (FeedDetail::Doctor, Some(doctor)) => format!("Appointment: {doctor}"),
        _ => "Appointment".to_owned(),
    };
    Event::new()
        .uid(&format!("{}@clinic-auth", entry.id))
        .sequence(entry.version)
        // The library would take the system's time.
        .timestamp(entry.updated_at)
        .last_modified(entry.updated_at)
        .starts(entry.interval.start())
        .ends(entry.interval.end())
        .status(status)
        .summary(&summary)
        .done()
}

/// Folds each line to at most 75 octets. The library's own folds are undone first: after them a line may have 76.
fn fold_lines(text: &str) -> String {
    let unfolded = text.replace("\r\n ", "");
    let mut folded = String::with_capacity(text.len() + 64);
    for line in unfolded.split_terminator("\r\n") {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > MAX_LINE {
                folded.push_str("\r\n ");
                octets = 1;
            }
            folded.push(c);
            octets += c.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
}
