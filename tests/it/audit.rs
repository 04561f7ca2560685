//! The audit trail: what it records, what it shows of changes, and what happens without it (AUD-1 to AUD-4).

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
use clinic_auth::{
    domain::{audit::Action, request::Origin},
    service::audit::{
        self, Event, seal,
        verify::{self, Report},
    },
};
use futures_util::TryStreamExt;
use mongodb::Collection;

use crate::harness::TestServer;

/// The trail, as raw documents in the database.
fn log(server: &TestServer) -> Collection<Document> {
    server.app.store.raw("audit_log")
}

/// The seals, as raw documents in the database.
fn seals(server: &TestServer) -> Collection<Document> {
    server.app.store.raw("audit_seals")
}

/// The register of chains, as raw documents in the database.
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

/// Every record, chain by chain in the order of their time.
async fn records(server: &TestServer) -> Vec<Document> {
    let mut records = all(&log(server)).await;
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
    let event = Event::done(None, Action::Admin);
    audit::record(&server.app, &origin, event).await.unwrap();
}

/// The `_id` of a record.
fn id(record: &Document) -> &str {
    record.get_str("_id").unwrap()
}

/// Seals what is there.
async fn sealed(server: &TestServer) {
    seal::seal(&server.app, server.clock.now()).await.unwrap();
}

/// What verify says of the database.
pub(crate) async fn verified(server: &TestServer) -> Report {
    verify::verify(&server.app, || {}).await.unwrap()
}

/// `record fault` of each chain that has one.
pub(crate) fn faults(report: &Report) -> Vec<String> {
    let show = |finding: &verify::Finding| format!("{} {:?}", finding.what, finding.damage);
    report.findings.values().map(show).collect()
}
