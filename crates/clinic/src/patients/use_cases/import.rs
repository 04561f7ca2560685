//! The import of patients from a file. Rows that break a rule, or that may be known already, are refused by their line.

use std::collections::HashMap;

use kernel::{
    contact::{EmailAddress, Mobile},
    csv,
    error::{Error, FieldError, Result, RuleViolation},
    ids::UserId,
    profile::Language,
    request::Origin,
};
use platform::audit::{self, Access, Event};

use super::{create::approved_doctor, duplicates::matches};
use crate::{
    access::Part,
    actions,
    app::App,
    errors,
    patients::{
        birth::{Birth, local_date},
        clinical::Clinical,
        duplicates::possible_duplicate,
        relations::insert_patient,
        search::Findable,
        values::{Address, ReferredBy, Sex},
        who::{PatientNames, Who},
    },
};

/// The columns that are read; others are skipped.
const COLUMNS: [&str; 12] = [
    "name",
    "first_name",
    "last_name",
    "date_of_birth",
    "age",
    "sex",
    "phone",
    "email",
    "address",
    "referred_by",
    "language",
    "doctor_id",
];
const NO_COLUMNS: RuleViolation = RuleViolation::new(
    "columns_missing",
    "The first row must name the columns: name, or first_name and last_name; date_of_birth, or age; and others",
);
const DOCTOR_MISSING: RuleViolation = RuleViolation::new(
    "missing",
    "The row names no doctor, and there is no other one",
);

/// What is imported.
pub struct Import<'a> {
    /// The text of the file. Its first row names the columns: `name`, or `first_name` and `last_name`; `date_of_birth`, or
    /// `age`; `sex`; and if known `phone`, `email`, `address`, `referred_by`, `language`, `doctor_id`.
    pub csv: &'a str,
    /// The doctor of rows that name none.
    pub doctor_id: Option<UserId>,
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
    /// The columns that were skipped, from 1. Their names are not told: without a row of names, they are a patient's data.
    pub skipped: Vec<usize>,
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
/// 1. Record the import. Then for each row: 2. Read it. 3. Look for the same person; a dry run also looks at the rows before,
///    which it did not insert. 4. Reserve the id. 5. Record the creation. 6. Insert the record and the relationship. So a
///    repeated import refuses what the first one made.
///
/// # Errors
/// The database does not answer; the rows before are made.
pub async fn import(
    app: &App,
    wanted: &Import<'_>,
    mut progress: impl FnMut(usize, usize) + Send,
) -> Result<Report> {
    let mut rows = csv::rows(wanted.csv).into_iter();
    let first = rows.next();
    let (line, columns) = first.map_or_else(|| (1, Vec::new()), |row| (row.line, row.cells));
    let columns: Vec<_> = columns.iter().map(|name| name.trim()).collect();
    let mut report = Report::default();
    if !columns.contains(&"name") && !columns.contains(&"last_name") {
        report.refused.push(refused(line, &NO_COLUMNS.at("row")));
        return Ok(report);
    }
    let places = columns.iter().zip(1..);
    let skipped = places.filter(|(name, _)| !COLUMNS.contains(name));
    report.skipped = skipped.map(|(_, place)| place).collect();
    let origin = Origin::of_the_service("import".to_owned(), app.clock.now());
    let all = rows.len();
    let kind = if wanted.dry_run { "dry run, " } else { "" };
    let detail = format!("{kind}{all} rows");
    let event = Event::done(None, actions::RECORD_IMPORT).noting(&detail);
    audit::record(app, &origin, event).await?;
    let mut before = Vec::new();
    for (number, row) in rows.enumerate() {
        if let Err(fault) = row.check(columns.len()) {
            report.refused.push(refused(row.line, &fault.at("row")));
            progress(number + 1, all);
            continue;
        }
        let csv::Row { line, cells, .. } = row;
        let row: HashMap<&str, &str> = columns
            .iter()
            .copied()
            .zip(cells.iter().map(|value| value.trim()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        match one(app, wanted, &row, &mut before).await {
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

async fn one(
    app: &App,
    wanted: &Import<'_>,
    row: &HashMap<&str, &str>,
    before: &mut Vec<Findable>,
) -> Result<()> {
    let now = app.clock.now();
    let origin = Origin::of_the_service("import".to_owned(), now);
    let who = read(app, &origin, row)?;
    let named = row.get("doctor_id").copied().map(UserId::from_stored);
    let doctor = named.as_ref().or(wanted.doctor_id.as_ref());
    let doctor = doctor.ok_or_else(|| DOCTOR_MISSING.at("doctor_id"))?;
    let doctor = approved_doctor(app, doctor).await?;
    let findable = Findable::of(&UserId::from_stored(""), &who, &app.phone_rules);
    let is_repeated = |it: &Findable| possible_duplicate(&findable, it).is_some();
    if before.iter().any(is_repeated) || !matches(app, &findable).await?.is_empty() {
        let message = errors::POSSIBLE_DUPLICATE.message();
        return Err(FieldError::new("row", "possible_duplicate", message).into());
    }
    if wanted.dry_run {
        before.push(findable);
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
