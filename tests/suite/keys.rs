//! API keys: what is presented, what is refused and how, what is kept, and that a deleted key is dead at once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::api_key::Token;
use domain::audit::Actor;
use harness::client::send;
use harness::{Api, Kitchen, Reply, Setup, database, eventually, on_both_engines};
use reqwest::Method;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const MISSING: &str = "Bearer realm=\"kitchen\"";
const INVALID: &str =
    "Bearer realm=\"kitchen\", error=\"invalid_token\", error_description=\"The API key is mistyped, deleted or unknown\"";
const MALFORMED: &str = "Bearer realm=\"kitchen\", error=\"invalid_request\"";

async fn present(api: &Api, headers: &[(&str, String)]) -> Reply {
    let request =
        headers.iter().fold(api.anonymous(Method::GET, "/api/me"), |request, (name, value)| request.header(*name, value));
    send(request).await
}

fn basic(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

fn mistyped(token: &str) -> String {
    let mut typo = token.to_owned();
    let last = typo.pop().unwrap();
    typo.push(if last == 'a' { 'b' } else { 'a' });
    typo
}

async fn delete(kitchen: &Kitchen, api: &Api) {
    let mut work = kitchen.store.begin(&api.key().workspace_id, Actor::command_line());
    assert!(store::api_keys::delete(&mut work, &api.key().id).await.unwrap());
    work.commit().await.unwrap();
}

on_both_engines! {
    async fn a_key_opens_as_bearer_as_basic_and_as_header(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        let token = api.token();
        for (name, value) in [
            ("authorization", format!("Bearer {token}")),
            ("authorization", format!("bearer {token}")),
            ("authorization", format!("BEARER {token}")),
            ("authorization", format!("Bearer   {token} ")),
            ("authorization", basic(&format!("{token}:"))),
            ("authorization", basic(token)),
            ("authorization", basic(&format!("api:{token}"))),
            ("authorization", basic(&format!("{token}:x")).replace("Basic", "basic")),
            ("x-api-key", token.to_owned()),
            ("X-Api-Key", format!(" {token} ")),
        ] {
            let reply = present(&api, &[(name, value.clone())]).await;
            assert_eq!(reply.status, 200, "{name}: {value} answered {}", reply.text);
        }
        kitchen.stop().await;
    }

    async fn whatever_opens_nothing_is_refused_as_rfc_6750_says(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        let token = api.token();
        let gone = kitchen.key(&api.key().workspace_id, 1000).await;
        delete(&kitchen, &gone).await;
        let never_issued = Token::generate();
        let bearer = |token: &str| vec![("authorization", format!("Bearer {token}"))];
        let cases = [
            ("nothing", vec![], 401, MISSING, "credential_missing"),
            // Section 3: an unsupported method of authentication is treated like none.
            ("another scheme", vec![("authorization", "Digest username=\"a\"".to_owned())], 401, MISSING, "credential_missing"),
            ("mistyped", bearer(&mistyped(token)), 401, INVALID, "credential_invalid"),
            ("cut short", bearer(&token[..30]), 401, INVALID, "credential_invalid"),
            ("somebody else's form", bearer("sk_live_1234567890"), 401, INVALID, "credential_invalid"),
            ("never issued", bearer(never_issued.reveal()), 401, INVALID, "credential_invalid"),
            ("deleted", bearer(gone.token()), 401, INVALID, "credential_invalid"),
            ("mistyped as header", vec![("x-api-key", mistyped(token))], 401, INVALID, "credential_invalid"),
            ("mistyped as Basic", vec![("authorization", basic(&format!("{}:", mistyped(token))))], 401, INVALID, "credential_invalid"),
            ("empty header", vec![("x-api-key", String::new())], 401, INVALID, "credential_invalid"),
            ("no token after the scheme", vec![("authorization", "Bearer".to_owned())], 400, MALFORMED, "credential_malformed"),
            ("Basic that is no base64", vec![("authorization", "Basic %%%".to_owned())], 400, MALFORMED, "credential_malformed"),
            (
                "two headers of one kind",
                vec![("authorization", format!("Bearer {token}")), ("authorization", format!("Bearer {token}"))],
                400, MALFORMED, "credential_malformed",
            ),
            (
                "two kinds of header",
                vec![("authorization", format!("Bearer {token}")), ("x-api-key", token.to_owned())],
                400, MALFORMED, "credential_malformed",
            ),
        ];
        for (what, headers, status, challenge, code) in cases {
            let reply = present(&api, &headers).await;
            assert_eq!((reply.status, reply.header("www-authenticate")), (status, challenge), "{what}: {}", reply.text);
            assert_eq!(reply.json["code"], code, "{what}");
            assert_eq!(reply.header("content-type"), "application/json", "{what}");
            assert_eq!(reply.json["request_id"], reply.header("request-id"), "{what}");
        }
        let in_query = send(api.anonymous(Method::GET, &format!("/api/me?access_token={token}&api_key={token}"))).await;
        assert_eq!((in_query.status, in_query.header("www-authenticate")), (401, MISSING), "a key in the query is not looked at");
        kitchen.stop().await;
    }

    async fn a_mistyped_token_does_not_reach_the_database(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        kitchen.store.close().await;
        let right = present(&api, &[("authorization", format!("Bearer {}", api.token()))]).await;
        assert!(right.status >= 500, "without a database a right token cannot be judged, and yet: {}", right.status);
        let wrong = present(&api, &[("authorization", format!("Bearer {}", mistyped(api.token())))]).await;
        assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, INVALID));
    }

    async fn a_token_is_nowhere_in_the_database(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        // Used in every place a request could be kept from.
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/hook")]).await.expect(201);
        let dump = database::dump(&kitchen.database_url).await;
        assert!(dump.contains(&api.key().start), "the dump does not even hold the part of the token that is no secret");
        let secret = api.token().rsplit('_').next().unwrap();
        assert_eq!(secret.len(), 38);
        for part in [api.token(), secret, &secret[..32], &secret[..16]] {
            assert!(!dump.contains(part), "the database holds {} characters of the token", part.len());
        }
        kitchen.stop().await;
    }

    async fn a_key_deleted_under_load_is_dead_from_the_moment_of_the_commit(engine: Engine) {
        let gateways = if engine == harness::Engine::Postgres { 2 } else { 1 };
        let kitchen = Kitchen::start_with(engine, Setup { gateways, has_worker: false, ..Setup::default() }).await;
        let main = kitchen.workspace("main").await;
        let doomed = kitchen.key(&main.key().workspace_id, 1_000_000).await;
        let deleted: Arc<OnceLock<Instant>> = Arc::default();
        let let_in = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..8)
            .map(|client| {
                let (deleted, let_in) = (Arc::clone(&deleted), Arc::clone(&let_in));
                let api = doomed.at(&kitchen.urls[client % gateways]);
                tokio::spawn(async move {
                    let (mut refused, mut let_in_after) = (0, 0);
                    while refused + let_in_after < 40 {
                        let sent_after = deleted.get().is_some();
                        let status = api.get("/api/me").await.status;
                        match (status, sent_after) {
                            (200, false) => drop(let_in.fetch_add(1, Ordering::Relaxed)),
                            (200, true) => let_in_after += 1,
                            (401, true) => refused += 1,
                            (401, false) => {}
                            (other, _) => panic!("answered {other}"),
                        }
                    }
                    let_in_after
                })
            })
            .collect();
        eventually("load", Duration::from_secs(20), || async { (let_in.load(Ordering::Relaxed) > 200).then_some(()) }).await;
        delete(&kitchen, &doomed).await;
        deleted.set(Instant::now()).unwrap();
        for client in clients {
            assert_eq!(client.await.unwrap(), 0, "requests sent after the delete was committed were let in");
        }
        main.get("/api/me").await.expect(200);
        kitchen.stop().await;
    }
}
