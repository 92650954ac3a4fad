//! Which URLs are refused wherever one is taken: every spelling of every address that may not be called.

use domain::egress::EgressPolicy;
use harness::{Kitchen, Setup, Visitor, on_both_engines};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// Networks of IPv4 that may never be called: address and length of the prefix.
const V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([168, 63, 129, 16], 32),
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
const V6: [(&str, u32); 22] = [
    ("::", 128),
    ("::1", 128),
    ("::", 96),
    ("::ffff:0:0", 96),
    ("64:ff9b::", 96),
    ("64:ff9b:1::", 48),
    ("100::", 64),
    ("2001::", 32),
    ("2001::", 23),
    ("::ffff:0:0:0", 96),
    ("2001:db8::", 32),
    ("2002::", 16),
    ("3fff::", 20),
    ("5f00::", 16),
    ("fc00::", 7),
    ("fe80::", 10),
    ("fec0::", 10),
    ("ff00::", 8),
    ("ff02::1", 128),
    // What is not global unicast at all.
    ("::", 3),
    ("4000::", 2),
    ("8000::", 1),
];

fn v4_range(network: [u8; 4], prefix: u32) -> (u32, u32) {
    let first = u32::from(Ipv4Addr::from(network));
    (first, first | u32::MAX.checked_shr(prefix).unwrap_or(0))
}

fn v6_range(network: &str, prefix: u32) -> (u128, u128) {
    let first = u128::from(network.parse::<Ipv6Addr>().unwrap());
    (first, first | u128::MAX.checked_shr(prefix).unwrap_or(0))
}

/// Spellings of what is forbidden, and of nothing at all.
const ODD: [&str; 130] = [
    // Numbers in every notation, short forms and trailing dots.
    "https://127.1/",
    "https://127.0.1/",
    "https://0x7f.1/",
    "https://0X7F.0.0.1/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0177.0.0.01/",
    "https://0000177.0.0.1/",
    "https://127.0.0.0x1/",
    "https://127.0.0.1./",
    "https://127.0.0.1:8443/",
    "https://0/",
    "https://0./",
    "https://0x/",
    "https://10.1/",
    "https://192.168.257/",
    "https://169.254.43518/",
    "https://256.256.256.256/",
    "https://4294967296/",
    "https://0x100000000/",
    "https://127.0.0.1.1/",
    "https://08.0.0.1/",
    // Metadata services of clouds.
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://100.100.100.200/latest/meta-data/",
    "https://192.0.0.192/",
    "https://168.63.129.16/machine",
    "https://[fd00:ec2::254]/",
    "https://[fd20:ce::254]/",
    "https://metadata.google.internal/",
    "https://metadata.google.internal./",
    // Digits, dots and letters that are mapped to plain ones, or left out.
    "https://①②⑦.0.0.1/",
    "https://１２７.0.0.1/",
    "https://𝟏𝟐𝟕.0.0.1/",
    "https://₁₂₇.0.0.1/",
    "https://127。0。0。1/",
    "https://127．0．0．1/",
    "https://127｡0｡0｡1/",
    "https://12\u{ad}7.0.0.1/",
    "https://127.0.0.1\u{200b}/",
    "https://ｌｏｃａｌｈｏｓｔ/",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "https://local\u{ad}host/",
    "https://localhoſt/",
    // Escapes in the host.
    "https://%31%32%37.0.0.1/",
    "https://127%2e0%2e0%2e1/",
    "https://127.0.0.1%2e/",
    "https://loc%61lhost/",
    "https://localhost%2e/",
    "https://127.0.0.1%2f.hooks.example.com/",
    "https://127.0.0.1%00.hooks.example.com/",
    "https://127.0.0.1%20.hooks.example.com/",
    "https://127.0.0.1%23.hooks.example.com/",
    "https://hooks.example.com%40127.0.0.1/",
    "https://hooks.example.com%3a443/",
    "https://hooks.example.com%5c@127.0.0.1/",
    "https://hooks.example.com%0d%0aX-Injected:%201/",
    "https:%2f%2f127.0.0.1/",
    "https://%/",
    "https://%2e/",
    // IPv6, with zones and without an end.
    "https://[::1%25lo]/",
    "https://[::1%lo]/",
    "https://[fe80::1%25eth0]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[0000::0001]/",
    "https://[::ffff:7f00:1]/",
    "https://[::FFFF:127.0.0.1]/",
    "https://[::ffff:127.0.0.1]:8443/",
    "https://[::1",
    "https://::1/",
    "https://[]/",
    "https://[127.0.0.1]/",
    "https://[hooks.example.com]/",
    "https://[v1.fe80::1]/",
    // Names that lead to the machine itself or its network.
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://localhost:8443/",
    "https://a.localhost/",
    "https://localhost.localdomain/",
    "https://printer.local/",
    "https://router.home.arpa/",
    "https://box.localdomain/",
    "https://db.internal/",
    // Punycode that is none.
    "https://xn--/",
    "https://xn--a/",
    "https://xn--127-0-0-1.example/",
    // Who is called, disguised as who is meant.
    "https://good.example@127.0.0.1/",
    "https://good.example:443@127.0.0.1/",
    "https://@127.0.0.1/",
    "https://a:b@c:d@127.0.0.1/",
    "https://user:pass@hooks.example.com/",
    "https://user@hooks.example.com/",
    "https://:pass@hooks.example.com/",
    "https://127.0.0.1#@hooks.example.com/",
    "https://127.0.0.1?@hooks.example.com/",
    "https://hooks.example.com\\@127.0.0.1/",
    "https:\\\\127.0.0.1/",
    "https:127.0.0.1/",
    "https:/127.0.0.1/",
    "https:////127.0.0.1/",
    // Line breaks and other controls, which would end a header or be dropped without a word.
    "https://hooks.example.com/\n",
    "https://hooks.example.com/\r\nX-Injected: 1",
    "https://hooks.example.com/?a=\r\n\r\nGET / HTTP/1.1",
    "https://hooks.exa\tmple.com/",
    "https://hooks.example.com/\u{7f}",
    "https://hooks.example.com/\u{85}",
    "https://127.0.0.1\r\n.example.com/",
    "ht\ntps://127.0.0.1/",
    // No TLS, no web server, no full URL.
    "http://hooks.example.com/",
    "HTTP://hooks.example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "mailto:olive@example.com",
    "blob:https://hooks.example.com/1",
    "jar:https://hooks.example.com/a!/b",
    "view-source:https://hooks.example.com/",
    "unix:/run/docker.sock",
    "//hooks.example.com/",
    "/hook",
    "hooks.example.com",
    "hooks.example.com:443/hook",
    "https://",
    "https:///",
    "https://?",
    "https://#",
    "https://:443/",
    "https://.hooks.example.com/",
    "https://hooks..example.com/",
    "https://exa mple.com/",
];

/// Ports of no web server, and what is no port.
const PORTS: [&str; 38] = [
    "0", "21", "22", "23", "25", "53", "110", "111", "135", "139", "143", "389", "445", "465", "514", "587", "636", "873", "993",
    "995", "1433", "1521", "2049", "2379", "3306", "3389", "5432", "5672", "5900", "6379", "9092", "11211", "27017", "65536",
    "99999", "-1", "4 43", "443:443",
];

/// Schemes that are not ours to speak.
const SCHEMES: [&str; 16] = [
    "ftp",
    "ftps",
    "sftp",
    "ssh",
    "tftp",
    "gopher",
    "dict",
    "ldap",
    "ldaps",
    "smb",
    "imap",
    "redis",
    "ws",
    "wss",
    "http+unix",
    "httpss",
];

/// Every kind of URL that must be refused while nothing is allowed.
pub(crate) fn forbidden_urls() -> Vec<String> {
    let mut urls = Vec::new();
    for (network, prefix) in V4 {
        let (first, last) = v4_range(network, prefix);
        for address in [first, last, first + (last - first) / 2].map(Ipv4Addr::from) {
            urls.push(format!("https://{address}/hook"));
        }
        // The same address as IPv6 carries it: mapped, compatible, NAT64, local NAT64, 6to4, Teredo.
        let inside = first + (last - first).min(1);
        let [a, b, c, d] = inside.to_be_bytes();
        let (high, low) = (format!("{:x}", u16::from_be_bytes([a, b])), format!("{:x}", u16::from_be_bytes([c, d])));
        urls.push(format!("https://[::ffff:{}]/", Ipv4Addr::from(inside)));
        urls.push(format!("https://[::ffff:{high}:{low}]/"));
        urls.push(format!("https://[::{high}:{low}]/"));
        urls.push(format!("https://[64:ff9b::{high}:{low}]/"));
        urls.push(format!("https://[2002:{high}:{low}::1]/"));
        urls.push(format!("https://[64:ff9b:1::{high}:{low}]/"));
        urls.push(format!("https://[2001:0:{high}:{low}::1]/"));
        urls.push(format!("https://[::ffff:0:{high}:{low}]/"));
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
    urls.extend(ODD.map(String::from));
    urls.extend(PORTS.map(|port| format!("https://hooks.example.com:{port}/")));
    urls.extend(SCHEMES.map(|scheme| format!("{scheme}://hooks.example.com/")));
    urls.push(format!("https://hooks.example.com/{}", "a".repeat(2048)));
    urls.push(format!("https://hooks.example.com/{}", "a".repeat(100_000)));
    urls.push(format!("https://{}.example/", "a".repeat(64)));
    urls.push(format!("https://{}example/", "abc.".repeat(63)));
    urls.push(format!("https://{}177.0.0.1/", "0".repeat(1000)));
    urls
}

pub(crate) async fn closed(engine: harness::Engine) -> Kitchen {
    let setup = Setup { allow_targets: String::new(), attempt_timeout: Duration::from_secs(2), ..Setup::default() };
    Kitchen::start_with(engine, setup).await
}

/// This machine's name, if it leads to an address that is not public.
async fn private_name_of_this_machine() -> Option<String> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?.trim().to_owned();
    let addresses: Vec<_> = tokio::net::lookup_host((host.as_str(), 0)).await.ok()?.collect();
    addresses.iter().all(|address| EgressPolicy::default().judge_address(address.ip()).is_err()).then_some(host)
}

on_both_engines! {
    async fn forbidden_urls_are_refused_wherever_a_url_is_taken(engine: Engine) {
        let kitchen = closed(engine).await;
        let api = kitchen.workspace("main").await;
        let good = "https://hooks.example.com/standard/1/";
        let webhook = api.post("/api/webhooks", &[("url", good)]).await.expect(201).json;
        let path = format!("/api/webhooks/{}", webhook["id"].as_str().unwrap());
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let replay = format!("{path}/replay");
        let urls = forbidden_urls();
        assert!(urls.len() >= 400, "only {} URLs", urls.len());
        for (number, url) in urls.iter().enumerate() {
            let mut replies = vec![
                ("url", api.post("/api/webhooks", &[("url", url)]).await),
                ("url", api.put(&path, &[("url", url)]).await),
            ];
            // All other fields and pages have the same reader; some of each shows that they do.
            if number % 8 == 0 {
                let hook = json!({"target_url": url, "event": "client.created"});
                replies.push(("target_url", api.post_json("/connect/zapier/hooks", &hook).await));
                replies.push(("callback_url", api.post(&replay, &[("since", "1767225600"), ("callback_url", url)]).await));
            }
            for (field, reply) in replies {
                assert_eq!(reply.status, 422, "{url:?} was answered {}", reply.text);
                let fields: Vec<&String> = reply.json["errors"].as_object().unwrap().keys().collect();
                assert_eq!(fields, [field], "{url:?}: {}", reply.text);
            }
            if number % 32 == 0 {
                let form = [("url", url.as_str()), ("events", "all"), ("enabled", "1")];
                for page in ["/settings/webhooks/new".to_owned(), path.replace("/api/", "/settings/") + "/edit"] {
                    owner.post(&page, &form).await.expect(422);
                }
            }
        }
        let all = api.get("/api/webhooks").await.expect(200);
        assert_eq!((&all.json["meta"]["total"], &all.rows()[0]["url"]), (&json!(1), &json!(good)), "nothing was made or changed");
        kitchen.stop().await;
    }

    async fn a_name_that_leads_to_a_forbidden_address_is_refused_when_it_is_saved(engine: Engine) {
        let kitchen = closed(engine).await;
        let api = kitchen.workspace("main").await;
        // The machine's own name leads to a private address on every machine, if it leads anywhere.
        if let Some(host) = private_name_of_this_machine().await {
            let refused = api.post("/api/webhooks", &[("url", &format!("https://{host}/"))]).await.expect_invalid(&["url"]);
            assert!(refused.text.contains("must be publicly reachable"), "{}", refused.text);
        }
        // A name that is not known yet may come to be known.
        api.post("/api/webhooks", &[("url", "https://not-known-yet.example/")]).await.expect(201);
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
