//! What every slice is given: the audit trail, counters, limits, whether the service is ready, and the [`Platform`] with
//! the time, randomness, the database and the master keys.

pub mod activity;
pub mod audit;
pub mod outbox;
pub mod rate_limits;
pub mod readiness;
pub mod rows;
pub mod settings;
pub mod slice;
pub mod store;
pub mod throttles;

use crypto::MasterKeys;
use kernel::{clock::Clock, fail_point::FailPoint, metrics::Metrics, random::SharedRng};
use mail::{Mailer, Sender};
use tokio::sync::Notify;

use self::{
    activity::Activity, audit::seen::SeenRefusals, rate_limits::RateLimits, readiness::Readiness,
    store::Store,
};

/// What every use case of every slice may need.
pub struct Platform {
    /// The settings of the platform.
    pub settings: settings::Settings,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub rng: SharedRng,
    /// The database.
    pub store: Store,
    /// Keys derived from the master secret.
    pub master: MasterKeys,
    /// The limits per address that this instance counts.
    pub rate_limits: RateLimits,
    /// Sends mail.
    pub mailer: Mailer,
    /// The sender of mails.
    pub sender: Sender,
    /// Wakes the mail worker.
    pub mail_due: Notify,
    /// Whether the database may be used.
    pub readiness: Readiness,
    /// The refusals that the audit trail has already.
    pub refusals: SeenRefusals,
    /// The counts of the day that are not in the database yet.
    pub activity: Activity,
    /// What the slices of the program declare.
    pub slices: slice::Slices,
    /// The metrics.
    pub metrics: Metrics,
    /// The name of this instance in leases.
    pub instance: String,
    /// The point at which a test makes an operation fail.
    pub fail_point: FailPoint,
}
