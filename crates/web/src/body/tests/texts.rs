//! Tests of the texts of a body: each is read once, and its error has the field's name.

use super::*;

#[derive(Debug, Object)]
struct Contact {
    name: Text<PersonName>,
    #[oai(nullable)]
    mobile: MaybeUndefined<Text<Mobile>>,
    others: Option<Vec<Text<PersonName>>>,
}

impl RequestBody for Contact {}

#[test]
fn each_text_is_read_and_its_error_has_the_fields_name() {
    let body = r#"{"name":" ","mobile":"x","others":["a",""],"more":1}"#;
    let expected = [
        ("more", "unknown"),
        ("name", "empty"),
        ("mobile", "mobile_invalid"),
        ("others.1", "empty"),
    ];
    assert_eq!(errors::<Contact>(body), pairs(&expected));
    let valid: Contact = send(JSON, r#"{"name":" Anna ","mobile":""}"#).unwrap();
    assert!(valid.mobile.is_null() && valid.others.is_none());
    assert_eq!(valid.name.value().unwrap().as_str(), "Anna");
}

#[test]
fn a_text_of_the_wrong_type_has_one_error_and_no_rule_is_checked() {
    assert_eq!(
        errors::<Contact>(r#"{"name":5}"#),
        pairs(&[("name", "type")])
    );
    let request = Request::builder().content_type(JSON).finish();
    let (contact, mut errors) = read::<Contact>(&request, br#"{"name":null}"#, false).unwrap();
    assert_eq!(errors.check(&contact.name, |_| Ok(1)), None);
    assert!(contact.name.is_empty() && contact.name.value().is_none());
}

#[test]
fn an_invalid_text_can_be_compared_and_is_not_shown() {
    let request = Request::builder().content_type(JSON).finish();
    let body = r#"{"name":"a\u0000b"}"#;
    let (contact, _errors) = read::<Contact>(&request, body.as_bytes(), false).unwrap();
    assert_eq!(&*contact.name, "a\0b");
    assert!(!format!("{contact:?}").contains("a\0b"));
}

#[test]
fn rules_across_fields_are_reported_with_those_of_single_texts() {
    let bad = RuleViolation::new("bad", "Not good");
    let body = |text: &str| {
        let request = Request::builder().content_type(JSON).finish();
        let (fields, errors) = read(&request, text.as_bytes(), false).unwrap();
        Body::<Contact> { fields, errors }
    };
    let refused = body(r#"{"name":""}"#).read_as(|fields, errors| {
        errors.check(&fields.name, |_| Err::<(), _>(bad));
        fields.name.value()
    });
    let fields = refused.unwrap_err().fields;
    assert_eq!(
        fields.iter().map(|error| error.kind).collect::<Vec<_>>(),
        ["bad", "empty"]
    );
    let taken = body(r#"{"name":"a"}"#).read_as(|fields, _| fields.name.value());
    assert_eq!(taken.unwrap().as_str(), "a");
    let ignored = body(r#"{"name":""}"#).read_as(|fields, errors| {
        errors.ignore(&fields.name);
        Some(())
    });
    assert!(ignored.is_ok());
}
