//! The key of the records, and what the database shows of them.

use clinic::app::{App, PrepareError};
use std::sync::Arc;

use crate::harness::{Clinic, field_keys};

/// The same clinic with another field key.
fn with_key(clinic: &Clinic, secret: &str) -> App {
    App::new(
        Arc::clone(&clinic.server.platform),
        clinic.app.store.clone(),
        clinic.app.settings.clone(),
        Arc::clone(&clinic.app.people),
        field_keys(secret),
    )
    .unwrap()
}

// ENC-5
#[tokio::test]
async fn another_key_is_told_at_the_start_by_fingerprints() {
    let clinic = Clinic::start().await;
    let other = with_key(&clinic, "another field key of 32 bytes or even more");
    let refused = other.prepare().await.unwrap_err();
    assert!(matches!(refused, PrepareError::Canary(_)));
    let text = refused.to_string();
    assert!(
        text.starts_with("this is not the key that sealed the records, fingerprint"),
        "{text}"
    );
    assert!(other.sealing().is_err());
}

// ENC-5
#[tokio::test]
async fn a_second_instance_uses_the_canary_of_the_first() {
    let clinic = Clinic::start().await;
    let second = clinic.another().await;
    assert!(second.app.sealing().is_ok());
}
