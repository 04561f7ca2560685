//! The indexes of accounts.

use crate::{admin::store::user_list::SEARCH, profile::store::CHANGED, store::Names};
use store::indexes::Index;

/// Every index, with the names of collections and indexes that `names` has.
#[must_use]
pub fn table(names: &Names) -> Vec<Index> {
    let Names {
        collections: c,
        indexes: i,
    } = names;
    vec![
        Index::unique(&c.patients, &i.patients_email_unique_idx, "email"),
        Index::sparse(&c.patients, &i.patients_username_unique_idx, "username"),
        Index::unique(&c.patients, &i.patients_user_id_unique_idx, "user_id"),
        Index::plain(&c.patients, &i.patients_user_type_idx, "user_type"),
        // Lists of accounts have this order. Only patients need the index, because the other collections are small.
        Index::plain(&c.patients, &i.patients_created_idx, "created_at user_id"),
        Index::plain(&c.patients, &i.patients_search_idx, SEARCH),
        // Sparse: only the few whose change the rest of the program has not followed yet.
        Index::sparse(&c.patients, &i.patients_changed_idx, CHANGED),
        Index::unique(&c.doctors, &i.doctors_email_unique_idx, "email"),
        Index::sparse(&c.doctors, &i.doctors_username_unique_idx, "username"),
        Index::unique(&c.doctors, &i.doctors_user_id_unique_idx, "user_id"),
        Index::plain(&c.doctors, &i.doctors_user_type_idx, "user_type"),
        Index::plain(&c.doctors, &i.doctors_specialization_idx, "specialization"),
        Index::plain(&c.doctors, &i.doctors_search_idx, SEARCH),
        Index::unique(&c.staff, &i.staff_email_unique_idx, "email"),
        Index::sparse(&c.staff, &i.staff_username_unique_idx, "username"),
        Index::unique(&c.staff, &i.staff_user_id_unique_idx, "user_id"),
        Index::plain(&c.staff, &i.staff_user_type_idx, "user_type"),
        Index::plain(&c.staff, &i.staff_search_idx, SEARCH),
        Index::plain(&c.pending_users, &i.pending_email_idx, "email"),
        Index::plain(&c.pending_users, &i.pending_username_idx, "username"),
        Index::plain(
            &c.pending_users,
            &i.pending_token_idx,
            "registration_digest",
        ),
        Index::ttl(&c.pending_users, &i.pending_expires_idx),
        Index::unique(&c.user_sessions, &i.session_id_unique_idx, "session_id"),
        Index::plain(&c.user_sessions, &i.session_user_id_idx, "user_id"),
        Index::ttl(&c.user_sessions, &i.session_expires_idx),
        Index::plain(
            &c.user_sessions,
            &i.user_active_sessions_idx,
            "user_id is_active",
        ),
        Index::plain(&c.user_sessions, &i.session_ended_idx, "ended_at"),
        Index::ttl(&c.otp_codes, &i.otp_expires_idx),
        Index::plain(&c.otp_codes, &i.otp_lookup_idx, "email type"),
        Index::plain(&c.identifiers, &i.identifiers_owner_idx, "owner"),
        Index::ttl(&c.identifiers, &i.identifiers_expires_idx),
        Index::plain(&c.revocations, &i.revocations_at_idx, "at"),
        Index::ttl(&c.revocations, &i.revocations_expires_idx),
        Index::ttl(&c.signing_keys, &i.signing_keys_expires_idx),
        Index::plain(&c.second_factors, &i.second_factors_user_idx, "user_id"),
        Index::plain(&c.recovery_codes, &i.recovery_codes_user_idx, "user_id"),
        Index::plain(&c.passkeys, &i.passkeys_user_idx, "user_id"),
        Index::ttl(&c.login_challenges, &i.login_challenges_expires_idx),
        Index::plain(&c.known_devices, &i.known_devices_user_idx, "user_id"),
        Index::ttl(&c.known_devices, &i.known_devices_expires_idx),
        Index::plain(&c.email_changes, &i.email_changes_user_idx, "user_id"),
        Index::plain(
            &c.email_changes,
            &i.email_changes_working_idx,
            "working_since",
        ),
        Index::ttl(&c.email_changes, &i.email_changes_expires_idx),
        Index::plain(
            &c.account_deletions,
            &i.account_deletions_working_idx,
            "working_since",
        ),
        Index::plain(&c.account_deletions, &i.account_deletions_due_idx, "due_at"),
        Index::ttl(&c.account_deletions, &i.account_deletions_expires_idx),
    ]
}
