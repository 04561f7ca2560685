//! What a patient’s own page says, without appointments: its parts, the reports, the calendar, who looked at the record.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "My appointments and record"
        de "Meine Termine und meine Akte"
        fr "Mes rendez-vous et mon dossier"
        es "Mis citas y mi historial"
        hi "मेरी अपॉइंटमेंट और रिकॉर्ड";
    "For patients: book, move or cancel an appointment, read your reports, see who looked at your record. Doctors and the desk work on <a href=\"./clinic.html\">another page</a>."
        de "Für Patientinnen und Patienten: Termine buchen, verschieben oder absagen, Ihre Berichte lesen, sehen, wer Ihre Akte angesehen hat. Ärztinnen, Ärzte und die Anmeldung arbeiten auf <a href=\"./clinic.html\">einer anderen Seite</a>."
        fr "Pour les patients\u{a0}: réservez, déplacez ou annulez un rendez-vous, lisez vos rapports, voyez qui a consulté votre dossier. Les médecins et l’accueil travaillent sur <a href=\"./clinic.html\">une autre page</a>."
        es "Para pacientes: reserve, cambie o anule una cita, lea sus informes, vea quién ha consultado su historial. Los médicos y la recepción trabajan en <a href=\"./clinic.html\">otra página</a>."
        hi "मरीज़ों के लिए: अपॉइंटमेंट बुक करें, बदलें या रद्द करें, अपनी रिपोर्टें पढ़ें, देखें कि आपका रिकॉर्ड किसने देखा। डॉक्टर और रिसेप्शन <a href=\"./clinic.html\">दूसरे पेज</a> पर काम करते हैं।";
    "This page is for patients. Doctors and the desk work on the clinic's own page."
        de "Diese Seite ist für Patientinnen und Patienten. Ärztinnen, Ärzte und die Anmeldung arbeiten auf der Seite der Klinik."
        fr "Cette page est destinée aux patients. Les médecins et l’accueil travaillent sur la page de la clinique."
        es "Esta página es para pacientes. Los médicos y la recepción trabajan en la página de la clínica."
        hi "यह पेज मरीज़ों के लिए है। डॉक्टर और रिसेप्शन क्लिनिक के अपने पेज पर काम करते हैं।";
    "Parts of this page"
        de "Teile dieser Seite"
        fr "Parties de cette page"
        es "Partes de esta página"
        hi "इस पेज के हिस्से";
    "Appointments"
        de "Termine"
        fr "Rendez-vous"
        es "Citas"
        hi "अपॉइंटमेंट";
    "Book"
        de "Buchen"
        fr "Réserver"
        es "Reservar"
        hi "बुक करें";
    "Reports"
        de "Berichte"
        fr "Rapports"
        es "Informes"
        hi "रिपोर्टें";
    "Who looked"
        de "Wer geschaut hat"
        fr "Qui a consulté"
        es "Quién ha mirado"
        hi "किसने देखा";
    "Next appointment"
        de "Nächster Termin"
        fr "Prochain rendez-vous"
        es "Próxima cita"
        hi "अगली अपॉइंटमेंट";
    "Past and cancelled"
        de "Vergangene und abgesagte"
        fr "Passés et annulés"
        es "Pasadas y anuladas"
        hi "बीती और रद्द";
    "Show the last 12 months"
        de "Die letzten 12 Monate zeigen"
        fr "Afficher les 12 derniers mois"
        es "Mostrar los últimos 12 meses"
        hi "पिछले 12 महीने दिखाएँ";
    "In your own calendar"
        de "In Ihrem eigenen Kalender"
        fr "Dans votre propre agenda"
        es "En su propio calendario"
        hi "आपके अपने कैलेंडर में";
    "Give your calendar program an address, and it shows your appointments and every change of them."
        de "Geben Sie Ihrem Kalenderprogramm eine Adresse, und es zeigt Ihre Termine und jede Änderung daran."
        fr "Donnez une adresse à votre agenda, et il affiche vos rendez-vous et chacun de leurs changements."
        es "Dé una dirección a su programa de calendario y mostrará sus citas y todos sus cambios."
        hi "अपने कैलेंडर प्रोग्राम को एक पता दें, और वह आपकी अपॉइंटमेंट और उनके हर बदलाव को दिखाएगा।";
    "What the calendar shows beside the time"
        de "Was der Kalender neben der Zeit zeigt"
        fr "Ce que l’agenda affiche à côté de l’heure"
        es "Lo que el calendario muestra junto a la hora"
        hi "समय के साथ कैलेंडर क्या दिखाए";
    "“Appointment”, nothing more"
        de "„Termin“, sonst nichts"
        fr "«\u{a0}Rendez-vous\u{a0}», rien de plus"
        es "«Cita», nada más"
        hi "“अपॉइंटमेंट”, और कुछ नहीं";
    "The doctor’s name too"
        de "Auch den Namen der Ärztin oder des Arztes"
        fr "Aussi le nom du médecin"
        es "También el nombre del médico"
        hi "डॉक्टर का नाम भी";
    "Make an address"
        de "Adresse erstellen"
        fr "Créer une adresse"
        es "Crear una dirección"
        hi "पता बनाएँ";
    "Remove the address"
        de "Adresse entfernen"
        fr "Retirer l’adresse"
        es "Quitar la dirección"
        hi "पता हटाएँ";
    "Remove the address?"
        de "Adresse entfernen?"
        fr "Retirer l’adresse\u{a0}?"
        es "¿Quitar la dirección?"
        hi "पता हटाना है?";
    "Address for your calendar"
        de "Adresse für Ihren Kalender"
        fr "Adresse pour votre agenda"
        es "Dirección para su calendario"
        hi "आपके कैलेंडर के लिए पता";
    "Open in the calendar"
        de "Im Kalender öffnen"
        fr "Ouvrir dans l’agenda"
        es "Abrir en el calendario"
        hi "कैलेंडर में खोलें";
    "In a calendar program it goes where calendars are added “by address” or “from URL”. Whoever has the address sees the times of your appointments, so give it to nobody. If it is lost, remove it and make a new one."
        de "In einem Kalenderprogramm gehört sie dorthin, wo Kalender „per Adresse“ oder „von URL“ hinzugefügt werden. Wer die Adresse hat, sieht die Zeiten Ihrer Termine; geben Sie sie niemandem. Wenn sie verloren geht, entfernen Sie sie und erstellen Sie eine neue."
        fr "Dans un agenda, elle se place là où l’on ajoute des agendas «\u{a0}par adresse\u{a0}» ou «\u{a0}à partir d’une URL\u{a0}». Quiconque possède l’adresse voit les heures de vos rendez-vous\u{a0}: ne la donnez à personne. Si elle est perdue, retirez-la et créez-en une nouvelle."
        es "En un programa de calendario va donde se añaden calendarios «por dirección» o «desde URL». Quien tenga la dirección verá las horas de sus citas, así que no se la dé a nadie. Si la pierde, quítela y cree otra."
        hi "कैलेंडर प्रोग्राम में इसे वहाँ डालें जहाँ कैलेंडर “पते से” या “URL से” जोड़े जाते हैं। जिसके पास यह पता है, वह आपकी अपॉइंटमेंट के समय देख सकता है, इसलिए इसे किसी को न दें। अगर यह खो जाए, तो इसे हटाकर नया बनाएँ।";
    "Here is the address. It is shown only now, so copy it."
        de "Hier ist die Adresse. Sie wird nur jetzt gezeigt; kopieren Sie sie."
        fr "Voici l’adresse. Elle n’est affichée que maintenant\u{a0}: copiez-la."
        es "Aquí está la dirección. Solo se muestra ahora; cópiela."
        hi "यह रहा पता। यह सिर्फ़ अभी दिखाया जा रहा है, इसलिए इसे कॉपी कर लें।";
    "Calendars that use it show no changes any more. Your appointments stay."
        de "Kalender, die sie verwenden, zeigen dann keine Änderungen mehr. Ihre Termine bleiben."
        fr "Les agendas qui l’utilisent n’affichent plus de changements. Vos rendez-vous restent."
        es "Los calendarios que la utilizan dejarán de mostrar cambios. Sus citas se mantienen."
        hi "इसे इस्तेमाल करने वाले कैलेंडर अब बदलाव नहीं दिखाएँगे। आपकी अपॉइंटमेंट बनी रहेंगी।";
    "The address does not work any more."
        de "Die Adresse gilt nicht mehr."
        fr "L’adresse ne fonctionne plus."
        es "La dirección ya no funciona."
        hi "यह पता अब काम नहीं करता।";
    "Back to the list"
        de "Zurück zur Liste"
        fr "Retour à la liste"
        es "Volver a la lista"
        hi "सूची पर वापस जाएँ";
    "Print or save as PDF"
        de "Drucken oder als PDF speichern"
        fr "Imprimer ou enregistrer en PDF"
        es "Imprimir o guardar como PDF"
        hi "प्रिंट करें या PDF में सहेजें";
    "Who looked at my record"
        de "Wer meine Akte angesehen hat"
        fr "Qui a consulté mon dossier"
        es "Quién ha consultado mi historial"
        hi "मेरा रिकॉर्ड किसने देखा";
    "Everybody who sees or changes a part of your record stands here, you too. If you do not know why somebody was there, ask the clinic."
        de "Hier stehen alle, die einen Teil Ihrer Akte sehen oder ändern, auch Sie. Wenn Sie nicht wissen, warum jemand dort war, fragen Sie die Klinik."
        fr "Toutes les personnes qui voient ou modifient une partie de votre dossier figurent ici, vous aussi. Si vous ne savez pas pourquoi quelqu’un y est venu, demandez à la clinique."
        es "Aquí figuran todos los que ven o cambian una parte de su historial, usted también. Si no sabe por qué alguien estuvo allí, pregunte a la clínica."
        hi "आपके रिकॉर्ड का कोई हिस्सा देखने या बदलने वाला हर व्यक्ति यहाँ दिखता है, आप भी। अगर आपको पता न हो कि कोई वहाँ क्यों था, तो क्लिनिक से पूछें।";
    "name and contact"
        de "Name und Kontakt"
        fr "nom et coordonnées"
        es "nombre y contacto"
        hi "नाम और संपर्क";
    "symptoms and history"
        de "Beschwerden und Vorgeschichte"
        fr "symptômes et antécédents"
        es "síntomas y antecedentes"
        hi "लक्षण और पिछला इतिहास";
    "drafts of reports"
        de "Entwürfe von Berichten"
        fr "brouillons de rapports"
        es "borradores de informes"
        hi "रिपोर्टों के मसौदे";
    "signed reports"
        de "unterschriebene Berichte"
        fr "rapports signés"
        es "informes firmados"
        hi "हस्ताक्षरित रिपोर्टें";
    "appointments"
        de "Termine"
        fr "rendez-vous"
        es "citas"
        hi "अपॉइंटमेंट";
    "the desk’s notes on appointments"
        de "Notizen der Anmeldung zu Terminen"
        fr "notes de l’accueil sur les rendez-vous"
        es "notas de la recepción sobre las citas"
        hi "अपॉइंटमेंट पर रिसेप्शन की टिप्पणियाँ";
    "who treats you"
        de "wer Sie behandelt"
        fr "qui vous soigne"
        es "quién le trata"
        hi "आपका इलाज कौन करता है";
    "this list"
        de "diese Liste"
        fr "cette liste"
        es "esta lista"
        hi "यह सूची";
    "dates and numbers, no text"
        de "Daten und Zahlen, kein Text"
        fr "dates et nombres, sans texte"
        es "fechas y números, sin texto"
        hi "तारीखें और संख्याएँ, टेक्स्ट नहीं";
    "your own record"
        de "Ihre eigene Akte"
        fr "votre propre dossier"
        es "su propio historial"
        hi "आपका अपना रिकॉर्ड";
    "treats you"
        de "behandelt Sie"
        fr "vous soigne"
        es "le trata"
        hi "आपका इलाज करते हैं";
    "for the clinic’s office work"
        de "für die Büroarbeit der Klinik"
        fr "pour le travail administratif de la clinique"
        es "para el trabajo administrativo de la clínica"
        hi "क्लिनिक के दफ़्तरी काम के लिए";
    "desk"
        de "Anmeldung"
        fr "accueil"
        es "recepción"
        hi "रिसेप्शन";
    "administration"
        de "Verwaltung"
        fr "administration"
        es "administración"
        hi "प्रशासन";
    "Somebody whose account is gone"
        de "Jemand, dessen Konto es nicht mehr gibt"
        fr "Une personne dont le compte n’existe plus"
        es "Alguien cuya cuenta ya no existe"
        hi "कोई, जिसका खाता अब नहीं है";
    "The service itself"
        de "Der Dienst selbst"
        fr "Le service lui-même"
        es "El propio servicio"
        hi "सेवा खुद";
    "You"
        de "Sie"
        fr "Vous"
        es "Usted"
        hi "आप";
    "{{ n }} time"
        de "{{ n }} Mal"
        fr "{{ n }} fois"
        es "{{ n }} vez"
        hi "{{ n }} बार";
    "{{ n }} times"
        de "{{ n }} Mal"
        fr "{{ n }} fois"
        es "{{ n }} veces"
        hi "{{ n }} बार";
    "Saw:"
        de "Gesehen:"
        fr "A vu\u{a0}:"
        es "Ha visto:"
        hi "क्या देखा:";
    "Nobody has looked at your record yet."
        de "Noch niemand hat Ihre Akte angesehen."
        fr "Personne n’a encore consulté votre dossier."
        es "Nadie ha consultado todavía su historial."
        hi "आपका रिकॉर्ड अभी तक किसी ने नहीं देखा है।";
    "Newest first. Times of the clinic ({{ zone }})."
        de "Neueste zuerst. Zeiten der Klinik ({{ zone }})."
        fr "Les plus récents d’abord. Heures de la clinique ({{ zone }})."
        es "Lo más reciente primero. Horas de la clínica ({{ zone }})."
        hi "सबसे नया पहले। क्लिनिक का समय ({{ zone }})।";
    "Consultation"
        de "Konsultation"
        fr "Consultation"
        es "Consulta"
        hi "परामर्श";
    "First visit"
        de "Erstbesuch"
        fr "Première visite"
        es "Primera visita"
        hi "पहली मुलाकात";
    "Follow-up"
        de "Nachkontrolle"
        fr "Suivi"
        es "Seguimiento"
        hi "फ़ॉलो-अप";
    "Emergency"
        de "Notfall"
        fr "Urgence"
        es "Urgencia"
        hi "आपातकाल";
    "You have no report yet. You can read a report here as soon as your doctor has signed it."
        de "Sie haben noch keinen Bericht. Sie können einen Bericht hier lesen, sobald er ärztlich unterschrieben ist."
        fr "Vous n’avez pas encore de rapport. Vous pourrez lire un rapport ici dès que votre médecin l’aura signé."
        es "Todavía no tiene ningún informe. Podrá leer un informe aquí en cuanto su médico lo haya firmado."
        hi "आपकी अभी कोई रिपोर्ट नहीं है। डॉक्टर के हस्ताक्षर होते ही आप रिपोर्ट यहाँ पढ़ सकते हैं।";
    "Visit of"
        de "Besuch vom"
        fr "Visite du"
        es "Visita del"
        hi "मुलाकात:";
    "changed, version {{ n }}"
        de "geändert, Version {{ n }}"
        fr "modifié, version {{ n }}"
        es "modificado, versión {{ n }}"
        hi "बदली गई, संस्करण {{ n }}";
    "Read"
        de "Lesen"
        fr "Lire"
        es "Leer"
        hi "पढ़ें";
    "Read: {{ name }}, {{ day }}"
        de "Lesen: {{ name }}, {{ day }}"
        fr "Lire\u{a0}: {{ name }}, {{ day }}"
        es "Leer: {{ name }}, {{ day }}"
        hi "पढ़ें: {{ name }}, {{ day }}";
    "Report: {{ kind }}"
        de "Bericht: {{ kind }}"
        fr "Rapport\u{a0}: {{ kind }}"
        es "Informe: {{ kind }}"
        hi "रिपोर्ट: {{ kind }}";
    "Patient"
        de "Patient/in"
        fr "Patient"
        es "Paciente"
        hi "रोगी";
    "Reason for the visit"
        de "Grund des Besuchs"
        fr "Motif de la visite"
        es "Motivo de la visita"
        hi "मुलाकात का कारण";
    "Signed by"
        de "Unterschrieben von"
        fr "Signé par"
        es "Firmado por"
        hi "हस्ताक्षरकर्ता";
    "Signed"
        de "Unterschrieben"
        fr "Signé"
        es "Firmado"
        hi "हस्ताक्षर का समय";
    "{{ id }}, version {{ n }}"
        de "{{ id }}, Version {{ n }}"
        fr "{{ id }}, version {{ n }}"
        es "{{ id }}, versión {{ n }}"
        hi "{{ id }}, संस्करण {{ n }}";
    "What was found"
        de "Was festgestellt wurde"
        fr "Ce qui a été constaté"
        es "Lo que se ha encontrado"
        hi "क्या पाया गया";
    "Medicines"
        de "Medikamente"
        fr "Médicaments"
        es "Medicamentos"
        hi "दवाएँ";
    "What to do"
        de "Was zu tun ist"
        fr "Ce qu’il faut faire"
        es "Qué hacer"
        hi "क्या करना है";
    "How it goes on"
        de "Wie es weitergeht"
        fr "La suite"
        es "Cómo sigue"
        hi "आगे क्या होगा";
    "More"
        de "Weiteres"
        fr "Autres informations"
        es "Más información"
        hi "अन्य जानकारी";
};
