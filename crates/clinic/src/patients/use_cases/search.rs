//! The search for patients: token lookups, open, check, rank (PAT-6 to PAT-10).

use std::collections::HashSet;

use futures_util::future::try_join_all;
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
};

use super::list::{Place, doctor_of};
use crate::{
    access::Part,
    actions,
    app::App,
    patients::{
        record::PatientRecord,
        search::{Findable, Hit, Lookup, MatchKind, Query, best},
        who::Who,
    },
    records,
    sealing::{ClinicScope, Scope},
};

/// Candidates that one search opens at most.
const MAX_CANDIDATES: usize = 200;

/// What the caller asks for.
pub struct Wanted {
    /// The typed text, as what it looks for.
    pub query: Query,
    /// How many characters were typed; for the audit trail.
    pub length: usize,
    /// The number of patients.
    pub limit: usize,
    /// Whether sound-alikes are asked for.
    pub fuzzy: bool,
}

/// Among whom a search looks.
pub(super) struct Among<'a> {
    /// Only the patients of this doctor; `None` for those of the clinic.
    pub(super) doctor: Option<&'a UserId>,
    /// When.
    pub(super) now: Timestamp,
}

/// A patient who was found.
pub struct Found {
    pub(super) place: Place,
    /// The record.
    pub record: PatientRecord,
    /// Who the patient is.
    pub who: Who,
}

/// All patients whom a search found, in no order.
pub(super) struct Hits {
    pub(super) hits: Vec<(Hit, Found)>,
    /// Whether there were more candidates than are opened.
    pub(super) is_cut: bool,
}

/// What the audit trail says of a search: its kind and length, never its text (AUDX-6).
pub(super) fn detail(query: &Query, length: usize) -> String {
    format!("{}, {length} characters", query.kind())
}

/// `GET /patients/search`.
///
/// 1. Count the call. 2. Decide among whom to look. 3. Find candidates by their tokens, open and check them. 4. Rank.
/// 5. Record the search with the patients whom the answer shows (AUDX-2).
///
/// # Errors
/// `ACCESS_DENIED` or `CREDENTIAL_REQUIRED`.
pub async fn search(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    wanted: &Wanted,
) -> Result<Vec<(MatchKind, Found)>> {
    let limit = app.settings.throttle.patient_search_per_account;
    records::limit(app, caller, "search", limit)?;
    let scope = records::allow_list(app, caller, Part::Who).await?;
    let doctor = doctor_of(&scope, None)?;
    let among = Among {
        doctor: doctor.as_ref(),
        now: origin.now,
    };
    let found = hits(app, &among, &wanted.query, wanted.fuzzy).await?;
    let found = best(found.hits, wanted.limit);
    let shown: Vec<UserId> = found
        .iter()
        .map(|(_, found)| found.record.patient_id.clone())
        .collect();
    let detail = detail(&wanted.query, wanted.length);
    let done = (actions::RECORD_SEARCH, Some(detail.as_str()));
    let access = (Part::Who, scope.basis());
    records::note_many(app, origin, caller, access, &shown, done).await?;
    Ok(found)
}

/// All patients whom `query` finds. Sound-alikes are among them if they are asked for, or if there is no exact hit (PAT-10).
pub(super) async fn hits(app: &App, among: &Among<'_>, query: &Query, fuzzy: bool) -> Result<Hits> {
    let candidates = match query.patient_id() {
        Some(id) => by_id(app, among, id).await?,
        None => candidates(app, among, query.lookups()).await?,
    };
    let is_cut = candidates.len() >= MAX_CANDIDATES;
    let mut hits = check(app, candidates, |record| query.matches(record));
    if fuzzy || hits.is_empty() {
        let alike = candidates_of_sound(app, among, query).await?;
        hits.extend(check(app, alike, |record| query.sounds_like(record)));
    }
    Ok(Hits { hits, is_cut })
}

async fn candidates_of_sound(app: &App, among: &Among<'_>, query: &Query) -> Result<Vec<Found>> {
    candidates(app, among, query.sound_lookups()).await
}

/// The candidates whom `find` confirms: two values may have one token, and a text more than its tokens say (ENC-6).
fn check(
    app: &App,
    candidates: Vec<Found>,
    find: impl Fn(&Findable) -> Option<Hit>,
) -> Vec<(Hit, Found)> {
    let candidates = candidates.into_iter();
    let checked = candidates.filter_map(|found| {
        let id = &found.record.patient_id;
        let findable = Findable::of(id, &found.who, &app.phone_rules);
        find(&findable).map(|hit| (hit, found))
    });
    checked.collect()
}

/// The patient with an id, if the list has the patient.
async fn by_id(app: &App, among: &Among<'_>, id: &UserId) -> Result<Vec<Found>> {
    let place = match among.doctor {
        Some(doctor) => {
            let relation = app.store.relations().find(doctor, id).await?;
            let live = relation.filter(|it| it.care().is_live(among.now));
            live.map(Place::from)
        }
        None => app.store.patients().find(id).await?.map(Place::from),
    };
    open(app, place.into_iter().collect()).await
}

/// Those whose tokens the lookups name, each once, and not more than are opened.
async fn candidates(app: &App, among: &Among<'_>, lookups: Vec<Lookup>) -> Result<Vec<Found>> {
    let mut places = Vec::new();
    for lookup in lookups {
        places.extend(lookup_places(app, among, &lookup).await?);
    }
    let mut seen = HashSet::new();
    places.retain(|place: &Place| seen.insert(place.patient_id.clone()));
    places.truncate(MAX_CANDIDATES);
    open(app, places).await
}

async fn lookup_places(app: &App, among: &Among<'_>, lookup: &Lookup) -> Result<Vec<Place>> {
    let blind = &app.sealing()?.blind;
    let clinic = ClinicScope::implicit();
    let limit = i64::try_from(MAX_CANDIDATES).unwrap_or(i64::MAX);
    if let Some(doctor) = among.doctor {
        let scope = clinic.doctor(doctor);
        let token = |term: &crate::patients::search::Term| {
            blind.token(term.field(), Scope::Doctor(&scope), term.value())
        };
        let tokens: Vec<_> = lookup.iter().map(token).collect();
        let rows = app.store.relations();
        let found = rows.having(doctor, &tokens, among.now, limit).await?;
        return Ok(found.into_iter().map(Place::from).collect());
    }
    let token = |term: &crate::patients::search::Term| {
        let token = blind.token(term.field(), &clinic, term.value());
        (term.field().index(), token)
    };
    let tokens: Vec<_> = lookup.iter().map(token).collect();
    let rows = app.store.patients();
    let found = rows.having(&clinic, &tokens, limit);
    Ok(found.await?.into_iter().map(Place::from).collect())
}

/// The account of a candidate is read after the record, and only if there is one: most candidates are not shown, and an
/// account more for each would cost more than the step.
async fn open(app: &App, places: Vec<Place>) -> Result<Vec<Found>> {
    let one = |mut place: Place| async move {
        let record = match place.record.take() {
            Some(record) => Some(record),
            None => app.store.patients().find(&place.patient_id).await?,
        };
        let Some(record) = record else {
            return Ok::<_, Error>(None);
        };
        let who = records::who(app, &record).await?;
        Ok(Some(Found { place, record, who }))
    };
    let opened = try_join_all(places.into_iter().map(one)).await?;
    Ok(opened.into_iter().flatten().collect())
}
