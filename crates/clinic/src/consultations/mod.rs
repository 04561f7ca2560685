//! Consultations: from start to stop, one open at a time for a doctor and a patient.
