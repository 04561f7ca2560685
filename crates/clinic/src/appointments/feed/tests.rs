//! The feed's text, line by line.

use chrono::DateTime;
use proptest::prelude::*;

use super::*;

const WINDOW: FeedWindow = FeedWindow {
    days_back: 90,
    days_ahead: 400,
};

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn now() -> Timestamp {
    at("2026-06-01T00:00:00Z")
}

fn entry(status: AppointmentStatus) -> FeedEntry {
    FeedEntry {
        id: AppointmentId::from_stored("APT00000000000000A1"),
        interval: Interval::lasting(at("2026-06-10T07:00:00.123Z"), 30).unwrap(),
        status,
        version: 3,
        updated_at: at("2026-05-31T12:00:00Z"),
        cancelled_at: None,
        doctor_name: Some("Dr. Anna; Müller, \\ Zoë".to_owned()),
    }
}

fn feed(entries: &[FeedEntry], detail: FeedDetail) -> Feed {
    Feed::new(entries, detail, WINDOW, now())
}

// APT-18, APT-20
#[test]
fn a_feed_has_utc_times_and_nothing_of_the_visit() {
    let feed = feed(&[entry(AppointmentStatus::Confirmed)], FeedDetail::None);
    let expected = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//clinic-auth//appointments//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "DTEND:20260610T073000Z",
        "DTSTAMP:20260531T120000Z",
        "DTSTART:20260610T070000Z",
        "LAST-MODIFIED:20260531T120000Z",
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        "SUMMARY:Appointment",
        "UID:APT00000000000000A1@clinic-auth",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ];
    assert_eq!(feed.text, expected.join("\r\n"));
}

// APT-20
#[test]
fn the_doctors_name_is_shown_on_request_and_escaped() {
    let text = feed(&[entry(AppointmentStatus::Pending)], FeedDetail::Doctor).text;
    let summary = r"SUMMARY:Appointment: Dr. Anna\; Müller\, \\ Zoë";
    assert!(text.contains(&format!("\r\n{summary}\r\n")), "{text}");
    assert!(text.contains("\r\nSTATUS:TENTATIVE\r\n"));
    let without = FeedEntry {
        doctor_name: None,
        ..entry(AppointmentStatus::Pending)
    };
    assert!(
        feed(&[without], FeedDetail::Doctor)
            .text
            .contains("\r\nSUMMARY:Appointment\r\n")
    );
}

// APT-19
#[test]
fn a_cancelled_appointment_stays_for_30_days() {
    let cancelled = |since: &str| FeedEntry {
        cancelled_at: Some(at(since)),
        ..entry(AppointmentStatus::Cancelled)
    };
    let shown = |entry| {
        feed(&[entry], FeedDetail::None)
            .text
            .contains("\r\nSTATUS:CANCELLED\r\n")
    };
    assert!(shown(cancelled("2026-05-31T00:00:00Z")));
    assert!(shown(cancelled("2026-05-02T00:00:01Z")));
    assert!(!shown(cancelled("2026-05-02T00:00:00Z")));
}

#[test]
fn a_feed_has_the_states_and_days_of_its_window() {
    let shown = |entry: FeedEntry| {
        feed(&[entry], FeedDetail::None)
            .text
            .contains("BEGIN:VEVENT")
    };
    for status in AppointmentStatus::ALL {
        assert_eq!(
            shown(entry(status)),
            status != AppointmentStatus::Held,
            "{status:?}"
        );
    }
    for (start, expected) in [
        ("2026-03-03T00:00:00Z", true),
        ("2026-03-02T23:59:00Z", false),
        ("2027-07-05T23:59:00Z", true),
        ("2027-07-06T00:00:00Z", false),
        ("1890-01-01T00:00:00Z", false),
        ("2100-01-01T00:00:00Z", false),
    ] {
        let interval = Interval::lasting(at(start), 30).unwrap();
        let entry = FeedEntry {
            interval,
            ..entry(AppointmentStatus::Confirmed)
        };
        assert_eq!(shown(entry), expected, "{start}");
    }
    let endless = FeedWindow {
        days_back: u32::MAX,
        days_ahead: u32::MAX,
    };
    assert!(endless.range(now()).0 < now());
}

#[test]
fn a_tag_changes_with_the_text_only() {
    let first = entry(AppointmentStatus::Confirmed);
    let second = FeedEntry {
        id: AppointmentId::from_stored("APT2"),
        ..first.clone()
    };
    let both = feed(&[first.clone(), second.clone()], FeedDetail::None);
    let turned = feed(&[second, first.clone()], FeedDetail::None);
    assert_eq!(both, turned);
    let later = Feed::new(
        std::slice::from_ref(&first),
        FeedDetail::None,
        WINDOW,
        now() + Duration::days(1),
    );
    let one = feed(std::slice::from_ref(&first), FeedDetail::None);
    assert_eq!(later.etag, one.etag);
    assert_ne!(both.etag, one.etag);
    let changed = FeedEntry {
        version: 4,
        ..first
    };
    assert_ne!(feed(&[changed], FeedDetail::None).etag, one.etag);
    let tag = &one.etag;
    assert!(one.matches(tag) && one.matches(&format!("\"x\", W/{tag}")) && one.matches("*"));
    assert!(!one.matches("") && !one.matches("\"x\"") && !one.matches(tag.trim_matches('"')));
}

#[test]
fn a_detail_is_read_by_its_name() {
    assert_eq!(FeedDetail::parse("none"), Some(FeedDetail::None));
    assert_eq!(FeedDetail::parse("doctor"), Some(FeedDetail::Doctor));
    assert_eq!(FeedDetail::parse("all"), None);
}

proptest! {
    // APT-20
    #[test]
    fn a_line_has_at_most_75_octets_and_unfolds_to_the_name(
        name in prop_oneof!["[a-z ]{0,300}", "[ -~]{0,200}", "[\u{e9}\u{4e00}\u{1f600} ]{0,100}", "\\PC{0,100}"],
    ) {
        let named = FeedEntry { doctor_name: Some(name.clone()), ..entry(AppointmentStatus::Confirmed) };
        let text = feed(&[named], FeedDetail::Doctor).text;
        prop_assert!(text.ends_with("\r\n"));
        for line in text.split_terminator("\r\n") {
            prop_assert!(line.len() <= 75, "{}", line.len());
            prop_assert!(!line.contains(['\r', '\n']));
        }
        let unfolded = text.replace("\r\n ", "");
        let escaped = name.replace('\\', r"\\").replace(',', r"\,").replace(';', r"\;");
        let summary = format!("\r\nSUMMARY:Appointment: {escaped}\r\n");
        prop_assert!(unfolded.contains(&summary), "{}", unfolded);
    }
}
