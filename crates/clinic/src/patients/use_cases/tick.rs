//! What is done beside the requests.

use kernel::error::Result;

use crate::{
    app::App,
    patients::{care::Care, relations::relation},
    records,
};

/// Records that one call settles.
const BATCH: i64 = 100;

/// Makes the relationships that a crash left out: each record knows the doctor for whom it was made. A relationship that
/// stands already, or has ended since, stays as it is. Every instance may call it every minute.
pub async fn tick(app: &App) -> Result<()> {
    let (records, relations) = (app.store.patients(), app.store.relations());
    for record in records.unsettled(BATCH).await? {
        let Some(doctor) = &record.created_for else {
            continue;
        };
        let who = records::who(app, &record).await?;
        let care = Care::created(record.created_at);
        let relation = relation(app, doctor, &record, &who, care)?;
        relations.insert(&relation).await?;
        records.settle(&record.patient_id).await?;
    }
    Ok(())
}
