//! Bodies that are not JSON, too deep, too large, or of another content type.

use serde_json::{Value, json};

use super::{CANARY, Target};
use crate::harness::{Answer, operations};

#[tokio::test]
async fn a_body_that_is_no_json_object_is_422() {
    let target = Target::new().await;
    let deep = format!("{{\"email\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let bodies: [&[u8]; 16] = [
        b"{",
        b"{\"email\":\"CanarY-7731\"",
        b"[]",
        b"null",
        b"1",
        b"\"CanarY-7731\"",
        b"{} {}",
        b"{\"email\":\"\xff\"}",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"{'email':1}",
        b"{\"email\":NaN}",
        b"{\"email\":\"\\ud800\"}",
        b"{\"email\":\"a\",\"email\":\"b\"}",
        deep.as_bytes(),
        deep_objects.as_bytes(),
    ];
    for operation in &target.operations {
        for body in bodies {
            let answer = target.send_bytes(operation, "application/json", body).await;
            answer.refused(422, "VALIDATION_ERROR");
            assert!(
                answer.validation_errors()[0].starts_with("body ") && !answer.raw.contains(CANARY),
                "{}",
                answer.raw
            );
        }
    }
}

#[tokio::test]
async fn an_empty_body_is_422_unless_the_body_is_optional() {
    let target = Target::new().await;
    for operation in &target.operations {
        let answer = target.send_bytes(operation, "application/json", "").await;
        let optional = operation.spec["requestBody"]["required"] == false;
        assert_eq!(
            answer.status == 422,
            !optional,
            "{}: {}",
            operation.id,
            answer.raw
        );
    }
}

#[tokio::test]
async fn any_other_content_type_is_415() {
    let target = Target::new().await;
    let types = [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
        "application/jsonp",
        "*/*",
        "json",
    ];
    for operation in &target.operations {
        let body = Value::Object(operation.example().unwrap()).to_string();
        for content_type in types {
            target
                .send_bytes(operation, content_type, body.clone())
                .await
                .refused(415, "UNSUPPORTED_MEDIA_TYPE");
        }
        let bare = operation
            .request(&target.server)
            .bearer_auth(target.token(operation))
            .body(body.clone());
        Answer::of(bare)
            .await
            .refused(415, "UNSUPPORTED_MEDIA_TYPE");
        let known = target
            .send_bytes(
                operation,
                "Application/JSON; Charset=\"UTF-8\"",
                body.clone(),
            )
            .await;
        assert_ne!(known.status, 415, "{}", operation.id);
        if operation.id != "login" {
            target
                .send_bytes(operation, "application/x-www-form-urlencoded", "email=a")
                .await
                .refused(415, "UNSUPPORTED_MEDIA_TYPE");
        }
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_announced_or_chunked() {
    let target = Target::new().await;
    let announced = "Content-Type: application/json\r\nContent-Length: 10485760\r\n";
    let chunked = |bytes: usize| {
        let json = format!("{{\"email\":\"{}\"}}", "x".repeat(bytes));
        format!(
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{json}\r\n0\r\n",
            json.len()
        )
    };
    let (usual, file) = (chunked(70_000), chunked(270_000));
    for operation in operations() {
        let line = format!("{} {}", operation.method, operation.path());
        let is_file = operation.path() == "/admin/users/import";
        for request in [announced, if is_file { &file } else { &usual }] {
            let answer = target.server.ask(&line, request).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (413, "PAYLOAD_TOO_LARGE"),
                "{line}"
            ); // WEB-9
        }
    }
    let giant = json!({ "email": "x".repeat(10 << 20) });
    target
        .server
        .post("/auth/send-otp", giant)
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
    let just_fits = format!("{{\"email\":\"{}\"}}", "x".repeat(65_536 - 12));
    let operation = target
        .operations
        .iter()
        .find(|operation| operation.id == "send_otp")
        .unwrap();
    target
        .send_bytes(operation, "application/json", just_fits.clone())
        .await
        .refused(422, "VALIDATION_ERROR");
    target
        .send_bytes(operation, "application/json", format!("{just_fits} "))
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn thousands_of_unknown_fields_get_a_bounded_answer() {
    // The answer names a limited number of unknown fields, so that it does not grow with the request (INJ-6).
    let target = Target::new().await;
    let unknown = (0..5000).map(|n| (format!("f{n}"), json!(1)));
    let body = Value::Object(unknown.collect());
    let answer = target.server.post("/auth/send-otp", body).await;
    answer.refused(422, "VALIDATION_ERROR");
    let errors = answer.validation_errors();
    assert_eq!((errors.len(), errors[0].as_str()), (21, "email missing"));
}
