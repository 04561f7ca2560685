//! Spanish, with "usted".

use crate::mail::message::catalogue::{
    Catalogue, Counted, MailTemplate,
    Part::{Code, Link, Say},
};

pub(in crate::mail::message) const CATALOGUE: Catalogue = Catalogue {
    footer: "Este correo se ha enviado automáticamente desde {{ service }} ({{ base_url }}). Nunca le pediremos un código ni \
             una contraseña.",
    moment: "{{ day }} de {{ month }} de {{ year }} ({{ time }} h, UTC)",
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    minutes: Counted {
        one: "{{ n }} minuto",
        many: "{{ n }} minutos",
    },
    hours: Counted {
        one: "{{ n }} hora",
        many: "{{ n }} horas",
    },
    days: Counted {
        one: "{{ n }} día",
        many: "{{ n }} días",
    },
    verification_code: MailTemplate {
        subject: "Su código de verificación",
        body: &[
            Say("Su código de verificación es"),
            Code,
            Say(
                "{% if username %}Al introducirlo se crea la cuenta «{{ username }}» en {{ service }} con esta dirección de \
                 correo.{% else %}Al introducirlo se crea una cuenta en {{ service }} con esta dirección de correo.\
                 {% endif %} El código es válido durante {{ code_holds }}.",
            ),
            Say(
                "{% if username %}Si usted no ha elegido este nombre de usuario, ignore este correo{% else %}Si usted no ha \
                 solicitado una cuenta, ignore este correo{% endif %} y no dé el código a nadie: sin él no se crea ninguna \
                 cuenta.",
            ),
        ],
    },
    password_reset: MailTemplate {
        subject: "Restablezca su contraseña",
        body: &[
            Say(
                "Alguien ha solicitado restablecer la contraseña de su cuenta en {{ service }}.\
                 {% if code %} Su código es{% endif %}",
            ),
            Code,
            Say(
                "{% if code %}El código es válido durante {{ code_holds }}. También puede utilizar este enlace, válido \
                 durante {{ link_holds }}:{% else %}Este enlace es válido durante {{ link_holds }}:{% endif %}",
            ),
            Link("Elegir una contraseña nueva"),
            Say(
                "{% if code %}En cuanto utilice uno de los dos, el otro dejará de ser válido. {% endif %}Si no ha sido \
                 usted, ignore este correo: su contraseña no cambia.",
            ),
        ],
    },
    already_registered: MailTemplate {
        subject: "Usted ya tiene una cuenta",
        body: &[
            Say(
                "Alguien ha intentado abrir una cuenta en {{ service }} con esta dirección de correo, pero usted ya tiene \
                 una.",
            ),
            Say(
                "Si ha sido usted, inicie sesión con su cuenta actual o solicite una contraseña nueva si ha olvidado la \
                 suya. Si no ha sido usted, no tiene que hacer nada: no se ha modificado nada.",
            ),
        ],
    },
    invitation: MailTemplate {
        subject: "Su nueva cuenta",
        body: &[
            Say("Hola{% if name %}, {{ name }}{% endif %}:"),
            Say(
                "Se ha creado una cuenta para usted en {{ service }}. Para utilizarla, elija su contraseña. Este enlace es \
                 válido durante {{ link_holds }}:",
            ),
            Link("Elegir su contraseña"),
            Say(
                "Si no esperaba este correo, ignórelo: sin contraseña nadie puede iniciar sesión en la cuenta.",
            ),
        ],
    },
    first_password: MailTemplate {
        subject: "Elija su contraseña",
        body: &[
            Say(
                "Su dirección de correo está confirmada, y {% if username %}la cuenta «{{ username }}»{% else %}su \
                 cuenta{% endif %} en {{ service }} es suya. Alguien se registró varias veces con esta dirección de \
                 correo, y no podemos saber si siempre fue usted. Por eso no vale ninguna de las contraseñas elegidas \
                 entonces.",
            ),
            Say("Elija ahora su contraseña. Este enlace es válido durante {{ link_holds }}:"),
            Link("Elegir su contraseña"),
            Say(
                "Hasta entonces nadie puede iniciar sesión en la cuenta. Después, compruebe los datos de su cuenta.",
            ),
        ],
    },
    password_changed: MailTemplate {
        subject: "Se ha cambiado su contraseña",
        body: &[
            Say(
                "La contraseña de su cuenta en {{ service }} se cambió el {{ at }}. Se ha cerrado la sesión en todos sus \
                 demás dispositivos.",
            ),
            Say(
                "Si no ha sido usted, restablezca su contraseña de inmediato y avise a {{ service }}.",
            ),
        ],
    },
    password_reset_done: MailTemplate {
        subject: "Se ha restablecido su contraseña",
        body: &[
            Say(
                "La contraseña de su cuenta en {{ service }} se restableció el {{ at }}. Se ha cerrado la sesión en todos \
                 los dispositivos; inicie sesión con la contraseña nueva.",
            ),
            Say(
                "Si no ha sido usted, restablezca su contraseña otra vez de inmediato y avise a {{ service }}: es posible \
                 que alguien pueda leer su correo.",
            ),
        ],
    },
    sign_in_after_failures: MailTemplate {
        subject: "Nuevo inicio de sesión tras intentos fallidos",
        body: &[
            Say(
                "Después de varias contraseñas incorrectas, alguien inició sesión en su cuenta en {{ service }} el {{ at }}\
                 {% if ip %} desde la dirección IP {{ ip }}{% endif %}.",
            ),
            Say(
                "Si ha sido usted, no tiene que hacer nada. Si no, restablezca su contraseña de inmediato: así se cierra la \
                 sesión en todos los dispositivos.",
            ),
        ],
    },
    refresh_token_replayed: MailTemplate {
        subject: "Se ha cerrado una sesión por seguridad",
        body: &[
            Say(
                "El {{ at }} se utilizó desde dos lugares la sesión de uno de sus dispositivos en {{ service }}. Es posible \
                 que alguien la haya copiado; por eso hemos cerrado la sesión en ese dispositivo.",
            ),
            Say(
                "Inicie sesión de nuevo. Si esto se repite, restablezca su contraseña: así se cierra la sesión en todos los \
                 dispositivos.",
            ),
        ],
    },
    codes_blocked: MailTemplate {
        subject: "Demasiados códigos incorrectos",
        body: &[
            Say(
                "Se han introducido demasiados códigos incorrectos para su dirección de correo en {{ service }}. Por eso no \
                 se aceptarán códigos durante 24 horas como máximo.",
            ),
            Say(
                "Si desea una contraseña nueva, solicítela otra vez y utilice el enlace del nuevo correo: sigue funcionando. \
                 Si no ha sido usted, no tiene que hacer nada: nadie ha accedido a su cuenta.",
            ),
        ],
    },
};
