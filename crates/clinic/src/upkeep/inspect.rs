//! Opens records and compares what is stored beside them with what they say (ENC-2). It reports ids, and nothing of a patient.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::Duration;
use kernel::{error::Result, ids::UserId, request::Origin};
use platform::audit::{self, Event};

use crate::{
    access::CLINIC,
    actions,
    app::App,
    appointments::documents::{Appointment, AppointmentText},
    consultations::documents::Consultation,
    list_keys::list_key,
    patients::{
        record::{CareRelation, PatientRecord},
        who::Who,
    },
    records,
    reports::documents as reports,
    sealing::{ClinicScope, Collection, GroupKey, SealingError, Text},
    tokens::{tokens, tokens_of_doctor},
};

/// Ids of each kind of finding that a report shows.
const SHOWN: usize = 20;

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The data key does not open: a secret that is not set wrapped it, or it was changed, or is another record's.
    Key,
    /// A sealed group does not open: it was changed, or sealed for another place.
    Sealed,
    /// A sealed group opens, and has not the expected form.
    Form,
    /// The tokens of a record are not those of what it says, so searches go wrong.
    Tokens,
    /// The tokens or the key of a doctor's list do not fit.
    Relation,
    /// A relationship without a record.
    NoRecord,
}

impl Finding {
    /// A sentence about it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Key => {
                "the data key does not open: its secret is not set, or it was changed or swapped"
            }
            Self::Sealed => {
                "a sealed text does not open: it was changed, or swapped with another one"
            }
            Self::Form => "a sealed text opens and has not the expected form",
            Self::Tokens => "the search tokens are not those of the record",
            Self::Relation => {
                "the list key or the search tokens of a doctor's relationship do not fit"
            }
            Self::NoRecord => "a relationship has no record",
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// The records that were opened.
    pub records: u64,
    /// The sealed texts that were opened: groups, consultations, reports, appointments.
    pub texts: u64,
    /// The relationships that were compared.
    pub relations: u64,
    /// Records that no doctor has a relationship to, which is no fault: patients who registered have none at first.
    pub without_doctor: u64,
    /// How many of each kind do not fit, and the ids of the first ones.
    pub findings: BTreeMap<Finding, (u64, Vec<String>)>,
}

impl Report {
    fn add(&mut self, finding: Finding, id: &str) {
        let (count, ids) = self.findings.entry(finding).or_default();
        *count += 1;
        if ids.len() < SHOWN {
            ids.push(id.to_owned());
        }
    }

    fn opened<T>(&mut self, opened: Result<T, SealingError>, id: &str) -> Option<T> {
        self.texts += 1;
        match opened {
            Ok(text) => Some(text),
            Err(SealingError::Form) => {
                self.add(Finding::Form, id);
                None
            }
            Err(_) => {
                self.add(Finding::Sealed, id);
                None
            }
        }
    }
}

/// Opens all records, or about `sample` of them: some from each of ten moments by chance.
///
/// 1. The audit record. 2. For each record: the key, its groups, its tokens, its relationships, the texts of its
///    consultations, reports and appointments. 3. Once more the tokens that do not fit: a request may have been changing
///    them. 4. The relationships, each with its record.
///
/// # Errors
/// The database does not answer.
pub async fn inspect(
    app: &App,
    sample: Option<u64>,
    mut progress: impl FnMut(u64) + Send,
) -> Result<Report> {
    let estimate = app.store.patients().estimate().await?;
    let detail = match sample {
        None => "all records are checked",
        Some(_) => "a sample is checked",
    };
    let origin = Origin::of_the_service("records-check".to_owned(), app.clock.now());
    let event = Event::done(None, actions::RECORD_READ).noting(detail);
    audit::record(app, &origin, event).await?;
    let clinic = ClinicScope::implicit();
    let begins = match sample {
        Some(sample) if estimate > sample => moments(app, &clinic, sample).await?,
        _ => vec![(None, u64::MAX)],
    };
    let (mut report, mut seen) = (Report::default(), HashSet::new());
    let mut suspects = Vec::new();
    for (mut last, mut left) in begins {
        while left > 0 {
            let rows = app.store.patients();
            let page = rows.next_records(&clinic, last.as_deref()).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.by_clinic.clone());
            let wanted = usize::try_from(left).unwrap_or(usize::MAX);
            left = left.saturating_sub(page.len() as u64);
            for row in page.into_iter().take(wanted) {
                if seen.insert(row.patient_id.clone()) {
                    record(app, &clinic, &row, &mut report, &mut suspects).await?;
                    report.records += 1;
                    progress(report.records);
                }
            }
        }
    }
    for suspect in suspects {
        if let Some(row) = app.store.patients().find(&suspect).await? {
            let who = records::who(app, &row).await?;
            for (finding, id) in compared(app, &row, &who).await?.1 {
                report.add(finding, &id);
            }
        }
    }
    let most = sample.unwrap_or(u64::MAX);
    let (mut last, mut looked_at) = (None::<String>, 0);
    while looked_at < most {
        let rows = app.store.relations();
        let page = rows.next_relations(&clinic, last.as_deref()).await?;
        let Some(end) = page.last() else { break };
        last = Some(end.by_doctor.clone());
        looked_at += page.len() as u64;
        for row in &page {
            if app.store.patients().find(&row.patient_id).await?.is_none() {
                report.add(Finding::NoRecord, &row.id);
            }
        }
    }
    Ok(report)
}

/// Ten places in the list of all records, by chance, and how many records to open from each.
async fn moments(
    app: &App,
    clinic: &ClinicScope,
    sample: u64,
) -> Result<Vec<(Option<String>, u64)>> {
    let Some((first, last)) = app.store.patients().span(clinic).await? else {
        return Ok(Vec::new());
    };
    let age = (last - first).num_milliseconds().max(1);
    let moment = |_| {
        let passed = app.rng.below(age.unsigned_abs());
        let at = first + Duration::milliseconds(passed.try_into().unwrap_or_default());
        (
            Some(list_key(&[clinic.as_str()], at, "")),
            (sample / 10).max(1),
        )
    };
    Ok((0..10).map(moment).collect())
}

async fn record(
    app: &App,
    clinic: &ClinicScope,
    row: &PatientRecord,
    report: &mut Report,
    suspects: &mut Vec<UserId>,
) -> Result<()> {
    let id = row.patient_id.as_str();
    let place = Collection::PatientRecords.place(id);
    let keys = &app.sealing()?.keys;
    let Ok(of_who) = keys.group_key::<crate::sealing::Who>(place, &row.key) else {
        report.add(Finding::Key, id);
        return Ok(());
    };
    let of_clinical = keys.group_key::<crate::sealing::Clinical>(place, &row.key)?;
    report.opened(of_clinical.open(place, &row.clinical), id);
    if report.opened(of_who.open(place, &row.who), id).is_some() {
        let who = records::who(app, row).await?;
        let (relations, findings) = compared(app, row, &who).await?;
        report.relations += relations;
        report.without_doctor += u64::from(relations == 0);
        if !findings.is_empty() {
            suspects.push(row.patient_id.clone());
        }
    }
    texts(app, clinic, row, report).await
}

/// Compares the tokens of a record and of its relationships with who the patient is. Returns the number of relationships.
async fn compared(
    app: &App,
    row: &PatientRecord,
    who: &Who,
) -> Result<(u64, Vec<(Finding, String)>)> {
    let id = &row.patient_id;
    let mut findings = Vec::new();
    if !tokens(app, id, who)?.are_of(row) {
        findings.push((Finding::Tokens, id.to_string()));
    }
    let relations = app.store.relations().of_patient(id).await?;
    for relation in &relations {
        if !fits(app, row, who, relation)? {
            findings.push((Finding::Relation, relation.id.clone()));
        }
    }
    Ok((relations.len() as u64, findings))
}

fn fits(app: &App, row: &PatientRecord, who: &Who, relation: &CareRelation) -> Result<bool> {
    let (doctor, patient) = (&relation.doctor_id, &row.patient_id);
    let expected = tokens_of_doctor(app, doctor, patient, who)?;
    let [expected, stored] =
        [&expected, &relation.tokens].map(|all| all.iter().collect::<BTreeSet<_>>());
    let scope = [CLINIC, doctor.as_str()];
    let is_listed = relation.by_doctor == list_key(&scope, row.created_at, patient.as_str());
    Ok(expected == stored && is_listed && relation.id == CareRelation::id_of(doctor, patient))
}

/// The texts about a patient in the other collections.
async fn texts(
    app: &App,
    clinic: &ClinicScope,
    row: &PatientRecord,
    report: &mut Report,
) -> Result<()> {
    let key = records::text_key(app, row)?;
    let (names, patient) = (app.store.names(), &row.patient_id);
    let found: Vec<Consultation> = app
        .store
        .of_patient(&names.consultations, clinic, patient)
        .await?;
    for it in found {
        report.opened(it.open_text(&key), it.session_id.as_str());
    }
    let found: Vec<reports::Report> = app
        .store
        .of_patient(&names.reports, clinic, patient)
        .await?;
    for it in found {
        report.opened(it.open_text(&key), it.report_id.as_str());
        versions(app, &it, &key, report).await?;
    }
    let found: Vec<Appointment> = app
        .store
        .of_patient(&names.appointments, clinic, patient)
        .await?;
    for it in found {
        let place = Collection::Appointments.place(it.id.as_str());
        let opened: Result<AppointmentText, _> = key.open(place, &it.text);
        report.opened(opened, it.id.as_str());
    }
    Ok(())
}

/// The signed texts that amendments of a report have replaced.
async fn versions(
    app: &App,
    of: &reports::Report,
    key: &GroupKey<Text>,
    report: &mut Report,
) -> Result<()> {
    for signature in of.signatures.iter().filter(|it| it.version < of.version) {
        let rows = app.store.report_versions();
        let Some(kept) = rows.find_signed(&of.report_id, signature.version).await? else {
            continue;
        };
        report.opened(kept.open_text(key), &kept.id);
    }
    Ok(())
}
