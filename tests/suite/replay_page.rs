//! A replay as an owner meets it: the dialog with its preview, the page that shows how far it is, and the end; in a real browser and
//! without script.

use crate::api_page::{DIALOG, close_dialog};
use crate::api_page_access::look;
use crate::deliveries::make_clients;
use crate::replay::{all_delivered, begin, ended, give_up, operation};
use crate::webhooks_page::open;
use harness::{Kitchen, Receiver, Visitor, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const EMAIL: &str = "olive@main.example";
const PASSWORD: &str = "correct horse battery";

fn id_of(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

/// The newest operation there is.
async fn newest(api: &harness::Api) -> Value {
    api.get("/api/operations").await.expect(200).rows().remove(0)
}

on_both_engines! {
    async fn a_replay_is_previewed_started_watched_and_stopped(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &["client.created", "company.created"]).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 30).await;
        all_delivered(&api, &webhook, 30).await;
        let home = format!("/settings/webhooks/{}", id_of(&webhook));
        browser.goto(&home).await;
        browser.click("#webhook-replay").await;
        browser.wait_for_text(&format!("{DIALOG} h2"), "Replay events").await;
        browser.wait_for_path(&home).await;
        assert!(browser.text("label.choice:has(:checked)").await.starts_with("Failed"));
        assert_eq!(browser.texts("#events_types option").await, ["All types", "client.created", "company.created"]);
        browser.click("#replay-preview").await;
        browser.wait_for_text("#preview", "There is nothing to send").await;
        browser.wait_for_focus("replay-preview").await;
        browser.click("[name=state][value=all]").await;
        browser.click("#replay-preview").await;
        browser.wait_for_text("#preview", "This sends 30 events, which takes about 1 second.").await;
        browser.wait_for_path(&home).await;
        close_dialog(&browser).await;
        browser.wait_for_focus("webhook-replay").await;
        assert_eq!(give_up(&kitchen, "client.created").await, 30);

        // Slowly, so that it can be seen.
        browser.click("#webhook-replay").await;
        browser.wait_for(&format!("{DIALOG} #rate")).await;
        browser.fill("#rate", "6").await;
        browser.click("#replay-preview").await;
        browser.wait_for_text("#preview", "This sends 30 events, which takes about 5 seconds.").await;
        browser.click("#replay-start").await;
        browser.wait_for_text("h1", "Replay").await;
        let first = newest(&api).await;
        browser.wait_for_path(&format!("/settings/operations/{}", id_of(&first))).await;
        browser.wait_for_text(".lead", "Failed deliveries from").await;
        browser.wait_for_text("#state", "In progress").await;
        browser.wait_for_text("#operation", "by Olive Owner").await;
        // Nobody loads the page again.
        browser.wait_for_text("#state", "Finished").await;
        browser.wait_for_text("#operation", "30 of 30 sent").await;
        assert_eq!(browser.count("#operation[hx-get], #operation-stop").await, 0, "it has nothing more to ask");
        assert_eq!((&first["created_by"], &first["params"]["rate"]), (&json!("Olive Owner"), &json!(6)));
        receiver.wait_for(60).await;
        browser.click("#operation-back").await;
        browser.wait_for_path(&home).await;

        // Another, which is stopped; while it is under way there is no third.
        browser.goto(&format!("{home}/replay")).await;
        browser.click("[name=state][value=all]").await;
        browser.fill("#rate", "2").await;
        browser.click("#replay-start").await;
        browser.wait_for_text("#state", "In progress").await;
        let second = newest(&api).await;
        browser.goto(&home).await;
        browser.click("#webhook-replay").await;
        browser.wait_for_text(DIALOG, "A replay to this webhook is under way.").await;
        browser.click("#replay-see").await;
        browser.wait_for_path(&format!("/settings/operations/{}", id_of(&second))).await;
        browser.click("#operation-stop").await;
        browser.wait_for_text(".flash", "The replay is stopped.").await;
        browser.wait_for_text("#state", "Stopped").await;
        assert_eq!(operation(&api, &second).await["state"], "cancelled");
        browser.goto("/settings/audit").await;
        browser.wait_for_text(".log", "Cancelled the operation").await;
        browser.click(&format!(".log a[href='/settings/operations/{}']", id_of(&second))).await;
        browser.wait_for_text("#state", "Stopped").await;
        browser.close().await;
        kitchen.stop().await;
    }

    async fn without_script_a_replay_is_the_same(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other, receiver) = (kitchen.workspace("main").await, kitchen.workspace("other").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        let stranger = Visitor::owner(&kitchen, &other.key().workspace_id, "olive@other.example", PASSWORD).await;
        // Two that happened before the webhook was made.
        make_clients(&kitchen.store, &api.key().workspace_id, 2).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        kitchen.clock.advance(Duration::from_mins(1));
        let webhook = receiver.subscribe(&api, &["client.created"]).await;
        let path = format!("/settings/webhooks/{}/replay", id_of(&webhook));
        let form = owner.get(&path).await.expect(200).text;
        assert!(form.contains("<dialog") && form.contains("name=\"since\"") && form.contains("value=\"50\""));
        let at = |back: u64| kitchen.clock.now().minus(Duration::from_secs(back)).to_string()[..16].to_owned();
        let (since, until) = (at(3600), at(0));
        let with = |step: &'static str, since: &str| {
            [("state", "missing".to_owned()), ("since", since.to_owned()), ("until", until.clone()), ("events_types[]", String::new()), ("rate", "50".into()), ("step", step.into())]
        };
        let send = async |visitor: &Visitor, path: &str, form: &[(&str, String)]| {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            visitor.post(path, &form).await
        };
        let said = send(&owner, &path, &with("preview", &since)).await.expect(200).text;
        assert!(said.contains("This sends 2 events") && said.contains(&format!("value=\"{since}\"")), "{said}");
        assert_eq!(api.get("/api/operations").await.json["meta"]["total"], 0);
        let refused = send(&owner, &path, &with("start", "2999-01-01T00:00")).await.expect(422).text;
        assert!(refused.contains("Choose a time in the past.") && refused.contains("2999-01-01T00:00"));
        send(&owner, &path, &with("start", "yesterday")).await.expect(422);
        assert!(receiver.received().is_empty());
        for (visitor, expected) in [(&stranger, 404), (&Visitor::new(&kitchen.urls[0]), 303)] {
            assert_eq!(visitor.get(&path).await.status, expected);
            assert_eq!(send(visitor, &path, &with("start", &since)).await.status, expected);
        }
        let started = send(&owner, &path, &with("start", &since)).await.expect(303);
        let page = started.header("location").to_owned();
        let operation = newest(&api).await;
        assert_eq!(page, format!("/settings/operations/{}", id_of(&operation)));
        ended(&api, &operation).await;
        receiver.wait_for(2).await;
        assert!(owner.get(&page).await.expect(200).text.contains("2 of 2 sent"));
        for (visitor, expected) in [(&stranger, 404), (&Visitor::new(&kitchen.urls[0]), 303)] {
            assert_eq!(visitor.get(&page).await.status, expected);
            assert_eq!(visitor.post(&format!("{page}/cancel"), &[]).await.status, expected);
        }
        // Stopping what has ended shows how it ended.
        assert_eq!(owner.post(&format!("{page}/cancel"), &[]).await.expect(303).header("location"), page);
        // Two clicks are one replay, and the second one leads to it.
        all_delivered(&api, &webhook, 2).await;
        let slow = begin(&api, &webhook, "all", 1).await;
        let again = send(&owner, &path, &with("start", &since)).await.expect(409).text;
        assert!(again.contains(&format!("/settings/operations/{}", id_of(&slow))) && again.contains("under way"));
        owner.post(&format!("/settings/operations/{}/cancel", id_of(&slow)), &[]).await.expect(303);
        api.put(&format!("/api/webhooks/{}", id_of(&webhook)), &[("enabled", "false")]).await.expect(200);
        assert!(owner.get(&path).await.expect(200).text.contains("Resume it first."));
        assert!(send(&owner, &path, &with("start", &since)).await.expect(409).text.contains("Resume it first."));
        // A form from elsewhere starts nothing.
        let request = owner.request(Method::POST, &path).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
        owner.send(request.body("since=2026-01-01T00:00&step=start")).await.expect(403);
        assert_eq!(api.get("/api/operations").await.json["meta"]["total"], 2);
        api.delete(&format!("/api/webhooks/{}", id_of(&webhook))).await.expect(204);
        assert!(owner.get(&page).await.expect(200).text.contains("The webhook is deleted."));
        owner.get(&path).await.expect(404);
        kitchen.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_keeps_people_out_of_replays() {
    let (kitchen, api, browser) = open(harness::Engine::Sqlite).await;
    let (receiver, mut found) = (Receiver::start().await, Vec::new());
    let url = receiver.at("/a/rather/long/address/that/some/automation/made?with=a&query=of-its-own");
    let webhook = api.post_json("/api/webhooks", &json!({ "url": url })).await.expect(201).json;
    make_clients(&kitchen.store, &api.key().workspace_id, 40).await;
    all_delivered(&api, &webhook, 40).await;
    let path = format!("/settings/webhooks/{}/replay", id_of(&webhook));
    browser.goto(&path).await;
    browser.wait_for(DIALOG).await;
    look(&browser, "webhook-replay", &mut found).await;
    browser.click("[name=state][value=all]").await;
    browser.click("#replay-preview").await;
    browser.wait_for("#preview").await;
    look(&browser, "webhook-replay-preview", &mut found).await;
    browser.run("document.querySelector('#since').value = '2999-01-01T00:00'", vec![]).await;
    browser.click("#replay-start").await;
    browser.wait_for_text("#since-error", "Choose a time in the past.").await;
    look(&browser, "webhook-replay-refused", &mut found).await;
    let slow = begin(&api, &webhook, "all", 1).await;
    browser.goto(&format!("/settings/operations/{}", id_of(&slow))).await;
    browser.wait_for_text("#state", "In progress").await;
    look(&browser, "operation", &mut found).await;
    browser.goto("/settings/operations").await;
    look(&browser, "operations", &mut found).await;
    browser.goto(&path).await;
    browser.wait_for(DIALOG).await;
    look(&browser, "webhook-replay-under-way", &mut found).await;
    api.put(&format!("/api/webhooks/{}", id_of(&webhook)), &[("enabled", "false")]).await.expect(200);
    ended(&api, &slow).await;
    browser.goto(&format!("/settings/operations/{}", id_of(&slow))).await;
    browser.wait_for_text("#state", "Failed").await;
    look(&browser, "operation-failed", &mut found).await;
    browser.goto(&path).await;
    browser.wait_for_text(DIALOG, "Resume it first.").await;
    look(&browser, "webhook-replay-disabled", &mut found).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
    kitchen.stop().await;
}
