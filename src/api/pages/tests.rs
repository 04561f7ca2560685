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
        "otp.html",
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
            let is_unseen =
                element.starts_with("input type=\"text\" autocomplete=\"username\" hidden");
            assert!(labelled || inside || is_unseen, "{}: <{element}", page.name);
        }
        let containers = ["<section ", "<dialog "].map(|tag| page.text.matches(tag).count());
        let messages = page.text.matches("<p class=\"message\" role").count();
        assert_eq!(messages, containers.iter().sum::<usize>(), "{}", page.name);
    }
}

// A password manager keeps a password for the username that it finds in the same form.
#[test]
fn every_form_with_a_password_has_a_username() {
    let mut forms = 0;
    for page in ASSETS.iter().filter(|asset| asset.content_type == HTML) {
        for form in page.text.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            if form.contains("-password\"") && form.contains("type=\"password\"") {
                assert!(
                    form.contains("autocomplete=\"username\""),
                    "{}: {form}",
                    page.name
                );
                forms += 1;
            }
        }
    }
    assert!(forms >= 8, "{forms}");
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

fn is_script(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "js")
}

/// The sentences that the patients' pages and the scripts that they load say.
fn said() -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    let mut scripts = BTreeSet::new();
    for page in translated::PAGES {
        translated::rewrite(asset(page).text, |text| {
            said.insert(text.to_owned());
            None
        });
        needs(page, &mut scripts);
    }
    for script in scripts.into_iter().filter(|name| is_script(name)) {
        said.extend(said_by(asset(script).text));
    }
    said
}

/// The sentences that a script gives to `t` and `plural`.
fn said_by(script: &str) -> Vec<String> {
    let calls = |name: &str, sentences: usize| {
        let mut found = Vec::new();
        for (at, _) in script.match_indices(&format!("{name}(")) {
            let is_word = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
            let call = script[at..].split_once('(').unwrap().1;
            let is_literal = sentences == 2 || call.starts_with('"');
            if !script[..at].ends_with(is_word) && is_literal {
                let literals = call.split('"').skip(1).step_by(2);
                found.extend(literals.take(sentences).map(str::to_owned));
            }
        }
        found
    };
    [calls("t", 1), calls("plural", 2)].concat()
}

/// The names of the languages, each in itself.
const NAMES: [&str; 5] = ["English", "Deutsch", "Français", "Español", "हिन्दी"];

#[test]
fn the_patients_pages_say_what_the_catalogue_has_and_nothing_else() {
    let said = said();
    let all = crate::sentences::OF_PAGES.iter().copied().flatten();
    let known: BTreeSet<_> = all.map(|sentence| sentence.en.to_owned()).collect();
    let missing = said.iter().filter(|text| !known.contains(*text));
    let missing: Vec<_> = missing
        .filter(|text| !NAMES.contains(&text.as_str()))
        .collect();
    assert_eq!(missing, Vec::<&String>::new(), "not in the catalogue");
    let unused: Vec<_> = known.difference(&said).collect();
    assert_eq!(unused, Vec::<&String>::new(), "nobody says it");
}

#[test]
fn the_patients_scripts_say_nothing_past_the_catalogue() {
    let mut scripts = BTreeSet::new();
    for page in translated::PAGES {
        needs(page, &mut scripts);
    }
    // Names of headers, keys, programs, and what no person reads.
    let others = [
        "Accept",
        "Content-Type",
        "Authorization",
        "Date",
        "Escape",
        "Idempotency-Key",
        "Edg",
        "Edge",
        "Opera",
        "Firefox",
        "Chrome",
        "Safari",
        "Android",
        "Windows",
        "Mac OS",
        "Linux",
        "Etc",
    ];
    for script in scripts.into_iter().filter(|name| is_script(name)) {
        for line in asset(script)
            .text
            .lines()
            .filter(|line| !line.trim().starts_with("//"))
        {
            let (mut before, mut inside) = ("", false);
            for part in line.split('"') {
                let mut letters = part.chars();
                let is_sentence = letters.next().is_some_and(char::is_uppercase)
                    && letters.next().is_some_and(char::is_lowercase);
                let is_named = others
                    .iter()
                    .any(|other| part.trim_end_matches('/') == *other);
                let is_said = before.ends_with("t(")
                    || line.contains("plural(")
                    || line.trim().starts_with('"');
                assert!(
                    !(inside && is_sentence) || is_said || is_named,
                    "{script}: {part}"
                );
                (before, inside) = (part, !inside);
            }
        }
    }
}

#[test]
fn a_page_in_another_language_has_no_english_text() {
    for name in translated::PAGES {
        for language in MailLanguage::ALL {
            let page = translated::page(asset(name).text, language);
            let tag = format!("<html lang=\"{}\"", language.tag());
            assert!(page.contains(&tag), "{name}");
            if language == MailLanguage::English {
                assert_eq!(page, asset(name).text);
                continue;
            }
            let title = |page: &str| page.split("<title>").nth(1).map(str::to_owned);
            let title = |page: &str| title(page).unwrap().split('<').next().unwrap().to_owned();
            assert_ne!(title(&page), title(asset(name).text), "{name}");
            assert!(page.contains(&format!("data-words=\"./words-{}.js\"", language.tag())));
        }
    }
}
