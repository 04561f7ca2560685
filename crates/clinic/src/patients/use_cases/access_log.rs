//! Who looked at a patient's record: read by the patient, and by an administrator (AUDX-4).

use std::collections::HashMap;

use futures_util::future::try_join_all;
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
};
use platform::audit::record::AccessEntry;

use crate::{
    access::{Action, CLINIC, Part},
    actions,
    app::App,
    listing::Listing,
    records,
};

/// Which accesses, and which page of them.
pub struct Wanted {
    /// From when.
    pub from: Option<Timestamp>,
    /// Before when.
    pub to: Option<Timestamp>,
    /// The page.
    pub listing: Listing,
}

/// One access.
pub struct Entry {
    /// The record of the audit trail.
    pub entry: AccessEntry,
    /// The name of the person; `None` if the account is gone, or the service did it.
    pub name: Option<String>,
    /// The role of the person.
    pub role: Option<Role>,
}

/// A page of the log.
pub struct Page {
    /// The accesses, newest first.
    pub entries: Vec<Entry>,
    /// How many there are.
    pub total: u64,
    /// The key of the last one, if there are more.
    pub next: Option<String>,
}

/// `GET /patients/{id}/access-log`.
///
/// 1. Decide. 2. Read the accesses and the names of the page. 3. Record that they were read.
///
/// # Errors
/// `RECORD_NOT_FOUND` or `ACCESS_DENIED`.
pub async fn read(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
    wanted: &Wanted,
) -> Result<Page> {
    let (part, action) = (Part::AccessLog, Action::Read);
    let allowed = records::allow(app, origin, caller, patient_id, part, action).await?;
    let trail = app.platform.store.audit_log();
    let all = trail.accesses(patient_id, wanted.from, wanted.to).await?;
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let key = |entry: &AccessEntry| format!("{CLINIC}/{patient_id}/{}", entry.id);
    let after = wanted.listing.after.as_deref();
    let offset = usize::try_from(wanted.listing.offset).unwrap_or(usize::MAX);
    let size = usize::try_from(wanted.listing.limit).unwrap_or(usize::MAX);
    let rest = all.into_iter();
    let rest = rest.filter(|entry| after.is_none_or(|after| key(entry).as_str() < after));
    let mut page: Vec<AccessEntry> = rest.skip(offset).take(size + 1).collect();
    let has_more = page.len() > size;
    page.truncate(size);
    let next = page.last().filter(|_| has_more).map(key);
    let entries = named(app, page).await?;
    records::note(app, origin, caller, &allowed, actions::RECORD_READ, None).await?;
    Ok(Page {
        entries,
        total,
        next,
    })
}

async fn named(app: &App, page: Vec<AccessEntry>) -> Result<Vec<Entry>> {
    let mut actors: Vec<&String> = page.iter().filter_map(|it| it.actor.as_ref()).collect();
    actors.sort_unstable();
    actors.dedup();
    let names = actors.into_iter().map(|actor| async move {
        let name = app.people.name(&UserId::from_stored(actor.clone())).await?;
        Ok::<_, Error>((actor.clone(), name))
    });
    let names: HashMap<String, Option<String>> = try_join_all(names).await?.into_iter().collect();
    let entry = |entry: AccessEntry| Entry {
        name: entry.actor.as_ref().and_then(|id| names.get(id).cloned()?),
        role: entry
            .actor
            .as_ref()
            .and_then(|id| UserId::from_stored(id.clone()).role_hint()),
        entry,
    };
    Ok(page.into_iter().map(entry).collect())
}
