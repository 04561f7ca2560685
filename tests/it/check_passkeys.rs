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
