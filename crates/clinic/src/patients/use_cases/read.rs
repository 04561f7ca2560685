//! One patient's record, as its caller may see it.

use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Needs,
};

use crate::{
    access::{Action, Allowed, Basis, Part},
    actions,
    app::App,
    patients::{
        care::CareKind,
        clinical::Clinical,
        record::{CareRelation, PatientRecord},
        who::Who,
    },
    permissions::ClinicalRead,
    records,
    sealing::{self, Collection, GroupKey},
};

/// A patient as a row of a list.
pub struct Seen {
    /// The record.
    pub record: PatientRecord,
    /// Who the patient is.
    pub who: Who,
    /// The clinical group; `None` for a caller who may not see it.
    pub clinical: Option<Clinical>,
    /// How the listed doctor treats the patient; `None` in the clinic's list.
    pub relationship: Option<CareKind>,
    /// When the next appointment begins.
    pub next_appointment: Option<Timestamp>,
}

/// One record with everything that its caller may see.
pub struct Shown {
    /// The row of the list.
    pub row: Seen,
    /// The doctors who treat the patient now.
    pub care_team: Vec<Member>,
    /// Why the caller may see it.
    pub basis: Basis,
    /// Until when; `None` if there is no end yet.
    pub until: Option<Timestamp>,
}

/// A doctor who treats a patient.
pub struct Member {
    /// The doctor's name; `None` if the account is gone.
    pub name: Option<String>,
    /// The relationship.
    pub relation: CareRelation,
}

/// The largest part of a record that the caller's role may see: the clinical one includes who the patient is. A role
/// without it never gets the key of the clinical group (ACC-4).
pub(super) fn widest_part(caller: &Principal) -> Part {
    if caller.role.allows(ClinicalRead::PERMISSION) {
        Part::Clinical
    } else {
        Part::Who
    }
}

/// `GET /patients/{id}`.
///
/// 1. Count the call. 2. Decide about the largest part that the caller's role may see. 3. Load the record and what belongs
///    to it. 4. Record the access.
///
/// # Errors
/// `RECORD_NOT_FOUND`, `CREDENTIAL_REQUIRED` or `ACCESS_DENIED`.
pub async fn read(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
) -> Result<Shown> {
    records::limit_reads(app, caller)?;
    let part = widest_part(caller);
    let allowed = records::allow(app, origin, caller, patient_id, part, Action::Read).await?;
    let record = records::load(app, origin, &allowed).await?;
    let shown = show(app, origin, caller, &allowed, record).await?;
    records::note(app, origin, caller, &allowed, actions::RECORD_READ, None).await?;
    Ok(shown)
}

/// Records that a kept answer was shown again, to a caller who may still see the record.
///
/// # Errors
/// Those of [`read`].
pub async fn repeated(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
) -> Result<()> {
    let part = widest_part(caller);
    let allowed = records::allow(app, origin, caller, patient_id, part, Action::Read).await?;
    let done = (actions::RECORD_READ, Some("repeated"));
    records::note(app, origin, caller, &allowed, done.0, done.1).await
}

/// What the answer shows of a record. The caller of this function has recorded the access, or does so before it answers.
pub(super) async fn show(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    allowed: &Allowed,
    record: PatientRecord,
) -> Result<Shown> {
    let patient = &record.patient_id;
    let rows = async {
        let relations = app.store.relations().of_patient(patient).await;
        members(app, relations?, origin.now).await
    };
    let next = async { Ok(app.store.next_appointment(patient, origin.now).await?) };
    let (who, care_team, next_appointment) =
        futures_util::try_join!(records::who(app, &record), rows, next)?;
    let own = care_team
        .iter()
        .find(|member| member.relation.doctor_id == caller.user_id);
    let clinical = match allowed.part() {
        Part::Clinical => Some(clinical(app, &record)?),
        _ => None,
    };
    Ok(Shown {
        basis: allowed.basis(),
        until: own.and_then(|member| member.relation.until),
        row: Seen {
            relationship: own.map(|member| member.relation.kind),
            who,
            clinical,
            next_appointment,
            record,
        },
        care_team,
    })
}

/// The doctors of those relationships that stand at `now`, by name.
pub(super) async fn members(
    app: &App,
    relations: Vec<CareRelation>,
    now: Timestamp,
) -> Result<Vec<Member>> {
    let live = relations.into_iter().filter(|it| it.care().is_live(now));
    let named = live.map(|relation| async {
        let name = app.people.name(&relation.doctor_id).await?;
        Ok::<_, Error>(Member { name, relation })
    });
    let mut members = futures_util::future::try_join_all(named).await?;
    members.sort_by(|one, other| {
        let key = |it: &Member| (it.relation.since, it.relation.id.clone());
        key(one).cmp(&key(other))
    });
    Ok(members)
}

/// The key of the clinical group of a record.
pub(super) fn clinical_key(
    app: &App,
    record: &PatientRecord,
) -> Result<GroupKey<sealing::Clinical>> {
    let place = Collection::PatientRecords.place(record.patient_id.as_str());
    Ok(app.sealing()?.keys.group_key(place, &record.key)?)
}

/// The opened clinical group of a record.
pub(super) fn clinical(app: &App, record: &PatientRecord) -> Result<Clinical> {
    let place = Collection::PatientRecords.place(record.patient_id.as_str());
    Ok(clinical_key(app, record)?.open(place, &record.clinical)?)
}
