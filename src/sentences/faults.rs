//! What validation errors say. Those that only operators of an import or of schedules meet stay English.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "This field is required"
        de "Dieses Feld ist nötig"
        fr "Ce champ est obligatoire"
        es "Este campo es obligatorio"
        hi "यह फ़ील्ड ज़रूरी है";
    "This field must not be null"
        de "Dieses Feld darf nicht null sein"
        fr "Ce champ ne doit pas être null"
        es "Este campo no debe ser null"
        hi "यह फ़ील्ड null नहीं हो सकता";
    "This field is not known here"
        de "Dieses Feld ist hier nicht bekannt"
        fr "Ce champ n’est pas connu ici"
        es "Este campo no se conoce aquí"
        hi "यह फ़ील्ड यहाँ मान्य नहीं है";
    "This field is given more than once"
        de "Dieses Feld ist mehrmals angegeben"
        fr "Ce champ est donné plusieurs fois"
        es "Este campo aparece más de una vez"
        hi "यह फ़ील्ड एक से ज़्यादा बार दिया गया है";
    "This field does not belong to your user type"
        de "Dieses Feld gehört nicht zu Ihrer Art von Konto"
        fr "Ce champ ne concerne pas votre type de compte"
        es "Este campo no corresponde a su tipo de cuenta"
        hi "यह फ़ील्ड आपके खाते के प्रकार का नहीं है";
    "This parameter is not known here"
        de "Dieser Parameter ist hier nicht bekannt"
        fr "Ce paramètre n’est pas connu ici"
        es "Este parámetro no se conoce aquí"
        hi "यह पैरामीटर यहाँ मान्य नहीं है";
    "This is not one of the allowed values"
        de "Dies ist kein erlaubter Wert"
        fr "Ce n’est pas une valeur autorisée"
        es "No es uno de los valores permitidos"
        hi "यह मान्य मानों में से नहीं है";
    "This must be a number"
        de "Hier muss eine Zahl stehen"
        fr "Ce doit être un nombre"
        es "Debe ser un número"
        hi "यह संख्या होनी चाहिए";
    "This must be a string"
        de "Hier muss ein Text stehen"
        fr "Ce doit être un texte"
        es "Debe ser un texto"
        hi "यह टेक्स्ट होना चाहिए";
    "This must be a whole number"
        de "Hier muss eine ganze Zahl stehen"
        fr "Ce doit être un nombre entier"
        es "Debe ser un número entero"
        hi "यह पूर्ण संख्या होनी चाहिए";
    "This must be an array"
        de "Hier muss eine Liste stehen"
        fr "Ce doit être une liste"
        es "Debe ser una lista"
        hi "यह सूची होनी चाहिए";
    "This must be an object"
        de "Hier muss ein Objekt stehen"
        fr "Ce doit être un objet"
        es "Debe ser un objeto"
        hi "यह ऑब्जेक्ट होना चाहिए";
    "This must be true or false"
        de "Hier muss true oder false stehen"
        fr "Ce doit être true ou false"
        es "Debe ser true o false"
        hi "यह true या false होना चाहिए";
    "The value is not valid"
        de "Der Wert ist nicht gültig"
        fr "La valeur n’est pas valable"
        es "El valor no es válido"
        hi "मान सही नहीं है";
    "The body cannot be read"
        de "Der Inhalt kann nicht gelesen werden"
        fr "Le contenu ne peut pas être lu"
        es "No se puede leer el contenido"
        hi "सामग्री पढ़ी नहीं जा सकती";
    "The body is not valid"
        de "Der Inhalt ist nicht gültig"
        fr "Le contenu n’est pas valable"
        es "El contenido no es válido"
        hi "सामग्री मान्य नहीं है";
    "The body is not a valid form"
        de "Der Inhalt ist kein gültiges Formular"
        fr "Le contenu n’est pas un formulaire valable"
        es "El contenido no es un formulario válido"
        hi "सामग्री मान्य फ़ॉर्म नहीं है";
    "The body is not valid JSON, or names a field twice"
        de "Der Inhalt ist kein gültiges JSON oder nennt ein Feld zweimal"
        fr "Le contenu n’est pas du JSON valable, ou nomme deux fois un champ"
        es "El contenido no es JSON válido o nombra un campo dos veces"
        hi "सामग्री मान्य JSON नहीं है, या कोई फ़ील्ड दो बार है";
    "The body must be a JSON object"
        de "Der Inhalt muss ein JSON-Objekt sein"
        fr "Le contenu doit être un objet JSON"
        es "El contenido debe ser un objeto JSON"
        hi "सामग्री JSON ऑब्जेक्ट होनी चाहिए";
    "At least one field is required"
        de "Mindestens ein Feld ist nötig"
        fr "Au moins un champ est obligatoire"
        es "Hace falta al menos un campo"
        hi "कम से कम एक फ़ील्ड ज़रूरी है";
    "Invalid user type"
        de "Die Art des Kontos ist nicht gültig"
        fr "Le type de compte n’est pas valable"
        es "El tipo de cuenta no es válido"
        hi "खाते का प्रकार मान्य नहीं है";
    "Must be an e-mail address"
        de "Muss eine E-Mail-Adresse sein"
        fr "Doit être une adresse e-mail"
        es "Debe ser una dirección de correo"
        hi "यह ई-मेल पता होना चाहिए";
    "Must be a telephone number: {{ n }} to {{ m }} digits, with blanks, dashes, dots, slashes and parentheses, after a + if any"
        de "Muss eine Telefonnummer sein: {{ n }} bis {{ m }} Ziffern, mit Leerzeichen, Strichen, Punkten, Schrägstrichen und Klammern, davor vielleicht ein +"
        fr "Doit être un numéro de téléphone\u{a0}: {{ n }} à {{ m }} chiffres, avec espaces, tirets, points, barres et parenthèses, éventuellement après un +"
        es "Debe ser un número de teléfono: de {{ n }} a {{ m }} cifras, con espacios, guiones, puntos, barras y paréntesis, quizá después de un +"
        hi "यह फ़ोन नंबर होना चाहिए: {{ n }} से {{ m }} अंक, खाली जगह, डैश, बिंदु, स्लैश और कोष्ठक के साथ, पहले + हो सकता है";
    "Must be a date written YYYY-MM-DD"
        de "Muss ein Datum der Form JJJJ-MM-TT sein"
        fr "Doit être une date de la forme AAAA-MM-JJ"
        es "Debe ser una fecha de la forma AAAA-MM-DD"
        hi "यह YYYY-MM-DD के रूप में तारीख होनी चाहिए";
    "Must be a time of RFC {{ n }}, or a day written YYYY-MM-DD"
        de "Muss eine Zeit nach RFC {{ n }} oder ein Tag der Form JJJJ-MM-TT sein"
        fr "Doit être une heure selon la RFC {{ n }}, ou un jour de la forme AAAA-MM-JJ"
        es "Debe ser una hora según RFC {{ n }} o un día de la forma AAAA-MM-DD"
        hi "यह RFC {{ n }} का समय, या YYYY-MM-DD के रूप में दिन होना चाहिए";
    "Must not be before {{ n }}"
        de "Darf nicht vor {{ n }} liegen"
        fr "Ne doit pas être avant {{ n }}"
        es "No debe ser anterior a {{ n }}"
        hi "यह {{ n }} से पहले का नहीं हो सकता";
    "Must not be in the future"
        de "Darf nicht in der Zukunft liegen"
        fr "Ne doit pas être dans l’avenir"
        es "No debe estar en el futuro"
        hi "यह भविष्य का नहीं हो सकता";
    "Must not be in the past"
        de "Darf nicht in der Vergangenheit liegen"
        fr "Ne doit pas être dans le passé"
        es "No debe estar en el pasado"
        hi "यह बीते समय का नहीं हो सकता";
    "Must not be empty"
        de "Darf nicht leer sein"
        fr "Ne doit pas être vide"
        es "No debe estar vacío"
        hi "यह खाली नहीं हो सकता";
    "Must not contain control characters"
        de "Darf keine Steuerzeichen enthalten"
        fr "Ne doit pas contenir de caractères de contrôle"
        es "No debe contener caracteres de control"
        hi "इसमें नियंत्रण वर्ण नहीं हो सकते";
    "Must not contain control characters or marks that change the direction of writing"
        de "Darf keine Steuerzeichen und keine Zeichen für die Schreibrichtung enthalten"
        fr "Ne doit contenir ni caractères de contrôle ni marques de sens d’écriture"
        es "No debe contener caracteres de control ni marcas de dirección de escritura"
        hi "इसमें नियंत्रण वर्ण या लिखने की दिशा बदलने वाले चिह्न नहीं हो सकते";
    "Must have at most {{ n }} characters"
        de "Darf höchstens {{ n }} Zeichen haben"
        fr "Doit avoir au plus {{ n }} caractères"
        es "Debe tener como máximo {{ n }} caracteres"
        hi "इसमें ज़्यादा से ज़्यादा {{ n }} वर्ण हो सकते हैं";
    "Must have at least {{ n }} characters"
        de "Muss mindestens {{ n }} Zeichen haben"
        fr "Doit avoir au moins {{ n }} caractères"
        es "Debe tener al menos {{ n }} caracteres"
        hi "इसमें कम से कम {{ n }} वर्ण होने चाहिए";
    "Must have at most {{ n }} characters, {{ m }} of them before the @"
        de "Darf höchstens {{ n }} Zeichen haben, davon {{ m }} vor dem @"
        fr "Doit avoir au plus {{ n }} caractères, dont {{ m }} avant le @"
        es "Debe tener como máximo {{ n }} caracteres, {{ m }} de ellos antes de la @"
        hi "इसमें ज़्यादा से ज़्यादा {{ n }} वर्ण हो सकते हैं, जिनमें से {{ m }} @ से पहले";
    "Must have at most {{ n }} entries"
        de "Darf höchstens {{ n }} Einträge haben"
        fr "Doit avoir au plus {{ n }} entrées"
        es "Debe tener como máximo {{ n }} entradas"
        hi "इसमें ज़्यादा से ज़्यादा {{ n }} प्रविष्टियाँ हो सकती हैं";
    "Must have {{ n }} to {{ m }} characters: letters a to z, digits, dot, underscore or hyphen"
        de "Muss {{ n }} bis {{ m }} Zeichen haben: Buchstaben a bis z, Ziffern, Punkt, Unterstrich oder Bindestrich"
        fr "Doit avoir de {{ n }} à {{ m }} caractères\u{a0}: lettres a à z, chiffres, point, tiret bas ou trait d’union"
        es "Debe tener de {{ n }} a {{ m }} caracteres: letras de la a a la z, cifras, punto, guion bajo o guion"
        hi "इसमें {{ n }} से {{ m }} वर्ण होने चाहिए: a से z तक के अक्षर, अंक, बिंदु, अंडरस्कोर या हाइफ़न";
    "This username is reserved"
        de "Dieser Benutzername ist vergeben"
        fr "Ce nom d’utilisateur est réservé"
        es "Este nombre de usuario está reservado"
        hi "यह यूज़रनेम आरक्षित है";
    "At most {{ n }} characters"
        de "Höchstens {{ n }} Zeichen"
        fr "Au plus {{ n }} caractères"
        es "Como máximo {{ n }} caracteres"
        hi "ज़्यादा से ज़्यादा {{ n }} वर्ण";
    "The two passwords are not the same"
        de "Die beiden Passwörter sind nicht gleich"
        fr "Les deux mots de passe ne sont pas identiques"
        es "Las dos contraseñas no son iguales"
        hi "दोनों पासवर्ड एक जैसे नहीं हैं";
    "The password must have at least {{ n }} characters"
        de "Das Passwort muss mindestens {{ n }} Zeichen haben"
        fr "Le mot de passe doit avoir au moins {{ n }} caractères"
        es "La contraseña debe tener al menos {{ n }} caracteres"
        hi "पासवर्ड में कम से कम {{ n }} वर्ण होने चाहिए";
    "The password must have at most {{ n }} characters"
        de "Das Passwort darf höchstens {{ n }} Zeichen haben"
        fr "Le mot de passe doit avoir au plus {{ n }} caractères"
        es "La contraseña debe tener como máximo {{ n }} caracteres"
        hi "पासवर्ड में ज़्यादा से ज़्यादा {{ n }} वर्ण हो सकते हैं";
    "The password has too few characters"
        de "Das Passwort hat zu wenige Zeichen"
        fr "Le mot de passe a trop peu de caractères"
        es "La contraseña tiene muy pocos caracteres"
        hi "पासवर्ड में बहुत कम वर्ण हैं";
    "The password must contain an upper-case letter and a digit"
        de "Das Passwort muss einen Großbuchstaben und eine Ziffer enthalten"
        fr "Le mot de passe doit contenir une majuscule et un chiffre"
        es "La contraseña debe contener una mayúscula y una cifra"
        hi "पासवर्ड में एक बड़ा अक्षर और एक अंक होना चाहिए";
    "The password must not be made from your name, username, email, mobile number or user id, nor from the name of this service"
        de "Das Passwort darf nicht aus Ihrem Namen, Benutzernamen, Ihrer E-Mail-Adresse, Mobilnummer oder Benutzernummer und nicht aus dem Namen dieses Dienstes gebildet sein"
        fr "Le mot de passe ne doit pas être formé de votre nom, nom d’utilisateur, e-mail, numéro de mobile ou identifiant, ni du nom de ce service"
        es "La contraseña no debe formarse con su nombre, nombre de usuario, correo, móvil o número de usuario, ni con el nombre de este servicio"
        hi "पासवर्ड आपके नाम, यूज़रनेम, ई-मेल, मोबाइल नंबर, यूज़र आईडी या इस सेवा के नाम से नहीं बना होना चाहिए";
    "This password is among the most common ones; choose another"
        de "Dieses Passwort gehört zu den häufigsten; wählen Sie ein anderes"
        fr "Ce mot de passe est parmi les plus courants\u{a0}; choisissez-en un autre"
        es "Esta contraseña está entre las más comunes; elija otra"
        hi "यह पासवर्ड बहुत आम है; कोई दूसरा चुनें";
    "This password is known from a data breach; choose another"
        de "Dieses Passwort ist aus einem Datenleck bekannt; wählen Sie ein anderes"
        fr "Ce mot de passe est connu d’une fuite de données\u{a0}; choisissez-en un autre"
        es "Esta contraseña se conoce por una filtración de datos; elija otra"
        hi "यह पासवर्ड डेटा चोरी में सामने आ चुका है; कोई दूसरा चुनें";
    "Either email and otp, or token, but not both"
        de "Entweder email und otp oder token, aber nicht beides"
        fr "Soit email et otp, soit token, mais pas les deux"
        es "O email y otp, o token, pero no ambos"
        hi "या तो email और otp, या token, पर दोनों नहीं";
    "Either otp, or token, but not both"
        de "Entweder otp oder token, aber nicht beides"
        fr "Soit otp, soit token, mais pas les deux"
        es "O otp o token, pero no ambos"
        hi "या तो otp, या token, पर दोनों नहीं";
    "Either full_name, or first_name and last_name"
        de "Entweder full_name oder first_name und last_name"
        fr "Soit full_name, soit first_name et last_name"
        es "O full_name, o first_name y last_name"
        hi "या तो full_name, या first_name और last_name";
    "Exactly one of username and email is needed"
        de "Genau eines von username und email ist nötig"
        fr "Il faut soit username, soit email"
        es "Hace falta username o email, uno solo"
        hi "username और email में से ठीक एक ज़रूरी है";
    "Exactly one of totp_code, recovery_code and passkey is needed"
        de "Genau eines von totp_code, recovery_code und passkey ist nötig"
        fr "Il faut exactement l’un de totp_code, recovery_code et passkey"
        es "Hace falta exactamente uno de totp_code, recovery_code y passkey"
        hi "totp_code, recovery_code और passkey में से ठीक एक ज़रूरी है";
    "Either password, with a code if there is a factor, or challenge_id and passkey are needed"
        de "Nötig ist entweder password, mit einem Code bei einem zweiten Faktor, oder challenge_id und passkey"
        fr "Il faut soit password, avec un code s’il y a un facteur, soit challenge_id et passkey"
        es "Hace falta password, con un código si hay un factor, o challenge_id y passkey"
        hi "या तो password (फ़ैक्टर होने पर कोड के साथ), या challenge_id और passkey ज़रूरी हैं";
    "This is not what a browser answers for a passkey"
        de "Das ist nicht, was ein Browser für einen Passkey antwortet"
        fr "Ce n’est pas la réponse d’un navigateur pour une clé d’accès"
        es "No es lo que responde un navegador para una llave de acceso"
        hi "पासकी के लिए ब्राउज़र ऐसा उत्तर नहीं देता";
    "This is the address that you have"
        de "Diese Adresse haben Sie schon"
        fr "C’est déjà votre adresse"
        es "Esta es la dirección que ya tiene"
        hi "यह आपका मौजूदा पता ही है";
    "Must be a number from {{ n }} to {{ m }}"
        de "Muss eine Zahl von {{ n }} bis {{ m }} sein"
        fr "Doit être un nombre de {{ n }} à {{ m }}"
        es "Debe ser un número de {{ n }} a {{ m }}"
        hi "यह {{ n }} से {{ m }} तक की संख्या होनी चाहिए";
    "Must be a whole number from {{ n }} to {{ m }}"
        de "Muss eine ganze Zahl von {{ n }} bis {{ m }} sein"
        fr "Doit être un nombre entier de {{ n }} à {{ m }}"
        es "Debe ser un número entero de {{ n }} a {{ m }}"
        hi "यह {{ n }} से {{ m }} तक की पूर्ण संख्या होनी चाहिए";
    "Must be the next_cursor of another page"
        de "Muss der next_cursor einer anderen Seite sein"
        fr "Doit être le next_cursor d’une autre page"
        es "Debe ser el next_cursor de otra página"
        hi "यह किसी दूसरे पेज का next_cursor होना चाहिए";
    "Must be one of the times that the doctor offers"
        de "Muss eine der angebotenen Zeiten sein"
        fr "Doit être l’une des heures que le médecin propose"
        es "Debe ser una de las horas que ofrece el médico"
        hi "यह डॉक्टर के दिए हुए समयों में से होना चाहिए";
    "Must not be further ahead than the doctor allows"
        de "Liegt weiter voraus, als hier gebucht werden kann"
        fr "Ne doit pas être plus lointain que le médecin ne le permet"
        es "No debe ser más lejano de lo que permite el médico"
        hi "यह उससे आगे का नहीं हो सकता जितने की डॉक्टर ने अनुमति दी है";
    "Must not begin sooner than the doctor allows"
        de "Beginnt früher, als hier gebucht werden kann"
        fr "Ne doit pas commencer plus tôt que le médecin ne le permet"
        es "No debe empezar antes de lo que permite el médico"
        hi "यह डॉक्टर की अनुमति से पहले शुरू नहीं हो सकता";
    "Must be later than from"
        de "Muss nach from liegen"
        fr "Doit être après from"
        es "Debe ser posterior a from"
        hi "यह from के बाद का होना चाहिए";
    "Must end after it begins"
        de "Muss enden, nachdem es beginnt"
        fr "Doit se terminer après avoir commencé"
        es "Debe terminar después de empezar"
        hi "इसका अंत शुरुआत के बाद होना चाहिए";
    "Must not be longer than {{ n }} hours"
        de "Darf nicht länger als {{ n }} Stunden sein"
        fr "Ne doit pas durer plus de {{ n }} heures"
        es "No debe durar más de {{ n }} horas"
        hi "यह {{ n }} घंटे से लंबा नहीं हो सकता";
    "Must be at most {{ n }} days after from"
        de "Darf höchstens {{ n }} Tage nach from liegen"
        fr "Doit être au plus {{ n }} jours après from"
        es "Debe ser como máximo {{ n }} días después de from"
        hi "यह from के ज़्यादा से ज़्यादा {{ n }} दिन बाद हो सकता है";
    "Must be a multiple of {{ n }}, from {{ m }} to 480"
        de "Muss ein Vielfaches von {{ n }} sein, von {{ m }} bis 480"
        fr "Doit être un multiple de {{ n }}, de {{ m }} à 480"
        es "Debe ser un múltiplo de {{ n }}, de {{ m }} a 480"
        hi "यह {{ n }} का गुणज होना चाहिए, {{ m }} से 480 तक";
    "Must have {{ n }} to {{ m }} visible ASCII characters"
        de "Muss {{ n }} bis {{ m }} sichtbare ASCII-Zeichen haben"
        fr "Doit avoir de {{ n }} à {{ m }} caractères ASCII visibles"
        es "Debe tener de {{ n }} a {{ m }} caracteres ASCII visibles"
        hi "इसमें {{ n }} से {{ m }} दिखने वाले ASCII वर्ण होने चाहिए";
    "Clocks are put forward over this local time, so it does not exist"
        de "Diese Ortszeit gibt es nicht, weil die Uhren dann vorgestellt werden"
        fr "Cette heure locale n’existe pas, car les horloges sont alors avancées"
        es "Esta hora local no existe, porque entonces se adelantan los relojes"
        hi "यह स्थानीय समय होता ही नहीं, क्योंकि तब घड़ियाँ आगे की जाती हैं";
    "Say for which patient it is"
        de "Sagen Sie, für wen es ist"
        fr "Dites pour quel patient"
        es "Indique para qué paciente es"
        hi "बताएँ कि यह किस रोगी के लिए है";
};
