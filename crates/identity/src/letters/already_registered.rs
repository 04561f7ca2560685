//! A person registered with the address of an account (`registration.disclosure: strict`).

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated};

const KIND: &str = "already_registered";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Account exists",
    when: "somebody registered with the address of an account; only with `registration.disclosure=strict`",
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
        subject: "You already have an account",
        body: &[
            "Someone tried to open an account at {{ service }} with this e-mail address, but you already have one.",
            "If this was you, log in with your existing account, or ask for a new password if you forgot yours. If it \
             was not you, there is nothing to do: nothing was changed.",
        ],
    },
    de: MailTemplate {
        subject: "Sie haben bereits ein Konto",
        body: &[
            "Jemand wollte bei {{ service }} mit dieser E-Mail-Adresse ein Konto eröffnen. Sie haben aber bereits \
             eines.",
            "Wenn Sie das waren, melden Sie sich mit Ihrem bestehenden Konto an, oder fordern Sie ein neues Passwort \
             an, falls Sie Ihres vergessen haben. Wenn nicht, brauchen Sie nichts zu tun: Es wurde nichts geändert.",
        ],
    },
    fr: MailTemplate {
        subject: "Vous avez déjà un compte",
        body: &[
            "Quelqu’un a voulu ouvrir un compte auprès de {{ service }} avec cette adresse e-mail, mais vous en avez \
             déjà un.",
            "Si c’était vous, connectez-vous avec votre compte existant, ou demandez un nouveau mot de passe si vous \
             avez oublié le vôtre. Sinon, vous n’avez rien à faire\u{a0}: rien n’a été modifié.",
        ],
    },
    es: MailTemplate {
        subject: "Usted ya tiene una cuenta",
        body: &[
            "Alguien ha intentado abrir una cuenta en {{ service }} con esta dirección de correo, pero usted ya tiene \
             una.",
            "Si ha sido usted, inicie sesión con su cuenta actual o solicite una contraseña nueva si ha olvidado la \
             suya. Si no ha sido usted, no tiene que hacer nada: no se ha modificado nada.",
        ],
    },
    hi: MailTemplate {
        subject: "आपका खाता पहले से मौजूद है",
        body: &[
            "किसी ने इस ई-मेल पते से {{ service }} में खाता खोलने की कोशिश की, लेकिन आपका खाता पहले से मौजूद है।",
            "अगर यह आप थे, तो अपने मौजूदा खाते से लॉग इन करें, या पासवर्ड भूल जाने पर नए पासवर्ड का अनुरोध करें। अगर यह आप \
             नहीं थे, तो आपको कुछ करने की ज़रूरत नहीं है: कुछ भी बदला नहीं गया है।",
        ],
    },
};
