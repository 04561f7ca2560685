//! Too many wrong codes were typed in, so only links work for a while (OTP-4).

use crate::mails::documents::MailJob;
use mail::message::{Letter, MailTemplate, Translated};

const KIND: &str = "codes_blocked";

/// The letter.
pub const LETTER: Letter = Letter {
    title: "Codes blocked",
    when: "too many wrong codes were typed in for the address",
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
        subject: "Too many wrong codes",
        body: &[
            "Too many wrong codes were entered for your e-mail address at {{ service }}. Codes are therefore not \
             accepted for up to 24 hours.",
            "If you want to set a new password, ask for it again and use the link in that e-mail: it still works. If \
             this was not you, there is nothing to do: nobody got in.",
        ],
    },
    de: MailTemplate {
        subject: "Zu viele falsche Codes",
        body: &[
            "Für Ihre E-Mail-Adresse wurden bei {{ service }} zu viele falsche Codes eingegeben. Deshalb werden bis zu \
             24 Stunden lang keine Codes angenommen.",
            "Wenn Sie ein neues Passwort wählen möchten, fordern Sie es noch einmal an und verwenden Sie den Link in der \
             neuen E-Mail: Er funktioniert weiterhin. Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Niemand hat \
             Zugang erhalten.",
        ],
    },
    fr: MailTemplate {
        subject: "Trop de codes erronés",
        body: &[
            "Trop de codes erronés ont été saisis pour votre adresse e-mail auprès de {{ service }}. Les codes ne sont \
             donc plus acceptés pendant 24 heures au maximum.",
            "Si vous souhaitez un nouveau mot de passe, refaites-en la demande et utilisez le lien du nouvel e-mail\u{a0}: il \
             reste valable. Si ce n’était pas vous, vous n’avez rien à faire\u{a0}: personne n’a eu accès à votre compte.",
        ],
    },
    es: MailTemplate {
        subject: "Demasiados códigos incorrectos",
        body: &[
            "Se han introducido demasiados códigos incorrectos para su dirección de correo en {{ service }}. Por eso no \
             se aceptarán códigos durante 24 horas como máximo.",
            "Si desea una contraseña nueva, solicítela otra vez y utilice el enlace del nuevo correo: sigue funcionando. \
             Si no ha sido usted, no tiene que hacer nada: nadie ha accedido a su cuenta.",
        ],
    },
    hi: MailTemplate {
        subject: "बहुत बार गलत कोड दर्ज किया गया",
        body: &[
            "{{ service }} में आपके ई-मेल पते के लिए बहुत बार गलत कोड दर्ज किया गया है। इसलिए ज़्यादा से ज़्यादा 24 घंटे \
             तक कोड स्वीकार नहीं किए जाएँगे।",
            "अगर आप नया पासवर्ड चाहते हैं, तो उसका अनुरोध दोबारा करें और नए ई-मेल में दिए गए लिंक का इस्तेमाल करें: वह अब भी \
             काम करता है। अगर यह आप नहीं थे, तो आपको कुछ करने की ज़रूरत नहीं है: आपके खाते तक कोई नहीं पहुँच पाया है।",
        ],
    },
};
