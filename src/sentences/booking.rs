//! What a patient reads while booking and moving.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "Book an appointment"
        de "Termin buchen"
        fr "Réserver un rendez-vous"
        es "Reservar una cita"
        hi "अपॉइंटमेंट बुक करें";
    "Move an appointment"
        de "Termin verschieben"
        fr "Déplacer un rendez-vous"
        es "Cambiar una cita"
        hi "अपॉइंटमेंट बदलें";
    "Which doctor?"
        de "Bei wem?"
        fr "Quel médecin\u{a0}?"
        es "¿Qué médico?"
        hi "कौन से डॉक्टर?";
    "Name of the doctor"
        de "Name der Ärztin oder des Arztes"
        fr "Nom du médecin"
        es "Nombre del médico"
        hi "डॉक्टर का नाम";
    "Search"
        de "Suchen"
        fr "Rechercher"
        es "Buscar"
        hi "खोजें";
    "Another doctor"
        de "Andere Ärztin oder anderer Arzt"
        fr "Un autre médecin"
        es "Otro médico"
        hi "दूसरे डॉक्टर";
    "Which day?"
        de "An welchem Tag?"
        fr "Quel jour\u{a0}?"
        es "¿Qué día?"
        hi "किस दिन?";
    "Show later days"
        de "Spätere Tage zeigen"
        fr "Afficher les jours suivants"
        es "Mostrar días posteriores"
        hi "बाद के दिन दिखाएँ";
    "Is this right?"
        de "Ist das richtig?"
        fr "Est-ce correct\u{a0}?"
        es "¿Es correcto?"
        hi "क्या यह ठीक है?";
    "What is it about? (optional)"
        de "Worum geht es? (freiwillig)"
        fr "De quoi s’agit-il\u{a0}? (facultatif)"
        es "¿De qué se trata? (opcional)"
        hi "किस बारे में है? (वैकल्पिक)";
    "A few words, such as “check-up”. The doctor and the desk read them."
        de "Einige Wörter, etwa „Kontrolle“. Die Ärztin oder der Arzt und die Anmeldung lesen sie."
        fr "Quelques mots, par exemple «\u{a0}contrôle\u{a0}». Le médecin et l’accueil les lisent."
        es "Unas pocas palabras, por ejemplo, «revisión». Las leen el médico y la recepción."
        hi "कुछ शब्द, जैसे “जाँच”। इन्हें डॉक्टर और रिसेप्शन पढ़ते हैं।";
    "What the doctor should know before (optional)"
        de "Was man vorher wissen sollte (freiwillig)"
        fr "Ce que le médecin devrait savoir avant (facultatif)"
        es "Lo que el médico debería saber antes (opcional)"
        hi "डॉक्टर को पहले से क्या पता होना चाहिए (वैकल्पिक)";
    "Book this time"
        de "Diese Zeit buchen"
        fr "Réserver cette heure"
        es "Reservar esta hora"
        hi "यह समय बुक करें";
    "Move to this time"
        de "Auf diese Zeit verschieben"
        fr "Déplacer à cette heure"
        es "Cambiar a esta hora"
        hi "इस समय पर बदलें";
    "Another time"
        de "Andere Zeit"
        fr "Une autre heure"
        es "Otra hora"
        hi "दूसरा समय";
    "Now:"
        de "Jetzt:"
        fr "Actuellement\u{a0}:"
        es "Ahora:"
        hi "अभी:";
    "It stays yours until you have chosen another time."
        de "Er bleibt Ihnen, bis Sie eine andere Zeit gewählt haben."
        fr "Il reste à vous jusqu’à ce que vous ayez choisi une autre heure."
        es "Sigue siendo suya hasta que haya elegido otra hora."
        hi "दूसरा समय चुनने तक यह आपकी ही रहेगी।";
    "Leave it as it is"
        de "So lassen, wie er ist"
        fr "Laisser tel quel"
        es "Dejarla como está"
        hi "इसे ऐसे ही रहने दें";
    "Your appointment stays as it was."
        de "Ihr Termin bleibt, wie er war."
        fr "Votre rendez-vous reste comme il était."
        es "Su cita queda como estaba."
        hi "आपकी अपॉइंटमेंट वैसी ही रहेगी जैसी थी।";
    "No doctor has this name."
        de "Niemand heißt so."
        fr "Aucun médecin ne porte ce nom."
        es "Ningún médico se llama así."
        hi "इस नाम के कोई डॉक्टर नहीं हैं।";
    "No doctor can be booked here yet. Please call the clinic."
        de "Hier kann man noch keine Termine buchen. Bitte rufen Sie die Klinik an."
        fr "Aucun médecin ne peut encore être réservé ici. Veuillez appeler la clinique."
        es "Aquí todavía no se puede reservar con ningún médico. Llame a la clínica, por favor."
        hi "यहाँ अभी किसी डॉक्टर की अपॉइंटमेंट बुक नहीं हो सकती। कृपया क्लिनिक को फ़ोन करें।";
    "There are more doctors: search by the name."
        de "Es gibt weitere: Suchen Sie nach dem Namen."
        fr "Il y a d’autres médecins\u{a0}: cherchez par le nom."
        es "Hay más médicos: busque por el nombre."
        hi "और भी डॉक्टर हैं: नाम से खोजें।";
    "Please call the clinic to book with this doctor."
        de "Bitte rufen Sie die Klinik an, um hier einen Termin zu buchen."
        fr "Veuillez appeler la clinique pour réserver avec ce médecin."
        es "Para reservar con este médico, llame a la clínica, por favor."
        hi "इन डॉक्टर की अपॉइंटमेंट के लिए कृपया क्लिनिक को फ़ोन करें।";
    "This doctor cannot be booked here now. Choose another doctor, or call the clinic."
        de "Hier kann man jetzt keinen Termin buchen. Wählen Sie jemand anderen, oder rufen Sie die Klinik an."
        fr "Ce médecin ne peut pas être réservé ici en ce moment. Choisissez un autre médecin, ou appelez la clinique."
        es "Ahora no se puede reservar aquí con este médico. Elija otro médico o llame a la clínica."
        hi "इन डॉक्टर की अपॉइंटमेंट यहाँ अभी बुक नहीं हो सकती। दूसरे डॉक्टर चुनें, या क्लिनिक को फ़ोन करें।";
    "No free time until {{ day }}. Look at later days, or call the clinic."
        de "Keine freie Zeit bis {{ day }}. Sehen Sie spätere Tage an, oder rufen Sie die Klinik an."
        fr "Aucune heure libre jusqu’au {{ day }}. Regardez les jours suivants, ou appelez la clinique."
        es "No hay horas libres hasta el {{ day }}. Mire días posteriores o llame a la clínica."
        hi "{{ day }} तक कोई समय खाली नहीं है। बाद के दिन देखें, या क्लिनिक को फ़ोन करें।";
    "{{ n }} time free"
        de "{{ n }} Zeit frei"
        fr "{{ n }} heure libre"
        es "{{ n }} hora libre"
        hi "{{ n }} समय खाली";
    "{{ n }} times free"
        de "{{ n }} Zeiten frei"
        fr "{{ n }} heures libres"
        es "{{ n }} horas libres"
        hi "{{ n }} समय खाली";
    "All free days until {{ day }}."
        de "Alle freien Tage bis {{ day }}."
        fr "Tous les jours libres jusqu’au {{ day }}."
        es "Todos los días libres hasta el {{ day }}."
        hi "{{ day }} तक के सभी खाली दिन।";
    "Which time? Clocks of the clinic ({{ zone }})."
        de "Welche Zeit? Uhrzeit der Klinik ({{ zone }})."
        fr "Quelle heure\u{a0}? Heure de la clinique ({{ zone }})."
        es "¿Qué hora? Hora de la clínica ({{ zone }})."
        hi "कौन सा समय? क्लिनिक की घड़ी के अनुसार ({{ zone }})।";
    "You hold several times already, perhaps in another window. Each is free again after a few minutes; then try again."
        de "Für Sie sind schon mehrere Zeiten reserviert, vielleicht in einem anderen Fenster. Jede ist nach einigen Minuten wieder frei; versuchen Sie es dann noch einmal."
        fr "Plusieurs heures vous sont déjà réservées, peut-être dans une autre fenêtre. Chacune redevient libre après quelques minutes\u{a0}; réessayez alors."
        es "Ya tiene varias horas retenidas, quizá en otra ventana. Cada una queda libre a los pocos minutos; inténtelo entonces de nuevo."
        hi "आपके लिए पहले से कई समय रोके हुए हैं, शायद किसी दूसरी विंडो में। हर एक कुछ मिनट में फिर खाली हो जाएगा; तब फिर कोशिश करें।";
    "{{ time }} has just been taken. Choose another time."
        de "{{ time }} wurde gerade vergeben. Wählen Sie eine andere Zeit."
        fr "{{ time }} vient d’être pris. Choisissez une autre heure."
        es "Las {{ time }} se acaban de ocupar. Elija otra hora."
        hi "{{ time }} का समय अभी-अभी किसी और ने ले लिया। दूसरा समय चुनें।";
    "When"
        de "Wann"
        fr "Quand"
        es "Cuándo"
        hi "कब";
    "Instead of"
        de "Anstelle von"
        fr "Au lieu de"
        es "En lugar de"
        hi "इसकी जगह";
    "This time cannot be booked any more. Choose another time."
        de "Diese Zeit kann nicht mehr gebucht werden. Wählen Sie eine andere."
        fr "Cette heure ne peut plus être réservée. Choisissez-en une autre."
        es "Esta hora ya no se puede reservar. Elija otra."
        hi "यह समय अब बुक नहीं हो सकता। दूसरा समय चुनें।";
    "The time was held for you for some minutes and is free again. Choose a time."
        de "Die Zeit war einige Minuten für Sie reserviert und ist wieder frei. Wählen Sie eine Zeit."
        fr "L’heure vous était réservée quelques minutes et est de nouveau libre. Choisissez une heure."
        es "La hora estuvo retenida para usted unos minutos y vuelve a estar libre. Elija una hora."
        hi "यह समय कुछ मिनट आपके लिए रोका गया था और अब फिर खाली है। कोई समय चुनें।";
    "Held for you: {{ time }} left"
        de "Für Sie reserviert: noch {{ time }}"
        fr "Réservé pour vous\u{a0}: reste {{ time }}"
        es "Retenida para usted: quedan {{ time }}"
        hi "आपके लिए रोका गया: {{ time }} बाकी";
    "Less than a minute left, then the time is free for others."
        de "Weniger als eine Minute, dann ist die Zeit für andere frei."
        fr "Moins d’une minute, puis l’heure est libre pour d’autres."
        es "Queda menos de un minuto; después la hora queda libre para otros."
        hi "एक मिनट से कम बाकी है, फिर यह समय दूसरों के लिए खाली हो जाएगा।";
    "The time is taken: by your own first try, or by somebody who was faster. Below is what you have."
        de "Die Zeit ist vergeben: durch Ihren eigenen ersten Versuch oder durch jemanden, der schneller war. Unten steht, was Sie haben."
        fr "L’heure est prise\u{a0}: par votre premier essai, ou par quelqu’un de plus rapide. Ci-dessous, ce que vous avez."
        es "La hora está ocupada: por su primer intento o por alguien más rápido. Abajo está lo que tiene."
        hi "यह समय लिया जा चुका है: आपकी पहली कोशिश से, या किसी और ने पहले ले लिया। नीचे देखें कि आपके पास क्या है।";
    "This time is taken, or you have another appointment at it. Choose another time."
        de "Diese Zeit ist vergeben, oder Sie haben dann schon einen anderen Termin. Wählen Sie eine andere Zeit."
        fr "Cette heure est prise, ou vous avez déjà un autre rendez-vous. Choisissez une autre heure."
        es "Esta hora está ocupada, o ya tiene otra cita entonces. Elija otra hora."
        hi "यह समय लिया जा चुका है, या उस समय आपकी दूसरी अपॉइंटमेंट है। दूसरा समय चुनें।";
    "No answer came, so perhaps the time is booked and perhaps not. Press “Book this time” again: it is never booked twice."
        de "Es kam keine Antwort; vielleicht ist die Zeit gebucht, vielleicht nicht. Drücken Sie noch einmal „Diese Zeit buchen“: Sie wird nie zweimal gebucht."
        fr "Aucune réponse n’est arrivée\u{a0}; l’heure est peut-être réservée, peut-être pas. Appuyez encore sur «\u{a0}Réserver cette heure\u{a0}»\u{a0}: elle n’est jamais réservée deux fois."
        es "No llegó respuesta; quizá la hora esté reservada y quizá no. Pulse otra vez «Reservar esta hora»: nunca se reserva dos veces."
        hi "कोई उत्तर नहीं आया, इसलिए हो सकता है समय बुक हुआ हो या न हुआ हो। “यह समय बुक करें” फिर से दबाएँ: यह कभी दो बार बुक नहीं होता।";
    "Asked for: {{ when }}. The clinic still has to confirm it."
        de "Angefragt: {{ when }}. Die Klinik muss den Termin noch bestätigen."
        fr "Demandé\u{a0}: {{ when }}. La clinique doit encore le confirmer."
        es "Solicitada: {{ when }}. La clínica aún tiene que confirmarla."
        hi "अनुरोध किया गया: {{ when }}। क्लिनिक को अभी इसकी पुष्टि करनी है।";
    "Booked: {{ when }}."
        de "Gebucht: {{ when }}."
        fr "Réservé\u{a0}: {{ when }}."
        es "Reservada: {{ when }}."
        hi "बुक हो गया: {{ when }}।";
    "Moved: {{ when }}."
        de "Verschoben: {{ when }}."
        fr "Déplacé\u{a0}: {{ when }}."
        es "Cambiada: {{ when }}."
        hi "बदल गया: {{ when }}।";
    "This time has just been taken, or you have another appointment at it. Yours stays where it was. Choose another time."
        de "Diese Zeit wurde gerade vergeben, oder Sie haben dann schon einen anderen Termin. Ihrer bleibt, wo er war. Wählen Sie eine andere Zeit."
        fr "Cette heure vient d’être prise, ou vous avez déjà un autre rendez-vous. Le vôtre reste où il était. Choisissez une autre heure."
        es "Esta hora se acaba de ocupar, o ya tiene otra cita entonces. La suya queda donde estaba. Elija otra hora."
        hi "यह समय अभी-अभी लिया गया, या उस समय आपकी दूसरी अपॉइंटमेंट है। आपकी अपॉइंटमेंट वहीं है जहाँ थी। दूसरा समय चुनें।";
    "It was not moved: it has changed meanwhile, or it is too late for that here. Below it stands as it is now. If it has to change, please call the clinic."
        de "Er wurde nicht verschoben: Er hat sich inzwischen geändert, oder es ist hier zu spät dafür. Unten steht er, wie er jetzt ist. Wenn er sich ändern muss, rufen Sie bitte die Klinik an."
        fr "Il n’a pas été déplacé\u{a0}: il a changé entre-temps, ou il est trop tard pour cela ici. Il figure ci-dessous tel qu’il est maintenant. S’il doit changer, veuillez appeler la clinique."
        es "No se ha cambiado: entretanto es otra, o aquí ya es demasiado tarde. Abajo está como es ahora. Si tiene que cambiarla, llame a la clínica, por favor."
        hi "यह नहीं बदली गई: इस बीच इसमें बदलाव हुआ है, या यहाँ इसके लिए बहुत देर हो चुकी है। नीचे यह अभी की स्थिति में है। अगर इसे बदलना ज़रूरी है, तो कृपया क्लिनिक को फ़ोन करें।";
};
