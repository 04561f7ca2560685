//! Changes of a record: who the patient is, and the history.

use kernel::{
    contact::{EmailAddress, Mobile},
    error::{Error, Result, RuleViolation},
    ids::UserId,
    names::{LastName, PersonName},
    principal::Principal,
    profile::Language,
    request::Origin,
};

use super::read::{Shown, clinical, clinical_key, show, widest_part};
use crate::{
    access::{Action, Allowed, Part},
    actions,
    app::App,
    errors,
    patients::{
        birth::Birth,
        clinical::{Clinical, Informants, PrecipitatingFactor},
        record::PatientRecord,
        store::RecordChange,
        values::{Address, Lasting, ReferredBy, Sex},
        who::{EmergencyContact, Who},
    },
    people::HolderChange,
    records,
    sealing::{Collection, GroupKey},
    tokens::{tokens, tokens_of_doctor},
};

const OF_THE_OWNER: RuleViolation = RuleViolation::new(
    "not_applicable",
    "The owner of the account changes the address, with a proof",
);

/// What happens to a value that may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays.
    #[default]
    Stays,
    /// It is removed.
    Cleared,
    /// It is replaced.
    Set(T),
}

impl<T: Clone> Change<T> {
    pub(super) fn apply(&self, to: &mut Option<T>) {
        match self {
            Self::Stays => {}
            Self::Cleared => *to = None,
            Self::Set(value) => *to = Some(value.clone()),
        }
    }

    /// The value after the change.
    pub fn after(&self, mut before: Option<T>) -> Option<T> {
        self.apply(&mut before);
        before
    }

    /// Whether the value stays.
    pub const fn stays(&self) -> bool {
        matches!(self, Self::Stays)
    }
}

/// What changes of who the patient is.
pub struct WhoChange {
    /// The first name.
    pub first_name: Option<PersonName>,
    /// The last name.
    pub last_name: Option<LastName>,
    /// The birth.
    pub birth: Option<Birth>,
    /// The sex.
    pub sex: Option<Sex>,
    /// The telephone number.
    pub phone: Change<Mobile>,
    /// The e-mail address.
    pub email: Change<EmailAddress>,
    /// The address.
    pub address: Change<Address>,
    /// Who referred the patient.
    pub referred_by: Change<ReferredBy>,
    /// A person to call in an emergency.
    pub emergency_contact: Change<EmergencyContact>,
    /// The language.
    pub language: Change<Language>,
}

/// What changes of the history.
pub struct ClinicalChange {
    /// How long the illness has lasted.
    pub illness_duration: Change<Lasting>,
    /// Who told the history.
    pub informants: Change<Informants>,
    /// What brought the illness on.
    pub precipitating_factor: Change<PrecipitatingFactor>,
}

/// A change of a record.
pub struct PatientChange {
    /// The version that the caller has seen.
    pub version: i64,
    /// Who the patient is; `None` if all of it stays.
    pub who: Option<WhoChange>,
    /// The history; `None` if all of it stays.
    pub clinical: Option<ClinicalChange>,
}

impl WhoChange {
    fn apply(&self, to: &mut Who) {
        if let Some(name) = &self.first_name {
            to.names.first_name = name.clone();
        }
        if let Some(name) = &self.last_name {
            to.names.last_name = name.clone();
        }
        if let Some(birth) = &self.birth {
            to.birth = birth.clone();
        }
        if let Some(sex) = self.sex {
            to.sex = sex;
        }
        self.phone.apply(&mut to.phone);
        self.email.apply(&mut to.email);
        self.address.apply(&mut to.address);
        self.referred_by.apply(&mut to.referred_by);
        self.emergency_contact.apply(&mut to.emergency_contact);
        self.language.apply(&mut to.language);
    }
}

impl ClinicalChange {
    fn apply(&self, to: &mut Clinical) {
        self.illness_duration.apply(&mut to.illness_duration);
        self.informants.apply(&mut to.informants);
        self.precipitating_factor
            .apply(&mut to.precipitating_factor);
    }
}

/// `PATCH /patients/{id}`.
///
/// 1. Decide about the largest part that changes. 2. Load the record. 3. Record the change. 4. One update, if the record
///    still has the version that the caller has seen: it decides the race. 5. The tokens of the relationships. 6. Names and
///    telephone number of the account (E13); a crash before it leaves the account as it was, and the account counts.
///
/// # Errors
/// `VERSION_CONFLICT`; `RECORD_NOT_FOUND`, `CREDENTIAL_REQUIRED` or `ACCESS_DENIED`; a validation error for the address of
/// a patient who has an account.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
    change: &PatientChange,
) -> Result<Shown> {
    let part = match change.clinical {
        Some(_) => Part::Clinical,
        None => Part::Who,
    };
    let allowed = records::allow(app, origin, caller, patient_id, part, Action::Write).await?;
    let record = records::load(app, origin, &allowed).await?;
    if record.version != change.version {
        return Err(errors::VERSION_CONFLICT.into());
    }
    let account = if record.has_account {
        app.people.holder(patient_id).await?
    } else {
        None
    };
    let is_mailed = change.who.as_ref().is_some_and(|it| !it.email.stays());
    if is_mailed && account.is_some() {
        return Err(OF_THE_OWNER.at("email").into());
    }
    let before = records::who(app, &record).await?;
    let mut after = before.clone();
    if let Some(change) = &change.who {
        change.apply(&mut after);
    }
    let sealed = sealed(app, &record, change, &after)?;
    records::note(app, origin, caller, &allowed, actions::RECORD_CHANGE, None).await?;
    let (rows, scope) = (app.store.patients(), allowed.scope());
    let changed = rows.change(&scope, change.version, &sealed, origin.now);
    if !changed.await? {
        return Err(errors::VERSION_CONFLICT.into());
    }
    if change.who.is_some() {
        retoken(app, &allowed, &after, change.version + 1).await?;
    }
    let is_of_account = before.names != after.names || before.phone != after.phone;
    if account.is_some() && is_of_account {
        let holder = HolderChange {
            first_name: after.names.first_name.to_string(),
            last_name: after.names.last_name.to_string(),
            mobile: after.phone.as_ref().map(ToString::to_string),
        };
        app.people.change_holder(origin, patient_id, holder).await?;
    }
    let part = widest_part(caller);
    let allowed = records::allow(app, origin, caller, patient_id, part, Action::Read).await?;
    let record = records::load(app, origin, &allowed).await?;
    show(app, origin, caller, &allowed, record).await
}

/// The groups that change, sealed. The key of the clinical group is only made if the history changes (ACC-4).
fn sealed(
    app: &App,
    record: &PatientRecord,
    change: &PatientChange,
    after: &Who,
) -> Result<RecordChange> {
    let place = Collection::PatientRecords.place(record.patient_id.as_str());
    let mut sealed = RecordChange::default();
    if change.who.is_some() {
        let key: GroupKey<crate::sealing::Who> =
            app.sealing()?.keys.group_key(place, &record.key)?;
        let tokens = tokens(app, &record.patient_id, after)?;
        sealed.who = Some((key.seal(place, after, &app.rng)?, tokens));
    }
    if let Some(change) = &change.clinical {
        let mut history = clinical(app, record)?;
        change.apply(&mut history);
        let key = clinical_key(app, record)?;
        sealed.clinical = Some(key.seal(place, &history, &app.rng)?);
    }
    Ok(sealed)
}

/// Makes the tokens of every doctor anew. A later version of the record wins, whichever is written last.
async fn retoken(app: &App, allowed: &Allowed, who: &Who, version: i64) -> Result<()> {
    let (patient, rows) = (allowed.patient_id(), app.store.relations());
    for relation in rows.of_patient(patient).await? {
        let tokens = tokens_of_doctor(app, &relation.doctor_id, patient, who)?;
        rows.retoken(&relation.id, &tokens, version).await?;
    }
    Ok(())
}

/// Makes the tokens of a record fit its account again, after the owner has changed names, telephone number or address
/// there. It may be repeated: a record that fits keeps its version, which a client may hold.
///
/// # Errors
/// `VERSION_CONFLICT` if the record changes at the same time; the next call finds it.
pub async fn account_changed(app: &App, patient_id: &UserId) -> Result<()> {
    let rows = app.store.patients();
    let Some(record) = rows.find(patient_id).await? else {
        return Ok(());
    };
    let who = records::who(app, &record).await?;
    let place = Collection::PatientRecords.place(patient_id.as_str());
    let key: GroupKey<crate::sealing::Who> = app.sealing()?.keys.group_key(place, &record.key)?;
    let tokens = tokens(app, patient_id, &who)?;
    let mut version = record.version;
    if records::sealed_who(app, &record)? != who || !tokens.are_of(&record) {
        let sealed = RecordChange {
            who: Some((key.seal(place, &who, &app.rng)?, tokens)),
            clinical: None,
        };
        if !rows.refresh(&record, &sealed, app.clock.now()).await? {
            return Err(Error::new(errors::VERSION_CONFLICT));
        }
        version += 1;
    }
    let relations = app.store.relations();
    for relation in relations.of_patient(patient_id).await? {
        let tokens = tokens_of_doctor(app, &relation.doctor_id, patient_id, &who)?;
        relations.retoken(&relation.id, &tokens, version).await?;
    }
    Ok(())
}
