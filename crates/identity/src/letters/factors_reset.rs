//! An administrator removed every second factor.

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, event_time, examples};

const KIND: &str = "factors_reset";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Second factors reset",
    when: "an administrator removed all second factors of the account",
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
        subject: "Your second factors were reset",
        body: &[
            "An administrator of {{ service }} removed all second factors of your account on {{ at }}, with \
             the recovery codes and the remembered devices. You were logged out on all your devices. Set up a \
             new second factor after your next login.",
            "If you did not ask for this, reset your password at once and tell {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Ihre zweiten Faktoren wurden zurückgesetzt",
        body: &[
            "Die Verwaltung von {{ service }} hat am {{ at }} alle zweiten Faktoren Ihres Kontos entfernt, \
             dazu die Wiederherstellungscodes und die gemerkten Geräte. Auf allen Geräten wurden Sie \
             abgemeldet. Richten Sie nach der nächsten Anmeldung bitte einen neuen zweiten Faktor ein.",
            "Wenn Sie nicht darum gebeten haben, setzen Sie Ihr Passwort bitte sofort zurück und \
             benachrichtigen Sie {{ service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "Vos seconds facteurs ont été réinitialisés",
        body: &[
            "L’administration de {{ service }} a retiré le {{ at }} tous les seconds facteurs de votre \
             compte, ainsi que les codes de récupération et les appareils mémorisés. Tous vos appareils ont \
             été déconnectés. Configurez un nouveau second facteur après votre prochaine connexion.",
            "Si vous ne l’avez pas demandé, réinitialisez immédiatement votre mot de passe et prévenez {{ \
             service }}.",
        ],
    },
    es: MailTemplate {
        subject: "Se han restablecido sus segundos factores",
        body: &[
            "La administración de {{ service }} quitó el {{ at }} todos los segundos factores de su cuenta, \
             junto con los códigos de recuperación y los dispositivos recordados. Se ha cerrado la sesión en \
             todos sus dispositivos. Configure un nuevo segundo factor después de iniciar sesión.",
            "Si no lo ha pedido, restablezca su contraseña de inmediato y avise a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "आपके दूसरे फ़ैक्टर रीसेट कर दिए गए हैं",
        body: &[
            "{{ service }} के प्रशासन ने {{ at }} आपके खाते के सभी दूसरे फ़ैक्टर हटा दिए, साथ में रिकवरी कोड \
             और याद रखे गए डिवाइस भी। आपके सभी डिवाइस लॉग आउट कर दिए गए हैं। अगली बार लॉग इन करने के बाद नया \
             दूसरा फ़ैक्टर सेट करें।",
            "अगर आपने इसके लिए नहीं कहा था, तो तुरंत अपना पासवर्ड रीसेट करें और {{ service }} को बताएँ।",
        ],
    },
};
