//! A second factor was removed by the owner.

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, event_time, examples};

const KIND: &str = "factor_removed";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Second factor removed",
    when: "the owner removed an authenticator app or a passkey",
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
        subject: "A second factor was removed from your account",
        body: &[
            "A second factor was removed from your account at {{ service }} on {{ at }}: an authenticator app \
             or a passkey. You were logged out on all your other devices.",
            "If this was not you, reset your password at once and tell {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Aus Ihrem Konto wurde ein zweiter Faktor entfernt",
        body: &[
            "Aus Ihrem Konto bei {{ service }} wurde am {{ at }} ein zweiter Faktor entfernt: eine \
             Authenticator-App oder ein Passkey. Auf allen anderen Geräten wurden Sie abgemeldet.",
            "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort zurück und benachrichtigen Sie {{ \
             service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "Un second facteur a été retiré de votre compte",
        body: &[
            "Un second facteur a été retiré de votre compte auprès de {{ service }} le {{ at }} : une \
             application d’authentification ou une clé d’accès. Vos autres appareils ont été déconnectés.",
            "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe et prévenez {{ service \
             }}.",
        ],
    },
    es: MailTemplate {
        subject: "Se ha quitado un segundo factor de su cuenta",
        body: &[
            "El {{ at }} se quitó un segundo factor de su cuenta en {{ service }}: una aplicación de \
             autenticación o una llave de acceso. Se ha cerrado la sesión en todos sus demás dispositivos.",
            "Si no ha sido usted, restablezca su contraseña de inmediato y avise a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "आपके खाते से दूसरा फ़ैक्टर हटाया गया है",
        body: &[
            "{{ service }} में आपके खाते से {{ at }} दूसरा फ़ैक्टर हटाया गया: ऑथेंटिकेटर ऐप या पासकी। आपके \
             बाकी सभी डिवाइस लॉग आउट कर दिए गए हैं।",
            "अगर यह आपने नहीं किया है, तो तुरंत अपना पासवर्ड रीसेट करें और {{ service }} को बताएँ।",
        ],
    },
};
