//! API keys over the API: made, changed, rolled, deleted; what scopes, expiry and allowed addresses let through.

use harness::client::send;
use harness::{Api, Kitchen, Reply, Setup, database, eventually, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// An installation behind a proxy on this machine, and a caller whose key may do everything.
async fn quiet(engine: harness::Engine) -> (Kitchen, Api) {
    let setup = Setup { has_worker: false, trusted_proxies: "127.0.0.0/8".into(), ..Setup::default() };
    let kitchen = Kitchen::start_with(engine, setup).await;
    let api = kitchen.workspace("main").await;
    (kitchen, api)
}

fn opened(api: &Api, key: &Reply) -> Api {
    Api::new(api.base(), key.json["token"].as_str().expect("a token"))
}

async fn me_from(api: &Api, address: &str) -> Reply {
    send(api.request(Method::GET, "/api/me").header("x-forwarded-for", address)).await
}

on_both_engines! {
    async fn a_token_is_shown_once_and_never_again(engine: Engine) {
        let (kitchen, api) = quiet(engine).await;
        let made = api.post("/api/api-keys", &[("name", "Zapier")]).await.expect(201);
        let token = made.json["token"].as_str().unwrap().to_owned();
        assert_eq!(made.json["scopes"], json!(["read", "write", "webhooks"]), "the default leaves out the keys themselves");
        assert_eq!((&made.json["rate_limit"], &made.json["created_by"]), (&json!(200), &json!("API key Test key")));
        assert!(token.starts_with(made.json["start"].as_str().unwrap()));
        opened(&api, &made).get("/api/clients").await.expect(200);
        let id = made.id();
        let replies = [
            api.get("/api/api-keys").await,
            api.get(&format!("/api/api-keys/{id}")).await,
            api.put(&format!("/api/api-keys/{id}"), &[("name", "Zapier 2"), ("token", "mine"), ("start", "kitchen_mine")]).await,
        ];
        for reply in replies {
            let reply = reply.expect(200);
            assert!(!reply.text.contains(&token) && reply.json.get("token").is_none(), "{}", reply.text);
        }
        let shown = api.get(&format!("/api/api-keys/{id}")).await.json;
        assert_eq!((&shown["name"], &shown["start"]), (&json!("Zapier 2"), &made.json["start"]), "only the name changed");
        assert!(!database::dump(&kitchen.database_url).await.contains(token.rsplit('_').next().unwrap()));
        opened(&api, &made).get("/api/clients").await.expect(200);
        api.delete(&format!("/api/api-keys/{id}")).await.expect(204);
        opened(&api, &made).get("/api/clients").await.expect(401);
        api.delete(&format!("/api/api-keys/{id}")).await.expect(404);
        kitchen.stop().await;
    }

    async fn bad_fields_are_named(engine: Engine) {
        let (kitchen, api) = quiet(engine).await;
        api.post("/api/api-keys", &[]).await.expect_invalid(&["name"]);
        let body = json!({
            "name": "x".repeat(256), "scopes": ["read", "everything"], "rate_limit": 0, "allowed_ips": ["10.0.0.0/8", "10.0.0.0/40"],
            "expires_at": "2001-01-01T00:00:00Z",
        });
        api.post_json("/api/api-keys", &body).await.expect_invalid(&["name", "scopes.1", "rate_limit", "allowed_ips.1", "expires_at"]);
        let made = api.post("/api/api-keys", &[("name", "Fine")]).await.expect(201);
        let path = format!("/api/api-keys/{}", made.id());
        api.put(&path, &[("name", " ")]).await.expect_invalid(&["name"]);
        api.post(&format!("{path}/roll"), &[("keep_old_for", "604801")]).await.expect_invalid(&["keep_old_for"]);
        kitchen.stop().await;
    }

    async fn a_scope_opens_what_it_names_and_nothing_else(engine: Engine) {
        let (kitchen, api) = quiet(engine).await;
        let client = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201).id();
        // What each scope lets through: reading clients, changing them, reading boards, webhooks, keys, a platform's feed and action.
        let cases = [
            ("read", [200, 403, 200, 403, 403, 200, 403]),
            ("write", [403, 200, 403, 403, 403, 403, 422]),
            ("webhooks", [403, 403, 403, 200, 403, 403, 403]),
            ("keys", [403, 403, 403, 403, 200, 403, 403]),
            ("clients:read", [200, 403, 403, 403, 403, 200, 403]),
            ("clients:write", [403, 200, 403, 403, 403, 403, 422]),
            ("boards:read", [403, 403, 200, 403, 403, 403, 403]),
        ];
        for (scope, expected) in cases {
            let made = api.post("/api/api-keys", &[("name", scope), ("scopes[]", scope)]).await.expect(201);
            let holder = opened(&api, &made);
            holder.get("/api/me").await.expect(200);
            let replies = [
                holder.get("/api/clients").await,
                holder.put(&format!("/api/clients/{client}"), &[("title", scope)]).await,
                holder.get("/api/boards").await,
                holder.get("/connect/zapier/hooks").await,
                holder.get("/api/api-keys").await,
                holder.get("/connect/zapier/triggers/client.created").await,
                holder.post("/connect/zapier/actions/create-client", &[]).await,
            ];
            let statuses = replies.each_ref().map(|reply| reply.status);
            assert_eq!(statuses, expected, "{scope}");
            for refusal in replies.iter().filter(|reply| reply.status == 403) {
                assert_eq!(refusal.json["code"], "insufficient_scope");
                assert_eq!(refusal.header("www-authenticate"), "Bearer realm=\"kitchen\", error=\"insufficient_scope\"");
            }
        }
        kitchen.stop().await;
    }

    async fn a_key_cannot_make_or_take_over_a_mightier_one(engine: Engine) {
        let (kitchen, api) = quiet(engine).await;
        let made = api.post_json("/api/api-keys", &json!({"name": "Narrow", "scopes": ["keys", "clients:read"]})).await.expect(201);
        let narrow = opened(&api, &made);
        narrow.post("/api/api-keys", &[("name", "Wide")]).await.expect_invalid(&["scopes"]);
        narrow.post_json("/api/api-keys", &json!({"name": "Other", "scopes": ["clients:write"]})).await.expect_invalid(&["scopes"]);
        narrow.post_json("/api/api-keys", &json!({"name": "Same", "scopes": ["clients:read"]})).await.expect(201);
        let wide = api.post("/api/api-keys", &[("name", "Wide")]).await.expect(201);
        narrow.post(&format!("/api/api-keys/{}/roll", wide.id()), &[]).await.expect(409);
        opened(&api, &wide).get("/api/clients").await.expect(200);
        // Nor does it open a mightier one to other addresses, or to more requests. A name is only a name.
        let path = format!("/api/api-keys/{}", wide.id());
        narrow.put_json(&path, &json!({"allowed_ips": []})).await.expect(409);
        narrow.put(&path, &[("rate_limit", "1000000")]).await.expect(409);
        narrow.put(&path, &[("name", "Wider")]).await.expect(200);
        kitchen.stop().await;
    }

    async fn an_expired_key_opens_nothing(engine: Engine) {
        let (kitchen, api) = quiet(engine).await;
        let end = kitchen.clock.now().plus(Duration::from_hours(24));
        let made = api.post("/api/api-keys", &[("name", "Short"), ("expires_at", &end.to_string())]).await.expect(201);
        assert_eq!(made.json["expires_at"].as_str().unwrap()[..19], end.to_string()[..19]);
        opened(&api, &made).get("/api/me").await.expect(200);
        kitchen.clock.advance(Duration::from_hours(24));
        let refusal = opened(&api, &made).get("/api/me").await.expect(401);
        assert_eq!(refusal.json["code"], "credential_expired");
        assert!(refusal.header("www-authenticate").contains("invalid_token"));
        // Its new token would open nothing either.
        let refused = api.post(&format!("/api/api-keys/{}/roll", made.id()), &[]).await.expect(409);
        assert!(refused.json["message"].as_str().unwrap().contains("expired"), "{}", refused.text);
        kitchen.stop().await;
    }

    async fn a_key_with_allowed_addresses_works_from_these_alone(engine: Engine) {
        let (kitchen, api) = quiet(engine).await;
        let body = json!({"name": "Office", "allowed_ips": ["203.0.113.0/24", "2001:db8::7"]});
        let made = api.post_json("/api/api-keys", &body).await.expect(201);
        assert_eq!(made.json["allowed_ips"], json!(["203.0.113.0/24", "2001:db8::7"]));
        let office = opened(&api, &made);
        for address in ["203.0.113.9", "2001:db8::7", "::ffff:203.0.113.9", "198.51.100.1, 203.0.113.9"] {
            me_from(&office, address).await.expect(200);
        }
        for address in ["203.0.114.1", "2001:db8::8", "203.0.113.9, 198.51.100.1", "nonsense"] {
            assert_eq!(me_from(&office, address).await.expect(403).json["code"], "address_not_allowed", "{address}");
        }
        office.get("/api/me").await.expect(403);
        // However it is written, a network is what it is.
        let body = json!({"allowed_ips": ["::ffff:203.0.113.0/120", "::ffff:198.51.100.7"]});
        let key = api.put_json(&format!("/api/api-keys/{}", made.id()), &body).await.expect(200);
        assert_eq!(key.json["allowed_ips"], json!(["203.0.113.0/24", "198.51.100.7"]));
        me_from(&office, "203.0.113.9").await.expect(200);
        // Emptied, it works from anywhere.
        api.put_json(&format!("/api/api-keys/{}", made.id()), &json!({"allowed_ips": []})).await.expect(200);
        office.get("/api/me").await.expect(200);
        kitchen.stop().await;
    }

    async fn a_rolled_token_lives_on_for_as_long_as_was_chosen(engine: Engine) {
        let (kitchen, api) = quiet(engine).await;
        let made = api.post("/api/api-keys", &[("name", "Rolled")]).await.expect(201);
        let (old, path) = (opened(&api, &made), format!("/api/api-keys/{}", made.id()));
        let rolled = api.post(&format!("{path}/roll"), &[("keep_old_for", "3600")]).await.expect(200);
        let new = opened(&api, &rolled);
        assert_eq!((rolled.id(), &rolled.json["previous"]["start"]), (made.id(), &made.json["start"]));
        old.get("/api/me").await.expect(200);
        new.get("/api/me").await.expect(200);
        eventually("both last used", Duration::from_secs(5), || async {
            let key = api.get(&path).await.json;
            (!key["last_used_at"].is_null() && !key["previous"]["last_used_at"].is_null()).then_some(())
        })
        .await;
        kitchen.clock.advance(Duration::from_hours(1));
        old.get("/api/me").await.expect(401);
        new.get("/api/me").await.expect(200);
        // The old token of a key that ends sooner ends with it.
        let end = kitchen.clock.now().plus(Duration::from_mins(1)).to_string();
        let short = api.post("/api/api-keys", &[("name", "Short"), ("expires_at", &end)]).await.expect(201);
        let short = api.post(&format!("/api/api-keys/{}/roll", short.id()), &[("keep_old_for", "3600")]).await.expect(200);
        assert_eq!(short.json["previous"]["expires_at"], short.json["expires_at"]);
        // Rolled without an overlap, the last one is dead at once.
        let last = api.post(&format!("{path}/roll"), &[]).await.expect(200);
        assert_eq!(last.json["previous"], Value::Null);
        new.get("/api/me").await.expect(401);
        opened(&api, &last).get("/api/me").await.expect(200);
        kitchen.stop().await;
    }

    async fn lists_sort_by_name_without_regard_to_case_and_accents(engine: Engine) {
        let (kitchen, api) = quiet(engine).await;
        for name in ["zulu", "Émile", "alpha", "Bravo", "eagle", "Fox", "Ørsted"] {
            api.post("/api/api-keys", &[("name", name)]).await.expect(201);
        }
        let names = async |query: &str| -> Vec<String> {
            let rows = api.get(&format!("/api/api-keys?{query}")).await.expect(200).rows();
            rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).filter(|name| !name.ends_with("key")).collect()
        };
        assert_eq!(names("sort=name").await, ["alpha", "Bravo", "eagle", "Émile", "Fox", "Ørsted", "zulu"]);
        assert_eq!(names("sort=-name").await, ["zulu", "Ørsted", "Fox", "Émile", "eagle", "Bravo", "alpha"]);
        assert_eq!(names("sort=created_at").await, ["zulu", "Émile", "alpha", "Bravo", "eagle", "Fox", "Ørsted"]);
        kitchen.stop().await;
    }
}
