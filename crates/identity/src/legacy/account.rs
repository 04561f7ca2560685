//! The fields of an account in the forms of the older service, and in today's form.

use bson::{Bson, Document};

use super::{
    status,
    values::{day_of, flag_of, text_of, time_of},
};
use kernel::{clock::Timestamp, contact::EmailAddress, role::Role, stored::date};

/// Reads a value in any of its forms; `None` if it cannot be read, because an optional field must not stop its owner
/// from logging in.
type Form = fn(&Bson) -> Option<Bson>;

const TEXT: Form = |value| text_of(value).map(Bson::from);
const FLAG: Form = |value| flag_of(value).map(Bson::from);
const DAY: Form = |value| day_of(value).map(Bson::from);
const TIME: Form = |value| time_of(value).map(|at| date(at).into());
/// No password fits a hash that is not a text.
const HASH: Form = |value| value.as_str().map(Bson::from);

/// The fields that the older service wrote in several forms.
const FORMS: [(&str, Form); 17] = [
    ("username", TEXT),
    ("email", TEXT),
    ("email_display", TEXT),
    ("mobile", TEXT),
    ("password_hash", HASH),
    ("first_name", TEXT),
    ("last_name", TEXT),
    ("is_pregnant", FLAG),
    ("date_of_birth", DAY),
    ("specialization", TEXT),
    ("license_number", TEXT),
    ("language", TEXT),
    ("approved", FLAG),
    ("is_verified", FLAG),
    ("created_at", TIME),
    ("updated_at", TIME),
    ("last_login_at", TIME),
];

/// The document of an account in today's form. Its collection decides its role, not the word that the older service
/// wrote. Among the staff, only an account with exactly the word for it is an administrator. Its status is what its
/// fields give (LEG-1).
#[must_use]
pub fn todays_form(mut row: Document, collection: Role) -> Document {
    let word = row.get_str("user_type").ok();
    let is_admin = word == Some(Role::Admin.name());
    let role = match collection {
        Role::Patient | Role::Doctor => collection,
        Role::Staff | Role::Admin if is_admin => Role::Admin,
        Role::Staff | Role::Admin => Role::Staff,
    };
    row.insert("user_type", role.name());
    row.insert("status", status::of(&row).name());
    for (field, read) in FORMS {
        match row.get(field).map(read) {
            Some(Some(value)) => drop(row.insert(field, value)),
            Some(None) => drop(row.remove(field)),
            None => {}
        }
    }
    for field in ["email", "first_name", "last_name"] {
        row.entry(field.to_owned()).or_insert_with(|| "".into());
    }
    // The older service kept users with unproven addresses elsewhere, and did not always write the field.
    row.entry("is_verified".to_owned())
        .or_insert_with(|| true.into());
    row
}

/// What a login writes to the document `row`: what it lacks, or has in another form.
#[must_use]
pub fn completion(row: &Document, collection: Role, now: Timestamp) -> Document {
    lacking(row, collection, Some(now))
}

/// What the pass at the start adds to the document `row`. It changes no field that the older service wrote, makes up no
/// time, and leaves what opens or closes an account to the older service (LEG-1).
#[must_use]
pub fn additions(row: &Document, collection: Role) -> Document {
    let mut lacking = lacking(row, collection, None);
    for field in row
        .keys()
        .map(String::as_str)
        .chain(["status", "is_verified"])
    {
        lacking.remove(field);
    }
    lacking
}

fn lacking(row: &Document, collection: Role, now: Option<Timestamp>) -> Document {
    let mut whole = todays_form(row.clone(), collection);
    let email = whole.get_str("email").unwrap_or_default().to_owned();
    if email.is_empty() {
        // An address that is missing cannot be made up, and two empty ones would be equal.
        whole.remove("email");
    } else {
        if let Ok(address) = EmailAddress::parse(&email) {
            whole.insert("email", address.canonical());
        }
        whole
            .entry("email_display".to_owned())
            .or_insert_with(|| email.into());
    }
    let made = match row.get("_id") {
        Some(Bson::ObjectId(id)) => Some(id.timestamp().to_chrono()),
        _ => now,
    };
    for (field, at) in [("created_at", made), ("updated_at", now)] {
        if let Some(at) = at {
            whole
                .entry(field.to_owned())
                .or_insert_with(|| date(at).into());
        }
    }
    // A username stays as it is, because the unique index compares it.
    let lacks =
        |(field, value): &(String, Bson)| field != "username" && row.get(field) != Some(value);
    whole.into_iter().filter(lacks).collect()
}

/// The values that a document can have where [`todays_form`] reads `text`. The older service wrote some numbers as
/// numbers, and an empty field in several ways.
#[must_use]
pub fn spellings(text: Option<&str>) -> Vec<Bson> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return vec![Bson::Null, "".into()];
    };
    let mut spellings = vec![text.into()];
    spellings.extend(text.parse::<i64>().map(Bson::from));
    spellings.extend(text.parse::<f64>().map(Bson::from));
    spellings
}

#[cfg(test)]
mod tests {
    use bson::{doc, oid::ObjectId};

    use super::*;

    fn older() -> Document {
        doc! {
            "_id": ObjectId::from_bytes([7; 12]), "user_id": "PAT00000001", "email": "Jane@Example.ORG",
            "mobile": 41_790_000_000_i64, "first_name": "Jane", "status": "Verified", "is_pregnant": ["x"],
        }
    }

    #[test]
    fn an_unreadable_field_is_left_out_and_a_missing_one_is_added() {
        let today = todays_form(older(), Role::Patient);
        assert_eq!(today.get_str("mobile").unwrap(), "41790000000");
        assert_eq!(today.get_str("status").unwrap(), "active");
        assert_eq!(today.get_str("user_type").unwrap(), "patient");
        assert_eq!(today.get_str("last_name").unwrap(), "");
        assert!(today.get_bool("is_verified").unwrap());
        assert!(!today.contains_key("is_pregnant"), "{today}");
        assert_eq!(todays_form(today.clone(), Role::Patient), today);
    }

    #[test]
    fn the_pass_adds_fields_and_changes_none() {
        let mut row = older();
        row.remove("status");
        let added = additions(&row, Role::Patient);
        let mut fields: Vec<&String> = added.keys().collect();
        fields.sort();
        let expected = ["created_at", "email_display", "last_name", "user_type"];
        assert_eq!(fields, expected);
        assert!(added.keys().all(|field| !row.contains_key(field)));
        let brought: Document = row.into_iter().chain(added).collect();
        assert_eq!(additions(&brought, Role::Patient), Document::new());
    }

    #[test]
    fn a_login_replaces_what_stands_in_another_form() {
        let now = Timestamp::UNIX_EPOCH;
        let completion = completion(&older(), Role::Patient, now);
        assert_eq!(completion.get_str("email").unwrap(), "jane@example.org");
        assert_eq!(completion.get_str("mobile").unwrap(), "41790000000");
        assert_eq!(completion.get_str("status").unwrap(), "active");
        assert_eq!(completion.get_datetime("updated_at").unwrap(), &date(now));
    }
}
