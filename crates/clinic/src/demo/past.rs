//! What is over when the demonstration begins: visits with their consultations and reports.

use chrono::{Days, Duration};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    principal::Principal,
};

use super::{Case, Clinic, DAYS, OLDER, SLOT, fixed, is_worked};
use crate::{
    access::{Action, Part, PatientScope},
    appointments::{AppointmentId, status::AppointmentStatus, use_cases::booking},
    consultations::{
        ChiefComplaint, ConsultationId, ConsultationNotes, SessionType,
        documents::{Beginning, Consultation, ConsultationText},
    },
    patients::{record::PatientRecord, relations::begin_visit},
    records,
    reports::{
        ReportType,
        content::{Confidence, Diagnosis, Medication, Recommendation, ReportContent},
        documents::{Report, ReportDetails, Signature},
        status::ReportStatus,
    },
};

/// Somebody comes to a doctor.
pub(super) struct Visit<'a> {
    pub(super) doctor: &'a Principal,
    pub(super) patient: &'a PatientRecord,
    pub(super) start: Timestamp,
    pub(super) case: &'static Case,
}

impl Clinic<'_> {
    /// An appointment that has begun: the patient is here, has been here, or did not come.
    pub(super) async fn over(&mut self, visit: &Visit<'_>) -> Result<()> {
        let (app, now) = (self.app, self.now());
        let is_running = visit.start + SLOT > now;
        let came = is_running || self.below(12) > 0;
        let booked_at = visit.start - Duration::days(9);
        let booking = self.booking(visit.doctor, visit.patient, visit.start)?;
        let id = AppointmentId::generate(&app.rng);
        let doctor = Some(visit.doctor.user_id.clone());
        let of = (&self.desk, visit.patient);
        let mut row = booking::new(app, of, (&booking, doctor), (id, None), booked_at)?;
        row.status = match (came, is_running) {
            (true, true) => AppointmentStatus::Arrived,
            (true, false) => AppointmentStatus::Completed,
            (false, _) => AppointmentStatus::NoShow,
        };
        row.holds = row.holds.filter(|_| row.status.holds_time());
        (row.notice, row.to_notify) = (None, None);
        row.version = 3;
        row.updated_at = visit.start;
        app.store.appointments().insert(&row).await?;
        let doctor = &visit.doctor.user_id;
        begin_visit(app, doctor, visit.patient, visit.start, visit.start).await?;
        if came {
            self.consult(visit, Some(&row.id), is_running).await?;
        }
        Ok(())
    }

    /// Consultations before the two weeks, most of them of the last months.
    pub(super) async fn remember(&mut self) -> Result<()> {
        let patients = self.patients.clone();
        // The first patient has an account; the others belong to the doctors in turn.
        for (number, patient) in (1_u64..=OLDER).zip(patients.iter().skip(1)) {
            let today = self.app.zone.date(self.now());
            let day = today - Days::new(DAYS + 1 + number * 7 % 83);
            let day = if is_worked(day, today) {
                day
            } else {
                day - Days::new(2)
            };
            let times = self.times(day)?;
            let start = times.get(self.below(times.len())).copied();
            let [first, second] = &self.doctors;
            let doctor = if number % 2 == 0 { first } else { second }.clone();
            let visit = Visit {
                doctor: &doctor,
                patient,
                start: start.unwrap_or_else(|| self.now()),
                case: self.case(),
            };
            self.consult(&visit, None, false).await?;
        }
        Ok(())
    }

    /// A consultation, and its report if it is over.
    async fn consult(
        &mut self,
        visit: &Visit<'_>,
        appointment_id: Option<&AppointmentId>,
        is_running: bool,
    ) -> Result<()> {
        let (app, patient) = (self.app, &visit.patient.patient_id);
        let (part, action) = (Part::Clinical, Action::Write);
        let origin = &self.origin;
        let allowed = records::allow(app, origin, visit.doctor, patient, part, action).await?;
        let scope = allowed.scope();
        let consultation = self.consultation(visit, &scope, appointment_id, is_running)?;
        app.store.consultations().insert(&consultation).await?;
        app.store.patients().note_visit(&scope, visit.start).await?;
        self.counts.consultations += 1;
        if !is_running {
            let report = self.report(visit, &consultation)?;
            app.store.reports().insert(&report).await?;
        }
        Ok(())
    }

    fn consultation(
        &self,
        visit: &Visit<'_>,
        scope: &PatientScope,
        appointment_id: Option<&AppointmentId>,
        is_running: bool,
    ) -> Result<Consultation> {
        let app = self.app;
        let key = records::text_key(app, visit.patient)?;
        let kinds = SessionType::ALL;
        let text = ConsultationText {
            chief_complaint: fixed(ChiefComplaint::parse(visit.case.complaint))?,
            notes: fixed(ConsultationNotes::parse(visit.case.notes))?,
        };
        let beginning = Beginning {
            scope,
            doctor_id: &visit.doctor.user_id,
            session_type: kinds
                .get(self.below(kinds.len()))
                .copied()
                .unwrap_or_default(),
            text: &text,
            forced: false,
            appointment_id,
        };
        let id = ConsultationId::generate(app.zone.date(visit.start), &app.rng);
        let mut made = Consultation::start(&beginning, id, &key, &app.rng, visit.start)?;
        if !is_running {
            let minutes = i64::try_from(8 + self.below(20)).unwrap_or_default();
            let end = visit.start + Duration::minutes(minutes);
            made.course = made.course.stop(end).map_err(Error::internal)?;
            made.open_key = None;
            (made.version, made.updated_at) = (2, end);
        }
        Ok(made)
    }

    fn report(&self, visit: &Visit<'_>, consultation: &Consultation) -> Result<Report> {
        let app = self.app;
        let ended_at = consultation.course.ended_at.unwrap_or(visit.start);
        let made_at = (ended_at + Duration::minutes(4)).min(self.now());
        // Who logs in as the patient has something to read.
        let status = if visit.patient.has_account {
            ReportStatus::Signed
        } else {
            self.status(made_at)
        };
        let has_text = matches!(status, ReportStatus::Completed | ReportStatus::Signed);
        let content = if has_text {
            content(visit.case)
        } else {
            ReportContent::default()
        };
        let sure = self.below(28);
        let sure = f64::from(u32::try_from(70 + sure).unwrap_or_default()) / 100.0;
        let details = ReportDetails {
            report_type: ReportType::parse(consultation.session_type.name()).unwrap_or_default(),
            confidence: has_text
                .then(|| Confidence::parse(sure))
                .transpose()
                .ok()
                .flatten(),
            ai_model: has_text.then(|| "example-writer".to_owned()),
        };
        let key = records::text_key(app, visit.patient)?;
        let rng = &app.rng;
        let mut made = Report::new(consultation, status, &details, &content, &key, rng, made_at)?;
        if status == ReportStatus::Signed {
            let signed_at = (made_at + Duration::hours(3)).min(self.now());
            made.signatures.push(Signature {
                version: made.version,
                signed_at,
                signed_by: visit.doctor.user_id.clone(),
            });
            made.first_signed_at = Some(signed_at);
            made.updated_at = signed_at;
        }
        Ok(made)
    }

    /// Older reports are signed, but for a few; of this week, each state is there.
    fn status(&self, made_at: Timestamp) -> ReportStatus {
        let is_new = self.now() - made_at < Duration::days(8);
        match (is_new, self.counts.consultations % 11) {
            (true, 0) => ReportStatus::Pending,
            (true, 1) => ReportStatus::Generating,
            (true, 2..=4) | (false, 2) => ReportStatus::Completed,
            (_, 5) => ReportStatus::Failed,
            _ => ReportStatus::Signed,
        }
    }
}

fn content(case: &Case) -> ReportContent {
    let (drug, dosage, frequency) = case.medication;
    let medication = Medication {
        drug_name: drug.to_owned(),
        dosage: dosage.to_owned(),
        frequency: frequency.to_owned(),
        ..Medication::default()
    };
    let recommendation = Recommendation {
        category: "Advice".to_owned(),
        recommendation: case.advice.to_owned(),
        priority: "medium".to_owned(),
    };
    let (complaint, notes) = (case.complaint, case.notes);
    let (diagnosis, icd_code) = case.diagnosis;
    ReportContent {
        generated_content: format!(
            "{complaint}.\n\n{notes}\n\nAssessment: {diagnosis} ({icd_code})."
        ),
        diagnoses: vec![Diagnosis {
            diagnosis: diagnosis.to_owned(),
            icd_code: icd_code.to_owned(),
            severity: "mild".to_owned(),
            notes: String::new(),
        }],
        medication_plan: Some(medication)
            .filter(|_| !drug.is_empty())
            .into_iter()
            .collect(),
        recommendations: vec![recommendation],
        follow_up_plan: case.follow_up.to_owned(),
        ..ReportContent::default()
    }
}
