//! What all answers have in common: an id, one shape for every error, the right words for the wrong method or path.

use harness::client::send;
use harness::shape::assert_error;
use harness::{Kitchen, on_both_engines};
use reqwest::Method;

on_both_engines! {
    async fn every_answer_has_a_request_id_and_every_error_the_same_shape(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let client = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        let path = format!("/api/clients/{}", client.id());
        let mut ids = vec![client.header("request-id").to_owned()];
        for path in [
            "/nothing",
            "/api",
            "/api/",
            "/api/nothing",
            "/api/clients/",
            "/api/clients/x/y",
            "//api/me",
            "/connect/zapier",
            "/API/me",
            "/api/clients/u_000000000000000000000000",
            "/%ff",
            "/api/%00",
        ] {
            let reply = api.get(path).await;
            assert_error(&reply, 404, "not_found");
            ids.push(reply.header("request-id").to_owned());
        }
        for (method, path, allow) in [
            (Method::DELETE, "/api/clients", "GET,HEAD,POST"),
            (Method::POST, path.as_str(), "DELETE,GET,HEAD,PUT"),
            (Method::PATCH, path.as_str(), "DELETE,GET,HEAD,PUT"),
            (Method::PUT, "/api/me", "GET,HEAD"),
            (Method::GET, "/api/folders/x/move", "POST"),
            (Method::OPTIONS, "/api/me", "GET,HEAD"),
            (Method::POST, "/healthz", "GET,HEAD"),
        ] {
            let reply = send(api.request(method, path)).await;
            assert_error(&reply, 405, "method_not_allowed");
            let mut allowed: Vec<_> = reply.header("allow").split(',').map(str::trim).collect();
            allowed.sort_unstable();
            assert_eq!(allowed.join(","), allow, "{path}");
            ids.push(reply.header("request-id").to_owned());
        }
        let anonymous =
            send(api.anonymous(Method::GET, "/api/me").header("request-id", "req_mine").header("x-request-id", "mine")).await;
        assert_error(&anonymous, 401, "credential_missing");
        assert!(!anonymous.text.contains("mine"), "the id is ours");
        assert_error(&api.post("/api/clients", &[]).await, 422, "invalid");
        for path in ["/healthz", "/readyz", "/api/me", "/api/clients", path.as_str(), "/api/nothing", "/api/clients/x"] {
            let (get, head) = (api.get(path).await, send(api.request(Method::HEAD, path)).await);
            assert_eq!((get.status, ""), (head.status, head.text.as_str()), "HEAD {path}");
            assert_eq!(get.header("content-type"), head.header("content-type"), "HEAD {path}");
            assert!(head.header("request-id").starts_with("req_"));
            ids.extend([get.header("request-id").to_owned(), head.header("request-id").to_owned()]);
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "no id comes twice");
    }

    async fn ids_in_paths_that_are_none_are_404_whatever_they_are(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let id = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201).id();
        for odd in [
            "%00",
            "%ff",
            "%C3%28",
            "..%2f..",
            &id.to_uppercase(),
            &format!("{id}%00"),
            &format!("%20{id}"),
            &format!("{id}%0a"),
            "-1",
            "*",
            &"u_".repeat(4000),
            "%F0%9F%92%A9",
            "u_%30",
            "'",
            "null",
        ] {
            for path in ["/api/clients/", "/api/folders/", "/connect/zapier/hooks/", "/connect/zapier/triggers/"] {
                let reply = api.get(&format!("{path}{odd}")).await;
                assert_error(&reply, 404, "not_found");
            }
        }
        let escaped = id.replace('u', "%75");
        assert_eq!(api.get(&format!("/api/clients/{escaped}")).await.expect(200).id(), id, "an escaped letter is that letter");
    }
}
