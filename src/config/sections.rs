//! The sections of `config.json`, every key with its default and its meaning.

use kernel::settings::section;

mod data;

pub use clinic::settings::{Appointments, Care, Clinic, Records, Reports};
pub use crypto::settings::{Argon2, Jwt, JwtAlgorithm, MIN_PASSWORD, Password};
pub use data::{Collections, Database, Indexes, Throttle};
pub use identity::settings::{
    Account, Auth, Disclosure, FactorKind, Lockout, Mfa, Otp, Passkeys, Registration, Reset,
    Sessions,
};
pub use mail::settings::{Email, MailTransport, SmtpAuth, SmtpTls};
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
        /// Second factors.
        mfa: Mfa = Mfa::default(),
        /// Passkeys.
        passkeys: Passkeys = Passkeys::default(),
        /// What people do with their own account.
        account: Account = Account::default(),
        /// The clinic's records.
        clinic: Clinic = Clinic::default(),
        /// Who treats whom.
        care: Care = Care::default(),
        /// Booking.
        appointments: Appointments = Appointments::default(),
        /// Reports of consultations.
        reports: Reports = Reports::default(),
        /// Sealed records.
        records: Records = Records::default(),
        /// Mail.
        email: Email = Email::default(),
        /// The audit trail.
        audit: Audit = Audit::default(),
        /// The HTTP server.
        service: Service = Service::default(),
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
