//! Checking a code: the try is counted, then compared (OTP-3, OTP-4, OTP-10, OTP-11).

use crate::{
    accounts::rules::identifier::email_key,
    actions,
    app::App,
    codes::{
        DAY, code_of,
        documents::{OtpChallenge, OtpPurpose},
        rules::OtpCode,
        store::Spend,
    },
    mails::letters,
    throttle,
};
use crypto::verify_equal;
use kernel::{clock::Timestamp, error::Result, ids::UserId, request::Origin};
use platform::audit::{self, Event};

/// The challenges that a code is compared with. Each of them counts the try.
#[derive(Debug, Clone, Copy)]
pub enum Against<'a> {
    /// The code of one registration or account, by the challenge's `_id`. The challenge need not exist.
    One(&'a str),
    /// Every code of the address.
    AllOfAddress,
}

/// A counter of one day's wrong tries, and its limit.
#[derive(Debug)]
pub struct DayCounter {
    key: String,
    limit: u32,
}

impl DayCounter {
    /// The counter of one subject: an address, or a registration whose token was sent (OTP-4).
    #[must_use]
    pub fn of_subject(app: &App, purpose: OtpPurpose, subject: &str) -> Self {
        Self::new(app, purpose, subject, app.settings.otp.max_failures_per_day)
    }

    /// The counter of all registrations of an address whose tokens were sent (OTP-11). Unknown tokens are counted
    /// separately, so they do not use up the tries of the others, and they cost the same time.
    #[must_use]
    pub fn of_tokens(app: &App, email: &str, is_known: bool) -> Self {
        let kind = if is_known { "tokens" } else { "no-tokens" };
        let limit = app.settings.otp.max_token_failures_per_day;
        Self::new(
            app,
            OtpPurpose::Verification,
            &format!("{kind}:{email}"),
            limit,
        )
    }

    fn new(app: &App, purpose: OtpPurpose, counted_on: &str, limit: u32) -> Self {
        let counted_on = throttle::pseudonymize(app, counted_on);
        let key = format!("wrong-codes:{}:{counted_on}", purpose.name());
        Self { key, limit }
    }
}

/// A typed code, and the challenges that it may belong to.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The purpose of the code.
    pub purpose: OtpPurpose,
    /// The code; `None` if the text cannot be a code.
    pub code: Option<&'a OtpCode>,
    /// The challenges that it is compared with.
    pub against: Against<'a>,
    /// Where a wrong code is counted for a day.
    pub counters: &'a [DayCounter],
    /// The address that the code was mailed to. Its owner is notified when the day's tries are used up.
    pub email: &'a str,
    /// The account or registration, if it is known before the comparison.
    pub subject: Option<&'a UserId>,
}

/// A code that was right.
#[derive(Debug)]
pub struct RightCode {
    /// Its challenge. It is not consumed yet, or was consumed a while ago.
    pub challenge: OtpChallenge,
    attempt_id: String,
}

/// Compares a code with each of the challenges:
///
/// 1. A text that cannot be a code ends here and uses up no try (OTP-10).
/// 2. The day's counters count the try in advance (OTP-4, OTP-11).
/// 3. Each challenge spends a try *before* the comparison, which takes constant time (OTP-3).
/// 4. If the code is right, the day's counters are given back.
///
/// The challenge is not consumed yet. `None` if the code is wrong, expired, used up or unknown: the caller cannot tell
/// these cases apart (ENUM-4), also not by the number of round trips (ENUM-8).
pub async fn check(app: &App, origin: &Origin, attempt: Attempt<'_>) -> Result<Option<RightCode>> {
    let now = origin.now;
    let Some(code) = attempt.code else {
        record_wrong(app, origin, &attempt, None).await;
        return Ok(None);
    };
    let mut is_open = true;
    for DayCounter { key, limit } in attempt.counters {
        let counted = app.store.throttles().count(key, DAY, now).await?.count;
        is_open &= counted <= i64::from(*limit);
    }
    if !is_open {
        record_exhausted(app, origin, &attempt).await?;
        return Ok(None);
    }
    let attempt_id = app.rng.uuid().to_string();
    let spent = spend(app, &attempt, &attempt_id, now).await;
    let right = spent.as_ref().ok();
    let right = right
        .and_then(|spent| find_right(app, spent, code))
        .cloned();
    if right.is_some() || spent.is_err() {
        for counter in attempt.counters {
            app.store.throttles().give_back(&counter.key, now).await?;
        }
    }
    let spent = spent?;
    if right.is_none() {
        let subject = spent.first().map(|challenge| &challenge.subject);
        record_wrong(app, origin, &attempt, subject).await;
    }
    Ok(right.map(|challenge| RightCode {
        challenge,
        attempt_id,
    }))
}

/// Gives the try of a right code back.
pub async fn return_attempt(app: &App, right: &RightCode) -> Result<()> {
    let challenges = app.store.challenges();
    let RightCode {
        challenge,
        attempt_id,
    } = right;
    Ok(challenges.return_attempt(challenge, attempt_id).await?)
}

/// The challenges on which a try was spent.
async fn spend(
    app: &App,
    attempt: &Attempt<'_>,
    attempt_id: &str,
    now: Timestamp,
) -> Result<Vec<OtpChallenge>> {
    let challenges = app.store.challenges();
    let one_try = Spend {
        id: attempt_id,
        most: app.settings.otp.max_attempts,
        now,
    };
    let purpose = attempt.purpose;
    Ok(match attempt.against {
        Against::One(id) => {
            let spent = challenges.spend_attempt(id, purpose, &one_try).await?;
            spent.into_iter().collect()
        }
        Against::AllOfAddress => {
            challenges
                .spend_attempts_of(attempt.email, purpose, &one_try)
                .await?
        }
    })
}

/// Compares with all challenges, even after one has matched.
fn find_right<'a>(
    app: &App,
    spent: &'a [OtpChallenge],
    typed: &OtpCode,
) -> Option<&'a OtpChallenge> {
    let is_right = |challenge: &OtpChallenge| {
        code_of(app, challenge)
            .is_some_and(|right| verify_equal(right.expose().as_bytes(), typed.as_bytes()))
    };
    let mut found = None;
    for challenge in spent {
        if is_right(challenge) && found.is_none() {
            found = Some(challenge);
        }
    }
    found
}

async fn record_wrong(app: &App, origin: &Origin, attempt: &Attempt<'_>, subject: Option<&UserId>) {
    let event = Event::refused(subject.or(attempt.subject), actions::CODE_FAILED);
    audit::record_refusal(app, origin, event.noting(attempt.purpose.name())).await;
}

/// Writes an audit event once a day. The mail worker finds out whether an owner is to be notified (ENUM-8).
async fn record_exhausted(app: &App, origin: &Origin, attempt: &Attempt<'_>) -> Result<()> {
    let purpose = attempt.purpose;
    let counted_on = attempt.subject.map_or(attempt.email, UserId::as_str);
    let key = format!(
        "codes-blocked:trail:{}:{}",
        purpose.name(),
        throttle::pseudonymize(app, counted_on)
    );
    let counted = app.store.throttles().count(&key, DAY, origin.now).await?;
    if counted.count == 1 {
        let challenges = app.store.challenges();
        let known = challenges.find_of_address(attempt.email, purpose).await?;
        let subject = attempt
            .subject
            .or(known.as_ref().map(|known| &known.subject));
        let event = Event::refused(subject, actions::CODE_EXHAUSTED);
        audit::record_refusal(app, origin, event.noting(purpose.name())).await;
    }
    letters::enqueue_codes_used_up(app, origin.into(), attempt.email, purpose).await
}

/// Whether the owner of an address is to be notified that its codes are used up: once a day, and only if there is an
/// owner. A stranger may use the codes up before the owner has registered.
pub(crate) async fn should_notify_owner(
    app: &App,
    email: &str,
    purpose: OtpPurpose,
    now: Timestamp,
) -> Result<bool> {
    let is_owned = match purpose {
        OtpPurpose::Verification => {
            let registrations = app.store.pending();
            !registrations
                .list_live_by_email(email, now)
                .await?
                .is_empty()
        }
        OtpPurpose::PasswordReset => {
            let identifiers = app.store.identifiers();
            identifiers.is_active(&email_key(email)).await?
        }
    };
    if !is_owned {
        return Ok(false);
    }
    let (purpose, address) = (purpose.name(), throttle::pseudonymize(app, email));
    let key = format!("codes-blocked:owner:{purpose}:{address}");
    Ok(app.store.throttles().count(&key, DAY, now).await?.count == 1)
}
