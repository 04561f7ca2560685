//! The audit trail as lines of JSON, for keeping it elsewhere (AUD-3).

use bson::{Bson, Document};
use serde_json::{Map, Value};

use crate::{
    app::App,
    clock::{Timestamp, rfc3339},
    error::Result,
    store::audit::Records,
};

/// Lines, one record each, oldest first; only a batch of them is in memory.
#[derive(Debug)]
pub struct Lines<'a>(Records<'a>);

/// The records from `from` until before `to`.
pub async fn export(
    app: &App,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Lines<'_>> {
    Ok(Lines(app.store.audit_log().by_time(from, to).await?))
}

impl Lines<'_> {
    /// The next line, without its end.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let record = self.0.next().await?;
        Ok(record.map(|record| json(record).to_string()))
    }
}

/// As it stands in the database, altered or not, so that the reader of the export sees that too.
fn json(record: Document) -> Value {
    let fields = record.into_iter().map(|(key, value)| (key, plain(value)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// Times as in all answers; any other kind of value in `MongoDB`'s Extended JSON.
fn plain(value: Bson) -> Value {
    match value {
        Bson::DateTime(date) => rfc3339(date.to_chrono()).into(),
        other => other.into_relaxed_extjson(),
    }
}
