//! A report to print: one page without any other file, for A4 and Letter (REP-7).
//!
//! Its style stands in it. The answer's policy allows this one style by its digest, and nothing else.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::sha256;
use kernel::{
    error::{Error, Result},
    mail_language::MailLanguage,
    request::Origin,
};
use poem::{
    Response,
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY},
    },
};
use web::static_response::{Kind, StaticResponse};

use super::super::reading::SeenReport;
use crate::zone::Zone;

mod words;

use words::Words;

const HTML: &str = "text/html; charset=utf-8";

/// The page in the document of the API.
pub(super) enum PrintedPage {}

impl Kind for PrintedPage {
    const DESCRIPTION: &'static str = "The page";
    const CONTENT: &'static [&'static str] = &[HTML];
    const EXAMPLE: &'static str = "<!doctype html>";
}

/// The page of a report. Neither its title nor its file name has the patient's name, because a browser proposes them as
/// the name of a file.
pub(super) fn page(
    zone: &Zone,
    origin: &Origin,
    seen: &SeenReport,
) -> Result<StaticResponse<PrintedPage>> {
    let language = origin.language.unwrap_or(MailLanguage::English);
    let words = Words::of(language);
    let id = seen.report.report_id.as_str();
    let style = style(&words, id, seen.version);
    let digest = STANDARD.encode(sha256(style.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let name = format!("inline; filename=\"{id}-v{}.html\"", seen.version);
    let header = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let body = html(zone, language, &words, seen, &style);
    let response = Response::builder().content_type(HTML).body(body);
    Ok(StaticResponse::new(response)
        .with(CONTENT_SECURITY_POLICY, header(&policy)?)
        .with(CONTENT_DISPOSITION, header(&name)?))
}

fn html(
    zone: &Zone,
    language: MailLanguage,
    words: &Words,
    seen: &SeenReport,
    style: &str,
) -> String {
    let report = &seen.report;
    let (id, version) = (report.report_id.as_str(), seen.version);
    let mut facts = String::new();
    let mut fact = |term: &str, value: &str| {
        if !value.is_empty() {
            let (term, value) = (escape(term), escape(value));
            // Writing to a `String` cannot fail.
            let _ = writeln!(facts, "<dt>{term}</dt><dd>{value}</dd>");
        }
    };
    if let Some(patient) = &seen.patient {
        fact(words.patient, &patient.name);
        let born = patient.birth.date().map_or("", |date| date.as_str());
        fact(words.born, born);
    }
    fact(words.patient_id, report.patient_id.as_str());
    if let Some(consultation) = &seen.consultation {
        let started = zone.shown(consultation.course.started_at, language);
        fact(words.consultation, &started.line);
    }
    fact(
        words.complaint,
        seen.chief_complaint.as_deref().unwrap_or_default(),
    );
    fact(words.version, &version.to_string());
    match report.signature_of(version) {
        Some(signature) => {
            let signer = seen.signer.as_deref();
            fact(words.signer, signer.unwrap_or(signature.signed_by.as_str()));
            fact(
                words.signed,
                &zone.shown(signature.signed_at, language).line,
            );
        }
        None => fact(words.signed, words.not_signed),
    }
    let content = content(words, seen);
    let title = escape(words.report);
    let tag = language.tag();
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{id}-v{version}</title>\n\
         <style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{title} {id}</h1>\n<dl>\n{facts}</dl>\n{content}\
         </main>\n</body>\n</html>\n"
    )
}

/// The content, each part under its heading.
fn content(words: &Words, seen: &SeenReport) -> String {
    let Some(content) = &seen.content else {
        return String::new();
    };
    let mut html = String::new();
    let mut part = |heading: &str, inner: String| {
        if !inner.is_empty() {
            let _ = write!(html, "<h2>{}</h2>\n{inner}", escape(heading));
        }
    };
    part(words.report, paragraph(&content.generated_content));
    let rows = content.diagnoses.iter();
    part(
        words.diagnoses,
        list(rows.map(|it| [&it.diagnosis, &it.icd_code, &it.severity, &it.notes])),
    );
    let rows = content.medication_plan.iter();
    part(
        words.medication,
        list(rows.map(|it| {
            [
                &it.drug_name,
                &it.dosage,
                &it.frequency,
                &it.duration,
                &it.instructions,
            ]
        })),
    );
    let rows = content.recommendations.iter();
    part(
        words.recommendations,
        list(rows.map(|it| [&it.category, &it.recommendation, &it.priority])),
    );
    part(words.follow_up, paragraph(&content.follow_up_plan));
    part(words.notes, paragraph(&content.additional_notes));
    html
}

fn paragraph(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    // Each text is written in its own direction.
    format!("<p dir=\"auto\">{}</p>\n", escape(text))
}

fn list<'a, const N: usize>(rows: impl Iterator<Item = [&'a String; N]>) -> String {
    let mut items = String::new();
    for row in rows {
        let parts = row.into_iter().filter(|part| !part.is_empty());
        let parts: Vec<String> = parts.map(|part| escape(part)).collect();
        let _ = writeln!(items, "<li dir=\"auto\">{}</li>", parts.join(" · "));
    }
    if items.is_empty() {
        return items;
    }
    format!("<ul>\n{items}</ul>\n")
}

/// `text` as a text of HTML, also in an attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The style of the page. The fonts are those of the reader's system, which has every script that it shows elsewhere.
fn style(words: &Words, id: &str, version: u32) -> String {
    let (page, of) = (words.page, words.of);
    format!(
        "@page {{ margin: 20mm 18mm 22mm;\n\
         @bottom-left {{ content: \"{id} v{version}\"; font: 9pt sans-serif }}\n\
         @bottom-right {{ content: \"{page} \" counter(page) \" {of} \" counter(pages); font: 9pt sans-serif }} }}\n\
         body {{ margin: 0 auto; padding: 1rem; max-width: 46rem; color: #111; background: #fff;\n\
         font: 11pt/1.5 \"Noto Sans\", \"Segoe UI\", \"Helvetica Neue\", \"Noto Sans Devanagari\", \"Nirmala UI\",\n\
         \"Kohinoor Devanagari\", Mangal, Arial, sans-serif; overflow-wrap: anywhere }}\n\
         h1 {{ font-size: 1.4rem }} h2 {{ font-size: 1.1rem; break-after: avoid }}\n\
         dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }}\n\
         dt {{ font-weight: 600 }} dd {{ margin: 0 }} p {{ white-space: pre-wrap; orphans: 3; widows: 3 }}\n\
         li {{ white-space: pre-wrap; break-inside: avoid }}\n\
         @media (max-width: 30rem) {{ dl {{ grid-template-columns: 1fr }} }}\n\
         @media print {{ body {{ padding: 0; max-width: none }} }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // REP-7
    #[test]
    fn a_text_cannot_leave_its_place_in_the_page() {
        assert_eq!(
            paragraph("</p><script>\"'&"),
            "<p dir=\"auto\">&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;</p>\n"
        );
        let row = ["<b>".to_owned(), String::new(), "x".to_owned()];
        let row = list(std::iter::once([&row[0], &row[1], &row[2]]));
        assert_eq!(row, "<ul>\n<li dir=\"auto\">&lt;b&gt; · x</li>\n</ul>\n");
    }
}
