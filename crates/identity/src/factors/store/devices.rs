//! `known_devices`: the devices that are remembered (MFA-20).

use bson::{Document, doc};
use mongodb::options::ReturnDocument;

use crate::{
    factors::documents::KnownDevice,
    store::{Rows, Store},
};
use kernel::{clock::Timestamp, ids::UserId, request::Origin, stored::date};
use store::Result;

/// The collection.
pub struct KnownDevices<'a>(Rows<'a, KnownDevice>);

impl Store {
    /// The collection `known_devices`.
    #[must_use]
    pub fn known_devices(&self) -> KnownDevices<'_> {
        KnownDevices(self.rows_of(&self.names.collections.known_devices))
    }
}

/// The devices of an account that still count: `epoch` is that of the account.
fn live(user_id: &UserId, epoch: &str, now: Timestamp) -> Document {
    doc! { "user_id": user_id.as_str(), "epoch": epoch, "expires_at": { "$gt": date(now) } }
}

impl KnownDevices<'_> {
    /// Remembers a device.
    pub async fn insert(&self, device: &KnownDevice) -> Result<()> {
        let insert = self.0.rows.insert_one(device);
        self.0.store.run(insert).await.map(drop)
    }

    /// Notes the use of a device of the account, and returns it. `None` if it is another account's, or is over.
    pub async fn recognize(
        &self,
        digest: &str,
        user_id: &UserId,
        epoch: &str,
        origin: &Origin,
    ) -> Result<Option<KnownDevice>> {
        let mut device = live(user_id, epoch, origin.now);
        device.insert("_id", digest);
        let used = doc! { "$set": {
            "last_used_at": date(origin.now), "ip": origin.ip.to_string(),
            "user_agent": &origin.user_agent,
        } };
        let update = self.0.rows.find_one_and_update(device, used);
        let update = update.return_document(ReturnDocument::After);
        self.0.store.one(update).await
    }

    /// The devices of an account that still count, newest first.
    pub async fn list(
        &self,
        user_id: &UserId,
        epoch: &str,
        now: Timestamp,
    ) -> Result<Vec<KnownDevice>> {
        let find = self.0.rows.find(live(user_id, epoch, now));
        let mut devices = self.0.store.all(find).await?;
        devices.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        Ok(devices)
    }

    /// Forgets one device of an account; `false` if it has none with this id.
    pub async fn delete(&self, user_id: &UserId, device_id: &str) -> Result<bool> {
        let device = doc! { "user_id": user_id.as_str(), "device_id": device_id };
        let delete = self.0.rows.delete_one(device);
        Ok(self.0.store.run(delete).await?.deleted_count == 1)
    }

    /// Forgets every device of an account, and returns how many there were.
    pub async fn delete_all(&self, user_id: &UserId) -> Result<u64> {
        let delete = self
            .0
            .rows
            .delete_many(doc! { "user_id": user_id.as_str() });
        Ok(self.0.store.run(delete).await?.deleted_count)
    }
}
