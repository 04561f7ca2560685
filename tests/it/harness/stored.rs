//! Reads and changes stored documents directly, without the service.

use bson::{Document, doc};

use super::{Answer, TestServer};

impl TestServer {
    /// The account's document.
    pub(crate) async fn stored_account(&self, user_id: &str) -> Document {
        let accounts = self.app.store.raw(self.account_collection(user_id));
        let found = accounts.find_one(doc! { "user_id": user_id }).await;
        found.unwrap().unwrap()
    }

    /// Sets fields of the account's document.
    pub(crate) async fn set_stored_account(&self, user_id: &str, fields: Document) {
        let accounts = self.app.store.raw(self.account_collection(user_id));
        let update = accounts.update_one(doc! { "user_id": user_id }, doc! { "$set": fields });
        assert_eq!(update.await.unwrap().matched_count, 1);
    }

    /// The session's document.
    pub(crate) async fn stored_session(&self, session_id: &str) -> Document {
        let names = &self.program.settings.config.database.collections;
        let sessions = self.app.store.raw(&names.identity.user_sessions);
        let found = sessions.find_one(doc! { "_id": session_id }).await;
        found.unwrap().unwrap()
    }

    /// Exchanges a refresh token for new tokens.
    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        let body = serde_json::json!({ "refresh_token": token });
        self.post("/auth/refresh", body).await
    }

    fn account_collection(&self, user_id: &str) -> &str {
        let names = &self.program.settings.config.database.collections;
        match &user_id[..3] {
            "PAT" => &names.identity.patients,
            "DOC" => &names.identity.doctors,
            _ => &names.identity.staff,
        }
    }
}
