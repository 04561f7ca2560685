//! A forgotten password. The mail has a code and a link; the link works even while codes are blocked (OTP-4).

use kernel::secret::Secret;
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Password reset",
    when: "somebody asked for a new password, or an administrator did for them",
    notice: None,
    example: || values(Some((examples::code(), 10)), examples::link(), 15),
    texts: TEXTS,
};

/// Its values: the code and its minutes, the link and its minutes. The code is `None` if it has expired; then the mail
/// has only the link.
#[must_use]
pub fn values(code: Option<(Secret, i64)>, link: Secret, link_minutes: i64) -> Values {
    let (code, code_minutes) = code.unzip();
    vec![
        ("code", Value::Code(code)),
        ("code_holds", Value::Minutes(code_minutes)),
        ("link", Value::Link(link)),
        ("link_holds", Value::Minutes(Some(link_minutes))),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Reset your password",
        body: &[
            "Someone asked to reset the password of your account at {{ service }}.{% if code %} Your code is{% endif %}",
            "{{ code }}",
            "{% if code %}The code is valid for {{ code_holds }}. You can also use this link, which is valid for \
             {{ link_holds }}:{% else %}This link is valid for {{ link_holds }}:{% endif %}",
            "[Choose a new password]({{ link }})",
            "{% if code %}Once you use one of the two, the other stops working. {% endif %}If this was not you, ignore \
             this e-mail: your password stays as it is.",
        ],
    },
    de: MailTemplate {
        subject: "Passwort zurücksetzen",
        body: &[
            "Jemand möchte das Passwort Ihres Kontos bei {{ service }} zurücksetzen.{% if code %} Ihr Code lautet{% endif %}",
            "{{ code }}",
            "{% if code %}Der Code ist {{ code_holds }} gültig. Stattdessen können Sie auch diesen Link verwenden; er \
             ist {{ link_holds }} gültig:{% else %}Dieser Link ist {{ link_holds }} gültig:{% endif %}",
            "[Neues Passwort wählen]({{ link }})",
            "{% if code %}Sobald Sie eines von beiden verwenden, gilt das andere nicht mehr. {% endif %}Wenn Sie das \
             nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.",
        ],
    },
    fr: MailTemplate {
        subject: "Réinitialisation de votre mot de passe",
        body: &[
            "La réinitialisation du mot de passe de votre compte auprès de {{ service }} a été demandée.\
             {% if code %} Votre code est{% endif %}",
            "{{ code }}",
            "{% if code %}Le code est valable pendant {{ code_holds }}. Vous pouvez aussi utiliser ce lien, valable \
             pendant {{ link_holds }}\u{a0}:{% else %}Ce lien est valable pendant {{ link_holds }}\u{a0}:{% endif %}",
            "[Choisir un nouveau mot de passe]({{ link }})",
            "{% if code %}Dès que vous utilisez l’un des deux, l’autre n’est plus valable. {% endif %}Si vous n’êtes \
             pas à l’origine de cette demande, ignorez cet e-mail\u{a0}: votre mot de passe reste inchangé.",
        ],
    },
    es: MailTemplate {
        subject: "Restablezca su contraseña",
        body: &[
            "Alguien ha solicitado restablecer la contraseña de su cuenta en {{ service }}.\
             {% if code %} Su código es{% endif %}",
            "{{ code }}",
            "{% if code %}El código es válido durante {{ code_holds }}. También puede utilizar este enlace, válido \
             durante {{ link_holds }}:{% else %}Este enlace es válido durante {{ link_holds }}:{% endif %}",
            "[Elegir una contraseña nueva]({{ link }})",
            "{% if code %}En cuanto utilice uno de los dos, el otro dejará de ser válido. {% endif %}Si no ha sido \
             usted, ignore este correo: su contraseña no cambia.",
        ],
    },
    hi: MailTemplate {
        subject: "अपना पासवर्ड रीसेट करें",
        body: &[
            "किसी ने {{ service }} में आपके खाते का पासवर्ड रीसेट करने का अनुरोध किया है।{% if code %} आपका कोड यह है{% endif %}",
            "{{ code }}",
            "{% if code %}यह कोड {{ code_holds }} तक मान्य है। इसकी जगह आप इस लिंक का इस्तेमाल भी कर सकते हैं, जो \
             {{ link_holds }} तक मान्य है:{% else %}यह लिंक {{ link_holds }} तक मान्य है:{% endif %}",
            "[नया पासवर्ड चुनें]({{ link }})",
            "{% if code %}दोनों में से किसी एक का इस्तेमाल करते ही दूसरा काम करना बंद कर देगा। {% endif %}अगर यह अनुरोध आपने नहीं किया है, तो इस \
             ई-मेल पर ध्यान न दें: आपका पासवर्ड नहीं बदलेगा।",
        ],
    },
};
