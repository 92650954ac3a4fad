//! Pages of lists: the same members, links and window of page numbers that Laravel gives, which is what Kitchen's clients read.

use harness::shape::{assert_keys, column};
use harness::{Api, Kitchen, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

async fn make_companies(api: &Api, count: usize) {
    for number in 1..=count {
        api.post("/api/companies", &[("name", &format!("Company {number:03}"))]).await.expect(201);
    }
}

fn names(list: &Value) -> Vec<String> {
    column(list["data"].as_array().unwrap(), "name")
}

/// The labels between "Previous" and "Next", the current one in brackets.
fn window(list: &Value) -> String {
    let links = list["meta"]["links"].as_array().unwrap();
    let inner = &links[1..links.len() - 1];
    let labels: Vec<_> = inner
        .iter()
        .map(|link| {
            let label = link["label"].as_str().unwrap();
            assert_eq!(link["url"].is_null(), label == "...", "every number links, a gap does not");
            if link["active"] == true { format!("[{label}]") } else { label.to_owned() }
        })
        .collect();
    labels.join(" ")
}

on_both_engines! {
    async fn an_empty_list_is_one_empty_page(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let url = format!("{}/api/clients", api.base());
        let expected = json!({
            "data": [],
            "links": {"first": format!("{url}?page=1"), "last": format!("{url}?page=1"), "prev": null, "next": null},
            "meta": {
                "current_page": 1, "from": null, "last_page": 1,
                "links": [
                    {"url": null, "label": "&laquo; Previous", "active": false},
                    {"url": format!("{url}?page=1"), "label": "1", "active": true},
                    {"url": null, "label": "Next &raquo;", "active": false},
                ],
                "path": url, "per_page": 20, "to": null, "total": 0,
            },
        });
        assert_eq!(api.get("/api/clients").await.expect(200).json, expected);
    }

    async fn pages_link_to_each_other_and_keep_the_filters(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        make_companies(&api, 25).await;
        api.post("/api/companies", &[("name", "Other")]).await.expect(201);
        let first = api.get("/api/companies?name=company").await.expect(200).json;
        assert_eq!(names(&first).len(), 20, "twenty rows unless asked otherwise");
        assert_eq!((names(&first)[0].as_str(), names(&first)[19].as_str()), ("Company 025", "Company 006"), "newest first");
        let url = format!("{}/api/companies", api.base());
        let meta = |page: u32, from: u32, to: u32, links: Value| {
            let mut meta = json!({"current_page": page, "from": from, "to": to, "links": links, "path": url});
            for (name, number) in [("last_page", 2), ("per_page", 20), ("total", 25)] {
                meta[name] = json!(number);
            }
            meta
        };
        let (one, two) = (format!("{url}?name=company&page=1"), format!("{url}?name=company&page=2"));
        assert_eq!(first["links"], json!({"first": one, "last": two, "prev": null, "next": two}));
        let links = json!([
            {"url": null, "label": "&laquo; Previous", "active": false},
            {"url": one, "label": "1", "active": true},
            {"url": two, "label": "2", "active": false},
            {"url": two, "label": "Next &raquo;", "active": false},
        ]);
        assert_eq!(first["meta"], meta(1, 1, 20, links));
        let next = two.strip_prefix(api.base()).unwrap();
        let second = api.get(next).await.expect(200).json;
        assert_eq!(names(&second), ["Company 005", "Company 004", "Company 003", "Company 002", "Company 001"]);
        assert_eq!(second["links"], json!({"first": one, "last": two, "prev": one, "next": null}));
        let links = json!([
            {"url": one, "label": "&laquo; Previous", "active": false},
            {"url": one, "label": "1", "active": false},
            {"url": two, "label": "2", "active": true},
            {"url": null, "label": "Next &raquo;", "active": false},
        ]);
        assert_eq!(second["meta"], meta(2, 21, 25, links));
    }

    async fn links_carry_every_parameter_back_unharmed(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        make_companies(&api, 3).await;
        let query = "name=c%26o%3D%20%2B&per_page=1&sort=-name&state[]=%C3%A9&page=7&page=2";
        let list = api.get(&format!("/api/companies?{query}")).await.expect(200).json;
        let first = list["links"]["first"].as_str().unwrap();
        let (path, query) = first.split_once('?').unwrap();
        assert_eq!(path, format!("{}/api/companies", api.base()));
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let expected = [("name", "c&o= +"), ("per_page", "1"), ("sort", "-name"), ("state[]", "é"), ("page", "1")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    async fn the_window_of_page_numbers_is_laravels(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        make_companies(&api, 20).await;
        for (query, expected) in [
            ("per_page=1&page=1", "[1] 2 3 4 5 6 7 8 9 10 ... 19 20"),
            ("per_page=1&page=7", "1 2 3 4 5 6 [7] 8 9 10 ... 19 20"),
            ("per_page=1&page=8", "1 2 ... 5 6 7 [8] 9 10 11 ... 19 20"),
            ("per_page=1&page=13", "1 2 ... 10 11 12 [13] 14 15 16 ... 19 20"),
            ("per_page=1&page=14", "1 2 ... 11 12 13 [14] 15 16 17 18 19 20"),
            ("per_page=1&page=20", "1 2 ... 11 12 13 14 15 16 17 18 19 [20]"),
            ("per_page=1&page=25", "1 2 ... 11 12 13 14 15 16 17 18 19 20"),
            ("per_page=2&page=5", "1 2 3 4 [5] 6 7 8 9 10"),
            ("per_page=100", "[1]"),
        ] {
            assert_eq!(window(&api.get(&format!("/api/companies?{query}")).await.expect(200).json), expected, "{query}");
        }
    }

    async fn odd_pages_are_answered_and_odd_sizes_refused(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        make_companies(&api, 3).await;
        for page in ["0", "-1", "-999999999999", "1", ""] {
            let list = api.get(&format!("/api/companies?page={page}")).await.expect(200).json;
            assert_eq!((&list["meta"]["current_page"], names(&list).len()), (&json!(1), 3), "page {page} is page 1");
        }
        for page in ["2", "4294967295"] {
            let list = api.get(&format!("/api/companies?page={page}")).await.expect(200).json;
            assert_eq!(
                (&list["data"], &list["meta"]["from"], &list["meta"]["to"]),
                (&json!([]), &Value::Null, &Value::Null),
                "page {page}"
            );
            assert_eq!(
                (&list["meta"]["total"], &list["meta"]["last_page"], &list["links"]["next"]),
                (&json!(3), &json!(1), &Value::Null)
            );
            assert_eq!(list["meta"]["current_page"].to_string(), page);
        }
        let full = api.get("/api/companies?per_page=100").await.expect(200).json;
        assert_eq!((&full["meta"]["per_page"], &full["meta"]["to"]), (&json!(100), &json!(3)));
        for size in ["0", "-1", "101", "abc", "1.5", "99999999999999999999"] {
            api.get(&format!("/api/companies?per_page={size}")).await.expect_invalid(&["per_page"]);
        }
        for query in ["page=abc", "page=99999999999", "page[]=1", "page[a]=1"] {
            api.get(&format!("/api/companies?{query}")).await.expect_invalid(&["page"]);
        }
        api.get("/api/companies?per_page=0&page=x&sort=x").await.expect_invalid(&["page", "per_page", "sort"]);
    }

    async fn lists_are_sorted_by_time_or_by_name_both_ways(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        for name in ["beta", "Älpha", "alpha", "Beta 2", "_x", "zeta"] {
            api.post("/api/companies", &[("name", name)]).await.expect(201);
            kitchen.clock.advance(Duration::from_secs(1));
        }
        let by_time = ["zeta", "_x", "Beta 2", "alpha", "Älpha", "beta"];
        let by_name = ["_x", "alpha", "beta", "Beta 2", "zeta", "Älpha"];
        let reversed = |names: &[&'static str]| names.iter().rev().copied().collect::<Vec<_>>();
        for (sort, expected) in [
            ("", by_time.to_vec()),
            ("-created_at", by_time.to_vec()),
            ("created_at", reversed(&by_time)),
            ("name", by_name.to_vec()),
            ("-name", reversed(&by_name)),
        ] {
            assert_eq!(names(&api.get(&format!("/api/companies?sort={sort}")).await.expect(200).json), expected, "{sort}");
            let mut paged = Vec::new();
            for page in 1..=3 {
                paged.extend(names(
                    &api.get(&format!("/api/companies?sort={sort}&per_page=2&page={page}")).await.expect(200).json,
                ));
            }
            assert_eq!(paged, expected, "{sort}, page by page");
        }
    }

    async fn every_list_sorts_by_what_its_rows_have_and_refuses_the_rest(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let folder = api.post("/api/folders", &[("name", "F"), ("visibility", "private")]).await.expect(201).id();
        let board = api.post("/api/boards", &[("title", "B"), ("visibility", "private")]).await.expect(201).id();
        let webhook = api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/")]).await.expect(201).id();
        let (children, lists) = (format!("/api/folders/{folder}/children"), format!("/api/boards/{board}/lists"));
        let deliveries = format!("/api/webhooks/{webhook}/deliveries");
        for (path, fields) in [
            ("/api/clients", &["created_at", "name"][..]),
            ("/api/members", &["created_at", "name"]),
            ("/api/companies", &["created_at", "name"]),
            ("/api/folders", &["created_at", "name"]),
            ("/api/boards", &["created_at", "title"]),
            (&children, &["created_at", "name", "title"]),
            (&lists, &["created_at", "title"]),
            ("/api/webhooks", &["created_at"]),
            (&deliveries, &["created_at"]),
        ] {
            for field in ["created_at", "name", "title", "email", "id", "name_key", "-", "--name", "created_at; DROP TABLE users"]
            {
                for direction in ["", "-"] {
                    let reply = api.get(&format!("{path}?sort={direction}{field}")).await;
                    if fields.contains(&field) {
                        let list = reply.expect(200).json;
                        assert_keys(&list, &["data", "links", "meta"]);
                    } else {
                        reply.expect_invalid(&["sort"]);
                    }
                }
            }
        }
    }

    async fn rows_made_at_the_same_moment_keep_one_order_over_all_pages(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let made: Vec<_> = (0..30)
            .map(|number| {
                let api = api.clone();
                tokio::spawn(async move { api.post("/api/companies", &[("name", &format!("C{number}"))]).await.expect(201).id() })
            })
            .collect();
        for one in made {
            one.await.unwrap();
        }
        let mut seen = Vec::new();
        for page in 1..=10 {
            seen.extend(column(&api.get(&format!("/api/companies?per_page=3&page={page}")).await.expect(200).rows(), "id"));
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (30, 30), "every row exactly once");
    }
}
