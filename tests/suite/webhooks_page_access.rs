//! Who gets at the webhooks' pages and how: members and strangers not at all, forms from elsewhere neither, everybody else with
//! any device; and what somebody wrote to do harm stays text.

use crate::api_page::{DIALOG, join, key};
use crate::api_page_access::look;
use crate::deliveries::delivery_in;
use crate::webhooks_page::open;
use harness::receiver::Instruction;
use harness::visitor::owner_ticket;
use harness::{Browser, Engine, Kitchen, Receiver, Setup, Visitor, database, on_both_engines};
use reqwest::Method;
use serde_json::json;

const EMAIL: &str = "olive@main.example";
const PASSWORD: &str = "correct horse battery";

/// Everything under Settings that manages webhooks.
fn managed(id: &str) -> Vec<(Method, String)> {
    let own = |method: &Method, path: &str| (method.clone(), format!("/settings/webhooks/{id}{path}"));
    let mut all: Vec<_> = ["", "/edit", "/rotate", "/replay", "/delete"].iter().map(|path| own(&Method::GET, path)).collect();
    let changes = ["/edit", "/pause", "/resume", "/test", "/secret", "/rotate", "/replay", "/delete"];
    all.extend(changes.iter().map(|path| own(&Method::POST, path)));
    all.push((Method::GET, "/settings/webhooks".into()));
    all.push((Method::GET, "/settings/webhooks/new".into()));
    all.push((Method::POST, "/settings/webhooks/new".into()));
    all
}

const FORM: [(&str, &str); 3] = [("url", "http://127.0.0.1:9/changed"), ("events", "all"), ("overlap", "0")];

on_both_engines! {
    async fn members_strangers_and_other_origins_get_nowhere(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        let stranger = Visitor::owner(&kitchen, &other.key().workspace_id, "olive@other.example", PASSWORD).await;
        let webhook = api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/hook")]).await.expect(201);
        let secret = webhook.json["secret"].as_str().unwrap().to_owned();
        let nobody = Visitor::new(&kitchen.urls[0]);
        for (method, path) in managed(&webhook.id()) {
            let is_own = path.contains(&webhook.id());
            let reply = if method == Method::GET { nobody.get(&path).await } else { nobody.post(&path, &FORM).await };
            assert_eq!((reply.status, reply.header("location").starts_with("/sign-in")), (303, true), "{path} without a session");
            if is_own && !(method == Method::POST && path.ends_with("/delete")) {
                let reply = if method == Method::GET { stranger.get(&path).await } else { stranger.post(&path, &FORM).await };
                assert_eq!(reply.status, 404, "{path} from another workspace");
            }
            if method == Method::POST {
                let request = owner.request(method, &path).header("content-type", "application/x-www-form-urlencoded");
                let request = request.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
                assert_eq!(owner.send(request.body("url=http://127.0.0.1:9/changed&overlap=0")).await.status, 403, "{path} from elsewhere");
            }
        }
        // Deleting what is another's ends like deleting what is gone, and deletes nothing.
        stranger.post(&format!("/settings/webhooks/{}/delete", webhook.id()), &[]).await.expect(303);
        assert!(stranger.get("/settings/webhooks").await.expect(200).text.contains("There are no webhooks yet"));
        let page = owner.get(&format!("/settings/webhooks/{}", webhook.id())).await.expect(200);
        assert!(!page.text.contains(&secret[6..]));
        assert_eq!(page.header("cache-control"), "no-store");
        let revealed = owner.post(&format!("/settings/webhooks/{}/secret", webhook.id()), &[]).await.expect(200);
        assert!(revealed.text.contains(&secret) && revealed.header("cache-control") == "no-store");
        owner.get(&format!("/settings/webhooks/{}/secret", webhook.id())).await.expect(303);
        assert!(owner.get("/settings/audit").await.text.contains("Looked at the secret of the webhook"));

        database::execute(&kitchen.database_url, "UPDATE users SET role = 'member' WHERE role = 'owner'").await;
        for (method, path) in managed(&webhook.id()) {
            let reply = if method == Method::GET { owner.get(&path).await } else { owner.post(&path, &FORM).await };
            assert_eq!(reply.status, 403, "{method} {path} as a member");
            assert!(!reply.text.contains(&secret[6..]) && !reply.text.contains("127.0.0.1:9"), "{path}");
        }
        assert_eq!(api.get(&format!("/api/webhooks/{}", webhook.id())).await.expect(200).json, webhook.json, "nothing changed");
        assert_eq!(api.get("/api/webhooks").await.json["meta"]["total"], 1);
        kitchen.stop().await;
    }
}

on_both_engines! {
    async fn without_script_everything_works_and_is_on_record(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        let form = [("url", "http://127.0.0.1:9/hook"), ("events", "some"), ("types[]", "list.created"), ("types[]", "list.deleted"), ("enabled", "1")];
        let made = owner.post("/settings/webhooks/new", &form).await.expect(303);
        let home = made.header("location").strip_suffix("?done=created").expect("the webhook's page").to_owned();
        let shown = || async { api.get(&home.replace("/settings/", "/api/")).await.expect(200).json };
        assert_eq!((&shown().await["events_types"], &shown().await["enabled"]), (&json!(["list.created", "list.deleted"]), &json!(true)));
        // What is ticked counts only with the choice that shows it.
        let form = [("url", "http://127.0.0.1:9/other"), ("events", "all"), ("types[]", "list.created"), ("enabled", "1")];
        owner.post(&format!("{home}/edit"), &form).await.expect(303);
        assert_eq!((&shown().await["events_types"], &shown().await["url"]), (&json!([]), &json!("http://127.0.0.1:9/other")));
        for step in ["pause", "resume", "test", "rotate"] {
            owner.post(&format!("{home}/{step}"), &[]).await.expect(303);
        }
        owner.post(&format!("{home}/rotate"), &[("overlap", "604801")]).await.expect(422);
        // A page that was opened before the last rotation said nothing of what another one ends.
        assert!(owner.post(&format!("{home}/rotate"), &[("overlap", "86400")]).await.expect(409).text.contains("still signs"));
        assert!(owner.get(&format!("{home}/rotate")).await.text.contains("it no longer does from then on"));
        owner.post(&format!("{home}/rotate"), &[("overlap", "86400"), ("force", "1")]).await.expect(303);
        assert_eq!(api.get(&format!("{}/deliveries", home.replace("/settings/", "/api/"))).await.rows()[0]["event_type"], "webhook.test");
        owner.post(&format!("{home}/pause"), &[]).await.expect(303);
        assert!(owner.post(&format!("{home}/test"), &[]).await.expect(409).text.contains("The webhook is disabled"));
        owner.post(&format!("{home}/delete"), &[]).await.expect(303);
        // Twice is no error.
        owner.post(&format!("{home}/delete"), &[]).await.expect(303);
        owner.get(&home).await.expect(404);
        let log = owner.get("/settings/audit").await.expect(200).text;
        for done in ["Created", "Changed", "Paused", "Resumed", "Sent a test to", "Rotated the secret of", "Deleted"] {
            assert!(log.contains(done), "{done}");
        }
        kitchen.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markup_in_urls_names_and_answers_is_text() {
    const HARMFUL: &str = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>";
    let (kitchen, api, browser) = open(Engine::Sqlite).await;
    let receiver = Receiver::start().await;
    let theirs = key(&kitchen, &api, HARMFUL).await;
    let harmful =
        theirs.post_json("/api/webhooks", &json!({"url": receiver.at(&format!("/{HARMFUL}?{HARMFUL}#{HARMFUL}"))})).await;
    let webhook = harmful.expect(201).json;
    let answer = Instruction {
        body: HARMFUL.into(),
        headers: vec![("x-harm", "<script>alert(3)</script>".into())],
        ..Instruction::status(500)
    };
    receiver.answer_always(answer);
    api.post("/api/companies", &[("name", HARMFUL)]).await.expect(201);
    delivery_in(&api, &webhook, "waiting").await;
    let home = format!("/settings/webhooks/{}", webhook["id"].as_str().unwrap());
    for path in
        ["/settings/webhooks".into(), home.clone(), format!("{home}/edit"), format!("{home}/rotate"), format!("{home}/delete")]
    {
        browser.goto(&path).await;
        browser.wait_for("h1, dialog").await;
        assert_eq!(browser.alert().await, None, "{path}");
        assert_eq!(browser.count("body script, img:not([src^='/static/']), [onerror]").await, 0, "{path}");
    }
    browser.goto(&home).await;
    browser.wait_for_text("main", &format!("by API key {HARMFUL}")).await;
    browser.close().await;
    kitchen.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_keeps_people_out_of_the_webhooks() {
    let kitchen = Kitchen::start(Engine::Sqlite).await;
    let api = kitchen.workspace("main").await;
    let browser = Browser::start(&kitchen.urls[0]).await;
    browser.goto(&format!("/invitations/{}", owner_ticket(&kitchen, &api.key().workspace_id).await)).await;
    join(&browser).await;
    let mut found = Vec::new();
    browser.goto("/settings/webhooks").await;
    browser.wait_for(".empty").await;
    look(&browser, "webhooks-empty", &mut found).await;
    let receiver = Receiver::start().await;
    api.post_json("/api/webhooks", &json!({"url": "http://127.0.0.1:9/a/rather/long/address/that/some/automation/made?with=a&query=of-its-own", "enabled": false})).await.expect(201);
    api.post_json(
        "/connect/zapier/hooks",
        &json!({"target_url": "http://127.0.0.1:9/hooks/catch/48213/bq7f", "event": "client.created"}),
    )
    .await
    .expect(201);
    let webhook = receiver.subscribe(&api, &["company.created", "company.updated"]).await;
    receiver.answer_next([Instruction::status(200), Instruction::status(200), Instruction::status(503)]);
    for name in ["One", "Two", "Three"] {
        api.post("/api/companies", &[("name", name)]).await.expect(201);
    }
    delivery_in(&api, &webhook, "waiting").await;
    let gone = api
        .post_json("/api/webhooks", &json!({"url": receiver.at("/gone"), "events_types": ["board.created"]}))
        .await
        .expect(201)
        .json;
    receiver.answer_next([Instruction::status(410)]);
    api.post("/api/boards", &[("title", "B"), ("visibility", "shared")]).await.expect(201);
    delivery_in(&api, &gone, "gone").await;
    let hook = api.get("/connect/zapier/hooks").await.rows().remove(0)["id"].as_str().unwrap().to_owned();
    let home = format!("/settings/webhooks/{}", webhook["id"].as_str().unwrap());
    for (path, name) in [
        ("/settings/webhooks".to_owned(), "webhooks"),
        ("/settings/webhooks/new".to_owned(), "webhook-new"),
        (home.clone(), "webhook"),
        (format!("{home}?done=tested"), "webhook-tested"),
        (format!("/settings/webhooks/{hook}"), "webhook-of-zapier"),
        (format!("{home}/edit"), "webhook-edit"),
        (format!("{home}/rotate"), "webhook-rotate"),
        (format!("{home}/delete"), "webhook-delete"),
    ] {
        browser.goto(&path).await;
        browser.wait_for("h1, dialog").await;
        look(&browser, name, &mut found).await;
    }
    browser.goto(&format!("{home}/edit")).await;
    browser.click("[value='company.created']").await;
    browser.click("[value='company.updated']").await;
    browser.fill("#url", "https://10.0.0.1/").await;
    browser.click("main form button[type=submit]").await;
    browser.wait_for("#url-error").await;
    look(&browser, "webhook-edit-refused", &mut found).await;
    // What most webhooks do without lies behind a fold: closed until it is wanted, open where something is set or wrong.
    let long = "Everything about the relaunch of the website, which nobody has given a shorter name";
    for name in [long, "Averyverylongwordthathasnoplacetobreakatallandgoesonandonuntilitisfartoolong", "Short"] {
        api.post("/api/folders", &[("name", name), ("visibility", "shared")]).await.expect(201);
        api.post("/api/boards", &[("title", name), ("visibility", "shared")]).await.expect(201);
    }
    browser.goto("/settings/webhooks/new").await;
    let is_shown = |what: &str| format!("return document.querySelector('{what}').checkVisibility()");
    assert_eq!(browser.run(&is_shown("#headers"), vec![]).await, false);
    browser.click("#advanced > summary").await;
    assert_eq!(browser.run(&is_shown("#headers"), vec![]).await, true);
    assert_eq!(browser.run(&is_shown("#retry_delays"), vec![]).await, false, "nothing can be typed that would not count");
    browser.click("[name=retries][value=own]").await;
    browser.fill("#url", &receiver.at("/advanced")).await;
    browser.fill("#retry_delays", "soon").await;
    browser.fill("#headers", "Host: elsewhere").await;
    browser.click("[name='folders[]']").await;
    browser.click("main form button[type=submit]").await;
    browser.wait_for_text("#retry_delays-error", "whole seconds").await;
    browser.wait_for_text("#headers-error", "The header Host cannot be set").await;
    look(&browser, "webhook-advanced-refused", &mut found).await;
    browser.fill("#retry_delays", "60, 3600").await;
    browser.fill("#headers", "X-Api-Key: a key").await;
    browser.click("[name='boards[]']").await;
    browser.click("main form button[type=submit]").await;
    browser.wait_for_text(".flash", "The webhook is created.").await;
    browser.click("#webhook-edit").await;
    browser.wait_for("#advanced[open]").await;
    assert_eq!(browser.value("#headers").await, "x-api-key: …");
    look(&browser, "webhook-advanced", &mut found).await;
    browser.goto(&format!("{home}/rotate")).await;
    browser.click(&format!("{DIALOG} button[type=submit]")).await;
    browser.wait_for(".flash").await;
    browser.click("#secret-reveal").await;
    browser.wait_for("#secret-text").await;
    look(&browser, "webhook-secret", &mut found).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
    kitchen.stop().await;
}
