//! Starting and stopping consultations.

use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
};

use super::{
    ChiefComplaint, ConsultationId, ConsultationNotes, SessionType,
    course::{Course, WrongState},
    documents::{Beginning, Consultation, ConsultationText},
};
use crate::{
    access::{Action, Allowed, Part, PatientScope},
    actions::{CONSULTATION, RECORD_READ},
    app::App,
    appointments::{AppointmentId, check_consultation, consultation_ended, consultation_started},
    errors,
    patients::record::PatientRecord,
    records,
    reports::store::SessionReport,
    sealing::{ClinicScope, GroupKey, Text},
};

/// How often a change is tried against others that change the same consultation.
const TRIES: u32 = 64;

/// The id in a decision about a consultation or report that does not exist: no patient has it, so the answer and the
/// queries are those for a foreign one (ACC-3).
pub(crate) const NO_PATIENT: &str = "PAT";

/// What a doctor starts.
#[derive(Debug)]
pub struct Start {
    /// The patient.
    pub patient_id: UserId,
    /// The doctor, if the request names one.
    pub doctor_id: Option<UserId>,
    /// The kind.
    pub session_type: SessionType,
    /// What the patient complains of.
    pub chief_complaint: ChiefComplaint,
    /// The appointment that it is started from.
    pub appointment_id: Option<AppointmentId>,
    /// Whether it ends an open one.
    pub force: bool,
}

/// New texts; what is absent stays.
#[derive(Debug, Default)]
pub struct TextChange {
    /// What the patient complains of.
    pub chief_complaint: Option<ChiefComplaint>,
    /// The doctor's notes.
    pub notes: Option<ConsultationNotes>,
}

/// A change of the state.
pub type Step = fn(&Course, Timestamp) -> Result<Course, WrongState>;

/// A consultation as a caller sees it.
pub struct SeenConsultation {
    /// The document.
    pub consultation: Consultation,
    /// What the patient complains of.
    pub chief_complaint: ChiefComplaint,
    /// The notes; `None` for a caller who may not see them.
    pub notes: Option<ConsultationNotes>,
    /// The patient's name.
    pub patient_name: String,
    /// The doctor's name.
    pub doctor_name: Option<String>,
    /// The newest report of it that the caller may see.
    pub report: Option<SessionReport>,
}

/// Starts a consultation (CON-1, CON-2, CON-3).
///
/// 1. Refuse another doctor than the caller, and decide about the patient. 2. Load the record, for its key and the name.
/// 3. Check the appointment. 4. Record it. 5. With force, end the open one. 6. Insert the new one, whose key is unique
///    while it is open; without force, a taken key is the answer. 7. Note the visit, and that the patient arrived.
///
/// # Errors
/// `CONSULTATION_ACTIVE` with the open one; `ACCESS_DENIED` for another doctor; `STATE_CONFLICT` for an appointment from
/// which nothing can be started.
pub async fn start(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    start: &Start,
) -> Result<SeenConsultation> {
    let doctor = &principal.user_id;
    if start
        .doctor_id
        .as_ref()
        .is_some_and(|named| named != doctor)
    {
        return Err(errors::ACCESS_DENIED.into());
    }
    let (part, action) = (Part::Clinical, Action::Write);
    let allowed = records::allow(app, origin, principal, &start.patient_id, part, action).await?;
    let scope = allowed.scope();
    let record = records::load(app, origin, &allowed).await?;
    let patient_name = records::who(app, &record).await?.names.full();
    if let Some(appointment) = &start.appointment_id {
        check_consultation(app, (doctor, &scope), appointment).await?;
    }
    let detail = if start.force { "start_forced" } else { "start" };
    records::note(app, origin, principal, &allowed, CONSULTATION, Some(detail)).await?;

    let text = ConsultationText {
        chief_complaint: start.chief_complaint.clone(),
        notes: ConsultationNotes::default(),
    };
    let beginning = Beginning {
        scope: &scope,
        doctor_id: doctor,
        session_type: start.session_type,
        text: &text,
        forced: start.force,
        appointment_id: start.appointment_id.as_ref(),
    };
    let consultation = insert(app, origin, &beginning, &record).await?;
    app.store.patients().note_visit(&scope, origin.now).await?;
    if let Some(appointment) = &start.appointment_id {
        consultation_started(app, (doctor, &scope), appointment, origin.now).await?;
    }
    Ok(SeenConsultation {
        consultation,
        chief_complaint: text.chief_complaint,
        notes: Some(text.notes),
        patient_name,
        doctor_name: app.people.name(doctor).await?,
        report: None,
    })
}

/// Inserts a new consultation. Each round that fails means that another request started or ended one.
async fn insert(
    app: &App,
    origin: &Origin,
    beginning: &Beginning<'_>,
    record: &PatientRecord,
) -> Result<Consultation> {
    let (scope, doctor, now) = (beginning.scope, beginning.doctor_id, origin.now);
    let key = records::text_key(app, record)?;
    let rows = app.store.consultations();
    for _ in 0..TRIES {
        if beginning.forced
            && let Some(open) = rows.find_open(scope, doctor).await?
            && let Ok(ended) = open.course.stop(now)
            && rows.change(scope, &open, &ended, &open.text, now).await?
            && let Some(appointment) = &open.appointment_id
        {
            consultation_ended(app, (doctor, scope), appointment, now).await?;
        }
        let id = ConsultationId::generate(app.zone.date(now), &app.rng);
        let new = Consultation::start(beginning, id, &key, &app.rng, now)?;
        if rows.insert(&new).await? {
            return Ok(new);
        }
        if !beginning.forced
            && let Some(open) = rows.find_open(scope, doctor).await?
        {
            let error = Error::from(errors::CONSULTATION_ACTIVE);
            return Err(error.adding("session_id", open.session_id.as_str()));
        }
    }
    Err(errors::CONSULTATION_ACTIVE.into())
}

/// Changes a consultation: its state by `step`, and its texts. A repetition changes nothing (CON-4).
///
/// 1. Decide about its patient. 2. Load it; only its doctor changes it. 3. Record it. 4. Change it if it is still the
///    version that was loaded, else begin again at 2. 5. If it has ended, its appointment is over.
///
/// # Errors
/// `ACCESS_DENIED` for another doctor; `STATE_CONFLICT` if its state does not allow the step.
pub async fn change(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    id: &ConsultationId,
    (name, step): (&str, Step),
    texts: &TextChange,
) -> Result<SeenConsultation> {
    let allowed = decide(app, origin, principal, id, Part::Clinical, Action::Write).await?;
    let scope = allowed.scope();
    let record = records::load(app, origin, &allowed).await?;
    let key = records::text_key(app, &record)?;
    let mut recorded = false;
    for _ in 0..TRIES {
        let mut known = find(app, &scope, id).await?;
        if known.doctor_id != principal.user_id {
            return Err(errors::ACCESS_DENIED.into());
        }
        let course = step(&known.course, origin.now).map_err(|_| errors::STATE_CONFLICT)?;
        let before = known.open_text(&key)?;
        let text = texts.applied(&before);
        if course != known.course || text != before {
            if !recorded {
                records::note(app, origin, principal, &allowed, CONSULTATION, Some(name)).await?;
                recorded = true;
            }
            if !write(app, &scope, &mut known, course, &text, &key, origin.now).await? {
                continue;
            }
        } else if !recorded {
            records::note(app, origin, principal, &allowed, RECORD_READ, None).await?;
        }
        if !known.status().is_open()
            && let Some(appointment) = &known.appointment_id
        {
            consultation_ended(app, (&known.doctor_id, &scope), appointment, origin.now).await?;
        }
        return seen(app, known, text, &record, true).await;
    }
    Err(errors::STATE_CONFLICT.into())
}

/// Writes a new course and new texts, if the consultation is still the known one.
async fn write(
    app: &App,
    scope: &PatientScope,
    known: &mut Consultation,
    course: Course,
    text: &ConsultationText,
    key: &GroupKey<Text>,
    now: Timestamp,
) -> Result<bool> {
    let id = known.session_id.as_str();
    let place = crate::sealing::Collection::Consultations.place(id);
    let sealed = key.seal(place, text, &app.rng)?;
    let rows = app.store.consultations();
    let written = rows.change(scope, known, &course, &sealed, now).await?;
    (known.course, known.text) = (course, sealed);
    Ok(written)
}

/// Decides about the patient of a consultation. An unknown consultation is answered like that of a foreign patient.
pub(super) async fn decide(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    id: &ConsultationId,
    part: Part,
    action: Action,
) -> Result<Allowed> {
    let clinic = ClinicScope::implicit();
    let patient = app.store.consultations().patient_of(&clinic, id).await?;
    let patient = patient.unwrap_or_else(|| UserId::from_stored(NO_PATIENT));
    records::allow(app, origin, principal, &patient, part, action).await
}

/// A consultation of a patient.
pub(crate) async fn find(
    app: &App,
    scope: &PatientScope,
    id: &ConsultationId,
) -> Result<Consultation> {
    let found = app.store.consultations().find(scope, id).await?;
    found.ok_or_else(|| errors::RECORD_NOT_FOUND.into())
}

pub(super) async fn seen(
    app: &App,
    consultation: Consultation,
    text: ConsultationText,
    record: &PatientRecord,
    with_notes: bool,
) -> Result<SeenConsultation> {
    Ok(SeenConsultation {
        chief_complaint: text.chief_complaint,
        notes: with_notes.then_some(text.notes),
        patient_name: records::who(app, record).await?.names.full(),
        doctor_name: app.people.name(&consultation.doctor_id).await?,
        report: None,
        consultation,
    })
}

impl TextChange {
    fn applied(&self, before: &ConsultationText) -> ConsultationText {
        let complaint = self.chief_complaint.as_ref();
        let notes = self.notes.as_ref();
        ConsultationText {
            chief_complaint: complaint.unwrap_or(&before.chief_complaint).clone(),
            notes: notes.unwrap_or(&before.notes).clone(),
        }
    }
}
