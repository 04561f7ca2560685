//! Tests of the form of mails, with a letter of their own, and of the words that all letters share.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    translations::{differing_values, same_as_english},
    *,
};

/// A letter with a value of each kind, the same in each language.
const LETTER: Letter = Letter {
    title: "Letter",
    when: "a test runs",
    notice: Some(("letter", |notice, at| {
        vec![
            ("name", Value::Text(notice.text("name").map(str::to_owned))),
            ("at", Value::Time(at)),
        ]
    })),
    example: Vec::new,
    texts: Translated {
        en: TEMPLATE,
        de: TEMPLATE,
        fr: TEMPLATE,
        es: TEMPLATE,
        hi: TEMPLATE,
    },
};
const TEMPLATE: MailTemplate = MailTemplate {
    subject: "A letter",
    body: &[
        "Hello{% if name %} {{ name }}{% endif %},",
        "[Open]({{ link }})",
    ],
};
const LINK: &str = "https://accounts.clinic.example/static/reset.html#token=EXAMPLE";

fn rendered(link: &str, name: Option<&str>, sender: &Sender) -> Result<Mail, MailError> {
    let values = vec![
        ("link", Value::Link(Secret::new(link))),
        ("name", Value::Text(name.map(str::to_owned))),
    ];
    let to = "ana@example.com";
    render(&LETTER, &values, MailLanguage::English, to, sender)
}

fn sender() -> Sender {
    Sender::example().unwrap()
}

/// The shared words of a language, each with its path.
fn words(language: MailLanguage) -> Vec<(String, Text)> {
    let words = WORDS.of(language);
    let paths = |name: &str, texts: &[Text]| -> Vec<(String, Text)> {
        let texts = texts.iter().enumerate();
        texts
            .map(|(number, text)| (format!("{name}.{number}"), *text))
            .collect()
    };
    [
        paths("footer", &[words.footer]),
        paths("moment", &[words.moment]),
        paths("months", &words.months),
        paths("minutes", &words.minutes),
        paths("hours", &words.hours),
        paths("days", &words.days),
    ]
    .concat()
}

#[test]
fn every_shared_word_differs_from_english_or_was_reviewed() {
    /// Words that are the same in both languages.
    const REVIEWED: [(&str, &str); 6] = [
        ("de", "months.3"),
        ("de", "months.7"),
        ("de", "months.8"),
        ("de", "months.10"),
        ("fr", "minutes.0"),
        ("fr", "minutes.1"),
    ];
    let reviewed = REVIEWED.map(|(tag, path)| (tag, path.to_owned()));
    assert_eq!(same_as_english(words), BTreeSet::from(reviewed));
}

#[test]
fn the_shared_words_of_each_language_use_the_same_values() {
    assert_eq!(differing_values(words), Vec::<String>::new());
}

#[test]
fn a_notice_finds_the_letter_of_its_kind_alone() {
    let at = Timestamp::UNIX_EPOCH;
    let find = |kind: &str| {
        let values = BTreeMap::from([("name".to_owned(), Some("Ana".to_owned()))]);
        let kind = kind.to_owned();
        let found = find_notice(&[&LETTER], &Notice { kind, values }, at);
        found.map(|(letter, values)| (letter.title, values.len()))
    };
    assert_eq!(find("letter"), Some(("Letter", 2)));
    assert_eq!(find("letters"), None);
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
            let words = duration(WORDS.of(language), minutes).unwrap();
            assert_eq!(words, said, "{minutes} in {language:?}");
        }
    }
}

#[test]
fn times_have_the_form_of_each_language() {
    let said = |language, text: &str| {
        let at: Timestamp = text.parse().unwrap();
        moment(WORDS.of(language), at).unwrap()
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
fn values_are_escaped_in_html_and_plain_in_text() {
    let mail = rendered(LINK, Some("<a href=\"x\">'&"), &sender()).unwrap();
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
        assert!(rendered(link, None, &sender()).is_err(), "{link}");
    }
}

#[test]
fn a_link_to_the_clinics_own_reset_page_is_allowed() {
    let mut sender = sender();
    sender.reset_page_url = Some("https://www.clinic.example/reset".to_owned());
    let link = "https://www.clinic.example/reset?lang=en#token=abc";
    let mail = rendered(link, None, &sender).unwrap();
    assert!(mail.text.contains(link));
}

#[test]
fn a_line_break_in_a_value_is_refused() {
    for name in ["Ana\nYour account is closed", "Ana\rx", "Ana\r\nx", "A\0"] {
        let error = rendered(LINK, Some(name), &sender()).unwrap_err();
        assert_eq!(error.to_string(), "a value holds a control character");
    }
}
