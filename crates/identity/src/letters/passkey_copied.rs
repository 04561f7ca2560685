//! A passkey was used whose counter did not grow, so there may be a copy of it (PK-7).

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated, event_time, examples};

const KIND: &str = "passkey_copied";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Passkey that may have been copied",
    when: "a passkey was refused because its counter did not grow",
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
        subject: "One of your passkeys may have been copied",
        body: &[
            "On {{ at }} someone tried to use one of your passkeys at {{ service }}. It looked like a copy, so we refused \
             it.",
            "Please log in another way, remove that passkey from your account and add a new one. If this was not you, tell \
             {{ service }}.",
        ],
    },
    de: MailTemplate {
        subject: "Einer Ihrer Passkeys wurde möglicherweise kopiert",
        body: &[
            "Am {{ at }} hat jemand versucht, einen Ihrer Passkeys bei {{ service }} zu verwenden. Er sah wie eine Kopie \
             aus; deshalb haben wir ihn abgelehnt.",
            "Bitte melden Sie sich auf einem anderen Weg an, entfernen Sie diesen Passkey aus Ihrem Konto und fügen Sie einen \
             neuen hinzu. Wenn Sie das nicht waren, benachrichtigen Sie {{ service }}.",
        ],
    },
    fr: MailTemplate {
        subject: "L’une de vos clés d’accès a peut-être été copiée",
        body: &[
            "Le {{ at }}, quelqu’un a tenté d’utiliser l’une de vos clés d’accès auprès de {{ service }}. Elle semblait être \
             une copie\u{a0}; nous l’avons donc refusée.",
            "Veuillez vous connecter d’une autre façon, retirer cette clé d’accès de votre compte et en ajouter une nouvelle. \
             Si ce n’était pas vous, prévenez {{ service }}.",
        ],
    },
    es: MailTemplate {
        subject: "Es posible que se haya copiado una de sus llaves de acceso",
        body: &[
            "El {{ at }} alguien intentó utilizar una de sus llaves de acceso en {{ service }}. Parecía una copia; por eso la \
             hemos rechazado.",
            "Inicie sesión de otra forma, quite esa llave de acceso de su cuenta y añada una nueva. Si no ha sido usted, avise \
             a {{ service }}.",
        ],
    },
    hi: MailTemplate {
        subject: "हो सकता है कि आपकी किसी पासकी की नकल की गई हो",
        body: &[
            "{{ at }} किसी ने {{ service }} में आपकी एक पासकी इस्तेमाल करने की कोशिश की। वह नकल जैसी लगी, इसलिए हमने उसे स्वीकार \
             नहीं किया।",
            "कृपया किसी दूसरे तरीके से लॉग इन करें, उस पासकी को अपने खाते से हटाएँ और नई पासकी जोड़ें। अगर यह आपने नहीं किया है, तो \
             {{ service }} को बताएँ।",
        ],
    },
};
