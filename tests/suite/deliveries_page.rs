//! Deliveries in the browser: a webhook's list, searched and paged; one delivery with every request and response; who gets at
//! them; and what receivers answer to do harm.

use crate::api_page_access::look;
use crate::deliveries::{deliveries, delivery_in};
use crate::webhooks_page::open;
use domain::ids::DeliveryId;
use harness::hostile::Conduct;
use harness::receiver::Instruction;
use harness::{Api, Engine, Hostile, Kitchen, Receiver, Visitor, database, eventually, on_both_engines};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

const EMAIL: &str = "olive@main.example";
const PASSWORD: &str = "correct horse battery";
const EVENTS: &str = "#deliveries tbody th";

fn id_of(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

async fn make_company(api: &Api, number: usize) {
    api.post("/api/companies", &[("name", &format!("Company {number}"))]).await.expect(201);
}

/// The ids of the deliveries on a page, in their order.
fn listed(page: &str) -> Vec<String> {
    page.split("href=\"/settings/deliveries/").skip(1).map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
}

/// Where the link to older deliveries leads.
fn older(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("id=\"page-older\" href=\"")?;
    Some(rest.split_once('"').unwrap().0.replace("&#38;", "&"))
}

on_both_engines! {
    async fn deliveries_are_found_by_state_and_event_and_paged_without_a_count(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        let webhook = receiver.subscribe(&api, &[]).await;
        let path = format!("/settings/webhooks/{}", id_of(&webhook));
        assert!(owner.get(&path).await.expect(200).text.contains("There are no deliveries yet"));
        receiver.answer_next([Instruction::status(500)]);
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        let failed = delivery_in(&api, &webhook, "waiting").await;
        for number in 0..60 {
            make_company(&api, number).await;
        }
        receiver.wait_for(61).await;
        let all = eventually("all are on record", Duration::from_secs(10), || async {
            let rows = api.get(&format!("/api/webhooks/{}/deliveries?per_page=100", id_of(&webhook))).await.rows();
            (rows.len() == 61 && rows.iter().all(|row| row["is_leased"] == false)).then_some(rows)
        })
        .await;
        let all: Vec<String> = all.iter().map(id_of).collect();

        // Page by page, each where the one before it ended.
        let (mut seen, mut next) = (Vec::new(), Some(path.clone()));
        while let Some(address) = next {
            let page = owner.get(&address).await.expect(200).text;
            seen.push(listed(&page));
            next = older(&page);
        }
        assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 11]);
        assert_eq!(seen.concat(), all);

        let found = async |query: &str| listed(&owner.get(&format!("{path}?{query}")).await.expect(200).text);
        let event = failed["event"].as_str().unwrap();
        for query in ["state=waiting", "q=client.", "q=client.created", "state=waiting&q=Client", &format!("q={event}"), &format!("state=waiting&q={event}")] {
            assert_eq!(found(query).await, [id_of(&failed)], "{query}");
        }
        for query in ["state=failed", "q=client.deleted", "state=delivered&q=client", "q=nonsense", &format!("state=delivered&q={event}"), "q=evt_000000000000000000000000"] {
            assert!(found(query).await.is_empty(), "{query}");
        }
        assert_eq!(found("state=delivered").await, all[..25]);
        // Every state can be asked for as it is shown.
        let text = owner.get(&path).await.expect(200).text;
        for (state, words) in [("pending", "Pending"), ("waiting", "Waiting"), ("failed", "Failed"), ("gone", "Gone"), ("cancelled", "Cancelled")] {
            let id = all[0].rsplit('/').next().unwrap();
            let stored = if state == "failed" { "exhausted" } else { state };
            database::execute(&kitchen.database_url, &format!("UPDATE deliveries SET state = '{stored}' WHERE id = '{id}'")).await;
            assert!(text.contains(&format!("<option value=\"{state}\">{words}</option>")), "{text}");
            let page = owner.get(&format!("{path}?state={state}")).await.expect(200).text;
            assert!(listed(&page).contains(&all[0]) && page.contains(&format!(">{words}</span>")), "{state}: {page}");
        }
        database::execute(&kitchen.database_url, "UPDATE deliveries SET state = 'delivered' WHERE state = 'cancelled'").await;
        assert_eq!(found("q=company.").await, all[..25]);
        assert_eq!(found("q=c").await, all[..25]);
        // A filter is kept on the way to older ones.
        let first = owner.get(&format!("{path}?state=delivered&q=company")).await.text;
        let second = owner.get(&older(&first).unwrap()).await.text;
        assert_eq!(listed(&second), all[25..50]);
        assert!(second.contains("value=\"company\"") && second.contains("value=\"delivered\" selected"));
        // Nonsense in the address is no filter.
        assert_eq!(found("state=nonsense&before=nonsense").await, all[..25]);
        kitchen.stop().await;
    }

    async fn a_delivery_shows_what_was_sent_and_answered_and_is_sent_again(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let mut found = Vec::new();
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &[]).await;
        let headers = vec![("content-type", "text/html".to_owned()), ("retry-after", "300".to_owned())];
        receiver.answer_next([Instruction { body: "<html>Service temporarily unavailable</html>".into(), headers, ..Instruction::status(503) }]);
        api.post("/api/clients", &[("name", "Camille Roux"), ("email", "camille@example.com")]).await.expect(201);
        let received = receiver.wait_for(1).await.remove(0);
        let delivery = delivery_in(&api, &webhook, "waiting").await;
        browser.goto(&format!("/settings/webhooks/{}", id_of(&webhook))).await;
        assert_eq!(browser.texts(EVENTS).await, ["client.created"]);
        browser.wait_for_text("#deliveries tbody", "503 after").await;
        browser.click(&format!("{EVENTS} a")).await;
        let path = format!("/settings/deliveries/{}", id_of(&delivery));
        browser.wait_for_path(&path).await;
        browser.wait_for_text("h1", "Delivery of client.created").await;
        browser.wait_for_text(".lead", "One attempt failed. The next attempt is in").await;
        browser.wait_for_text(".facts", "The client Camille Roux").await;
        browser.wait_for_text("summary", "503 Service Unavailable").await;
        let parts = browser.texts("#attempt-1 pre").await;
        let [sent, body, came, answer] = parts.as_slice() else { panic!("{parts:?}") };
        for name in ["host", "user-agent", "content-type", "webhook-id", "webhook-timestamp", "webhook-signature", "signature", "kitchen-delivery"] {
            assert!(sent.contains(&format!("\n{name}: {}", received.header(name))), "{name} in {sent}");
        }
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), received.json());
        assert!(came.starts_with("HTTP 503 Service Unavailable\n") && came.contains("\nretry-after: 300"), "{came}");
        assert_eq!(answer, "<html>Service temporarily unavailable</html>");
        look(&browser, "delivery", &mut found).await;

        browser.click("#resend").await;
        browser.wait_for_text(".flash", "It is being sent again.").await;
        let delivered = delivery_in(&api, &webhook, "delivered").await;
        assert_eq!((id_of(&delivered), receiver.received().len()), (id_of(&delivery), 2));
        browser.goto(&path).await;
        browser.wait_for_text(".lead", "It arrived. There were 2 attempts.").await;
        assert_eq!(browser.count("details.fold").await, 2);
        browser.wait_for_text("#attempt-2 summary", "Asked for by hand").await;
        look(&browser, "delivery-resent", &mut found).await;
        browser.goto(&format!("/settings/webhooks/{}?state=failed", id_of(&webhook))).await;
        browser.wait_for_text("#deliveries .empty", "No delivery matches this filter").await;
        browser.run("document.querySelector('#delivery-state').value = 'delivered'", vec![]).await;
        browser.fill("#q", "client").await;
        browser.click("#deliveries form button").await;
        browser.wait_for_text("#deliveries .pager", "1 delivery").await;
        look(&browser, "webhook-deliveries", &mut found).await;
        assert!(found.is_empty(), "{}", found.join("\n"));
        browser.close().await;
        kitchen.stop().await;
    }

    async fn deliveries_are_for_owners_and_admins_of_their_own_workspace(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other, receiver) = (kitchen.workspace("main").await, kitchen.workspace("other").await, Receiver::start().await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        let stranger = Visitor::owner(&kitchen, &other.key().workspace_id, "olive@other.example", PASSWORD).await;
        let webhook = receiver.subscribe(&api, &[]).await;
        make_company(&api, 1).await;
        let delivery = id_of(&delivery_in(&api, &webhook, "delivered").await);
        let unknown = DeliveryId::new(kitchen.clock.now()).to_string();
        for path in ["/settings/deliveries/ID", "/settings/deliveries/ID/retry"] {
            let (there, nowhere) = (path.replace("ID", &delivery), path.replace("ID", &unknown));
            let ask = async |visitor: &Visitor, path: &str| if path.ends_with("/retry") { visitor.post(path, &[]).await } else { visitor.get(path).await };
            let (foreign, none) = (ask(&stranger, &there).await.expect(404), ask(&stranger, &nowhere).await.expect(404));
            assert_eq!(foreign.text, none.text, "another workspace's is like none");
            ask(&Visitor::new(&kitchen.urls[0]), &there).await.expect(303);
        }
        let elsewhere = owner.request(Method::POST, &format!("/settings/deliveries/{delivery}/retry"));
        let elsewhere = elsewhere.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
        owner.send(elsewhere).await.expect(403);
        // A deleted webhook's deliveries can still be looked at, and not sent again.
        api.delete(&format!("/api/webhooks/{}", id_of(&webhook))).await.expect(204);
        let page = owner.get(&format!("/settings/deliveries/{delivery}")).await.expect(200).text;
        assert!(page.contains("(deleted)") && !page.contains("id=\"resend\""));
        owner.post(&format!("/settings/deliveries/{delivery}/retry"), &[]).await.expect(409);
        database::execute(&kitchen.database_url, "UPDATE users SET role = 'member' WHERE role = 'owner'").await;
        let refused = owner.get(&format!("/settings/deliveries/{delivery}")).await.expect(403).text;
        assert!(!refused.contains("company.created"));
        owner.post(&format!("/settings/deliveries/{delivery}/retry"), &[]).await.expect(403);

        assert_eq!(receiver.received().len(), 1);
        kitchen.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_receivers_answer_is_text_and_fits_the_page() {
    let (kitchen, api, browser) = open(Engine::Sqlite).await;
    let mut found = Vec::new();
    let say = |head: &str, body: &[u8]| {
        let mut bytes =
            format!("HTTP/1.1 500 <script>alert(1)</script>\r\n{head}content-length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(body);
        Conduct::Say(bytes)
    };
    let long = "x".repeat(15_000);
    for (what, head, body, shown) in [
        (
            "markup",
            "x-evil: <img src=x onerror=alert(2)>\r\n",
            b"</pre></main><script>alert(3)</script><b id=hacked>".as_slice(),
            "<script>alert(3)</script>",
        ),
        ("bytes", "x-bytes: \u{fc}\u{ff}\r\n", b"NUL \0, \xff\xfe, bell \x07, end".as_slice(), "NUL \u{FFFD}, \u{FFFD}\u{FFFD}"),
        (
            "long lines",
            "x-long: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n",
            long.as_bytes(),
            "xxxxxxxx",
        ),
    ] {
        let server = Hostile::start(say(head, body)).await;
        let webhook = api.post("/api/webhooks", &[("url", &server.url)]).await.expect(201).json;
        api.post("/api/companies", &[("name", what)]).await.expect(201);
        let delivery = eventually("an attempt", Duration::from_secs(10), || async {
            deliveries(&api, &webhook).await.into_iter().find(|delivery| delivery["attempts_count"] == 1)
        })
        .await;
        browser.goto(&format!("/settings/deliveries/{}", id_of(&delivery))).await;
        browser.wait_for_text("#attempt-1 pre", shown).await;
        assert_eq!(browser.count("#hacked, pre *, main script, main img").await, 0, "{what} is markup");
        assert_eq!(browser.alert().await, None, "{what}");
        look(&browser, &format!("delivery-of-{}", what.replace(' ', "-")), &mut found).await;
        api.delete(&format!("/api/webhooks/{}", id_of(&webhook))).await.expect(204);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
    kitchen.stop().await;
}
