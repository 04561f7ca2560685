//! The key of the records, and what the database shows of them.

use clinic::app::PrepareError;

use crate::harness::{Clinic, field_keys};

// ENC-5
#[tokio::test]
async fn another_key_is_told_at_the_start_by_fingerprints() {
    let clinic = Clinic::start().await;
    let other = clinic.app_with_key(field_keys("another field key of 32 bytes or even more"));
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
