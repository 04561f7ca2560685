//! The page of example mails, `docs/mails.md`, and the values that the examples share.

use chrono::DateTime;

use super::{Letter, render};
use crate::{MailError, Sender};
use kernel::{clock::Timestamp, mail_language::MailLanguage, secret::Secret};

/// The code of the examples.
#[must_use]
pub fn code() -> Secret {
    Secret::new("012345")
}

/// The link of the examples.
#[must_use]
pub fn link() -> Secret {
    Secret::new("https://accounts.clinic.example/static/reset.html#token=EXAMPLE")
}

/// The time of the examples.
#[must_use]
pub fn at() -> Timestamp {
    DateTime::UNIX_EPOCH + chrono::Duration::seconds(1_768_473_000)
}

/// The page, with an example of each letter.
pub fn page(letters: &[&Letter]) -> Result<String, MailError> {
    let sender = Sender::example()?;
    let mut page = vec![include_str!("examples.md").to_owned()];
    for letter in letters {
        page.push(format!(
            "\n## {}\n\nSent when {}.\n",
            letter.title, letter.when
        ));
        for language in MailLanguage::ALL {
            let values = (letter.example)();
            let mail = render(letter, &values, language, "ana@example.org", &sender)?;
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
