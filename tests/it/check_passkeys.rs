//! What `check` says of passkeys (PK-16).

use bson::doc;

use crate::harness::Installation;

// PK-16
#[tokio::test]
async fn check_says_which_site_passkeys_are_bound_to() {
    let home = Installation::new();
    let direct = home.open().await;
    let printed = home.run(&["check"]).await.success();
    assert!(
        printed.contains("ok     passkeys: they are bound to localhost"),
        "{printed}"
    );
    let other = doc! { "_id": "AAAA", "rp_id": "old.clinic.example" };
    direct
        .store
        .raw("passkeys")
        .insert_one(other)
        .await
        .unwrap();
    let printed = home.run(&["check"]).await.success();
    let warning = "warn   passkeys: 1 of them are bound to another site than localhost";
    assert!(printed.contains(warning), "{printed}");

    let home = home.with(
        "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
        "http://127.0.0.1:5001",
    );
    let printed = home.run(&["check"]).await.success();
    let off = "warn   passkeys: there are none: 127.0.0.1 is an IP address";
    assert!(printed.contains(off), "{printed}");
}

// MFA-17, PK-16
#[tokio::test]
async fn a_role_that_could_never_set_up_a_factor_is_a_fault() {
    let home = |methods: &str| {
        Installation::new()
            .with("CLINIC_AUTH__MFA__REQUIRED_ROLES", "staff")
            .with("CLINIC_AUTH__MFA__METHODS", methods)
    };
    let fault = "FAULT  second factors: staff must have one, and cannot set one up";
    let (enabled, address) = (
        "CLINIC_AUTH__PASSKEYS__ENABLED",
        "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
    );
    for (off, value) in [(enabled, "false"), (address, "http://127.0.0.1:5001")] {
        let alone = home("passkey").with(off, value);
        let printed = alone.run(&["check"]).await.failure();
        assert!(printed.contains(fault), "{printed}");
        assert!(
            printed.contains(r#"add "totp" to mfa.methods"#),
            "{printed}"
        );
    }
    let both = home("totp,passkey").with(enabled, "false");
    let printed = both.run(&["check"]).await.success();
    assert!(
        printed.contains("ok     second factors: staff must have one"),
        "{printed}"
    );
    let printed = home("passkey").run(&["check"]).await.success();
    assert!(!printed.contains(fault), "{printed}");
}

// PK-16
#[tokio::test]
async fn a_site_that_browsers_would_refuse_stops_the_start() {
    for (key, value, fault) in [
        (
            "CLINIC_AUTH__PASSKEYS__RP_ID",
            "other.example",
            "passkeys.rp_id: other.example is neither",
        ),
        (
            "CLINIC_AUTH__PASSKEYS__EXTRA_ORIGINS",
            "app",
            r#"passkeys.extra_origins: "app" is not"#,
        ),
    ] {
        let printed = Installation::new()
            .with(key, value)
            .run(&["check"])
            .await
            .failure();
        assert!(printed.contains(fault), "{printed}");
    }
}
