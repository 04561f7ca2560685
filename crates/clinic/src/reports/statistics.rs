//! The numbers of reports, made of counts that the store reads (REP-3).

use chrono::{Days, Duration, NaiveDate};
use kernel::clock::Timestamp;

use super::status::ReportStatus;
use crate::zone::Zone;

/// How many local days `by_day` has, today included.
const DAYS: u64 = 30;

/// A local day of the clinic, and its instants `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    /// The day.
    pub date: NaiveDate,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

/// What the store counts. All counts have the same filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReportCounts {
    /// The reports in each state; a state that is absent has none.
    pub by_status: Vec<(ReportStatus, u64)>,
    /// The reports since [`recent_since`].
    pub recent: u64,
    /// The sum of the confidences of the completed and signed reports that have one.
    pub confidence_sum: f64,
    /// How many these are.
    pub confidence_count: u64,
    /// The reports of each of [`last_days`], the oldest first.
    pub by_day: Vec<(NaiveDate, u64)>,
}

/// The numbers of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportStatistics {
    /// All reports: the sum of `by_status`.
    pub total: u64,
    /// Every state with its count, in the order of [`ReportStatus::ALL`].
    pub by_status: [(ReportStatus, u64); 5],
    /// The reports of the last 7 × 24 hours.
    pub recent: u64,
    /// The average, rounded to two decimals; `None` if no report counts.
    pub average_confidence: Option<f64>,
    /// The reports of each of the last 30 local days, the oldest first.
    pub by_day: Vec<(NaiveDate, u64)>,
}

/// Since when a report is recent.
pub fn recent_since(now: Timestamp) -> Timestamp {
    let week = Duration::hours(7 * 24);
    now.checked_sub_signed(week).unwrap_or(now)
}

/// The last 30 local days of the clinic, the oldest first, the last of them today.
pub fn last_days(zone: &Zone, now: Timestamp) -> Vec<DayRange> {
    let today = zone.date(now);
    let dates = (0..DAYS)
        .rev()
        .filter_map(|ago| today.checked_sub_days(Days::new(ago)));
    dates
        .map(|date| {
            let instants = zone.day(date);
            DayRange {
                date,
                from: instants.start,
                to: instants.end,
            }
        })
        .collect()
}

/// Whether the confidence of a report in this state counts for the average.
pub const fn counts_confidence(status: ReportStatus) -> bool {
    matches!(status, ReportStatus::Completed | ReportStatus::Signed)
}

impl ReportStatistics {
    /// The numbers of these counts.
    pub fn new(counts: ReportCounts) -> Self {
        let of = |status| {
            let rows = counts
                .by_status
                .iter()
                .filter(|(counted, _)| *counted == status);
            rows.map(|(_, count)| count).sum()
        };
        let by_status = ReportStatus::ALL.map(|status| (status, of(status)));
        #[expect(clippy::cast_precision_loss, reason = "no clinic has 2^53 reports")]
        let number = counts.confidence_count as f64;
        let average = (counts.confidence_count > 0).then(|| counts.confidence_sum / number);
        Self {
            total: by_status.iter().map(|(_, count)| count).sum(),
            by_status,
            recent: counts.recent,
            average_confidence: average.map(|average| (average * 100.0).round() / 100.0),
            by_day: counts.by_day,
        }
    }

    /// The average for the older field `average_confidence`, which is 0.0 if no report counts. `avg_confidence` is null
    /// then.
    pub fn average_or_zero(&self) -> f64 {
        self.average_confidence.unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    // REP-3
    #[test]
    fn the_total_is_the_sum_and_every_state_is_there() {
        let statistics = ReportStatistics::new(ReportCounts {
            by_status: vec![(ReportStatus::Signed, 7), (ReportStatus::Pending, 2)],
            recent: 3,
            ..ReportCounts::default()
        });
        assert_eq!((statistics.total, statistics.recent), (9, 3));
        let counts = statistics
            .by_status
            .map(|(status, count)| (status.name(), count));
        let expected = [
            ("pending", 2),
            ("generating", 0),
            ("completed", 0),
            ("failed", 0),
            ("signed", 7),
        ];
        assert_eq!(counts, expected);
    }

    #[test]
    fn an_average_has_two_decimals_and_none_is_none() {
        let average = |confidence_sum, confidence_count| {
            let counts = ReportCounts {
                confidence_sum,
                confidence_count,
                ..ReportCounts::default()
            };
            let statistics = ReportStatistics::new(counts);
            (statistics.average_confidence, statistics.average_or_zero())
        };
        assert_eq!(average(0.0, 0), (None, 0.0));
        assert_eq!(average(2.0, 3), (Some(0.67), 0.67));
        assert_eq!(average(0.0, 3), (Some(0.0), 0.0));
        assert_eq!(average(2.5, 3), (Some(0.83), 0.83));
        let counted = ReportStatus::ALL.map(counts_confidence);
        assert_eq!(counted, [false, false, true, false, true]);
    }

    #[test]
    fn the_last_days_are_thirty_without_a_gap() {
        let zurich = Zone::parse("Europe/Zurich").unwrap();
        let now = at("2026-04-10T22:30:00Z");
        let days = last_days(&zurich, now);
        assert_eq!(days.len(), 30);
        let (first, last) = (days.first().unwrap(), days.last().unwrap());
        assert_eq!(last.date.to_string(), "2026-04-11");
        assert_eq!(first.date.to_string(), "2026-03-13");
        assert!((last.from..last.to).contains(&now));
        assert_eq!(first.from, at("2026-03-12T23:00:00Z"));
        for pair in days.windows(2) {
            assert_eq!(pair[0].to, pair[1].from);
        }
        // The clocks were put forward on the 29th.
        let short = days
            .iter()
            .filter(|day| day.to - day.from == Duration::hours(23));
        assert_eq!(short.count(), 1);
    }

    #[test]
    fn a_week_is_seven_times_24_hours() {
        assert_eq!(
            recent_since(at("2026-04-01T10:00:00Z")),
            at("2026-03-25T10:00:00Z")
        );
        assert_eq!(recent_since(Timestamp::MIN_UTC), Timestamp::MIN_UTC);
    }
}
