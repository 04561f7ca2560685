//! What answers about the clinic’s records say: the sentences beside `message`.

use super::{Sentence, sentences};

#[rustfmt::skip]
pub(super) const SENTENCES: &[Sentence] = sentences! {
    "Patients"
        de "Akten"
        fr "Dossiers"
        es "Historiales"
        hi "रोगी";
    "Patients found"
        de "Gefundene Akten"
        fr "Dossiers trouvés"
        es "Historiales encontrados"
        hi "मिले हुए रोगी";
    "Patient"
        de "Akte"
        fr "Dossier"
        es "Historial"
        hi "रोगी";
    "Patient created"
        de "Die Akte ist angelegt"
        fr "Le dossier a été créé"
        es "El historial se ha creado"
        hi "रोगी का रिकॉर्ड बनाया गया है";
    "Patient changed"
        de "Die Akte ist geändert"
        fr "Le dossier a été modifié"
        es "El historial se ha cambiado"
        hi "रोगी का रिकॉर्ड बदल दिया गया है";
    "The patient was invited"
        de "Die Einladung ist gesendet"
        fr "L’invitation a été envoyée"
        es "La invitación se ha enviado"
        hi "रोगी को न्योता भेज दिया गया है";
    "Symptoms"
        de "Beschwerden"
        fr "Symptômes"
        es "Síntomas"
        hi "लक्षण";
    "Care team"
        de "Behandelnde"
        fr "Équipe de soins"
        es "Equipo de atención"
        hi "देखभाल करने वाले";
    "Accesses to the record"
        de "Zugriffe auf die Akte"
        fr "Accès au dossier"
        es "Accesos al historial"
        hi "रिकॉर्ड देखने की सूची";
    "Appointments"
        de "Termine"
        fr "Rendez-vous"
        es "Citas"
        hi "अपॉइंटमेंट";
    "Appointment"
        de "Termin"
        fr "Rendez-vous"
        es "Cita"
        hi "अपॉइंटमेंट";
    "Appointment booked"
        de "Der Termin ist gebucht"
        fr "Le rendez-vous est réservé"
        es "La cita está reservada"
        hi "अपॉइंटमेंट बुक हो गई है";
    "Appointment changed"
        de "Der Termin ist geändert"
        fr "Le rendez-vous a été modifié"
        es "La cita se ha cambiado"
        hi "अपॉइंटमेंट बदल दी गई है";
    "Appointment cancelled"
        de "Der Termin ist abgesagt"
        fr "Le rendez-vous est annulé"
        es "La cita está anulada"
        hi "अपॉइंटमेंट रद्द हो गई है";
    "Free times"
        de "Freie Zeiten"
        fr "Heures libres"
        es "Horas libres"
        hi "खाली समय";
    "The time is held"
        de "Die Zeit ist reserviert"
        fr "L’heure est réservée"
        es "La hora está retenida"
        hi "समय रोक लिया गया है";
    "The time is free again"
        de "Die Zeit ist wieder frei"
        fr "L’heure est de nouveau libre"
        es "La hora vuelve a estar libre"
        hi "समय फिर खाली है";
    "Your calendar feed"
        de "Ihre Kalenderadresse"
        fr "L’adresse de votre agenda"
        es "La dirección de su calendario"
        hi "आपके कैलेंडर का पता";
    "The calendar feed has ended"
        de "Die Kalenderadresse gilt nicht mehr"
        fr "L’adresse de l’agenda n’est plus valable"
        es "La dirección del calendario ya no vale"
        hi "कैलेंडर का पता अब काम नहीं करता";
    "Doctors"
        de "Ärztinnen und Ärzte"
        fr "Médecins"
        es "Médicos"
        hi "डॉक्टर";
    "Schedule"
        de "Sprechzeiten"
        fr "Horaires"
        es "Horario"
        hi "समय-सारणी";
    "Schedule changed"
        de "Die Sprechzeiten sind geändert"
        fr "Les horaires ont été modifiés"
        es "El horario se ha cambiado"
        hi "समय-सारणी बदल दी गई है";
    "Exceptions"
        de "Ausnahmen"
        fr "Exceptions"
        es "Excepciones"
        hi "अपवाद";
    "Exception added"
        de "Die Ausnahme ist hinzugefügt"
        fr "L’exception a été ajoutée"
        es "Se ha añadido la excepción"
        hi "अपवाद जोड़ दिया गया है";
    "Exception removed"
        de "Die Ausnahme ist entfernt"
        fr "L’exception a été retirée"
        es "Se ha quitado la excepción"
        hi "अपवाद हटा दिया गया है";
    "Consultations"
        de "Konsultationen"
        fr "Consultations"
        es "Consultas"
        hi "परामर्श";
    "Consultation"
        de "Konsultation"
        fr "Consultation"
        es "Consulta"
        hi "परामर्श";
    "Consultation started"
        de "Die Konsultation hat begonnen"
        fr "La consultation a commencé"
        es "La consulta ha empezado"
        hi "परामर्श शुरू हो गया है";
    "Consultation paused"
        de "Die Konsultation ist unterbrochen"
        fr "La consultation est suspendue"
        es "La consulta está en pausa"
        hi "परामर्श रुका हुआ है";
    "Consultation resumed"
        de "Die Konsultation geht weiter"
        fr "La consultation reprend"
        es "La consulta continúa"
        hi "परामर्श फिर शुरू हो गया है";
    "Consultation stopped"
        de "Die Konsultation ist beendet"
        fr "La consultation est terminée"
        es "La consulta ha terminado"
        hi "परामर्श पूरा हो गया है";
    "Consultation updated"
        de "Die Konsultation ist geändert"
        fr "La consultation a été modifiée"
        es "La consulta se ha cambiado"
        hi "परामर्श बदल दिया गया है";
    "Reports"
        de "Berichte"
        fr "Rapports"
        es "Informes"
        hi "रिपोर्टें";
    "Report"
        de "Bericht"
        fr "Rapport"
        es "Informe"
        hi "रिपोर्ट";
    "Report created"
        de "Der Bericht ist angelegt"
        fr "Le rapport a été créé"
        es "El informe se ha creado"
        hi "रिपोर्ट बनाई गई है";
    "Report updated"
        de "Der Bericht ist geändert"
        fr "Le rapport a été modifié"
        es "El informe se ha cambiado"
        hi "रिपोर्ट बदल दी गई है";
    "Report signed"
        de "Der Bericht ist unterschrieben"
        fr "Le rapport est signé"
        es "El informe está firmado"
        hi "रिपोर्ट पर हस्ताक्षर हो गए हैं";
    "Report amended"
        de "Der Bericht ist ergänzt"
        fr "Le rapport a été complété"
        es "El informe se ha completado"
        hi "रिपोर्ट में संशोधन जोड़ दिया गया है";
    "Report statistics"
        de "Statistik der Berichte"
        fr "Statistiques des rapports"
        es "Estadística de informes"
        hi "रिपोर्टों के आँकड़े";
};
