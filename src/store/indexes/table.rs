//! The table of all indexes that the service needs.

use bson::Bson;
use chrono::Duration;

use super::{super::user_list::SEARCH, Index};
use crate::config::sections::Database;

/// An index on `keys`, which blanks separate.
fn plain(collection: &str, name: &str, keys: &str) -> Index {
    let ascending = |key: &str| (key.to_owned(), Bson::Int32(1));
    Index {
        collection: collection.to_owned(),
        name: name.to_owned(),
        keys: keys.split(' ').map(ascending).collect(),
        unique: false,
        sparse: false,
        ttl: None,
    }
}

fn unique(collection: &str, name: &str, keys: &str) -> Index {
    Index {
        unique: true,
        ..plain(collection, name, keys)
    }
}

/// A unique index that leaves out documents without the key.
fn sparse(collection: &str, name: &str, keys: &str) -> Index {
    Index {
        sparse: true,
        ..unique(collection, name, keys)
    }
}

fn ttl(collection: &str, name: &str) -> Index {
    Index {
        ttl: Some(Duration::zero()),
        ..plain(collection, name, "expires_at")
    }
}

/// Every index, with the names of collections and indexes that `names` has.
pub fn table(names: &Database) -> Vec<Index> {
    let (c, i) = (&names.collections, &names.indexes);
    vec![
        unique(&c.patients, &i.patients_email_unique_idx, "email"),
        sparse(&c.patients, &i.patients_username_unique_idx, "username"),
        unique(&c.patients, &i.patients_user_id_unique_idx, "user_id"),
        plain(&c.patients, &i.patients_user_type_idx, "user_type"),
        // Lists of accounts have this order. Only patients need the index, because the other collections are small.
        plain(&c.patients, &i.patients_created_idx, "created_at user_id"),
        plain(&c.patients, &i.patients_search_idx, SEARCH),
        unique(&c.doctors, &i.doctors_email_unique_idx, "email"),
        sparse(&c.doctors, &i.doctors_username_unique_idx, "username"),
        unique(&c.doctors, &i.doctors_user_id_unique_idx, "user_id"),
        plain(&c.doctors, &i.doctors_user_type_idx, "user_type"),
        plain(&c.doctors, &i.doctors_specialization_idx, "specialization"),
        plain(&c.doctors, &i.doctors_search_idx, SEARCH),
        unique(&c.staff, &i.staff_email_unique_idx, "email"),
        sparse(&c.staff, &i.staff_username_unique_idx, "username"),
        unique(&c.staff, &i.staff_user_id_unique_idx, "user_id"),
        plain(&c.staff, &i.staff_user_type_idx, "user_type"),
        plain(&c.staff, &i.staff_search_idx, SEARCH),
        plain(&c.pending_users, &i.pending_email_idx, "email"),
        plain(&c.pending_users, &i.pending_username_idx, "username"),
        plain(
            &c.pending_users,
            &i.pending_token_idx,
            "registration_digest",
        ),
        ttl(&c.pending_users, &i.pending_expires_idx),
        unique(&c.user_sessions, &i.session_id_unique_idx, "session_id"),
        plain(&c.user_sessions, &i.session_user_id_idx, "user_id"),
        ttl(&c.user_sessions, &i.session_expires_idx),
        plain(
            &c.user_sessions,
            &i.user_active_sessions_idx,
            "user_id is_active",
        ),
        plain(&c.user_sessions, &i.session_ended_idx, "ended_at"),
        ttl(&c.otp_codes, &i.otp_expires_idx),
        plain(&c.otp_codes, &i.otp_lookup_idx, "email type"),
        plain(&c.identifiers, &i.identifiers_owner_idx, "owner"),
        ttl(&c.identifiers, &i.identifiers_expires_idx),
        ttl(&c.throttles, &i.throttles_expires_idx),
        plain(&c.mail_outbox, &i.mail_outbox_due_idx, "due_at"),
        ttl(&c.mail_outbox, &i.mail_outbox_expires_idx),
        unique(&c.audit_log, &i.audit_chain_unique_idx, "chain sequence"),
        plain(&c.audit_log, &i.audit_time_idx, "at _id"),
        plain(&c.audit_log, &i.audit_subject_idx, "subject at _id"),
        plain(&c.audit_log, &i.audit_actor_idx, "actor at _id"),
        ttl(&c.audit_log, &i.audit_expires_idx),
        ttl(&c.audit_heads, &i.audit_heads_expires_idx),
        plain(&c.audit_seals, &i.audit_seals_time_idx, "at"),
        ttl(&c.audit_seals, &i.audit_seals_expires_idx),
        plain(&c.audit_refusals, &i.audit_refusals_end_idx, "ends_at"),
        plain(&c.revocations, &i.revocations_at_idx, "at"),
        ttl(&c.revocations, &i.revocations_expires_idx),
        ttl(&c.signing_keys, &i.signing_keys_expires_idx),
    ]
}
