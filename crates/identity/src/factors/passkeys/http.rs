//! `/auth/passkeys`: one's own passkeys, and login by one of them.

mod bodies;

use self::bodies::{
    AddPasskeyRequest, BeginPasskeyLoginRequest, BeginPasskeyRequest, FinishPasskeyLoginRequest,
    PasskeyAddedResponse, PasskeyCeremonyResponse, PasskeyRemovedResponse, RenamePasskeyRequest,
};
pub(crate) use self::bodies::{AssertionCredential, PasskeyView};
use crate::{
    app::App,
    errors,
    factors::{enroller::Shown, passkeys},
    http::{
        Tag,
        answer::{Done, TokenResponse},
        text::Text,
    },
    permissions::FactorsSelf,
};
use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path, payload::Json};

use web::{
    Body, Problem, RequestOrigin,
    caller::{Fresh, OptionalToken},
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct PasskeysApi(pub Arc<App>);

error_set!(
    /// Beginning a login.
    BeginLoginErrors = [NOT_FOUND] + BODY + DATABASE
);
error_set!(
    /// Finishing it.
    FinishLoginErrors = [NOT_FOUND, PASSKEY_ERROR, AUTH_FAILED, ACCESS_DENIED, EMAIL_ERROR] + BODY + DATABASE
);
error_set!(
    /// Beginning a registration.
    BeginErrors = [NOT_FOUND, PASSKEY_LIMIT] + BODY + BEARER + FRESH
);
error_set!(
    /// Finishing it.
    AddErrors = [NOT_FOUND, PASSKEY_ERROR, PASSKEY_TAKEN, PASSKEY_LIMIT, EMAIL_ERROR] + BODY + BEARER
);
error_set!(
    /// A new name.
    RenameErrors = [PASSKEY_NOT_FOUND] + ID + BODY + BEARER + FRESH
);
error_set!(
    /// Removing one.
    RemoveErrors = [PASSKEY_NOT_FOUND, FACTOR_REQUIRED, EMAIL_ERROR] + ID + BEARER + FRESH
);

#[OpenApi(tag = "Tag::Factors")]
impl PasskeysApi {
    /// Begin a login by passkey
    ///
    /// The answer is the same for everybody. Give `public_key` to `PublicKeyCredential.parseRequestOptionsFromJSON`, and the
    /// result to `navigator.credentials.get`.
    #[oai(
        path = "/auth/passkeys/login/begin",
        method = "post",
        operation_id = "begin_passkey_login"
    )]
    async fn begin_login(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<BeginPasskeyLoginRequest>,
    ) -> Result<Json<PasskeyCeremonyResponse>, Problem<BeginLoginErrors>> {
        body.checked()?;
        let ceremony = passkeys::begin_login(&self.0, &origin).await?;
        Ok(Json(ceremony.into()))
    }

    /// Log in by passkey
    ///
    /// A challenge works once, whatever comes of it. The passkey's device must have verified its user; nothing more is asked
    /// then.
    #[oai(
        path = "/auth/passkeys/login/finish",
        method = "post",
        operation_id = "finish_passkey_login"
    )]
    async fn finish_login(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<FinishPasskeyLoginRequest>,
    ) -> Result<Json<TokenResponse>, Problem<FinishLoginErrors>> {
        let FinishPasskeyLoginRequest {
            challenge_id,
            credential,
            device_name,
        } = body.checked()?;
        let device = device_name.and_then(Text::value).flatten().map(Into::into);
        let answer = credential.read();
        let done = passkeys::finish_login(&self.0, &origin, &challenge_id, answer, device);
        Ok(Json(TokenResponse::new("Login successful", done.await?)))
    }

    /// Begin a new passkey
    ///
    /// By a caller with a fresh proof (`/auth/reauthenticate`), or with the `mfa_token` of `MFA_ENROLMENT_REQUIRED`. Give
    /// `public_key` to `PublicKeyCredential.parseCreationOptionsFromJSON`, and the result to `navigator.credentials.create`.
    #[oai(
        path = "/auth/passkeys/begin",
        method = "post",
        operation_id = "begin_passkey"
    )]
    async fn begin(
        &self,
        header: OptionalToken,
        origin: RequestOrigin<'_>,
        body: Body<BeginPasskeyRequest>,
    ) -> Result<Json<PasskeyCeremonyResponse>, Problem<BeginErrors>> {
        let mfa_token = body.checked()?.mfa_token;
        let shown = Shown::new(header.0.as_deref(), mfa_token.as_deref());
        let ceremony = passkeys::begin_registration(&self.0, &origin, shown).await?;
        Ok(Json(ceremony.into()))
    }

    /// Add the new passkey
    ///
    /// In the session, or with the `mfa_token`, that began it. The first factor brings the recovery codes, which are shown this
    /// once; with the `mfa_token`, the login is complete. Every other session ends.
    #[oai(path = "/auth/passkeys", method = "post", operation_id = "add_passkey")]
    async fn add(
        &self,
        header: OptionalToken,
        origin: RequestOrigin<'_>,
        body: Body<AddPasskeyRequest>,
    ) -> Result<Json<PasskeyAddedResponse>, Problem<AddErrors>> {
        let request = body.checked()?;
        let shown = Shown::new(header.0.as_deref(), request.mfa_token.as_deref());
        let (id, name) = (&request.challenge_id, request.name.and_then(Text::value));
        let answer = request.credential.read();
        let added = passkeys::finish_registration(&self.0, &origin, shown, id, answer, name);
        Ok(Json(Box::pin(added).await?.into()))
    }

    /// Give a passkey another name
    #[oai(
        path = "/auth/passkeys/:passkey_id",
        method = "patch",
        operation_id = "rename_passkey"
    )]
    async fn rename(
        &self,
        caller: Fresh<FactorsSelf>,
        origin: RequestOrigin<'_>,
        /// From the list of passkeys
        passkey_id: Path<String>,
        body: Body<RenamePasskeyRequest>,
    ) -> Result<Json<Done>, Problem<RenameErrors>> {
        let name = body.read_as(|request, _| request.name.value())?;
        passkeys::rename(&self.0, &origin, &caller, &passkey_id.0, &name).await?;
        Ok(Json(Done::saying("Passkey renamed")))
    }

    /// Remove a passkey
    ///
    /// Every other session ends. Give `accepted` to `PublicKeyCredential.signalAllAcceptedCredentials`, so that the browser
    /// forgets the passkey too. The last factor of a role that must have one stays: add another first.
    #[oai(
        path = "/auth/passkeys/:passkey_id",
        method = "delete",
        operation_id = "remove_passkey"
    )]
    async fn remove(
        &self,
        caller: Fresh<FactorsSelf>,
        origin: RequestOrigin<'_>,
        /// From the list of passkeys
        passkey_id: Path<String>,
    ) -> Result<Json<PasskeyRemovedResponse>, Problem<RemoveErrors>> {
        let accepted = passkeys::remove(&self.0, &origin, &caller, &passkey_id.0).await?;
        Ok(Json(accepted.into()))
    }
}
