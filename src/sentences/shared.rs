//! What several pages and the scripts that they share say.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "Skip to the content"
        de "Zum Inhalt springen"
        fr "Aller au contenu"
        es "Saltar al contenido"
        hi "सीधे सामग्री पर जाएँ";
    "Clinic accounts"
        de "Konten der Klinik"
        fr "Comptes de la clinique"
        es "Cuentas de la clínica"
        hi "क्लिनिक के खाते";
    "Clinic"
        de "Klinik"
        fr "Clinique"
        es "Clínica"
        hi "क्लिनिक";
    "This page needs JavaScript."
        de "Diese Seite braucht JavaScript."
        fr "Cette page a besoin de JavaScript."
        es "Esta página necesita JavaScript."
        hi "इस पेज के लिए JavaScript ज़रूरी है।";
    "Pages"
        de "Seiten"
        fr "Pages"
        es "Páginas"
        hi "पेज";
    "Account"
        de "Konto"
        fr "Compte"
        es "Cuenta"
        hi "खाता";
    "Codes"
        de "Codes"
        fr "Codes"
        es "Códigos"
        hi "कोड";
    "My devices"
        de "Meine Geräte"
        fr "Mes appareils"
        es "Mis dispositivos"
        hi "मेरे डिवाइस";
    "Security"
        de "Sicherheit"
        fr "Sécurité"
        es "Seguridad"
        hi "सुरक्षा";
    "My record"
        de "Meine Akte"
        fr "Mon dossier"
        es "Mi historial"
        hi "मेरा रिकॉर्ड";
    "Administration"
        de "Verwaltung"
        fr "Administration"
        es "Administración"
        hi "प्रशासन";
    "E-mail"
        de "E-Mail"
        fr "E-mail"
        es "Correo electrónico"
        hi "ई-मेल";
    "Code"
        de "Code"
        fr "Code"
        es "Código"
        hi "कोड";
    "Password"
        de "Passwort"
        fr "Mot de passe"
        es "Contraseña"
        hi "पासवर्ड";
    "Current password"
        de "Bisheriges Passwort"
        fr "Mot de passe actuel"
        es "Contraseña actual"
        hi "मौजूदा पासवर्ड";
    "New password"
        de "Neues Passwort"
        fr "Nouveau mot de passe"
        es "Contraseña nueva"
        hi "नया पासवर्ड";
    "Change the password"
        de "Passwort ändern"
        fr "Modifier le mot de passe"
        es "Cambiar la contraseña"
        hi "पासवर्ड बदलें";
    "Set the password"
        de "Passwort festlegen"
        fr "Définir le mot de passe"
        es "Establecer la contraseña"
        hi "पासवर्ड सेट करें";
    "Your other devices are logged out."
        de "Ihre anderen Geräte werden abgemeldet."
        fr "Vos autres appareils sont déconnectés."
        es "Se cierra la sesión en sus demás dispositivos."
        hi "आपके बाकी डिवाइस लॉग आउट हो जाते हैं।";
    "Your new password holds. Your other devices are logged out."
        de "Ihr neues Passwort gilt. Ihre anderen Geräte sind abgemeldet."
        fr "Votre nouveau mot de passe est valable. Vos autres appareils sont déconnectés."
        es "Su contraseña nueva ya vale. Se ha cerrado la sesión en sus demás dispositivos."
        hi "आपका नया पासवर्ड लागू हो गया है। आपके बाकी डिवाइस लॉग आउट हो गए हैं।";
    "Cancel"
        de "Abbrechen"
        fr "Annuler"
        es "Cancelar"
        hi "रद्द करें";
    "Confirm"
        de "Bestätigen"
        fr "Confirmer"
        es "Confirmar"
        hi "पुष्टि करें";
    "Name"
        de "Name"
        fr "Nom"
        es "Nombre"
        hi "नाम";
    "Copy"
        de "Kopieren"
        fr "Copier"
        es "Copiar"
        hi "कॉपी करें";
    "Copied."
        de "Kopiert."
        fr "Copié."
        es "Copiado."
        hi "कॉपी हो गया।";
    "The browser does not let this page copy. Select the text instead."
        de "Der Browser lässt diese Seite nicht kopieren. Markieren Sie stattdessen den Text."
        fr "Le navigateur ne permet pas à cette page de copier. Sélectionnez plutôt le texte."
        es "El navegador no deja copiar a esta página. Seleccione el texto en su lugar."
        hi "ब्राउज़र इस पेज को कॉपी करने नहीं देता। इसकी जगह टेक्स्ट को चुनें।";
    "Log in"
        de "Anmelden"
        fr "Se connecter"
        es "Iniciar sesión"
        hi "लॉग इन करें";
    "Log out"
        de "Abmelden"
        fr "Se déconnecter"
        es "Cerrar sesión"
        hi "लॉग आउट करें";
    "Log in with a passkey"
        de "Mit einem Passkey anmelden"
        fr "Se connecter avec une clé d’accès"
        es "Iniciar sesión con una llave de acceso"
        hi "पासकी से लॉग इन करें";
    "Username, e-mail or user id"
        de "Benutzername, E-Mail oder Benutzernummer"
        fr "Nom d’utilisateur, e-mail ou identifiant"
        es "Nombre de usuario, correo o número de usuario"
        hi "यूज़रनेम, ई-मेल या यूज़र आईडी";
    "You are logged out."
        de "Sie sind abgemeldet."
        fr "Vous êtes déconnecté."
        es "Ha cerrado la sesión."
        hi "आप लॉग आउट हो गए हैं।";
    "You are not logged in."
        de "Sie sind nicht angemeldet."
        fr "Vous n’êtes pas connecté."
        es "No ha iniciado sesión."
        hi "आप लॉग इन नहीं हैं।";
    "This page has forgotten you, but the service could not be told. Your session ends by itself."
        de "Diese Seite hat Sie vergessen, aber der Dienst war nicht zu erreichen. Ihre Sitzung endet von selbst."
        fr "Cette page vous a oublié, mais le service n’a pas pu être prévenu. Votre session se terminera d’elle-même."
        es "Esta página le ha olvidado, pero no se pudo avisar al servicio. Su sesión terminará por sí sola."
        hi "इस पेज ने आपको भुला दिया है, पर सेवा को बताया नहीं जा सका। आपका सत्र अपने आप समाप्त हो जाएगा।";
    "Your session has ended. Log in again."
        de "Ihre Sitzung ist beendet. Melden Sie sich wieder an."
        fr "Votre session est terminée. Connectez-vous de nouveau."
        es "Su sesión ha terminado. Inicie sesión de nuevo."
        hi "आपका सत्र समाप्त हो गया है। फिर से लॉग इन करें।";
    "The service answered {{ status }}."
        de "Der Dienst hat mit {{ status }} geantwortet."
        fr "Le service a répondu {{ status }}."
        es "El servicio respondió {{ status }}."
        hi "सेवा का उत्तर: {{ status }}।";
    "The service cannot be reached. Try again in a moment."
        de "Der Dienst ist nicht erreichbar. Versuchen Sie es gleich noch einmal."
        fr "Le service est injoignable. Réessayez dans un instant."
        es "No se puede acceder al servicio. Inténtelo de nuevo en un momento."
        hi "सेवा तक पहुँचा नहीं जा सका। थोड़ी देर में फिर कोशिश करें।";
    "This does not work any more: it is wrong, was used already, or is too old."
        de "Das gilt nicht mehr: Es ist falsch, wurde schon verwendet oder ist zu alt."
        fr "Ceci n’est plus valable\u{a0}: c’est erroné, déjà utilisé ou trop ancien."
        es "Esto ya no sirve: es incorrecto, ya se utilizó o es demasiado antiguo."
        hi "यह अब काम नहीं करता: यह गलत है, इस्तेमाल हो चुका है या बहुत पुराना है।";
    "Your role must have a second factor, and this is your only one. Add another one first; then this one can go."
        de "Ihre Rolle braucht einen zweiten Faktor, und dies ist Ihr einziger. Fügen Sie erst einen anderen hinzu; dann kann dieser weg."
        fr "Votre rôle exige un second facteur, et celui-ci est le seul. Ajoutez-en d’abord un autre\u{a0}; celui-ci pourra ensuite être retiré."
        es "Su función exige un segundo factor, y este es el único. Añada antes otro; después podrá quitar este."
        hi "आपकी भूमिका के लिए दूसरा फ़ैक्टर ज़रूरी है, और आपके पास यही एक है। पहले दूसरा जोड़ें; तब इसे हटाया जा सकता है।";
    "This passkey was not accepted. Try another one, or another way."
        de "Dieser Passkey wurde nicht angenommen. Versuchen Sie einen anderen oder einen anderen Weg."
        fr "Cette clé d’accès n’a pas été acceptée. Essayez-en une autre, ou une autre méthode."
        es "Esta llave de acceso no se ha aceptado. Pruebe con otra o de otra manera."
        hi "यह पासकी स्वीकार नहीं हुई। कोई दूसरी पासकी या दूसरा तरीका आज़माएँ।";
    "One field needs another look."
        de "Bitte sehen Sie ein Feld noch einmal an."
        fr "Un champ est à revoir."
        es "Revise un campo, por favor."
        hi "कृपया एक फ़ील्ड दोबारा देखें।";
    "{{ n }} fields need another look."
        de "Bitte sehen Sie {{ n }} Felder noch einmal an."
        fr "{{ n }} champs sont à revoir."
        es "Revise {{ n }} campos, por favor."
        hi "कृपया {{ n }} फ़ील्ड दोबारा देखें।";
    "Try again in {{ time }}."
        de "Versuchen Sie es in {{ time }} noch einmal."
        fr "Réessayez dans {{ time }}."
        es "Inténtelo de nuevo dentro de {{ time }}."
        hi "{{ time }} बाद फिर कोशिश करें।";
    "{{ n }} days"
        de "{{ n }} Tagen"
        fr "{{ n }} jours"
        es "{{ n }} días"
        hi "{{ n }} दिन";
    "User id"
        de "Benutzernummer"
        fr "Identifiant"
        es "Número de usuario"
        hi "यूज़र आईडी";
    "Username"
        de "Benutzername"
        fr "Nom d’utilisateur"
        es "Nombre de usuario"
        hi "यूज़रनेम";
    "Mobile"
        de "Mobiltelefon"
        fr "Téléphone mobile"
        es "Teléfono móvil"
        hi "मोबाइल";
    "Language"
        de "Sprache"
        fr "Langue"
        es "Idioma"
        hi "भाषा";
    "Role"
        de "Rolle"
        fr "Rôle"
        es "Función"
        hi "भूमिका";
    "Date of birth"
        de "Geburtsdatum"
        fr "Date de naissance"
        es "Fecha de nacimiento"
        hi "जन्म तिथि";
    "Pregnant"
        de "Schwanger"
        fr "Enceinte"
        es "Embarazo"
        hi "गर्भवती";
    "Specialization"
        de "Fachgebiet"
        fr "Spécialité"
        es "Especialidad"
        hi "विशेषज्ञता";
    "Licence number"
        de "Zulassungsnummer"
        fr "Numéro d’agrément"
        es "Número de licencia"
        hi "लाइसेंस नंबर";
    "Approved"
        de "Zugelassen"
        fr "Approuvé"
        es "Aprobado"
        hi "स्वीकृत";
    "Account since"
        de "Konto seit"
        fr "Compte depuis"
        es "Cuenta desde"
        hi "खाता कब से";
    "Last login"
        de "Letzte Anmeldung"
        fr "Dernière connexion"
        es "Último acceso"
        hi "पिछला लॉग इन";
    "yes"
        de "ja"
        fr "oui"
        es "sí"
        hi "हाँ";
    "no"
        de "nein"
        fr "non"
        es "no"
        hi "नहीं";
    "not yet"
        de "noch nicht"
        fr "pas encore"
        es "todavía no"
        hi "अभी नहीं";
    "not stated"
        de "keine Angabe"
        fr "non précisé"
        es "sin indicar"
        hi "नहीं बताया गया";
    "never"
        de "nie"
        fr "jamais"
        es "nunca"
        hi "कभी नहीं";
    "patient"
        de "Patient/in"
        fr "patient"
        es "paciente"
        hi "मरीज़";
    "doctor"
        de "Ärztin/Arzt"
        fr "médecin"
        es "médico"
        hi "डॉक्टर";
    "staff"
        de "Personal"
        fr "personnel"
        es "personal"
        hi "कर्मचारी";
    "admin"
        de "Verwaltung"
        fr "administration"
        es "administración"
        hi "प्रशासक";
    "Doctor"
        de "Ärztin/Arzt"
        fr "Médecin"
        es "Médico"
        hi "डॉक्टर";
    "Visit"
        de "Besuch"
        fr "Visite"
        es "Visita"
        hi "मुलाकात";
    "Why:"
        de "Grund:"
        fr "Motif\u{a0}:"
        es "Motivo:"
        hi "कारण:";
    "Report"
        de "Bericht"
        fr "Rapport"
        es "Informe"
        hi "रिपोर्ट";
    "Forgotten password?"
        de "Passwort vergessen?"
        fr "Mot de passe oublié\u{a0}?"
        es "¿Ha olvidado la contraseña?"
        hi "पासवर्ड भूल गए?";
};
