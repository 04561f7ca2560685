//! What a patient reads about appointments.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "The clinic does not keep records here yet. Please call the clinic."
        de "Die Klinik führt hier noch keine Akten. Bitte rufen Sie die Klinik an."
        fr "La clinique ne tient pas encore de dossiers ici. Veuillez appeler la clinique."
        es "La clínica todavía no lleva historiales aquí. Llame a la clínica, por favor."
        hi "क्लिनिक यहाँ अभी रिकॉर्ड नहीं रखता। कृपया क्लिनिक को फ़ोन करें।";
    "Loading …"
        de "Wird geladen …"
        fr "Chargement …"
        es "Cargando …"
        hi "लोड हो रहा है …";
    "Try again"
        de "Noch einmal versuchen"
        fr "Réessayer"
        es "Intentarlo de nuevo"
        hi "फिर कोशिश करें";
    "Show more"
        de "Mehr zeigen"
        fr "Afficher plus"
        es "Mostrar más"
        hi "और दिखाएँ";
    "today"
        de "heute"
        fr "aujourd’hui"
        es "hoy"
        hi "आज";
    "tomorrow"
        de "morgen"
        fr "demain"
        es "mañana"
        hi "कल";
    "in {{ n }} days"
        de "in {{ n }} Tagen"
        fr "dans {{ n }} jours"
        es "dentro de {{ n }} días"
        hi "{{ n }} दिन बाद";
    "not confirmed yet"
        de "noch nicht bestätigt"
        fr "pas encore confirmé"
        es "aún sin confirmar"
        hi "अभी पक्की नहीं";
    "confirmed"
        de "bestätigt"
        fr "confirmé"
        es "confirmada"
        hi "पक्की";
    "you are at the clinic"
        de "Sie sind in der Klinik"
        fr "vous êtes à la clinique"
        es "está en la clínica"
        hi "आप क्लिनिक में हैं";
    "over"
        de "vorbei"
        fr "terminé"
        es "terminada"
        hi "पूरी हो चुकी";
    "cancelled"
        de "abgesagt"
        fr "annulé"
        es "anulada"
        hi "रद्द";
    "missed"
        de "verpasst"
        fr "manqué"
        es "no asistió"
        hi "छूट गई";
    "a doctor whom the clinic chooses"
        de "eine Ärztin oder ein Arzt, von der Klinik gewählt"
        fr "un médecin choisi par la clinique"
        es "un médico que elige la clínica"
        hi "क्लिनिक के चुने हुए डॉक्टर";
    "You are at the clinic. Ask at the desk if something has to change."
        de "Sie sind in der Klinik. Wenn sich etwas ändern muss, fragen Sie an der Anmeldung."
        fr "Vous êtes à la clinique. Si quelque chose doit changer, adressez-vous à l’accueil."
        es "Está en la clínica. Si hay que cambiar algo, pregunte en recepción."
        hi "आप क्लिनिक में हैं। अगर कुछ बदलना हो, तो रिसेप्शन पर पूछें।";
    "{{ n }} hour"
        de "{{ n }} Stunde"
        fr "{{ n }} heure"
        es "{{ n }} hora"
        hi "{{ n }} घंटे";
    "{{ n }} hours"
        de "{{ n }} Stunden"
        fr "{{ n }} heures"
        es "{{ n }} horas"
        hi "{{ n }} घंटे";
    "It begins in less than {{ length }}, so it cannot be moved or cancelled here any more. Please call the clinic."
        de "Er beginnt in weniger als {{ length }} und kann hier nicht mehr verschoben oder abgesagt werden. Bitte rufen Sie die Klinik an."
        fr "Il commence dans moins de {{ length }} et ne peut plus être déplacé ni annulé ici. Veuillez appeler la clinique."
        es "Empieza en menos de {{ length }} y ya no se puede cambiar ni anular aquí. Llame a la clínica, por favor."
        hi "यह {{ length }} से कम समय में शुरू होगी, इसलिए यहाँ इसे बदला या रद्द नहीं किया जा सकता। कृपया क्लिनिक को फ़ोन करें।";
    "It has begun, so it cannot be moved or cancelled here any more."
        de "Er hat begonnen und kann hier nicht mehr verschoben oder abgesagt werden."
        fr "Il a commencé et ne peut plus être déplacé ni annulé ici."
        es "Ha empezado y ya no se puede cambiar ni anular aquí."
        hi "यह शुरू हो चुकी है, इसलिए यहाँ इसे बदला या रद्द नहीं किया जा सकता।";
    "To move or cancel it here: until {{ when }}."
        de "Hier verschieben oder absagen: bis {{ when }}."
        fr "Pour le déplacer ou l’annuler ici\u{a0}: jusqu’au {{ when }}."
        es "Para cambiarla o anularla aquí: hasta el {{ when }}."
        hi "यहाँ बदलने या रद्द करने का समय: {{ when }} तक।";
    "You can move or cancel it here until {{ when }}: that is {{ length }} before. Later, please call the clinic."
        de "Sie können ihn hier bis {{ when }} verschieben oder absagen, also bis {{ length }} vorher. Danach rufen Sie bitte die Klinik an."
        fr "Vous pouvez le déplacer ou l’annuler ici jusqu’au {{ when }}, soit {{ length }} avant. Plus tard, veuillez appeler la clinique."
        es "Puede cambiarla o anularla aquí hasta el {{ when }}, es decir, {{ length }} antes. Más tarde, llame a la clínica, por favor."
        hi "आप इसे यहाँ {{ when }} तक बदल या रद्द कर सकते हैं, यानी {{ length }} पहले तक। उसके बाद कृपया क्लिनिक को फ़ोन करें।";
    "You can move or cancel it here until it begins."
        de "Sie können ihn hier verschieben oder absagen, bis er beginnt."
        fr "Vous pouvez le déplacer ou l’annuler ici jusqu’à son début."
        es "Puede cambiarla o anularla aquí hasta que empiece."
        hi "शुरू होने तक आप इसे यहाँ बदल या रद्द कर सकते हैं।";
    "About"
        de "Worum es geht"
        fr "Sujet"
        es "Asunto"
        hi "विषय";
    "For the doctor"
        de "Vorab zu wissen"
        fr "Pour le médecin"
        es "Para el médico"
        hi "डॉक्टर के लिए";
    "Move {{ when }}"
        de "{{ when }} verschieben"
        fr "Déplacer {{ when }}"
        es "Cambiar {{ when }}"
        hi "{{ when }} को बदलें";
    "Move …"
        de "Verschieben …"
        fr "Déplacer …"
        es "Cambiar …"
        hi "बदलें …";
    "Cancel {{ when }}"
        de "{{ when }} absagen"
        fr "Annuler {{ when }}"
        es "Anular {{ when }}"
        hi "{{ when }} को रद्द करें";
    "Cancel …"
        de "Absagen …"
        fr "Annuler …"
        es "Anular …"
        hi "रद्द करें …";
    "The time is free for others at once."
        de "Die Zeit ist sofort für andere frei."
        fr "L’heure est aussitôt libre pour d’autres."
        es "La hora queda libre para otros en el acto."
        hi "यह समय तुरंत दूसरों के लिए खाली हो जाएगा।";
    "Your appointment is cancelled."
        de "Ihr Termin ist abgesagt."
        fr "Votre rendez-vous est annulé."
        es "Su cita está anulada."
        hi "आपकी अपॉइंटमेंट रद्द हो गई है।";
    "It was not cancelled: it has changed meanwhile, or it is too late for that here. Below it stands as it is now. If it has to change, please call the clinic."
        de "Er wurde nicht abgesagt: Er hat sich inzwischen geändert, oder es ist hier zu spät dafür. Unten steht er, wie er jetzt ist. Wenn er sich ändern muss, rufen Sie bitte die Klinik an."
        fr "Il n’a pas été annulé\u{a0}: il a changé entre-temps, ou il est trop tard pour cela ici. Il figure ci-dessous tel qu’il est maintenant. S’il doit changer, veuillez appeler la clinique."
        es "No se ha anulado: entretanto es otra, o aquí ya es demasiado tarde. Abajo está como es ahora. Si tiene que cambiarla, llame a la clínica, por favor."
        hi "यह रद्द नहीं हुई: इस बीच इसमें बदलाव हुआ है, या यहाँ इसके लिए बहुत देर हो चुकी है। नीचे यह अभी की स्थिति में है। अगर इसे बदलना ज़रूरी है, तो कृपया क्लिनिक को फ़ोन करें।";
    "Book another appointment"
        de "Weiteren Termin buchen"
        fr "Réserver un autre rendez-vous"
        es "Reservar otra cita"
        hi "एक और अपॉइंटमेंट बुक करें";
    "You have no appointment."
        de "Sie haben keinen Termin."
        fr "Vous n’avez pas de rendez-vous."
        es "No tiene ninguna cita."
        hi "आपकी कोई अपॉइंटमेंट नहीं है।";
    "After that"
        de "Danach"
        fr "Ensuite"
        es "Después"
        hi "उसके बाद";
    "Nothing in the last 12 months."
        de "Nichts in den letzten 12 Monaten."
        fr "Rien au cours des 12 derniers mois."
        es "Nada en los últimos 12 meses."
        hi "पिछले 12 महीनों में कुछ नहीं।";
    "Cancel this appointment?"
        de "Diesen Termin absagen?"
        fr "Annuler ce rendez-vous\u{a0}?"
        es "¿Anular esta cita?"
        hi "यह अपॉइंटमेंट रद्द करनी है?";
    "Why? (optional)"
        de "Warum? (freiwillig)"
        fr "Pourquoi\u{a0}? (facultatif)"
        es "¿Por qué? (opcional)"
        hi "क्यों? (वैकल्पिक)";
    "The clinic reads it."
        de "Die Klinik liest es."
        fr "La clinique le lit."
        es "Lo lee la clínica."
        hi "क्लिनिक इसे पढ़ता है।";
    "Keep it"
        de "Behalten"
        fr "Le garder"
        es "Mantenerla"
        hi "इसे रखें";
    "Cancel the appointment"
        de "Termin absagen"
        fr "Annuler le rendez-vous"
        es "Anular la cita"
        hi "अपॉइंटमेंट रद्द करें";
};
