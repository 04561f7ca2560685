//! The owner exported what is stored about them.

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, event_time, examples};

const KIND: &str = "account_exported";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Data exported",
    when: "the owner exported the data of the account",
    notice: Some((KIND, |_, at| event_time(at))),
    example: || event_time(examples::at()),
    texts: TEXTS,
};

/// Its mail job.
#[must_use]
pub fn job() -> MailJob {
    MailJob::notice(KIND, [])
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Your data was exported",
        body: &[
            "The data of your account at {{ service }} was exported on {{ at }}.",
            "If this was not you, reset your password at once and tell {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Ihre Daten wurden exportiert",
        body: &[
            "Die Daten Ihres Kontos bei {{ service }} wurden am {{ at }} exportiert.",
            "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort zurück und benachrichtigen Sie {{ \
             service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "Vos données ont été exportées",
        body: &[
            "Les données de votre compte auprès de {{ service }} ont été exportées le {{ at }}.",
            "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe et prévenez {{ service }}.",
        ],
    },
    es: MailTemplate {
        subject: "Se han exportado sus datos",
        body: &[
            "Los datos de su cuenta en {{ service }} se exportaron el {{ at }}.",
            "Si no ha sido usted, restablezca su contraseña de inmediato y avise a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "आपका डेटा निर्यात किया गया है",
        body: &[
            "{{ service }} में आपके खाते का डेटा {{ at }} निर्यात किया गया।",
            "अगर यह आपने नहीं किया है, तो तुरंत अपना पासवर्ड रीसेट करें और {{ service }} को बताएँ।",
        ],
    },
};
