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
    let mut opened = open_all(app, algorithm, now).await?;
    if let Some((number, signs_from)) = missing(app, &opened, now) {
        app.store
            .signing_keys()
            .insert(&make(app, algorithm, number, signs_from, now)?)
            .await?;
        opened = open_all(app, algorithm, now).await?;
    }
    let successors: Vec<_> = opened
        .keys
        .iter()
        .skip(1)
        .map(|(next, _)| next.signs_from)
        .collect();
    let mut ring = Vec::new();
    for (place, (stored, key)) in opened.keys.into_iter().enumerate() {
        let successor = successors.get(place).copied();
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
            key,
            sign_from: stored.signs_from,
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

/// The keys of an algorithm that are not over, in their order.
struct Opened {
    keys: Vec<(StoredKey, SigningKey)>,
    /// The number after that of the last key, opened or not.
    next_number: i64,
    /// A key that a master secret sealed which is not set, and why it stays closed.
    closed: Option<String>,
}

/// Reads and opens the keys. One that was sealed with a master secret that is gone is left out: its tokens fail, and it
/// is nobody's successor.
async fn open_all(app: &App, algorithm: JwtAlgorithm, now: Timestamp) -> Result<Opened> {
    let mut opened = Opened {
        keys: Vec::new(),
        next_number: 1,
        closed: None,
    };
    for stored in app.store.signing_keys().list(name(algorithm), now).await? {
        opened.next_number = stored.number + 1;
        let aad = stored.kid.as_bytes();
        match app.master.open(Purpose::KeyEncryption, aad, &stored.sealed) {
            Ok(private) => {
                let key = SigningKey::from_private_bytes(algorithm, &private);
                opened.keys.push((stored, key.map_err(Error::internal)?));
            }
            Err(fault) => opened.closed = Some(format!("{}: {fault}", stored.kid)),
        }
    }
    Ok(opened)
}

/// Number and beginning of the key that is to be made now, if one is: the first; one that signs at once where none can
/// be opened; the successor of one whose time ends; the successor of one that the previous master secret sealed, so
/// that this secret can be removed once the successor signs (KEY-2).
fn missing(app: &App, opened: &Opened, now: Timestamp) -> Option<(i64, Timestamp)> {
    let number = opened.next_number;
    let Some((last, _)) = opened.keys.last() else {
        if let Some(closed) = &opened.closed {
            tracing::error!(
                closed,
                "a signing key cannot be opened, a new one takes its place: is JWT_SECRET another one than before?"
            );
        }
        return Some((number, now));
    };
    let config = &app.settings.config.jwt;
    let end = last.signs_from + Duration::days(config.rotation_days);
    let published = now + Duration::hours(config.publish_hours);
    if last.sealed.key_id != *app.master.current_id() {
        return Some((number, published));
    }
    // A service that was down for long publishes first all the same: the old key signs a little longer.
    (end <= published).then(|| (number, end.max(published)))
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
