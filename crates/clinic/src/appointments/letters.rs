//! The letters about appointments: when, and nothing else (MAIL-6, APT-14).

use mail::message::{Letter, MailTemplate, Translated, Value, Values};

use super::documents::NoticeKind;

/// Every letter of appointments.
pub const ALL: [&Letter; 4] = [&CONFIRMED, &MOVED, &CANCELLED, &REMINDER];

/// The letter of a change.
pub const fn of(notice: NoticeKind) -> &'static Letter {
    match notice {
        NoticeKind::Confirmed => &CONFIRMED,
        NoticeKind::Moved => &MOVED,
        NoticeKind::Cancelled => &CANCELLED,
    }
}

fn example() -> Values {
    let when = "Monday, 30 March 2026, 09:00 (CEST, Zurich)";
    vec![("when", Value::Text(Some(when.to_owned())))]
}

/// It stands.
pub const CONFIRMED: Letter = Letter {
    title: "Appointment confirmed",
    when: "an appointment is booked or confirmed",
    notice: None,
    example,
    texts: Translated {
        en: MailTemplate {
            subject: "Your appointment is confirmed",
            body: &[
                "Your appointment at {{ service }} is confirmed:",
                "{{ when }}",
                "If you cannot come, please cancel it in time, so that somebody else can have it.",
            ],
        },
        de: MailTemplate {
            subject: "Ihr Termin ist bestätigt",
            body: &[
                "Ihr Termin bei {{ service }} ist bestätigt:",
                "{{ when }}",
                "Wenn Sie nicht kommen können, sagen Sie ihn bitte rechtzeitig ab, damit ihn jemand anderes haben kann.",
            ],
        },
        fr: MailTemplate {
            subject: "Votre rendez-vous est confirmé",
            body: &[
                "Votre rendez-vous auprès de {{ service }} est confirmé :",
                "{{ when }}",
                "Si vous ne pouvez pas venir, veuillez l’annuler à temps afin que quelqu’un d’autre puisse en profiter.",
            ],
        },
        es: MailTemplate {
            subject: "Su cita está confirmada",
            body: &[
                "Su cita en {{ service }} está confirmada:",
                "{{ when }}",
                "Si no puede venir, anúlela a tiempo, por favor, para que otra persona pueda tenerla.",
            ],
        },
        hi: MailTemplate {
            subject: "आपकी अपॉइंटमेंट पक्की हो गई है",
            body: &[
                "{{ service }} में आपकी अपॉइंटमेंट पक्की हो गई है:",
                "{{ when }}",
                "अगर आप नहीं आ सकते, तो कृपया समय रहते इसे रद्द करें, ताकि यह किसी और को मिल सके।",
            ],
        },
    },
};

/// It has another time or doctor.
pub const MOVED: Letter = Letter {
    title: "Appointment moved",
    when: "an appointment has another time or another doctor",
    notice: None,
    example,
    texts: Translated {
        en: MailTemplate {
            subject: "Your appointment has changed",
            body: &[
                "Your appointment at {{ service }} has changed. It is now:",
                "{{ when }}",
                "If this does not suit you, please move or cancel it in time.",
            ],
        },
        de: MailTemplate {
            subject: "Ihr Termin wurde geändert",
            body: &[
                "Ihr Termin bei {{ service }} wurde geändert. Er ist jetzt:",
                "{{ when }}",
                "Wenn Ihnen das nicht passt, verschieben Sie ihn bitte oder sagen Sie ihn rechtzeitig ab.",
            ],
        },
        fr: MailTemplate {
            subject: "Votre rendez-vous a changé",
            body: &[
                "Votre rendez-vous auprès de {{ service }} a changé. Il a lieu désormais :",
                "{{ when }}",
                "Si cela ne vous convient pas, veuillez le déplacer ou l’annuler à temps.",
            ],
        },
        es: MailTemplate {
            subject: "Su cita ha cambiado",
            body: &[
                "Su cita en {{ service }} ha cambiado. Ahora es:",
                "{{ when }}",
                "Si no le conviene, cámbiela o anúlela a tiempo, por favor.",
            ],
        },
        hi: MailTemplate {
            subject: "आपकी अपॉइंटमेंट बदल गई है",
            body: &[
                "{{ service }} में आपकी अपॉइंटमेंट बदल गई है। अब यह है:",
                "{{ when }}",
                "अगर यह आपके लिए ठीक नहीं है, तो कृपया समय रहते इसे बदलें या रद्द करें।",
            ],
        },
    },
};

/// It does not take place.
pub const CANCELLED: Letter = Letter {
    title: "Appointment cancelled",
    when: "an appointment is cancelled",
    notice: None,
    example,
    texts: Translated {
        en: MailTemplate {
            subject: "Your appointment is cancelled",
            body: &[
                "Your appointment at {{ service }} does not take place:",
                "{{ when }}",
                "If you still need one, please book another time.",
            ],
        },
        de: MailTemplate {
            subject: "Ihr Termin ist abgesagt",
            body: &[
                "Ihr Termin bei {{ service }} findet nicht statt:",
                "{{ when }}",
                "Wenn Sie weiterhin einen brauchen, buchen Sie bitte eine andere Zeit.",
            ],
        },
        fr: MailTemplate {
            subject: "Votre rendez-vous est annulé",
            body: &[
                "Votre rendez-vous auprès de {{ service }} n’aura pas lieu :",
                "{{ when }}",
                "S’il vous en faut toujours un, veuillez réserver un autre moment.",
            ],
        },
        es: MailTemplate {
            subject: "Su cita está anulada",
            body: &[
                "Su cita en {{ service }} no tendrá lugar:",
                "{{ when }}",
                "Si todavía necesita una, reserve otra hora, por favor.",
            ],
        },
        hi: MailTemplate {
            subject: "आपकी अपॉइंटमेंट रद्द हो गई है",
            body: &[
                "{{ service }} में आपकी यह अपॉइंटमेंट नहीं होगी:",
                "{{ when }}",
                "अगर आपको अब भी ज़रूरत है, तो कृपया कोई और समय बुक करें।",
            ],
        },
    },
};

/// It is soon.
pub const REMINDER: Letter = Letter {
    title: "Reminder of an appointment",
    when: "an appointment is near",
    notice: None,
    example,
    texts: Translated {
        en: MailTemplate {
            subject: "Reminder of your appointment",
            body: &[
                "This reminds you of your appointment at {{ service }}:",
                "{{ when }}",
            ],
        },
        de: MailTemplate {
            subject: "Erinnerung an Ihren Termin",
            body: &[
                "Wir erinnern Sie an Ihren Termin bei {{ service }}:",
                "{{ when }}",
            ],
        },
        fr: MailTemplate {
            subject: "Rappel de votre rendez-vous",
            body: &[
                "Nous vous rappelons votre rendez-vous auprès de {{ service }} :",
                "{{ when }}",
            ],
        },
        es: MailTemplate {
            subject: "Recordatorio de su cita",
            body: &["Le recordamos su cita en {{ service }}:", "{{ when }}"],
        },
        hi: MailTemplate {
            subject: "आपकी अपॉइंटमेंट की याद",
            body: &[
                "{{ service }} में आपकी अपॉइंटमेंट की याद दिलाई जा रही है:",
                "{{ when }}",
            ],
        },
    },
};
