//! What the dialogs about logins and factors say, and the page of the links in mails about an account.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "Confirm that it is you"
        de "Bestätigen Sie, dass Sie es sind"
        fr "Confirmez que c’est bien vous"
        es "Confirme que es usted"
        hi "पुष्टि करें कि यह आप ही हैं";
    "This needs a new proof, even though you are logged in."
        de "Dafür ist ein neuer Nachweis nötig, obwohl Sie angemeldet sind."
        fr "Ceci demande une nouvelle preuve, bien que vous soyez connecté."
        es "Para esto hace falta una nueva prueba, aunque tenga la sesión iniciada."
        hi "लॉग इन होने पर भी इसके लिए नई पुष्टि ज़रूरी है।";
    "Your account needs a passkey for this, and this browser cannot use one."
        de "Ihr Konto braucht dafür einen Passkey, und dieser Browser kann keinen verwenden."
        fr "Votre compte a besoin d’une clé d’accès pour cela, et ce navigateur ne peut pas en utiliser."
        es "Para esto su cuenta necesita una llave de acceso, y este navegador no puede utilizarla."
        hi "इसके लिए आपके खाते को पासकी चाहिए, और यह ब्राउज़र पासकी इस्तेमाल नहीं कर सकता।";
    "Nothing was changed, because you did not confirm that it is you."
        de "Es wurde nichts geändert, weil Sie nicht bestätigt haben, dass Sie es sind."
        fr "Rien n’a été modifié, car vous n’avez pas confirmé que c’était vous."
        es "No se ha cambiado nada, porque no ha confirmado que es usted."
        hi "कुछ नहीं बदला गया, क्योंकि आपने पुष्टि नहीं की कि यह आप ही हैं।";
    "Use a passkey"
        de "Passkey verwenden"
        fr "Utiliser une clé d’accès"
        es "Utilizar una llave de acceso"
        hi "पासकी इस्तेमाल करें";
    "Six digits from your authenticator app, or one of your recovery codes."
        de "Sechs Ziffern aus Ihrer Authenticator-App oder einer Ihrer Wiederherstellungscodes."
        fr "Six chiffres de votre application d’authentification, ou l’un de vos codes de récupération."
        es "Seis cifras de su aplicación de autenticación o uno de sus códigos de recuperación."
        hi "ऑथेंटिकेटर ऐप के छह अंक, या आपका कोई रिकवरी कोड।";
    "One of your recovery codes."
        de "Einer Ihrer Wiederherstellungscodes."
        fr "L’un de vos codes de récupération."
        es "Uno de sus códigos de recuperación."
        hi "आपका कोई रिकवरी कोड।";
    "This device has a passkey of your account already."
        de "Dieses Gerät hat schon einen Passkey Ihres Kontos."
        fr "Cet appareil a déjà une clé d’accès de votre compte."
        es "Este dispositivo ya tiene una llave de acceso de su cuenta."
        hi "इस डिवाइस पर आपके खाते की पासकी पहले से है।";
    "Passkeys do not work at the address by which you opened this page."
        de "Unter der Adresse, mit der Sie diese Seite geöffnet haben, gelten keine Passkeys."
        fr "Les clés d’accès ne fonctionnent pas à l’adresse par laquelle vous avez ouvert cette page."
        es "Las llaves de acceso no funcionan en la dirección con la que abrió esta página."
        hi "जिस पते से आपने यह पेज खोला है, उस पर पासकी काम नहीं करती।";
    "No passkey was used. Either it was cancelled, or your device has none for this page, or it did not recognize you."
        de "Es wurde kein Passkey verwendet. Entweder wurde abgebrochen, oder Ihr Gerät hat keinen für diese Seite, oder es hat Sie nicht erkannt."
        fr "Aucune clé d’accès n’a été utilisée. Soit l’opération a été annulée, soit votre appareil n’en a pas pour cette page, soit il ne vous a pas reconnu."
        es "No se ha utilizado ninguna llave de acceso. O se ha cancelado, o su dispositivo no tiene ninguna para esta página, o no le ha reconocido."
        hi "कोई पासकी इस्तेमाल नहीं हुई। या तो इसे रद्द किया गया, या आपके डिवाइस पर इस पेज की पासकी नहीं है, या उसने आपको पहचाना नहीं।";
    "No passkey was added. Either you cancelled, or this device cannot check that it is you: it needs a fingerprint, a face or a PIN."
        de "Es wurde kein Passkey hinzugefügt. Entweder haben Sie abgebrochen, oder dieses Gerät kann nicht prüfen, dass Sie es sind: Es braucht einen Fingerabdruck, ein Gesicht oder eine PIN."
        fr "Aucune clé d’accès n’a été ajoutée. Soit vous avez annulé, soit cet appareil ne peut pas vérifier que c’est vous\u{a0}: il lui faut une empreinte, un visage ou un code PIN."
        es "No se ha añadido ninguna llave de acceso. O la ha cancelado, o este dispositivo no puede comprobar que es usted: necesita una huella, una cara o un PIN."
        hi "कोई पासकी नहीं जोड़ी गई। या तो आपने रद्द किया, या यह डिवाइस जाँच नहीं सकता कि यह आप ही हैं: इसके लिए उँगली की छाप, चेहरा या PIN चाहिए।";
    "This took too long. Use the passkey once more."
        de "Das hat zu lange gedauert. Verwenden Sie den Passkey noch einmal."
        fr "Cela a pris trop de temps. Utilisez la clé d’accès encore une fois."
        es "Ha tardado demasiado. Utilice la llave de acceso otra vez."
        hi "इसमें बहुत समय लग गया। पासकी का एक बार फिर इस्तेमाल करें।";
    "Each of them logs you in once, beside your password, if your app or your passkey is lost."
        de "Jeder meldet Sie einmal an, zusammen mit Ihrem Passwort, wenn Ihre App oder Ihr Passkey verloren ist."
        fr "Chacun vous connecte une fois, avec votre mot de passe, si votre application ou votre clé d’accès est perdue."
        es "Cada uno inicia su sesión una vez, junto con su contraseña, si pierde su aplicación o su llave de acceso."
        hi "ऐप या पासकी खो जाने पर, हर कोड आपके पासवर्ड के साथ एक बार लॉग इन कराता है।";
    "They are shown this one time: keep them where your telephone is not."
        de "Sie werden nur dieses eine Mal gezeigt: Bewahren Sie sie nicht bei Ihrem Telefon auf."
        fr "Ils ne sont affichés que cette fois\u{a0}: gardez-les ailleurs que sur votre téléphone."
        es "Solo se muestran esta vez: guárdelos donde no esté su teléfono."
        hi "ये सिर्फ़ इसी बार दिखाए जाते हैं: इन्हें अपने फ़ोन से अलग जगह रखें।";
    "Of an account at {{ host }}, made on {{ day }}."
        de "Für ein Konto bei {{ host }}, erstellt am {{ day }}."
        fr "Pour un compte sur {{ host }}, créés le {{ day }}."
        es "De una cuenta en {{ host }}, creados el {{ day }}."
        hi "{{ host }} पर एक खाते के, {{ day }} को बनाए गए।";
    "Your recovery codes"
        de "Ihre Wiederherstellungscodes"
        fr "Vos codes de récupération"
        es "Sus códigos de recuperación"
        hi "आपके रिकवरी कोड";
    "I have kept them"
        de "Ich habe sie aufbewahrt"
        fr "Je les ai gardés"
        es "Los he guardado"
        hi "मैंने इन्हें सँभालकर रख लिया है";
    "Print"
        de "Drucken"
        fr "Imprimer"
        es "Imprimir"
        hi "प्रिंट करें";
    "Save as a file"
        de "Als Datei speichern"
        fr "Enregistrer dans un fichier"
        es "Guardar como archivo"
        hi "फ़ाइल में सहेजें";
    "One step more"
        de "Noch ein Schritt"
        fr "Encore une étape"
        es "Un paso más"
        hi "एक कदम और";
    "Your account needs a passkey, and this browser cannot use one here."
        de "Ihr Konto braucht einen Passkey, und dieser Browser kann hier keinen verwenden."
        fr "Votre compte a besoin d’une clé d’accès, et ce navigateur ne peut pas en utiliser ici."
        es "Su cuenta necesita una llave de acceso, y este navegador no puede utilizarla aquí."
        hi "आपके खाते को पासकी चाहिए, और यह ब्राउज़र यहाँ पासकी इस्तेमाल नहीं कर सकता।";
    "Do not ask again while this page is open, for a day at most"
        de "Nicht wieder fragen, solange diese Seite offen ist, höchstens einen Tag lang"
        fr "Ne plus demander tant que cette page est ouverte, pendant un jour au plus"
        es "No volver a preguntar mientras esta página esté abierta, un día como máximo"
        hi "जब तक यह पेज खुला है, दोबारा न पूछें, ज़्यादा से ज़्यादा एक दिन";
    "Do not ask again while this page is open, for {{ n }} days at most"
        de "Nicht wieder fragen, solange diese Seite offen ist, höchstens {{ n }} Tage lang"
        fr "Ne plus demander tant que cette page est ouverte, pendant {{ n }} jours au plus"
        es "No volver a preguntar mientras esta página esté abierta, {{ n }} días como máximo"
        hi "जब तक यह पेज खुला है, दोबारा न पूछें, ज़्यादा से ज़्यादा {{ n }} दिन";
    "Set up a second factor"
        de "Zweiten Faktor einrichten"
        fr "Configurer un second facteur"
        es "Configurar un segundo factor"
        hi "दूसरा फ़ैक्टर सेट करें";
    "Your account needs a passkey first, and none can be made here. Take another browser or device, or ask an administrator."
        de "Ihr Konto braucht zuerst einen Passkey, und hier lässt sich keiner erstellen. Nehmen Sie einen anderen Browser oder ein anderes Gerät, oder fragen Sie die Verwaltung."
        fr "Votre compte a d’abord besoin d’une clé d’accès, et on ne peut pas en créer ici. Prenez un autre navigateur ou un autre appareil, ou demandez à l’administration."
        es "Su cuenta necesita antes una llave de acceso, y aquí no se puede crear ninguna. Utilice otro navegador u otro dispositivo, o pregunte a la administración."
        hi "आपके खाते को पहले पासकी चाहिए, और यहाँ पासकी नहीं बनाई जा सकती। दूसरा ब्राउज़र या डिवाइस लें, या किसी प्रशासक से पूछें।";
    "Your role needs more than a password."
        de "Ihre Rolle braucht mehr als ein Passwort."
        fr "Votre rôle demande plus qu’un mot de passe."
        es "Su función exige algo más que una contraseña."
        hi "आपकी भूमिका के लिए सिर्फ़ पासवर्ड काफ़ी नहीं है।";
    "Make a passkey"
        de "Passkey erstellen"
        fr "Créer une clé d’accès"
        es "Crear una llave de acceso"
        hi "पासकी बनाएँ";
    "With a passkey this device, or a key that you plug in, asks for your finger, your face or a PIN. Later it logs you in without the password."
        de "Mit einem Passkey fragt dieses Gerät oder ein Schlüssel, den Sie einstecken, nach Ihrem Finger, Ihrem Gesicht oder einer PIN. Später meldet er Sie ohne Passwort an."
        fr "Avec une clé d’accès, cet appareil, ou une clé que vous branchez, demande votre doigt, votre visage ou un code PIN. Plus tard, elle vous connecte sans mot de passe."
        es "Con una llave de acceso, este dispositivo, o una llave que conecte, pide su dedo, su cara o un PIN. Después inicia su sesión sin la contraseña."
        hi "पासकी के साथ यह डिवाइस, या आपकी लगाई हुई सुरक्षा कुंजी, आपकी उँगली, चेहरा या PIN माँगती है। बाद में वह आपको बिना पासवर्ड लॉग इन कराती है।";
    "Scan this picture with an authenticator app on your telephone."
        de "Scannen Sie dieses Bild mit einer Authenticator-App auf Ihrem Telefon."
        fr "Scannez cette image avec une application d’authentification sur votre téléphone."
        es "Escanee esta imagen con una aplicación de autenticación en su teléfono."
        hi "अपने फ़ोन के ऑथेंटिकेटर ऐप से यह चित्र स्कैन करें।";
    "Or scan this picture with an authenticator app on your telephone."
        de "Oder scannen Sie dieses Bild mit einer Authenticator-App auf Ihrem Telefon."
        fr "Ou scannez cette image avec une application d’authentification sur votre téléphone."
        es "O escanee esta imagen con una aplicación de autenticación en su teléfono."
        hi "या अपने फ़ोन के ऑथेंटिकेटर ऐप से यह चित्र स्कैन करें।";
    "On this telephone:"
        de "Auf diesem Telefon:"
        fr "Sur ce téléphone\u{a0}:"
        es "En este teléfono:"
        hi "इसी फ़ोन पर:";
    "open the app"
        de "App öffnen"
        fr "ouvrir l’application"
        es "abrir la aplicación"
        hi "ऐप खोलें";
    "Or type:"
        de "Oder eintippen:"
        fr "Ou saisissez\u{a0}:"
        es "O escriba:"
        hi "या यह टाइप करें:";
    "The six digits that the app shows now."
        de "Die sechs Ziffern, die die App jetzt zeigt."
        fr "Les six chiffres que l’application affiche maintenant."
        es "Las seis cifras que la aplicación muestra ahora."
        hi "वे छह अंक जो ऐप अभी दिखा रहा है।";
    "The secret of the app as a picture; it stands below as text"
        de "Das Geheimnis der App als Bild; darunter steht es als Text"
        fr "Le secret de l’application en image\u{a0}; il figure dessous en texte"
        es "El secreto de la aplicación como imagen; debajo está como texto"
        hi "ऐप की गुप्त कुंजी, चित्र के रूप में; नीचे वह टेक्स्ट में भी है";
    "Your account"
        de "Ihr Konto"
        fr "Votre compte"
        es "Su cuenta"
        hi "आपका खाता";
    "Open the link once more"
        de "Öffnen Sie den Link noch einmal"
        fr "Ouvrez le lien encore une fois"
        es "Abra el enlace otra vez"
        hi "लिंक एक बार फिर खोलें";
    "This page needs the whole link from our mail. Open it once more, or copy all of it into the address line."
        de "Diese Seite braucht den ganzen Link aus unserer E-Mail. Öffnen Sie ihn noch einmal, oder kopieren Sie ihn ganz in die Adresszeile."
        fr "Cette page a besoin du lien complet de notre e-mail. Ouvrez-le encore une fois, ou copiez-le en entier dans la barre d’adresse."
        es "Esta página necesita el enlace completo de nuestro correo. Ábralo otra vez o cópielo entero en la barra de direcciones."
        hi "इस पेज को हमारी ई-मेल का पूरा लिंक चाहिए। उसे एक बार फिर खोलें, या पूरा लिंक पता-पट्टी में कॉपी करें।";
    "Confirm your new e-mail address"
        de "Bestätigen Sie Ihre neue E-Mail-Adresse"
        fr "Confirmez votre nouvelle adresse e-mail"
        es "Confirme su nueva dirección de correo"
        hi "अपने नए ई-मेल पते की पुष्टि करें";
    "Your account gets this address, and you are logged out on your other devices."
        de "Ihr Konto bekommt diese Adresse, und Sie werden auf Ihren anderen Geräten abgemeldet."
        fr "Votre compte reçoit cette adresse, et vous êtes déconnecté de vos autres appareils."
        es "Su cuenta recibe esta dirección, y se cierra la sesión en sus demás dispositivos."
        hi "आपके खाते का पता यह हो जाएगा, और आप बाकी डिवाइसों पर लॉग आउट हो जाएँगे।";
    "Your account now has the address {{ email }}."
        de "Ihr Konto hat jetzt die Adresse {{ email }}."
        fr "Votre compte a maintenant l’adresse {{ email }}."
        es "Su cuenta tiene ahora la dirección {{ email }}."
        hi "आपके खाते का पता अब {{ email }} है।";
    "Undo the change of your e-mail address"
        de "Änderung Ihrer E-Mail-Adresse rückgängig machen"
        fr "Annuler le changement de votre adresse e-mail"
        es "Deshacer el cambio de su dirección de correo"
        hi "ई-मेल पते का बदलाव वापस लें";
    "Your account has its old address again, everybody is logged out, and we mail you a link to a new password."
        de "Ihr Konto hat dann wieder seine alte Adresse, alle Geräte werden abgemeldet, und wir senden Ihnen einen Link für ein neues Passwort."
        fr "Votre compte retrouve son ancienne adresse, tous les appareils sont déconnectés, et nous vous envoyons un lien pour un nouveau mot de passe."
        es "Su cuenta vuelve a tener su dirección anterior, se cierra la sesión en todos los dispositivos y le enviamos un enlace para una contraseña nueva."
        hi "आपके खाते का पुराना पता लौट आएगा, सभी डिवाइस लॉग आउट हो जाएँगे, और हम आपको नए पासवर्ड का लिंक भेजेंगे।";
    "Undo the change"
        de "Änderung rückgängig machen"
        fr "Annuler le changement"
        es "Deshacer el cambio"
        hi "बदलाव वापस लें";
    "Your account has its old address again. Set a new password with the link in our mail."
        de "Ihr Konto hat wieder seine alte Adresse. Legen Sie mit dem Link in unserer E-Mail ein neues Passwort fest."
        fr "Votre compte a retrouvé son ancienne adresse. Définissez un nouveau mot de passe avec le lien de notre e-mail."
        es "Su cuenta vuelve a tener su dirección anterior. Establezca una contraseña nueva con el enlace de nuestro correo."
        hi "आपके खाते का पुराना पता लौट आया है। हमारी ई-मेल के लिंक से नया पासवर्ड सेट करें।";
    "Delete your account"
        de "Ihr Konto löschen"
        fr "Supprimer votre compte"
        es "Eliminar su cuenta"
        hi "अपना खाता हटाएँ";
    "You are logged out everywhere, and nobody can log in any more. Our next mail has a link with which you can keep the account, until it is deleted."
        de "Sie werden überall abgemeldet, und niemand kann sich mehr anmelden. In unserer nächsten E-Mail steht ein Link, mit dem Sie das Konto behalten können, bis es gelöscht wird."
        fr "Vous êtes déconnecté partout, et plus personne ne peut se connecter. Notre prochain e-mail contient un lien qui permet de garder le compte jusqu’à sa suppression."
        es "Se cierra la sesión en todas partes y nadie puede volver a entrar. Nuestro próximo correo contiene un enlace con el que puede conservar la cuenta hasta que se elimine."
        hi "आप हर जगह लॉग आउट हो जाएँगे, और फिर कोई लॉग इन नहीं कर सकेगा। हमारी अगली ई-मेल में एक लिंक होगा जिससे आप खाता हटाए जाने तक उसे रख सकते हैं।";
    "Your account is closed, and is deleted on {{ time }}."
        de "Ihr Konto ist geschlossen und wird am {{ time }} gelöscht."
        fr "Votre compte est fermé et sera supprimé le {{ time }}."
        es "Su cuenta está cerrada y se eliminará el {{ time }}."
        hi "आपका खाता बंद हो गया है और {{ time }} को हटा दिया जाएगा।";
    "Keep your account"
        de "Ihr Konto behalten"
        fr "Garder votre compte"
        es "Conservar su cuenta"
        hi "अपना खाता रखें";
    "Your account stays as it was. Then log in again where you usually do."
        de "Ihr Konto bleibt, wie es war. Melden Sie sich dann wieder an, wo Sie es sonst auch tun."
        fr "Votre compte reste comme il était. Reconnectez-vous ensuite là où vous le faites d’habitude."
        es "Su cuenta queda como estaba. Después inicie sesión donde lo hace siempre."
        hi "आपका खाता वैसा ही रहेगा जैसा था। फिर जहाँ आप आम तौर पर लॉग इन करते हैं, वहाँ लॉग इन करें।";
    "Keep my account"
        de "Mein Konto behalten"
        fr "Garder mon compte"
        es "Conservar mi cuenta"
        hi "मेरा खाता रखें";
    "Your account stays. You can log in again."
        de "Ihr Konto bleibt. Sie können sich wieder anmelden."
        fr "Votre compte est conservé. Vous pouvez vous reconnecter."
        es "Su cuenta se conserva. Puede volver a iniciar sesión."
        hi "आपका खाता बना रहेगा। आप फिर से लॉग इन कर सकते हैं।";
};
