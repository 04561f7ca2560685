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
    let mut keys = app.store.signing_keys().list(name(algorithm), now).await?;
    let next = match keys.last() {
        Some(last) if open(app, algorithm, last)?.is_none() => Some((last.number + 1, now)),
        _ => missing(&keys, config.rotation_days, config.publish_hours, now),
    };
    if let Some((number, signs_from)) = next {
        app.store
            .signing_keys()
            .insert(&make(app, algorithm, number, signs_from, now)?)
            .await?;
        keys = app.store.signing_keys().list(name(algorithm), now).await?;
    }
    let mut ring = Vec::new();
    for (place, stored) in keys.iter().enumerate() {
        let Some(key) = open(app, algorithm, stored)? else {
            continue;
        };
        let successor = keys.get(place + 1).map(|next| next.signs_from);
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
        // With no key before it there is nothing to wait for: the instance that made it may be ahead (TIME-1).
        let sign_from = if ring.is_empty() {
            Timestamp::MIN_UTC
        } else {
            stored.signs_from
        };
        ring.push(RingKey {
            key,
            sign_from,
            sign_until,
            verify_until,
        });
    }
    app.keys.replace(ring);
    Ok(())
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

/// Number and beginning of the key that is to be made now, if one is.
fn missing(
    keys: &[StoredKey],
    rotation_days: i64,
    publish_hours: i64,
    now: Timestamp,
) -> Option<(i64, Timestamp)> {
    let Some(last) = keys.last() else {
        return Some((1, now));
    };
    let end = last.signs_from + Duration::days(rotation_days);
    let publish_at = end - Duration::hours(publish_hours);
    // A service that was down for long publishes first all the same: the old key signs a little longer.
    (publish_at <= now).then(|| {
        (
            last.number + 1,
            end.max(now + Duration::hours(publish_hours)),
        )
    })
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

/// None: it was sealed with a master secret that is gone; its tokens fail, and a new key takes its place.
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
            tracing::error!(kid = stored.kid, %fault, "a signing key cannot be opened: is JWT_SECRET another one than before?");
            Ok(None)
        }
    }
}
