//! The page Webhooks as an owner meets it: in a real browser, from the empty list to the deleted webhook, with a receiver that
//! says what arrived.

use crate::api_page::{DIALOG, close_dialog, join};
use crate::deliveries::{deliveries, delivery_in};
use harness::receiver::Instruction;
use harness::visitor::owner_ticket;
use harness::{Api, Browser, Engine, Kitchen, Received, Receiver, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

/// A working installation whose owner has just joined.
pub(crate) async fn open(engine: Engine) -> (Kitchen, Api, Browser) {
    let kitchen = Kitchen::start(engine).await;
    let api = kitchen.workspace("main").await;
    let browser = Browser::start(&kitchen.urls[0]).await;
    browser.goto(&format!("/invitations/{}", owner_ticket(&kitchen, &api.key().workspace_id).await)).await;
    join(&browser).await;
    (kitchen, api, browser)
}

/// The only webhook there is, over the API, with its secret.
async fn only_webhook(api: &Api) -> Value {
    let mut all = api.get("/api/webhooks").await.expect(200).rows();
    assert_eq!(all.len(), 1);
    api.get(&format!("/api/webhooks/{}", all.remove(0)["id"].as_str().unwrap())).await.expect(200).json
}

fn is_signed_with(received: &Received, secret: &str) -> bool {
    let mut headers = axum::http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, received.header(name).parse().unwrap());
    }
    standardwebhooks::Webhook::new(secret).unwrap().verify(&received.body, &headers).is_ok()
}

async fn reveal(browser: &Browser) -> String {
    browser.click("#secret-reveal").await;
    browser.wait_for("#secret-text").await;
    browser.text("#secret-text").await
}

on_both_engines! {
    async fn a_webhook_is_made_tried_out_paused_and_deleted(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let receiver = Receiver::start().await;
        browser.click(".sidebar .nav a[href='/settings/webhooks']").await;
        browser.wait_for_text(".empty", "There are no webhooks yet").await;
        browser.click("#webhook-new").await;
        browser.wait_for_path("/settings/webhooks/new").await;
        // All events at first; the single ones appear when they are wanted, grouped by what they are about.
        browser.wait_for("#url").await;
        assert!(browser.text("label.choice:has(:checked)").await.starts_with("All events"));
        let are_shown = "return document.querySelector('.groups').checkVisibility()";
        assert_eq!(browser.run(are_shown, vec![]).await, false, "nothing can be ticked that would not count");
        browser.fill("#url", &receiver.at("/hook")).await;
        browser.click("[name=events][value=some]").await;
        let groups = ["Clients", "Companies", "Folders", "Boards", "Lists", "Tasks", "Task comments", "Webhooks", "Operations"];
        assert_eq!(browser.texts(".groups legend").await, groups);
        browser.click("[value='company.created']").await;
        browser.click("[value='board.deleted']").await;
        browser.click("main form button[type=submit]").await;
        browser.wait_for_text(".flash", "The webhook is created.").await;
        let webhook = only_webhook(&api).await;
        assert_eq!(webhook["events_types"], json!(["board.deleted", "company.created"]));
        assert_eq!((&webhook["enabled"], &webhook["created_by"]), (&json!(true), &json!("Olive Owner")));
        let home = format!("/settings/webhooks/{}", webhook["id"].as_str().unwrap());
        browser.wait_for_path(&format!("{home}?done=created")).await;
        browser.wait_for_text("h1", &receiver.at("/hook")).await;
        browser.wait_for_text(".lead", "Sends board.deleted and company.created.").await;
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        api.post("/api/companies", &[("name", "First")]).await.expect(201);
        assert_eq!(receiver.wait_for(1).await[0].json()["type"], "company.created");
        delivery_in(&api, &webhook, "delivered").await;

        // What happens while it is paused is not sent.
        browser.click("#webhook-pause").await;
        browser.wait_for_text(".flash", "The webhook is paused.").await;
        assert_eq!((browser.text("#state").await, browser.text("#webhook-pause").await), ("Paused".into(), "Resume".into()));
        assert_eq!(browser.count("#webhook-test").await, 0);
        browser.goto("/settings/webhooks").await;
        assert_eq!(browser.text("tbody .tag").await, "Paused");
        api.post("/api/companies", &[("name", "Second")]).await.expect(201);
        browser.click("tbody th a").await;
        browser.wait_for_path(&home).await;
        browser.click("#webhook-pause").await;
        browser.wait_for_text(".flash", "The webhook is active.").await;
        api.post("/api/companies", &[("name", "Third")]).await.expect(201);
        assert_eq!(receiver.wait_for(2).await[1].json()["data"]["name"], "Third");

        // The secret is there when it is asked for, and not before.
        let first = webhook["secret"].as_str().unwrap();
        assert!(!browser.source().await.contains(&first[6..]));
        assert_eq!(reveal(&browser).await, first);
        browser.wait_for_path(&format!("{home}?done=resumed")).await;
        browser.wait_for_focus("secret-reveal").await;
        browser.click("#secret [data-copy]").await;
        browser.wait_for_text(".copy-status", "Copied").await;
        assert_eq!(browser.clipboard().await, first);
        browser.click("#secret-reveal").await;
        browser.wait_until_gone("#secret-text").await;
        assert!(!browser.source().await.contains(&first[6..]));

        // A new one; for a day both sign.
        browser.click("#secret-rotate").await;
        browser.wait_for_text(&format!("{DIALOG} h2"), "Rotate the signing secret").await;
        assert!(browser.text(&format!("{DIALOG} label.choice:has(:checked)")).await.starts_with("24 hours"));
        close_dialog(&browser).await;
        browser.wait_for_focus("secret-rotate").await;
        assert_eq!(only_webhook(&api).await["secret"], first);
        browser.click("#secret-rotate").await;
        browser.click(&format!("{DIALOG} button[type=submit]")).await;
        browser.wait_for_text(".flash", "The secret is rotated.").await;
        browser.wait_for_text("#secret", "The secret before it signs too until").await;
        let second = reveal(&browser).await;
        assert_ne!(second, first);
        assert_eq!(only_webhook(&api).await["secret"], second.as_str());
        browser.click("#webhook-test").await;
        browser.wait_for_text(".flash", "The test event is on its way.").await;
        let test = receiver.wait_for(3).await.remove(2);
        assert_eq!(test.json()["type"], "webhook.test");
        assert!(is_signed_with(&test, first) && is_signed_with(&test, &second));

        browser.click("#webhook-delete").await;
        browser.wait_for_text(&format!("{DIALOG} h2"), "Delete this webhook?").await;
        browser.wait_for_text(DIALOG, &format!("No more events are sent to {}.", receiver.at("/hook"))).await;
        close_dialog(&browser).await;
        only_webhook(&api).await;
        browser.goto(&format!("{home}/delete")).await;
        browser.click(&format!("{DIALOG} button[type=submit]")).await;
        browser.wait_for_text(".flash", "The webhook is deleted.").await;
        browser.wait_for(".empty").await;
        assert!(api.get("/api/webhooks").await.rows().is_empty());
        browser.goto(&home).await;
        browser.wait_for_text("h1", "This page doesn’t exist").await;
        let all = api.get("/api/companies").await.rows().len();
        assert_eq!((all, receiver.received().len()), (3, 3));
        browser.close().await;
        kitchen.stop().await;
    }

    async fn a_form_that_cannot_be_accepted_comes_back_as_it_was(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let webhook = api.post_json("/api/webhooks", &json!({"url": "http://127.0.0.1:9/old", "events_types": ["list.created"]})).await.expect(201).json;
        let home = format!("/settings/webhooks/{}", webhook["id"].as_str().unwrap());
        browser.goto(&home).await;
        browser.click("#webhook-edit").await;
        browser.wait_for_text("h1", "Edit webhook").await;
        assert_eq!(browser.value("#url").await, "http://127.0.0.1:9/old");
        browser.wait_for("[value='list.created']:checked").await;
        browser.click("[value='list.created']").await;
        browser.fill("#url", "https://10.0.0.1/x").await;
        browser.click("main form button[type=submit]").await;
        browser.wait_for("#url[aria-invalid=true]").await;
        browser.wait_for_text("#url-error", "publicly reachable").await;
        browser.wait_for_text("#events_types-error", "Choose at least one event, or all of them.").await;
        assert_eq!(browser.value("#url").await, "https://10.0.0.1/x");
        assert_eq!(only_webhook(&api).await, webhook, "a refused form changes nothing");
        browser.fill("#url", "http://127.0.0.1:9/new").await;
        browser.click("[name=events][value=all]").await;
        browser.click("#enabled").await;
        browser.click("main form button[type=submit]").await;
        browser.wait_for_text(".flash", "The webhook is saved.").await;
        browser.wait_for_text(".lead", "Sends every event.").await;
        let after = only_webhook(&api).await;
        assert_eq!((&after["url"], &after["events_types"], &after["enabled"]), (&json!("http://127.0.0.1:9/new"), &json!([]), &json!(false)));
        browser.close().await;
        kitchen.stop().await;
    }

    async fn what_a_platform_made_is_labelled_and_not_edited(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let hook = api.post_json("/connect/zapier/hooks", &json!({"target_url": "http://127.0.0.1:9/zap", "event": "client.created"})).await.expect(201);
        let home = format!("/settings/webhooks/{}", hook.id());
        browser.goto("/settings/webhooks").await;
        browser.wait_for_text("tbody th", "Zapier").await;
        browser.goto(&home).await;
        browser.wait_for_text(".notice", "made by Zapier").await;
        assert_eq!(browser.count("#webhook-edit, #webhook-test, #secret").await, 0);
        browser.goto(&format!("{home}/edit")).await;
        browser.wait_for_text("main", "Change it there").await;
        browser.goto(&home).await;
        browser.click("#webhook-pause").await;
        browser.wait_for_text(".flash", "The webhook is paused.").await;
        assert_eq!(only_webhook(&api).await["enabled"], false);
        browser.click("#webhook-delete").await;
        browser.wait_for_text(DIALOG, "The automation in Zapier").await;
        browser.click(&format!("{DIALOG} button[type=submit]")).await;
        browser.wait_for_text(".flash", "The webhook is deleted.").await;
        assert_eq!(api.get("/connect/zapier/hooks").await.json, json!([]));
        browser.close().await;
        kitchen.stop().await;
    }

    async fn the_list_says_what_went_wrong_last(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &["company.created", "company.updated", "company.deleted"]).await;
        receiver.answer_next([Instruction::status(503)]);
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        delivery_in(&api, &webhook, "waiting").await;
        browser.goto("/settings/webhooks").await;
        browser.wait_for_text("td[data-label='Last failure']", "The receiver answered 503.").await;
        browser.wait_for_text("td[data-label='Events']", "3 events").await;
        // The day as a chart, and in words for whoever cannot see it.
        browser.wait_for_text("td[data-label='Successful, last day']", "0 %").await;
        assert_eq!(browser.count("td .spark rect.chart-bar-bad").await, 1);
        assert_eq!(browser.count("td .spark rect").await, 24);
        kitchen.clock.advance(Duration::from_secs(12));
        delivery_in(&api, &webhook, "delivered").await;
        browser.reload().await;
        browser.wait_for_text("td[data-label='Successful, last day'] .sr-only", "1 of 2 attempts succeeded.").await;
        browser.wait_for_text("td[data-label='Last failure']", "The receiver answered 503.").await;
        receiver.answer_next([Instruction::status(503)]);
        api.post("/api/companies", &[("name", "Acme again")]).await.expect(201);
        delivery_in(&api, &webhook, "waiting").await;
        let home = format!("/settings/webhooks/{}", webhook["id"].as_str().unwrap());
        browser.goto(&format!("{home}/delete")).await;
        browser.wait_for_text(DIALOG, "The delivery that waits is given up.").await;
        browser.click(&format!("{DIALOG} button[type=submit]")).await;
        browser.wait_for_text(".flash", "The webhook is deleted.").await;
        // A receiver that is gone has the webhook disabled, with the reason.
        let webhook = receiver.subscribe(&api, &["company.created"]).await;
        receiver.answer_next([Instruction::status(410)]);
        api.post("/api/companies", &[("name", "Other")]).await.expect(201);
        delivery_in(&api, &webhook, "gone").await;
        browser.goto("/settings/webhooks").await;
        browser.wait_for_text("td[data-label='State']", "Disabled").await;
        browser.wait_for_text("td[data-label='State']", "The receiver answered 410 Gone.").await;
        assert_eq!(deliveries(&api, &webhook).await.len(), 1);
        browser.close().await;
        kitchen.stop().await;
    }
}
