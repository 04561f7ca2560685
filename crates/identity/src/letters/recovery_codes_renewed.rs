//! New recovery codes took the place of the old ones.

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, event_time, examples};

const KIND: &str = "recovery_codes_renewed";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "New recovery codes",
    when: "the owner made new recovery codes",
    notice: Some((KIND, |_, at| event_time(at))),
    example: || event_time(examples::at()),
    texts: TEXTS,
};

/// Its mail job.
#[must_use]
pub fn job() -> MailJob {
    MailJob::notice(KIND, [])
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "You have new recovery codes",
        body: &[
            "New recovery codes were made for your account at {{ service }} on {{ at }}. The old codes do not \
             work any more.",
            "If this was not you, reset your password at once and tell {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Sie haben neue Wiederherstellungscodes",
        body: &[
            "Für Ihr Konto bei {{ service }} wurden am {{ at }} neue Wiederherstellungscodes erstellt. Die \
             alten Codes gelten nicht mehr.",
            "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort zurück und benachrichtigen Sie {{ \
             service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "Vous avez de nouveaux codes de récupération",
        body: &[
            "De nouveaux codes de récupération ont été créés pour votre compte auprès de {{ service }} le {{ \
             at }}. Les anciens codes ne sont plus valables.",
            "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe et prévenez {{ service \
             }}.",
        ],
    },
    es: MailTemplate {
        subject: "Tiene nuevos códigos de recuperación",
        body: &[
            "El {{ at }} se crearon nuevos códigos de recuperación para su cuenta en {{ service }}. Los \
             códigos anteriores ya no sirven.",
            "Si no ha sido usted, restablezca su contraseña de inmediato y avise a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "आपके नए रिकवरी कोड बन गए हैं",
        body: &[
            "{{ service }} में आपके खाते के लिए {{ at }} नए रिकवरी कोड बनाए गए। पुराने कोड अब काम नहीं \
             करेंगे।",
            "अगर यह आपने नहीं किया है, तो तुरंत अपना पासवर्ड रीसेट करें और {{ service }} को बताएँ।",
        ],
    },
};
