//! Errors of an SMTP server, in words that say what to do.

use std::{borrow::Cow, error::Error, io, iter, time::Duration};

use lettre::transport::smtp;
use rustls::CertificateError;
use tokio::time::timeout;

use super::{MailError, Refusal};
use crate::state::MailReason;

/// A step of the SMTP conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    LookUp,
    Connect,
    Tls,
    Login,
    /// The same with a token.
    Token,
    Sender,
    Recipient,
    Content,
    /// The whole conversation.
    Mail,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::LookUp => "looking up the name of the mail server",
            Self::Connect => "connecting to the mail server",
            Self::Tls => "starting TLS with the mail server",
            Self::Login => "signing in to the mail server",
            Self::Token => "signing in to the mail server with a token",
            Self::Sender => "naming the sender to the mail server",
            Self::Recipient => "naming the recipient to the mail server",
            Self::Content => "handing the text to the mail server",
            Self::Mail => "sending the mail",
        }
    }

    /// What to do about a failure. `reply` is the code of the server's answer, if it answered.
    const fn remedy(self, reply: Option<u16>) -> &'static str {
        match (self, reply) {
            (Self::Connect, Some(_)) => {
                "the server is there and refuses this machine: ask those who run it whether this machine's address may \
                 send mail through it, and whether they know the name by which the service greets (the host of \
                 service.public_base_url)"
            }
            (Self::Tls, Some(_)) => {
                "the server refuses STARTTLS: ask those who run it; a server that speaks TLS from the first byte wants \
                 SMTP_PORT=465 and email.tls=implicit"
            }
            (Self::Sender, Some(530)) => {
                "the server wants a login before the sender: set SMTP_USER and SMTP_PASSWORD"
            }
            (Self::LookUp, _) => "correct SMTP_HOST, or the name servers of this machine",
            (Self::Connect, None) => {
                "correct SMTP_HOST and SMTP_PORT (587 with email.tls=starttls, 465 with implicit); a firewall must let \
                 this machine out to that port"
            }
            (Self::Tls, None) => {
                "set SMTP_HOST to the name in the server's certificate; if an authority of your own signed it, set \
                 email.ca_file to its certificate; if the server speaks TLS from the first byte, set email.tls to implicit"
            }
            (Self::Login, _) => {
                "correct SMTP_USER and SMTP_PASSWORD; many providers want a password made for one application, or a token \
                 (email.auth=xoauth2)"
            }
            (Self::Token, Some(_)) => {
                "the server refuses the token: it must be made for SMTP_USER and for sending mail, and must not have expired; \
                 docs/operations.md says what each provider wants"
            }
            (Self::Token, None) => {
                "run email.token_command as the user of the service, or look into email.token_file: either must give one token, \
                 or the JSON answer of the token endpoint; a server that does not offer XOAUTH2 wants email.auth=password"
            }
            (Self::Sender, _) => {
                "set email.from to an address from which this server lets SMTP_USER send"
            }
            (Self::Recipient | Self::Content | Self::Mail, _) => {
                "look into the mail server's own log"
            }
        }
    }

    /// Whether the server's answer to this step is about this one mail. Answers to earlier steps are about our service
    /// (MAIL-8).
    const fn is_about_the_mail(self) -> bool {
        matches!(self, Self::Recipient | Self::Content)
    }
}

/// A step that failed.
#[derive(Debug)]
pub(super) struct Failure {
    step: Step,
    reason: Cow<'static, str>,
    /// The reply code, if the server answered and now waits for the next command.
    pub(super) reply: Option<u16>,
    /// Set if the mail is refused permanently.
    refusal: Option<Refusal>,
}

impl Failure {
    fn new(step: Step, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            step,
            reason: reason.into(),
            reply: None,
            refusal: None,
        }
    }

    /// The server's answer is not valid here.
    pub(super) fn unreadable(step: Step) -> Self {
        Self::new(step, "the answer makes no sense")
    }

    /// There is no token to sign in with.
    pub(super) fn no_token(why: &'static str) -> Self {
        Self::new(Step::Token, why)
    }

    /// Whether the server refused the token itself, so that another one may be accepted. 454 is no such answer (RFC 4954, 4.7.1).
    pub(super) fn is_refused_token(&self) -> bool {
        self.step == Step::Token && matches!(self.reply, Some(530..=539))
    }

    /// The host's name has no address. The system's own error of a look-up is not used, because people do not
    /// understand it.
    pub(super) fn unknown_host() -> Self {
        Self::new(Step::LookUp, "it is not found")
    }

    /// The server does not accept addresses that are not ASCII (RFC 6531). This counts as if it had refused this
    /// address.
    pub(super) fn not_ascii() -> Self {
        let reason = "the mail server takes no address that is not ASCII";
        Self {
            reply: Some(553),
            refusal: Some(Refusal::of_ours(MailReason::NotAnAddress)),
            ..Self::new(Step::Recipient, reason)
        }
    }

    /// The server took longer than `limit`.
    pub(super) fn timed_out(step: Step, limit: Duration) -> Self {
        Self::new(step, format!("no answer within {} s", limit.as_secs()))
    }

    fn caused(step: Step, error: &(dyn Error + 'static)) -> Self {
        let answer = error.downcast_ref::<smtp::Error>();
        let reply = answer.and_then(smtp::Error::status).map(u16::from);
        let reason = match reply {
            Some(code) => format!("refused with {code}").into(),
            None => reason(error),
        };
        let refusal = reply.filter(|_| step.is_about_the_mail()).and_then(|code| {
            let text = answer.and_then(Error::source).map(ToString::to_string);
            Refusal::read(code, &text.unwrap_or_default())
        });
        Self {
            reply,
            refusal,
            ..Self::new(step, reason)
        }
    }
}

impl From<Failure> for MailError {
    fn from(failure: Failure) -> Self {
        Self {
            what: format!("{}: {}", failure.step.name(), failure.reason).into(),
            remedy: failure.step.remedy(failure.reply),
            refusal: failure.refusal,
        }
    }
}

/// Runs `work` as `step`, for at most `limit`.
pub(super) async fn within<T, E: Error + 'static>(
    step: Step,
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match timeout(limit, work).await {
        Ok(outcome) => outcome.map_err(|error| Failure::caused(step, &error)),
        Err(_) => Err(Failure::timed_out(step, limit)),
    }
}

/// The cause in our own words, because the messages of the libraries repeat text of the server (LOG-2).
fn reason(error: &(dyn Error + 'static)) -> Cow<'static, str> {
    let mut causes = iter::successors(Some(error), |&error| error.source());
    if let Some(error) = causes.find_map(|error| error.downcast_ref()) {
        return io_reason(error);
    }
    match error.downcast_ref::<smtp::Error>() {
        Some(error) if error.is_client() => "the server does not offer it".into(),
        _ => "the server broke off, or its answer makes no sense".into(),
    }
}

fn io_reason(error: &io::Error) -> Cow<'static, str> {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidCertificate(error)) => certificate_reason(error).into(),
        Some(_) => "the TLS handshake failed".into(),
        None => error.kind().to_string().into(),
    }
}

const fn certificate_reason(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another host"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate has expired"
        }
        CertificateError::UnknownIssuer => {
            "the certificate's authority is not known (email.ca_file adds one)"
        }
        _ => "the certificate is not valid",
    }
}
