//! How times stand in documents: BSON dates, and the RFC 3339 texts that the older service wrote.

use bson::Bson;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::clock::Timestamp;

/// `at` as a BSON date.
#[must_use]
pub fn date(at: Timestamp) -> bson::DateTime {
    bson::DateTime::from_chrono(at)
}

fn read(value: &Bson) -> Option<Timestamp> {
    match value {
        Bson::DateTime(date) => Some(date.to_chrono()),
        Bson::String(text) => chrono::DateTime::parse_from_rfc3339(text)
            .map(|at| at.to_utc())
            .or_else(|_| text.parse::<chrono::NaiveDateTime>().map(|at| at.and_utc()))
            .ok(),
        _ => None,
    }
}

/// A required time.
pub mod time {
    use super::{Bson, Deserialize, Deserializer, Serialize, Serializer, Timestamp, date, read};
    use serde::de::Error as _;

    /// Writes a BSON date.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        date(*at).serialize(serializer)
    }

    /// Reads a BSON date or an RFC 3339 text.
    ///
    /// # Errors
    /// The value is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        read(&Bson::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("not a time"))
    }
}

/// A time that may be absent or null.
pub mod optional_time {
    use super::{Bson, Deserialize, Deserializer, Serialize, Serializer, Timestamp, date, read};

    /// Writes a BSON date, or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(date).serialize(serializer)
    }

    /// Reads a BSON date or an RFC 3339 text; anything else is none.
    ///
    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Bson>::deserialize(deserializer)?
            .as_ref()
            .and_then(read))
    }
}

/// Reads a text; null and absent (with `serde(default)`) are empty, as older documents have them.
///
/// # Errors
/// The value is neither a text nor null.
pub fn lenient_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Bson::deserialize(deserializer)? {
        Bson::String(text) => Ok(text),
        Bson::Null => Ok(String::new()),
        _ => Err(D::Error::custom("not a text")),
    }
}
