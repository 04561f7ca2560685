//! Collects the validation errors of a request, so that the caller gets all of them at once.

use crate::text::{FromText, Text};
use kernel::error::{Error, FieldError, RuleViolation};

/// The validation errors that were found so far. An answer lists first those of the body's shape, then those that the
/// operation found, then those of single texts, unless the operation has called [`Self::list_texts`].
///
/// ```
/// # use kernel::error::{Error, RuleViolation};
/// # use web::ValidationErrors;
/// # fn age(text: &str) -> Result<u8, RuleViolation> { text.parse().map_err(|_| RuleViolation::new("age", "Not an age")) }
/// # fn main() -> Result<(), Error> {
/// let mut errors = ValidationErrors::new();
/// let mine = errors.take(age("41").map_err(|violation| violation.at("mine")));
/// let yours = errors.take(age("42").map_err(|violation| violation.at("yours")));
/// let (mine, yours) = errors.finish(mine.zip(yours))?;
/// # assert_eq!((mine, yours), (41, 42));
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
#[must_use = "finish() reports the errors"]
pub struct ValidationErrors {
    /// Errors of fields that are missing or of the wrong type. Such a field has a placeholder value, so any other error
    /// about it is dropped.
    shape: Vec<FieldError>,
    found: Vec<FieldError>,
    texts: Vec<FieldError>,
}

impl ValidationErrors {
    /// No errors yet.
    pub const fn new() -> Self {
        Self::of_body(Vec::new(), Vec::new())
    }

    /// The errors of a body's shape and of its texts.
    pub const fn of_body(shape: Vec<FieldError>, texts: Vec<FieldError>) -> Self {
        Self {
            shape,
            found: Vec::new(),
            texts,
        }
    }

    /// Whether there is an error of this field.
    pub fn contains(&self, field: &str) -> bool {
        self.all().any(|error| error.field == field)
    }

    /// Whether a field has an error that is none of `fields`.
    pub fn is_faulty_beside(&self, fields: &[&str]) -> bool {
        self.all().any(|error| !fields.contains(&&*error.field))
    }

    /// Whether there is no error so far.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    fn all(&self) -> impl Iterator<Item = &FieldError> {
        self.shape.iter().chain(&self.found).chain(&self.texts)
    }

    /// Checks a rule of a text that needs more than the text. `None` if the text is absent or breaks the rule.
    pub fn check<'t, T: FromText + 't, V>(
        &mut self,
        text: impl Into<Option<&'t Text<T>>>,
        rule: impl FnOnce(&str) -> Result<V, RuleViolation>,
    ) -> Option<V> {
        let text = text.into().filter(|text| text.is_given())?;
        self.take(rule(text).map_err(|violation| violation.at(text.field())))
    }

    /// The value. If there is an error instead, it is added and the result is `None`.
    pub fn take<T>(&mut self, value: Result<T, FieldError>) -> Option<T> {
        value.map_err(|error| self.add(error)).ok()
    }

    /// Adds an error, unless the field has an error of its shape already.
    pub fn add(&mut self, error: FieldError) {
        if self.shape.iter().all(|known| known.field != error.field) {
            self.found.push(error);
        }
    }

    /// Lists the errors of single texts before those that the operation finds from now on.
    pub fn list_texts(&mut self) {
        self.found.append(&mut self.texts);
    }

    /// Drops the error of a text that does not count, because the operation does not use it.
    pub fn ignore<T: FromText>(&mut self, text: &Text<T>) {
        self.texts.retain(|error| error.field != text.field());
    }

    /// The value, if there is no error.
    ///
    /// # Errors
    /// `ValidationError` with all errors that were found, or without any if only the value is missing.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Error> {
        let Self {
            shape: mut all,
            found,
            texts,
        } = self;
        all.extend(found);
        all.extend(texts);
        value
            .filter(|_| all.is_empty())
            .ok_or_else(|| Error::validation(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: RuleViolation = RuleViolation::new("bad", "Not good");

    #[test]
    fn all_errors_are_reported_not_only_the_first() {
        let mut errors = ValidationErrors::of_body(vec![BAD.at("shape")], vec![BAD.at("text")]);
        assert_eq!(errors.take(Err::<u8, _>(BAD.at("a"))), None);
        assert_eq!(errors.take(Ok(2)), Some(2));
        errors.add(BAD.at("c"));
        assert!(
            ["shape", "a", "c", "text"]
                .iter()
                .all(|field| errors.contains(field))
        );
        let error = errors.finish(Some(())).unwrap_err();
        assert_eq!(
            error.fields,
            ["shape", "a", "c", "text"].map(|field| BAD.at(field))
        );
    }

    #[test]
    fn the_errors_of_texts_can_be_listed_earlier() {
        let mut errors = ValidationErrors::of_body(Vec::new(), vec![BAD.at("text")]);
        errors.add(BAD.at("a"));
        errors.list_texts();
        errors.add(BAD.at("b"));
        let error = errors.finish(Some(())).unwrap_err();
        assert_eq!(error.fields, ["a", "text", "b"].map(|field| BAD.at(field)));
    }

    #[test]
    fn a_missing_field_has_no_other_error() {
        let missing = RuleViolation::new("missing", "Not there");
        let mut errors = ValidationErrors::of_body(vec![missing.at("a")], Vec::new());
        assert!(!errors.is_empty() && ValidationErrors::new().is_empty());
        errors.add(BAD.at("a"));
        errors.add(BAD.at("d"));
        assert!(!errors.contains("c"));
        assert!(errors.is_faulty_beside(&["a"]) && !errors.is_faulty_beside(&["d", "a"]));
        let error = errors.finish(Some(())).unwrap_err();
        assert_eq!(error.fields, [missing.at("a"), BAD.at("d")]);
    }
}
