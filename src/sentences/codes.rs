//! What the pages for codes and passwords from mails say: reset and otp.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "Set a new password"
        de "Neues Passwort festlegen"
        fr "Définir un nouveau mot de passe"
        es "Establecer una contraseña nueva"
        hi "नया पासवर्ड सेट करें";
    "The link from our mail works once, and for a short time only."
        de "Der Link aus unserer E-Mail gilt einmal und nur kurze Zeit."
        fr "Le lien de notre e-mail fonctionne une seule fois et peu de temps."
        es "El enlace de nuestro correo sirve una sola vez y por poco tiempo."
        hi "हमारी ई-मेल का लिंक एक ही बार और थोड़े समय के लिए काम करता है।";
    "A few words that belong together only for you make a good one."
        de "Gut sind einige Wörter, die nur für Sie zusammengehören."
        fr "Quelques mots qui n’ont de lien que pour vous en font un bon."
        es "Unas pocas palabras que solo usted relacionaría son una buena elección."
        hi "कुछ ऐसे शब्द अच्छे रहते हैं जिनका मेल सिर्फ़ आप जानते हैं।";
    "The same again"
        de "Noch einmal dasselbe"
        fr "Le même encore une fois"
        es "La misma otra vez"
        hi "वही दोबारा";
    "The two passwords are not the same."
        de "Die beiden Passwörter sind nicht gleich."
        fr "Les deux mots de passe ne sont pas identiques."
        es "Las dos contraseñas no son iguales."
        hi "दोनों पासवर्ड एक जैसे नहीं हैं।";
    "Your password is set"
        de "Ihr Passwort ist festgelegt"
        fr "Votre mot de passe est défini"
        es "Su contraseña está establecida"
        hi "आपका पासवर्ड सेट हो गया है";
    "Every session of your account has ended. Log in with the new password where you usually do."
        de "Alle Sitzungen Ihres Kontos sind beendet. Melden Sie sich mit dem neuen Passwort an, wo Sie es sonst auch tun."
        fr "Toutes les sessions de votre compte sont terminées. Connectez-vous avec le nouveau mot de passe, là où vous le faites d’habitude."
        es "Todas las sesiones de su cuenta han terminado. Inicie sesión con la contraseña nueva donde lo hace siempre."
        hi "आपके खाते के सभी सत्र समाप्त हो गए हैं। जहाँ आप आम तौर पर लॉग इन करते हैं, वहाँ नए पासवर्ड से लॉग इन करें।";
    "You work at the clinic? Go on to the <a href=\"./admin.html\">administration</a>."
        de "Sie arbeiten in der Klinik? Hier geht es zur <a href=\"./admin.html\">Verwaltung</a>."
        fr "Vous travaillez à la clinique\u{a0}? Continuez vers l’<a href=\"./admin.html\">administration</a>."
        es "¿Trabaja en la clínica? Siga a la <a href=\"./admin.html\">administración</a>."
        hi "आप क्लिनिक में काम करते हैं? <a href=\"./admin.html\">प्रशासन</a> पर जाएँ।";
    "Enter a code"
        de "Code eingeben"
        fr "Saisir un code"
        es "Introducir un código"
        hi "कोड डालें";
    "Enter a code from a mail"
        de "Code aus einer E-Mail eingeben"
        fr "Saisir un code reçu par e-mail"
        es "Introducir un código de un correo"
        hi "ई-मेल से मिला कोड डालें";
    "For when the page where you began is closed, or the mail is on another device: finish a registration, or set a new password."
        de "Für den Fall, dass die Seite, auf der Sie begonnen haben, geschlossen ist oder die E-Mail auf einem anderen Gerät liegt: eine Registrierung abschließen oder ein neues Passwort festlegen."
        fr "Si la page où vous avez commencé est fermée, ou si l’e-mail se trouve sur un autre appareil\u{a0}: terminez une inscription, ou définissez un nouveau mot de passe."
        es "Por si la página donde empezó está cerrada o el correo está en otro dispositivo: termine un registro o establezca una contraseña nueva."
        hi "जब वह पेज बंद हो चुका हो जहाँ आपने शुरुआत की थी, या ई-मेल किसी दूसरे डिवाइस पर हो: रजिस्ट्रेशन पूरा करें, या नया पासवर्ड सेट करें।";
    "Finish a registration"
        de "Registrierung abschließen"
        fr "Terminer une inscription"
        es "Terminar un registro"
        hi "रजिस्ट्रेशन पूरा करें";
    "Verify"
        de "Bestätigen"
        fr "Vérifier"
        es "Verificar"
        hi "सत्यापित करें";
    "Send a new code"
        de "Neuen Code senden"
        fr "Envoyer un nouveau code"
        es "Enviar un código nuevo"
        hi "नया कोड भेजें";
    "Send a code"
        de "Code senden"
        fr "Envoyer un code"
        es "Enviar un código"
        hi "कोड भेजें";
    "I have a code"
        de "Ich habe einen Code"
        fr "J’ai un code"
        es "Tengo un código"
        hi "मेरे पास कोड है";
    "Other address"
        de "Andere Adresse"
        fr "Autre adresse"
        es "Otra dirección"
        hi "दूसरा पता";
    "On a developer's machine mails are not sent; they are <a href=\"./../dev/outbox\">in the outbox</a>."
        de "Auf dem Rechner eines Entwicklers werden E-Mails nicht gesendet; sie liegen <a href=\"./../dev/outbox\">im Postausgang</a>."
        fr "Sur la machine d’un développeur, les e-mails ne sont pas envoyés\u{a0}; ils sont <a href=\"./../dev/outbox\">dans la boîte d’envoi</a>."
        es "En el equipo de un desarrollador los correos no se envían; están <a href=\"./../dev/outbox\">en la bandeja de salida</a>."
        hi "डेवलपर की मशीन पर ई-मेल भेजी नहीं जातीं; वे <a href=\"./../dev/outbox\">आउटबॉक्स में</a> हैं।";
    "Here a code counts only on the page where you registered. Enter it there, if that page is still open. Otherwise register again; your username is free again as soon as the old registration has run out."
        de "Hier gilt ein Code nur auf der Seite, auf der Sie sich registriert haben. Geben Sie ihn dort ein, wenn sie noch offen ist. Sonst registrieren Sie sich noch einmal; Ihr Benutzername ist wieder frei, sobald die alte Registrierung abgelaufen ist."
        fr "Ici, un code ne compte que sur la page où vous vous êtes inscrit. Saisissez-le là, si elle est encore ouverte. Sinon, inscrivez-vous de nouveau\u{a0}; votre nom d’utilisateur sera libre dès que l’ancienne inscription aura expiré."
        es "Aquí un código solo cuenta en la página donde se registró. Introdúzcalo allí si sigue abierta. Si no, regístrese de nuevo; su nombre de usuario quedará libre en cuanto caduque el registro anterior."
        hi "यहाँ कोड सिर्फ़ उसी पेज पर काम करता है जहाँ आपने रजिस्टर किया था। अगर वह पेज अब भी खुला है, तो कोड वहाँ डालें। नहीं तो फिर से रजिस्टर करें; पुराने रजिस्ट्रेशन की अवधि पूरी होते ही आपका यूज़रनेम फिर उपलब्ध होगा।";
    "If this address waits for a code, a new one is on its way. Older ones hold no longer."
        de "Wenn diese Adresse auf einen Code wartet, ist ein neuer unterwegs. Ältere gelten nicht mehr."
        fr "Si cette adresse attend un code, un nouveau est en route. Les anciens ne sont plus valables."
        es "Si esta dirección espera un código, hay uno nuevo en camino. Los anteriores ya no valen."
        hi "अगर यह पता किसी कोड का इंतज़ार कर रहा है, तो नया कोड भेज दिया गया है। पुराने कोड अब मान्य नहीं हैं।";
    "If {{ email }} belongs to an account, a mail with a code and a link is on its way."
        de "Wenn {{ email }} zu einem Konto gehört, ist eine E-Mail mit einem Code und einem Link unterwegs."
        fr "Si {{ email }} correspond à un compte, un e-mail avec un code et un lien est en route."
        es "Si {{ email }} pertenece a una cuenta, un correo con un código y un enlace está en camino."
        hi "अगर {{ email }} किसी खाते का पता है, तो कोड और लिंक वाली ई-मेल भेज दी गई है।";
    "Your new password holds, and every session has ended. Log in with it."
        de "Ihr neues Passwort gilt, und alle Sitzungen sind beendet. Melden Sie sich damit an."
        fr "Votre nouveau mot de passe est valable, et toutes les sessions sont terminées. Connectez-vous avec lui."
        es "Su contraseña nueva ya vale, y todas las sesiones han terminado. Inicie sesión con ella."
        hi "आपका नया पासवर्ड लागू हो गया है और सभी सत्र समाप्त हो गए हैं। इसी से लॉग इन करें।";
    "Your account is ready; log in with it."
        de "Ihr Konto ist bereit; melden Sie sich damit an."
        fr "Votre compte est prêt\u{a0}; connectez-vous."
        es "Su cuenta está lista; inicie sesión con ella."
        hi "आपका खाता तैयार है; लॉग इन करें।";
    "Welcome, {{ name }}."
        de "Willkommen, {{ name }}."
        fr "Bienvenue, {{ name }}."
        es "Le damos la bienvenida, {{ name }}."
        hi "{{ name }}, आपका स्वागत है।";
    "The link in our mail filled in your address and the code. Verify to finish your registration."
        de "Der Link in unserer E-Mail hat Ihre Adresse und den Code ausgefüllt. Bestätigen Sie, um Ihre Registrierung abzuschließen."
        fr "Le lien de notre e-mail a rempli votre adresse et le code. Vérifiez pour terminer votre inscription."
        es "El enlace de nuestro correo ha rellenado su dirección y el código. Verifique para terminar su registro."
        hi "हमारी ई-मेल के लिंक ने आपका पता और कोड भर दिया है। रजिस्ट्रेशन पूरा करने के लिए सत्यापित करें।";
    "Forgotten password"
        de "Passwort vergessen"
        fr "Mot de passe oublié"
        es "Contraseña olvidada"
        hi "पासवर्ड भूल गए";
    "We send you a mail with a link and a code. Open the link, or enter the code here if the mail is on another device."
        de "Wir senden Ihnen eine E-Mail mit einem Link und einem Code. Öffnen Sie den Link, oder geben Sie den Code hier ein, wenn die E-Mail auf einem anderen Gerät liegt."
        fr "Nous vous envoyons un e-mail avec un lien et un code. Ouvrez le lien, ou saisissez le code ici si l’e-mail se trouve sur un autre appareil."
        es "Le enviamos un correo con un enlace y un código. Abra el enlace o introduzca el código aquí si el correo está en otro dispositivo."
        hi "हम आपको लिंक और कोड वाली ई-मेल भेजते हैं। लिंक खोलें, या अगर ई-मेल किसी दूसरे डिवाइस पर है तो कोड यहाँ डालें।";
    "Send the mail"
        de "E-Mail senden"
        fr "Envoyer l’e-mail"
        es "Enviar el correo"
        hi "ई-मेल भेजें";
};
