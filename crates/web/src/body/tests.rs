//! Tests of bodies, without a server.

mod texts;

use kernel::{contact::Mobile, error::RuleViolation, errors, names::PersonName};
use poem_openapi::{Enum, Object, types::MaybeUndefined};

use super::*;
use crate::text::Text;

#[derive(Debug, PartialEq, Object)]
struct Person {
    name: String,
    email: String,
    pregnant: Option<bool>,
    age: Option<u32>,
    tags: Option<Vec<String>>,
    colour: Option<Colour>,
}

#[derive(Debug, PartialEq, Enum)]
#[oai(rename_all = "lowercase")]
enum Colour {
    Red,
    Blue,
}

impl RequestBody for Person {}

#[derive(Debug, PartialEq, Object)]
struct Change {
    name: Option<String>,
    #[oai(nullable)]
    mobile: MaybeUndefined<String>,
}

impl RequestBody for Change {
    const NULL: Null = Null::Refuse;
}

#[derive(Debug, PartialEq, Object)]
struct Token {
    token: Option<String>,
}

impl RequestBody for Token {
    const UNKNOWN: Unknown = Unknown::Ignore;
    const OPTIONAL: bool = true;
}

#[derive(Debug, PartialEq, Object)]
struct Secret {
    secret: Option<String>,
}

impl RequestBody for Secret {
    const BLANK_IS_NULL: bool = false;
}

fn send<T: RequestBody>(content_type: &str, body: impl AsRef<[u8]>) -> Result<T, Error> {
    let request = Request::builder().content_type(content_type).finish();
    read_checked(&request, body.as_ref(), true)
}

fn read_checked<T: RequestBody>(request: &Request, body: &[u8], form: bool) -> Result<T, Error> {
    let (fields, errors) = read(request, body, form)?;
    Body::<T> { fields, errors }.checked()
}

fn refused<T: RequestBody>(content_type: &str, body: impl AsRef<[u8]>) -> Error {
    send::<T>(content_type, body).err().expect("a refusal")
}

fn errors<T: RequestBody>(body: &str) -> Vec<(String, &'static str)> {
    let error = refused::<T>(JSON, body);
    assert_eq!(error.code, errors::VALIDATION_ERROR);
    error
        .fields
        .iter()
        .map(|f| (f.field.to_string(), f.kind))
        .collect()
}

fn pairs(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    pairs
        .iter()
        .map(|(field, kind)| ((*field).to_owned(), *kind))
        .collect()
}

#[test]
fn all_errors_of_a_body_are_reported_at_once() {
    let body =
        r#"{"name":1,"pregnant":"yes","age":1.5,"tags":["a",2],"colour":"green","role":"admin"}"#;
    let expected = [
        ("name", "type"),
        ("email", "missing"),
        ("pregnant", "type"),
        ("age", "type"),
        ("tags.1", "type"),
        ("colour", "choice"),
        ("role", "unknown"),
    ];
    assert_eq!(errors::<Person>(body), pairs(&expected));
}

#[test]
fn a_string_field_accepts_only_a_string() {
    for value in ["{}", "[]", "1", "true", r#"{"$ne":null}"#] {
        let body = format!(r#"{{"name":"a","email":{value}}}"#);
        assert_eq!(
            errors::<Person>(&body),
            pairs(&[("email", "type")]),
            "{value}"
        );
    }
    assert_eq!(
        errors::<Person>(r#"{"name":"a","email":null}"#),
        pairs(&[("email", "null")])
    );
}

#[test]
fn null_is_absent_for_an_optional_field() {
    let person: Person = send(JSON, r#"{"name":"a","email":"b","age":null}"#).unwrap();
    assert_eq!(person.age, None);
}

#[test]
fn null_clears_only_a_nullable_field() {
    let change: Change = send(JSON, r#"{"mobile":null}"#).unwrap();
    assert_eq!(change.mobile, MaybeUndefined::Null);
    assert_eq!(
        errors::<Change>(r#"{"name":null}"#),
        pairs(&[("name", "null")])
    );
    let without_fields: Change = send(JSON, "{}").unwrap();
    assert_eq!(without_fields.mobile, MaybeUndefined::Undefined);
}

#[test]
fn a_body_that_is_not_a_json_object_is_refused() {
    let broken: [&[u8]; 7] = [
        b"",
        b"{",
        b"\xff{}",
        b"{\"name\":\"\xff\"}",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"\xef\xbb\xbf",
        b"{} {}",
    ];
    for body in broken {
        assert_eq!(refused::<Person>(JSON, body).fields[0].kind, "malformed");
    }
    for body in ["[]", "null", "1", r#""text""#] {
        assert_eq!(errors::<Person>(body), pairs(&[("body", "type")]));
    }
}

#[test]
fn a_name_given_twice_is_refused_at_any_depth() {
    for body in [r#"{"name":"a","name":"b"}"#, r#"{"x":[{"y":1,"y":2}]}"#] {
        assert_eq!(errors::<Person>(body), pairs(&[("body", "malformed")]));
    }
}

#[test]
fn a_deeply_nested_body_is_refused() {
    let deep = format!(r#"{{"name":{}1{}}}"#, "[".repeat(1000), "]".repeat(1000));
    assert_eq!(errors::<Person>(&deep), pairs(&[("body", "malformed")]));
}

#[test]
fn a_form_is_read_where_the_type_says_so() {
    let form = "name=J%C3%BCrg+B&email=a%40b.example&grant_type=password";
    let person: Person = send(FORM, form).unwrap();
    assert_eq!(
        (person.name.as_str(), person.email.as_str()),
        ("Jürg B", "a@b.example")
    );
    let request = Request::builder().content_type(FORM).finish();
    let refused = read::<Person>(&request, form.as_bytes(), false)
        .err()
        .unwrap();
    assert_eq!(refused.code, errors::UNSUPPORTED_MEDIA_TYPE);
}

#[test]
fn a_form_field_given_twice_is_refused() {
    let error = refused::<Person>(FORM, "name=a&email=b&name=c&x=1&x=2");
    assert_eq!(
        error.fields,
        [FieldError::new(
            "name",
            "repeated",
            "This field is given more than once"
        )]
    );
}

#[test]
fn a_form_that_is_not_utf8_is_refused() {
    assert_eq!(
        refused::<Person>(FORM, "name=%ff&email=b").fields[0].kind,
        "malformed"
    );
}

#[test]
fn any_other_content_type_is_not_supported() {
    let types = [
        "text/plain",
        "application/jsonp",
        "multipart/form-data",
        "application/json; charset=latin1",
        "*",
    ];
    for content_type in types {
        let error = refused::<Person>(content_type, "{}");
        assert_eq!(error.code, errors::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    let request = Request::builder().finish();
    let error = read_checked::<Person>(&request, b"{}", true).err().unwrap();
    assert_eq!(error.code, errors::UNSUPPORTED_MEDIA_TYPE);
    for charset in ["\"UTF-8\"", "utf8", "UTF8", "\"utf8\""] {
        let content_type = format!("Application/JSON; Charset={charset}");
        assert!(send::<Token>(&content_type, "{}").is_ok(), "{charset}");
    }
}

#[test]
fn a_wrong_content_type_is_answered_with_the_right_ones() {
    let request = Request::builder()
        .content_type("multipart/form-data")
        .finish();
    for (form, told) in [(false, SEND_JSON), (true, SEND_JSON_OR_FORM)] {
        let error = read::<Token>(&request, b"{}", form).err().unwrap();
        assert_eq!(error.text(), told);
    }
}

#[test]
fn an_encoded_body_is_not_supported() {
    for (coding, plain) in [
        ("gzip", false),
        ("identity, br", false),
        ("identity", true),
        (" Identity ,", true),
        ("", true),
    ] {
        let request = Request::builder().content_type(JSON);
        let request = request.header("Content-Encoding", coding).finish();
        let taken = read_checked::<Token>(&request, b"{}", false);
        let told = taken.as_ref().err().map(Error::text);
        assert_eq!(told, (!plain).then_some(SEND_PLAIN), "{coding}");
        let outcome = read_checked::<Token>(&request, b"", false);
        assert!(outcome.is_ok(), "nothing is not encoded");
    }
}

#[test]
fn a_byte_order_mark_is_ignored() {
    for (content_type, body) in [(JSON, r#"{"token":"a"}"#), (FORM, "token=a")] {
        let token: Token = send(content_type, format!("\u{feff}{body}")).unwrap();
        assert_eq!(token.token.as_deref(), Some("a"));
    }
}

#[test]
fn a_blank_text_is_null_for_an_optional_field() {
    for blank in ["", " ", "\\u200f\\u00a0", "\\n"] {
        let body = format!(r#"{{"name":"a","email":"{blank}","age":"{blank}","tags":"{blank}"}}"#);
        let person: Person = send(JSON, body).unwrap();
        assert_eq!((person.age, person.tags), (None, None));
        let body = format!(r#"{{"mobile":"{blank}","name":"{blank}"}}"#);
        let change: Change = send(JSON, body).unwrap();
        assert_eq!(change.mobile, MaybeUndefined::Null);
        assert!(change.name.is_some(), "its rule refuses it");
    }
}

#[test]
fn a_blank_text_is_not_null_for_a_choice_or_a_secret() {
    let body = r#"{"name":"a","email":"b","colour":""}"#;
    assert_eq!(errors::<Person>(body), pairs(&[("colour", "choice")]));
    let kept: Secret = send(JSON, r#"{"secret":" "}"#).unwrap();
    assert_eq!(kept.secret.as_deref(), Some(" "));
}

#[test]
fn an_optional_body_may_be_absent() {
    let request = Request::builder().finish();
    assert_eq!(
        read_checked::<Token>(&request, b"", false).unwrap(),
        Token { token: None }
    );
    assert_eq!(send::<Token>(FORM, "").unwrap(), Token { token: None });
    assert_eq!(
        send::<Token>("text/plain", "").unwrap(),
        Token { token: None }
    );
    assert_eq!(send::<Token>(JSON, "").unwrap(), Token { token: None });
    assert_eq!(
        send::<Token>(JSON, r#"{"more":1}"#).unwrap(),
        Token { token: None }
    );
}

#[test]
fn no_refusal_repeats_what_was_sent() {
    let secret = "Hunter2-canary";
    let bodies = [
        format!(r#"{{"name":{{"x":"{secret}"}},"{secret}":1}}"#),
        format!(r#"{{"name":"{secret}" "#),
        format!(r#"{{"name":"a","email":"b","colour":"{secret}"}}"#),
    ];
    for body in bodies {
        let error = refused::<Person>(JSON, &body);
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
    }
}

#[test]
fn an_absent_body_lacks_every_required_field() {
    let request = Request::builder().finish();
    let error = read_checked::<Person>(&request, b"", false).err().unwrap();
    assert_eq!(error.code, errors::VALIDATION_ERROR);
    assert!(error.fields.iter().any(|error| error.kind == "missing"));
    let error = read_checked::<Change>(&request, b"", false).err().unwrap();
    let errors: Vec<_> = error.fields.iter().map(|error| &*error.field).collect();
    assert_eq!(errors, ["body"], "no field is required, but the body is");
    let error = refused::<Person>("text/plain", "");
    assert_eq!(error.code, errors::UNSUPPORTED_MEDIA_TYPE);
}

#[test]
fn the_valid_fields_of_an_invalid_body_can_be_read() {
    let request = Request::builder().content_type(JSON).finish();
    let body = br#"{"token":5,"more":1}"#;
    let (fields, errors) = read::<Token>(&request, body, false).unwrap();
    assert_eq!(fields, Token { token: None });
    assert_eq!(errors.finish(Some(())).unwrap_err().fields.len(), 1);
}

#[derive(Debug, PartialEq, Object)]
struct Team {
    #[oai(nullable)]
    leader: MaybeUndefined<Member>,
    members: Option<Vec<Member>>,
}

#[derive(Debug, PartialEq, Object)]
struct Member {
    name: String,
    title: Option<String>,
    age: Option<u32>,
}

impl RequestBody for Team {
    const NULL: Null = Null::Refuse;
}

#[test]
fn null_in_an_object_of_a_change_is_absent() {
    let change = r#"{"leader":{"name":"a","title":null,"age":null}}"#;
    let leader = Member {
        name: "a".to_owned(),
        title: None,
        age: None,
    };
    let change: Team = send(JSON, change).unwrap();
    assert_eq!(change.leader, MaybeUndefined::Value(leader));
    assert_eq!(
        errors::<Team>(r#"{"leader":{"name":null},"members":null}"#),
        pairs(&[("leader.name", "null"), ("members", "null")])
    );
}

#[test]
fn a_fault_in_an_object_hides_nothing_else_of_it() {
    let request = Request::builder().content_type(JSON).finish();
    let body = br#"{"members":[{"name":"a","age":"x"},5,{"title":"b"}]}"#;
    let (fields, errors) = read::<Team>(&request, body, false).unwrap();
    let members = fields.members.unwrap();
    let names: Vec<_> = members.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a", "", ""]);
    let faults = errors.finish(Some(())).unwrap_err().fields;
    let faults: Vec<_> = faults.iter().map(|it| &*it.field).collect();
    assert_eq!(faults, ["members.0.age", "members.1", "members.2.name"]);
}
