//! The section `database`: where the data is and what things are called there.

use kernel::settings::names;
use serde::{Deserialize, Serialize};
use store::settings::Limits;

/// `database`: where the data is and what things are called there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Database {
    /// Where the data is, and how long it may take.
    #[serde(flatten)]
    pub limits: Limits,
    /// Collection names.
    pub collections: Collections,
    /// Index names.
    pub indexes: Indexes,
}

names! {
    /// `database.collections`: the names of the collections of accounts.
    OwnCollections {
        patients = "patients_v2",
        doctors = "doctor_v2",
        staff = "staff_v2",
        pending_users = "pending_users",
        user_sessions = "user_sessions",
        otp_codes = "otp_codes",
        identifiers = "identifiers",
        revocations = "revocations",
        signing_keys = "signing_keys",
    }
}

names! {
    /// `database.indexes`: the names of the indexes of accounts.
    OwnIndexes {
        patients_email_unique_idx = "patients_email_unique_idx",
        patients_username_unique_idx = "patients_username_unique_idx",
        patients_user_id_unique_idx = "patients_user_id_unique_idx",
        patients_user_type_idx = "patients_user_type_idx",
        patients_created_idx = "patients_created_idx",
        patients_search_idx = "patients_search_idx",
        doctors_email_unique_idx = "doctors_email_unique_idx",
        doctors_username_unique_idx = "doctors_username_unique_idx",
        doctors_user_id_unique_idx = "doctors_user_id_unique_idx",
        doctors_user_type_idx = "doctors_user_type_idx",
        doctors_specialization_idx = "doctors_specialization_idx",
        doctors_search_idx = "doctors_search_idx",
        staff_email_unique_idx = "staff_email_unique_idx",
        staff_username_unique_idx = "staff_username_unique_idx",
        staff_user_id_unique_idx = "staff_user_id_unique_idx",
        staff_user_type_idx = "staff_user_type_idx",
        staff_search_idx = "staff_search_idx",
        pending_email_idx = "pending_email_idx",
        pending_username_idx = "pending_username_idx",
        pending_token_idx = "pending_token_idx",
        pending_expires_idx = "pending_expires_idx",
        session_id_unique_idx = "session_id_unique_idx",
        session_user_id_idx = "session_user_id_idx",
        session_expires_idx = "session_expires_idx",
        user_active_sessions_idx = "user_active_sessions_idx",
        session_ended_idx = "session_ended_idx",
        otp_expires_idx = "otp_expires_idx",
        otp_lookup_idx = "otp_lookup_idx",
        identifiers_owner_idx = "identifiers_owner_idx",
        identifiers_expires_idx = "identifiers_expires_idx",
        revocations_at_idx = "revocations_at_idx",
        revocations_expires_idx = "revocations_expires_idx",
        signing_keys_expires_idx = "signing_keys_expires_idx",
    }
}

/// `database.collections`: the collections' names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Collections {
    /// Those of accounts.
    #[serde(flatten)]
    pub own: OwnCollections,
    /// Those of the platform.
    #[serde(flatten)]
    pub platform: platform::settings::Collections,
}

/// `database.indexes`: the indexes' names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Indexes {
    /// Those of accounts.
    #[serde(flatten)]
    pub own: OwnIndexes,
    /// Those of the platform.
    #[serde(flatten)]
    pub platform: platform::settings::Indexes,
}
