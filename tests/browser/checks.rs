//! The checks that each page must pass in each state, and its pictures.

use std::{env, fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::page::{Page, Window};

/// The script that finds accessibility problems: axe.min.js of the npm package axe-core.
const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/browser/node_modules/axe-core/axe.min.js"
);

/// In dark colours the same elements have other colours, and nothing else is different.
const RUN_AXE: &str = "
    const done = arguments[arguments.length - 1];
    const describe = ({ impact, id, nodes }) =>
      `${impact} ${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('; ')}`;
    const rules = arguments[0] === 'dark' ? { runOnly: ['color-contrast'] } : {};
    axe.run(document, { resultTypes: ['violations'], ...rules })
      .then(({ violations }) => done(violations.map(describe)), (error) => done([String(error)]));";

impl Page {
    /// Fails if a part of the page is wider than the window.
    pub(crate) async fn fits(&self, state: &str) {
        let wide = "const { scrollWidth, clientWidth } = document.documentElement; return scrollWidth - clientWidth";
        assert_eq!(self.script(wide).await, 0, "{state} scrolls sideways");
    }

    /// Checks what every page must fulfil in every state: no message on the console, no content wider than the window,
    /// no accessibility problem in light or dark colours.
    pub(crate) async fn check(&self, state: &str) {
        self.check_all(state, env!("CARGO_TARGET_TMPDIR")).await;
    }

    /// Checks the page and takes a picture for the documents.
    pub(crate) async fn picture(&self, state: &str) {
        self.check_all(state, concat!(env!("CARGO_MANIFEST_DIR"), "/docs/img"))
            .await;
    }

    /// Like [`Page::check`], in a window of each size.
    pub(crate) async fn check_everywhere(&self, state: &str) {
        for window in [Window::Phone, Window::Desktop] {
            self.resize(window).await;
            self.check(state).await;
        }
        self.resize(self.window).await;
    }

    async fn check_all(&self, state: &str, folder: &str) {
        self.has_quiet_console().await;
        self.fits(state).await;
        let axe = fs::read_to_string(AXE)
            .unwrap_or_else(|_| panic!("first: npm ci --prefix tests/browser"));
        self.script(&axe).await;
        for colours in ["light", "dark"] {
            self.set_colours(colours).await;
            let found = self
                .driver
                .client
                .execute_async(RUN_AXE, vec![json!(colours)])
                .await;
            assert_eq!(found.unwrap(), json!([]), "{state} in {colours} colours");
        }
        if env::var_os("UPDATE_SCREENSHOTS").is_some() {
            let file = format!("{state}-{}.png", self.window.name());
            self.screenshot(&Path::new(folder).join(file)).await;
        }
        self.set_colours("light").await;
    }

    async fn set_colours(&self, colours: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": colours });
        let media = json!({ "features": [feature] });
        self.driver
            .devtools("Emulation.setEmulatedMedia", media)
            .await;
    }

    async fn screenshot(&self, file: &Path) {
        self.set_colours(self.window.colours()).await;
        let height = self
            .script(
                "const { documentElement: page } = document;
                return document.querySelector('dialog[open]') ? page.clientHeight : page.scrollHeight",
            )
            .await;
        let clip =
            json!({ "x": 0, "y": 0, "width": self.window.size().0, "height": height, "scale": 1 });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.driver.devtools("Page.captureScreenshot", wanted).await;
        let bytes = BASE64_STANDARD.decode(picture["data"].as_str().unwrap());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes.unwrap()).unwrap();
    }
}
