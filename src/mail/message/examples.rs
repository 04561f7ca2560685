//! An example of every mail, for `docs/mails.md` and for the tests.

use chrono::DateTime;

use super::{Message, render};
use crate::{
    clock::Timestamp,
    config::Secret,
    domain::mail_language::MailLanguage,
    mail::{MailError, Sender},
};

/// The link of the examples.
pub(super) const LINK: &str = "https://accounts.clinic.example/static/reset.html#token=EXAMPLE";

/// An occasion, with a sentence about when its mail is sent.
pub(super) struct Example {
    pub(super) title: &'static str,
    pub(super) when: &'static str,
    pub(super) message: Message,
}

/// Every occasion once, with most of its values.
pub(super) fn examples() -> Vec<Example> {
    let at: Timestamp = DateTime::UNIX_EPOCH + chrono::Duration::seconds(1_768_473_000);
    let code = || Secret::new("012345");
    let link = || Secret::new(LINK);
    let example = |title, when, message| Example {
        title,
        when,
        message,
    };
    vec![
        example(
            "Verification code",
            "somebody registered, or asked for another code",
            Message::VerificationCode {
                code: code(),
                username: Some("ana.smith".to_owned()),
                code_minutes: 10,
            },
        ),
        example(
            "Password reset",
            "somebody asked for a new password, or an administrator did for them",
            Message::PasswordReset {
                code: Some((code(), 10)),
                link: link(),
                link_minutes: 15,
            },
        ),
        example(
            "Account exists",
            "somebody registered with the address of an account; only with `registration.disclosure=strict`",
            Message::AlreadyRegistered,
        ),
        example(
            "Invitation",
            "an administrator made an account",
            Message::Invitation {
                link: link(),
                link_minutes: 72 * 60,
                name: Some("Ana Smith".to_owned()),
            },
        ),
        example(
            "First password",
            "a code was entered without the registration's token, and the address had other registrations",
            Message::FirstPassword {
                link: link(),
                link_minutes: 72 * 60,
                username: Some("ana.smith".to_owned()),
            },
        ),
        example(
            "Password changed",
            "the owner changed the password",
            Message::PasswordChanged { at },
        ),
        example(
            "Password reset done",
            "the password was set by a code or a link",
            Message::PasswordResetDone { at },
        ),
        example(
            "New sign-in after failures",
            "a login succeeded after wrong passwords",
            Message::SignInAfterFailures {
                at,
                ip: "192.0.2.44".parse().ok(),
            },
        ),
        example(
            "Replayed refresh token",
            "a refresh token was used twice, so its session was ended",
            Message::RefreshTokenReplayed { at },
        ),
        example(
            "Codes blocked",
            "too many wrong codes were typed in for the address",
            Message::CodesBlocked,
        ),
    ]
}

/// The page `docs/mails.md`.
pub fn page() -> Result<String, MailError> {
    let sender = Sender::example()?;
    let mut page = vec![include_str!("examples.md").to_owned()];
    for example in examples() {
        page.push(format!(
            "\n## {}\n\nSent when {}.\n",
            example.title, example.when
        ));
        for language in MailLanguage::ALL {
            let mail = render(&example.message, language, "ana@example.org", &sender)?;
            let open = match language {
                MailLanguage::English => " open",
                _ => "",
            };
            page.push(format!(
                "\n<details{open}><summary>{}: {}</summary>\n\n```text\n{}```\n\n</details>\n",
                language.tag(),
                mail.subject,
                mail.text
            ));
        }
    }
    Ok(page.concat())
}
