//! The header `Idempotency-Key`: a request that a client repeats is answered as the first time (APT-9, PAT-12).

use std::sync::Arc;

use kernel::{
    error::{Error, RuleViolation},
    principal::Principal,
    request::Origin,
};
use poem_openapi::types::{ParseFromJSON, ToJSON};
use serde_json::Value;

use crate::{
    app::App,
    idempotency::{self, Begun, Request},
};

const KEY_INVALID: RuleViolation = RuleViolation::new(
    "idempotency_key_invalid",
    "Must have 8 to 200 visible ASCII characters",
);

/// The value of the header. Handlers take it as `Header<Option<String>>` with the name `Idempotency-Key`.
pub type IdempotencyKey = Option<String>;

/// Does `work` once for a key, a caller, a path and a body. A repetition gets the same answer.
///
/// # Errors
/// Those of `work`, after which the key is free again; `IDEMPOTENCY_CONFLICT` if the key was used for another body.
pub async fn once<T: ToJSON + ParseFromJSON>(
    app: &Arc<App>,
    origin: &Origin,
    caller: &Principal,
    (key, path, body): (IdempotencyKey, &str, &Value),
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(key) = key else { return work.await };
    let is_plain = key.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_plain || !(8..=200).contains(&key.len()) {
        return Err(KEY_INVALID.at("Idempotency-Key").into());
    }
    let request = Request {
        caller,
        path,
        key: &key,
        body,
    };
    let row = match idempotency::begin(app, origin, &request).await? {
        Begun::First(row) => row,
        Begun::Answered(answer) => {
            return T::parse_from_json(Some(answer))
                .map_err(|_| Error::internal("a kept answer has another form"));
        }
    };
    match work.await {
        Ok(answer) => {
            let kept = answer.to_json().unwrap_or(Value::Null);
            idempotency::keep(app, &row, &kept).await?;
            Ok(answer)
        }
        Err(error) => {
            idempotency::give_up(app, &row).await?;
            Err(error)
        }
    }
}
