//! The forms of values in documents: BSON dates, and integers of any type (DB-7).

use bson::Bson;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::clock::Timestamp;

/// `at` as a BSON date.
#[must_use]
pub fn date(at: Timestamp) -> bson::DateTime {
    bson::DateTime::from_chrono(at)
}

/// A required time.
pub mod time {
    use super::{Bson, Deserialize, Deserializer, Serialize, Serializer, Timestamp, date};
    use serde::de::Error as _;

    /// Writes a BSON date.
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        date(*at).serialize(serializer)
    }

    /// Reads a BSON date. A text is an error, because no query for a time would find it either.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        match Bson::deserialize(deserializer)? {
            Bson::DateTime(date) => Ok(date.to_chrono()),
            _ => Err(D::Error::custom("not a date")),
        }
    }
}

/// A time that may be absent or null.
pub mod optional_time {
    use super::{Bson, Deserialize, Deserializer, Serialize, Serializer, Timestamp, date};

    /// Writes a BSON date, or null.
    pub fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(date).serialize(serializer)
    }

    /// Reads a BSON date; `None` for anything else.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let stored = Bson::deserialize(deserializer)?;
        Ok(stored.as_datetime().map(|date| date.to_chrono()))
    }
}

/// An integer of any BSON type.
fn integer_of(value: &Bson) -> Option<i64> {
    /// Up to this number, a double holds every integer exactly.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Bson::Int32(number) => Some((*number).into()),
        Bson::Int64(number) => Some(*number),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it has no fraction and fits"
        )]
        Bson::Double(number) if number.fract() == 0.0 && number.abs() <= EXACT => {
            Some(*number as i64)
        }
        Bson::Decimal128(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// Reads an integer of any BSON type, because other programs write a double where this service writes an integer
/// (DB-7).
pub fn integer<'de, D: Deserializer<'de>, N: TryFrom<i64>>(deserializer: D) -> Result<N, D::Error> {
    let number = integer_of(&Bson::deserialize(deserializer)?);
    let number = number.and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| D::Error::custom("not a whole number"))
}

/// Reads an integer that may be absent, of any BSON type; `None` for anything else.
pub fn optional_integer<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    Ok(integer_of(&Bson::deserialize(deserializer)?))
}

/// Reads a BSON date that may be absent or null.
///
/// # Errors
/// The value is something else. Without a date, a lock or lease that depends on it would never end.
pub fn optional_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    match Bson::deserialize(deserializer)? {
        Bson::Null => Ok(None),
        Bson::DateTime(date) => Ok(Some(date.to_chrono())),
        _ => Err(D::Error::custom("not a date")),
    }
}

#[cfg(test)]
mod tests {
    use bson::Decimal128;

    use super::*;

    // DB-7
    #[test]
    fn an_integer_is_read_from_every_number_type() {
        let decimal: Decimal128 = "7".parse().unwrap();
        for seven in [Bson::Int32(7), Bson::Int64(7), 7.0.into(), decimal.into()] {
            assert_eq!(integer_of(&seven), Some(7), "{seven}");
        }
        for none in [
            Bson::Null,
            7.5.into(),
            "7".into(),
            f64::NAN.into(),
            1e300.into(),
            true.into(),
        ] {
            assert_eq!(integer_of(&none), None, "{none}");
        }
    }
}
