//! What a patient suffers from: the group `clinical` of a record.

use std::fmt;

use kernel::{
    clock::Timestamp,
    error::RuleViolation,
    random::SharedRng,
    text::{parse_line, parse_line_up_to, text_type},
};
use serde::{Deserialize, Serialize};

use super::values::{Lasting, choose, parse_text_up_to};

/// The largest number of symptoms of a record.
pub const MAX_SYMPTOMS: usize = 200;
/// The largest number of tags of a precipitating factor, and of selected informants.
const MAX_CHOICES: usize = 20;

const LONGER_THAN_50: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 50 characters");
const LONGER_THAN_200: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 200 characters");
const LONGER_THAN_1000: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 1000 characters");
const LONGER_THAN_2000: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 2000 characters");
const TOO_MANY: RuleViolation = RuleViolation::new("too_many", "Must have at most 20 entries");
const TOO_MANY_SYMPTOMS: RuleViolation =
    RuleViolation::new("too_many", "A record has at most 200 symptoms");
const SEVERITY_UNKNOWN: RuleViolation =
    RuleViolation::new("choice_unknown", "Must be Mild, Moderate or Severe");
const FREQUENCY_UNKNOWN: RuleViolation = RuleViolation::new(
    "choice_unknown",
    "Must be Hourly, Daily, Weekly or Constant",
);

text_type! {
    /// A symptom's id: `SYM` and 16 hexadecimal digits.
    SymptomId
}

text_type! {
    /// The name of a symptom: a line of 1 to 200 code points.
    SymptomName
}

text_type! {
    /// Notes on a symptom, or the details of informants: a text of 1 to 1000 code points.
    Details
}

text_type! {
    /// What happened before the illness: a text of 1 to 2000 code points.
    Narrative
}

text_type! {
    /// A tag of a precipitating factor: a line of 1 to 50 code points.
    Tag
}

text_type! {
    /// A selected informant, such as `Self` or `Mother`: a line of 1 to 100 code points.
    Informant
}

impl SymptomId {
    /// A new id.
    pub fn generate(rng: &SharedRng) -> Self {
        Self(format!("SYM{:016x}", u64::from_be_bytes(rng.bytes())))
    }

    /// An id from a path; nothing is checked, because it is only compared with those of one record.
    pub fn from_path(id: impl Into<String>) -> Self {
        Self(id.into())
    }
}

impl SymptomName {
    /// Reads a name.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_line_up_to(200, LONGER_THAN_200, typed).map(Self)
    }
}

impl Details {
    /// Reads notes.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_text_up_to(1000, LONGER_THAN_1000, typed).map(Self)
    }
}

impl Narrative {
    /// Reads a narrative.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        parse_text_up_to(2000, LONGER_THAN_2000, typed).map(Self)
    }
}

impl Tag {
    /// Reads up to 20 tags.
    pub fn parse_all<'a>(
        typed: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Self>, RuleViolation> {
        let tag = |typed| parse_line_up_to(50, LONGER_THAN_50, typed).map(Self);
        few(typed.into_iter().map(tag))
    }
}

impl Informant {
    /// Reads up to 20 informants.
    pub fn parse_all<'a>(
        typed: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Self>, RuleViolation> {
        few(typed.into_iter().map(|it| parse_line(it).map(Self)))
    }
}

fn few<T>(all: impl Iterator<Item = Result<T, RuleViolation>>) -> Result<Vec<T>, RuleViolation> {
    let all: Vec<T> = all.take(MAX_CHOICES + 1).collect::<Result<_, _>>()?;
    if all.len() > MAX_CHOICES {
        return Err(TOO_MANY);
    }
    Ok(all)
}

/// How strong a symptom is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// Mild.
    Mild,
    /// Moderate.
    Moderate,
    /// Severe.
    Severe,
}

impl Severity {
    /// Every severity.
    pub const ALL: [Self; 3] = [Self::Mild, Self::Moderate, Self::Severe];

    /// Reads a severity; upper and lower case are equal.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        choose(Self::ALL, Self::name, typed).ok_or(SEVERITY_UNKNOWN)
    }

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mild => "Mild",
            Self::Moderate => "Moderate",
            Self::Severe => "Severe",
        }
    }
}

/// How often a symptom occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Frequency {
    /// Every hour.
    Hourly,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Always.
    Constant,
}

impl Frequency {
    /// Every frequency.
    pub const ALL: [Self; 4] = [Self::Hourly, Self::Daily, Self::Weekly, Self::Constant];

    /// Reads a frequency; upper and lower case are equal.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        choose(Self::ALL, Self::name, typed).ok_or(FREQUENCY_UNKNOWN)
    }

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hourly => "Hourly",
            Self::Daily => "Daily",
            Self::Weekly => "Weekly",
            Self::Constant => "Constant",
        }
    }
}

/// A symptom of a patient.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// Its id, unique in the record.
    pub symptom_id: SymptomId,
    /// What it is.
    pub symptom_name: SymptomName,
    /// How strong it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// How often it occurs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// How long it has lasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Lasting>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Details>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// Who told the history.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Informants {
    /// The selected ones.
    #[serde(default)]
    pub selection: Vec<Informant>,
    /// Others, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_details: Option<Details>,
}

/// What brought the illness on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrecipitatingFactor {
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrative: Option<Narrative>,
    /// In tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// The group `clinical` of a record, which is sealed as a whole. `Debug` shows none of it (LOG-2).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Clinical {
    /// How long the illness has lasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub illness_duration: Option<Lasting>,
    /// Who told the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub informants: Option<Informants>,
    /// What brought the illness on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precipitating_factor: Option<PrecipitatingFactor>,
    /// The symptoms, in the order in which they were recorded.
    symptoms: Vec<Symptom>,
}

impl Clinical {
    /// The symptoms, in the order in which they were recorded.
    pub fn symptoms(&self) -> &[Symptom] {
        &self.symptoms
    }

    /// Adds a symptom.
    ///
    /// # Errors
    /// `too_many`.
    pub fn add_symptom(&mut self, symptom: Symptom) -> Result<(), RuleViolation> {
        if self.symptoms.len() >= MAX_SYMPTOMS {
            return Err(TOO_MANY_SYMPTOMS);
        }
        self.symptoms.push(symptom);
        Ok(())
    }

    /// The symptom with this id, to be changed.
    pub fn symptom_mut(&mut self, id: &SymptomId) -> Option<&mut Symptom> {
        self.symptoms.iter_mut().find(|it| it.symptom_id == *id)
    }

    /// Removes the symptom with this id. `false` if the record has none.
    #[must_use]
    pub fn remove_symptom(&mut self, id: &SymptomId) -> bool {
        let before = self.symptoms.len();
        self.symptoms.retain(|it| it.symptom_id != *id);
        self.symptoms.len() < before
    }
}

/// Debug of a clinical value shows its type only (LOG-2).
macro_rules! silent_debug {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}
silent_debug!(Symptom, Informants, PrecipitatingFactor, Clinical);

#[cfg(test)]
mod tests;
