//! `schedules` and `calendar_feeds`.

use bson::doc;
use kernel::ids::UserId;
use store::{Result, StoreError};

use crate::{
    appointments::documents::{FeedRow, ScheduleRow},
    store::{Rows, Store},
};

impl Store {
    /// The collection `schedules`.
    pub fn schedules(&self) -> Rows<'_, ScheduleRow> {
        self.rows_of(&self.names().schedules)
    }

    /// The collection `calendar_feeds`.
    pub fn calendar_feeds(&self) -> Rows<'_, FeedRow> {
        self.rows_of(&self.names().calendar_feeds)
    }
}

impl Rows<'_, ScheduleRow> {
    /// A doctor's schedule.
    pub(crate) async fn find(&self, doctor: &UserId) -> Result<Option<ScheduleRow>> {
        let id = ScheduleRow::id_of(doctor);
        self.store.run(self.rows.find_one(doc! { "_id": id })).await
    }

    /// Writes a schedule, if it is still `known`; `false` if another writer was faster.
    pub(crate) async fn write(
        &self,
        known: Option<&ScheduleRow>,
        next: &ScheduleRow,
    ) -> Result<bool> {
        let Some(known) = known else {
            return StoreError::taken(self.store.run(self.rows.insert_one(next)).await);
        };
        let same = doc! { "_id": &known.id, "version": known.version };
        let replaced = self.store.run(self.rows.replace_one(same, next)).await?;
        Ok(replaced.matched_count == 1)
    }
}

impl Rows<'_, FeedRow> {
    /// The feed of a token's digest.
    pub(crate) async fn find(&self, digest: &str) -> Result<Option<FeedRow>> {
        let find = self.rows.find_one(doc! { "_id": digest });
        self.store.run(find).await
    }

    /// Removes the feeds of a person, and makes a new one if there is one.
    pub(crate) async fn replace(&self, user: &UserId, feed: Option<&FeedRow>) -> Result<()> {
        let own = doc! { "user_id": user.as_str() };
        self.store.run(self.rows.delete_many(own)).await?;
        if let Some(feed) = feed {
            self.store.run(self.rows.insert_one(feed)).await?;
        }
        Ok(())
    }
}
