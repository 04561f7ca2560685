//! The owner wants to delete the account. Nothing happens before the link is used (SELF-5).

use kernel::secret::Secret;
use mail::message::{Letter, MailTemplate, Translated, Value, Values};

use crate::own_account::rules::link::Link;

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Deletion to be confirmed",
    when: "the owner asked for the deletion of the account",
    notice: None,
    example: || values(Link::ConfirmDeletion.example(), 15, 14),
    texts: TEXTS,
};

/// Its values: the link that confirms it, the minutes for which it is valid, and the days in which the deletion can be
/// called off.
#[must_use]
pub fn values(link: Secret, minutes: i64, days: i64) -> Values {
    vec![
        ("link", Value::Link(link)),
        ("link_holds", Value::Minutes(Some(minutes))),
        ("days", Value::Minutes(Some(days * 24 * 60))),
    ]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Confirm the deletion of your account",
        body: &[
            "Someone asked to delete your account at {{ service }}. If this was you, confirm it with this link, \
             which is valid for {{ link_holds }}:",
            "[Delete my account]({{ link }})",
            "You are then logged out everywhere, and have {{ days }} to change your mind.",
            "If this was not you, do not use the link: your account stays as it is. Then change your password, \
             and tell {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Löschung Ihres Kontos bestätigen",
        body: &[
            "Jemand möchte Ihr Konto bei {{ service }} löschen. Wenn Sie das waren, bestätigen Sie es mit \
             diesem Link; er ist {{ link_holds }} gültig:",
            "[Mein Konto löschen]({{ link }})",
            "Danach werden Sie überall abgemeldet und haben {{ days }} Zeit, es sich anders zu überlegen.",
            "Wenn Sie das nicht waren, verwenden Sie den Link nicht: Ihr Konto bleibt, wie es ist. Ändern Sie \
             dann Ihr Passwort und benachrichtigen Sie {{ service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "Confirmez la suppression de votre compte",
        body: &[
            "La suppression de votre compte auprès de {{ service }} a été demandée. Si c’était vous, \
             confirmez-la avec ce lien, valable pendant {{ link_holds }}\u{a0}:",
            "[Supprimer mon compte]({{ link }})",
            "Vous serez alors déconnecté partout et aurez {{ days }} pour changer d’avis.",
            "Si ce n’était pas vous, n’utilisez pas le lien\u{a0}: votre compte reste inchangé. Modifiez alors \
             votre mot de passe et prévenez {{ service }}.",
        ],
    },
    es: MailTemplate {
        subject: "Confirme la eliminación de su cuenta",
        body: &[
            "Alguien ha solicitado eliminar su cuenta en {{ service }}. Si ha sido usted, confírmelo con este \
             enlace, válido durante {{ link_holds }}:",
            "[Eliminar mi cuenta]({{ link }})",
            "Se cerrará entonces la sesión en todas partes y tendrá {{ days }} para cambiar de opinión.",
            "Si no ha sido usted, no utilice el enlace: su cuenta no cambia. Cambie entonces su contraseña y \
             avise a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "अपना खाता हटाने की पुष्टि करें",
        body: &[
            "किसी ने {{ service }} में आपका खाता हटाने का अनुरोध किया है। अगर यह आप हैं, तो इस लिंक से पुष्टि \
             करें, जो {{ link_holds }} तक मान्य है:",
            "[मेरा खाता हटाएँ]({{ link }})",
            "तब आप हर जगह लॉग आउट हो जाएँगे, और मन बदलने के लिए आपके पास {{ days }} होंगे।",
            "अगर यह आपने नहीं किया है, तो लिंक का इस्तेमाल न करें: आपका खाता वैसा ही रहेगा। तब अपना पासवर्ड \
             बदलें और {{ service }} को बताएँ।",
        ],
    },
};
