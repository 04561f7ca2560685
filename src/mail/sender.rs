//! Who mails come from: the address, the service's name in the text, and the links that are ours.

use hyper::Uri;
use lettre::{Address, message::Mailbox};

use super::MailError;
use crate::config::Settings;

/// Who mails come from.
#[derive(Debug, Clone)]
pub struct Sender {
    pub(super) from: Mailbox,
    /// What the texts call the service; in no language's grammar.
    pub(super) service_name: String,
    /// The host of `service.public_base_url`: right half of each Message-ID, and the EHLO name.
    pub(super) host: String,
    public_base_url: String,
    pub(super) reset_page_url: Option<String>,
}

impl Sender {
    /// From `email.from` (`address` or `Name <address>`; the domain may be international; the name is what the texts
    /// call the service, without it they say the public host), else the SMTP user if that is an address,
    /// else `no-reply@` the public host.
    ///
    /// # Errors
    /// `email.from` is set and is not an address, or is one that mails cannot come from.
    pub fn from_settings(settings: &Settings) -> Result<Self, MailError> {
        let config = &settings.config;
        let host = host(&config.service.public_base_url);
        let from = match &config.email.from {
            Some(from) => mailbox(from)?,
            None => Mailbox::new(None, default_address(settings, &host)?),
        };
        Ok(Self {
            service_name: from.name.clone().unwrap_or_else(|| host.clone()),
            from,
            host,
            public_base_url: config
                .service
                .public_base_url
                .trim_end_matches('/')
                .to_owned(),
            reset_page_url: config.reset.page_url.clone(),
        })
    }

    /// A clinic that there is not, for examples.
    pub(super) fn example() -> Result<Self, MailError> {
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

    /// What links begin with, without a slash at the end.
    pub(super) fn public_base_url(&self) -> &str {
        &self.public_base_url
    }

    /// Whether `link` leads to us, or to the clinic's own reset page (MAIL-4, RST-2).
    pub(super) fn owns(&self, link: &str) -> bool {
        [Some(&self.public_base_url), self.reset_page_url.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|base| link.strip_prefix(base.as_str()))
            .any(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }
}

fn mailbox(from: &str) -> Result<Mailbox, MailError> {
    const FAULT: &str = "email.from is not an address";
    // MAIL-3: it becomes a header.
    if from.chars().any(char::is_control) {
        return Err(MailError::new(FAULT));
    }
    let mailbox: Mailbox = from.parse().map_err(|_| MailError::new(FAULT))?;
    Ok(Mailbox {
        email: ascii(&mailbox.email).ok_or_else(|| MailError::new(FAULT))?,
        ..mailbox
    })
}

/// The address with its domain in A-labels, which every server takes; SMTPUTF8 is rare. None: there is no such form.
fn ascii(address: &Address) -> Option<Address> {
    if address.domain().is_ascii() {
        return address.user().is_ascii().then(|| address.clone());
    }
    let domain = idna::domain_to_ascii_strict(address.domain()).ok()?;
    Address::new(address.user(), domain)
        .ok()
        .filter(|address| address.user().is_ascii())
}

fn default_address(settings: &Settings, host: &str) -> Result<Address, MailError> {
    let user = settings.secrets.smtp_user.as_ref();
    let address = user.and_then(|user| user.expose().parse().ok());
    if let Some(address) = address.as_ref().and_then(ascii) {
        return Ok(address);
    }
    Address::new("no-reply", host)
        .map_err(|_| MailError::new("email.from is needed: the public host cannot send mail"))
}

/// The host of `url`; `localhost` where there is none, or an IPv6 literal, which no address takes.
fn host(url: &str) -> String {
    url.parse::<Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
        .filter(|host| !host.starts_with('['))
        .unwrap_or_else(|| "localhost".to_owned())
}
