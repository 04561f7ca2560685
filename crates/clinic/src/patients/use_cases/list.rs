//! The list of patients: a doctor's own, or the clinic's.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
};

use super::{
    read::{Seen, clinical, widest_part},
    search,
};
use crate::{
    access::{ListScope, Part, Whose},
    actions,
    app::App,
    errors,
    listing::{EXACT_UP_TO, Listing},
    patients::{
        care::CareKind,
        clinical::Clinical,
        record::{CareRelation, PatientRecord},
        search::Query,
        store,
        who::Who,
    },
    records,
};

/// What the caller asks for.
pub struct Wanted {
    /// The page.
    pub listing: Listing,
    /// Only these patients, and how many characters were typed.
    pub search: Option<(Query, usize)>,
    /// Only the patients of this doctor.
    pub doctor_id: Option<UserId>,
}

/// A page of the list.
pub struct Page {
    /// The rows, newest first.
    pub rows: Vec<Seen>,
    /// How many rows the whole list has, up to one more than an exact total.
    pub total: u64,
    /// The key of the last row, if there are more rows.
    pub next: Option<String>,
}

/// A row before its patient is read.
pub(super) struct Place {
    pub(super) patient_id: UserId,
    /// The record, if the row of the list is the record itself.
    pub(super) record: Option<PatientRecord>,
    pub(super) key: String,
    pub(super) relationship: Option<CareKind>,
}

/// Whose patients are listed: those of one doctor, or `None` for those of the clinic.
///
/// # Errors
/// `ACCESS_DENIED` if a doctor asks for another doctor's patients.
pub(super) fn doctor_of(scope: &ListScope, wanted: Option<UserId>) -> Result<Option<UserId>> {
    match scope.whose() {
        Whose::Doctor(own) => match wanted {
            Some(other) if other != *own => Err(errors::ACCESS_DENIED.into()),
            _ => Ok(Some(own.clone())),
        },
        Whose::Clinic => Ok(wanted),
        Whose::Patient(_) => Err(errors::ACCESS_DENIED.into()),
    }
}

/// `GET /patients/list`.
///
/// 1. Count the call. 2. Decide whose rows the caller sees. 3. Read the rows and their number. 4. Read the patients of the
///    rows, side by side (PAT-2). 5. Record the page (AUDX-2).
///
/// # Errors
/// `ACCESS_DENIED` or `CREDENTIAL_REQUIRED`.
pub async fn list(app: &App, origin: &Origin, caller: &Principal, wanted: Wanted) -> Result<Page> {
    records::limit_reads(app, caller)?;
    let part = widest_part(caller);
    let scope = records::allow_list(app, caller, part).await?;
    let doctor = doctor_of(&scope, wanted.doctor_id)?;
    let listing = &wanted.listing;
    let (mut places, total) = match &wanted.search {
        Some((query, _)) => {
            let among = search::Among {
                doctor: doctor.as_ref(),
                now: origin.now,
            };
            found(app, &among, query, listing).await?
        }
        None => all(app, &scope, doctor.as_ref(), origin.now, listing).await?,
    };
    let size = usize::try_from(listing.limit).unwrap_or(usize::MAX);
    let has_more = places.len() > size;
    places.truncate(size);
    // Rows may have come or gone between the two queries; a page that has the whole list counts itself.
    let total = match listing {
        Listing {
            offset: 0,
            after: None,
            ..
        } if !has_more => u64::try_from(places.len()).unwrap_or(u64::MAX),
        _ => total,
    };
    let next = places.last().filter(|_| has_more);
    let next = next.map(|place| place.key.clone());
    let rows = rows(app, places, part, origin.now).await?;
    let shown: Vec<UserId> = rows
        .iter()
        .map(|row| row.record.patient_id.clone())
        .collect();
    let detail = wanted.search.as_ref();
    let detail = detail.map(|(query, length)| search::detail(query, *length));
    let action = match detail {
        Some(_) => actions::RECORD_SEARCH,
        None => actions::RECORD_READ,
    };
    let access = (part, scope.basis());
    let done = (action, detail.as_deref());
    records::note_many(app, origin, caller, access, &shown, done).await?;
    Ok(Page { rows, total, next })
}

/// One row more than the page has, and the number of all.
async fn all(
    app: &App,
    scope: &ListScope,
    doctor: Option<&UserId>,
    now: Timestamp,
    listing: &Listing,
) -> Result<(Vec<Place>, u64)> {
    let part = store::Part {
        after: listing.after.as_deref(),
        offset: listing.offset,
        wanted: listing.wanted(),
    };
    if let Some(doctor) = doctor {
        let rows = app.store.relations();
        let read = rows.list(scope, doctor, now, part);
        let (read, total) = futures_util::try_join!(read, rows.count(scope, doctor, now))?;
        return Ok((read.into_iter().map(Place::from).collect(), total));
    }
    let rows = app.store.patients();
    let (read, total) = futures_util::try_join!(rows.list(scope, part), rows.count(scope))?;
    Ok((read.into_iter().map(Place::from).collect(), total))
}

impl From<CareRelation> for Place {
    fn from(relation: CareRelation) -> Self {
        Self {
            patient_id: relation.patient_id,
            record: None,
            key: relation.by_doctor,
            relationship: Some(relation.kind),
        }
    }
}

impl From<PatientRecord> for Place {
    fn from(record: PatientRecord) -> Self {
        Self {
            patient_id: record.patient_id.clone(),
            key: record.by_clinic.clone(),
            record: Some(record),
            relationship: None,
        }
    }
}

/// The same among those whom a text finds. The order stays that of the list, so that pages do not drift (E4).
async fn found(
    app: &App,
    among: &search::Among<'_>,
    query: &Query,
    listing: &Listing,
) -> Result<(Vec<Place>, u64)> {
    let found = search::hits(app, among, query, false).await?;
    let mut places: Vec<Place> = found.hits.into_iter().map(|it| it.1.place).collect();
    places.sort_by(|one, other| other.key.cmp(&one.key));
    let total = match u64::try_from(places.len()).unwrap_or(u64::MAX) {
        _ if found.is_cut => EXACT_UP_TO + 1,
        total => total,
    };
    let after = listing.after.as_deref();
    let places = places.into_iter();
    let places = places.filter(|place| after.is_none_or(|after| place.key.as_str() < after));
    let offset = usize::try_from(listing.offset).unwrap_or(usize::MAX);
    let wanted = usize::try_from(listing.wanted()).unwrap_or(usize::MAX);
    Ok((places.skip(offset).take(wanted).collect(), total))
}

/// The patients of the rows. A row whose record is gone is left out.
async fn rows(app: &App, mut places: Vec<Place>, part: Part, now: Timestamp) -> Result<Vec<Seen>> {
    let known = places.iter_mut();
    let known: HashMap<_, _> = known
        .map(|place| (place.patient_id.clone(), place.record.take()))
        .collect();
    let patients = records::load_rows(app, known);
    let next = places.iter().map(|place| async {
        let next = app.store.next_appointment(&place.patient_id, now).await?;
        Ok::<_, Error>(next)
    });
    let (mut patients, next): (HashMap<UserId, (PatientRecord, Who)>, _) =
        futures_util::try_join!(patients, try_join_all(next))?;
    let mut rows = Vec::with_capacity(places.len());
    for (place, next_appointment) in places.iter().zip(next) {
        let Some((record, who)) = patients.remove(&place.patient_id) else {
            continue;
        };
        let clinical: Option<Clinical> = match part {
            Part::Clinical => Some(clinical(app, &record)?),
            _ => None,
        };
        rows.push(Seen {
            record,
            who,
            clinical,
            relationship: place.relationship,
            next_appointment,
        });
    }
    Ok(rows)
}
