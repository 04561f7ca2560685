//! What answers about accounts say: the sentences beside `message`.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "Patient registered successfully. Please verify the OTP sent to your email."
        de "Sie sind registriert. Bitte bestätigen Sie den Code, den wir Ihnen per E-Mail gesendet haben."
        fr "Votre inscription est enregistrée. Veuillez saisir le code envoyé à votre adresse e-mail."
        es "Se ha registrado. Confirme, por favor, el código enviado a su correo."
        hi "आपका रजिस्ट्रेशन हो गया है। कृपया ई-मेल से भेजे गए कोड की पुष्टि करें।";
    "Doctor registered successfully. Please verify the OTP sent to your email."
        de "Sie sind als Ärztin oder Arzt registriert. Bitte bestätigen Sie den Code, den wir Ihnen per E-Mail gesendet haben."
        fr "Votre inscription comme médecin est enregistrée. Veuillez saisir le code envoyé à votre adresse e-mail."
        es "Se ha registrado como médico. Confirme, por favor, el código enviado a su correo."
        hi "डॉक्टर के रूप में आपका रजिस्ट्रेशन हो गया है। कृपया ई-मेल से भेजे गए कोड की पुष्टि करें।";
    "OTP sent successfully"
        de "Der Code ist gesendet"
        fr "Le code a été envoyé"
        es "El código se ha enviado"
        hi "कोड भेज दिया गया है";
    "Email verified successfully"
        de "Ihre E-Mail-Adresse ist bestätigt"
        fr "Votre adresse e-mail est confirmée"
        es "Su dirección de correo está confirmada"
        hi "आपके ई-मेल पते की पुष्टि हो गई है";
    "Email verified successfully. Choose your password by the link that we sent to your email."
        de "Ihre E-Mail-Adresse ist bestätigt. Wählen Sie Ihr Passwort über den Link, den wir Ihnen per E-Mail gesendet haben."
        fr "Votre adresse e-mail est confirmée. Choisissez votre mot de passe avec le lien que nous vous avons envoyé par e-mail."
        es "Su dirección de correo está confirmada. Elija su contraseña con el enlace que le hemos enviado por correo."
        hi "आपके ई-मेल पते की पुष्टि हो गई है। हमने ई-मेल से जो लिंक भेजा है, उससे अपना पासवर्ड चुनें।";
    "Email verified successfully. You can log in once an administrator has approved your account."
        de "Ihre E-Mail-Adresse ist bestätigt. Sie können sich anmelden, sobald die Verwaltung Ihr Konto genehmigt hat."
        fr "Votre adresse e-mail est confirmée. Vous pourrez vous connecter dès que l’administration aura approuvé votre compte."
        es "Su dirección de correo está confirmada. Podrá iniciar sesión en cuanto la administración haya aprobado su cuenta."
        hi "आपके ई-मेल पते की पुष्टि हो गई है। प्रशासक की स्वीकृति मिलते ही आप लॉग इन कर सकते हैं।";
    "Email verified successfully. You can log in."
        de "Ihre E-Mail-Adresse ist bestätigt. Sie können sich anmelden."
        fr "Votre adresse e-mail est confirmée. Vous pouvez vous connecter."
        es "Su dirección de correo está confirmada. Puede iniciar sesión."
        hi "आपके ई-मेल पते की पुष्टि हो गई है। आप लॉग इन कर सकते हैं।";
    "Login successful"
        de "Sie sind angemeldet"
        fr "Vous êtes connecté"
        es "Ha iniciado sesión"
        hi "आप लॉग इन हो गए हैं";
    "Logged out"
        de "Abgemeldet"
        fr "Déconnecté"
        es "Sesión cerrada"
        hi "लॉग आउट हो गया";
    "Logged out {{ n }} sessions"
        de "Abgemeldete Sitzungen: {{ n }}"
        fr "Sessions déconnectées\u{a0}: {{ n }}"
        es "Sesiones cerradas: {{ n }}"
        hi "लॉग आउट किए गए सत्र: {{ n }}";
    "Active sessions"
        de "Aktive Sitzungen"
        fr "Sessions actives"
        es "Sesiones activas"
        hi "चालू सत्र";
    "Session ended"
        de "Die Sitzung ist beendet"
        fr "La session est terminée"
        es "La sesión ha terminado"
        hi "सत्र समाप्त हो गया है";
    "Token is valid"
        de "Das Token gilt"
        fr "Le jeton est valable"
        es "El token es válido"
        hi "टोकन मान्य है";
    "Token refreshed"
        de "Das Token ist erneuert"
        fr "Le jeton est renouvelé"
        es "El token se ha renovado"
        hi "टोकन का नवीनीकरण हो गया है";
    "It is you"
        de "Sie sind es"
        fr "C’est bien vous"
        es "Es usted"
        hi "यह आप ही हैं";
    "Confirm that it is you"
        de "Bestätigen Sie, dass Sie es sind"
        fr "Confirmez que c’est bien vous"
        es "Confirme que es usted"
        hi "पुष्टि करें कि यह आप ही हैं";
    "Password reset OTP sent to your email"
        de "Wenn die Adresse zu einem Konto gehört, ist ein Code zum Zurücksetzen des Passworts unterwegs"
        fr "Si l’adresse correspond à un compte, un code pour réinitialiser le mot de passe est en route"
        es "Si la dirección pertenece a una cuenta, un código para restablecer la contraseña está en camino"
        hi "अगर यह पता किसी खाते का है, तो पासवर्ड रीसेट करने का कोड भेज दिया गया है";
    "Password reset successfully"
        de "Das Passwort ist zurückgesetzt"
        fr "Le mot de passe a été réinitialisé"
        es "La contraseña se ha restablecido"
        hi "पासवर्ड रीसेट हो गया है";
    "Password changed successfully"
        de "Das Passwort ist geändert"
        fr "Le mot de passe a été modifié"
        es "La contraseña se ha cambiado"
        hi "पासवर्ड बदल गया है";
    "Profile"
        de "Profil"
        fr "Profil"
        es "Perfil"
        hi "प्रोफ़ाइल";
    "Profile updated"
        de "Das Profil ist geändert"
        fr "Le profil a été modifié"
        es "El perfil se ha cambiado"
        hi "प्रोफ़ाइल बदल गई है";
    "Second factors"
        de "Zweite Faktoren"
        fr "Seconds facteurs"
        es "Segundos factores"
        hi "दूसरे फ़ैक्टर";
    "Second factor added"
        de "Der zweite Faktor ist hinzugefügt"
        fr "Le second facteur a été ajouté"
        es "Se ha añadido el segundo factor"
        hi "दूसरा फ़ैक्टर जोड़ दिया गया है";
    "Scan the code, then confirm it by its first six digits"
        de "Scannen Sie den Code, und bestätigen Sie ihn dann mit den ersten sechs Ziffern"
        fr "Scannez le code, puis confirmez-le par ses six premiers chiffres"
        es "Escanee el código y confírmelo con sus primeras seis cifras"
        hi "कोड स्कैन करें, फिर उसके पहले छह अंकों से पुष्टि करें";
    "Authenticator app removed"
        de "Die Authenticator-App ist entfernt"
        fr "L’application d’authentification a été retirée"
        es "Se ha quitado la aplicación de autenticación"
        hi "ऑथेंटिकेटर ऐप हटा दिया गया है";
    "New recovery codes"
        de "Neue Wiederherstellungscodes"
        fr "Nouveaux codes de récupération"
        es "Nuevos códigos de recuperación"
        hi "नए रिकवरी कोड";
    "Forgot {{ n }} devices"
        de "Vergessene Geräte: {{ n }}"
        fr "Appareils oubliés\u{a0}: {{ n }}"
        es "Dispositivos olvidados: {{ n }}"
        hi "भुलाए गए डिवाइस: {{ n }}";
    "Ask the browser for the passkey"
        de "Fragen Sie den Browser nach dem Passkey"
        fr "Demandez la clé d’accès au navigateur"
        es "Pida la llave de acceso al navegador"
        hi "ब्राउज़र से पासकी माँगें";
    "Passkey renamed"
        de "Der Passkey ist umbenannt"
        fr "La clé d’accès a été renommée"
        es "Se ha cambiado el nombre de la llave de acceso"
        hi "पासकी का नाम बदल दिया गया है";
    "Passkey removed"
        de "Der Passkey ist entfernt"
        fr "La clé d’accès a été retirée"
        es "Se ha quitado la llave de acceso"
        hi "पासकी हटा दी गई है";
    "Confirmation sent to the new address"
        de "Die Bestätigung ist an die neue Adresse gesendet"
        fr "La confirmation a été envoyée à la nouvelle adresse"
        es "La confirmación se ha enviado a la dirección nueva"
        hi "पुष्टि का कोड नए पते पर भेज दिया गया है";
    "Confirmation sent to your address"
        de "Die Bestätigung ist an Ihre Adresse gesendet"
        fr "La confirmation a été envoyée à votre adresse"
        es "La confirmación se ha enviado a su dirección"
        hi "पुष्टि का लिंक आपके पते पर भेज दिया गया है";
    "Your e-mail address is changed"
        de "Ihre E-Mail-Adresse ist geändert"
        fr "Votre adresse e-mail a été modifiée"
        es "Su dirección de correo se ha cambiado"
        hi "आपका ई-मेल पता बदल गया है";
    "Your e-mail address is restored"
        de "Ihre E-Mail-Adresse ist wiederhergestellt"
        fr "Votre adresse e-mail a été rétablie"
        es "Su dirección de correo se ha restablecido"
        hi "आपका पुराना ई-मेल पता लौट आया है";
    "Your account is closed"
        de "Ihr Konto ist geschlossen"
        fr "Votre compte est fermé"
        es "Su cuenta está cerrada"
        hi "आपका खाता बंद हो गया है";
    "Your account stays"
        de "Ihr Konto bleibt"
        fr "Votre compte est conservé"
        es "Su cuenta se conserva"
        hi "आपका खाता बना रहेगा";
    "What is stored about you"
        de "Was über Sie gespeichert ist"
        fr "Ce qui est enregistré sur vous"
        es "Lo que se guarda sobre usted"
        hi "आपके बारे में रखी गई जानकारी";
    "Users"
        de "Konten"
        fr "Comptes"
        es "Cuentas"
        hi "खाते";
    "User"
        de "Konto"
        fr "Compte"
        es "Cuenta"
        hi "खाता";
    "User updated"
        de "Das Konto ist geändert"
        fr "Le compte a été modifié"
        es "La cuenta se ha cambiado"
        hi "खाता बदल दिया गया है";
    "User deleted"
        de "Das Konto ist gelöscht"
        fr "Le compte a été supprimé"
        es "La cuenta se ha eliminado"
        hi "खाता हटा दिया गया है";
    "User unlocked"
        de "Das Konto ist entsperrt"
        fr "Le compte a été déverrouillé"
        es "La cuenta se ha desbloqueado"
        hi "खाते का लॉक खोल दिया गया है";
    "User invited by email"
        de "Die Einladung ist per E-Mail gesendet"
        fr "L’invitation a été envoyée par e-mail"
        es "La invitación se ha enviado por correo"
        hi "ई-मेल से न्योता भेज दिया गया है";
    "Password reset sent"
        de "Der Link zum Zurücksetzen ist gesendet"
        fr "Le lien de réinitialisation a été envoyé"
        es "El enlace para restablecer se ha enviado"
        hi "रीसेट का लिंक भेज दिया गया है";
    "Second factors reset"
        de "Die zweiten Faktoren sind entfernt"
        fr "Les seconds facteurs ont été retirés"
        es "Se han quitado los segundos factores"
        hi "दूसरे फ़ैक्टर हटा दिए गए हैं";
    "Pending users"
        de "Offene Registrierungen"
        fr "Inscriptions en attente"
        es "Registros pendientes"
        hi "लंबित रजिस्ट्रेशन";
    "Pending user removed"
        de "Die Registrierung ist entfernt"
        fr "L’inscription a été retirée"
        es "Se ha quitado el registro"
        hi "रजिस्ट्रेशन हटा दिया गया है";
    "Audit log"
        de "Prüfprotokoll"
        fr "Journal d’audit"
        es "Registro de auditoría"
        hi "ऑडिट लॉग";
    "Collections"
        de "Sammlungen"
        fr "Collections"
        es "Colecciones"
        hi "संग्रह";
};
