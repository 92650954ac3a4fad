//! The audit log: everything that was done stands in it once, with who did it and from where; it can be filtered, and read back to
//! its beginning; nobody else sees it.

use crate::api_page::{open, remove_callers_key};
use crate::api_page_access::look;
use crate::people;
use domain::audit::Actor;
use harness::visitor::joining;
use harness::{Engine, Reply, Visitor, eventually, on_both_engines};
use serde_json::json;
use std::time::Duration;

/// What stands between two marks, each time they occur.
fn all_between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    text.split(before).skip(1).map(|rest| rest.split_once(after).unwrap().0).collect()
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            c if !is_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of the log a page shows: what, who, when, address, way in.
fn lines(page: &Reply) -> Vec<[String; 5]> {
    let rows = all_between(&page.text, "<tr>", "</tr>");
    let row = |row: &str| {
        let mut cells = vec![without_tags(&format!("<{}", row.split_once("<th").unwrap().1.split_once("</th>").unwrap().0))];
        cells.extend(all_between(row, "<td", "</td>").into_iter().map(|cell| without_tags(&format!("<{cell}"))));
        <[String; 5]>::try_from(cells).unwrap()
    };
    rows.into_iter().skip(1).map(row).collect()
}

async fn what(visitor: &Visitor, query: &str) -> Vec<String> {
    let page = visitor.get(&format!("/settings/audit{query}")).await.expect(200);
    lines(&page).into_iter().map(|[what, ..]| what).collect()
}

on_both_engines! {
    async fn everything_done_stands_in_the_log(engine: Engine) {
        let (kitchen, api, owner) = people::open(engine).await;
        let client = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@acme.example")]).await.expect(201).id();
        let path = format!("/api/clients/{client}");
        api.put(&path, &[("name", "Ada Moreau")]).await.expect(200);
        // What changes nothing, and what is refused, was not done.
        api.put(&path, &[("name", "Ada Moreau")]).await.expect(200);
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@acme.example")]).await.expect(422);
        api.delete(&path).await.expect(204);
        let hook = json!({"url": "https://hooks.acme.example/in", "events_types": ["client.created"]});
        let hook = api.post_json("/api/webhooks", &hook).await.expect(201).id();
        api.put(&format!("/api/webhooks/{hook}"), &[("enabled", "0")]).await.expect(200);
        api.put(&format!("/api/webhooks/{hook}"), &[("enabled", "1")]).await.expect(200);
        api.delete(&format!("/api/webhooks/{hook}")).await.expect(204);
        owner.post("/settings/api/new", &[("name", "Zapier"), ("scopes[]", "read")]).await.expect(200);
        owner.post("/settings/people/invite", &[("name", "Tom"), ("email", "tom@main.example"), ("role", "member")]).await.expect(303);
        owner.post("/settings/account/sign-out-others", &[]).await.expect(303);

        let page = owner.get("/settings/audit").await.expect(200);
        let lines = lines(&page);
        let told: Vec<(&str, &str, &str)> =
            lines.iter().map(|[what, who, _, _, via]| (what.as_str(), who.as_str(), via.as_str())).collect();
        let (olive, key, line) = ("Person: Olive Owner", "Key: Test key", "Command line");
        assert_eq!(told, [
            ("Signed out everywhere else", olive, "Settings"),
            ("Invited the member Tom", olive, "Settings"),
            ("Created the API key Zapier", olive, "Settings"),
            ("Deleted the webhook https://hooks.acme.example/in", key, "API"),
            ("Resumed the webhook https://hooks.acme.example/in", key, "API"),
            ("Paused the webhook https://hooks.acme.example/in", key, "API"),
            ("Created the webhook https://hooks.acme.example/in", key, "API"),
            ("Deleted the client Ada Moreau", key, "API"),
            ("Changed the client Ada Moreau", key, "API"),
            ("Created the client Ada", key, "API"),
            ("Signed in", olive, "Settings"),
            ("Joined as the member Olive Owner", olive, "Settings"),
            ("Created the API key Test key", line, "kitchen"),
            ("Created the workspace Agency main", line, "kitchen"),
        ]);
        assert!(lines.iter().all(|[.., address, via]| address == if via == "kitchen" { "–" } else { "127.0.0.1" }), "{lines:?}");

        // Who did not get in stands there too, but not what may be a password in the wrong field.
        let stranger = Visitor::new(&kitchen.urls[0]);
        stranger.sign_in("olive@elsewhere.example", "guess").await.expect(422);
        stranger.sign_in("my-secret-word", "guess").await.expect(422);
        let refused = eventually("both refusals on record", Duration::from_secs(5), || async {
            let mut told = what(&owner, "?who=Somebody&about=sign_ins").await;
            told.sort();
            (told.len() == 2).then_some(told)
        })
        .await;
        assert_eq!(refused, ["Tried in vain to sign in as an unknown address", "Tried in vain to sign in as olive@elsewhere.example"]);
        kitchen.stop().await;
    }

    async fn the_log_is_filtered_by_who_what_and_when(engine: Engine) {
        let (kitchen, api, owner) = people::open(engine).await;
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@acme.example")]).await.expect(201);
        kitchen.clock.advance(Duration::from_hours(48));
        owner.post("/settings/api/new", &[("name", "Late"), ("scopes[]", "read")]).await.expect(200);
        assert_eq!(what(&owner, "?who=TEST+key").await, ["Created the client Ada"]);
        assert_eq!(what(&owner, &format!("?who={}", api.key().id)).await, ["Created the client Ada"]);
        assert_eq!(what(&owner, "?who=olive+owner&about=api_keys").await, ["Created the API key Late"]);
        assert_eq!(what(&owner, "?about=records").await, ["Created the client Ada", "Created the workspace Agency main"]);
        let day = |offset: u64| kitchen.clock.now().minus(Duration::from_hours(offset)).to_string()[..10].to_owned();
        assert_eq!(what(&owner, &format!("?from={}", day(24))).await, ["Created the API key Late"]);
        assert_eq!(what(&owner, &format!("?from={}&to={}", day(24), day(24))).await.len(), 0);
        let before = what(&owner, &format!("?to={}", day(24))).await;
        assert_eq!((before[0].as_str(), before.len()), ("Created the client Ada", 5));
        // Nonsense in the address is no filter, and never an error.
        assert_eq!(what(&owner, "?from=yesterday&about=cats&before=x").await.len(), 6);
        assert!(owner.get("/settings/audit?who=Nobody").await.expect(200).text.contains("Nothing matches this filter"));
        let receiver = harness::Receiver::start().await;
        let webhook = receiver.subscribe(&api, &["client.created"]).await["id"].as_str().unwrap().to_owned();
        api.post(&format!("/api/webhooks/{webhook}/replay"), &[("since", "1767225600")]).await.expect(202);
        assert_eq!(what(&owner, "?about=operations").await, [format!("Started the operation replay to {}", receiver.at("/hook"))]);
        assert_eq!(what(&owner, "?about=webhooks").await, [format!("Created the webhook {}", receiver.at("/hook"))]);
        kitchen.stop().await;
    }

    async fn the_log_is_read_back_to_its_beginning(engine: Engine) {
        let (kitchen, api, owner) = people::open(engine).await;
        let mut work = kitchen.store.begin(&api.key().workspace_id, Actor::gateway());
        for number in 0..120 {
            work.note(domain::audit::Action::WEBHOOK_TESTED, None, Some(&format!("number {number}")));
        }
        work.commit().await.unwrap();
        let mut seen = Vec::new();
        let mut next = Some("/settings/audit?who=Kitchen+Gateway".to_owned());
        while let Some(path) = next {
            let page = owner.get(&path).await.expect(200);
            seen.extend(lines(&page).into_iter().map(|[what, ..]| what));
            let link = page.text.split_once("id=\"page-older\"").unwrap().1.split_once('>').unwrap().0;
            next = link.split_once("href=\"").map(|(_, rest)| rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&"));
        }
        let expected: Vec<String> = (0..120).rev().map(|number| format!("Sent a test to the webhook number {number}")).collect();
        assert_eq!(seen, expected);
        kitchen.stop().await;
    }

    async fn the_log_is_for_those_who_manage_this_workspace(engine: Engine) {
        let (kitchen, _, owner) = people::open(engine).await;
        let other = kitchen.workspace("other").await;
        other.post("/api/clients", &[("name", "Secret client"), ("email", "s@other.example")]).await.expect(201);
        let all = what(&owner, "").await;
        assert!(all.iter().all(|line| !line.contains("Secret") && !line.contains("other")), "{all:?}");
        assert!(what(&owner, &format!("?who={}", other.key().id)).await.is_empty());
        owner.post("/settings/people/invite", &[("name", "Tom"), ("email", "tom@main.example"), ("role", "member")]).await.expect(303);
        let link = people::latest_link(&owner).await;
        let tom = Visitor::new(&kitchen.urls[0]);
        tom.post(&link, &joining("Tom", "tom@main.example", people::PASSWORD)).await.expect(303);
        tom.get("/settings/audit").await.expect(403);
        Visitor::new(&kitchen.urls[0]).get("/settings/audit").await.expect(303);
        kitchen.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_reads_well_for_everybody() {
    let (kitchen, api, browser) = open(Engine::Sqlite).await;
    for name in [
        "Camille Roux",
        "<script>alert(1)</script>",
        "Harborline_and_a_name_without_any_space_that_goes_on_for_longer_than_a_phone_is_wide",
    ] {
        api.post("/api/clients", &[("name", name), ("email", &format!("c{}@acme.example", name.len()))]).await.expect(201);
    }
    remove_callers_key(&kitchen, &api).await;
    browser.goto("/settings/audit").await;
    assert_eq!(browser.alert().await, None);
    assert!(browser.texts("tbody th").await.contains(&"Created the client <script>alert(1)</script>".to_owned()));
    let mut found = Vec::new();
    look(&browser, "audit", &mut found).await;
    browser.fill("#who", "nobody at all").await;
    browser.click(".filters button[type=submit]").await;
    browser.wait_for(".empty").await;
    look(&browser, "audit-nothing", &mut found).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.click(".empty .btn").await;
    browser.wait_for("tbody tr a").await;
    browser.click("tbody tr:first-child .who a").await;
    browser.wait_for_path("/settings/audit?who=Command+line").await;
    browser.close().await;
    kitchen.stop().await;
}
