//! The settings of the connection.

use kernel::settings::section;

section! {
    /// `database`, without the names of collections and indexes: where the data is, and how long it may take.
    Limits {
        /// The database's name.
        database_name: String = "patients_db".to_owned(),
        /// The embedded store's file, used without `MONGO_URI`.
        embedded_path: String = "data/clinic.db".to_owned(),
        /// Milliseconds to find a server before a request is answered 503.
        server_selection_ms: u64 = 3000,
        /// Milliseconds for one operation, and for all that fail in one request; a write that takes longer is unknown,
        /// not failed.
        operation_ms: u64 = 4000,
        /// Connections to each server at most.
        max_pool_size: u32 = 32,
    }
}
