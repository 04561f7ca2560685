//! Requests that a client repeats: the first one works, the others wait for its answer (APT-9). The key is bound to the
//! caller, the path and the body, for 24 hours. The answer is sealed under a key of its own row.

use std::time::Duration as StdDuration;

use bson::{Bson, doc};
use chrono::Duration;
use crypto::sha256;
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    helpers::hex,
    principal::Principal,
    request::Origin,
    stored::{date, time},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::StoreError;

use crate::{
    app::App,
    errors,
    sealing::{self, Collection, Content, SealedGroup, WrappedKey},
    store::{Rows, Store},
};

/// How long a key is remembered.
const KEPT: Duration = Duration::hours(24);
/// After this time, a request that did not finish is taken for lost, and the next one does the work.
const LOST_AFTER: Duration = Duration::seconds(60);
/// How long a repetition waits for the answer of the first one, and how often it looks.
const WAITS: u32 = 100;
const PAUSE: StdDuration = StdDuration::from_millis(50);

/// A request with an idempotency key.
pub struct Request<'a> {
    /// Who is calling.
    pub caller: &'a Principal,
    /// The path.
    pub path: &'a str,
    /// The header's value.
    pub key: &'a str,
    /// The body.
    pub body: &'a Value,
}

/// What a repetition gets.
pub enum Begun {
    /// This is the first one: do the work, then [`keep`] or [`give_up`].
    First(Row),
    /// The answer of the first one.
    Answered(Value),
}

/// A row of `idempotency_keys`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    #[serde(rename = "_id")]
    id: String,
    body: String,
    key: WrappedKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<SealedGroup<Answer>>,
    /// When the work began; a row without an answer is taken over after [`LOST_AFTER`].
    #[serde(with = "time")]
    begun_at: Timestamp,
    #[serde(with = "time")]
    expires_at: Timestamp,
}

/// A kept answer.
#[derive(Serialize, Deserialize)]
struct Answer(Value);

impl Content for Answer {
    type Group = sealing::Text;
}

impl Store {
    /// The collection `idempotency_keys`.
    pub fn idempotency_keys(&self) -> Rows<'_, Row> {
        self.rows_of(&self.names().idempotency_keys)
    }
}

fn digest(parts: &[&str]) -> String {
    hex(&sha256(parts.join("\u{1f}").as_bytes()))
}

/// Begins the work, or waits for the answer of the request that did.
///
/// # Errors
/// `IDEMPOTENCY_CONFLICT` if the key was used for another body, or the first request takes too long.
pub async fn begin(app: &App, origin: &Origin, request: &Request<'_>) -> Result<Begun> {
    let id = digest(&[request.caller.user_id.as_str(), request.path, request.key]);
    let body = digest(&[&request.body.to_string()]);
    let keys = &app.sealing()?.keys;
    let row = Row {
        key: keys.create(Collection::IdempotencyKeys.place(&id), &app.rng)?,
        id,
        body,
        answer: None,
        begun_at: origin.now,
        expires_at: origin.now + KEPT,
    };
    let rows = app.store.idempotency_keys();
    for _ in 0..WAITS {
        let inserted = app.store.run(rows.rows.insert_one(&row)).await;
        if StoreError::taken(inserted)? {
            return Ok(Begun::First(row));
        }
        let find = rows.rows.find_one(doc! { "_id": &row.id });
        let Some(known) = app.store.run(find).await? else {
            continue;
        };
        if known.expires_at <= origin.now || is_lost(&known, origin.now) {
            // One of those who wait takes it over.
            let same = doc! { "_id": &known.id, "begun_at": date(known.begun_at) };
            let replaced = app.store.run(rows.rows.replace_one(same, &row)).await?;
            if replaced.matched_count == 1 {
                return Ok(Begun::First(row));
            }
            continue;
        }
        if known.body != row.body {
            return Err(errors::IDEMPOTENCY_CONFLICT.into());
        }
        if let Some(answer) = &known.answer {
            let place = Collection::IdempotencyKeys.place(&known.id);
            let key = keys.group_key(place, &known.key)?;
            return Ok(Begun::Answered(key.open(place, answer)?.0));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Error::new(errors::IDEMPOTENCY_CONFLICT).saying("The first request is still running"))
}

fn is_lost(row: &Row, now: Timestamp) -> bool {
    row.answer.is_none() && row.begun_at + LOST_AFTER <= now
}

/// Keeps the answer for repetitions.
pub async fn keep(app: &App, row: &Row, answer: &Value) -> Result<()> {
    let place = Collection::IdempotencyKeys.place(&row.id);
    let key = app.sealing()?.keys.group_key(place, &row.key)?;
    let sealed = key.seal(place, &Answer(answer.clone()), &app.rng)?;
    let mine = doc! { "_id": &row.id, "begun_at": date(row.begun_at) };
    let update = doc! { "$set": { "answer": Bson::from(&sealed) } };
    let rows = app.store.idempotency_keys();
    Ok(rows.change_one(mine, update).await.map(drop)?)
}

/// Forgets a key whose work was refused, so that it may be tried again.
pub async fn give_up(app: &App, row: &Row) -> Result<()> {
    let mine = doc! { "_id": &row.id, "begun_at": date(row.begun_at) };
    let rows = app.store.idempotency_keys();
    Ok(app.store.run(rows.rows.delete_one(mine)).await.map(drop)?)
}
