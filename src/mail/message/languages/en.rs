//! English.

use crate::mail::message::catalogue::{
    Catalogue, Counted, MailTemplate,
    Part::{Code, Link, Say},
};

pub(in crate::mail::message) const CATALOGUE: Catalogue = Catalogue {
    footer: "This e-mail was sent automatically by {{ service }} ({{ base_url }}). We will never ask you for a code or a \
             password.",
    moment: "{{ day }} {{ month }} {{ year }} at {{ time }} (UTC)",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    minutes: Counted {
        one: "{{ n }} minute",
        many: "{{ n }} minutes",
    },
    hours: Counted {
        one: "{{ n }} hour",
        many: "{{ n }} hours",
    },
    days: Counted {
        one: "{{ n }} day",
        many: "{{ n }} days",
    },
    verification_code: MailTemplate {
        subject: "Your verification code",
        body: &[
            Say("Your verification code is"),
            Code,
            Say(
                "{% if username %}Entering it creates the account \"{{ username }}\" at {{ service }} with this e-mail \
                 address.{% else %}Entering it creates an account at {{ service }} with this e-mail address.{% endif %} \
                 The code is valid for {{ code_holds }}.",
            ),
            Say(
                "{% if username %}If you did not choose this username, ignore this e-mail{% else %}If you did not ask for \
                 an account, ignore this e-mail{% endif %} and do not give the code to anyone: without it, no account is \
                 created.",
            ),
        ],
    },
    password_reset: MailTemplate {
        subject: "Reset your password",
        body: &[
            Say(
                "Someone asked to reset the password of your account at {{ service }}.{% if code %} Your code is{% endif %}",
            ),
            Code,
            Say(
                "{% if code %}The code is valid for {{ code_holds }}. You can also use this link, which is valid for \
                 {{ link_holds }}:{% else %}This link is valid for {{ link_holds }}:{% endif %}",
            ),
            Link("Choose a new password"),
            Say(
                "{% if code %}Once you use one of the two, the other stops working. {% endif %}If this was not you, ignore \
                 this e-mail: your password stays as it is.",
            ),
        ],
    },
    already_registered: MailTemplate {
        subject: "You already have an account",
        body: &[
            Say(
                "Someone tried to open an account at {{ service }} with this e-mail address, but you already have one.",
            ),
            Say(
                "If this was you, log in with your existing account, or ask for a new password if you forgot yours. If it \
                 was not you, there is nothing to do: nothing was changed.",
            ),
        ],
    },
    invitation: MailTemplate {
        subject: "Your new account",
        body: &[
            Say("Hello{% if name %} {{ name }}{% endif %},"),
            Say(
                "an account was created for you at {{ service }}. To start using it, choose your password. This link is \
                 valid for {{ link_holds }}:",
            ),
            Link("Choose your password"),
            Say(
                "If you did not expect this e-mail, ignore it: without a password, nobody can log in to the account.",
            ),
        ],
    },
    first_password: MailTemplate {
        subject: "Choose your password",
        body: &[
            Say(
                "Your e-mail address is confirmed, and {% if username %}the account \"{{ username }}\"{% else %}your \
                 account{% endif %} at {{ service }} is yours. Someone registered with this e-mail address more than \
                 once, and we cannot know that each time it was you. So none of the passwords chosen then works.",
            ),
            Say("Choose your password now. This link is valid for {{ link_holds }}:"),
            Link("Choose your password"),
            Say(
                "Until you have chosen one, nobody can log in to the account. Afterwards, please check the details of \
                 your account.",
            ),
        ],
    },
    password_changed: MailTemplate {
        subject: "Your password was changed",
        body: &[
            Say(
                "The password of your account at {{ service }} was changed on {{ at }}. You were logged out on all your \
                 other devices.",
            ),
            Say("If this was not you, reset your password at once and tell {{ service }}."),
        ],
    },
    password_reset_done: MailTemplate {
        subject: "Your password was reset",
        body: &[
            Say(
                "The password of your account at {{ service }} was reset on {{ at }}. You were logged out on all devices; \
                 please log in with the new password.",
            ),
            Say(
                "If this was not you, reset your password again at once and tell {{ service }}: someone may be able to \
                 read your e-mail.",
            ),
        ],
    },
    sign_in_after_failures: MailTemplate {
        subject: "New login after failed attempts",
        body: &[
            Say(
                "After several wrong passwords, someone logged in to your account at {{ service }} on {{ at }}\
                 {% if ip %} from the IP address {{ ip }}{% endif %}.",
            ),
            Say(
                "If this was you, there is nothing to do. If not, reset your password at once: that logs out every device.",
            ),
        ],
    },
    refresh_token_replayed: MailTemplate {
        subject: "A session was ended to protect your account",
        body: &[
            Say(
                "On {{ at }} the login of one of your devices at {{ service }} was used from two places. Someone may have \
                 copied it, so we logged that device out.",
            ),
            Say(
                "Please log in again. If this keeps happening, reset your password: that logs out every device.",
            ),
        ],
    },
    codes_blocked: MailTemplate {
        subject: "Too many wrong codes",
        body: &[
            Say(
                "Too many wrong codes were entered for your e-mail address at {{ service }}. Codes are therefore not \
                 accepted for up to 24 hours.",
            ),
            Say(
                "If you want to set a new password, ask for it again and use the link in that e-mail: it still works. If \
                 this was not you, there is nothing to do: nobody got in.",
            ),
        ],
    },
};
