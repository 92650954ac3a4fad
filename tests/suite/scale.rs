//! What pages, feeds, the sweeper and clearing away cost does not grow with what is stored: 10,000 keys and 100,000 deliveries, or a
//! million, against a few of each. What is compared is the time that processors spend, so that it does not matter how busy the machine is.

use domain::ids::{DeliveryId, WebhookId};
use domain::retention::Aged;
use domain::room::Room;
use harness::{Api, Engine, Kitchen, Meter, Setup, Visitor, alone, database, figures, on_both_engines};
use std::ops::RangeInclusive;
use std::time::Duration;
use store::claims::Lessee;
use store::dispatch::{self, Which};
use store::{lanes, retention};

const EMAIL: &str = "olive@main.example";
const PASSWORD: &str = "correct horse battery";
/// The events among which feeds are looked at first.
const FEWEST: u64 = 1_000;
/// What is there at first otherwise: more than one page of keys, more waiting deliveries than a page counts, and as many deliveries as a
/// program counts.
const FEW: (u64, u64) = (120, 10_000);
/// What is there in the end.
fn many() -> (u64, u64) {
    (10_000, figures::size(1_000_000, 100_000))
}
/// Besides half of what it cost before, something may cost this much more with a full database. Larger trees are a level deeper.
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
    ];
    for statement in statements {
        database::execute(&kitchen.database_url, &statement).await;
    }
    // Postgres does it by itself after a while, and SQLite never.
    if !kitchen.store.is_sqlite() {
        database::execute(&kitchen.database_url, "ANALYZE").await;
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
enum Asked {
    Page(String),
    List(String),
    Feed(String),
    Sweep,
}

/// One installation under test.
struct Scale {
    kitchen: Kitchen,
    api: Api,
    owner: Visitor,
    meter: Meter,
}

impl Scale {
    async fn ask(&self, asked: &Asked) {
        match asked {
            Asked::Page(path) => drop(self.owner.get(path).await.expect(200)),
            Asked::List(path) => drop(self.api.get(path).await.expect(200)),
            Asked::Feed(path) => assert_eq!(self.api.get(path).await.expect(200).rows().len(), 100),
            Asked::Sweep => {
                let lessee = Lessee { name: "w_one".into(), lease: Duration::from_mins(1) };
                let which = Which::Forgotten { before: self.kitchen.clock.now(), limit: 500 };
                let swept = dispatch::dispatch(&self.kitchen.store, which, &lessee, Room::of(10), |_| Some(0)).await.unwrap();
                assert_eq!(swept.events_count, 0);
                assert!(lanes::look(&self.kitchen.store, None).await.unwrap().due.is_empty());
            }
        }
    }

    /// The least that each costs, of some times.
    async fn measure(&mut self, all: &[Asked]) -> Vec<Duration> {
        let mut least = vec![Duration::MAX; all.len()];
        for _ in 0..7 {
            for (asked, least) in all.iter().zip(&mut least) {
                let before = self.meter.read().await;
                self.ask(asked).await;
                *least = self.meter.since(&before).await.min(*least);
            }
        }
        least
    }

    /// The least that a batch of what is cleared away costs, of some.
    async fn measure_clearing(&mut self) -> Duration {
        let mut least = Duration::MAX;
        for _ in 0..4 {
            let before = self.meter.read().await;
            let batch = retention::clear(&self.kitchen.store, Aged::Deliveries, self.kitchen.clock.now(), None).await.unwrap();
            least = self.meter.since(&before).await.min(least);
            assert!(batch.count > 0);
        }
        least
    }
}

/// Every page that shows what there may be much of.
fn pages(home: &str, start: i64) -> Vec<Asked> {
    let mut paths: Vec<String> = [
        "/settings/overview?range=hour",
        "/settings/overview?range=day",
        "/settings/overview?range=week",
        "/settings/api",
        "/settings/api?sort=-created_at",
        "/settings/api?sort=name",
        "/settings/api?sort=-name",
        "/settings/webhooks",
        "/settings/people",
        "/settings/people/clients",
        "/settings/mail",
        "/settings/audit",
        "/settings/audit?who=Key",
        "/settings/audit?about=webhooks",
        "/settings/account",
    ]
    .map(String::from)
    .to_vec();
    paths.push(home.to_owned());
    let before = format!("before={}-{}", start + 150, DeliveryId::parse(&id("dlv", 150)).unwrap());
    let (event, unknown) = (format!("q={}", id("evt", 7)), format!("q={}", id("evt", 999_999_999)));
    // Every state, what they are searched by, and both; found among the oldest, the newest, or nowhere.
    for state in ["", "delivered", "waiting", "failed", "paused", "cancelled"] {
        for q in ["", "q=client.deleted", "q=client", "q=c", "q=board.", &event, &unknown] {
            paths.push(format!("{home}?state={state}&{q}"));
            paths.push(format!("{home}?state={state}&{q}&{before}"));
        }
    }
    paths.extend([FEW.1, 1].map(|number| format!("/settings/deliveries/{}", id("dlv", number))));
    paths.into_iter().map(Asked::Page).collect()
}

/// The latest hundred of a feed, and a hundred from its middle.
fn feeds(middle: u64) -> Vec<Asked> {
    let feed = "/connect/zapier/triggers/client.created";
    [feed.to_owned(), format!("{feed}?since={}", id("evt", middle))].map(Asked::Feed).to_vec()
}

fn in_ms(cost: Duration) -> String {
    format!("{:.2} ms", cost.as_secs_f64() * 1000.0)
}

async fn nothing_costs_more_for_what_is_stored(engine: Engine) {
    let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
    let api = kitchen.workspace("main").await;
    let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
    let url = kitchen.database_url.clone();
    let meter = Meter::of(&url).await;
    let mut scale = Scale { kitchen, api, owner, meter };
    let webhook = scale.api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/")]).await.expect(201).id();
    let webhook = WebhookId::parse(&webhook).unwrap();
    let start = scale.kitchen.clock.now().minus(Duration::from_secs(150)).millis();
    let (home, list) = (format!("/settings/webhooks/{webhook}"), format!("/api/webhooks/{webhook}/deliveries?per_page=100"));
    seed(&scale.kitchen, &webhook, 1..=2, 1..=FEWEST, start).await;
    scale.measure(&feeds(FEWEST / 2)).await;
    let feeds_of_few = scale.measure(&feeds(FEWEST / 2)).await;
    seed(&scale.kitchen, &webhook, 3..=FEW.0, FEWEST + 1..=FEW.1, start).await;
    let mut asked = pages(&home, start);
    asked.extend([Asked::List(list.clone()), Asked::List(format!("{list}&page=90")), Asked::Sweep]);
    // The newest, those of a type that only the oldest have, and those of a state that none has.
    let queries = ["per_page=100", "type=client.deleted", "state=unmatched", "type=client.*&state=waiting"];
    asked.extend(queries.map(|query| Asked::List(format!("/api/events?{query}"))));
    scale.measure(&asked).await;
    let with_few = scale.measure(&asked).await;
    let many = many();
    seed(&scale.kitchen, &webhook, FEW.0 + 1..=many.0, FEW.1 + 1..=many.1, start).await;
    assert!(scale.owner.get(&home).await.text.contains(&id("dlv", many.1)));
    assert!(scale.owner.get(&format!("{home}?state=failed&q=client.deleted")).await.text.contains(&id("dlv", 9)));

    let few = feeds_of_few.into_iter().map(|cost| (FEWEST, cost)).chain(with_few.into_iter().map(|cost| (FEW.1, cost)));
    let few: Vec<(u64, Duration)> = few.collect();
    let of_many: Vec<Asked> = feeds(many.1 / 2).into_iter().chain(asked).collect();
    let mut with_many = scale.measure(&of_many).await;
    // What the machine's caches have lost to others meanwhile costs some of them more, and not all.
    for _ in 0..3 {
        let costly: Vec<usize> = (0..few.len()).filter(|place| with_many[*place] > most(few[*place].1)).collect();
        if costly.is_empty() {
            break;
        }
        let again = scale.measure(&costly.iter().map(|place| of_many[*place].clone()).collect::<Vec<_>>()).await;
        costly.iter().zip(again).for_each(|(place, cost)| with_many[*place] = with_many[*place].min(cost));
    }
    let mut grown = Vec::new();
    for (asked, ((count, few), with_many)) in of_many.iter().zip(few.iter().zip(&with_many)) {
        let told = format!("{} of {count}, {} of {}", in_ms(*few), in_ms(*with_many), many.1);
        match asked {
            Asked::List(path) if path.starts_with("/api/events") => figures::report(path, &url, &told),
            Asked::Feed(path) => figures::report(path.split('?').next().unwrap_or(path), &url, &told),
            Asked::List(_) => figures::report("a page of 100 deliveries", &url, &told),
            Asked::Sweep => figures::report("a sweep", &url, &told),
            Asked::Page(_) => {}
        }
        if *with_many > most(*few) {
            grown.push(format!("{asked:?} costs {told}"));
        }
    }
    let pages = few.iter().zip(&with_many).zip(&of_many).filter(|(_, asked)| matches!(asked, Asked::Page(_)));
    let growth = |few: Duration, many: Duration| many.as_secs_f64() / few.as_secs_f64();
    let ((of_few, of_many_there), asked) =
        pages.clone().max_by(|((a, b), _), ((c, d), _)| growth(a.1, **b).total_cmp(&growth(c.1, **d))).expect("pages");
    let told = format!("{} of {}, {} of {}: {asked:?}", in_ms(of_few.1), FEW.1, in_ms(*of_many_there), many.1);
    figures::report(&format!("of {} pages the one that grew most", pages.count()), &url, &told);
    assert!(grown.is_empty(), "{}", grown.join("\n"));

    // A program counts to the ten thousandth of them, and follows `next` as far as there are any.
    assert_eq!(scale.api.get(&list).await.expect(200).json["meta"]["total"], 10_000);
    let far = scale.api.get(&format!("{list}&page=500")).await.expect(200).json;
    assert!(far["data"].as_array().unwrap().len() == 100 && far["links"]["next"].is_string());
    assert_eq!(far["meta"]["total"], 50_001);
    // Clearing away, batch by batch, costs what a batch costs.
    let with_many = scale.measure_clearing().await;
    database::execute(&url, &format!("DELETE FROM deliveries WHERE id > '{}'", id("dlv", 10_000))).await;
    let with_few = scale.measure_clearing().await;
    let told = format!("{} of 10000, {} of {}", in_ms(with_few), in_ms(with_many), many.1);
    figures::report("a batch of retention", &url, &told);
    assert!(with_many < most(with_few) * 2, "{told}");
    scale.kitchen.stop().await;
}

on_both_engines! {
    /// Alone, as what other tests cost would be counted too.
    async fn no_page_costs_more_for_what_is_stored(engine: Engine) {
        let name = format!("scale::no_page_costs_more_for_what_is_stored::{}", engine.name());
        alone(&name, || nothing_costs_more_for_what_is_stored(engine)).await;
    }
}
