//! Every field of every resource against what strangers put into it: control characters, values of the wrong kind, texts without
//! end, and values that are not theirs to write.

use harness::shape::assert_error;
use harness::{Api, Kitchen, Reply, on_both_engines};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// However odd a request is, its answer is there within a moment; generous, because tests share a machine.
const SOON: Duration = Duration::from_secs(3);

/// A resource as far as input is concerned.
struct Resource {
    /// Where it is made.
    path: String,
    /// One that exists.
    existing: String,
    /// What it needs.
    needs: Value,
    /// Fields that are one line of text of the caller's own.
    lines: &'static [&'static str],
    /// Fields that are longer text.
    texts: &'static [&'static str],
    /// Fields that are one of few values, or an id.
    choices: &'static [&'static str],
}

impl Resource {
    fn with(&self, field: &str, value: Value) -> Value {
        let mut body = self.needs.clone();
        body[field] = value;
        body
    }

    fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.lines.iter().chain(self.texts).chain(self.choices).copied()
    }
}

/// Where one of a resource is, that is made there.
fn kind(path: &str) -> &str {
    match path.rsplit('/').next() {
        Some("lists") => "/api/lists",
        Some("tasks") => "/api/tasks",
        Some("custom-fields") => "/api/custom-fields",
        _ => path,
    }
}

async fn resources(api: &Api) -> Vec<Resource> {
    let make = async |path: &str, needs: &Value| {
        let id = api.post_json(path, needs).await.expect(201).id();
        format!("{}/{id}", kind(path))
    };
    let client = json!({"name": "Ada", "email": "ada@example.com"});
    let company = json!({"name": "Acme"});
    let folder = json!({"name": "Folder", "visibility": "private"});
    let board = json!({"title": "Board", "visibility": "private"});
    let list = json!({"title": "List"});
    let webhook = json!({"url": "http://127.0.0.1:9/"});
    let mut all = Vec::new();
    let mut add = |path: &str, existing, needs: Value, lines, texts, choices| {
        all.push(Resource { path: path.to_owned(), existing, needs, lines, texts, choices });
    };
    let (existing, lines) = (make("/api/clients", &client).await, &["name", "username", "title", "phone"]);
    add(
        "/api/clients",
        existing,
        json!({"name": "Eve", "email": "eve@example.com"}),
        &lines[..],
        &[][..],
        &["email", "company", "language", "timezone", "color"][..],
    );
    let (existing, lines) = (make("/api/companies", &company).await, &["name", "initials", "phone_number"]);
    add("/api/companies", existing, json!({"name": "Bolt"}), lines, &["address"], &["email", "website"]);
    add(
        "/api/folders",
        make("/api/folders", &folder).await,
        folder,
        &["name"],
        &["description"],
        &["visibility", "role", "folder"],
    );
    let existing = make("/api/boards", &board).await;
    let lists = format!("{existing}/lists");
    add("/api/boards", existing, board, &["title"], &["description"], &["visibility", "role", "folder"]);
    let (tasks, labels) = (lists.replace("/lists", "/tasks"), lists.replace("/lists", "/labels"));
    let on_list = make(&lists, &list).await;
    let task = json!({"title": "Task", "list": on_list.rsplit('/').next().unwrap()});
    add(&lists, on_list, list, &["title"], &[], &[]);
    let choices = &["parent", "assignee", "members", "labels", "start_at", "due_at", "remaining_minutes_estimate"];
    add(&tasks, make(&tasks, &task).await, task, &["title"], &["description"], choices);
    let (fields, field) = (labels.replace("/labels", "/custom-fields"), json!({"name": "Field", "type": "text"}));
    let choices = &["type", "color", "options", "show_icon", "visible_to_clients"];
    add(&fields, make(&fields, &field).await, field, &["name"], &[], choices);
    let label = json!({"hex_color": "#ff8800"});
    add(&labels, make(&labels, &label).await, label, &["title"], &[], &["hex_color"]);
    add("/api/webhooks", make("/api/webhooks", &webhook).await, webhook, &[], &[], &["url", "enabled", "events_types"]);
    all
}

/// Creates and updates with this body, as the two requests that read a resource's fields.
async fn create_and_update(api: &Api, resource: &Resource, body: &Value, field: &str) -> [Reply; 2] {
    let only: Map<String, Value> = [(field.to_owned(), body[field].clone())].into_iter().collect();
    let created = api.post_json(&resource.path, body).await;
    if created.status == 201 {
        api.delete(&format!("{}/{}", kind(&resource.path), created.id())).await.expect(204);
    }
    [created, api.put_json(&resource.existing, &Value::Object(only)).await]
}

/// Fails unless this is a 422 about this field or an element of it, or, where `may_pass`, a success.
fn assert_refused(reply: &Reply, field: &str, may_pass: bool, what: &str) {
    if may_pass && matches!(reply.status, 200 | 201) {
        return;
    }
    assert_error(reply, 422, "invalid");
    // On an update a folder is no field: it is moved by a request of its own.
    let names: Vec<_> = reply.json["errors"].as_object().unwrap().keys().map(|name| name.split('.').next().unwrap()).collect();
    assert_eq!(names, [field], "{what}: {}", reply.text);
}

/// Fields that only a create reads.
fn is_read_on_update(resource: &Resource, field: &str) -> bool {
    field != "folder" || resource.path == "/api/clients"
}

on_both_engines! {
    async fn control_characters_are_refused_by_name_in_every_field(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        for resource in resources(&api).await {
            for field in resource.fields() {
                for bad in ["a\u{0}b", "\u{0}", "a\u{1b}[31m", "a\u{7f}", "a\u{85}b", "a\u{9f}b"] {
                    let what = format!("{} {field} {bad:?}", resource.path);
                    let [created, updated] = create_and_update(&api, &resource, &resource.with(field, json!(bad)), field).await;
                    assert_refused(&created, field, false, &what);
                    assert_refused(&updated, field, !is_read_on_update(&resource, field), &what);
                }
                if resource.lines.contains(&field) {
                    for bad in ["a\nb", "a\tb", "a\r\nb"] {
                        for reply in create_and_update(&api, &resource, &resource.with(field, json!(bad)), field).await {
                            assert_refused(&reply, field, false, field);
                        }
                    }
                }
            }
            let wanted: Vec<_> = resource.needs.as_object().unwrap().keys().map(String::as_str).collect();
            let form: Vec<_> = wanted.iter().map(|name| (*name, "a\u{0}b")).collect();
            api.post(&resource.path, &form).await.expect_invalid(&wanted);
        }
        for query in [
            "clients?name=%00",
            "clients?email=a%00b",
            "companies?title=%00",
            "members?name=%1b",
            "folders?name=a%00",
            "boards?title=%00",
            "boards/tskb_000000000000000000000000/tasks?title=%00",
            "boards/tskb_000000000000000000000000/labels?title=%00",
            "boards/tskb_000000000000000000000000/custom-fields?name=%00",
            "webhooks?url=%00",
            "webhooks?platform=%00",
            "clients?sort=%00",
            "clients?page=%00",
            "clients?expand[]=%00",
            "folders?state=%00",
        ] {
            let reply = api.get(&format!("/api/{query}")).await;
            assert_error(&reply, 422, "invalid");
        }
        // Fields nobody reads may hold anything.
        api.post_json("/api/companies", &json!({"name": "Fine", "unknown\u{0}": "\u{0}"})).await.expect(201);
    }

    async fn a_value_of_the_wrong_kind_is_refused_by_name_in_every_field(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        for resource in resources(&api).await {
            for field in resource.fields() {
                for value in [
                    json!({}),
                    json!([]),
                    json!([1]),
                    json!(["a"]),
                    json!({"a": "b"}),
                    json!([[["a"]]]),
                    json!(true),
                    json!(false),
                    json!(7),
                    json!(-1),
                    json!(7.5),
                    json!(1e300),
                    json!(u64::MAX),
                ] {
                    // Numbers are text to platforms that guess types; a switch takes its own kind, a list takes an empty list.
                    let may_pass = match field {
                        "enabled" | "show_icon" | "visible_to_clients" => value.is_boolean(),
                        "events_types" | "members" | "labels" | "options" => value == json!([]),
                        // Unix seconds, and minutes.
                        "start_at" | "due_at" | "remaining_minutes_estimate" => value == json!(7),
                        _ => value.is_number() && !resource.choices.contains(&field),
                    };
                    let what = format!("{} {field} {value}", resource.path);
                    let [created, updated] =
                        create_and_update(&api, &resource, &resource.with(field, value.clone()), field).await;
                    assert_refused(&created, field, may_pass, &what);
                    assert_refused(&updated, field, may_pass || !is_read_on_update(&resource, field), &what);
                    if created.status == 201 && value.is_number() && !resource.choices.contains(&field) {
                        assert_eq!(created.json[field], value.to_string(), "{what}");
                    }
                }
            }
        }
        for path in ["clients", "members", "companies", "folders", "boards", "webhooks"] {
            let fields = match path {
                "companies" => &["name", "title"][..],
                "folders" => &["name", "state"],
                "boards" => &["title", "state"],
                "webhooks" => &["url", "platform"],
                _ => &["name", "email"],
            };
            for field in fields.iter().chain(&["page", "per_page", "sort"]) {
                for query in [format!("{field}[]=a"), format!("{field}[a]=b")] {
                    api.get(&format!("/api/{path}?{query}")).await.expect_invalid(&[field]);
                }
            }
        }
    }

    async fn texts_have_limits_counted_in_characters(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        for resource in resources(&api).await {
            for field in resource.fields() {
                for long in
                    ["x".repeat(10_001), "x".repeat(900_000), "é".repeat(400_000), format!("{}@example.com", "x".repeat(300_000))]
                {
                    let started = Instant::now();
                    let [created, updated] = create_and_update(&api, &resource, &resource.with(field, json!(long)), field).await;
                    assert_refused(&created, field, false, field);
                    assert_refused(&updated, field, !is_read_on_update(&resource, field), field);
                    assert!(
                        created.text.len() < 2000 && started.elapsed() < SOON,
                        "a long text is not sent back"
                    );
                }
            }
        }
        for name in ["é".repeat(255), "👩‍👩‍👧‍👦".chars().cycle().take(255).collect()] {
            assert_eq!(api.post("/api/companies", &[("name", &name)]).await.expect(201).json["name"], name);
            api.post("/api/companies", &[("name", &format!("{name}é"))]).await.expect_invalid(&["name"]);
        }
        let address = "x\n".repeat(500);
        let made = api.post("/api/companies", &[("name", "Long"), ("address", &address)]).await.expect(201);
        assert_eq!(made.json["address"], address.trim(), "only the ends are trimmed");
        api.get(&format!("/api/companies?name={}", "x".repeat(10_000))).await.expect_invalid(&["name"]);
    }

    async fn odd_texts_come_back_as_they_were_sent(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        for text in [
            "'; DROP TABLE users; --",
            "<script>alert(1)</script>",
            "\\u0000",
            "%00",
            "${jndi:ldap://x}",
            "ﷺ",
            "\u{202e}gnirts",
            "a\u{300}",
            "\u{fffe}\u{ffff}",
            "null",
            "undefined",
            "true",
            "0",
            "{\"a\":1}",
            "🏴‍☠️",
            "İıßſ",
        ] {
            let by_form = api.post("/api/companies", &[("name", text)]).await.expect(201);
            assert_eq!(by_form.json["name"], text);
            assert_eq!(api.get(&format!("/api/companies/{}", by_form.id())).await.expect(200).json["name"], text);
            let found = api
                .get(&format!("/api/companies?name={}", form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()))
                .await;
            assert!(found.expect(200).rows().iter().any(|row| row["name"] == text), "{text} is found by its own name");
            api.delete(&format!("/api/companies/{}", by_form.id())).await.expect(204);
            let by_json = api.post_json("/api/companies", &json!({"name": text})).await.expect(201);
            assert_eq!(by_json.json["name"], text);
        }
    }

    async fn what_is_not_the_callers_to_write_stays_as_it_is(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let hostile = [
            ("id", "u_ffffffffffffffffffffffff"),
            ("created_at", "2001-01-01T00:00:00+00:00"),
            ("updated_at", "2001-01-01T00:00:00+00:00"),
            ("deleted_at", "2001-01-01T00:00:00+00:00"),
            ("archived_at", "2001-01-01T00:00:00+00:00"),
            ("workspace", "ws_ffffffffffffffffffffffff"),
            ("workspace_id", "ws_ffffffffffffffffffffffff"),
            ("group", "manager"),
            ("user_group", "manager"),
            ("name_key", "x"),
            ("email_key", "x"),
            ("attempts_count", "99"),
            ("failed_attempts_count", "99"),
            ("disabled_reason", "x"),
            ("platform", "zapier"),
            ("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("sealed_secret", "x"),
            ("board", "tskb_ffffffffffffffffffffffff"),
            ("board_id", "tskb_ffffffffffffffffffffffff"),
            ("folder_id", "fo_ffffffffffffffffffffffff"),
            ("company_id", "co_ffffffffffffffffffffffff"),
            ("users[]", "u_ffffffffffffffffffffffff"),
            ("object", "folder"),
            ("password_hash", "x"),
            ("joined_at", "2001-01-01T00:00:00+00:00"),
            ("rate_limit", "1"),
            ("start", "x"),
            ("is_leased", "1"),
        ];
        for resource in resources(&api).await {
            // A client's role is the workspace's; a folder's and a board's are their own.
            let role = if resource.choices.contains(&"role") { None } else { Some(("role", "owner")) };
            let kind = kind(&resource.path);
            let needs: Vec<(&str, &str)> = resource
                .needs
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
                .collect();
            // A key's limit is not for the resources; a webhook has one of its own.
            let is_own = |name: &str| kind == "/api/webhooks" && name == "rate_limit";
            let form: Vec<(&str, &str)> = hostile.iter().copied().filter(|(name, _)| !is_own(name)).chain(role).collect();
            let json: Map<String, Value> = form.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            let mut json = Value::Object(json);

            kitchen.clock.advance(Duration::from_secs(5));
            let before = api.get(&resource.existing).await.expect(200).json;
            assert_eq!(api.put(&resource.existing, &form).await.expect(200).json, before, "{kind}, by form");
            assert_eq!(api.put_json(&resource.existing, &json).await.expect(200).json, before, "{kind}, by JSON");
            assert_eq!(api.get(&resource.existing).await.expect(200).json, before, "{kind}");

            let ordinary = api.post(&resource.path, &needs).await.expect(201).json;
            api.delete(&format!("{kind}/{}", ordinary["id"].as_str().unwrap())).await.expect(204);
            let created = api.post(&resource.path, &[&form[..], &needs].concat()).await.expect(201).json;
            api.delete(&format!("{kind}/{}", created["id"].as_str().unwrap())).await.expect(204);
            for (name, value) in resource.needs.as_object().unwrap() {
                json[name] = value.clone();
            }
            let created_by_json = api.post_json(&resource.path, &json).await.expect(201).json;
            for created in [created, created_by_json] {
                for (name, value) in created.as_object().unwrap() {
                    match name.as_str() {
                        "id" | "secret" | "created_at" | "updated_at" => {
                            assert!(!form.iter().any(|(_, hostile)| value == hostile), "{kind}: {name} was taken from the body");
                        }
                        _ => assert_eq!(value, &ordinary[name], "{kind}: {name}"),
                    }
                }
            }
        }
        assert_eq!(api.get("/api/members").await.expect(200).json["meta"]["total"], 1, "nobody became a member");
    }
}
