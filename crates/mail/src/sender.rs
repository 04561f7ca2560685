//! The sender of mails: the address, the service's name in the texts, and the links that are ours.

use hyper::Uri;
use lettre::{Address, message::Mailbox};

use super::MailError;
use crate::settings::MailSettings;

/// The sender of mails.
#[derive(Debug, Clone)]
pub struct Sender {
    pub(super) from: Mailbox,
    /// The name of the service in the texts. It is never inflected.
    pub(super) service_name: String,
    /// The host of `service.public_base_url`: the right half of each Message-ID, and the name in EHLO.
    pub(super) host: String,
    public_base_url: String,
    pub(super) reset_page_url: Option<String>,
}

impl Sender {
    /// The sender that `email.from` names, as `address` or `Name <address>`; its domain may be international. Without
    /// it, the sender is the SMTP user if that is an address, and otherwise `no-reply@` the public host. The texts call
    /// the service by the name, or by the public host if there is no name.
    ///
    /// # Errors
    /// `email.from` is set and is not an address, or no mail can be sent from the address.
    pub fn from_settings(settings: MailSettings<'_>) -> Result<Self, MailError> {
        let public_base_url = settings.public_base_url.trim_end_matches('/');
        let host = host(public_base_url);
        let from = match &settings.email.from {
            Some(from) => mailbox(from)?,
            None => Mailbox::new(None, default_address(settings, &host)?),
        };
        Ok(Self {
            service_name: from.name.clone().unwrap_or_else(|| host.clone()),
            from,
            host,
            public_base_url: public_base_url.to_owned(),
            reset_page_url: settings.reset_page_url.map(str::to_owned),
        })
    }

    /// The sender of an invented clinic, for examples.
    pub fn example() -> Result<Self, MailError> {
        let host = "accounts.clinic.example".to_owned();
        let from = mailbox("North Clinic <no-reply@clinic.example>")?;
        Ok(Self {
            service_name: "North Clinic".to_owned(),
            from,
            public_base_url: format!("https://{host}"),
            host,
            reset_page_url: None,
        })
    }

    /// The beginning of links, without a slash at the end.
    pub(super) fn public_base_url(&self) -> &str {
        &self.public_base_url
    }

    /// Whether `link` leads to this service, or to the clinic's own reset page (MAIL-4, RST-2).
    pub(super) fn owns(&self, link: &str) -> bool {
        [Some(&self.public_base_url), self.reset_page_url.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|base| link.strip_prefix(base.as_str()))
            .any(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }
}

fn mailbox(from: &str) -> Result<Mailbox, MailError> {
    const INVALID: &str = "email.from is not an address";
    // The address becomes a header (MAIL-3).
    if from.chars().any(char::is_control) {
        return Err(MailError::new(INVALID));
    }
    let mailbox: Mailbox = from.parse().map_err(|_| MailError::new(INVALID))?;
    Ok(Mailbox {
        email: ascii(&mailbox.email).ok_or_else(|| MailError::new(INVALID))?,
        ..mailbox
    })
}

/// The address with its domain in A-labels, which every server accepts; only few support SMTPUTF8. `None` if there is
/// no such form.
fn ascii(address: &Address) -> Option<Address> {
    if address.domain().is_ascii() {
        return address.user().is_ascii().then(|| address.clone());
    }
    let domain = idna::domain_to_ascii_strict(address.domain()).ok()?;
    let address = Address::new(address.user(), domain).ok();
    address.filter(|address| address.user().is_ascii())
}

fn default_address(settings: MailSettings<'_>, host: &str) -> Result<Address, MailError> {
    let user = settings.user;
    let address = user.and_then(|user| user.expose().parse().ok());
    if let Some(address) = address.as_ref().and_then(ascii) {
        return Ok(address);
    }
    Address::new("no-reply", host)
        .map_err(|_| MailError::new("email.from is needed: the public host cannot send mail"))
}

/// The host of `url`. `localhost` if there is none, or if it is an IPv6 literal, which no mail address accepts.
fn host(url: &str) -> String {
    url.parse::<Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
        .filter(|host| !host.starts_with('['))
        .unwrap_or_else(|| "localhost".to_owned())
}
