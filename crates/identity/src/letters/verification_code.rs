//! The code that turns one registration into an account (D2).

use kernel::secret::Secret;
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};
use url::form_urlencoded::byte_serialize;

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Verification code",
    when: "somebody registered, or asked for another code",
    notice: None,
    example: || {
        let link = link(
            "https://accounts.clinic.example",
            "ana@example.org",
            &examples::code(),
        );
        values(
            (examples::code(), Some(link)),
            10,
            Some("ana.smith".to_owned()),
        )
    },
    texts: TEXTS,
};

/// The link to the page with the address and the code filled in. They are in the fragment, so no server and no log sees
/// them (RST-3).
#[must_use]
pub fn link(public_base_url: &str, email: &str, code: &Secret) -> Secret {
    let base = public_base_url.trim_end_matches('/');
    let email: String = byte_serialize(email.as_bytes()).collect();
    let code = code.expose();
    Secret::new(format!("{base}/static/otp.html#email={email}&otp={code}"))
}

/// Its values: the code, the link if the code is valid without the token of its registration, the minutes until it
/// expires, and the username that the registration chose, if it chose one.
#[must_use]
pub fn values(
    (code, link): (Secret, Option<Secret>),
    minutes: i64,
    username: Option<String>,
) -> Values {
    vec![
        ("code", Value::Code(Some(code))),
        ("link", link.map_or(Value::Text(None), Value::Link)),
        ("code_holds", Value::Minutes(Some(minutes))),
        ("username", Value::Text(username)),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Your verification code",
        body: &[
            "Your verification code is",
            "{{ code }}",
            "{% if username %}Entering it creates the account \"{{ username }}\" at {{ service }} with this e-mail \
             address.{% else %}Entering it creates an account at {{ service }} with this e-mail address.{% endif %} \
             The code is valid for {{ code_holds }}.{% if link %} You can also open the page where it is already filled \
             in:{% endif %}",
            "[Enter the code]({{ link }})",
            "{% if username %}If you did not choose this username, ignore this e-mail{% else %}If you did not ask for \
             an account, ignore this e-mail{% endif %} and do not give the code to anyone: without it, no account is \
             created.",
        ],
    },
    de: MailTemplate {
        subject: "Ihr Bestätigungscode",
        body: &[
            "Ihr Bestätigungscode lautet",
            "{{ code }}",
            "{% if username %}Wenn Sie ihn eingeben, wird bei {{ service }} das Konto „{{ username }}“ mit dieser \
             E-Mail-Adresse eröffnet.{% else %}Wenn Sie ihn eingeben, wird bei {{ service }} ein Konto mit dieser \
             E-Mail-Adresse eröffnet.{% endif %} Der Code ist {{ code_holds }} gültig.{% if link %} Sie können auch die Seite öffnen, auf der er schon \
             eingetragen ist:{% endif %}",
            "[Code eingeben]({{ link }})",
            "{% if username %}Wenn Sie diesen Benutzernamen nicht gewählt haben, ignorieren Sie diese E-Mail\
             {% else %}Wenn Sie kein Konto eröffnen möchten, ignorieren Sie diese E-Mail{% endif %} und geben Sie den \
             Code an niemanden weiter: Ohne ihn wird kein Konto eröffnet.",
        ],
    },
    fr: MailTemplate {
        subject: "Votre code de vérification",
        body: &[
            "Votre code de vérification est",
            "{{ code }}",
            "{% if username %}En le saisissant, vous créez le compte «\u{a0}{{ username }}\u{a0}» auprès de {{ service }} avec cette adresse \
             e-mail.{% else %}En le saisissant, vous créez un compte auprès de {{ service }} avec cette adresse e-mail.{% endif %} Le \
             code est valable pendant {{ code_holds }}.{% if link %} Vous pouvez aussi ouvrir la page où il est déjà \
             saisi\u{a0}:{% endif %}",
            "[Saisir le code]({{ link }})",
            "{% if username %}Si vous n’avez pas choisi ce nom d’utilisateur, ignorez cet e-mail{% else %}Si vous n’avez \
             pas demandé de compte, ignorez cet e-mail{% endif %} et ne communiquez ce code à personne\u{a0}: sans lui, aucun \
             compte ne sera créé.",
        ],
    },
    es: MailTemplate {
        subject: "Su código de verificación",
        body: &[
            "Su código de verificación es",
            "{{ code }}",
            "{% if username %}Al introducirlo se crea la cuenta «{{ username }}» en {{ service }} con esta dirección de \
             correo.{% else %}Al introducirlo se crea una cuenta en {{ service }} con esta dirección de correo.\
             {% endif %} El código es válido durante {{ code_holds }}.{% if link %} También puede abrir la \
             página en la que ya está escrito:{% endif %}",
            "[Introducir el código]({{ link }})",
            "{% if username %}Si usted no ha elegido este nombre de usuario, ignore este correo{% else %}Si usted no ha \
             solicitado una cuenta, ignore este correo{% endif %} y no dé el código a nadie: sin él no se crea ninguna \
             cuenta.",
        ],
    },
    hi: MailTemplate {
        subject: "आपका सत्यापन कोड",
        body: &[
            "आपका सत्यापन कोड यह है",
            "{{ code }}",
            "{% if username %}इसे दर्ज करने पर {{ service }} में इस ई-मेल पते के साथ “{{ username }}” नाम का खाता बन \
             जाएगा।{% else %}इसे दर्ज करने पर {{ service }} में इस ई-मेल पते के साथ एक खाता बन जाएगा।{% endif %} यह कोड \
             {{ code_holds }} तक मान्य है।{% if link %} आप वह पेज भी खोल सकते हैं जिसमें यह पहले से भरा हुआ है:{% endif %}",
            "[कोड दर्ज करें]({{ link }})",
            "{% if username %}अगर आपने यह यूज़रनेम नहीं चुना है, तो इस ई-मेल पर ध्यान न दें{% else %}अगर आपने खाता बनाने का \
             अनुरोध नहीं किया है, तो इस ई-मेल पर ध्यान न दें{% endif %} और यह कोड किसी को न बताएँ: इसके बिना कोई खाता नहीं \
             बनेगा।",
        ],
    },
};
