//! Writing, signing and amending one report.

use kernel::{
    clock::Timestamp,
    error::{Error, Result, RuleViolation},
    ids::UserId,
    principal::Principal,
    request::Origin,
    secret::Secret,
};

use super::{
    ReportId, ReportType,
    content::{Confidence, Diagnosis, Medication, Recommendation, ReportContent},
    documents::{Report, ReportDetails, ReportVersion, Signature},
    reading::{SeenReport, seen},
    status::{Refusal, ReportStatus},
};
use crate::{
    access::{Action, Allowed, Part},
    actions::{RECORD_CHANGE, RECORD_CREATE, REPORT_SIGN},
    app::App,
    consultations::{
        ConsultationId,
        use_cases::{NO_PATIENT, find as find_consultation},
    },
    errors,
    patients::{record::PatientRecord, use_cases::change::Change},
    records,
    sealing::{ClinicScope, Collection, GroupKey, Text},
};

const STATUS_BEGIN: RuleViolation = RuleViolation::new(
    "status_invalid",
    "A new report is pending, generating or completed",
);
const CONTENT_MISSING: RuleViolation =
    RuleViolation::new("missing", "A completed report has a content");

/// What a request changes; what is absent stays.
#[derive(Default)]
pub struct ReportChange {
    /// The state.
    pub status: Option<ReportStatus>,
    /// The kind.
    pub report_type: Option<ReportType>,
    /// How sure the program was that made the text.
    pub confidence: Change<Confidence>,
    /// The program that made the text.
    pub ai_model: Change<String>,
    /// The text as a whole.
    pub generated_content: Option<String>,
    /// What was found.
    pub diagnoses: Option<Vec<Diagnosis>>,
    /// What to take.
    pub medication_plan: Option<Vec<Medication>>,
    /// What to do.
    pub recommendations: Option<Vec<Recommendation>>,
    /// How it goes on.
    pub follow_up_plan: Option<String>,
    /// What else there is.
    pub additional_notes: Option<String>,
    /// What was said.
    pub transcription_text: Option<String>,
}

/// Makes a report of a consultation. Only the consultation's doctor writes it.
///
/// 1. Decide about the patient of the consultation. 2. Load both. 3. Check the content. 4. Record it. 5. Insert.
pub async fn create(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    session_id: &ConsultationId,
    change: ReportChange,
) -> Result<SeenReport> {
    let clinic = ClinicScope::implicit();
    let patient = app
        .store
        .consultations()
        .patient_of(&clinic, session_id)
        .await?;
    let patient = patient.unwrap_or_else(|| UserId::from_stored(NO_PATIENT));
    let (part, action) = (Part::Drafts, Action::Write);
    let allowed = records::allow(app, origin, principal, &patient, part, action).await?;
    let consultation = find_consultation(app, &allowed.scope(), session_id).await?;
    if consultation.doctor_id != principal.user_id {
        return Err(errors::ACCESS_DENIED.into());
    }
    let details = change.details(&ReportDetails::default());
    let status = change.status;
    let content = change.content(app, ReportContent::default())?;
    let status = status.unwrap_or(if content.is_empty() {
        ReportStatus::Pending
    } else {
        ReportStatus::Completed
    });
    if !status.may_begin() {
        return Err(STATUS_BEGIN.at("status").into());
    }
    check_complete(status, &content)?;
    let record = records::load(app, origin, &allowed).await?;
    let key = records::text_key(app, &record)?;
    records::note(
        app,
        origin,
        principal,
        &allowed,
        RECORD_CREATE,
        Some("report"),
    )
    .await?;
    let now = origin.now;
    let report = Report::new(
        &consultation,
        status,
        &details,
        &content,
        &key,
        &app.rng,
        now,
    )?;
    app.store.reports().insert(&report).await?;
    let scope = allowed.scope();
    seen(app, origin, (&scope, &record, &key), report, Some(content)).await
}

/// Changes the text, the kind or the state of a report that is not signed (REP-4).
///
/// 1. Decide about its patient. 2. Load it, and check the rules. 3. Check the content. 4. Record it. 5. Write it, if the
///    version and the state are still those that were loaded.
///
/// # Errors
/// `ACCESS_DENIED` for another than its author; `STATE_CONFLICT`; `VERSION_CONFLICT`.
pub async fn change(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (id, version): (&ReportId, u32),
    change: ReportChange,
) -> Result<SeenReport> {
    let loaded = load_for_write(app, origin, principal, id, Part::Drafts).await?;
    let known = &loaded.report;
    let status = change.status.unwrap_or(known.status);
    let next = known.facts().change(&principal.user_id, version, status);
    let next = next.map_err(refused)?;
    let details = change.details(&known.details());
    let content = change.content(app, known.open_text(&loaded.key)?)?;
    check_complete(status, &content)?;
    let mut to = rewritten(app, &loaded, details, &content, next, origin.now)?;
    to.status = status;
    to.keys = known.keys_in(status);
    let detail = Some("report");
    records::note(
        app,
        origin,
        principal,
        &loaded.allowed,
        RECORD_CHANGE,
        detail,
    )
    .await?;
    loaded.write(app, &to).await?;
    loaded.seen(app, origin, to, content).await
}

/// Signs the version that the author saw (REP-5).
///
/// 1. Decide about its patient. 2. Load it, and check the rules. 3. Check the password. 4. Record it. 5. Write the
///    signature, if the version and the state are still those that were loaded: one of many parallel ones does it.
///
/// # Errors
/// `AUTH_FAILED` for a wrong password; `ACCESS_DENIED` for another than its author; `STATE_CONFLICT`; `VERSION_CONFLICT`.
pub async fn sign(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (id, version): (&ReportId, u32),
    password: Secret,
) -> Result<SeenReport> {
    let loaded = load_for_write(app, origin, principal, id, Part::Drafts).await?;
    let known = &loaded.report;
    known
        .facts()
        .sign(&principal.user_id, version)
        .map_err(refused)?;
    check_password(app, origin, principal, password).await?;
    let mut to = known.clone();
    to.status = ReportStatus::Signed;
    to.keys = known.keys_in(to.status);
    add_signature(&mut to, principal, origin.now);
    let detail = format!("version {version}");
    let (allowed, detail) = (&loaded.allowed, Some(detail.as_str()));
    records::note(app, origin, principal, allowed, REPORT_SIGN, detail).await?;
    loaded.write(app, &to).await?;
    let content = known.open_text(&loaded.key)?;
    loaded.seen(app, origin, to, content).await
}

/// Amends a signed report: the author signs a new text in the same step (REP-4).
///
/// 1. Decide about its patient. 2. Load it, and check the rules. 3. Check the content and the password. 4. Record it.
/// 5. Keep the signed text beside it, which may be repeated. 6. Write the new text with its signature, if the version is
///    still the one that was loaded.
///
/// # Errors
/// As [`sign`].
pub async fn amend(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (id, version): (&ReportId, u32),
    change: ReportChange,
    password: Secret,
) -> Result<SeenReport> {
    let loaded = load_for_write(app, origin, principal, id, Part::SignedReports).await?;
    let known = &loaded.report;
    let next = known.facts().amend(&principal.user_id, version);
    let next = next.map_err(refused)?;
    let details = change.details(&known.details());
    let content = change.content(app, known.open_text(&loaded.key)?)?;
    check_complete(known.status, &content)?;
    check_password(app, origin, principal, password).await?;
    let mut to = rewritten(app, &loaded, details, &content, next, origin.now)?;
    add_signature(&mut to, principal, origin.now);
    let detail = format!("amendment, version {next}");
    let (allowed, detail) = (&loaded.allowed, Some(detail.as_str()));
    records::note(app, origin, principal, allowed, REPORT_SIGN, detail).await?;
    if let Some(signature) = known.signature() {
        let kept = ReportVersion::of(known, signature, &loaded.key, &app.rng)?;
        app.store.report_versions().keep(&kept).await?;
    }
    loaded.write(app, &to).await?;
    loaded.seen(app, origin, to, content).await
}

/// A report, decided and loaded.
struct Loaded {
    allowed: Allowed,
    record: PatientRecord,
    key: GroupKey<Text>,
    report: Report,
}

impl Loaded {
    /// Writes `to`, if the report is still the loaded one.
    async fn write(&self, app: &App, to: &Report) -> Result<()> {
        let (rows, scope) = (app.store.reports(), self.allowed.scope());
        if rows.write(&scope, &self.report, to).await? {
            return Ok(());
        }
        let now = rows.find(&scope, &self.report.report_id).await?;
        let now = now.ok_or(errors::RECORD_NOT_FOUND)?;
        let same_state = now.status == self.report.status;
        Err(refused(if same_state {
            Refusal::VersionConflict
        } else {
            Refusal::WrongState
        }))
    }
}

impl Loaded {
    /// `to` as its author sees it.
    async fn seen(
        &self,
        app: &App,
        origin: &Origin,
        to: Report,
        content: ReportContent,
    ) -> Result<SeenReport> {
        let scope = self.allowed.scope();
        let of = (&scope, &self.record, &self.key);
        seen(app, origin, of, to, Some(content)).await
    }
}

async fn load_for_write(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    id: &ReportId,
    part: Part,
) -> Result<Loaded> {
    let head = app
        .store
        .reports()
        .head(&ClinicScope::implicit(), id)
        .await?;
    let patient = head.map_or_else(|| UserId::from_stored(NO_PATIENT), |it| it.patient_id);
    let allowed = records::allow(app, origin, principal, &patient, part, Action::Write).await?;
    let record = records::load(app, origin, &allowed).await?;
    let report = app.store.reports().find(&allowed.scope(), id).await?;
    Ok(Loaded {
        key: records::text_key(app, &record)?,
        report: report.ok_or(errors::RECORD_NOT_FOUND)?,
        record,
        allowed,
    })
}

/// The report with a new text under its next version.
fn rewritten(
    app: &App,
    loaded: &Loaded,
    details: ReportDetails,
    content: &ReportContent,
    version: u32,
    now: Timestamp,
) -> Result<Report> {
    let known = loaded.report.clone();
    let place = Collection::Reports.place(loaded.report.report_id.as_str());
    Ok(Report {
        report_type: details.report_type,
        confidence: details.confidence,
        ai_model: details.ai_model,
        has_transcription: !content.transcription_text.is_empty(),
        text: loaded.key.seal(place, content, &app.rng)?,
        version,
        updated_at: now,
        ..known
    })
}

fn add_signature(report: &mut Report, principal: &Principal, now: Timestamp) {
    report.signatures.push(Signature {
        version: report.version,
        signed_at: now,
        signed_by: principal.user_id.clone(),
    });
    report.first_signed_at.get_or_insert(now);
    report.updated_at = now;
}

async fn check_password(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    password: Secret,
) -> Result<()> {
    if app
        .people
        .is_password_of(origin, principal, password)
        .await?
    {
        Ok(())
    } else {
        Err(errors::AUTH_FAILED.into())
    }
}

fn check_complete(status: ReportStatus, content: &ReportContent) -> Result<()> {
    let needs_text = matches!(status, ReportStatus::Completed | ReportStatus::Signed);
    if needs_text && content.is_empty() {
        return Err(CONTENT_MISSING.at("generated_content").into());
    }
    Ok(())
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::NotAuthor => errors::ACCESS_DENIED.into(),
        Refusal::WrongState => errors::STATE_CONFLICT.into(),
        Refusal::VersionConflict => errors::VERSION_CONFLICT.into(),
    }
}

impl ReportChange {
    /// The kind and what else is not text, after the change.
    fn details(&self, before: &ReportDetails) -> ReportDetails {
        ReportDetails {
            report_type: self.report_type.unwrap_or(before.report_type),
            confidence: self.confidence.after(before.confidence),
            ai_model: self.ai_model.after(before.ai_model.clone()),
        }
    }

    /// The content after the change, checked.
    fn content(self, app: &App, before: ReportContent) -> Result<ReportContent> {
        let content = ReportContent {
            generated_content: self.generated_content.unwrap_or(before.generated_content),
            diagnoses: self.diagnoses.unwrap_or(before.diagnoses),
            medication_plan: self.medication_plan.unwrap_or(before.medication_plan),
            recommendations: self.recommendations.unwrap_or(before.recommendations),
            follow_up_plan: self.follow_up_plan.unwrap_or(before.follow_up_plan),
            additional_notes: self.additional_notes.unwrap_or(before.additional_notes),
            transcription_text: self.transcription_text.unwrap_or(before.transcription_text),
        };
        let checked = content.checked(app.settings.reports.max_bytes);
        checked.map_err(Error::validation)
    }
}
