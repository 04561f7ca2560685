//! What errors say: the sentences of the error table, and those that take their place.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "The request is not valid"
        de "Die Anfrage ist nicht gültig"
        fr "La demande n’est pas valable"
        es "La solicitud no es válida"
        hi "अनुरोध मान्य नहीं है";
    "Invalid credentials"
        de "Die Anmeldedaten sind nicht gültig"
        fr "Les identifiants ne sont pas valables"
        es "Las credenciales no son válidas"
        hi "लॉग इन की जानकारी सही नहीं है";
    "Session is not active"
        de "Die Sitzung ist nicht aktiv"
        fr "La session n’est pas active"
        es "La sesión no está activa"
        hi "सत्र चालू नहीं है";
    "Access denied"
        de "Der Zugriff ist nicht erlaubt"
        fr "L’accès est refusé"
        es "Acceso denegado"
        hi "इसकी अनुमति नहीं है";
    "Confirm that it is you, then try again"
        de "Bestätigen Sie, dass Sie es sind, und versuchen Sie es dann noch einmal"
        fr "Confirmez que c’est bien vous, puis réessayez"
        es "Confirme que es usted e inténtelo de nuevo"
        hi "पुष्टि करें कि यह आप ही हैं, फिर दोबारा कोशिश करें";
    "This has changed since it was looked at"
        de "Das hat sich geändert, seit Sie es angesehen haben"
        fr "Ceci a changé depuis que vous l’avez consulté"
        es "Esto ha cambiado desde que lo vio"
        hi "जब आपने इसे देखा था, तब से यह बदल गया है";
    "Too many requests"
        de "Zu viele Anfragen"
        fr "Trop de demandes"
        es "Demasiadas solicitudes"
        hi "बहुत ज़्यादा अनुरोध";
    "The email cannot be sent at the moment"
        de "Die E-Mail kann im Moment nicht gesendet werden"
        fr "L’e-mail ne peut pas être envoyé pour le moment"
        es "El correo no se puede enviar en este momento"
        hi "ई-मेल अभी नहीं भेजी जा सकती";
    "The database is not available at the moment"
        de "Die Datenbank ist im Moment nicht verfügbar"
        fr "La base de données n’est pas disponible pour le moment"
        es "La base de datos no está disponible en este momento"
        hi "डेटाबेस अभी उपलब्ध नहीं है";
    "The service is busy, try again in a moment"
        de "Der Dienst ist ausgelastet; versuchen Sie es gleich noch einmal"
        fr "Le service est occupé\u{a0}; réessayez dans un instant"
        es "El servicio está ocupado; inténtelo de nuevo en un momento"
        hi "सेवा व्यस्त है; थोड़ी देर में फिर कोशिश करें";
    "The request took too long"
        de "Die Anfrage hat zu lange gedauert"
        fr "La demande a pris trop de temps"
        es "La solicitud ha tardado demasiado"
        hi "अनुरोध में बहुत समय लग गया";
    "Not found"
        de "Nicht gefunden"
        fr "Introuvable"
        es "No encontrado"
        hi "नहीं मिला";
    "Method not allowed"
        de "Diese Methode ist nicht erlaubt"
        fr "Méthode non autorisée"
        es "Método no permitido"
        hi "यह तरीका मान्य नहीं है";
    "The request is too large"
        de "Die Anfrage ist zu groß"
        fr "La demande est trop volumineuse"
        es "La solicitud es demasiado grande"
        hi "अनुरोध बहुत बड़ा है";
    "The content type is not supported"
        de "Der Inhaltstyp wird nicht unterstützt"
        fr "Le type de contenu n’est pas pris en charge"
        es "El tipo de contenido no se admite"
        hi "सामग्री का यह प्रकार समर्थित नहीं है";
    "The service is not configured for this request"
        de "Der Dienst ist für diese Anfrage nicht eingerichtet"
        fr "Le service n’est pas configuré pour cette demande"
        es "El servicio no está configurado para esta solicitud"
        hi "सेवा इस अनुरोध के लिए सेट नहीं है";
    "Internal error"
        de "Interner Fehler"
        fr "Erreur interne"
        es "Error interno"
        hi "आंतरिक त्रुटि";
    "Session not found"
        de "Die Sitzung wurde nicht gefunden"
        fr "La session est introuvable"
        es "No se ha encontrado la sesión"
        hi "सत्र नहीं मिला";
    "A user with this email or username already exists"
        de "Ein Konto mit dieser E-Mail-Adresse oder diesem Benutzernamen gibt es schon"
        fr "Un compte avec cette adresse e-mail ou ce nom d’utilisateur existe déjà"
        es "Ya existe una cuenta con este correo o este nombre de usuario"
        hi "इस ई-मेल या यूज़रनेम का खाता पहले से है";
    "User not found"
        de "Das Konto wurde nicht gefunden"
        fr "Le compte est introuvable"
        es "No se ha encontrado la cuenta"
        hi "खाता नहीं मिला";
    "Invalid or expired OTP"
        de "Der Code ist falsch oder abgelaufen"
        fr "Le code est erroné ou a expiré"
        es "El código es incorrecto o ha caducado"
        hi "कोड गलत है या उसकी अवधि पूरी हो चुकी है";
    "A second factor is needed to log in"
        de "Zur Anmeldung ist ein zweiter Faktor nötig"
        fr "Un second facteur est nécessaire pour se connecter"
        es "Para iniciar sesión hace falta un segundo factor"
        hi "लॉग इन के लिए दूसरा फ़ैक्टर ज़रूरी है";
    "A second factor must be set up to log in"
        de "Zur Anmeldung muss ein zweiter Faktor eingerichtet werden"
        fr "Un second facteur doit être configuré pour se connecter"
        es "Para iniciar sesión hay que configurar un segundo factor"
        hi "लॉग इन के लिए दूसरा फ़ैक्टर सेट करना ज़रूरी है";
    "This account must have a second factor; add another one first"
        de "Dieses Konto braucht einen zweiten Faktor; fügen Sie erst einen anderen hinzu"
        fr "Ce compte doit avoir un second facteur\u{a0}; ajoutez-en d’abord un autre"
        es "Esta cuenta debe tener un segundo factor; añada antes otro"
        hi "इस खाते के लिए दूसरा फ़ैक्टर ज़रूरी है; पहले कोई और जोड़ें";
    "The passkey could not be verified"
        de "Der Passkey konnte nicht geprüft werden"
        fr "La clé d’accès n’a pas pu être vérifiée"
        es "No se ha podido verificar la llave de acceso"
        hi "पासकी की पुष्टि नहीं हो सकी";
    "This passkey is registered already"
        de "Dieser Passkey ist schon registriert"
        fr "Cette clé d’accès est déjà enregistrée"
        es "Esta llave de acceso ya está registrada"
        hi "यह पासकी पहले से दर्ज है";
    "This account has too many passkeys; remove one first"
        de "Dieses Konto hat zu viele Passkeys; entfernen Sie erst einen"
        fr "Ce compte a trop de clés d’accès\u{a0}; retirez-en d’abord une"
        es "Esta cuenta tiene demasiadas llaves de acceso; quite antes una"
        hi "इस खाते में बहुत ज़्यादा पासकी हैं; पहले एक हटाएँ";
    "Passkey not found"
        de "Der Passkey wurde nicht gefunden"
        fr "La clé d’accès est introuvable"
        es "No se ha encontrado la llave de acceso"
        hi "पासकी नहीं मिली";
    "There are no passkeys here"
        de "Hier gibt es keine Passkeys"
        fr "Il n’y a pas de clés d’accès ici"
        es "Aquí no hay llaves de acceso"
        hi "यहाँ पासकी नहीं हैं";
    "Log in again"
        de "Melden Sie sich noch einmal an"
        fr "Connectez-vous de nouveau"
        es "Inicie sesión de nuevo"
        hi "फिर से लॉग इन करें";
    "Ask an administrator to delete this account"
        de "Bitten Sie die Verwaltung, dieses Konto zu löschen"
        fr "Demandez à l’administration de supprimer ce compte"
        es "Pida a la administración que elimine esta cuenta"
        hi "इस खाते को हटाने के लिए किसी प्रशासक से कहें";
    "Another administrator resets your factors"
        de "Ihre Faktoren setzt eine andere Person der Verwaltung zurück"
        fr "C’est un autre administrateur qui réinitialise vos facteurs"
        es "Otro administrador restablece sus factores"
        hi "आपके फ़ैक्टर कोई दूसरा प्रशासक रीसेट करता है";
    "Nobody changes the standing of their own account"
        de "Niemand ändert den Stand des eigenen Kontos"
        fr "Personne ne modifie le statut de son propre compte"
        es "Nadie cambia el estado de su propia cuenta"
        hi "कोई अपने ही खाते की स्थिति नहीं बदल सकता";
    "The last active administrator cannot be removed"
        de "Die letzte aktive Person der Verwaltung kann nicht entfernt werden"
        fr "Le dernier administrateur actif ne peut pas être retiré"
        es "No se puede quitar al último administrador activo"
        hi "आखिरी सक्रिय प्रशासक को हटाया नहीं जा सकता";
    "The account is disabled"
        de "Das Konto ist gesperrt"
        fr "Le compte est désactivé"
        es "La cuenta está desactivada"
        hi "खाता बंद किया हुआ है";
    "No mail can be sent to the account's address; correct it first"
        de "An die Adresse des Kontos kann keine E-Mail gesendet werden; berichtigen Sie sie zuerst"
        fr "Aucun e-mail ne peut être envoyé à l’adresse du compte\u{a0}; corrigez-la d’abord"
        es "No se puede enviar correo a la dirección de la cuenta; corríjala antes"
        hi "खाते के पते पर ई-मेल नहीं भेजी जा सकती; पहले पता ठीक करें";
    "Only doctors are approved"
        de "Nur Ärztinnen und Ärzte werden genehmigt"
        fr "Seuls les médecins sont approuvés"
        es "Solo se aprueba a los médicos"
        hi "स्वीकृति सिर्फ़ डॉक्टरों के लिए है";
    "Only staff and administrators change places with each other"
        de "Nur Personal und Verwaltung können die Rolle tauschen"
        fr "Seuls le personnel et l’administration peuvent échanger leurs rôles"
        es "Solo el personal y la administración pueden intercambiar su función"
        hi "सिर्फ़ कर्मचारी और प्रशासक की भूमिकाएँ आपस में बदली जा सकती हैं";
    "The licence that was seen belongs to an approval"
        de "Die gesehene Zulassungsnummer gehört zu einer Genehmigung"
        fr "Le numéro d’agrément vu accompagne une approbation"
        es "El número de licencia visto acompaña a una aprobación"
        hi "देखा गया लाइसेंस नंबर स्वीकृति के साथ ही भेजा जाता है";
    "There is no such record"
        de "Diesen Eintrag gibt es nicht"
        fr "Cet élément n’existe pas"
        es "Este registro no existe"
        hi "ऐसा कोई रिकॉर्ड नहीं है";
    "This time is taken"
        de "Diese Zeit ist vergeben"
        fr "Cette heure est prise"
        es "Esta hora está ocupada"
        hi "यह समय लिया जा चुका है";
    "The present state does not allow this"
        de "Der jetzige Stand erlaubt das nicht"
        fr "L’état actuel ne le permet pas"
        es "El estado actual no lo permite"
        hi "मौजूदा स्थिति में यह नहीं हो सकता";
    "A consultation with this patient is open"
        de "Eine Konsultation mit dieser Person ist offen"
        fr "Une consultation avec ce patient est ouverte"
        es "Hay una consulta abierta con este paciente"
        hi "इस रोगी के साथ एक परामर्श चालू है";
    "This patient may have a record already"
        de "Für diese Person gibt es vielleicht schon eine Akte"
        fr "Ce patient a peut-être déjà un dossier"
        es "Es posible que este paciente ya tenga un historial"
        hi "इस रोगी का रिकॉर्ड शायद पहले से है";
    "This Idempotency-Key was used for another request"
        de "Dieser Idempotency-Key wurde für eine andere Anfrage verwendet"
        fr "Cette Idempotency-Key a servi à une autre demande"
        es "Esta Idempotency-Key se utilizó para otra solicitud"
        hi "यह Idempotency-Key किसी और अनुरोध में इस्तेमाल हो चुकी है";
    "Your approval as a doctor is still open"
        de "Ihre ärztliche Zulassung ist noch nicht genehmigt"
        fr "Votre approbation comme médecin est encore en attente"
        es "Su aprobación como médico sigue pendiente"
        hi "डॉक्टर के रूप में आपकी स्वीकृति अभी बाकी है";
    "It is too late for this; please call the clinic"
        de "Dafür ist es zu spät; bitte rufen Sie die Klinik an"
        fr "Il est trop tard pour cela\u{a0}; veuillez appeler la clinique"
        es "Ya es demasiado tarde para esto; llame a la clínica, por favor"
        hi "इसके लिए बहुत देर हो चुकी है; कृपया क्लिनिक को फ़ोन करें";
    "It has no doctor yet"
        de "Es ist noch niemand dafür eingeteilt"
        fr "Il n’a pas encore de médecin"
        es "Todavía no tiene médico"
        hi "इसके लिए अभी कोई डॉक्टर नहीं है";
    "This hold is for another doctor or another time"
        de "Diese Reservierung gilt für jemand anderen oder eine andere Zeit"
        fr "Cette réservation concerne un autre médecin ou une autre heure"
        es "Esta retención es para otro médico u otra hora"
        hi "यह रोका हुआ समय किसी दूसरे डॉक्टर या समय के लिए है";
    "You have no such hold; it may have ended. Choose the time again"
        de "Diese Reservierung haben Sie nicht; sie ist vielleicht abgelaufen. Wählen Sie die Zeit noch einmal"
        fr "Vous n’avez pas cette réservation\u{a0}; elle a peut-être expiré. Choisissez l’heure de nouveau"
        es "No tiene esta retención; quizá haya terminado. Elija la hora otra vez"
        hi "आपके पास ऐसा रोका हुआ समय नहीं है; शायद उसकी अवधि पूरी हो गई। समय फिर से चुनें";
    "Your hold has expired. Choose the time again"
        de "Ihre Reservierung ist abgelaufen. Wählen Sie die Zeit noch einmal"
        fr "Votre réservation a expiré. Choisissez l’heure de nouveau"
        es "Su retención ha caducado. Elija la hora otra vez"
        hi "आपके रोके हुए समय की अवधि पूरी हो गई है। समय फिर से चुनें";
    "You hold as many times as anybody may hold at once"
        de "Für Sie sind schon so viele Zeiten reserviert, wie zugleich erlaubt sind"
        fr "Vous avez déjà réservé autant d’heures que permis à la fois"
        es "Ya tiene retenidas tantas horas como se permiten a la vez"
        hi "आपने एक साथ जितने समय रोके जा सकते हैं, उतने रोक लिए हैं";
    "The first request is still running"
        de "Die erste Anfrage läuft noch"
        fr "La première demande est encore en cours"
        es "La primera solicitud sigue en curso"
        hi "पहला अनुरोध अभी चल रहा है";
    "Appointments fall into this time; move them, or send keep"
        de "In diese Zeit fallen Termine; verschieben Sie sie, oder senden Sie keep"
        fr "Des rendez-vous tombent dans cette période\u{a0}; déplacez-les, ou envoyez keep"
        es "Hay citas en este tiempo; cámbielas o envíe keep"
        hi "इस समय में अपॉइंटमेंट हैं; उन्हें बदलें, या keep भेजें";
    "Another account has this address"
        de "Diese Adresse gehört zu einem anderen Konto"
        fr "Un autre compte a cette adresse"
        es "Otra cuenta tiene esta dirección"
        hi "यह पता किसी और खाते का है";
    "The invitation went to another address. An administrator deletes the account, then invite again"
        de "Die Einladung ging an eine andere Adresse. Die Verwaltung löscht das Konto, dann laden Sie neu ein"
        fr "L'invitation est partie à une autre adresse. L'administration supprime le compte, puis invitez à nouveau"
        es "La invitación se envió a otra dirección. La administración elimina la cuenta; después, invite de nuevo"
        hi "निमंत्रण दूसरे पते पर गया था। प्रशासक खाता हटाएँ, फिर दोबारा निमंत्रण भेजें";
    "The patient has an account"
        de "Die Person hat schon ein Konto"
        fr "Le patient a déjà un compte"
        es "El paciente ya tiene una cuenta"
        hi "रोगी का खाता पहले से है";
};
