//! The operations of accounts, joined for the program, and what several of them share.

pub mod answer;
pub mod text;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    accounts::http::ProfileResponse,
    admin::http::{
        accounts::AdminAccountsApi, bulk::AdminBulkApi, import::AdminImportApi,
        pending::AdminPendingApi, users::AdminUsersApi,
    },
    app::App,
    factors::{
        http::{
            describe_details, devices::DevicesApi, factors::FactorsApi, login::SecondStepApi,
            reauthentication::ReauthenticationApi,
        },
        passkeys::http::PasskeysApi,
    },
    login::http::LoginApi,
    own_account::http::{deletion::DeletionApi, email::EmailApi, export::ExportApi},
    password::http::PasswordApi,
    profile::http::ProfileApi,
    registration::http::RegistrationApi,
    sessions::http::SessionsApi,
    verification::http::VerificationApi,
};

/// The handlers of the operations.
pub type Handlers = (
    RegistrationApi,
    VerificationApi,
    LoginApi,
    FactorHandlers,
    SessionsApi,
    PasswordApi,
    ProfileApi,
    (EmailApi, DeletionApi, ExportApi),
    (
        AdminPendingApi,
        AdminUsersApi,
        AdminAccountsApi,
        AdminBulkApi,
        AdminImportApi,
    ),
);

type FactorHandlers = (
    SecondStepApi,
    FactorsApi,
    DevicesApi,
    ReauthenticationApi,
    PasskeysApi,
);

/// The handlers for `app`.
#[must_use]
pub fn handlers(app: &Arc<App>) -> Handlers {
    (
        RegistrationApi(Arc::clone(app)),
        VerificationApi(Arc::clone(app)),
        LoginApi(Arc::clone(app)),
        (
            SecondStepApi(Arc::clone(app)),
            FactorsApi(Arc::clone(app)),
            DevicesApi(Arc::clone(app)),
            ReauthenticationApi(Arc::clone(app)),
            PasskeysApi(Arc::clone(app)),
        ),
        SessionsApi(Arc::clone(app)),
        PasswordApi(Arc::clone(app)),
        ProfileApi(Arc::clone(app)),
        (
            EmailApi(Arc::clone(app)),
            DeletionApi(Arc::clone(app)),
            ExportApi(Arc::clone(app)),
        ),
        (
            AdminPendingApi(Arc::clone(app)),
            AdminUsersApi(Arc::clone(app)),
            AdminAccountsApi(Arc::clone(app)),
            AdminBulkApi(Arc::clone(app)),
            AdminImportApi(Arc::clone(app)),
        ),
    )
}

/// Adds to the schema `name` of the OpenAPI document what its type cannot say.
pub fn describe(name: &str, schema: &mut Value) {
    match name {
        "ProfileResponse" => ProfileResponse::describe(schema),
        "ErrorDetails" => describe_details(schema),
        // Browsers add fields to it, so the framework's type is that of any value.
        "SecondStepRequest" | "ReauthenticateRequest" => {
            schema["properties"]["passkey"]["type"] = "object".into();
        }
        _ => {}
    }
}

/// The chapters of the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Tags)]
pub enum Tag {
    /// Registering, and proving an e-mail address.
    Registration,
    /// Logging in, refreshing and checking tokens.
    Login,
    /// One's own second factors, and proving again who is calling.
    Factors,
    /// One's own sessions.
    Sessions,
    /// Forgotten and changed passwords.
    Password,
    /// One's own profile.
    Profile,
    /// One's own account: another e-mail address, its deletion, its export.
    Account,
    /// Other people's accounts and registrations; for staff and administrators.
    Administration,
}
