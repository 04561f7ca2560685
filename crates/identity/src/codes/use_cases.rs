//! One-time codes: the mail worker issues them, verify and reset check them. Nothing that is stored reveals a code
//! (OTP-2).

pub mod check;

use chrono::Duration;
use uuid::Uuid;

use crate::{
    app::App,
    codes::documents::{OtpChallenge, OtpPurpose, challenge_id},
    throttle,
};
use crypto::{codes, verify_equal};
use kernel::{clock::Timestamp, error::Result, ids::UserId, sealed::KeyId, secret::Secret};

const HOUR: u32 = 3600;
pub(crate) const DAY: u32 = 86_400;

/// How long a challenge is valid.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// The code's lifetime; zero if there is only a link.
    pub code: Duration,
    /// The link's lifetime; zero if there is no link.
    pub link: Duration,
}

/// The registration or account that a code is issued for.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// A registration or an account.
    pub subject: &'a UserId,
    /// Its address.
    pub email: &'a str,
    /// The digest of the registration's token.
    pub registration_digest: Option<&'a str>,
}

impl<'a> Recipient<'a> {
    /// An account.
    pub const fn account(subject: &'a UserId, email: &'a str) -> Self {
        Self {
            subject,
            email,
            registration_digest: None,
        }
    }
}

/// Issues a code that replaces the subject's older one (OTP-6), within the limits of its address (OTP-7). `None` inside
/// the cooldown, if there were too many codes, or if the older code was used and its account is being made.
pub async fn issue(
    app: &App,
    now: Timestamp,
    purpose: OtpPurpose,
    recipient: Recipient<'_>,
    lifetimes: Lifetimes,
    cooldown: Duration,
) -> Result<Option<OtpChallenge>> {
    let Recipient {
        subject,
        email,
        registration_digest,
    } = recipient;
    let challenge = OtpChallenge {
        id: challenge_id(purpose, subject),
        email: email.to_owned(),
        purpose,
        subject: subject.clone(),
        otp_id: Uuid::from_bytes(codes::new_otp_id(&app.rng))
            .simple()
            .to_string(),
        key_id: app.master.current_id().to_string(),
        registration_digest: registration_digest.map(str::to_owned),
        attempts: 0,
        used_at: None,
        by_token: false,
        is_done: false,
        code_expires_at: now + lifetimes.code,
        link_expires_at: Some(now + lifetimes.link),
        expires_at: now + lifetimes.code.max(lifetimes.link),
        created_at: now,
    };
    let throttles = app.store.throttles();
    let windows = windows(app, purpose, email);
    // Counted before issuing, so two workers cannot both issue the last one.
    let mut allowed = true;
    for (key, length, limit) in &windows {
        allowed &= throttles.count(key, *length, now).await?.count <= *limit;
    }
    // Without a cooldown, the clock of the instance that issued the older code does not matter (TIME-1).
    let not_since = (cooldown > Duration::zero()).then(|| now - cooldown);
    let issued = allowed && app.store.challenges().issue(&challenge, not_since).await?;
    if !issued {
        for (key, _, _) in &windows {
            throttles.give_back(key, now).await?;
        }
    }
    Ok(issued.then_some(challenge))
}

/// The windows in which the codes of an address are counted: key, length in seconds, limit.
fn windows(app: &App, purpose: OtpPurpose, email: &str) -> [(String, u32, i64); 2] {
    let config = &app.settings.otp;
    let address = throttle::pseudonymize(app, email);
    [
        ("hour", HOUR, config.max_per_hour),
        ("day", DAY, config.max_per_day),
    ]
    .map(|(name, length, limit)| {
        let key = format!("codes:{name}:{}:{address}", purpose.name());
        (key, length, i64::from(limit))
    })
}

/// Resets the count of codes of an address: strangers who ask in its name must not use up the codes that its owner
/// needs.
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

/// The challenge's code; `None` if the master secret that it was derived from is not set any more.
pub fn code_of(app: &App, challenge: &OtpChallenge) -> Option<Secret> {
    let (key_id, otp_id) = parts(challenge)?;
    codes::otp_code(
        &app.master,
        &key_id,
        challenge.purpose.name(),
        &otp_id,
        challenge.subject.as_str(),
        app.settings.otp.length,
    )
}

/// The token of the challenge's link.
pub fn link_token_of(app: &App, challenge: &OtpChallenge) -> Option<Secret> {
    let (key_id, otp_id) = parts(challenge)?;
    codes::reset_link_token(&app.master, &key_id, &otp_id, challenge.subject.as_str())
}

/// The challenge of a reset link's token, if the token is the mailed one and is still valid (RST-1).
pub async fn check_link(app: &App, now: Timestamp, token: &str) -> Result<Option<OtpChallenge>> {
    let Some((subject, shown)) = codes::parse_link_token(token) else {
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
