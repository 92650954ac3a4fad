//! Clients from CSV files: what is understood, what is refused and how that is told, that events and people agree, and that the
//! death of a worker leaves no row out and does none twice.

use crate::deliveries::start_worker;
use crate::replay::{ended, operation};
use domain::audit::Actor;
use domain::company::NewCompany;
use harness::client::send;
use harness::{Api, Kitchen, Program, Receiver, Reply, Site, database, eventually, figures, on_both_engines, services};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

pub(crate) async fn import(api: &Api, query: &str, file: impl Into<Vec<u8>>) -> Reply {
    let request = api.request(Method::POST, &format!("/api/clients/import{query}"));
    send(request.header("content-type", "text/csv").body(file.into())).await
}

/// What came of importing this.
async fn imported(api: &Api, query: &str, file: impl Into<Vec<u8>>) -> Value {
    ended(api, &import(api, query, file).await.expect(202).json).await
}

fn counts(end: &Value) -> [u64; 4] {
    ["created_count", "updated_count", "unchanged_count", "rejected_count"].map(|name| end["result"][name].as_u64().unwrap())
}

/// How many rows of this SQL condition there are.
pub(crate) async fn count(url: &str, table: &str, condition: &str) -> u64 {
    database::execute(url, &format!("UPDATE {table} SET id = id WHERE {condition}")).await
}

/// A file of so many clients.
pub(crate) fn file(rows: u64) -> String {
    let mut text = String::from("Name,E-mail,Phone\r\n");
    for row in 0..rows {
        let _ = write!(text, "\"Client, {row}\",client{row}@import.example,+49 30 {row}\r\n");
    }
    text
}

on_both_engines! {
    async fn a_file_becomes_clients_and_each_one_an_event(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let company = api.post("/api/companies", &[("name", "Acme")]).await.expect(201).id();
        api.post("/api/clients", &[("name", "Bo"), ("email", "bo@example.com"), ("title", "Cook")]).await.expect(201);
        api.post("/api/clients", &[("name", "Cy"), ("email", "cy@example.com")]).await.expect(201);
        // Long enough afterwards not to hear of these two.
        kitchen.clock.advance(Duration::from_secs(10));
        receiver.subscribe(&api, &["client.*"]).await;
        let text = "\u{FEFF}Full name;E-MAIL;phone;Company;Shoe size\r\n\
            \"Ada;\r\nLovelace\";ada@example.com;'+44 20;acme;37\r\n\
            Ada Lovelace;Ada@Example.com;+44 20;acme;37\r\n\
            Bob;BO@example.com;;;\r\n;;;;\r\n\
            Cy;cy@example.com;;;\r\n\
            ;dee@example.com;;;\r\n\
            Eve;nonsense;;;\r\n\
            Fay;fay@example.com;;Nowhere;\r\n\
            Olive;olive@main.example;;;\r\n\
            Gus;gus@example.com;;;;;surplus\r\n";
        // A dry run says it all and does nothing.
        let dry = imported(&api, "?dry_run=true", text).await;
        assert_eq!((&dry["state"], api.get("/api/clients").await.json["meta"]["total"].clone()), (&json!("succeeded"), json!(2)));
        let end = imported(&api, "", text).await;
        assert_eq!((&end["kind"], &end["total_count"], &end["done_count"]), (&json!("clients.import"), &json!(10), &json!(10)));
        assert_eq!(end["params"]["ignored_columns"], json!(["Shoe size"]));
        // The first row of Ada has a line break in her name, which a name cannot have: the second makes her.
        assert_eq!((counts(&end), end["failures_count"].as_u64()), ([1, 1, 1, 6], Some(6)), "{end}");
        assert_eq!(counts(&dry), counts(&end));
        let rejected = end["result"]["rejected"].as_array().unwrap();
        let rejected: Vec<(u64, &str)> = rejected.iter().map(|one| (one["line"].as_u64().unwrap(), one["field"].as_str().unwrap())).collect();
        assert_eq!(rejected, [(2, ""), (2, "name"), (8, "name"), (9, "email"), (10, "company"), (11, "email"), (12, "")]);
        let ada = api.get("/api/clients?email=ada@example.com").await.rows().remove(0);
        assert_eq!((&ada["name"], &ada["phone"], &ada["company"]), (&json!("Ada Lovelace"), &json!("+44 20"), &json!(company)));
        let bob = api.get("/api/clients?email=bo@example.com").await.rows().remove(0);
        assert_eq!((&bob["name"], &bob["title"]), (&json!("Bob"), &json!("Cook")), "an empty cell leaves what is there");
        let events = receiver.events(2).await;
        let mut types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        types.sort_unstable();
        assert_eq!(types, ["client.created", "client.updated"]);
        let report = api.get(&format!("/api/operations/{}/failures", end["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(report.header("content-type"), "text/csv; charset=utf-8");
        assert!(report.text.starts_with("line,field,reason\r\n2,,\"The row goes on to line 3. ") && report.text.lines().count() == 8, "{}", report.text);
        let other = kitchen.workspace("other").await;
        other.get(&format!("/api/operations/{}/failures", end["id"].as_str().unwrap())).await.expect(404);
        assert_eq!(count(&kitchen.database_url, "operations", "kind = 'clients.import'").await, 2);
        kitchen.stop().await;
    }

    async fn all_that_is_wrong_with_a_row_is_told_and_excel_may_say_what_parts_cells(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let text = "\u{FEFF}sep=;\r\nName;E-mail;Company;Color;Note\r\n\
            \"Ada, Countess; of Lovelace\";ada@example.com;;;one\r\n\
            ;nonsense;Nowhere;mauve-ish;two;three\r\n\
            ;;;;four\r\n\
            Olive;olive@main.example;Nowhere;mauve-ish;\r\n";
        let dry = imported(&api, "?dry_run=true", text).await;
        let end = imported(&api, "", text).await;
        assert_eq!((counts(&end), &end["total_count"], end["failures_count"].as_u64()), ([1, 0, 0, 3], &json!(4), Some(3)), "{end}");
        assert_eq!(dry["result"], end["result"]);
        assert_eq!(api.get("/api/clients").await.rows()[0]["name"], "Ada, Countess; of Lovelace");
        let rejected = end["result"]["rejected"].as_array().unwrap();
        let rejected: Vec<(u64, &str)> = rejected.iter().map(|one| (one["line"].as_u64().unwrap(), one["field"].as_str().unwrap())).collect();
        assert_eq!(rejected, [
            (4, ""), (4, "color"), (4, "company"), (4, "email"), (4, "name"),
            (5, "email"), (5, "name"),
            (6, "color"), (6, "company"), (6, "email"),
        ]);
        let owner = harness::Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let said = async |of: &Value| owner.get(&format!("/settings/operations/{}", of["id"].as_str().unwrap())).await.expect(200).text;
        assert!(said(&end).await.contains("All rows that were rejected are in the report."));
        let clean = said(&imported(&api, "", "email;name\r\nbo@example.com;Bo\r\n").await).await;
        assert!(clean.contains("No row was rejected.") && !clean.contains("report"), "{clean}");
        kitchen.stop().await;
    }

    async fn a_dry_run_says_what_the_import_does_also_of_an_address_that_comes_again_much_later(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        api.post("/api/clients", &[("name", "Bo"), ("email", "bo@example.com")]).await.expect(201);
        let others = |from: u64| (from..from + 300).map(|row| format!("c{row}@example.com,Client {row},,,\n")).collect::<Vec<_>>().concat();
        // Each of these parts is more than a step on either engine.
        let text = [
            "email,name,company,title,username\nada@example.com,Ada,,,\nbo@example.com,Bo,,,\nfay@example.com,,,Cook,\n",
            &others(0),
            // The name that was made of the first address; what is there already; what is new; and a name at last.
            "ADA@example.com,Ada,,,ada\nada@example.com,,acme,,\nbo@example.com,Bo,,Cook,\nfay@example.com,Fay,,,\n",
            &others(300),
            "ADA@example.com,Ada,Acme,,ada\nada@example.com,,,,\nbo@example.com,,,Cook,bo\nfay@example.com,Fay,,Cook,\n",
            &others(0),
        ]
        .concat();
        let dry = imported(&api, "?dry_run=true", text.clone()).await;
        assert_eq!(api.get("/api/clients").await.json["meta"]["total"], 1, "nobody was made");
        let end = imported(&api, "", text).await;
        assert_eq!(counts(&end), [602, 6, 302, 1], "{end}");
        assert_eq!(dry["result"], end["result"]);
        // What it noted is cleared away, as is what was sent and forgotten, however much there is.
        let pieces = "INSERT INTO upload_pieces (upload_id, number, workspace_id, data, created_at) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT 'upl_old', i, 'ws', CAST('' AS BYTEA), 1 FROM n";
        database::execute(&kitchen.database_url, pieces).await;
        assert!(database::count(&kitchen.database_url, "dry_run_clients").await > 500);
        kitchen.clock.advance(Duration::from_mins(11));
        eventually("both are gone", Duration::from_secs(15), || async {
            let left = database::count(&kitchen.database_url, "dry_run_clients").await
                + database::count(&kitchen.database_url, "upload_pieces WHERE upload_id = 'upl_old'").await;
            (left == 0).then_some(())
        })
        .await;
        kitchen.stop().await;
    }

    async fn what_is_told_of_a_row_does_not_grow_with_what_is_in_it(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let long = "é".repeat(5000);
        let rows: Vec<String> = (0..30).map(|row| format!("{long}{row},{row}{long}@example.com,{long},{long},{long}\n")).collect();
        let end = imported(&api, "", format!("name,email,company,color,{long}\n{}", rows.concat())).await;
        assert_eq!(counts(&end), [0, 0, 0, 30], "{}", end["error"]);
        assert!(end.to_string().len() < 20_000, "{} bytes", end.to_string().len());
        let reasons = end["result"]["rejected"].as_array().unwrap();
        let told = format!("There is no company called {}…. Make it first, or leave the cell empty.", "é".repeat(80));
        assert!(reasons.iter().any(|one| one["reason"] == told.as_str()), "{reasons:?}");
        let stored = "operations WHERE LENGTH(checkpoint) < 20000 AND LENGTH(params) < 20000";
        assert_eq!(database::count(&kitchen.database_url, stored).await, 1);
        kitchen.stop().await;
    }

    async fn what_is_exported_is_whole_and_can_be_imported_again(engine: Engine) {
        const ROWS: u64 = 1203;
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let company = api.post("/api/companies", &[("name", "Acme; \"Sons\"")]).await.expect(201).id();
        let odd = [("name", "=HYPERLINK(\"http://evil.example\")"), ("email", "odd@example.com"), ("phone", "+44 20"), ("company", &company)];
        api.post("/api/clients", &odd).await.expect(201);
        assert_eq!(counts(&imported(&api, "", file(ROWS - 1)).await), [ROWS - 1, 0, 0, 0]);
        other.post("/api/clients", &[("name", "Fay"), ("email", "fay@example.com")]).await.expect(201);
        let csv = api.get("/api/clients/export").await.expect(200);
        assert_eq!((csv.header("content-type"), csv.header("content-disposition")), ("text/csv; charset=utf-8", "attachment; filename=\"clients.csv\""));
        assert!(csv.text.contains(",\"'=HYPERLINK(\"\"http://evil.example\"\")\",odd@example.com,") && csv.text.contains(",'+44 20,"));
        assert!(csv.text.contains("\"Acme; \"\"Sons\"\"\"") && !csv.text.contains("fay@example.com"));
        // To itself it says nothing new.
        assert_eq!(counts(&imported(&api, "", csv.text).await), [0, 0, ROWS, 0]);
        let lines = api.get("/api/clients/export?format=ndjson").await.expect(200).text;
        let clients: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ids: std::collections::BTreeSet<&str> = clients.iter().map(|client| client["id"].as_str().unwrap()).collect();
        assert_eq!((clients.len() as u64, ids.len() as u64), (ROWS, ROWS), "each once");
        assert_eq!(api.get(&format!("/api/clients/{}", clients[0]["id"].as_str().unwrap())).await.expect(200).json, clients[0]);
        api.get("/api/clients/export?format=xlsx").await.expect_invalid(&["format"]);
        let owner = harness::Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        assert!(owner.get("/settings/people/clients").await.expect(200).text.contains("/settings/people/clients/export?format=csv"));
        let downloaded = owner.get("/settings/people/clients/export?format=csv").await.expect(200);
        assert_eq!(downloaded.text.lines().count() as u64, ROWS + 1);
        kitchen.stop().await;
    }

    async fn deliveries_do_not_wait_for_a_large_import(engine: Engine) {
        const ROWS: u64 = 40_000;
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        receiver.subscribe(&api, &["company.created"]).await;
        let begun = import(&api, "", file(ROWS)).await.expect(202).json;
        let done = async || operation(&api, &begun).await["done_count"].as_u64().unwrap();
        let first = eventually("the import has begun", Duration::from_secs(20), || async { Some(done().await).filter(|done| *done > 0) }).await;
        // Were deliveries to wait for it, it would have ended by the time they arrive; and were it to wait for them, it would stand: each
        // batch of them is written before the one before has arrived. On a busy machine a batch takes longer, and so does a step.
        let (mut written, mut last) = (commit_companies(&kitchen, &api, 0, 50).await, first);
        while written < 150 || (last == first && written < 3000) {
            let before = written;
            written = commit_companies(&kitchen, &api, before, 50).await;
            receiver.wait_for(before).await;
            last = done().await;
        }
        assert!(first < last && last < ROWS, "{first} of {ROWS} rows before, {last} after {written} deliveries");
        api.post(&format!("/api/operations/{}/cancel", begun["id"].as_str().unwrap()), &[]).await.expect(200);
        kitchen.stop().await;
    }

    async fn what_is_no_such_file_is_refused_and_leaves_nothing(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        for (bytes, part) in [
            (&b"name,email\nAda,ada@example.com\nB\xE9a,b@example.com\n"[..], "line 3 is not"),
            (b"\xFF\xFEn\0a\0m\0e\0", "UTF-8"),
            (b"e\0m\0a\0i\0l\0\n\0", "line 1 is not. Save it as “CSV UTF-8”"),
            (b"email,name,company\na@example.com,Ada,\nb@example.com,Bo,Ac\0me\nc\xE9", "line 3 is not"),
            (b"name,phone\nAda,1\n", "one of them email"),
            (b"email,E-mail address\n", "more than one column for email"),
            (b"", "empty"),
            (b"name,email\r\nAda,ada@example.com\r\n\"Bo,bo@example.com\r\nCy,cy@example.com\r\n", "The quote that opens in line 3"),
            (b"sep=;\r\nname;email\r\n\"Two\nlines\";b@example.com\r\nCy;\"", "The quote that opens in line 5"),
            (b"sep=;\nname,email\nAda,ada@example.com\n", "It names `name,email`"),
        ] {
            let refused = import(&api, "", bytes).await.expect_invalid(&["file"]);
            assert!(refused.text.contains(part), "{}", refused.text);
        }
        import(&api, "?dry_run=perhaps&callback_url=nonsense", "email\n").await.expect_invalid(&["callback_url", "dry_run"]);
        let request = api.request(Method::POST, "/api/clients/import").header("content-type", "application/json");
        send(request.body("{}")).await.expect(415);
        assert_eq!(api.get("/api/operations").await.json["meta"]["total"], 0);
        let made = api.post_json("/api/api-keys", &json!({"name": "Narrow", "scopes": ["clients:read"]})).await.expect(201).json;
        import(&Api::new(&kitchen.urls[0], made["token"].as_str().unwrap()), "", "email\n").await.expect(403);
        // As a form does it, with the fields on either side of the file.
        let form = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\ncontent-type: text/csv\r\n\r\n\
            email,name\r\na@example.com,A\r\n\r\n--x\r\ncontent-disposition: form-data; name=\"dry_run\"\r\n\r\n1\r\n--x--\r\n";
        let request = api.request(Method::POST, "/api/clients/import").header("content-type", "multipart/form-data; boundary=x");
        let begun = send(request.body(form)).await.expect(202).json;
        assert_eq!((&begun["subject_name"], &begun["params"]["dry_run"], &begun["total_count"]), (&json!("people.csv"), &json!(true), &json!(1)));
        let (stop, working) = start_worker(&kitchen);
        assert_eq!(counts(&ended(&api, &begun).await), [1, 0, 0, 0]);
        stop.cancel();
        working.await.unwrap();
        kitchen.stop().await;
    }
}

/// Writes so many companies at once, and says how many there are then.
async fn commit_companies(kitchen: &Kitchen, api: &Api, before: usize, count: usize) -> usize {
    let mut work = kitchen.store.begin(&api.key().workspace_id, Actor::command_line());
    for number in 0..count {
        let company = NewCompany::read(&json!({"name": format!("Company {}", before + number)})).unwrap();
        store::companies::create(&mut work, company).unwrap();
    }
    work.commit().await.unwrap();
    before + count
}

/// An import whose worker is killed three times on the way.
async fn survive_kills(site: &Site, gateway: &Api, worker: &mut Program, rows: u64) {
    let begun = import(gateway, "", file(rows)).await.expect(202).json;
    let path = format!("/api/operations/{}", begun["id"].as_str().unwrap());
    let now = async || gateway.get(&path).await.expect(200).json;
    let (started, mut peaks) = (Instant::now(), Vec::new());
    let mut midway = 0;
    for part in [1, 2, 3] {
        let seen = eventually("some rows are done", Duration::from_mins(2), || async {
            let now = now().await;
            (now["done_count"].as_u64().unwrap() >= rows * part / 5).then_some(now)
        })
        .await;
        midway += usize::from(seen["ended_at"].is_null());
        peaks.push(worker.peak_kib() / 1024);
        worker.kill_9().await;
        worker.start_again();
        if site.database_url().starts_with("sqlite:") {
            worker.wait_ready().await;
        }
    }
    let end = eventually("it has ended", Duration::from_mins(4), || async {
        let now = now().await;
        (!now["ended_at"].is_null()).then_some(now)
    })
    .await;
    assert!(midway > 0, "it was killed before it had ended");
    peaks.push(worker.peak_kib() / 1024);
    let took = started.elapsed().as_secs_f64();
    assert_eq!((counts(&end), end["done_count"].as_u64()), ([rows, 0, 0, 0], Some(rows)), "{end}");
    let url = site.database_url();
    assert_eq!(count(&url, "users", "user_group = 'client'").await, rows);
    assert_eq!(count(&url, "events", "event_type = 'client.created'").await, rows);
    let id = if url.starts_with("sqlite:") { "json_extract(data, '$.id')" } else { "data::json ->> 'id'" };
    let told = format!("SELECT COUNT(DISTINCT {id}) FROM events WHERE event_type = 'client.created'");
    assert_eq!(database::number(&url, &told).await, rows.cast_signed(), "each client has one event of its own");
    let figure = format!("{rows} clients, one event each, in {took:.0} s; peaks of the four processes: {peaks:?} MiB");
    figures::report("an import of a CSV file, three kill -9", &url, &figure);
}

fn rows() -> u64 {
    figures::size(100_000, 2000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_survives_the_death_of_the_only_process() {
    let site = Site::embedded();
    let mut everything = site.start(&["serve"]).await;
    let api = everything.api(&site.new_key(1_000_000).await);
    survive_kills(&site, &api, &mut everything, rows()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_survives_the_death_of_its_worker() {
    let site = Site::on_servers(&services::new_postgres().await, &services::new_redis());
    let gateway = site.start(&["gateway"]).await;
    let mut worker = site.start_worker().await;
    let api = gateway.api(&site.new_key(1_000_000).await);
    survive_kills(&site, &api, &mut worker, rows()).await;
}
