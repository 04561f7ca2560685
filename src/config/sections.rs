//! The sections of `config.json`, every key with its default and its meaning.

use serde::{Deserialize, Serialize};

use kernel::{role::Role, settings::section};

mod data;
mod edge;

pub use crypto::settings::{Argon2, Jwt, JwtAlgorithm, MIN_PASSWORD, Password};
pub use data::{Collections, Database, Indexes, OwnCollections, OwnIndexes};
pub use edge::{Auth, Throttle};
pub use mail::settings::{Email, MailTransport, SmtpTls};
pub use platform::settings::{Audit, Limit};
pub use store::settings::Limits;
pub use web::settings::Service;

section! {
    /// Everything that is not secret.
    Config {
        /// Where the data is and what things are called there.
        database: Database = Database::default(),
        /// Access tokens and their keys.
        jwt: Jwt = Jwt::default(),
        /// Sessions and refresh tokens.
        sessions: Sessions = Sessions::default(),
        /// One-time codes.
        otp: Otp = Otp::default(),
        /// Registrations before they are accounts.
        registration: Registration = Registration::default(),
        /// Password rules and hashing.
        password: Password = Password::default(),
        /// Password resets.
        reset: Reset = Reset::default(),
        /// Locking an account after failed logins.
        lockout: Lockout = Lockout::default(),
        /// Limits per caller and target.
        throttle: Throttle = Throttle::default(),
        /// Who may log in, and how a token may be sent.
        auth: Auth = Auth::default(),
        /// Mail.
        email: Email = Email::default(),
        /// The audit trail.
        audit: Audit = Audit::default(),
        /// The HTTP server.
        service: Service = Service::default(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_costs_of_the_asvs_table_or_more_are_strong_enough() {
        let strong = |iterations, memory_kib| {
            Argon2 {
                memory_kib,
                iterations,
                parallelism: 1,
            }
            .is_strong_enough()
        };
        for (iterations, least) in [(1, 47_104), (2, 19_456), (3, 12_288), (4, 12_288)] {
            assert!(strong(iterations, least) && !strong(iterations, least - 1));
        }
        assert!(!strong(0, u32::MAX));
        assert!(Argon2::default().is_strong_enough());
    }
}
