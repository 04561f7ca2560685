//! Tests of each kind of password hash, and of the limits of the pool.

use futures_util::{FutureExt, poll};

use super::*;
use kernel::secret::Secret;

const CHEAP: settings::Argon2 = settings::Argon2 {
    memory_kib: 8,
    iterations: 1,
    parallelism: 1,
};

const NO_PEPPER: settings::Peppers = settings::Peppers {
    current: None,
    previous: None,
};

fn config() -> settings::Password {
    settings::Password {
        argon2: CHEAP,
        ..settings::Password::default()
    }
}

fn metrics() -> Metrics {
    Metrics::new().unwrap()
}

fn hasher() -> Hasher {
    Hasher::new(&config(), &NO_PEPPER, SharedRng::seeded(1), metrics()).unwrap()
}

fn bcrypt_of(password: &str) -> PasswordHash {
    let parts = bcrypt::hash_with_salt(password, 4, [1; 16]).unwrap();
    PasswordHash::new(parts.format_for_version(bcrypt::Version::TwoB))
}

/// A hasher with one thread, for which a caller waits at most `hash_queue_ms`.
fn one_thread(hash_queue_ms: u64) -> Hasher {
    let config = settings::Password {
        hash_threads: Some(1),
        hash_queue_ms,
        ..config()
    };
    Hasher::new(&config, &NO_PEPPER, SharedRng::seeded(1), metrics()).unwrap()
}

/// The verdict, and the number of argon2 runs that it cost.
async fn verify(password: &str, stored: Option<&PasswordHash>) -> (Verdict, u64) {
    let hasher = hasher();
    let verdict = hasher.verify(password.as_bytes(), stored).await.unwrap();
    (verdict, hasher.hashes_done())
}

const NO: Verdict = Verdict {
    matches: false,
    outdated: false,
};
const YES: Verdict = Verdict {
    matches: true,
    outdated: false,
};
const OLD: Verdict = Verdict {
    matches: true,
    outdated: true,
};

#[tokio::test]
async fn a_new_hash_is_argon2id_of_the_configured_cost_and_verifies() {
    let hash = hasher().hash(b"correct horse").await.unwrap();
    assert!(hash.expose().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    // These are the lengths of 16 and 32 bytes in base64 without padding.
    let lengths: Vec<_> = hash.expose().split('$').skip(4).map(str::len).collect();
    assert_eq!(lengths, [22, 43]);
    assert_eq!(verify("correct horse", Some(&hash)).await, (YES, 1));
    assert_eq!(verify("correct horsf", Some(&hash)).await, (NO, 1));
}

#[tokio::test]
async fn equal_passwords_have_different_hashes() {
    let hasher = hasher();
    assert_ne!(
        hasher.hash(b"correct horse").await,
        hasher.hash(b"correct horse").await
    );
}

#[tokio::test]
async fn a_long_password_is_hashed_in_full() {
    let long = "a".repeat(128);
    let hash = hasher().hash(format!("{long}x").as_bytes()).await.unwrap();
    assert_eq!(verify(&format!("{long}x"), Some(&hash)).await.0, YES);
    assert_eq!(verify(&format!("{long}y"), Some(&hash)).await.0, NO);
}

#[tokio::test]
async fn every_wrong_password_costs_one_run_at_the_current_cost() {
    let empty = hasher().hash(b"").await.unwrap();
    let bcrypt = bcrypt_of("correct horse");
    let broken = PasswordHash::new("$argon2id$nonsense");
    let greedy = PasswordHash::new(
        "$argon2id$v=19$m=1048577,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    );
    let slow = PasswordHash::new(bcrypt.expose().replacen("$04$", "$31$", 1));
    let stored = [
        None,
        Some(&bcrypt),
        Some(&broken),
        Some(&greedy),
        Some(&slow),
    ];
    for hash in stored {
        assert_eq!(verify("wrong horse", hash).await, (NO, 1), "{hash:?}");
    }
    assert_eq!(verify("", Some(&empty)).await, (NO, 1));
}

#[tokio::test]
async fn a_reference_hash_of_argon2_verifies_and_is_outdated() {
    // The vector is from test.c of phc-winner-argon2.
    let reference = PasswordHash::new(
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    );
    assert_eq!(verify("password", Some(&reference)).await, (OLD, 1));
    assert_eq!(verify("passwort", Some(&reference)).await, (NO, 2));
}

#[tokio::test]
async fn a_hash_needs_its_pepper_and_is_outdated_under_a_new_one() {
    let with = |current: Option<&str>, previous: Option<&str>| {
        let peppers = settings::Peppers {
            current: current.map(Secret::new),
            previous: previous.map(Secret::new),
        };
        Hasher::new(&config(), &peppers, SharedRng::seeded(1), metrics()).unwrap()
    };
    let typed = b"correct horse";
    let plain = hasher().hash(typed).await.unwrap();
    let old = with(Some("old"), None).hash(typed).await.unwrap();
    assert!(old.expose().contains(",keyid="));
    for (hasher, hash, verdict, runs) in [
        (with(Some("old"), None), &old, YES, 1),
        (with(Some("new"), Some("old")), &old, OLD, 1),
        (with(None, Some("old")), &old, OLD, 1),
        (with(Some("new"), None), &plain, OLD, 1),
        // A hash whose pepper is not set costs exactly one run at the current cost, too (ENUM-2).
        (with(Some("new"), None), &old, NO, 1),
        (with(None, None), &old, NO, 1),
    ] {
        assert_eq!(hasher.verify(typed, Some(hash)).await, Ok(verdict));
        assert_eq!(hasher.hashes_done(), runs);
    }
    let right = with(Some("old"), None);
    assert_eq!(right.verify(b"correct horsf", Some(&old)).await, Ok(NO));
    assert_eq!(right.hashes_done(), 1);
}

#[tokio::test]
async fn bcrypt_hashes_of_the_older_service_verify_and_are_outdated() {
    // The vector is from wrapper.c of crypt_blowfish. For ASCII, its $2a$ and $2y$ are the same.
    for kind in ["$2a$", "$2b$", "$2y$"] {
        let hash = PasswordHash::new(format!(
            "{kind}05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
        ));
        assert_eq!(verify("U*U", Some(&hash)).await, (OLD, 0));
    }
}

#[tokio::test]
async fn bcrypt_ignores_bytes_after_72_and_refuses_nul() {
    let long = "a".repeat(72);
    let hash = bcrypt_of(&format!("{long}x"));
    assert_eq!(verify(&format!("{long}y"), Some(&hash)).await.0, OLD);
    assert_eq!(verify(&"a".repeat(71), Some(&hash)).await.0, NO);
    let short = bcrypt_of("ab");
    assert_eq!(verify("ab\0ab", Some(&short)).await.0, NO);
    assert_eq!(verify("ab", Some(&short)).await.0, OLD);
}

#[tokio::test]
async fn a_caller_that_waits_too_long_for_a_thread_gets_busy() {
    let hasher = one_thread(1);
    let (release, held) = std::sync::mpsc::channel::<()>();
    let busy = hasher.clone();
    let first =
        tokio::spawn(async move { busy.run(move |_, _| held.recv().map_err(|_| Busy)).await });
    while hasher.pool.is_free() {
        tokio::task::yield_now().await;
    }
    assert_eq!(hasher.verify(b"x", None).await, Err(Busy));
    release.send(()).unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(hasher.verify(b"x", None).await, Ok(NO));
}

#[tokio::test]
async fn the_refusal_of_a_hash_slot_is_delayed() {
    let hasher = one_thread(0);
    hasher.verify(b"x", None).await.unwrap(); // Now the pool knows the time of a hash.
    let slot = hasher.slot().now_or_never();
    let another = hasher.slot().now_or_never();
    assert!(matches!((&slot, &another), (Some(Ok(_)), Some(Ok(_)))));
    let mut refused = Box::pin(hasher.slot());
    assert!(poll!(&mut refused).is_pending());
    assert_eq!(refused.await.err(), Some(Busy));
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_free_its_thread() {
    let hasher = one_thread(1);
    let (release, held) = std::sync::mpsc::channel::<()>();
    let mut hung_up = Box::pin(hasher.run(move |_, _| held.recv().map_err(|_| Busy)));
    assert!(poll!(&mut hung_up).is_pending());
    drop(hung_up);
    assert_eq!(hasher.verify(b"x", None).await, Err(Busy));
    release.send(()).unwrap();
}

#[test]
fn a_cost_that_could_not_be_verified_is_refused() {
    let with = |argon2| {
        let config = settings::Password { argon2, ..config() };
        Hasher::new(&config, &NO_PEPPER, SharedRng::seeded(1), metrics()).is_ok()
    };
    assert!(with(CHEAP));
    assert!(!with(settings::Argon2 {
        iterations: 0,
        ..CHEAP
    }));
    assert!(!with(settings::Argon2 {
        iterations: 65,
        ..CHEAP
    }));
    assert!(!with(settings::Argon2 {
        memory_kib: (1 << 20) + 1,
        ..CHEAP
    }));
}
