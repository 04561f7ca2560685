//! The context of the clinic's use cases.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use kernel::{
    error::{Error, Result},
    errors,
};
use platform::Platform;

use crate::{
    patients::{search::PhoneRules, use_cases::registered::Visit},
    people::People,
    sealing::{BlindIndex, Canary, CanaryError, FieldKeys, RecordKeys},
    settings::Settings,
    store::Store,
    zone::Zone,
};

/// What the clinic's use cases need.
pub struct App {
    /// What every slice is given.
    pub platform: Arc<Platform>,
    /// The settings.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// The accounts, as the clinic sees them.
    pub people: Arc<dyn People>,
    /// The clinic's time zone.
    pub zone: Zone,
    /// How telephone numbers are read.
    pub phone_rules: PhoneRules,
    /// The accounts that have their records.
    pub(crate) registered: tokio::sync::Mutex<Visit>,
    field_keys: FieldKeys,
    sealing: OnceLock<Sealing>,
}

/// The keys that the canary has proven.
pub struct Sealing {
    /// The data keys of the records.
    pub keys: RecordKeys,
    /// The tokens by which sealed values are found.
    pub blind: BlindIndex,
}

impl Deref for App {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

// Its parts hold secrets and data of people (LOG-2).
impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

impl App {
    /// The clinic on `platform`. Nothing is read from the database yet.
    ///
    /// # Errors
    /// A sentence about a setting that is not valid.
    pub fn new(
        platform: Arc<Platform>,
        store: Store,
        settings: Settings,
        people: Arc<dyn People>,
        field_keys: FieldKeys,
    ) -> Result<Self, String> {
        let zone = match &settings.clinic.time_zone {
            Some(name) => Zone::parse(name)
                .map_err(|violation| format!("clinic.time_zone: {}", violation.message))?,
            None => Zone::of_machine().unwrap_or_else(Zone::utc),
        };
        let clinic = &settings.clinic;
        let calling_code = clinic.default_calling_code.as_deref();
        Ok(Self {
            phone_rules: PhoneRules::new(calling_code, &clinic.trunk_prefix),
            zone,
            platform,
            settings,
            store,
            people,
            registered: tokio::sync::Mutex::default(),
            field_keys,
            sealing: OnceLock::new(),
        })
    }

    /// The proven keys.
    ///
    /// # Errors
    /// `DatabaseError` until [`App::prepare`] has read the canary.
    pub fn sealing(&self) -> Result<&Sealing> {
        let proven = self.sealing.get();
        proven.ok_or_else(|| Error::new(errors::DATABASE_ERROR).retry_after(5))
    }

    /// The keys of the secrets that are set, for the commands.
    pub const fn field_keys(&self) -> &FieldKeys {
        &self.field_keys
    }

    /// Proves the secret by the canary, or makes the canary of a database without records (ENC-5). It may be repeated.
    ///
    /// # Errors
    /// The canary was sealed with another secret, or records stand without a canary.
    pub async fn prepare(&self) -> Result<(), PrepareError> {
        if self.sealing.get().is_some() {
            return Ok(());
        }
        let canary = self.canary().await?;
        let blind = canary.open(&self.field_keys)?;
        if let Some(with_current) = canary.with_current(&self.field_keys, &self.rng)? {
            self.store
                .field_keys()
                .replace(&canary, &with_current)
                .await?;
        }
        let capacity = self.settings.records.key_cache;
        self.sealing.get_or_init(|| Sealing {
            keys: RecordKeys::new(self.field_keys.clone(), capacity),
            blind,
        });
        Ok(())
    }

    async fn canary(&self) -> Result<Canary, PrepareError> {
        let rows = self.store.field_keys();
        if let Some(canary) = rows.find().await? {
            return Ok(canary);
        }
        if self.store.patients().any().await? {
            return Err(PrepareError::NoCanary);
        }
        let canary = Canary::create(&self.field_keys, &self.rng).map_err(CanaryError::from)?;
        if rows.insert(&canary).await? {
            return Ok(canary);
        }
        // Another instance was faster.
        rows.find().await?.ok_or(PrepareError::NoCanary)
    }
}

/// Why the records cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The secret is not the one that sealed the records, or the canary was changed.
    #[error(transparent)]
    Canary(#[from] CanaryError),
    /// With a new canary, no stored token would find its record any more.
    #[error(
        "there are sealed records, and their canary in `field_keys` is missing: restore it from a backup"
    )]
    NoCanary,
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}
