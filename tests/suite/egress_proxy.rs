//! The operator's forward proxy: every delivery goes through it, it hears of judged addresses alone, and what it refuses is told in
//! plain words.

use crate::deliveries::{after_attempts, delivery_in, retry, shown};
use crate::egress_sending::{smuggle, test_of};
use harness::forward_proxy::Way;
use harness::receiver::Instruction;
use harness::{Authority, ForwardProxy, Kitchen, Receiver, Setup, Site, eventually, on_both_engines};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use worker::Names;

/// `olive:p@ss:word`, as it is written in a URL and as it is sent.
const LOGIN: &str = "olive:p%40ss:word@";
const AUTHORIZATION: &str = "Basic b2xpdmU6cEBzczp3b3Jk";

/// The URL of a proxy, with who asks.
fn with_login(proxy: &ForwardProxy) -> String {
    proxy.url.replace("http://", &format!("http://{LOGIN}"))
}

fn through(url: String) -> Setup {
    Setup {
        allow_targets: "127.0.0.3,127.0.0.4".into(),
        is_http_allowed: true,
        attempt_timeout: Duration::from_secs(2),
        proxy: Some(worker::ForwardProxy(domain::secret::Secret::new(url))),
        ..Setup::default()
    }
}

on_both_engines! {
    async fn a_proxy_is_told_the_address_that_was_judged_and_no_other(engine: Engine) {
        // Open are 127.0.0.3, where somebody listens, and 127.0.0.4, where nobody does. The proxy's own address is not.
        let proxy = ForwardProxy::start_for(Some(AUTHORIZATION)).await;
        let public = Receiver::start_at("127.0.0.3:0").await;
        let port: u16 = public.url.rsplit(':').next().unwrap().parse().unwrap();
        let private = Receiver::start_at(&format!("127.0.0.2:{port}")).await;
        public.answer_always(Instruction { headers: vec![("connection", "close".into())], ..Instruction::status(500) });
        let asked = Arc::new(AtomicUsize::new(0));
        let names = Names::Told(Arc::new(move |name: &str| {
            let last: &[u8] = match name.split('.').next().unwrap() {
                "good" => &[3],
                "two" => &[4, 3],
                "rebinding" => if asked.fetch_add(1, Ordering::SeqCst) == 0 { &[3] } else { &[2] },
                "mixed" => &[3, 2],
                "nowhere" => &[],
                _ => &[2],
            };
            last.iter().map(|last| IpAddr::from([127, 0, 0, *last])).collect()
        }));
        let kitchen = Kitchen::start_with(engine, Setup { names, ..through(with_login(&proxy)) }).await;
        let api = kitchen.workspace("main").await;
        let urls = ["good", "two", "rebinding", "mixed", "nowhere", "private"].map(|name| format!("http://{name}.hooks.example:{port}/{name}"));
        let urls = [&urls[..], &[format!("http://127.0.0.2:{port}/literal"), format!("http://127.0.0.3:{port}/open")]].concat();
        let webhooks = smuggle(&kitchen, &api, &urls).await;
        let [good, two, rebinding, mixed, nowhere, forbidden, literal, open] = &webhooks[..] else { unreachable!() };
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        for webhook in [good, two, rebinding, open] {
            assert_eq!(delivery_in(&api, webhook, "waiting").await["last_status"], 500, "{webhook}");
        }
        for (webhook, error) in [
            (mixed, "No connection: the name mixed.hooks.example leads to 127.0.0.2, a loopback address"),
            (nowhere, "No connection: the name nowhere.hooks.example has no address"),
            (forbidden, "No connection: the name private.hooks.example leads to 127.0.0.2, a loopback address"),
            (literal, "Not sent. The URL must be publicly reachable; 127.0.0.2 is a loopback address."),
        ] {
            assert_eq!(delivery_in(&api, webhook, "waiting").await["last_error"], error);
        }
        let mut targets = proxy.targets();
        targets.sort_unstable();
        let (there, nobody) = (format!("127.0.0.3:{port}"), format!("127.0.0.4:{port}"));
        assert_eq!(targets, [&there, &there, &there, &there, &nobody].map(String::as_str), "and nothing of what was refused");
        // A name that leads elsewhere by the time it is called again.
        retry(&api, &delivery_in(&api, rebinding, "waiting").await).await.expect(200);
        let turned = after_attempts(&api, rebinding, 2).await;
        assert_eq!(turned["last_error"], "No connection: the name rebinding.hooks.example leads to 127.0.0.2, a loopback address");
        assert_eq!(proxy.targets().len(), 5);
        // Trying a webhook out goes the same way.
        let sent = api.post(&test_of(good), &[]).await.expect(202).json;
        eventually("the test", Duration::from_secs(10), || async { (shown(&api, &sent).await["last_status"] == 500).then_some(()) }).await;
        assert_eq!(proxy.targets().len(), 6);
        for head in proxy.heads() {
            assert!(!head.contains(".example") && head.contains(&format!("Proxy-Authorization: {AUTHORIZATION}\r\n")), "{head}");
        }
        for one in public.received() {
            let host = if one.path == "/open" { there.clone() } else { format!("{}.hooks.example:{port}", &one.path[1..]) };
            assert_eq!((one.header("host"), one.header("proxy-authorization")), (host.as_str(), ""), "the receiver hears the name");
        }
        assert_eq!(public.received().len(), 5);
        assert!(private.received().is_empty());
        kitchen.stop().await;
    }

    async fn what_a_proxy_refuses_is_told_in_plain_words(engine: Engine) {
        let proxy = ForwardProxy::start_for(Some("Basic of-somebody-else")).await;
        let kitchen = Kitchen::start_with(engine, through(with_login(&proxy))).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start_at("127.0.0.3:0").await);
        let webhook = receiver.subscribe(&api, &["folder.created"]).await;
        let error = async || {
            let sent = api.post(&test_of(&webhook), &[]).await.expect(202).json;
            eventually("the attempt", Duration::from_secs(10), || async {
                shown(&api, &sent).await["last_error"].as_str().map(str::to_owned)
            })
            .await
        };
        assert_eq!(error().await, "No connection: the proxy answered 407");
        let body = "HTTP/1.1 403 No\r\nContent-Length: 22\r\n\r\nhidden-canary, a page.\n";
        for (way, told) in [
            (Way::Say(body), "No connection: the proxy answered 403"),
            (Way::Say("HTTP/1.0 503 Later\r\n\r\n"), "No connection: the proxy answered 503"),
            (Way::Say("HTTP/1.1 301 Elsewhere\r\nLocation: http://127.0.0.3/\r\n\r\n"), "No connection: the proxy answered 301"),
            (Way::Say("220 mail.example ESMTP\r\n"), "No connection: the proxy gave no answer that can be read"),
            (Way::Say("HTTP/1.1 200 OK\r\n"), "No connection: the proxy broke off: unexpected end of file"),
            (Way::Hang, "No complete answer within 2 s."),
        ] {
            proxy.answer(way.clone());
            assert_eq!(error().await, told, "{way:?}");
        }
        proxy.end().await;
        let told = error().await;
        assert!(told.starts_with("No connection: the proxy cannot be reached: ") && !told.contains(&proxy.url[7..]), "{told}");
        assert!(receiver.received().is_empty());
        kitchen.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_with_the_receiver_whatever_stands_between() {
    let (known, stranger) = (Authority::new(), Authority::new());
    let proxy = ForwardProxy::start_for(Some(AUTHORIZATION)).await;
    let site = Site::embedded()
        .set("KITCHEN_EGRESS_PROXY", &with_login(&proxy))
        .set("KITCHEN_EGRESS_CERTIFICATE", known.path("identity.pem").to_str().unwrap())
        .set("SSL_CERT_FILE", known.path("ca.pem").to_str().unwrap());
    let gateway = site.start(&["serve"]).await;
    let api = gateway.api(&site.new_key(1_000_000).await);
    let mut asked = Vec::new();
    let mut receivers = Vec::new();
    for listener in [known.listen(true).await, stranger.listen(false).await] {
        let receiver = Receiver::start_with_tls(listener);
        asked.push(receiver.url.replace("https://localhost", "127.0.0.1"));
        receivers.push((receiver.subscribe(&api, &[]).await, receiver));
    }
    // The certificate is for the name alone.
    let by_address = receivers[0].1.url.replace("localhost", "127.0.0.1");
    let other = api.post("/api/webhooks", &[("url", &by_address)]).await.expect(201).json;
    asked.push(asked[0].clone());
    api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
    delivery_in(&api, &receivers[0].0, "delivered").await;
    for webhook in [&receivers[1].0, &other] {
        let error = delivery_in(&api, webhook, "waiting").await["last_error"].as_str().unwrap().to_owned();
        assert!(error.starts_with("No connection: invalid peer certificate"), "{error}");
    }
    assert_eq!((receivers[0].1.received().len(), receivers[1].1.received().len()), (1, 0));
    let mut targets = proxy.targets();
    targets.sort_unstable();
    asked.sort_unstable();
    assert_eq!(targets, asked, "addresses, not names");
    let report = site.run(&["doctor", "--skip-port"]).await;
    assert!(report.status.success() && report.stdout.contains("deliveries go out through it"), "{report:?}");
}

#[tokio::test]
async fn a_proxy_that_cannot_be_used_is_named() {
    let proxy = ForwardProxy::start().await;
    let site = Site::embedded().set("KITCHEN_LISTEN", "127.0.0.1:0");
    for url in [
        "hidden-canary",
        "socks5://olive:hidden-canary@127.0.0.1:1080",
        "https://olive:hidden-canary@127.0.0.1:3128",
        "http://olive:hidden-canary@",
        "http://olive:hidden-canary@127.0.0.1:port",
        "http://olive:hidden-canary@127.0.0.1:3128/path",
    ] {
        let site = site.clone().set("KITCHEN_EGRESS_PROXY", url);
        for command in ["serve", "doctor"] {
            let ran = site.run(&[command]).await;
            assert!(!ran.status.success() && ran.all().contains("KITCHEN_EGRESS_PROXY"), "{url}: {ran:?}");
            assert!(!ran.all().contains("hidden-canary"), "{url}: {ran:?}");
            assert!(command == "doctor" || ran.stdout.is_empty(), "{url}: nobody is told how to go on: {ran:?}");
        }
    }
    let site = site.set("KITCHEN_EGRESS_PROXY", &with_login(&proxy));
    assert!(site.succeed(&["doctor"]).await.contains("proxy"));
    proxy.end().await;
    let ran = site.run(&["doctor"]).await;
    assert!(!ran.status.success() && ran.stdout.contains("the proxy cannot be reached"), "{ran:?}");
}
