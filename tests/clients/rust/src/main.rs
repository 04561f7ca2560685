//! The walk of the other clients, with the one that progenitor generated.

use std::{env, error::Error, time::SystemTime};

#[expect(clippy::all, reason = "generated")]
mod client {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

mod examples;

use client::{
    Client,
    types::{LoginRequest, LogoutRequest, RegisterRequest, VerifyRequest},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let base_url = env::args()
        .nth(1)
        .ok_or("the address of the service is missing")?;
    let client = Client::new(&base_url);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let username = format!("rust.{:x}", now.as_millis());
    let email = format!("{username}@example.org");
    let password = "correct horse battery".to_owned();

    let registered = client
        .register(&RegisterRequest {
            username: Some(username.parse()?),
            email: email.parse()?,
            mobile: Some("+41 79 000 00 00".to_owned()),
            phone: None,
            registration_token: None,
            password: password.parse()?,
            first_name: "Jane".parse()?,
            last_name: Some("Doe".to_owned()),
            date_of_birth: None,
            is_pregnant: None,
            language: None,
            license_number: None,
            specialization: None,
            user_type: None,
        })
        .await?
        .into_inner();
    let verified = client
        .verify_otp(&VerifyRequest {
            email: email.parse()?,
            otp: registered
                .debug_otp
                .ok_or("the service is not in debug mode")?,
            registration_token: Some(registered.registration_token),
        })
        .await?;
    assert_eq!(verified.status, "verified");

    let tokens = client
        .login(
            None,
            &LoginRequest {
                username: Some(username.clone()),
                email: None,
                password: password.clone(),
                device_name: None,
                device_token: None,
            },
        )
        .await?;
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert(
        "Authorization",
        format!("Bearer {}", tokens.access_token).parse()?,
    );
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    let me = Client::new_with_client(&base_url, http);

    let profile = me.users_me().await?;
    assert_eq!(profile.username.as_ref(), Some(&username));
    assert_eq!((&profile.email, profile.is_verified), (&email, true));
    let by_token = LogoutRequest {
        refresh_token: Some(tokens.refresh_token.clone()),
    };
    assert!(me.logout(&by_token).await?.success);

    match me.users_me().await {
        Err(client::Error::ErrorResponse(refused)) => {
            assert_eq!(
                (refused.status().as_u16(), refused.error.code.as_str()),
                (401, "SESSION_ERROR")
            );
        }
        other => return Err(format!("after the logout: {other:?}").into()),
    }
    println!("progenitor: register, verify, login, me, logout");
    examples::run(&base_url, &username, &password).await
}
