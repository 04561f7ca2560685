//! French, with "vous".

use crate::mail::message::catalogue::{
    Catalogue, Counted, MailTemplate,
    Part::{Code, Link, Say},
};

pub(in crate::mail::message) const CATALOGUE: Catalogue = Catalogue {
    footer: "Cet e-mail a été envoyé automatiquement par {{ service }} ({{ base_url }}). Nous ne vous demanderons jamais ni \
             code ni mot de passe.",
    moment: "{{ day }}{% if day == 1 %}er{% endif %} {{ month }} {{ year }} à {{ time }} (UTC)",
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    minutes: Counted {
        one: "{{ n }} minute",
        many: "{{ n }} minutes",
    },
    hours: Counted {
        one: "{{ n }} heure",
        many: "{{ n }} heures",
    },
    days: Counted {
        one: "{{ n }} jour",
        many: "{{ n }} jours",
    },
    verification_code: MailTemplate {
        subject: "Votre code de vérification",
        body: &[
            Say("Votre code de vérification est"),
            Code,
            Say(
                "{% if username %}En le saisissant, vous créez le compte «\u{a0}{{ username }}\u{a0}» auprès de {{ service }} avec cette adresse \
                 e-mail.{% else %}En le saisissant, vous créez un compte auprès de {{ service }} avec cette adresse e-mail.{% endif %} Le \
                 code est valable pendant {{ code_holds }}.",
            ),
            Say(
                "{% if username %}Si vous n’avez pas choisi ce nom d’utilisateur, ignorez cet e-mail{% else %}Si vous n’avez \
                 pas demandé de compte, ignorez cet e-mail{% endif %} et ne communiquez ce code à personne\u{a0}: sans lui, aucun \
                 compte ne sera créé.",
            ),
        ],
    },
    password_reset: MailTemplate {
        subject: "Réinitialisation de votre mot de passe",
        body: &[
            Say(
                "La réinitialisation du mot de passe de votre compte auprès de {{ service }} a été demandée.\
                 {% if code %} Votre code est{% endif %}",
            ),
            Code,
            Say(
                "{% if code %}Le code est valable pendant {{ code_holds }}. Vous pouvez aussi utiliser ce lien, valable \
                 pendant {{ link_holds }}\u{a0}:{% else %}Ce lien est valable pendant {{ link_holds }}\u{a0}:{% endif %}",
            ),
            Link("Choisir un nouveau mot de passe"),
            Say(
                "{% if code %}Dès que vous utilisez l’un des deux, l’autre n’est plus valable. {% endif %}Si vous n’êtes \
                 pas à l’origine de cette demande, ignorez cet e-mail\u{a0}: votre mot de passe reste inchangé.",
            ),
        ],
    },
    already_registered: MailTemplate {
        subject: "Vous avez déjà un compte",
        body: &[
            Say(
                "Quelqu’un a voulu ouvrir un compte auprès de {{ service }} avec cette adresse e-mail, mais vous en avez \
                 déjà un.",
            ),
            Say(
                "Si c’était vous, connectez-vous avec votre compte existant, ou demandez un nouveau mot de passe si vous \
                 avez oublié le vôtre. Sinon, vous n’avez rien à faire\u{a0}: rien n’a été modifié.",
            ),
        ],
    },
    invitation: MailTemplate {
        subject: "Votre nouveau compte",
        body: &[
            Say("Bonjour{% if name %} {{ name }}{% endif %},"),
            Say(
                "Un compte a été créé pour vous auprès de {{ service }}. Pour l’utiliser, choisissez votre mot de passe. Ce \
                 lien est valable pendant {{ link_holds }}\u{a0}:",
            ),
            Link("Choisir votre mot de passe"),
            Say(
                "Si vous n’attendiez pas cet e-mail, ignorez-le\u{a0}: sans mot de passe, personne ne peut se connecter à ce \
                 compte.",
            ),
        ],
    },
    first_password: MailTemplate {
        subject: "Choisissez votre mot de passe",
        body: &[
            Say(
                "Votre adresse e-mail est confirmée, et {% if username %}le compte «\u{a0}{{ username }}\u{a0}»{% \
                 else %}votre compte{% endif %} auprès de {{ service }} est à vous. Quelqu’un s’est inscrit plusieurs \
                 fois avec cette adresse e-mail, et nous ne pouvons pas savoir si c’était vous à chaque fois. Aucun \
                 des mots de passe choisis alors n’est donc valable.",
            ),
            Say(
                "Choisissez maintenant votre mot de passe. Ce lien est valable pendant {{ link_holds }}\u{a0}:",
            ),
            Link("Choisir votre mot de passe"),
            Say(
                "D’ici là, personne ne peut se connecter à ce compte. Ensuite, veuillez vérifier les informations de \
                 votre compte.",
            ),
        ],
    },
    password_changed: MailTemplate {
        subject: "Votre mot de passe a été modifié",
        body: &[
            Say(
                "Le mot de passe de votre compte auprès de {{ service }} a été modifié le {{ at }}. Vos autres appareils ont \
                 été déconnectés.",
            ),
            Say(
                "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe et prévenez {{ service }}.",
            ),
        ],
    },
    password_reset_done: MailTemplate {
        subject: "Votre mot de passe a été réinitialisé",
        body: &[
            Say(
                "Le mot de passe de votre compte auprès de {{ service }} a été réinitialisé le {{ at }}. Tous vos appareils \
                 ont été déconnectés\u{a0}; veuillez vous connecter avec le nouveau mot de passe.",
            ),
            Say(
                "Si ce n’était pas vous, réinitialisez immédiatement votre mot de passe une nouvelle fois et prévenez \
                 {{ service }}\u{a0}: il est possible que quelqu’un ait accès à votre messagerie.",
            ),
        ],
    },
    sign_in_after_failures: MailTemplate {
        subject: "Nouvelle connexion après des tentatives infructueuses",
        body: &[
            Say(
                "Après plusieurs mots de passe erronés, quelqu’un s’est connecté à votre compte auprès de {{ service }} le \
                 {{ at }}{% if ip %} depuis l’adresse IP {{ ip }}{% endif %}.",
            ),
            Say(
                "Si c’était vous, vous n’avez rien à faire. Sinon, réinitialisez immédiatement votre mot de passe\u{a0}: tous les \
                 appareils seront alors déconnectés.",
            ),
        ],
    },
    refresh_token_replayed: MailTemplate {
        subject: "Une session a été fermée par mesure de sécurité",
        body: &[
            Say(
                "Le {{ at }}, la session de l’un de vos appareils auprès de {{ service }} a été utilisée depuis deux \
                 endroits. Quelqu’un a pu la copier\u{a0}; nous avons donc déconnecté cet appareil.",
            ),
            Say(
                "Veuillez vous reconnecter. Si cela se reproduit, réinitialisez votre mot de passe\u{a0}: tous les appareils \
                 seront alors déconnectés.",
            ),
        ],
    },
    codes_blocked: MailTemplate {
        subject: "Trop de codes erronés",
        body: &[
            Say(
                "Trop de codes erronés ont été saisis pour votre adresse e-mail auprès de {{ service }}. Les codes ne sont \
                 donc plus acceptés pendant 24 heures au maximum.",
            ),
            Say(
                "Si vous souhaitez un nouveau mot de passe, refaites-en la demande et utilisez le lien du nouvel e-mail\u{a0}: il \
                 reste valable. Si ce n’était pas vous, vous n’avez rien à faire\u{a0}: personne n’a eu accès à votre compte.",
            ),
        ],
    },
};
