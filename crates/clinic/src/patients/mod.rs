//! Patients: their records, the search for them, their care team.
