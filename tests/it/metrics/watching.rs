//! The alert rules and the dashboard in `docs/operations` use only metrics that exist, and each alert has a line in the
//! runbook.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;

use crate::harness::{PASSWORD, TestServer};

/// The labels that Prometheus adds itself, and the label of a histogram's buckets.
const ADDED: [&str; 3] = ["instance", "job", "le"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The name of each sample, with the names of its labels.
async fn samples() -> BTreeMap<String, BTreeSet<String>> {
    let server = TestServer::start().await;
    server.login("nobody", PASSWORD).await.expect(401);
    let text = server.get("/metrics").await.expect(200).raw;
    let mut samples = BTreeMap::<String, BTreeSet<String>>::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, labels) = selector(line);
        samples.entry(name).or_default().extend(labels);
    }
    samples
}

/// The name and the labels' names at the beginning of a text: `name{label="value"}`.
fn selector(text: &str) -> (String, BTreeSet<String>) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let inside = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let labels = inside.map_or("", |(labels, _)| labels).split(',');
    let labels = labels.filter_map(|label| label.split_once(['=', '!']));
    let labels = labels.map(|(name, _)| name.trim().to_owned());
    (name.to_owned(), labels.collect())
}

/// The metrics that a text uses, with the names of their labels.
fn metrics_in(text: &str) -> Vec<(String, BTreeSet<String>)> {
    let starts = text.match_indices("clinic_auth_");
    starts.map(|(at, _)| selector(&text[at..])).collect()
}

/// The metrics that a text uses and `/metrics` does not have.
fn unknown(text: &str, samples: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let is_known = |(name, labels): &(String, BTreeSet<String>)| {
        samples.get(name).is_some_and(|known| {
            let mut labels = labels.iter();
            labels.all(|label| known.contains(label) || ADDED.contains(&label.as_str()))
        })
    };
    let unknown = metrics_in(text)
        .into_iter()
        .filter(|metric| !is_known(metric));
    unknown
        .map(|(name, labels)| format!("{name} {labels:?}"))
        .collect()
}

fn expressions(dashboard: &Value) -> Vec<&str> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    targets
        .map(|target| target["expr"].as_str().unwrap())
        .collect()
}

#[test]
fn a_selector_is_read_with_its_labels() {
    let text = r#"rate(clinic_auth_x_total{a="1",b=~"2|3"}[5m]) > clinic_auth_y"#;
    let labels = ["a", "b"].map(str::to_owned);
    assert_eq!(
        metrics_in(text),
        [
            ("clinic_auth_x_total".to_owned(), BTreeSet::from(labels)),
            ("clinic_auth_y".to_owned(), BTreeSet::new()),
        ]
    );
    let known = BTreeMap::from([(
        "clinic_auth_x_total".to_owned(),
        BTreeSet::from(["a".to_owned()]),
    )]);
    assert_eq!(
        unknown(text, &known),
        [r#"clinic_auth_x_total {"a", "b"}"#, "clinic_auth_y {}"]
    );
}

#[tokio::test]
async fn every_alert_uses_existing_metrics() {
    let rules = read("docs/operations/alerts.yml");
    let asks = rules.lines().filter(|line| line.contains("clinic_auth_"));
    assert!(asks.count() > 15);
    assert_eq!(unknown(&rules, &samples().await), [""; 0]);
}

#[tokio::test]
async fn every_panel_uses_existing_metrics() {
    let dashboard: Value = serde_json::from_str(&read("docs/operations/dashboard.json")).unwrap();
    let samples = samples().await;
    for expression in expressions(&dashboard) {
        assert!(!metrics_in(expression).is_empty(), "{expression}");
        assert_eq!(unknown(expression, &samples), [""; 0], "{expression}");
    }
    // Every metric is in the dashboard, except these.
    let drawn = expressions(&dashboard).join(" ");
    let families = samples.keys().map(|name| name.trim_end_matches("_bucket"));
    let families = families.filter(|name| !name.ends_with("_sum") && !name.ends_with("_count"));
    let undrawn: Vec<_> = families.filter(|name| !drawn.contains(*name)).collect();
    assert_eq!(
        undrawn,
        [
            "clinic_auth_build_info",
            "clinic_auth_password_hashes_total",
            "clinic_auth_requests_running",
            "clinic_auth_uptime_seconds",
        ]
    );
}

#[test]
fn panels_have_unique_ids_positions_and_titles() {
    let dashboard: Value = serde_json::from_str(&read("docs/operations/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    for key in ["id", "gridPos", "title"] {
        let different: BTreeSet<_> = panels.iter().map(|panel| panel[key].to_string()).collect();
        assert_eq!(different.len(), panels.len(), "{key}");
    }
}

#[test]
fn every_alert_has_a_line_in_the_runbook() {
    let runbook = read("docs/operations.md");
    let rules = read("docs/operations/alerts.yml");
    let alerts = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    let alerts: BTreeSet<_> = alerts.collect();
    let lines = runbook
        .lines()
        .filter_map(|line| line.strip_prefix("| `ClinicAuth"));
    let listed: BTreeSet<_> = lines
        .filter_map(|line| line.split_once('`'))
        .map(|(name, _)| format!("ClinicAuth{name}"))
        .collect();
    assert_eq!(
        listed,
        alerts.iter().map(|name| (*name).to_owned()).collect()
    );
}
