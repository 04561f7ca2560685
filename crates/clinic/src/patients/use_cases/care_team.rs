//! Who treats a patient: seen, given and ended.

use kernel::{error::Result, ids::UserId, principal::Principal, request::Origin, role::Role};

use super::{
    create::approved_doctor,
    read::{Member, members},
};
use crate::{
    access::{Action, Allowed, Basis, Part},
    actions,
    app::App,
    errors,
    patients::{
        care::{Care, CareKind, CareReason, CareRefusal},
        record::CareRelation,
        relations::relation,
    },
    records,
};
use kernel::clock::Timestamp;

/// What the caller gives.
pub struct Given {
    /// To whom.
    pub doctor_id: UserId,
    /// How the doctor treats the patient.
    pub kind: CareKind,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: CareReason,
}

/// `GET /patients/{id}/care-team`.
///
/// 1. Decide. 2. Load the relationships that stand. 3. Record the access.
///
/// # Errors
/// `RECORD_NOT_FOUND`, `CREDENTIAL_REQUIRED` or `ACCESS_DENIED`.
pub async fn read(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
) -> Result<Vec<Member>> {
    let (part, action) = (Part::CareTeam, Action::Read);
    let allowed = records::allow(app, origin, caller, patient_id, part, action).await?;
    let team = team(app, origin, &allowed).await?;
    records::note(app, origin, caller, &allowed, actions::RECORD_READ, None).await?;
    Ok(team)
}

/// `POST /patients/{id}/care-team`: a doctor hands over what he has, the desk assigns.
///
/// 1. Decide. 2. The other doctor must be approved. 3. Record the change. 4. Write what is given. 5. Then what the present
///    doctor keeps, so that a crash leaves the patient with a doctor.
///
/// # Errors
/// `RECORD_NOT_FOUND`; `ACCESS_DENIED` if the calling doctor does not have what he gives; a validation error.
pub async fn give(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
    given: &Given,
) -> Result<Vec<Member>> {
    let (part, action) = (Part::CareTeam, Action::Write);
    let allowed = records::allow(app, origin, caller, patient_id, part, action).await?;
    let doctor = approved_doctor(app, &given.doctor_id).await?;
    let change = match allowed.basis() {
        Basis::Desk => None,
        _ => Some(own(app, caller, patient_id).await?),
    };
    let (kind, until, reason, now) = (given.kind, given.until, given.reason.clone(), origin.now);
    let days = app.settings.care.after_visit_days;
    let hand_over = change.as_ref().map(|own| {
        let care = own.care();
        care.hand_over(kind, until, reason.clone(), days, now)
    });
    match hand_over.transpose().map_err(refused)? {
        // A doctor gives to another one.
        Some(_) if doctor == caller.user_id => Err(errors::STATE_CONFLICT)?,
        Some(over) => {
            note(app, origin, caller, &allowed, &doctor).await?;
            let care = |before: Option<&Care>| {
                let improves = over.improves(before, now);
                improves.then(|| over.given.clone())
            };
            put(app, origin, &allowed, &doctor, care).await?;
            if let Some(kept) = &over.kept {
                let kept = |before: Option<&Care>| {
                    let is_same = before.is_some_and(|it| it.kind == CareKind::Primary);
                    is_same.then(|| kept.clone())
                };
                put(app, origin, &allowed, &caller.user_id, kept).await?;
            }
        }
        None => {
            let care = Care::assigned(kind, until, reason, now);
            let care = care.map_err(|violation| violation.at("until"))?;
            note(app, origin, caller, &allowed, &doctor).await?;
            put(app, origin, &allowed, &doctor, |_| Some(care.clone())).await?;
        }
    }
    team(app, origin, &allowed).await
}

/// `DELETE /patients/{id}/care-team/{doctor_id}`: a doctor ends his own relationship, the desk any. Ending it twice is the
/// same as once.
///
/// 1. Decide. 2. Record the change. 3. One conditional update.
///
/// # Errors
/// `RECORD_NOT_FOUND` if the doctor never treated the patient; `ACCESS_DENIED` for another doctor's relationship.
pub async fn end(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    (patient_id, doctor): (&UserId, &UserId),
    reason: &CareReason,
) -> Result<Vec<Member>> {
    let (part, action) = (Part::CareTeam, Action::Write);
    let allowed = records::allow(app, origin, caller, patient_id, part, action).await?;
    if caller.role == Role::Doctor && *doctor != caller.user_id {
        return Err(errors::ACCESS_DENIED.into());
    }
    let known = app.store.relations().find(doctor, patient_id).await?;
    if known.is_none() {
        return Err(errors::RECORD_NOT_FOUND.into());
    }
    note(app, origin, caller, &allowed, doctor).await?;
    let end = |before: Option<&Care>| before?.ended(reason.clone(), origin.now);
    put(app, origin, &allowed, doctor, end).await?;
    team(app, origin, &allowed).await
}

fn refused(refusal: CareRefusal) -> kernel::error::Error {
    match refusal {
        CareRefusal::NotOwn => errors::ACCESS_DENIED.into(),
        CareRefusal::Rule(violation) => violation.at("until").into(),
    }
}

/// The calling doctor's own relationship.
async fn own(app: &App, caller: &Principal, patient_id: &UserId) -> Result<CareRelation> {
    let rows = app.store.relations();
    let own = rows.find(&caller.user_id, patient_id).await?;
    own.ok_or_else(|| errors::RECORD_NOT_FOUND.into())
}

async fn note(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    allowed: &Allowed,
    doctor: &UserId,
) -> Result<()> {
    let (action, detail) = (actions::CARE_CHANGE, Some(doctor.as_str()));
    records::note(app, origin, caller, allowed, action, detail).await
}

/// Writes a doctor's relationship: `care` makes the new one of the one before, and `None` if nothing changes. Another
/// change at the same time is looked at again.
async fn put(
    app: &App,
    origin: &Origin,
    allowed: &Allowed,
    doctor: &UserId,
    care: impl Fn(Option<&Care>) -> Option<Care>,
) -> Result<()> {
    let (rows, patient) = (app.store.relations(), allowed.patient_id());
    loop {
        let known = rows.find(doctor, patient).await?;
        let before = known.as_ref().map(CareRelation::care);
        let Some(care) = care(before.as_ref()) else {
            return Ok(());
        };
        let done = if let Some(known) = known {
            rows.replace(&known, &care).await?
        } else {
            let record = records::load(app, origin, allowed).await?;
            let who = records::who(app, &record).await?;
            let relation = relation(app, doctor, &record, &who, care)?;
            rows.insert(&relation).await?
        };
        if done {
            return Ok(());
        }
    }
}

async fn team(app: &App, origin: &Origin, allowed: &Allowed) -> Result<Vec<Member>> {
    let rows = app.store.relations();
    let relations = rows.of_patient(allowed.patient_id()).await?;
    members(app, relations, origin.now).await
}
