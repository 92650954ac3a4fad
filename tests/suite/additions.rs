//! What is added to the catalogue once, an event and an action, is offered everywhere with no other edit: at the endpoints of every platform,
//! in every app that is exported, in the description of the API and on its page, and among the tools of agents.

use crate::connect::{names, rows, subscribe};
use crate::mcp;
use connectors::Catalogue;
use connectors::catalogue::{self, Action, Call, Noun, Trigger};
use connectors::export::{App, export};
use domain::event::EventType;
use domain::input::{Fields, describe, integer, line};
use harness::client::send;
use harness::{Kitchen, Setup, on_both_engines};
use reqwest::Method;
use serde_json::json;

/// Kitchen's catalogue, and one event and one action more. What is paid with it is a company, for want of invoices.
pub(crate) fn with_an_invoice() -> Catalogue {
    const INVOICE: Noun = Noun {
        key: "invoice",
        label: "Invoice",
        plural: "invoices",
        prefix: "in",
        list: None,
        name: "number",
        sample: || json!({"id": "in_19ce2f8f6a3c41d09b7e5f28", "number": "2026-1"}),
        shape: || json!({"type": "object"}),
    };
    let reads = describe(|body| {
        let mut fields = Fields::of(body);
        (fields.required("name", line(255)), fields.optional("amount", integer(0, 1_000_000)))
    });
    let call = Call::new(catalogue::Method::Post, "/api/companies");
    let mut catalogue = Catalogue::kitchen();
    catalogue.triggers.push(Trigger::about(EventType::named("invoice.paid"), INVOICE));
    catalogue.actions.push(Action::new("pay-invoice", "Pay an Invoice", "Pays an invoice.", INVOICE, call, reads));
    catalogue
}

on_both_engines! {
    async fn what_is_added_to_the_catalogue_is_offered_everywhere(engine: Engine) {
        let setup = Setup { has_worker: false, catalogue: with_an_invoice(), ..Setup::default() };
        let kitchen = Kitchen::start_with(engine, setup).await;
        let api = kitchen.workspace("main").await;
        let types = api.get("/api/event-types").await.expect(200).rows();
        assert!(types.iter().any(|one| one["name"] == "invoice.paid" && one["sample"]["data"]["number"] == "2026-1"), "{types:?}");
        for platform in names() {
            let at = |path: &str| format!("/connect/{platform}/{path}");
            let triggers = rows(&api.get(&at("triggers")).await.expect(200).json);
            let trigger = triggers.iter().find(|trigger| trigger["event"] == "invoice.paid").unwrap();
            assert_eq!((&trigger["name"], &trigger["noun"]), (&json!("Invoice Paid"), &json!("Invoice")));
            let sample = api.get(&at("triggers/invoice.paid/sample")).await.expect(200);
            assert!(sample.text.contains("2026-1"), "{}", sample.text);
            assert!(rows(&api.get(&at("triggers/invoice.paid")).await.expect(200).json).is_empty());
            subscribe(&api, platform, "http://127.0.0.1:9/", "invoice.paid").await.expect(201);
            let actions = rows(&api.get(&at("actions")).await.expect(200).json);
            assert!(actions.iter().any(|action| action["name"] == "Pay an Invoice"), "{actions:?}");
            let shown = api.get(&at("actions/pay-invoice")).await.expect(200);
            assert!(shown.text.contains("2026-1") && shown.text.contains("\"amount\""), "{}", shown.text);
            let paid = api.post_json(&at("actions/pay-invoice"), &json!({"name": format!("By {platform}"), "amount": 1})).await.expect(201);
            assert_eq!(paid.json["name"], format!("By {platform}"));
        }
        // The apps that run on the platforms' side.
        for app in App::ALL {
            let files = export(&with_an_invoice(), *app);
            let text: String = files.iter().map(|file| String::from_utf8_lossy(&file.contents)).collect();
            for added in ["invoice.paid", "Invoice Paid", "pay-invoice", "Pay an Invoice", "amount"] {
                assert!(text.contains(added), "{added} is not in the app for {}", app.as_str());
            }
        }
        // The description, and the page of it.
        let document = send(api.anonymous(Method::GET, "/openapi.json")).await.expect(200).json;
        let page = send(api.anonymous(Method::GET, "/docs")).await.expect(200).text;
        for path in ["/connect/{platform}/actions/pay-invoice", "/connect/{platform}/triggers/invoice.paid"] {
            assert!(document["paths"][path]["get"].is_object() && page.contains(&format!("{path}</code>")), "{path}");
        }
        let body = document["paths"]["/connect/{platform}/actions/pay-invoice"]["post"]["requestBody"].to_string();
        assert!(body.contains("amount"), "{body}");
        let kinds = document["paths"]["/connect/{platform}/hooks"]["post"]["requestBody"].to_string();
        assert!(kinds.contains("invoice.paid"), "{kinds}");
        // And what agents are offered, which does what it says.
        let tools = mcp::tools(&api).await;
        assert!(tools["pay-invoice"]["inputSchema"]["properties"]["amount"].is_object(), "{}", tools["pay-invoice"]);
        let events = tools["list-events"]["inputSchema"]["properties"]["event"]["enum"].as_array().unwrap();
        assert!(events.contains(&json!("invoice.paid")), "{events:?}");
        assert_eq!(mcp::done(&api, "pay-invoice", json!({"name": "By an agent", "amount": 1})).await["name"], "By an agent");
        assert_eq!(mcp::done(&api, "list-events", json!({"event": "invoice.paid"})).await["data"], json!([]));
        kitchen.stop().await;
    }
}
