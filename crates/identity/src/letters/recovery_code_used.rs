//! A recovery code was used instead of the second factor.

use crate::mails::documents::MailJob;
use kernel::clock::Timestamp;
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

const KIND: &str = "recovery_code_used";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Recovery code used",
    when: "a recovery code took the place of the second factor",
    notice: Some((KIND, |notice, at| values(at, notice.text("left")))),
    example: || values(examples::at(), Some("9")),
    texts: TEXTS,
};

/// Its mail job, with the number of codes that are left.
#[must_use]
pub fn job(left: u64) -> MailJob {
    MailJob::notice(KIND, [("left", left.to_string())])
}

fn values(at: Timestamp, left: Option<&str>) -> Values {
    let left = left.and_then(|left| left.parse::<u64>().ok());
    vec![
        ("at", Value::Time(at)),
        (
            "left",
            Value::Text(Some(left.unwrap_or_default().to_string())),
        ),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "A recovery code was used",
        body: &[
            "On {{ at }}, a recovery code was used for your account at {{ service }} instead of the second \
             factor. Codes left: {{ left }}.",
            "If this was not you, reset your password at once and tell {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Ein Wiederherstellungscode wurde verwendet",
        body: &[
            "Für Ihr Konto bei {{ service }} wurde am {{ at }} ein Wiederherstellungscode anstelle des \
             zweiten Faktors verwendet. Übrige Codes: {{ left }}.",
            "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort zurück und benachrichtigen Sie {{ \
             service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "Un code de récupération a été utilisé",
        body: &[
            "Un code de récupération a été utilisé le {{ at }} pour votre compte auprès de {{ service }}, à \
             la place du second facteur. Codes restants : {{ left }}.",
            "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe et prévenez {{ service \
             }}.",
        ],
    },
    es: MailTemplate {
        subject: "Se ha usado un código de recuperación",
        body: &[
            "El {{ at }} se usó un código de recuperación para su cuenta en {{ service }} en lugar del \
             segundo factor. Códigos restantes: {{ left }}.",
            "Si no ha sido usted, restablezca su contraseña de inmediato y avise a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "एक रिकवरी कोड इस्तेमाल हुआ है",
        body: &[
            "{{ service }} में आपके खाते के लिए {{ at }} दूसरे फ़ैक्टर की जगह एक रिकवरी कोड इस्तेमाल किया \
             गया। बचे हुए कोड: {{ left }}।",
            "अगर यह आपने नहीं किया है, तो तुरंत अपना पासवर्ड रीसेट करें और {{ service }} को बताएँ।",
        ],
    },
};
