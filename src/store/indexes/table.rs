//! The table of all indexes that the service needs.

use bson::{Document, doc};
use chrono::Duration;

use super::{super::user_list::SEARCH, Index};
use crate::config::sections::Database;

fn plain(collection: &str, name: &str, keys: Document) -> Index {
    let (collection, name) = (collection.to_owned(), name.to_owned());
    Index {
        collection,
        name,
        keys,
        unique: false,
        sparse: false,
        ttl: None,
    }
}

fn unique(collection: &str, name: &str, keys: Document) -> Index {
    Index {
        unique: true,
        ..plain(collection, name, keys)
    }
}

fn unique_sparse(collection: &str, name: &str, keys: Document) -> Index {
    Index {
        sparse: true,
        ..unique(collection, name, keys)
    }
}

fn ttl(collection: &str, name: &str) -> Index {
    Index {
        ttl: Some(Duration::zero()),
        ..plain(collection, name, doc! { "expires_at": 1 })
    }
}

/// Every index, with the names of collections and indexes that `names` has.
#[must_use]
pub fn table(names: &Database) -> Vec<Index> {
    let mut table = indexes_of_accounts(names);
    table.extend(indexes_of_registrations_and_sessions(names));
    table.extend(indexes_of_the_service(names));
    table
}

fn indexes_of_accounts(names: &Database) -> Vec<Index> {
    let (c, i) = (&names.collections, &names.indexes);
    vec![
        unique(
            &c.patients,
            &i.patients_email_unique_idx,
            doc! { "email": 1 },
        ),
        unique_sparse(
            &c.patients,
            &i.patients_username_unique_idx,
            doc! { "username": 1 },
        ),
        unique(
            &c.patients,
            &i.patients_user_id_unique_idx,
            doc! { "user_id": 1 },
        ),
        plain(
            &c.patients,
            &i.patients_user_type_idx,
            doc! { "user_type": 1 },
        ),
        // Lists of accounts have this order. Only patients need the index, because the other collections are small.
        plain(
            &c.patients,
            &i.patients_created_idx,
            doc! { "created_at": 1, "user_id": 1 },
        ),
        plain(&c.patients, &i.patients_search_idx, doc! { SEARCH: 1 }),
        unique(&c.doctors, &i.doctors_email_unique_idx, doc! { "email": 1 }),
        unique_sparse(
            &c.doctors,
            &i.doctors_username_unique_idx,
            doc! { "username": 1 },
        ),
        unique(
            &c.doctors,
            &i.doctors_user_id_unique_idx,
            doc! { "user_id": 1 },
        ),
        plain(
            &c.doctors,
            &i.doctors_user_type_idx,
            doc! { "user_type": 1 },
        ),
        plain(
            &c.doctors,
            &i.doctors_specialization_idx,
            doc! { "specialization": 1 },
        ),
        plain(&c.doctors, &i.doctors_search_idx, doc! { SEARCH: 1 }),
        unique(&c.staff, &i.staff_email_unique_idx, doc! { "email": 1 }),
        unique_sparse(
            &c.staff,
            &i.staff_username_unique_idx,
            doc! { "username": 1 },
        ),
        unique(&c.staff, &i.staff_user_id_unique_idx, doc! { "user_id": 1 }),
        plain(&c.staff, &i.staff_user_type_idx, doc! { "user_type": 1 }),
        plain(&c.staff, &i.staff_search_idx, doc! { SEARCH: 1 }),
    ]
}

fn indexes_of_registrations_and_sessions(names: &Database) -> Vec<Index> {
    let (c, i) = (&names.collections, &names.indexes);
    vec![
        plain(&c.pending_users, &i.pending_email_idx, doc! { "email": 1 }),
        plain(
            &c.pending_users,
            &i.pending_username_idx,
            doc! { "username": 1 },
        ),
        plain(
            &c.pending_users,
            &i.pending_token_idx,
            doc! { "registration_digest": 1 },
        ),
        ttl(&c.pending_users, &i.pending_expires_idx),
        unique(
            &c.user_sessions,
            &i.session_id_unique_idx,
            doc! { "session_id": 1 },
        ),
        plain(
            &c.user_sessions,
            &i.session_user_id_idx,
            doc! { "user_id": 1 },
        ),
        ttl(&c.user_sessions, &i.session_expires_idx),
        plain(
            &c.user_sessions,
            &i.user_active_sessions_idx,
            doc! { "user_id": 1, "is_active": 1 },
        ),
        plain(
            &c.user_sessions,
            &i.session_ended_idx,
            doc! { "ended_at": 1 },
        ),
        ttl(&c.otp_codes, &i.otp_expires_idx),
        plain(
            &c.otp_codes,
            &i.otp_lookup_idx,
            doc! { "email": 1, "type": 1 },
        ),
        plain(
            &c.identifiers,
            &i.identifiers_owner_idx,
            doc! { "owner": 1 },
        ),
        ttl(&c.identifiers, &i.identifiers_expires_idx),
    ]
}

fn indexes_of_the_service(names: &Database) -> Vec<Index> {
    let (c, i) = (&names.collections, &names.indexes);
    vec![
        ttl(&c.throttles, &i.throttles_expires_idx),
        plain(&c.mail_outbox, &i.mail_outbox_due_idx, doc! { "due_at": 1 }),
        ttl(&c.mail_outbox, &i.mail_outbox_expires_idx),
        unique(
            &c.audit_log,
            &i.audit_chain_unique_idx,
            doc! { "chain": 1, "sequence": 1 },
        ),
        plain(&c.audit_log, &i.audit_time_idx, doc! { "at": 1, "_id": 1 }),
        plain(
            &c.audit_log,
            &i.audit_subject_idx,
            doc! { "subject": 1, "at": 1, "_id": 1 },
        ),
        plain(
            &c.audit_log,
            &i.audit_actor_idx,
            doc! { "actor": 1, "at": 1, "_id": 1 },
        ),
        ttl(&c.audit_log, &i.audit_expires_idx),
        ttl(&c.audit_heads, &i.audit_heads_expires_idx),
        plain(&c.audit_seals, &i.audit_seals_time_idx, doc! { "at": 1 }),
        ttl(&c.audit_seals, &i.audit_seals_expires_idx),
        plain(
            &c.audit_refusals,
            &i.audit_refusals_end_idx,
            doc! { "ends_at": 1 },
        ),
        plain(&c.revocations, &i.revocations_at_idx, doc! { "at": 1 }),
        ttl(&c.revocations, &i.revocations_expires_idx),
        ttl(&c.signing_keys, &i.signing_keys_expires_idx),
    ]
}
