//! What the clinic asks about people. The program answers with the accounts; the clinic knows no account.

use futures_util::future::BoxFuture;
use kernel::{
    error::Result,
    ids::UserId,
    mail_language::MailLanguage,
    page::{Key, Listed},
    principal::Principal,
    request::Origin,
    secret::Secret,
};

/// A doctor, as patients and colleagues see one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doctor {
    /// The account.
    pub doctor_id: UserId,
    /// The full name.
    pub name: String,
    /// What the doctor is specialized in.
    pub specialization: Option<String>,
    /// Whether an administrator has approved the doctor, and the account is active (ACC-11).
    pub is_approved: bool,
}

/// What is known of an account's owner (E13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The account, which is also the id of a patient's record.
    pub user_id: UserId,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The address, canonical.
    pub email: String,
    /// The telephone number.
    pub mobile: Option<String>,
    /// The date of birth, `YYYY-MM-DD`.
    pub date_of_birth: Option<String>,
    /// The language of mails.
    pub language: Option<MailLanguage>,
    /// Whether the owner was invited, and has not set a password yet.
    pub is_invited: bool,
}

/// The names and the telephone number that a record changes on the account as well (E13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderChange {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The telephone number; `None` if it has none now.
    pub mobile: Option<String>,
}

/// The person whom an invitation is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// The id of the record, which the account gets.
    pub patient_id: UserId,
    /// The address.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
}

/// The accounts, as the clinic sees them.
pub trait People: Send + Sync {
    /// A doctor. `None` if no doctor has the id.
    fn doctor<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<Doctor>>>;

    /// Every doctor whose account is active and approved, up to 1,000, in the order of their ids.
    fn doctors(&self) -> BoxFuture<'_, Result<Vec<Doctor>>>;

    /// The full name of any account, for lists of who did something. `None` if there is no such account.
    fn name<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<String>>>;

    /// The owner of a patient's account. `None` if the patient has no account.
    fn holder<'a>(&'a self, id: &'a UserId) -> BoxFuture<'a, Result<Option<Holder>>>;

    /// A page of the owners of patients' accounts after `after`, newest first.
    fn holders(&self, after: Option<Key>) -> BoxFuture<'_, Result<Listed<Holder>>>;

    /// Changes names and telephone number of a patient's account (E13).
    fn change_holder<'a>(
        &'a self,
        origin: &'a Origin,
        id: &'a UserId,
        change: HolderChange,
    ) -> BoxFuture<'a, Result<()>>;

    /// Reserves a new id for a patient without an account, for good (E1).
    fn new_patient_id<'a>(&'a self, origin: &'a Origin) -> BoxFuture<'a, Result<UserId>>;

    /// Invites a patient to have an account with the id of the record; one who was invited is sent the invitation again.
    ///
    /// # Errors
    /// `UserExists` if another account has the address.
    fn invite<'a>(
        &'a self,
        origin: &'a Origin,
        caller: &'a Principal,
        invited: Invited,
    ) -> BoxFuture<'a, Result<()>>;

    /// Whether the password is that of the caller, within the limits of wrong passwords (REP-5).
    ///
    /// # Errors
    /// `RateLimit` if there were too many wrong ones.
    fn is_password_of<'a>(
        &'a self,
        origin: &'a Origin,
        caller: &'a Principal,
        password: Secret,
    ) -> BoxFuture<'a, Result<bool>>;
}
