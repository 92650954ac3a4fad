//! When failed deliveries are sent again: a webhook's own schedule, what receivers ask for, and when it is over.

use crate::deliveries::{after_attempts, make_event, retry, seconds_between};
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Visitor, on_both_engines};
use serde_json::{Value, json};
use std::ops::RangeInclusive;
use std::time::Duration;

const URL: &str = "http://127.0.0.1:9/hook";
const DAY: u64 = 86_400;

fn path(webhook: &Value) -> String {
    format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())
}

/// A receiver that always answers like this, and a webhook to it with this schedule.
async fn failing(api: &Api, status: u16, retry_after: Option<String>, delays: Value) -> (Receiver, Value) {
    let receiver = Receiver::start().await;
    let headers = retry_after.into_iter().map(|text| ("retry-after", text)).collect();
    receiver.answer_always(Instruction { headers, ..Instruction::status(status) });
    let webhook = api.post_json("/api/webhooks", &json!({"url": receiver.url, "retry_delays": delays})).await.expect(201);
    (receiver, webhook.json)
}

/// The pause the webhook's only delivery is in, which has had so many attempts, lies in this range.
async fn pauses(api: &Api, webhook: &Value, attempts: u64, range: RangeInclusive<u64>) -> Value {
    let delivery = after_attempts(api, webhook, attempts).await;
    assert_eq!(delivery["state"], "waiting", "{delivery}");
    let pause = seconds_between(delivery["updated_at"].as_str().unwrap(), delivery["next_attempt_at"].as_str().unwrap());
    // Both ends are written in whole seconds.
    assert!((range.start() - 1..=range.end() + 1).contains(&pause), "{pause} s is not in {range:?}: {webhook}");
    delivery
}

on_both_engines! {
    async fn a_schedule_is_checked_kept_and_given_up(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let usual = api.post_json("/api/webhooks", &json!({"url": URL})).await.expect(201).json;
        assert_eq!(usual["retry_delays"], Value::Null);
        let longest = vec![DAY; 20];
        for (sent, kept) in [
            (json!([]), json!([])),
            (json!([1]), json!([1])),
            (json!(["30", 30, 7200]), json!([30, 30, 7200])),
            (json!(longest), json!(longest)),
            (Value::Null, Value::Null),
            (json!(""), Value::Null),
        ] {
            let made = api.post_json("/api/webhooks", &json!({"url": URL, "retry_delays": sent})).await.expect(201).json;
            assert_eq!(made["retry_delays"], kept, "{sent} on create");
            let changed = api.put_json(&path(&usual), &json!({"retry_delays": sent})).await.expect(200).json;
            assert_eq!(changed["retry_delays"], kept, "{sent} on update");
            assert_eq!(api.put(&path(&usual), &[("enabled", "true")]).await.expect(200).json["retry_delays"], kept, "left out");
            assert_eq!(api.get(&path(&usual)).await.expect(200).json["retry_delays"], kept);
        }
        for (sent, field) in [
            (json!([0]), "retry_delays.0"),
            (json!([5, -1]), "retry_delays.1"),
            (json!([DAY + 1]), "retry_delays.0"),
            (json!([1.5]), "retry_delays.0"),
            (json!(["soon"]), "retry_delays.0"),
            (json!([[1]]), "retry_delays.0"),
            (json!(vec![1; 21]), "retry_delays"),
            (json!(60), "retry_delays"),
            (json!({"a": 1}), "retry_delays"),
        ] {
            api.post_json("/api/webhooks", &json!({"url": URL, "retry_delays": sent})).await.expect_invalid(&[field]);
            api.put_json(&path(&usual), &json!({"retry_delays": sent})).await.expect_invalid(&[field]);
        }
        // A form says the same: some, none at all, and the usual ones again.
        for (form, kept) in [
            (vec![("retry_delays[]", "5"), ("retry_delays[]", "60")], json!([5, 60])),
            (vec![("retry_delays[]", "")], json!([])),
            (vec![("retry_delays", "")], Value::Null),
        ] {
            assert_eq!(api.put(&path(&usual), &form).await.expect(200).json["retry_delays"], kept);
        }
        kitchen.stop().await;
    }

    async fn pauses_follow_the_webhook_and_the_receiver_and_end_with_age(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let in_twenty_minutes = kitchen.clock.now().plus(Duration::from_mins(20)).written("%a, %d %b %Y %H:%M:%S GMT");
        let (_once, once) = failing(&api, 503, Some("60".into()), json!([])).await;
        let (own_receiver, own) = failing(&api, 500, None, json!([30, 7200])).await;
        let (asking_receiver, asking) = failing(&api, 503, Some("600".into()), Value::Null).await;
        let (_dated, dated) = failing(&api, 429, Some(in_twenty_minutes), Value::Null).await;
        let (_greedy, greedy) = failing(&api, 503, Some("999999".into()), Value::Null).await;
        let (_unheard, unheard) = failing(&api, 500, Some("600".into()), Value::Null).await;
        let (_sooner, sooner) = failing(&api, 429, Some("3".into()), Value::Null).await;
        let (old_receiver, old) = failing(&api, 500, None, json!(vec![DAY; 20])).await;
        make_event(&api).await;

        assert_eq!(after_attempts(&api, &once, 1).await["state"], "exhausted", "without a schedule nothing is asked for");
        pauses(&api, &own, 1, 30..=33).await;
        let put_off = pauses(&api, &asking, 1, 600..=660).await;
        pauses(&api, &dated, 1, 1180..=1320).await;
        pauses(&api, &greedy, 1, DAY..=DAY + DAY / 10).await;
        pauses(&api, &unheard, 1, 10..=11).await;
        let soon = pauses(&api, &sooner, 1, 10..=11).await;
        pauses(&api, &old, 1, DAY..=DAY + DAY / 10).await;

        // A retry asked for by a person leaves the schedule alone, also where the receiver asks for something.
        asking_receiver.answer_next([Instruction { headers: vec![("retry-after", "5000".into())], ..Instruction::status(503) }]);
        retry(&api, &put_off).await.expect(200);
        let still = after_attempts(&api, &asking, 2).await;
        assert_eq!((&still["state"], &still["next_attempt_at"]), (&json!("waiting"), &put_off["next_attempt_at"]));
        // A schedule that is changed holds from the next failure on; the time that is set stays.
        api.put_json(&path(&sooner), &json!({"retry_delays": []})).await.expect(200);
        let after = after_attempts(&api, &sooner, 1).await;
        assert_eq!((&after["state"], &after["next_attempt_at"]), (&json!("waiting"), &soon["next_attempt_at"]));

        kitchen.clock.advance(Duration::from_secs(35));
        pauses(&api, &own, 2, 7200..=7920).await;
        assert_eq!(after_attempts(&api, &sooner, 2).await["state"], "exhausted");
        for attempt in 2..=5 {
            kitchen.clock.advance(Duration::from_secs(DAY + DAY / 10));
            kitchen.store.ring(&[]);
            after_attempts(&api, &old, attempt).await;
        }
        assert_eq!(after_attempts(&api, &own, 3).await["state"], "exhausted", "two pauses are three attempts");
        // Five days are over before the sixth: it is given up with fifteen pauses left.
        let given_up = after_attempts(&api, &old, 5).await;
        assert_eq!((&given_up["state"], &given_up["next_attempt_at"]), (&json!("exhausted"), &Value::Null));
        assert_eq!((own_receiver.received().len(), old_receiver.received().len()), (3, 5));
        // By hand it can still be sent, however old it is; failing again changes nothing.
        retry(&api, &given_up).await.expect(200);
        assert_eq!(after_attempts(&api, &old, 6).await["state"], "exhausted");
        old_receiver.answer_always(Instruction::status(200));
        retry(&api, &given_up).await.expect(200);
        assert_eq!(after_attempts(&api, &old, 7).await["state"], "delivered");
        kitchen.stop().await;
    }

    async fn the_form_sets_the_schedule_too(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let form = |retries, delays| [("url", URL), ("events", "all"), ("enabled", "1"), ("retries", retries), ("retry_delays", delays)];
        let made = owner.post("/settings/webhooks/new", &form("own", "5, 60  3600")).await.expect(303);
        let home = made.header("location").strip_suffix("?done=created").expect("the webhook's page").to_owned();
        let shown = async || api.get(&home.replace("/settings/", "/api/")).await.expect(200).json["retry_delays"].clone();
        assert_eq!(shown().await, json!([5, 60, 3600]));
        let edit = format!("{home}/edit");
        let page = owner.get(&edit).await.expect(200).text;
        assert!(page.contains("value=\"5, 60, 3600\"") && page.contains("id=\"advanced\" open"));
        for (delays, said) in [("", "at least one pause"), ("5, soon", "whole seconds from 1 to 86400"), ("0", "whole seconds from 1 to 86400")] {
            let refused = owner.post(&edit, &form("own", delays)).await.expect(422).text;
            assert!(refused.contains(said) && refused.contains("id=\"advanced\" open"), "{delays}");
        }
        assert_eq!(shown().await, json!([5, 60, 3600]), "what is refused changes nothing");
        owner.post(&edit, &form("none", "5, 60")).await.expect(303);
        assert_eq!(shown().await, json!([]));
        owner.post(&edit, &form("usual", "5, 60")).await.expect(303);
        assert_eq!(shown().await, Value::Null);
        assert!(!owner.get(&edit).await.expect(200).text.contains("id=\"advanced\" open"));
        kitchen.stop().await;
    }
}
