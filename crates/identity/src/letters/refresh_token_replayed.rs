//! A refresh token was used twice, so its session was ended (RT-2).

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, event_time, examples};

const KIND: &str = "refresh_replayed";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Replayed refresh token",
    when: "a refresh token was used twice, so its session was ended",
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
        subject: "A session was ended to protect your account",
        body: &[
            "On {{ at }} the login of one of your devices at {{ service }} was used from two places. Someone may have \
             copied it, so we logged that device out.",
            "Please log in again. If this keeps happening, reset your password: that logs out every device.",
        ],
    },
    de: MailTemplate {
        subject: "Eine Sitzung wurde zur Sicherheit beendet",
        body: &[
            "Am {{ at }} wurde die Anmeldung eines Ihrer Geräte bei {{ service }} von zwei Stellen aus verwendet. \
             Möglicherweise hat sie jemand kopiert; deshalb haben wir dieses Gerät abgemeldet.",
            "Bitte melden Sie sich neu an. Wenn das öfter vorkommt, setzen Sie Ihr Passwort zurück: Damit werden alle \
             Geräte abgemeldet.",
        ],
    },
    fr: MailTemplate {
        subject: "Une session a été fermée par mesure de sécurité",
        body: &[
            "Le {{ at }}, la session de l’un de vos appareils auprès de {{ service }} a été utilisée depuis deux \
             endroits. Quelqu’un a pu la copier\u{a0}; nous avons donc déconnecté cet appareil.",
            "Veuillez vous reconnecter. Si cela se reproduit, réinitialisez votre mot de passe\u{a0}: tous les appareils \
             seront alors déconnectés.",
        ],
    },
    es: MailTemplate {
        subject: "Se ha cerrado una sesión por seguridad",
        body: &[
            "El {{ at }} se utilizó desde dos lugares la sesión de uno de sus dispositivos en {{ service }}. Es posible \
             que alguien la haya copiado; por eso hemos cerrado la sesión en ese dispositivo.",
            "Inicie sesión de nuevo. Si esto se repite, restablezca su contraseña: así se cierra la sesión en todos los \
             dispositivos.",
        ],
    },
    hi: MailTemplate {
        subject: "सुरक्षा के लिए एक सत्र समाप्त किया गया",
        body: &[
            "{{ at }} {{ service }} में आपके एक डिवाइस के लॉग इन का इस्तेमाल दो जगहों से किया गया। हो सकता है कि किसी ने उसकी \
             नकल कर ली हो, इसलिए हमने उस डिवाइस को लॉग आउट कर दिया है।",
            "कृपया फिर से लॉग इन करें। अगर ऐसा बार-बार हो, तो अपना पासवर्ड रीसेट करें: इससे सभी डिवाइस लॉग आउट हो जाएँगे।",
        ],
    },
};
