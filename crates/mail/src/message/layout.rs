//! The layout of all mails, as text and as HTML.

use minijinja::{
    Environment, UndefinedBehavior, Value, context, syntax::SyntaxConfig, value::Serde,
};
use serde::Serialize;

use super::{MailTemplate, Text, words::fill};
use crate::MailError;
use kernel::mail_language::MailLanguage;

/// The columns of a paragraph in the text part (RFC 5322 recommends at most 78).
const COLUMNS: usize = 76;
/// The paragraph that is the code.
const CODE: Text = "{{ code }}";
/// The end of a paragraph that is a button; its label stands before, in `[`.
const LINK: Text = "]({{ link }})";

/// A mail with its values filled in.
pub(super) struct Filled {
    subject: Text,
    body: Vec<FilledPart>,
    footer: String,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum FilledPart {
    Say { text: String },
    Code { code: String },
    Link { label: String, link: String },
}

impl Filled {
    pub(super) fn new(
        template: &MailTemplate,
        footer: Text,
        values: &Value,
    ) -> Result<Self, MailError> {
        let has = |name| values.get_attr(name).is_ok_and(|value| !value.is_none());
        let (has_code, has_link) = (has("code"), has("link"));
        let texts = template.body.iter();
        let texts = texts.filter(|text| has_code || **text != CODE);
        let texts = texts.filter(|text| has_link || !text.ends_with(LINK));
        let part = |text: &Text| -> Result<FilledPart, MailError> {
            let label = text
                .strip_prefix('[')
                .and_then(|text| text.strip_suffix(LINK));
            Ok(match label {
                Some(label) => FilledPart::Link {
                    label: fill(label, values)?,
                    link: fill("{{ link }}", values)?,
                },
                None if *text == CODE => FilledPart::Code {
                    code: fill(text, values)?,
                },
                None => FilledPart::Say {
                    text: fill(text, values)?,
                },
            })
        };
        Ok(Self {
            subject: template.subject,
            body: texts.map(part).collect::<Result<_, _>>()?,
            footer: fill(footer, values)?,
        })
    }

    /// The text part. Each code and link is alone on a line, indented by four blanks.
    pub(super) fn text(&self) -> String {
        let part = |part: &FilledPart| match part {
            FilledPart::Say { text } => wrapped(text) + "\n",
            FilledPart::Code { code: alone } | FilledPart::Link { link: alone, .. } => {
                format!("    {alone}\n\n")
            }
        };
        let body: String = self.body.iter().map(part).collect();
        body + "--\n" + &wrapped(&self.footer)
    }

    /// The HTML part. Every value is escaped, because the template's name ends in `.html` (MAIL-4).
    pub(super) fn html(&self, language: MailLanguage, service: &str) -> Result<String, MailError> {
        let values = context! {
            language => language.tag(),
            service,
            subject => self.subject,
            body => Serde(&self.body),
            footer => self.footer.as_str(),
        };
        self::html(&values).map_err(|_| MailError::new("the layout of mails does not render"))
    }
}

fn html(values: &Value) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.add_template("layout.html", include_str!("../layout.html"))?;
    let html = environment.get_template("layout.html")?.render(values)?;
    // A checkout on Windows may have changed the line ends of the file.
    Ok(html.replace("\r\n", "\n"))
}

/// Breaks a paragraph into lines of at most [`COLUMNS`], unless a word is longer.
fn wrapped(paragraph: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in paragraph.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines += word;
        column += width;
    }
    lines + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_only() {
        let long = "x".repeat(100);
        let paragraph = format!("{} {long} end", "word ".repeat(16).trim_end());
        let expected = format!("{}\nword\n{long}\nend\n", "word ".repeat(15).trim_end());
        assert_eq!(wrapped(&paragraph), expected);
    }
}
