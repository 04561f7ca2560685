//! Calendar feeds: an address that shows one's own appointments to a calendar program (APT-18).

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crypto::sha256;
use kernel::{
    error::{Error, Result},
    helpers::hex,
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
    secret::Secret,
};
use platform::audit::{self, Access, Event};

use crate::{
    access::{Basis, Part},
    actions,
    app::App,
    appointments::{
        documents::{Appointment, FeedRow},
        feed::{Feed, FeedDetail, FeedEntry, FeedWindow},
        interval::Interval,
    },
    errors,
};

/// The appointments of a feed at most.
const MAX_ENTRIES: i64 = 2000;

/// Makes the caller's feed, and returns its address, which is shown once: the database keeps only a digest. The feed
/// from before ends.
///
/// # Errors
/// `ACCESS_DENIED` for those who have no appointments of their own.
pub async fn create(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    detail: FeedDetail,
) -> Result<Secret> {
    if !matches!(principal.role, Role::Patient | Role::Doctor) {
        return Err(errors::ACCESS_DENIED.into());
    }
    let event = Event::by(&principal.user_id, actions::CALENDAR_FEED);
    audit::record(app, origin, event.noting("create")).await?;
    let token = URL_SAFE_NO_PAD.encode(app.rng.bytes::<32>());
    let feed = FeedRow {
        digest: digest(&token),
        user_id: principal.user_id.clone(),
        detail,
        created_at: origin.now,
    };
    let feeds = app.store.calendar_feeds();
    feeds.replace(&principal.user_id, Some(&feed)).await?;
    let base = app.settings.public_base_url.trim_end_matches('/');
    Ok(Secret::new(format!("{base}/appointments/feed/{token}.ics")))
}

/// Ends the caller's feed. Without one, nothing happens.
pub async fn remove(app: &App, origin: &Origin, principal: &Principal) -> Result<()> {
    let event = Event::by(&principal.user_id, actions::CALENDAR_FEED);
    audit::record(app, origin, event.noting("remove")).await?;
    let feeds = app.store.calendar_feeds();
    Ok(feeds.replace(&principal.user_id, None).await?)
}

fn digest(token: &str) -> String {
    hex(&sha256(token.as_bytes()))
}

/// The feed of a token:
/// 1. the token, and whether its owner still has an account;
/// 2. the appointments of the window;
/// 3. the audit record.
///
/// # Errors
/// `RECORD_NOT_FOUND` for an unknown or ended token, `RATE_LIMIT`.
pub async fn read(app: &App, origin: &Origin, token: &str) -> Result<Feed> {
    let digest = digest(token);
    let key = format!("clinic:feed:{digest}");
    let counted = app
        .rate_limits
        .take(&key, app.settings.throttle.feed_per_token);
    counted.map_err(|wait| Error::rate_limit(wait.as_secs().max(1)))?;
    let row = app.store.calendar_feeds().find(&digest).await?;
    let row = row.ok_or(errors::RECORD_NOT_FOUND)?;
    let field = list_of(app, &row.user_id).await?;
    let settings = &app.settings.appointments;
    let window = FeedWindow {
        days_back: settings.feed_days_back,
        days_ahead: settings.feed_days_ahead,
    };
    let range = window.range(origin.now);
    let rows = app.store.appointments();
    let found = rows
        .of_person(field, &row.user_id, range, MAX_ENTRIES)
        .await?;
    let entries = entries(app, found, row.detail).await?;
    note(app, origin, &row.user_id).await?;
    Ok(Feed::new(&entries, row.detail, window, origin.now))
}

/// The field of the list of a person's own appointments, if he still may see them.
async fn list_of(app: &App, user: &UserId) -> Result<&'static str> {
    let (field, is_active) = match user.role_hint() {
        Some(Role::Patient) => ("by_patient", app.people.holder(user).await?.is_some()),
        Some(Role::Doctor) => {
            let doctor = app.people.doctor(user).await?;
            ("by_doctor", doctor.is_some_and(|doctor| doctor.is_approved))
        }
        _ => ("by_patient", false),
    };
    if is_active {
        Ok(field)
    } else {
        Err(errors::RECORD_NOT_FOUND.into())
    }
}

async fn entries(app: &App, found: Vec<Appointment>, detail: FeedDetail) -> Result<Vec<FeedEntry>> {
    let mut names: HashMap<UserId, Option<String>> = HashMap::new();
    let mut entries = Vec::with_capacity(found.len());
    for row in found {
        let doctor_name = match (&row.doctor_id, detail) {
            (Some(doctor), FeedDetail::Doctor) => {
                if !names.contains_key(doctor) {
                    names.insert(doctor.clone(), app.people.name(doctor).await?);
                }
                names.get(doctor).cloned().flatten()
            }
            _ => None,
        };
        let Ok(interval) = Interval::new(row.start, row.end) else {
            continue;
        };
        entries.push(FeedEntry {
            id: row.id,
            interval,
            status: row.status,
            version: u32::try_from(row.version).unwrap_or(u32::MAX),
            updated_at: row.updated_at,
            cancelled_at: row.cancelled_at,
            doctor_name,
        });
    }
    Ok(entries)
}

/// Records that the feed was read: for a patient the own times, for a doctor times without any patient.
async fn note(app: &App, origin: &Origin, user: &UserId) -> Result<()> {
    let own = [user.clone()];
    let is_patient = user.role_hint() == Some(Role::Patient);
    let access = Access {
        subjects: if is_patient { &own } else { &[] },
        part: Part::Appointments.name(),
        basis: Basis::Own.name(),
        purpose: "own",
    };
    let event = Event::by(user, actions::RECORD_READ).noting("feed");
    audit::record(app, origin, event.about(access)).await
}
