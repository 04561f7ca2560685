//! How a person has proven who they are: the claims `amr` and `acr` (RFC 8176; MFA-21).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// One method of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The password.
    Password,
    /// A code that was mailed. It proves the mailbox, and is never a second factor (MFA-6).
    Mail,
    /// A time-based code of an authenticator app.
    Totp,
    /// A passkey that stays in its device.
    HardwareKey,
    /// A passkey that its owner's devices share.
    SoftwareKey,
    /// A recovery code.
    Recovery,
    /// The device made sure that its user is there: by a PIN, a finger or a face.
    User,
    /// More than one factor.
    Multi,
}

impl Method {
    /// Every method, in the order of `amr`.
    pub const ALL: [Self; 8] = [
        Self::Password,
        Self::Mail,
        Self::Totp,
        Self::HardwareKey,
        Self::SoftwareKey,
        Self::Recovery,
        Self::User,
        Self::Multi,
    ];

    /// Its name in `amr` and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Mail => "email",
            Self::Totp => "otp",
            Self::HardwareKey => "hwk",
            Self::SoftwareKey => "swk",
            Self::Recovery => "recovery",
            Self::User => "user",
            Self::Multi => "mfa",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The methods that a session has proven.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Methods(u8);

impl Methods {
    /// The password alone.
    pub const PASSWORD: Self = Self(Method::Password.bit());
    /// A mailed code alone.
    pub const MAIL: Self = Self(Method::Mail.bit());

    /// A passkey, which is two factors by itself because its user was verified (MFA-22); `synced` if its owner's devices
    /// share it.
    pub const fn passkey(synced: bool) -> Self {
        let key = if synced {
            Method::SoftwareKey
        } else {
            Method::HardwareKey
        };
        Self(key.bit() | Method::User.bit() | Method::Multi.bit())
    }

    /// A time-based code beside the first factor.
    pub const fn totp() -> Self {
        Self(Method::Totp.bit() | Method::Multi.bit())
    }

    /// A recovery code beside the first factor.
    pub const fn recovery() -> Self {
        Self(Method::Recovery.bit() | Method::Multi.bit())
    }

    /// These methods and the others.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether more than one factor was proven.
    pub const fn are_multi_factor(self) -> bool {
        self.0 & Method::Multi.bit() != 0
    }

    /// The names for `amr`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = Method::ALL.into_iter();
        all.filter(move |method| self.0 & method.bit() != 0)
            .map(Method::name)
    }

    /// The level of the proof, for `acr`.
    pub const fn level(self) -> &'static str {
        if self.are_multi_factor() {
            "urn:clinic-auth:acr:mfa"
        } else {
            "urn:clinic-auth:acr:pwd"
        }
    }

    /// The methods with these names. `None` if one of them is unknown.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        names
            .into_iter()
            .try_fold(Self::default(), |methods, name| {
                let mut all = Method::ALL.into_iter();
                let known = all.find(|method| method.name() == name)?;
                Some(methods.and(Self(known.bit())))
            })
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Serialize for Methods {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for Methods {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Self::parse(names.iter().map(String::as_str))
            .ok_or_else(|| D::Error::custom("an unknown method"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // MFA-21
    #[test]
    fn amr_and_acr_say_what_was_proven() {
        let password = Methods::PASSWORD;
        for (methods, amr, level) in [
            (password, "pwd", "pwd"),
            (Methods::MAIL, "email", "pwd"),
            (password.and(Methods::totp()), "pwd otp mfa", "mfa"),
            (password.and(Methods::recovery()), "pwd recovery mfa", "mfa"),
            (
                password.and(Methods::passkey(false)),
                "pwd hwk user mfa",
                "mfa",
            ),
            (Methods::passkey(true), "swk user mfa", "mfa"),
        ] {
            let names: Vec<_> = methods.names().collect();
            assert_eq!(names.join(" "), amr);
            assert_eq!(methods.level(), format!("urn:clinic-auth:acr:{level}"));
            let stored = bson::serialize_to_bson(&methods).unwrap();
            let read: Methods = bson::deserialize_from_bson(stored).unwrap();
            assert_eq!(read, methods);
        }
        assert_eq!(Methods::parse(["pwd", "sms"]), None);
    }
}
