//! What the mails say: each occasion with its values, rendered by the templates beside this file.

use std::{fmt, net::IpAddr};

use minijinja::{Environment, UndefinedBehavior, Value, context, syntax::SyntaxConfig};

use super::{Mail, MailError, Sender};
use crate::{clock::Timestamp, config::Secret};

/// An occasion to write to somebody. The words are those of any service: nothing medical (MAIL-6).
pub enum Message {
    /// The code that turns one registration into an account (security.md D2).
    VerificationCode {
        /// The code.
        code: Secret,
        /// The username that the registration chose, if it chose one.
        username: Option<String>,
        /// How long the code holds.
        expires_minutes: i64,
    },
    /// A forgotten password: the code, and the link that holds even when codes are blocked (OTP-4).
    PasswordReset {
        /// The code.
        code: Secret,
        /// The link with the reset token.
        link: Secret,
        /// How long the code holds.
        code_minutes: i64,
        /// How long the link holds.
        link_minutes: i64,
    },
    /// Somebody registered with the address of an account (`registration.disclosure: strict`).
    AlreadyRegistered,
    /// An administrator made an account; the link sets its password.
    Invitation {
        /// The link with the invitation token.
        link: Secret,
        /// How long the link holds.
        hours: i64,
        /// How to address the person.
        first_name: Option<String>,
    },
    /// The password was changed by its owner.
    PasswordChanged {
        /// When.
        at: Timestamp,
    },
    /// The password was reset by code or link.
    PasswordResetDone {
        /// When.
        at: Timestamp,
    },
    /// A login succeeded after failed ones.
    SignInAfterFailures {
        /// When.
        at: Timestamp,
        /// From where, if that is known.
        ip: Option<IpAddr>,
    },
    /// A refresh token was used twice, so its session was ended (RT-2).
    RefreshTokenReplayed {
        /// When.
        at: Timestamp,
    },
    /// Too many wrong codes: only links work for a while (OTP-4).
    CodesBlocked,
}

// HASH-5: codes and links stay inside.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.template().name)
    }
}

/// A template's two files; the first line of the text file is `Subject: …`.
struct Template {
    name: &'static str,
    text: &'static str,
    html: &'static str,
}

macro_rules! template {
    ($name:literal) => {
        Template {
            name: $name,
            text: include_str!(concat!("templates/", $name, ".txt")),
            html: include_str!(concat!("templates/", $name, ".html")),
        }
    };
}

impl Message {
    const fn template(&self) -> Template {
        match self {
            Self::VerificationCode { .. } => template!("verification_code"),
            Self::PasswordReset { .. } => template!("password_reset"),
            Self::AlreadyRegistered => template!("already_registered"),
            Self::Invitation { .. } => template!("invitation"),
            Self::PasswordChanged { .. } => template!("password_changed"),
            Self::PasswordResetDone { .. } => template!("password_reset_done"),
            Self::SignInAfterFailures { .. } => template!("sign_in_after_failures"),
            Self::RefreshTokenReplayed { .. } => template!("refresh_token_replayed"),
            Self::CodesBlocked => template!("codes_blocked"),
        }
    }

    /// The values that the template may use, each checked.
    fn values(&self, sender: &Sender) -> Result<Value, MailError> {
        Ok(match self {
            Self::VerificationCode {
                code,
                username,
                expires_minutes,
            } => context! {
                code => plain(code.expose())?,
                username => username.as_deref().map(plain).transpose()?,
                minutes => expires_minutes,
            },
            Self::PasswordReset {
                code,
                link,
                code_minutes,
                link_minutes,
            } => context! {
                code => plain(code.expose())?,
                link => ours(link, sender)?,
                code_minutes,
                link_minutes,
            },
            Self::Invitation {
                link,
                hours,
                first_name,
            } => context! {
                link => ours(link, sender)?,
                hours,
                first_name => first_name.as_deref().map(plain).transpose()?,
            },
            Self::PasswordChanged { at }
            | Self::PasswordResetDone { at }
            | Self::RefreshTokenReplayed { at } => context! { at => moment(*at) },
            Self::SignInAfterFailures { at, ip } => context! {
                at => moment(*at),
                ip => ip.map(|ip| ip.to_string()),
            },
            Self::AlreadyRegistered | Self::CodesBlocked => context! {},
        })
    }
}

/// `message` as a mail from `sender` to the canonical address `to`.
///
/// # Errors
/// Permanent: a value holds a control character, or a link leads elsewhere (MAIL-3, MAIL-4).
pub fn render(message: &Message, to: &str, sender: &Sender) -> Result<Mail, MailError> {
    let values = context! {
        service => sender.service_name.as_str(),
        base_url => sender.public_base_url(),
        ..message.values(sender)?
    };
    let template = message.template();
    let fault = |_| MailError::fatal("a mail template does not render");
    let text = fill(&template, "txt", &values).map_err(fault)?;
    let html = fill(&template, "html", &values).map_err(fault)?;
    let (subject, text) = text
        .strip_prefix("Subject: ")
        .and_then(|text| text.split_once("\n\n"))
        .ok_or_else(|| MailError::fatal("a mail template does not begin with its subject"))?;
    Ok(Mail {
        to: to.to_owned(),
        subject: subject.to_owned(),
        text: text.to_owned(),
        html,
    })
}

/// The extension decides: values are escaped in `html` and stay as they are in `txt` (MAIL-4).
fn fill(template: &Template, extension: &str, values: &Value) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    // A value that a template misspells is a fault, not an empty place.
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    templates.set_syntax(syntax);
    templates.add_template("footer.txt", include_str!("templates/footer.txt"))?;
    templates.add_template("layout.html", include_str!("templates/layout.html"))?;
    let name = format!("{}.{extension}", template.name);
    let source = if extension == "html" {
        template.html
    } else {
        template.text
    };
    templates.add_template(&name, source)?;
    let filled = templates.get_template(&name)?.render(values)?;
    // A checkout on Windows may have given the templates its own line ends.
    Ok(filled.replace("\r\n", "\n"))
}

/// A value on one line: a line break in a name would write lines of its own into our mail.
fn plain(value: &str) -> Result<&str, MailError> {
    if value.chars().any(char::is_control) {
        return Err(MailError::fatal("a value holds a control character"));
    }
    Ok(value)
}

fn ours<'a>(link: &'a Secret, sender: &Sender) -> Result<&'a str, MailError> {
    let link = plain(link.expose())?;
    if !sender.owns(link) {
        return Err(MailError::fatal("a link does not lead to this service"));
    }
    Ok(link)
}

fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
