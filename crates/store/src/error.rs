//! The errors of the database, in the terms that callers need.

use kernel::{error::Error, errors};
use mongodb::error::{Error as DriverError, ErrorKind, WriteFailure};

/// The server's code for a violated unique index.
const DUPLICATE: i32 = 11000;
/// Server codes for an update of a field whose type does not fit: a bad value, a type mismatch, no such path.
const OTHER_TYPE: [i32; 3] = [2, 14, 28];
/// Server codes that mean "not now": not primary, no primary found, stepping down, shutting down, in recovery, reading
/// not possible, time limit, disk full.
const NOT_NOW: [i32; 17] = [
    6, 7, 50, 89, 91, 133, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436, 14031,
];
/// The same as messages of `SQLite`, for which a server on top of it has no code: a full disk, a limit on the file
/// size, a lock that another process has.
const NOT_NOW_WORDS: [&str; 4] = [
    "database or disk is full",
    "disk I/O error",
    "database is locked",
    "unable to open database file",
];

/// Server codes: the user of `MONGO_URI` may not do the operation; the user or the password is wrong.
const FORBIDDEN: i32 = 13;
const NOT_AUTHENTICATED: i32 = 18;

const NO_SERVER: &str = "no server found";
const BAD_CERTIFICATE: &str = "the server's certificate is not trusted";
const LOGIN_REFUSED: &str = "log-in refused";

/// A failed operation. Its text never contains a document or an address.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer, or not in time; a write may or may not have happened.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A unique index or an `_id` is taken.
    #[error("duplicate key")]
    Duplicate,
    /// A unique index that is not the service's refuses the document: `collection.index` (LEG-2).
    #[error("the unique index {0}, which is not the service's, refuses the document")]
    Foreign(String),
    /// A document does not have the shape that the service reads.
    #[error("a stored document cannot be read: {0}")]
    Corrupt(String),
    /// Anything else that the driver reports.
    #[error("database error: {0}")]
    Driver(String),
}

impl From<DriverError> for StoreError {
    fn from(error: DriverError) -> Self {
        match error.kind.as_ref() {
            ErrorKind::Write(WriteFailure::WriteError(write)) => {
                Self::of_server(write.code, "write error", &write.message)
            }
            ErrorKind::Command(command) => {
                Self::of_server(command.code, &command.code_name, &command.message)
            }
            ErrorKind::ServerSelection { message, .. } => {
                // Only this message says why no server could be used. It is not passed on, because it names addresses.
                let is_untrusted = message.contains("certificate");
                let why = if is_untrusted {
                    BAD_CERTIFICATE
                } else {
                    NO_SERVER
                };
                Self::Unavailable(why.into())
            }
            ErrorKind::Io(io) => Self::Unavailable(format!("connection: {}", io.kind())),
            ErrorKind::ConnectionPoolCleared { .. } => Self::Unavailable("pool cleared".into()),
            ErrorKind::DnsResolve { .. } => Self::Unavailable("name not resolved".into()),
            ErrorKind::Authentication { .. } => Self::Unavailable(LOGIN_REFUSED.into()),
            ErrorKind::Shutdown => Self::Unavailable("closed".into()),
            ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => {
                Self::Unavailable(format!("write concern ({})", concern.code))
            }
            ErrorKind::BsonDeserialization(_) | ErrorKind::Bson(_) => {
                Self::Corrupt("unexpected field type".into())
            }
            ErrorKind::InvalidArgument { .. } => Self::Driver("invalid argument".into()),
            _ => Self::Driver("unexpected".into()),
        }
    }
}

impl StoreError {
    /// The error for a code and a message of the server.
    pub(super) fn of_server(code: i32, name: &str, message: &str) -> Self {
        if let Some(words) = NOT_NOW_WORDS.iter().find(|words| message.contains(*words)) {
            return Self::Unavailable((*words).to_owned());
        }
        match code {
            DUPLICATE => refused_by(message).map_or(Self::Duplicate, Self::Foreign),
            code if OTHER_TYPE.contains(&code) => Self::Corrupt(format!("{name} ({code})")),
            code if NOT_NOW.contains(&code) => Self::Unavailable(format!("{name} ({code})")),
            code => Self::Driver(format!("{name} ({code})")),
        }
    }

    /// Whether the server reported this code.
    pub(super) fn has_code(&self, code: i32) -> bool {
        matches!(self, Self::Driver(text) if text.ends_with(&format!("({code})")))
    }

    /// How an operator corrects it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unavailable(why) if why == BAD_CERTIFICATE => {
                "give the server a certificate for the name in MONGO_URI; if an authority of your own signed it, add \
                 tlsCAFile=/path/to/ca.pem to MONGO_URI"
            }
            Self::Unavailable(why) if why == LOGIN_REFUSED => WRONG_USER,
            Self::Driver(_) if self.has_code(NOT_AUTHENTICATED) => WRONG_USER,
            Self::Unavailable(_) => {
                "start the database, or correct host and port in MONGO_URI; a firewall, or the access list of a hosted \
                 database, must let this machine in"
            }
            Self::Driver(_) if self.has_code(FORBIDDEN) => {
                "give the user in MONGO_URI the role readWrite on the database of database.database_name, which may \
                 also create indexes: db.grantRolesToUser(\"USER\", [{ role: \"readWrite\", db: \"NAME\" }])"
            }
            Self::Foreign(_) => "drop that index; the log says how",
            Self::Driver(_) | Self::Duplicate | Self::Corrupt(_) => {
                "look into the server's own log; the service needs MongoDB 4.4 or later"
            }
        }
    }

    /// Maps success to `true` and `Duplicate` to `false`, for inserts that reserve something.
    pub fn taken<T>(result: Result<T, Self>) -> Result<bool, Self> {
        match result {
            Ok(_) => Ok(true),
            Err(Self::Duplicate) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

/// `collection.index` of the unique index that a server's message on a duplicate names; `None` if it was the `_id`, or
/// if the message names no index. The message does not say whether the index is the service's.
fn refused_by(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("collection: ")?;
    let (namespace, rest) = rest.split_once(" index: ")?;
    let (_, collection) = namespace.split_once('.')?;
    let index = rest.split_once(" dup key").map_or(rest, |(name, _)| name);
    (index.trim() != "_id_").then(|| format!("{collection}.{}", index.trim()))
}

const WRONG_USER: &str = "correct user and password in MONGO_URI, and authSource, the database in which the user was \
                          made (often authSource=admin)";

/// After how many seconds a request may be tried again when the database did not answer.
const RETRY_AFTER: u64 = 5;

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Foreign(_) => {
                Self::new(errors::DATABASE_ERROR)
                    .retry_after(RETRY_AFTER)
                    .because(error)
            }
            _ => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // LEG-2
    #[test]
    fn the_index_that_refuses_a_document_is_read_from_the_message() {
        let index_of = |message: &str| match StoreError::of_server(DUPLICATE, "", message) {
            StoreError::Foreign(index) => Some(index),
            StoreError::Duplicate => None,
            other => panic!("{other}"),
        };
        let key = "dup key: { mobile: \"a index: b dup key: c\" }";
        let message = |index: &str| {
            format!("E11000 duplicate key error collection: db.patients.v2 index: {index} {key}")
        };
        assert_eq!(
            index_of(&message("mobile_1")).unwrap(),
            "patients.v2.mobile_1"
        );
        assert_eq!(
            index_of(&message("my index")).unwrap(),
            "patients.v2.my index"
        );
        assert_eq!(index_of(&message("_id_")), None);
        assert_eq!(index_of("E11000 duplicate key error constraint: _id"), None);
    }

    // A 500 is always a fault of the service (D9).
    #[test]
    fn a_server_that_is_not_ready_counts_as_unavailable() {
        for code in [91, 133, 134, 189, 262, 10107, 11600, 13435, 13436] {
            let error = StoreError::of_server(code, "name", "");
            assert!(matches!(error, StoreError::Unavailable(_)), "{code}");
        }
        let error = StoreError::of_server(8000, "name", "");
        assert!(matches!(error, StoreError::Driver(_)));
    }
}
