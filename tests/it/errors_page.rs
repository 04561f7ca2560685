//! `docs/errors.md` is equal to the text that the code generates.

use clinic_auth::api::errors_page;
use clinic_auth::slices::SLICES;
use platform::slice;

#[test]
fn the_page_of_error_codes_is_up_to_date() {
    let committed = include_str!("../../docs/errors.md");
    assert!(
        committed.trim_end() == errors_page().trim_end(),
        "docs/errors.md has drifted: run `cargo run -- errors > docs/errors.md`"
    );
}

#[test]
fn the_page_has_a_row_for_each_code() {
    let page = errors_page();
    for code in slice::errors(SLICES) {
        let row = format!(
            "| `{}` | {} | {} |",
            code.code(),
            code.status(),
            code.message()
        );
        assert!(page.contains(&row), "{row}");
    }
}
