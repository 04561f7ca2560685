//! Rules of the source files: a crate and a module know only those below them, a file of a slice names only what its kind
//! may name, each file begins with a doc line and is short.

use std::{fs, path::Path};

/// The ground: each crate, and those of the others that it may know.
const GROUND: [(&str, &[&str]); 6] = [
    ("kernel", &[]),
    ("crypto", &["kernel"]),
    ("store", &["kernel"]),
    ("mail", &["kernel"]),
    ("platform", &["kernel", "crypto", "store", "mail"]),
    ("web", &["kernel", "store", "platform"]),
];

/// The slices. Each may know the whole ground, and none of the others.
const SLICES: [&str; 2] = ["identity", "clinic"];

/// The server for tests of one slice. It knows the ground, and no slice.
const TESTKIT: &str = "testkit";

/// The floors of the program in `src`, lowest first. Modules of one floor do not import each other.
const FLOORS: [&[&str]; 7] = [
    &["config"],
    &["slices", "telemetry"],
    &["sentences"],
    &["database", "people"],
    &["program"],
    &["api"],
    &["server"],
];

/// What a file of a slice may not name: words, and the kinds of files that may name them all the same.
const ONLY: [(&[&str], &[&str]); 3] = [
    // The driver.
    (&["mongodb::"], &["store"]),
    // HTTP, and the operations.
    (&["poem::", "poem_openapi::", "http::"], &["http", "lib"]),
    // Rules and documents are pure: no database, no clock, nothing to wait for.
    (
        &["async ", "Clock", "store::", "App,", "app::App"],
        &["store", "use_cases", "http", "lib", "other"],
    ),
];

struct Source {
    path: String,
    text: String,
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if entry.file_type().unwrap().is_dir() {
            // The packages of npm are not our sources.
            if name != "node_modules" {
                found.extend(sources(&path));
            }
        } else if Path::new(&name)
            .extension()
            .is_some_and(|kind| kind == "rs")
        {
            let text = fs::read_to_string(entry.path()).unwrap();
            found.push(Source { path, text });
        }
    }
    found
}

impl Source {
    /// The kind of a file of a slice, by its name or a folder above it.
    fn kind(&self) -> &str {
        let names = self.path.trim_end_matches(".rs").split('/').skip(3);
        let kinds = ["rules", "documents", "store", "use_cases", "http", "lib"];
        let mut known = names.filter(|name| kinds.contains(name));
        known.next().unwrap_or("other")
    }

    fn code(&self) -> String {
        let lines = self
            .text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Each path after `crate::`, one for each item of a group: `domain::role`, `error`.
    fn imports(&self) -> Vec<String> {
        let code: String = self.code().split_whitespace().collect();
        code.split("crate::").skip(1).flat_map(items).collect()
    }
}

/// The paths of `a::b;…` or of the outermost items of `{a::b,c::{d,e}};…`.
fn items(text: &str) -> Vec<String> {
    let path = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c))
            .next()
            .unwrap()
            .to_owned()
    };
    let Some(group) = text.strip_prefix('{') else {
        return vec![path(text)];
    };
    let (mut depth, mut found, mut start) = (0, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            ',' | '}' if depth == 0 => {
                found.push(path(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    found.retain(|path| !path.is_empty());
    found
}

fn floor(path: &str) -> usize {
    let module = path.split(['/', ':', '.']).next().unwrap();
    let floor = FLOORS.iter().position(|floor| floor.contains(&module));
    floor.unwrap_or_else(|| panic!("{module} has no floor: give it one in tests/it/floors.rs"))
}

/// The names of the dependencies of a crate.
fn dependencies(name: &str) -> Vec<String> {
    let path = format!("{}/crates/{name}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let (_, below) = text.split_once("[dependencies]\n").unwrap();
    let lines = below.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| Some(line.split_once(['.', ' '])?.0.to_owned()))
        .collect()
}

#[test]
fn a_crate_knows_only_the_crates_below_it() {
    let ground = GROUND.map(|(name, _)| name);
    let above = [SLICES[0], SLICES[1], TESTKIT].map(|name| (name, &ground[..]));
    let rows: Vec<(&str, &[&str])> = GROUND.into_iter().chain(above).collect();
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates")).unwrap();
    for folder in folders {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let row = rows.iter().find(|(row, _)| *row == name);
        let (_, below) = row.unwrap_or_else(|| panic!("crates/{name} has no row here"));
        let known = dependencies(&name);
        let mut ours = known
            .iter()
            .filter(|it| rows.iter().any(|(row, _)| row == it));
        assert!(
            ours.all(|it| below.contains(&it.as_str())),
            "{name}: {known:?}"
        );
        let has = |what: &str| known.iter().any(|it| it == what);
        let is_ground = GROUND.iter().any(|(ground, _)| *ground == name);
        assert!(!is_ground || !has("mongodb") || ["store", "platform"].contains(&name.as_str()));
        assert!(!is_ground || !has("poem") || name == "web");
    }
}

#[test]
fn imports_only_point_downwards() {
    let mut violations = Vec::new();
    for source in sources("src") {
        let path = source.path.trim_start_matches("src/");
        // `main` and the commands may import every module, and `lib` only declares the modules.
        if ["main", "commands", "lib"].contains(&path.split(['/', '.']).next().unwrap()) {
            continue;
        }
        let imports = source.imports().into_iter();
        let wrong = imports.filter(|to| {
            !path.starts_with(to.split(':').next().unwrap()) && floor(to) >= floor(path)
        });
        violations.extend(wrong.map(|to| format!("{} imports {to}", source.path)));
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn the_import_parser_reads_groups_and_single_paths() {
    let text = "use crate::{\n  api::Tag,\n  config::{sections::Limits, Config},\n  program::Program,\n};\nfn f(a: crate::server::Server) {}\n// crate::api";
    let source = Source {
        path: "src/x.rs".to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(
        source.imports(),
        ["api::Tag", "config::", "program::Program", "server::Server"]
    );
}

#[test]
fn a_file_of_a_slice_names_only_what_its_kind_may_name() {
    let mut violations = Vec::new();
    let folders = SLICES.map(|slice| format!("crates/{slice}/src"));
    for source in folders.iter().flat_map(|folder| sources(folder)) {
        let (code, kind) = (source.code(), source.kind());
        let forbidden = ONLY.iter().filter(|(_, kinds)| !kinds.contains(&kind));
        let words = forbidden.flat_map(|(words, _)| *words);
        let wrong = words.filter(|word| code.contains(**word));
        violations.extend(wrong.map(|word| format!("{} names {word}", source.path)));
    }
    for source in sources("src") {
        let code = source.code();
        assert!(!code.contains("mongodb::"), "{}", source.path);
        let is_http = source.path.starts_with("src/api") || source.path == "src/server.rs";
        assert!(is_http || !code.contains("poem::"), "{}", source.path);
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn each_file_has_a_doc_line_and_is_short() {
    let mut violations = Vec::new();
    let folders = ["src", "crates", "tests"];
    for source in folders.into_iter().flat_map(sources) {
        if !source.text.starts_with("//! ") {
            violations.push(format!(
                "{} does not begin with a line of `//!`",
                source.path
            ));
        }
        let lines = source.text.lines().count();
        if lines > 400 {
            violations.push(format!("{} has {lines} lines, 400 are enough", source.path));
        }
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}
