//! `/auth/passkeys`: one's own passkeys, and login by one of them.

use super::{
    Accepted, Added, Ceremony,
    documents::Passkey,
    rules::{
        PasskeyName, Refused,
        responses::{Assertion, Common, Registration},
    },
};
use crate::{
    app::App,
    errors,
    factors::{enroller::Shown, http::factors::EnrolledResponse, passkeys},
    http::{
        Tag,
        answer::{Done, TokenResponse},
        text::Text,
    },
    permissions::FactorsSelf,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, param::Path, payload::Json, types::Any};
use serde_json::Value;

use kernel::names::DeviceName;
use web::{
    Body, Problem, RequestBody, RequestOrigin, Time,
    body::Unknown,
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
        Ok(Json(added.await?.into()))
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

/// Nothing: the same for everybody.
#[derive(Debug, Object)]
struct BeginPasskeyLoginRequest {}

impl RequestBody for BeginPasskeyLoginRequest {
    const OPTIONAL: bool = true;
}

/// A ceremony that has begun.
#[derive(Debug, Object)]
struct PasskeyCeremonyResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Names it in the second half
    challenge_id: String,
    /// Seconds in which it can be finished
    expires_in: u64,
    /// What the browser is asked: `PublicKeyCredentialRequestOptionsJSON` or `PublicKeyCredentialCreationOptionsJSON`
    /// (`WebAuthn` Level 3)
    public_key: Any<Value>,
}

impl From<Ceremony> for PasskeyCeremonyResponse {
    fn from(ceremony: Ceremony) -> Self {
        let Ceremony {
            challenge_id,
            expires_in,
            options,
        } = ceremony;
        Self {
            success: true,
            message: "Ask the browser for the passkey".to_owned(),
            challenge_id: challenge_id.expose().to_owned(),
            expires_in: expires_in.unsigned_abs(),
            public_key: Any(options),
        }
    }
}

/// A login by passkey. Fields that browsers add are ignored.
#[derive(Debug, Object)]
struct FinishPasskeyLoginRequest {
    /// From the answer that began it
    challenge_id: String,
    /// What the browser gave
    credential: AssertionCredential,
    /// What the device is called in the list of sessions: any text, of which 100 characters are kept
    device_name: Option<Text<DeviceName>>,
}

impl RequestBody for FinishPasskeyLoginRequest {
    const UNKNOWN: Unknown = Unknown::Ignore;
}

/// The use of a passkey, as `PublicKeyCredential.toJSON()` writes it (`AuthenticationResponseJSON`).
#[derive(Debug, Object)]
pub(crate) struct AssertionCredential {
    /// The passkey
    id: String,
    /// The same
    #[oai(rename = "rawId")]
    raw_id: String,
    /// Always `public-key`
    #[oai(rename = "type")]
    kind: String,
    /// What the device signed
    response: AssertionResponse,
}

/// What the device signed, in base64url.
#[derive(Debug, Object)]
struct AssertionResponse {
    /// What the browser says it signed
    #[oai(rename = "clientDataJSON")]
    client_data: String,
    /// What the device says of itself
    #[oai(rename = "authenticatorData")]
    authenticator_data: String,
    /// The signature over both
    signature: String,
    /// The account's name in the passkey
    #[oai(rename = "userHandle")]
    user_handle: Option<String>,
}

impl AssertionCredential {
    /// The answer, decoded.
    pub(crate) fn read(&self) -> Result<Assertion, Refused> {
        let common = Common {
            id: &self.id,
            raw_id: &self.raw_id,
            kind: &self.kind,
            client_data: &self.response.client_data,
        };
        let response = &self.response;
        Assertion::read(
            common,
            &response.authenticator_data,
            &response.signature,
            response.user_handle.as_deref(),
        )
    }
}

/// Who adds a passkey.
#[derive(Debug, Object)]
struct BeginPasskeyRequest {
    /// From `details` of `MFA_ENROLMENT_REQUIRED`; without it, the access token counts
    mfa_token: Option<String>,
}

impl RequestBody for BeginPasskeyRequest {
    const OPTIONAL: bool = true;
}

/// A new passkey. Fields that browsers add are ignored.
#[derive(Debug, Object)]
struct AddPasskeyRequest {
    /// From the answer that began it
    challenge_id: String,
    /// What the browser gave
    credential: AttestationCredential,
    /// What its owner calls it: 1 to 60 characters; without it, it gets a number
    name: Option<Text<PasskeyName>>,
    /// From `details` of `MFA_ENROLMENT_REQUIRED`; without it, the access token counts
    mfa_token: Option<String>,
}

impl RequestBody for AddPasskeyRequest {
    const UNKNOWN: Unknown = Unknown::Ignore;
}

/// A new passkey, as `PublicKeyCredential.toJSON()` writes it (`RegistrationResponseJSON`).
#[derive(Debug, Object)]
struct AttestationCredential {
    /// The passkey
    id: String,
    /// The same
    #[oai(rename = "rawId")]
    raw_id: String,
    /// Always `public-key`
    #[oai(rename = "type")]
    kind: String,
    /// What the device made
    response: AttestationResponse,
}

/// What the device made, in base64url.
#[derive(Debug, Object)]
struct AttestationResponse {
    /// What the browser says it signed
    #[oai(rename = "clientDataJSON")]
    client_data: String,
    /// The new public key, and what the device says of itself
    #[oai(rename = "attestationObject")]
    attestation: String,
    /// How to reach the device
    transports: Option<Vec<String>>,
}

impl AttestationCredential {
    fn read(&self) -> Result<Registration, Refused> {
        let common = Common {
            id: &self.id,
            raw_id: &self.raw_id,
            kind: &self.kind,
            client_data: &self.response.client_data,
        };
        let transports = self.response.transports.as_deref().unwrap_or_default();
        Registration::read(common, &self.response.attestation, transports)
    }
}

/// A passkey that was added.
#[derive(Debug, Object)]
struct PasskeyAddedResponse {
    /// The passkey
    passkey_id: String,
    #[oai(flatten)]
    enrolled: EnrolledResponse,
}

impl From<Added> for PasskeyAddedResponse {
    fn from(added: Added) -> Self {
        let Added { id, enrolled } = added;
        Self {
            passkey_id: id.as_str().to_owned(),
            enrolled: enrolled.into(),
        }
    }
}

/// A passkey as its owner sees it.
#[derive(Debug, Object)]
pub(crate) struct PasskeyView {
    /// The passkey: the credential's id
    passkey_id: String,
    /// What its owner calls it
    name: String,
    /// When it was registered
    created_at: Time,
    /// When it was used last
    #[oai(nullable)]
    last_used_at: Option<Time>,
    /// Whether its owner's devices share it
    synced: bool,
    /// How to reach the device
    transports: Vec<String>,
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        let transports = passkey.transports.iter();
        Self {
            transports: transports.map(|it| it.name().to_owned()).collect(),
            passkey_id: passkey.id.as_str().to_owned(),
            name: passkey.name,
            created_at: Time(passkey.created_at),
            last_used_at: passkey.last_used_at.map(Time),
            synced: passkey.backed_up,
        }
    }
}

/// A new name.
#[derive(Debug, Object)]
struct RenamePasskeyRequest {
    /// 1 to 60 characters
    name: Text<PasskeyName>,
}

impl RequestBody for RenamePasskeyRequest {}

/// A passkey was removed.
#[derive(Debug, Object)]
struct PasskeyRemovedResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// What is left, for the browser
    accepted: AcceptedPasskeysView,
}

/// The passkeys that are still accepted (`AllAcceptedCredentialsOptions`).
#[derive(Debug, Object)]
struct AcceptedPasskeysView {
    /// The domain
    #[oai(rename = "rpId")]
    rp_id: String,
    /// The account's name in its passkeys
    #[oai(rename = "userId")]
    user_id: String,
    /// Their ids
    #[oai(rename = "allAcceptedCredentialIds")]
    ids: Vec<String>,
}

impl From<Accepted> for PasskeyRemovedResponse {
    fn from(accepted: Accepted) -> Self {
        let Accepted {
            rp_id,
            user_handle,
            ids,
        } = accepted;
        Self {
            success: true,
            message: "Passkey removed".to_owned(),
            accepted: AcceptedPasskeysView {
                rp_id,
                user_id: user_handle,
                ids,
            },
        }
    }
}
