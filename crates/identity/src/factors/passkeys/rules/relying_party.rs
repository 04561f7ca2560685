//! The relying party: the site that passkeys are bound to. It comes from the configuration alone, never from a request
//! (PK-16).

use std::time::Duration;

use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{Url, WebauthnError},
};

use crate::settings::Passkeys;

/// The relying party.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    /// The domain that passkeys are bound to.
    pub id: String,
    /// What browsers may show.
    pub name: String,
    /// How long a ceremony may take.
    pub timeout: Duration,
    /// The origins whose client data are accepted, byte by byte.
    pub(super) origins: Vec<String>,
    pub(super) library: Webauthn,
}

/// Why there are no passkeys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Off {
    /// The setting says so.
    #[error("passkeys.enabled is false")]
    Disabled,
    /// Browsers have passkeys for names only.
    #[error("{0} is an IP address, and browsers have passkeys for host names only")]
    IpAddress(String),
    /// The address is not one of a web page.
    #[error("service.public_base_url is not the address of a host")]
    NoHost,
    /// Browsers would refuse it.
    #[error("{0} is neither the host of service.public_base_url nor a domain above it")]
    RpId(String),
    /// An origin that cannot be read.
    #[error("{0:?} is not an origin")]
    Origin(String),
}

impl RelyingParty {
    /// The relying party of the pages at `base_url`.
    ///
    /// # Errors
    /// Why there are no passkeys.
    pub fn new(base_url: &str, settings: &Passkeys) -> Result<Self, Off> {
        if !settings.enabled {
            return Err(Off::Disabled);
        }
        let base = Url::parse(base_url).map_err(|_| Off::NoHost)?;
        let host = base.host_str().ok_or(Off::NoHost)?;
        let domain = base.domain();
        let domain = domain.ok_or_else(|| Off::IpAddress(host.to_owned()))?;
        let id = settings.rp_id.as_deref().unwrap_or(domain).to_owned();
        let minutes = u64::try_from(settings.challenge_minutes).unwrap_or_default();
        let timeout = Duration::from_secs(minutes * 60);
        let wrong_id = |_: WebauthnError| Off::RpId(id.clone());
        let mut builder = WebauthnBuilder::new(&id, &base)
            .map_err(wrong_id)?
            .rp_name(&settings.rp_name)
            .timeout(timeout);
        let mut origins = vec![base.origin().ascii_serialization()];
        for extra in &settings.extra_origins {
            let url = Url::parse(extra).map_err(|_| Off::Origin(extra.clone()))?;
            builder = builder.append_allowed_origin(&url);
            origins.push(extra.clone());
        }
        let library = builder.build().map_err(wrong_id)?;
        Ok(Self {
            name: settings.rp_name.clone(),
            timeout,
            origins,
            library,
            id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(base_url: &str, rp_id: Option<&str>) -> Result<String, Off> {
        let settings = Passkeys {
            rp_id: rp_id.map(str::to_owned),
            ..Passkeys::default()
        };
        RelyingParty::new(base_url, &settings).map(|rp| rp.id)
    }

    // PK-16
    #[test]
    fn the_relying_party_is_the_host_or_a_domain_above_it() {
        let clinic = "https://accounts.clinic.example:8443";
        assert_eq!(of(clinic, None).unwrap(), "accounts.clinic.example");
        assert_eq!(
            of(clinic, Some("clinic.example")).unwrap(),
            "clinic.example"
        );
        assert_eq!(of("http://localhost:5001", None).unwrap(), "localhost");
        for (rp_id, base) in [
            ("other.example", clinic),
            ("nic.example", clinic),
            ("a.accounts.clinic.example", clinic),
            ("example.com", "http://localhost:5001"),
        ] {
            assert_eq!(of(base, Some(rp_id)), Err(Off::RpId(rp_id.to_owned())));
        }
    }

    // PK-16
    #[test]
    fn an_ip_address_turns_passkeys_off() {
        for (base, host) in [
            ("http://127.0.0.1:5001", "127.0.0.1"),
            ("https://[::1]", "[::1]"),
            ("https://10.0.0.7", "10.0.0.7"),
        ] {
            assert_eq!(of(base, None), Err(Off::IpAddress(host.to_owned())));
        }
        let disabled = Passkeys {
            enabled: false,
            ..Passkeys::default()
        };
        let off = RelyingParty::new("https://a.example", &disabled);
        assert_eq!(off.map(|rp| rp.id), Err(Off::Disabled));
    }

    #[test]
    fn the_origins_are_those_of_the_pages_and_of_the_apps() {
        let settings = Passkeys {
            extra_origins: vec![
                "https://app.clinic.example".to_owned(),
                "android:apk-key-hash:WyPxZ8mRzYWVkpF1".to_owned(),
            ],
            ..Passkeys::default()
        };
        let rp = RelyingParty::new("https://clinic.example/", &settings).unwrap();
        assert_eq!(rp.origins[0], "https://clinic.example");
        assert_eq!(rp.origins[1..], settings.extra_origins);
        let wrong = Passkeys {
            extra_origins: vec!["app".to_owned()],
            ..Passkeys::default()
        };
        let off = RelyingParty::new("https://clinic.example", &wrong);
        assert_eq!(off.map(|rp| rp.id), Err(Off::Origin("app".to_owned())));
    }
}
