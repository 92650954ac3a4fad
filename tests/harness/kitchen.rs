//! One whole installation inside the test process: gateways and a worker over a database of their own, a clock to move.

use crate::client::Api;
use crate::services::{self, Engine};
use connectors::Catalogue;
use domain::api_key::NewApiKey;
use domain::audit::Actor;
use domain::clock::Clock;
use domain::doorbell::Doorbell;
use domain::egress::{EgressPolicy, parse_networks, parse_opened};
use domain::ids::WorkspaceId;
use domain::seal::MasterKey;
use domain::workspace::NewWorkspace;
use gateway::Gateway;
use queue::{Bell, RedisQueue, RingBackend, SharedLimiter};
use std::sync::Arc;
use std::time::Duration;
use store::{OpenOptions, Store};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{ForwardProxy, MailServer, Names};

/// How an installation differs from the usual one.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Gateways over the same database; more than one needs Postgres.
    pub gateways: usize,
    /// Whether a worker runs.
    pub has_worker: bool,
    /// Networks that may be called although they are private.
    pub allow_targets: String,
    /// Whether targets may be called without TLS.
    pub is_http_allowed: bool,
    /// Whom the worker asks about names.
    pub names: Names,
    /// How long a request's head may take.
    pub head_timeout: Duration,
    /// The mail server.
    pub mail: Option<MailServer>,
    /// Through which deliveries go out.
    pub proxy: Option<ForwardProxy>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: String,
    /// From resolving the name to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// How old a delivery becomes before it is given up.
    pub max_delivery_age: Duration,
    /// What platforms are offered.
    pub catalogue: Catalogue,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            gateways: 1,
            has_worker: true,
            allow_targets: "127.0.0.0/8".into(),
            is_http_allowed: false,
            names: Names::System,
            trusted_proxies: String::new(),
            mail: None,
            proxy: None,
            head_timeout: Duration::from_secs(15),
            attempt_timeout: Duration::from_secs(3),
            max_delivery_age: domain::retries::USUAL_MAX_AGE,
            catalogue: Catalogue::kitchen(),
        }
    }
}

/// A running installation. Dropped, it is stopped and its files are gone.
pub struct Kitchen {
    /// Where the gateways listen: `http://127.0.0.1:…`.
    pub urls: Vec<String>,
    /// The database, for what no request can tell.
    pub store: Store,
    /// The clock of every part.
    pub clock: Clock,
    /// What the database is reached by.
    pub database_url: String,
    /// What Redis is reached by, on that engine.
    pub redis_url: Option<String>,
    stop: CancellationToken,
    running: Vec<JoinHandle<()>>,
    _directory: tempfile::TempDir,
}

pub(crate) async fn open_store(url: &str, clock: Clock) -> Store {
    let (bell, _) = Bell::in_process();
    open_store_with(url, clock, Arc::new(bell), MasterKey::none()).await
}

async fn open_store_with(url: &str, clock: Clock, bell: Arc<dyn Doorbell>, master_key: MasterKey) -> Store {
    let options = OpenOptions { url: url.to_owned(), clock, bell, master_key, max_connections: 8, is_synced: false };
    Store::open(options).await.expect("the database opens")
}

impl Kitchen {
    /// The usual installation.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, Setup::default()).await
    }

    /// An installation without a worker, and a caller with a workspace: for what ends with the answer.
    pub async fn quiet(engine: Engine) -> (Self, Api) {
        let kitchen = Self::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        (kitchen, api)
    }

    /// An installation with some things different.
    pub async fn start_with(engine: Engine, setup: Setup) -> Self {
        // Fails when another test of this process was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().expect("a temporary directory");
        let clock = Clock::system();
        let master_key = MasterKey::parse(MasterKey::generate().reveal()).expect("a generated key is a key");
        let allowed = parse_opened(&setup.allow_targets).expect("networks");
        let egress = EgressPolicy { allowed, is_http_allowed: setup.is_http_allowed };
        let (database_url, redis) = match engine {
            Engine::Sqlite => (format!("sqlite:{}", directory.path().join("kitchen.db").display()), None),
            Engine::Postgres => {
                let redis_url = services::new_redis();
                let queue = RedisQueue::open(&redis_url).expect("a Redis URL");
                (services::new_postgres().await, Some((redis_url, queue)))
            }
        };
        let (bell, rings): (Bell, RingBackend) = match &redis {
            None => {
                let (bell, heard) = Bell::in_process();
                (bell, heard.backend())
            }
            Some((_, queue)) => (Bell::redis(queue), queue.backend()),
        };
        let store = open_store_with(&database_url, clock.clone(), Arc::new(bell), master_key).await;
        store.migrate().await.expect("the migrations apply");
        let stop = CancellationToken::new();
        let (mut urls, mut running) = (Vec::new(), Vec::new());
        for _ in 0..setup.gateways {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            urls.push(format!("http://{}", listener.local_addr().expect("an address")));
            let settings = gateway::Settings {
                public_url: None,
                egress: egress.clone(),
                head_timeout: setup.head_timeout,
                has_mail_server: setup.mail.is_some(),
                trusted_proxies: parse_networks(&setup.trusted_proxies).expect("networks"),
                max_body_bytes: 1024 * 1024,
                queue: redis.as_ref().map(|(_, queue)| queue.clone()),
                shared_limiter: redis.as_ref().map(|(_, queue)| SharedLimiter::new(queue)),
            };
            let (gateway, stop) = (Gateway::with_catalogue(store.clone(), settings, setup.catalogue.clone()), stop.clone());
            running.push(tokio::spawn(async move { gateway::serve(gateway, listener, stop).await.expect("the gateway serves") }));
        }
        if setup.has_worker {
            let settings = worker::Settings {
                egress,
                names: setup.names,
                attempt_timeout: setup.attempt_timeout,
                max_delivery_age: setup.max_delivery_age,
                mail: setup.mail,
                proxy: setup.proxy,
                grace: Duration::from_secs(1),
                ..worker::Settings::default()
            };
            let (store, stop) = (store.clone(), stop.clone());
            running.push(tokio::spawn(async move { worker::run(store, settings, rings, stop).await.expect("the worker runs") }));
        }
        let redis_url = redis.map(|(url, _)| url);
        Self { urls, store, clock, database_url, redis_url, stop, running, _directory: directory }
    }

    /// A new workspace, and an API client with a key to it.
    pub async fn workspace(&self, slug: &str) -> Api {
        let new = NewWorkspace::read(&format!("Agency {slug}"), slug, "Olive Owner", &format!("olive@{slug}.example"))
            .expect("a workspace");
        let workspace = store::workspaces::create(&self.store, new).await.expect("a workspace is made");
        self.key(&workspace.id, 1_000_000).await
    }

    /// An API client with a new key of its own limit, which may do everything.
    pub async fn key(&self, workspace: &WorkspaceId, rate_limit: u32) -> Api {
        let mut work = self.store.begin(workspace, Actor::command_line());
        let new = NewApiKey::read(
            &serde_json::json!({"name": "Test key", "rate_limit": rate_limit, "scopes": ["read", "write", "webhooks", "keys"]}),
            self.clock.now(),
        );
        let (key, token) = store::api_keys::create(&mut work, new.expect("a key"));
        work.commit().await.expect("the key is committed");
        Api::new(&self.urls[0], token.reveal()).of(key)
    }

    /// Stops everything and waits until it has stopped.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for task in self.running.drain(..) {
            task.await.expect("every part stops without a panic");
        }
    }
}

impl Drop for Kitchen {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
