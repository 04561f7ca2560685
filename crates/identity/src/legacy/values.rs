//! The values that the older service, other programs and people wrote, read in any of their forms.

use bson::Bson;
use chrono::{Datelike, NaiveDate};

use kernel::clock::Timestamp;

/// A text, or a number as its digits. `None` for anything else and for an empty text.
pub(crate) fn text_of(value: &Bson) -> Option<String> {
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

/// Yes or no in the usual spellings.
pub(crate) fn flag_of(value: &Bson) -> Option<bool> {
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
pub(crate) fn day_of(value: &Bson) -> Option<String> {
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

/// A time, from a BSON date or an RFC 3339 text; without an offset, in UTC.
pub(crate) fn time_of(value: &Bson) -> Option<Timestamp> {
    match value {
        Bson::DateTime(date) => Some(date.to_chrono()),
        Bson::String(text) => chrono::DateTime::parse_from_rfc3339(text)
            .map(|at| at.to_utc())
            .or_else(|_| text.parse::<chrono::NaiveDateTime>().map(|at| at.and_utc()))
            .ok(),
        _ => None,
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
}
