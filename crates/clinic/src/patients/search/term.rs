//! The terms by which the blind index finds a record.

use std::fmt;

/// What a term says about a patient; part of the digest, so that equal texts of two fields are two terms (ENC-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermField {
    /// The beginning of a word of the name, 2 to 8 letters or the whole word.
    Name,
    /// The e-mail address in its canonical form.
    Email,
    /// The beginning of the address's local part, 2 to 8 letters or the whole part.
    EmailStart,
    /// The telephone number inside its country.
    Phone,
    /// The last 4, 5 or 6 digits of the telephone number.
    PhoneEnd,
    /// The date of birth, `YYYY-MM-DD`.
    Born,
    /// How a word of the name sounds.
    Sound,
}

/// The field of `patient_records` that holds a term's digest. In `care_relations`, `tokens` holds them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermIndex {
    /// `tokens`, a list.
    Tokens,
    /// `email_bidx`, one value.
    Email,
    /// `phone_bidx`, one value.
    Phone,
    /// `sound`, a list.
    Sound,
}

impl TermField {
    /// Its name in the digest. It never changes, because stored digests contain it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::EmailStart => "email_start",
            Self::Phone => "phone",
            Self::PhoneEnd => "phone_end",
            Self::Born => "born",
            Self::Sound => "sound",
        }
    }

    /// Where a record of the clinic keeps its digest.
    pub const fn index(self) -> TermIndex {
        match self {
            Self::Name | Self::EmailStart | Self::PhoneEnd | Self::Born => TermIndex::Tokens,
            Self::Email => TermIndex::Email,
            Self::Phone => TermIndex::Phone,
            Self::Sound => TermIndex::Sound,
        }
    }
}

/// One term: a field and a canonical text. `Debug` shows the field only (LOG-2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    field: TermField,
    value: String,
}

impl Term {
    pub(super) fn new(field: TermField, value: impl Into<String>) -> Self {
        Self {
            field,
            value: value.into(),
        }
    }

    /// The field.
    pub const fn field(&self) -> TermField {
        self.field
    }

    /// The text whose digest is stored.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Term({})", self.field.name())
    }
}
