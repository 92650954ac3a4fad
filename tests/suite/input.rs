//! Bodies and queries as strangers send them: every one that is odd, oversized or ambiguous gets its documented answer, in the
//! documented shape, and never a 500.

use harness::client::send;
use harness::shape::assert_error;
use harness::{Api, Kitchen, Reply, on_both_engines};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// As the harness sets it up.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// However odd a request is, its answer is there within a moment; generous, because tests share a machine.
const SOON: Duration = Duration::from_secs(3);

async fn post_raw(api: &Api, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Reply {
    send(api.request(Method::POST, path).header("content-type", kind).body(body)).await
}

on_both_engines! {
    async fn forms_and_json_are_read_and_nothing_else(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let mut number = 0;
        let mut made = |kind: &str| {
            number += 1;
            let is_form = kind.to_lowercase().contains("form-urlencoded");
            if is_form { format!("name=C{number}") } else { format!("{{\"name\": \"C{number}\"}}") }
        };
        for kind in [
            FORM,
            JSON,
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "Application/JSON",
            "application/vnd.api+json",
            "application/x-www-form-urlencoded; charset=UTF-8",
            "application/x-www-form-urlencoded ; charset=utf-8",
        ] {
            let reply = post_raw(&api, "/api/companies", kind, made(kind)).await;
            assert_eq!(reply.status, 201, "{kind}: {}", reply.text);
            assert_eq!(reply.header("content-type"), "application/json");
        }
        for kind in ["text/plain", "multipart/form-data; boundary=x", "application/xml", "application/jsonx", "json", ";", "*/*"]
        {
            assert_error(&post_raw(&api, "/api/companies", kind, made(kind)).await, 415, "unsupported_media_type");
        }
        let unnamed = send(api.request(Method::POST, "/api/companies").body("name=C")).await;
        assert_error(&unnamed, 415, "unsupported_media_type");
        for encoding in ["gzip", "br", "deflate", "identity, gzip", "zstd"] {
            let request =
                api.request(Method::POST, "/api/companies").header("content-type", JSON).header("content-encoding", encoding);
            assert_error(&send(request.body("{}")).await, 415, "unsupported_media_type");
        }
        let plain =
            api.request(Method::POST, "/api/companies").header("content-type", FORM).header("content-encoding", "identity");
        send(plain.body("name=Plain")).await.expect(201);
        for kind in [FORM, JSON, "text/plain"] {
            post_raw(&api, "/api/companies", kind, "").await.expect_invalid(&["name"]);
        }
    }

    async fn bodies_that_cannot_be_read_are_400_and_say_so(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let deep = format!("{{\"name\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let deep_objects = "{\"name\":".repeat(100_000);
        for body in [
            &b"{"[..],
            b"[]",
            b"\"name\"",
            b"7",
            b"null",
            b"{\"name\": \"A\"} x",
            b"{'name': 1}",
            b"{\"name\": NaN}",
            b"{\"name\": 1e999}",
            b"{\"name\": \"\\ud800\"}",
            b"{\"name\": \"\\udc00\\ud800\"}",
            b"{\"\\udfff\": 1}",
            b"{\"name\": \"\xff\"}",
            b"{\"name\": \"\xed\xa0\x80\"}",
            b"\xef\xbb\xbf{\"name\": \"A\"}",
            b"{\"name\": \"A\x00\"}",
            b"{\"name\": \"A\nB\"}",
            b"\xff\xfe{\x00}\x00",
            b"[{\"name\": \"A\"}]",
            deep.as_bytes(),
            deep_objects.as_bytes(),
        ] {
            let started = Instant::now();
            let reply = post_raw(&api, "/api/companies", JSON, body.to_vec()).await;
            assert_error(&reply, 400, "malformed_request");
            assert!(started.elapsed() < SOON);
            assert!(reply.text.len() < 500, "{}", reply.text);
        }
        for body in
            [&b"name=%"[..], b"name=%4", b"name=%zz", b"name=%ff", b"name=\xff", b"name=%c3", b"%c3=%a9", b"name=%ed%a0%80"]
        {
            assert_error(&post_raw(&api, "/api/companies", FORM, body.to_vec()).await, 400, "malformed_request");
            let query = String::from_utf8_lossy(body).replace('\u{fffd}', "%ff");
            assert_error(&api.get(&format!("/api/companies?{query}")).await, 400, "malformed_request");
        }
        assert_eq!(api.get("/api/companies").await.json["meta"]["total"], 0);
    }

    async fn a_name_that_comes_twice_takes_the_last_value_and_contradictions_are_refused(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let base = "&visibility=private";
        for (form, name) in [
            ("name=a&name=b", Some("b")),
            ("name=b&n%61me=c", Some("c")),
            ("name=x+y%2Bz%26%3D", Some("x y+z&=")),
            ("name=+a+", Some("a")),
            ("name=%EF%BF%BD", Some("\u{fffd}")),
            ("name=a&__proto__[name]=b&constructor[prototype][name]=c", Some("a")),
            ("name=a&&&other", Some("a")),
            ("name=a=b", Some("a=b")),
            ("name=a&name[x]=b", None),
            ("name[x]=b&name=a", None),
            ("name=a&name[]=b", None),
            ("x[]=a&x[0]=b&name=a", None),
            ("x[0]=a&x[k]=b&name=a", None),
            ("x[]=a&x=b&name=a", None),
            ("name=a&x[=b", None),
            ("name=a&x[a=b", None),
            ("name=a&[x]=b", None),
            ("name=a&x[1000]=b", None),
            ("name=a&x[99999999999]=b", None),
            ("name=a&x[a][b][c][d][e][f]=g", None),
        ] {
            let reply = post_raw(&api, "/api/folders", FORM, format!("{form}{base}")).await;
            match name {
                Some(name) => assert_eq!((reply.status, &reply.json["name"]), (201, &json!(name)), "{form}: {}", reply.text),
                None => assert_error(&reply, 400, "malformed_request"),
            }
            let listed = api.get(&format!("/api/folders?{form}")).await;
            assert_eq!(listed.status, if name.is_some() { 200 } else { 400 }, "the query `{form}`: {}", listed.text);
        }
        for form in ["name[]=a", "name[0]=a", "name[a]=a", "name%5B%5D=a", "Name=a", "%20name=a", "name%00=a"] {
            post_raw(&api, "/api/folders", FORM, format!("{form}{base}")).await.expect_invalid(&["name"]);
        }
        let twice = post_raw(&api, "/api/folders", JSON, r#"{"name": "a", "visibility": "private", "name": "b"}"#).await;
        assert_eq!(twice.expect(201).json["name"], "b", "as in a form");
        let both = post_raw(&api, "/api/folders?name=query&visibility=shared", FORM, "name=body&visibility=private")
            .await
            .expect(201)
            .json;
        assert_eq!((&both["name"], &both["visibility"]), (&json!("body"), &json!("private")), "a write reads its body alone");
        post_raw(&api, "/api/folders?name=query&visibility=shared", FORM, "").await.expect_invalid(&["name", "visibility"]);
        let webhook = |form: &'static str| post_raw(&api, "/api/webhooks", FORM, form);
        for form in [
            "url=http://127.0.0.1:9/&events_types[]=list.created&events_types[]=client.created",
            "url=http://127.0.0.1:9/&events_types[1]=list.created&events_types[0]=client.created",
            "url=http://127.0.0.1:9/&events[]=list.created&events[]=client.created&events[]=client.created",
        ] {
            assert_eq!(webhook(form).await.expect(201).json["events_types"], json!(["client.created", "list.created"]), "{form}");
        }
        webhook("url=http://127.0.0.1:9/&events_types=list.created").await.expect_invalid(&["events_types"]);
        webhook("url=http://127.0.0.1:9/&events[]=list.created&events_types[]=client.created").await.expect_invalid(&["events"]);
    }

    async fn very_many_fields_are_refused_quickly(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        for pair in ["a=1&", "&", "x[]=1&", "name=A&"] {
            let started = Instant::now();
            assert_error(&post_raw(&api, "/api/companies", FORM, pair.repeat(100_000)).await, 400, "malformed_request");
            assert!(started.elapsed() < SOON, "{pair}");
        }
        assert_error(&api.get(&format!("/api/companies?{}", "a=1&".repeat(2000))).await, 400, "malformed_request");
        let pairs = "a=1&".repeat(999);
        post_raw(&api, "/api/companies", FORM, format!("{pairs}name=Fits")).await.expect(201);
        let object: Map<String, Value> =
            (0..50_000).map(|number| (format!("k{number}"), json!(1))).chain([("name".into(), json!("J"))]).collect();
        api.post_json("/api/companies", &Value::Object(object)).await.expect(201);
    }

    async fn a_body_above_the_limit_is_413_and_one_that_declares_it_is_not_even_read(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let filled = |size: usize| format!("{{\"name\": \"{}\"}}", "x".repeat(size - 12));
        post_raw(&api, "/api/companies", JSON, filled(MAX_BODY_BYTES)).await.expect_invalid(&["name"]);
        let head = |length: &str| {
            format!(
                "POST /api/companies HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n{length}\r\n\r\n",
                api.base().trim_start_matches("http://"),
                api.token()
            )
        };
        // None of the body is sent: an answer within the deadline can only come from the header.
        for length in [format!("{}", MAX_BODY_BYTES + 1), "10737418240".into(), "9223372036854775807".into()] {
            let answer = raw(&api, &head(&format!("content-length: {length}")), &[]).await;
            assert!(
                answer.starts_with("HTTP/1.1 413 ")
                    && answer.contains("\"code\":\"body_too_large\"")
                    && answer.contains("request-id: req_"),
                "{length}: {answer}"
            );
        }
        for length in ["-1", "1e9", "99999999999999999999999", "0x10"] {
            let answer = raw(&api, &head(&format!("content-length: {length}")), &[]).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{length}: {answer}");
        }
        let chunk = format!("{:x}\r\n{}\r\n", 64 * 1024, "x".repeat(64 * 1024));
        let chunks = vec![chunk; 17];
        let answer = raw(&api, &head("transfer-encoding: chunked"), &chunks).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "a body without a length is cut off at the limit: {answer}");
        // Whatever is refused before its body was read is told so, though the body comes all the same.
        for (key, status) in [(api.token(), 413), ("kitchen_nobodys", 401)] {
            let request = api.anonymous(Method::POST, "/api/companies").bearer_auth(key).header("content-type", JSON);
            send(request.body(filled(8 * 1024 * 1024))).await.expect(status);
        }
        let answer = raw(&api, &head("transfer-encoding: chunked"), &["zz\r\n".to_owned()]).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("malformed_request"), "{answer}");
    }
}

/// Writes bytes as they are and reads the answer until the gateway closes or ten seconds pass.
async fn raw(api: &Api, head: &str, body: &[String]) -> String {
    let mut stream = tokio::net::TcpStream::connect(api.base().trim_start_matches("http://")).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    for part in body {
        // The gateway may have answered and closed already; what it said is read below.
        if stream.write_all(part.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let reading = async {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&answer);
            if text.contains("\r\n\r\n") && (text.ends_with('}') || text.contains("content-length: 0")) {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reading).await.expect("the gateway answers without waiting for the body");
    String::from_utf8(answer).unwrap()
}
