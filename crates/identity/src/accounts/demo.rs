//! Accounts for demonstrations and tests. They are active at once, and the service makes their passwords.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crypto::Purpose;
use kernel::{
    contact::EmailAddress,
    error::{Error, Result, RuleViolation},
    ids::UserId,
    names::{LastName, PersonName},
    profile::{DateOfBirth, Specialization},
    request::Origin,
    role::Role,
    secret::Secret,
    secret_hash::PasswordHash,
    username::Username,
};

use super::{
    documents::User,
    rules::identifier::email_key,
    use_cases::{create, unnamed},
};
use crate::{app::App, errors};

/// A demo account with its password.
#[derive(Debug)]
pub struct Demo {
    /// The account.
    pub user_id: UserId,
    /// Its address.
    pub email: String,
    /// Its password in clear text. It is shown only once.
    pub password: Secret,
}

/// Makes a demo account of `role` with a new random password.
pub async fn create_demo(app: &App, role: Role) -> Result<Demo> {
    let now = app.clock.now();
    let password = Secret::new(URL_SAFE_NO_PAD.encode(app.rng.bytes::<18>()));
    let hash: PasswordHash = app.hasher.hash(password.expose().as_bytes()).await?;
    let suffix = app.rng.below(1_000_000);
    let address = format!("demo-{}-{suffix:06}@example.org", role.name());
    let email = EmailAddress::parse(&address).map_err(|_| errors::INTERNAL_ERROR)?;
    let mut person = unnamed(role, &email);
    person.names.username = Username::parse(email.local_part()).ok();
    let user = User {
        password_hash: Some(hash),
        approved: (role == Role::Doctor).then_some(true),
        ..User::new(UserId::from_stored(String::new()), role, person, now)
    };
    let origin = Origin::of_the_service(app.rng.uuid().to_string(), now);
    let user_id = create(app, &origin, None, user).await?;
    Ok(Demo {
        user_id,
        email: address,
        password,
    })
}

/// Somebody of a demonstration.
#[derive(Debug, Clone, Copy)]
pub struct Character {
    /// The role; a doctor is approved.
    pub role: Role,
    /// The username; the address is this at `example.org`.
    pub username: &'static str,
    /// The first name.
    pub first_name: &'static str,
    /// The last name.
    pub last_name: &'static str,
    /// What a doctor is specialized in.
    pub specialization: Option<&'static str>,
    /// The date of birth of a patient.
    pub date_of_birth: Option<&'static str>,
}

/// The account of a character, made at the first call. Its password follows from the master secret and the address, so that
/// each call can tell it, until the owner changes it.
pub async fn cast(app: &App, character: &Character) -> Result<Demo> {
    let now = app.clock.now();
    let address = format!("{}@example.org", character.username);
    let (_, mac) = app
        .master
        .mac(Purpose::DemoPasswords, &[address.as_bytes()]);
    let (half, _) = mac.split_at(12);
    let password = Secret::new(URL_SAFE_NO_PAD.encode(half));
    let email = fixed(EmailAddress::parse(&address))?;
    let key = email_key(email.canonical());
    let demo = |user_id| Demo {
        user_id,
        email: address.clone(),
        password: password.clone(),
    };
    if let Some(known) = app.store.identifiers().find_owner(&[key]).await? {
        return Ok(demo(known));
    }
    let hash = app.hasher.hash(password.expose().as_bytes()).await?;
    let role = character.role;
    let mut person = unnamed(role, &email);
    person.names.username = Some(fixed(Username::parse(character.username))?);
    person.names.first_name = fixed(PersonName::parse(character.first_name))?;
    person.names.last_name = fixed(LastName::parse(character.last_name))?;
    let specialization = character.specialization.map(Specialization::parse);
    person.fields.specialization = fixed(specialization.transpose())?;
    let born = character.date_of_birth;
    let born = born.map(|date| DateOfBirth::parse(date, now)).transpose();
    person.fields.date_of_birth = fixed(born)?;
    let user = User {
        password_hash: Some(hash),
        approved: (role == Role::Doctor).then_some(true),
        ..User::new(UserId::from_stored(String::new()), role, person, now)
    };
    let origin = Origin::of_the_service(app.rng.uuid().to_string(), now);
    Ok(demo(create(app, &origin, None, user).await?))
}

/// A value of a character, which keeps the rules.
fn fixed<T>(read: std::result::Result<T, RuleViolation>) -> Result<T> {
    read.map_err(|violation| Error::internal(violation.message))
}
