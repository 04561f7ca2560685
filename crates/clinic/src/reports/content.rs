//! What a report says. All of it is sealed as one group.

use kernel::error::{FieldError, RuleViolation};
use serde::{Deserialize, Serialize};

use crate::texts::clean;

const TOO_LARGE: RuleViolation =
    RuleViolation::new("too_large", "Must not make the report larger than allowed");
const CONFIDENCE_INVALID: RuleViolation =
    RuleViolation::new("confidence_invalid", "Must be a number from 0 to 1");

/// The content of a report. As typed, its texts can be anything; [`ReportContent::checked`] makes the one that is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportContent {
    /// The text as a whole.
    pub generated_content: String,
    /// What was found.
    pub diagnoses: Vec<Diagnosis>,
    /// What to take.
    pub medication_plan: Vec<Medication>,
    /// What to do.
    pub recommendations: Vec<Recommendation>,
    /// How it goes on.
    pub follow_up_plan: String,
    /// What else there is.
    pub additional_notes: String,
    /// What was said, as a client wrote it down.
    pub transcription_text: String,
}

/// A diagnosis.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Diagnosis {
    /// Its words.
    pub diagnosis: String,
    /// Its code, of whichever edition the clinic uses.
    pub icd_code: String,
    /// How severe it is.
    pub severity: String,
    /// Remarks.
    pub notes: String,
}

/// A medication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Medication {
    /// The drug.
    pub drug_name: String,
    /// How much.
    pub dosage: String,
    /// How often.
    pub frequency: String,
    /// For how long.
    pub duration: String,
    /// How to take it.
    pub instructions: String,
}

/// A recommendation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recommendation {
    /// Its kind.
    pub category: String,
    /// Its words.
    pub recommendation: String,
    /// How much it matters.
    pub priority: String,
}

/// How sure the program was that made the text: from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(f64);

impl Confidence {
    /// Reads a number.
    pub fn parse(typed: f64) -> Result<Self, RuleViolation> {
        // What is not a number is in no range.
        if (0.0..=1.0).contains(&typed) {
            // Zero has one sign only.
            Ok(Self(typed.abs()))
        } else {
            Err(CONFIDENCE_INVALID)
        }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl ReportContent {
    /// The content with its texts in NFC, trimmed, without control characters, and at most `max_bytes` large
    /// (`reports.max_bytes`). Rows without any text are dropped.
    ///
    /// # Errors
    /// All violations, each at its field (`diagnoses.2.notes`); `too_large` is at `generated_content`.
    pub fn checked(mut self, max_bytes: usize) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        self.each_text(&mut |field, text| match clean(text) {
            Ok(clean) => *text = clean,
            Err(violation) => errors.push(violation.at(field)),
        });
        if !errors.is_empty() {
            return Err(errors);
        }
        self.diagnoses.retain(|row| *row != Diagnosis::default());
        self.medication_plan
            .retain(|row| *row != Medication::default());
        self.recommendations
            .retain(|row| *row != Recommendation::default());
        if self.bytes() > max_bytes {
            return Err(vec![TOO_LARGE.at("generated_content")]);
        }
        Ok(self)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The size: its texts in UTF-8, and for each row of a list some more, so that empty rows are not free.
    fn bytes(&self) -> usize {
        const ROW: usize = 32;
        let rows = self.diagnoses.len() + self.medication_plan.len() + self.recommendations.len();
        let mut bytes = rows * ROW;
        // The walk changes texts for its other caller, so it walks through a copy.
        self.clone().each_text(&mut |_, text| bytes += text.len());
        bytes
    }

    /// Shows each text and its field.
    fn each_text(&mut self, see: &mut impl FnMut(String, &mut String)) {
        for (field, text) in [
            ("generated_content", &mut self.generated_content),
            ("follow_up_plan", &mut self.follow_up_plan),
            ("additional_notes", &mut self.additional_notes),
            ("transcription_text", &mut self.transcription_text),
        ] {
            see(field.to_owned(), text);
        }
        for (row, it) in self.diagnoses.iter_mut().enumerate() {
            for (field, text) in [
                ("diagnosis", &mut it.diagnosis),
                ("icd_code", &mut it.icd_code),
                ("severity", &mut it.severity),
                ("notes", &mut it.notes),
            ] {
                see(format!("diagnoses.{row}.{field}"), text);
            }
        }
        for (row, it) in self.medication_plan.iter_mut().enumerate() {
            for (field, text) in [
                ("drug_name", &mut it.drug_name),
                ("dosage", &mut it.dosage),
                ("frequency", &mut it.frequency),
                ("duration", &mut it.duration),
                ("instructions", &mut it.instructions),
            ] {
                see(format!("medication_plan.{row}.{field}"), text);
            }
        }
        for (row, it) in self.recommendations.iter_mut().enumerate() {
            for (field, text) in [
                ("category", &mut it.category),
                ("recommendation", &mut it.recommendation),
                ("priority", &mut it.priority),
            ] {
                see(format!("recommendations.{row}.{field}"), text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A content with another text in each field.
    fn whole() -> ReportContent {
        serde_json::from_value(serde_json::json!({
            "generated_content": "a", "follow_up_plan": "b", "additional_notes": "c", "transcription_text": "d",
            "diagnoses": [{"diagnosis": "e", "icd_code": "f", "severity": "g", "notes": "h"}],
            "medication_plan": [{"drug_name": "i", "dosage": "j", "frequency": "k", "duration": "l", "instructions": "m"}],
            "recommendations": [{"category": "n", "recommendation": "o", "priority": "p"}],
        }))
        .unwrap()
    }

    fn errors(content: ReportContent, max_bytes: usize) -> Vec<(String, &'static str)> {
        let errors = content.checked(max_bytes).err().unwrap_or_default();
        errors
            .into_iter()
            .map(|error| (error.field.into_owned(), error.kind))
            .collect()
    }

    #[test]
    fn every_text_of_a_content_is_checked_and_counted() {
        let text = serde_json::to_string(&whole()).unwrap();
        let texts = 16;
        assert_eq!(whole().bytes(), texts + 3 * 32);
        for letter in 'a'..='p' {
            let bad = text.replace(&format!("\"{letter}\""), &format!("\"{letter}\\u0007\""));
            let content: ReportContent = serde_json::from_str(&bad).unwrap();
            let found = errors(content, 1000);
            assert_eq!(found.len(), 1, "{letter}");
            assert_eq!(found[0].1, "forbidden_character");
            let spaced = text.replace(&format!("\"{letter}\""), &format!("\" {letter}\\r\\n\""));
            let content: ReportContent = serde_json::from_str(&spaced).unwrap();
            assert_eq!(content.checked(1000), Ok(whole()), "{letter}");
        }
    }

    #[test]
    fn a_violation_names_the_row() {
        let mut content = whole();
        content.diagnoses.push(Diagnosis {
            notes: "\u{202e}".to_owned() + "x",
            ..Diagnosis::default()
        });
        // A mark at the end of a text is only dropped.
        assert_eq!(errors(content.clone(), 1000), []);
        content.diagnoses[1].notes = "x\u{202e}y".to_owned();
        let expected = [("diagnoses.1.notes".to_owned(), "forbidden_character")];
        assert_eq!(errors(content, 1000), expected);
    }

    #[test]
    fn a_content_has_its_largest_size() {
        let text = |bytes| ReportContent {
            generated_content: "x".repeat(bytes),
            ..ReportContent::default()
        };
        assert!(text(65_536).checked(65_536).is_ok());
        assert_eq!(
            errors(text(65_537), 65_536),
            [("generated_content".to_owned(), "too_large")]
        );
        let letters = ReportContent {
            transcription_text: "é".repeat(501),
            ..ReportContent::default()
        };
        assert_eq!(errors(letters, 1001).len(), 1);
    }

    #[test]
    fn rows_without_text_are_dropped() {
        let mut content = ReportContent::default();
        content.diagnoses.resize(
            1000,
            Diagnosis {
                notes: "  ".to_owned(),
                ..Diagnosis::default()
            },
        );
        content.medication_plan.push(Medication::default());
        content.recommendations.push(Recommendation::default());
        assert!(content.checked(0).unwrap().is_empty());
        assert!(!whole().is_empty());
    }

    #[test]
    fn a_confidence_is_from_0_to_1() {
        for good in [0.0, 0.5, 1.0, -0.0] {
            let read = Confidence::parse(good).unwrap();
            assert_eq!(read.get().to_bits(), good.abs().to_bits(), "{good}");
        }
        for bad in [-0.01, 1.01, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Confidence::parse(bad), Err(CONFIDENCE_INVALID), "{bad}");
        }
        assert_eq!(
            serde_json::to_string(&Confidence::parse(0.25).unwrap()).unwrap(),
            "0.25"
        );
    }
}
