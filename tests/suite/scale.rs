//! What pages take does not grow with what is stored: 10,000 keys and 100,000 deliveries, or a million, against a few of each. Times are compared
//! with each other, on the same machine in the same minute, and never with the clock on the wall.

use domain::ids::{DeliveryId, WebhookId};
use domain::retention::Aged;
use harness::{Api, Kitchen, Setup, Visitor, database, on_both_engines};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};
use store::retention;

const EMAIL: &str = "olive@main.example";
const PASSWORD: &str = "correct horse battery";
/// What is there at first: more than one page of everything, and more waiting deliveries than a page counts.
const FEW: (u64, u64) = (120, 2_500);
/// With `KITCHEN_TEST_FULL` ten times as many deliveries.
fn many() -> (u64, u64) {
    (10_000, if std::env::var_os("KITCHEN_TEST_FULL").is_some() { 1_000_000 } else { 100_000 })
}
/// Besides half of what a page took before, it may take this much longer with a full database. Reading 100,000 small rows takes twice
/// as long on any machine.
const MARGIN: Duration = Duration::from_millis(2);

fn most(few: Duration) -> Duration {
    few * 3 / 2 + MARGIN
}

/// Ids and keys whose digits are a number's.
fn numbered(prefix: &str) -> String {
    let padded = format!("'{}' || i", "0".repeat(24));
    format!("'{prefix}_' || substr({padded}, length({padded}) - 23)")
}

fn id(prefix: &str, number: u64) -> String {
    format!("{prefix}_{number:024}")
}

/// Writes rows numbered like this, all with one statement each. The oldest deliveries are the rare ones: whoever looks for them the
/// wrong way passes all others.
async fn seed(kitchen: &Kitchen, webhook: &WebhookId, keys: RangeInclusive<u64>, deliveries: RangeInclusive<u64>, start: i64) {
    let numbers = |range: &RangeInclusive<u64>| {
        format!("WITH RECURSIVE n (i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n WHERE i < {})", range.start(), range.end())
    };
    let of = "(SELECT workspace_id FROM webhooks LIMIT 1)";
    let of_type = "CASE WHEN i < 10 THEN 'client.deleted' WHEN i % 2 = 0 THEN 'client.created' ELSE 'company.updated' END";
    let statements = [
        format!(
            "INSERT INTO api_keys (id, workspace_id, name, name_key, public_part, token_hash, token_start, rate_limit, created_at) {} \
             SELECT {}, {of}, 'Key ' || i, 'key ' || i, {}, 'none', 'none', 200, {start} + i FROM n",
            numbers(&keys),
            numbered("key"),
            numbered("public"),
        ),
        format!(
            "INSERT INTO events (id, workspace_id, event_type, occurred_at, data, dispatched_at) {} \
             SELECT {}, {of}, {of_type}, {start} + i, '{{\"id\": \"u_1\", \"name\": \"Ada\"}}', {start} + i FROM n",
            numbers(&deliveries),
            numbered("evt"),
        ),
        format!(
            "INSERT INTO deliveries (id, workspace_id, event_id, event_type, webhook_id, state, attempts_count, last_status, \
             created_at, updated_at) {} SELECT {}, {of}, {}, {of_type}, '{webhook}', \
             CASE WHEN i < 10 THEN 'exhausted' WHEN i % 50 = 0 OR i < 2500 AND i % 2 = 0 THEN 'waiting' ELSE 'delivered' END, 1, 200, {start} + i, {start} + i FROM n",
            numbers(&deliveries),
            numbered("dlv"),
            numbered("evt"),
        ),
        format!(
            "INSERT INTO attempts (id, delivery_id, number, is_manual, started_at, duration_ms, status, response_body) {} \
             SELECT {}, {}, 1, FALSE, {start} + i, 20, 200, 'ok' FROM n",
            numbers(&deliveries),
            numbered("att"),
            numbered("dlv"),
        ),
        format!(
            "INSERT INTO audit_entries (workspace_id, id, created_at, actor_kind, actor_name, actor_key, action, subject) {} \
             SELECT {of}, {}, {start} + i, 'key', 'Key', 'key', 'webhook.tested', 'webhooks' FROM n",
            numbers(&keys),
            numbered("aud"),
        ),
        "ANALYZE".to_owned(),
    ];
    for statement in statements {
        database::execute(&kitchen.database_url, &statement).await;
    }
}

/// The quickest of some loads of each page.
async fn measure(visitor: &Visitor, paths: &[String]) -> Vec<Duration> {
    let mut quickest = vec![Duration::MAX; paths.len()];
    for _ in 0..7 {
        for (path, quickest) in paths.iter().zip(&mut quickest) {
            let begun = Instant::now();
            visitor.get(path).await.expect(200);
            *quickest = begun.elapsed().min(*quickest);
        }
    }
    quickest
}

/// The quickest of some looks at each feed, the latest hundred and a hundred from the middle.
async fn measure_feeds(api: &Api, middle: u64) -> Vec<(String, Duration)> {
    let feed = "/connect/zapier/triggers/client.created";
    let paths = [feed.to_owned(), format!("{feed}?since={}", id("evt", middle))];
    let mut quickest = paths.map(|path| (path, Duration::MAX)).to_vec();
    for _ in 0..15 {
        for (path, quickest) in &mut quickest {
            let begun = Instant::now();
            assert_eq!(api.get(path).await.expect(200).rows().len(), 100);
            *quickest = begun.elapsed().min(*quickest);
        }
    }
    quickest
}

/// The quickest of some batches of what is cleared away.
async fn measure_clearing(kitchen: &Kitchen) -> Duration {
    let mut quickest = Duration::MAX;
    for _ in 0..4 {
        let begun = Instant::now();
        let batch = retention::clear(&kitchen.store, Aged::Deliveries, kitchen.clock.now(), None).await.unwrap();
        assert!(batch.count > 0);
        quickest = begun.elapsed().min(quickest);
    }
    quickest
}

on_both_engines! {
    async fn no_page_takes_longer_for_what_is_stored(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        let webhook = WebhookId::parse(&api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/")]).await.expect(201).id()).unwrap();
        let start = kitchen.clock.now().minus(Duration::from_secs(150)).millis();
        seed(&kitchen, &webhook, 1..=FEW.0, 1..=FEW.1, start).await;
        let home = format!("/settings/webhooks/{webhook}");
        let old = DeliveryId::parse(&id("dlv", 150)).unwrap();
        let before = format!("before={}-{old}", start + 150);
        let mut paths: Vec<String> = [
            "/settings/overview?range=hour", "/settings/overview?range=day", "/settings/overview?range=week", "/settings/api",
            "/settings/api?sort=-created_at", "/settings/api?sort=name", "/settings/api?sort=-name", "/settings/webhooks",
            "/settings/people", "/settings/people/clients", "/settings/mail", "/settings/audit", "/settings/audit?who=Key",
            "/settings/audit?about=webhooks", "/settings/account",
        ]
        .map(String::from)
        .to_vec();
        paths.push(home.clone());
        let (event, unknown) = (format!("q={}", id("evt", 7)), format!("q={}", id("evt", 999_999_999)));
        // Every state, what they are searched by, and both; found among the oldest, the newest, or nowhere.
        for state in ["", "delivered", "waiting", "failed", "paused", "cancelled"] {
            for q in ["", "q=client.deleted", "q=client", "q=c", "q=board.", &event, &unknown] {
                paths.push(format!("{home}?state={state}&{q}"));
                paths.push(format!("{home}?state={state}&{q}&{before}"));
            }
        }
        paths.extend([FEW.1, 1].map(|number| format!("/settings/deliveries/{}", id("dlv", number))));
        measure(&owner, &paths).await;
        let with_few = measure(&owner, &paths).await;
        let feeds_of_few = measure_feeds(&api, FEW.1 / 2).await;
        let many = many();
        seed(&kitchen, &webhook, FEW.0 + 1..=many.0, FEW.1 + 1..=many.1, start).await;
        assert!(owner.get(&home).await.text.contains(&id("dlv", many.1)));
        assert!(owner.get(&format!("{home}?state=failed&q=client.deleted")).await.text.contains(&id("dlv", 9)));
        let mut feeds_of_many = measure_feeds(&api, many.1 / 2).await;
        for _ in 0..6 {
            let grown = feeds_of_few.iter().zip(&feeds_of_many).any(|((_, few), (_, many))| *many > most(*few));
            if !grown {
                break;
            }
            let again = measure_feeds(&api, many.1 / 2).await;
            feeds_of_many.iter_mut().zip(again).for_each(|((_, time), (_, again))| *time = again.min(*time));
        }
        for ((path, few), (_, many_there)) in feeds_of_few.iter().zip(&feeds_of_many) {
            eprintln!("{path} takes {few:?} with {} events, {many_there:?} with {}", FEW.1, many.1);
            assert!(*many_there < most(*few), "{path}: {few:?} with few, {many_there:?} with many");
        }
        let mut with_many = measure(&owner, &paths).await;
        // A machine that is busy makes some loads slow, and not all of them.
        for _ in 0..6 {
            let slow: Vec<usize> = (0..paths.len()).filter(|place| with_many[*place] > most(with_few[*place])).collect();
            if slow.is_empty() {
                break;
            }
            let again = measure(&owner, &slow.iter().map(|place| paths[*place].clone()).collect::<Vec<_>>()).await;
            slow.iter().zip(again).for_each(|(place, time)| with_many[*place] = with_many[*place].min(time));
        }
        let mut grown = Vec::new();
        for (path, (few, many)) in paths.iter().zip(with_few.iter().zip(&with_many)) {
            if *many > most(*few) {
                grown.push(format!("{path}: {few:?} with few, {many:?} with many"));
            }
        }
        assert!(grown.is_empty(), "{}", grown.join("\n"));

        // A program counts to the ten thousandth of them, and follows `next` as far as there are any.
        let list = format!("/api/webhooks/{webhook}/deliveries?per_page=100");
        assert_eq!(api.get(&list).await.expect(200).json["meta"]["total"], 10_000);
        let far = api.get(&format!("{list}&page=500")).await.expect(200).json;
        assert!(far["data"].as_array().unwrap().len() == 100 && far["links"]["next"].is_string());
        assert_eq!(far["meta"]["total"], 50_001);
        // Clearing away, batch by batch, takes as long as a batch.
        let with_many = measure_clearing(&kitchen).await;
        database::execute(&kitchen.database_url, &format!("DELETE FROM deliveries WHERE id > '{}'", id("dlv", 10_000))).await;
        let with_few = measure_clearing(&kitchen).await;
        eprintln!("a batch cleared in {with_few:?} of 10,000 deliveries, in {with_many:?} of {}", many.1);
        assert!(with_many < most(with_few) * 2, "{with_few:?} of 10,000, {with_many:?} of {}", many.1);
        kitchen.stop().await;
    }
}
