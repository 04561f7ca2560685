//! The keys of access tokens: made once for all instances, published before use, replaced by time (KEY-2).

use chrono::Duration;

use crate::{
    app::App,
    clock::Timestamp,
    config::sections::JwtAlgorithm,
    crypto::{Purpose, RingKey, SigningKey},
    error::{Error, Result},
    store::signing_keys::StoredKey,
};

/// Brings the keys in memory to what the database holds, and the database to what the time asks for: a current key, and
/// its successor published before it signs. Safe to repeat and on several instances at once.
///
/// # Errors
/// The database does not answer; a key was sealed with a master secret that is not set any more.
pub async fn refresh(app: &App) -> Result<()> {
    let algorithm = app.settings.config.jwt.algorithm;
    if algorithm == JwtAlgorithm::HS256 {
        app.keys.replace(RingKey::from_master(&app.master));
        return Ok(());
    }
    let now = app.clock.now();
    let config = &app.settings.config.jwt;
    let (mut keys, last) = load(app, algorithm, now).await?;
    if let Some(signs_from) = missing(&keys, config.rotation_days, config.publish_hours, now) {
        let made = make(app, algorithm, last + 1, signs_from, now)?;
        app.store.signing_keys().insert(&made).await?;
        (keys, _) = load(app, algorithm, now).await?;
    }
    let mut ring = Vec::new();
    for (place, (stored, key)) in keys.iter().enumerate() {
        let successor = keys.get(place + 1).map(|(next, _)| next.signs_from);
        // The last key signs until there is a successor, however long the database is away.
        let sign_until = successor.unwrap_or(now + Duration::days(FOREVER_DAYS));
        let verify_until = stored
            .expires_at
            .unwrap_or(sign_until + app.keys.settings().verify_for());
        if successor.is_some() && stored.expires_at.is_none() {
            app.store
                .signing_keys()
                .expire(&stored.id, verify_until)
                .await?;
        }
        ring.push(RingKey {
            key: key.clone(),
            // The first one always signs: this clock may be behind that of the instance that made it (TIME-1).
            sign_from: if place == 0 {
                Timestamp::MIN_UTC
            } else {
                stored.signs_from
            },
            sign_until,
            verify_until,
        });
    }
    app.keys.replace(ring);
    Ok(())
}

/// The keys that can be opened, in their order, and the number of the last one, which may be none of them: one that
/// was sealed with a master secret that is gone neither signs nor verifies, and counts for nothing else.
async fn load(
    app: &App,
    algorithm: JwtAlgorithm,
    now: Timestamp,
) -> Result<(Vec<(StoredKey, SigningKey)>, i64)> {
    let stored = app.store.signing_keys().list(name(algorithm), now).await?;
    let last = stored.last().map_or(0, |key| key.number);
    let mut keys = Vec::new();
    for stored in stored {
        if let Some(key) = open(app, algorithm, &stored)? {
            keys.push((stored, key));
        }
    }
    if keys.is_empty() && last > 0 {
        tracing::error!(
            "no signing key can be opened, a new one is made: is JWT_SECRET another one than before?"
        );
    }
    Ok((keys, last))
}

/// Longer than any process runs.
const FOREVER_DAYS: i64 = 3650;

fn name(algorithm: JwtAlgorithm) -> &'static str {
    match algorithm {
        JwtAlgorithm::ES256 => "ES256",
        JwtAlgorithm::EdDSA => "EdDSA",
        JwtAlgorithm::RS256 => "RS256",
        JwtAlgorithm::HS256 => "HS256",
    }
}

/// When the key begins that is to be made now, if one is.
fn missing(
    keys: &[(StoredKey, SigningKey)],
    rotation_days: i64,
    publish_hours: i64,
    now: Timestamp,
) -> Option<Timestamp> {
    let Some((last, _)) = keys.last() else {
        return Some(now);
    };
    let end = last.signs_from + Duration::days(rotation_days);
    let publish = Duration::hours(publish_hours);
    // A service that was down for long publishes first all the same: the old key signs a little longer.
    (end - publish <= now).then(|| end.max(now + publish))
}

fn make(
    app: &App,
    algorithm: JwtAlgorithm,
    number: i64,
    signs_from: Timestamp,
    now: Timestamp,
) -> Result<StoredKey> {
    let key = SigningKey::generate(algorithm).map_err(Error::internal)?;
    let private = key
        .private_bytes()
        .ok_or_else(|| Error::internal("a key without private part"))?;
    let sealed = app
        .master
        .seal(
            Purpose::KeyEncryption,
            key.kid().as_bytes(),
            &private,
            &app.rng,
        )
        .map_err(Error::internal)?;
    tracing::info!(
        kid = key.kid(),
        algorithm = name(algorithm),
        "a signing key was made"
    );
    Ok(StoredKey {
        id: format!("{}-{number}", name(algorithm)),
        kid: key.kid().to_owned(),
        algorithm: name(algorithm).to_owned(),
        number,
        sealed,
        created_at: now,
        signs_from,
        expires_at: None,
    })
}

/// None: it was sealed with a master secret that is gone.
fn open(app: &App, algorithm: JwtAlgorithm, stored: &StoredKey) -> Result<Option<SigningKey>> {
    match app.master.open(
        Purpose::KeyEncryption,
        stored.kid.as_bytes(),
        &stored.sealed,
    ) {
        Ok(private) => SigningKey::from_private_bytes(algorithm, &private)
            .map(Some)
            .map_err(Error::internal),
        Err(fault) => {
            tracing::debug!(kid = stored.kid, %fault, "a signing key cannot be opened");
            Ok(None)
        }
    }
}
