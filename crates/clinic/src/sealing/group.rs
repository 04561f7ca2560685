//! The groups of a record, each an access boundary with a key of its own (ACC-4).

use std::marker::PhantomData;

use crypto::field_keys::{self, Place};
use kernel::random::SharedRng;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{SealedGroup, SealingError};

/// A group of a record. The names of the groups are part of their keys and never change.
pub trait Group {
    /// The group's name.
    const NAME: &'static str;
}

/// Names, birth, contact, address.
#[derive(Debug, Clone, Copy)]
pub enum Who {}

/// Symptoms and history.
#[derive(Debug, Clone, Copy)]
pub enum Clinical {}

/// Complaints, notes, reports.
#[derive(Debug, Clone, Copy)]
pub enum Text {}

impl Group for Who {
    const NAME: &'static str = "who";
}

impl Group for Clinical {
    const NAME: &'static str = "clinical";
}

impl Group for Text {
    const NAME: &'static str = "text";
}

/// A type that is sealed as a whole. It says in which group, so that no caller can choose a wrong one.
pub trait Content: Serialize + DeserializeOwned {
    /// Whose key seals it.
    type Group: Group;
}

/// The collections with sealed rows. What is sealed for a row of one collection does not open in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Collection {
    /// Patients' records; their rows hold the data keys of the patients.
    PatientRecords,
    /// Consultations.
    Consultations,
    /// Reports.
    Reports,
    /// Signed and amended versions of reports.
    ReportVersions,
    /// Appointments.
    Appointments,
    /// Answers that are kept for a repeated request; each row holds a data key of its own.
    IdempotencyKeys,
    /// The [`Canary`](super::Canary).
    FieldKeys,
}

impl Collection {
    /// The row with this `_id`.
    pub const fn place(self, id: &str) -> Place<'_> {
        Place {
            collection: self.name(),
            id,
        }
    }

    /// A name that never changes, whatever the collection is called in the configuration.
    const fn name(self) -> &'static str {
        match self {
            Self::PatientRecords => "patient_records",
            Self::Consultations => "consultations",
            Self::Reports => "reports",
            Self::ReportVersions => "report_versions",
            Self::Appointments => "appointments",
            Self::IdempotencyKeys => "idempotency_keys",
            Self::FieldKeys => "field_keys",
        }
    }
}

/// The key of one group of one data key. A function that takes a `GroupKey<Who>` cannot open `Clinical`, and no key of
/// another group can be made from it (ACC-4).
///
/// It is wiped when it is dropped, and has no `Debug` (ENC-10).
pub struct GroupKey<G> {
    key: field_keys::GroupKey,
    group: PhantomData<fn() -> G>,
}

impl<G: Group> GroupKey<G> {
    pub(super) fn of(key: &field_keys::DataKey) -> Self {
        Self {
            key: key.group_key(G::NAME),
            group: PhantomData,
        }
    }

    /// Seals `content`, as JSON, for the row at `place`.
    ///
    /// It is not padded: the length shows how much text there is, which the row's counts and the number of its tokens
    /// show as well.
    pub fn seal<T: Content<Group = G>>(
        &self,
        place: Place<'_>,
        content: &T,
        rng: &SharedRng,
    ) -> Result<SealedGroup<T>, SealingError> {
        let json = serde_json::to_vec(content).map_err(|_| SealingError::Form)?;
        let sealed = self.key.seal(place, &Zeroizing::new(json), rng)?;
        Ok(SealedGroup::new(sealed))
    }

    /// Opens the content of the row at `place`.
    ///
    /// # Errors
    /// `Tampered` if it was sealed elsewhere; that is reported, and never shown (ENC-2). `Form` if a field is missing or
    /// has another type; the reader's message is dropped, because it quotes the content.
    pub fn open<T: Content<Group = G>>(
        &self,
        place: Place<'_>,
        sealed: &SealedGroup<T>,
    ) -> Result<T, SealingError> {
        let json = self.key.open(place, &sealed.bytes)?;
        serde_json::from_slice(&json).map_err(|_| SealingError::Form)
    }
}
