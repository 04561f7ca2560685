//! Reading consultations.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use kernel::{
    error::{Error, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
};

use super::{
    ConsultationId,
    use_cases::{SeenConsultation, decide, find, seen},
};
use crate::{
    access::{Action, Allowed, Part},
    actions::RECORD_READ,
    app::App,
    listing::{Listing, Place},
    records,
    reports::store::SessionReport,
};

/// A page of a patient's consultations.
pub struct History {
    /// The patient.
    pub patient_id: UserId,
    /// The patient's name.
    pub patient_name: String,
    /// The consultations, newest first.
    pub rows: Vec<SeenConsultation>,
    /// The place of the page.
    pub pagination: Place,
}

/// One consultation.
pub async fn read(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    id: &ConsultationId,
) -> Result<SeenConsultation> {
    records::limit_reads(app, principal)?;
    let part = part_of(principal);
    let allowed = decide(app, origin, principal, id, part, Action::Read).await?;
    let record = records::load(app, origin, &allowed).await?;
    let consultation = find(app, &allowed.scope(), id).await?;
    let text = consultation.open_text(&records::text_key(app, &record)?)?;
    records::note(app, origin, principal, &allowed, RECORD_READ, None).await?;
    let with_notes = part == Part::Drafts;
    let mut seen = seen(app, consultation, text, &record, with_notes).await?;
    seen.report = report_of(app, origin, &allowed, id).await?;
    Ok(seen)
}

/// A page of a patient's consultations: one round of queries for the rows, one for what belongs to them (CON-5).
pub async fn history(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    patient_id: &UserId,
    listing: &Listing,
) -> Result<History> {
    records::limit_reads(app, principal)?;
    let part = part_of(principal);
    let allowed = records::allow(app, origin, principal, patient_id, part, Action::Read).await?;
    let scope = allowed.scope();
    let record = records::load(app, origin, &allowed).await?;
    let key = records::text_key(app, &record)?;
    let page = app.store.consultations().page(&scope, listing).await?;
    let patient_name = records::who(app, &record).await?.names.full();
    let doctors = doctor_names(app, page.rows.iter().map(|row| &row.doctor_id)).await?;
    let reports = page.rows.iter();
    let reports = reports.map(|row| report_of(app, origin, &allowed, &row.session_id));
    let reports = try_join_all(reports).await?;
    records::note(app, origin, principal, &allowed, RECORD_READ, None).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for (consultation, report) in page.rows.into_iter().zip(reports) {
        let text = consultation.open_text(&key)?;
        rows.push(SeenConsultation {
            chief_complaint: text.chief_complaint,
            notes: (part == Part::Drafts).then_some(text.notes),
            patient_name: patient_name.clone(),
            doctor_name: doctors.get(&consultation.doctor_id).cloned(),
            report,
            consultation,
        });
    }
    Ok(History {
        patient_id: patient_id.clone(),
        patient_name,
        rows,
        pagination: Place {
            listing: listing.clone(),
            total: page.total,
            next: page.next,
        },
    })
}

/// Doctors see the notes as well, patients all but the notes (ACC-5).
const fn part_of(principal: &Principal) -> Part {
    match principal.role {
        Role::Doctor => Part::Drafts,
        _ => Part::Clinical,
    }
}

/// The newest report of a consultation that the caller may see: a patient sees signed and released ones.
async fn report_of(
    app: &App,
    origin: &Origin,
    allowed: &Allowed,
    id: &ConsultationId,
) -> Result<Option<SessionReport>> {
    let rows = app.store.reports();
    let mut reports = rows.of_session(&allowed.scope(), id).await?;
    if allowed.part() != Part::Drafts {
        let wait = app.settings.reports.release_hours;
        reports.retain(|report| report.is_released(wait, origin.now));
    }
    Ok(reports.into_iter().max_by_key(|report| report.created_at))
}

/// The names of doctors, each asked for once.
pub(crate) async fn doctor_names<'a>(
    app: &App,
    doctors: impl Iterator<Item = &'a UserId>,
) -> Result<HashMap<UserId, String>> {
    let mut wanted: Vec<&UserId> = doctors.collect();
    wanted.sort_unstable();
    wanted.dedup();
    let one = |id: UserId| async move {
        let name = app.people.name(&id).await?;
        Ok::<_, Error>(name.map(|name| (id, name)))
    };
    let names = try_join_all(wanted.into_iter().cloned().map(one)).await?;
    Ok(names.into_iter().flatten().collect())
}
