//! The `kitchen` program itself, as processes: started, asked, told to stop, killed; and stores of a test's own that can
//! be taken away from under it.

use crate::client::{self, Api};
use crate::eventually;
use reqwest::Method;
use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a process may take to start, or to end, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program under test, which lies beside the test programs.
///
/// Looked up rather than asked of cargo, which tells the path only to the tests of the program's own package.
pub fn program() -> PathBuf {
    let here = std::env::current_exe().expect("the path of this program");
    let built = here.ancestors().nth(2).expect("tests lie in target/PROFILE/deps").join("kitchen");
    assert!(
        built.exists(),
        "{} is not there: run `cargo build --bin kitchen`, or the suite through `script/test`",
        built.display()
    );
    built
}

/// What the programs of one installation share: their settings, and a directory of their own, which is gone with the last clone.
#[derive(Clone)]
pub struct Site {
    variables: BTreeMap<String, String>,
    directory: Arc<tempfile::TempDir>,
}

impl Site {
    /// On a `SQLite` file in the directory.
    pub fn embedded() -> Self {
        let directory = Arc::new(tempfile::tempdir().expect("a temporary directory"));
        let site = Self { variables: BTreeMap::new(), directory };
        let data = site.path("data").display().to_string();
        // Leases outlast attempts, so that short attempts let a test see the leases of a killed worker end.
        site.set("KITCHEN_DATA_DIR", &data)
            .set("KITCHEN_ALLOW_TARGETS", "127.0.0.0/8")
            .set("KITCHEN_ATTEMPT_TIMEOUT_SECONDS", "2")
            .set("KITCHEN_SHUTDOWN_GRACE_SECONDS", "5")
    }

    /// On servers.
    pub fn on_servers(database_url: &str, redis_url: &str) -> Self {
        Self::embedded().set("DATABASE_URL", database_url).set("REDIS_URL", redis_url)
    }

    /// The same installation with one setting different; an empty one counts as unset.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A path in the directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What the database is reached by.
    pub fn database_url(&self) -> String {
        let file = || format!("sqlite:{}", self.path("data").join("kitchen.db").display());
        self.variables.get("DATABASE_URL").cloned().unwrap_or_else(file)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        for (name, _) in std::env::vars_os() {
            let is_ours = name.to_str().is_some_and(|name| name.starts_with("KITCHEN_") || name.ends_with("_URL"));
            if is_ours {
                command.env_remove(name);
            }
        }
        command.envs(&self.variables).args(arguments).current_dir(self.directory.path()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs a command that ends by itself.
    pub async fn run(&self, arguments: &[&str]) -> Ran {
        let output = tokio::time::timeout(PATIENCE, self.command(arguments).output()).await;
        Ran::from(output.unwrap_or_else(|_| panic!("`kitchen {arguments:?}` does not end")).expect("the program starts"))
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub async fn succeed(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments).await;
        assert!(ran.status.success(), "`kitchen {arguments:?}` failed: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// A new key, as an operator makes one: its token.
    pub async fn new_key(&self, rate_limit: u32) -> String {
        let limit = rate_limit.to_string();
        self.succeed(&["keys", "create", "--name", "test", "--rate-limit", &limit]).await.trim().to_owned()
    }

    /// Starts a program that goes on, without waiting until it is ready. Each listens on a port of its own.
    pub fn launch(&self, arguments: &[&str]) -> Program {
        let port = free_port();
        let site = self.clone().set("KITCHEN_LISTEN", &format!("127.0.0.1:{port}"));
        let log = self.path(&format!("{}-{port}.log", arguments.first().unwrap_or(&"serve")));
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut program = Program { child: None, site, arguments, log, url: format!("http://127.0.0.1:{port}") };
        program.start_again();
        program
    }

    /// Starts something with a gateway in it and waits until that is ready.
    pub async fn start(&self, arguments: &[&str]) -> Program {
        let mut program = self.launch(arguments);
        program.wait_ready().await;
        program
    }

    /// Starts a worker and waits until it works.
    pub async fn start_worker(&self) -> Program {
        let program = self.launch(&["worker"]);
        program.wait_for_log("the worker waits for events").await;
        program
    }
}

/// What a command that has ended left.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ran {
    /// Both outputs.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// A running `kitchen`. Dropped, it is killed; its log is shown if the test has failed.
pub struct Program {
    /// Where it listens, if it does: `http://127.0.0.1:…`.
    pub url: String,
    child: Option<Child>,
    site: Site,
    arguments: Vec<String>,
    log: PathBuf,
}

impl Program {
    /// Starts it anew, on the same port, after it has ended.
    pub fn start_again(&mut self) {
        assert!(self.child.is_none(), "it still runs");
        let log = File::options().create(true).append(true).open(&self.log).expect("a log file");
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let mut command = self.site.command(&arguments);
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        self.child = Some(command.spawn().expect("the program starts"));
    }

    /// Makes one setting different from its next start on; an empty one counts as unset.
    pub fn set(&mut self, name: &str, value: &str) {
        self.site = self.site.clone().set(name, value);
    }

    /// An API client with this token.
    pub fn api(&self, token: &str) -> Api {
        Api::new(&self.url, token)
    }

    /// Everything it has printed and logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it answers that it is ready.
    pub async fn wait_ready(&mut self) {
        let asking = Api::new(&self.url, "");
        let waited = std::time::Instant::now();
        loop {
            if let Ok(reply) = client::try_send(asking.anonymous(Method::GET, "/readyz")).await
                && reply.status == 200
            {
                return;
            }
            assert!(self.is_running(), "`kitchen {:?}` ended instead of becoming ready", self.arguments);
            assert!(waited.elapsed() < PATIENCE, "`kitchen {:?}` does not become ready", self.arguments);
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Waits until it has logged this.
    pub async fn wait_for_log(&self, text: &str) {
        eventually(&format!("`{text}` in the log"), PATIENCE, || async { self.log().contains(text).then_some(()) }).await;
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// The most memory it has had at once, in KiB.
    pub fn peak_kib(&self) -> u64 {
        let pid = self.child.as_ref().and_then(Child::id).expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel tells");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Lets no file of it grow beyond this many bytes, as a disk that is full does; `None` for any length.
    pub async fn limit_files(&self, bytes: Option<u64>) {
        let pid = self.child.as_ref().and_then(Child::id).expect("it runs").to_string();
        let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        // The soft limit alone, so that it can be lifted again.
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={limit}:unlimited")]).status().await;
        assert!(set.expect("`prlimit` is there").success(), "{pid} takes a limit");
    }

    /// Ends it on the spot, as a power cut or the kernel's memory killer does.
    pub async fn kill_9(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().await.expect("it is killed");
    }

    /// Tells it to stop, as an operator's tools do, and waits until it has.
    pub async fn terminate(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        signal(child.id().expect("it runs"), "TERM").await;
        tokio::time::timeout(PATIENCE, child.wait()).await.expect("it stops when told to").expect("it is waited for")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- kitchen {} at {} ---\n{}", self.arguments.join(" "), self.url, self.log());
        }
    }
}

async fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().await;
    assert!(sent.expect("`kill` is there").success(), "{pid} takes a {name}");
}

/// A port nobody listens on. Below those the kernel gives to outgoing connections, and those `script/services` uses, so that
/// a program that is started again finds it free.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Test programs that run at once begin at different places.
        let turn = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id().wrapping_mul(97));
        let port = u16::try_from(10_000 + turn % 10_000).expect("below 20000");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A Redis server of one test's own, which keeps nothing on disk. It ends with the test.
pub struct PrivateRedis {
    child: Option<Child>,
    port: u16,
    password: Option<String>,
    directory: tempfile::TempDir,
}

impl PrivateRedis {
    /// Only a port is chosen; the server is not there yet.
    pub fn absent() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self { child: None, port: free_port(), password: None, directory }
    }

    /// A running server.
    pub async fn start() -> Self {
        let mut redis = Self::absent();
        redis.arrive().await;
        redis
    }

    /// A running server that asks for a password.
    pub async fn start_with_password(password: &str) -> Self {
        let mut redis = Self { password: Some(password.to_owned()), ..Self::absent() };
        redis.arrive().await;
        redis
    }

    /// What it is reached by, now or later.
    pub fn url(&self) -> String {
        let password = self.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default();
        format!("redis://{password}127.0.0.1:{}/", self.port)
    }

    /// Starts the server, empty.
    pub async fn arrive(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", "", "--appendonly", "no"]);
        if let Some(password) = &self.password {
            command.args(["--requirepass", password]);
        }
        command.current_dir(self.directory.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child =
            Some(command.kill_on_drop(true).spawn().expect("redis-server is there: run the suite through `script/test`"));
        let port = self.port;
        eventually("Redis to listen", PATIENCE, || async { tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok() })
            .await;
    }

    /// Ends it on the spot. What it held is gone.
    pub async fn kill_9(&mut self) {
        self.child.take().expect("Redis runs").kill().await.expect("it is killed");
    }

    /// Freezes it: connections stay, answers do not come.
    pub async fn pause(&self) {
        signal(self.pid(), "STOP").await;
    }

    /// Lets it go on.
    pub async fn resume(&self) {
        signal(self.pid(), "CONT").await;
    }

    fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("Redis runs")
    }
}

/// A Postgres server of one test's own. It ends with the test.
pub struct PrivatePostgres {
    /// What it is reached by; stays the same when it is started again.
    pub url: String,
    directory: tempfile::TempDir,
}

impl PrivatePostgres {
    /// A running server that waits for the disk, so that what it has committed survives its being killed.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let url = services(&["start_postgres", path_of(&directory), "on"]).await;
        Self { url, directory }
    }

    /// Ends it in good order: sessions are told, nothing has to be recovered.
    pub async fn stop(&mut self) {
        services(&["stop_postgres", path_of(&self.directory)]).await;
    }

    /// Ends the server and its sessions on the spot.
    pub async fn kill_9(&mut self) {
        let file = self.directory.path().join("postgres/data/postmaster.pid");
        let text = std::fs::read_to_string(file).expect("Postgres runs");
        let server: u32 = text.lines().next().and_then(|line| line.parse().ok()).expect("the file begins with the server's pid");
        let sessions = std::fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap_or_default();
        signal(server, "KILL").await;
        for session in sessions.split_whitespace() {
            // One that has seen the server go may be gone already.
            let _ = Command::new("kill").args(["-KILL", session]).stderr(Stdio::null()).status().await;
        }
        let sessions: Vec<PathBuf> = sessions.split_whitespace().map(|pid| Path::new("/proc").join(pid).join("exe")).collect();
        eventually("Postgres to be gone", PATIENCE, || async {
            // A process that nobody has waited for still has a directory, but no program.
            sessions.iter().all(|exe| std::fs::read_link(exe).is_err()).then_some(())
        })
        .await;
    }

    /// Starts it again on the same data and port.
    pub async fn start_again(&mut self) {
        let url = services(&["start_postgres", path_of(&self.directory), "on"]).await;
        assert_eq!(url, self.url, "the port was taken meanwhile");
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        // A daemon: nobody else would end it.
        let _ = std::process::Command::new(services_script()).args(["stop_postgres", path_of(&self.directory)]).status();
    }
}

fn services_script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../script/services")
}

fn path_of(directory: &tempfile::TempDir) -> &str {
    directory.path().to_str().expect("a path that is text")
}

async fn services(arguments: &[&str]) -> String {
    let output = Command::new(services_script()).args(arguments).stdin(Stdio::null()).output().await.expect("the script runs");
    assert!(output.status.success(), "script/services {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a URL").trim().to_owned()
}
