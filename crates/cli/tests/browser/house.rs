//! A service with its demo, and the driver of the browsers that visit it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Browsers are large: so many at a time.
static BROWSERS: Semaphore = Semaphore::const_new(3);

/// `choba serve --demo` with books of its own, and a driver of browsers, both until they are dropped.
pub struct House {
    service: Child,
    driver: Child,
    driver_address: String,
    pub address: String,
    /// The demo's key, which may do everything over HTTP.
    pub key: String,
    /// What the demo told.
    told: Vec<String>,
    _data: TempDir,
    _turn: SemaphorePermit<'static>,
}

impl House {
    /// Opens a house and waits until it can be visited.
    pub async fn open() -> Self {
        let turn = BROWSERS.acquire().await.unwrap();
        let data = tempfile::tempdir().unwrap();
        let (service, address, told) = serve(&data);
        let key = told_of(&told, "key");
        let (driver, driver_address) = drive().await;
        Self { service, driver, driver_address, address, key, told, _data: data, _turn: turn }
    }

    /// The token of somebody of the demo.
    pub fn token(&self, person: &str) -> String {
        told_of(&self.told, person)
    }

    /// Where the driver listens.
    pub fn driver(&self) -> &str {
        &self.driver_address
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for child in [&mut self.driver, &mut self.service] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The service, once the demo has told whom one can be.
fn serve(data: &TempDir) -> (Child, String, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_choba"));
    command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"]).arg(data.path());
    command.env("CHOBA_LOG", "warn").env("CHOBA_REQUESTS_PER_MINUTE", "1000000").current_dir(data.path());
    let mut service = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(service.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first.strip_prefix("listening ").expect("where it listens").to_owned();
    let mut told: Vec<String> = Vec::new();
    while !told.last().is_some_and(|line| line.contains("lists what there is")) {
        told.push(lines.next().expect("the service ended").unwrap());
    }
    (service, address, told)
}

/// The last word of the line that begins with a name.
fn told_of(told: &[String], name: &str) -> String {
    let line = told.iter().find(|line| line.split_whitespace().next() == Some(name));
    line.and_then(|line| line.split_whitespace().last()).expect("it is told").to_owned()
}

#[expect(clippy::zombie_processes, reason = "it is ended and waited for with its house")]
async fn drive() -> (Child, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("chromedriver");
    command.arg(format!("--port={port}")).arg("--log-level=OFF").stdout(Stdio::null()).stderr(Stdio::null());
    let driver = command.spawn().expect("chromedriver is missing: install it (Debian: chromium-driver)");
    let address = format!("http://127.0.0.1:{port}");
    let client = client();
    for _ in 0..200 {
        if client.get(format!("{address}/status")).send().await.is_ok() {
            return (driver, address);
        }
        tokio::time::sleep(Duration::from_millis(25)).await; // another program starts; nothing tells when
    }
    panic!("chromedriver does not answer");
}

/// Asks over HTTP, without any cookie.
pub fn client() -> reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
    });
    CLIENT.clone()
}
