//! The operations of staff and administrators, which other accounts cannot use.

mod access;
mod account_status;
mod activity;
mod approval;
mod bulk;
mod collections;
mod deletion;
mod desk;
mod import;
mod invitations;
mod last_admin;
mod lists;
mod mails;
mod parameters;
mod pending;
mod pending_fields;
mod resets;
mod search;
mod trail;

use serde_json::Value;

use crate::harness::{Answer, Person, TestServer};

pub(crate) use self::trail::ACTIONS;

/// Starts a server with an administrator.
async fn clinic() -> (TestServer, Person) {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    (server, admin)
}

/// The values of one field in all rows of a list.
fn column(answer: &Answer, list: &str, field: &str) -> Vec<String> {
    let rows = answer.body[list].as_array();
    let text = |row: &Value| row[field].as_str().unwrap_or_default().to_owned();
    rows.unwrap_or_else(|| panic!("no {list} in {}", answer.raw))
        .iter()
        .map(text)
        .collect()
}

/// The values of one field in all rows of all pages, with `limit` rows on a page.
async fn all_pages(
    server: &TestServer,
    token: &str,
    path: &str,
    (list, field): (&str, &str),
    limit: usize,
) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    let joint = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = format!("{path}{joint}limit={limit}&cursor={cursor}");
        let page = server.get_as(token, &page).await.expect(200);
        let rows = column(&page, list, field);
        assert!(rows.len() <= limit, "{}", page.raw);
        found.extend(rows);
        assert_eq!(page.body["has_more"], !page.body["next_cursor"].is_null());
        match page.body["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return found,
        }
    }
}
