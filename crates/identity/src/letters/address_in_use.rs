//! Another account asked for the address of an account (D1).

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated};

const KIND: &str = "address_in_use";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Address in use",
    when: "somebody wants to give another account this address; at most once a day",
    notice: Some((KIND, |_, _| Vec::new())),
    example: Vec::new,
    texts: TEXTS,
};

/// Its mail job.
#[must_use]
pub fn job() -> MailJob {
    MailJob::notice(KIND, [])
}

const TEXTS: Translated<MailTemplate> = Translated {
    en: MailTemplate {
        subject: "Your e-mail address belongs to your account",
        body: &[
            "Someone tried to use this e-mail address for another account at {{ service }}, but it belongs to \
             yours.",
            "If this was you, log in with your existing account. If it was not you, there is nothing to do: \
             nothing was changed.",
        ],
    },
    de: MailTemplate {
        subject: "Ihre E-Mail-Adresse gehört zu Ihrem Konto",
        body: &[
            "Jemand wollte diese E-Mail-Adresse bei {{ service }} für ein anderes Konto verwenden. Sie gehört \
             aber zu Ihrem.",
            "Wenn Sie das waren, melden Sie sich mit Ihrem bestehenden Konto an. Wenn nicht, brauchen Sie \
             nichts zu tun: Es wurde nichts geändert.",
        ],
    },
    fr: MailTemplate {
        subject: "Votre adresse e-mail appartient à votre compte",
        body: &[
            "Quelqu’un a voulu utiliser cette adresse e-mail pour un autre compte auprès de {{ service }}, mais \
             elle appartient au vôtre.",
            "Si c’était vous, connectez-vous avec votre compte existant. Sinon, vous n’avez rien à faire\u{a0}: \
             rien n’a été modifié.",
        ],
    },
    es: MailTemplate {
        subject: "Su dirección de correo pertenece a su cuenta",
        body: &[
            "Alguien ha intentado utilizar esta dirección de correo para otra cuenta en {{ service }}, pero \
             pertenece a la suya.",
            "Si ha sido usted, inicie sesión con su cuenta actual. Si no, no tiene que hacer nada: no se ha \
             modificado nada.",
        ],
    },
    hi: MailTemplate {
        subject: "आपका ई-मेल पता आपके खाते का है",
        body: &[
            "किसी ने {{ service }} में किसी दूसरे खाते के लिए इस ई-मेल पते का इस्तेमाल करने की कोशिश की, लेकिन \
             यह आपके खाते का है।",
            "अगर यह आप थे, तो अपने मौजूदा खाते से लॉग इन करें। अगर यह आप नहीं थे, तो आपको कुछ करने की ज़रूरत \
             नहीं है: कुछ भी बदला नहीं गया है।",
        ],
    },
};
