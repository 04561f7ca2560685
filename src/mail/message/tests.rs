//! What the mails say, and what may not get into them.

use chrono::TimeZone;

use super::*;
use crate::config::{Config, Environment, MasterSecret, Peppers, Secrets, Settings};

fn sender() -> Sender {
    let mut config = Config::default();
    config.email.from = Some("North Clinic <no-reply@clinic.test>".to_owned());
    config.service.public_base_url = "https://auth.clinic.test/".to_owned();
    config.reset.page_url = Some("https://www.clinic.test/reset".to_owned());
    let settings = Settings {
        config,
        secrets: Secrets {
            master: MasterSecret {
                current: Secret::new(""),
                previous: None,
            },
            peppers: Peppers::default(),
            smtp_user: None,
            smtp_password: None,
        },
        store: crate::config::StoreAddress::Embedded(std::path::PathBuf::new()),
        log_filter: None,
        environment: Environment::Development,
        mail_by_smtp: false,
        cors_origins: Vec::new(),
    };
    Sender::from_settings(&settings).unwrap()
}

fn rendered(message: &Message) -> Mail {
    render(message, "ana@example.com", &sender()).unwrap()
}

fn verification(username: Option<&str>) -> Message {
    Message::VerificationCode {
        code: Secret::new("012345"),
        username: username.map(str::to_owned),
        expires_minutes: 10,
    }
}

fn invitation(link: &str, first_name: Option<&str>) -> Message {
    Message::Invitation {
        link: Secret::new(link),
        hours: 72,
        first_name: first_name.map(str::to_owned),
    }
}

fn at() -> Timestamp {
    chrono::Utc
        .with_ymd_and_hms(2026, 1, 15, 10, 30, 0)
        .unwrap()
}

const LINK: &str = "https://auth.clinic.test/reset#token=abc_DEF-123";

fn every_message() -> Vec<Message> {
    let ip = "2001:db8::1".parse().ok();
    vec![
        verification(Some("ana.smith")),
        verification(None),
        Message::PasswordReset {
            code: Secret::new("012345"),
            link: Secret::new(LINK),
            code_minutes: 10,
            link_minutes: 15,
        },
        Message::AlreadyRegistered,
        invitation(LINK, Some("Ana")),
        invitation(LINK, None),
        Message::PasswordChanged { at: at() },
        Message::PasswordResetDone { at: at() },
        Message::SignInAfterFailures { at: at(), ip },
        Message::SignInAfterFailures { at: at(), ip: None },
        Message::RefreshTokenReplayed { at: at() },
        Message::CodesBlocked,
    ]
}

#[test]
fn the_texts_read_well() {
    let mails: Vec<String> = every_message()
        .iter()
        .map(rendered)
        .map(|mail| format!("{}\n{}\n{}", mail.subject, "=".repeat(40), mail.text))
        .collect();
    insta::assert_snapshot!(mails.join("\n"));
}

#[test]
fn the_verification_mail_is_whole_in_html_too() {
    insta::assert_snapshot!(rendered(&verification(Some("ana.smith"))).html);
}

#[test]
fn every_mail_has_one_line_of_subject_and_neither_code_nor_name_in_it() {
    for message in every_message() {
        let subject = rendered(&message).subject;
        assert!(!subject.is_empty() && !subject.contains(char::is_control));
        assert!(!subject.contains("012345") && !subject.contains("ana.smith"));
    }
}

#[test]
fn html_loads_nothing_and_links_only_to_the_configured_base() {
    for message in every_message() {
        let html = rendered(&message).html.replace("&#x2f;", "/");
        assert!(!html.contains("<img") && !html.contains("src=") && !html.contains("url("));
        let mut addresses = html.split("http").skip(1);
        assert!(addresses.all(|rest| rest.starts_with("s://auth.clinic.test")));
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
fn a_link_that_leads_elsewhere_is_refused() {
    for link in [
        "https://auth.clinic.test.evil.test/reset",
        "https://auth.clinic.test@evil.test/",
        "https://evil.test/?https://auth.clinic.test/",
        "javascript:alert(1)",
        "",
    ] {
        let message = invitation(link, None);
        assert!(render(&message, "ana@example.com", &sender()).is_err());
    }
}

#[test]
fn a_link_to_the_clinics_own_reset_page_is_ours() {
    let link = "https://www.clinic.test/reset?lang=en#token=abc";
    assert!(rendered(&invitation(link, None)).text.contains(link));
}

#[test]
fn a_line_break_in_a_value_is_refused() {
    for name in ["Ana\nYour account is closed", "Ana\rx", "Ana\r\nx", "A\0"] {
        let message = invitation(LINK, Some(name));
        let error = render(&message, "ana@example.com", &sender()).unwrap_err();
        assert!(error.permanent);
    }
}

#[test]
fn debug_shows_no_code_link_or_address() {
    for message in every_message() {
        let shown = format!("{message:?} {:?}", rendered(&message));
        assert!(!shown.contains("012345") && !shown.contains("abc_DEF"));
        assert!(!shown.contains("ana@") && !shown.contains("ana.smith"));
    }
}
