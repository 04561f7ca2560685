//! Steps that several tests take, and direct access to the stored documents.

use bson::{Bson, Document, doc};
use futures_util::TryStreamExt;
use identity::store::Store;
use serde_json::json;

use super::{Answer, TestServer, registration};

impl TestServer {
    /// Enters a code without a registration token.
    pub(crate) async fn verify(&self, email: &str, otp: &str) -> Answer {
        let proof = json!({ "email": email, "otp": otp });
        self.post("/auth/verify-otp", proof).await
    }

    /// Enters a code for one registration.
    pub(crate) async fn verify_with(
        &self,
        registration_token: &str,
        email: &str,
        otp: &str,
    ) -> Answer {
        let proof = json!({ "email": email, "otp": otp, "registration_token": registration_token });
        self.post("/auth/verify-otp", proof).await
    }

    /// Registers `name` with the address `email`.
    pub(crate) async fn register_at(&self, email: &str, name: &str) -> Answer {
        let mut body = registration(name);
        body["email"] = json!(email);
        self.post("/auth/register", body).await
    }

    /// Asks for new codes of registrations.
    pub(crate) async fn send_otp(&self, email: &str) -> Answer {
        self.post("/auth/send-otp", json!({ "email": email })).await
    }

    /// Asks for a reset.
    pub(crate) async fn forgot(&self, email: &str) -> Answer {
        self.post("/auth/forgot-password", json!({ "email": email }))
            .await
    }

    /// Sets a new password by code.
    pub(crate) async fn reset_by_code(&self, email: &str, otp: &str, new: &str) -> Answer {
        let body = json!({ "email": email, "otp": otp, "new_password": new });
        self.post("/auth/reset-password", body).await
    }

    /// Sets a new password by link.
    pub(crate) async fn reset_by_link(&self, token: &str, new: &str) -> Answer {
        let body = json!({ "token": token, "new_password": new, "confirm_password": new });
        self.post("/auth/reset-password", body).await
    }

    /// Changes a password.
    pub(crate) async fn change_password(&self, token: &str, current: &str, new: &str) -> Answer {
        let body = json!({ "current_password": current, "new_password": new });
        self.post_as(token, "/auth/change-password", body).await
    }

    /// Every code in the mails to `email`, oldest first.
    pub(crate) async fn codes_for(&self, email: &str) -> Vec<String> {
        self.deliver().await;
        let mails = self.mails.sent();
        let to = mails.iter().filter(|(mail, _)| mail.to == email);
        to.filter_map(|(mail, _)| code_in(&mail.text)).collect()
    }

    /// How many mails with this subject went to `email`.
    pub(crate) async fn mails_with_subject(&self, email: &str, subject: &str) -> usize {
        self.deliver().await;
        let mails = self.mails.sent();
        let matching = mails
            .iter()
            .filter(|(mail, _)| mail.to == email && mail.subject == subject);
        matching.count()
    }

    /// How many records of an action the trail has that are done, and that are refused.
    pub(crate) async fn in_trail(&self, action: &str) -> (usize, usize) {
        let trail = self.stored("audit_log").await;
        let with = |outcome: &str| {
            let of_action = trail.iter().filter(|row| {
                let (done, how) = (row.get_str("action").ok(), row.get_str("outcome").ok());
                done == Some(action) && how == Some(outcome)
            });
            of_action.count()
        };
        (with("success"), with("failure"))
    }

    /// Every stored document of a collection.
    pub(crate) async fn stored(&self, collection: &str) -> Vec<Document> {
        let rows = self.app.store.raw(collection);
        let cursor = rows.find(doc! {}).await.unwrap();
        cursor.try_collect().await.unwrap()
    }

    /// Changes stored documents directly. Fails if no document matches.
    pub(crate) async fn change_stored(&self, collection: &str, filter: Document, set: Document) {
        let rows = self.app.store.raw(collection);
        let update = rows.update_many(filter, doc! { "$set": set });
        assert!(update.await.unwrap().matched_count > 0);
    }

    /// Sets the time in `field` of the stored documents to a second ago: they are expired, but not removed yet.
    pub(crate) async fn expire_stored(&self, collection: &str, field: &str) {
        let past = self.clock.now() - chrono::Duration::seconds(1);
        let past = bson::DateTime::from_millis(past.timestamp_millis());
        self.change_stored(
            collection,
            doc! { field: { "$exists": true } },
            doc! { field: past },
        )
        .await;
    }

    /// How many accounts are stored.
    pub(crate) async fn accounts_stored(&self) -> usize {
        let mut count = 0;
        for collection in ["patients_v2", "doctor_v2", "staff_v2"] {
            count += self.stored(collection).await.len();
        }
        count
    }
}

/// The code in a mail: a line of exactly six digits.
fn code_in(text: &str) -> Option<String> {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    text.lines().map(str::trim).find(is_code).map(str::to_owned)
}

/// A wrong code, another one for each `n`: `right` plus one plus `n`.
pub(crate) fn wrong_code(right: &str, n: u32) -> String {
    format!("{:06}", (right.parse::<u32>().unwrap() + 1 + n) % 1_000_000)
}

/// The names that the collections have in the database.
pub(crate) fn collections(store: &Store) -> Vec<String> {
    let of_accounts = serde_json::to_value(&store.names().collections).unwrap();
    let of_platform = serde_json::to_value(store.platform().names()).unwrap();
    let sections = [of_accounts, of_platform];
    let names = sections
        .iter()
        .flat_map(|it| it.as_object().unwrap().values());
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// Every value in a document, at any depth.
pub(crate) fn values(value: &Bson) -> Vec<Bson> {
    match value {
        Bson::Document(inner) => inner.values().flat_map(values).collect(),
        Bson::Array(inner) => inner.iter().flat_map(values).collect(),
        leaf => vec![leaf.clone()],
    }
}
