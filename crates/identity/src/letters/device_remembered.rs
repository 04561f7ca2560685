//! A device is remembered, and needs no second factor for some time.

use std::net::IpAddr;

use super::sign_in_after_failures::values;
use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, examples};

const KIND: &str = "device_remembered";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Device remembered",
    when: "a device was remembered at a login, and needs no second factor",
    notice: Some((KIND, |notice, at| values(at, notice.text("ip")))),
    example: || values(examples::at(), Some("192.0.2.44")),
    texts: TEXTS,
};

/// Its mail job, with the IP address of the login.
#[must_use]
pub fn job(ip: IpAddr) -> MailJob {
    MailJob::notice(KIND, [("ip", ip.to_string())])
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "A device is remembered",
        body: &[
            "On {{ at }}, a device was remembered for your account at {{ service }}{% if ip %}, from the IP \
             address {{ ip }}{% endif %}. For some time it needs no second factor to log in. Your remembered \
             devices are listed in your account; you can remove them there.",
            "If this was not you, reset your password at once and tell {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Ein Gerät wurde gemerkt",
        body: &[
            "Für Ihr Konto bei {{ service }} wurde am {{ at }}{% if ip %} von der IP-Adresse {{ ip }}{% endif \
             %} ein Gerät gemerkt. Eine Zeit lang braucht es bei der Anmeldung keinen zweiten Faktor. Die \
             gemerkten Geräte stehen in Ihrem Konto; dort können Sie sie entfernen.",
            "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort zurück und benachrichtigen Sie {{ \
             service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "Un appareil a été mémorisé",
        body: &[
            "Un appareil a été mémorisé le {{ at }} pour votre compte auprès de {{ service }}{% if ip %}, \
             depuis l’adresse IP {{ ip }}{% endif %}. Pendant un certain temps, il n’a pas besoin de second \
             facteur pour se connecter. Les appareils mémorisés figurent dans votre compte ; vous pouvez les \
             y retirer.",
            "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe et prévenez {{ service \
             }}.",
        ],
    },
    es: MailTemplate {
        subject: "Se ha recordado un dispositivo",
        body: &[
            "El {{ at }} se recordó un dispositivo para su cuenta en {{ service }}{% if ip %}, desde la \
             dirección IP {{ ip }}{% endif %}. Durante un tiempo no necesita el segundo factor para iniciar \
             sesión. Los dispositivos recordados figuran en su cuenta; allí puede quitarlos.",
            "Si no ha sido usted, restablezca su contraseña de inmediato y avise a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "एक डिवाइस याद रखा गया है",
        body: &[
            "{{ service }} में आपके खाते के लिए {{ at }}{% if ip %} IP पते {{ ip }} से{% endif %} एक डिवाइस \
             याद रखा गया। कुछ समय तक उसे लॉग इन के लिए दूसरे फ़ैक्टर की ज़रूरत नहीं होगी। याद रखे गए डिवाइस \
             आपके खाते में दिखते हैं; आप उन्हें वहाँ हटा सकते हैं।",
            "अगर यह आपने नहीं किया है, तो तुरंत अपना पासवर्ड रीसेट करें और {{ service }} को बताएँ।",
        ],
    },
};
