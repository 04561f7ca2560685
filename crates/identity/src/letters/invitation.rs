//! An administrator created an account; the link sets its password.

use kernel::secret::Secret;
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Invitation",
    when: "an administrator made an account",
    notice: None,
    example: || values(examples::link(), 72 * 60, Some("Ana Smith".to_owned())),
    texts: TEXTS,
};

/// Its values: the link, the minutes until it expires, and the name of the person.
#[must_use]
pub fn values(link: Secret, minutes: i64, name: Option<String>) -> Values {
    vec![
        ("link", Value::Link(link)),
        ("link_holds", Value::Minutes(Some(minutes))),
        ("name", Value::Text(name)),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Your new account",
        body: &[
            "Hello{% if name %} {{ name }}{% endif %},",
            "an account was created for you at {{ service }}. To start using it, choose your password. This link is \
             valid for {{ link_holds }}:",
            "[Choose your password]({{ link }})",
            "If you did not expect this e-mail, ignore it: without a password, nobody can log in to the account.",
        ],
    },
    de: MailTemplate {
        subject: "Ihr neues Konto",
        body: &[
            "Guten Tag{% if name %} {{ name }}{% endif %},",
            "für Sie wurde ein Konto bei {{ service }} eingerichtet. Bitte wählen Sie Ihr Passwort, um es zu benutzen. \
             Dieser Link ist {{ link_holds }} gültig:",
            "[Passwort wählen]({{ link }})",
            "Wenn Sie diese E-Mail nicht erwartet haben, ignorieren Sie sie: Ohne Passwort kann sich niemand in \
             diesem Konto anmelden.",
        ],
    },
    fr: MailTemplate {
        subject: "Votre nouveau compte",
        body: &[
            "Bonjour{% if name %} {{ name }}{% endif %},",
            "Un compte a été créé pour vous auprès de {{ service }}. Pour l’utiliser, choisissez votre mot de passe. Ce \
             lien est valable pendant {{ link_holds }}\u{a0}:",
            "[Choisir votre mot de passe]({{ link }})",
            "Si vous n’attendiez pas cet e-mail, ignorez-le\u{a0}: sans mot de passe, personne ne peut se connecter à ce \
             compte.",
        ],
    },
    es: MailTemplate {
        subject: "Su nueva cuenta",
        body: &[
            "Hola{% if name %}, {{ name }}{% endif %}:",
            "Se ha creado una cuenta para usted en {{ service }}. Para utilizarla, elija su contraseña. Este enlace es \
             válido durante {{ link_holds }}:",
            "[Elegir su contraseña]({{ link }})",
            "Si no esperaba este correo, ignórelo: sin contraseña nadie puede iniciar sesión en la cuenta.",
        ],
    },
    hi: MailTemplate {
        subject: "आपका नया खाता",
        body: &[
            "नमस्ते{% if name %} {{ name }} जी{% endif %},",
            "{{ service }} में आपके लिए एक खाता बनाया गया है। इसका इस्तेमाल करने के लिए अपना पासवर्ड चुनें। यह लिंक \
             {{ link_holds }} तक मान्य है:",
            "[अपना पासवर्ड चुनें]({{ link }})",
            "अगर आपको इस ई-मेल की उम्मीद नहीं थी, तो इस पर ध्यान न दें: पासवर्ड के बिना कोई भी इस खाते में लॉग इन नहीं कर \
             सकता।",
        ],
    },
};
