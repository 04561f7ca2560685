//! Tokens that were verified before: the cache knows their digest, and their times and keys are checked again.

use chrono::Duration;

use super::{
    RingKey,
    tests::{claims, hour, ring, ring_key},
};
use crate::{TokenError, settings::JwtAlgorithm};
use kernel::secret::Secret;

#[test]
fn a_verified_token_still_ends_by_time_and_with_its_key() {
    let key = ring_key(JwtAlgorithm::ES256, 0, 10);
    let ring = ring(vec![key.clone()]);
    let sign = |at| ring.sign(&claims(ring.settings(), at), at).unwrap();
    let verify = |token: &Secret, at| ring.verify(token.expose(), at).map(|_| ());
    let token = sign(hour(1));
    assert_eq!(verify(&token, hour(1)), Ok(()));
    let end = hour(1) + Duration::minutes(30) + Duration::seconds(5);
    assert_eq!(verify(&token, end - Duration::milliseconds(1)), Ok(()));
    assert_eq!(verify(&token, end), Err(TokenError::Expired));
    assert_eq!(
        verify(&token, hour(1) - Duration::seconds(61)),
        Err(TokenError::NotYet)
    );
    ring.replace(vec![RingKey {
        verify_until: hour(1),
        ..key
    }]);
    assert_eq!(verify(&token, hour(1)), Err(TokenError::UnknownKey));
    ring.replace(Vec::new());
    assert_eq!(verify(&token, hour(1)), Err(TokenError::UnknownKey));
}

#[test]
fn a_token_similar_to_a_verified_one_is_checked_itself() {
    let ring = ring(vec![ring_key(JwtAlgorithm::ES256, 0, 10)]);
    let good = ring
        .sign(&claims(ring.settings(), hour(1)), hour(1))
        .unwrap();
    assert!(ring.verify(good.expose(), hour(1)).is_ok());
    let (signed, signature) = good.expose().rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{other}{}", &signature[1..]);
    for _ in 0..2 {
        assert_eq!(ring.verify(&forged, hour(1)), Err(TokenError::Signature));
    }
}
