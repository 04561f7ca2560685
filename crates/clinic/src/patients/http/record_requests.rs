//! What requests say about a patient.

use jiff::civil::Date;
use kernel::{
    clock::Timestamp,
    contact::{EmailAddress, Mobile},
    error::RuleViolation,
    names::{LastName, PersonName},
    profile::{DateOfBirth, Language},
};
use poem_openapi::{Object, types::MaybeUndefined};
use web::{
    RequestBody, ValidationErrors,
    text::{FullName, Text},
};

use super::requests::{
    EmergencyContactRequest, InformantsRequest, LastingRequest, PrecipitatingFactorRequest,
    SymptomRequest, read, text,
};
use crate::patients::{
    birth::Birth,
    clinical::Clinical,
    use_cases::{
        change::{Change, ClinicalChange, PatientChange, WhoChange},
        create::NewPatient,
    },
    values::{Address, ReferredBy, Sex},
    who::{PatientNames, Who},
};
use crate::texts::NOTHING_TO_CHANGE;

const NOT_YOURS: RuleViolation = RuleViolation::new(
    "not_applicable",
    "Only those who may write the clinical part may set this",
);

/// When a request came.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// The instant.
    pub(super) now: Timestamp,
    /// The clinic's local date.
    pub(super) today: Date,
    /// Whether the caller may write the clinical part.
    pub(super) is_clinical: bool,
}

/// A new patient. `name`, or `first_name` and `last_name`; `date_of_birth`, or `age`.
#[derive(Debug, Object)]
pub(super) struct NewPatientRequest {
    /// Both names: `Anna Meier`, or `Meier, Anna`; `first_name` counts before it
    name: Option<Text<String>>,
    /// Given name, 1 to 100 characters
    first_name: Option<Text<String>>,
    /// Family name, up to 100 characters
    last_name: Option<Text<String>>,
    /// `YYYY-MM-DD`, from 1900, not in the future; counts before `age`
    date_of_birth: Option<String>,
    /// Full years, 0 to 130, if the date is not known
    age: Option<i64>,
    /// `male`, `female`, `other` or `unknown`
    sex: Text<Sex>,
    /// Telephone: 4 to 15 digits, up to 40 characters
    phone: Option<Text<Mobile>>,
    /// E-mail address
    email: Option<Text<EmailAddress>>,
    /// Postal address, up to 500 characters
    address: Option<Text<Address>>,
    /// Who referred the patient, up to 200 characters
    referred_by: Option<Text<ReferredBy>>,
    /// A person to call in an emergency
    emergency_contact: Option<EmergencyContactRequest>,
    /// The language that the patient reads: `en`, `de`, `fr`, `es` or `hi`; another one is the same as absent
    language: Option<Text<Language>>,
    /// Doctors: how long the illness has lasted
    illness_duration: Option<LastingRequest>,
    /// Doctors: who told the history
    informants: Option<InformantsRequest>,
    /// Doctors: what brought the illness on
    precipitating_factor: Option<PrecipitatingFactorRequest>,
    /// Doctors: up to 200
    symptoms: Option<Vec<SymptomRequest>>,
    /// The patient's doctor; the desk must name one, a doctor only himself
    doctor_id: Option<String>,
    /// The candidates of `POSSIBLE_DUPLICATE` are other people
    confirm_duplicate: Option<bool>,
}

impl RequestBody for NewPatientRequest {}

impl NewPatientRequest {
    pub(super) fn command(
        self,
        errors: &mut ValidationErrors,
        moment: Moment,
    ) -> Option<NewPatient> {
        let clinical = [
            ("illness_duration", self.illness_duration.is_some()),
            ("informants", self.informants.is_some()),
            ("precipitating_factor", self.precipitating_factor.is_some()),
            ("symptoms", self.symptoms.is_some()),
        ];
        refuse(errors, moment, &clinical);
        let typed = [&self.name, &self.first_name, &self.last_name];
        // A name that is no text has its error already.
        let are_texts = typed
            .iter()
            .all(|name| name.as_ref().is_none_or(Text::is_given));
        let fields = ["name", "first_name", "last_name"];
        let are_texts = are_texts && !is_misread(errors, &typed.map(Option::is_some), &fields);
        let [name, first, last] = typed.map(Option::as_deref);
        let names = are_texts.then(|| PatientNames::parse(name, first, last));
        let names = names.transpose();
        let names = names.map_err(|all| all.into_iter().for_each(|it| errors.add(it)));
        let (date, age) = (self.date_of_birth.as_deref(), self.age);
        let is_misread = is_misread(
            errors,
            &[date.is_some(), age.is_some()],
            &["date_of_birth", "age"],
        );
        let birth = if is_misread {
            None
        } else {
            errors.take(Birth::parse(date, age, moment.now, moment.today))
        };
        let lasting = self.illness_duration;
        let lasting = lasting.map(|it| it.read("illness_duration", errors));
        let informants = self.informants.map(|it| it.read(errors));
        let factor = self.precipitating_factor.map(|it| it.read(errors));
        let symptoms = self.symptoms.unwrap_or_default().into_iter().enumerate();
        let symptoms: Vec<_> = symptoms
            .map(|(number, it)| it.at(&format!("symptoms.{number}.duration"), errors))
            .collect();
        let mut history = Clinical::default();
        history.illness_duration = lasting.map_or(Some(None), |part| part.map(Some))?;
        history.informants = informants.map_or(Some(None), |part| part.map(Some))?;
        history.precipitating_factor = factor.map_or(Some(None), |part| part.map(Some))?;
        Some(NewPatient {
            who: Who {
                names: names.ok()??,
                birth: birth?,
                sex: self.sex.value()?,
                phone: self.phone.and_then(Text::value),
                email: self.email.and_then(Text::value),
                address: self.address.and_then(Text::value),
                referred_by: self.referred_by.and_then(Text::value),
                emergency_contact: self
                    .emergency_contact
                    .and_then(EmergencyContactRequest::read),
                language: self.language.and_then(Text::value).flatten(),
            },
            clinical: history,
            symptoms: symptoms.into_iter().collect::<Option<_>>()?,
            doctor_id: self.doctor_id,
            confirm_duplicate: self.confirm_duplicate.unwrap_or_default(),
        })
    }
}

/// Whether none of the fields has a value, but one has an error: then it was given, and is not missing.
fn is_misread(errors: &ValidationErrors, given: &[bool], fields: &[&str]) -> bool {
    !given.contains(&true) && fields.iter().any(|field| errors.contains(field))
}

/// Refuses clinical fields of a caller who may not write them (ACC-4).
fn refuse(errors: &mut ValidationErrors, moment: Moment, fields: &[(&'static str, bool)]) {
    let given = fields.iter().filter(|(_, given)| *given);
    for (field, _) in given.filter(|_| !moment.is_clinical) {
        errors.add(NOT_YOURS.at(*field));
    }
}

/// What is to be changed of a record; what is absent stays, `null` clears what may be absent.
#[derive(Debug, Object)]
pub(super) struct PatientChangeRequest {
    /// The version that the caller has seen
    version: i64,
    /// Both names; not together with either
    name: Option<Text<FullName>>,
    /// Given name, 1 to 100 characters
    first_name: Option<Text<PersonName>>,
    /// Family name, up to 100 characters
    #[oai(nullable)]
    last_name: MaybeUndefined<Text<LastName>>,
    /// `YYYY-MM-DD`, from 1900, not in the future
    date_of_birth: Option<Text<DateOfBirth>>,
    /// Full years, 0 to 130, if the date is not known
    age: Option<i64>,
    /// `male`, `female`, `other` or `unknown`
    sex: Option<Text<Sex>>,
    /// Telephone; changes that of the account as well
    #[oai(nullable)]
    phone: MaybeUndefined<Text<Mobile>>,
    /// E-mail address of a patient without an account
    #[oai(nullable)]
    email: MaybeUndefined<Text<EmailAddress>>,
    /// Postal address, up to 500 characters
    #[oai(nullable)]
    address: MaybeUndefined<Text<Address>>,
    /// Who referred the patient, up to 200 characters
    #[oai(nullable)]
    referred_by: MaybeUndefined<Text<ReferredBy>>,
    /// A person to call in an emergency
    #[oai(nullable)]
    emergency_contact: MaybeUndefined<EmergencyContactRequest>,
    /// The language that the patient reads; another one than those of the mails is the same as absent
    #[oai(nullable)]
    language: MaybeUndefined<Text<Language>>,
    /// Doctors: how long the illness has lasted
    #[oai(nullable)]
    illness_duration: MaybeUndefined<LastingRequest>,
    /// Doctors: who told the history
    #[oai(nullable)]
    informants: MaybeUndefined<InformantsRequest>,
    /// Doctors: what brought the illness on
    #[oai(nullable)]
    precipitating_factor: MaybeUndefined<PrecipitatingFactorRequest>,
}

impl RequestBody for PatientChangeRequest {
    const NULL: web::Null = web::Null::Refuse;
}

const ONE_NAME: RuleViolation =
    RuleViolation::new("one_of", "Either name, or first_name and last_name");

impl PatientChangeRequest {
    pub(super) fn command(self, errors: &mut ValidationErrors, moment: Moment) -> PatientChange {
        let clinical = [
            ("illness_duration", !self.illness_duration.is_undefined()),
            ("informants", !self.informants.is_undefined()),
            (
                "precipitating_factor",
                !self.precipitating_factor.is_undefined(),
            ),
        ];
        let has_clinical = clinical.iter().any(|(_, given)| *given);
        let has_who = self.has_who();
        refuse(errors, moment, &clinical);
        if !has_clinical && !has_who && !errors.is_faulty_beside(&["version"]) {
            errors.add(NOTHING_TO_CHANGE.at("body"));
        }
        if self.name.is_some() && (self.first_name.is_some() || !self.last_name.is_undefined()) {
            errors.add(ONE_NAME.at("name"));
        }
        let birth = match (&self.date_of_birth, self.age) {
            (None, None) => None,
            (date, age) => {
                let date = date.as_deref();
                errors.take(Birth::parse(date, age, moment.now, moment.today))
            }
        };
        let history = ClinicalChange {
            illness_duration: read(errors, self.illness_duration, |it, errors| {
                it.read("illness_duration", errors)
            }),
            informants: read(errors, self.informants, InformantsRequest::read),
            precipitating_factor: read(
                errors,
                self.precipitating_factor,
                PrecipitatingFactorRequest::read,
            ),
        };
        let (first_name, last_name) = match self.name.and_then(Text::value) {
            Some((first, last)) => (Some(first), Some(last)),
            None => (
                self.first_name.and_then(Text::value),
                match self.last_name {
                    MaybeUndefined::Undefined => None,
                    MaybeUndefined::Null => Some(LastName::none()),
                    MaybeUndefined::Value(text) => text.value(),
                },
            ),
        };
        let who = WhoChange {
            first_name,
            last_name,
            birth,
            sex: self.sex.and_then(Text::value),
            phone: text(self.phone),
            email: text(self.email),
            address: text(self.address),
            referred_by: text(self.referred_by),
            emergency_contact: read(errors, self.emergency_contact, |it, _| it.read()),
            language: match self.language {
                MaybeUndefined::Undefined => Change::Stays,
                MaybeUndefined::Null => Change::Cleared,
                MaybeUndefined::Value(text) => {
                    text.value().flatten().map_or(Change::Stays, Change::Set)
                }
            },
        };
        PatientChange {
            version: self.version,
            who: has_who.then_some(who),
            clinical: has_clinical.then_some(history),
        }
    }

    fn has_who(&self) -> bool {
        let texts = [
            self.last_name.is_undefined(),
            self.phone.is_undefined(),
            self.email.is_undefined(),
            self.address.is_undefined(),
            self.referred_by.is_undefined(),
            self.emergency_contact.is_undefined(),
            self.language.is_undefined(),
            self.name.is_none() && self.first_name.is_none(),
            self.date_of_birth.is_none() && self.age.is_none(),
            self.sex.is_none(),
        ];
        !texts.iter().all(|is_absent| *is_absent)
    }
}

/// Whom to invite.
#[derive(Debug, Object)]
pub(super) struct InvitePatientRequest {
    /// The address; without it, that of the record
    pub(super) email: Option<Text<EmailAddress>>,
}

impl RequestBody for InvitePatientRequest {
    const OPTIONAL: bool = true;
}
