//! The password was changed by its owner.

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, event_time, examples};

const KIND: &str = "password_changed";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Password changed",
    when: "the owner changed the password",
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
        subject: "Your password was changed",
        body: &[
            "The password of your account at {{ service }} was changed on {{ at }}. You were logged out on all your \
             other devices.",
            "If this was not you, reset your password at once and tell {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Ihr Passwort wurde geändert",
        body: &[
            "Das Passwort Ihres Kontos bei {{ service }} wurde am {{ at }} geändert. Auf allen anderen Geräten wurden \
             Sie abgemeldet.",
            "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort zurück und benachrichtigen Sie \
             {{ service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "Votre mot de passe a été modifié",
        body: &[
            "Le mot de passe de votre compte auprès de {{ service }} a été modifié le {{ at }}. Vos autres appareils ont \
             été déconnectés.",
            "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe et prévenez {{ service }}.",
        ],
    },
    es: MailTemplate {
        subject: "Se ha cambiado su contraseña",
        body: &[
            "La contraseña de su cuenta en {{ service }} se cambió el {{ at }}. Se ha cerrado la sesión en todos sus \
             demás dispositivos.",
            "Si no ha sido usted, restablezca su contraseña de inmediato y avise a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "आपका पासवर्ड बदल दिया गया है",
        body: &[
            "{{ service }} में आपके खाते का पासवर्ड {{ at }} बदला गया। आपके बाकी सभी डिवाइस लॉग आउट कर दिए गए हैं।",
            "अगर यह आपने नहीं किया है, तो तुरंत अपना पासवर्ड रीसेट करें और {{ service }} को बताएँ।",
        ],
    },
};
