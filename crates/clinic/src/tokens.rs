//! The tokens by which a patient is found: those of the desk, and those of each doctor (ENC-6, ENC-7).

use std::collections::BTreeSet;

use kernel::{error::Result, ids::UserId};

use crate::{
    app::App,
    patients::{
        record::PatientRecord,
        search::{Findable, Term, TermIndex},
        who::Who,
    },
    sealing::{ClinicScope, Scope, Token},
};

/// The tokens of a record, each in its field.
#[derive(Debug, Default)]
pub struct Tokens {
    /// For `tokens`.
    pub tokens: Vec<Token>,
    /// For `email_bidx`.
    pub email: Option<Token>,
    /// For `phone_bidx`.
    pub phone: Option<Token>,
    /// For `sound`.
    pub sound: Vec<Token>,
}

impl Tokens {
    /// Whether a record has exactly these.
    pub fn are_of(&self, record: &PatientRecord) -> bool {
        let same = |one: &[Token], other: &[Token]| {
            let [one, other] = [one, other].map(|all| all.iter().collect::<BTreeSet<_>>());
            one == other
        };
        same(&self.tokens, &record.tokens)
            && same(&self.sound, &record.sound)
            && self.email == record.email_bidx
            && self.phone == record.phone_bidx
    }
}

/// The tokens by which the desk finds a patient.
pub fn tokens(app: &App, patient_id: &UserId, who: &Who) -> Result<Tokens> {
    let blind = &app.sealing()?.blind;
    let clinic = ClinicScope::implicit();
    let mut tokens = Tokens::default();
    for term in Findable::of(patient_id, who, &app.phone_rules).terms() {
        let token = blind.token(term.field(), &clinic, term.value());
        match term.field().index() {
            TermIndex::Tokens => tokens.tokens.push(token),
            TermIndex::Sound => tokens.sound.push(token),
            TermIndex::Email => tokens.email = Some(token),
            TermIndex::Phone => tokens.phone = Some(token),
        }
    }
    Ok(tokens)
}

/// All tokens by which one doctor finds a patient: in `care_relations`, one list holds them (ENC-7).
pub fn tokens_of_doctor(
    app: &App,
    doctor: &UserId,
    patient_id: &UserId,
    who: &Who,
) -> Result<Vec<Token>> {
    let blind = &app.sealing()?.blind;
    let scope = ClinicScope::implicit().doctor(doctor);
    let terms = Findable::of(patient_id, who, &app.phone_rules).terms();
    let token = |term: Term| blind.token(term.field(), Scope::Doctor(&scope), term.value());
    Ok(terms.into_iter().map(token).collect())
}
