//! What the export reads of second factors.

use bson::{Document, doc};
use mongodb::Collection;

use crate::store::Store;
use kernel::{clock::Timestamp, ids::UserId};
use store::{Result, listing::projection};

/// A factor or a remembered device in the export: its fields by name.
#[derive(Debug)]
pub struct ExportedRow(Document);

impl ExportedRow {
    /// A text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<String> {
        self.0.get_str(field).ok().map(str::to_owned)
    }

    /// A time.
    #[must_use]
    pub fn time(&self, field: &str) -> Option<Timestamp> {
        self.0.get_datetime(field).ok().map(|at| at.to_chrono())
    }
}

/// What the export shows of second factors.
#[derive(Debug)]
pub struct ExportedFactors {
    /// The authenticator app.
    pub totp: Vec<ExportedRow>,
    /// The passkeys.
    pub passkeys: Vec<ExportedRow>,
    /// The remembered devices.
    pub devices: Vec<ExportedRow>,
}

impl Store {
    /// The factors and devices of an account: of each row only the fields that are named here, so that no seed, key or
    /// digest is among them (SELF-7).
    pub(crate) async fn export_factors(&self, user_id: &UserId) -> Result<ExportedFactors> {
        let names = &self.names.collections;
        let used = ["confirmed_at", "last_used_at"];
        let passkey = ["name", "created_at", "last_used_at"];
        let device = [
            "name",
            "ip",
            "user_agent",
            "created_at",
            "last_used_at",
            "expires_at",
        ];
        let (totp, passkeys, devices) = tokio::try_join!(
            self.export(&names.second_factors, user_id, &used),
            self.export(&names.passkeys, user_id, &passkey),
            self.export(&names.known_devices, user_id, &device),
        )?;
        Ok(ExportedFactors {
            totp,
            passkeys,
            devices,
        })
    }

    async fn export(
        &self,
        collection: &str,
        user_id: &UserId,
        fields: &[&str],
    ) -> Result<Vec<ExportedRow>> {
        let rows: Collection<Document> = self.rows(collection);
        let find = rows
            .find(doc! { "user_id": user_id.as_str() })
            .projection(projection(fields));
        let found = self.all(find).await?;
        Ok(found.into_iter().map(ExportedRow).collect())
    }
}
