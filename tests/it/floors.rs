//! Rules of the source files: a crate and a module know only those below them, `mongodb` and `poem` are used only where
//! they belong, each file begins with a doc line and is short.

use std::{fs, path::Path};

/// The floors of `src`, lowest first. Modules of one floor do not import each other.
const FLOORS: [&[&str]; 9] = [
    &["config"],
    &["domain"],
    &["legacy"],
    &["store", "telemetry"],
    &["app", "letters"],
    &["legacy::start"],
    &["service"],
    &["api"],
    &["server"],
];

/// Each crate, and those of the others that it may know.
const CRATES: [(&str, &[&str]); 7] = [
    ("kernel", &[]),
    ("crypto", &["kernel"]),
    ("store", &["kernel"]),
    ("mail", &["kernel"]),
    ("platform", &["kernel", "crypto", "store", "mail"]),
    ("web", &["kernel", "store", "platform"]),
    ("clinic", &["kernel", "crypto"]),
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
    /// The file's module below `src`.
    fn module(&self) -> String {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        module_of(&path.replace('/', "::")).to_owned()
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

/// The top module of a path. What the start does with an older database has a floor of its own.
fn module_of(path: &str) -> &str {
    match path {
        _ if path.starts_with("legacy::start") => "legacy::start",
        _ => path.split("::").next().unwrap(),
    }
}

fn floor(module: &str) -> usize {
    let floor = FLOORS.iter().position(|floor| floor.contains(&module));
    floor.unwrap_or_else(|| panic!("{module} has no floor: give it one in tests/it/floors.rs"))
}

fn may_import(from: &str, path: &str) -> bool {
    let to = module_of(path);
    from == to || floor(to) < floor(from)
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
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates")).unwrap();
    let mut folders: Vec<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut listed = CRATES.map(|(name, _)| name.to_owned());
    folders.sort();
    listed.sort();
    assert_eq!(folders, listed);
    for (name, below) in CRATES {
        let known = dependencies(name);
        let ours = known
            .iter()
            .filter(|it| CRATES.iter().any(|(name, _)| it == name));
        assert_eq!(
            ours.collect::<Vec<_>>().len(),
            below.len(),
            "{name}: {known:?}"
        );
        assert!(
            below.iter().all(|it| known.iter().any(|known| known == it)),
            "{name}: {known:?}"
        );
        let (driver, web) = (
            known.iter().any(|it| it == "mongodb"),
            known.iter().any(|it| it == "poem"),
        );
        assert!(
            !driver || matches!(name, "store" | "platform"),
            "{name} knows the driver"
        );
        assert!(!web || name == "web", "{name} knows the framework");
    }
}

#[test]
fn imports_only_point_downwards() {
    let mut violations = Vec::new();
    for source in sources("src") {
        // `main` and the commands may import every module, and `lib` only declares the modules.
        if matches!(source.module().as_str(), "main" | "commands" | "lib") {
            continue;
        }
        let imports = source.imports();
        let wrong = imports
            .iter()
            .filter(|path| !may_import(&source.module(), path));
        violations.extend(wrong.map(|path| format!("{} imports {path}", source.path)));
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn the_import_parser_reads_groups_and_single_paths() {
    let source = |text: &str| Source {
        path: "src/x.rs".to_owned(),
        text: text.to_owned(),
    };
    let text = "use crate::{\n  app::App,\n  domain::{role::Role, ids},\n  error::Error,\n};\nfn f(a: crate::store::Store) {}\n// crate::api";
    assert_eq!(
        source(text).imports(),
        ["app::App", "domain::", "error::Error", "store::Store"]
    );
    assert!(
        !may_import("domain", "store::Store")
            && !may_import("telemetry", "store::Store")
            && !may_import("config", "domain::user")
    );
    assert!(may_import("domain", "config") && may_import("service", "store::Store"));
}

#[test]
fn only_the_store_uses_the_driver_and_only_the_api_poem() {
    for source in sources("src") {
        let (code, module) = (source.code(), source.module());
        assert!(
            module == "store" || !code.contains("mongodb::"),
            "{}",
            source.path
        );
        let web = code.contains("poem::") || code.contains("poem_openapi::");
        assert!(
            !web || matches!(module.as_str(), "api" | "server"),
            "{}",
            source.path
        );
    }
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
