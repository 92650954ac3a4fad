//! Where nothing is sent, whatever was saved: the address that is about to be connected to is judged, whether it stands in the URL or
//! came from a name server; redirects and proxies lead nowhere else; nothing a stranger writes becomes a header.

use crate::deliveries::{after_attempts, delivery_in, retry, shown};
use crate::egress::{closed, forbidden_urls};
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Setup, database, eventually, on_both_engines};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use worker::Names;

/// Addresses that a stranger's name server may answer with.
const FORBIDDEN: [&str; 30] = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.1.2.3",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2001::1",
    "2002:7f00:1::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
];

/// Webhooks with these URLs, which came into the database by another way than the API.
pub(crate) async fn smuggle(kitchen: &Kitchen, api: &Api, urls: &[String]) -> Vec<Value> {
    let mut webhooks = Vec::new();
    let mut cases = String::new();
    for url in urls {
        // An address, because a name would be looked up.
        let webhook = api.post("/api/webhooks", &[("url", "https://8.8.8.8/")]).await.expect(201).json;
        let _ = write!(cases, " WHEN {} THEN '{}'", webhook["id"].to_string().replace('"', "'"), url.replace('\'', "''"));
        webhooks.push(webhook);
    }
    let changed = database::execute(&kitchen.database_url, &format!("UPDATE webhooks SET url = CASE id{cases} END")).await;
    assert_eq!(changed, urls.len() as u64);
    webhooks
}

pub(crate) fn test_of(webhook: &Value) -> String {
    format!("/api/webhooks/{}/test", webhook["id"].as_str().unwrap())
}

/// The one attempt that was made for a webhook: nothing was sent, and nothing of an answer is shown.
async fn assert_unsent(api: &Api, webhook: &Value, reason: &str, what: &str) {
    let delivery = delivery_in(api, webhook, "waiting").await;
    let attempt = &shown(api, &delivery).await["attempts"][0];
    assert!(attempt["error"].as_str().unwrap().starts_with(reason), "{what}: {attempt}");
    assert_eq!(
        (&attempt["status"], &attempt["response_headers"], &attempt["response_body"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

on_both_engines! {
    async fn a_forbidden_url_in_the_database_is_refused_at_the_time_of_sending(engine: Engine) {
        let kitchen = closed(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let port = receiver.url.rsplit(':').next().unwrap();
        receiver.answer_always(Instruction { body: "internal".into(), ..Instruction::status(200) });
        let mut urls = vec![format!("http://127.0.0.1:{port}/"), format!("https://[::ffff:127.0.0.1]:{port}/"), format!("https://localhost:{port}/")];
        urls.extend(forbidden_urls().into_iter().step_by(3).filter(|url| url.len() < 4096));
        let webhooks = smuggle(&kitchen, &api, &urls).await;
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        let unsent = "attempts WHERE error LIKE 'Not sent. The URL%' AND status IS NULL AND request_headers IS NULL \
                      AND response_headers IS NULL AND response_body IS NULL";
        eventually("an attempt for each", Duration::from_secs(10), || async {
            (database::count(&kitchen.database_url, "attempts").await == urls.len()).then_some(())
        })
        .await;
        assert_eq!(database::count(&kitchen.database_url, unsent).await, urls.len());
        // To trying it out too, each of them, and as it is shown.
        assert!(urls.len() >= 120, "{} URLs", urls.len());
        let mut tests = Vec::new();
        for webhook in &webhooks {
            tests.push(api.post(&test_of(webhook), &[]).await.expect(202).json);
        }
        let tested = "deliveries WHERE event_type = 'webhook.test' AND attempts_count = 1 AND last_error LIKE 'Not sent. The URL%'";
        eventually("each test is refused", Duration::from_secs(10), || async {
            (database::count(&kitchen.database_url, tested).await == urls.len()).then_some(())
        })
        .await;
        assert_eq!(database::count(&kitchen.database_url, unsent).await, 2 * urls.len());
        for (test, url) in tests.iter().zip(&urls).take(5) {
            let shown = shown(&api, test).await;
            let attempt = &shown["attempts"][0];
            assert_eq!((&attempt["status"], &attempt["response_body"]), (&Value::Null, &Value::Null), "{url}: {shown}");
        }
        assert!(receiver.received().is_empty(), "a private address was called");
        kitchen.stop().await;
    }

    async fn a_name_is_judged_by_every_address_it_has_when_it_is_called(engine: Engine) {
        // Only one address is open, which stands for the public ones; a neighbour has a server too, on the same port.
        let open = Receiver::start().await;
        let port: u16 = open.url.rsplit(':').next().unwrap().parse().unwrap();
        let private = Receiver::start_at(&format!("127.0.0.2:{port}")).await;
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let names = Names::Told(Arc::new(move |name: &str| {
            let address = |text: &str| text.parse::<IpAddr>().unwrap();
            match name.split('.').collect::<Vec<_>>()[..] {
                ["good", ..] => vec![address("127.0.0.3")],
                // Good when it is asked for the first time, and from then on something else.
                ["rebinding", ..] => vec![address(if count.fetch_add(1, Ordering::SeqCst) == 0 { "127.0.0.3" } else { "127.0.0.2" })],
                ["mixed", ..] => vec![address("127.0.0.3"), address("127.0.0.2")],
                ["turned", ..] => vec![address("127.0.0.2"), address("127.0.0.3")],
                ["nothing", ..] => Vec::new(),
                // Names that sound like the machine itself get no exception.
                ["localhost", ..] => vec![address("127.0.0.2")],
                [number, ..] => vec![address(FORBIDDEN[number.trim_start_matches('n').parse::<usize>().unwrap()])],
                [] => unreachable!(),
            }
        }));
        let setup = Setup {
            allow_targets: "127.0.0.3".into(),
            is_http_allowed: true,
            names,
            attempt_timeout: Duration::from_secs(2),
            ..Setup::default()
        };
        let public = Receiver::start_at(&format!("127.0.0.3:{port}")).await;
        // Each attempt connects anew, and so asks for the name anew.
        public.answer_always(Instruction { headers: vec![("connection", "close".into())], ..Instruction::status(500) });
        let kitchen = Kitchen::start_with(engine, setup).await;
        let api = kitchen.workspace("main").await;
        let bad: Vec<String> = ["mixed", "turned", "nothing", "localhost"]
            .into_iter()
            .map(String::from)
            .chain((0..FORBIDDEN.len()).map(|number| format!("n{number}")))
            .collect();
        let named = ["good".to_owned(), "rebinding".to_owned()].into_iter().chain(bad.clone());
        let urls: Vec<String> = named.map(|name| format!("http://{name}.hooks.example:{port}/{name}")).collect();
        let webhooks = smuggle(&kitchen, &api, &urls).await;
        let [good, rebinding, cases @ ..] = &webhooks[..] else { unreachable!() };
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        for (name, webhook) in bad.iter().zip(cases) {
            assert_unsent(&api, webhook, &format!("No connection: the name {name}.hooks.example "), name).await;
        }
        assert_eq!(delivery_in(&api, good, "waiting").await["last_status"], 500, "the open address was called");
        let delivery = delivery_in(&api, rebinding, "waiting").await;
        assert_eq!(delivery["last_status"], 500, "it was good once");
        retry(&api, &delivery).await.expect(200);
        let delivery = after_attempts(&api, rebinding, 2).await;
        let error = delivery["last_error"].as_str().unwrap();
        assert_eq!(error, "No connection: the name rebinding.hooks.example leads to 127.0.0.2, a loopback address");
        assert!(asked.load(Ordering::SeqCst) >= 2, "the name was asked for again");
        let mut paths: Vec<_> = public.received().into_iter().map(|one| one.path).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/good", "/rebinding"]);
        let host = public.received()[0].header("host").to_owned();
        assert!(host.ends_with(&format!(".hooks.example:{port}")), "what was called is the name: {host}");
        assert!(private.received().is_empty() && open.received().is_empty(), "an address was called that is not open");
        kitchen.stop().await;
    }

    async fn redirects_lead_nowhere(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver, elsewhere) = (kitchen.workspace("main").await, Receiver::start().await, Receiver::start().await);
        let every_status = [300, 301, 302, 303, 305, 306, 307, 308].map(|status| (status, elsewhere.at("/taken")));
        let other_places = ["http://169.254.169.254/", "file:///etc/passwd", "//localhost/"].map(|place| (307, place.to_owned()));
        let mut webhooks = Vec::new();
        for (status, location) in every_status.into_iter().chain(other_places) {
            let one = Receiver::start().await;
            let headers = vec![("location", location), ("refresh", format!("0; url={}", elsewhere.url))];
            one.answer_always(Instruction { headers, ..Instruction::status(status) });
            webhooks.push((status, one.subscribe(&api, &[]).await, one));
        }
        receiver.subscribe(&api, &[]).await;
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        for (status, webhook, one) in &webhooks {
            let delivery = delivery_in(&api, webhook, "waiting").await;
            assert_eq!(delivery["last_status"], *status);
            assert_eq!(delivery["last_error"], format!("The receiver answered {status}; redirects are not followed."));
            assert_eq!(one.received().len(), 1);
        }
        receiver.wait_for(1).await;
        assert!(elsewhere.received().is_empty(), "a redirect was followed");
        kitchen.stop().await;
    }

    async fn what_people_write_becomes_no_header(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let path = "/hook/%0d%0aX-Injected:%201?a=%0d%0aX-Injected:%201";
        let webhook = api.post("/api/webhooks", &[("url", &receiver.at(path))]).await.expect(201).json;
        let named = json!({"url": receiver.url, "headers": {"x-a\r\nx-injected": "1"}});
        api.post_json("/api/webhooks", &named).await.expect(422);
        let valued = json!({"url": receiver.url, "headers": {"x-a": "1\r\nX-Injected: 1"}});
        api.post_json("/api/webhooks", &valued).await.expect(422);
        for name in ["Acme\r\nX-Injected: 1", "Acme\r\n\r\nPOST /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", "Acme\0X", "Acme\u{2028}X"] {
            // Whether such a name is taken is not for this test to say.
            api.post_json("/api/companies", &json!({"name": name, "website": "acme.example", "address": name})).await;
        }
        api.post("/api/companies", &[("name", "Last")]).await.expect(201);
        let last = eventually("the last event", Duration::from_secs(10), || async {
            receiver.received().into_iter().find(|one| one.json()["data"]["name"] == "Last")
        })
        .await;
        let names: Vec<_> = last.headers.keys().cloned().collect();
        for one in receiver.received() {
            assert_eq!(one.headers.keys().cloned().collect::<Vec<_>>(), names, "the same headers whatever was written: {one:?}");
            assert_eq!(one.path, path, "and the same path");
        }
        delivery_in(&api, &webhook, "delivered").await;
        kitchen.stop().await;
    }
}

const CHILD: &str = "KITCHEN_TEST_WITH_PROXY";

/// Runs itself once more as a process whose environment names a proxy, because a process's own environment cannot be changed
/// safely while other tests run in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proxies_of_the_environment_are_not_used() {
    if std::env::var_os(CHILD).is_some() {
        return deliver_beside_a_control_request().await;
    }
    let proxy = Receiver::start().await;
    let program = std::env::current_exe().unwrap();
    let url = proxy.url.clone();
    let child = tokio::task::spawn_blocking(move || {
        let mut child = Command::new(program);
        child.args(["--exact", "egress_sending::proxies_of_the_environment_are_not_used", "--nocapture"]).env(CHILD, "1");
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            child.env(name, &url);
        }
        child.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap()
    });
    let output = child.await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    let seen: Vec<String> = proxy.received().into_iter().map(|one| one.path).collect();
    assert!(seen.len() == 1 && seen[0].ends_with("/control"), "the proxy saw {seen:?}, where only the control was to be seen");
}

async fn deliver_beside_a_control_request() {
    let kitchen = Kitchen::start(harness::Engine::Sqlite).await;
    let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
    // A client like any other does use the proxy: without this the test could not fail.
    reqwest::Client::new().get(receiver.at("/control")).send().await.unwrap();
    assert!(receiver.received().is_empty());
    api.post("/api/webhooks", &[("url", &receiver.at("/hook"))]).await.expect(201);
    api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
    assert_eq!(receiver.wait_for(1).await[0].path, "/hook");
    kitchen.stop().await;
}
