//! A login succeeded after failed ones.

use std::net::IpAddr;

use crate::mails::documents::MailJob;
use kernel::clock::Timestamp;
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

const KIND: &str = "sign_in_after_failures";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "New sign-in after failures",
    when: "a login succeeded after wrong passwords",
    notice: Some((KIND, |notice, at| values(at, notice.text("ip")))),
    example: || values(examples::at(), Some("192.0.2.44")),
    texts: TEXTS,
};

/// Its mail job, with the IP address of the login.
#[must_use]
pub fn job(ip: IpAddr) -> MailJob {
    MailJob::notice(KIND, [("ip", ip.to_string())])
}

/// Its values: the time, and the IP address if it is known.
pub(crate) fn values(at: Timestamp, ip: Option<&str>) -> Values {
    let ip = ip.and_then(|ip| ip.parse::<IpAddr>().ok());
    vec![
        ("at", Value::Time(at)),
        ("ip", Value::Text(ip.map(|ip| ip.to_string()))),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "New login after failed attempts",
        body: &[
            "After several wrong passwords, someone logged in to your account at {{ service }} on {{ at }}\
             {% if ip %} from the IP address {{ ip }}{% endif %}.",
            "If this was you, there is nothing to do. If not, reset your password at once: that logs out every device.",
        ],
    },
    de: MailTemplate {
        subject: "Neue Anmeldung nach Fehlversuchen",
        body: &[
            "Nach mehreren falschen Passwörtern hat sich am {{ at }} jemand{% if ip %} von der IP-Adresse {{ ip }} \
             aus{% endif %} in Ihrem Konto bei {{ service }} angemeldet.",
            "Wenn Sie das waren, brauchen Sie nichts zu tun. Wenn nicht, setzen Sie Ihr Passwort bitte sofort zurück: \
             Damit werden alle Geräte abgemeldet.",
        ],
    },
    fr: MailTemplate {
        subject: "Nouvelle connexion après des tentatives infructueuses",
        body: &[
            "Après plusieurs mots de passe erronés, quelqu’un s’est connecté à votre compte auprès de {{ service }} le \
             {{ at }}{% if ip %} depuis l’adresse IP {{ ip }}{% endif %}.",
            "Si c’était vous, vous n’avez rien à faire. Sinon, réinitialisez immédiatement votre mot de passe\u{a0}: tous les \
             appareils seront alors déconnectés.",
        ],
    },
    es: MailTemplate {
        subject: "Nuevo inicio de sesión tras intentos fallidos",
        body: &[
            "Después de varias contraseñas incorrectas, alguien inició sesión en su cuenta en {{ service }} el {{ at }}\
             {% if ip %} desde la dirección IP {{ ip }}{% endif %}.",
            "Si ha sido usted, no tiene que hacer nada. Si no, restablezca su contraseña de inmediato: así se cierra la \
             sesión en todos los dispositivos.",
        ],
    },
    hi: MailTemplate {
        subject: "असफल कोशिशों के बाद नया लॉग इन",
        body: &[
            "कई बार गलत पासवर्ड डालने के बाद {{ at }} {% if ip %}आईपी पते {{ ip }} से {% endif %}किसी ने {{ service }} में \
             आपके खाते में लॉग इन किया।",
            "अगर यह आप थे, तो आपको कुछ करने की ज़रूरत नहीं है। अगर नहीं, तो तुरंत अपना पासवर्ड रीसेट करें: इससे सभी डिवाइस \
             लॉग आउट हो जाएँगे।",
        ],
    },
};
