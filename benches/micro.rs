//! Measures single steps of a request: `cargo bench --bench micro`. It prints nanoseconds, the median of many rounds.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends, and prints what it found"
)]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use clinic_auth::config::{
    MasterSecret, Peppers,
    sections::{Jwt, JwtAlgorithm, Password},
};
use crypto::{
    AccessClaims, Hasher, JwtSettings, KeyRing, MasterKeys, Purpose, RingKey, SigningKey, Subject,
};
use identity::{
    accounts::documents::User,
    factors::passkeys::rules::{
        CredentialId, RelyingParty, options::Owner, responses::Registration,
    },
    sessions::{
        cache::{Entry, SessionCache},
        documents::Session,
    },
    settings::Passkeys,
};
use kernel::{
    clock::{Clock, Timestamp},
    metrics::Metrics,
    random::SharedRng,
    role::Role,
    secret::Secret,
};
use serde_json::json;

const ROUNDS: usize = 101;

fn main() {
    println!("{:<44} {:>12}", "step", "nanoseconds");
    for algorithm in [
        JwtAlgorithm::ES256,
        JwtAlgorithm::EdDSA,
        JwtAlgorithm::RS256,
        JwtAlgorithm::HS256,
    ] {
        tokens(algorithm);
    }
    codes();
    sessions();
    hashes();
    hostile_passkeys();
}

/// Runs `step` in rounds of `times` calls, and prints the median time of one call.
fn measure(what: &str, times: u32, mut step: impl FnMut()) -> Duration {
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            (0..times).for_each(|_| step());
            began.elapsed() / times
        })
        .collect();
    rounds.sort_unstable();
    println!("{what:<44} {:>12}", rounds[ROUNDS / 2].as_nanos());
    rounds[ROUNDS / 2]
}

fn master() -> MasterKeys {
    MasterKeys::new(&MasterSecret {
        current: Secret::new("m".repeat(40)),
        previous: None,
    })
}

fn ring(algorithm: JwtAlgorithm) -> KeyRing {
    let jwt = Jwt {
        algorithm,
        ..Jwt::default()
    };
    let ring = KeyRing::new(JwtSettings::from(&jwt));
    ring.replace(match algorithm {
        JwtAlgorithm::HS256 => RingKey::from_master(&master()),
        _ => vec![RingKey {
            key: SigningKey::generate(algorithm).unwrap(),
            sign_from: Timestamp::MIN_UTC,
            sign_until: Timestamp::MAX_UTC,
            verify_until: Timestamp::MAX_UTC,
        }],
    });
    ring
}

fn claims(ring: &KeyRing, now: Timestamp, randomness: &SharedRng) -> AccessClaims {
    let subject = Subject {
        user_id: "PAT12345678",
        role: Role::Patient,
        session_id: "6f0f5c1e-3ad1-4d8e-9a53-6a4f0d1c7b11",
        approved: None,
        methods: kernel::methods::Methods::PASSWORD,
        auth_time: now,
    };
    ring.settings().claims(subject, now, randomness)
}

fn tokens(algorithm: JwtAlgorithm) {
    let (ring, now, randomness) = (ring(algorithm), Clock::System.now(), SharedRng::seeded(1));
    let sign = || ring.sign(&claims(&ring, now, &randomness), now).unwrap();
    measure(&format!("{algorithm:?}: sign a token"), 20, || {
        black_box(sign());
    });
    let mut fresh = (0..ROUNDS * 20)
        .map(|_| sign())
        .collect::<Vec<_>>()
        .into_iter();
    measure(
        &format!("{algorithm:?}: verify a token, the first time"),
        20,
        || {
            ring.verify(fresh.next().unwrap().expose(), now).unwrap();
        },
    );
    let token = sign();
    measure(&format!("{algorithm:?}: verify it again"), 1000, || {
        black_box(ring.verify(token.expose(), now).unwrap());
    });
}

/// Measures the MAC that a code is derived from; computing the digits from it costs almost nothing.
fn codes() {
    let master = master();
    measure("derive a one-time code", 1000, || {
        let parts: [&[u8]; 3] = [b"verification", &[7; 16], b"PAT12345678"];
        black_box(master.mac(Purpose::Codes, &parts));
    });
}

fn sessions() {
    let now = Clock::System.now();
    let at = bson::DateTime::from_millis(now.timestamp_millis());
    let session: Session = bson::deserialize_from_document(bson::doc! {
        "_id": "6f0f5c1e-3ad1-4d8e-9a53-6a4f0d1c7b11",
        "session_id": "6f0f5c1e-3ad1-4d8e-9a53-6a4f0d1c7b11",
        "user_id": "PAT12345678", "user_type": "patient", "user_agent": "bench", "ip_address": "192.0.2.1",
        "login_time": at, "last_activity": at, "expires_at": at, "absolute_expires_at": at, "is_active": true,
        "refresh": { "current": "digest", "expires_at": at },
    })
    .unwrap();
    let user: User = serde_json::from_value(json!({
        "_id": "PAT12345678", "user_id": "PAT12345678", "email": "jane@example.org", "user_type": "patient",
    }))
    .unwrap();
    let cache = SessionCache::new(1000);
    let id = session.session_id.clone();
    let entry = Entry {
        session: Arc::new(session),
        user: Arc::new(user),
    };
    let read_at = cache.generation(entry.user.user_id.as_str());
    cache.put(entry.clone(), read_at);
    measure("find a session in memory", 1000, || {
        black_box(cache.get(&id).unwrap());
    });
    measure("note that a session is used", 1000, || {
        let due = cache.note(&entry.session, now, chrono::Duration::minutes(1));
        black_box(due);
    });
}

fn hashes() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let metrics = Metrics::new().unwrap();
    let hasher = Hasher::new(
        &Password::default(),
        &Peppers::default(),
        SharedRng::seeded(1),
        metrics,
    )
    .unwrap();
    measure("hash a password at the default cost", 1, || {
        runtime
            .block_on(hasher.hash(b"correct horse battery"))
            .unwrap();
    });
}

/// The longest that a hostile registration may take (PK-14).
const HOSTILE: Duration = Duration::from_millis(10);

/// As long as an attestation object may be.
const LARGEST: usize = 8 * 1024;

/// Measures how long attestation objects of the largest size that is read keep a thread until they are refused.
fn hostile_passkeys() {
    let site = RelyingParty::new("https://accounts.clinic.example", &Passkeys::default()).unwrap();
    let owner = Owner {
        handle: SharedRng::seeded(1).uuid(),
        name: "jane",
        display_name: "Jane Doe",
    };
    let begun = site.begin_registration(owner, std::iter::empty()).unwrap();
    let client_data = json!({
        "type": "webauthn.create", "challenge": begun.options["challenge"],
        "origin": "https://accounts.clinic.example", "crossOrigin": false,
    });
    for (what, attestation) in [
        ("nested arrays", vec![0x81; LARGEST]),
        ("nested maps", [0xa1, 0x00].repeat(LARGEST / 2)),
        ("an endless array", [&[0x9b][..], &[0xff; 8]].concat()),
        (
            "a map of as many empty texts",
            [&[0xb9, 0x0f, 0xff][..], &[0x60; 8189]].concat(),
        ),
        ("nothing but ends", vec![0xff; LARGEST]),
        ("zeros", vec![0; LARGEST]),
    ] {
        let registration = Registration {
            id: CredentialId::of(&[7; 16]).unwrap(),
            client_data: client_data.to_string().into_bytes(),
            attestation,
            transports: Vec::new(),
        };
        let took = measure(&format!("refuse a passkey: {what}"), 20, || {
            let refused = site.finish_registration(&begun.state, registration.clone());
            assert!(black_box(refused).is_err());
        });
        assert!(took < HOSTILE, "{what}: {took:?}");
    }
}
