//! What the page of devices and profile says, and the lists of devices on the security page.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "on all your devices"
        de "auf allen Ihren Geräten"
        fr "sur tous vos appareils"
        es "en todos sus dispositivos"
        hi "आपके सभी डिवाइसों पर";
    "on one device"
        de "auf einem Gerät"
        fr "sur un appareil"
        es "en un dispositivo"
        hi "एक डिवाइस पर";
    "Added:"
        de "Hinzugefügt:"
        fr "Ajoutée\u{a0}:"
        es "Añadida:"
        hi "जोड़ी गई:";
    "last used:"
        de "zuletzt benutzt:"
        fr "dernière utilisation\u{a0}:"
        es "último uso:"
        hi "पिछला इस्तेमाल:";
    "Forget all devices?"
        de "Alle Geräte vergessen?"
        fr "Oublier tous les appareils\u{a0}?"
        es "¿Olvidar todos los dispositivos?"
        hi "सभी डिवाइस भूलने हैं?";
    "The next login on each of them asks for your second factor."
        de "Bei der nächsten Anmeldung auf jedem von ihnen brauchen Sie Ihren zweiten Faktor."
        fr "La prochaine connexion sur chacun d’eux demandera votre second facteur."
        es "El próximo inicio de sesión en cada uno pedirá su segundo factor."
        hi "इनमें से हर एक पर अगले लॉग इन में आपका दूसरा फ़ैक्टर माँगा जाएगा।";
    "All devices are forgotten."
        de "Alle Geräte sind vergessen."
        fr "Tous les appareils sont oubliés."
        es "Se han olvidado todos los dispositivos."
        hi "सभी डिवाइस भुला दिए गए हैं।";
    "Forget"
        de "Vergessen"
        fr "Oublier"
        es "Olvidar"
        hi "भूल जाएँ";
    "Forget it"
        de "Vergessen"
        fr "L’oublier"
        es "Olvidarlo"
        hi "इसे भूल जाएँ";
    "Forget this device?"
        de "Dieses Gerät vergessen?"
        fr "Oublier cet appareil\u{a0}?"
        es "¿Olvidar este dispositivo?"
        hi "यह डिवाइस भूलना है?";
    "Forget {{ name }}"
        de "{{ name }} vergessen"
        fr "Oublier {{ name }}"
        es "Olvidar {{ name }}"
        hi "{{ name }} भूल जाएँ";
    "{{ name }}: The next login there asks for your second factor."
        de "{{ name }}: Bei der nächsten Anmeldung dort brauchen Sie Ihren zweiten Faktor."
        fr "{{ name }}\u{a0}: la prochaine connexion y demandera votre second facteur."
        es "{{ name }}: el próximo inicio de sesión allí pedirá su segundo factor."
        hi "{{ name }}: वहाँ अगले लॉग इन में आपका दूसरा फ़ैक्टर माँगा जाएगा।";
    "{{ name }} is forgotten."
        de "{{ name }} ist vergessen."
        fr "{{ name }} est oublié."
        es "Se ha olvidado {{ name }}."
        hi "{{ name }} भुला दिया गया है।";
    "this device"
        de "dieses Gerät"
        fr "cet appareil"
        es "este dispositivo"
        hi "यह डिवाइस";
    "From {{ address }}"
        de "Von {{ address }}"
        fr "Depuis {{ address }}"
        es "Desde {{ address }}"
        hi "{{ address }} से";
    "Remembered:"
        de "Gemerkt:"
        fr "Mémorisé\u{a0}:"
        es "Recordado:"
        hi "याद रखा गया:";
    "Until:"
        de "Bis:"
        fr "Jusqu’au\u{a0}:"
        es "Hasta:"
        hi "कब तक:";
    "{{ name }} is logged out."
        de "{{ name }} ist abgemeldet."
        fr "{{ name }} est déconnecté."
        es "Se ha cerrado la sesión en {{ name }}."
        hi "{{ name }} लॉग आउट हो गया है।";
    "Log out {{ name }}"
        de "{{ name }} abmelden"
        fr "Déconnecter {{ name }}"
        es "Cerrar la sesión en {{ name }}"
        hi "{{ name }} को लॉग आउट करें";
    "Logged in:"
        de "Angemeldet:"
        fr "Connecté\u{a0}:"
        es "Sesión iniciada:"
        hi "लॉग इन:";
    "Ends, unless it is used:"
        de "Endet, wenn es nicht benutzt wird:"
        fr "Se termine, sans utilisation\u{a0}:"
        es "Termina, si no se utiliza:"
        hi "इस्तेमाल न होने पर समाप्ति:";
    "Every device is logged out, this one too."
        de "Jedes Gerät wird abgemeldet, auch dieses."
        fr "Tous les appareils sont déconnectés, celui-ci aussi."
        es "Se cierra la sesión en todos los dispositivos, también en este."
        hi "हर डिवाइस लॉग आउट हो जाएगा, यह भी।";
    "You are logged out; this was your only device."
        de "Sie sind abgemeldet; dies war Ihr einziges Gerät."
        fr "Vous êtes déconnecté\u{a0}; c’était votre seul appareil."
        es "Ha cerrado la sesión; este era su único dispositivo."
        hi "आप लॉग आउट हो गए हैं; यह आपका इकलौता डिवाइस था।";
    "You are logged out on {{ n }} devices."
        de "Sie sind auf {{ n }} Geräten abgemeldet."
        fr "Vous êtes déconnecté de {{ n }} appareils."
        es "Se ha cerrado la sesión en {{ n }} dispositivos."
        hi "आप {{ n }} डिवाइसों पर लॉग आउट हो गए हैं।";
    "Unknown program"
        de "Unbekanntes Programm"
        fr "Programme inconnu"
        es "Programa desconocido"
        hi "अज्ञात प्रोग्राम";
    "{{ name }} on {{ system }}"
        de "{{ name }} auf {{ system }}"
        fr "{{ name }} sur {{ system }}"
        es "{{ name }} en {{ system }}"
        hi "{{ system }} पर {{ name }}";
    "My devices and profile"
        de "Meine Geräte und mein Profil"
        fr "Mes appareils et mon profil"
        es "Mis dispositivos y mi perfil"
        hi "मेरे डिवाइस और प्रोफ़ाइल";
    "See where you are logged in, and change what we know of you."
        de "Sehen Sie, wo Sie angemeldet sind, und ändern Sie, was wir über Sie wissen."
        fr "Voyez où vous êtes connecté, et modifiez ce que nous savons de vous."
        es "Vea dónde tiene la sesión iniciada y cambie lo que sabemos de usted."
        hi "देखें कि आप कहाँ लॉग इन हैं, और आपके बारे में हमारी जानकारी बदलें।";
    "Name of this device (optional)"
        de "Name dieses Geräts (freiwillig)"
        fr "Nom de cet appareil (facultatif)"
        es "Nombre de este dispositivo (opcional)"
        hi "इस डिवाइस का नाम (वैकल्पिक)";
    "So that you know it in the list, such as “my phone”."
        de "Damit Sie es in der Liste erkennen, etwa „mein Telefon“."
        fr "Pour le reconnaître dans la liste, par exemple «\u{a0}mon téléphone\u{a0}»."
        es "Para reconocerlo en la lista, por ejemplo, «mi teléfono»."
        hi "ताकि आप इसे सूची में पहचान सकें, जैसे “मेरा फ़ोन”।";
    "Profile"
        de "Profil"
        fr "Profil"
        es "Perfil"
        hi "प्रोफ़ाइल";
    "Edit the profile"
        de "Profil bearbeiten"
        fr "Modifier le profil"
        es "Editar el perfil"
        hi "प्रोफ़ाइल बदलें";
    "First name"
        de "Vorname"
        fr "Prénom"
        es "Nombre"
        hi "पहला नाम";
    "Last name"
        de "Nachname"
        fr "Nom de famille"
        es "Apellidos"
        hi "उपनाम";
    "Language of our mails"
        de "Sprache unserer E-Mails"
        fr "Langue de nos e-mails"
        es "Idioma de nuestros correos"
        hi "हमारी ई-मेल की भाषा";
    "not chosen"
        de "nicht gewählt"
        fr "non choisie"
        es "sin elegir"
        hi "चुनी नहीं गई";
    "I am pregnant"
        de "Ich bin schwanger"
        fr "Je suis enceinte"
        es "Estoy embarazada"
        hi "मैं गर्भवती हूँ";
    "A new one has to be approved again."
        de "Eine neue muss wieder genehmigt werden."
        fr "Un nouveau numéro doit être de nouveau approuvé."
        es "Un número nuevo debe aprobarse de nuevo."
        hi "नए नंबर को फिर से स्वीकृति चाहिए।";
    "Save the profile"
        de "Profil speichern"
        fr "Enregistrer le profil"
        es "Guardar el perfil"
        hi "प्रोफ़ाइल सहेजें";
    "Your profile is saved."
        de "Ihr Profil ist gespeichert."
        fr "Votre profil est enregistré."
        es "Su perfil está guardado."
        hi "आपकी प्रोफ़ाइल सहेज ली गई है।";
    "Check a token"
        de "Token prüfen"
        fr "Vérifier un jeton"
        es "Comprobar un token"
        hi "टोकन जाँचें";
    "Access token"
        de "Zugangstoken"
        fr "Jeton d’accès"
        es "Token de acceso"
        hi "एक्सेस टोकन";
    "Leave it empty to check the one of this page."
        de "Leer lassen, um das Token dieser Seite zu prüfen."
        fr "Laissez vide pour vérifier celui de cette page."
        es "Déjelo vacío para comprobar el de esta página."
        hi "इस पेज का टोकन जाँचने के लिए इसे खाली छोड़ें।";
    "Validate the token"
        de "Token prüfen"
        fr "Valider le jeton"
        es "Validar el token"
        hi "टोकन सत्यापित करें";
    "This token does not hold: it is wrong or too old, or its session has ended."
        de "Dieses Token gilt nicht: Es ist falsch oder zu alt, oder seine Sitzung ist beendet."
        fr "Ce jeton n’est pas valable\u{a0}: il est erroné ou trop ancien, ou sa session est terminée."
        es "Este token no vale: es incorrecto o demasiado antiguo, o su sesión ha terminado."
        hi "यह टोकन मान्य नहीं है: यह गलत या बहुत पुराना है, या इसका सत्र समाप्त हो गया है।";
    "This token is valid."
        de "Dieses Token gilt."
        fr "Ce jeton est valable."
        es "Este token es válido."
        hi "यह टोकन मान्य है।";
    "Session"
        de "Sitzung"
        fr "Session"
        es "Sesión"
        hi "सत्र";
    "Ends"
        de "Endet"
        fr "Se termine"
        es "Termina"
        hi "समाप्ति";
    "Permissions"
        de "Berechtigungen"
        fr "Autorisations"
        es "Permisos"
        hi "अनुमतियाँ";
};
