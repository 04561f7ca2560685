//! The section `database`: where the data is and what things are called there.

use serde::{Deserialize, Serialize};

/// A section of names, each with its default.
macro_rules! names {
    ($(#[doc = $doc:literal])+ $name:ident { $($field:ident = $default:expr,)+ }) => {
        section! {
            $(#[doc = $doc])+
            $name { $(#[doc = concat!("Default `", $default, "`.")] $field: String = $default.to_owned(),)+ }
        }
    };
}

section! {
    /// `database`: where the data is and what things are called there.
    Database {
        /// The database's name.
        database_name: String = "patients_db".to_owned(),
        /// The embedded store's file, used without `MONGO_URI`.
        embedded_path: String = "data/clinic.db".to_owned(),
        /// Milliseconds to find a server before a request is answered 503.
        server_selection_ms: u64 = 3000,
        /// Milliseconds for one operation, and for all that fail in one request; a write that takes longer is unknown,
        /// not failed.
        operation_ms: u64 = 4000,
        /// Connections to each server at most.
        max_pool_size: u32 = 32,
        /// Collection names.
        collections: Collections = Collections::default(),
        /// Index names.
        indexes: Indexes = Indexes::default(),
    }
}

names! {
    /// `database.collections`: the collections' names.
    Collections {
        patients = "patients_v2",
        doctors = "doctor_v2",
        staff = "staff_v2",
        pending_users = "pending_users",
        user_sessions = "user_sessions",
        otp_codes = "otp_codes",
        identifiers = "identifiers",
        throttles = "throttles",
        mail_outbox = "mail_outbox",
        audit_log = "audit_log",
        audit_heads = "audit_heads",
        audit_seals = "audit_seals",
        audit_refusals = "audit_refusals",
        revocations = "revocations",
        signing_keys = "signing_keys",
    }
}

names! {
    /// `database.indexes`: the indexes' names.
    Indexes {
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
        throttles_expires_idx = "throttles_expires_idx",
        mail_outbox_due_idx = "mail_outbox_due_idx",
        mail_outbox_expires_idx = "mail_outbox_expires_idx",
        audit_chain_unique_idx = "audit_chain_unique_idx",
        audit_time_idx = "audit_time_idx",
        audit_subject_idx = "audit_subject_idx",
        audit_actor_idx = "audit_actor_idx",
        audit_expires_idx = "audit_expires_idx",
        audit_heads_expires_idx = "audit_heads_expires_idx",
        audit_seals_time_idx = "audit_seals_time_idx",
        audit_seals_expires_idx = "audit_seals_expires_idx",
        audit_refusals_end_idx = "audit_refusals_end_idx",
        revocations_at_idx = "revocations_at_idx",
        revocations_expires_idx = "revocations_expires_idx",
        signing_keys_expires_idx = "signing_keys_expires_idx",
    }
}
