//! The clinic, and the doctor in a clinic, that every key of a list and every blind index belongs to (TEN-2).

use std::fmt;

use kernel::ids::UserId;
use serde::{Deserialize, Serialize};

/// A clinic's id, which begins every list key and blind index. There is no empty scope, and no default: a store function
/// without a scope does not compile (ACC-10).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClinicScope(String);

impl ClinicScope {
    /// The one clinic that there is for now (TEN-1).
    #[must_use]
    pub fn implicit() -> Self {
        Self("CLN00000001".to_owned())
    }

    /// A doctor's part of this clinic.
    #[must_use]
    pub fn doctor(&self, doctor_id: &UserId) -> DoctorScope {
        DoctorScope(format!("{self}/{doctor_id}"))
    }

    /// The clinic's id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClinicScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A doctor in a clinic: `CLN…/DOC…`. Only [`ClinicScope::doctor`] makes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DoctorScope(String);

impl DoctorScope {
    /// The ids of the clinic and the doctor, with `/` between them.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DoctorScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rows among which a blind index finds something.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// All patients of the clinic, for the desk.
    Clinic(&'a ClinicScope),
    /// The patients of one doctor.
    Doctor(&'a DoctorScope),
}

impl Scope<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Clinic(scope) => scope.as_str(),
            Self::Doctor(scope) => scope.as_str(),
        }
    }
}

impl<'a> From<&'a ClinicScope> for Scope<'a> {
    fn from(scope: &'a ClinicScope) -> Self {
        Self::Clinic(scope)
    }
}

impl<'a> From<&'a DoctorScope> for Scope<'a> {
    fn from(scope: &'a DoctorScope) -> Self {
        Self::Doctor(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // TEN-2
    #[test]
    fn every_scope_begins_with_the_clinic() {
        let clinic = ClinicScope::implicit();
        let doctor = clinic.doctor(&UserId::from_stored("DOC00000007"));
        assert_eq!(clinic.as_str(), "CLN00000001");
        assert_eq!(doctor.as_str(), "CLN00000001/DOC00000007");
        assert_eq!(Scope::from(&doctor).as_str(), doctor.to_string());
    }

    #[test]
    fn a_clinic_is_a_plain_string_in_a_document() {
        let stored = serde_json::to_string(&ClinicScope::implicit()).unwrap();
        assert_eq!(stored, "\"CLN00000001\"");
        let read: ClinicScope = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, ClinicScope::implicit());
    }
}
