//! `docs/security.md` names, for each requirement, tests that exist, or says why there is none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The number of requirements of each kind.
const REQUIREMENTS: [(&str, usize); 31] = [
    ("PW", 8),
    ("HASH", 5),
    ("ENUM", 8),
    ("OTP", 11),
    ("RST", 8),
    ("REG", 8),
    ("UID", 1),
    ("ID", 4),
    ("TXT", 1),
    ("INJ", 6),
    ("JWT", 6),
    ("KEY", 3),
    ("SES", 7),
    ("RT", 5),
    ("LCK", 7),
    ("RL", 10),
    ("MAIL", 8),
    ("WEB", 13),
    ("ADM", 6),
    ("AUD", 5),
    ("LOG", 3),
    ("DB", 7),
    ("LEG", 2),
    ("TIME", 2),
    ("LIFE", 2),
    ("CFG", 1),
    ("DEP", 1),
    ("SELF", 8),
    ("MFA", 26),
    ("PK", 17),
    // Not implemented yet.
    ("OIDC", 2),
];

/// The requirements of the clinic's records. Numbers that are missing belong to parts that are not built.
const OF_THE_CLINIC: [(&str, &[usize]); 8] = [
    ("ACC", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ("PAT", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15]),
    ("CON", &[1, 2, 3, 4, 5, 6, 7]),
    ("REP", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (
        "APT",
        &[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23, 24,
        ],
    ),
    ("ENC", &[1, 2, 3, 4, 5, 6, 7, 10, 11]),
    ("AUDX", &[1, 2, 4, 5, 6, 7]),
    ("TEN", &[1, 2]),
];

/// The beginning of a cell without tests. A reason follows.
const NO_TEST: &str = "none: ";

/// The text of each row's last column, by id.
fn table() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, promise, tests] = cells[..] else {
            panic!("not three cells: {line}");
        };
        if id == "id" || id.starts_with("---") {
            continue;
        }
        assert!(promise.ends_with('.'), "no sentence: {line}");
        let twice = rows.insert(id.to_owned(), tests.to_owned());
        assert_eq!(twice, None, "{id} stands twice");
    }
    rows
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of all tests in the sources.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["src", "crates", "tests"] {
        read(&root().join(folder), &mut names);
    }
    names
}

fn read(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, names);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            names.extend(tests_of(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The functions right below a `#[test]` or a `#[tokio::test(..)]`.
fn tests_of(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(name) = function(line) {
            if is_test {
                names.push(name.to_owned());
            }
            is_test = false;
        }
    }
    names
}

fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (name, _) = line.strip_prefix("fn ")?.split_once('(')?;
    Some(name)
}

/// The names between backticks.
fn named(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn requirements_and_rows_are_the_same_set() {
    let numbered = |(kind, count): &(&str, usize)| {
        let kind = (*kind).to_owned();
        (1..=*count)
            .map(move |number| format!("{kind}-{number}"))
            .collect::<Vec<_>>()
    };
    let wanted = REQUIREMENTS.iter().flat_map(numbered);
    let of_clinic = OF_THE_CLINIC
        .iter()
        .flat_map(|(kind, numbers)| numbers.iter().map(move |number| format!("{kind}-{number}")));
    let wanted: BTreeSet<String> = wanted.chain(of_clinic).collect();
    let found: BTreeSet<String> = table().into_keys().collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_row_names_its_tests_or_a_reason() {
    let bare = |(id, cell): (String, String)| {
        let excused = cell
            .strip_prefix(NO_TEST)
            .is_some_and(|reason| reason.len() > 8);
        let tested = !named(&cell).is_empty() && !cell.contains("MISSING");
        (!excused && !tested).then_some(id)
    };
    let bare: Vec<String> = table().into_iter().filter_map(bare).collect();
    assert!(bare.is_empty(), "without a test: {}", bare.join(", "));
}

#[test]
fn every_named_test_exists() {
    let (tests, table) = (tests(), table());
    let cells = table.iter().filter(|(_, cell)| !cell.starts_with(NO_TEST));
    let unknown: Vec<String> = cells
        .flat_map(|(id, cell)| named(cell).into_iter().map(move |name| (id, name)))
        .filter(|(_, name)| !tests.contains(*name))
        .map(|(id, name)| format!("{id}: {name}"))
        .collect();
    assert!(unknown.is_empty(), "no such test: {unknown:?}");
}

#[test]
fn a_function_is_a_test_only_with_its_attribute() {
    let source = "#[test]\nfn one() {}\nfn two() {}\n#[tokio::test]\nasync fn three() {}\n// #[test]\nfn four() {}";
    assert_eq!(tests_of(source), ["one", "three"]);
}
