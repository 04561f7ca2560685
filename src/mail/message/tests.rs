//! Tests of the contents of mails, and of what must not get into them.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::examples::{LINK, examples};
use super::*;

fn sender() -> Sender {
    Sender::example().unwrap()
}

fn rendered(message: &Message) -> Mail {
    rendered_in(MailLanguage::English, message)
}

fn rendered_in(language: MailLanguage, message: &Message) -> Mail {
    render(message, language, "ana@example.com", &sender()).unwrap()
}

fn invitation(link: &str, name: Option<&str>) -> Message {
    Message::Invitation {
        link: Secret::new(link),
        link_minutes: 72 * 60,
        name: name.map(str::to_owned),
    }
}

/// The examples, and each occasion without its optional values.
fn every_message() -> Vec<Message> {
    let mut messages: Vec<Message> = examples().into_iter().map(|one| one.message).collect();
    let at = Timestamp::UNIX_EPOCH;
    messages.push(Message::VerificationCode {
        code: Secret::new("012345"),
        username: None,
        code_minutes: 1,
    });
    messages.push(Message::PasswordReset {
        code: None,
        link: Secret::new(LINK),
        link_minutes: 6,
    });
    messages.push(invitation(LINK, None));
    messages.push(Message::FirstPassword {
        link: Secret::new(LINK),
        link_minutes: 72 * 60,
        username: None,
    });
    messages.push(Message::SignInAfterFailures { at, ip: None });
    messages
}

fn every_mail() -> Vec<Mail> {
    let mails = |language| {
        every_message()
            .into_iter()
            .map(move |message| rendered_in(language, &message))
    };
    MailLanguage::ALL.into_iter().flat_map(mails).collect()
}

/// Two snapshots of all mails of a language: one of the texts and one of the HTML.
fn snapshots_of(language: MailLanguage) {
    let messages = every_message();
    let mails = messages
        .iter()
        .map(|message| rendered_in(language, message));
    let (texts, pages): (Vec<_>, Vec<_>) = mails
        .map(|mail| {
            let text = format!("{}\n{}\n{}\n", mail.subject, "=".repeat(40), mail.text);
            (text, mail.html + "\n")
        })
        .unzip();
    let (texts, pages) = (texts.concat(), pages.concat());
    insta::assert_snapshot!(format!("texts_{}", language.tag()), texts);
    insta::assert_snapshot!(format!("pages_{}", language.tag()), pages);
}

#[test]
fn the_mails_read_well_in_english() {
    snapshots_of(MailLanguage::English);
}

#[test]
fn the_mails_read_well_in_german() {
    snapshots_of(MailLanguage::German);
}

#[test]
fn the_mails_read_well_in_french() {
    snapshots_of(MailLanguage::French);
}

#[test]
fn the_mails_read_well_in_spanish() {
    snapshots_of(MailLanguage::Spanish);
}

#[test]
fn the_mails_read_well_in_hindi() {
    snapshots_of(MailLanguage::Hindi);
}

#[test]
fn every_mail_of_the_catalogue_has_its_example() {
    let catalogue = serde_json::to_value(catalogue::of(MailLanguage::English)).unwrap();
    let templates = catalogue.as_object().unwrap().iter();
    let templates = templates.filter(|(_, text)| text.get("subject").is_some());
    let templates: BTreeSet<&str> = templates.map(|(name, _)| name.as_str()).collect();
    let examples = examples();
    let examples = examples.iter().map(|one| one.message.name());
    assert_eq!(templates, examples.collect());
}

#[test]
fn the_page_of_example_mails_is_up_to_date() {
    let committed = include_str!("../../../docs/mails.md");
    assert!(
        committed.trim_end() == examples_page().unwrap().trim_end(),
        "docs/mails.md has drifted: run `cargo run -- mails > docs/mails.md`"
    );
}

/// All texts of a catalogue, each with its path.
fn texts(language: MailLanguage) -> Vec<(String, String)> {
    fn walk(path: &str, value: Json, found: &mut Vec<(String, String)>) {
        match value {
            Json::String(code) if code == "Code" => {} // This part has no text.
            Json::String(text) => found.push((path.to_owned(), text)),
            Json::Array(items) => {
                for (number, item) in items.into_iter().enumerate() {
                    walk(&format!("{path}.{number}"), item, found);
                }
            }
            Json::Object(fields) => {
                for (name, field) in fields {
                    walk(&format!("{path}.{name}"), field, found);
                }
            }
            other => panic!("{path}: {other}"),
        }
    }
    let mut found = Vec::new();
    let catalogue = serde_json::to_value(catalogue::of(language)).unwrap();
    walk("", catalogue, &mut found);
    found
}

fn translated(mut check: impl FnMut(MailLanguage, &str, &str, &str)) {
    let english = texts(MailLanguage::English);
    for language in MailLanguage::ALL {
        let other = texts(language);
        assert_eq!(english.len(), other.len(), "{language:?}");
        for ((path, english), (other_path, other)) in english.iter().zip(&other) {
            assert_eq!(path, other_path, "{language:?}");
            check(language, path, english, other);
        }
    }
}

#[test]
fn every_text_differs_from_english_or_was_reviewed() {
    /// Texts that are the same in both languages.
    const REVIEWED: [(MailLanguage, &str); 6] = [
        (MailLanguage::German, ".months.3"),
        (MailLanguage::German, ".months.7"),
        (MailLanguage::German, ".months.8"),
        (MailLanguage::German, ".months.10"),
        (MailLanguage::French, ".minutes.one"),
        (MailLanguage::French, ".minutes.many"),
    ];
    let mut same = BTreeSet::new();
    translated(|language, path, english, other| {
        if language != MailLanguage::English && english == other {
            same.insert((language.tag(), path.to_owned()));
        }
    });
    let reviewed = REVIEWED.map(|(language, path)| (language.tag(), path.to_owned()));
    assert_eq!(same, BTreeSet::from(reviewed));
}

/// The values that a text names, and its conditions, sorted.
fn placeholders(text: &str) -> Vec<&str> {
    let mut placeholders: Vec<&str> = Vec::new();
    for piece in text.split('{').skip(1) {
        let (inside, _) = piece.split_once('}').unwrap_or((piece, ""));
        placeholders.push(inside.trim_matches(['%', ' ']));
    }
    placeholders.retain(|placeholder| !placeholder.is_empty());
    placeholders.sort_unstable();
    placeholders
}

#[test]
fn every_language_uses_the_values_that_english_uses() {
    translated(|language, path, english, other| {
        // French has its own form for the first day of a month.
        let other = other.replace("{% if day == 1 %}er{% endif %}", "");
        let theirs = placeholders(&other);
        assert_eq!(placeholders(english), theirs, "{language:?} {path}");
    });
}

#[test]
fn durations_use_the_largest_unit_and_the_right_plural() {
    for (minutes, said) in [
        (
            0,
            ["1 minute", "1 Minute", "1 minute", "1 minuto", "1 मिनट"],
        ),
        (
            1,
            ["1 minute", "1 Minute", "1 minute", "1 minuto", "1 मिनट"],
        ),
        (
            2,
            ["2 minutes", "2 Minuten", "2 minutes", "2 minutos", "2 मिनट"],
        ),
        (
            4,
            ["4 minutes", "4 Minuten", "4 minutes", "4 minutos", "4 मिनट"],
        ),
        (60, ["1 hour", "1 Stunde", "1 heure", "1 hora", "1 घंटे"]),
        (
            90,
            [
                "90 minutes",
                "90 Minuten",
                "90 minutes",
                "90 minutos",
                "90 मिनट",
            ],
        ),
        (
            179,
            [
                "179 minutes",
                "179 Minuten",
                "179 minutes",
                "179 minutos",
                "179 मिनट",
            ],
        ),
        (239, ["3 hours", "3 Stunden", "3 heures", "3 horas", "3 घंटे"]),
        (
            24 * 60,
            ["24 hours", "24 Stunden", "24 heures", "24 horas", "24 घंटे"],
        ),
        (
            72 * 60 - 5,
            ["71 hours", "71 Stunden", "71 heures", "71 horas", "71 घंटे"],
        ),
        (72 * 60, ["3 days", "3 Tage", "3 jours", "3 días", "3 दिन"]),
        (
            73 * 60,
            ["73 hours", "73 Stunden", "73 heures", "73 horas", "73 घंटे"],
        ),
    ] {
        for (language, said) in MailLanguage::ALL.into_iter().zip(said) {
            let words = duration(catalogue::of(language), minutes).unwrap();
            assert_eq!(words, said, "{minutes} in {language:?}");
        }
    }
}

#[test]
fn a_reset_mail_without_a_code_has_only_the_link() {
    for language in MailLanguage::ALL {
        let message = Message::PasswordReset {
            code: None,
            link: Secret::new(LINK),
            link_minutes: 6,
        };
        let mail = rendered_in(language, &message);
        let text = &mail.text;
        assert!(text.contains(LINK) && !text.contains("none"), "{text}");
        assert!(!mail.html.contains("<strong"), "{}", mail.html);
    }
}

#[test]
fn times_have_the_form_of_each_language() {
    let said = |language, text: &str| {
        let at: Timestamp = text.parse().unwrap();
        moment(catalogue::of(language), at).unwrap()
    };
    for (language, expected) in [
        (MailLanguage::English, "1 March 2026 at 09:05 (UTC)"),
        (MailLanguage::German, "1. März 2026 um 09:05 Uhr (UTC)"),
        (MailLanguage::French, "1er mars 2026 à 09:05 (UTC)"),
        (MailLanguage::Spanish, "1 de marzo de 2026 (09:05 h, UTC)"),
        (MailLanguage::Hindi, "1 मार्च 2026 को 09:05 बजे (UTC)"),
    ] {
        assert_eq!(said(language, "2026-03-01T09:05:59.999Z"), expected);
    }
    assert_eq!(
        said(MailLanguage::French, "2026-12-31T23:59:00Z"),
        "31 décembre 2026 à 23:59 (UTC)"
    );
}

#[test]
fn every_subject_is_one_line_without_code_or_name() {
    for mail in every_mail() {
        let subject = mail.subject;
        assert!(!subject.is_empty() && !subject.contains(char::is_control));
        assert!(
            !subject.contains("012345") && !subject.contains("ana.smith") && !subject.contains('{')
        );
    }
}

#[test]
fn the_code_is_alone_on_its_line_in_every_language() {
    for language in MailLanguage::ALL {
        for example in &examples()[..2] {
            let mail = rendered_in(language, &example.message);
            assert!(mail.text.contains("\n\n    012345\n\n"), "{}", mail.text);
            assert!(mail.html.contains(">012345</strong>"), "{}", mail.html);
        }
    }
}

#[test]
fn html_loads_nothing_and_links_only_to_the_base_url() {
    for mail in every_mail() {
        let html = mail.html.replace("&#x2f;", "/");
        assert!(!html.contains("<img") && !html.contains("src=") && !html.contains("url("));
        let mut addresses = html.split("http").skip(1);
        assert!(addresses.all(|rest| rest.starts_with("s://accounts.clinic.example")));
    }
}

#[test]
fn values_are_escaped_in_html_and_plain_in_text() {
    let mail = rendered(&invitation(LINK, Some("<a href=\"x\">'&")));
    assert!(
        mail.html
            .contains("&lt;a href=&quot;x&quot;&gt;&#x27;&amp;")
    );
    assert!(mail.text.contains("Hello <a href=\"x\">'&,"));
}

#[test]
fn a_link_to_another_site_is_refused() {
    for link in [
        "https://accounts.clinic.example.evil.test/reset",
        "https://accounts.clinic.example@evil.test/",
        "https://evil.test/?https://accounts.clinic.example/",
        "javascript:alert(1)",
        "",
    ] {
        let message = invitation(link, None);
        assert!(
            render(
                &message,
                MailLanguage::English,
                "ana@example.com",
                &sender()
            )
            .is_err()
        );
    }
}

#[test]
fn a_link_to_the_clinics_own_reset_page_is_allowed() {
    let mut sender = sender();
    sender.reset_page_url = Some("https://www.clinic.example/reset".to_owned());
    let link = "https://www.clinic.example/reset?lang=en#token=abc";
    let message = invitation(link, None);
    let mail = render(&message, MailLanguage::English, "ana@example.com", &sender).unwrap();
    assert!(mail.text.contains(link));
}

#[test]
fn a_line_break_in_a_value_is_refused() {
    for name in ["Ana\nYour account is closed", "Ana\rx", "Ana\r\nx", "A\0"] {
        let message = invitation(LINK, Some(name));
        let error = render(
            &message,
            MailLanguage::English,
            "ana@example.com",
            &sender(),
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "a value holds a control character");
    }
}

#[test]
fn debug_shows_no_code_link_or_address() {
    for message in every_message() {
        let shown = format!("{message:?} {:?}", rendered(&message));
        assert!(!shown.contains("012345") && !shown.contains("EXAMPLE"));
        assert!(!shown.contains("ana@") && !shown.contains("ana.smith"));
    }
}
