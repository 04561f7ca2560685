//! The owner confirmed the deletion of the account. The link calls it off (SELF-5).

use kernel::{clock::Timestamp, secret::Secret};
use mail::message::{Letter, MailTemplate, Translated, Value, Values, examples};

use crate::own_account::rules::link::Link;

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Deletion confirmed",
    when: "the owner confirmed the deletion of the account",
    notice: None,
    example: || values(examples::at(), Link::CancelDeletion.example()),
    texts: TEXTS,
};

/// Its values: when the account goes, and the link that calls the deletion off until then.
#[must_use]
pub fn values(due_at: Timestamp, link: Secret) -> Values {
    vec![("at", Value::Time(due_at)), ("link", Value::Link(link))]
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Your account will be deleted",
        body: &[
            "Your account at {{ service }} is closed, and you were logged out everywhere. It will be deleted on \
             {{ at }}.",
            "Until then you can keep it with this link:",
            "[Keep my account]({{ link }})",
        ],
    },
    de: MailTemplate {
        subject: "Ihr Konto wird gelöscht",
        body: &[
            "Ihr Konto bei {{ service }} ist geschlossen, und Sie wurden überall abgemeldet. Es wird am {{ at \
             }} gelöscht.",
            "Bis dahin können Sie es mit diesem Link behalten:",
            "[Mein Konto behalten]({{ link }})",
        ],
    },
    fr: MailTemplate {
        subject: "Votre compte va être supprimé",
        body: &[
            "Votre compte auprès de {{ service }} est fermé, et vous avez été déconnecté partout. Il sera \
             supprimé le {{ at }}.",
            "Jusque-là, vous pouvez le conserver avec ce lien\u{a0}:",
            "[Conserver mon compte]({{ link }})",
        ],
    },
    es: MailTemplate {
        subject: "Su cuenta se eliminará",
        body: &[
            "Su cuenta en {{ service }} está cerrada, y se ha cerrado la sesión en todas partes. Se eliminará \
             el {{ at }}.",
            "Hasta entonces puede conservarla con este enlace:",
            "[Conservar mi cuenta]({{ link }})",
        ],
    },
    hi: MailTemplate {
        subject: "आपका खाता हटाया जाएगा",
        body: &[
            "{{ service }} में आपका खाता बंद है, और आप हर जगह लॉग आउट कर दिए गए हैं। इसे {{ at }} हटा दिया \
             जाएगा।",
            "तब तक आप इस लिंक से अपना खाता रख सकते हैं:",
            "[मेरा खाता रखें]({{ link }})",
        ],
    },
};
