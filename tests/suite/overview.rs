//! Counts of what became of events and attempts, and the page that plots them.

use crate::api_page_access::look;
use crate::deliveries::delivery_in;
use crate::webhooks_page::open;
use domain::counts::{Counts, Span};
use domain::ids::WebhookId;
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, eventually, on_both_engines};
use serde_json::Value;
use std::time::Duration;

async fn total(kitchen: &Kitchen, api: &Api, span: Span) -> Counts {
    let mut view = kitchen.store.read(&api.key().workspace_id).await.unwrap();
    let series = store::counts::series(&mut view, span, kitchen.clock.now()).await.unwrap();
    assert_eq!(series.len(), span.steps() as usize);
    Counts::total(series.iter().map(|(_, counts)| counts))
}

async fn health(kitchen: &Kitchen, api: &Api, webhook: &Value) -> store::counts::Health {
    let id = WebhookId::parse(webhook["id"].as_str().unwrap()).unwrap();
    let mut view = kitchen.store.read(&api.key().workspace_id).await.unwrap();
    store::counts::health(&mut view, std::slice::from_ref(&id), kitchen.clock.now()).await.unwrap()[&id]
}

on_both_engines! {
    async fn counts_are_what_the_receivers_saw(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let (good, bad) = (Receiver::start().await, Receiver::start().await);
        bad.answer_always(Instruction::status(500));
        let (to_good, to_bad) = (good.subscribe(&api, &[]).await, bad.subscribe(&api, &["client.created"]).await);
        let to_other = good.subscribe(&other, &[]).await;
        other.post("/api/companies", &[("name", "Elsewhere")]).await.expect(201);
        delivery_in(&other, &to_other, "delivered").await;
        // Fewer failures than open a circuit.
        for number in 0..9 {
            api.post("/api/clients", &[("name", "A"), ("email", &format!("a{number}@example.com"))]).await.expect(201);
        }
        // Of no interest to the bad one.
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        good.wait_for(11).await;
        bad.wait_for(9).await;
        let hour = eventually("everything is counted", Duration::from_secs(10), || async {
            let hour = total(&kitchen, &api, Span::Hour).await;
            (hour.attempts_count == 19).then_some(hour)
        })
        .await;
        assert_eq!((hour.events_count, hour.failed_attempts_count, hour.delivered_count()), (10, 9, 10));
        assert_eq!(hour.answers.count(), 19, "each answer has its time");
        for span in [Span::Day, Span::Week] {
            assert_eq!(total(&kitchen, &api, span).await, hour);
        }
        let (to_good, to_bad) = (health(&kitchen, &api, &to_good).await, health(&kitchen, &api, &to_bad).await);
        let good_day = Counts::total(&to_good);
        assert_eq!((good_day.attempts_count, good_day.failed_attempts_count), (10, 0));
        assert!(good_day.answers.percentile_ms(95).is_some());
        let bad_day = Counts::total(&to_bad);
        assert_eq!((bad_day.attempts_count, bad_day.failed_attempts_count), (9, 9));
        // Another workspace neither sees them nor is counted among them.
        assert_eq!(total(&kitchen, &other, Span::Hour).await.attempts_count, 1);
        assert_eq!(Counts::total(&health(&kitchen, &api, &to_other).await), Counts::default());
        // What is older than the span is left out.
        kitchen.clock.advance(Duration::from_mins(61));
        assert_eq!(total(&kitchen, &api, Span::Hour).await.events_count, 0);
        assert_eq!(total(&kitchen, &api, Span::Day).await.events_count, 10);
        kitchen.stop().await;
    }

    async fn an_attempt_that_got_no_answer_has_failed_and_has_no_time(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let webhook = api.post("/api/webhooks", &[("url", &format!("http://{closed}/"))]).await.expect(201).json;
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        let delivery = delivery_in(&api, &webhook, "waiting").await;
        let day = Counts::total(&health(&kitchen, &api, &webhook).await);
        assert_eq!((day.attempts_count, day.failed_attempts_count, day.answers.count()), (1, 1, 0));
        let shown = api.get(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(200).json;
        assert_eq!(shown["last_failure"], delivery["last_error"]);
        kitchen.stop().await;
    }

    async fn the_overview_plots_what_happened(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let mut found = Vec::new();
        browser.click(".sidebar .nav a[href='/settings/overview']").await;
        browser.wait_for_path("/settings/overview").await;
        assert_eq!(browser.texts(".chart h2").await, ["Events", "Deliveries", "Failures", "Time to answer"]);
        assert_eq!(browser.texts(".chart-total").await, ["0", "0", "0"]);
        assert_eq!(browser.count(".chart-plot rect, .chart-plot polyline").await, 0);
        look(&browser, "overview-empty", &mut found).await;
        let (good, bad) = (Receiver::start().await, Receiver::start().await);
        bad.answer_always(Instruction::status(500));
        good.subscribe(&api, &[]).await;
        bad.subscribe(&api, &["client.created"]).await;
        let mut events = 0;
        for round in 0..6 {
            for number in 0..=round * 2 {
                api.post("/api/companies", &[("name", &format!("Company {round} {number}"))]).await.expect(201);
                events += 1;
            }
            if round % 3 == 1 {
                api.post("/api/clients", &[("name", "A"), ("email", &format!("a{round}@example.com"))]).await.expect(201);
                events += 1;
            }
            eventually("this round is counted", Duration::from_secs(10), || async {
                let hour = total(&kitchen, &api, Span::Day).await;
                (hour.delivered_count() == events && hour.failed_attempts_count >= u64::from(round >= 1)).then_some(())
            })
            .await;
            kitchen.clock.advance(Duration::from_mins(7));
        }
        bad.answer_always(Instruction::status(200));
        for range in ["hour", "day", "week"] {
            browser.goto(&format!("/settings/overview?range={range}")).await;
            assert_eq!(browser.attribute(&format!("#range-{range}"), "aria-current").await.as_deref(), Some("true"));
            assert_eq!(browser.text("#total-events").await, events.to_string());
            browser.wait_for_text(".lead", &format!("the last {range}")).await;
            // The table says the same as the chart.
            browser.click(".chart:first-child summary").await;
            browser.wait_for(".chart:first-child table").await;
            let numbers = browser.texts(".chart:first-child tbody td").await;
            assert_eq!(numbers.iter().map(|number| number.parse::<u64>().unwrap_or(0)).sum::<u64>(), events, "{numbers:?}");
            assert!(browser.count(".chart:last-child polyline").await >= 2);
            look(&browser, &format!("overview-{range}"), &mut found).await;
        }
        browser.goto("/settings/overview?range=nonsense").await;
        browser.wait_for_text(".lead", "the last day").await;
        assert!(found.is_empty(), "{}", found.join("\n"));
        browser.close().await;
        kitchen.stop().await;
    }
}
