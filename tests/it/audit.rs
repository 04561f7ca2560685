//! Tests of the audit trail: what it records, which changes it finds, and what happens without it (AUD-1 to AUD-5).

mod chained;
mod changes;
pub(crate) mod closed;
mod commands;
mod events;
mod refusals;
mod retention;
mod seals;
mod tampering;

use bson::{Document, doc};
use futures_util::TryStreamExt;
use identity::actions;
use kernel::request::Origin;
use mongodb::Collection;
use platform::audit::{
    self, Event, seal,
    verify::{self, Report},
};

use crate::harness::TestServer;

/// The records, as raw documents.
fn audit_log(server: &TestServer) -> Collection<Document> {
    server.app.store.raw("audit_log")
}

/// The seals, as raw documents.
fn seals(server: &TestServer) -> Collection<Document> {
    server.app.store.raw("audit_seals")
}

/// The heads of the chains, as raw documents.
fn register(server: &TestServer) -> Collection<Document> {
    server.app.store.raw("audit_heads")
}

async fn all(rows: &Collection<Document>) -> Vec<Document> {
    rows.find(doc! {})
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap()
}

/// All records, sorted by chain and then by time.
async fn records(server: &TestServer) -> Vec<Document> {
    let mut records = all(&audit_log(server)).await;
    sort(&mut records);
    records
}

fn sort(records: &mut [Document]) {
    records.sort_by_key(|record| {
        let field = |key| record.get(key).map(ToString::to_string);
        (field("chain"), field("sequence"))
    });
}

/// Writes a record of the main trail.
async fn write(server: &TestServer) {
    let origin = Origin::of_the_service("test".to_owned(), server.clock.now());
    let event = Event::done(None, actions::ADMIN);
    audit::record(&server.app, &origin, event).await.unwrap();
}

/// The `_id` of a record.
fn id(record: &Document) -> &str {
    record.get_str("_id").unwrap()
}

/// Seals the records that are not sealed yet.
async fn seal_now(server: &TestServer) {
    seal::seal(&server.app, server.clock.now()).await.unwrap();
}

/// The report of verify about the database.
pub(crate) async fn verified(server: &TestServer) -> Report {
    verify::verify(&server.app, || {}).await.unwrap()
}

/// The place and the damage of each finding, one for each damaged chain.
pub(crate) fn faults(report: &Report) -> Vec<String> {
    let show = |finding: &verify::Finding| format!("{} {:?}", finding.what, finding.damage);
    report.findings.values().map(show).collect()
}
