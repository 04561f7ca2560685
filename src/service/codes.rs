//! One-time codes: issued by the mail worker, checked by verify and reset. Nothing that is stored reveals one (OTP-2).

use chrono::Duration;
use uuid::Uuid;

use super::{
    audit::{self, Event},
    outbox, throttle,
};
use crate::{
    app::App,
    clock::Timestamp,
    config::Secret,
    crypto::{codes, verify_equal},
    domain::{
        audit::Action,
        code::OtpCode,
        ids::UserId,
        otp::{OtpChallenge, OtpPurpose, challenge_id, subject_of},
        outbox::Intent,
        request::Origin,
        sealed::KeyId,
    },
    error::{Error, Result},
};

const HOUR: u32 = 3600;
const DAY: u32 = 86_400;

/// How long a challenge lives.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// The code; zero: there is only a link.
    pub code: Duration,
    /// The link beside it; zero: there is none.
    pub link: Duration,
}

/// Issues a code in the place of the subject's older one (OTP-6), within the limits of its address (OTP-7).
/// None: inside the cooldown, or too many.
///
/// # Errors
/// The database does not answer.
pub async fn issue(
    app: &App,
    now: Timestamp,
    purpose: OtpPurpose,
    (subject, email): (&UserId, &str),
    lifetimes: Lifetimes,
    cooldown: Duration,
) -> Result<Option<OtpChallenge>> {
    let challenge = OtpChallenge {
        id: challenge_id(purpose, subject),
        email: email.to_owned(),
        purpose,
        subject: subject.clone(),
        otp_id: Uuid::from_bytes(codes::new_otp_id(&app.rng))
            .simple()
            .to_string(),
        key_id: app.master.current_id().to_string(),
        attempts: 0,
        used_at: None,
        code_expires_at: now + lifetimes.code,
        link_expires_at: Some(now + lifetimes.link),
        expires_at: now + lifetimes.code.max(lifetimes.link),
        created_at: now,
    };
    let throttles = app.store.throttles();
    let windows = windows(app, purpose, email);
    // Taken in advance, so that two workers cannot both issue the last one.
    let mut allowed = true;
    for (key, length, limit) in &windows {
        allowed &= throttles.count(key, *length, now).await?.count <= *limit;
    }
    let issued = allowed
        && app
            .store
            .challenges()
            .issue(&challenge, now - cooldown)
            .await?;
    if !issued {
        for (key, _, _) in &windows {
            throttles.give_back(key, now).await?;
        }
    }
    Ok(issued.then_some(challenge))
}

/// The windows that the codes of an address are counted in: key, length in seconds, limit.
fn windows(app: &App, purpose: OtpPurpose, email: &str) -> [(String, u32, i64); 2] {
    let config = &app.settings.config.otp;
    let address = throttle::blind(app, email);
    [
        ("hour", HOUR, config.max_per_hour),
        ("day", DAY, config.max_per_day),
    ]
    .map(|(name, length, limit)| {
        let key = format!("codes:{name}:{}:{address}", purpose.name());
        (key, length, i64::from(limit))
    })
}

/// Forgets how many codes an address had: strangers who ask in its name must not use up what somebody with the right to
/// it asks for.
///
/// # Errors
/// The database does not answer.
pub async fn forget_counts(app: &App, purpose: OtpPurpose, email: &str) -> Result<()> {
    for (key, _, _) in windows(app, purpose, email) {
        app.store.throttles().forget(&key).await?;
    }
    Ok(())
}

fn parts(challenge: &OtpChallenge) -> Option<(KeyId, codes::OtpId)> {
    let otp_id = Uuid::try_parse(&challenge.otp_id).ok()?;
    Some((KeyId::new(&challenge.key_id), *otp_id.as_bytes()))
}

/// The challenge's code; none when the master secret that it was derived with is gone.
#[must_use]
pub fn code_of(app: &App, challenge: &OtpChallenge) -> Option<Secret> {
    let (key_id, otp_id) = parts(challenge)?;
    codes::otp_code(
        &app.master,
        &key_id,
        challenge.purpose.name(),
        &otp_id,
        challenge.subject.as_str(),
        app.settings.config.otp.length,
    )
}

/// The token of the challenge's link.
#[must_use]
pub fn link_token_of(app: &App, challenge: &OtpChallenge) -> Option<Secret> {
    let (key_id, otp_id) = parts(challenge)?;
    codes::reset_link_token(&app.master, &key_id, &otp_id, challenge.subject.as_str())
}

/// Whose reset a link's token speaks of, if it is the one that was mailed and still holds (RST-1).
///
/// # Errors
/// The database does not answer.
pub async fn check_link(app: &App, now: Timestamp, token: &str) -> Result<Option<OtpChallenge>> {
    let Some((subject, shown)) = codes::parse_reset_link_token(token) else {
        return Ok(None);
    };
    let id = challenge_id(OtpPurpose::PasswordReset, &UserId::from_stored(subject));
    let challenge = app.store.challenges().find(&id).await?;
    Ok(challenge.filter(|challenge| {
        let mac = parts(challenge).and_then(|(key_id, otp_id)| {
            codes::reset_link_mac(&app.master, &key_id, &otp_id, challenge.subject.as_str())
        });
        let genuine = mac.is_some_and(|mac| verify_equal(&mac, &shown));
        genuine && challenge.used_at.is_none() && challenge.link_expires_at() > now
    }))
}

/// A code that was typed in, and where it may belong.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// What it is for.
    pub purpose: OtpPurpose,
    /// The code; none when what was typed cannot be one.
    pub code: Option<&'a OtpCode>,
    /// The challenges that it is compared with, and counted on.
    pub challenges: &'a [String],
    /// Whose wrong tries are counted together for a day (OTP-4).
    pub subject: &'a str,
    /// Who is told when the day's tries are used up, if somebody registered with the address; none: nobody has it.
    pub owner: Option<&'a str>,
}

/// Compares a code with each of the challenges: 1 the day's count of the subject, taken in advance (OTP-4); 2 a try of
/// each challenge is spent *before* the comparison, in constant time (OTP-3); 3 right: the day's count is given back.
/// The challenge is not consumed yet. None: wrong, expired, used up or unknown, all alike (ENUM-4).
///
/// # Errors
/// The database does not answer.
pub async fn check(
    app: &App,
    origin: &Origin,
    attempt: Attempt<'_>,
) -> Result<Option<OtpChallenge>> {
    let now = origin.now;
    let config = &app.settings.config.otp;
    let day = format!(
        "wrong-codes:{}:{}",
        attempt.purpose.name(),
        throttle::blind(app, attempt.subject)
    );
    let counted = app.store.throttles().count(&day, DAY, now).await?.count;
    if counted > i64::from(config.max_failures_per_day) {
        exhausted(app, origin, &attempt).await?;
        return Ok(None);
    }
    let found = compare(app, &attempt, now).await;
    if !matches!(found, Ok(None)) {
        app.store.throttles().give_back(&day, now).await?;
    }
    let found = found?;
    if found.is_none() {
        let subject = attempt.challenges.first().and_then(|id| subject_of(id));
        let event = Event::refused(subject.as_ref(), Action::CodeFailed);
        let event = event.noting(attempt.purpose.name());
        audit::record_refusal(app, origin, event).await;
    }
    Ok(found)
}

async fn compare(app: &App, attempt: &Attempt<'_>, now: Timestamp) -> Result<Option<OtpChallenge>> {
    let mut found = None;
    let most = app.settings.config.otp.max_attempts;
    for id in attempt.challenges {
        let challenges = app.store.challenges();
        let Some(challenge) = challenges.spend_attempt(id, most, now).await? else {
            continue;
        };
        let right = code_of(app, &challenge)
            .zip(attempt.code)
            .is_some_and(|(right, typed)| {
                verify_equal(right.expose().as_bytes(), typed.as_bytes())
            });
        if right && found.is_none() {
            found = Some(challenge);
        }
    }
    Ok(found)
}

/// The trail is told once a day, and so is the owner: as soon as there is one, since a stranger may use up the tries of
/// an address before anybody registers with it.
async fn exhausted(app: &App, origin: &Origin, attempt: &Attempt<'_>) -> Result<()> {
    let address = throttle::blind(app, attempt.subject);
    let purpose = attempt.purpose.name();
    let first = async |told: &str| {
        let key = format!("codes-blocked:{told}:{purpose}:{address}");
        let counted = app.store.throttles().count(&key, DAY, origin.now).await?;
        Ok::<_, Error>(counted.count == 1)
    };
    if first("trail").await? {
        let subject = attempt.challenges.first().and_then(|id| subject_of(id));
        let event = Event::refused(subject.as_ref(), Action::CodeExhausted);
        audit::record_refusal(app, origin, event.noting(purpose)).await;
    }
    let Some(email) = attempt.owner else {
        return Ok(());
    };
    // Asked here alone, since tries with a token that is nobody's lead to no registration.
    let pending = app.store.pending();
    let is_known = attempt.purpose != OtpPurpose::Verification
        || !pending
            .list_live_by_email(email, origin.now)
            .await?
            .is_empty();
    if is_known && first("owner").await? {
        outbox::enqueue_notice(app, origin.into(), email, Intent::CodesBlocked).await?;
    }
    Ok(())
}
