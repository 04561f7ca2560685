//! The contents of the mails: each occasion with its values, in the texts of a catalogue, as text and as HTML.

mod catalogue;
mod examples;
mod languages;
mod layout;
mod words;

use std::{fmt, net::IpAddr};

use minijinja::{Value, context};

pub use self::examples::page as examples_page;
use self::{
    catalogue::{Catalogue, MailTemplate},
    words::{duration, moment},
};
use super::{Mail, MailError, Sender};
use crate::{clock::Timestamp, config::Secret, domain::mail_language::MailLanguage};

/// An occasion for a mail. The texts contain nothing medical (MAIL-6).
pub enum Message {
    /// The code that turns one registration into an account (D2).
    VerificationCode {
        /// The code.
        code: Secret,
        /// The username that the registration chose, if it chose one.
        username: Option<String>,
        /// The minutes until the code expires.
        code_minutes: i64,
    },
    /// A forgotten password. The mail has a code and a link; the link works even while codes are blocked (OTP-4).
    PasswordReset {
        /// The code and the minutes until it expires. `None` if it has expired; then the mail has only the link.
        code: Option<(Secret, i64)>,
        /// The link with the reset token.
        link: Secret,
        /// How long the link is still valid.
        link_minutes: i64,
    },
    /// A person registered with the address of an account (`registration.disclosure: strict`).
    AlreadyRegistered,
    /// An administrator created an account; the link sets its password.
    Invitation {
        /// The link with the invitation token.
        link: Secret,
        /// How long the link is still valid.
        link_minutes: i64,
        /// The name of the person.
        name: Option<String>,
    },
    /// An account was created without a password, because its address had several registrations. The link sets a
    /// password (REG-8).
    FirstPassword {
        /// The link with the token.
        link: Secret,
        /// The minutes until the link expires.
        link_minutes: i64,
        /// The account's username, if it has one.
        username: Option<String>,
    },
    /// The password was changed by its owner.
    PasswordChanged {
        /// The time of the event.
        at: Timestamp,
    },
    /// The password was reset by code or link.
    PasswordResetDone {
        /// The time of the event.
        at: Timestamp,
    },
    /// A login succeeded after failed ones.
    SignInAfterFailures {
        /// The time of the event.
        at: Timestamp,
        /// The IP address, if it is known.
        ip: Option<IpAddr>,
    },
    /// A refresh token was used twice, so its session was ended (RT-2).
    RefreshTokenReplayed {
        /// The time of the event.
        at: Timestamp,
    },
    /// Too many wrong codes were typed in, so only links work for a while (OTP-4).
    CodesBlocked,
}

// The output of `Debug` has no codes and no links (HASH-5).
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.name())
    }
}

impl Message {
    /// The name of the occasion.
    const fn name(&self) -> &'static str {
        match self {
            Self::VerificationCode { .. } => "verification_code",
            Self::PasswordReset { .. } => "password_reset",
            Self::AlreadyRegistered => "already_registered",
            Self::Invitation { .. } => "invitation",
            Self::FirstPassword { .. } => "first_password",
            Self::PasswordChanged { .. } => "password_changed",
            Self::PasswordResetDone { .. } => "password_reset_done",
            Self::SignInAfterFailures { .. } => "sign_in_after_failures",
            Self::RefreshTokenReplayed { .. } => "refresh_token_replayed",
            Self::CodesBlocked => "codes_blocked",
        }
    }

    const fn template<'a>(&self, texts: &'a Catalogue) -> &'a MailTemplate {
        match self {
            Self::VerificationCode { .. } => &texts.verification_code,
            Self::PasswordReset { .. } => &texts.password_reset,
            Self::AlreadyRegistered => &texts.already_registered,
            Self::Invitation { .. } => &texts.invitation,
            Self::FirstPassword { .. } => &texts.first_password,
            Self::PasswordChanged { .. } => &texts.password_changed,
            Self::PasswordResetDone { .. } => &texts.password_reset_done,
            Self::SignInAfterFailures { .. } => &texts.sign_in_after_failures,
            Self::RefreshTokenReplayed { .. } => &texts.refresh_token_replayed,
            Self::CodesBlocked => &texts.codes_blocked,
        }
    }

    /// The values that the texts may use. Each is checked.
    fn values(&self, texts: &Catalogue, sender: &Sender) -> Result<Value, MailError> {
        Ok(match self {
            Self::VerificationCode {
                code,
                username,
                code_minutes,
            } => context! {
                code => plain(code.expose())?,
                username => username.as_deref().map(plain).transpose()?,
                code_holds => duration(texts, *code_minutes)?,
            },
            Self::PasswordReset {
                code,
                link,
                link_minutes,
            } => {
                let (code, code_minutes) =
                    code.as_ref().map(|(code, minutes)| (code, minutes)).unzip();
                context! {
                    code => code.map(|code| plain(code.expose())).transpose()?,
                    link => own_link(link, sender)?,
                    code_holds => code_minutes.map(|minutes| duration(texts, *minutes)).transpose()?,
                    link_holds => duration(texts, *link_minutes)?,
                }
            }
            Self::Invitation {
                link,
                link_minutes,
                name,
            } => context! {
                link => own_link(link, sender)?,
                link_holds => duration(texts, *link_minutes)?,
                name => name.as_deref().map(plain).transpose()?,
            },
            Self::FirstPassword {
                link,
                link_minutes,
                username,
            } => context! {
                link => own_link(link, sender)?,
                link_holds => duration(texts, *link_minutes)?,
                username => username.as_deref().map(plain).transpose()?,
            },
            Self::PasswordChanged { at }
            | Self::PasswordResetDone { at }
            | Self::RefreshTokenReplayed { at } => context! { at => moment(texts, *at)? },
            Self::SignInAfterFailures { at, ip } => context! {
                at => moment(texts, *at)?,
                ip => ip.map(|ip| ip.to_string()),
            },
            Self::AlreadyRegistered | Self::CodesBlocked => context! {},
        })
    }
}

/// Makes the mail for `message` in `language`, from `sender` to the canonical address `to`.
///
/// # Errors
/// A permanent error if a value contains a control character, or if a link leads to another site (MAIL-3, MAIL-4).
pub fn render(
    message: &Message,
    language: MailLanguage,
    to: &str,
    sender: &Sender,
) -> Result<Mail, MailError> {
    let texts = catalogue::of(language);
    let values = context! {
        service => sender.service_name.as_str(),
        base_url => sender.public_base_url(),
        ..message.values(texts, sender)?
    };
    let template = message.template(texts);
    let filled = layout::Filled::new(template, texts.footer, &values)?;
    Ok(Mail {
        to: to.to_owned(),
        subject: template.subject.to_owned(),
        text: filled.text(),
        html: filled.html(language, &sender.service_name)?,
    })
}

/// Refuses control characters, because a line break in a name would add lines to our mail.
fn plain(value: &str) -> Result<&str, MailError> {
    if value.chars().any(char::is_control) {
        return Err(MailError::new("a value holds a control character"));
    }
    Ok(value)
}

fn own_link<'a>(link: &'a Secret, sender: &Sender) -> Result<&'a str, MailError> {
    let link = plain(link.expose())?;
    if !sender.owns(link) {
        return Err(MailError::new("a link does not lead to this service"));
    }
    Ok(link)
}

#[cfg(test)]
mod tests;
