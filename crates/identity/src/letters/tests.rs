//! Tests of the letters, and of what must not get into them.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::{codes::documents::OtpPurpose, mails::documents::MailJob};
use kernel::{clock::Timestamp, ids::UserId, mail_language::MailLanguage};
use mail::{
    Mail, Sender,
    message::{
        Text, Values, examples, render,
        translations::{differing_values, same_as_english},
    },
};

type Filled = (&'static Letter, Values);

fn rendered_in(language: MailLanguage, (letter, values): &Filled) -> Mail {
    let sender = Sender::example().unwrap();
    render(letter, values, language, "ana@example.com", &sender).unwrap()
}

fn examples() -> Vec<Filled> {
    ALL.map(|letter| (letter, (letter.example)())).into()
}

fn reset_without_code() -> Filled {
    let values = password_reset::values(None, examples::link(), 6);
    (&password_reset::LETTER, values)
}

/// The examples, and each letter without its optional values.
fn every_letter() -> Vec<Filled> {
    let link = examples::link;
    let days = 72 * 60;
    let mut letters = examples();
    letters.extend([
        (
            &verification_code::LETTER,
            verification_code::values((examples::code(), None), 1, None),
        ),
        reset_without_code(),
        (&invitation::LETTER, invitation::values(link(), days, None)),
        (
            &first_password::LETTER,
            first_password::values(link(), days, None),
        ),
        (
            &sign_in_after_failures::LETTER,
            sign_in_after_failures::values(Timestamp::UNIX_EPOCH, None),
        ),
    ]);
    letters
}

fn every_mail() -> Vec<Mail> {
    let mails = |language| {
        every_letter()
            .into_iter()
            .map(move |letter| rendered_in(language, &letter))
    };
    MailLanguage::ALL.into_iter().flat_map(mails).collect()
}

/// Two snapshots of all mails of a language: one of the texts and one of the HTML.
fn snapshots_of(language: MailLanguage) {
    let letters = every_letter();
    let mails = letters.iter().map(|letter| rendered_in(language, letter));
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
fn the_page_of_example_mails_is_up_to_date() {
    let committed = include_str!("../../../../docs/mails.md");
    assert!(
        committed.trim_end() == examples::page(&ALL).unwrap().trim_end(),
        "docs/mails.md has drifted: run `cargo run -- mails > docs/mails.md`"
    );
}

/// All texts of the letters in a language, each with its letter and place.
fn texts(language: MailLanguage) -> Vec<(String, Text)> {
    let mut found = Vec::new();
    for letter in ALL {
        let template = letter.texts.of(language);
        let texts = [template.subject].into_iter();
        let texts = texts.chain(template.body.iter().copied()).enumerate();
        let texts = texts.filter(|(_, text)| *text != "{{ code }}"); // It has no words.
        found.extend(texts.map(|(place, text)| (format!("{} {place}", letter.title), text)));
    }
    found
}

#[test]
fn every_text_of_a_letter_differs_from_english() {
    assert_eq!(same_as_english(texts), BTreeSet::new());
}

#[test]
fn every_language_uses_the_values_that_english_uses() {
    assert_eq!(differing_values(texts), Vec::<String>::new());
}

#[test]
fn mail_jobs_are_stored_as_in_the_version_before() {
    let registration = UserId::from_stored("P12345678".to_owned());
    for (job, stored) in [
        (
            already_registered::job(),
            json!({ "kind": "already_registered" }),
        ),
        (
            password_changed::job(),
            json!({ "kind": "password_changed" }),
        ),
        (
            password_reset_done::job(),
            json!({ "kind": "password_reset" }),
        ),
        (
            sign_in_after_failures::job("192.0.2.44".parse().unwrap()),
            json!({ "kind": "sign_in_after_failures", "ip": "192.0.2.44" }),
        ),
        (
            refresh_token_replayed::job(),
            json!({ "kind": "refresh_replayed" }),
        ),
        (codes_blocked::job(), json!({ "kind": "codes_blocked" })),
        (
            MailJob::Registered { registration },
            json!({ "kind": "registered", "registration": "P12345678" }),
        ),
        (MailJob::RenewCodes, json!({ "kind": "renew_codes" })),
        (
            MailJob::CodesUsedUp {
                purpose: OtpPurpose::PasswordReset,
            },
            json!({ "kind": "codes_used_up", "purpose": "password_reset" }),
        ),
    ] {
        assert_eq!(serde_json::to_value(&job).unwrap(), stored);
        let document = bson::serialize_to_document(&job).unwrap();
        let read: MailJob = bson::deserialize_from_document(document).unwrap();
        assert_eq!(read, job);
    }
    let without_ip = json!({ "kind": "sign_in_after_failures", "ip": null });
    let read: MailJob = serde_json::from_value(without_ip).unwrap();
    let MailJob::Notice(notice) = read else {
        panic!("{read:?}")
    };
    assert_eq!(notice.text("ip"), None);
}

#[test]
fn a_kind_of_a_notice_is_no_other_mail_job() {
    let kinds = ALL.iter().filter_map(|letter| letter.notice);
    let kinds: Vec<&str> = kinds.map(|(kind, _)| kind).collect();
    for kind in &kinds {
        let read: MailJob = serde_json::from_value(json!({ "kind": kind })).unwrap();
        assert_eq!(read, MailJob::notice(kind, []));
    }
    assert_eq!(BTreeSet::from_iter(&kinds).len(), kinds.len());
}

#[test]
fn a_reset_mail_without_a_code_has_only_the_link() {
    for language in MailLanguage::ALL {
        let mail = rendered_in(language, &reset_without_code());
        let text = &mail.text;
        let link = examples::link();
        assert!(
            text.contains(link.expose()) && !text.contains("none"),
            "{text}"
        );
        assert!(!mail.html.contains("<strong"), "{}", mail.html);
    }
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
            let mail = rendered_in(language, example);
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
fn debug_shows_no_code_link_or_address() {
    for letter in every_letter() {
        let mail = rendered_in(MailLanguage::English, &letter);
        let shown = format!("{:?} {mail:?}", letter.1);
        assert!(!shown.contains("012345") && !shown.contains("EXAMPLE"));
        assert!(!shown.contains("ana@") && !shown.contains("ana.smith"));
    }
}
