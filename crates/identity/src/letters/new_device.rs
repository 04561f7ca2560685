//! A login from a device and network that the account has not used lately.

use std::net::IpAddr;

use crate::{login::rules::login_device::program, mails::documents::MailJob};
use kernel::{clock::Timestamp, request::Origin};
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

const KIND: &str = "new_device";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Login from a new device",
    when: "somebody logged in from a device and network that the account has not used in 90 days, unless \
           `email.new_device_notice` is false",
    notice: Some((KIND, |notice, at| {
        let of_notice = |name| notice.text(name);
        values(
            at,
            of_notice("ip"),
            (of_notice("browser"), of_notice("system")),
        )
    })),
    example: || {
        let program = (Some("Firefox"), Some("Windows"));
        values(examples::at(), Some("192.0.2.44"), program)
    },
    texts: TEXTS,
};

/// Its mail job, with the IP address and the program of the login.
#[must_use]
pub fn job(origin: &Origin) -> MailJob {
    let (browser, system) = program(&origin.user_agent);
    let known = [("browser", browser), ("system", system)];
    let known = known
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.to_owned())));
    MailJob::notice(KIND, known.chain([("ip", origin.ip.to_string())]))
}

/// Its values: the time, the IP address, and the program in words that are ours, such as "Firefox, Windows".
fn values(
    at: Timestamp,
    ip: Option<&str>,
    (browser, system): (Option<&str>, Option<&str>),
) -> Values {
    let ip = ip.and_then(|ip| ip.parse::<IpAddr>().ok());
    let program: Vec<&str> = [browser, system].into_iter().flatten().collect();
    let program = Some(program.join(", ")).filter(|program| !program.is_empty());
    vec![
        ("at", Value::Time(at)),
        ("ip", Value::Text(ip.map(|ip| ip.to_string()))),
        ("program", Value::Text(program)),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Login from a new device",
        body: &[
            "On {{ at }}, someone logged in to your account at {{ service }} from a device or a network that you have not \
             used lately{% if program %} ({{ program }}){% endif %}{% if ip %}, from the IP address {{ ip }}{% endif %}.",
            "If this was you, there is nothing to do. If not, reset your password at once: that logs out every device.",
        ],
    },
    de: MailTemplate {
        subject: "Anmeldung von einem neuen Gerät",
        body: &[
            "Am {{ at }} hat sich jemand von einem Gerät oder aus einem Netz, das Sie länger nicht verwendet haben\
             {% if program %} ({{ program }}){% endif %},{% if ip %} von der IP-Adresse {{ ip }} aus{% endif %} in Ihrem \
             Konto bei {{ service }} angemeldet.",
            "Wenn Sie das waren, brauchen Sie nichts zu tun. Wenn nicht, setzen Sie Ihr Passwort bitte sofort zurück: \
             Damit werden alle Geräte abgemeldet.",
        ],
    },
    fr: MailTemplate {
        subject: "Connexion depuis un nouvel appareil",
        body: &[
            "Quelqu’un s’est connecté à votre compte auprès de {{ service }} le {{ at }} depuis un appareil ou un réseau que \
             vous n’avez pas utilisé récemment{% if program %} ({{ program }}){% endif %}{% if ip %}, depuis l’adresse IP \
             {{ ip }}{% endif %}.",
            "Si c’était vous, vous n’avez rien à faire. Sinon, réinitialisez immédiatement votre mot de passe\u{a0}: tous les \
             appareils seront alors déconnectés.",
        ],
    },
    es: MailTemplate {
        subject: "Inicio de sesión desde un dispositivo nuevo",
        body: &[
            "El {{ at }} alguien inició sesión en su cuenta en {{ service }} desde un dispositivo o una red que usted no ha \
             utilizado últimamente{% if program %} ({{ program }}){% endif %}{% if ip %}, desde la dirección IP {{ ip }}\
             {% endif %}.",
            "Si ha sido usted, no tiene que hacer nada. Si no, restablezca su contraseña de inmediato: así se cierra la \
             sesión en todos los dispositivos.",
        ],
    },
    hi: MailTemplate {
        subject: "नए डिवाइस से लॉग इन",
        body: &[
            "{{ at }} {% if ip %}IP पते {{ ip }} से {% endif %}किसी ने {{ service }} में आपके खाते में ऐसे डिवाइस या नेटवर्क \
             से लॉग इन किया जिसका इस्तेमाल आपने हाल में नहीं किया है{% if program %} ({{ program }}){% endif %}।",
            "अगर यह आप थे, तो आपको कुछ करने की ज़रूरत नहीं है। अगर नहीं, तो तुरंत अपना पासवर्ड रीसेट करें: इससे सभी डिवाइस \
             लॉग आउट हो जाएँगे।",
        ],
    },
};
