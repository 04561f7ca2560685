//! A mail server that keeps running when the service ends, and finds codes in its mails.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Mutex,
};

use crate::it::{
    harness::{Installation, eventually},
    smtp_server::{SmtpServer, Tls},
};

/// The mail server, and the ids of the mails that were read.
pub(crate) struct Mailbox {
    pub(crate) smtp: SmtpServer,
    seen: Mutex<HashSet<String>>,
}

/// The parts of a mail that the scenarios read.
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) id: String,
    subject: String,
    text: String,
}

impl Letter {
    fn code(&self) -> Option<String> {
        let mut lines = self.text.lines().map(str::trim);
        let code =
            lines.find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
        code.map(str::to_owned)
    }
}

impl Mailbox {
    pub(crate) async fn start() -> Self {
        Self {
            smtp: SmtpServer::start(Tls::None).await,
            seen: Mutex::default(),
        }
    }

    /// Configures a service to send its mails here.
    pub(crate) fn configure(&self, home: Installation) -> Installation {
        home.with("SMTP_HOST", "127.0.0.1")
            .with("SMTP_PORT", &self.smtp.address.port().to_string())
            .with("CLINIC_AUTH__EMAIL__TLS", "none")
            .with("CLINIC_AUTH__EMAIL__FROM", "no-reply@clinic.example")
    }

    /// Every accepted mail, oldest first.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        let letter = |mail: String, to: String| {
            let header = |name: &str| {
                let line = mail.lines().find_map(|line| line.strip_prefix(name));
                line.unwrap().trim().to_owned()
            };
            Letter {
                to,
                id: header("Message-ID:"),
                subject: header("Subject:"),
                text: mail,
            }
        };
        let received = self.smtp.received();
        received
            .into_iter()
            .map(|received| letter(received.mail(), received.to))
            .collect()
    }

    /// The number of different mails with this subject for each address, and the number of repeated ids.
    pub(crate) fn census(&self, subject: &str) -> (BTreeMap<String, usize>, usize) {
        let mut ids: BTreeMap<String, HashSet<String>> = BTreeMap::new();
        let mut again = 0;
        for letter in self.letters() {
            if letter.subject == subject && !ids.entry(letter.to).or_default().insert(letter.id) {
                again += 1;
            }
        }
        let counted = ids.into_iter().map(|(to, ids)| (to, ids.len()));
        (counted.collect(), again)
    }

    /// The number of different mails for each address, whatever their subject, and the number of repeated ids.
    pub(crate) fn of_addresses(&self) -> (BTreeMap<String, usize>, usize) {
        let mut ids: BTreeMap<String, HashSet<String>> = BTreeMap::new();
        let mut again = 0;
        for letter in self.letters() {
            if !ids.entry(letter.to).or_default().insert(letter.id) {
                again += 1;
            }
        }
        let counted = ids.into_iter().map(|(to, ids)| (to, ids.len()));
        (counted.collect(), again)
    }

    /// Waits for the next unread mail with this subject to `to`. Returns its code.
    pub(crate) async fn code(&self, to: &str, subject: &str) -> String {
        eventually(&format!("a mail {subject:?} to {to}"), async || {
            let letters = self.letters();
            let mut seen = self.seen.lock().unwrap();
            let fits = |letter: &&Letter| letter.to == to && letter.subject == subject;
            let letter = letters
                .iter()
                .filter(fits)
                .find(|letter| seen.insert(letter.id.clone()))?;
            Some(letter.code().unwrap())
        })
        .await
    }
}

/// The subject of the mail with a registration's code.
pub(crate) const VERIFY: &str = "Your verification code";
/// The subject of the mail with a reset's code.
pub(crate) const RESET: &str = "Reset your password";
