//! A page as a person sees it: parts by their headings, fields by their labels, buttons by their words; and what must
//! hold on each page in each state.

use std::{env, fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use fantoccini::{Locator, elements::Element, key::Key};
use serde_json::{Value, json};

use crate::{
    driver::Driver,
    harness::{TestServer, eventually},
};

/// The window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// The narrowest that has to do.
    Phone,
    /// A usual one.
    Desktop,
}

impl Window {
    const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Desktop => "desktop",
        }
    }

    const fn size(self) -> (u32, u32) {
        match self {
            Self::Phone => (320, 640),
            Self::Desktop => (1280, 800),
        }
    }

    /// The colours of its pictures.
    const fn colours(self) -> &'static str {
        match self {
            Self::Phone => "dark",
            Self::Desktop => "light",
        }
    }
}

/// Finds what keeps people from using a page; axe.min.js of the npm package axe-core.
const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/browser/node_modules/axe-core/axe.min.js"
);

const RUN_AXE: &str = "
    const done = arguments[arguments.length - 1];
    const told = ({ impact, id, nodes }) =>
      `${impact} ${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('; ')}`;
    axe.run(document, { resultTypes: ['violations'] })
      .then(({ violations }) => done(violations.map(told)), (error) => done([String(error)]));";

/// A window with a page in it.
pub(crate) struct Page {
    driver: Driver,
    window: Window,
    base: String,
}

impl Page {
    /// The page at `path` in a new browser.
    pub(crate) async fn open(server: &TestServer, window: Window, path: &str) -> Self {
        Self::open_at(server.url(""), window, path).await
    }

    /// The same of a service at this address.
    pub(crate) async fn open_at(base: String, window: Window, path: &str) -> Self {
        let driver = Driver::start().await;
        let page = Self {
            driver,
            window,
            base,
        };
        let (width, height) = window.size();
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": window == Window::Phone,
        });
        page.driver
            .devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        page.go(path).await;
        page
    }

    /// Goes to a path of the service.
    pub(crate) async fn go(&self, path: &str) {
        let address = format!("{}{path}", self.base);
        self.driver.client.goto(&address).await.unwrap();
    }

    /// The section or dialog with this heading.
    pub(crate) fn part(&self, heading: &str) -> Part<'_> {
        let title = format!("(self::h1 or self::h2) and normalize-space()={heading:?}");
        Part {
            page: self,
            path: format!("//*[self::section or self::dialog][descendant::*[{title}]]"),
        }
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Part<'_> {
        Part {
            page: self,
            path: "//body".to_owned(),
        }
    }

    /// The value of a script.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.driver.client.execute(script, vec![]).await.unwrap()
    }

    /// The text that is to be seen.
    pub(crate) async fn text(&self) -> String {
        let text = self.script("return document.body.innerText").await;
        text.as_str().unwrap().to_owned()
    }

    /// Waits until this can be read.
    pub(crate) async fn sees(&self, text: &str) {
        eventually(&format!("{text:?} on the page"), async || {
            self.text().await.contains(text).then_some(())
        })
        .await;
    }

    /// Presses a key wherever the focus is.
    pub(crate) async fn key(&self, key: Key) {
        self.types(&key.to_string()).await;
    }

    /// Types wherever the focus is.
    pub(crate) async fn types(&self, text: &str) {
        let active = self.driver.client.active_element().await.unwrap();
        active.send_keys(text).await.unwrap();
    }

    /// Pulls the network's plug, or puts it back.
    pub(crate) async fn connected(&self, connected: bool) {
        let unlimited = json!({
            "offline": !connected, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.driver.devtools("Network.enable", json!({})).await;
        self.driver
            .devtools("Network.emulateNetworkConditions", unlimited)
            .await;
    }

    /// Nothing is on the console.
    pub(crate) async fn is_quiet(&self) {
        let complaints = self.driver.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    /// Of what the console says, nothing so far counts.
    pub(crate) async fn forget_complaints(&self) {
        self.driver.complaints().await;
    }

    /// The console tells of one refused request, and of nothing else.
    pub(crate) async fn refused(&self, status: u16, path: &str) {
        let complaints = self.driver.complaints().await;
        let expected = format!("the server responded with a status of {status}");
        assert!(
            complaints.len() == 1
                && complaints[0].contains(&expected)
                && complaints[0].contains(path),
            "{complaints:?}"
        );
    }

    /// Holds on every page in every state: nothing on the console, nothing wider than the window, nothing that keeps
    /// people out, neither in light colours nor in dark ones.
    pub(crate) async fn check(&self, state: &str) {
        self.look(state, env!("CARGO_TARGET_TMPDIR")).await;
    }

    /// The same; and a picture of it for the documents.
    pub(crate) async fn picture(&self, state: &str) {
        self.look(state, concat!(env!("CARGO_MANIFEST_DIR"), "/docs/img"))
            .await;
    }

    async fn look(&self, state: &str, folder: &str) {
        self.is_quiet().await;
        let wide = "const { scrollWidth, clientWidth } = document.documentElement; return scrollWidth - clientWidth";
        assert_eq!(self.script(wide).await, 0, "{state} scrolls sideways");
        let axe = fs::read_to_string(AXE)
            .unwrap_or_else(|_| panic!("first: npm ci --prefix tests/browser"));
        self.script(&axe).await;
        for colours in ["light", "dark"] {
            self.colour(colours).await;
            let found = self.driver.client.execute_async(RUN_AXE, vec![]).await;
            assert_eq!(found.unwrap(), json!([]), "{state} in {colours} colours");
        }
        if env::var_os("UPDATE_SCREENSHOTS").is_some() {
            let file = format!("{state}-{}.png", self.window.name());
            self.photograph(&Path::new(folder).join(file)).await;
        }
        self.colour("light").await;
    }

    async fn colour(&self, colours: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": colours });
        let media = json!({ "features": [feature] });
        self.driver
            .devtools("Emulation.setEmulatedMedia", media)
            .await;
    }

    async fn photograph(&self, file: &Path) {
        self.colour(self.window.colours()).await;
        let height = self
            .script("return document.documentElement.scrollHeight")
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

/// A part of a page.
#[derive(Clone)]
pub(crate) struct Part<'a> {
    page: &'a Page,
    path: String,
}

impl<'a> Part<'a> {
    /// The row, of a list in this part, that has this text in it.
    pub(crate) fn row(&self, text: &str) -> Part<'a> {
        let rows = "*[self::tr or self::li]";
        Part {
            page: self.page,
            path: format!(
                "{}//{rows}[contains(normalize-space(),{text:?})]",
                self.path
            ),
        }
    }

    /// Types into a field.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// What is in a field.
    pub(crate) async fn value(&self, label: &str) -> String {
        let field = self.field(label).await;
        field.prop("value").await.unwrap().unwrap()
    }

    /// Chooses from a list of choices.
    pub(crate) async fn choose(&self, label: &str, choice: &str) {
        let field = self.field(label).await;
        field.select_by_label(choice).await.unwrap();
    }

    async fn field(&self, label: &str) -> Element {
        let fields = "*[self::input or self::select or self::textarea]";
        self.visible(&format!(
            "//{fields}[@id=//label[normalize-space()={label:?}]/@for]"
        ))
        .await
    }

    /// Presses a button, follows a link, ticks a box, opens what can be opened; by its words.
    pub(crate) async fn press(&self, words: &str) {
        let kinds = "*[self::button or self::a or self::label or self::summary]";
        let named = format!("normalize-space()={words:?} or @aria-label={words:?}");
        let path = format!("//{kinds}[{named}]");
        self.visible(&path).await.click().await.unwrap();
    }

    /// Whether a button with these words can be pressed.
    pub(crate) async fn offers(&self, words: &str) -> bool {
        let path = format!(
            "{}//button[starts-with(normalize-space(),{words:?})]",
            self.path
        );
        for button in self.all(&path).await {
            if button.is_displayed().await.unwrap() && button.is_enabled().await.unwrap() {
                return true;
            }
        }
        false
    }

    /// Waits until the message of this part says this, and has the focus.
    pub(crate) async fn says(&self, text: &str) {
        let path = format!("{}//p[contains(@class,'message')]", self.path);
        eventually(&format!("the message {text:?}"), async || {
            for message in self.all(&path).await {
                if message.text().await.ok()?.contains(text) {
                    return Some(());
                }
            }
            None
        })
        .await;
        let focused = "return document.activeElement.textContent";
        let focused = self.page.script(focused).await;
        assert!(
            focused.as_str().unwrap().contains(text),
            "the focus is on {focused}"
        );
    }

    async fn all(&self, path: &str) -> Vec<Element> {
        let found = self.page.driver.client.find_all(Locator::XPath(path)).await;
        found.unwrap()
    }

    /// The first element that is to be seen at this path below the part, as soon as there is one.
    async fn visible(&self, path: &str) -> Element {
        let path = format!("{}{path}", self.path);
        eventually(&path, async || {
            for element in self.all(&path).await {
                // It may be gone already.
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }
}
