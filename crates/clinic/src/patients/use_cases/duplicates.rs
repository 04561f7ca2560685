//! Who may be entered a second time: the candidates for a new patient (PAT-11).

use std::collections::HashSet;

use futures_util::future::try_join_all;
use kernel::{
    error::{Error, Result},
    principal::Principal,
    request::Origin,
};

use crate::{
    access::{ListScope, Part, Whose},
    actions,
    app::App,
    patients::{
        duplicates::{DuplicateReason, duplicate_lookups, possible_duplicate},
        record::PatientRecord,
        search::Findable,
        who::Who,
    },
    records,
    sealing::ClinicScope,
};

/// Records that one lookup opens at most.
const MAX_CANDIDATES: i64 = 200;
/// Candidates that an answer shows at most.
const MAX_SHOWN: usize = 20;

/// A record that may be of the same person.
pub struct Candidate {
    /// The record.
    pub record: PatientRecord,
    /// Who the patient is.
    pub who: Who,
    /// Why it may be the same person.
    pub reason: DuplicateReason,
}

/// The records that may be of the same person.
pub struct Candidates {
    /// Those that the caller may see.
    pub visible: Vec<Candidate>,
    /// The number of the others.
    pub hidden: usize,
}

impl Candidates {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.visible.is_empty() && self.hidden == 0
    }
}

/// The records of the clinic that may be of the same person as `new`, each once. Those that the answer shows are recorded
/// (AUDX-1).
pub async fn candidates(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    scope: &ListScope,
    new: &Findable,
) -> Result<Candidates> {
    let mut all = Candidates {
        visible: Vec::new(),
        hidden: 0,
    };
    for candidate in matches(app, new).await? {
        let is_shown = all.visible.len() < MAX_SHOWN;
        if is_shown && sees(app, origin, scope, &candidate.record).await? {
            all.visible.push(candidate);
        } else {
            all.hidden += 1;
        }
    }
    if !all.visible.is_empty() {
        let ids = all.visible.iter().map(|it| it.record.patient_id.clone());
        let ids: Vec<_> = ids.collect();
        let done = (actions::RECORD_SEARCH, Some("duplicates"));
        let access = (Part::Who, scope.basis());
        records::note_many(app, origin, caller, access, &ids, done).await?;
    }
    Ok(all)
}

/// Every record that may be of the same person, whether or not the caller may see it.
pub(super) async fn matches(app: &App, new: &Findable) -> Result<Vec<Candidate>> {
    let opened = opened(app, new).await?.into_iter();
    let matching = opened.filter_map(|(record, who)| {
        let other = Findable::of(&record.patient_id, &who, &app.phone_rules);
        possible_duplicate(new, &other).map(|reason| Candidate {
            record,
            who,
            reason,
        })
    });
    Ok(matching.collect())
}

/// Every record that the index names, opened.
async fn opened(app: &App, new: &Findable) -> Result<Vec<(PatientRecord, Who)>> {
    let clinic = ClinicScope::implicit();
    let blind = &app.sealing()?.blind;
    let mut found = Vec::new();
    for lookup in duplicate_lookups(new) {
        let tokens = lookup.iter().map(|term| {
            let token = blind.token(term.field(), &clinic, term.value());
            (term.field().index(), token)
        });
        let tokens: Vec<_> = tokens.collect();
        let rows = app.store.patients();
        found.extend(rows.having(&clinic, &tokens, MAX_CANDIDATES).await?);
    }
    let mut seen = HashSet::new();
    found.retain(|record: &PatientRecord| seen.insert(record.patient_id.clone()));
    let open = found.into_iter().map(|record| async {
        let who = records::who(app, &record).await?;
        Ok::<_, Error>((record, who))
    });
    try_join_all(open).await
}

/// Whether the caller's list has the patient.
async fn sees(
    app: &App,
    origin: &Origin,
    scope: &ListScope,
    record: &PatientRecord,
) -> Result<bool> {
    match scope.whose() {
        Whose::Clinic => Ok(true),
        Whose::Patient(_) => Ok(false),
        Whose::Doctor(doctor) => {
            let rows = app.store.relations();
            let relation = rows.find(doctor, &record.patient_id).await?;
            Ok(relation.is_some_and(|it| it.care().is_live(origin.now)))
        }
    }
}
