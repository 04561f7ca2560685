//! What other parts of the program ask of accounts. They use nothing else of this slice.

use kernel::{
    contact::Mobile,
    error::{Error, Result},
    ids::UserId,
    names::{LastName, PersonName},
    page::{Key, Listed, Page},
    person::Person,
    principal::Principal,
    request::Origin,
    role::Role,
    secret::Secret,
};
use platform::audit::{self, Event};

use crate::{
    accounts::{
        self,
        documents::{Status, User},
        rules::{
            changes::{Clearable, ProfileChange, ReviewedChange},
            identifier::user_id_key,
        },
    },
    actions,
    admin::rules::filter::UserFilter,
    app::App,
    errors, login,
    password::rules::Password,
    profile::store::ChangedPerson,
    registration, sessions,
};

/// Doctors that [`doctors`] gives at most.
const MAX_DOCTORS: usize = 1000;

/// The account with this id.
pub async fn find(app: &App, user_id: &UserId) -> Result<Option<User>> {
    Ok(app.store.accounts().find_by_user_id(user_id).await?)
}

/// Whether a doctor's licence was approved, and the account is active.
pub fn is_approved(user: &User) -> bool {
    user.user_type == Role::Doctor && user.status == Status::Active && user.approved == Some(true)
}

/// Every active and approved doctor, up to 1,000, newest first.
pub async fn doctors(app: &App) -> Result<Vec<User>> {
    let filter = UserFilter {
        role: Some(Role::Doctor),
        status: Some(Status::Active),
        ..UserFilter::default()
    };
    let mut found = Vec::new();
    let invalid = |_| Error::internal("the limit of a page");
    let mut page = Page::new(kernel::page::MAX_LIMIT, None).map_err(invalid)?;
    while found.len() < MAX_DOCTORS {
        let listed = app.store.accounts().list(&filter, false, &page).await?;
        found.extend(listed.rows.into_iter().filter(is_approved));
        match listed.next {
            Some(next) => page = page.continued(next),
            None => break,
        }
    }
    Ok(found)
}

/// A page of the patients' accounts after `after`, newest first.
pub async fn patients(app: &App, after: Option<Key>) -> Result<Listed<User>> {
    let filter = UserFilter {
        role: Some(Role::Patient),
        ..UserFilter::default()
    };
    let invalid = |_| Error::internal("the limit of a page");
    let page = Page::new(kernel::page::MAX_LIMIT, after).map_err(invalid)?;
    Ok(app.store.accounts().list(&filter, true, &page).await?)
}

/// A new user id of a patient, which no other account or record gets any more.
pub async fn new_patient_id(app: &App, origin: &Origin) -> Result<UserId> {
    let until = origin.now + accounts::RESERVED_FOR;
    let user_id = registration::reserve_user_id(app, Role::Patient, until).await?;
    let key = user_id_key(user_id.as_str());
    let identifiers = app.store.identifiers();
    if identifiers.activate(&key, &user_id, origin.now).await? {
        Ok(user_id)
    } else {
        Err(Error::internal("a user id that was just reserved is taken"))
    }
}

/// Invites a patient who has the id already. An account that is invited still gets its invitation again.
///
/// # Errors
/// `UserExists` if the patient has an account, or another account has the address.
pub async fn invite_patient(
    app: &App,
    origin: &Origin,
    actor: &UserId,
    user_id: &UserId,
    person: Person,
) -> Result<()> {
    match find(app, user_id).await? {
        Some(user) if user.status != Status::Invited => Err(errors::USER_EXISTS.into()),
        Some(user) => accounts::send_invitation(app, origin.into(), user_id, user.email()).await,
        None => accounts::invite_as(app, origin, actor, user_id, person).await,
    }?;
    // The record is found by the address of the account from now on.
    let accounts = app.store.accounts();
    Ok(accounts.mark_changed(user_id, app.rng.uuid()).await?)
}

/// Changes the names and the telephone number of an account. The caller records who changed the record.
pub async fn change_person(
    app: &App,
    origin: &Origin,
    user_id: &UserId,
    (first_name, last_name, mobile): (PersonName, LastName, Option<Mobile>),
) -> Result<()> {
    let Some(user) = find(app, user_id).await? else {
        return Ok(());
    };
    let event = Event::done(Some(user_id), actions::PROFILE_CHANGE);
    audit::record(app, origin, event).await?;
    let change = ProfileChange {
        reviewed: ReviewedChange {
            first_name: Some(first_name),
            last_name: Some(last_name),
            ..ReviewedChange::default()
        },
        mobile: mobile.map_or(Clearable::Cleared, Clearable::Set),
        ..ProfileChange::default()
    };
    let accounts = app.store.accounts();
    let whose = (user_id, user.user_type);
    let change = (&change, app.rng.uuid());
    accounts.change_profile(whose, change, origin.now).await?;
    sessions::forget(app, user_id, origin.now).await
}

/// Patients whose names, address or telephone number have changed since [`settle`] was called for them; some of them.
pub async fn changed_people(app: &App) -> Result<Vec<ChangedPerson>> {
    Ok(app.store.accounts().list_changed().await?)
}

/// Notes that the caller has followed a change. A later change is told again.
pub async fn settle(app: &App, person: &ChangedPerson) -> Result<()> {
    Ok(app.store.accounts().settle(person).await?)
}

/// Whether a password is the caller's, with the same lockout as a login (LCK-5).
///
/// # Errors
/// `RateLimit` if the account is locked.
pub async fn is_password_of(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    password: &Secret,
) -> Result<bool> {
    let Some(password) = Password::parse_login(password.expose()) else {
        return Ok(false);
    };
    login::is_right_password(app, origin, &caller.user_id, &password).await
}
