//! A record of the audit trail as a line of JSON, for keeping it elsewhere (AUD-3).

use bson::{Bson, Document};
use serde_json::{Map, Value};

use kernel::clock::rfc3339;

/// The record as it stands in the database, altered or not, so that the reader of the export sees that too. Times are
/// as in all answers; any other kind of value is in `MongoDB`'s Extended JSON.
pub fn line(record: Document) -> String {
    let plain = |value: Bson| match value {
        Bson::DateTime(date) => Value::String(rfc3339(date.to_chrono())),
        other => other.into_relaxed_extjson(),
    };
    let fields = record.into_iter().map(|(key, value)| (key, plain(value)));
    Value::Object(fields.collect::<Map<_, _>>()).to_string()
}
