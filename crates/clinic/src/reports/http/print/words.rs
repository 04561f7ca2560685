//! The words of the printed page, in the five languages of the mails.

use kernel::mail_language::MailLanguage;

/// The words of one language.
pub(super) struct Words {
    pub(super) report: &'static str,
    pub(super) patient: &'static str,
    pub(super) born: &'static str,
    pub(super) patient_id: &'static str,
    pub(super) consultation: &'static str,
    pub(super) complaint: &'static str,
    pub(super) version: &'static str,
    pub(super) signer: &'static str,
    pub(super) signed: &'static str,
    pub(super) not_signed: &'static str,
    pub(super) diagnoses: &'static str,
    pub(super) medication: &'static str,
    pub(super) recommendations: &'static str,
    pub(super) follow_up: &'static str,
    pub(super) notes: &'static str,
    pub(super) page: &'static str,
    pub(super) of: &'static str,
}

#[rustfmt::skip]
impl Words {
    /// The words of `language`.
    pub(super) const fn of(language: MailLanguage) -> Self {
        match language {
            MailLanguage::English => Self {
                report: "Report", patient: "Patient", born: "Date of birth", patient_id: "Patient number",
                consultation: "Consultation", complaint: "Complaint", version: "Version", signer: "Signed by",
                signed: "Signed", not_signed: "Not signed: a draft", diagnoses: "Diagnoses", medication: "Medication",
                recommendations: "Recommendations", follow_up: "Follow-up", notes: "Notes", page: "Page", of: "of",
            },
            MailLanguage::German => Self {
                report: "Bericht", patient: "Patient/in", born: "Geburtsdatum", patient_id: "Patientennummer",
                consultation: "Konsultation", complaint: "Beschwerden", version: "Version", signer: "Unterschrieben von",
                signed: "Unterschrieben", not_signed: "Nicht unterschrieben: ein Entwurf", diagnoses: "Diagnosen",
                medication: "Medikamente", recommendations: "Empfehlungen", follow_up: "Weiteres Vorgehen",
                notes: "Bemerkungen", page: "Seite", of: "von",
            },
            MailLanguage::French => Self {
                report: "Rapport", patient: "Patient", born: "Date de naissance", patient_id: "Numéro du patient",
                consultation: "Consultation", complaint: "Motif", version: "Version", signer: "Signé par",
                signed: "Signé", not_signed: "Non signé : un brouillon", diagnoses: "Diagnostics",
                medication: "Médicaments", recommendations: "Recommandations", follow_up: "Suivi", notes: "Remarques",
                page: "Page", of: "sur",
            },
            MailLanguage::Spanish => Self {
                report: "Informe", patient: "Paciente", born: "Fecha de nacimiento", patient_id: "Número de paciente",
                consultation: "Consulta", complaint: "Motivo", version: "Versión", signer: "Firmado por",
                signed: "Firmado", not_signed: "Sin firmar: un borrador", diagnoses: "Diagnósticos",
                medication: "Medicación", recommendations: "Recomendaciones", follow_up: "Seguimiento", notes: "Notas",
                page: "Página", of: "de",
            },
            MailLanguage::Hindi => Self {
                report: "रिपोर्ट", patient: "रोगी", born: "जन्म तिथि", patient_id: "रोगी संख्या", consultation: "परामर्श",
                complaint: "शिकायत", version: "संस्करण", signer: "हस्ताक्षरकर्ता", signed: "हस्ताक्षर का समय",
                not_signed: "हस्ताक्षर नहीं हुआ: मसौदा", diagnoses: "निदान", medication: "दवाएँ", recommendations: "सुझाव",
                follow_up: "आगे की देखभाल", notes: "टिप्पणियाँ", page: "पृष्ठ", of: "/",
            },
        }
    }
}
