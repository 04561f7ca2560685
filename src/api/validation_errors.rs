//! Collects the errors of a request's fields, so that a caller hears of all of them at once.

use std::borrow::Cow;

use crate::error::{Error, FieldError, RuleViolation};

/// The errors found so far.
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
#[must_use = "finish() tells whether there were faults"]
pub struct ValidationErrors {
    /// Of fields that are missing or of another type: what is in their place is nobody's.
    of_shape: Vec<FieldError>,
    found: Vec<FieldError>,
}

impl ValidationErrors {
    /// None yet.
    pub const fn new() -> Self {
        Self::of_shape(Vec::new())
    }

    /// Those of a body's shape.
    pub(super) const fn of_shape(of_shape: Vec<FieldError>) -> Self {
        Self {
            of_shape,
            found: Vec::new(),
        }
    }

    /// Whether there is one of this field.
    pub(super) fn name(&self, field: &str) -> bool {
        let mut all = self.of_shape.iter().chain(&self.found);
        all.any(|violation| violation.field == field)
    }

    /// Whether there is none so far.
    pub(super) const fn is_empty(&self) -> bool {
        self.of_shape.is_empty() && self.found.is_empty()
    }

    /// The value of `field`, or its violation is noted.
    pub fn take<T>(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        value: Result<T, RuleViolation>,
    ) -> Option<T> {
        value
            .map_err(|violation| self.add(violation.at(field)))
            .ok()
    }

    /// The value of a field that may be absent; `Some(None)` where it is.
    pub fn take_optional<I, T>(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        value: Option<I>,
        parse: impl FnOnce(I) -> Result<T, RuleViolation>,
    ) -> Option<Option<T>> {
        self.take(field, value.map(parse).transpose())
    }

    /// Notes a violation, unless the field has one of shape.
    pub fn add(&mut self, violation: FieldError) {
        if self
            .of_shape
            .iter()
            .all(|known| known.field != violation.field)
        {
            self.found.push(violation);
        }
    }

    /// The values, if there was no violation. `()` where there is none to unwrap.
    ///
    /// # Errors
    /// `ValidationError` with every violation; also if a value is missing without one.
    pub fn finish<V: Values>(self, values: V) -> Result<V::Taken, Error> {
        let Self {
            of_shape: mut all,
            found,
        } = self;
        all.extend(found);
        match values.taken() {
            Some(taken) if all.is_empty() => Ok(taken),
            _ => Err(Error::validation(all)),
        }
    }
}

/// A tuple of what [`ValidationErrors::take`] gave, for [`ValidationErrors::finish`].
pub trait Values {
    /// The tuple of the values themselves.
    type Taken;

    /// The values, if all are there.
    fn taken(self) -> Option<Self::Taken>;
}

macro_rules! values {
    ($($name:ident)*) => {
        #[expect(non_snake_case, reason = "a value is called by its type's name")]
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
    fn every_fault_is_told_not_only_the_first() {
        let mut errors = ValidationErrors::new();
        let a = errors.take("a", Err::<u8, _>(BAD));
        let b = errors.take("b", Ok(2));
        let c = errors.take_optional("c", Some(3), |_| Err::<u8, _>(BAD));
        let error = errors.finish((a, b, c)).unwrap_err();
        assert_eq!(error.fields, [BAD.at("a"), BAD.at("c")]);
    }

    #[test]
    fn a_field_that_is_not_there_has_no_other_fault() {
        let missing = RuleViolation::new("missing", "Not there");
        let shape = ["a", "b"].map(|field| missing.at(field));
        let mut errors = ValidationErrors::of_shape(shape.to_vec());
        assert!(!errors.is_empty() && ValidationErrors::new().is_empty());
        let a = errors.take("a", Err::<u8, _>(BAD));
        let d = errors.take("d", Err::<u8, _>(BAD));
        assert!(errors.name("b") && errors.name("d") && !errors.name("c"));
        let error = errors.finish((a, d)).unwrap_err();
        assert_eq!(
            error.fields,
            [missing.at("a"), missing.at("b"), BAD.at("d")]
        );
    }

    #[test]
    fn a_fault_without_a_value_of_its_own_is_told_too() {
        let mut errors = ValidationErrors::new();
        let a = errors.take("a", Ok(1));
        errors.add(BAD.at("both"));
        assert_eq!(errors.finish((a,)).unwrap_err().fields, [BAD.at("both")]);
    }
}
