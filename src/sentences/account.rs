//! What the security page says.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "Security of my account"
        de "Sicherheit meines Kontos"
        fr "Sécurité de mon compte"
        es "Seguridad de mi cuenta"
        hi "मेरे खाते की सुरक्षा";
    "Protect your account by more than a password, see where you are logged in, change your address, take your data with you."
        de "Schützen Sie Ihr Konto mit mehr als einem Passwort, sehen Sie, wo Sie angemeldet sind, ändern Sie Ihre Adresse, nehmen Sie Ihre Daten mit."
        fr "Protégez votre compte par plus qu’un mot de passe, voyez où vous êtes connecté, changez votre adresse, emportez vos données."
        es "Proteja su cuenta con algo más que una contraseña, vea dónde tiene la sesión iniciada, cambie su dirección, llévese sus datos."
        hi "अपने खाते को पासवर्ड के अलावा भी सुरक्षित करें, देखें कि आप कहाँ लॉग इन हैं, अपना पता बदलें, अपना डेटा साथ ले जाएँ।";
    "Authenticator app"
        de "Authenticator-App"
        fr "Application d’authentification"
        es "Aplicación de autenticación"
        hi "ऑथेंटिकेटर ऐप";
    "After your password, an app on your telephone shows six digits that only you can see."
        de "Nach Ihrem Passwort zeigt eine App auf Ihrem Telefon sechs Ziffern, die nur Sie sehen."
        fr "Après votre mot de passe, une application de votre téléphone affiche six chiffres que vous seul voyez."
        es "Después de su contraseña, una aplicación de su teléfono muestra seis cifras que solo usted ve."
        hi "आपके पासवर्ड के बाद, आपके फ़ोन का एक ऐप छह अंक दिखाता है जिन्हें सिर्फ़ आप देख सकते हैं।";
    "Set up an app"
        de "App einrichten"
        fr "Configurer une application"
        es "Configurar una aplicación"
        hi "ऐप सेट करें";
    "Set up another app"
        de "Andere App einrichten"
        fr "Configurer une autre application"
        es "Configurar otra aplicación"
        hi "दूसरा ऐप सेट करें";
    "Remove the app"
        de "App entfernen"
        fr "Retirer l’application"
        es "Quitar la aplicación"
        hi "ऐप हटाएँ";
    "Remove the app?"
        de "App entfernen?"
        fr "Retirer l’application\u{a0}?"
        es "¿Quitar la aplicación?"
        hi "ऐप हटाना है?";
    "Passkeys"
        de "Passkeys"
        fr "Clés d’accès"
        es "Llaves de acceso"
        hi "पासकी";
    "A passkey logs you in by your fingerprint, your face or your device’s PIN, without a password and a code."
        de "Ein Passkey meldet Sie mit Fingerabdruck, Gesicht oder der PIN Ihres Geräts an, ohne Passwort und Code."
        fr "Une clé d’accès vous connecte par votre empreinte, votre visage ou le code PIN de votre appareil, sans mot de passe ni code."
        es "Una llave de acceso inicia su sesión con su huella, su cara o el PIN de su dispositivo, sin contraseña ni código."
        hi "पासकी आपको उँगली की छाप, चेहरे या डिवाइस के PIN से लॉग इन कराती है, बिना पासवर्ड और कोड के।";
    "Name of the passkey (optional)"
        de "Name des Passkeys (freiwillig)"
        fr "Nom de la clé d’accès (facultatif)"
        es "Nombre de la llave de acceso (opcional)"
        hi "पासकी का नाम (वैकल्पिक)";
    "So that you know it in the list, such as “my telephone”."
        de "Damit Sie ihn in der Liste erkennen, etwa „mein Telefon“."
        fr "Pour la reconnaître dans la liste, par exemple «\u{a0}mon téléphone\u{a0}»."
        es "Para reconocerla en la lista, por ejemplo, «mi teléfono»."
        hi "ताकि आप इसे सूची में पहचान सकें, जैसे “मेरा फ़ोन”।";
    "Add a passkey"
        de "Passkey hinzufügen"
        fr "Ajouter une clé d’accès"
        es "Añadir una llave de acceso"
        hi "पासकी जोड़ें";
    "Passkeys cannot be made here, in this browser. Everything else on this page works without them."
        de "Hier, in diesem Browser, lassen sich keine Passkeys erstellen. Alles andere auf dieser Seite geht ohne sie."
        fr "On ne peut pas créer de clés d’accès ici, dans ce navigateur. Tout le reste de cette page fonctionne sans elles."
        es "Aquí, en este navegador, no se pueden crear llaves de acceso. Todo lo demás de esta página funciona sin ellas."
        hi "इस ब्राउज़र में यहाँ पासकी नहीं बनाई जा सकती। इस पेज की बाकी सब चीज़ें उसके बिना काम करती हैं।";
    "Recovery codes"
        de "Wiederherstellungs\u{ad}codes"
        fr "Codes de récupération"
        es "Códigos de recuperación"
        hi "रिकवरी कोड";
    "Make new codes"
        de "Neue Codes erstellen"
        fr "Créer de nouveaux codes"
        es "Crear códigos nuevos"
        hi "नए कोड बनाएँ";
    "Make new codes?"
        de "Neue Codes erstellen?"
        fr "Créer de nouveaux codes\u{a0}?"
        es "¿Crear códigos nuevos?"
        hi "नए कोड बनाने हैं?";
    "Where you are logged in"
        de "Wo Sie angemeldet sind"
        fr "Où vous êtes connecté"
        es "Dónde tiene la sesión iniciada"
        hi "आप कहाँ लॉग इन हैं";
    "Log out everywhere"
        de "Überall abmelden"
        fr "Se déconnecter partout"
        es "Cerrar sesión en todas partes"
        hi "हर जगह लॉग आउट करें";
    "Log out everywhere?"
        de "Überall abmelden?"
        fr "Se déconnecter partout\u{a0}?"
        es "¿Cerrar sesión en todas partes?"
        hi "हर जगह लॉग आउट करना है?";
    "Remembered devices"
        de "Gemerkte Geräte"
        fr "Appareils mémorisés"
        es "Dispositivos recordados"
        hi "याद रखे गए डिवाइस";
    "Forget all"
        de "Alle vergessen"
        fr "Tout oublier"
        es "Olvidar todos"
        hi "सब भूल जाएँ";
    "On these devices your password is enough for some days. Forget those that you do not use any more."
        de "Auf diesen Geräten genügt einige Tage lang Ihr Passwort. Vergessen Sie jene, die Sie nicht mehr benutzen."
        fr "Sur ces appareils, votre mot de passe suffit pendant quelques jours. Oubliez ceux que vous n’utilisez plus."
        es "En estos dispositivos basta su contraseña durante unos días. Olvide los que ya no utilice."
        hi "इन डिवाइसों पर कुछ दिनों तक आपका पासवर्ड काफ़ी है। जिन्हें आप अब इस्तेमाल नहीं करते, उन्हें भूल जाएँ।";
    "No device is remembered."
        de "Kein Gerät ist gemerkt."
        fr "Aucun appareil n’est mémorisé."
        es "No se recuerda ningún dispositivo."
        hi "कोई डिवाइस याद नहीं रखा गया है।";
    "E-mail address"
        de "E-Mail-Adresse"
        fr "Adresse e-mail"
        es "Dirección de correo"
        hi "ई-मेल पता";
    "Your address is <strong id=\"address\" data-private></strong>."
        de "Ihre Adresse ist <strong id=\"address\" data-private></strong>."
        fr "Votre adresse est <strong id=\"address\" data-private></strong>."
        es "Su dirección es <strong id=\"address\" data-private></strong>."
        hi "आपका पता <strong id=\"address\" data-private></strong> है।";
    "New address"
        de "Neue Adresse"
        fr "Nouvelle adresse"
        es "Dirección nueva"
        hi "नया पता";
    "We mail a code to it. Until you enter the code, your address stays as it is."
        de "Wir senden einen Code dorthin. Bis Sie den Code eingeben, bleibt Ihre Adresse, wie sie ist."
        fr "Nous y envoyons un code. Tant que vous ne l’avez pas saisi, votre adresse reste inchangée."
        es "Enviamos allí un código. Hasta que lo introduzca, su dirección no cambia."
        hi "हम उस पर एक कोड भेजते हैं। जब तक आप कोड नहीं डालते, आपका पता वही रहता है।";
    "Change the address"
        de "Adresse ändern"
        fr "Changer l’adresse"
        es "Cambiar la dirección"
        hi "पता बदलें";
    "Code from our mail"
        de "Code aus unserer E-Mail"
        fr "Code de notre e-mail"
        es "Código de nuestro correo"
        hi "हमारी ई-मेल का कोड";
    "Then your other devices are logged out, and the old address gets a link that undoes the change."
        de "Danach werden Ihre anderen Geräte abgemeldet, und die alte Adresse bekommt einen Link, der die Änderung rückgängig macht."
        fr "Vos autres appareils sont alors déconnectés, et l’ancienne adresse reçoit un lien qui annule le changement."
        es "Después se cierra la sesión en sus demás dispositivos, y la dirección anterior recibe un enlace que deshace el cambio."
        hi "तब आपके बाकी डिवाइस लॉग आउट हो जाते हैं, और पुराने पते पर एक लिंक भेजा जाता है जो बदलाव को वापस ले सकता है।";
    "Confirm the address"
        de "Adresse bestätigen"
        fr "Confirmer l’adresse"
        es "Confirmar la dirección"
        hi "पते की पुष्टि करें";
    "Your data"
        de "Ihre Daten"
        fr "Vos données"
        es "Sus datos"
        hi "आपका डेटा";
    "A file with all that is stored about your account. No password and no secret is in it. You can get it a few times a day, and we tell you by mail each time."
        de "Eine Datei mit allem, was zu Ihrem Konto gespeichert ist. Kein Passwort und kein Geheimnis steht darin. Sie können sie einige Male am Tag holen; wir melden es Ihnen jedes Mal per E-Mail."
        fr "Un fichier avec tout ce qui est enregistré sur votre compte. Il ne contient ni mot de passe ni secret. Vous pouvez l’obtenir quelques fois par jour, et nous vous en informons chaque fois par e-mail."
        es "Un archivo con todo lo que se guarda sobre su cuenta. No contiene contraseñas ni secretos. Puede obtenerlo varias veces al día, y cada vez le avisamos por correo."
        hi "आपके खाते के बारे में जो कुछ रखा गया है, उसकी एक फ़ाइल। उसमें कोई पासवर्ड या गुप्त जानकारी नहीं होती। आप इसे दिन में कुछ बार पा सकते हैं, और हर बार हम आपको ई-मेल से बताते हैं।";
    "Get my data"
        de "Meine Daten holen"
        fr "Obtenir mes données"
        es "Obtener mis datos"
        hi "मेरा डेटा पाएँ";
    "Delete the account"
        de "Konto löschen"
        fr "Supprimer le compte"
        es "Eliminar la cuenta"
        hi "खाता हटाएँ";
    "We mail you a link. Nothing happens before you use it."
        de "Wir senden Ihnen einen Link. Bevor Sie ihn verwenden, geschieht nichts."
        fr "Nous vous envoyons un lien. Rien ne se passe avant que vous l’utilisiez."
        es "Le enviamos un enlace. No ocurre nada hasta que lo utilice."
        hi "हम आपको एक लिंक भेजते हैं। जब तक आप उसका इस्तेमाल नहीं करते, कुछ नहीं होता।";
    "When you confirm there, you are logged out everywhere, and nobody can log in to this account any more."
        de "Wenn Sie dort bestätigen, werden Sie überall abgemeldet, und niemand kann sich mehr in diesem Konto anmelden."
        fr "Quand vous confirmez là, vous êtes déconnecté partout, et plus personne ne peut se connecter à ce compte."
        es "Cuando lo confirme allí, se cerrará la sesión en todas partes y nadie podrá volver a entrar en esta cuenta."
        hi "वहाँ पुष्टि करते ही आप हर जगह लॉग आउट हो जाते हैं, और फिर कोई इस खाते में लॉग इन नहीं कर सकता।";
    "Delete my account"
        de "Mein Konto löschen"
        fr "Supprimer mon compte"
        es "Eliminar mi cuenta"
        hi "मेरा खाता हटाएँ";
    "An administrator deletes accounts of your role. Ask one of them."
        de "Konten Ihrer Rolle löscht die Verwaltung. Wenden Sie sich an sie."
        fr "Les comptes de votre rôle sont supprimés par l’administration. Adressez-vous à elle."
        es "Las cuentas de su función las elimina la administración. Diríjase a ella."
        hi "आपकी भूमिका के खाते प्रशासक हटाते हैं। उनसे कहें।";
    "Your role must have a second factor: an authenticator app or a passkey."
        de "Ihre Rolle braucht einen zweiten Faktor: eine Authenticator-App oder einen Passkey."
        fr "Votre rôle exige un second facteur\u{a0}: une application d’authentification ou une clé d’accès."
        es "Su función exige un segundo factor: una aplicación de autenticación o una llave de acceso."
        hi "आपकी भूमिका के लिए दूसरा फ़ैक्टर ज़रूरी है: ऑथेंटिकेटर ऐप या पासकी।";
    "Soon after, the account is deleted for good."
        de "Bald darauf wird das Konto endgültig gelöscht."
        fr "Peu après, le compte est supprimé définitivement."
        es "Poco después, la cuenta se elimina definitivamente."
        hi "उसके तुरंत बाद खाता हमेशा के लिए हटा दिया जाता है।";
    "For a day, a link in our next mail keeps the account. Then it is deleted for good."
        de "Einen Tag lang behalten Sie das Konto mit einem Link in unserer nächsten E-Mail. Dann wird es endgültig gelöscht."
        fr "Pendant un jour, un lien de notre prochain e-mail permet de garder le compte. Ensuite, il est supprimé définitivement."
        es "Durante un día, un enlace de nuestro próximo correo permite conservar la cuenta. Después se elimina definitivamente."
        hi "एक दिन तक आप हमारी अगली ई-मेल के लिंक से खाता रख सकते हैं। उसके बाद वह हमेशा के लिए हटा दिया जाता है।";
    "For {{ n }} days, a link in our next mail keeps the account. Then it is deleted for good."
        de "{{ n }} Tage lang behalten Sie das Konto mit einem Link in unserer nächsten E-Mail. Dann wird es endgültig gelöscht."
        fr "Pendant {{ n }} jours, un lien de notre prochain e-mail permet de garder le compte. Ensuite, il est supprimé définitivement."
        es "Durante {{ n }} días, un enlace de nuestro próximo correo permite conservar la cuenta. Después se elimina definitivamente."
        hi "{{ n }} दिनों तक आप हमारी अगली ई-मेल के लिंक से खाता रख सकते हैं। उसके बाद वह हमेशा के लिए हटा दिया जाता है।";
    "Your browser has the file. It tells much about you, so keep it where only you can read it."
        de "Ihr Browser hat die Datei. Sie sagt viel über Sie; bewahren Sie sie dort auf, wo nur Sie sie lesen können."
        fr "Votre navigateur a le fichier. Il en dit long sur vous\u{a0}: gardez-le là où vous seul pouvez le lire."
        es "Su navegador tiene el archivo. Dice mucho de usted; guárdelo donde solo usted pueda leerlo."
        hi "फ़ाइल आपके ब्राउज़र को मिल गई है। उसमें आपके बारे में बहुत कुछ है, इसलिए उसे वहाँ रखें जहाँ सिर्फ़ आप पढ़ सकें।";
    "Delete your account?"
        de "Ihr Konto löschen?"
        fr "Supprimer votre compte\u{a0}?"
        es "¿Eliminar su cuenta?"
        hi "आपका खाता हटाना है?";
    "We mail you a link. When you confirm there, your account is closed at once."
        de "Wir senden Ihnen einen Link. Wenn Sie dort bestätigen, wird Ihr Konto sofort geschlossen."
        fr "Nous vous envoyons un lien. Quand vous confirmez là, votre compte est fermé aussitôt."
        es "Le enviamos un enlace. Cuando lo confirme allí, su cuenta se cerrará en el acto."
        hi "हम आपको एक लिंक भेजते हैं। वहाँ पुष्टि करते ही आपका खाता बंद हो जाता है।";
    "Send me the link"
        de "Link senden"
        fr "Envoyer le lien"
        es "Enviarme el enlace"
        hi "मुझे लिंक भेजें";
    "We have mailed you the link. Without it, your account stays as it is."
        de "Wir haben Ihnen den Link gesendet. Ohne ihn bleibt Ihr Konto, wie es ist."
        fr "Nous vous avons envoyé le lien. Sans lui, votre compte reste inchangé."
        es "Le hemos enviado el enlace. Sin él, su cuenta no cambia."
        hi "हमने आपको लिंक भेज दिया है। उसके बिना आपका खाता वैसा ही रहेगा।";
    "If {{ email }} can become yours, a code is on its way to it."
        de "Wenn {{ email }} Ihre Adresse werden kann, ist ein Code dorthin unterwegs."
        fr "Si {{ email }} peut devenir la vôtre, un code y est en route."
        es "Si {{ email }} puede ser la suya, un código está en camino."
        hi "अगर {{ email }} आपका पता बन सकता है, तो उस पर एक कोड भेज दिया गया है।";
    "Your address is {{ email }} now."
        de "Ihre Adresse ist jetzt {{ email }}."
        fr "Votre adresse est maintenant {{ email }}."
        es "Su dirección es ahora {{ email }}."
        hi "आपका पता अब {{ email }} है।";
    "This clinic does not use authenticator apps."
        de "Diese Klinik verwendet keine Authenticator-Apps."
        fr "Cette clinique n’utilise pas d’applications d’authentification."
        es "Esta clínica no utiliza aplicaciones de autenticación."
        hi "यह क्लिनिक ऑथेंटिकेटर ऐप इस्तेमाल नहीं करता।";
    "From then on, the app that you used before does not count any more."
        de "Von da an gilt die App nicht mehr, die Sie bisher benutzt haben."
        fr "Dès lors, l’application que vous utilisiez avant ne compte plus."
        es "A partir de entonces, la aplicación que utilizaba antes ya no vale."
        hi "उसके बाद वह ऐप काम नहीं करेगा जिसे आप पहले इस्तेमाल करते थे।";
    "Your app counts from now on. Your other devices are logged out."
        de "Ihre App gilt von jetzt an. Ihre anderen Geräte sind abgemeldet."
        fr "Votre application compte dès maintenant. Vos autres appareils sont déconnectés."
        es "Su aplicación vale desde ahora. Se ha cerrado la sesión en sus demás dispositivos."
        hi "आपका ऐप अब से काम करेगा। आपके बाकी डिवाइस लॉग आउट हो गए हैं।";
    "Its codes do not count any more, and your other devices are logged out."
        de "Ihre Codes gelten dann nicht mehr, und Ihre anderen Geräte werden abgemeldet."
        fr "Ses codes ne comptent plus, et vos autres appareils sont déconnectés."
        es "Sus códigos dejan de valer, y se cierra la sesión en sus demás dispositivos."
        hi "उसके कोड काम नहीं करेंगे, और आपके बाकी डिवाइस लॉग आउट हो जाएँगे।";
    "The app is removed. Delete its entry on your telephone too."
        de "Die App ist entfernt. Löschen Sie ihren Eintrag auch auf Ihrem Telefon."
        fr "L’application est retirée. Supprimez aussi son entrée sur votre téléphone."
        es "La aplicación se ha quitado. Borre también su entrada en su teléfono."
        hi "ऐप हटा दिया गया है। अपने फ़ोन में भी उसकी एंट्री हटा दें।";
    "The old codes do not count any more, wherever you keep them."
        de "Die alten Codes gelten dann nicht mehr, wo immer Sie sie aufbewahren."
        fr "Les anciens codes ne comptent plus, où que vous les gardiez."
        es "Los códigos anteriores dejan de valer, dondequiera que los guarde."
        hi "पुराने कोड काम नहीं करेंगे, चाहे आपने उन्हें कहीं भी रखा हो।";
    "Your new codes count from now on."
        de "Ihre neuen Codes gelten von jetzt an."
        fr "Vos nouveaux codes comptent dès maintenant."
        es "Sus códigos nuevos valen desde ahora."
        hi "आपके नए कोड अब से काम करेंगे।";
    "in use"
        de "in Gebrauch"
        fr "utilisée"
        es "en uso"
        hi "चालू है";
    "not set up"
        de "nicht eingerichtet"
        fr "non configurée"
        es "sin configurar"
        hi "सेट नहीं है";
    "Set up"
        de "Eingerichtet"
        fr "Configurée"
        es "Configurada"
        hi "कब सेट किया";
    "Last used"
        de "Zuletzt benutzt"
        fr "Dernière utilisation"
        es "Último uso"
        hi "पिछला इस्तेमाल";
    "{{ n }} left"
        de "noch {{ n }}"
        fr "reste {{ n }}"
        es "quedan {{ n }}"
        hi "{{ n }} बाकी";
    "You get them with your first app or passkey, for the day when it is lost."
        de "Sie erhalten sie mit Ihrer ersten App oder Ihrem ersten Passkey, für den Tag, an dem sie verloren gehen."
        fr "Vous les recevez avec votre première application ou clé d’accès, pour le jour où elle sera perdue."
        es "Los recibe con su primera aplicación o llave de acceso, para el día en que la pierda."
        hi "ये आपको पहले ऐप या पासकी के साथ मिलते हैं, उस दिन के लिए जब वह खो जाए।";
    "This clinic does not use passkeys."
        de "Diese Klinik verwendet keine Passkeys."
        fr "Cette clinique n’utilise pas de clés d’accès."
        es "Esta clínica no utiliza llaves de acceso."
        hi "यह क्लिनिक पासकी इस्तेमाल नहीं करता।";
    "Your passkey logs you in from now on. Your other devices are logged out."
        de "Ihr Passkey meldet Sie von jetzt an an. Ihre anderen Geräte sind abgemeldet."
        fr "Votre clé d’accès vous connecte dès maintenant. Vos autres appareils sont déconnectés."
        es "Su llave de acceso ya inicia su sesión. Se ha cerrado la sesión en sus demás dispositivos."
        hi "आपकी पासकी अब से आपको लॉग इन कराएगी। आपके बाकी डिवाइस लॉग आउट हो गए हैं।";
    "Rename"
        de "Umbenennen"
        fr "Renommer"
        es "Cambiar el nombre"
        hi "नाम बदलें";
    "Rename {{ name }}"
        de "{{ name }} umbenennen"
        fr "Renommer {{ name }}"
        es "Cambiar el nombre de {{ name }}"
        hi "{{ name }} का नाम बदलें";
    "Rename the passkey"
        de "Passkey umbenennen"
        fr "Renommer la clé d’accès"
        es "Cambiar el nombre de la llave de acceso"
        hi "पासकी का नाम बदलें";
    "It is called {{ name }} now."
        de "Er heißt jetzt {{ name }}."
        fr "Elle s’appelle maintenant {{ name }}."
        es "Ahora se llama {{ name }}."
        hi "अब इसका नाम {{ name }} है।";
    "Save the name"
        de "Namen speichern"
        fr "Enregistrer le nom"
        es "Guardar el nombre"
        hi "नाम सहेजें";
    "Remove"
        de "Entfernen"
        fr "Retirer"
        es "Quitar"
        hi "हटाएँ";
    "Remove {{ name }}"
        de "{{ name }} entfernen"
        fr "Retirer {{ name }}"
        es "Quitar {{ name }}"
        hi "{{ name }} हटाएँ";
    "Remove the passkey"
        de "Passkey entfernen"
        fr "Retirer la clé d’accès"
        es "Quitar la llave de acceso"
        hi "पासकी हटाएँ";
    "Remove the passkey?"
        de "Passkey entfernen?"
        fr "Retirer la clé d’accès\u{a0}?"
        es "¿Quitar la llave de acceso?"
        hi "पासकी हटानी है?";
    "{{ name }} does not log you in any more, and your other devices are logged out."
        de "{{ name }} meldet Sie dann nicht mehr an, und Ihre anderen Geräte werden abgemeldet."
        fr "{{ name }} ne vous connecte plus, et vos autres appareils sont déconnectés."
        es "{{ name }} dejará de iniciar su sesión, y se cerrará la sesión en sus demás dispositivos."
        hi "{{ name }} आपको अब लॉग इन नहीं कराएगी, और आपके बाकी डिवाइस लॉग आउट हो जाएँगे।";
    "{{ name }} is removed."
        de "{{ name }} ist entfernt."
        fr "{{ name }} est retirée."
        es "Se ha quitado {{ name }}."
        hi "{{ name }} हटा दी गई है।";
};
