//! A page as a person sees it. Tests find parts by headings, fields by labels and buttons by their text.

use std::fs;

use fantoccini::{Locator, elements::Element, key::Key};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    driver::Driver,
    harness::{TestServer, eventually},
};

/// The size of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// The narrowest window that the pages support.
    Phone,
    /// A usual window.
    Desktop,
}

impl Window {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Desktop => "desktop",
        }
    }

    pub(crate) const fn size(self) -> (u32, u32) {
        match self {
            Self::Phone => (320, 640),
            Self::Desktop => (1280, 800),
        }
    }

    /// The colour scheme of its pictures.
    pub(crate) const fn colours(self) -> &'static str {
        match self {
            Self::Phone => "dark",
            Self::Desktop => "light",
        }
    }
}

/// A window with a page in it.
pub(crate) struct Page {
    pub(crate) driver: Driver,
    pub(crate) window: Window,
    base: String,
}

impl Page {
    /// Opens the page at `path` in a new browser.
    pub(crate) async fn open(server: &TestServer, window: Window, path: &str) -> Self {
        Self::open_at(server.url(""), window, path).await
    }

    /// Opens the page at `path` under the name `localhost`: passkeys do not work for the address of a machine.
    pub(crate) async fn open_on_localhost(server: &TestServer, window: Window, path: &str) -> Self {
        let base = format!("http://localhost:{}", server.address.port());
        Self::open_at(base, window, path).await
    }

    /// Opens a page of the service at this address.
    pub(crate) async fn open_at(base: String, window: Window, path: &str) -> Self {
        let driver = Driver::start().await;
        let page = Self {
            driver,
            window,
            base,
        };
        page.resize(window).await;
        page.go(path).await;
        page
    }

    pub(crate) async fn resize(&self, window: Window) {
        let (width, height) = window.size();
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": window == Window::Phone,
        });
        self.driver
            .devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        // A press goes to where an element stands, so the new layout is waited for.
        let drawn = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));";
        let drawn = self.driver.client.execute_async(drawn, vec![]).await;
        drawn.unwrap();
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

    /// The complete page.
    pub(crate) fn body(&self) -> Part<'_> {
        Part {
            page: self,
            path: "//body".to_owned(),
        }
    }

    /// Runs a script and returns its value.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.driver.client.execute(script, vec![]).await.unwrap()
    }

    /// The visible text.
    pub(crate) async fn text(&self) -> String {
        let text = self.script("return document.body.innerText").await;
        text.as_str().unwrap().to_owned()
    }

    /// Waits until this text is visible.
    pub(crate) async fn sees(&self, text: &str) {
        eventually(&format!("{text:?} on the page"), async || {
            self.text().await.contains(text).then_some(())
        })
        .await;
    }

    /// Presses a key on the element that has the focus.
    pub(crate) async fn key(&self, key: Key) {
        self.types(&key.to_string()).await;
    }

    /// Types into the element that has the focus.
    pub(crate) async fn types(&self, text: &str) {
        let active = self.driver.client.active_element().await.unwrap();
        active.send_keys(text).await.unwrap();
    }

    /// Presses a button that prints: the name that the browser proposes for the file, and the text on the paper.
    pub(crate) async fn printed(&self, verb: &str) -> [String; 2] {
        self.script(
            "window.print = () => { window.paper = [document.title, document.getElementById('paper').innerText]; }",
        )
        .await;
        self.body().press(verb).await;
        eventually("a printed page", async || {
            let paper = self.script("return window.paper ?? null").await;
            serde_json::from_value(paper).ok()
        })
        .await
    }

    /// Presses a button that gives the reader a file: its name and its text.
    pub(crate) async fn saved(&self, verb: &str) -> [String; 2] {
        let folder = TempDir::new().unwrap();
        let allowed = json!({ "behavior": "allow", "downloadPath": folder.path() });
        self.driver
            .devtools("Browser.setDownloadBehavior", allowed)
            .await;
        self.body().press(verb).await;
        eventually("a saved file", async || {
            let file = fs::read_dir(folder.path()).unwrap().next()?.unwrap();
            let name = file.file_name().into_string().unwrap();
            let text = fs::read_to_string(file.path()).ok()?;
            // Under another name the browser still writes it.
            (!text.is_empty() && !name.ends_with(".crdownload")).then_some([name, text])
        })
        .await
    }

    /// Presses Tab until the focus is on the element whose text begins so.
    pub(crate) async fn tab_to(&self, words: &str) {
        for _ in 0..80 {
            self.key(Key::Tab).await;
            let focused = "const { activeElement: it } = document; \
                return (it.textContent || it.labels?.[0]?.textContent || '').trim()";
            let focused = self.script(focused).await;
            if focused.as_str().unwrap().starts_with(words) {
                return;
            }
        }
        panic!("the Tab key does not reach {words:?}");
    }

    /// Sets a field that browsers let people type in the form of their own country, such as a date.
    pub(crate) async fn set(&self, id: &str, value: &str) {
        self.script(&format!(
            "const it = document.getElementById({id:?}); it.value = {value:?};
            for (const name of ['input', 'change']) it.dispatchEvent(new Event(name, {{ bubbles: true }}));"
        ))
        .await;
    }

    /// Puts the reader into another time zone.
    pub(crate) async fn time_zone(&self, zone: &str) {
        let zone = json!({ "timezoneId": zone });
        self.driver
            .devtools("Emulation.setTimezoneOverride", zone)
            .await;
    }

    /// A telephone whose owner has made all letters twice as large.
    pub(crate) async fn enlarge(&self) {
        self.resize(Window::Phone).await;
        let sizes = json!({ "fontSizes": { "standard": 32 } });
        self.driver.devtools("Page.setFontSizes", sizes).await;
    }

    /// Switches the network off or on.
    pub(crate) async fn connected(&self, connected: bool) {
        let unlimited = json!({
            "offline": !connected, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.driver.devtools("Network.enable", json!({})).await;
        self.driver
            .devtools("Network.emulateNetworkConditions", unlimited)
            .await;
    }

    /// Fails if the console contains a warning or an error.
    pub(crate) async fn has_quiet_console(&self) {
        let console_messages = self.driver.console_messages().await;
        assert!(console_messages.is_empty(), "{console_messages:?}");
    }

    /// Forgets all messages on the console so far.
    pub(crate) async fn clear_console_messages(&self) {
        self.driver.console_messages().await;
    }

    /// Fails unless the console reports exactly one refused request.
    pub(crate) async fn refused(&self, status: u16, path: &str) {
        let console_messages = self.driver.console_messages().await;
        let expected = format!("the server responded with a status of {status}");
        assert!(
            console_messages.len() == 1
                && console_messages[0].contains(&expected)
                && console_messages[0].contains(path),
            "{console_messages:?}"
        );
    }
}

/// A part of a page.
#[derive(Clone)]
pub(crate) struct Part<'a> {
    page: &'a Page,
    path: String,
}

impl<'a> Part<'a> {
    /// The row of a list in this part that contains this text.
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

    /// The value of a field.
    pub(crate) async fn value(&self, label: &str) -> String {
        let field = self.field(label).await;
        field.prop("value").await.unwrap().unwrap()
    }

    /// Chooses an option of a list.
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

    /// Clicks what is at this path. The page may replace it between the look and the click, and then it is looked for again.
    async fn click(&self, path: &str) {
        while let Err(error) = self.visible(path).await.click().await {
            assert!(error.is_stale_element_reference(), "{path}: {error}");
        }
    }

    /// Clicks a button, link, checkbox or summary with this text.
    pub(crate) async fn press(&self, words: &str) {
        let kinds = "*[self::button or self::a or self::label or self::summary]";
        let named = format!("normalize-space()={words:?} or @aria-label={words:?}");
        self.click(&format!("//{kinds}[{named}]")).await;
    }

    /// Clicks a button whose text begins so.
    pub(crate) async fn press_beginning(&self, words: &str) {
        let path = format!("//button[starts-with(normalize-space(),{words:?})]");
        self.click(&path).await;
    }

    /// Whether there is an enabled button whose text begins so.
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

    /// Waits until the message of this part contains this text and has the focus.
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

    /// Waits for the first visible element at this path below the part.
    async fn visible(&self, path: &str) -> Element {
        let path = format!("{}{path}", self.path);
        eventually(&path, async || {
            for element in self.all(&path).await {
                // The element may have been removed already.
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }
}
