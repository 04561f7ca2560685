//! Query parameters and forms.

use super::{CANARY, Target};
use crate::harness::{Answer, operations};

// Refused, because a filter that the service ignores would return everything (INJ-2).
#[tokio::test]
async fn query_operators_are_refused_in_names_and_inert_in_values() {
    let target = Target::new().await;
    for operation in operations() {
        for name in ["email[$ne]", "q[]", "$where", "user_type.$ne"] {
            let hostile = operation.request(&target.server).query(&[(name, CANARY)]);
            let hostile = Answer::of(hostile).await.expect(422);
            assert_eq!(
                hostile.validation_errors(),
                ["query unknown"],
                "{}",
                operation.id
            );
            assert!(!hostile.raw.contains(CANARY));
        }
        let plain = Answer::of(operation.request(&target.server)).await;
        let hostile = operation.request(&target.server);
        let hostile = hostile.query(&[("q", "{\"$ne\":null}")]);
        let hostile = Answer::of(hostile).await;
        assert_eq!(
            (plain.status, plain.code()),
            (hostile.status, hostile.code()),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn operators_in_a_form_are_unknown_field_names() {
    let target = Target::new().await;
    let form = |body: &'static str| {
        target.send_bytes(
            target
                .operations
                .iter()
                .find(|operation| operation.id == "login")
                .unwrap(),
            "application/x-www-form-urlencoded",
            body,
        )
    };
    let operators = form("username[$ne]=x&password[$ne]=x").await;
    assert_eq!(
        operators.validation_errors(),
        ["password missing", "username one_of"]
    );
    form("username[]=jane&password=CanarY-7731")
        .await
        .refused(422, "VALIDATION_ERROR");
    form("username=jane&password=%7B%22%24ne%22%3Anull%7D")
        .await
        .refused(401, "AUTH_FAILED");
}

#[tokio::test]
async fn a_parameter_given_twice_is_422() {
    let target = Target::new().await;
    for operation in operations() {
        for query in ["?token=a&token=b", "?x=1&y=2&%78=3"] {
            let answer = target
                .server
                .ask(
                    &format!("{} {}{query}", operation.method, operation.path()),
                    "",
                )
                .await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (422, "VALIDATION_ERROR"),
                "{}",
                operation.id
            );
        }
    }
    let login = target
        .operations
        .iter()
        .find(|operation| operation.id == "login")
        .unwrap();
    let twice = target
        .send_bytes(
            login,
            "application/x-www-form-urlencoded",
            "username=a&password=b&username=c",
        )
        .await;
    assert_eq!(twice.validation_errors(), ["username repeated"]);
}

#[tokio::test]
async fn a_form_login_ignores_other_oauth_fields() {
    let target = Target::new().await;
    target.server.patient("jane").await;
    let login = target
        .operations
        .iter()
        .find(|operation| operation.id == "login")
        .unwrap();
    let form = "grant_type=password&username=jane&password=correct+horse%20battery&scope=&client_id=x&client_secret=y&%24ne=1";
    for content_type in [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded;charset=UTF-8",
    ] {
        let answer = target
            .send_bytes(login, content_type, form)
            .await
            .expect(200);
        assert_eq!(answer.text("token_type"), "bearer");
    }
    for broken in ["username=%ff&password=x", "username=\u{e4}%e4&password=x"] {
        target
            .send_bytes(login, "application/x-www-form-urlencoded", broken)
            .await
            .refused(422, "VALIDATION_ERROR");
    }
}
