//! The way to a patient's record, for every feature: who is calling, the decision, the data, and the audit record that is
//! written before the answer leaves (AUDX-1).

use std::collections::HashMap;

use futures_util::{future::try_join_all, try_join};
use kernel::{
    clock::Timestamp,
    error::{Error, ErrorCode, Result},
    ids::UserId,
    names::{LastName, PersonName},
    principal::Principal,
    request::Origin,
    role::Role,
};
use platform::{
    audit::{self, Access, Event},
    settings::Limit,
};

use crate::{
    access::{self, Action, Allowed, Basis, Caller, ListScope, Part, PatientFacts, Refusal},
    actions,
    app::App,
    errors,
    patients::{
        clinical::Clinical,
        record::PatientRecord,
        use_cases::registered,
        who::{PatientNames, Who},
    },
    people::Holder,
    sealing::{Collection, GroupKey, SealingError, Text},
    tokens::tokens,
};
use kernel::contact::{EmailAddress, Mobile};

/// Refused tries on one patient by one caller are recorded once in this time (AUDX-5).
const REFUSALS_SECONDS: u32 = 60;

impl From<Refusal> for ErrorCode {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => errors::RECORD_NOT_FOUND,
            Refusal::CredentialRequired => errors::CREDENTIAL_REQUIRED,
            Refusal::AccessDenied => errors::ACCESS_DENIED,
        }
    }
}

impl From<SealingError> for Error {
    fn from(error: SealingError) -> Self {
        Self::internal(error)
    }
}

/// The caller, with the approval of a doctor (ACC-11).
pub async fn caller(app: &App, principal: &Principal) -> Result<Caller> {
    let approved = match principal.role {
        Role::Doctor => {
            let doctor = app.people.doctor(&principal.user_id).await?;
            doctor.is_some_and(|doctor| doctor.is_approved)
        }
        _ => true,
    };
    Ok(Caller {
        user_id: principal.user_id.clone(),
        role: principal.role,
        approved,
    })
}

/// Decides whether the caller may do `action` with `part` of a patient's record. An unknown patient and one of another
/// doctor take the same queries and give the same answer (ACC-3). A refusal is recorded.
///
/// # Errors
/// `RECORD_NOT_FOUND`, `CREDENTIAL_REQUIRED` or `ACCESS_DENIED`.
pub async fn allow(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    patient_id: &UserId,
    part: Part,
    action: Action,
) -> Result<Allowed> {
    let caller = caller(app, principal).await?;
    let facts = facts(app, &caller, patient_id).await?;
    let keep = app.settings.care.keep_own_reports;
    match access::decide(&caller, facts.as_ref(), part, action, keep, origin.now) {
        Ok(allowed) => Ok(allowed),
        Err(refusal) => {
            let code = ErrorCode::from(refusal);
            record_refusal(app, origin, principal, patient_id, code).await?;
            Err(code.into())
        }
    }
}

/// Decides whose rows a list of `part` shows.
///
/// # Errors
/// `CREDENTIAL_REQUIRED` or `ACCESS_DENIED`.
pub async fn allow_list(app: &App, principal: &Principal, part: Part) -> Result<ListScope> {
    let caller = caller(app, principal).await?;
    access::decide_list(&caller, part).map_err(|refusal| ErrorCode::from(refusal).into())
}

/// What the decision must know about the patient.
async fn facts(app: &App, caller: &Caller, patient_id: &UserId) -> Result<Option<PatientFacts>> {
    let of = |care| PatientFacts {
        patient_id: patient_id.clone(),
        care,
    };
    Ok(match caller.role {
        Role::Doctor => {
            let relation = app
                .store
                .relations()
                .find(&caller.user_id, patient_id)
                .await?;
            relation.map(|relation| of(Some(relation.care())))
        }
        // Whether another person's record exists is no matter of the caller.
        Role::Patient => Some(of(None)),
        Role::Staff | Role::Admin => find(app, patient_id, caller.role, None)
            .await?
            .map(|_| of(None)),
    })
}

async fn record_refusal(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    patient_id: &UserId,
    code: ErrorCode,
) -> Result<()> {
    let key = format!("clinic-refused:{}:{patient_id}", principal.user_id);
    let tries = app
        .platform
        .store
        .throttles()
        .count(&key, REFUSALS_SECONDS, origin.now)
        .await?;
    if tries.count == 1 {
        let event = Event::by(&principal.user_id, actions::RECORD_REFUSED);
        let event = event.failed().noting(code.code());
        let subject = [patient_id.clone()];
        let access = Access {
            subjects: &subject,
            part: "none",
            basis: "none",
            purpose: "none",
        };
        audit::record_refusal(app, origin, event.about(access)).await;
    }
    Ok(())
}

/// What somebody with this basis needs data of patients for.
const fn purpose(basis: Basis) -> &'static str {
    match basis {
        Basis::Own => "own",
        Basis::Care => "treatment",
        Basis::Desk => "administration",
    }
}

/// Records that the caller saw or changed a part of a record. Without the record, there is no data (AUDX-1).
///
/// # Errors
/// `DATABASE_ERROR` if it cannot be recorded.
pub async fn note(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    allowed: &Allowed,
    action: platform::audit::record::Action,
    detail: Option<&str>,
) -> Result<()> {
    let subject = [allowed.patient_id().clone()];
    note_many(
        app,
        origin,
        principal,
        (allowed.part(), allowed.basis()),
        &subject,
        (action, detail),
    )
    .await
}

/// Records a page of a list as one record with the patients whom it showed (AUDX-2).
///
/// # Errors
/// `DATABASE_ERROR` if it cannot be recorded.
pub async fn note_many(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (part, basis): (Part, Basis),
    patients: &[UserId],
    (action, detail): (platform::audit::record::Action, Option<&str>),
) -> Result<()> {
    let access = Access {
        subjects: patients,
        part: part.name(),
        basis: basis.name(),
        purpose: purpose(basis),
    };
    let subject = match patients {
        [one] => Some(one),
        _ => None,
    };
    let event = Event {
        actor: Some(&principal.user_id),
        ..Event::done(subject, action)
    };
    let event = Event { detail, ..event }.about(access);
    audit::record(app, origin, event).await
}

/// The record of a patient. A patient who registered has one from the first need on (E1). `None` if there is no such
/// patient.
///
/// `now` is the time of a request that may make the record; `None` makes none.
async fn find(
    app: &App,
    patient_id: &UserId,
    asking: Role,
    now: Option<Timestamp>,
) -> Result<Option<PatientRecord>> {
    if let Some(record) = app.store.patients().find(patient_id).await? {
        return Ok(Some(record));
    }
    // A doctor who treats a patient, and the patient himself, prove that there is one.
    let may_make = patient_id.role_hint() == Some(Role::Patient) && asking != Role::Doctor;
    let Some(holder) = (if may_make {
        app.people.holder(patient_id).await?
    } else {
        None
    }) else {
        return Ok(None);
    };
    registered::insert_of(app, &holder, now.unwrap_or_else(|| app.clock.now())).await?;
    // Another request may have been faster.
    Ok(app.store.patients().find(patient_id).await?)
}

/// The patient's record, for a caller who may see a part of it.
///
/// # Errors
/// `RECORD_NOT_FOUND` if it is gone, or there is no account that one could be made of.
pub async fn load(app: &App, origin: &Origin, allowed: &Allowed) -> Result<PatientRecord> {
    let record = find(app, allowed.patient_id(), Role::Staff, Some(origin.now)).await?;
    record.ok_or_else(|| errors::RECORD_NOT_FOUND.into())
}

/// The names of an account.
pub(crate) fn names_of(holder: &Holder) -> Option<PatientNames> {
    Some(PatientNames {
        first_name: PersonName::parse(&holder.first_name).ok()?,
        last_name: LastName::parse(&holder.last_name).ok()?,
    })
}

/// A new record with its own data key, sealed groups and tokens.
pub fn new_record(
    app: &App,
    patient_id: &UserId,
    who: &Who,
    clinical: &Clinical,
    now: Timestamp,
) -> Result<PatientRecord> {
    let keys = &app.sealing()?.keys;
    let place = Collection::PatientRecords.place(patient_id.as_str());
    let key = keys.create(place, &app.rng)?;
    let tokens = tokens(app, patient_id, who)?;
    Ok(PatientRecord {
        patient_id: patient_id.clone(),
        clinic_id: access::CLINIC.to_owned(),
        who: keys.group_key(place, &key)?.seal(place, who, &app.rng)?,
        clinical: keys
            .group_key(place, &key)?
            .seal(place, clinical, &app.rng)?,
        tokens: tokens.tokens,
        email_bidx: tokens.email,
        phone_bidx: tokens.phone,
        sound: tokens.sound,
        by_clinic: crate::list_keys::list_key(&[access::CLINIC], now, patient_id.as_str()),
        has_account: false,
        created_for: None,
        last_visit: None,
        version: 1,
        created_at: now,
        updated_at: now,
        key,
    })
}

/// Who a patient is. The names, the telephone number and the address of an account count before those of the record (E13).
pub async fn who(app: &App, record: &PatientRecord) -> Result<Who> {
    let holder = if record.has_account {
        app.people.holder(&record.patient_id).await?
    } else {
        None
    };
    who_of(app, record, holder)
}

/// The same, if the account has been read already.
fn who_of(app: &App, record: &PatientRecord, holder: Option<Holder>) -> Result<Who> {
    let mut who = sealed_who(app, record)?;
    if let Some(holder) = holder.filter(|_| record.has_account) {
        if let Some(names) = names_of(&holder) {
            who.names = names;
        }
        who.phone = holder
            .mobile
            .as_deref()
            .and_then(|it| Mobile::parse(it).ok());
        who.email = EmailAddress::of_account(&holder.email).ok();
    }
    Ok(who)
}

/// The group `who` as the record has it.
pub fn sealed_who(app: &App, record: &PatientRecord) -> Result<Who> {
    let place = Collection::PatientRecords.place(record.patient_id.as_str());
    let key = app.sealing()?.keys.group_key(place, &record.key)?;
    Ok(key.open(place, &record.who)?)
}

/// The key of texts about a patient: complaints, notes and reports, in whichever collection they stand.
pub fn text_key(app: &App, record: &PatientRecord) -> Result<GroupKey<Text>> {
    let place = Collection::PatientRecords.place(record.patient_id.as_str());
    Ok(app.sealing()?.keys.group_key(place, &record.key)?)
}

/// The records of the patients of a page, read side by side, because `$in` reads the whole collection on the embedded
/// store. A patient without a record is missing.
pub async fn load_page(
    app: &App,
    patients: impl IntoIterator<Item = &UserId>,
) -> Result<HashMap<UserId, (PatientRecord, Who)>> {
    let wanted: Vec<_> = patients.into_iter().cloned().collect();
    load_rows(app, wanted.into_iter().map(|id| (id, None)).collect()).await
}

/// The same, for rows of which some bring the record that was read already. The account of each row is read beside its
/// record, whether or not there is one: the rows alone do not say it, and a page has one round for its patients (PAT-2).
pub(crate) async fn load_rows(
    app: &App,
    patients: HashMap<UserId, Option<PatientRecord>>,
) -> Result<HashMap<UserId, (PatientRecord, Who)>> {
    let one = |(id, known): (UserId, Option<PatientRecord>)| async move {
        let record = async {
            match known {
                Some(record) => Ok(Some(record)),
                None => Ok::<_, Error>(app.store.patients().find(&id).await?),
            }
        };
        let (record, holder) = try_join!(record, app.people.holder(&id))?;
        let Some(record) = record else {
            return Ok::<_, Error>(None);
        };
        let who = who_of(app, &record, holder)?;
        Ok(Some((id, (record, who))))
    };
    let found = try_join_all(patients.into_iter().map(one)).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Counts a read of records against the limit of the caller's account.
///
/// # Errors
/// `RATE_LIMIT` with the time to wait.
pub fn limit_reads(app: &App, principal: &Principal) -> Result<()> {
    let most = app.settings.throttle.patient_read_per_account;
    limit(app, principal, "read", most)
}

/// Counts a call against a limit of the caller's account.
///
/// # Errors
/// `RATE_LIMIT` with the time to wait.
pub fn limit(app: &App, principal: &Principal, name: &str, limit: Limit) -> Result<()> {
    let key = format!("clinic:{name}:{}", principal.user_id);
    let taken = app.rate_limits.take(&key, limit);
    taken.map_err(|wait| Error::rate_limit(wait.as_secs().max(1)))
}
