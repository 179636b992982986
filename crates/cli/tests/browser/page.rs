//! A browser at a house, and what people do with it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use data_encoding::BASE64;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::house::{House, client};

/// How wide the window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    Phone,
    Desktop,
}

impl Width {
    pub const BOTH: [Self; 2] = [Self::Phone, Self::Desktop];

    fn pixels(self) -> (u32, u32) {
        match self {
            Self::Phone => (390, 844),
            Self::Desktop => (1280, 900),
        }
    }
}

/// Keys, as WebDriver writes them.
pub const TAB: &str = "\u{E004}";
pub const ENTER: &str = "\u{E007}";
pub const SPACE: &str = "\u{E00D}";

/// How much of a page may move by itself. Below 0.1 is called good; only chats, whose lines come by themselves, move by
/// more than 0.02.
const LAYOUT_SHIFT_MAX: f64 = 0.1;

/// A browser of its own: cookies of others are not its.
pub struct Browser<'h> {
    pub client: Client,
    house: &'h House,
    width: Width,
}

impl<'h> Browser<'h> {
    /// A new browser, in a language (`ja`, `en`).
    pub async fn open(house: &'h House, language: &str, width: Width) -> Self {
        Self::open_with(house, width, json!({ "intl.accept_languages": language }), language).await
    }

    /// A new browser that runs no scripts of pages. Without them the driver waits without end for a phone that it plays: a
    /// window as wide as a desktop only.
    pub async fn without_scripts(house: &'h House, language: &str) -> Self {
        let refused = "profile.managed_default_content_settings.javascript";
        Self::open_with(
            house,
            Width::Desktop,
            json!({ "intl.accept_languages": language, refused: 2 }),
            language,
        )
        .await
    }

    async fn open_with(house: &'h House, width: Width, prefs: Value, language: &str) -> Self {
        let mut capabilities = Capabilities::new();
        let (wide, high) = width.pixels();
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-gpu".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--window-size={wide},{high}"),
            format!("--lang={language}"),
            format!("--accept-lang={language}"),
        ];
        if width == Width::Phone {
            arguments.push("--force-device-scale-factor=1".to_owned());
        }
        let mobile = json!({ "deviceMetrics": { "width": wide, "height": high, "pixelRatio": 1.0 } });
        let mut options = json!({ "args": arguments, "prefs": prefs });
        if width == Width::Phone {
            options["mobileEmulation"] = mobile;
        }
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let client =
            ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(house.driver()).await;
        Self { client: client.expect("Chromium does not start"), house, width }
    }

    /// Opens a path of the house.
    pub async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.house.address)).await.unwrap();
    }

    /// The path and the query that it is at.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.house.address).unwrap_or(url.as_str()).to_owned()
    }

    /// Somebody of the demo signs in.
    pub async fn sign_in(&self, person: &str) {
        self.go("/sign-in").await;
        self.press(person).await;
        self.until("to be let in", async || !self.path().await.starts_with("/sign-in")).await;
    }

    /// What can be read on the page; nothing while it is exchanged for another.
    pub async fn text(&self) -> String {
        let text =
            self.client.execute("return document.body ? document.body.innerText : ''", Vec::new()).await;
        text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// That something can be read on the page, at once or soon.
    pub async fn sees(&self, wanted: &str) {
        self.until(&format!("to see {wanted:?}"), async || self.text().await.contains(wanted)).await;
    }

    /// Waits until something holds, for ten seconds at most.
    pub async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        for _ in 0..200 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await; // a browser draws in its own time
        }
        let (path, text) = (self.path().await, self.text().await);
        panic!("waited {what} at {path}; there was:\n{text}");
    }

    /// The first thing that a selector finds, at once or soon.
    pub async fn one(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css} at {}: {error}\n{}", self.path().await, self.text().await),
        }
    }

    /// How many things a selector finds now.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// Presses the button or follows the link that says this.
    pub async fn press(&self, words: &str) {
        let quoted = format!("concat('', \"{}\")", words.replace('"', "\", '\"', \""));
        let path = format!(
            "//button[contains(normalize-space(.), {quoted})] | //a[contains(normalize-space(.), {quoted})] | \
             //summary[contains(normalize-space(.), {quoted})]"
        );
        self.press_found(Locator::XPath(&path), &format!("something that says {words:?}")).await;
    }

    /// Presses what a selector finds.
    pub async fn click(&self, css: &str) {
        self.press_found(Locator::Css(css), css).await;
    }

    /// Presses the first thing found; again, where the page was exchanged for another meanwhile.
    async fn press_found(&self, search: Locator<'_>, what: &str) {
        self.until(&format!("to press {what}"), async || match self.pressed(search).await {
            Ok(()) => true,
            Err(error) => {
                println!("{what} is not pressed yet: {error}");
                false
            }
        })
        .await;
        self.settles().await;
    }

    async fn pressed(&self, search: Locator<'_>) -> Result<(), CmdError> {
        let element = self.client.find(search).await?;
        let _ = self.client.execute("window.isBefore = true", Vec::new()).await;
        element.click().await
    }

    /// Waits until what was pressed has led to another page, or half a second, where it stays on this one.
    async fn settles(&self) {
        let is_next = "return document.readyState === 'complete' && !window.isBefore";
        for _ in 0..10 {
            let answer = self.client.execute(is_next, Vec::new()).await;
            if answer.is_ok_and(|answer| answer == Value::Bool(true)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await; // a browser goes on in its own time
        }
    }

    /// Types into an emptied field of that name.
    pub async fn fill(&self, name: &str, text: &str) {
        let css = format!("main [name='{name}']:not([type='hidden']):not([type='range'])");
        self.until(&format!("to fill {name}"), async || {
            let Ok(field) = self.client.find(Locator::Css(&css)).await else { return false };
            field.clear().await.is_ok() && field.send_keys(text).await.is_ok()
        })
        .await;
    }

    /// Types keys wherever the focus is.
    pub async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Goes on with Tab until what a selector finds has the focus.
    pub async fn tab_to(&self, css: &str) {
        for _ in 0..150 {
            self.keys(TAB).await;
            let there = "return document.activeElement.matches(arguments[0])";
            if self.script(there, vec![json!(css)]).await == json!(true) {
                return;
            }
        }
        panic!("Tab does not lead to {css}");
    }

    /// Runs a script and answers what it returns.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap()
    }

    /// What went wrong in the browser's console since it was asked last.
    pub async fn console_errors(&self) -> Vec<String> {
        let answer = self.ask_driver("se/log", &json!({ "type": "browser" })).await;
        let entries = answer.as_array().cloned().unwrap_or_default();
        // A page that is told with a status such as 404 or 422 is an entry of the console, and no fault.
        let is_fault = |entry: &Value| {
            entry["level"] == "SEVERE"
                && !entry["message"].as_str().unwrap().contains("the server responded with")
        };
        entries.iter().filter(|entry| is_fault(entry)).map(|entry| entry["message"].to_string()).collect()
    }

    /// That the page holds what every page holds: it hardly moved while it loaded, nothing in the console, no violation of
    /// accessibility, no sideways scrolling, and its picture is kept under `name`.
    pub async fn is_sound(&self, name: &str) {
        let moved = self.layout_shift().await;
        assert!(moved < LAYOUT_SHIFT_MAX, "{name} at {} moved by {moved}", self.path().await);
        self.keep_picture(name).await;
        let errors = self.console_errors().await;
        assert!(errors.is_empty(), "{name}: the console says {errors:?}");
        let violations = self.violations().await;
        assert!(violations.is_empty(), "{name} at {}:\n{}", self.path().await, violations.join("\n"));
        let beyond = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let beyond = self.script(beyond, Vec::new()).await;
        assert!(beyond.as_i64().unwrap() <= 0, "{name} is wider than its window by {beyond}");
    }

    /// Opens all that can be opened, as somebody would who reads everything. What moves by it does not move by itself.
    pub async fn open_details(&self) {
        let open = "window.arrangedAt = performance.now(); \
                    document.querySelectorAll('details').forEach(row => row.open = true)";
        self.script(open, Vec::new()).await;
    }

    /// How much of the page has moved by itself since it was opened: the sum of its layout shifts.
    async fn layout_shift(&self) -> f64 {
        let sum = "const done = arguments[arguments.length - 1]; let moved = 0;\
            new PerformanceObserver(list => list.getEntries().forEach(shift => {\
            if (!shift.hadRecentInput && shift.startTime < (window.arrangedAt || Infinity)) moved += shift.value; })).observe({type: 'layout-shift', buffered: true});\
            requestAnimationFrame(() => setTimeout(() => done(moved), 0))";
        self.client.execute_async(sum, Vec::new()).await.unwrap().as_f64().unwrap()
    }

    /// What axe-core finds at fault.
    async fn violations(&self) -> Vec<String> {
        let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(axe).expect("axe-core is missing: npm ci in crates/cli/tests/browser");
        let run = "const done = arguments[arguments.length - 1];\
            axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})\
            .then(found => done(found.violations.map(v => v.id + ': ' + v.help + ' — ' + v.nodes.map(n => n.html \
            + ' ' + (n.any.map(a => a.message).join('; '))).slice(0, 5).join(' | '))), e => done(['axe: ' + e]))";
        self.client.execute(&format!("{axe}; window.axe = axe;"), Vec::new()).await.unwrap();
        let found = self.client.execute_async(run, Vec::new()).await.unwrap();
        found.as_array().unwrap().iter().map(|violation| violation.as_str().unwrap().to_owned()).collect()
    }

    /// Keeps a picture of the whole page among the test's artefacts: `target/pictures/NAME-WIDTH.png`.
    pub async fn keep_picture(&self, name: &str) {
        let size = "const page = document.documentElement; return [page.clientWidth, page.scrollHeight]";
        let size = self.script(size, Vec::new()).await;
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let parameters = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let command = json!({ "cmd": "Page.captureScreenshot", "params": parameters });
        let taken = self.ask_driver("goog/cdp/execute", &command).await;
        let picture = BASE64.decode(taken["data"].as_str().expect("a picture").as_bytes()).unwrap();
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pictures");
        fs::create_dir_all(&directory).unwrap();
        let width = format!("{:?}", self.width).to_lowercase();
        fs::write(directory.join(format!("{name}-{width}.png")), picture).unwrap();
    }

    /// Asks the driver something that is its own, beyond WebDriver.
    async fn ask_driver(&self, what: &str, body: &Value) -> Value {
        let session = self.client.session_id().await.unwrap().unwrap();
        let asked = client().post(format!("{}/session/{session}/{what}", self.house.driver()));
        let asked = asked.header("content-type", "application/json").body(body.to_string());
        let answer: Value =
            serde_json::from_slice(&asked.send().await.unwrap().bytes().await.unwrap()).unwrap();
        answer["value"].clone()
    }

    /// From now on the first stream that a page opens is deaf, as one is whose connection is dead one way.
    pub async fn deafen_first_streams(&self) {
        let source = "const Real = window.EventSource; let isFirst = true;\
            window.EventSource = class extends Real {\
              constructor(...all) { super(...all); this.isDeaf = isFirst; isFirst = false; window.streams = (window.streams || 0) + 1; }\
              addEventListener(...all) { if (!this.isDeaf) super.addEventListener(...all); } };";
        let command =
            json!({ "cmd": "Page.addScriptToEvaluateOnNewDocument", "params": { "source": source } });
        self.ask_driver("goog/cdp/execute", &command).await;
    }

    /// Closes it; the driver keeps the machine's memory else.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }
}
