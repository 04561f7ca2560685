//! Rules for the text of every page and script.

use std::collections::BTreeSet;

use super::*;
use crate::slices::SLICES;
use kernel::mail_language::MailLanguage;
use platform::{audit::record::Action, slice};

fn asset(name: &str) -> &'static Asset {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    found.unwrap_or_else(|| panic!("{name} is in no table"))
}

/// The files in the same folder that a page or a script names.
fn loads(text: &str) -> Vec<&str> {
    let names = text.split("\"./").skip(1);
    let names = names.filter_map(|rest| rest.split(['"', '#']).next());
    names.filter(|name| !name.starts_with("../")).collect()
}

/// Collects the scripts and styles of a page, and the files that those load.
fn needs(name: &'static str, found: &mut BTreeSet<&'static str>) {
    for name in loads(asset(name).text) {
        if asset(name).content_type != HTML && found.insert(name) {
            needs(name, found);
        }
    }
}

#[test]
fn every_file_that_a_page_names_is_in_the_table() {
    let references = [
        include_str!("../../../static/docs.html"),
        include_str!("../../../static/redoc.html"),
    ];
    for text in ASSETS.iter().map(|asset| asset.text).chain(references) {
        for name in loads(text) {
            let is_ours = ASSETS.iter().any(|asset| asset.name == name);
            assert!(is_ours || vendor::find(name).is_some(), "{name}");
        }
    }
}

#[test]
fn pages_of_production_load_only_files_of_production() {
    for page in [
        "reset.html",
        "account.html",
        "admin.html",
        "clinic.html",
        "my.html",
    ] {
        let mut files = BTreeSet::from([page]);
        needs(page, &mut files);
        assert!(files.contains("api.js") && files.contains("style.css"));
        for name in files {
            assert!(
                matches!(asset(name).part, Part::Always | Part::Clinic),
                "{name}"
            ); // WEB-8
        }
    }
}

#[test]
fn no_script_of_ours_writes_html_or_stores_data() {
    for asset in ASSETS {
        for banned in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "eval(",
        ] {
            assert!(!asset.text.contains(banned), "{} has {banned}", asset.name); // WEB-3, WEB-4
        }
        // The namespace of SVG looks like an address, but no browser loads it.
        let text = asset.text.replace("\"http://www.w3.org/2000/svg\"", "");
        assert!(!text.contains("://"), "{}", asset.name);
    }
}

#[test]
fn every_input_has_a_label_and_every_part_a_message_area() {
    for page in ASSETS.iter().filter(|asset| asset.content_type == HTML) {
        let elements = page.text.split('<').skip(1);
        let fields = ["input ", "select ", "textarea "];
        for element in elements.filter(|text| fields.iter().any(|tag| text.starts_with(tag))) {
            let id = element.split(" id=\"").nth(1);
            let id = id.and_then(|rest| rest.split('"').next());
            let labelled = id.is_some_and(|id| page.text.contains(&format!("for=\"{id}\"")));
            let kinds = ["\"radio\"", "\"checkbox\""];
            let inside = kinds.iter().any(|kind| element.contains(kind));
            assert!(labelled || inside, "{}: <{element}", page.name);
        }
        let containers = ["<section ", "<dialog "].map(|tag| page.text.matches(tag).count());
        let messages = page.text.matches("<p class=\"message\" role").count();
        assert_eq!(messages, containers.iter().sum::<usize>(), "{}", page.name);
    }
}

#[test]
fn the_admin_page_offers_exactly_the_audit_actions() {
    let page = asset("admin.html").text;
    let list = page.split("<select id=\"audit-action\"").nth(1).unwrap();
    let list = list.split("</select>").next().unwrap();
    let options = list.split("<option value=\"").skip(2); // The first one is any action.
    let options: Vec<_> = options
        .map(|rest| rest.split_once("\">").unwrap())
        .collect();
    let offered: BTreeSet<_> = options.iter().map(|(action, _)| *action).collect();
    let actions = slice::actions(SLICES).map(Action::name);
    assert_eq!(offered, actions.collect::<BTreeSet<_>>());
    for (action, words) in options {
        let words = words.split('<').next().unwrap();
        assert!(
            words.starts_with(char::is_uppercase) && !words.contains('_'),
            "{action}"
        );
    }
}

#[test]
fn the_profile_page_offers_exactly_the_mail_languages() {
    let page = asset("sessions.html").text;
    let list = page.split("<select id=\"language\"").nth(1).unwrap();
    let list = list.split("</select>").next().unwrap();
    let offered = list.split("<option value=\"").skip(1);
    let offered = offered.map(|rest| rest.split('"').next().unwrap());
    let offered: Vec<_> = offered.filter(|tag| !tag.is_empty()).collect();
    assert_eq!(offered, MailLanguage::ALL.map(MailLanguage::tag));
}
