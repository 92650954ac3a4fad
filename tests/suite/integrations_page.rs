//! The page Integrations: what is connected and how it went, the guides, and what the pages of their own show.

use crate::api_page::DIALOG;
use crate::api_page_access::look;
use crate::deliveries::delivery_in;
use crate::people::{EMAIL, PASSWORD};
use crate::webhooks_page::open;
use connectors::{Catalogue, platforms};
use harness::receiver::Instruction;
use harness::{Api, Engine, Kitchen, Receiver, Setup, Visitor, database, on_both_engines};
use serde_json::{Value, json};

const GUIDES: [&str; 7] = ["zapier", "pabbly", "make", "n8n", "custom", "activepieces", "mcp"];

async fn subscribe(api: &Api, platform: &str, url: &str, event: &str) -> Value {
    let hook = json!({"target_url": url, "event": event});
    api.post_json(&format!("/connect/{platform}/hooks"), &hook).await.expect(201).json
}

/// What stands between the card of this integration and the next.
fn card<'p>(page: &'p str, name: &str) -> &'p str {
    let from = page.split(&format!("id=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("no card {name}"));
    from.split("</li>").next().unwrap()
}

on_both_engines! {
    async fn what_is_connected_is_shown_with_how_it_went(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        let stranger = Visitor::owner(&kitchen, &other.key().workspace_id, "olive@other.example", PASSWORD).await;
        let empty = owner.get("/settings/integrations").await.expect(200).text;
        for connector in platforms::ALL {
            let name = connector.platform().as_str();
            assert!(card(&empty, name).contains(connector.title()) && card(&empty, name).contains("None yet"), "{name}");
            assert!(owner.get(&format!("/settings/integrations/{name}")).await.expect(200).text.contains("Nothing is connected yet"));
        }
        let receiver = Receiver::start().await;
        receiver.answer_next([Instruction::status(200), Instruction::status(503)]);
        let zap = subscribe(&api, "zapier", &receiver.at("/zap"), "client.created").await;
        let quiet = subscribe(&api, "zapier", "http://127.0.0.1:9/quiet", "board.deleted").await;
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        let delivered = delivery_in(&api, &zap, "delivered").await;
        let workflow = subscribe(&api, "n8n", &receiver.at("/workflow"), "company.updated").await;
        let company = api.post("/api/companies", &[("name", "Acme")]).await.expect(201).id();
        api.put(&format!("/api/companies/{company}"), &[("name", "Acme Ltd")]).await.expect(200);
        delivery_in(&api, &workflow, "waiting").await;

        let page = owner.get("/settings/integrations").await.expect(200).text;
        let zapier = card(&page, "zapier");
        assert!(zapier.contains(">2</a>") && zapier.contains("/settings/webhooks?platform=zapier"), "{zapier}");
        assert!(zapier.contains(">Delivered</a>") && zapier.contains(delivered["id"].as_str().unwrap()), "{zapier}");
        assert!(card(&page, "n8n").contains(">Waiting</a>") && card(&page, "n8n").contains(">1</a>"));
        assert!(card(&page, "make").contains("None yet") && !card(&page, "make").contains("settings/deliveries"));
        let shown = owner.get("/settings/integrations/zapier").await.expect(200).text;
        for hook in [&zap, &quiet] {
            assert!(shown.contains(&format!("/settings/webhooks/{}", hook["id"].as_str().unwrap())));
        }
        let host = receiver.at("").trim_start_matches("http://").to_owned();
        for known in ["New Client</a>", "Board Deleted</a>", &format!(">{host}</td>"), "127.0.0.1:9</td>", ">Delivered</a>", "None yet"] {
            assert!(shown.contains(known), "{known}");
        }
        assert!(!shown.contains("/quiet") && !shown.contains("Nothing is connected yet"), "an address of a hook is its secret");
        // The list of webhooks is narrowed down to who made them.
        let listed = async |query: &str| {
            let page = owner.get(&format!("/settings/webhooks{query}")).await.expect(200).text;
            [&zap, &quiet, &workflow].map(|hook| page.contains(&format!("id=\"{}\"", hook["id"].as_str().unwrap())))
        };
        assert_eq!(listed("?platform=zapier").await, [true, true, false]);
        assert_eq!(listed("?platform=n8n").await, [false, false, true]);
        assert_eq!(listed("?platform=nonsense").await, [true, true, true]);
        assert!(owner.get("/settings/webhooks?platform=make").await.expect(200).text.contains("Show all webhooks"));
        // Nothing of this is another workspace's.
        let theirs = stranger.get("/settings/integrations").await.expect(200).text;
        assert!(card(&theirs, "zapier").contains("None yet") && !theirs.contains("Delivered"));
        assert!(!stranger.get("/settings/integrations/zapier").await.expect(200).text.contains("New Client</a>"));
        // What its deliveries were is cleared away some day; the webhook stays.
        for statement in ["DELETE FROM attempts", "DELETE FROM deliveries"] {
            database::execute(&kitchen.database_url, statement).await;
        }
        let page = owner.get("/settings/integrations").await.expect(200).text;
        assert!(card(&page, "zapier").contains(">2</a>") && !card(&page, "zapier").contains("Delivered"));
        kitchen.stop().await;
    }

    async fn a_guide_leads_from_a_key_to_the_first_run_at_this_gateway(engine: Engine) {
        let setup = Setup { has_worker: false, ..Setup::default() };
        let kitchen = Kitchen::start_with(engine, setup).await;
        let api = kitchen.workspace("main").await;
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        let catalogue = Catalogue::kitchen();
        for name in GUIDES {
            let page = owner.get(&format!("/settings/integrations/{name}")).await.expect(200).text;
            assert!(page.contains("1. Create an API key") && page.contains(&kitchen.urls[0]), "{name}");
            assert!(!page.contains("kitchen.example.com"), "{name}: the address of this gateway, not an example");
            let is_offered = |label: &str| page.contains(&format!("<dt>{}</dt>", label.replace('\'', "&#39;")));
            assert!(catalogue.triggers.iter().all(|trigger| is_offered(&trigger.label)), "{name}");
            assert!(catalogue.actions.iter().all(|action| is_offered(&action.label)), "{name}");
            assert!(catalogue.searches.iter().all(|search| is_offered(&search.label)), "{name}");
            for picture in page.split("src=\"/static/guides/").skip(1).filter_map(|rest| rest.split('"').next()) {
                let reply = owner.get(&format!("/static/guides/{picture}")).await.expect(200);
                assert_eq!(reply.header("content-type"), "image/png");
            }
            // The key that is made from here has a name already, and no more scopes than it needs.
            let form = page.split("id=\"key-new\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().replace("&#38;", "&");
            let dialog = owner.get(&form).await.expect(200).text;
            let value = dialog.split("id=\"name\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1)?.split('"').next()).unwrap();
            assert_eq!(value.is_empty(), name == "custom", "{name}: {value}");
            let ticked = |scope: &str| dialog.contains(&format!("value=\"{scope}\" checked"));
            let expected = if name == "mcp" { [true, false, false, false] } else { [true, true, true, false] };
            assert_eq!(["read", "write", "webhooks", "keys"].map(ticked), expected, "{name}");
        }
        owner.get("/settings/integrations/abacus").await.expect(404);
        // A long list goes on, on a page of its own.
        for number in 0..51 {
            subscribe(&api, "make", &format!("https://127.0.0.1:9/{number}"), "list.created").await;
        }
        let next = "/settings/integrations/make?page=2";
        let first = owner.get("/settings/integrations/make").await.expect(200).text;
        assert_eq!((first.matches("List</a>").count(), first.contains(&format!("href=\"{next}\""))), (50, true));
        assert_eq!(owner.get(next).await.expect(200).text.matches("List</a>").count(), 1);
        assert!(owner.get("/settings/integrations/make?page=9").await.expect(200).text.contains("The list has become shorter"));
        let next = owner.get("/settings/webhooks?platform=make").await.expect(200).text;
        assert!(next.contains("href=\"/settings/webhooks?platform=make&#38;page=2\""), "the filter stays");
        kitchen.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_keeps_people_out_of_the_integrations() {
    let (kitchen, api, browser) = open(Engine::Sqlite).await;
    let mut found = Vec::new();
    browser.click(".sidebar .nav a[href='/settings/integrations']").await;
    browser.wait_for("#zapier").await;
    look(&browser, "integrations-empty", &mut found).await;
    browser.click("#make").await;
    browser.wait_for_text(".empty", "Nothing is connected yet").await;
    look(&browser, "integration-empty", &mut found).await;
    let receiver = Receiver::start().await;
    let long = receiver.at(&format!("/{}", "a-long-way-to-go-".repeat(12)));
    let hook = subscribe(&api, "zapier", &long, "client.created").await;
    api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
    delivery_in(&api, &hook, "delivered").await;
    browser.goto("/settings/integrations").await;
    browser.wait_for_text("main", "Delivered").await;
    look(&browser, "integrations", &mut found).await;
    for name in GUIDES {
        browser.goto(&format!("/settings/integrations/{name}")).await;
        browser.wait_for(".guide h3").await;
        browser.click("#triggers > summary").await;
        browser.wait_for("#triggers dd").await;
        look(&browser, &format!("integration-{name}"), &mut found).await;
    }
    browser.goto("/settings/webhooks?platform=zapier").await;
    look(&browser, "webhooks-of-zapier", &mut found).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    // From the guide to a key, with its name filled in.
    browser.goto("/settings/integrations/zapier").await;
    browser.click("#key-new").await;
    browser.wait_for(DIALOG).await;
    assert_eq!(browser.value("#name").await, "Zapier");
    browser.close().await;
    kitchen.stop().await;
}

/// `script/pictures` puts them beside the guides.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_the_guides() {
    let (kitchen, api, browser) = open(Engine::Sqlite).await;
    browser.goto("/settings/api/new?name=Automation").await;
    browser.wait_for(DIALOG).await;
    browser.picture(DIALOG, "guides/key").await;
    browser.click(&format!("{DIALOG} button[type=submit]")).await;
    browser.wait_for(&format!("{DIALOG} #token")).await;
    // No token, not even one that opens nothing any more.
    browser.run("document.querySelector('#token').value = 'kk_' + '•'.repeat(40)", vec![]).await;
    browser.picture(DIALOG, "guides/token").await;

    let receiver = Receiver::start().await;
    for event in ["company.created", "client.created"] {
        let hook = subscribe(&api, "zapier", &receiver.at(&format!("/{event}")), event).await;
        let name = event.split('.').next().unwrap();
        let fields = [("name", "Ada"), ("email", "ada@example.com")];
        api.post(&format!("/api/{}", if name == "client" { "clients" } else { "companies" }), &fields).await.expect(201);
        delivery_in(&api, &hook, "delivered").await;
    }
    browser.goto("/settings/integrations/zapier").await;
    browser.wait_for("td[data-label='Sent to']").await;
    let named = "document.querySelectorAll(\"td[data-label='Sent to']\").forEach(cell => cell.textContent = 'hooks.zapier.com')";
    browser.run(named, vec![]).await;
    browser.picture(".table-wrap", "guides/webhooks").await;

    let agent = crate::api_page::key(&kitchen, &api, "Research agent").await;
    for (path, fields) in [("/api/companies", ("name", "Analytical Engines")), ("/api/folders", ("name", "Website relaunch"))] {
        agent.post(path, &[fields, ("visibility", "internal")]).await.expect(201);
    }
    browser.goto("/settings/audit?who=Research%20agent").await;
    browser.wait_for_text("main", "Website relaunch").await;
    browser.picture(".table-wrap", "guides/audit").await;
    browser.close().await;
    kitchen.stop().await;
}
