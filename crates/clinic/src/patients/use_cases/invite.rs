//! An invitation: the patient of a record gets an account with the same id (E1).

use kernel::{
    contact::EmailAddress,
    error::{Error, Result, RuleViolation},
    ids::UserId,
    principal::Principal,
    request::Origin,
};

use crate::{
    access::{Action, Part},
    actions,
    app::App,
    errors,
    people::Invited,
    records,
};

const ADDRESS_MISSING: RuleViolation =
    RuleViolation::new("missing", "The record has no address to invite");

const INVITED_ELSEWHERE: &str = "The invitation went to another address. An administrator deletes the account, then invite again";

/// `POST /patients/{id}/invite`. A patient who has not accepted yet is sent the invitation again.
///
/// 1. Decide. 2. Load the record and its address. 3. Record the invitation. 4. Note in the record that there is an account.
///    5. Make the account. A crash between the two leaves a note without an account: the names of the record count until
///    the next invitation.
///
/// # Errors
/// `STATE_CONFLICT` if the patient has an account, was invited at another address, or another account has this one;
/// `RECORD_NOT_FOUND`, `CREDENTIAL_REQUIRED` or `ACCESS_DENIED`; a validation error if there is no address.
pub async fn invite(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    patient_id: &UserId,
    email: Option<&EmailAddress>,
) -> Result<()> {
    let (part, action) = (Part::Who, Action::Write);
    let allowed = records::allow(app, origin, caller, patient_id, part, action).await?;
    let record = records::load(app, origin, &allowed).await?;
    let holder = if record.has_account {
        app.people.holder(patient_id).await?
    } else {
        None
    };
    if let Some(holder) = holder {
        if !holder.is_invited {
            return Err(Error::new(errors::STATE_CONFLICT).saying("The patient has an account"));
        }
        if email.is_some_and(|email| email.canonical() != holder.email) {
            return Err(Error::new(errors::STATE_CONFLICT).saying(INVITED_ELSEWHERE));
        }
    }
    let who = records::sealed_who(app, &record)?;
    let email = email.or(who.email.as_ref());
    let email = email.ok_or_else(|| ADDRESS_MISSING.at("email"))?;
    let invited = Invited {
        patient_id: patient_id.clone(),
        email: email.canonical().to_owned(),
        first_name: who.names.first_name.to_string(),
        last_name: who.names.last_name.to_string(),
    };
    records::note(app, origin, caller, &allowed, actions::RECORD_INVITE, None).await?;
    let (rows, scope) = (app.store.patients(), allowed.scope());
    rows.mark_account(&scope, true).await?;
    match app.people.invite(origin, caller, invited).await {
        Ok(()) => Ok(()),
        Err(error) => {
            rows.mark_account(&scope, false).await?;
            // The other slice's code for an address that is taken is none of this one's.
            Err(match error.code.status() {
                409 => {
                    Error::new(errors::STATE_CONFLICT).saying("Another account has this address")
                }
                _ => error,
            })
        }
    }
}
