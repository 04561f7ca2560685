//! Invitations in a file: its columns, and what is wrong in its rows.

use std::collections::HashMap;

use crate::accounts::{
    NewColleague,
    rules::identifier::{email_key, username_key},
};
use kernel::{
    contact::{EmailAddress, Mobile},
    csv,
    error::{FieldError, RuleViolation},
    names::{LastName, PersonName},
    person::{Contact, Names, Person, RoleFields},
    role::Role,
    username::Username,
};

/// How many rows one file may have, beside the first one.
pub const MOST_ROWS: usize = 1000;

const REQUIRED: [&str; 3] = ["email", "user_type", "first_name"];
const OPTIONAL: [&str; 3] = ["last_name", "username", "mobile"];

const NO_ROWS: RuleViolation = RuleViolation::new(
    "empty",
    "The file has no rows below the one that names the columns",
);
const MISSING: RuleViolation = RuleViolation::new("missing", "This cell must not be empty");
const ROLE_INVALID: RuleViolation =
    RuleViolation::new("user_type_invalid", "Must be staff or admin");

/// Invitations as a file has them.
#[derive(Debug)]
pub struct Sheet {
    /// The rows below the names of the columns.
    pub rows: Vec<SheetRow>,
    /// The columns that are not known and are skipped, from 1.
    pub skipped: Vec<usize>,
}

/// One of the rows.
#[derive(Debug)]
pub struct SheetRow {
    /// Its number as spreadsheets count; the names of the columns are row 1.
    pub number: usize,
    /// The colleague, or what is wrong.
    pub colleague: Result<Box<NewColleague>, Vec<Fault>>,
    /// The columns whose values others must not have, and the keys of those values.
    pub keys: Vec<(Place, String)>,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number, from 1.
    pub column: usize,
    /// Its name.
    pub name: &'static str,
}

/// What is wrong in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In which column; `None` if it is about the whole row.
    pub place: Option<Place>,
    /// A stable word.
    pub kind: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl Fault {
    /// A rule that is broken at `place`.
    pub fn new(place: Option<Place>, violation: RuleViolation) -> Self {
        Self {
            place,
            kind: violation.kind,
            message: violation.message.to_owned(),
        }
    }
}

/// Reads a file. The first row names the columns, in any order and case.
///
/// # Errors
/// What is wrong with the file as a whole.
pub fn read(text: &str) -> Result<Sheet, Vec<FieldError>> {
    let mut rows = csv::rows(text).into_iter();
    let names = rows.next().map_or_else(Vec::new, |row| row.cells);
    let columns = Columns::of(&names)?;
    if rows.len() == 0 {
        return Err(vec![NO_ROWS.at("body")]);
    }
    if rows.len() > MOST_ROWS {
        let message = format!("At most 1,000 rows at once; the file has {}", rows.len());
        return Err(vec![FieldError::new("body", "too_many_rows", message)]);
    }
    let mut first_rows = HashMap::new();
    Ok(Sheet {
        rows: rows
            .map(|row| columns.read(&row, &mut first_rows))
            .collect(),
        skipped: columns.skipped,
    })
}

/// The columns of a file.
struct Columns {
    known: Vec<Place>,
    skipped: Vec<usize>,
    count: usize,
}

impl Columns {
    fn of(names: &[String]) -> Result<Self, Vec<FieldError>> {
        let mut columns = Self {
            known: Vec::new(),
            skipped: Vec::new(),
            count: names.len(),
        };
        let mut faults = Vec::new();
        for (name, column) in names.iter().zip(1..) {
            let name = name.trim().to_lowercase();
            let mut all = REQUIRED.into_iter().chain(OPTIONAL);
            match all.find(|known| *known == name) {
                None => columns.skipped.push(column),
                Some(name) if columns.at(name).is_some() => {
                    let message = format!("Columns with the name {name} stand twice in the file");
                    faults.push(FieldError::new("body", "column_repeated", message));
                }
                Some(name) => columns.known.push(Place { column, name }),
            }
        }
        for name in REQUIRED {
            if columns.at(name).is_none() {
                let message = format!("The first row must name a column {name}");
                faults.push(FieldError::new("body", "column_missing", message));
            }
        }
        if faults.is_empty() {
            Ok(columns)
        } else {
            Err(faults)
        }
    }

    fn at(&self, name: &str) -> Option<Place> {
        self.known.iter().copied().find(|place| place.name == name)
    }

    fn read(&self, row: &csv::Row, first_rows: &mut HashMap<String, usize>) -> SheetRow {
        let mut cells = Cells {
            columns: self,
            row,
            faults: Vec::new(),
        };
        if let Err(fault) = row.check(self.count) {
            cells.faults.push(Fault::new(None, fault));
        }
        let email = cells.required("email", EmailAddress::parse);
        let role = cells.required("user_type", colleague);
        let first_name = cells.required("first_name", PersonName::parse);
        let last_name = cells.optional("last_name", LastName::parse);
        let username = cells.optional("username", Username::parse);
        let mobile = cells.optional("mobile", Mobile::parse);
        let email_keys = email.as_ref().map(|it| email_key(it.canonical()));
        let username_keys = username.as_ref().map(|it| username_key(it.as_str()));
        let keys = [("email", email_keys), ("username", username_keys)];
        let keys = keys.into_iter();
        let keys: Vec<_> = keys
            .filter_map(|(name, key)| Some((self.at(name)?, key?)))
            .collect();
        for (place, key) in &keys {
            cells.note_repeated(*place, key, first_rows);
        }
        let colleague = match (email, role, first_name) {
            (Some(email), Some(role), Some(first_name)) if cells.faults.is_empty() => {
                Ok(Box::new(NewColleague {
                    role,
                    person: Person {
                        names: Names {
                            username,
                            first_name,
                            last_name: last_name.unwrap_or_else(LastName::none),
                        },
                        contact: Contact { email, mobile },
                        fields: RoleFields::default(),
                    },
                }))
            }
            _ => Err(cells.by_column()),
        };
        SheetRow {
            number: row.number,
            colleague,
            keys,
        }
    }
}

/// The cells of one row, and what is wrong in them.
struct Cells<'a> {
    columns: &'a Columns,
    row: &'a csv::Row,
    faults: Vec<Fault>,
}

impl Cells<'_> {
    fn cell(&self, place: Place) -> Option<&str> {
        let cell = self.row.cells.get(place.column - 1)?.trim();
        Some(cell).filter(|cell| !cell.is_empty())
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, RuleViolation>,
    ) -> Option<T> {
        let place = self.columns.at(name)?;
        if self.cell(place).is_none() {
            self.faults.push(Fault::new(Some(place), MISSING));
        }
        self.optional(name, parse)
    }

    fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, RuleViolation>,
    ) -> Option<T> {
        let place = self.columns.at(name)?;
        match parse(self.cell(place)?) {
            Ok(value) => Some(value),
            Err(violation) => {
                self.faults.push(Fault::new(Some(place), violation));
                None
            }
        }
    }

    /// The faults, from the first column to the last.
    fn by_column(mut self) -> Vec<Fault> {
        let column = |fault: &Fault| fault.place.map_or(0, |place| place.column);
        self.faults.sort_by_key(column);
        self.faults
    }

    /// Two rows of a file may not have the same address or username.
    fn note_repeated(&mut self, place: Place, key: &str, first_rows: &mut HashMap<String, usize>) {
        let first = *first_rows.entry(key.to_owned()).or_insert(self.row.number);
        if first != self.row.number {
            self.faults.push(Fault {
                place: Some(place),
                kind: "repeated",
                message: format!("Row {first} has the same"),
            });
        }
    }
}

/// A role that an administrator can give.
fn colleague(name: &str) -> Result<Role, RuleViolation> {
    let mut all = Role::ALL.into_iter().filter(|role| role.is_privileged());
    all.find(|role| role.name() == name).ok_or(ROLE_INVALID)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `row column kind` of each fault, and `row ok` of each row without one.
    fn told(text: &str) -> Vec<String> {
        let rows = read(text).unwrap().rows.into_iter();
        rows.flat_map(|row| match row.colleague {
            Ok(_) => vec![format!("{} ok", row.number)],
            Err(faults) => faults
                .into_iter()
                .map(|fault| {
                    let column = fault.place.map_or(0, |place| place.column);
                    format!("{} {column} {}", row.number, fault.kind)
                })
                .collect(),
        })
        .collect()
    }

    fn kinds(text: &str) -> Vec<&'static str> {
        read(text).unwrap_err().iter().map(|it| it.kind).collect()
    }

    #[test]
    fn each_fault_is_told_with_its_row_and_column() {
        let text = "E-mail;Email;User_Type;first_name;last_name;username;mobile\r\n\
            x;dana@example.org;staff;Dana;Desk;dana;079 000 00 00\r\n\
            \r\n\
            x;no;patient;;\"D\";admin;x\r\n\
            x;DANA@example.org;admin;Dan;;DANA;\r\n\
            x;eve@example.org;admin;Eve;;;;;more\r\n\
            x;eva@example.org;admin;\"Eva";
        let expected = [
            "2 ok",
            "4 2 email_invalid",
            "4 3 user_type_invalid",
            "4 4 missing",
            "4 6 username_reserved",
            "4 7 mobile_invalid",
            "5 2 repeated",
            "5 6 repeated",
            "6 0 too_many_cells",
            "7 0 quote_open",
        ];
        assert_eq!(told(text), expected);
        assert_eq!(read(text).unwrap().skipped, [1]);
    }

    #[test]
    fn a_file_must_name_its_columns_once_and_have_rows() {
        assert_eq!(kinds(""), ["column_missing"; 3]);
        assert_eq!(
            kinds("email,username,EMAIL\na,b,c"),
            ["column_repeated", "column_missing", "column_missing"]
        );
        assert_eq!(kinds("email,user_type,first_name\n\n"), ["empty"]);
        let row = "dana@example.org,staff,Dana\n";
        let many = format!("email,user_type,first_name\n{}", row.repeat(1001));
        assert_eq!(kinds(&many), ["too_many_rows"]);
    }

    #[test]
    fn last_name_username_and_mobile_may_be_absent() {
        let sheet = read("first_name,user_type,email\nDana,admin,Dana@Example.org\n").unwrap();
        let row = &sheet.rows[0];
        let colleague = row.colleague.as_ref().unwrap();
        assert_eq!(colleague.role, Role::Admin);
        assert_eq!(row.keys.len(), 1);
        assert_eq!(row.keys[0].1, "email:dana@example.org");
    }
}
