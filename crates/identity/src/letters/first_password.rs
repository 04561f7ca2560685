//! An account was created without a password, because its address had several registrations. The link sets a password
//! (REG-8).

use kernel::secret::Secret;
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

/// The letter.
pub const LETTER: Letter = Letter {
    title: "First password",
    when: "a code was entered without the registration's token, and the address had other registrations",
    notice: None,
    example: || values(examples::link(), 72 * 60, Some("ana.smith".to_owned())),
    texts: TEXTS,
};

/// Its values: the link, the minutes until it expires, and the account's username, if it has one.
#[must_use]
pub fn values(link: Secret, minutes: i64, username: Option<String>) -> Values {
    vec![
        ("link", Value::Link(link)),
        ("link_holds", Value::Minutes(Some(minutes))),
        ("username", Value::Text(username)),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Choose your password",
        body: &[
            "Your e-mail address is confirmed, and {% if username %}the account \"{{ username }}\"{% else %}your \
             account{% endif %} at {{ service }} is yours. Someone registered with this e-mail address more than \
             once, and we cannot know that each time it was you. So none of the passwords chosen then works.",
            "Choose your password now. This link is valid for {{ link_holds }}:",
            "[Choose your password]({{ link }})",
            "Until you have chosen one, nobody can log in to the account. Afterwards, please check the details of \
             your account.",
        ],
    },
    de: MailTemplate {
        subject: "Wählen Sie Ihr Passwort",
        body: &[
            "Ihre E-Mail-Adresse ist bestätigt, und {% if username %}das Konto „{{ username }}“{% else %}Ihr \
             Konto{% endif %} bei {{ service }} gehört Ihnen. Mit dieser E-Mail-Adresse hat sich jemand mehrmals \
             registriert, und wir können nicht wissen, ob Sie das jedes Mal waren. Deshalb gilt keines der dabei \
             gewählten Passwörter.",
            "Bitte wählen Sie jetzt Ihr Passwort. Dieser Link ist {{ link_holds }} gültig:",
            "[Passwort wählen]({{ link }})",
            "Bis dahin kann sich niemand in diesem Konto anmelden. Bitte prüfen Sie danach die Angaben in Ihrem \
             Konto.",
        ],
    },
    fr: MailTemplate {
        subject: "Choisissez votre mot de passe",
        body: &[
            "Votre adresse e-mail est confirmée, et {% if username %}le compte «\u{a0}{{ username }}\u{a0}»{% \
             else %}votre compte{% endif %} auprès de {{ service }} est à vous. Quelqu’un s’est inscrit plusieurs \
             fois avec cette adresse e-mail, et nous ne pouvons pas savoir si c’était vous à chaque fois. Aucun \
             des mots de passe choisis alors n’est donc valable.",
            "Choisissez maintenant votre mot de passe. Ce lien est valable pendant {{ link_holds }}\u{a0}:",
            "[Choisir votre mot de passe]({{ link }})",
            "D’ici là, personne ne peut se connecter à ce compte. Ensuite, veuillez vérifier les informations de \
             votre compte.",
        ],
    },
    es: MailTemplate {
        subject: "Elija su contraseña",
        body: &[
            "Su dirección de correo está confirmada, y {% if username %}la cuenta «{{ username }}»{% else %}su \
             cuenta{% endif %} en {{ service }} es suya. Alguien se registró varias veces con esta dirección de \
             correo, y no podemos saber si siempre fue usted. Por eso no vale ninguna de las contraseñas elegidas \
             entonces.",
            "Elija ahora su contraseña. Este enlace es válido durante {{ link_holds }}:",
            "[Elegir su contraseña]({{ link }})",
            "Hasta entonces nadie puede iniciar sesión en la cuenta. Después, compruebe los datos de su cuenta.",
        ],
    },
    hi: MailTemplate {
        subject: "अपना पासवर्ड चुनें",
        body: &[
            "आपके ई-मेल पते की पुष्टि हो गई है, और {{ service }} में {% if username %}खाता “{{ username }}”{% \
             else %}आपका खाता{% endif %} अब आपका है। किसी ने इस ई-मेल पते से एक से ज़्यादा बार पंजीकरण किया, और \
             हम नहीं जान सकते कि हर बार वह आप ही थे। इसलिए तब चुना गया कोई भी पासवर्ड मान्य नहीं है।",
            "अब अपना पासवर्ड चुनें। यह लिंक {{ link_holds }} तक मान्य है:",
            "[अपना पासवर्ड चुनें]({{ link }})",
            "जब तक आप पासवर्ड नहीं चुनते, कोई भी इस खाते में लॉग इन नहीं कर सकता। इसके बाद कृपया अपने खाते की \
             जानकारी जाँच लें।",
        ],
    },
};
