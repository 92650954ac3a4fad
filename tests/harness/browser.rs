//! A real browser: Chromium without a window, driven over `WebDriver` by a chromedriver of one test's own. What a person sees,
//! clicks and types; what happens below HTTP's surface is `visitor`'s.

use crate::eventually;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

pub use fantoccini::key::Key;

/// How long a page may take to show something, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(15);

/// A desk, and the narrowest phone we care for.
pub const WIDTHS: [u32; 2] = [1280, 360];

/// Browsers that run at once. More of them only make each other miss their deadlines.
static TURNS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(3);

/// One browser with one window at one gateway. Dropped, it is gone with everything it kept.
pub struct Browser {
    client: Client,
    base: String,
    driver: Child,
    _turn: tokio::sync::SemaphorePermit<'static>,
    _profile: tempfile::TempDir,
}

/// A command of the browser's debugging protocol, passed on by chromedriver.
#[derive(Debug)]
struct Cdp(Value);

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(self.0.to_string()))
    }
}

impl Browser {
    /// A fresh browser that has visited nothing.
    pub async fn start(base: &str) -> Self {
        let turn = TURNS.acquire().await.expect("never closed");
        let (driver, port) = start_driver().await;
        let profile = tempfile::tempdir().expect("a temporary directory");
        let data = format!("--user-data-dir={}", profile.path().display());
        // No sandbox, because the suite may run as root in a container; no shared memory, because containers give little.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // So it ends when chromedriver does, even if that is killed.
            "--remote-debugging-pipe",
            "--window-size=1280,900",
            &data,
        ];
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), json!({ "args": arguments }));
        // A box that a page's script opens stays open, so that a test sees it.
        capabilities.insert("unhandledPromptBehavior".into(), json!("ignore"));
        let mut connector = hyper_util::client::legacy::connect::HttpConnector::new();
        connector.set_nodelay(true);
        let client = ClientBuilder::new(connector).capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")).await;
        let client = client.expect("the browser starts: run the suite through `script/test`");
        let browser = Self { client, base: base.to_owned(), driver, _turn: turn, _profile: profile };
        browser.set_width(WIDTHS[0]).await;
        browser.set_colours("light").await;
        browser
    }

    /// Ends the browser. A failed test leaves that to the drop.
    pub async fn close(mut self) {
        self.client.clone().close().await.expect("the browser ends");
        self.driver.kill().await.expect("chromedriver ends");
    }

    /// Opens an address of ours.
    pub async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect("the page loads");
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page loads");
    }

    /// The address, from the path on.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().strip_prefix(&self.base).unwrap_or(url.as_str()).to_owned()
    }

    /// Waits until the address is this one.
    pub async fn wait_for_path(&self, path: &str) {
        eventually(&format!("the address {path}"), PATIENCE, || async { (self.path().await == path).then_some(()) }).await;
    }

    /// Waits until something is there.
    pub async fn wait_for(&self, css: &str) {
        self.shown(css).await;
    }

    /// Waits until nothing of the kind is there any more.
    pub async fn wait_until_gone(&self, css: &str) {
        eventually(&format!("no {css}"), PATIENCE, || async { (self.count(css).await == 0).then_some(()) }).await;
    }

    /// Waits until an element shows this text somewhere in it.
    pub async fn wait_for_text(&self, css: &str, text: &str) {
        eventually(&format!("`{text}` in {css}"), PATIENCE, || async {
            self.texts(css).await.iter().any(|shown| shown.contains(text)).then_some(())
        })
        .await;
    }

    async fn shown(&self, css: &str) -> fantoccini::elements::Element {
        eventually(&format!("{css} on the page"), PATIENCE, || async {
            for element in self.client.find_all(Locator::Css(css)).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }

    /// How many there are.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.expect("a selector").len()
    }

    /// Clicks the first that is shown; again if the page was exchanged under the pointer.
    pub async fn click(&self, css: &str) {
        eventually(&format!("a click on {css}"), PATIENCE, || async { self.shown(css).await.click().await.ok() }).await;
    }

    /// Puts text into a field, in place of what is there.
    pub async fn fill(&self, css: &str, text: &str) {
        let typed = || async {
            let field = self.shown(css).await;
            field.clear().await?;
            field.send_keys(text).await
        };
        eventually(&format!("{css} to take text"), PATIENCE, || async { typed().await.ok() }).await;
    }

    /// What is in a field.
    pub async fn value(&self, css: &str) -> String {
        self.shown(css).await.prop("value").await.expect("a field").unwrap_or_default()
    }

    /// The text of the first that is shown, as it is seen.
    pub async fn text(&self, css: &str) -> String {
        self.shown(css).await.text().await.expect("its text")
    }

    /// The texts of all, as they are seen; in the order of the page.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText.trim())";
        let texts = self.run(script, vec![json!(css)]).await;
        texts.as_array().expect("a list").iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// An attribute of the first.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.client.find(Locator::Css(css)).await.ok()?.attr(name).await.expect("its attribute")
    }

    /// The page as the browser holds it now, with what is in its fields.
    pub async fn source(&self) -> String {
        let script =
            "return document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map(f => f.value)";
        self.run(script, vec![]).await.as_str().expect("text").to_owned()
    }

    /// Presses a key, with nothing but the keyboard.
    pub async fn press(&self, key: Key) {
        self.press_character(char::from(key)).await;
    }

    /// Presses the key of a character.
    pub async fn press_character(&self, key: char) {
        let actions = KeyActions::new("keyboard".into());
        let actions = actions.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        self.client.perform_actions(actions).await.expect("a key is pressed");
    }

    /// What has the focus: its id, or its name in the tree if it has none.
    pub async fn focused(&self) -> String {
        let script = "let a = document.activeElement; return a ? a.id || a.tagName.toLowerCase() : ''";
        self.run(script, vec![]).await.as_str().expect("text").to_owned()
    }

    /// Waits until this id has the focus.
    pub async fn wait_for_focus(&self, id: &str) {
        eventually(&format!("the focus on {id}"), PATIENCE, || async { (self.focused().await == id).then_some(()) }).await;
    }

    /// Runs a function's body in the page, and gives what it returns.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("the script runs")
    }

    /// The words in a box that a script of the page has opened, if one has.
    pub async fn alert(&self) -> Option<String> {
        self.client.get_alert_text().await.ok()
    }

    /// Lets the page read the clipboard, and says what is in it.
    pub async fn clipboard(&self) -> String {
        self.cdp("Browser.grantPermissions", json!({"permissions": ["clipboardReadWrite"], "origin": self.base})).await;
        let script = "let done = arguments[0]; navigator.clipboard.readText().then(done, error => done('' + error))";
        let text = self.client.execute_async(script, vec![]).await.expect("the script runs");
        text.as_str().expect("text").to_owned()
    }

    /// Makes the page this wide, whatever a window may be.
    pub async fn set_width(&self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// What the person prefers: `dark` or `light`.
    pub async fn set_colours(&self, scheme: &str) {
        // Without motion, because a colour on its way from one to another passes no rule of contrast.
        let still = json!({"name": "prefers-reduced-motion", "value": "reduce"});
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}, still]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// A command of the debugging protocol.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        let answered: Result<Value, CmdError> = self.client.issue_cmd(Cdp(json!({"cmd": command, "params": parameters}))).await;
        answered.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// A picture of the page, in `target/screenshots`.
    pub async fn screenshot(&self, name: &str) {
        keep_picture(name, &self.client.screenshot().await.expect("a picture"));
    }

    /// A picture of one part of the page.
    pub async fn picture(&self, css: &str, name: &str) {
        keep_picture(name, &self.shown(css).await.screenshot().await.expect("a picture"));
    }

    /// What keeps people out of this page, by axe's rules: only what it calls serious or critical, one a line.
    pub async fn barriers(&self) -> Vec<String> {
        let file = target("axe/axe.min.js");
        let axe =
            std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{} is not there: run `script/setup`", file.display()));
        // Once for a page; it is half a megabyte.
        if self.run("return !window.axe", vec![]).await == true {
            self.run(&axe, vec![]).await;
        }
        let script = "let done = arguments[0]; axe.run({ resultTypes: ['violations'] }).then(found => done(found.violations
                .filter(rule => ['serious', 'critical'].includes(rule.impact))
                .flatMap(rule => rule.nodes.map(node => rule.id + ': ' + node.target + ' ' + node.failureSummary))),
                error => done(['' + error]))";
        let found = self.client.execute_async(script, vec![]).await.expect("axe runs");
        found.as_array().expect("a list").iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// A file of the build directory, where nothing is under version control.
fn target(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target").join(name)
}

fn keep_picture(name: &str, picture: &[u8]) {
    let file = target("screenshots").join(format!("{name}.png"));
    std::fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    std::fs::write(file, picture).expect("a file");
}

async fn start_driver() -> (Child, u16) {
    let mut command = Command::new("chromedriver");
    command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut driver = command.spawn().expect("chromedriver is there: run the suite through `script/test`");
    let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
    loop {
        let line = lines.next_line().await.expect("its output").expect("chromedriver says its port");
        let port = line.strip_prefix("ChromeDriver was started successfully on port ");
        if let Some(port) = port.and_then(|port| port.trim_end_matches('.').parse().ok()) {
            // Nobody reads on, and a full pipe would stop it.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (driver, port);
        }
    }
}
