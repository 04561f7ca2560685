//! The list of reports, and their numbers. Both count the same rows: those that the caller may see (REP-2, REP-3).

use std::collections::HashMap;

use bson::{Document, doc};
use chrono::Duration;
use futures_util::{future::try_join_all, try_join};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
    stored::date,
};

use super::{
    documents::Report,
    filter::ReportFilter,
    reading::{SeenReport, seen_patient},
    statistics::{ReportCounts, ReportStatistics, counts_confidence, last_days, recent_since},
    status::ReportStatus,
};
use crate::{
    access::{Action, Basis, CLINIC, Part, Whose},
    actions::RECORD_READ,
    app::App,
    consultations::{ConsultationId, documents::Consultation},
    errors,
    list_pages::ListQuery,
    listing::{Listing, Place},
    records,
    sealing::ClinicScope,
};

/// A page of reports.
pub struct ReportPage {
    /// The reports, newest first.
    pub rows: Vec<SeenReport>,
    /// The place of the page.
    pub pagination: Place,
}

/// The reports that a caller may see, and that fit a filter.
struct VisibleReports {
    filter: ReportFilter,
    /// Which of them the caller may see.
    visible: Vec<Document>,
    part: Part,
    basis: Basis,
}

/// A page of the reports that fit the filter (REP-1): one round of queries for the rows and their number, one for
/// patients and consultations.
///
/// # Errors
/// `ACCESS_DENIED` if the filter names another doctor; `RECORD_NOT_FOUND` if it names a patient of others.
pub async fn list(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    filter: ReportFilter,
    listing: &Listing,
) -> Result<ReportPage> {
    records::limit_reads(app, principal)?;
    let visible = VisibleReports::decide(app, origin, principal, filter).await?;
    let page = app.store.reports().page(&visible.query(), listing).await?;
    let (patients, consultations) = try_join!(
        records::load_page(app, page.rows.iter().map(|row| &row.patient_id)),
        consultations_of(app, &page.rows),
    )?;
    let mut subjects: Vec<UserId> = page.rows.iter().map(|row| row.patient_id.clone()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let all_signed = page
        .rows
        .iter()
        .all(|row| row.status == ReportStatus::Signed);
    let part = match visible.part {
        Part::Drafts if all_signed => Part::SignedReports,
        part => part,
    };
    let seen = (part, visible.basis);
    records::note_many(app, origin, principal, seen, &subjects, (RECORD_READ, None)).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for report in page.rows {
        let patient = patients.get(&report.patient_id);
        let consultation = consultations.get(&report.session_id).cloned();
        let complaint = match (&consultation, patient) {
            (Some(consultation), Some((record, _))) if part != Part::Metadata => {
                let text = consultation.open_text(&records::text_key(app, record)?)?;
                Some(text.chief_complaint.into())
            }
            _ => None,
        };
        let hours = app.settings.reports.release_hours;
        let released = report.released_version(hours, origin.now);
        rows.push(SeenReport {
            version: match principal.role {
                Role::Patient => released.unwrap_or(report.version),
                _ => report.version,
            },
            patient: patient.map(|(_, who)| seen_patient(app, who, origin.now)),
            consultation,
            chief_complaint: complaint,
            content: None,
            signer: None,
            report,
        });
    }
    Ok(ReportPage {
        rows,
        pagination: Place {
            listing: listing.clone(),
            total: page.total,
            next: page.next,
        },
    })
}

/// The numbers of a caller's reports, of one patient's, or of the clinic's (REP-3).
pub async fn statistics(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    filter: ReportFilter,
) -> Result<ReportStatistics> {
    records::limit_reads(app, principal)?;
    let visible = VisibleReports::decide(app, origin, principal, filter).await?;
    let of = |status, from, to| visible.narrowed(status, from, to).query();
    let by_status = ReportStatus::ALL.map(|status| of(Some(status), None, None));
    let recent = [of(None, Some(recent_since(origin.now)), None)];
    let days = last_days(&app.zone, origin.now);
    let by_day: Vec<ListQuery> = days
        .iter()
        .map(|day| of(None, Some(day.from), Some(day.to)))
        .collect();
    let mut confident: Vec<ListQuery> = ReportStatus::ALL
        .into_iter()
        .filter(|status| counts_confidence(*status))
        .map(|status| of(Some(status), None, None))
        .collect();
    for query in &mut confident {
        query
            .others
            .push(doc! { "confidence": { "$exists": true } });
    }
    let reports = app.store.reports();
    let (by_status, recent, by_day, (confidence_sum, confidence_count)) = try_join!(
        reports.counts(&by_status),
        reports.counts(&recent),
        reports.counts(&by_day),
        reports.confidences(&confident),
    )?;
    if let Some(patient) = &visible.filter.patient_id {
        let (seen, subject) = ((Part::Metadata, visible.basis), [patient.clone()]);
        records::note_many(app, origin, principal, seen, &subject, (RECORD_READ, None)).await?;
    }
    Ok(ReportStatistics::new(ReportCounts {
        by_status: ReportStatus::ALL.into_iter().zip(by_status).collect(),
        recent: recent.into_iter().sum(),
        confidence_sum,
        confidence_count,
        by_day: days.into_iter().map(|day| day.date).zip(by_day).collect(),
    }))
}

impl VisibleReports {
    /// Decides whose reports the caller sees, and narrows the filter to them. A doctor sees the reports that he wrote; of
    /// a patient whose care ended, only the signed ones. A patient sees his own, once they are released.
    async fn decide(
        app: &App,
        origin: &Origin,
        principal: &Principal,
        mut filter: ReportFilter,
    ) -> Result<Self> {
        let (part, of_one) = match principal.role {
            Role::Doctor => (Part::Drafts, Part::OwnSignedReports),
            Role::Admin => (Part::Metadata, Part::Metadata),
            Role::Patient | Role::Staff => (Part::SignedReports, Part::SignedReports),
        };
        let scope = records::allow_list(app, principal, part).await?;
        let named = filter.doctor_id.as_ref();
        let is_foreign = |named: &UserId| *named != principal.user_id;
        if *scope.whose() != Whose::Clinic && named.is_some_and(is_foreign) {
            return Err(errors::ACCESS_DENIED.into());
        }
        if let Some(patient) = &filter.patient_id {
            records::allow(app, origin, principal, patient, of_one, Action::Read).await?;
        }
        let visible = match scope.whose() {
            Whose::Patient(patient) => {
                filter.patient_id = Some(patient.clone());
                vec![released(app.settings.reports.release_hours, origin.now)]
            }
            Whose::Doctor(doctor) => {
                filter.doctor_id = Some(doctor.clone());
                not_ended(app, doctor, origin.now).await?
            }
            Whose::Clinic => Vec::new(),
        };
        Ok(Self {
            filter,
            visible,
            part,
            basis: scope.basis(),
        })
    }

    /// The same reports, of one state or of a range of times.
    fn narrowed(
        &self,
        status: Option<ReportStatus>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Self {
        Self {
            filter: ReportFilter {
                status,
                from,
                to,
                ..self.filter.clone()
            },
            visible: self.visible.clone(),
            part: self.part,
            basis: self.basis,
        }
    }

    /// The list that has them, and what its key does not say.
    fn query(&self) -> ListQuery {
        let filter = &self.filter;
        let list = filter.list(CLINIC);
        let mut others = self.visible.clone();
        if list.field == "by_patient"
            && let Some(doctor) = &filter.doctor_id
        {
            others.push(doc! { "doctor_id": doctor.as_str() });
        }
        if list.field != "by_doctor_status"
            && let Some(status) = filter.status
        {
            others.push(doc! { "status": status.name() });
        }
        if let Some(kind) = filter.session_type {
            others.push(doc! { "session_type": kind.name() });
        }
        if let Some(kind) = filter.report_type {
            others.push(doc! { "report_type": kind.name() });
        }
        ListQuery {
            field: list.field,
            keys: list.keys,
            others,
        }
    }
}

/// What a patient may read: reports whose first signature is old enough (REP-8).
fn released(release_hours: i64, now: Timestamp) -> Document {
    let wait = Duration::try_hours(release_hours.max(0));
    let since = wait.and_then(|wait| now.checked_sub_signed(wait));
    let since = since.unwrap_or(Timestamp::UNIX_EPOCH);
    doc! { "status": ReportStatus::Signed.name(), "first_signed_at": { "$lte": date(since) } }
}

/// What a doctor may read of the reports that he wrote: all of patients whom he treats, and the signed ones of the others
/// (`care.keep_own_reports`).
async fn not_ended(app: &App, doctor: &UserId, now: Timestamp) -> Result<Vec<Document>> {
    let relations = app.store.relations();
    let ended = relations
        .ended_of(&ClinicScope::implicit(), doctor, now)
        .await?;
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    let treated = doc! { "patient_id": { "$nin": ended } };
    let signed = doc! { "status": ReportStatus::Signed.name() };
    Ok(vec![if app.settings.care.keep_own_reports {
        doc! { "$or": [signed, treated] }
    } else {
        treated
    }])
}

/// The consultations of a page, read side by side.
async fn consultations_of(
    app: &App,
    reports: &[Report],
) -> Result<HashMap<ConsultationId, Consultation>> {
    let mut wanted: Vec<(&UserId, &ConsultationId)> = reports
        .iter()
        .map(|report| (&report.patient_id, &report.session_id))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let clinic = ClinicScope::implicit();
    let one = |(patient, id): (&UserId, &ConsultationId)| {
        let (clinic, patient, id) = (clinic.clone(), patient.clone(), id.clone());
        async move {
            let rows = app.store.consultations();
            Ok::<_, Error>(rows.find_of(&clinic, &patient, &id).await?)
        }
    };
    let found = try_join_all(wanted.into_iter().map(one)).await?;
    let keyed = found
        .into_iter()
        .flatten()
        .map(|it| (it.session_id.clone(), it));
    Ok(keyed.collect())
}
