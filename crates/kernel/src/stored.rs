//! The forms of values in documents: BSON dates, and the forms that the older service, other programs and people wrote.
//! An optional field that cannot be read is left out, because it must not stop its owner from logging in.

use bson::Bson;
use chrono::{Datelike, NaiveDate};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
};

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
    use super::{Bson, Deserialize, Deserializer, Serialize, Serializer, Timestamp, date, read};

    /// Writes a BSON date, or null.
    pub fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(date).serialize(serializer)
    }

    /// Reads a BSON date or an RFC 3339 text; `None` for anything else.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Bson>::deserialize(deserializer)?
            .as_ref()
            .and_then(read))
    }
}

/// A text, or a number as its digits. `None` for anything else and for an empty text.
#[must_use]
pub fn text_of(value: &Bson) -> Option<String> {
    match value {
        Bson::String(text) => Some(text.clone()),
        Bson::Int32(number) => Some(number.to_string()),
        Bson::Int64(number) => Some(number.to_string()),
        Bson::Double(number) if number.is_finite() => Some(number.to_string()),
        Bson::Decimal128(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|text| !text.is_empty())
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

/// Yes or no in the usual spellings.
#[must_use]
pub fn flag_of(value: &Bson) -> Option<bool> {
    if let Bson::Boolean(flag) = value {
        return Some(*flag);
    }
    match text_of(value)?.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// A day as `YYYY-MM-DD`, from a BSON date (in UTC), or from a text that begins with one, year first.
fn day_of(value: &Bson) -> Option<String> {
    let day = match value {
        Bson::DateTime(at) => at.to_chrono().date_naive(),
        Bson::String(text) => {
            let day = text.trim().split(['T', ' ']).next()?;
            NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?
        }
        _ => return None,
    };
    (1000..=9999)
        .contains(&day.year())
        .then(|| day.format("%Y-%m-%d").to_string())
}

/// Reads a value in one of the forms that `form` knows. The default for any other value, and if it is absent (with
/// `serde(default)`).
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default, F: Into<Bson>>(
    deserializer: D,
    form: impl Fn(&Bson) -> Option<F>,
) -> Result<T, D::Error> {
    let value = form(&Bson::deserialize(deserializer)?);
    let read = value.map(|value| bson::deserialize_from_bson(value.into()));
    read.unwrap_or_else(|| Ok(T::default()))
        .map_err(D::Error::custom)
}

/// Reads a text, with [`text_of`].
pub fn text<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    lenient(deserializer, text_of)
}

/// Reads a yes or no in the usual spellings.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    lenient(deserializer, flag_of)
}

/// Reads a day, `YYYY-MM-DD`.
pub fn day<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    lenient(deserializer, day_of)
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
    lenient(deserializer, integer_of)
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
    use bson::{Decimal128, doc, oid::ObjectId};

    use super::*;

    fn date_at(text: &str) -> Bson {
        bson::DateTime::parse_rfc3339_str(text).unwrap().into()
    }

    #[test]
    fn a_day_is_its_year_month_and_day_or_nothing() {
        for (stored, day) in [
            (Bson::from("1980-05-06"), Some("1980-05-06")),
            ("1980-05-06T00:00:00".into(), Some("1980-05-06")),
            ("1980-05-06T00:00:00+02:00".into(), Some("1980-05-06")),
            (" 1980-05-06 00:00:00".into(), Some("1980-05-06")),
            ("1980-5-6".into(), Some("1980-05-06")),
            (date_at("1980-05-06T00:00:00Z"), Some("1980-05-06")),
            (date_at("1980-05-06T23:59:59Z"), Some("1980-05-06")),
            (bson::DateTime::MAX.into(), None),
            ("".into(), None),
            ("05/06/1980".into(), None),
            ("1980-02-30".into(), None),
            ("0080-05-06".into(), None),
            ("unknown".into(), None),
            (Bson::Null, None),
            (Bson::Int64(326_419_200_000), None),
        ] {
            assert_eq!(day_of(&stored).as_deref(), day, "{stored}");
        }
    }

    #[test]
    fn yes_and_no_have_many_spellings() {
        for yes in [
            Bson::from(true),
            "TRUE".into(),
            " yes ".into(),
            1.into(),
            1.0.into(),
        ] {
            assert_eq!(flag_of(&yes), Some(true), "{yes}");
        }
        for no in [Bson::from(false), "false".into(), "No".into(), 0_i64.into()] {
            assert_eq!(flag_of(&no), Some(false), "{no}");
        }
        for neither in [Bson::Null, "".into(), "maybe".into(), 2.into()] {
            assert_eq!(flag_of(&neither), None, "{neither}");
        }
    }

    #[test]
    fn only_a_number_becomes_a_text() {
        let decimal: Decimal128 = "41790000000".parse().unwrap();
        for number in [
            Bson::Int64(41_790_000_000),
            Bson::Double(41_790_000_000.0),
            decimal.into(),
        ] {
            assert_eq!(text_of(&number).as_deref(), Some("41790000000"));
        }
        for none in [
            Bson::Null,
            "".into(),
            f64::NAN.into(),
            true.into(),
            doc! { "a": 1 }.into(),
            ObjectId::from_bytes([0; 12]).into(),
        ] {
            assert_eq!(text_of(&none), None, "{none}");
        }
    }

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
