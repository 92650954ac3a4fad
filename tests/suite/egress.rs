//! Where the gateway may not send: judged when a URL is saved, and again on the address that is about to be connected to.

use crate::deliveries::delivery_in;
use domain::egress::EgressPolicy;
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Setup, database, on_both_engines};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Command;
use std::time::Duration;

/// Networks of IPv4 that may never be called: address and length of the prefix.
const V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// The same for IPv6.
const V6: [(&str, u32); 17] = [
    ("::", 128),
    ("::1", 128),
    ("::", 96),
    ("::ffff:0:0", 96),
    ("64:ff9b::", 96),
    ("64:ff9b:1::", 48),
    ("100::", 64),
    ("2001::", 32),
    ("2001:db8::", 32),
    ("2002::", 16),
    ("3fff::", 20),
    ("5f00::", 16),
    ("fc00::", 7),
    ("fe80::", 10),
    ("fec0::", 10),
    ("ff00::", 8),
    ("ff02::1", 128),
];

fn v4_range(network: [u8; 4], prefix: u32) -> (u32, u32) {
    let first = u32::from(Ipv4Addr::from(network));
    (first, first | u32::MAX.checked_shr(prefix).unwrap_or(0))
}

fn v6_range(network: &str, prefix: u32) -> (u128, u128) {
    let first = u128::from(network.parse::<Ipv6Addr>().unwrap());
    (first, first | u128::MAX.checked_shr(prefix).unwrap_or(0))
}

/// Every kind of URL that must be refused while nothing is allowed.
fn forbidden_urls() -> Vec<String> {
    let mut urls = Vec::new();
    for (network, prefix) in V4 {
        let (first, last) = v4_range(network, prefix);
        for address in [first, last, first + (last - first) / 2].map(Ipv4Addr::from) {
            urls.push(format!("https://{address}/hook"));
        }
        // The same address as IPv6 carries it: mapped, compatible, NAT64, local NAT64, 6to4, Teredo.
        let inside = first + 1;
        let [a, b, c, d] = inside.to_be_bytes();
        let (high, low) = (format!("{:x}", u16::from_be_bytes([a, b])), format!("{:x}", u16::from_be_bytes([c, d])));
        urls.push(format!("https://[::ffff:{}]/", Ipv4Addr::from(inside)));
        urls.push(format!("https://[::ffff:{high}:{low}]/"));
        urls.push(format!("https://[::{high}:{low}]/"));
        urls.push(format!("https://[64:ff9b::{high}:{low}]/"));
        urls.push(format!("https://[2002:{high}:{low}::1]/"));
        // As one number in three notations, and in octal.
        urls.push(format!("https://{inside}/"));
        urls.push(format!("https://0x{inside:x}/"));
        urls.push(format!("https://0{inside:o}/"));
        urls.push(format!("https://0{a:o}.0{b:o}.0{c:o}.0{d:o}/"));
    }
    for (network, prefix) in V6 {
        let (first, last) = v6_range(network, prefix);
        urls.extend([first, last].map(|address| format!("https://[{}]/", Ipv6Addr::from(address))));
    }
    let odd = [
        "https://127.1/",
        "https://127.0.1/",
        "https://0x7f.1/",
        "https://0X7F.0.0.1/",
        "https://127.0.0.1./",
        "https://0/",
        "https://①②⑦.0.0.1/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://%31%32%37.0.0.1/",
        "https://[::1%25lo]/",
        "https://[fe80::1%25eth0]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[0000::0001]/",
        "https://[::ffff:7f00:1]/",
        "https://localhost/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://a.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://router.home.arpa/",
        "https://box.localdomain/",
        "https://good.example@127.0.0.1/",
        "https://user:pass@hooks.example.com/",
        "https://user@hooks.example.com/",
        "https://:pass@hooks.example.com/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https:\\\\127.0.0.1/",
        "https://hooks.example.com/\n",
        "https://hooks.exa\tmple.com/",
        "https://127.0.0.1\r\n.example.com/",
        "http://hooks.example.com/",
        "HTTP://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "unix:/run/docker.sock",
        "ws://hooks.example.com/",
        "//hooks.example.com/",
        "/hook",
        "hooks.example.com",
        "hooks.example.com:443/hook",
        "https://",
        "https:///",
        "https://?",
        "https://#",
        "https://:443/",
        "https://[::1",
        "https://exa mple.com/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:25/",
        "https://hooks.example.com:3306/",
        "https://hooks.example.com:5432/",
        "https://hooks.example.com:6379/",
        "https://hooks.example.com:11211/",
        "https://8.8.8.8:6379/",
        "https://[2606:4700::1111]:25/",
    ];
    urls.extend(odd.map(String::from));
    urls.push(format!("https://hooks.example.com/{}", "a".repeat(2048)));
    urls
}

async fn closed(engine: harness::Engine) -> Kitchen {
    let setup = Setup { allow_targets: String::new(), attempt_timeout: Duration::from_secs(2), ..Setup::default() };
    Kitchen::start_with(engine, setup).await
}

/// A webhook whose URL came into the database by another way than the API.
async fn smuggled(kitchen: &Kitchen, api: &Api, url: &str) -> Value {
    let webhook = api.post("/api/webhooks", &[("url", "https://hooks.example.com/")]).await.expect(201).json;
    let id = webhook["id"].as_str().unwrap();
    assert_eq!(
        database::execute(&kitchen.database_url, &format!("UPDATE webhooks SET url = '{url}' WHERE id = '{id}'")).await,
        1
    );
    webhook
}

on_both_engines! {
    async fn forbidden_urls_are_refused_wherever_a_url_is_taken(engine: Engine) {
        let kitchen = closed(engine).await;
        let api = kitchen.workspace("main").await;
        let good = "https://hooks.example.com/standard/1/";
        let webhook = api.post("/api/webhooks", &[("url", good)]).await.expect(201).json;
        let path = format!("/api/webhooks/{}", webhook["id"].as_str().unwrap());
        let urls = forbidden_urls();
        assert!(urls.len() >= 120, "only {} URLs", urls.len());
        for url in &urls {
            let replies = [
                ("url", api.post("/api/webhooks", &[("url", url)]).await),
                ("url", api.put(&path, &[("url", url)]).await),
                ("target_url", api.post_json("/connect/zapier/hooks", &json!({"target_url": url, "event": "client.created"})).await),
            ];
            for (field, reply) in replies {
                assert_eq!(reply.status, 422, "{url:?} was answered {}", reply.text);
                let fields: Vec<&String> = reply.json["errors"].as_object().unwrap().keys().collect();
                assert_eq!(fields, [field], "{url:?}: {}", reply.text);
            }
        }
        let all = api.get("/api/webhooks").await.expect(200);
        assert_eq!((&all.json["meta"]["total"], &all.rows()[0]["url"]), (&json!(1), &json!(good)), "nothing was made or changed");
        kitchen.stop().await;
    }

    async fn what_is_stored_is_what_was_judged(engine: Engine) {
        let kitchen = closed(engine).await;
        let api = kitchen.workspace("main").await;
        for (written, stored) in [
            ("https://HOOKS.Example.COM/A?b=C", "https://hooks.example.com/A?b=C"),
            ("https://hooks.example.com", "https://hooks.example.com/"),
            ("https://hooks.example.com:443/a/../b", "https://hooks.example.com/b"),
            ("https://134744072/", "https://8.8.8.8/"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("https://[2606:4700:0:0::1111]/", "https://[2606:4700::1111]/"),
            ("https:///hooks.example.com/a", "https://hooks.example.com/a"),
            (" https://hooks.example.com:8443/ ", "https://hooks.example.com:8443/"),
            ("https://hooks.example.com:8443/", "https://hooks.example.com:8443/"),
        ] {
            assert_eq!(api.post("/api/webhooks", &[("url", written)]).await.expect(201).json["url"], stored, "{written}");
        }
        kitchen.stop().await;
    }

    async fn a_forbidden_address_in_the_database_is_refused_at_the_time_of_sending(engine: Engine) {
        let kitchen = closed(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let port = receiver.url.rsplit(':').next().unwrap();
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = host.trim();
        receiver.answer_always(Instruction { body: "internal".into(), ..Instruction::status(200) });
        let mut cases = vec![
            (format!("http://127.0.0.1:{port}/"), "Not sent. The URL must be publicly reachable; 127.0.0.1 is a loopback address."),
            (format!("https://[::ffff:127.0.0.1]:{port}/"), "Not sent. "),
            (format!("https://localhost:{port}/"), "Not sent. "),
        ];
        // The machine's own name leads to a private address on every machine, if it leads anywhere.
        let lookup = tokio::net::lookup_host((host, 0)).await.map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        if lookup.iter().any(|address| EgressPolicy::default().judge_address(address.ip()).is_err()) {
            cases.push((format!("https://{host}:{port}/"), "No connection: the name "));
        }
        for (url, reason) in cases {
            let webhook = smuggled(&kitchen, &api, &url).await;
            api.post("/api/companies", &[("name", &url)]).await.expect(201);
            let delivery = delivery_in(&api, &webhook, "waiting").await;
            let shown = api.get(&format!("/api/deliveries/{}", delivery["id"].as_str().unwrap())).await.expect(200).json;
            let attempt = &shown["attempts"][0];
            assert!(attempt["error"].as_str().unwrap().starts_with(reason), "{url}: {attempt}");
            assert_eq!((&attempt["status"], &attempt["response_body"]), (&Value::Null, &Value::Null), "{url}: {attempt}");
            api.delete(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(204);
        }
        assert!(receiver.received().is_empty(), "a private address was called");
        kitchen.stop().await;
    }
}

#[test]
fn random_addresses_of_every_forbidden_range_are_refused_and_public_ones_are_not() {
    let policy = EgressPolicy::default();
    let random = || u128::from_le_bytes(domain::secret::random_bytes());
    let is_refused = |address: IpAddr| {
        let host = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let by_url = policy.judge_url(&format!("https://{host}/")).is_err();
        assert_eq!(policy.judge_address(address).is_err(), by_url, "{address}: as address and in a URL");
        by_url
    };
    let v4: Vec<(u32, u32)> = V4.iter().map(|(network, prefix)| v4_range(*network, *prefix)).collect();
    let v6: Vec<(u128, u128)> = V6.iter().map(|(network, prefix)| v6_range(network, *prefix)).collect();
    for _ in 0..500 {
        for (first, last) in &v4 {
            let inside = first + u32::try_from(random() % (u128::from(last - first) + 1)).unwrap();
            assert!(is_refused(Ipv4Addr::from(inside).into()), "{}", Ipv4Addr::from(inside));
        }
        for (first, last) in &v6 {
            let size = (last - first).checked_add(1).unwrap();
            let inside = first + random() % size;
            assert!(is_refused(Ipv6Addr::from(inside).into()), "{}", Ipv6Addr::from(inside));
        }
    }
    // The neighbours of every range, and anything else: refused exactly if it lies in a range.
    let neighbours = v4.iter().flat_map(|(first, last)| [first.wrapping_sub(1), last.wrapping_add(1)]).collect::<Vec<_>>();
    let anywhere = (0..5000).map(|_| u32::try_from(random() >> 96).unwrap());
    let mut public = 0;
    for address in neighbours.into_iter().chain(anywhere) {
        let is_inside = v4.iter().any(|(first, last)| (*first..=*last).contains(&address));
        assert_eq!(is_refused(Ipv4Addr::from(address).into()), is_inside, "{}", Ipv4Addr::from(address));
        public += usize::from(!is_inside);
    }
    assert!(public > 3000, "most addresses are public, not {public} of 5000");
    for _ in 0..5000 {
        // Global unicast, where the public addresses are.
        let address = (random() >> 3) | (0b001 << 125);
        let is_inside = v6.iter().any(|(first, last)| (*first..=*last).contains(&address));
        assert_eq!(is_refused(Ipv6Addr::from(address).into()), is_inside, "{}", Ipv6Addr::from(address));
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
        child.args(["--exact", "egress::proxies_of_the_environment_are_not_used", "--nocapture"]).env(CHILD, "1");
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
