//! Another address for an account. The mail goes to that address, and has a code and a link that prove it.

use kernel::secret::Secret;
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

use crate::own_account::rules::link::Link;

/// The letter.
pub const LETTER: Letter = Letter {
    title: "New e-mail address",
    when: "the owner of an account wants to have another address; to that address",
    notice: None,
    example: || values(examples::code(), Link::ConfirmEmail.example(), 10),
    texts: TEXTS,
};

/// Its values: the code, the link, and the minutes for which both are valid.
#[must_use]
pub fn values(code: Secret, link: Secret, minutes: i64) -> Values {
    vec![
        ("code", Value::Code(Some(code))),
        ("link", Value::Link(link)),
        ("holds", Value::Minutes(Some(minutes))),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Confirm your new e-mail address",
        body: &[
            "Someone wants to use this e-mail address for their account at {{ service }}. If this was you, \
             enter this code where you asked for the change:",
            "{{ code }}",
            "You can also use this link. Code and link are valid for {{ holds }}:",
            "[Confirm this address]({{ link }})",
            "If this was not you, ignore this e-mail: nothing changes.",
        ],
    },
    de: MailTemplate {
        subject: "Neue E-Mail-Adresse bestätigen",
        body: &[
            "Jemand möchte diese E-Mail-Adresse für sein Konto bei {{ service }} verwenden. Wenn Sie das waren, \
             geben Sie diesen Code dort ein, wo Sie die Änderung begonnen haben:",
            "{{ code }}",
            "Stattdessen können Sie auch diesen Link verwenden. Code und Link sind {{ holds }} gültig:",
            "[Diese Adresse bestätigen]({{ link }})",
            "Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Es ändert sich nichts.",
        ],
    },
    fr: MailTemplate {
        subject: "Confirmez votre nouvelle adresse e-mail",
        body: &[
            "Quelqu’un souhaite utiliser cette adresse e-mail pour son compte auprès de {{ service }}. Si c’est \
             vous, saisissez ce code là où vous avez demandé le changement\u{a0}:",
            "{{ code }}",
            "Vous pouvez aussi utiliser ce lien. Le code et le lien sont valables pendant {{ holds }}\u{a0}:",
            "[Confirmer cette adresse]({{ link }})",
            "Si ce n’était pas vous, ignorez cet e-mail\u{a0}: rien ne change.",
        ],
    },
    es: MailTemplate {
        subject: "Confirme su nueva dirección de correo",
        body: &[
            "Alguien quiere utilizar esta dirección de correo para su cuenta en {{ service }}. Si ha sido \
             usted, introduzca este código donde solicitó el cambio:",
            "{{ code }}",
            "También puede utilizar este enlace. El código y el enlace son válidos durante {{ holds }}:",
            "[Confirmar esta dirección]({{ link }})",
            "Si no ha sido usted, ignore este correo: no cambia nada.",
        ],
    },
    hi: MailTemplate {
        subject: "अपना नया ई-मेल पता पुष्ट करें",
        body: &[
            "कोई {{ service }} में अपने खाते के लिए इस ई-मेल पते का इस्तेमाल करना चाहता है। अगर यह आप हैं, तो \
             जहाँ आपने बदलाव का अनुरोध किया था, वहाँ यह कोड डालें:",
            "{{ code }}",
            "आप इस लिंक का इस्तेमाल भी कर सकते हैं। कोड और लिंक {{ holds }} तक मान्य हैं:",
            "[इस पते की पुष्टि करें]({{ link }})",
            "अगर यह आपने नहीं किया है, तो इस ई-मेल पर ध्यान न दें: कुछ नहीं बदलेगा।",
        ],
    },
};
