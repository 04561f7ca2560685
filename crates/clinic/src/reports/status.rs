//! What may become of a report: its states, its signature, amendments, and when its patient reads it (REP-4, REP-5, REP-8).
//!
//! A report's version counts its texts: each change of the text increases it by one, the signature does not. An amendment
//! is a change of a signed report: the author signs the new text in the same step, the report stays signed, and the text
//! that was signed before is kept beside it under its version. So no signed report ever shows a text without a signature.

use chrono::Duration;
use kernel::{clock::Timestamp, ids::UserId};
use serde::{Deserialize, Serialize};

/// The state of a report.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    /// It has no text yet.
    #[default]
    Pending,
    /// A client makes its text.
    Generating,
    /// Its text is there and can be changed and signed.
    Completed,
    /// Its text could not be made.
    Failed,
    /// Its author signed it.
    Signed,
}

/// Why a change of a report is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The caller is not its author: `ACCESS_DENIED`.
    NotAuthor,
    /// Its state does not allow it: `STATE_CONFLICT`.
    WrongState,
    /// Its text is another one than the caller saw: `VERSION_CONFLICT`.
    VersionConflict,
}

/// A report, as the rules of changes need it.
#[derive(Debug, Clone, Copy)]
pub struct ReportFacts<'a> {
    /// The doctor who wrote it.
    pub author: &'a UserId,
    /// Its state.
    pub status: ReportStatus,
    /// The version of its text.
    pub version: u32,
}

/// A text that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedVersion {
    /// The version of the text.
    pub version: u32,
    /// When it was signed.
    pub signed_at: Timestamp,
}

impl ReportStatus {
    /// Every state, in the order of the statistics.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Generating,
        Self::Completed,
        Self::Failed,
        Self::Signed,
    ];

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Generating => "generating",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Signed => "signed",
        }
    }

    /// The state of a name; `None` for every other text.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether a new report may have it: a client that brings the text begins with `completed`.
    pub const fn may_begin(self) -> bool {
        matches!(self, Self::Pending | Self::Generating | Self::Completed)
    }

    /// Whether `to` may follow. `signed` follows only by [`ReportFacts::sign`] (REP-4).
    pub const fn may_become(self, to: Self) -> bool {
        use ReportStatus::{Completed, Failed, Generating, Pending, Signed};
        matches!(
            (self, to),
            (Pending, Generating | Failed) | (Generating, Completed | Failed) | (Completed, Signed)
        )
    }
}

impl ReportFacts<'_> {
    /// The version after `by`, who saw `seen`, changes the text, the kind, or the state to `to`. A change to the state
    /// that it has is a change of the text alone.
    pub fn change(&self, by: &UserId, seen: u32, to: ReportStatus) -> Result<u32, Refusal> {
        self.check_author(by)?;
        let editable = !matches!(self.status, ReportStatus::Signed | ReportStatus::Failed);
        let follows = to == self.status || self.status.may_become(to);
        if !editable || !follows || to == ReportStatus::Signed {
            return Err(Refusal::WrongState);
        }
        self.next_version(seen)
    }

    /// Whether `by` may sign the text of version `seen` (REP-5). That the caller proved who he is again, by password or
    /// a second factor, is checked before.
    pub fn sign(&self, by: &UserId, seen: u32) -> Result<(), Refusal> {
        self.check_author(by)?;
        if self.status != ReportStatus::Completed {
            return Err(Refusal::WrongState);
        }
        self.next_version(seen).map(|_| ())
    }

    /// The version of the text by which `by`, who saw `seen`, amends the signed report. It is signed in the same step,
    /// with the same proof as [`ReportFacts::sign`].
    pub fn amend(&self, by: &UserId, seen: u32) -> Result<u32, Refusal> {
        self.check_author(by)?;
        if self.status != ReportStatus::Signed {
            return Err(Refusal::WrongState);
        }
        self.next_version(seen)
    }

    fn check_author(&self, by: &UserId) -> Result<(), Refusal> {
        if by == self.author {
            Ok(())
        } else {
            Err(Refusal::NotAuthor)
        }
    }

    fn next_version(&self, seen: u32) -> Result<u32, Refusal> {
        if seen != self.version {
            return Err(Refusal::VersionConflict);
        }
        self.version.checked_add(1).ok_or(Refusal::VersionConflict)
    }
}

/// The newest signed text that the patient may read: one is released `release_hours` after its signature
/// (`reports.release_hours`). `None` if none is. An amendment that is not released yet leaves the text before readable.
pub fn released(
    versions: impl IntoIterator<Item = SignedVersion>,
    release_hours: u32,
    now: Timestamp,
) -> Option<SignedVersion> {
    let wait = Duration::hours(release_hours.into());
    versions
        .into_iter()
        .filter(|signed| now.signed_duration_since(signed.signed_at) >= wait)
        .max_by_key(|signed| signed.version)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// Row: from; column: to; `x` by a change, `s` by the signature, `.` never.
    const TABLE: &str = "
                    pending generating completed failed signed
        pending     .       x          .         x      .
        generating  .       .          x         x      .
        completed   .       .          .         .      s
        failed      .       .          .         .      .
        signed      .       .          .         .      .
    ";

    fn author() -> UserId {
        UserId::from_stored("DOC1")
    }

    fn other() -> UserId {
        UserId::from_stored("DOC2")
    }

    // REP-4
    #[test]
    fn states_follow_each_other_as_the_table_says() {
        let author = author();
        let mut lines = TABLE
            .lines()
            .map(str::split_whitespace)
            .filter(|line| line.clone().count() > 0);
        let columns: Vec<&str> = lines.next().unwrap().collect();
        let mut cells = 0;
        for mut line in lines {
            let status = ReportStatus::parse(line.next().unwrap()).unwrap();
            let report = ReportFacts {
                author: &author,
                status,
                version: 3,
            };
            for (column, cell) in columns.iter().zip(line) {
                let to = ReportStatus::parse(column).unwrap();
                assert_eq!(status.may_become(to), cell != ".", "{status:?} {to:?}");
                let text_alone =
                    to == status && !matches!(status, ReportStatus::Signed | ReportStatus::Failed);
                let expected = if cell == "x" || text_alone {
                    Ok(4)
                } else {
                    Err(Refusal::WrongState)
                };
                assert_eq!(report.change(&author, 3, to), expected, "{status:?} {to:?}");
                cells += 1;
            }
        }
        assert_eq!(cells, 25);
    }

    // REP-5
    #[test]
    fn only_the_author_signs_only_the_text_that_was_seen() {
        let author = author();
        for status in ReportStatus::ALL {
            let report = ReportFacts {
                author: &author,
                status,
                version: 3,
            };
            let completed = status == ReportStatus::Completed;
            let signed = status == ReportStatus::Signed;
            let or = |fits, refusal| if fits { refusal } else { Refusal::WrongState };
            assert_eq!(report.sign(&author, 3).is_ok(), completed, "{status:?}");
            assert_eq!(
                report.sign(&author, 2),
                Err(or(completed, Refusal::VersionConflict))
            );
            assert_eq!(report.sign(&other(), 3), Err(Refusal::NotAuthor));
            assert_eq!(
                report.amend(&author, 3).ok(),
                signed.then_some(4),
                "{status:?}"
            );
            assert_eq!(
                report.amend(&author, 4),
                Err(or(signed, Refusal::VersionConflict))
            );
            assert_eq!(report.amend(&other(), 3), Err(Refusal::NotAuthor));
            assert_eq!(report.change(&other(), 3, status), Err(Refusal::NotAuthor));
        }
        let last = ReportFacts {
            author: &author,
            status: ReportStatus::Signed,
            version: u32::MAX,
        };
        assert_eq!(last.amend(&author, u32::MAX), Err(Refusal::VersionConflict));
        let draft = ReportFacts {
            author: &author,
            status: ReportStatus::Completed,
            version: 3,
        };
        assert_eq!(
            draft.change(&author, 2, ReportStatus::Completed),
            Err(Refusal::VersionConflict)
        );
    }

    #[test]
    fn a_report_begins_before_its_signature() {
        let begin = ReportStatus::ALL.map(ReportStatus::may_begin);
        assert_eq!(begin, [true, true, true, false, false]);
    }

    // REP-8
    #[test]
    fn a_patient_reads_the_newest_released_text() {
        let at = |hour: i64| DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap();
        let first = SignedVersion {
            version: 2,
            signed_at: at(0),
        };
        let amended = SignedVersion {
            version: 3,
            signed_at: at(10),
        };
        let read = |versions: &[SignedVersion], hours, now| {
            released(versions.iter().copied(), hours, at(now)).map(|signed| signed.version)
        };
        assert_eq!(read(&[], 0, 0), None);
        assert_eq!(read(&[first], 0, 0), Some(2));
        assert_eq!(read(&[first], 1, 0), None);
        assert_eq!(read(&[first], 1, 1), Some(2));
        assert_eq!(read(&[amended, first], 0, 10), Some(3));
        assert_eq!(read(&[amended, first], 5, 14), Some(2));
        assert_eq!(read(&[first, amended], 5, 15), Some(3));
        assert_eq!(read(&[first], u32::MAX, 1_000_000), None);
    }
}
