//! The import of patients from a file. Rows that break a rule, or that may be known already, are refused by their line.

use std::collections::HashMap;

use kernel::{
    contact::{EmailAddress, Mobile},
    error::{Error, FieldError, Result},
    ids::UserId,
    profile::Language,
    request::Origin,
};
use platform::audit::{self, Access, Event};

use super::{create::approved_doctor, csv, duplicates::matches};
use crate::{
    access::Part,
    actions,
    app::App,
    errors,
    patients::{
        birth::{Birth, local_date},
        clinical::Clinical,
        relations::insert_patient,
        search::Findable,
        values::{Address, ReferredBy, Sex},
        who::{PatientNames, Who},
    },
};

/// What is imported.
pub struct Import<'a> {
    /// The text of the file. Its first row names the columns: `name`, or `first_name` and `last_name`; `date_of_birth`, or
    /// `age`; `sex`; and if known `phone`, `email`, `address`, `referred_by`, `language`, `doctor_id`. Others are skipped.
    pub csv: &'a str,
    /// The doctor of rows that name none.
    pub doctor_id: UserId,
    /// Whether nothing is written.
    pub dry_run: bool,
}

/// What an import did, or with `dry_run` would do.
#[derive(Debug, Default)]
pub struct Report {
    /// How many patients were made.
    pub created: usize,
    /// Why rows were refused.
    pub refused: Vec<RefusedRow>,
}

/// Why a row was refused. It shows nothing of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The line of the file at which the row begins.
    pub line: usize,
    /// The column, or `row`.
    pub field: String,
    /// A stable word, such as `missing` or `possible_duplicate`.
    pub kind: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// Imports the rows one after the other. `progress` is told after each row how many of how many are done.
///
/// For each row: 1. Read it. 2. Look for the same person. 3. Reserve the id. 4. Record the creation. 5. Insert the record
/// and the relationship. So a repeated import refuses what the first one made.
///
/// # Errors
/// The database does not answer; the rows before are made.
pub async fn import(
    app: &App,
    wanted: &Import<'_>,
    mut progress: impl FnMut(usize, usize) + Send,
) -> Result<Report> {
    let mut rows = csv::rows(wanted.csv).into_iter();
    let columns = rows.next().map(|(_, names)| names).unwrap_or_default();
    let (all, mut report) = (rows.len(), Report::default());
    for (number, (line, values)) in rows.enumerate() {
        let row: HashMap<&str, &str> = columns
            .iter()
            .map(|name| name.trim())
            .zip(values.iter().map(|value| value.trim()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        match one(app, wanted, &row).await {
            Ok(()) => report.created += 1,
            Err(error) if error.code == errors::VALIDATION_ERROR => {
                let refused = error.fields.into_iter().map(|fault| refused(line, &fault));
                report.refused.extend(refused);
            }
            Err(error) => return Err(error),
        }
        progress(number + 1, all);
    }
    Ok(report)
}

fn refused(line: usize, fault: &FieldError) -> RefusedRow {
    RefusedRow {
        line,
        field: fault.field.to_string(),
        kind: fault.kind,
        message: fault.message.to_string(),
    }
}

async fn one(app: &App, wanted: &Import<'_>, row: &HashMap<&str, &str>) -> Result<()> {
    let now = app.clock.now();
    let origin = Origin::of_the_service("import".to_owned(), now);
    let who = read(app, &origin, row)?;
    let named = row.get("doctor_id").copied().map(UserId::from_stored);
    let doctor = named.as_ref().unwrap_or(&wanted.doctor_id);
    let doctor = approved_doctor(app, doctor).await?;
    let findable = Findable::of(&UserId::from_stored(""), &who, &app.phone_rules);
    if !matches(app, &findable).await?.is_empty() {
        let message = errors::POSSIBLE_DUPLICATE.message();
        return Err(FieldError::new("row", "possible_duplicate", message).into());
    }
    if wanted.dry_run {
        return Ok(());
    }
    let id = app.people.new_patient_id(&origin).await?;
    let access = Access {
        subjects: std::slice::from_ref(&id),
        part: Part::Who.name(),
        basis: "import",
        purpose: "administration",
    };
    let event = Event::done(Some(&id), actions::RECORD_CREATE).noting("import");
    audit::record(app, &origin, event.about(access)).await?;
    let data = (&who, &Clinical::default());
    insert_patient(app, &id, data, Some(&doctor), now).await?;
    Ok(())
}

/// Reads a row, with all its faults.
fn read(app: &App, origin: &Origin, row: &HashMap<&str, &str>) -> Result<Who> {
    let mut faults = Vec::new();
    let get = |column: &str| row.get(column).copied();
    let names = PatientNames::parse(get("name"), get("first_name"), get("last_name"));
    let names = names.map_err(|all| faults.extend(all)).ok();
    let age = get("age").map(|age| age.parse().unwrap_or(-1));
    let today = local_date(&app.zone, origin.now);
    let today = today.ok_or_else(|| Error::internal("the clock has no date"))?;
    let birth = Birth::parse(get("date_of_birth"), age, origin.now, today);
    let birth = birth.map_err(|fault| faults.push(fault)).ok();
    let sex = Sex::parse(get("sex").unwrap_or("unknown"));
    let sex = sex.map_err(|it| faults.push(it.at("sex"))).ok();
    let phone = get("phone").map(Mobile::parse).transpose();
    let phone = phone.map_err(|it| faults.push(it.at("phone"))).ok();
    let email = get("email").map(EmailAddress::parse).transpose();
    let email = email.map_err(|it| faults.push(it.at("email"))).ok();
    let address = get("address").map(Address::parse).transpose();
    let address = address.map_err(|it| faults.push(it.at("address"))).ok();
    let referred_by = get("referred_by").map(ReferredBy::parse).transpose();
    let referred_by = referred_by.map_err(|it| faults.push(it.at("referred_by")));
    let referred_by = referred_by.ok();
    let (Some(names), Some(birth), Some(sex), true) = (names, birth, sex, faults.is_empty()) else {
        return Err(Error::validation(faults));
    };
    Ok(Who {
        names,
        birth,
        sex,
        phone: phone.flatten(),
        email: email.flatten(),
        address: address.flatten(),
        referred_by: referred_by.flatten(),
        emergency_contact: None,
        language: get("language").and_then(Language::parse),
    })
}
