//! Reading one report.

use kernel::{
    clock::Timestamp, error::Result, ids::UserId, principal::Principal, request::Origin, role::Role,
};
use platform::audit::record::Action as AuditAction;

use super::{
    ReportId, content::ReportContent, documents::Report, status::ReportStatus, store::ReportHead,
};
use crate::{
    access::{Action, Part, PatientScope},
    app::App,
    consultations::{documents::Consultation, use_cases::NO_PATIENT},
    errors,
    patients::{birth::Birth, record::PatientRecord, values::Sex, who::Who},
    records,
    sealing::{ClinicScope, GroupKey, Text},
};

/// The patient of a report, as the caller may see one.
#[derive(Clone)]
pub struct SeenPatient {
    /// The name.
    pub name: String,
    /// The birth.
    pub birth: Birth,
    /// The age.
    pub age: Option<u16>,
    /// The sex.
    pub sex: Sex,
}

/// A report as a caller sees it.
pub struct SeenReport {
    /// The document.
    pub report: Report,
    /// The version that is shown.
    pub version: u32,
    /// What that version says; `None` if the caller sees no text.
    pub content: Option<ReportContent>,
    /// The patient; `None` if the record is gone.
    pub patient: Option<SeenPatient>,
    /// The consultation; `None` if it is gone.
    pub consultation: Option<Consultation>,
    /// What the patient complained of; `None` if the caller sees no text.
    pub chief_complaint: Option<String>,
    /// Who signed the shown version.
    pub signer: Option<String>,
}

/// One report, or an earlier signed version of it; `audit` says whether it is read or exported.
///
/// 1. Decide, by the report's state, about its patient. 2. Load both. 3. Choose the version: patients read the released
///    one. 4. Record it.
pub async fn read(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (id, version): (&ReportId, Option<u32>),
    audit: AuditAction,
) -> Result<SeenReport> {
    records::limit_reads(app, principal)?;
    let head = app
        .store
        .reports()
        .head(&ClinicScope::implicit(), id)
        .await?;
    let part = part_to_read(app, origin, principal, head.as_ref());
    let patient = head.map_or_else(|| UserId::from_stored(NO_PATIENT), |it| it.patient_id);
    let allowed = records::allow(app, origin, principal, &patient, part, Action::Read).await?;
    let scope = allowed.scope();
    let record = records::load(app, origin, &allowed).await?;
    let report = app.store.reports().find(&scope, id).await?;
    let report = report.ok_or(errors::RECORD_NOT_FOUND)?;
    let key = records::text_key(app, &record)?;
    let newest = match principal.role {
        Role::Patient => {
            let hours = app.settings.reports.release_hours;
            let released = report.released_version(hours, origin.now);
            released.ok_or(errors::RECORD_NOT_FOUND)?
        }
        _ => report.version,
    };
    let version = version.unwrap_or(newest);
    let content = match part {
        Part::Metadata => None,
        _ if version > newest => return Err(errors::RECORD_NOT_FOUND.into()),
        _ => Some(content_of(app, &scope, &report, version, &key).await?),
    };
    records::note(app, origin, principal, &allowed, audit, None).await?;
    let seen = seen(app, origin, (&scope, &record, &key), report, content).await?;
    shown_in(app, seen, version).await
}

/// Which part of the record a report is, for this caller.
fn part_to_read(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    head: Option<&ReportHead>,
) -> Part {
    let is_signed = head.is_some_and(|it| it.status == ReportStatus::Signed);
    match principal.role {
        Role::Admin => Part::Metadata,
        Role::Patient => {
            let hours = app.settings.reports.release_hours;
            let is_released = head.is_none_or(|it| it.is_released(hours, origin.now));
            if is_released {
                Part::SignedReports
            } else {
                Part::Drafts
            }
        }
        Role::Doctor if !is_signed => Part::Drafts,
        Role::Doctor if head.is_some_and(|it| it.doctor_id == principal.user_id) => {
            Part::OwnSignedReports
        }
        Role::Doctor | Role::Staff => Part::SignedReports,
    }
}

/// The text of a version.
async fn content_of(
    app: &App,
    scope: &PatientScope,
    report: &Report,
    version: u32,
    key: &GroupKey<Text>,
) -> Result<ReportContent> {
    if version == report.version {
        return Ok(report.open_text(key)?);
    }
    let rows = app.store.report_versions();
    let kept = rows.find(scope, &report.report_id, version).await?;
    let kept = kept.ok_or(errors::RECORD_NOT_FOUND)?;
    Ok(kept.open_text(key)?)
}

/// What an answer shows of a patient.
pub(super) fn seen_patient(app: &App, who: &Who, now: Timestamp) -> SeenPatient {
    let today = app.zone.date(now).to_string().parse().ok();
    let leap = app.settings.clinic.leap_birthday;
    SeenPatient {
        name: who.names.full(),
        age: today.and_then(|today| who.birth.age(today, leap)),
        birth: who.birth.clone(),
        sex: who.sex,
    }
}

/// The present version of a report, with what belongs to it.
pub(super) async fn seen(
    app: &App,
    origin: &Origin,
    (scope, record, key): (&PatientScope, &PatientRecord, &GroupKey<Text>),
    report: Report,
    content: Option<ReportContent>,
) -> Result<SeenReport> {
    let who = records::who(app, record).await?;
    let rows = app.store.consultations();
    let consultation = rows.find(scope, &report.session_id).await?;
    let text = match (&consultation, &content) {
        (Some(consultation), Some(_)) => Some(consultation.open_text(key)?),
        _ => None,
    };
    let seen = SeenReport {
        version: report.version,
        patient: Some(seen_patient(app, &who, origin.now)),
        chief_complaint: text.map(|text| text.chief_complaint.into()),
        signer: None,
        consultation,
        content,
        report,
    };
    let version = seen.version;
    shown_in(app, seen, version).await
}

/// The same report, shown in a version.
async fn shown_in(app: &App, mut seen: SeenReport, version: u32) -> Result<SeenReport> {
    seen.version = version;
    seen.signer = match seen.report.signature_of(version) {
        Some(signature) => app.people.name(&signature.signed_by).await?,
        None => None,
    };
    Ok(seen)
}
