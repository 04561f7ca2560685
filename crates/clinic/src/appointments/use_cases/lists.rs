//! Reading appointments: one, or a page of a list.

use std::collections::HashMap;

use futures_util::future::{try_join, try_join_all};
use kernel::{
    error::{Error, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
};

use super::{Seen, changes, open, seen};
use crate::{
    access::{Action, Part, Whose},
    actions,
    app::App,
    appointments::{AppointmentId, documents::Appointment, store::Filter},
    errors,
    listing::{EXACT_UP_TO, Listing},
    patients::record::CareRelation,
    records,
    sealing::ClinicScope,
};

/// A page of a list.
pub struct Page {
    /// Its rows, by start.
    pub rows: Vec<Seen>,
    /// The rows of the whole list, counted up to one more than [`EXACT_UP_TO`].
    pub total: u64,
    /// The key of the last row, if there are more.
    pub next: Option<String>,
}

/// One appointment.
///
/// # Errors
/// `RECORD_NOT_FOUND`.
pub async fn one(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    id: &AppointmentId,
) -> Result<Seen> {
    let reading = (Part::Appointments, Action::Read);
    let (found, allowed) = changes::find(app, origin, principal, id, reading).await?;
    let record = records::load(app, origin, &allowed).await?;
    records::note(app, origin, principal, &allowed, actions::RECORD_READ, None).await?;
    seen(app, principal.role, found, &record).await
}

/// A page of appointments, by start:
/// 1. whose list it is; a filter for somebody else is refused (ACC-7);
/// 2. for a doctor, whose care has ended: neither a row nor the number tells of them (ACC-2);
/// 3. the rows and their number;
/// 4. their patients, the names of their doctors and, for a doctor, the relationships: another round;
/// 5. one audit record.
pub async fn page(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    mut filter: Filter,
    listing: &Listing,
) -> Result<Page> {
    let scope = records::allow_list(app, principal, Part::Appointments).await?;
    let is_other =
        |named: &Option<UserId>| named.as_ref().is_some_and(|it| *it != principal.user_id);
    let is_refused = match scope.whose() {
        Whose::Patient(_) => is_other(&filter.patient_id),
        Whose::Doctor(_) => is_other(&filter.doctor_id),
        Whose::Clinic => false,
    };
    if is_refused {
        return Err(errors::ACCESS_DENIED.into());
    }
    // The same answer for a patient of another doctor and for an unknown one (ACC-3).
    if let (Whose::Doctor(_), Some(patient)) = (scope.whose(), &filter.patient_id) {
        let (part, action) = (Part::Appointments, Action::Read);
        records::allow(app, origin, principal, patient, part, action).await?;
    } else if let Whose::Doctor(doctor) = scope.whose() {
        let relations = app.store.relations();
        let clinic = ClinicScope::implicit();
        filter.without = relations.ended_of(&clinic, doctor, origin.now).await?;
    }
    let rows = app.store.appointments();
    let part = (
        listing.after.as_deref(),
        listing.offset.into(),
        listing.wanted(),
    );
    let (found, total) = try_join(
        rows.page(&scope, &filter, part),
        rows.count(&scope, &filter, EXACT_UP_TO + 1),
    )
    .await?;
    let limit = usize::try_from(listing.limit).unwrap_or_default();
    let has_more = found.len() > limit;
    let found: Vec<_> = found.into_iter().take(limit).collect();
    let last = found.last().map(|(key, _)| key.clone());
    let found = found.into_iter().map(|(_, row)| row).collect();
    let rows = named(app, origin, principal, found).await?;
    let mut patients: Vec<_> = rows
        .iter()
        .map(|row| row.appointment.patient_id.clone())
        .collect();
    patients.sort_unstable();
    patients.dedup();
    let shown = (Part::Appointments, scope.basis());
    let what = (actions::RECORD_READ, Some("list"));
    records::note_many(app, origin, principal, shown, &patients, what).await?;
    Ok(Page {
        rows,
        total,
        next: last.filter(|_| has_more),
    })
}

/// The rows with their texts and names. A doctor sees those of patients in his care (ACC-2).
async fn named(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    found: Vec<Appointment>,
) -> Result<Vec<Seen>> {
    let mut patients: Vec<UserId> = found.iter().map(|row| row.patient_id.clone()).collect();
    patients.sort_unstable();
    patients.dedup();
    let mut doctors: Vec<UserId> = found
        .iter()
        .filter_map(|row| row.doctor_id.clone())
        .collect();
    doctors.sort_unstable();
    doctors.dedup();
    let is_doctor = principal.role == Role::Doctor;
    let in_care = |patient: UserId| async move {
        let relation = if is_doctor {
            let relations = app.store.relations();
            relations.find(&principal.user_id, &patient).await?
        } else {
            None
        };
        let live = |relation: CareRelation| relation.care().is_live(origin.now);
        Ok::<_, Error>((patient, !is_doctor || relation.is_some_and(live)))
    };
    let name = |doctor: UserId| async move {
        let name = app.people.name(&doctor).await?;
        Ok::<_, Error>((doctor, name))
    };
    let cared = try_join_all(patients.iter().cloned().map(in_care));
    let names = try_join_all(doctors.into_iter().map(name));
    let (records, (cared, names)) = try_join(
        records::load_page(app, patients.iter()),
        try_join(cared, names),
    )
    .await?;
    let (cared, names): (HashMap<_, _>, HashMap<_, _>) =
        (cared.into_iter().collect(), names.into_iter().collect());
    let mut rows = Vec::with_capacity(found.len());
    for appointment in found {
        let is_shown = cared
            .get(&appointment.patient_id)
            .copied()
            .unwrap_or_default();
        let (Some((record, who)), true) = (records.get(&appointment.patient_id), is_shown) else {
            continue;
        };
        let doctor = appointment.doctor_id.as_ref();
        rows.push(Seen {
            text: match principal.role {
                Role::Admin => None,
                _ => Some(open(app, &appointment, record)?),
            },
            shows_notes: principal.role != Role::Patient,
            patient_name: who.names.full(),
            doctor_name: doctor.and_then(|doctor| names.get(doctor).cloned().flatten()),
            appointment,
        });
    }
    Ok(rows)
}
