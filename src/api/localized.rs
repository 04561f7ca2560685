//! `localized_message` beside the `message` of an answer, for callers whose `Accept-Language` asks for it. Refusals have it
//! from the pipeline.

use poem::{Body, Endpoint, Request, Response, Result};
use serde::Deserialize;
use web::reader::{DependsOnLanguage, Reader};

use crate::{sentences, slices::SLICES};

/// Operations, whose answers get the sentence.
pub(super) struct Localized<E>(pub(super) E);

/// What is read of an answer.
#[derive(Deserialize)]
struct Answer {
    message: String,
}

impl<E: Endpoint<Output = Response>> Endpoint for Localized<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let reader = Reader::of(&request, sentences::localize);
        let has_messages = is_of_slice(request.uri().path());
        let mut answer = self.0.call(request).await?;
        let content = answer.content_type().unwrap_or_default();
        if !has_messages || !content.starts_with("application/json") {
            return Ok(answer);
        }
        answer.set_data(DependsOnLanguage);
        if reader.is_english() {
            return Ok(answer);
        }
        let body = answer.take_body().into_vec().await?;
        answer.set_body(with_sentence(body, reader));
        Ok(answer)
    }
}

/// Whether the operations of a slice answer there: the program's own say nothing to people.
fn is_of_slice(path: &str) -> bool {
    let mut roots = SLICES.iter().flat_map(|slice| slice.roots);
    roots.any(|root| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The answer with one more field, if it is an object that has a `message`.
fn with_sentence(mut body: Vec<u8>, reader: Reader) -> Body {
    let answer = serde_json::from_slice::<Answer>(&body).ok();
    let sentence = answer.and_then(|answer| reader.localized(&answer.message));
    let end = body.iter().rposition(|byte| *byte == b'}');
    if let (Some(sentence), Some(end)) = (sentence, end) {
        let sentence = serde_json::Value::String(sentence);
        body.truncate(end);
        body.extend(format!(",\"localized_message\":{sentence}}}").into_bytes());
    }
    Body::from_vec(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::mail_language::MailLanguage;

    const GERMAN: Reader = Reader {
        language: MailLanguage::German,
        localize: sentences::localize,
    };

    async fn read(body: &str) -> String {
        let body = with_sentence(body.as_bytes().to_vec(), GERMAN);
        body.into_string().await.unwrap()
    }

    #[tokio::test]
    async fn an_answer_with_a_message_gets_the_sentence_beside_it() {
        let answer = read(r#"{"success":true,"message":"Logged out","count":{"a":1}}"#).await;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["message"], "Logged out");
        assert_eq!(answer["localized_message"], "Abgemeldet");
        assert_eq!(answer["count"]["a"], 1);
    }

    #[tokio::test]
    async fn every_other_answer_stays_as_it_is() {
        for body in ["[]", "{}", r#"{"message":"Ana"}"#, r#"{"message":3}"#, "x"] {
            assert_eq!(read(body).await, body);
        }
    }

    #[test]
    fn only_operations_of_slices_have_messages_for_people() {
        assert!(is_of_slice("/auth/login") && is_of_slice("/users") && is_of_slice("/patients/me"));
        assert!(!is_of_slice("/openapi.json") && !is_of_slice("/") && !is_of_slice("/authors"));
    }
}
