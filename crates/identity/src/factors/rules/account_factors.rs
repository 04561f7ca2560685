//! The confirmed factors of an account, as its document lists them.

use std::fmt;

use bson::{Bson, doc};
use serde::{Deserialize, Deserializer, Serialize};

const TOTP: &str = "totp";
const PASSKEY: &str = "passkey:";

/// A confirmed factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Factor {
    /// An authenticator app; an account has one at most.
    Totp,
    /// A passkey, by the id that its owner sees.
    Passkey(String),
    /// An entry that this version cannot read. It counts as a factor, so that a login never needs less than it did.
    Unknown(String),
}

impl Factor {
    fn parse(stored: &Bson) -> Self {
        match stored.as_str() {
            Some(TOTP) => Self::Totp,
            Some(text) => match text.strip_prefix(PASSKEY) {
                Some(id) => Self::Passkey(id.to_owned()),
                None => Self::Unknown(text.to_owned()),
            },
            None => Self::Unknown(String::new()),
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Totp => f.write_str(TOTP),
            Self::Passkey(id) => write!(f, "{PASSKEY}{id}"),
            Self::Unknown(text) => f.write_str(text),
        }
    }
}

/// The fields of an account about its second factors.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AccountFactors {
    /// The confirmed factors.
    #[serde(default, rename = "factors", skip_serializing_if = "Vec::is_empty")]
    #[serde(serialize_with = "write", deserialize_with = "read")]
    pub confirmed: Vec<Factor>,
    /// It changes with every change of the factors and the recovery codes, which are conditional on it. `None` if there
    /// never was a factor. A value of another type is compared as it is, and the next change replaces it (DB-7).
    #[serde(
        default,
        rename = "factors_epoch",
        skip_serializing_if = "Option::is_none"
    )]
    pub epoch: Option<Bson>,
    /// The batch of the recovery codes that count. `None` without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "text")]
    pub recovery_batch: Option<String>,
    /// The name of the account in its passkeys. `None` if it never had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "text")]
    pub user_handle: Option<String>,
}

fn write<S: serde::Serializer>(factors: &[Factor], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(factors.iter().map(Factor::to_string))
}

/// Whatever the field holds is at least one factor: an account without any does not have the field.
fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Factor>, D::Error> {
    Ok(match Bson::deserialize(deserializer)? {
        Bson::Array(entries) if !entries.is_empty() => entries.iter().map(Factor::parse).collect(),
        other => vec![Factor::parse(&other)],
    })
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let stored = Bson::deserialize(deserializer)?;
    Ok(stored.as_str().map(str::to_owned))
}

impl AccountFactors {
    /// Whether there is a confirmed factor.
    #[must_use]
    pub fn has_any(&self) -> bool {
        !self.confirmed.is_empty()
    }

    /// Whether there is an authenticator app.
    #[must_use]
    pub fn has_totp(&self) -> bool {
        self.confirmed.contains(&Factor::Totp)
    }

    /// The ids of the passkeys.
    pub fn passkeys(&self) -> impl Iterator<Item = &str> {
        self.confirmed.iter().filter_map(|factor| match factor {
            Factor::Passkey(id) => Some(id.as_str()),
            Factor::Totp | Factor::Unknown(_) => None,
        })
    }

    /// How the second step can be proven, as `methods` of the answers name it.
    #[must_use]
    pub fn methods(&self) -> Vec<&'static str> {
        let all = [
            ("totp", self.has_totp()),
            ("passkey", self.passkeys().next().is_some()),
            (
                "recovery_code",
                self.has_any() && self.recovery_batch.is_some(),
            ),
        ];
        let has = all.into_iter().filter(|(_, has)| *has);
        has.map(|(method, _)| method).collect()
    }

    /// The condition that the epoch is still this one.
    #[must_use]
    pub fn unchanged(&self) -> Bson {
        let absent = || doc! { "$exists": false }.into();
        self.epoch
            .clone()
            .map_or_else(absent, |epoch| doc! { "$eq": epoch }.into())
    }

    /// The epoch after the next change.
    #[must_use]
    pub fn next_epoch(&self) -> i64 {
        let current = match &self.epoch {
            Some(Bson::Int64(number)) => *number,
            Some(Bson::Int32(number)) => (*number).into(),
            _ => 0,
        };
        current.wrapping_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(row: bson::Document) -> AccountFactors {
        bson::deserialize_from_document(row).unwrap()
    }

    #[test]
    fn the_factors_of_an_account_read_back_as_written() {
        let row = doc! {
            "factors": ["totp", "passkey:a"], "factors_epoch": 3_i64, "recovery_batch": "b",
        };
        let factors = stored(row.clone());
        assert!(factors.has_totp());
        assert_eq!(factors.passkeys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(factors.methods(), ["totp", "passkey", "recovery_code"]);
        assert_eq!(factors.next_epoch(), 4);
        assert_eq!(bson::serialize_to_document(&factors).unwrap(), row);
    }

    #[test]
    fn an_account_without_the_fields_has_no_factor() {
        let none = stored(doc! { "email": "a@example.org" });
        assert!(!none.has_any() && none.methods().is_empty());
        assert_eq!(none.next_epoch(), 1);
        assert!(bson::serialize_to_document(&none).unwrap().is_empty());
    }

    // DB-7
    #[test]
    fn a_field_of_another_shape_is_a_factor_that_nothing_proves() {
        for odd in [
            Bson::Null,
            1.into(),
            "sms".into(),
            Bson::Array(vec![]),
            doc! {}.into(),
        ] {
            let factors = stored(doc! { "factors": odd.clone(), "recovery_batch": 1 });
            assert!(factors.has_any() && factors.methods().is_empty(), "{odd}");
        }
    }
}
