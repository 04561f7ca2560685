//! German, with the formal "Sie".

use crate::mail::message::catalogue::{
    Catalogue, Counted, MailTemplate,
    Part::{Code, Link, Say},
};

pub(in crate::mail::message) const CATALOGUE: Catalogue = Catalogue {
    footer: "Diese E-Mail wurde automatisch von {{ service }} ({{ base_url }}) gesendet. Wir fragen Sie niemals nach einem \
             Code oder einem Passwort.",
    moment: "{{ day }}. {{ month }} {{ year }} um {{ time }} Uhr (UTC)",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    minutes: Counted {
        one: "{{ n }} Minute",
        many: "{{ n }} Minuten",
    },
    hours: Counted {
        one: "{{ n }} Stunde",
        many: "{{ n }} Stunden",
    },
    days: Counted {
        one: "{{ n }} Tag",
        many: "{{ n }} Tage",
    },
    verification_code: MailTemplate {
        subject: "Ihr Bestätigungscode",
        body: &[
            Say("Ihr Bestätigungscode lautet"),
            Code,
            Say(
                "{% if username %}Wenn Sie ihn eingeben, wird bei {{ service }} das Konto „{{ username }}“ mit dieser \
                 E-Mail-Adresse eröffnet.{% else %}Wenn Sie ihn eingeben, wird bei {{ service }} ein Konto mit dieser \
                 E-Mail-Adresse eröffnet.{% endif %} Der Code ist {{ code_holds }} gültig.",
            ),
            Say(
                "{% if username %}Wenn Sie diesen Benutzernamen nicht gewählt haben, ignorieren Sie diese E-Mail\
                 {% else %}Wenn Sie kein Konto eröffnen möchten, ignorieren Sie diese E-Mail{% endif %} und geben Sie den \
                 Code an niemanden weiter: Ohne ihn wird kein Konto eröffnet.",
            ),
        ],
    },
    password_reset: MailTemplate {
        subject: "Passwort zurücksetzen",
        body: &[
            Say(
                "Jemand möchte das Passwort Ihres Kontos bei {{ service }} zurücksetzen.{% if code %} Ihr Code lautet{% endif %}",
            ),
            Code,
            Say(
                "{% if code %}Der Code ist {{ code_holds }} gültig. Stattdessen können Sie auch diesen Link verwenden; er \
                 ist {{ link_holds }} gültig:{% else %}Dieser Link ist {{ link_holds }} gültig:{% endif %}",
            ),
            Link("Neues Passwort wählen"),
            Say(
                "{% if code %}Sobald Sie eines von beiden verwenden, gilt das andere nicht mehr. {% endif %}Wenn Sie das \
                 nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.",
            ),
        ],
    },
    already_registered: MailTemplate {
        subject: "Sie haben bereits ein Konto",
        body: &[
            Say(
                "Jemand wollte bei {{ service }} mit dieser E-Mail-Adresse ein Konto eröffnen. Sie haben aber bereits \
                 eines.",
            ),
            Say(
                "Wenn Sie das waren, melden Sie sich mit Ihrem bestehenden Konto an, oder fordern Sie ein neues Passwort \
                 an, falls Sie Ihres vergessen haben. Wenn nicht, brauchen Sie nichts zu tun: Es wurde nichts geändert.",
            ),
        ],
    },
    invitation: MailTemplate {
        subject: "Ihr neues Konto",
        body: &[
            Say("Guten Tag{% if name %} {{ name }}{% endif %},"),
            Say(
                "für Sie wurde ein Konto bei {{ service }} eingerichtet. Bitte wählen Sie Ihr Passwort, um es zu benutzen. \
                 Dieser Link ist {{ link_holds }} gültig:",
            ),
            Link("Passwort wählen"),
            Say(
                "Wenn Sie diese E-Mail nicht erwartet haben, ignorieren Sie sie: Ohne Passwort kann sich niemand in \
                 diesem Konto anmelden.",
            ),
        ],
    },
    first_password: MailTemplate {
        subject: "Wählen Sie Ihr Passwort",
        body: &[
            Say(
                "Ihre E-Mail-Adresse ist bestätigt, und {% if username %}das Konto „{{ username }}“{% else %}Ihr \
                 Konto{% endif %} bei {{ service }} gehört Ihnen. Mit dieser E-Mail-Adresse hat sich jemand mehrmals \
                 registriert, und wir können nicht wissen, ob Sie das jedes Mal waren. Deshalb gilt keines der dabei \
                 gewählten Passwörter.",
            ),
            Say("Bitte wählen Sie jetzt Ihr Passwort. Dieser Link ist {{ link_holds }} gültig:"),
            Link("Passwort wählen"),
            Say(
                "Bis dahin kann sich niemand in diesem Konto anmelden. Bitte prüfen Sie danach die Angaben in Ihrem \
                 Konto.",
            ),
        ],
    },
    password_changed: MailTemplate {
        subject: "Ihr Passwort wurde geändert",
        body: &[
            Say(
                "Das Passwort Ihres Kontos bei {{ service }} wurde am {{ at }} geändert. Auf allen anderen Geräten wurden \
                 Sie abgemeldet.",
            ),
            Say(
                "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort zurück und benachrichtigen Sie \
                 {{ service }}.",
            ),
        ],
    },
    password_reset_done: MailTemplate {
        subject: "Ihr Passwort wurde zurückgesetzt",
        body: &[
            Say(
                "Das Passwort Ihres Kontos bei {{ service }} wurde am {{ at }} zurückgesetzt. Sie wurden auf allen Geräten \
                 abgemeldet; bitte melden Sie sich mit dem neuen Passwort an.",
            ),
            Say(
                "Wenn Sie das nicht waren, setzen Sie Ihr Passwort bitte sofort noch einmal zurück und benachrichtigen Sie \
                 {{ service }}: Möglicherweise kann jemand Ihre E-Mails lesen.",
            ),
        ],
    },
    sign_in_after_failures: MailTemplate {
        subject: "Neue Anmeldung nach Fehlversuchen",
        body: &[
            Say(
                "Nach mehreren falschen Passwörtern hat sich am {{ at }} jemand{% if ip %} von der IP-Adresse {{ ip }} \
                 aus{% endif %} in Ihrem Konto bei {{ service }} angemeldet.",
            ),
            Say(
                "Wenn Sie das waren, brauchen Sie nichts zu tun. Wenn nicht, setzen Sie Ihr Passwort bitte sofort zurück: \
                 Damit werden alle Geräte abgemeldet.",
            ),
        ],
    },
    refresh_token_replayed: MailTemplate {
        subject: "Eine Sitzung wurde zur Sicherheit beendet",
        body: &[
            Say(
                "Am {{ at }} wurde die Anmeldung eines Ihrer Geräte bei {{ service }} von zwei Stellen aus verwendet. \
                 Möglicherweise hat sie jemand kopiert; deshalb haben wir dieses Gerät abgemeldet.",
            ),
            Say(
                "Bitte melden Sie sich neu an. Wenn das öfter vorkommt, setzen Sie Ihr Passwort zurück: Damit werden alle \
                 Geräte abgemeldet.",
            ),
        ],
    },
    codes_blocked: MailTemplate {
        subject: "Zu viele falsche Codes",
        body: &[
            Say(
                "Für Ihre E-Mail-Adresse wurden bei {{ service }} zu viele falsche Codes eingegeben. Deshalb werden bis zu \
                 24 Stunden lang keine Codes angenommen.",
            ),
            Say(
                "Wenn Sie ein neues Passwort wählen möchten, fordern Sie es noch einmal an und verwenden Sie den Link in der \
                 neuen E-Mail: Er funktioniert weiterhin. Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Niemand hat \
                 Zugang erhalten.",
            ),
        ],
    },
};
