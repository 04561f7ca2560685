//! The settings of accounts: the sections that they declare in `config.json`, and what the slice is told.

use crypto::settings::{Jwt, Password};
use kernel::{
    role::Role,
    settings::{names, section},
};
use platform::settings::Limit;
use serde::{Deserialize, Serialize};

/// What the slice is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Access tokens and their keys.
    pub jwt: Jwt,
    /// Sessions and refresh tokens.
    pub sessions: Sessions,
    /// One-time codes.
    pub otp: Otp,
    /// Registrations before they are accounts.
    pub registration: Registration,
    /// Password rules and hashing.
    pub password: Password,
    /// Password resets.
    pub reset: Reset,
    /// Locking an account after failed logins.
    pub lockout: Lockout,
    /// Limits per caller and target.
    pub throttle: Throttle,
    /// Who may log in, and how a token may be sent.
    pub auth: Auth,
    /// Second factors.
    pub mfa: Mfa,
    /// The roles that must have a second factor, by `mfa.required_roles` and the environment.
    pub mfa_required: Vec<Role>,
    /// Passkeys.
    pub passkeys: Passkeys,
    /// What people do with their own account.
    pub account: Account,
    /// Whether `debug_otp` is answered (development only).
    pub debug: bool,
    /// What links in mails begin with.
    pub public_base_url: String,
    /// The time limit of a request: one that does something for many stops in time to answer.
    pub request_timeout_seconds: u64,
}

section! {
    /// A number for each role.
    PerRole {
        /// Patients.
        patient: i64 = 0,
        /// Doctors.
        doctor: i64 = 0,
        /// Staff.
        staff: i64 = 0,
        /// Administrators.
        admin: i64 = 0,
    }
}

impl PerRole {
    /// The number of `role`.
    pub const fn of(&self, role: Role) -> i64 {
        match role {
            Role::Patient => self.patient,
            Role::Doctor => self.doctor,
            Role::Staff => self.staff,
            Role::Admin => self.admin,
        }
    }
}

section! {
    /// `sessions`: sessions and refresh tokens.
    Sessions {
        /// Lifetime of a refresh token.
        refresh_days: i64 = 7,
        /// A session without a request for this long has ended; at least `jwt.expire_minutes` and five.
        idle_minutes: PerRole = PerRole { patient: 10080, doctor: 60, staff: 60, admin: 60 },
        /// A session ends this long after its login, whatever happens.
        absolute_hours: PerRole = PerRole { patient: 720, doctor: 12, staff: 12, admin: 12 },
        /// More live sessions than this revoke the oldest.
        max_per_user: u32 = 20,
        /// The immediate predecessor of a refresh token is answered this long; 0 is strict.
        reuse_grace_seconds: i64 = 10,
        /// Within this a revocation holds on every instance; 0 reads each session from the database.
        revocation_lag_ms: u64 = 500,
        /// Sessions kept in memory at most.
        cache_capacity: u64 = 100_000,
    }
}

section! {
    /// `otp`: one-time codes.
    Otp {
        /// Digits.
        length: u32 = 6,
        /// Lifetime of a code.
        expire_minutes: i64 = 10,
        /// Tries per code.
        max_attempts: i32 = 5,
        /// Wrong tries per subject and purpose in 24 hours, over all codes.
        max_failures_per_day: u32 = 20,
        /// Wrong tries with registration tokens per address in 24 hours, over all its registrations.
        max_token_failures_per_day: u32 = 40,
        /// Between two codes for one subject.
        cooldown_seconds: i64 = 60,
        /// Codes per address.
        max_per_hour: u32 = 5,
        /// Codes per address.
        max_per_day: u32 = 20,
    }
}

/// What register tells about a taken e-mail address (D1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclosure {
    /// 409, as existing clients expect.
    Contract,
    /// The same 200 as success.
    Strict,
}

section! {
    /// `registration`: registrations before they are accounts.
    Registration {
        /// Lifetime of a registration that was not verified.
        pending_minutes: i64 = 30,
        /// Live registrations of one address.
        max_pending_per_email: i32 = 3,
        /// What a taken e-mail address answers.
        disclosure: Disclosure = Disclosure::Contract,
        /// verify-otp needs the `registration_token`.
        require_token: bool = false,
        /// Lifetime of an invitation link for staff and administrators.
        invitation_hours: i64 = 72,
    }
}

section! {
    /// `reset`: password resets.
    Reset {
        /// Lifetime of the link.
        link_minutes: i64 = 15,
        /// The clinic's own reset page; null: ours.
        page_url: Option<String> = None,
    }
}

section! {
    /// `lockout`: locking an account after failed logins.
    Lockout {
        /// Consecutive failures that lock.
        max_failures: i32 = 5,
        /// They count this long.
        window_minutes: i64 = 15,
        /// The first lock; each further one is twice as long.
        first_lock_seconds: i64 = 60,
        /// No lock is longer.
        max_lock_seconds: i64 = 900,
        /// Consecutive failures after which only a reset opens the password path.
        hard_limit: i32 = 100,
    }
}

const fn limit(limit: u32, per_seconds: u32) -> Limit {
    Limit { limit, per_seconds }
}

section! {
    /// `throttle`: limits per caller and target.
    Throttle {
        /// Proxies (addresses or CIDR blocks) whose forwarding header is believed.
        trusted_proxies: Vec<String> = Vec::new(),
        /// The forwarding header that those proxies set.
        forwarded_header: String = "X-Forwarded-For".to_owned(),
        /// Registrations of all callers together, and as many requests for each kind of code: on each instance.
        global: Limit = limit(60_000, 60),
        /// Registrations per address of the caller.
        register_per_ip: Limit = limit(60, 3600),
        /// Registrations per e-mail address.
        register_per_email: Limit = limit(5, 3600),
        /// Requests for a code per address of the caller.
        otp_request_per_ip: Limit = limit(60, 3600),
        /// Codes typed in per address of the caller.
        otp_verify_per_ip: Limit = limit(300, 900),
        /// Logins per address of the caller.
        login_per_ip: Limit = limit(600, 600),
        /// Different names that failed to log in per address of the caller (password spraying).
        failed_names_per_ip: Limit = limit(60, 900),
        /// Refresh tokens that are not genuine, per address of the caller.
        refresh_per_ip: Limit = limit(3000, 600),
        /// Refreshes per session.
        refresh_per_session: Limit = limit(120, 600),
        /// Password resets per address of the caller.
        reset_per_ip: Limit = limit(120, 900),
        /// Password changes per account.
        change_password_per_account: Limit = limit(10, 3600),
        /// Second factors shown per address of the caller.
        mfa_per_ip: Limit = limit(300, 900),
        /// Passkey ceremonies per address of the caller.
        passkey_per_ip: Limit = limit(600, 600),
        /// Requests for another e-mail address per account, and as many for its deletion.
        email_change_per_account: Limit = limit(5, 86_400),
        /// Exports per account.
        export_per_account: Limit = limit(3, 86_400),
        /// Changes of the profile per account, and as many requests to end a session that has ended already.
        writes_per_account: Limit = limit(60, 60),
        /// Unlocks and resets by the desk per account of a patient.
        desk_help_per_account: Limit = limit(10, 86_400),
    }
}

section! {
    /// `auth`: who may log in, and how a token may be sent.
    Auth {
        /// A doctor logs in only after an administrator's approval.
        doctor_approval_required: bool = false,
        /// `POST /auth/validate-token?token=` is answered (legacy).
        allow_token_in_query: bool = true,
    }
}

/// A kind of second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FactorKind {
    /// Time-based codes of an authenticator app.
    Totp,
    /// Passkeys.
    Passkey,
}

section! {
    /// `mfa`: second factors.
    Mfa {
        /// The roles that must have a second factor; null: nobody in development, staff and administrators in production.
        required_roles: Option<Vec<Role>> = None,
        /// The kinds that people can add. What is there already still counts.
        methods: Vec<FactorKind> = vec![FactorKind::Totp, FactorKind::Passkey],
        /// What an authenticator app calls this service; null: the host of `service.public_base_url`.
        totp_issuer: Option<String> = None,
        /// A code counts this many steps of 30 seconds before and after its own.
        totp_window: u32 = 1,
        /// Lifetime of a factor that was begun and not confirmed, and of a login that waits for it.
        enrol_minutes: i64 = 10,
        /// Lifetime of a login that waits for its second step.
        challenge_minutes: i64 = 5,
        /// Wrong factors that end a login.
        max_attempts: i32 = 5,
        /// Consecutive wrong factors of an account, over all its logins, that lock its second step.
        lock_failures: i32 = 10,
        /// How long it is locked.
        lock_minutes: i64 = 15,
        /// Recovery codes of an account.
        recovery_codes: u32 = 10,
        /// A proof counts this long for what changes the account.
        fresh_minutes: i64 = 5,
        /// A remembered device needs no second factor for this long; 0: never remembered.
        remember_days: PerRole = PerRole { patient: 30, doctor: 7, staff: 7, admin: 0 },
    }
}

section! {
    /// `passkeys`: passkeys.
    Passkeys {
        /// Whether there are passkeys.
        enabled: bool = true,
        /// The domain that passkeys belong to; null: the host of `service.public_base_url`.
        rp_id: Option<String> = None,
        /// What a device calls this service.
        rp_name: String = "Clinic accounts".to_owned(),
        /// Further origins whose pages and apps may use these passkeys.
        extra_origins: Vec<String> = Vec::new(),
        /// Lifetime of a ceremony that was begun.
        challenge_minutes: i64 = 5,
        /// Passkeys of an account.
        max_per_user: u32 = 20,
    }
}

section! {
    /// `account`: what people do with their own account.
    Account {
        /// How long a change of the e-mail address can be undone from the old address.
        email_undo_days: i64 = 7,
        /// How long a deletion can be called off.
        deletion_days: i64 = 14,
        /// The roles that can delete their own account.
        deletion_roles: Vec<Role> = vec![Role::Patient],
        /// Exports of an account within a day; `throttle.export_per_account` limits them as well.
        export_per_day: u32 = 3,
    }
}

names! {
    /// `database.collections`: the names of the collections of accounts.
    Collections {
        patients = "patients_v2",
        doctors = "doctor_v2",
        staff = "staff_v2",
        pending_users = "pending_users",
        user_sessions = "user_sessions",
        otp_codes = "otp_codes",
        identifiers = "identifiers",
        revocations = "revocations",
        signing_keys = "signing_keys",
        second_factors = "second_factors",
        recovery_codes = "recovery_codes",
        passkeys = "passkeys",
        login_challenges = "login_challenges",
        known_devices = "known_devices",
        email_changes = "email_changes",
        account_deletions = "account_deletions",
    }
}

names! {
    /// `database.indexes`: the names of the indexes of accounts.
    Indexes {
        patients_email_unique_idx = "patients_email_unique_idx",
        patients_username_unique_idx = "patients_username_unique_idx",
        patients_user_id_unique_idx = "patients_user_id_unique_idx",
        patients_user_type_idx = "patients_user_type_idx",
        patients_created_idx = "patients_created_idx",
        patients_search_idx = "patients_search_idx",
        patients_changed_idx = "patients_changed_idx",
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
        second_factors_user_idx = "second_factors_user_idx",
        recovery_codes_user_idx = "recovery_codes_user_idx",
        passkeys_user_idx = "passkeys_user_idx",
        login_challenges_expires_idx = "login_challenges_expires_idx",
        known_devices_user_idx = "known_devices_user_idx",
        known_devices_expires_idx = "known_devices_expires_idx",
        email_changes_user_idx = "email_changes_user_idx",
        email_changes_working_idx = "email_changes_working_idx",
        email_changes_expires_idx = "email_changes_expires_idx",
        account_deletions_working_idx = "account_deletions_working_idx",
        account_deletions_due_idx = "account_deletions_due_idx",
        account_deletions_expires_idx = "account_deletions_expires_idx",
    }
}
