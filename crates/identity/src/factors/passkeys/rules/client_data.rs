//! What the browser says it signed (`WebAuthn` Level 3, 5.8.1), as far as the library of passkeys does not look at it: the
//! exact origin, and that no other page had this one in a frame (PK-2).

use serde::{Deserialize, de::IgnoredAny};

use super::Refused;

/// Client data; other keys are ignored, because browsers add some.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    top_origin: Option<IgnoredAny>,
}

/// Whether the client data name one of the `origins`, byte by byte, outside of other sites' frames.
pub(super) fn check(json: &[u8], origins: &[String]) -> Result<(), Refused> {
    let data: ClientData =
        serde_json::from_slice(json).map_err(|_| Refused::Malformed("client data"))?;
    if !origins.contains(&data.origin) {
        return Err(Refused::Origin);
    }
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(Refused::Framed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Result<(), Refused> {
        check(json.as_bytes(), &["https://a.example".to_owned()])
    }

    // PK-2
    #[test]
    fn only_the_exact_origin_outside_of_frames_passes() {
        for good in [
            r#"{"origin":"https://a.example"}"#,
            r#"{"origin":"https://a.example","crossOrigin":false,"topOrigin":null}"#,
            r#"{"origin":"https://a.example","other_keys_can_be_added_here":"see https://goo.gl/yabPex"}"#,
        ] {
            assert!(of(good).is_ok(), "{good}");
        }
        for (bad, expected) in [
            (r#"{"origin":"https://b.example"}"#, Refused::Origin),
            (r#"{"origin":"https://a.example/"}"#, Refused::Origin),
            (r#"{"origin":"https://a.example:443"}"#, Refused::Origin),
            (r#"{"origin":"https://a.example/login"}"#, Refused::Origin),
            (r#"{"origin":"https://me@a.example"}"#, Refused::Origin),
            (r#"{"origin":"http://a.example"}"#, Refused::Origin),
            (r#"{"origin":"https://A.example"}"#, Refused::Origin),
            (
                r#"{"origin":"https://a.example","crossOrigin":true}"#,
                Refused::Framed,
            ),
            (
                r#"{"origin":"https://a.example","topOrigin":"https://a.example"}"#,
                Refused::Framed,
            ),
            (
                r#"{"origin":"https://a.example","topOrigin":7}"#,
                Refused::Framed,
            ),
        ] {
            assert_eq!(of(bad), Err(expected), "{bad}");
        }
        for malformed in [
            "",
            "[]",
            "{}",
            r#"{"origin":null}"#,
            r#"{"origin":"https://b.example","origin":"https://a.example"}"#,
            r#"{"origin":"https://a.example","crossOrigin":"no"}"#,
        ] {
            assert_eq!(
                of(malformed),
                Err(Refused::Malformed("client data")),
                "{malformed}"
            );
        }
    }
}
