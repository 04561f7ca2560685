//! Collects the validation errors of a request's fields, so that the caller gets all of them at once.

use std::borrow::Cow;

use crate::error::{Error, FieldError, RuleViolation};

/// The validation errors that were found so far.
///
/// ```
/// # use clinic_auth::{api::ValidationErrors, error::{Error, RuleViolation}};
/// # fn age(text: &str) -> Result<u8, RuleViolation> { text.parse().map_err(|_| RuleViolation::new("age", "Not an age")) }
/// # fn main() -> Result<(), Error> {
/// let mut errors = ValidationErrors::new();
/// let mine = errors.take("mine", age("41"));
/// let yours = errors.take_optional("yours", None, age);
/// let (mine, yours) = errors.finish((mine, yours))?;
/// # assert_eq!((mine, yours), (41, None));
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
#[must_use = "finish() reports the errors"]
pub struct ValidationErrors {
    /// Errors of fields that are missing or of the wrong type. Such a field has a placeholder value, so any other error
    /// about it is dropped.
    shape: Vec<FieldError>,
    found: Vec<FieldError>,
}

impl ValidationErrors {
    /// No errors yet.
    pub const fn new() -> Self {
        Self::from_shape(Vec::new())
    }

    /// The errors of a body's shape.
    pub(super) const fn from_shape(shape: Vec<FieldError>) -> Self {
        Self {
            shape,
            found: Vec::new(),
        }
    }

    /// Whether there is an error of this field.
    pub(super) fn contains(&self, field: &str) -> bool {
        let mut all = self.shape.iter().chain(&self.found);
        all.any(|error| error.field == field)
    }

    /// Whether there is no error so far.
    pub(super) const fn is_empty(&self) -> bool {
        self.shape.is_empty() && self.found.is_empty()
    }

    /// The value of `field`. If it breaks a rule, the error is added and the result is `None`.
    pub fn take<T>(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        value: Result<T, RuleViolation>,
    ) -> Option<T> {
        value
            .map_err(|violation| self.add(violation.at(field)))
            .ok()
    }

    /// The value of a field that may be absent; `Some(None)` if it is absent.
    pub fn take_optional<I, T>(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        value: Option<I>,
        parse: impl FnOnce(I) -> Result<T, RuleViolation>,
    ) -> Option<Option<T>> {
        self.take(field, value.map(parse).transpose())
    }

    /// Adds an error, unless the field has an error of its shape already.
    pub fn add(&mut self, error: FieldError) {
        if self.shape.iter().all(|known| known.field != error.field) {
            self.found.push(error);
        }
    }

    /// The values, if there is no error. Call it with `()` if there are no values.
    ///
    /// # Errors
    /// `ValidationError` with all errors that were found, or without any if only a value is missing.
    pub fn finish<V: Values>(self, values: V) -> Result<V::Taken, Error> {
        let Self {
            shape: mut all,
            found,
        } = self;
        all.extend(found);
        match values.taken() {
            Some(taken) if all.is_empty() => Ok(taken),
            _ => Err(Error::validation(all)),
        }
    }
}

/// A tuple of results of [`ValidationErrors::take`], for [`ValidationErrors::finish`].
pub trait Values {
    /// The tuple of the values themselves.
    type Taken;

    /// The values, if none is missing.
    fn taken(self) -> Option<Self::Taken>;
}

macro_rules! values {
    ($($name:ident)*) => {
        #[expect(non_snake_case, reason = "a value has the name of its type")]
        impl<$($name),*> Values for ($(Option<$name>,)*) {
            type Taken = ($($name,)*);

            fn taken(self) -> Option<Self::Taken> {
                let ($($name,)*) = self;
                Some(($($name?,)*))
            }
        }
    };
}

values!(A);
values!(A B);
values!(A B C);
values!(A B C D);
values!(A B C D E);
values!(A B C D E F);
values!(A B C D E F G);
values!(A B C D E F G H);
values!(A B C D E F G H I);
values!(A B C D E F G H I J);
values!(A B C D E F G H I J K);
values!(A B C D E F G H I J K L);

impl Values for () {
    type Taken = ();

    fn taken(self) -> Option<()> {
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: RuleViolation = RuleViolation::new("bad", "Not good");

    #[test]
    fn all_errors_are_reported_not_only_the_first() {
        let mut errors = ValidationErrors::new();
        let a = errors.take("a", Err::<u8, _>(BAD));
        let b = errors.take("b", Ok(2));
        let c = errors.take_optional("c", Some(3), |_| Err::<u8, _>(BAD));
        let error = errors.finish((a, b, c)).unwrap_err();
        assert_eq!(error.fields, [BAD.at("a"), BAD.at("c")]);
    }

    #[test]
    fn a_missing_field_has_no_other_error() {
        let missing = RuleViolation::new("missing", "Not there");
        let shape = ["a", "b"].map(|field| missing.at(field));
        let mut errors = ValidationErrors::from_shape(shape.to_vec());
        assert!(!errors.is_empty() && ValidationErrors::new().is_empty());
        let a = errors.take("a", Err::<u8, _>(BAD));
        let d = errors.take("d", Err::<u8, _>(BAD));
        assert!(errors.contains("b") && errors.contains("d") && !errors.contains("c"));
        let error = errors.finish((a, d)).unwrap_err();
        assert_eq!(
            error.fields,
            [missing.at("a"), missing.at("b"), BAD.at("d")]
        );
    }

    #[test]
    fn an_error_without_a_value_is_reported_too() {
        let mut errors = ValidationErrors::new();
        let a = errors.take("a", Ok(1));
        errors.add(BAD.at("both"));
        assert_eq!(errors.finish((a,)).unwrap_err().fields, [BAD.at("both")]);
    }
}
