//! The keys of access tokens: made once for all instances, published before use, replaced by time or by command
//! (KEY-2).
//!
//! At any time one key signs, and another is published as the next one. The older keys still verify, until their last
//! token has expired. The rows in the database decide: each instance reads them with every round of maintenance, so the
//! tokens of a key whose row an operator deletes fail on all instances within seconds.

use crate::{actions, app::App, errors, keys::store::StoredKey};
use chrono::Duration;
use crypto::{
    OpenError, Purpose, RingKey, SigningKey,
    settings::{Jwt, JwtAlgorithm},
};

use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    request::Origin,
    sealed::Sealed,
};
use platform::audit::{self, Event};

/// How long clients may cache the published keys. A key is published at least this long before it signs.
pub const PUBLISHED_FOR_SECONDS: i64 = 300;

/// How long the previous key may still sign, on an instance that reads the rows later or whose clock is behind.
const FOLLOWED_WITHIN_SECONDS: i64 = 60;

/// Longer than any process runs.
const FOREVER_DAYS: i64 = 3650;

/// How many steps a refresh takes at most; more would mean that other instances undo the steps.
const STEPS: usize = 8;

/// A row and its opened key.
struct LoadedKey {
    row: StoredKey,
    key: SigningKey,
}

/// Updates the keys in memory from the database, and makes the keys that are due. It can be repeated, and run by
/// several instances at once.
pub async fn refresh(app: &App) -> Result<()> {
    let algorithm = app.settings.jwt.algorithm;
    if algorithm == JwtAlgorithm::HS256 {
        app.keys.replace(RingKey::from_master(&app.master));
        return Ok(());
    }
    let now = app.clock.now();
    let mut held = Vec::new();
    // The number of a row that exists already. If that row cannot be read, the next number is used (DB-7).
    let mut taken = 0;
    for _ in 0..STEPS {
        let (keys, highest) = load(app, algorithm, now).await?;
        held = keys;
        match due(&held, &app.settings.jwt, now) {
            None => break,
            Some(Due::Make(signs_from)) => {
                let row = make(app, algorithm, highest.max(taken) + 1, signs_from, now)?;
                let origin = Origin::of_the_service(app.rng.uuid().to_string(), now);
                let event = Event::done(None, actions::KEYS).noting(&row.kid);
                audit::record_refusal(app, &origin, event).await;
                if !app.store.signing_keys().insert(&row).await? {
                    taken = row.number;
                }
            }
            Some(Due::BringForward(id)) => app.store.signing_keys().sign_from(&id, now).await?,
        }
    }
    follow(app, held, now).await
}

/// [`refresh`] at the start. It first seals the keys of an older master secret with the current one, so that the older
/// secret can be removed.
pub async fn prepare(app: &App) -> Result<()> {
    let algorithm = app.settings.jwt.algorithm;
    if algorithm != JwtAlgorithm::HS256 {
        let rows = app.store.signing_keys();
        for stored in rows.list(&name(algorithm), app.clock.now()).await? {
            let other_secret = stored.sealed.key_id != *app.master.current_id();
            if let (true, Some(key)) = (other_secret, open(app, algorithm, &stored)) {
                let sealed = seal(app, &key)?;
                rows.reseal(&stored.id, &stored.sealed, &sealed).await?;
                tracing::info!(kid = stored.kid, "a signing key was sealed anew");
            }
        }
    }
    refresh(app).await
}

/// The result of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The id of the key that signs.
    pub kid: String,
    /// When it starts to sign.
    pub signs_from: Timestamp,
}

/// Makes the published next key sign, and publishes a new next key. The key signs at once, unless it was published so
/// recently that clients may not know it yet. The tokens of the key before are valid until they expire. If that key is
/// `compromised`, its tokens fail as soon as the instances have read the rows, and the next key signs at once in any
/// case.
///
/// # Errors
/// `ConfigError` with HS256, whose key is the master secret.
pub async fn rotate(app: &App, compromised: bool) -> Result<Rotated> {
    let algorithm = app.settings.jwt.algorithm;
    if algorithm == JwtAlgorithm::HS256 {
        return Err(errors::CONFIG_ERROR.into());
    }
    refresh(app).await?;
    let now = app.clock.now();
    let (held, _) = load(app, algorithm, now).await?;
    let mut rows = held.iter().map(|held| &held.row);
    let next = rows.find(|row| row.signs_from > now);
    let next = next.ok_or_else(|| Error::internal("no next key is published"))?;
    let published = next.created_at + Duration::seconds(PUBLISHED_FOR_SECONDS);
    let signs_from = if compromised { now } else { now.max(published) };
    let origin = Origin::of_the_service(app.rng.uuid().to_string(), now);
    let event = Event::done(None, actions::KEYS).noting(&next.kid);
    audit::record(app, &origin, event).await?;
    let rows = app.store.signing_keys();
    rows.sign_from(&next.id, signs_from).await?;
    if compromised {
        for before in held.iter().filter(|held| held.row.number < next.number) {
            rows.delete(&before.row.id).await?;
            tracing::warn!(kid = before.row.kid, "a signing key was removed");
        }
    }
    refresh(app).await?;
    Ok(Rotated {
        kid: next.kid.clone(),
        signs_from: signs_from.min(next.signs_from),
    })
}

/// The keys that can be opened, in order, and the highest number of all rows.
async fn load(app: &App, algorithm: JwtAlgorithm, now: Timestamp) -> Result<(Vec<LoadedKey>, i64)> {
    let rows = app.store.signing_keys().list(&name(algorithm), now).await?;
    let highest = rows.last().map_or(0, |row| row.number);
    let held = rows.into_iter().filter_map(|row| {
        let key = open(app, algorithm, &row)?;
        Some(LoadedKey { row, key })
    });
    Ok((held.collect(), highest))
}

/// The next change of the database.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    /// Make a key that signs from this moment on.
    Make(Timestamp),
    /// Let the next key sign before its time, because the one before it was deleted.
    BringForward(String),
}

fn due(held: &[LoadedKey], config: &Jwt, now: Timestamp) -> Option<Due> {
    // A key whose end is set does not sign again when its successor is deleted.
    let signing = held
        .iter()
        .any(|held| held.row.signs_from <= now && held.row.expires_at.is_none());
    let next = held.iter().find(|held| held.row.signs_from > now);
    match (signing, next, held.last()) {
        (true, Some(_), _) => None,
        (false, Some(next), _) => Some(Due::BringForward(next.row.id.clone())),
        (true, None, Some(last)) => {
            let end = last.row.signs_from + Duration::days(config.rotation_days);
            // A service that was down for long also publishes the new key first; the old key signs a little longer.
            let lead = Duration::hours(config.publish_hours);
            let published = now + lead.max(Duration::seconds(PUBLISHED_FOR_SECONDS));
            Some(Due::Make(end.max(published)))
        }
        _ => Some(Due::Make(now)),
    }
}

/// Sets the end of each key whose successor signs, and replaces the keys in memory.
async fn follow(app: &App, held: Vec<LoadedKey>, now: Timestamp) -> Result<()> {
    let verified_for =
        app.keys.settings().verify_for() + Duration::seconds(FOLLOWED_WITHIN_SECONDS);
    let starts: Vec<Timestamp> = held.iter().map(|held| held.row.signs_from).collect();
    if let Some(since) = starts.iter().filter(|since| **since <= now).max() {
        app.metrics.key_age.set((now - since).num_seconds());
    }
    // The last key signs until there is a successor, even if the database is away for long.
    let ends = starts
        .into_iter()
        .skip(1)
        .chain([now + Duration::days(FOREVER_DAYS)]);
    let mut ring = Vec::new();
    for (LoadedKey { row, key }, sign_until) in held.into_iter().zip(ends) {
        if row.expires_at.is_none() && sign_until <= now {
            let rows = app.store.signing_keys();
            rows.expire(&row.id, sign_until + verified_for).await?;
        }
        ring.push(RingKey {
            key,
            // The first key has no predecessor, so it signs at once: this clock may be behind the clock of the instance
            // that made the key (TIME-1).
            sign_from: if ring.is_empty() && row.expires_at.is_none() {
                Timestamp::MIN_UTC
            } else {
                row.signs_from
            },
            sign_until,
            verify_until: row.expires_at.unwrap_or(sign_until + verified_for),
        });
    }
    app.keys.replace(ring);
    Ok(())
}

/// The name of an algorithm in the rows.
fn name(algorithm: JwtAlgorithm) -> String {
    format!("{algorithm:?}")
}

fn make(
    app: &App,
    algorithm: JwtAlgorithm,
    number: i64,
    signs_from: Timestamp,
    now: Timestamp,
) -> Result<StoredKey> {
    let key = SigningKey::generate(algorithm).map_err(Error::internal)?;
    let sealed = seal(app, &key)?;
    tracing::info!(
        kid = key.kid(),
        algorithm = name(algorithm),
        "a signing key was made"
    );
    Ok(StoredKey {
        id: format!("{}-{number}", name(algorithm)),
        kid: key.kid().to_owned(),
        algorithm: name(algorithm),
        number,
        sealed,
        created_at: now,
        signs_from,
        expires_at: None,
    })
}

fn seal(app: &App, key: &SigningKey) -> Result<Sealed> {
    let private = key
        .private_bytes()
        .ok_or_else(|| Error::internal("a key without private part"))?;
    let aad = key.kid().as_bytes();
    app.master
        .seal(Purpose::KeyEncryption, aad, &private, &app.rng)
        .map_err(Error::internal)
}

/// Opens a stored key. `None` if it was sealed with a master secret that is not set, or if it is damaged: its tokens
/// fail, and a new key replaces it. This is logged once, not in each round. A key that is in memory stays, because
/// another instance may have sealed it with a secret that this one does not have yet.
fn open(app: &App, algorithm: JwtAlgorithm, stored: &StoredKey) -> Option<SigningKey> {
    let (aad, kid) = (stored.kid.as_bytes(), stored.kid.as_str());
    let key = match app.master.open(Purpose::KeyEncryption, aad, &stored.sealed) {
        Ok(private) => SigningKey::from_private_bytes(algorithm, &private).ok(),
        Err(OpenError::UnknownKey) => app.keys.find(kid),
        Err(OpenError::Tampered) => None,
    };
    if key.is_none() && app.keys.note_unopened(kid) {
        tracing::error!(
            kid,
            "a signing key cannot be opened: is JWT_SECRET another one than before?"
        );
    }
    key
}
