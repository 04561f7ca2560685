//! An owner's passkeys: list, rename, remove (PK-10).

use super::ceremony::relying_party;
use crate::{
    accounts::documents::User,
    app::App,
    errors,
    factors::{
        self,
        passkeys::{
            documents::Passkey,
            rules::{PasskeyName, options::encoded_handle},
        },
        rules::account_factors::Factor,
    },
    throttle::{self, Writes},
};
use kernel::{error::Result, ids::UserId, principal::Principal, request::Origin};

use super::proof::is_of;
use uuid::Uuid;

/// The passkeys that the site still accepts from an account: `PublicKeyCredential.signalAllAcceptedCredentials` takes them, so
/// that the browser forgets the others.
#[derive(Debug)]
pub struct Accepted {
    /// The domain.
    pub rp_id: String,
    /// The account's handle, as browsers write it; empty if it never had one.
    pub user_handle: String,
    /// Their ids.
    pub ids: Vec<String>,
}

/// The passkeys of an account that count, oldest first.
pub async fn list(app: &App, user: &User) -> Result<Vec<Passkey>> {
    if user.factors.passkeys().next().is_none() {
        return Ok(Vec::new());
    }
    let mut passkeys = app.store.passkeys().list(&user.user_id).await?;
    passkeys.retain(|passkey| is_of(passkey, user));
    passkeys.sort_by_key(|passkey| passkey.created_at);
    Ok(passkeys)
}

/// Gives one of the caller's passkeys another name.
///
/// # Errors
/// `PasskeyNotFound` if it is not the caller's.
pub async fn rename(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    id: &str,
    name: &PasskeyName,
) -> Result<()> {
    throttle::by_account(app, origin, Writes::Changes, &caller.user_id).await?;
    let passkeys = app.store.passkeys();
    if passkeys.rename(&caller.user_id, id, name.as_str()).await? {
        Ok(())
    } else {
        Err(errors::PASSKEY_NOT_FOUND.into())
    }
}

/// Removes one of the caller's passkeys: 1 from the account's factors ([`factors::remove`]), and from then on it proves
/// nothing; 2 the passkey itself. Answers what is left.
///
/// # Errors
/// `PasskeyNotFound` if it is not the caller's; `FactorRequired` if the role must keep it.
pub async fn remove(app: &App, origin: &Origin, caller: &Principal, id: &str) -> Result<Accepted> {
    let factor = Factor::Passkey(id.to_owned());
    if !factors::remove(app, origin, caller, &factor).await? {
        return Err(errors::PASSKEY_NOT_FOUND.into());
    }
    app.store.passkeys().delete(&caller.user_id, id).await?;
    accepted(app, &caller.user_id).await
}

async fn accepted(app: &App, user_id: &UserId) -> Result<Accepted> {
    let user = app.store.accounts().find_by_user_id(user_id).await?;
    let factors = user.ok_or(errors::SESSION_ERROR)?.factors;
    let handle = factors.user_handle.as_deref();
    let handle = handle.and_then(|handle| Uuid::try_parse(handle).ok());
    Ok(Accepted {
        rp_id: relying_party(app)
            .map(|site| site.id.clone())
            .unwrap_or_default(),
        ids: factors.passkeys().map(str::to_owned).collect(),
        user_handle: handle.map(encoded_handle).unwrap_or_default(),
    })
}
