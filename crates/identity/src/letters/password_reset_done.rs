//! The password was reset by code or link.

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, event_time, examples};

const KIND: &str = "password_reset";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Password reset done",
    when: "the password was set by a code or a link",
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
        subject: "Your password was reset",
        body: &[
            "The password of your account at {{ service }} was reset on {{ at }}. You were logged out on all devices; \
             please log in with the new password.",
            "If this was not you, reset your password again at once and tell {{ service }}: someone may be able to \
             read your e-mail.",
        ],
    },
    de: MailTemplate {
        subject: "Ihr Passwort wurde zurückgesetzt",
        body: &[
            "Das Passwort Ihres Kontos bei {{ service }} wurde am {{ at }} zurückgesetzt. Sie wurden auf allen Geräten \
             abgemeldet; bitte melden Sie sich mit dem neuen Passwort an.",
            "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort noch einmal zurück und benachrichtigen Sie \
             {{ service }}: Möglicherweise kann jemand Ihre E-Mails lesen.",
        ],
    },
    fr: MailTemplate {
        subject: "Votre mot de passe a été réinitialisé",
        body: &[
            "Le mot de passe de votre compte auprès de {{ service }} a été réinitialisé le {{ at }}. Tous vos appareils \
             ont été déconnectés\u{a0}; veuillez vous connecter avec le nouveau mot de passe.",
            "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe une nouvelle fois et prévenez \
             {{ service }}\u{a0}: il est possible que quelqu’un ait accès à votre messagerie.",
        ],
    },
    es: MailTemplate {
        subject: "Se ha restablecido su contraseña",
        body: &[
            "La contraseña de su cuenta en {{ service }} se restableció el {{ at }}. Se ha cerrado la sesión en todos \
             los dispositivos; inicie sesión con la contraseña nueva.",
            "Si no ha sido usted, restablezca su contraseña otra vez de inmediato y avise a {{ service }}: es posible \
             que alguien pueda leer su correo.",
        ],
    },
    hi: MailTemplate {
        subject: "आपका पासवर्ड रीसेट कर दिया गया है",
        body: &[
            "{{ service }} में आपके खाते का पासवर्ड {{ at }} रीसेट किया गया। आपके सभी डिवाइस लॉग आउट कर दिए गए हैं; कृपया नए \
             पासवर्ड से लॉग इन करें।",
            "अगर यह आपने नहीं किया है, तो तुरंत अपना पासवर्ड दोबारा रीसेट करें और {{ service }} को बताएँ: हो सकता है कि कोई \
             आपके ई-मेल पढ़ पा रहा हो।",
        ],
    },
};
