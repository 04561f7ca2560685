//! The page that `/dev/outbox` shows to people: the mails of the outbox.

use minijinja::{Environment, Error, Value, context, value::Serde};
use serde::Serialize;

use kernel::clock::rfc3339;
use mail::WrittenMail;

/// Because the name ends in `.html`, the engine escapes every value (WEB-3).
const TEMPLATE: &str = "outbox.html";

/// The page. `files` is the relative path to its style sheet.
pub(super) fn render(mails: &[WrittenMail], files: &str) -> Result<String, Error> {
    let mut engine = Environment::new();
    engine.add_template(TEMPLATE, include_str!("../../static/outbox.html"))?;
    let mails: Vec<_> = mails.iter().map(MailView::from).collect();
    let mails = Value::from(Serde(mails));
    let page = engine.get_template(TEMPLATE)?;
    page.render(context! { mails, files })
}

#[derive(Serialize)]
struct MailView<'a> {
    subject: &'a str,
    to: &'a str,
    file: &'a str,
    written_at: String,
    lines: Vec<Line<'a>>,
}

/// A line of a mail. A line that contains only an address becomes a link.
#[derive(Serialize)]
struct Line<'a> {
    before: &'a str,
    link: Option<&'a str>,
}

impl<'a> From<&'a WrittenMail> for MailView<'a> {
    fn from(mail: &'a WrittenMail) -> Self {
        Self {
            subject: &mail.subject,
            to: &mail.to,
            file: &mail.file,
            written_at: rfc3339(mail.written_at),
            lines: mail.text.lines().map(Line::from).collect(),
        }
    }
}

impl<'a> From<&'a str> for Line<'a> {
    fn from(line: &'a str) -> Self {
        let word = line.trim();
        let is_address = word.starts_with("http://") || word.starts_with("https://");
        if is_address && !word.contains(char::is_whitespace) {
            let indent = line.len() - line.trim_start().len();
            return Self {
                before: &line[..indent],
                link: Some(word),
            };
        }
        Self {
            before: line,
            link: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(text: &str) -> String {
        let mail = WrittenMail {
            file: "20260115T103000000Z-0000-id.eml".to_owned(),
            to: "jane@example.org".to_owned(),
            subject: "A <b>subject</b>".to_owned(),
            text: text.to_owned(),
            written_at: chrono::DateTime::UNIX_EPOCH,
        };
        render(&[mail], "../static/").unwrap()
    }

    #[test]
    fn the_content_of_a_mail_is_never_markup() {
        let page = page_of("Hello <img src=x onerror=alert(1)>,");
        assert!(page.contains("Hello &lt;img src=x onerror=alert(1)&gt;,"));
        assert!(page.contains("A &lt;b&gt;subject") && !page.contains("<img src=x"));
    }

    #[test]
    fn an_address_alone_on_a_line_is_a_link() {
        let page = page_of("Choose:\n\n    http://localhost:5001/static/reset.html#token=a\n");
        assert_eq!(page.matches("<a href=\"http:").count(), 1);
        let spoken = page_of("See http://a.example/ and javascript:alert(1)\njavascript:alert(1)");
        assert!(!spoken.contains("<a href=\"http") && !spoken.contains("href=\"java"));
    }

    #[test]
    fn an_empty_outbox_shows_a_message() {
        assert!(render(&[], "").unwrap().contains("No mail yet."));
    }
}
