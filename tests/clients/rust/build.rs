//! Generates the client from the OpenAPI document, and takes the examples in Rust out of docs/clients.md.

use std::{env, error::Error, fs, path::PathBuf};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut document: Value = serde_json::from_str(&read("../../../docs/openapi.json")?)?;
    // Login also takes a form; progenitor refuses an operation that knows two kinds of body.
    let kinds = document.pointer_mut("/paths/~1auth~1login/post/requestBody/content");
    if let Some(Value::Object(kinds)) = kinds {
        kinds.remove("application/x-www-form-urlencoded");
    }
    // It knows no files of comma-separated values.
    if let Some(Value::Object(paths)) = document.pointer_mut("/paths") {
        paths.remove("/admin/users/import");
    }
    let document = serde_json::from_value(document)?;
    let client = progenitor::Generator::default().generate_tokens(&document)?;
    fs::write(out.join("client.rs"), client.to_string())?;

    let page = read("../../../docs/clients.md")?;
    for name in ["clinic.rs", "verify.rs"] {
        let mark = format!("<!-- run: {name} -->\n```rust\n");
        let (_, rest) = page.split_once(&mark).ok_or(name)?;
        let (example, _) = rest.split_once("\n```").ok_or(name)?;
        fs::write(out.join(name), example)?;
    }
    Ok(())
}

/// A file that the build depends on.
fn read(path: &str) -> std::io::Result<String> {
    println!("cargo::rerun-if-changed={path}");
    fs::read_to_string(path)
}
