//! The examples of docs/clients.md, run.

use std::error::Error;

mod clinic {
    include!(concat!(env!("OUT_DIR"), "/clinic.rs"));

    impl Clinic {
        /// Puts a token in place of the access token, as if that had expired; gives back the good one.
        pub async fn spoil(&self) -> String {
            let good = self.access_token().await;
            self.tokens.lock().await["access_token"] = "expired".into();
            good
        }
    }
}

mod verify {
    include!(concat!(env!("OUT_DIR"), "/verify.rs"));
}

use clinic::Clinic;
use reqwest::{Method, StatusCode};

/// Logs in, and lets three requests at a time find their token expired; then checks tokens offline.
pub async fn run(base_url: &str, username: &str, password: &str) -> Result<(), Box<dyn Error>> {
    let clinic = Clinic::login(base_url, username, password).await?;
    let token = clinic.spoil().await;
    let me = || clinic.request(Method::GET, "/users/me");
    let (one, two, three) = tokio::join!(me(), me(), me());
    for (status, answer) in [one?, two?, three?] {
        assert_eq!(
            (status, answer["username"].as_str()),
            (StatusCode::OK, Some(username))
        );
    }

    let keys = reqwest::get(format!("{base_url}/.well-known/jwks.json"));
    let keys = keys.await?.json().await?;
    let claims = verify::claims(&token, &keys)?;
    assert!(claims.sub.starts_with("PAT") && claims.user_type == "patient");
    assert!(claims.iat > 0 && !claims.session_id.is_empty() && !claims.jti.is_empty());
    let (signed, _) = token.rsplit_once('.').ok_or("no token")?;
    let forged = format!("{signed}.{}", "A".repeat(86));
    assert!(verify::claims(&forged, &keys).is_err());

    clinic.request(Method::POST, "/auth/logout").await?;
    assert_eq!(me().await?.1["error"]["code"], "SESSION_ERROR");
    println!(
        "reqwest and jsonwebtoken: requests at a time, a refresh, a token checked offline, logout"
    );
    Ok(())
}
