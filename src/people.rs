//! The accounts as the clinic sees them: the clinic asks, and accounts answer by their face.

use std::sync::Arc;

use clinic::{
    patients::use_cases::change::account_changed,
    people::{Doctor, Holder, HolderChange, Invited, People},
};
use futures_util::future::BoxFuture;
use identity::{
    accounts::documents::{Status, User},
    app::App,
    face,
};
use kernel::{
    contact::{EmailAddress, Mobile},
    error::{FieldError, Result},
    ids::UserId,
    mail_language::MailLanguage,
    names::{LastName, PersonName},
    page::{Key, Listed},
    person::{Contact, Names, Person, RoleFields},
    principal::Principal,
    request::Origin,
    role::Role,
    secret::Secret,
};

/// The accounts of this instance.
pub struct Accounts(pub Arc<App>);

/// Lets the records follow the accounts: the tokens of patients who have changed their names or telephone number there. An
/// account that changes meanwhile is followed in the next round, and so is a record.
///
/// # Errors
/// The database does not answer.
pub async fn follow(identity: &App, clinic: &clinic::app::App) -> Result<()> {
    for person in face::changed_people(identity).await? {
        match account_changed(clinic, &person.user_id).await {
            Ok(()) => face::settle(identity, &person).await?,
            Err(error) if error.code == clinic::errors::VERSION_CONFLICT => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn doctor(user: User) -> Doctor {
    Doctor {
        is_approved: face::is_approved(&user),
        name: user.person.names.full(),
        specialization: user.person.fields.specialization.map(Into::into),
        doctor_id: user.user_id,
    }
}

fn is_open_patient(user: &User) -> bool {
    user.user_type == Role::Patient && user.status != Status::Disabled
}

fn holder(user: User) -> Holder {
    let Person {
        names,
        contact,
        fields,
    } = user.person;
    let language = fields.language;
    Holder {
        is_invited: user.status == Status::Invited,
        user_id: user.user_id,
        first_name: names.first_name.into(),
        last_name: names.last_name.into(),
        email: contact.email.canonical().to_owned(),
        mobile: contact.mobile.map(Into::into),
        date_of_birth: fields.date_of_birth.map(Into::into),
        language: language.and_then(|tag| MailLanguage::from_tag(tag.as_str())),
    }
}

/// The field of a request that a value of the clinic came from.
fn at<T>(
    read: std::result::Result<T, kernel::error::RuleViolation>,
    field: &'static str,
) -> std::result::Result<T, FieldError> {
    read.map_err(|violation| violation.at(field))
}

impl People for Accounts {
    fn doctor<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<Doctor>>> {
        Box::pin(async move {
            let found = face::find(&self.0, id).await?;
            let is_doctor = |user: &User| user.user_type == Role::Doctor;
            Ok(found.filter(is_doctor).map(doctor))
        })
    }

    fn doctors(&self) -> BoxFuture<'_, Result<Vec<Doctor>>> {
        Box::pin(async move {
            let mut found: Vec<_> = face::doctors(&self.0)
                .await?
                .into_iter()
                .map(doctor)
                .collect();
            found.sort_by(|one, other| one.doctor_id.cmp(&other.doctor_id));
            Ok(found)
        })
    }

    fn name<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<String>>> {
        Box::pin(async move {
            let found = face::find(&self.0, id).await?;
            Ok(found.map(|user| user.person.names.full()))
        })
    }

    fn holder<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<Holder>>> {
        Box::pin(async move {
            let found = face::find(&self.0, id).await?;
            Ok(found.filter(is_open_patient).map(holder))
        })
    }

    fn holders(&self, after: Option<Key>) -> BoxFuture<'_, Result<Listed<Holder>>> {
        Box::pin(async move {
            let listed = face::patients(&self.0, after).await?;
            let open = listed.rows.into_iter().filter(is_open_patient);
            Ok(Listed {
                rows: open.map(holder).collect(),
                next: listed.next,
            })
        })
    }

    fn change_holder<'a>(
        &'a self,
        origin: &'a Origin,
        id: &'a UserId,
        change: HolderChange,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let HolderChange {
                first_name,
                last_name,
                mobile,
            } = change;
            let first_name = at(PersonName::parse(&first_name), "first_name")?;
            let last_name = at(LastName::parse(&last_name), "last_name")?;
            let mobile = mobile.as_deref().map(Mobile::parse).transpose();
            let person = (first_name, last_name, at(mobile, "phone")?);
            face::change_person(&self.0, origin, id, person).await
        })
    }

    fn new_patient_id<'a>(&'a self, origin: &'a Origin) -> BoxFuture<'a, Result<UserId>> {
        Box::pin(face::new_patient_id(&self.0, origin))
    }

    fn invite<'a>(
        &'a self,
        origin: &'a Origin,
        caller: &'a Principal,
        invited: Invited,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Invited {
                patient_id,
                email,
                first_name,
                last_name,
            } = invited;
            let person = Person {
                names: Names {
                    first_name: at(PersonName::parse(&first_name), "first_name")?,
                    last_name: at(LastName::parse(&last_name), "last_name")?,
                    ..Names::default()
                },
                contact: Contact {
                    email: at(EmailAddress::parse(&email), "email")?,
                    mobile: None,
                },
                fields: RoleFields::default(),
            };
            face::invite_patient(&self.0, origin, &caller.user_id, &patient_id, person).await
        })
    }

    fn is_password_of<'a>(
        &'a self,
        origin: &'a Origin,
        caller: &'a Principal,
        password: Secret,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move { face::is_password_of(&self.0, origin, caller, &password).await })
    }
}
