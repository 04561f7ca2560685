//! The address of an account was changed. The mail goes to the old address, and its link restores it (SELF-3).

use kernel::{clock::Timestamp, secret::Secret};
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

use crate::own_account::rules::link::Link;

/// The letter.
pub const LETTER: Letter = Letter {
    title: "E-mail address changed",
    when: "the address of an account was changed; to the old address",
    notice: None,
    example: || values(examples::at(), Link::UndoEmail.example(), 7 * 24 * 60),
    texts: TEXTS,
};

/// Its values: when it was changed, the link that undoes it, and the minutes for which the link is valid.
#[must_use]
pub fn values(at: Timestamp, link: Secret, minutes: i64) -> Values {
    vec![
        ("at", Value::Time(at)),
        ("link", Value::Link(link)),
        ("link_holds", Value::Minutes(Some(minutes))),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Your e-mail address was changed",
        body: &[
            "The e-mail address of your account at {{ service }} was changed on {{ at }}. From now on, our \
             mails go to the new address, and this one does not log in any more.",
            "If this was you, there is nothing to do. If it was not, use this link, which is valid for {{ \
             link_holds }}:",
            "[Undo the change]({{ link }})",
            "Your account then has this address again, everybody is logged out, and we send you a link to a new \
             password.",
        ],
    },
    de: MailTemplate {
        subject: "Ihre E-Mail-Adresse wurde geändert",
        body: &[
            "Die E-Mail-Adresse Ihres Kontos bei {{ service }} wurde am {{ at }} geändert. Unsere E-Mails gehen \
             ab jetzt an die neue Adresse, und mit dieser hier kann man sich nicht mehr anmelden.",
            "Wenn Sie das waren, brauchen Sie nichts zu tun. Wenn nicht, verwenden Sie diesen Link; er ist {{ \
             link_holds }} gültig:",
            "[Änderung rückgängig machen]({{ link }})",
            "Ihr Konto hat dann wieder diese Adresse, alle Geräte werden abgemeldet, und wir senden Ihnen einen \
             Link für ein neues Passwort.",
        ],
    },
    fr: MailTemplate {
        subject: "Votre adresse e-mail a été modifiée",
        body: &[
            "L’adresse e-mail de votre compte auprès de {{ service }} a été modifiée le {{ at }}. Nos e-mails \
             sont désormais envoyés à la nouvelle adresse, et celle-ci ne permet plus de se connecter.",
            "Si c’était vous, vous n’avez rien à faire. Sinon, utilisez ce lien, valable pendant {{ link_holds \
             }}\u{a0}:",
            "[Annuler la modification]({{ link }})",
            "Votre compte retrouvera alors cette adresse, tous les appareils seront déconnectés, et nous vous \
             enverrons un lien pour choisir un nouveau mot de passe.",
        ],
    },
    es: MailTemplate {
        subject: "Se ha cambiado su dirección de correo",
        body: &[
            "La dirección de correo de su cuenta en {{ service }} se cambió el {{ at }}. A partir de ahora \
             enviaremos los correos a la nueva dirección, y con esta ya no se puede iniciar sesión.",
            "Si ha sido usted, no tiene que hacer nada. Si no, utilice este enlace, válido durante {{ \
             link_holds }}:",
            "[Deshacer el cambio]({{ link }})",
            "Su cuenta volverá a tener esta dirección, se cerrará la sesión en todos los dispositivos y le \
             enviaremos un enlace para elegir una contraseña nueva.",
        ],
    },
    hi: MailTemplate {
        subject: "आपका ई-मेल पता बदल दिया गया है",
        body: &[
            "{{ service }} में आपके खाते का ई-मेल पता {{ at }} बदला गया। अब से हमारे ई-मेल नए पते पर जाएँगे, और \
             इस पते से लॉग इन नहीं होगा।",
            "अगर यह आपने किया है, तो आपको कुछ करने की ज़रूरत नहीं है। अगर नहीं, तो इस लिंक का इस्तेमाल करें, जो \
             {{ link_holds }} तक मान्य है:",
            "[बदलाव वापस लें]({{ link }})",
            "तब आपके खाते में फिर यही पता होगा, सभी डिवाइस लॉग आउट कर दिए जाएँगे, और हम आपको नए पासवर्ड के लिए \
             एक लिंक भेजेंगे।",
        ],
    },
};
